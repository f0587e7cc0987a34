#!/bin/sh
# SPDX-License-Identifier: MIT
# The documents say what the code says: README.md and docs/tutorial.md hold the examples to the letter, links lead somewhere, every noun has its
# example, suite and manual page, and the pages are well formed.
. "$(dirname "$0")/common.sh"
[ "$PYTHON" != : ] || skip "no Python"
$PYTHON - "$top_srcdir" "$top_builddir" <<'PY' || failed=1
import re
import sys
from pathlib import Path

source, build = Path(sys.argv[1]), Path(sys.argv[2])
bad = []


def without_licence(path):
    lines = path.read_text().rstrip("\n").split("\n")
    return "\n".join(line for line in lines if "SPDX-License-Identifier" not in line).strip("\n")


readme = (source / "README.md").read_text()
for name in ("readme.c", "readme.py", "readme.lua"):
    if without_licence(source / "examples" / name) not in readme:
        bad.append(f"README.md does not hold examples/{name} to the letter")
# In the tutorial a code block that follows "<!-- FILE -->" holds lines of that file, in order, to the letter.
tutorial = (source / "docs/tutorial.md").read_text()
blocks = re.findall(r"<!-- (\S+) -->\n```\w*\n(.*?)```", tutorial, re.S)
for name, code in blocks:
    if code.strip("\n") not in (source / name).read_text():
        bad.append(f"docs/tutorial.md: a block is not in {name}")
if tutorial.count("```") != 2 * (len(blocks) + len(re.findall(r"<!-- output of examples/\S+ -->\n```", tutorial))):
    bad.append("docs/tutorial.md: a block does not say which file it is from")
if len(blocks) < 3:
    bad.append("docs/tutorial.md holds no code")
for document in [source / "README.md", source / "CONTRIBUTING.md", *sorted((source / "docs").glob("*.md"))]:
    for link in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
        if "://" not in link and not (document.parent / link).exists():
            bad.append(f"{document.name}: {link} leads nowhere")
# docs/errors.md holds every status of cx/status.h as it is there.
statuses = re.findall(r'X\((\w+), (-?\d+), "([^"]*)"\)', (source / "include/cx/status.h").read_text())
rows = re.findall(r"^\| `CX_(\w+)` \| (-?\d+) \| ([^|]*) \|", (source / "docs/errors.md").read_text(), re.M)
if len(statuses) < 10 or rows != statuses:
    bad.append("docs/errors.md holds other statuses than cx/status.h: " + ", ".join(row[0] for row in set(rows) ^ set(statuses)))
makefiles = "".join(path.read_text() for path in [source / "Makefile.am", *sorted(source.glob("*/room.mk")), *sorted(source.glob("libcx/*/room.mk"))])
for document in sorted((source / "docs").glob("*.md")):
    if f"docs/{document.name}" not in makefiles:
        bad.append(f"docs/{document.name} is not in the tarball")
nouns = re.findall(r"<cx/(\w+)\.h>", (source / "include/cx.h").read_text())
for noun in nouns:
    if not (source / f"examples/{noun}.c").exists():
        bad.append(f"examples/{noun}.c is missing")
    if not any((source / "tests").glob(f"check_{noun}*.c")) and noun not in ("content", "preference"):
        bad.append(f"tests/check_{noun}.c is missing")
if nouns != [n for n in re.findall(r"# (\w+)", (source / "libcx/libcx.map").read_text()) if n in nouns]:
    bad.append("the nouns of libcx.map stand in another order than those of cx.h")
for line in bad:
    print("FAIL:", line)
sys.exit(bool(bad))
PY
if command -v mandoc > /dev/null; then
  pages=$(find "$top_builddir/docs/man" "$top_srcdir/docs/man" -name '*.[13]' 2> /dev/null)
  [ -n "$pages" ] || fail "no manual pages were built"
  for page in $pages; do
    mandoc -Tlint -W error "$page" || fail "$page is not well formed"
    [ "$(wc -l < "$page")" -gt 20 ] || fail "$page is nearly empty"
  done
fi
exit $failed
