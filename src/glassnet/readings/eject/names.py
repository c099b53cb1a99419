"""Names that come from data, made harmless: a column may be called anything, and none of it may become code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

LONGEST = 40  # characters of a name in a comment


def in_comment(name: str) -> str:
    """A name for a comment of any language: letters, digits, spaces and a few signs; the others as `?`.

    >>> in_comment("bill length (mm)"), in_comment("a */ b")
    ('bill length (mm)', 'a ?? b')
    """
    text = "".join(letter if is_harmless(letter) else "?" for letter in name)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def is_harmless(letter: str) -> bool:
    """Whether a letter means nothing in a comment of any language, and prints as itself from left to right."""
    if letter in " _-.,:=+()%&":
        return True
    kind, direction = unicodedata.category(letter), unicodedata.bidirectional(letter)
    return (kind[0] == "L" or kind in ("Nd", "No")) and direction in ("L", "EN", "ON")


def escaped(
    text: str, escape: str = "\\u{:04x}", wide: str = "\\U{:08x}", ascii_only: bool = False, plain: str = ""
) -> str:
    """Text for inside a string literal: what is not harmless as an escape of the language.

    Parameters
    ----------
    escape, wide
        How a code point below and above 0x10000 is written.
    ascii_only
        Whether letters outside ASCII are escaped as well.
    plain
        Signs that mean nothing inside the language's string literals, and stay as they are.
    """
    pieces = []
    for letter in text:
        if letter in plain or (is_harmless(letter) and (not ascii_only or letter.isascii())):
            pieces.append(letter)
        else:
            pieces.append((escape if ord(letter) < 0x10000 else wide).format(ord(letter)))
    return "".join(pieces)


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, with underscores behind it until it is none of `taken`."""
    while name in taken:
        name += "_"
    return name


def check_prefix(prefix: str) -> str:
    """The prefix; ValueError for what no name of C may begin with."""
    if not isinstance(prefix, str) or (prefix and not re.fullmatch(r"[A-Za-z]\w{0,39}", prefix, re.ASCII)):
        raise ValueError(
            "prefix must be letters, digits and _, a letter first and at most 40 of them, like 'penguins_', "
            f"got {prefix!r:.60}"
        )
    return prefix
