# SPDX-License-Identifier: MIT
"""Writes a C program that prints the size of every public struct and the place of every field, from the headers."""
import re
import sys
from pathlib import Path

include = Path(sys.argv[1])
print("#include <cx.h>\n#include <stdio.h>\nint main(void) {")
for header in sorted(include.glob("cx/*.h")):
    text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
    for body, name in re.findall(r"typedef struct \w+ \{(.*?)\} (\w+);", text, flags=re.S):
        print(f'  printf("{name} %zu\\n", sizeof({name}));')
        for declaration in body.split(";"):
            declaration = declaration.strip()
            if not declaration:
                continue
            pointer = re.search(r"\(\*(\w+)\)", declaration)
            names = [pointer.group(1)] if pointer else re.findall(r"(\w+)\s*(?:\[[^\]]*\])?\s*(?:,|$)", declaration)
            for field in names:
                print(f'  printf("{name}.{field} %zu %zu\\n", offsetof({name}, {field}), sizeof((({name} *)0)->{field}));')
print("  return 0;\n}")
