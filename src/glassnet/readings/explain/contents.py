"""What an explanation says, before it is text, HTML, LaTeX or JSON: sections of entries, and their arithmetic.

Numbers are Python floats in full; how many digits are shown is the page's own concern (`Contents.digits`, and
`numbers.written` writes them). Formulas are `Expression`s, so that each page writes them in its own notation.

In the formula of a single number a symbol is called by its name and place, `W1[0, 2]`; `place` takes such a name
apart. The same formula with its numbers put in has constants in place of the symbols.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from glassnet.expressions.expression import Expression


@dataclass(frozen=True)
class Factor:
    """One factor of a product: `W1[0, 2]`, or the text of a longer one, `1 - a1[0, 2]`.

    Attributes
    ----------
    name
        What it is; empty for a number of the formula itself.
    value
        Its number.
    divides
        Whether the product is divided by it.
    """

    name: str
    value: float
    divides: bool = False


@dataclass(frozen=True)
class Term:
    """One term of a sum, a product of factors.

    Attributes
    ----------
    label
        Which one it is, in the reader's words: an input's name, "row 3", "bias"; may be empty.
    factors
        Their product is the term's size; one factor: the term itself.
    value
        What it adds to the sum, its sign included.
    negative
        Whether it is taken away: `value` is then minus the product of the factors.
    """

    label: str
    factors: tuple[Factor, ...]
    value: float
    negative: bool = False


@dataclass(frozen=True, kw_only=True)
class Sum:
    """A number as the sum of its terms; with those not shown it adds up.

    Attributes
    ----------
    terms
        Those that are shown, in their own order; of many, the largest.
    others, others_value
        How many are not shown, and their sum.
    total
        The number.
    about
        Whether the terms, rounded as they are shown, miss the last digit of the rounded total: ≈ rather than =.
    """

    terms: tuple[Term, ...]
    others: int
    others_value: float
    total: float
    about: bool = False


@dataclass(frozen=True)
class Slope:
    """A gradient measured: the central difference of the loss, with only this number moved.

    Attributes
    ----------
    value
        (L(q + h) - L(q - h)) / 2h.
    of
        What of: "L".
    step
        h.
    remark
        What to know about it: a kink; empty otherwise.
    """

    value: float
    of: str
    step: float
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class Arithmetic:
    """One number: its formula, the numbers put in, the result.

    Attributes
    ----------
    name
        Of the number: `dW1[0, 2]`, or words.
    formula
        The right-hand side in symbols; None where there is none to show, or it is too long.
    numbers
        The same with numbers put in; None where the terms say it all.
    value
        The result.
    about
        Whether the numbers put in, rounded as they are shown, give another last digit: ≈ rather than =.
    sum
        Its terms, where there is more than one.
    wheres
        Parts of the formula that have a name, `mhat`, in order; to be shown before or below it.
    reason
        A few words.
    slope
        Its finite difference, if it is a gradient and that was asked for.
    text
        Words in place of a formula: how a table's cell became the number.
    assigns
        Whether the number is what replaces another: W1[0, 2] ← …
    """

    name: str
    formula: Expression | None = None
    numbers: Expression | None = None
    value: float
    about: bool = False
    sum: Sum | None = None
    wheres: tuple[Arithmetic, ...] = ()
    reason: str = ""
    slope: Slope | None = None
    text: str = ""
    assigns: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Grid:
    """An array, or part of it, as a small table.

    Attributes
    ----------
    values
        2-D, NaN where a cell is empty on purpose (see `empty`).
    rows, columns
        Labels; empty where they need none.
    left_out
        What is not shown: "332 more rows"; empty where all is.
    empty
        True for the cells that have no number; None: all have one.
    """

    values: np.ndarray
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    left_out: str = ""
    empty: np.ndarray | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Entry:
    """One step of the derivation, or one remark on numbers, with its numbers.

    Attributes
    ----------
    name
        The step's name, `z1`; may be empty for an entry of words and arithmetic alone.
    formula
        The right-hand side in symbols; None where there is none.
    shape
        Of the whole array, as text, "(4, 3)".
    reason
        Why, in words.
    grid
        The whole array; None for a single number, whose arithmetic says it.
    arithmetic
        Of each number of a small array; of a larger one, of one as an example (`note` says so).
    note
        What is shown and how to ask for the rest; `is_example` if the arithmetic is one of many.
    assigns
        Whether the name is a place in memory that gets a new value: ←.
    """

    name: str = ""
    formula: Expression | None = None
    shape: str = ""
    reason: str = ""
    grid: Grid | None = None
    arithmetic: tuple[Arithmetic, ...] = ()
    note: str = ""
    is_example: bool = False
    assigns: bool = False


@dataclass(frozen=True)
class Section:
    """Entries under a title; a title of level 1 is a phase ("Forward"), of level 2 a layer in it.

    Attributes
    ----------
    title, level
        As above.
    entries
        In order.
    note
        Words below the title.
    """

    title: str
    entries: tuple[Entry, ...] = ()
    level: int = 1
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """All that a page says.

    Attributes
    ----------
    title
        What is explained: "row 3 of penguins", "dW1[0, 2]", "neuron h2".
    heading
        The network in pieces: sizes, activations, loss, number of parameters, optimizer.
    notes
        What a reader must know first, in sentences.
    sections
        In order.
    digits
        Significant digits that numbers are shown with.
    is_close_up
        Whether it is about a single number or unit, so that every sum deserves a table of its terms; else short sums
        are best on one line.
    """

    title: str
    heading: tuple[str, ...]
    notes: tuple[str, ...]
    sections: tuple[Section, ...]
    digits: int = 4
    is_close_up: bool = False


def place(name: str) -> tuple[str, str]:
    """A number's name taken apart: of `W1[0, 2]` "W1" and "0, 2"; without a place the second is empty.

    >>> place("W1[0, 2]"), place("lr")
    (('W1', '0, 2'), ('lr', ''))
    """
    found = re.fullmatch(r"(.*?)\[([\d, ]*)\]", name)
    return (found[1], found[2]) if found else (name, "")
