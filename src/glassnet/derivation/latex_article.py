r"""A derivation as a LaTeX document of its own: a table for the symbols and one for each phase, over as many pages as
they need.

Formulas stand in lines of text, so that TeX may break them; one that it cannot break and that is too wide for its place
is set smaller. Of every step the name, the formula and the shape stand in columns, and the reason below.
"""

from __future__ import annotations

import re

from glassnet.derivation.contents import Group, Line, PageParts, contents, shape_text
from glassnet.derivation.steps import Derivation
from glassnet.expressions.expression import Expression
from glassnet.expressions.glyphs import as_number
from glassnet.expressions.latex import BREAKABLE, latex_name, latex_number
from glassnet.expressions.latex_words import latex_words
from glassnet.expressions.notation import write

PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage{amsmath}
\usepackage[margin=22mm]{geometry}
"""
# \formula sets what TeX cannot break: smaller, where it is wider than its place
TABLES = r"""\usepackage{array,graphicx,longtable}
\setlength{\parindent}{0pt}
\setlength{\LTpre}{2pt}
\setlength{\LTpost}{8pt}
\setlength{\tabcolsep}{3pt}
\renewcommand{\arraystretch}{1.25}
\newsavebox{\set}
\newcommand{\formula}[1]{\sbox{\set}{$\displaystyle #1$}%
  \ifdim\wd\set>\linewidth\resizebox{\linewidth}{!}{\usebox{\set}}\else\usebox{\set}\fi}
\newcolumntype{L}[1]{>{\raggedright\arraybackslash}p{#1}}
"""
# a name, a formula or a reason, a shape
COLUMNS = r">{\raggedleft\arraybackslash}p{0.17\textwidth}@{\hspace{3pt}}L{0.65\textwidth}>{\small}r"
SYMBOLS = r"L{0.22\textwidth}L{0.74\textwidth}"
UNBROKEN = re.compile(r"\\frac|\\sqrt|\\left|\\begin")


def article(body: str, packages: str = "") -> str:
    """A document with this body and, besides amsmath, what the lines of `packages` load."""
    return f"{PREAMBLE}{packages}\\begin{{document}}\n\n{body}\n\\end{{document}}\n"


def latex_article(derivation: Derivation, expand: bool) -> str:
    """The derivation as a document; with `expand`, every formula as its arithmetic."""
    page = contents(derivation, expand)
    sizes, *others = page.heading
    parts = [rf"{{\raggedright\Large\bfseries {latex_words(sizes)}\par}}"]
    parts += [rf"\smallskip{{\raggedright {latex_words(' · '.join(others))}\par}}", symbols(page)]
    parts += [phase(title, groups) for title, groups in page.phases]
    return article("\n\n".join(parts), TABLES)


def table(columns: str, rows: list[str]) -> str:
    """Rows in columns, on as many pages as they need."""
    return "\n".join((rf"\begin{{longtable}}[l]{{{columns}}}", *rows, r"\end{longtable}"))


def symbols(page: PageParts) -> str:
    """What the symbols mean."""
    rows = []
    for names, meaning in page.symbols:
        label = (
            ", ".join(f"${latex_name(name)}$" for name in names)
            if len(names) < 4
            else rf"${latex_name(names[0])}$, \dots"
        )
        label = r"$\mathrm{d}q$" if names == ("dq",) else label
        words = "".join(
            rf"${latex_name(piece)}$" if k % 2 else latex_words(piece) for k, piece in enumerate(meaning.split("`"))
        )
        rows.append(rf"{label} & {words} \\")
    numbers = [f"{latex_name(as_number(name))} = {latex_number(float(value))}" for name, value in page.constants]
    values = r"\quad ".join(rf"\mbox{{${number}$}}" for number in numbers)
    return table(SYMBOLS, [*rows, *([rf"& {values} \\"] if numbers else [])])


def phase(title: str, groups: tuple[Group, ...]) -> str:
    """The steps of a phase."""
    rows = []
    for group in groups:
        rows += [rf"\multicolumn{{3}}{{l}}{{\itshape {latex_words(group.title)}}} \\*"] if group.title else []
        rows += [row for line in group.lines for row in step(line)]
    return rf"\pagebreak[1]{{\large\bfseries {title}\par}}\nopagebreak" + "\n" + table(COLUMNS, rows)


def step(line: Line) -> list[str]:
    """A step's name, formula and shape; what names in it stand for; its reason or its arithmetic."""
    relation = r"\leftarrow" if line.assigns else r"\sim" if line.expression.op == "random" else "="
    rows = [
        rf"${latex_name(line.name)}$ & {maths(relation, line.expression)} & {latex_words(shape_text(line.shape))}",
        *(where(name, value) for name, value in line.wheres),
    ]
    if line.definition is not None:
        rows += [rf"& \small {maths('=', line.definition)} &"]
        rows += [where(name, value) for name, value in line.definition_wheres]
    elif line.reasons:
        rows += [rf"& \small {latex_words(line.reasons[0])} &"]
    return [rf"{row} \\*" for row in rows[:-1]] + [rf"{rows[-1]} \\"]  # a step stays on one page


def where(name: str, value: Expression) -> str:
    """What a name in the line above stands for."""
    return rf"& \small where {maths(f'{latex_name(name)} =', value)} &"


def maths(left: str, value: Expression) -> str:
    """A formula, which TeX may break if there is nothing in it that it cannot break."""
    text = f"{left} {write(value, BREAKABLE)}"
    return rf"\formula{{{text}}}" if UNBROKEN.search(text) else rf"$\displaystyle {text}$"
