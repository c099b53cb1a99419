"""What fits on a line of a terminal: names made printable and cut, formulas broken, columns measured."""

from __future__ import annotations

from glassnet.derivation.page import break_points


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


def is_sum(formula: str) -> bool:
    """Whether a formula is a sum or difference, that needs parentheses in a product."""
    return any(depth == 0 and formula[k + 1] in "+-" for k, depth in break_points(formula, -3))


def wrapped(start: str, formula: str, room: int) -> list[str]:
    """`start` and a formula, broken before operators and after commas where it is too long."""
    rest, lines, indent = start + formula, [], " " * min(len(start), room // 2)
    while len(rest) > room:
        points = [point for point in break_points(rest, max(len(start) - 2, 0)) if point[0] > len(indent)]
        fitting = [point for point in points if point[0] <= room] or points[:1]
        if not fitting:
            break
        late = [point for point in fitting if point[0] > len(start) + (room - len(start)) // 3]
        k = min(late or fitting, key=lambda point: (point[1], -point[0]))[0]
        lines.append(rest[:k])
        rest = indent + rest[k + 1 :]
    return [*lines, rest]
