"""An expression as people write it: on one line, as in NumPy, or in LaTeX.

Both notations are one walk over the expression; they differ in a table. A formula with a name (`sigmoid(z1)`) is
written by its name unless the arithmetic is asked for.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from glassnet.expressions.expression import REDUCTIONS, Expression

# How tightly an operation holds its arguments: a looser one inside a tighter one needs parentheses.
COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM = range(6)

INFIX: dict[str, tuple[str, int]] = {
    "add": (" + ", SUM),
    "subtract": (" - ", SUM),
    "multiply": (" * ", PRODUCT),
    "divide": (" / ", PRODUCT),
    "matmul": (" @ ", PRODUCT),
    "power": ("**", POWER),
    "greater": (" > ", COMPARE),
    "greater_equal": (" >= ", COMPARE),
    "less": (" < ", COMPARE),
    "less_equal": (" <= ", COMPARE),
    "equal": (" == ", COMPARE),
    "not_equal": (" != ", COMPARE),
    "logical_and": (" & ", COMPARE),
    "logical_or": (" | ", COMPARE),
}
SHORT = {"absolute": "abs"}
LATEX_INFIX = {
    "multiply": r" \odot ",
    "matmul": r"\, ",
    "greater_equal": r" \ge ",
    "less_equal": r" \le ",
    "equal": " = ",
    "not_equal": r" \ne ",
    "logical_and": r" \wedge ",
    "logical_or": r" \vee ",
}
LATEX_FUNCTIONS = {"exp", "log", "tanh", "cos", "sin", "max", "min"}
GREEK = {
    **{name: "\\" + name for name in ("alpha", "beta", "gamma", "delta", "theta", "mu", "rho", "lambda")},
    "eps": r"\epsilon",
    "lr": r"\eta",
}


@dataclass(frozen=True)
class Notation:
    """The pieces in which two ways of writing differ."""

    name: Callable[[str], str]
    number: Callable[[float], str]
    infix: Callable[[str, str, str], str]
    function: Callable[[str, list[str]], str]
    transpose: Callable[[str], str]
    parentheses: Callable[[str], str]


def write(expression: Expression, notation: Notation, expand: bool = False) -> str:
    """The expression in a notation; with `expand`, named formulas as their arithmetic."""

    def inner(node: Expression, bond: int) -> str:
        text, own = outer(node)
        return notation.parentheses(text) if own < bond else text

    def outer(node: Expression) -> tuple[str, int]:
        if node.call and not expand:
            return notation.function(node.call.name, [inner(arg, COMPARE) for arg in node.call.args]), ATOM
        if node.op == "symbol":
            return notation.name(node.name), ATOM
        if node.op == "constant":
            return notation.number(node.value), ATOM if node.value >= 0 else SIGN
        if node.op == "random":
            return notation.function("uniform", []), ATOM
        if node.op == "transpose":
            return notation.transpose(inner(node.args[0], ATOM)), ATOM
        if node.op == "expand_dims":
            return outer(node.args[0])
        if node.op == "negative":
            return "-" + inner(node.args[0], SIGN), SIGN
        if node.op in INFIX:
            return infix(node)
        args = [inner(arg, COMPARE) for arg in node.args]
        if node.op in REDUCTIONS and node.axis is not None:
            args.append(f"axis={node.axis}")
        return notation.function(node.op, args), ATOM

    def infix(node: Expression) -> tuple[str, int]:
        bond = INFIX[node.op][1]
        # `a - (b - c)`, `a / (b * c)` and `a * (b / c)` need their parentheses; `a + (b - c)` and `a * (b * c)` do not
        strict = node.op in ("subtract", "divide", "matmul") or bond == COMPARE or node.args[1].op == "divide"
        left = inner(node.args[0], bond + 1 if bond in (COMPARE, POWER) else bond)
        right = inner(node.args[1], bond + 1 if strict else bond)
        return notation.infix(node.op, left, right), bond

    return outer(expression)[0]


def plain(expression: Expression, expand: bool = False) -> str:
    """The expression on one line, as one would type it."""
    return write(expression, PLAIN, expand)


def latex(expression: Expression, expand: bool = False) -> str:
    r"""The expression in LaTeX's mathematics: `x @ W1 + b1` is `x\, W_{1} + b_{1}`."""
    return write(expression, LATEX, expand)


def number(value: float) -> str:
    """The shortest decimal that reads back as the value; whole numbers without a point."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


PLAIN = Notation(
    name=lambda name: name,
    number=number,
    infix=lambda op, left, right: left + INFIX[op][0] + right,
    function=lambda name, args: f"{SHORT.get(name, name)}({', '.join(args)})",
    transpose=lambda text: text + ".T",
    parentheses=lambda text: f"({text})",
)


def latex_name(name: str) -> str:
    r"""`dW1` as `\partial W_{1}`-like notation: a letter with its index, a word upright.

    >>> latex_name("z1"), latex_name("dW2"), latex_name("beta1"), latex_name("running_mean3")
    ('z_{1}', 'dW_{2}', '\\beta_{1}', '\\mathrm{running\\_mean}_{3}')
    """
    stem, digits = re.fullmatch(r"(.*?)(\d*)", name, re.DOTALL).groups()  # type: ignore[union-attr]
    escaped = stem.replace("_", r"\_")
    letters = GREEK.get(stem, stem if len(stem) == 1 or re.fullmatch("d[A-Za-z]", stem) else f"\\mathrm{{{escaped}}}")
    return letters + (f"_{{{digits}}}" if digits else "")


def latex_infix(op: str, left: str, right: str) -> str:
    """Fractions and powers in two dimensions."""
    if op == "divide":
        return rf"\frac{{{left}}}{{{right}}}"
    if op == "power":
        return f"{{{left}}}^{{{right}}}"
    return left + LATEX_INFIX.get(op, INFIX[op][0]) + right


def latex_function(name: str, args: list[str]) -> str:
    """Roots, bars and sums as they are printed."""
    if name == "sqrt":
        return rf"\sqrt{{{args[0]}}}"
    if name == "absolute":
        return rf"\left|{args[0]}\right|"
    if name == "square":
        return rf"\left({args[0]}\right)^{{2}}"
    if name == "sum":
        below = {"axis=0": r"_{\text{rows}}", "axis=1": r"_{\text{columns}}"}.get(args[-1], "")
        return rf"\textstyle\sum{below} {args[0]}"
    word = name.replace("_", r"\_")
    word = f"\\{name}" if name in LATEX_FUNCTIONS else rf"\operatorname{{{word}}}"
    return rf"{word}\left({', '.join(args)}\right)".replace("axis=", r"\text{axis}=")


def latex_number(value: float) -> str:
    """`1e-08` as a power of ten."""
    text = number(value)
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else text


LATEX = Notation(
    name=latex_name,
    number=latex_number,
    infix=latex_infix,
    function=latex_function,
    transpose=lambda text: f"{{{text}}}^{{\\top}}",
    parentheses=lambda text: rf"\left({text}\right)",
)
