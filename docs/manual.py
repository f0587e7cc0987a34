# SPDX-License-Identifier: MIT
"""Writes a manual page on standard output.

manual.py include/cx/NOUN.h   cx_NOUN(3), from the header: what the header says is the manual, in one place
manual.py --tool ./cx         cx(1), from the help texts of the program
"""
import re
import subprocess
import sys
from pathlib import Path

NOUNS = (
    "api status context table model metric party event content preference permission profile format store history lifecycle stage "
    "ranker base".split()
)


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = re.sub(r"`([^`\n]+)`", r"\\fI\1\\fR", text)
    return "\n".join("\\&" + line if line[:1] in ".'" else line for line in text.split("\n"))


def comment_text(comment):
    """The words of a /** comment, without its stars; blank lines part paragraphs."""
    body = re.sub(r"^/\*+|\*+/$", "", comment.strip())
    lines = [re.sub(r"^\s*\*? ?", "", line).rstrip() for line in body.split("\n")]
    return "\n".join(lines).strip()


def paragraphs(text):
    out = []
    for paragraph in re.split(r"\n\s*\n", text):
        joined = re.sub(r"\s*\n\s*", " ", paragraph).strip()
        joined = re.sub(r"@p (\w+)", r"\1", joined)
        pieces = re.split(r"(?=@param|@return)|(?<=\.) (?=Cost\b|Memory:|Example:)", joined)
        for piece in pieces:
            piece = piece.strip()
            if not piece:
                continue
            match = re.match(r"@param (\w+)\s*(\[[^\]]*\])?\s*(.*)", piece)
            if match:
                out.append(".TP\n.I " + match.group(1) + "\n" + escape(" ".join(filter(None, match.groups()[1:]))))
            elif piece.startswith("@return"):
                out.append(".TP\nReturns\n" + escape(piece[len("@return") :].strip()))
            else:
                out.append(".PP\n" + escape(piece))
    return "\n".join(out)


def page(lines):
    """The lines as one text; a paragraph that follows a heading needs no macro."""
    text = "\n".join(line for line in lines if line != "") + "\n"
    return re.sub(r"^(\.S[HS] .*)\n\.PP\n", r"\1\n", text, flags=re.M)


def tidy(declaration):
    declaration = re.sub(r"CX_API\s+|CX_NODISCARD\s+", "", declaration)
    return re.sub(r"\n\s+", "\n    ", declaration.strip())


# What a header holds: a function, a struct, a type, a list of constants or a constant, each with the comment before it; or a comment by itself.
BLOCK = (
    r"(/\*\*(?:(?!\*/).)*?\*/)?\s*?^("
    r"CX_API[^;]*;|typedef struct \w+ \{.*?^\} \w+;|typedef [^;{]*;|"
    r"#define CX_\w+_MAP\(X\)(?:[^\n]*\\\n)*[^\n]*|#define CX_\w+ [^\n_][^\n\\]*$|/\* (?!SPDX)(?:(?!\*/).)*\*/$)"
)
EXAMPLES = {"status": ["context"], "base": ["readme", "tutorial"]}


def type_section(comment, declaration, text):
    out = []
    constants = re.match(r"#define (CX_\w+)_MAP\(X\)", declaration)
    if constants:
        stem = re.search(constants.group(1) + r"_ENUM\([^)]*\) (CX_\w*)##name", text).group(1)
        entries = re.findall(r'X\((\w+), (-?\d+)(?:, "([^"]*)")?\)(?:\s*/\* (.*?) \*/)?', declaration)
        out.append(".SS " + stem + "*")
        if comment:
            out.append(paragraphs(re.sub(r":\s+X\(name, value(?:, text)?\)\.", ".", comment_text(comment))))
        out += [".PP", ".TS", "l r l."]
        out += [escape(stem + name) + "\t" + escape(value) + "\t" + escape(": ".join(filter(None, words))) for name, value, *words in entries]
        return out + [".TE"]
    name = re.search(r"^typedef struct (\w+)|\(\*(\w+)\)|^#define (CX_\w+)|(\w+);", declaration)
    out.append(".SS " + next(filter(None, name.groups())))
    if comment:
        out.append(paragraphs(comment_text(comment)))
    return out + [".PP", ".nf", escape(declaration), ".fi"]


def together(blocks):
    """Functions that share the comment before the first of them, as (comment, declarations); a comment by itself has none."""
    groups = []
    for comment, declaration in blocks:
        if declaration.startswith("/*"):
            groups.append((declaration, []))
        elif declaration.startswith("CX_API"):
            if comment or not groups or not groups[-1][1]:
                groups.append((comment, []))
            groups[-1][1].append(declaration)
        else:
            groups.append(("", None))  # a type parts what stands before and after it
    return [group for group in groups if group[1] is not None]


def header_page(path):
    noun = path.stem
    text = path.read_text()
    version = re.search(r"AC_INIT\(\[libcx\], \[([\d.]+)\]", (path.parents[2] / "configure.ac").read_text()).group(1)
    about = comment_text(re.search(r"/\*\* @file.*?\*/", text, re.S).group(0)).split("\n", 1)[1]
    summary = re.split(r"(?<=[.:]) ", re.sub(r"\s+", " ", about.split("\n\n")[0]), 1)[0].strip().rstrip(".:")
    after = text[text.index("@file") :]
    after = after[after.index("*/") + 2 :]
    blocks = re.findall(BLOCK, after, re.S | re.M)
    out = ["'\\\" t", f'.TH CX_{noun.upper()} 3 "-" "libcx {version}" "libcx"', ".SH NAME", f"cx_{noun} \\- {escape(summary)}"]
    out += [".SH SYNOPSIS", ".nf", "#include <cx.h>", ""]
    functions = [tidy(declaration) for _, declaration in blocks if declaration.startswith("CX_API")]
    examples = [name for name in (noun, *EXAMPLES.get(noun, ())) if (path.parents[2] / "examples" / f"{name}.c").exists()]
    out += [escape(function) for function in functions] + [".fi", ".SH DESCRIPTION", paragraphs(about)]
    types = [(c, d) for c, d in blocks if re.match("typedef|#define", d) and (c or d.startswith("typedef struct") and "{" in d or "_MAP(X)" in d)]
    if types:
        out.append(".SH TYPES AND CONSTANTS")
    for comment, declaration in types:
        out += type_section(comment, declaration, after)
    if functions:
        out.append(".SH FUNCTIONS")
    for comment, declarations in together(blocks):
        if not declarations:
            out.append(paragraphs(comment_text(comment)))
            continue
        names = [re.search(r"(cx_\w+)\(", declaration).group(1) for declaration in declarations]
        out += [".SS " + ", ".join(names), ".nf", *(escape(tidy(declaration)) for declaration in declarations), ".fi"]
        out.append(paragraphs(comment_text(comment)) if comment else "")
    if examples:
        out += [".SH EXAMPLES", "In the sources: " + escape(", ".join(f"examples/{name}.c" for name in examples)) + "."]
    others = [other for other in NOUNS if other != noun]
    out += [".SH SEE ALSO", ".BR cx (1),"]
    out += [f".BR cx_{other} (3)" + ("," if other != others[-1] else "") for other in others]
    return page(out)


TOOL_EXAMPLES = (
    ("A shop's files into one base, with the columns named where the header does not tell; and the models:",
     "    cx import shop.cx orders.csv --map customer=Client,time=When,item=Article --currency EUR\n"
     "    cx import shop.cx items.csv.gz\n    cx learn shop.cx"),
    ("How many people stand where, and one of them, by the number that the shop has for them:",
     "    cx stages shop.cx\n    cx show shop.cx customer:4711"),
    ("Whether a person permits it, and what to show them on the shop's pages:",
     "    cx permit shop.cx 4711 --purpose personalisation --channel web\n    cx rank shop.cx 4711 -n 5"),
    ("Everybody who is most probably at risk, for another program (with jq):",
     "    cx stages shop.cx --each | jq -r 'select(.stage == \"at_risk\") | .id'"),
    ("What came in but could not be used, and everything that is known:",
     "    cx export shop.cx --quarantine\n    cx export shop.cx -o shop.jsonl"),
    ("How good the lists would have been: learn from what came first, ask about the rest:",
     "    cx eval rank before.csv --test after.csv --k 20"),
)


def run(tool, *words):
    return subprocess.run([tool, *words], check=True, capture_output=True, text=True).stdout


def tool_page(tool):
    version = run(tool, "--version").split()[1]
    general = run(tool, "--help")
    summary = general.split("\n", 1)[0].split(": ", 1)[1]
    commands = re.findall(r"^  (\w+) +\S", general, re.M)
    out = ["'\\\" t", f'.TH CX 1 "-" "libcx {version}" "libcx"', ".SH NAME", f"cx \\- {escape(summary)}", ".SH SYNOPSIS"]
    out += [".B cx", ".I COMMAND", "[\\fIOPTION\\fR]... \\fIBASE\\fR ...", ".SH DESCRIPTION"]
    pieces = general.strip().split("\n\n")[2:]
    out += [paragraphs(pieces[0]), ".TS", "l l."]
    out += [f"{escape(name)}\t{escape(what)}" for name, what in re.findall(r"^  (\w+) +(\S.*)$", pieces[1], re.M)]
    out += [".TE", *map(paragraphs, pieces[2:]), ".SH COMMANDS"]
    for command in commands:
        help_text = run(tool, command, "--help")
        what, rest = help_text.split("\n\n", 1)
        usage, rest = rest.split("\n\n", 1)
        body, options = rest.rsplit("options:\n", 1)
        out += [f".SS cx {command}", escape(what[0].upper() + what[1:]) + ".", ".PP", ".nf", escape(usage), ".fi"]
        if body.strip():
            out += [".PP", ".nf", escape(body.strip()), ".fi"]
        for option in re.findall(r"^ {2,6}(-\S.*?)(?: {2,}|\n +)(\S.*)$", options, re.M):
            out += [".TP", ".B " + escape(option[0].strip()), escape(option[1])]
    out += [".SH EXIT STATUS", ".TP", "0", "the work was done", ".TP", "1", "the data were at fault, or the answer is that there is none"]
    out += [".TP", "2", "the call was at fault", ".SH ENVIRONMENT", ".TP", "NO_COLOR", "when set, no bold headings"]
    out += [".SH FILES", ".TP", "BASE", "the store, an SQLite file; BASE\\-wal and BASE\\-shm beside it while it is in use"]
    out += [".TP", "BASE\\-lifecycle.N, BASE\\-stage.N, BASE\\-ranker.N", "the current models, N counting up with each cx learn"]
    out.append(".SH EXAMPLES")
    for what, lines in TOOL_EXAMPLES:
        out += [".PP", escape(what), ".PP", ".nf", escape(lines), ".fi"]
    out += [".SH SEE ALSO"] + [f".BR cx_{noun} (3)" + ("," if noun != NOUNS[-1] else "") for noun in NOUNS]
    return page(out)


if sys.argv[1] == "--tool":
    sys.stdout.write(tool_page(sys.argv[2]))
else:
    sys.stdout.write(header_page(Path(sys.argv[1]).resolve()))
