r"""An expression as people write it: on one line, as in NumPy, or in the mathematics of LaTeX.

Every notation is the same walk over the expression (`write`); what differs stands in a table (`Notation`). A formula
with a name (`sigmoid(z1)`) is written by its name unless the arithmetic is asked for.

    >>> from glassnet.expressions.expression import symbol
    >>> x, W, b = symbol("x", ("n", 2)), symbol("W1", (2, 3)), symbol("b1", (3,))
    >>> plain(x @ W + b)
    'x @ W1 + b1'
    >>> print(latex(x @ W + b))
    x\, W_{1} + b_{1}

The plain notation is Python: evaluated with NumPy's functions it gives the expression's numbers.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from glassnet.expressions.expression import BOOL, ROWS, Expression

# How tightly an operation holds its arguments: a looser one inside a tighter one needs parentheses. A big Σ holds
# everything up to the next + or -, so inside a product it needs them.
COMPARE, SUM, BIG, PRODUCT, SIGN, POWER, ATOM = range(7)

BONDS = {
    **dict.fromkeys(("add", "subtract"), SUM),
    **dict.fromkeys(("multiply", "divide", "matmul"), PRODUCT),
    "power": POWER,
    **dict.fromkeys(("greater", "greater_equal", "less", "less_equal", "equal", "not_equal"), COMPARE),
    **dict.fromkeys(("logical_and", "logical_or"), COMPARE),
}
AGGREGATES = {"sum", "max", "mean"}


class Form(NamedTuple):
    """How one operation is written: its arguments put together, how tightly each must hold, how tightly it does."""

    write: Callable[..., str]
    arguments: tuple[int, ...]
    own: int


@dataclass(frozen=True)
class Notation:
    """The pieces in which two ways of writing differ.

    Attributes
    ----------
    name, number
        A symbol's name, a constant.
    infix
        From the operation's expression and its two written arguments.
    function
        From a function's name and its written arguments.
    aggregate
        A sum, max or mean, from its expression and its written argument.
    transpose, parentheses
        Around what is written.
    forms
        Operations that have a form of their own, like a fraction.
    minus
        The sign of a negative number.
    flat
        Whether everything stands on one line and must be Python.
    """

    name: Callable[[str], str]
    number: Callable[[float], str]
    infix: Callable[[Expression, str, str], str]
    function: Callable[[str, list[str]], str]
    aggregate: Callable[[Expression, str], str]
    transpose: Callable[[str], str]
    parentheses: Callable[[str], str]
    forms: Mapping[str, Form] = field(default_factory=dict)
    minus: str = "-"
    flat: bool = False


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
            return notation.number(node.value), SIGN if math.copysign(1.0, node.value) < 0 else ATOM
        if node.op == "transpose":
            return notation.transpose(inner(node.args[0], ATOM)), ATOM if notation.flat else POWER
        if node.op == "expand_dims":
            return expanded(node)
        if is_spread(node):
            return spread(node)
        if node.op == "negative":
            return minus(node.args[0])
        if node.op in AGGREGATES:
            is_sigma = node.op == "sum" and not notation.flat
            text = inner(node.args[0], PRODUCT if is_sigma else COMPARE)
            return notation.aggregate(node, text), BIG if is_sigma else ATOM
        if node.op == "divide" and not notation.flat and node.args[0].op == "sum" and not node.args[1].ndim:
            share = notation.forms["divide"].write(notation.number(1.0), inner(node.args[1], COMPARE))
            return f"{share} {inner(node.args[0], BIG)}", BIG
        if node.op in notation.forms:
            form = notation.forms[node.op]
            return form.write(*map(inner, node.args, form.arguments)), form.own
        if node.op in BONDS and (BONDS[node.op] != COMPARE or not is_number_logic(node)):
            return infix(node)
        name = "uniform" if node.op == "random" else node.op
        return notation.function(name, [inner(arg, COMPARE) for arg in node.args]), ATOM

    def minus(arg: Expression) -> tuple[str, int]:
        text, own = outer(arg)
        if own < PRODUCT or text.startswith(notation.minus):
            text, own = notation.parentheses(text), ATOM
        return notation.minus + text, SIGN if own >= SIGN else SUM

    def infix(node: Expression) -> tuple[str, int]:
        op, (a, b), bond = node.op, node.args, BONDS[node.op]
        if op == "multiply" and b.op == "constant" != a.op and not notation.flat:
            a, b = b, a
        # `a - (b - c)` and `a / (b * c)` need their parentheses; `a + (b - c)` and `a * (b * c)` do not
        strict = bond == COMPARE or not (op == "add" or op == "power" or (op == b.op == "multiply"))
        left = inner(a, bond + 1 if bond in (COMPARE, POWER) or mixes(op, a.op) else bond)
        right = inner(b, bond + 1 if strict else bond)
        if right.startswith(notation.minus):
            right = notation.parentheses(right)
        return notation.infix(node, left, right), bond

    def expanded(node: Expression) -> tuple[str, int]:
        arg = node.args[0]
        if not notation.flat:
            return outer(arg)
        index = [":"] * arg.ndim
        index.insert(node.axis or 0, "None")
        # a number without axes has no index; np.expand_dims gives it one
        text = f"{inner(arg, ATOM)}[{', '.join(index)}]" if arg.ndim else f"expand_dims({inner(arg, COMPARE)}, 0)"
        return text, ATOM

    def spread(node: Expression) -> tuple[str, int]:
        _, value, like = node.args
        if not notation.flat:
            return outer(value)
        ones = notation.function("ones_like", [inner(like, COMPARE)])
        if value.op == "constant" and value.value == 1.0:
            return ones, ATOM
        return f"{inner(value, PRODUCT)} * {ones}", PRODUCT

    return outer(expression)[0]


def is_spread(node: Expression) -> bool:
    """Whether it is `where(True, d, x)`: d, repeated to x's shape."""
    return node.op == "where" and node.args[0].op == "constant" and node.args[0].value != 0.0


def is_number_logic(node: Expression) -> bool:
    """Whether it is a logical operation on numbers, which Python's & and | do not take."""
    return node.op.startswith("logical") and any(arg.dtype != BOOL for arg in node.args)


def mixes(op: str, inside: str) -> bool:
    """Whether a matrix product meets another product, where a reader would not know which comes first."""
    return (op == "matmul") != (inside == "matmul")


def axis_words(node: Expression) -> str:
    """What an aggregate runs over: "rows", "columns", or nothing where it is everything."""
    if node.axis is None or node.args[0].ndim < 2:
        return ""
    return ("rows", "columns")[node.axis] if node.args[0].shape[0] == ROWS else f"axis {node.axis}"


def number(value: float) -> str:
    """The shortest decimal that reads back as the value, whole numbers without a point; π as pi."""
    if value == math.pi:
        return "pi"
    if value == 0.0 and math.copysign(1.0, value) < 0:
        return "-0.0"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


# ---------------------------------------------------------------------------------------------- on one line


def plain(expression: Expression, expand: bool = False) -> str:
    """The expression on one line, as one would type it."""
    return write(expression, PLAIN, expand)


def plain_aggregate(node: Expression, text: str) -> str:
    """`sum(x, axis=0)`."""
    axis = "" if node.axis is None else f", axis={node.axis}"
    return f"{node.op}({text}{axis}{', keepdims=True' if node.keepdims else ''})"


SIGNS = {
    "add": " + ",
    "subtract": " - ",
    "multiply": " * ",
    "divide": " / ",
    "matmul": " @ ",
    "power": "**",
    "greater": " > ",
    "greater_equal": " >= ",
    "less": " < ",
    "less_equal": " <= ",
    "equal": " == ",
    "not_equal": " != ",
    "logical_and": " & ",
    "logical_or": " | ",
}

PLAIN = Notation(
    name=lambda name: name,
    number=number,
    infix=lambda node, left, right: left + SIGNS[node.op] + right,
    function=lambda name, args: f"{'abs' if name == 'absolute' else name}({', '.join(args)})",
    aggregate=plain_aggregate,
    transpose=lambda text: text + ".T",
    parentheses=lambda text: f"({text})",
    flat=True,
)


# ----------------------------------------------------------------------------------- names, in two dimensions


class Glyphs(NamedTuple):
    """A name taken apart for print: `dxhat2` is d, x with a hat, index 2."""

    d: bool
    stem: str  # a letter, a Greek letter's name, or a word
    hat: bool
    index: str

    @property
    def is_array(self) -> bool:
        """Whether it is a layer's beta or gamma, printed bold: Adam's β₁ is a number."""
        return self.stem in ("beta", "gamma") and self.index.isdigit()


GREEK = ("alpha", "beta", "gamma", "delta", "theta", "lambda", "mu", "rho", "eta", "epsilon", "ell")
LETTERS = {"lr": "eta", "eps": "epsilon", "l": "ell", "momentum": "mu"}


def glyphs(name: str) -> Glyphs:
    """A name's parts.

    >>> glyphs("dxhat2")
    Glyphs(d=True, stem='x', hat=True, index='2')
    >>> glyphs("g_clip")
    Glyphs(d=False, stem='g', hat=False, index='clip')
    """
    if name in ("l1", "l2"):
        return Glyphs(False, "lambda", False, name[1])
    stem, index = re.fullmatch(r"(.*?)(\d*)", name, re.DOTALL).groups()  # type: ignore[union-attr]
    head, _, tail = name.partition("_")
    if tail and (len(head) == 1 or head in GREEK):
        stem, index = head, tail if not tail.isdigit() else f"_{tail}"
    letter = re.fullmatch(rf"(d?)([A-Za-z]|{'|'.join(GREEK)})(hat)?", stem)
    if letter and stem not in LETTERS:
        return Glyphs(bool(letter[1]), letter[2], bool(letter[3]), index)
    return Glyphs(False, LETTERS.get(stem, stem), False, index)


# ------------------------------------------------------------------------------------------------ in LaTeX


def latex(expression: Expression, expand: bool = False) -> str:
    r"""The expression in LaTeX's mathematics: `x @ W1 + b1` is `x\, W_{1} + b_{1}`."""
    return write(expression, LATEX, expand)


def latex_name(name: str) -> str:
    r"""A letter with its index; a word upright; dq with an upright d.

    >>> print(latex_name("dW2"), latex_name("beta_1"), latex_name("running_mean3"), latex_name("lr"))
    \mathrm{d}W_{2} \beta_{1} \mathrm{running\ mean}_{3} \eta
    """
    d, stem, hat, index = parts = glyphs(name)
    if stem in GREEK:
        text = r"\varepsilon" if stem == "epsilon" else "\\" + stem
        text = rf"\boldsymbol{{{text}}}" if parts.is_array else text
    else:
        text = stem if len(stem) == 1 else rf"\mathrm{{{latex_word(stem)}}}"
    text = rf"\hat{{{text}}}" if hat else text
    below = index.removeprefix("_")
    below = below if below.isdigit() or len(below) == 1 else rf"\mathrm{{{latex_word(below)}}}"
    return (r"\mathrm{d}" if d else "") + text + (f"_{{{below}}}" if index else "")


def latex_word(word: str) -> str:
    """A name's word in upright letters, its underscores as spaces."""
    return re.sub(r"[^A-Za-z0-9 ]", "", word.replace("_", " ")).strip().replace(" ", r"\ ")


def latex_infix(node: Expression, left: str, right: str) -> str:
    r"""Elementwise products of arrays with \odot, products with a number side by side."""
    if node.op == "multiply":
        if all(arg.ndim for arg in node.args):
            return rf"{left} \odot {right}"
        return left + (r" \cdot " if right[0].isdigit() else r"\, ") + right
    return left + LATEX_SIGNS.get(node.op, SIGNS[node.op]) + right


def latex_function(name: str, args: list[str]) -> str:
    """A function that has no form of its own."""
    word = LATEX_FUNCTIONS.get(name) or rf"\operatorname{{{latex_word(name)}}}"
    return rf"{word}\left({', '.join(args)}\right)"


def latex_aggregate(node: Expression, text: str) -> str:
    r"""`\sum_{\text{rows}} x`."""
    below = f"_{{\\text{{{axis_words(node)}}}}}" if axis_words(node) else ""
    if node.op == "sum":
        return rf"\textstyle\sum{below} {text}"
    return rf"{LATEX_FUNCTIONS[node.op]}{below}\left({text}\right)"


def latex_number(value: float) -> str:
    """`1e-08` as a power of ten."""
    mantissa, _, exponent = number(value).replace("inf", r"\infty").replace("pi", r"\pi").partition("e")
    if not exponent:
        return mantissa
    return (rf"{mantissa} \cdot " if mantissa != "1" else "") + f"10^{{{int(exponent)}}}"


LATEX_SIGNS = {
    "matmul": r"\, ",
    "greater_equal": r" \ge ",
    "less_equal": r" \le ",
    "equal": " = ",
    "not_equal": r" \ne ",
    "logical_and": r" \wedge ",
    "logical_or": r" \vee ",
}
LATEX_FUNCTIONS = {
    **{name: "\\" + name for name in ("exp", "log", "tanh", "cos", "sin", "max", "min")},
    "maximum": r"\max",
    "minimum": r"\min",
    "mean": r"\operatorname{mean}",
    "sigmoid": r"\sigma",
    "uniform": r"\mathcal{U}",
}
CASES = r"\begin{{cases}} \displaystyle {1} & \text{{if }} {0} \\ \displaystyle {2} & \text{{else}} \end{{cases}}"

LATEX = Notation(
    name=latex_name,
    number=latex_number,
    infix=latex_infix,
    function=latex_function,
    aggregate=latex_aggregate,
    transpose=lambda text: rf"{text}^{{\top}}",
    parentheses=lambda text: rf"\left({text}\right)",
    forms={
        "divide": Form(r"\frac{{{}}}{{{}}}".format, (COMPARE, COMPARE), SIGN),
        "power": Form("{}^{{{}}}".format, (ATOM, COMPARE), POWER),
        "square": Form("{}^{{2}}".format, (ATOM,), POWER),
        "sqrt": Form(r"\sqrt{{{}}}".format, (COMPARE,), ATOM),
        "absolute": Form(r"\left|{}\right|".format, (COMPARE,), ATOM),
        "floor": Form(r"\left\lfloor {} \right\rfloor".format, (COMPARE,), ATOM),
        "log1p": Form(r"\log\left(1 + {}\right)".format, (PRODUCT,), ATOM),
        "expm1": Form(r"\exp\left({}\right) - 1".format, (COMPARE,), SUM),
        "logical_not": Form(r"\neg {}".format, (ATOM,), SIGN),
        "where": Form(CASES.format, (COMPARE, COMPARE, COMPARE), COMPARE),
        "random": Form(r"\mathcal{{U}}(0, 1)".format, (), ATOM),
    },
)
