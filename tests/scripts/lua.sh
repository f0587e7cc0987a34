#!/bin/sh
# SPDX-License-Identifier: MIT
# The Lua module under each interpreter that it was built for: the tests as they are and with a collector that never rests, and the
# example of the README.
. "$(dirname "$0")/common.sh"
top_srcdir=$(cd "$top_srcdir" && pwd)
top_builddir=$(cd "$top_builddir" && pwd)
lua=$top_builddir/bindings/lua
LD_LIBRARY_PATH=$top_builddir/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
LUA_PATH="$top_srcdir/bindings/lua/tests/?.lua;;"
export LD_LIBRARY_PATH LUA_PATH
unset LUA_PATH_5_4 LUA_CPATH_5_4

# A module built with a sanitizer needs its runtime before everything else. What the interpreter leaves at its end is not ours.
preload=
grep -q 'fsanitize=[a-z,]*address' "$top_builddir/config.status" 2> /dev/null && preload=$($CC -print-file-name=libasan.so)
ran=0
run() {
  env ${preload:+LD_PRELOAD="$preload"} ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" $VALGRIND "$@" > log 2>&1
}
try() { # interpreter, folder of its module
  [ -e "$lua/$2/.libs/cx.so" ] || return
  command -v "$1" > /dev/null || { echo "$1 is not installed" && return; }
  LUA_CPATH="$lua/$2/.libs/?.so"
  export LUA_CPATH
  ran=1
  $NM -D --defined-only "$lua/$2/.libs/cx.so" | awk '$2 == "T" {print $3}' > exports
  [ "$(cat exports)" = luaopen_cx ] || fail "$2: the module exports $(tr '\n' ' ' < exports)"
  for test in objects records models store ranker; do
    for mode in plain stress; do
      CX_TEST_MODE=$mode run "$1" "$top_srcdir/bindings/lua/tests/$test.lua" || { fail "$1 $test ($mode)" && cat log; }
      rm -f ./*.cx ./*.cx-*
    done
  done
  ln -sf "$top_srcdir/examples/data" data
  run "$1" "$top_srcdir/examples/readme.lua" || { fail "$1 readme.lua" && cat log; }
  grep -q '^1	' log || { fail "$1 readme.lua ranked nothing" && cat log; }
  rm -f ./*.cx ./*.cx-* data
}
cd "$work" || exit 1
work=$(pwd)
try "${LUA:-lua5.4}" interpreter
try "${LUAJIT:-luajit}" luajit
[ $ran = 1 ] || skip "no Lua interpreter, or no module for it"
exit $failed
