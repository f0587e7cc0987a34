#!/bin/sh
# SPDX-License-Identifier: MIT
# The tutorial's programs run, and print what docs/tutorial.md says that they print. In a block of output a line "..." stands for any lines.
. "$(dirname "$0")/common.sh"
[ "$PYTHON" != : ] || skip "no Python"
build=$(cd "$top_builddir" && pwd)
[ -x "$build/cx" ] && [ -x "$build/example_tutorial" ] || skip "cx and the examples were not built"
cd "$work" || exit 1
ln -s "$top_srcdir/examples/data" data
sh "$top_srcdir/examples/tutorial.sh" "$build/cx" > tutorial.sh.out 2>&1 || { fail "examples/tutorial.sh"; tail -5 tutorial.sh.out; }
"$build/example_tutorial" > tutorial.c.out 2>&1 || { fail "examples/tutorial.c"; tail -5 tutorial.c.out; }
library=$build/.libs/libcx.so
if [ -e "$library" ] && ! $NM -D --undefined-only "$library" | grep -q '__asan\|__tsan\|__ubsan'; then
  PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$top_srcdir/bindings/python" LIBCX_PATH="$library" $PYTHON "$top_srcdir/examples/tutorial.py" > tutorial.py.out 2>&1 ||
    { fail "examples/tutorial.py"; tail -5 tutorial.py.out; }
fi
module=$build/bindings/lua/interpreter/.libs/cx.so
if [ -e "$module" ] && command -v lua5.4 > /dev/null && ! $NM -D --undefined-only "$library" | grep -q '__asan\|__tsan\|__ubsan'; then
  LD_LIBRARY_PATH="$build/.libs" LUA_CPATH="${module%/*}/?.so" lua5.4 "$top_srcdir/examples/tutorial.lua" > tutorial.lua.out 2>&1 ||
    { fail "examples/tutorial.lua"; tail -5 tutorial.lua.out; }
fi
$PYTHON - "$top_srcdir/docs/tutorial.md" << 'PY' || failed=1
import re
import sys
from pathlib import Path

bad = 0
blocks = re.findall(r"<!-- output of examples/(\S+) -->\n```\n(.*?)```", Path(sys.argv[1]).read_text(), re.S)
for name, block in blocks:
    output = Path(name + ".out")
    pattern = "".join("(?:.*\n)*?" if line == "..." else re.escape(line) + "\n" for line in block.splitlines())
    if output.exists() and not re.search("^" + pattern, output.read_text(), re.M):
        bad += 1
        print(f"FAIL: docs/tutorial.md: examples/{name} prints something else than\n{block}")
if len(blocks) < 8:
    bad += 1
    print("FAIL: docs/tutorial.md shows hardly any output")
if bad:
    print("If the new numbers are right, correct the page.")
sys.exit(bool(bad))
PY
exit $failed
