"""A function of one's own in a file: not its Python, but the operations it consists of.

The network was read by calling its formulas with symbols; the same trace is what a file holds. `lambda z: z *
np.tanh(z)` becomes

    [["symbol", "z"], ["tanh", 0], ["multiply", 0, 1]]

a list of operations of the expression language, each on the results of earlier ones. Loaded, it is a function
again: of arrays it gives numbers, of symbols an expression, so a model with it predicts, trains, explains and
ejects without the Python that it came from. And it can do nothing but arithmetic.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.files import JSON
from glassnet.data.files import fields as read
from glassnet.errors import ModelFileError
from glassnet.expressions.expression import (
    OPERATIONS,
    REDUCTIONS,
    ROWS,
    Expression,
    apply,
    as_expression,
    postorder,
    symbol,
)

MAX_OPERATIONS = 5_000  # of all formulas in a file: what is derived in a second when it is read
MAX_SIZE = 100_000  # operations, written out without names for what occurs twice: what a page of it would hold
ARITY = {
    "where": 3,
    "transpose": 1,
    "expand_dims": 1,
    **dict.fromkeys(REDUCTIONS, 1),
}  # of the others NumPy knows


@dataclass(frozen=True, kw_only=True)
class StoredOperation:
    """One line of a formula.

    Attributes
    ----------
    op
        An operation of the expression language, "symbol" or "constant".
    args
        The lines whose results it takes.
    name
        A symbol's name.
    value
        A constant's number.
    axis, keepdims
        Of a reduction; the axis also of expand_dims.
    """

    op: str
    args: tuple[int, ...] = ()
    name: str = ""
    value: float = 0.0
    axis: int | None = None
    keepdims: bool = False


@dataclass(frozen=True)
class StoredFormula:
    """A function made of operations: call it with arrays or with symbols.

    >>> z, tanh = StoredOperation(op="symbol", name="z"), StoredOperation(op="tanh", args=(0,))
    >>> swish = StoredFormula(("z",), (z, tanh, StoredOperation(op="multiply", args=(0, 1))))
    >>> swish(np.array([0.0]))
    array([0.])
    >>> swish(symbol("z", ("n", 3)))
    z * tanh(z)
    """

    arguments: tuple[str, ...]
    operations: tuple[StoredOperation, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "__doc__", "")  # a formula's docstring is its meaning, and this one's is not known

    def __call__(self, *args: Any, **_options: float) -> Any:
        """The last operation's result. Options have been filled in when the formula was traced."""
        values = dict(zip(self.arguments, args, strict=True))
        results: list[Any] = []
        for item in self.operations:
            if item.op == "symbol":
                result = values[item.name] if item.name in values else rows(args[0])
            elif item.op == "constant":
                result = item.value
            else:
                result = apply(item.op, [results[k] for k in item.args], item.axis, item.keepdims)
                if isinstance(result, np.floating):
                    result = float(result)  # a number takes the dtype of the array that it meets
            results.append(result)
        return results[-1]


def rows(x: Any) -> Any:
    """How many rows an array has; of a symbol the n that stands for it."""
    return symbol(ROWS, (), x.dtype) if isinstance(x, Expression) else float(len(x))


def traced(function: Callable[..., Any], arguments: dict[str, Expression], what: str) -> StoredFormula:
    """The function as a formula; ValueError where it holds more than arithmetic on its arguments."""
    operations: list[StoredOperation] = []
    place: dict[int, int] = {}  # what is shared stays shared, what is not is not: gradients add up in this order
    root = as_expression(function(*arguments.values()))
    nodes = postorder(root)
    for node in nodes:
        if node.op not in OPERATIONS | {"symbol", "constant"}:
            raise ValueError(f"{what} cannot be saved: a file cannot hold {node.op!r} in a formula")
        if node.op == "symbol" and node.name not in {*arguments, ROWS}:
            raise ValueError(f"{what} cannot be saved: it uses {node.name!r}, which is none of its arguments")
        args = tuple(place[id(arg)] for arg in node.args)
        place[id(node)] = len(operations)
        operations.append(
            StoredOperation(
                op=node.op, args=args, name=node.name, value=node.value, axis=node.axis, keepdims=node.keepdims
            )
        )
    if size(operations) > MAX_SIZE:
        raise ValueError(f"{what} cannot be saved: written out it has more than {MAX_SIZE} operations")
    return StoredFormula(tuple(arguments), tuple(operations))


def size(operations: Sequence[StoredOperation]) -> int:
    """How many operations the last one has in it, each use counted; beyond MAX_SIZE nobody counts."""
    sizes: list[int] = []
    for item in operations:
        sizes.append(min(1 + sum(sizes[k] for k in item.args), MAX_SIZE + 1))
    return sizes[-1]


def operations_in(network: object) -> int:
    """How many operations the formulas of one's own in a network's JSON have, all together."""
    if isinstance(network, list):
        return sum(map(operations_in, network))
    if not isinstance(network, dict):
        return 0
    is_own = {key: key in ("function", "derivative") and isinstance(item, list) for key, item in network.items()}
    return sum(len(item) if is_own[key] else operations_in(item) for key, item in network.items())


def written_formula(formula: StoredFormula) -> list[JSON]:
    """The formula in JSON types."""
    return [written_operation(item) for item in formula.operations]


def written_operation(item: StoredOperation) -> list[JSON]:
    """`["symbol", "z"]`, `["constant", 2.0]`, `["exp", 0]`, `["sum", 0, {"axis": 1, "keepdims": true}]`."""
    if item.op == "symbol":
        return ["symbol", item.name]
    if item.op == "constant":
        return ["constant", read.written_number(item.value)]
    extra: list[JSON] = []
    if item.op in REDUCTIONS:
        extra = [{"axis": item.axis, "keepdims": item.keepdims}]
    elif item.op == "expand_dims":
        extra = [{"axis": item.axis}]
    return [item.op, *item.args, *extra]


def read_formula(value: object, path: str, arguments: tuple[str, ...]) -> StoredFormula:
    """The formula that `written_formula` wrote, of these arguments."""
    lines = read.items(value, path)
    operations = tuple(read_operation(line, f"{path}[{k}]", k, arguments) for k, line in enumerate(lines))
    if not operations:
        raise ModelFileError(f"{path} must hold at least one operation")
    if size(operations) > MAX_SIZE:
        raise ModelFileError(f"{path} is too large: written out it has more than {MAX_SIZE} operations")
    return StoredFormula(arguments, operations)


def read_operation(value: object, path: str, before: int, arguments: tuple[str, ...]) -> StoredOperation:
    """One line, which may take the results of the `before` lines before it."""
    line = read.items(value, path)
    op = read.text(line[0] if line else None, f"{path}[0]")
    rest = line[1:]
    if op in ("symbol", "constant"):
        if len(rest) != 1:
            raise ModelFileError(f"{path}: {op} takes one value, got {len(rest)}")
        if op == "constant":
            return StoredOperation(op=op, value=read.any_number(rest[0], f"{path}[1]"))
        return StoredOperation(op=op, name=read.one_of(rest[0], f"{path}: symbol", (*arguments, ROWS)))
    if op not in OPERATIONS:
        raise ModelFileError(f"{path}: unknown operation {reprlib.repr(op)}")
    count = ARITY.get(op) or getattr(np, op).nin
    args = tuple(read_line_number(item, f"{path}[{k}]", before) for k, item in enumerate(rest[:count], start=1))
    extra = rest[count:]
    expected = op in REDUCTIONS or op == "expand_dims"
    if len(args) != count or len(extra) != expected:
        raise ModelFileError(f"{path}: {op} takes {count} operands{' and its axis' * expected}, got {len(rest)} values")
    if not expected:
        return StoredOperation(op=op, args=args)
    keys = {"axis", "keepdims"} if op in REDUCTIONS else {"axis"}
    found = read.take(extra[0], keys, path)
    axis = found["axis"]
    if not (type(axis) is int and 0 <= axis <= 2) and not (axis is None and op in REDUCTIONS):
        raise ModelFileError(f"{path}.axis must be 0, 1 or 2, got {axis!r:.60}")
    return StoredOperation(
        op=op, args=args, axis=axis, keepdims=read.flag(found.get("keepdims", False), f"{path}.keepdims")
    )


def read_line_number(value: object, path: str, before: int) -> int:
    """The number of an earlier line."""
    if type(value) is not int or not 0 <= value < before:
        raise ModelFileError(f"{path} must be the number of an earlier operation, below {before}, got {value!r:.60}")
    return value
