"""A derivation as a page of plain text.

Name and formula, shape and reason stand in columns. Where the page is too narrow for the reasons, each goes
below its formula.
"""

from __future__ import annotations

import re
import textwrap
from itertools import zip_longest

from glassnet.derivation.contents import NO_BREAK, Group, Line, PageParts, Wheres, contents, shape_text
from glassnet.derivation.steps import Derivation
from glassnet.expressions.expression import Expression
from glassnet.expressions.notation import plain

WIDTH = 100
NARROWEST = 40
ROOM_FOR_REASONS = 30  # columns; with fewer, a reason goes on its own line
LONGEST = 60  # columns for a name and its formula, where reasons stand beside them
INDENT = "    "


def text(derivation: Derivation, width: int | None = None, expand: bool = False) -> str:
    """The derivation in plain text.

    Parameters
    ----------
    width
        Columns, at least 40; 100 by default. Only a name or number longer than that stands out.
    expand
        Every formula as its arithmetic; what occurs more than once in one is shown once, in a `where` line.
    """
    width = max(NARROWEST, WIDTH if width is None else int(width))
    page = contents(derivation, expand)
    lines = [*packed(page.heading, " · ", width), "", *symbol_lines(page, width)]
    columns = Columns.fitting(page, width)
    for title, groups in page.phases:
        lines += ["", f"── {title} ".ljust(width, "─")]
        for group in groups:
            lines += [f"  {group.title}"] if group.title else []
            lines += group_lines(group, columns)
    return "\n".join(line.rstrip().replace(NO_BREAK, " ") for line in lines)


def symbol_lines(page: PageParts, width: int) -> list[str]:
    """Names and meanings in two columns, then the numbers."""
    labels = [label if len(label := ", ".join(names)) <= 20 else f"{names[0]}, …" for names, _ in page.symbols]
    column = max(len(label) for label in labels) + 4
    lines = []
    for label, (_, meaning) in zip(labels, page.symbols, strict=True):
        words = meaning.replace("`", "")
        lines += textwrap.wrap(words, width, initial_indent=f"  {label}".ljust(column), subsequent_indent=" " * column)
    if page.constants:
        lines += packed([f"{name} = {value}" for name, value in page.constants], ", ", width, indent="  ")
    return lines


class Columns:
    """Where shapes and reasons stand on a page."""

    def __init__(self, formula: int, shape: int, width: int) -> None:
        self.formula = formula  # width of `name = formula`
        self.shape = shape
        self.width = width
        self.reason = len(INDENT) + formula + 2 + shape + 2  # where reasons start
        self.is_wide = width - self.reason >= ROOM_FOR_REASONS

    def cell(self, start: str, expression: Expression) -> list[str]:
        """A formula's lines: within its column if that takes no more than three, else as wide as the page."""
        lines = wrapped_formula(start, expression, self.formula)
        if len(lines) <= 3 and max(map(len, lines)) <= self.formula:
            return lines
        return self.across(start, expression)

    def across(self, start: str, expression: Expression) -> list[str]:
        """A formula's lines, as wide as the page."""
        return wrapped_formula(start, expression, self.width - len(INDENT))

    @classmethod
    def fitting(cls, page: PageParts, width: int) -> Columns:
        """Columns as wide as most lines need; a longer formula goes over more than one line."""
        groups = [group for _, groups in page.phases for group in groups]
        shape = max(len(shape_text(line.shape)) for group in groups for line in group.lines)
        longest = max(name_width(group) + 3 + len(plain(line.expression)) for group in groups for line in group.lines)
        room = width - len(INDENT) - shape - 4
        wide = min(longest, LONGEST, room - ROOM_FOR_REASONS)
        return cls(wide if wide in (longest, LONGEST) else min(longest, room), shape, width)


def name_width(group: Group) -> int:
    """Columns for the names of a group."""
    return max(len(line.name) for line in group.lines)


def group_lines(group: Group, columns: Columns) -> list[str]:
    """The lines of one layer: their equal signs stand below each other."""
    names = name_width(group)
    result = []
    for line in group.lines:
        formula = columns.cell(f"{line.name:<{names}} = ", line.expression)
        for name, value in line.wheres:
            start = f"{' ' * (names + 3)}where {name} = "
            formula += columns.cell(start, value) if columns.is_wide else columns.across(start, value)
        result += beside(formula, line, columns) if columns.is_wide else below(formula, line, columns, names + 3)
    return result


def beside(formula: list[str], line: Line, columns: Columns) -> list[str]:
    """Shape and reason in columns to the right, from where the formula leaves room for them."""
    words = reason_lines(line, columns.width - columns.reason) or [""]
    shapes = [shape_text(line.shape), *[""] * (len(words) - 1)]
    cells = [f"{shape:<{columns.shape}}  {word}" for shape, word in zip(shapes, words, strict=True)]
    too_long = [k for k, left in enumerate(formula) if len(left) > columns.formula]
    cells = [""] * (too_long[-1] + 1 if too_long else 0) + cells
    return [f"{INDENT}{left:<{columns.formula}}  {right}" for left, right in zip_longest(formula, cells, fillvalue="")]


def below(formula: list[str], line: Line, columns: Columns, indent: int) -> list[str]:
    """The shape to the right, the reason below."""
    k = next((k for k, left in enumerate(formula) if len(left) <= columns.formula), len(formula))
    formula = [*formula, ""] if k == len(formula) else formula
    formula[k] = f"{formula[k]:<{columns.formula}}  {shape_text(line.shape)}"
    words = reason_lines(line, columns.width - len(INDENT) - indent)
    return [INDENT + left for left in formula] + [f"{INDENT}{' ' * indent}{word}" for word in words]


def reason_lines(line: Line, room: int) -> list[str]:
    """The longest wording that takes at most two lines, or else the shortest."""
    if line.definition is not None:
        return definition_lines(line.definition, line.definition_wheres, room)
    wordings = [textwrap.wrap(reason, room) for reason in line.reasons]
    return next((lines for lines in wordings if len(lines) <= 2), wordings[-1] if wordings else [])


def definition_lines(definition: Expression, wheres: Wheres, room: int) -> list[str]:
    """Arithmetic in place of a reason."""
    lines = wrapped_formula("= ", definition, room)
    for name, value in wheres:
        lines += wrapped_formula(f"  where {name} = ", value, room)
    return lines


def wrapped_formula(start: str, expression: Expression, room: int) -> list[str]:
    """`start` and the formula, broken where it is too long."""
    hanging = len(start) + 2
    return broken(start, plain(expression), room, hanging, hanging)


def broken(start: str, formula: str, room: int, first: int, indent: int) -> list[str]:
    """`start` and a formula, broken before operators and after commas, but not before column `first` of a line."""
    rest, lines = start + formula, []
    while len(rest) > room:
        points = break_points(rest, first)
        fitting = [point for point in points if point[0] <= room] or points[:1]
        if not fitting:
            break
        # the outermost operator, unless it leaves the line all but empty
        late = [point for point in fitting if point[0] > len(start) + (room - len(start)) // 3]
        k = min(late or fitting, key=lambda point: (point[1], -point[0]))[0]
        lines.append(rest[:k])
        rest = " " * indent + rest[k + 1 :]
    return [*lines, rest]


def break_points(text: str, start: int) -> list[tuple[int, int]]:
    """The spaces after a column at which a formula may be broken, with how deep in parentheses and products each is."""
    points, depth = [], 0
    for k, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if letter == " " and k > start:
            if re.match(r" ([-+<>]|[<>=!]=) ", text[k : k + 4]):
                points.append((k, 2 * depth))
            elif re.match(r" [*/@&|] ", text[k : k + 3]):
                points.append((k, 2 * depth + 1))
            elif text[k - 1] == ",":
                points.append((k, 2 * depth - 1))
    return points


def packed(parts: list[str] | tuple[str, ...], separator: str, width: int, indent: str = "") -> list[str]:
    """Parts on as few lines as they need, none broken in two if it fits on one."""
    lines = [indent + parts[0]]
    for k, part in enumerate(parts[1:], start=2):
        room = 0 if k == len(parts) else len(separator.rstrip())  # for what may follow
        if len(lines[-1]) + len(separator) + len(part) + room > width:
            lines[-1] += separator.rstrip()
            lines.append(indent + part)
        else:
            lines[-1] += separator + part
    return [
        piece for line in lines for piece in textwrap.wrap(line, width, initial_indent="", subsequent_indent=indent)
    ]
