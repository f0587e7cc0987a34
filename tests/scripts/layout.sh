#!/bin/sh
# SPDX-License-Identifier: MIT
# Sizes and offsets of all public structs are those that were released: tests/golden/layout-lp64.txt. A struct may only grow at its end.
# `make update-golden` writes the file anew; read the difference before committing it.
. "$(dirname "$0")/common.sh"
[ "$PYTHON" != : ] || skip "no Python"
echo 'int test[sizeof(void *) == 8 && sizeof(long) == 8 ? 1 : -1];' > "$work/lp64.c"
$CC -fsyntax-only "$work/lp64.c" 2> /dev/null || skip "the golden file is for LP64"
$PYTHON "$top_srcdir/tests/scripts/layout.py" "$top_srcdir/include" > "$work/layout.c" || exit 1
$CC -I"$top_srcdir/include" -o "$work/layout" "$work/layout.c" || exit 1
"$work/layout" > "$work/layout.txt" || exit 1
if [ "$1" = update ]; then
  cp "$work/layout.txt" "$top_srcdir/tests/golden/layout-lp64.txt"
  exit 0
fi
[ "$(wc -l < "$work/layout.txt")" -gt 100 ] || fail "only $(wc -l < "$work/layout.txt") fields were found"
diff "$top_srcdir/tests/golden/layout-lp64.txt" "$work/layout.txt" || fail "public structs changed their layout"
exit $failed
