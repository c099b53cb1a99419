r"""An expression in the mathematics of LaTeX, as amsmath and MathJax read it.

>>> from glassnet.expressions.expression import symbol
>>> x, W, b = symbol("x", ("n", 2)), symbol("W1", (2, 3)), symbol("b1", (3,))
>>> print(latex(x @ W + b))
x\, W_{1} + b_{1}
"""

import re
from dataclasses import replace

from glassnet.expressions.glyphs import GREEK, glyphs
from glassnet.expressions.node import Node
from glassnet.expressions.notation import (
    ATOM,
    COMPARE,
    POWER,
    PRODUCT,
    SIGN,
    SIGNS,
    SUM,
    Form,
    Notation,
    axis_words,
    columns_text,
    number,
    root_of,
    write,
)


def latex(expression: Node, expand: bool = False) -> str:
    r"""The expression in LaTeX's mathematics: `x @ W1 + b1` is `x\, W_{1} + b_{1}`."""
    return write(expression, LATEX, expand)


def latex_name(name: str) -> str:
    r"""A letter with its index; a word upright; dq with an upright d.

    >>> print(latex_name("dW2"), latex_name("beta_1"), latex_name("running_mean3"), latex_name("lr"))
    \mathrm{d}W_{2} \beta_{1} \mathrm{running\_mean}_{3} \eta
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
    """A name's word, to be set in upright letters."""
    return re.sub(r"[^A-Za-z0-9_]", "", word).strip("_").replace("_", r"\_")


def latex_infix(node: Node, left: str, right: str) -> str:
    r"""Elementwise products of arrays with \odot, products with a number side by side."""
    if node.op == "multiply":
        if all(arg.shape for arg in node.args):
            return rf"{left} \odot {right}"
        return left + (r" \cdot " if right[0].isdigit() else r"\, ") + right
    return left + LATEX_SIGNS.get(node.op, SIGNS[node.op]) + right


def latex_function(name: str, args: list[str]) -> str:
    """A function that has no form of its own."""
    word = LATEX_FUNCTIONS.get(name) or rf"\operatorname{{{latex_word(name)}}}"
    return rf"{word}\left({', '.join(args)}\right)"


def latex_aggregate(node: Node, text: str) -> str:
    r"""`\sum_{\text{rows}} x`."""
    below = f"_{{\\text{{{axis_words(node)}}}}}" if axis_words(node) else ""
    if node.op == "sum":
        return rf"\textstyle\sum{below} {text}"
    return rf"{LATEX_FUNCTIONS[node.op]}{below}\left({text}\right)"


def latex_numeral(value: float) -> str:
    """A constant of a formula: the root of a whole number as a root, any other as `latex_number` writes it."""
    count = root_of(value)
    return latex_number(value) if count is None else rf"\sqrt{{{count}}}"


def latex_number(value: float) -> str:
    """`1e-08` as a power of ten."""
    mantissa, _, exponent = number(value).replace("inf", r"\infty").replace("pi", r"\pi").partition("e")
    if not exponent:
        return mantissa
    return (rf"{mantissa} \cdot " if mantissa != "1" else "") + f"10^{{{int(exponent)}}}"


LATEX_SIGNS = {
    **dict.fromkeys(("matmul", "times_blocks", "times_blocks_T", "blocks_of"), r"\, "),
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
    number=lambda node: latex_numeral(node.value),
    infix=latex_infix,
    function=latex_function,
    aggregate=latex_aggregate,
    transpose=lambda text: rf"{text}^{{\top}}",
    parentheses=lambda text: rf"\left({text}\right)",
    take=lambda node, text: rf"\left[{text}\right]_{{:,\,{columns_text(node.columns)}}}",
    beside=lambda args: r"\left[" + r" \;\middle|\; ".join(args) + r"\right]",
    block_diag=lambda text, blocks: rf"\operatorname{{blockdiag}}_{{{blocks}}}\left({text}\right)",
    diag_blocks=lambda text, blocks: rf"\operatorname{{diagblocks}}_{{{blocks}}}\left({text}\right)",
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


def parentheses(text: str) -> str:
    r"""Parentheses that TeX may break a line in, unless there is a fraction inside."""
    return rf"\left({text}\right)" if r"\frac" in text else f"({text})"


BREAKABLE = replace(LATEX, parentheses=parentheses)  # for lines of text, which may be broken in a formula
