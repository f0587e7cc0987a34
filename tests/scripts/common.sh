# SPDX-License-Identifier: MIT
# Sourced by the test scripts. `make check` sets these; by hand they are found from the script's place.
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=.}"
: "${CC:=cc}"
: "${CXX:=c++}"
: "${NM:=nm}"
: "${PYTHON:=python3}"
work=$(cd "$top_builddir" && pwd)/tests-$(basename "$0" .sh)-$$
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
failed=0
fail() {
  echo "FAIL: $*"
  failed=1
}
skip() {
  echo "SKIP: $*"
  exit 77
}
# The public functions that the headers declare, sorted.
header_functions() {
  cat "$top_srcdir"/include/cx/*.h | tr '\n' ' ' | sed 's:/\*:\n/*:g' | sed 's:/\*.*\*/::' | tr '\n' ' ' |
    grep -oE 'CX_API[^;(]*\(' | grep -oE 'cx_[a-z0-9_]+ *\($' | tr -d ' (' | LC_ALL=C sort
}
