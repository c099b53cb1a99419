"""Operations on single numbers as text: what generated code consists of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassnet.engines.program import Operation
from glassnet.expressions.expression import ROWS

INFIX = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "matmul": "*",  # of a column and a row
    "divide": "/",
    "power": "**",
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
    "equal": "==",
    "not_equal": "!=",
    "logical_and": "and",
    "logical_or": "or",
}
WIDEST = 90  # characters of an expression in one line
PREFIX = {"negative": "-", "logical_not": "not "}
CALLS = {"expm1": "exp_minus_1", "sqrt": "math.sqrt", "floor": "np.floor", "cos": "math.cos", "sin": "math.sin"}


def number_text(value: float, dtype: np.dtype[Any]) -> str:
    """A constant in a dtype."""
    text = repr(value) if math.isfinite(value) else "np.nan" if math.isnan(value) else f"{'-' * (value < 0)}np.inf"
    return text if dtype == np.float64 else f"single({text})"


def in_dtype(name: str, dtype: np.dtype[Any]) -> str:
    """A single number, which is float64, in another dtype."""
    return name if dtype == np.float64 else f"single({name})"


def scalar_text(operation: Operation) -> str:
    """A single number in float64."""
    if operation.op == "constant":
        return number_text(operation.source.value, np.dtype(np.float64))
    if operation.op == "symbol" and operation.name == ROWS:
        return "float(n)"
    return "float(t)" if operation.name == "t" else operation.name


def formula(operation: Operation, args: list[str]) -> str:
    """An operation on single numbers as text."""
    op = operation.op
    if op == "power" and operation.args[1].op == "constant" and operation.args[1].source.value.is_integer():
        exponent = int(operation.args[1].source.value)
        if 0 < exponent <= 8:
            return f"{bracketed(args[0])} ** {exponent}"
    if op in INFIX:
        return f"{bracketed(args[0])} {INFIX[op]} {bracketed(args[1])}"
    if op in PREFIX:
        return f"{PREFIX[op]}{bracketed(args[0])}"
    if op == "where":
        return f"{args[1]} if {args[0]} else {args[2]}"
    if op in ("copy", "sum", "max", "transpose"):  # of a single number
        return args[0]
    if op == "square":
        return f"{bracketed(args[0])} * {bracketed(args[0])}"
    return f"{CALLS.get(op, op)}({', '.join(args)})"


def bracketed(text: str) -> str:
    """An operand, in brackets if it is an expression of several parts."""
    depth = 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == " " and depth == 0:
            return f"({text})"
    return f"({text})" if text.startswith("-") else text
