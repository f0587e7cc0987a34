#!/bin/sh
# SPDX-License-Identifier: MIT
# Every public function is called by the Lua module or is in its skip list with a reason, and the list is not stale.
. "$(dirname "$0")/common.sh"
binding=$top_srcdir/bindings/lua

header_functions > "$work/public"
[ "$(wc -l < "$work/public")" -gt 50 ] || fail "only $(wc -l < "$work/public") functions found in the headers"
# Comments do not count, nor do names inside longer ones.
cat "$binding"/*.c | tr '\n' ' ' | sed 's:/\*:\n/*:g' | sed 's:/\*.*\*/::' | grep -oE '[A-Za-z0-9_]+' | grep '^cx_' |
  LC_ALL=C sort -u > "$work/used"
LC_ALL=C comm -12 "$work/public" "$work/used" > "$work/bound"
sed 's/#.*//' "$binding/skip.txt" | awk 'NF {print $1}' | LC_ALL=C sort > "$work/skipped"
sed 's/#.*//' "$binding/skip.txt" | awk 'NF == 1 {print $1}' > "$work/bare"
for name in $(cat "$work/bare"); do fail "skip.txt: $name has no reason"; done
for name in $(LC_ALL=C uniq -d "$work/skipped"); do fail "skip.txt: $name twice"; done
for name in $(LC_ALL=C comm -23 "$work/skipped" "$work/public"); do fail "skip.txt: $name is no public function"; done
for name in $(LC_ALL=C comm -12 "$work/skipped" "$work/bound"); do fail "skip.txt: $name is bound"; done
LC_ALL=C sort -u "$work/bound" "$work/skipped" > "$work/known"
for name in $(LC_ALL=C comm -23 "$work/public" "$work/known"); do fail "$name is neither bound in Lua nor in skip.txt"; done
echo "$(wc -l < "$work/bound") of $(wc -l < "$work/public") functions bound, $(wc -l < "$work/skipped") skipped"
exit $failed
