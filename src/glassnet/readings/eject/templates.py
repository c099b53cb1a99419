"""Texts that programs of all languages are put together from: templates with words to fill in, items on lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from textwrap import indent


def filled(template: str, **words: str) -> str:
    """A template with its words; a word that stands alone on a line is indented as it is, and may be many lines.

    What is filled in is left as it is, also where it looks like a word of the template.

    >>> filled("def f(<<x>>):\\n    <<body>>", x="x", body="y = 2 * x\\nreturn y").splitlines()
    ['def f(x):', '    y = 2 * x', '    return y']
    """
    lines = []
    for line in template.strip("\n").splitlines():
        alone = re.fullmatch(r"( *)<<(\w+)>> *", line)
        if alone and alone[2] in words:
            lines += indent(words[alone[2]], alone[1]).splitlines()
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
