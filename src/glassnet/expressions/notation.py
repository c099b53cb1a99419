"""An expression as people write it: on one line, as in NumPy. `latex` and `markup` are beside this.

Every notation is the same walk over the expression (`write`); what differs stands in a table (`Notation`), also for
Numba (`engines/single_numbers.py`), R, C, JavaScript and spreadsheets (`readings/eject`). A formula with a name
(`sigmoid(z1)`) is written by its name unless the arithmetic is asked for.

    >>> from glassnet.expressions.expression import symbol
    >>> x, W, b = symbol("x", ("n", 2)), symbol("W1", (2, 3)), symbol("b1", (3,))
    >>> plain(x @ W + b)
    'x @ W1 + b1'

The plain notation is Python: evaluated with NumPy's functions it gives the expression's numbers.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from glassnet.expressions.glyphs import as_number
from glassnet.expressions.node import Node

# How tightly an operation holds its arguments: a looser one inside a tighter one needs parentheses. A big Σ
# holds everything up to the next + or -, so inside a product it needs them. The loosest are C's `c ? a : b`, || and &&.
CHOICE, EITHER, BOTH, COMPARE, SUM, BIG, PRODUCT, SIGN, POWER, ATOM = range(10)

BONDS = {
    **dict.fromkeys(("add", "subtract"), SUM),
    **dict.fromkeys(("multiply", "divide", "matmul", "times_blocks", "times_blocks_T", "blocks_of"), PRODUCT),
    "power": POWER,
    **dict.fromkeys(("greater", "greater_equal", "less", "less_equal", "equal", "not_equal"), COMPARE),
    **dict.fromkeys(("logical_and", "logical_or"), COMPARE),
}
AGGREGATES = {"sum", "max", "mean"}
BY_BLOCKS = {"times_blocks", "times_blocks_T", "blocks_of"}
MATRIX_PRODUCTS = {"matmul", "times_blocks", "times_blocks_T"}


class Form(NamedTuple):
    """How one operation is written, how tightly each argument must hold, and how tightly it does."""

    write: Callable[..., str]
    arguments: tuple[int, ...]
    own: int


@dataclass(frozen=True, kw_only=True)
class Notation:
    """The pieces in which two ways of writing differ.

    Attributes
    ----------
    name, number
        A symbol's name; a constant, from its expression: its dtype may decide how it is written.
    infix
        From the operation's expression and its two written arguments.
    function
        From a function's name and its written arguments.
    aggregate
        A sum, max or mean, from its expression and its written argument.
    transpose, parentheses
        Around what is written.
    take, beside
        Some columns of a matrix, from its expression and its written argument; matrices side by side.
    block_diag, diag_blocks
        The matrix that has the blocks of another along its diagonal, from that and how many they are; and those blocks
        of a matrix.
    by_blocks
        A product by blocks as a call of a function, from its expression and its written arguments; None: as a product
        with such a matrix, or of such blocks.
    forms
        Operations that have a form of their own, like a fraction.
    minus
        The sign of a negative number.
    flat
        Whether everything stands on one line and must be Python.
    """

    name: Callable[[str], str]
    number: Callable[[Node], str]
    infix: Callable[[Node, str, str], str]
    function: Callable[[str, list[str]], str]
    aggregate: Callable[[Node, str], str]
    transpose: Callable[[str], str]
    parentheses: Callable[[str], str]
    take: Callable[[Node, str], str] = lambda node, text: f"{text}[:, {columns_text(node.columns)}]"
    beside: Callable[[list[str]], str] = lambda args: f"concatenate(({', '.join(args)}), axis=1)"
    block_diag: Callable[[str, int], str] = lambda text, blocks: f"block_diag({text}, {blocks})"
    diag_blocks: Callable[[str, int], str] = lambda text, blocks: f"diag_blocks({text}, {blocks})"
    by_blocks: Callable[[Node, list[str]], str] | None = None
    forms: Mapping[str, Form] = field(default_factory=dict)
    minus: str = "-"
    flat: bool = False


def as_call(node: Node, args: list[str]) -> str:
    """A product by blocks as a function of its factors and of how many blocks they have: `times_blocks(h, W, 6)`."""
    return f"{node.op}({', '.join(args)}, {node.blocks})"


def write(expression: Node, notation: Notation, expand: bool = False) -> str:
    """The expression in a notation; with `expand`, named formulas as their arithmetic."""

    def inner(node: Node, bond: int) -> str:
        text, own = outer(node)
        return notation.parentheses(text) if own < bond else text

    def outer(node: Node) -> tuple[str, int]:
        if node.op == "symbol":
            return notation.name(node.name if node.shape or notation.flat else as_number(node.name)), ATOM
        if node.call and not expand:
            return notation.function(node.call.name, [inner(arg, CHOICE) for arg in node.call.args]), ATOM
        if node.op == "constant":
            return notation.number(node), SIGN if math.copysign(1.0, node.value) < 0 else ATOM
        if node.op == "transpose":
            return notation.transpose(inner(node.args[0], ATOM)), ATOM if notation.flat else POWER
        if node.op == "expand_dims":
            return expanded(node)
        if is_spread(node):
            return spread(node)
        if node.op == "take":
            return notation.take(node, inner(node.args[0], ATOM if notation.flat else CHOICE)), ATOM
        if node.op == "concatenate":
            return notation.beside([inner(arg, CHOICE) for arg in node.args]), ATOM
        if node.op in BY_BLOCKS:
            return by_blocks(node)
        if node.op in AGGREGATES:
            is_sigma = node.op == "sum" and not notation.flat
            text = inner(node.args[0], PRODUCT if is_sigma else COMPARE)
            return notation.aggregate(node, text), BIG if is_sigma else ATOM
        if node.op == "divide" and not notation.flat and node.args[0].op == "sum" and not node.args[1].shape:
            share = notation.forms["divide"].write("1", inner(node.args[1], COMPARE))
            return f"{share} {inner(node.args[0], BIG)}", BIG
        if node.op in notation.forms:
            form = notation.forms[node.op]
            return form.write(*map(inner, node.args, form.arguments)), form.own
        if node.op == "negative":
            return minus(node.args[0])
        if node.op in BONDS and (BONDS[node.op] != COMPARE or not is_number_logic(node)):
            return infix(node)
        name = "uniform" if node.op == "random" else node.op
        return notation.function(name, [inner(arg, CHOICE) for arg in node.args]), ATOM

    def minus(arg: Node) -> tuple[str, int]:
        text, own = outer(arg)
        if own < PRODUCT or text.startswith(notation.minus):
            text, own = notation.parentheses(text), ATOM
        return notation.minus + text, SIGN if own >= SIGN else SUM

    def infix(node: Node) -> tuple[str, int]:
        op, (a, b), bond = node.op, node.args, BONDS[node.op]
        if op == "multiply" and b.op == "constant" != a.op and not notation.flat:
            a, b = b, a
        # `a - (b - c)` and `a / (b * c)` need their parentheses; `a + (b - c)` and `a * (b * c)` do not
        strict = bond == COMPARE or not (op == "add" or op == "power" or (op == b.op == "multiply"))
        above = [node]
        while is_sum(above[-1]) and is_sum(above[-1].args[0]):  # a sum of a thousand terms is no thousand calls deep
            above.append(above[-1].args[0])
            a = above[-1].args[0]
        text = inner(a, bond + 1 if bond in (COMPARE, POWER) or mixes(op, a.op) else bond)
        for each in reversed(above):
            right = inner(b if each is node else each.args[1], bond + 1 if strict else bond)
            if right.startswith(notation.minus):
                right = notation.parentheses(right)
            text = notation.infix(each, text, right)
        return text, bond

    def is_sum(node: Node) -> bool:
        return node.op == "add" and "add" not in notation.forms and (expand or not node.call)

    def by_blocks(node: Node) -> tuple[str, int]:
        a, b = node.args
        if notation.by_blocks:
            return notation.by_blocks(node, [inner(arg, CHOICE) for arg in node.args]), ATOM
        if node.op == "blocks_of":
            product = notation.infix(node, notation.transpose(inner(a, ATOM)), inner(b, PRODUCT + 1))
            return notation.diag_blocks(product, node.blocks), ATOM
        diagonal = notation.block_diag(inner(b, CHOICE), node.blocks)
        right = diagonal if node.op == "times_blocks" else notation.transpose(diagonal)
        return notation.infix(
            node, inner(a, PRODUCT + (BONDS.get(a.op) == PRODUCT and a.op != "matmul")), right
        ), PRODUCT

    def expanded(node: Node) -> tuple[str, int]:
        arg = node.args[0]
        if not notation.flat:
            return outer(arg)
        index = [":"] * len(arg.shape)
        index.insert(node.axis or 0, "None")
        # a number without axes has no index; np.expand_dims gives it one
        text = f"{inner(arg, ATOM)}[{', '.join(index)}]" if arg.shape else f"expand_dims({inner(arg, COMPARE)}, 0)"
        return text, ATOM

    def spread(node: Node) -> tuple[str, int]:
        _, value, like = node.args
        if not notation.flat:
            return outer(value)
        ones = notation.function("ones_like", [inner(like, COMPARE)])
        if value.op == "constant" and value.value == 1.0:
            return ones, ATOM
        return f"{inner(value, PRODUCT)} * {ones}", PRODUCT

    return outer(expression)[0]


def is_spread(node: Node) -> bool:
    """Whether it is `where(True, d, x)`: d, repeated to x's shape."""
    return node.op == "where" and node.args[0].op == "constant" and node.args[0].value != 0.0


def is_number_logic(node: Node) -> bool:
    """Whether it is a logical operation on numbers, which Python's & and | do not take."""
    return node.op.startswith("logical") and any(arg.dtype != bool for arg in node.args)


def mixes(op: str, inside: str) -> bool:
    """Whether a matrix product meets another product, where a reader would not know which comes first."""
    return (op in MATRIX_PRODUCTS) != (inside in MATRIX_PRODUCTS)


def axis_words(node: Node) -> str:
    """What an aggregate runs over: "rows", "columns", another axis, or nothing where it is everything."""
    shape = node.args[0].shape
    if node.axis is None or len(shape) < 2:
        return ""
    if node.axis == 0 and isinstance(shape[0], str):
        return "rows"
    return "columns" if len(shape) == 2 and isinstance(shape[0], str) else f"axis {node.axis}"


def numeral(value: float) -> str:
    """A constant of a formula: the root of a whole number as a root, `sqrt(13)`; any other as `number` writes it."""
    count = root_of(value)
    return number(value) if count is None else f"sqrt({count})"


def root_of(value: float) -> int | None:
    """The whole number that a value is the root of, if that is no whole number itself; None for none up to a million.

    >>> root_of(math.sqrt(13)), root_of(3.6), root_of(4.0)
    (13, None, None)
    """
    if not 1.0 < value <= 1000.0 or value.is_integer():
        return None
    count = round(value * value)
    return count if math.sqrt(count) == value else None


def columns_text(columns: Sequence[int]) -> str:
    """`2:5`, where columns lie side by side; else `[0, 2, 5]`."""
    start, stop = columns[0], columns[-1] + 1
    return f"{start}:{stop}" if tuple(columns) == tuple(range(start, stop)) else str([*columns])


def number(value: float) -> str:
    """The shortest decimal that reads back as the value, whole numbers without a point; π as pi."""
    if value == math.pi:
        return "pi"
    if value == 0.0 and math.copysign(1.0, value) < 0:
        return "-0.0"
    return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)


def plain(expression: Node, expand: bool = False) -> str:
    """The expression on one line, as one would type it."""
    return write(expression, PLAIN, expand)


def plain_aggregate(node: Node, text: str) -> str:
    """`sum(x, axis=0)`."""
    axis = "" if node.axis is None else f", axis={node.axis}"
    return f"{node.op}({text}{axis}{', keepdims=True' if node.keepdims else ''})"


SIGNS = {
    "add": " + ",
    "subtract": " - ",
    "multiply": " * ",
    "divide": " / ",
    **dict.fromkeys(("matmul", "times_blocks", "times_blocks_T", "blocks_of"), " @ "),
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
    number=lambda node: numeral(node.value),
    infix=lambda node, left, right: left + SIGNS[node.op] + right,
    function=lambda name, args: f"{'abs' if name == 'absolute' else name}({', '.join(args)})",
    aggregate=plain_aggregate,
    transpose=lambda text: text + ".T",
    parentheses=lambda text: f"({text})",
    flat=True,
)
