"""In what languages with loops differ, and the blocks of lines that are written in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from glassnet.expressions.element import PRODUCTS
from glassnet.expressions.expression import ROWS, Dim, Expression
from glassnet.expressions.notation import (
    BOTH,
    CHOICE,
    COMPARE,
    EITHER,
    PLAIN,
    POWER,
    PRODUCT,
    SIGN,
    Form,
    Notation,
    plain,
)
from glassnet.readings.eject.c_family.graph import is_product, is_reduction
from glassnet.readings.eject.formulas import Formula

ACCUMULATORS = {"sum": "sum", "mean": "mean", "max": "largest", **dict.fromkeys(PRODUCTS, "sum")}
LETTERS = ("i", "j", "k", "h", "q", "o", "f", "b", "d")
ONE_LINE = 100  # characters: a loop around a single line stands on one line up to this length

C_LIKE = replace(
    PLAIN,
    function=lambda name, args: f"{name}({', '.join(args)})",
    forms={
        "negative": Form("-{}".format, (POWER,), SIGN),
        "product": Form("{} * {}".format, (PRODUCT, POWER), PRODUCT),
        "logical_not": Form("!({})".format, (CHOICE,), SIGN),
        "logical_and": Form("{} && {}".format, (COMPARE, COMPARE), BOTH),
        "logical_or": Form("{} || {}".format, (COMPARE, COMPARE), EITHER),
        "where": Form("{} ? {} : {}".format, (COMPARE, COMPARE, COMPARE), CHOICE),
    },
)

# Kinds of numbers: in arrays; by themselves (lr, the loss of a batch); whole ones (n)
REAL, DOUBLE, COUNT = "real", "double", "int"
Index = tuple[Any, ...]  # one for each axis: a loop's variable, 0, or "" for the row where there is but one


@dataclass(frozen=True, kw_only=True)
class Syntax:
    """In what two languages differ.

    Attributes
    ----------
    number
        A constant, of a kind.
    notation
        How expressions of single numbers are written.
    single
        Whether numbers in arrays are float32; then those by themselves are cast where they meet them.
    function
        The name of an operation's function for numbers of a kind.
    power
        From base, exponent and kind to an operation of the language.
    constant, variable
        The declaration of a number, from kind, name and value: one that stays, one that changes.
    buffer
        The declaration of an array, from its name and dimensions.
    place
        An element of an array, from its name, dimensions and as many indices.
    loop
        The head of a loop, from the variable and where it stops.
    comment
        A comment, on lines of its own.
    """

    number: Callable[[float, str], str]
    notation: Notation
    single: bool
    function: Callable[[str, str], str]
    power: Callable[[Expression, Expression, str], Expression]
    constant: Callable[[str, str, str], str]
    variable: Callable[[str, str, str], str]
    buffer: Callable[[str, tuple[Dim, ...]], str]
    place: Callable[[str, tuple[Dim, ...], tuple[str, ...]], str]
    loop: Callable[[str, str], str]
    comment: Callable[[str], list[str]]


@dataclass(eq=False, kw_only=True)
class Braces:
    """Lines, and blocks of lines inside, under one head; the head of the outermost block is empty."""

    head: str = ""
    variable: str = ""
    stop: Dim = 1
    lines: list[str | Braces] = field(default_factory=list)
    known: dict[tuple[int, Index], str] = field(default_factory=dict)

    def text(self) -> list[str]:
        """The lines, indented under the head."""
        inner: list[str] = []
        for item in self.lines:
            inner += [item] if isinstance(item, str) else item.text()
        if not self.head:
            return inner
        if len(inner) == 1 and len(self.head) + len(inner[0]) < ONE_LINE and not inner[0].startswith("for"):
            return [f"{self.head} {inner[0]}"]
        return [f"{self.head} {{", *(f"    {line}" for line in inner), "}"]


Chain = tuple[Braces, ...]  # braces, each inside the one before


def stored(shape: tuple[Dim, ...], one_row: bool = False) -> tuple[Dim, ...]:
    """The dimensions with which an array is stored: axes of size 1, and the rows where there is but one, are not."""
    return tuple(dim for dim in shape if dim != 1 and not (one_row and dim == ROWS))


def nested(chain: Chain) -> None:
    """Put each block into the one before, behind what is there."""
    for outside, block in pairwise(chain):
        outside.lines.append(block)


def kind_of(node: Expression) -> str:
    """The kind of number that an element of it is."""
    return REAL if node.shape else DOUBLE


def formula_key(name: str) -> str:
    """Under what a formula's name stands among the names; a symbol may have the same name."""
    return f"{name}()"


def formula_kind(formula: Formula) -> str:
    """The kind of number that a formula of single numbers works on."""
    return kind_of(formula.body)


def is_own_function(formula: Formula) -> bool:
    """Whether a formula is one operation on its parameters, for which every language has a name: `tanh(z)`."""
    body = formula.body
    return (
        body.op in ("tanh", "exp", "sqrt", "log", "log1p", "expm1", "sin", "cos", "floor", "absolute")
        and body.call is None
        and all(arg.op == "symbol" for arg in body.args)
    )


def times(a: Expression, b: Expression) -> Expression:
    """A term of a sum: both factors are computed first."""
    return Expression("product", (a, b))


def where_needed(index: Index, chain: Chain, last: set[str]) -> tuple[Chain, tuple[str, ...]]:
    """The blocks around what depends on an index, and the variables of loops further inside on which it depends.

    The variables in `last` count as inside.
    """
    around: Chain = chain[:1]
    for block in chain[1:]:
        if block.variable not in index or block.variable in last:
            break
        around = (*around, block)
    outside = {block.variable for block in around}
    inner = {block.variable for block in chain}
    return around, tuple(item for item in index if item in inner and item not in outside)


def name_for(node: Expression) -> str:
    """What a number is called that stands by itself."""
    if is_reduction(node) or is_product(node):
        return ACCUMULATORS[node.op]
    return "e" if node.op == "exp" and node.call is None else "part" if node.ndim else "factor"


def free_name_numbered(name: str, taken: set[str]) -> str:
    """The name, or `sum2`, `sum3`, …, `sum_z1_2`, …"""
    joint = "_" if name[-1].isdigit() else ""
    return next(free for k in range(1, 10**6) if (free := name if k == 1 else f"{name}{joint}{k}") not in taken)


def mixes_rows() -> NotImplementedError:
    """What is said of a network whose prediction for a row depends on other rows."""
    return NotImplementedError(
        "a prediction takes a mean, sum or maximum over rows, so that a row's depends on the others: this language "
        "predicts row by row"
    )


def placed(syntax: Syntax, name: str, dims: tuple[Dim, ...]) -> Callable[[Index], str]:
    """From the indices of an element of an array to its place."""
    return lambda variables: syntax.place(name, dims, variables)


def always(name: str) -> Callable[[Index], str]:
    """The place of what is one number, whatever is read from it: its name."""
    return lambda variables: name


def short(expression: Expression) -> str:
    """A formula for a comment."""
    return plain(expression).replace(", keepdims=True", "")
