"""How spreadsheets write each operation, and numbers: a notation.

Only functions that Excel (from 2013 on) and LibreOffice share are used; files name the newer ones with `_xlfn.` before.
Three of their habits matter here. `-a^2` means (-a)² to them, so that a minus always gets a bracket. EXP fails above
709, where NumPy would say infinite, so that its argument is held there. They have no expm1 and log1p; the forms
written instead keep all digits near 0.
"""

from __future__ import annotations

import math
from dataclasses import replace

from glassnet.expressions.notation import ATOM, COMPARE, PLAIN, POWER, PRODUCT, SUM, Form

BETWEEN = {  # a sign, and how tightly it holds on its left, on its right, and what it makes: a+(b-c) is not a+b-c
    "add": ("+", SUM, PRODUCT, SUM),
    "subtract": ("-", SUM, PRODUCT, SUM),
    "multiply": ("*", PRODUCT, PRODUCT, PRODUCT),
    "divide": ("/", PRODUCT, POWER, PRODUCT),
    "power": ("^", ATOM, ATOM, POWER),
    "greater": (">", SUM, SUM, COMPARE),
    "greater_equal": (">=", SUM, SUM, COMPARE),
    "less": ("<", SUM, SUM, COMPARE),
    "less_equal": ("<=", SUM, SUM, COMPARE),
    "equal": ("=", SUM, SUM, COMPARE),
    "not_equal": ("<>", SUM, SUM, COMPARE),
}
FUNCTIONS = {
    "exp": "EXP({0})",
    "log": "LN({0})",
    "log1p": "IF(ABS({0})<0.5,2*ATANH({0}/(2+{0})),LN(1+{0}))",
    "expm1": "2*SINH(MAX({0},-99)/2)*EXP(MAX({0},-99)/2)",
    "sqrt": "SQRT({0})",
    "square": "({0})^2",
    "tanh": "TANH({0})",
    "absolute": "ABS({0})",
    "sign": "SIGN({0})",
    "maximum": "MAX({0},{1})",
    "minimum": "MIN({0},{1})",
    "floor": "INT({0})",
    "cos": "COS({0})",
    "sin": "SIN({0})",
    "where": "IF({0},{1},{2})",
    "logical_and": "AND({0},{1})",
    "logical_or": "OR({0},{1})",
    "logical_not": "NOT({0})",
}
REDUCE = {"sum": "SUM", "max": "MAX", "mean": "AVERAGE"}
LOOSE = {"expm1": PRODUCT, "square": POWER}  # what the forms above hold together with
OFTEN = {"log1p": 4, "expm1": 2}  # how often a form writes its argument

LARGEST = 9.99e307  # what counts as infinite
LARGEST_EXPONENT = 709.0


def number(value: float) -> str:
    """A number in a formula: the shortest decimal that reads back as the value."""
    if math.isnan(value):
        return "NA()"
    if abs(value) > LARGEST:
        return f"{math.copysign(LARGEST, value):E}".replace("0000E", "E")
    if value == math.pi:
        return "PI()"
    if 0.0 < abs(value) < 1e-300:
        return f"({value * 1e200!r}*1E-200)".upper()
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value).upper()


SHEET = replace(
    PLAIN,
    number=lambda node: number(node.value),
    forms={
        "negative": Form("-{}".format, (ATOM,), SUM),
        **{op: Form(f"{{}}{sign}{{}}".format, (left, right), own) for op, (sign, left, right, own) in BETWEEN.items()},
        **{
            op: Form(pattern.format, (ATOM if op in OFTEN else COMPARE,) * 3, LOOSE.get(op, ATOM))
            for op, pattern in FUNCTIONS.items()
        },
    },
)
