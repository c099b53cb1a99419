"""How names, values and counts are written in messages: short, quoted, and safe to print in a terminal."""

import difflib
import textwrap
from collections.abc import Iterable, Sequence


def shown(value: object, most: int = 40) -> str:
    """Return a value as a message quotes it: its `repr`, cut where it is long.

    >>> shown("Biscoe")
    "'Biscoe'"
    """
    text = repr(str(value)) if isinstance(value, str) else repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def listed(items: Iterable[object], most: int = 8) -> str:
    """Return names or values as a list in a sentence.

    >>> listed(["a", "b", "c"], most=2)
    "'a', 'b' and 1 more"
    """
    texts = [shown(item) for item in items]
    rest = len(texts) - most
    return ", ".join(texts) if rest <= 0 else f"{', '.join(texts[:most])} and {rest} more"


def counted(n: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun.

    >>> counted(1, "row"), counted(1599, "row")
    ('1 row', '1,599 rows')
    """
    return f"{n:,} {noun if n == 1 else plural or f'{noun}s'}"


def in_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells as lines, the cells of a column under each other.

    >>> in_columns([("a", "1"), ("longer", "2")])
    ['a       1', 'longer  2']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Return text in lines, those after the first indented; a path or a word is never cut."""
    return textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def nearest(name: str, known: Sequence[str]) -> list[str]:
    """Return at most three known names that read like `name`, letter case aside, the most alike first.

    >>> nearest("Specis", ["species", "sex", "island"])
    ['species']
    """
    by_lower = {other.lower(): other for other in reversed(known)}
    return [by_lower[match] for match in difflib.get_close_matches(name.lower(), by_lower, n=3)]


def nearest_hint(name: str, known: Sequence[str]) -> str:
    """Return the end of a sentence about an unknown name: the nearest names, or else all of them.

    >>> nearest_hint("Specis", ["species", "sex", "island"])
    "the nearest is 'species'"
    """
    names = nearest(name, known)
    if not names:
        return f"there are {listed(known)}"
    return f"the nearest {'is' if len(names) == 1 else 'are'} {listed(names)}"
