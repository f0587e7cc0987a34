#!/bin/sh
# SPDX-License-Identifier: MIT
# What a reader may rely on: a licence line in every file, no file over 800 lines, no function over 80 lines or of a complexity over 20, no
# banned function, no number printed through the locale, and the committed format where clang-format 14 is there.
. "$(dirname "$0")/common.sh"
cd "$top_srcdir" || exit 1

sources=$(find include libcx tools tests examples bindings -name '*.[ch]' -o -name '*.cc' | LC_ALL=C sort)
scripts=$(find libcx tools tests examples bindings docs m4 -name '*.mk' -o -name '*.sh' -o -name '*.py' -o -name '*.lua' -o -name 'cx_*.m4')
for file in $sources $scripts configure.ac Makefile.am bootstrap.sh libcx.pc.in; do
  head -3 "$file" | grep -q 'SPDX-License-Identifier: MIT' || fail "$file: no SPDX line"
done
for file in $sources $scripts; do
  lines=$(wc -l < "$file")
  case $file in */_abi.py) continue ;; esac
  [ "$lines" -le 800 ] || fail "$file: $lines lines"
done
for file in $(find libcx include tools -name '*.[ch]' -o -name '*.cc'); do
  grep -nE '[^a-z_](strcpy|strcat|sprintf|vsprintf|gets|strncpy|strncat|alloca)\(' "$file" && fail "$file: banned function"
  case $file in
    libcx/core/number.c | tools/*) ;;
    libcx/*) grep -nE '"[^"]*%[-+ #0-9.*]*l?[fgeFGE][^"]*"' "$file" && fail "$file: a number printed through the locale" ;;
  esac
done
if command -v pmccabe > /dev/null; then
  for file in $(find libcx tools -name '*.c'); do
    pmccabe "$file" | awk -v file="$file" '$1 > 20 {print file ": " $NF " complexity " $1; bad = 1} $5 > 80 {print file ": " $NF " " $5 " lines"; bad = 1} END {exit bad}' ||
      failed=1
  done
fi
if command -v clang-format-14 > /dev/null; then
  clang-format-14 --dry-run -Werror $(echo "$sources" | grep -v '\.cc$') > "$work/format" 2>&1 || { fail "not formatted:"; grep error: "$work/format" | sed 's/:.*//' | sort | uniq -c; }
fi
grep -rnE 'TODO|FIXME|XXX|HACK' $sources | grep -v 'XXXXXX' && fail "unfinished work is marked in the tree"
exit $failed
