"""What an ejected C program declares, found in its own text: to call it otherwise, and to write a header.

Everything at file level begins in the first column and is written by glassnet, in few forms; that is what makes it easy
to find.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SELF_TEST = "\n#ifndef NETWORK_NO_MAIN\n\n"  # behind it is nothing that another program uses
INTERNAL = "Column"  # a type of the program's own


@dataclass(frozen=True)
class Declaration:
    """A declaration at file level.

    Attributes
    ----------
    names
        What it declares; of an `enum` its constants.
    text
        What stands in a header for it: no body, no values.
    comment
        The comment above it.
    private
        Whether only the program itself sees it.
    """

    names: tuple[str, ...]
    text: str
    comment: str
    private: bool


def declarations(program: str, prefix: str = "") -> list[Declaration]:
    """What a program with this prefix declares, in order; `main` is nothing that one calls."""
    public = program.partition(SELF_TEST)[0]
    found: list[Declaration] = []
    lines, comment, offset = program.split("\n"), "", 0
    for k, line in enumerate(lines):
        private, start = offset >= len(public), line[:1]
        offset += len(line) + 1
        if line.startswith("/*"):
            comment = line if line.endswith("*/") else ""
        elif start.isalpha():
            declared = declaration(lines, k, comment, private, prefix + INTERNAL)
            found += [declared] if declared and declared.names != ("main",) else []
            comment = ""
        elif not line:
            comment = ""
    return found


def declaration(lines: list[str], k: int, comment: str, private: bool, internal: str) -> Declaration | None:
    """The declaration that begins in a line; None: there is none. The type `internal` is private."""
    line = re.sub(r"\s*/\*.*?\*/", "", lines[k])
    if line.startswith("enum"):
        return Declaration(tuple(re.findall(r"(\w+) =", line)), line, comment, private)
    if line.startswith("typedef struct"):
        end = next(n for n in range(k, len(lines)) if lines[n].startswith("}"))
        name = lines[end].strip("} ;")
        return Declaration((name,), "\n".join(lines[k : end + 1]), comment, private or name == internal)
    head = re.sub(r"\{.*?\}", "", line) if "struct {" in line else line
    head = head.split(" = ")[0].rstrip(" {;")
    pointer = re.search(r"\(\*const (\w+)\)", head)
    found = pointer or re.search(r"(\w+)(?:[\[(]|$)", head)
    if found is None:
        return None
    extern = "extern " if " = " in line else ""
    return Declaration((found[1],), f"{extern}{head};", comment, private or line.startswith("static"))


def prefixed(text: str, names: set[str], prefix: str) -> str:
    """A C text in which these names have a prefix, wherever they are no part of a string or of prose in a comment."""

    def piece(found: re.Match[str]) -> str:
        if found["code"]:
            return prefix + found[0] if found[0] in names else found[0]
        if found["comment"]:  # code in it stands further to the right than prose
            lines = found[0].split("\n")
            return "\n".join(PIECES.sub(piece, line) if line.startswith(" *     ") else line for line in lines)
        return found[0]

    return PIECES.sub(piece, text)


PIECES = re.compile(
    r"""(?P<comment>/\*.*?\*/)
    |(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<order>^\#.*?$)
    |(?P<number>\.?\d[\w.]*)
    |(?P<code>[A-Za-z_]\w*)""",
    re.S | re.M | re.X,
)
