#!/bin/sh
# SPDX-License-Identifier: MIT
# The headers, the map and the built library name the same functions, and the library imports nothing it should not.
. "$(dirname "$0")/common.sh"

header_functions > "$work/headers"
[ "$(wc -l < "$work/headers")" -gt 50 ] || fail "only $(wc -l < "$work/headers") functions found in the headers"
sed -n 's/^ *\(cx_[a-z0-9_]*\);.*/\1/p' "$top_srcdir/libcx/libcx.map" | LC_ALL=C sort > "$work/map"
diff "$work/headers" "$work/map" > "$work/diff" || { fail "headers (<) and map (>) differ:"; cat "$work/diff"; }

library=$top_builddir/.libs/libcx.so
[ -e "$library" ] || skip "no shared library was built"
$NM -D --defined-only "$library" | awk '$2 != "A" {print $3}' | sed 's/@.*//' | LC_ALL=C sort > "$work/exports"
if grep -q asan "$top_builddir/config.status" 2> /dev/null || $NM -D --undefined-only "$library" | grep -q '__asan\|__tsan\|__gcov'; then
  echo "instrumented build: exports and imports are not compared"
else
  diff "$work/map" "$work/exports" > "$work/diff" || { fail "map (<) and exports (>) differ:"; cat "$work/diff"; }
  # What a library must never call: it does not print, stop, read the environment, or touch what belongs to the whole process.
  $NM -D --undefined-only "$library" | awk '{print $2}' | sed 's/@.*//' | LC_ALL=C sort > "$work/imports"
  for name in printf puts putchar fprintf perror exit _exit abort setlocale signal sigaction rand srand random strtod \
    strtof strtol atof atoi lgamma getenv secure_getenv localtime gmtime mktime strtok system popen \
    sqlite3_config sqlite3_shutdown xmlCleanupParser __cxa_throw; do
    grep -qx "$name" "$work/imports" && fail "the library calls $name"
  done
fi
exit $failed
