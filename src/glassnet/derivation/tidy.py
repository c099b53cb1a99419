"""An expression made ready for a reader: the same value, written as one would by hand.

    >>> z, n = symbol("z1", ("n", 3)), symbol("n")
    >>> tidy(z * z * (1.0 / n))
    z1**2 / n
    >>> tidy(z.sum(axis=0) / n)
    mean(z1, axis=0)

What engines compute stays as it is; only pages are tidied. In exact arithmetic both are equal.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import replace

from glassnet.expressions.expression import (
    ELEMENTWISE,
    Call,
    Expression,
    broadcast,
    constant,
    elementwise,
    postorder,
    substitute,
    symbol,
)
from glassnet.expressions.notation import is_spread, plain
from glassnet.expressions.numbering import Numbering, same
from glassnet.formulas.activations import sigmoid, softmax


def rename(expression: Expression, names: Mapping[str, str]) -> Expression:
    """The expression with some symbols called otherwise."""
    shown = [arg for node in postorder(expression) if node.call for arg in node.call.args]
    symbols = {id(node): node for node in postorder(expression, *shown) if node.op == "symbol" and node.name in names}
    return substitute(
        expression, {key: symbol(names[node.name], node.shape, node.dtype) for key, node in symbols.items()}
    )


def tidy(expression: Expression, calls: bool = True) -> Expression:
    """The expression as one would write it by hand; without `calls`, formulas lose their names."""
    done: dict[int, Expression] = {}
    for node in postorder(expression):
        if not node.args:
            done[id(node)] = node
            continue
        tidied = tuple([done[id(arg)] for arg in node.args])
        is_tidy = node.call is None and all(map(operator.is_, tidied, node.args))
        result = simpler(node if is_tidy else replace(node, args=tidied, call=None))
        if node.call and calls:
            args = tuple(done[id(arg)] if id(arg) in done else tidy(arg) for arg in node.call.args)
            result = replace(result, call=Call(node.call.name, args, node.call.meaning))
        done[id(node)] = result
    return done[id(expression)]


def simpler(node: Expression) -> Expression:
    """One operation, simplified; its arguments already are."""
    node = without_spreads(node)
    if node.op in ("multiply", "divide") and any(map(is_minus, node.args)):
        args = [arg.args[0] if is_minus(arg) else arg for arg in node.args]
        product = simpler(elementwise(node.op, *args))
        return product if all(map(is_minus, node.args)) else simpler(elementwise("negative", product))
    if node.op == "multiply":
        return simpler_product(node, *node.args)
    if node.op == "divide":
        return simpler_fraction(node, *node.args)
    if node.op == "square":
        return elementwise("power", node.args[0], constant(2.0))
    if node.op == "power" and is_number(node.args[1], 1.0):
        return node.args[0]
    if node.op == "negative" and is_minus(node.args[0]):
        return node.args[0].args[0]
    if node.op in ("add", "subtract"):
        a, b = node.args
        if is_minus(b):
            return elementwise("subtract" if node.op == "add" else "add", a, b.args[0])
        if is_number(b, 0.0) and a.shape == node.shape:
            return a
    return node


def simpler_product(node: Expression, a: Expression, b: Expression) -> Expression:
    """1 * x is x, x * x is x**2, x * (1 / n) is x / n."""
    for x, other in ((a, b), (b, a)):
        if is_number(x, 1.0) and other.shape == node.shape:
            return other
        if is_number(x, 0.0) and not node.ndim:
            return x
    if b.op == "divide" and not b.call and is_number(b.args[0], 1.0) and b.args[1].ndim <= a.ndim:
        is_square = a.op == "divide" and not a.call and same(a.args[1], b.args[1])
        return simpler_fraction(node, a, b.args[1]) if is_square else elementwise("divide", a, b.args[1])
    x, k = base_and_exponent(a)
    if same(x, b) and b.op != "constant":
        return elementwise("power", x, constant(k + 1.0))
    if a.op == "multiply" and not a.call:
        x, k = base_and_exponent(a.args[1])
        if same(x, b) and b.op != "constant":
            return elementwise("multiply", a.args[0], elementwise("power", x, constant(k + 1.0)))
    return node


def simpler_fraction(node: Expression, a: Expression, b: Expression) -> Expression:
    """A sum by its count is a mean; x / y / y is x / y**2."""
    if a.op == "sum" and not a.call and same(b, a.args[0].count(a.axis)):
        return replace(a, op="mean")
    if a.op == "divide" and not a.call and same(a.args[1], b) and b.op != "constant":
        return elementwise("divide", a.args[0], elementwise("power", b, constant(2.0)))
    return node


def base_and_exponent(node: Expression) -> tuple[Expression, float]:
    """x and k of x**k; of anything else, itself and 1."""
    if node.op == "power" and not node.call and node.args[1].op == "constant":
        return node.args[0], node.args[1].value
    return node, 1.0


def is_number(node: Expression, value: float) -> bool:
    """Whether it is a given constant."""
    return node.op == "constant" and node.value == value


def is_minus(node: Expression) -> bool:
    """Whether it is -x, and not the result of a formula."""
    return node.op == "negative" and not node.call


def without_spreads(node: Expression) -> Expression:
    """`where(True, d, x) * x` is d * x: what is repeated need not say so where it meets the shape."""
    if is_spread(node):
        return node.args[1] if node.args[1].shape == node.shape else node
    if node.op not in ELEMENTWISE:
        return node
    args = list(node.args)
    for k, arg in enumerate(args):
        while is_spread(arg) or (arg.op == "expand_dims" and arg.axis == 0):
            shorter = arg.args[1] if is_spread(arg) else arg.args[0]
            others = [*args[:k], shorter, *args[k + 1 :]]
            if broadcast(node.op, *(other.shape for other in others)) != node.shape:
                break
            args[k] = arg = shorter
    for k, arg in enumerate(args):
        if is_spread(arg) and arg.shape == node.shape:  # the operation first, then repeat
            args[k] = arg.args[1]
            return elementwise("where", arg.args[0], simpler(elementwise(node.op, *args)), arg.args[2])
    return node if all(map(operator.is_, args, node.args)) else elementwise(node.op, *args)


def fold(expression: Expression) -> Expression:
    """The arithmetic of a sigmoid or softmax, wherever it occurs, by its name again."""
    found: dict[int, Expression] = {}
    for node in postorder(expression):
        if node.op != "divide" or node.call or node.args[0].op != "exp":  # both are an exponential by something
            continue
        for z in postorder(node):
            for formula in (sigmoid, softmax):
                if z.shape == node.shape and z.op != "constant" and z.ndim and same(tidy(formula(z)), node):
                    found[id(node)] = replace(node, call=Call(formula.__name__, (z,)))
    return substitute(expression, found)


SHORTEST_SHARED = 8  # characters; what is shorter is written again
LETTERS = "shkcfoqj"


def share(expression: Expression, taken: Container[str]) -> tuple[Expression, list[tuple[str, Expression]]]:
    """What occurs more than once, by a name: the expression in these names, and what each of them is.

    Names are letters not `taken`: e for an exponential. The results are to be read, not to be run.
    """
    expression = opaque(expression)
    numbering = Numbering(closed=True)
    nodes = {numbering.of(node): node for node in postorder(expression)}
    uses = Counter(numbering.of(arg) for node in nodes.values() for arg in node.args)
    free = [
        name for name in (*LETTERS, *(f"{letter}_{k}" for k in range(10) for letter in LETTERS)) if name not in taken
    ]
    e = ["e"] if "e" not in taken else []
    wheres: list[tuple[str, Expression]] = []
    written: dict[int, Expression] = {}  # by number
    for kind, node in nodes.items():
        args = tuple(written[numbering.of(arg)] for arg in node.args)
        value = replace(node, args=args, call=node.call and Call(node.call.name, args))
        if uses[kind] > 1 and node.args and len(plain(value)) >= SHORTEST_SHARED and free:
            name = e.pop() if e and node.op == "exp" else free.pop(0)
            wheres.append((name, value))
            value = symbol(name, node.shape, node.dtype)
        written[kind] = value
    return written[numbering.of(expression)], wheres


def opaque(expression: Expression) -> Expression:
    """The expression with named formulas closed: their arguments are those that their name shows."""
    done: dict[int, Expression] = {}
    for node in postorder(expression):
        args = node.call.args if node.call else node.args
        closed = tuple(done[id(arg)] if id(arg) in done else opaque(arg) for arg in args)
        done[id(node)] = replace(node, args=closed, call=node.call and Call(node.call.name, closed))
    return done[id(expression)]
