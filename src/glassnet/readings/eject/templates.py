"""Texts that programs of all languages are put together from: templates with words to fill in, items on lines."""

from __future__ import annotations

import re
from collections.abc import Iterable


def filled(template: str, **words: str) -> str:
    """A template with its words; one alone on its line, or in a comment, may be many lines, or none.

    What is filled in is left as it is, also where it looks like a word of the template.

    >>> filled("def f(<<x>>):\\n    <<body>>", x="x", body="y = 2 * x\\nreturn y").splitlines()
    ['def f(x):', '    y = 2 * x', '    return y']
    >>> filled("// <<head>>\\n<<nothing>>", head="A network.\\n\\nIt predicts y.", nothing="").splitlines()
    ['// A network.', '//', '// It predicts y.']
    """
    lines = []
    for line in template.strip("\n").splitlines():
        alone = re.fullmatch(r"([ */#]*)<<(\w+)>> *", line)
        if alone and alone[2] in words:
            lines += [
                f"{alone[1]}{inner}" if inner.strip() else alone[1].rstrip() for inner in words[alone[2]].splitlines()
            ]
        else:
            lines.append(re.sub(r"<<(\w+)>>", lambda word: words.get(word[1], word[0]), line))
    return "\n".join(lines)


def packed(items: Iterable[str], width: int) -> list[str]:
    """Items with commas between them, on lines of at most so many characters.

    >>> packed(["1.5", "2", "3"], 6)
    ['1.5, 2', '3']
    """
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + 2 + len(item) <= width:
            lines[-1] += f", {item}"
        else:
            lines.append(item)
    return lines
