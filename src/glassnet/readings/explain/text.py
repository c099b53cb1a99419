"""An explanation as plain text, for a terminal: readable at 80 columns.

Every line is a `Line`: what it says, and how it is meant, which on a terminal that can is bold, dim or plain.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from glassnet.derivation.page import NARROWEST, packed
from glassnet.expressions.notation import PLAIN, plain, write
from glassnet.readings.explain.contents import Arithmetic, Contents, Entry, Factor, Grid, Section, Sum, Term
from glassnet.readings.explain.formula_text import product
from glassnet.readings.explain.numbers import written
from glassnet.readings.explain.text_lines import column_widths, is_sum, printable, shortened, side_by_side, wrapped

BOLD, DIM, OFF = "\x1b[1m", "\x1b[2m", "\x1b[0m"
INLINE = 6  # terms that are added on the line; more stand in a table
LABEL, COLUMN = 28, 14  # columns for the label of a row, and for that of a column
EQUAL = ("=", "≈")


class Line(NamedTuple):
    """A line, and how it is meant: "title", "remark" or nothing in particular."""

    text: str
    kind: str = ""


def text(page: Contents, width: int = 80, color: bool = False) -> str:
    """The page in plain text.

    Parameters
    ----------
    width
        Columns, at least 40; only a name or number longer than that stands out.
    color
        Whether titles are bold and remarks dim.
    """
    writer = TextPage(max(NARROWEST, int(width)), page.digits, page.is_close_up)
    return "\n".join(drawn(line, color) for line in writer.page(page))


def drawn(line: Line, color: bool) -> str:
    """A line as a terminal shows it, without what could steer it: names may hold anything."""
    code = {"title": BOLD, "remark": DIM}.get(line.kind) if color else None
    shown = printable(line.text.rstrip())
    return f"{code}{shown}{OFF}" if code and shown else shown


class TextPage:
    """Writes contents in so many columns and digits."""

    def __init__(self, width: int, digits: int, is_close_up: bool) -> None:
        self.width, self.digits, self.is_close_up = width, digits, is_close_up
        self.notation = replace(PLAIN, number=lambda node: self.number(node.value))

    def number(self, value: float) -> str:
        """A number as it is shown."""
        return written(value, self.digits)

    def page(self, page: Contents) -> Iterator[Line]:
        """All lines."""
        yield from (Line(line, "title") for line in textwrap.wrap(printable(page.title), self.width))
        yield from (Line(line, "remark") for line in packed(page.heading, " · ", self.width))
        for note in page.notes:
            yield from (Line(line, "remark") for line in textwrap.wrap(note, self.width))
        before = None
        for section in page.sections:
            if before is None or before.entries or before.note or section.level == 1:
                yield Line("")
            yield from self.section(section)
            before = section

    def section(self, section: Section) -> Iterator[Line]:
        """A title, then the entries."""
        if section.title:
            start = "── " if section.level == 1 else "  "
            *above, last = textwrap.wrap(
                start + printable(section.title), self.width, subsequent_indent=" " * len(start)
            )
            yield from (Line(line, "title") for line in above)
            yield Line(f"{last} ".ljust(self.width, "─") if section.level == 1 else last, "title")
        yield from self.words(section.note, 2)
        for k, entry in enumerate(section.entries):
            if k and (entry.grid or entry.arithmetic):
                yield Line("")
            yield from self.entry(entry)

    def words(self, words: str, indent: int) -> Iterator[Line]:
        """A remark, as many lines as it takes."""
        for line in textwrap.wrap(printable(words), self.width - indent):
            yield Line(" " * indent + line, "remark")

    # entries

    def entry(self, entry: Entry) -> Iterator[Line]:
        """A step: its formula and shape, why, its numbers."""
        if entry.formula is not None:
            sign = "←" if entry.assigns else "="
            yield from self.with_shape(f"  {entry.name} {sign} ", plain(entry.formula), entry.shape)
        elif entry.name:
            yield Line(f"  {entry.name}  {entry.shape}")
        yield from self.words(entry.reason, 6)
        if entry.grid is not None and (entry.is_example or not entry.arithmetic):
            yield from self.grid(entry.grid)
        if entry.is_example and entry.arithmetic and entry.grid is not None:
            yield from self.words(entry.note, 6)
        yield from self.arithmetics(entry.arithmetic)
        if not (entry.is_example and entry.grid is not None):
            yield from self.words(entry.note, 6)

    def with_shape(self, start: str, formula: str, shape: str) -> Iterator[Line]:
        """A formula, with the shape at the right edge if there is room."""
        lines = wrapped(start, formula, self.width)
        if shape and len(lines) == 1 and len(lines[0]) + 2 + len(shape) <= self.width:
            lines = [lines[0].ljust(self.width - len(shape)) + shape]
        elif shape:
            lines.append(shape.rjust(self.width))
        yield from map(Line, lines)

    def grid(self, grid: Grid) -> Iterator[Line]:
        """A table; columns for which there is no room go below the others."""
        cells = [[self.number(value) for value in row] for row in grid.values.tolist()]
        label = max((len(shortened(row, LABEL)) for row in grid.rows), default=0)
        sizes = [
            max([len(shortened(name, COLUMN)), *(len(row[j]) for row in cells)]) for j, name in enumerate(grid.columns)
        ]
        for first, last in side_by_side([size + 2 for size in sizes], self.width - 6 - label):
            columns = range(first, last)
            head = "".join(f"  {shortened(grid.columns[j], COLUMN):>{sizes[j]}}" for j in columns)
            if head.strip():
                yield Line(" " * (6 + label) + head, "remark")
            for name, row in zip(grid.rows, cells, strict=True):
                numbers = "".join(f"  {row[j]:>{sizes[j]}}" for j in columns)
                yield Line(f"      {shortened(name, LABEL):<{label}}{numbers}")
        if grid.left_out:
            yield from self.words(f"… {grid.left_out}", 6)

    # arithmetic

    def arithmetics(self, lines: Iterable[Arithmetic]) -> Iterator[Line]:
        """The arithmetic of some numbers, their names in a column."""
        lines = list(lines)
        width = min(max((len(printable(line.name)) for line in lines), default=0), LABEL)
        for k, line in enumerate(lines):
            if k and self.is_close_up:
                yield Line("")
            yield from self.arithmetic(line, width)

    def arithmetic(self, line: Arithmetic, width: int) -> Iterator[Line]:
        """One number: on a line if it fits; close up, formula, numbers and terms each on their own."""
        name = f"      {printable(line.name):<{width}} "
        result = self.number(line.value)
        given = [] if line.numbers is None else [write(line.numbers, self.notation)]
        if self.is_close_up and line.reason:
            yield from self.words(line.reason, 6)
        if self.is_close_up and line.formula is not None and plain(line.formula) != "".join(given):
            given.insert(0, plain(line.formula))
        inline, as_table = self.added(line.sum), self.is_table(line)
        if inline and not as_table:
            given.append(inline)
        given = [] if as_table and not self.is_close_up else [text for text in dict.fromkeys(given) if text != result]
        sign = EQUAL[line.sum.about if inline and not as_table and line.sum else line.about]
        yield from self.in_steps(name, given, sign, result, line)
        if as_table and line.sum is not None:
            yield from self.terms(line.sum)
        for where in line.wheres:
            yield from self.arithmetic(where, width)

    def in_steps(self, name: str, given: list[str], sign: str, result: str, line: Arithmetic) -> Iterator[Line]:
        """`name = … = … = result`, on one line or one below the other."""
        arrow = "←" if line.assigns else "="
        if line.text and not given:
            yield from map(
                Line,
                textwrap.wrap(f"{name}= {result:<8} {printable(line.text)}", self.width, subsequent_indent=" " * 8),
            )
            return
        whole = f"{name}{arrow} " + "".join(f"{text} {sign if k == len(given) - 1 else '='} "
                                            for k, text in enumerate(given)) + result  # fmt: skip
        after = self.remark(line)
        whole += after
        if len(whole) <= self.width and not (self.is_close_up and len(given) > 1):
            yield Line(whole)
            return
        if not given:
            yield from map(Line, textwrap.wrap(whole, self.width, subsequent_indent=" " * 8, drop_whitespace=False))
            return
        for k, text in enumerate(given):
            start = f"{name}{arrow} " if k == 0 else " " * len(name) + "= "
            yield from map(Line, wrapped(start, text, self.width))
        yield from map(
            Line, textwrap.wrap(f"{' ' * len(name)}{sign} {result}{after}", self.width, subsequent_indent=" " * 8)
        )

    def remark(self, line: Arithmetic) -> str:
        """What stands behind a result: words, or the slope as it is measured."""
        words = [printable(line.text)] if line.text else []
        if line.slope is not None:
            remark = f", {line.slope.remark}" if line.slope.remark else ""
            words.append(f"(measured {self.number(line.slope.value)}{remark})")
        return "".join(f"   {word}" for word in words)

    def is_table(self, line: Arithmetic) -> bool:
        """Whether the terms are worth a table: there are many, or this is about one number and they have names."""
        found = line.sum
        if found is None:
            return False
        many = len(found.terms) + bool(found.others) > INLINE
        return many or (self.is_close_up and any(term.label for term in found.terms))

    def added(self, found: Sum | None) -> str:
        """The terms of a short sum, added; empty where they are but the numbers of the formula."""
        if found is None or all(len(term.factors) == 1 for term in found.terms):
            return ""
        parts = ""
        for term in found.terms:
            shown = self.number(term.value)
            sign = " - " if shown.startswith("-") else " + "
            parts += shown if not parts else sign + shown.removeprefix("-")
        return parts

    def terms(self, found: Sum) -> Iterator[Line]:
        """The terms one below the other, and their sum."""
        rows = [
            [shortened(term.label, LABEL), self.factors(term, False), self.factors(term, True), self.number(term.value)]
            for term in found.terms
        ]
        if found.others:
            rows.append([f"{found.others:,} others", "", "", self.number(found.others_value)])
        total, indent = self.number(found.total), " " * 8
        last = max(len(total), *(len(row[-1]) for row in rows))
        if len(indent) + sum(column_widths(rows)) + last > self.width:  # the names go: numbers are what adds up
            rows = [[label or shortened(names, LABEL), "", *rest] for label, names, *rest in rows]
        widths = column_widths(rows)
        room = min(len(indent) + sum(widths), self.width - last)
        for *cells, value in rows:
            words = "".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()
            *above, start = wrapped(indent, words, room - 1)
            yield from map(Line, above)
            yield Line(f"{start:<{room}}{value:>{last}}")
        yield Line(" " * (room - 2) + "─" * (last + 2))
        yield Line(" " * (room - 2) + f"{EQUAL[found.about]} {total:>{last}}")

    def factors(self, term: Term, as_numbers: bool) -> str:
        """A product by the names of its factors, or by their numbers; of a single number no more than its name."""
        if as_numbers and len(term.factors) < 2:
            return ""

        def shown(factor: Factor) -> str:
            if as_numbers or not factor.name:
                number = self.number(factor.value)
                return f"({number})" if number.startswith("-") else number
            return f"({factor.name})" if is_sum(factor.name) else factor.name

        words = product(term.factors, [*map(shown, term.factors)], " * ")
        return f"- {words}" if term.negative else words
