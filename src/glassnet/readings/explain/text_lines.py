"""What fits on a line: names made printable and cut, formulas broken, columns measured and put side by side."""

from __future__ import annotations

from glassnet.derivation.page import break_points, broken


def printable(text: str) -> str:
    r"""Text without what could steer a terminal, or take up another width than its letters: an escape in its place.

    >>> printable("a\nb")
    'a\\nb'
    """
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def shortened(name: str, width: int) -> str:
    """A name, its end left out where it is too long."""
    name = printable(name)
    return name if len(name) <= width else name[: width - 1] + "…"


def column_widths(rows: list[list[str]]) -> list[int]:
    """How wide columns are, with two spaces after each that has anything in it; the last column does not count."""
    longest = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
    return [width + 2 if width else 0 for width in longest]


def side_by_side(widths: list[int], room: int) -> list[tuple[int, int]]:
    """Which columns of a table stand side by side, from first to last: as many as there is room for, at least one.

    >>> side_by_side([10] * 5, 25)
    [(0, 2), (2, 4), (4, 5)]
    """
    found, first, used = [], 0, 0
    for k, width in enumerate(widths):
        if used + width > room and k > first:
            found.append((first, k))
            first, used = k, 0
        used += width
    return [*found, (first, len(widths))]


def is_sum(formula: str) -> bool:
    """Whether a formula is a sum or difference, that needs parentheses in a product."""
    return any(depth == 0 and formula[k + 1] in "+-" for k, depth in break_points(formula, -1))


def wrapped(start: str, formula: str, room: int) -> list[str]:
    """`start` and a formula, broken where it is too long; no line but the first begins beyond the middle."""
    return broken(start, formula, room, max(len(start), 2), min(len(start), room // 2))
