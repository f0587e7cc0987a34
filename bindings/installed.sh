#!/bin/sh
# SPDX-License-Identifier: MIT
# The bindings as a user has them: installed.sh PREFIX BUILDDIR makes a virtual environment in BUILDDIR, installs the Python package into
# it with pip and no network, and runs its tests and README example against the library in PREFIX, found by its soname; then the README
# example of every Lua module that PREFIX has, in the Lua it belongs to.
set -eu
prefix=$1 build=$2
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-/usr/bin/python3}
place=$build/bindings
rm -rf "$place"
mkdir -p "$place"
unset LIBCX_PATH PYTHONPATH LUA_PATH LUA_CPATH LUA_INIT
LD_LIBRARY_PATH=$prefix/lib
export LD_LIBRARY_PATH

# A copy, since setuptools writes beside what it builds.
cp -R "$root/bindings/python" "$place/source"
"$python" -m venv --system-site-packages "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-index "$place/source"
cp -R "$root/bindings/python/tests" "$place/tests"
cp -R "$root/examples" "$place/examples"
cd "$place/tests"
"$place/venv/bin/python" -c 'import libcx, sys; sys.exit(not libcx.__file__.startswith(sys.prefix))' ||
  { echo "another libcx than the installed package is imported"; exit 1; }
"$place/venv/bin/python" test_libcx.py
cd "$place/examples"
"$place/venv/bin/python" readme.py > readme-py.out
grep -q . readme-py.out
echo "Python: installed, tested, README example run"

for pair in 5.4:lua5.4 5.1:luajit; do
  modules=$prefix/lib/lua/${pair%%:*} lua=${pair##*:}
  [ -e "$modules/cx.so" ] || continue
  command -v "$lua" > /dev/null || { echo "$modules is there and $lua is missing"; exit 1; }
  rm -f readme-lua.cx*
  LUA_CPATH="$modules/?.so" "$lua" readme.lua > readme-lua.out
  grep -q . readme-lua.out
  echo "$lua: README example run"
done
