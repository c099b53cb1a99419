"""An expression in HTML that needs no script: italic names, indices, fractions, roots.

    >>> from glassnet.expressions.expression import symbol
    >>> markup(symbol("z1", ("n", 2)) ** 2.0)
    '<i>z</i><sub>1</sub><sup>2</sup>'

The classes `f` (fraction), `q` (root) with its `r` (what the root is of) and `c` (cases) are drawn by the page's style.
"""

import html

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

GREEK_LETTERS = dict(zip(GREEK, "αβγδθλμρηεℓ", strict=True))
HTML_SIGNS = {
    "subtract": " − ",
    **dict.fromkeys(("matmul", "times_blocks", "times_blocks_T", "blocks_of"), "&#8202; "),
    "greater": " &gt; ",
    "greater_equal": " ≥ ",
    "less": " &lt; ",
    "less_equal": " ≤ ",
    "equal": " = ",
    "not_equal": " ≠ ",
    "logical_and": " ∧ ",
    "logical_or": " ∨ ",
}
SHORT = {"maximum": "max", "minimum": "min", "sigmoid": "<i>σ</i>"}
FRACTION = '<span class="f"><span>{}</span><span>{}</span></span>'
ROOT = '<span class="q"><span>√</span><span class="r">{}</span></span>'
CASES = '<span class="c"><span>{1}</span><span>if {0}</span><span>{2}</span><span>else</span></span>'


def markup(expression: Node, expand: bool = False) -> str:
    """The expression as HTML, every name escaped."""
    return write(expression, HTML, expand)


def markup_name(name: str) -> str:
    """A letter in italics with its index; a word upright."""
    d, stem, hat, index = parts = glyphs(name)
    text = GREEK_LETTERS.get(stem, html.escape(stem)) + ("\u0302" if hat else "")
    if len(stem) == 1 or stem in GREEK_LETTERS:
        text = f"<b><i>{text}</i></b>" if parts.is_array else f"<i>{text}</i>"
    below = html.escape(index.removeprefix("_"))
    return ("d" if d else "") + text + (f"<sub>{below}</sub>" if index else "")


def markup_numeral(value: float) -> str:
    """A constant of a formula: the root of a whole number as a root, any other as `markup_number` writes it."""
    count = root_of(value)
    return markup_number(value) if count is None else ROOT.format(count)


def markup_number(value: float) -> str:
    """`1e-08` as a power of ten, with a true minus."""
    text = number(value).replace("inf", "∞").replace("pi", "π").replace("-", "−")
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return mantissa
    power = f"10<sup>{exponent[:1].replace('+', '')}{exponent[1:].lstrip('0')}</sup>"
    return power if mantissa == "1" else f"{mantissa} · {power}"


def markup_infix(node: Node, left: str, right: str) -> str:
    """Elementwise products of arrays with ⊙, products with a number side by side."""
    if node.op == "multiply":
        if all(arg.shape for arg in node.args):
            return f"{left} ⊙ {right}"
        return left + (" · " if right[0].isdigit() else "&#8202; ") + right
    return left + HTML_SIGNS.get(node.op, SIGNS[node.op]) + right


def markup_aggregate(node: Node, text: str) -> str:
    """Σ over rows or columns."""
    below = f"<sub>{axis_words(node)}</sub>" if axis_words(node) else ""
    return f"Σ{below} {text}" if node.op == "sum" else f"{node.op}{below}({text})"


HTML = Notation(
    name=markup_name,
    number=lambda node: markup_numeral(node.value),
    infix=markup_infix,
    function=lambda name, args: f"{SHORT.get(name) or html.escape(name)}({', '.join(args)})",
    aggregate=markup_aggregate,
    transpose=lambda text: f"{text}<sup>⊤</sup>",
    parentheses=lambda text: f"({text})",
    take=lambda node, text: f"[{text}]<sub>:, {columns_text(node.columns)}</sub>",
    beside=lambda args: f"[{' | '.join(args)}]",
    block_diag=lambda text, blocks: f"blockdiag<sub>{blocks}</sub>({text})",
    diag_blocks=lambda text, blocks: f"diagblocks<sub>{blocks}</sub>({text})",
    forms={
        "divide": Form(FRACTION.format, (COMPARE, COMPARE), SIGN),
        "power": Form("{}<sup>{}</sup>".format, (ATOM, COMPARE), POWER),
        "square": Form("{}<sup>2</sup>".format, (ATOM,), POWER),
        "sqrt": Form(ROOT.format, (COMPARE,), ATOM),
        "absolute": Form("|{}|".format, (COMPARE,), ATOM),
        "floor": Form("⌊{}⌋".format, (COMPARE,), ATOM),
        "log1p": Form("log(1 + {})".format, (PRODUCT,), ATOM),
        "expm1": Form("exp({}) − 1".format, (COMPARE,), SUM),
        "logical_not": Form("¬{}".format, (ATOM,), SIGN),
        "where": Form(CASES.format, (COMPARE, COMPARE, COMPARE), COMPARE),
        "random": Form("uniform on [0, 1)".format, (), ATOM),
    },
    minus="−",
)
