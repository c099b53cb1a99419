"""The chain rule, for formulas that come without a derivative.

`pull_back(f, d, wrt)` goes through an expression from its result to its symbols and multiplies by the slope of each
operation on the way: reverse-mode differentiation, done on symbols, so that the derivative is an expression that
can be read, run and compiled like any other.

    >>> from glassnet.expressions.expression import symbol
    >>> z, da = symbol("z", ("n", 3)), symbol("da", ("n", 3))
    >>> pull_back(z * np.tanh(z), da, [z])[0]
    da * tanh(z) + da * z * (1 - tanh(z) * tanh(z))
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from glassnet.expressions.expression import (
    BOOL,
    Expression,
    blocks_of,
    expand_dims,
    postorder,
    take,
    times_blocks,
    times_blocks_T,
)

Slopes = tuple[Expression | None, ...]
where: Callable[..., Any] = np.where  # of symbols it gives an Expression


def pull_back(result: Expression, d: Expression, wrt: Sequence[Expression]) -> list[Expression]:
    """∂L/∂w for each symbol in `wrt`, from d = ∂L/∂result; each has the shape of its symbol.

    At a kink (abs, maximum, sign, floor, a `where` that changes sides) it is the slope of the side that is taken.
    The slope of the other side is multiplied by 0, so it must be finite there: `where(z > 0, log(maximum(z, 1)), 0)`,
    as the slope of `log(z)` at 0 is infinite.
    """
    gradients: dict[int, Expression] = {id(result): d}
    for node in reversed(postorder(result)):
        if id(node) not in gradients or node.op not in SLOPES:
            continue
        for arg, dq in zip(node.args, SLOPES[node.op](gradients[id(node)], node, *node.args), strict=True):
            if dq is None or arg.op == "constant" or arg.dtype == BOOL:
                continue
            dq = unbroadcast(dq, arg)
            gradients[id(arg)] = gradients[id(arg)] + dq if id(arg) in gradients else dq
    return [gradients.get(id(item), item * 0.0) for item in wrt]


def unbroadcast(dq: Expression, q: Expression) -> Expression:
    """Where q was repeated along an axis, its gradient is the sum over that axis."""
    while dq.ndim > q.ndim:
        dq = dq.sum(axis=0)
    for axis, (wide, size) in enumerate(zip(dq.shape, q.shape, strict=True)):
        if size == 1 and wide != 1:
            dq = dq.sum(axis=axis, keepdims=True)
    return dq


def spread(d: Expression, out: Expression, x: Expression) -> Expression:
    """What a reduction took together shares its gradient: d, repeated along the axis that was reduced."""
    if out.axis is not None and not out.keepdims and x.ndim > 1:
        d = expand_dims(d, out.axis)
    spread: Expression = where(True, d, x)  # d in the shape of x
    return spread


def _power(d: Expression, a: Expression, x: Expression, k: Expression) -> Slopes:
    if k.op != "constant":
        raise TypeError(f"no derivative for {a!r}: the exponent must be a number")
    if k.value == 2.0:
        return d * 2.0 * x, None
    return d * k.value * x ** (k.value - 1.0), None


SLOPES: dict[str, Callable[..., Slopes]] = {
    # d is ∂L/∂a, a the result, x and y what it was made from
    "add": lambda d, a, x, y: (d, d),
    "subtract": lambda d, a, x, y: (d, -d),
    "multiply": lambda d, a, x, y: (d * y, d * x),
    "divide": lambda d, a, x, y: (d / y, -d * a / y),
    "negative": lambda d, a, x: (-d,),
    "power": _power,
    "square": lambda d, a, x: (d * 2.0 * x,),
    "exp": lambda d, a, x: (d * a,),
    "log": lambda d, a, x: (d / x,),
    "log1p": lambda d, a, x: (d / (1.0 + x),),
    "expm1": lambda d, a, x: (d * (a + 1.0),),
    "sqrt": lambda d, a, x: (d * 0.5 / a,),
    "tanh": lambda d, a, x: (d * (1.0 - a * a),),
    "sin": lambda d, a, x: (d * np.cos(x),),
    "cos": lambda d, a, x: (-d * np.sin(x),),
    "absolute": lambda d, a, x: (d * np.sign(x),),
    "sign": lambda d, a, x: (None,),
    "floor": lambda d, a, x: (None,),
    "maximum": lambda d, a, x, y: (where(x >= y, d, 0.0), where(x >= y, 0.0, d)),
    "minimum": lambda d, a, x, y: (where(x <= y, d, 0.0), where(x <= y, 0.0, d)),
    "where": lambda d, a, c, x, y: (None, where(c, d, 0.0), where(c, 0.0, d)),
    "matmul": lambda d, a, x, y: (d @ y.T, x.T @ d),
    "expand_dims": lambda d, a, x: (d.sum(axis=a.axis),),
    "transpose": lambda d, a, x: (d.T,),
    "sum": lambda d, a, x: (spread(d, a, x),),
    "max": lambda d, a, x: (_max(d, a, x),),
    "take": lambda d, a, x: (put_back(d, a.columns, int(x.shape[1])),),
    "concatenate": lambda d, a, *parts: apart(d, parts),
    "times_blocks": lambda d, a, h, W: (times_blocks_T(d, W, a.blocks), blocks_of(h, d, a.blocks)),
    "times_blocks_T": lambda d, a, dz, W: (times_blocks(d, W, a.blocks), blocks_of(d, dz, a.blocks)),
    "blocks_of": lambda d, a, h, dz: (times_blocks_T(dz, d, a.blocks), times_blocks(h, d, a.blocks)),
}


def put_back(d: Any, columns: Sequence[int], width: int) -> Any:
    """Columns where they were taken from, of so many, 0 in the others; of one that was taken twice, the sum of both.

    >>> put_back(np.array([[2.0, 3.0, 4.0]]), (3, 0, 0), 4)
    array([[7., 0., 0., 2.]])
    """
    total: Any = None
    rest = [*enumerate(columns)]
    while rest:
        where_from = {column: k for k, column in reversed(rest)}
        rest = [(k, column) for k, column in rest if where_from[column] != k]
        nothing = where(True, 0.0, d[:, [0]])  # (n, 1)
        wide = d if len(where_from) == width else np.concatenate((d, nothing), axis=1)
        placed = wide[:, [where_from.get(column, len(columns)) for column in range(width)]]
        total = placed if total is None else total + placed
    return total


def apart(d: Expression, parts: Sequence[Expression]) -> Slopes:
    """What stood side by side, each its own columns."""
    found, start = list[Expression](), 0
    for part in parts:
        found.append(take(d, range(start, start + int(part.shape[1]))))
        start += int(part.shape[1])
    return tuple(found)


def _max(d: Expression, a: Expression, x: Expression) -> Expression:
    """The gradient goes to the largest; where several are equally large, each gets all of it."""
    to_largest: Expression = where(x == spread(a, a, x), spread(d, a, x), 0.0)
    return to_largest
