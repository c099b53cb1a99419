"""Expressions of single numbers as Numba takes them: what generated code consists of.

Numbers by themselves (lr, n, a loss) are float64 whatever the arrays are; where they meet an array's they are cast.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from glassnet.engines.program import Operation
from glassnet.expressions.element import Index, element, together
from glassnet.expressions.expression import BOOL, ROWS, Expression, symbol
from glassnet.expressions.notation import ATOM, CHOICE, PLAIN, PRODUCT, SIGN, SIGNS, SUM, Form, Notation, write

# Of numbers by themselves: what INFIX =  and | would do is to bits.
INFIX = {op: sign.strip() for op, sign in SIGNS.items()} | {"logical_and": "and", "logical_or": "or"}
WIDEST = 90  # characters of an expression in one line
CALLS = {"expm1": "exp_minus_1", "sqrt": "math.sqrt"}

# An operand of several parts stands in brackets: what is computed first does not depend on how they bind.
NUMBA = replace(
    PLAIN,
    number=lambda node: number_text(node.value),
    function=lambda name, args: f"{CALLS.get(name, name)}({', '.join(args)})",
    forms={
        **{op: Form(f"{{}} {sign} {{}}".format, (ATOM, ATOM), SUM) for op, sign in INFIX.items()},
        "multiply": Form("{} * {}".format, (ATOM, ATOM), PRODUCT),
        "negative": Form("-{}".format, (ATOM,), SIGN),
        "logical_not": Form("not {}".format, (ATOM,), SUM),
        "square": Form("{0} * {0}".format, (ATOM,), SUM),
        "where": Form("{1} if {0} else {2}".format, (CHOICE, CHOICE, CHOICE), CHOICE),
        "cast": Form("single({})".format, (CHOICE,), ATOM),
    },
)

# The same without what asks a number whether it is true: it may be many at once. And of a sum with a product in it the
# text says that it is rounded once (`fused`).
OF_MANY = replace(
    NUMBA,
    forms={
        **NUMBA.forms,
        "logical_and": Form("both({}, {})".format, (CHOICE, CHOICE), ATOM),
        "logical_or": Form("either({}, {})".format, (CHOICE, CHOICE), ATOM),
        "logical_not": Form("opposite({})".format, (CHOICE,), ATOM),
        "where": Form("where({}, {}, {})".format, (CHOICE, CHOICE, CHOICE), ATOM),
    },
)


def number_text(value: float) -> str:
    """A constant in float64."""
    return repr(value) if math.isfinite(value) else "np.nan" if math.isnan(value) else f"{'-' * (value < 0)}np.inf"


def code(number: Expression, notation: Notation = NUMBA) -> str:
    """An expression of single numbers as text."""
    return write(number, notation)


def by_itself(node: Expression, index: Index = ()) -> Expression | None:
    """A single number that has a name, or a constant, in float64."""
    if node.op == "symbol" and not node.shape:
        return symbol({ROWS: "float(n)", "t": "float(t)"}.get(node.name, node.name))
    return node if node.op == "constant" else None


def in_dtype(node: Expression, dtype: np.dtype[Any]) -> Expression | None:
    """The same, in another dtype."""
    number = by_itself(node)
    return number if number is None or dtype == np.float64 else Expression("cast", (number,))


def as_code(node: Expression, number: Expression) -> Expression:
    """An operation on single numbers, in the operations that code has: small whole powers are products to Numba."""
    if node.op == "copy":
        return number.args[0]
    if node.op == "power" and node.args[1].op == "constant":
        exponent = node.args[1].value
        if exponent.is_integer() and 0 < exponent <= 8:
            return replace(number, args=(number.args[0], symbol(str(int(exponent)))))
    return number


single_number = partial(element, index=(), leaf=by_itself, made=as_code)


def fused(node: Expression, number: Expression) -> Expression:
    """As `as_code`; and a sum with a product in it rounds once."""
    number = as_code(node, number)
    if number.op == "add":
        return sum_of_two(*number.args)
    return difference(*number.args) if number.op == "subtract" else number


def by_halves(terms: Sequence[Expression]) -> Expression:
    """A sum taken by halves: what does not depend on each other is done at the same time."""
    if len(terms) == 1:
        return terms[0]
    middle = len(terms) // 2
    return sum_of_two(by_halves(terms[:middle]), by_halves(terms[middle:]))


def sum_of_two(a: Expression, b: Expression) -> Expression:
    """a + b; if one is a product, as one operation."""
    if factors := factors_of(a, b):
        return multiply_add(*factors, b)
    factors = factors_of(b, a)
    return multiply_add(*factors, a) if factors else together("add", a, b)


def difference(a: Expression, b: Expression) -> Expression:
    """a - b; if one is a product, as one operation."""
    if factors := factors_of(a, b):
        return multiply_add(*factors, negative(b))
    if factors := factors_of(b, a):
        return multiply_add(negative(factors[0]), factors[1], a)
    return together("subtract", a, b)


def factors_of(a: Expression, other: Expression) -> tuple[Expression, Expression] | None:
    """The factors of a, if it is a product of floats that another is added to."""
    if a.op not in ("multiply", "square") or any(item.dtype == BOOL for item in (*a.args, other)):
        return None
    return a.args[0], a.args[-1]


def multiply_add(a: Expression, b: Expression, c: Expression) -> Expression:
    """a·b + c."""
    return Expression("multiply_add", (a, b, c))


def negative(a: Expression) -> Expression:
    """-a."""
    return a.args[0] if a.op == "negative" else Expression("negative", (a,))


def assignment(operation: Operation, notation: Notation = NUMBA) -> str:
    """The line that computes a single number from others."""
    return f"{operation.name} = {code(single_number(operation.expression), notation)}"
