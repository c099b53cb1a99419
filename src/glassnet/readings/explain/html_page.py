"""An explanation in HTML: a fragment for a notebook, or a page that stands alone. Its own style, no script.

Every number is a block: formula, numbers put in, result, and where it is a sum its terms as a table, each with a bar
to the right of the middle if it adds and to the left if it takes away. Of an array of which every number is
explained, the first is open and the others unfold.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator

from glassnet.derivation.html_page import standing_alone
from glassnet.derivation.theme import page_style
from glassnet.expressions.notation import plain
from glassnet.readings.explain.contents import Arithmetic, Contents, Entry, Grid, Section, Slope, Sum, Term
from glassnet.readings.explain.formula_text import is_worded
from glassnet.readings.explain.html_formulas import HTML_FORMULAS, number_markup
from glassnet.readings.explain.picture.words import as_text

SHORT = 64  # characters: formula, numbers and result up to this length stand on one line
LONG = 90  # characters; a longer formula may go over more than one line
UNCUT = 14  # letters of a name that every table shows
PART = 4  # columns of an array that stay together on the narrowest page
UNFOLDED = 2  # numbers of a step that are shown at once; the others unfold


def html_fragment(contents: Contents, picture: str = "") -> str:
    """The explanation as a part of a page.

    Parameters
    ----------
    contents
        What there is to say.
    picture
        SVG to stand at the top, as `model.picture(row).svg`.
    """
    style = page_style("glassnet-explanation", ("glassnet.readings.explain", "explain.css"))
    page = HtmlPage(contents)
    drawn = f'<div class="picture">{picture}</div>' if picture else ""
    body = "".join(map(page.section, contents.sections))
    return f'<div class="glassnet-explanation"><style>{style}</style>{page.head()}{drawn}{body}</div>'


def html_page(contents: Contents, title: str, picture: str = "") -> str:
    """The explanation as a page of its own."""
    return standing_alone(html_fragment(contents, picture), as_text(title))


def words(text: str) -> str:
    """Text as HTML; control characters become signs."""
    return html.escape(as_text(text))


def label(text: str) -> str:
    """A name that came from outside: its direction of writing ends with it; a table may cut it, its title does not."""
    title = f' title="{words(text)}"' if len(text) > UNCUT else ""
    return f"<bdi{title}>{words(text)}</bdi>"


class HtmlPage:
    """Writes the parts of contents, numbers with the digits that it asks for."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents

    def number(self, value: float) -> str:
        """A number as it is shown."""
        return number_markup(value, self.contents.digits)

    # --------------------------------------------------------------------------------------------------- frame

    def head(self) -> str:
        """Title, the network in pieces, and what must be known first."""
        pieces = "".join(f"<span>{words(piece)}</span>" for piece in self.contents.heading)
        notes = "".join(f"<li>{words(note)}</li>" for note in self.contents.notes)
        return f"<header><h1>{label(self.contents.title)}</h1><p>{pieces}</p></header>" + (
            notes and f"<ul>{notes}</ul>"
        )

    def section(self, section: Section) -> str:
        """A phase, or a layer in it."""
        level = min(section.level, 2) + 1
        note = f'<p class="note">{words(section.note)}</p>' if section.note else ""
        entries = "".join(map(self.entry, section.entries))
        return f"<section><h{level}>{label(section.title)}</h{level}>{note}{entries}</section>"

    # ------------------------------------------------------------------------------------------------- entries

    def entry(self, entry: Entry) -> str:
        """A step: formula, shape, reason; its numbers; their arithmetic."""
        parts = [self.step(entry)] if entry.name or entry.formula is not None or entry.reason else []
        numbers = entry.arithmetic
        if entry.grid is not None and not (entry.grid.values.size == 1 and numbers):
            parts.append(self.grid(entry.grid))
        if entry.note:
            parts.append(f'<p class="note">{words(entry.note)}</p>')
        if len(numbers) > 1 and all(map(is_worded, numbers)):
            return f"<article>{''.join(parts)}{self.cells_by_name(numbers)}</article>"
        shown = len(numbers) if self.contents.is_close_up or len(numbers) <= UNFOLDED + 1 else UNFOLDED
        parts += map(self.arithmetic, numbers[:shown])
        if rest := "".join(map(self.arithmetic, numbers[shown:])):
            parts.append(f"<details><summary>the other {len(numbers) - shown} numbers</summary>{rest}</details>")
        return f"<article>{''.join(parts)}</article>"

    def cells_by_name(self, numbers: tuple[Arithmetic, ...]) -> str:
        """Numbers that come from a table's cells, a line each."""
        rows = []
        for item in numbers:
            inside = "".join(HTML_FORMULAS.sides(item, self.contents.digits))
            how = f'<td>{words(item.text)}</td><td class="maths">{inside}</td>'
            result = f"{HTML_FORMULAS.equal(item.about)} <b>{self.number(item.value)}</b>"
            rows.append(f"<tr><th>{label(item.name)}</th>{how}<td>{result}</td></tr>")
        return f'<div class="scroll"><table class="cells"><tbody>{"".join(rows)}</tbody></table></div>'

    def step(self, entry: Entry) -> str:
        """The line of a step: its formula, its shape, and why."""
        formula = HTML_FORMULAS.step(entry)
        shape = f'<span class="shape">{words(entry.shape)}</span>' if entry.shape else ""
        reason = f'<span class="why">{words(entry.reason)}</span>' if entry.reason else ""
        kind = " long" if entry.formula is not None and len(plain(entry.formula)) > LONG else ""
        maths = f'<span class="maths{kind}">{formula}</span>' if formula else ""
        return f'<div class="step">{maths}{shape}{reason}</div>'

    def grid(self, grid: Grid) -> str:
        """An array with its labels, in tables that stand beside each other as far as there is room, and then below.

        Two and two belong together: the labels of the second are shown only where it stands below the first.
        """
        width = grid.values.shape[1]
        tables = [self.columns(grid, range(first, min(first + PART, width))) for first in range(0, width, PART)]
        pairs = "".join(f"<div>{''.join(tables[k : k + 2])}</div>" for k in range(0, len(tables), 2))
        left_out = f'<p class="note">{words(grid.left_out)}</p>' if grid.left_out else ""
        return f'<div class="grids">{pairs}</div>{left_out}'

    def columns(self, grid: Grid, chosen: range) -> str:
        """Some columns of an array as a table."""
        corner = '<th class="of"></th>' if any(grid.rows) else ""
        titles = "".join(f"<th>{label(grid.columns[j])}</th>" for j in chosen) if any(grid.columns) else ""
        head = f"<thead><tr>{corner}{titles}</tr></thead>" if titles else ""
        rows = "".join(f"<tr>{''.join(self.cells(grid, i, chosen))}</tr>" for i in range(len(grid.values)))
        return f'<table class="grid">{head}<tbody>{rows}</tbody></table>'

    def cells(self, grid: Grid, i: int, chosen: range) -> Iterator[str]:
        """Some columns of one row of an array."""
        if any(grid.rows):
            yield f'<th class="of">{label(grid.rows[i])}</th>'
        for j in chosen:
            value = grid.values[i, j]
            is_empty = grid.empty is not None and bool(grid.empty[i, j])
            yield "<td></td>" if is_empty else f"<td>{self.number(float(value))}</td>"

    # -------------------------------------------------------------------------------------------- single numbers

    def arithmetic(self, item: Arithmetic) -> str:
        """One number: formula, numbers put in, result; its terms; its finite difference."""
        wheres = "".join(map(self.arithmetic, item.wheres))
        wheres = f'<div class="wheres">{wheres}</div>' if wheres else ""
        lines = self.lines(item)
        terms = ""
        if item.sum is not None:
            terms = self.sum(item.sum)
            if not self.contents.is_close_up and item.numbers is not None:
                terms = f"<details><summary>term by term</summary>{terms}</details>"
        slope = self.slope(item.slope, item.value) if item.slope is not None else ""
        return f'<div class="number">{lines}{wheres}{terms}{slope}</div>'

    def lines(self, item: Arithmetic) -> str:
        """`name = formula`, `= numbers put in`, `= result`: on one line if that is short."""
        name = label(item.name) if is_worded(item) else HTML_FORMULAS.symbol(item.name)
        sides = HTML_FORMULAS.sides(item, self.contents.digits)
        sides = [words(item.text), *sides] if item.text else sides
        length = len(item.name) + len(item.text)
        length += len(plain(item.formula)) if item.formula is not None else 0
        length += rough_length(plain(item.numbers), self.contents.digits) if item.numbers is not None else 0
        parts = HTML_FORMULAS.equated(item, sides, f"<b>{self.number(item.value)}</b>")
        steps = [f"<span>{part}</span>" for part in parts]
        reason = f'<span class="why">{words(item.reason)}</span>' if item.reason else ""
        kind = "line" if length <= SHORT else "line stacked"
        return f'<div class="{kind}"><span>{name}</span> <div>{" ".join(steps)}</div>{reason}</div>'

    def slope(self, slope: Slope, value: float) -> str:
        """A gradient's finite difference, beside it."""
        remark = words(slope.remark) or f"differs by {number_markup(abs(slope.value - value), 2)}"
        of = HTML_FORMULAS.symbol(slope.of)
        inside = f"<span>({remark}; step {number_markup(slope.step, 2)})</span>"
        return f'<div class="slope">finite difference of {of}: <b>{self.number(slope.value)}</b> {inside}</div>'

    def sum(self, found: Sum) -> str:
        """The terms of a sum, one below the other, and their total."""
        sizes = [abs(term.value) for term in found.terms] + [abs(found.others_value)]
        largest = max(filter(math.isfinite, sizes), default=0.0)
        has_labels = any(term.label for term in found.terms)
        rows = [self.term(term, largest, has_labels) for term in found.terms]
        gap = '<td class="maths"></td><td></td>' if has_labels else "<td></td>"
        if found.others:
            plural = "s" * (found.others != 1)
            others = f'<td class="others">… {found.others:,} other{plural}</td>{gap}'
            rows.append(
                f"<tr>{others}<td>{self.number(found.others_value)}</td>{bar(found.others_value, largest)}</tr>"
            )
        value = f"<td>{HTML_FORMULAS.equal(found.about)} {self.number(found.total)}</td><td></td>"
        total = f'<tr class="total"><td>sum</td>{gap}{value}</tr>'
        body = f"<tbody>{''.join(rows)}{total}</tbody>"
        return f'<div class="scroll"><table class="terms{" named" * has_labels}">{body}</table></div>'

    def term(self, term: Term, largest: float, has_labels: bool) -> str:
        """One term: which one, its factors by name and in numbers, its value, its bar."""
        first = f"<td>{label(term.label)}</td>" if has_labels else ""
        by_name, numbers = HTML_FORMULAS.term(term, self.contents.digits)
        cells = f'<td class="maths">{by_name}</td><td>{numbers}</td><td>{self.number(term.value)}</td>'
        return f"<tr>{first}{cells}{bar(term.value, largest)}</tr>"


def rough_length(text: str, digits: int) -> int:
    """How long a formula is with its numbers shortened."""
    return len(re.sub(r"\d+\.\d+(e[-+]\d+)?", "0" * (digits + 2), text))


def bar(value: float, largest: float) -> str:
    """A bar from the middle of its cell: right for what adds, left for what takes away."""
    share = 50.0 * abs(value) / largest if largest and math.isfinite(value) else 0.0
    side = "left" if value > 0 else "right"
    kind = "plus" if value > 0 else "minus"
    return f'<td class="bar"><span><i class="{kind}" style="{side}:50%;width:{share:.1f}%"></i></span></td>'
