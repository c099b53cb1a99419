r"""A derivation as a page of mathematics, in LaTeX that amsmath and MathJax both read.

Every phase is one `aligned` block. `\mathrm{d}q` is ∂L/∂q, products of arrays number by number are \odot, and
a new value of memory is an arrow: θ ← θ - η g.
"""

from __future__ import annotations

import textwrap

from glassnet.derivation.contents import Line, PageParts, contents
from glassnet.derivation.steps import Derivation
from glassnet.expressions.expression import Shape
from glassnet.expressions.glyphs import as_number
from glassnet.expressions.latex import latex, latex_name, latex_number
from glassnet.expressions.latex_words import latex_text

REASON = 64  # characters; what is longer is left out or goes on a second line
SYMBOLS = 84


def blocks(derivation: Derivation, expand: bool = False) -> list[str]:
    """One `aligned` block for the symbols and one for each phase."""
    page = contents(derivation, expand)
    heading = textwrap.wrap(" · ".join(page.heading), SYMBOLS)
    rows = [*map(title_row, heading), *symbol_rows(page)]
    result = [aligned(rows)]
    for title, groups in page.phases:
        rows = [title_row(title)]
        for group in groups:
            rows += [rf"& \rlap{{\text{{{latex_text(group.title)}}}}}"] if group.title else []
            rows += [row for line in group.lines for row in line_rows(line)]
        result.append(aligned(rows))
    return result


def latex_document(derivation: Derivation, expand: bool) -> str:
    r"""The blocks as displayed formulas, `\[ … \]`: to be pasted into a document that loads amsmath."""
    return "\n\n".join(rf"\[{block}\]" for block in blocks(derivation, expand))


def latex_notebook(derivation: Derivation) -> str:
    """The blocks between dollar signs, as notebooks expect them."""
    return "\n\n".join(rf"$\displaystyle {block}$" for block in blocks(derivation))


def aligned(rows: list[str]) -> str:
    r"""Rows, aligned at each &."""
    return "\n".join((r"\begin{aligned}", " \\\\\n".join(rows), r"\end{aligned}"))


def title_row(title: str) -> str:
    """A row of bold text that takes no width from the columns."""
    return rf"& \rlap{{\textbf{{{latex_text(title)}}}}}"


def symbol_rows(page: PageParts) -> list[str]:
    """What the symbols mean."""
    rows = []
    for names, meaning in page.symbols:
        label = (
            r",\, ".join(latex_name(name) for name in names) if len(names) < 4 else rf"{latex_name(names[0])}, \dots"
        )
        label = r"\mathrm{d}q" if names == ("dq",) else label
        for k, part in enumerate(textwrap.wrap(meaning, SYMBOLS)):
            words = "".join(
                rf"${latex_name(piece)}$" if j % 2 else latex_text(piece) for j, piece in enumerate(part.split("`"))
            )
            rows.append(rf"{label if k == 0 else ''} &\quad \text{{{words}}}")
    rows += [rf"{latex_name(as_number(name))} &= {latex_number(float(value))}" for name, value in page.constants]
    return rows


def line_rows(line: Line) -> list[str]:
    """A step: name, formula, shape, and the reason if it is short."""
    relation = r"\leftarrow" if line.assigns else r"\sim" if line.expression.op == "random" else "="
    if line.definition is not None and not line.definition_wheres:
        reason = f" = {latex(line.definition)}"
    else:
        words = next((reason for reason in line.reasons if len(reason) <= REASON), "")
        reason = rf"\text{{{latex_text(words)}}}" if words else ""
    formula = f"{latex_name(line.name)} &{relation} {latex(line.expression)}"
    row = f"{formula} && {latex_shape(line.shape)} && {reason}"
    wheres = [rf"& \quad \text{{where }} {latex_name(name)} = {latex(value)}" for name, value in line.wheres]
    return [row.rstrip(" &"), *wheres]


def latex_shape(shape: Shape) -> str:
    r"""`n \times 4`; nothing for a number."""
    return r" \times ".join(str(dim) for dim in shape)
