"""One number of an array expression as an expression of single numbers.

`x @ W + b` is arithmetic on arrays. Its number at (i, 2) is arithmetic on numbers: a sum of products of `x[i, k]` and
`W[k, 2]`, and `b[2]`. A place in an index is a whole number, or what stands for one in a loop.

    >>> from glassnet.expressions.expression import symbol
    >>> x, W, b = symbol("x", ("n", 2)), symbol("W", (2, 3)), symbol("b", (3,))
    >>> def leaf(node, index):
    ...     return symbol(f"{node.name}[{', '.join(map(str, index))}]") if node.op == "symbol" else None
    >>> element(np.tanh(x @ W) + b, ("i", 2), leaf)
    tanh(x[i, 0] * W[0, 2] + x[i, 1] * W[1, 2]) + b[2]
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial, reduce
from math import prod
from typing import Any

import numpy as np

from glassnet.expressions.expression import PRODUCTS_BY_BLOCKS, Call, Dim, Expression, Shape, constant

Index = tuple[Any, ...]
Leaf = Callable[[Expression, Index], Expression | None]
Sizes = Callable[[Expression], Sequence[int]]  # the shape of a node, with the number of rows in it
AGGREGATES = ("sum", "max", "mean")
PRODUCTS = ("matmul", *PRODUCTS_BY_BLOCKS)  # each number is a sum of products


def together(op: str, a: Expression, b: Expression) -> Expression:
    """An operation on two numbers, not worked out, as `elementwise` would for two constants."""
    return Expression(op, (a, b), shape=(), dtype=a.dtype)


product = partial(together, "multiply")
in_turn: Callable[[Sequence[Expression]], Expression] = partial(reduce, partial(together, "add"))
as_written: Sizes = operator.attrgetter("shape")


def element(
    node: Expression,
    index: Index,
    leaf: Leaf,
    *,
    shape: Sizes = as_written,
    is_named: Callable[[Expression], bool] = lambda node: False,
    made: Callable[[Expression, Expression], Expression] = lambda node, number: number,
    added: Callable[[Sequence[Expression]], Expression] = in_turn,
) -> Expression:
    """The arithmetic of one number.

    Parameters
    ----------
    node, index
        The array expression, and the number's place in it.
    leaf
        Gives what stands for a number: of every symbol, and of what is to be kept whole. None: its arithmetic.
    shape
        The shape of a node, needed where sums are written out: as many terms as that says.
    is_named
        Whether a node is to be written by the name of its formula.
    made
        From a node and what the operation was made into on single numbers, what is taken for it.
    added
        The sum of several numbers: from left to right, unless it is given.
    """

    def of(node: Expression, index: Index) -> Expression:
        found = leaf(node, index)
        if found is not None:
            return found
        if node.op == "constant":
            return node
        if is_named(node):
            return made(node, called(node, index))
        if is_passed_on(node):
            return of(*passed_on(node, index))
        if node.op in PRODUCTS or node.op in AGGREGATES:
            return gathering(node, index)
        return made(node, Expression(node.op, arguments(node.args, index), shape=(), dtype=node.dtype))

    def arguments(args: tuple[Expression, ...], index: Index) -> tuple[Expression, ...]:
        return tuple([of(arg, aligned(index, arg.shape)) for arg in args])

    def called(node: Expression, index: Index) -> Expression:
        assert node.call is not None
        args = arguments(node.args, index)
        shown = args if node.call.args is node.args else arguments(node.call.args, index)
        return replace(node, args=args, shape=(), call=Call(node.call.name, shown, node.call.meaning))

    def gathering(node: Expression, index: Index) -> Expression:
        count = counted(node, shape)
        terms = [reduce(product, [of(*place) for place in gathered(node, index, k, shape)]) for k in range(count)]
        if node.op == "max":
            return reduce(partial(together, "maximum"), terms)
        total = added(terms or [constant(0.0)])
        return together("divide", total, constant(float(count))) if node.op == "mean" else total

    return of(node, index)


def aligned(index: Index, shape: Shape) -> Index:
    """The place in an argument that broadcasting takes for a place in the result."""
    own = index[len(index) - len(shape) :]
    return tuple([0 if size == 1 else at for at, size in zip(own, shape, strict=True)]) if shape else ()


def is_passed_on(node: Expression) -> bool:
    """Whether a number of it is a number of an argument, unchanged."""
    return node.op in ("transpose", "expand_dims", "take", "concatenate") or (
        node.op == "where" and node.args[0].op == "constant"
    )


def passed_on(node: Expression, index: Index) -> tuple[Expression, Index]:
    """The argument's number that it is."""
    if node.op == "transpose":
        return node.args[0], index[::-1]
    if node.op == "expand_dims":
        axis = node.axis or 0
        return node.args[0], index[:axis] + index[axis + 1 :]
    if node.op == "take":
        return node.args[0], (index[0], picked(node.columns, index[1]))
    if node.op == "concatenate":
        return beside(node, index)
    chosen = node.args[1 if node.args[0].value else 2]
    return chosen, aligned(index, chosen.shape)


def picked(columns: Sequence[int], at: Any) -> Any:
    """Which column of a matrix is the one at a place of those taken: a number, or arithmetic on a loop's variable."""
    if isinstance(at, int):
        return columns[at]
    start = columns[0]
    if len(columns) == 1:
        return start
    if tuple(columns) != tuple(range(start, start + len(columns))):
        raise NotImplementedError(f"a loop over the columns {list(columns)}, which do not lie side by side")
    return f"{at} + {start}" if start else at


def beside(node: Expression, index: Index) -> tuple[Expression, Index]:
    """Which of the matrices that stand side by side a number is of, and where in it."""
    row, column = index
    if not isinstance(column, int):
        raise NotImplementedError(f"a loop over matrices side by side, in {node!r:.60}")
    for arg in node.args:
        if column < int(arg.shape[1]):
            return arg, (row, column)
        column -= int(arg.shape[1])
    raise IndexError(f"there is no column {index[1]} in {node!r:.60}")


def inside(node: Expression, index: Index, along: Index) -> Index:
    """The place in the argument of a sum, mean or max: `along` the axes that it takes together."""
    if node.axis is None:
        return along
    kept = index[: node.axis] + index[node.axis + 1 :] if node.keepdims else index
    return (*kept[: node.axis], *along, *kept[node.axis :])


def terms_of(product: Expression) -> Dim:
    """How many products each number of a matrix product, or of a product by blocks, adds up."""
    rows, columns = product.args[0].shape
    if product.op == "blocks_of":
        return rows
    return columns if product.op == "matmul" else int(columns) // product.blocks


def counted(node: Expression, shape: Sizes) -> int:
    """How many products a matrix product adds up, or numbers a sum, mean or max takes together."""
    dims = shape(node.args[0])
    if node.op in PRODUCTS:
        return int(dims[0]) if node.op == "blocks_of" else int(dims[1]) // max(node.blocks, 1)
    return prod(dims) if node.axis is None else int(dims[node.axis])


def gathered(node: Expression, index: Index, k: Any, shape: Sizes = as_written) -> list[tuple[Expression, Index]]:
    """The k-th of these: the two factors of a product, or a number."""
    first = node.args[0]
    if node.op == "matmul":
        i, j = index
        return [(first, (i, k)), (node.args[1], (k, j))]
    if node.op in PRODUCTS_BY_BLOCKS:
        return gathered_by_blocks(node, index, k)
    along = tuple(map(int, np.unravel_index(k, shape(first)))) if node.axis is None else (k,)
    return [(first, inside(node, index, along))]


def gathered_by_blocks(node: Expression, index: Index, k: Any) -> list[tuple[Expression, Index]]:
    """The k-th two factors of a product by blocks."""
    (first, second), (i, j) = node.args, index
    if node.op == "blocks_of":  # dW[i, j] adds up h[k, i]·dz[k, the j-th of i's block]
        size, own = int(first.shape[1]) // node.blocks, int(second.shape[1]) // node.blocks
        return [(first, (k, i)), (second, (k, within(i, size, own, j)))]
    size, own = int(node.shape[1]) // node.blocks, int(first.shape[1]) // node.blocks
    place = within(j, size, own, k)
    if node.op == "times_blocks":  # z[i, j] adds up h[i, the k-th of j's block]·W[the same, j within its block]
        return [(first, (i, place)), (second, (place, j % size if isinstance(j, int) else remainder(j, size)))]
    return [(first, (i, place)), (second, (j, k))]


def within(at: Any, size: int, own: int, k: Any) -> Any:
    """The k-th place of a block of `own`, the one in whose block of `size` a place is."""
    if isinstance(at, int):
        start: Any = at // size * own
    elif size == own:
        start = at if size == 1 else f"{at} - {remainder(at, size)}"
    elif size == 1:
        start = f"{at} * {own}"
    else:
        start = f"({at} - {remainder(at, size)}) / {size}" + (f" * {own}" if own > 1 else "")
    if own == 1 or k == 0:
        return start
    return start + k if isinstance(start, int) and isinstance(k, int) else k if start == 0 else f"{start} + {k}"


def remainder(at: str, size: int) -> Any:
    """j % 3: where in its block a place is."""
    return 0 if size == 1 else f"{at} % {size}"
