r"""An explanation in LaTeX: text to be pasted into a document that loads amsmath, or a document of its own.

Formulas stand in lines of text, so that TeX may break them; arrays and terms are tables. Wide tables are set in
parts below each other. No letter of a name is a command, and letters that TeX's usual fonts lack are written as
their numbers, [U+65E5].
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from glassnet.derivation.latex_article import article
from glassnet.expressions.latex_words import latex_words, letters
from glassnet.readings.explain.contents import Arithmetic, Contents, Entry, Grid, Section, Slope, Sum, Term
from glassnet.readings.explain.formula_text import is_worded
from glassnet.readings.explain.latex_formulas import LATEX_FORMULAS, latex_value
from glassnet.readings.explain.numbers import written
from glassnet.readings.explain.text_lines import side_by_side

PAGE = 88  # letters of small type on a line of an article
ROWS = 40  # of a table, which TeX cannot break; a longer one goes on as another
STRUT = r"\rule[-2.3ex]{0pt}{5.8ex}"  # room for a fraction in a table
LABEL = 34  # letters of a name in a table; of a longer one the end is left out

BEGIN = r"""\begingroup\raggedright\setlength{\parindent}{0pt}\setlength{\parskip}{3pt plus 1pt}%
\renewcommand{\arraystretch}{1.12}\lineskiplimit=2pt\lineskip=3pt"""


def latex_document(contents: Contents) -> str:
    """The explanation, to be pasted into a document that loads amsmath."""
    return LatexPage(contents).text()


def latex_page(contents: Contents) -> str:
    """The explanation as a document of its own."""
    return article(latex_document(contents))


class LatexPage:
    """Writes the parts of contents, numbers with the digits that it asks for."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents

    def number(self, value: float) -> str:
        """A number as mathematics."""
        return f"${latex_value(value, self.contents.digits)}$"

    def bold(self, value: float) -> str:
        """A result, inside mathematics."""
        return rf"\mathbf{{{latex_value(value, self.contents.digits)}}}"

    def text(self) -> str:
        """All of it: paragraphs with empty lines between."""
        contents = self.contents
        parts = [BEGIN]
        parts += [rf"{{\Large\bfseries {latex_words(contents.title)}\par}}"]
        parts += [latex_words(" · ".join(contents.heading))]
        parts += [rf"{{\small {latex_words(note)}\par}}" for note in contents.notes]
        parts += [part for section in contents.sections for part in self.section(section)]
        return "\n\n".join([*parts, r"\par\endgroup"])

    def section(self, section: Section) -> list[str]:
        """A phase, or a layer in it."""
        size = r"\large\bfseries" if section.level == 1 else r"\itshape"
        space = r"\bigskip\pagebreak[2]" if section.level == 1 else r"\medskip"
        parts = [rf"{space}{{{size} {latex_words(section.title)}\par}}\nopagebreak"]
        parts += [rf"{{\small {latex_words(section.note)}\par}}"] if section.note else []
        return parts + [part for entry in section.entries for part in self.entry(entry)]

    def entry(self, entry: Entry) -> list[str]:
        """A step: formula, shape, reason; its numbers; their arithmetic."""
        parts = [self.step(entry)] if entry.name or entry.formula is not None or entry.reason else []
        if entry.grid is not None and not (entry.grid.values.size == 1 and entry.arithmetic):
            parts = [part + r"\nopagebreak" for part in parts] + self.grid(entry.grid)
        parts += [rf"{{\small {latex_words(entry.note)}\par}}"] if entry.note else []
        if len(entry.arithmetic) > 1 and all(map(is_worded, entry.arithmetic)):
            return parts + self.cells_by_name(entry.arithmetic)
        return parts + [part for item in entry.arithmetic for part in self.arithmetic(item)]

    def cells_by_name(self, numbers: Sequence[Arithmetic]) -> list[str]:
        """Numbers that come from a table's cells, a line each."""
        rows = []
        for item in numbers:
            inside = "".join(LATEX_FORMULAS.sides(item, self.contents.digits))
            value = f"${LATEX_FORMULAS.equal(item.about)} {self.bold(item.value)}$"
            how = [latex_words(shortened(item.text)), rf"$\displaystyle {inside}${STRUT}" if inside else ""]
            rows.append([latex_words(shortened(item.name)), *how, value])
        return tables("llll", [], rows)

    def step(self, entry: Entry) -> str:
        """The line of a step."""
        formula = LATEX_FORMULAS.step(entry)
        maths = rf"$\displaystyle {formula}$" if formula else ""
        shape = rf"{{\small {latex_words(entry.shape)}}}" if entry.shape else ""
        reason = rf"{{\small {latex_words(entry.reason)}}}" if entry.reason else ""
        return r"\smallskip" + hanging(r"\quad ".join(filter(None, (maths, shape, reason))), 1)

    def arithmetic(self, item: Arithmetic, depth: int = 1) -> list[str]:
        """One number: formula, numbers put in, result; its terms; its finite difference."""
        called = (
            rf"\text{{{latex_words(shortened(item.name))}}}" if is_worded(item) else LATEX_FORMULAS.symbol(item.name)
        )
        sides = LATEX_FORMULAS.sides(item, self.contents.digits)
        sides = [rf"\text{{{latex_words(item.text)}}}", *sides] if item.text else sides
        first, *others = LATEX_FORMULAS.equated(item, sides, self.bold(item.value))
        reason = rf"\quad{{\small {latex_words(item.reason)}}}" if item.reason else ""
        maths = " ".join(rf"$\displaystyle {line}$" for line in (f"{called} {first}", *others))
        parts = [hanging(f"{{{type_size(sides)}{maths}}}{reason}", depth + 1)]
        parts += [part for where in item.wheres for part in self.arithmetic(where, depth + 1)]
        if item.sum is not None and (self.contents.is_close_up or item.numbers is None):
            parts += self.sum(item.sum)
        return parts + ([self.slope(item.slope, depth + 1)] if item.slope is not None else [])

    def slope(self, slope: Slope, depth: int) -> str:
        """A gradient's finite difference, below it."""
        remark = f"; {latex_words(slope.remark)}" if slope.remark else ""
        step = f"step ${latex_value(slope.step, 2)}${remark}"
        of = LATEX_FORMULAS.symbol(slope.of)
        return hanging(rf"{{\small finite difference of ${of}$: {self.number(slope.value)} ({step})}}", depth)

    # ------------------------------------------------------------------------------------------------ tables

    def grid(self, grid: Grid) -> list[str]:
        """An array, in as many parts as its width asks for."""
        cells = [[self.cell(grid, i, j) for j in range(grid.values.shape[1])] for i in range(len(grid.values))]
        names = [shortened(name) for name in grid.columns] or [""] * grid.values.shape[1]
        rows = [shortened(name) for name in grid.rows] or [""] * len(cells)
        label = max(map(letters, rows), default=0)
        widths = [max(letters(names[j]), self.widest(grid, j)) + 3 for j in range(len(names))]
        parts = []
        for first, last in side_by_side(widths, PAGE - label):
            head = [["", *map(latex_words, names[first:last])]] if any(grid.columns) else []
            body = [[latex_words(row), *line[first:last]] for row, line in zip(rows, cells, strict=True)]
            parts += tables("l" + "r" * (last - first), head, body)
        return parts + ([rf"{{\small {latex_words(grid.left_out)}\par}}"] if grid.left_out else [])

    def widest(self, grid: Grid, j: int) -> int:
        """About how many letters wide the numbers of a column are."""
        return max((len(written(float(value), self.contents.digits)) for value in grid.values[:, j]), default=0)

    def cell(self, grid: Grid, i: int, j: int) -> str:
        """One number of an array."""
        is_empty = grid.empty is not None and bool(grid.empty[i, j])
        return "" if is_empty else self.number(float(grid.values[i, j]))

    def sum(self, found: Sum) -> list[str]:
        """The terms of a sum and their total."""
        rows = [self.term(term) for term in found.terms]
        if found.others:
            rows.append([rf"\dots\ {found.others:,} others", "", "", self.number(found.others_value)])
        total = [["sum", "", "", f"${LATEX_FORMULAS.equal(found.about)}$ {self.number(found.total)}"]]
        return tables("lllr", [], rows, total)

    def term(self, term: Term) -> list[str]:
        """One term: which one, its factors by name and in numbers, its value."""
        by_name, numbers = (text and f"${text}$" for text in LATEX_FORMULAS.term(term, self.contents.digits))
        return [latex_words(shortened(term.label)), by_name, numbers, self.number(term.value)]


def type_size(formulas: Sequence[str]) -> str:
    """The size of type in which formulas fit on a line: inside a fraction or a root TeX cannot break them."""
    longest = max((length(text) for text in formulas if re.search(r"\\frac|\\sqrt|\\left", text)), default=0)
    return (
        r"\tiny " if longest > 200 else r"\scriptsize " if longest > 130 else r"\footnotesize " if longest > 90 else ""
    )


def length(text: str) -> int:
    """About how many letters of a formula are seen side by side: of a fraction, the wider part."""
    return len(re.sub(r"\\(mathrm|mathbf|text|left|right|cdot|displaystyle)|[{}_^ ]", "", text))


def hanging(text: str, depth: int) -> str:
    """A paragraph, its lines after the first further in."""
    return rf"\leftskip={depth - 1}em \hangindent=2em {text}\par\leftskip=0pt"


def shortened(name: str) -> str:
    """A name, its end left out where it is too long for a table."""
    if letters(name) <= LABEL:
        return name
    while letters(name) > LABEL - 1:
        name = name[:-1]
    return name + "…"


def tables(columns: str, head: list[list[str]], body: list[list[str]], foot: Sequence[list[str]] = ()) -> list[str]:
    """Cells in rows and columns, with lines below the head and above the foot; a long table in parts."""
    parts = []
    for first in range(0, len(body), ROWS):
        rows = [*map(row, head), *([r"\hline"] if head else []), *map(row, body[first : first + ROWS])]
        if first + ROWS >= len(body) and foot:
            rows += [r"\hline", *map(row, foot)]
        inner = "\n".join(rows)
        parts.append(rf"{{\small\hspace*{{1em}}\begin{{tabular}}{{{columns}}}" + f"\n{inner}\n" + r"\end{tabular}\par}")
    return parts


def row(cells: Sequence[str]) -> str:
    """One row; one that begins with a bracket must not be taken for an option of the row before it."""
    return ("{}" if cells[0].startswith(("[", "*")) else "") + " & ".join(cells) + r" \\"
