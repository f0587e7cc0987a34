#!/bin/sh
# SPDX-License-Identifier: MIT
# The Python binding: its table is the one that the headers give, and its tests pass on the library that was just built.
. "$(dirname "$0")/common.sh"
[ "$PYTHON" != : ] || skip "no Python"
library=$(cd "$top_builddir" && pwd)/.libs/libcx.so
[ -e "$library" ] || skip "no shared library was built"
$NM -D --undefined-only "$library" | grep -q '__asan\|__tsan\|__ubsan' && skip "an instrumented library cannot be loaded into Python"
if $PYTHON -c 'import clang.cindex' 2> /dev/null; then
  for form in py pyi; do
    [ $form = py ] && stub= || stub=--stub
    $PYTHON "$top_srcdir/bindings/python/tools/gen_abi.py" $stub "$top_srcdir/include" > "$work/_abi.$form" || fail "the table cannot be made"
    diff "$top_srcdir/bindings/python/libcx/_abi.$form" "$work/_abi.$form" > "$work/diff" ||
      { fail "bindings/python/libcx/_abi.$form is not what the headers give; make it anew with tools/gen_abi.py"; head -20 "$work/diff"; }
  done
else
  echo "libclang's Python module is not there: the table was not compared"
fi
(cd "$work" && ln -s "$top_srcdir/examples/data" data && PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$top_srcdir/bindings/python" LIBCX_PATH="$library" \
  $PYTHON "$top_srcdir/bindings/python/tests/test_libcx.py") || fail "the tests of the binding"
(cd "$work" && PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$top_srcdir/bindings/python" LIBCX_PATH="$library" $PYTHON "$top_srcdir/examples/readme.py" > readme.out 2>&1) ||
  { fail "examples/readme.py"; tail -5 "$work/readme.out"; }
exit $failed
