"""How spreadsheets write each operation, and numbers.

Only functions that Excel (from 2013 on) and LibreOffice share are used; files name the newer ones with `_xlfn.` before.
Three of their habits matter here. `-a^2` means (-a)² to them, so that a minus always gets a bracket. EXP fails above
709, where NumPy would say infinite, so that its argument is held there. They have no expm1 and log1p; the forms
written instead keep all digits near 0.
"""

from __future__ import annotations

import math

from glassnet.expressions.expression import Expression

# How tightly an operation holds its arguments, as spreadsheets read formulas.
COMPARE, SUM, PRODUCT, POWER, ATOM = range(5)

BETWEEN = {
    "add": ("+", SUM),
    "subtract": ("-", SUM),
    "multiply": ("*", PRODUCT),
    "divide": ("/", PRODUCT),
    "power": ("^", POWER),
    "greater": (">", COMPARE),
    "greater_equal": (">=", COMPARE),
    "less": ("<", COMPARE),
    "less_equal": ("<=", COMPARE),
    "equal": ("=", COMPARE),
    "not_equal": ("<>", COMPARE),
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
}
LOGIC = {"logical_and": "AND", "logical_or": "OR", "logical_not": "NOT"}
REDUCE = {"sum": "SUM", "max": "MAX", "mean": "AVERAGE"}
LOOSE = {"expm1": PRODUCT, "square": POWER}  # what the forms above hold together with
OFTEN = {"log1p": 4, "expm1": 2}  # how often a form writes its argument

LARGEST = 9.99e307  # what counts as infinite
LARGEST_EXPONENT = 709.0


def is_minus(node: Expression) -> bool:
    """Whether a node is written with a minus in front."""
    return node.op == "negative" or (node.op == "constant" and math.copysign(1.0, node.value) < 0)


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
