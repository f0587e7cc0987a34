#!/bin/sh
# SPDX-License-Identifier: MIT
# The command line keeps its contract: tests/scripts/tool.py on the program that was just built.
. "$(dirname "$0")/common.sh"
[ "$PYTHON" != : ] || skip "no Python"
cx=$(cd "$top_builddir" && pwd)/cx
[ -x "$cx" ] || skip "cx was not built"
cd "$work" || exit 1
CX=$cx DATA=$top_srcdir/examples/data $PYTHON "$top_srcdir/tests/scripts/tool.py"
