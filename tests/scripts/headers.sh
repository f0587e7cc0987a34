#!/bin/sh
# SPDX-License-Identifier: MIT
# Each public header compiles alone as C99, C11, C17 and C++11 without a warning, and defines no macro outside CX_.
. "$(dirname "$0")/common.sh"

for header in cx.h $(cd "$top_srcdir/include" && ls cx/*.h); do
  printf '#include <%s>\nint cx_test_header;\n' "$header" > "$work/t.c"
  cp "$work/t.c" "$work/t.cc"
  for standard in c99 c11 c17; do
    $CC -std=$standard -pedantic-errors -Wall -Wextra -Werror -I"$top_srcdir/include" -fsyntax-only "$work/t.c" ||
      fail "$header as $standard"
  done
  $CXX -std=c++11 -pedantic-errors -Wall -Wextra -Werror -I"$top_srcdir/include" -fsyntax-only "$work/t.cc" ||
    fail "$header as C++11"
done

printf '#include <stddef.h>\n#include <stdint.h>\n' > "$work/before.c"
printf '#include <stddef.h>\n#include <stdint.h>\n#include <cx.h>\n' > "$work/after.c"
for side in before after; do
  $CC -E -dM -I"$top_srcdir/include" "$work/$side.c" | awk '{print $2}' | sed 's/(.*//' | LC_ALL=C sort > "$work/$side"
done
foreign=$(LC_ALL=C comm -13 "$work/before" "$work/after" | grep -v '^CX_')
[ -z "$foreign" ] || fail "macros outside CX_: $foreign"
exit $failed
