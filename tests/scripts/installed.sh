#!/bin/sh
# SPDX-License-Identifier: MIT
# What a user of an installed libcx does: installed.sh installed|static installs into a prefix of its own and compiles and runs every example
# with what pkg-config says (static: with --static, and nothing of libcx's at run time); `installed` also tests the bindings there.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${CX_BUILD:-$root/build}/$1
jobs=$(nproc 2> /dev/null || echo 2)
[ -x "$root/configure" ] || (cd "$root" && autoreconf -fi)
rm -rf "$build"
mkdir -p "$build"
cd "$build"
[ "$1" = static ] && kind="--enable-static --disable-shared" || kind=
python=/usr/bin/python3
"$root/configure" -q --enable-werror --prefix="$build/usr" PYTHON=$python $kind
make -s -j"$jobs" > build.out 2>&1 || { tail -40 build.out; exit 1; }
make -s install > install.out 2>&1
PKG_CONFIG_PATH=$build/usr/lib/pkgconfig
export PKG_CONFIG_PATH
flags=$(pkg-config --cflags libcx)
[ "$1" = static ] && libs=$(pkg-config --libs --static libcx) || libs="$(pkg-config --libs libcx) -Wl,-rpath,$build/usr/lib"
[ -e data ] || ln -s "$root/examples/data" data
passed=0 failed=0
result() {
  if [ "$2" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)) && echo "FAIL: $1"; fi
}
for example in "$root"/examples/*.c; do
  name=$(basename "$example" .c)
  ! cc "$example" -o "$name" 2> /dev/null || { echo "$name compiles without flags: something is installed in a default place" && failed=$((failed + 1)); }
  status=0 own=
  ! grep -q '<math.h>' "$example" || own=-lm
  cc -std=c99 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror $flags "$example" -o "$name" $libs $own && ./"$name" > "$name.out" 2>&1 || status=1
  [ $status = 0 ] || tail -5 "$build/$name.out" 2> /dev/null || true
  result "$name" $status
done
[ "$passed" -gt 0 ] || { echo "no example ran" && exit 1; }
"$build/usr/bin/cx" --version > version.out && grep -q "$(sed -n 's/^Version: //p' "$PKG_CONFIG_PATH/libcx.pc")" version.out
result "cx --version" $?
if [ "$1" = installed ]; then
  for script in "$root"/bindings/installed.sh; do
    [ -e "$script" ] || continue
    status=0
    PYTHON=$python sh "$script" "$build/usr" "$build" || status=1
    result "bindings" $status
  done
fi
echo "installed ($1): $passed passed, $failed failed"
[ "$failed" = 0 ]
