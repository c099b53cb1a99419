"""A step's formula made ready for loops: formulas of rows written out, every shape known, what occurs twice one node.

A formula of single numbers (sigmoid) stays a call; one that looks at whole rows (softmax) is replaced by its
arithmetic, because its sums are loops of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from glassnet.expressions.element import AGGREGATES, PRODUCTS
from glassnet.expressions.expression import (
    ELEMENTWISE,
    OF_COLUMNS,
    Call,
    Expression,
    Shape,
    apply,
    broadcast,
    of_columns,
    postorder,
)
from glassnet.expressions.numbering import Numbering
from glassnet.readings.eject.formulas import Formula

CHEAP = {
    *("symbol", "constant", "add", "subtract", "multiply", "negative", "where", "transpose", "expand_dims"),
    *("take", "concatenate"),
    *("greater", "greater_equal", "less", "less_equal", "equal", "not_equal"),
    *("logical_and", "logical_or", "logical_not", "absolute", "sign", "maximum", "minimum"),
}


def is_single(formula: Formula, formulas: Mapping[str, Formula]) -> bool:
    """Whether a formula, with all formulas it calls, makes of single numbers a single number."""
    for node in postorder(formula.body):
        if node.call is not None and not is_single(formulas[node.call.name], formulas):
            return False
        if node.op not in (*ELEMENTWISE, "symbol", "constant") and node.call is None:
            return False
    return True


def written_out(expression: Expression, formulas: Mapping[str, Formula]) -> Expression:
    """The expression with formulas of rows as their arithmetic, and equal parts as one node."""
    numbering = Numbering(closed=True)
    known: dict[int, Expression] = {}  # by number

    def of(root: Expression) -> Expression:
        done: dict[int, Expression] = {}
        for node in postorder(root):
            args = tuple(done[id(arg)] for arg in node.args)
            if node.call is not None and not is_single(formulas[node.call.name], formulas):
                done[id(node)] = of(formulas[node.call.name].applied(args))
            else:
                applied = with_args(node, args)
                done[id(node)] = known.setdefault(numbering.of(applied), applied)
        return done[id(root)]

    return of(expression)


def with_args(node: Expression, args: tuple[Expression, ...]) -> Expression:
    """The operation on other arguments, with the shape that it then has."""
    if not args:
        return node
    call = node.call and Call(node.call.name, args, node.call.meaning)
    return replace(node, args=args, call=call, shape=shape_of(node, args))


def shape_of(node: Expression, args: tuple[Expression, ...]) -> Shape:
    """The shape of an operation's result."""
    if node.call:  # of single numbers
        return broadcast(node.op, *(arg.shape for arg in args))
    if node.op in OF_COLUMNS:
        found: Shape = of_columns(node, args).shape
        return found
    shape: Shape = apply(node.op, list(args), node.axis, node.keepdims).shape
    return shape


def axes_of(node: Expression) -> tuple[int, ...]:
    """The axes that a reduction runs over."""
    return tuple(range(node.args[0].ndim)) if node.axis is None else (node.axis,)


def is_reduction(node: Expression) -> bool:
    """Whether it is a sum, mean or maximum."""
    return node.op in AGGREGATES and node.call is None


def is_product(node: Expression) -> bool:
    """Whether it is a product of matrices, or one by blocks."""
    return node.op in PRODUCTS and node.call is None


def is_cheap(node: Expression) -> bool:
    """Whether it costs little to compute it again; sums and products of matrices are kept anyway."""
    if is_reduction(node) or is_product(node):
        return True
    return node.op in CHEAP and node.call is None and all(map(is_cheap, node.args))


def kept_in_rows(root: Expression) -> set[int]:
    """The nodes (by id) that a sum or maximum along rows goes through and something else reads as well: exp in softmax.

    Each is computed once for a row and kept.
    """
    inside: set[int] = set()
    reductions = [node for node in postorder(root) if is_reduction(node) and node.args[0].ndim > 1]
    along = [node for node in reductions if axes_of(node) == (node.args[0].ndim - 1,)]
    for node in along:
        inside |= {id(item) for item in postorder(node.args[0])}
    sums = {id(node) for node in along}
    outside = reached(root, stop=sums) - sums
    twice = {
        id(item)
        for k, node in enumerate(along)
        for other in along[:k]
        for item in {*postorder(node.args[0])} & {*postorder(other.args[0])}
    }
    shared = (inside & outside) | twice
    candidates = {
        id(node)
        for node in postorder(root)
        if id(node) in shared and node.ndim > 1 and not is_cheap(node) and not is_reduction(node)
    }
    return candidates & reached(root, stop=candidates)


def reached(root: Expression, stop: set[int]) -> set[int]:
    """The nodes (by id) that are reached from the top without going through one of `stop`, and those of `stop`."""
    found: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if id(node) not in found:
            found.add(id(node))
            stack.extend(node.args if id(node) not in stop else ())
    return found
