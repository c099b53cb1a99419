"""What a NumPy expression becomes when it is called with symbols.

`np.tanh(x @ W + b)` computes when `x`, `W` and `b` are arrays. When they are *symbols*, the same line returns an
`Expression`: a small graph that remembers what was done, with the shape and the dtype that the result will have.
NumPy itself makes that possible: every function of the dialect asks its arguments first
(`__array_ufunc__`, `__array_function__`).

    >>> x, W = symbol("x", ("n", 2)), symbol("W", (2, 3))
    >>> np.tanh(x @ W)
    tanh(x @ W)
    >>> np.tanh(x @ W).shape
    ('n', 3)

A shape holds sizes, and `"n"` for the number of rows, which is known only when data come.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from glassnet.expressions import blocks as by_blocks
from glassnet.expressions.notation import plain

Dim = int | str
Shape = tuple[Dim, ...]

ROWS = "n"
BOOL = np.dtype(bool)

ARITHMETIC = {"add", "subtract", "multiply", "divide", "power", "negative"}
COMPARISONS = {"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"}
LOGIC = {"logical_and", "logical_or", "logical_not"}
OF_CONDITIONS = {"add": "logical_or", "maximum": "logical_or", "multiply": "logical_and", "minimum": "logical_and"}
"""What NumPy makes of arithmetic where both sides are conditions: `(z > 0) * (y > 0)` is one again."""
BITWISE = {"bitwise_and": "logical_and", "bitwise_or": "logical_or", "invert": "logical_not"}
FUNCTIONS = {
    *("exp", "log", "log1p", "expm1", "sqrt", "square", "tanh", "absolute", "sign"),
    *("maximum", "minimum", "floor", "cos", "sin"),
}
ELEMENTWISE = ARITHMETIC | COMPARISONS | LOGIC | FUNCTIONS | {"where"}
REDUCTIONS = {"sum", "max"}
OPERATIONS = ELEMENTWISE | REDUCTIONS | {"matmul", "transpose", "expand_dims"}
PRODUCTS_BY_BLOCKS = ("times_blocks", "times_blocks_T", "blocks_of")  # `blocks` has them for arrays
OF_COLUMNS = {"take", "concatenate", *PRODUCTS_BY_BLOCKS}
DIALECT = "arithmetic, comparisons, @, .T, where, sum, max, mean, concatenate, x[:, 2:5], " + ", ".join(
    sorted(FUNCTIONS)
)


@dataclass(frozen=True, eq=False, repr=False)
class Call:
    """The named formula that an expression came from: `sigmoid(z1)` rather than its arithmetic."""

    name: str
    args: tuple[Expression, ...]
    meaning: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Expression(NDArrayOperatorsMixin):
    """One operation on other expressions, a symbol, or a constant.

    Attributes
    ----------
    op
        An operation of the dialect, or "symbol", "constant", "random" (uniform numbers in [0, 1)).
    args
        What it is applied to.
    shape, dtype
        Of the result; a shape may hold "n", the number of rows.
    name
        A symbol's name.
    value
        A constant's number.
    axis, keepdims
        Of a reduction.
    columns
        Of `take`: which columns of a matrix.
    blocks
        Of a product by blocks: how many blocks the columns are.
    call
        The formula whose result this is, for a reader.
    """

    op: str
    args: tuple[Expression, ...] = ()
    _: KW_ONLY
    shape: Shape = ()
    dtype: np.dtype[Any] = field(default_factory=lambda: np.dtype(np.float64))
    name: str = ""
    value: float = 0.0
    axis: int | None = None
    keepdims: bool = False
    columns: tuple[int, ...] = ()
    blocks: int = 0
    call: Call | None = None

    __hash__ = object.__hash__  # identity: `==` builds an expression, as on arrays

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def T(self) -> Expression:
        """The transpose of a matrix; of a vector, itself."""
        return self if self.ndim < 2 else Expression("transpose", (self,), shape=self.shape[::-1], dtype=self.dtype)

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Expression:
        """Sum over an axis, or over everything."""
        return reduction("sum", self, axis, keepdims)

    def max(self, axis: int | None = None, keepdims: bool = False) -> Expression:
        """Largest along an axis, or of everything."""
        return reduction("max", self, axis, keepdims)

    def mean(self, axis: int | None = None, keepdims: bool = False) -> Expression:
        """Sum divided by the count."""
        mean: Expression = self.sum(axis, keepdims) / self.count(axis)
        return mean

    def count(self, axis: int | None = None) -> Expression:
        """How many numbers a reduction over the axis takes together."""
        dims = self.shape if axis is None else (self.shape[axis],)
        total = float(math.prod(dim for dim in dims if isinstance(dim, int)))
        if ROWS not in dims:
            return constant(total)
        n = symbol(ROWS, (), self.dtype)
        return n if total == 1.0 else n * constant(total)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method == "reduce" and ufunc in (np.add, np.maximum):
            name = "sum" if ufunc is np.add else "max"
            return reduction(name, inputs[0], options.get("axis", 0), options.get("keepdims", False))
        name = ufunc.__name__
        if name in BITWISE and all(getattr(item, "dtype", None) == BOOL for item in inputs):
            name = BITWISE[name]  # `(z > 0) & (z < 1)`
        if "out" in options:
            raise TypeError(f"a formula cannot write into {options['out'][0]!r}: z = z + 1 rather than z += 1")
        if method != "__call__" or name not in OPERATIONS:
            raise TypeError(f"np.{name} cannot be used in a formula; allowed are {DIALECT}")
        if options:
            raise TypeError(f"np.{name} in a formula takes no {', '.join(options)}=")
        args = tuple(as_expression(item) for item in inputs)
        return matmul(*args) if name == "matmul" else elementwise(name, *args)

    def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        if func not in ARRAY_FUNCTIONS:
            raise TypeError(f"np.{func.__name__} cannot be used in a formula; allowed are {DIALECT}")
        if not kwargs.keys() <= {"axis", "keepdims"}:
            raise TypeError(f"np.{func.__name__} in a formula takes axis= and keepdims=, got {', '.join(kwargs)}=")
        return ARRAY_FUNCTIONS[func](*args, **kwargs)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError(f"a formula cannot turn {self!r} into an array: it has no numbers yet")

    def __bool__(self) -> bool:
        raise TypeError(f"a formula cannot branch on {self!r}: use np.where(condition, a, b)")

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(f"a formula cannot loop over {self!r}: use whole-array operations")

    def __float__(self) -> float:
        raise TypeError(f"a formula cannot turn {self!r} into a number: use NumPy's functions, not math's")

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, tuple) and len(index) == 2 and index[0] == slice(None) and self.ndim == 2:
            picked = index[1]
            if isinstance(picked, slice) and isinstance(self.shape[1], int):
                return take(self, range(self.shape[1])[picked])
            if isinstance(picked, (list, tuple, np.ndarray)) and all(isinstance(k, (int, np.integer)) for k in picked):
                return take(self, picked)
        raise TypeError(f"a formula cannot pick from {self!r} but whole columns: x[:, 2:5], x[:, [0, 3]]")

    def __len__(self) -> int:
        raise TypeError(f"a formula cannot count {self!r}: use .sum(axis=0) or .mean(axis=0)")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # a question that Python or a library asks, not the formula
        raise AttributeError(f"a formula has no .{name}; allowed are {DIALECT}")

    def __repr__(self) -> str:
        return plain(self)


def symbol(name: str, shape: Shape = (), dtype: Any = np.float64) -> Expression:
    """A named quantity without a value yet."""
    return Expression("symbol", shape=tuple(shape), dtype=np.dtype(dtype), name=name)


def constant(value: float) -> Expression:
    """A number that is the same for all data; it takes the dtype of what it meets, so that its own does not count."""
    return Expression("constant", value=float(value), dtype=np.dtype(np.float16))


def random(shape: Shape, dtype: Any) -> Expression:
    """Numbers drawn from the uniform distribution on [0, 1), new ones at every step."""
    return Expression("random", shape=shape, dtype=np.dtype(dtype))


def as_expression(item: Any) -> Expression:
    """A number as a constant; an expression as it is."""
    if isinstance(item, Expression):
        return item
    if isinstance(item, (bool, int, float, np.number, np.bool_)):
        return constant(float(item))
    raise TypeError(f"a formula works on symbols and numbers, got {type(item).__name__}: {item!r:.60}")


def named(expression: Expression, name: str, args: tuple[Any, ...], meaning: str = "") -> Expression:
    """The expression, remembered as the result of the formula `name(args)`."""
    if expression.op in ("symbol", "constant"):
        return expression
    return replace(expression, call=Call(name, tuple(as_expression(arg) for arg in args), meaning))


def elementwise(op: str, *args: Expression) -> Expression:
    """One of the operations that work number by number, with broadcasting."""
    if op == "where" and args[0].dtype != BOOL and args[0].op != "constant":
        args = (elementwise("not_equal", args[0], constant(0.0)), *args[1:])  # NumPy: what is not 0 counts as true
    decides = op in COMPARISONS | LOGIC
    if all(arg.op == "constant" for arg in args) and not decides:
        return constant(float(apply(op, [arg.value for arg in args])))
    if op == "where":
        args = (args[0], *map(as_numbers, args[1:]))
    elif all(arg.dtype == BOOL for arg in args) and not decides:
        if op in OF_CONDITIONS:
            return elementwise(OF_CONDITIONS[op], *args)
        args = tuple(map(as_numbers, args))
    dtype = BOOL if decides else dtype_of_numbers(*args)
    return Expression(op, args, shape=broadcast(op, *(arg.shape for arg in args)), dtype=dtype)


def as_numbers(a: Expression) -> Expression:
    """A condition as 1 and 0; anything else as it is."""
    return elementwise("where", a, constant(1.0), constant(0.0)) if a.dtype == BOOL else a


def dtype_of_numbers(*args: Expression) -> np.dtype[Any]:
    """The dtype of numbers made from `args`: that of the arrays, or else of what the conditions compare."""
    floats = [arg.dtype for arg in args if arg.dtype != BOOL and arg.op != "constant"]
    if not floats:
        floats = [node.dtype for node in postorder(*args) if node.dtype != BOOL and node.op != "constant"]
    return np.result_type(*floats) if floats else np.dtype(np.float64)


def broadcast(what: str, *shapes: Shape) -> Shape:
    """The shape that NumPy's broadcasting gives; ValueError where it gives none."""
    width = max(map(len, shapes))
    dims: list[Dim] = []
    for column in zip(*((1,) * (width - len(shape)) + shape for shape in shapes), strict=True):
        wide = {dim for dim in column if dim != 1}
        if len(wide) > 1:
            raise ValueError(f"shapes do not fit in {what}: {' and '.join(map(str, shapes))}")
        dims.append(wide.pop() if wide else 1)
    return tuple(dims)


def matmul(a: Expression, b: Expression) -> Expression:
    """The matrix product of two matrices."""
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise ValueError(f"shapes do not fit in {a!r} @ {b!r}: {a.shape} and {b.shape}")
    return Expression("matmul", (a, b), shape=(a.shape[0], b.shape[1]), dtype=np.result_type(a.dtype, b.dtype))


def reduction(op: str, a: Expression, axis: int | None = None, keepdims: bool = False) -> Expression:
    """Sum or max over one axis, or over all."""
    a = as_numbers(a)
    if axis is None:
        shape: Shape = (1,) * a.ndim if keepdims else ()
    else:
        if not isinstance(axis, int) or not -a.ndim <= axis < a.ndim:
            raise ValueError(f"axis of {op} must be None or one of {a.ndim} axes, got {axis!r}")
        axis %= a.ndim
        shape = a.shape[:axis] + ((1,) if keepdims else ()) + a.shape[axis + 1 :]
    return Expression(op, (a,), shape=shape, dtype=a.dtype, axis=axis, keepdims=bool(keepdims))


def expand_dims(a: Expression, axis: int) -> Expression:
    """The same numbers with one more axis, of size 1."""
    axis %= a.ndim + 1
    shape = (*a.shape[:axis], 1, *a.shape[axis:])
    return Expression("expand_dims", (a,), shape=shape, dtype=a.dtype, axis=axis)


def take(a: Expression, columns: Sequence[int] | np.ndarray) -> Expression:
    """Some columns of a matrix, in this order: `x[:, [0, 3]]`."""
    picked = tuple(int(k) for k in columns)
    if a.ndim != 2 or not isinstance(a.shape[1], int) or not picked:
        raise ValueError(
            f"columns are taken of a matrix, at least one, got {list(picked)} of {a!r} with shape {a.shape}"
        )
    if not all(0 <= k < a.shape[1] for k in picked):
        raise ValueError(f"columns of {a!r} must be from 0 to {a.shape[1] - 1}, got {list(picked)}")
    if picked == tuple(range(a.shape[1])):
        return a
    if a.op == "take":
        return take(a.args[0], [a.columns[k] for k in picked])
    return Expression("take", (as_numbers(a),), shape=(a.shape[0], len(picked)), dtype=a.dtype, columns=picked)


def runs(columns: Sequence[int]) -> list[tuple[int, int]]:
    """Columns that lie side by side, as the first of them and how many.

    >>> runs((0, 1, 2, 5, 3, 4))
    [(0, 3), (5, 1), (3, 2)]
    """
    found = list[tuple[int, int]]()
    for column in columns:
        start, width = found[-1] if found else (column, 0)
        if found and column == start + width:
            found[-1] = start, width + 1
        else:
            found.append((column, 1))
    return found


def concatenate(items: Sequence[Any], axis: int = 0) -> Expression:
    """Matrices side by side: `np.concatenate((a, b), axis=1)`."""
    args = tuple(as_expression(item) for item in items)
    if axis not in (1, -1) or any(a.ndim != 2 or not isinstance(a.shape[1], int) for a in args):
        raise ValueError(f"a formula puts matrices side by side, axis=1; got axis={axis} of {list(args)!r:.80}")
    if len({a.shape[0] for a in args}) > 1:
        raise ValueError(f"matrices side by side need as many rows, got {', '.join(str(a.shape) for a in args)}")
    if len(args) == 1:
        return args[0]
    args = tuple(map(as_numbers, args))
    width = sum(int(a.shape[1]) for a in args)
    return Expression("concatenate", args, shape=(args[0].shape[0], width), dtype=dtype_of_numbers(*args))


def times_blocks(h: Any, W: Any, blocks: int) -> Any:
    """z = h @ block_diag(W): each of so many blocks of columns times its own block of W (`blocks` has it for arrays).

    h is (n, d·k), W (d·k, m), z (n, d·m), for d blocks.
    """
    return product_by_blocks("times_blocks", h, W, blocks)


def times_blocks_T(dz: Any, W: Any, blocks: int) -> Any:
    """dh = dz @ block_diag(W)ᵀ: dz is (n, d·m), W (d·k, m), dh (n, d·k)."""
    return product_by_blocks("times_blocks_T", dz, W, blocks)


def blocks_of(h: Any, dz: Any, blocks: int) -> Any:
    """dW = diag_blocks(hᵀ @ dz): h is (n, d·k), dz (n, d·m), dW (d·k, m)."""
    return product_by_blocks("blocks_of", h, dz, blocks)


def product_by_blocks(op: str, a: Any, b: Any, blocks: int) -> Any:
    """One of the products by blocks, of arrays or of symbols."""
    if not isinstance(a, Expression):
        return getattr(by_blocks, op)(a, b, blocks)
    shape = by_blocks.shape_of(op, a.shape, b.shape, blocks)
    return Expression(op, (a, b), shape=shape, dtype=np.result_type(a.dtype, b.dtype), blocks=int(blocks))


ARRAY_FUNCTIONS: dict[Callable[..., Any], Callable[..., Expression]] = {
    np.where: lambda c, a, b: elementwise("where", *(as_expression(item) for item in (c, a, b))),
    np.sum: lambda a, axis=None, keepdims=False: a.sum(axis, keepdims),
    np.max: lambda a, axis=None, keepdims=False: a.max(axis, keepdims),
    np.mean: lambda a, axis=None, keepdims=False: a.mean(axis, keepdims),
    np.clip: lambda a, low, high: np.minimum(np.maximum(a, low), high),
    np.transpose: lambda a: a.T,
    np.expand_dims: lambda a, axis: expand_dims(a, axis),
    np.concatenate: concatenate,
}


def postorder(*roots: Expression, ends: Container[int] = ()) -> list[Expression]:
    """Every node once, arguments before what uses them; not those of nodes whose `id` is in `ends`."""
    seen: set[int] = set()
    order: list[Expression] = []
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            if node.args and id(node) not in ends:
                stack.append((node, True))
                stack.extend([(arg, False) for arg in reversed(node.args)])
            else:
                order.append(node)
    return order


def symbols_in(expression: Expression) -> set[str]:
    """The names of the symbols that it reads."""
    return {node.name for node in postorder(expression) if node.op == "symbol"}


def apply(op: str, args: list[Any], axis: int | None = None, keepdims: bool = False) -> Any:
    """One operation on arrays, on numbers or, again, on symbols."""
    if op == "transpose":
        return args[0].T
    if op == "expand_dims":
        return np.expand_dims(args[0], axis or 0)
    if op in REDUCTIONS or op == "mean":  # a mean is what a tidied page makes of a sum and its count
        return getattr(np, op)(args[0], axis=axis, keepdims=keepdims)
    return getattr(np, op)(*args)


def of_columns(node: Expression, args: Sequence[Any]) -> Any:
    """One of the operations `OF_COLUMNS` on arrays or, again, on symbols."""
    if node.op == "take":
        return args[0][:, list(node.columns)]
    if node.op == "concatenate":
        return np.concatenate(tuple(args), axis=1)
    a, b = args
    return product_by_blocks(node.op, a, b, node.blocks)


def evaluate(
    expression: Expression,
    values: Mapping[str, Any],
    draw: Any = None,
    results: dict[int, Any] | None = None,
    operation: Callable[..., Any] = apply,
) -> Any:
    """The expression's value for given values of its symbols: arrays give numbers, symbols an expression again.

    `draw(shape, dtype)` gives the random numbers, where the expression asks for some. `results` has what is known of
    nodes by their `id`, and learns the others'; `operation` does what `apply` does.
    """
    floats = {value.dtype for value in values.values() if isinstance(value, np.ndarray) and value.dtype.kind == "f"}
    single = floats == {np.dtype(np.float32)}
    results = {} if results is None else results
    for node in postorder(expression):
        if id(node) in results:
            continue
        if node.op == "symbol":
            result = values[node.name]
        elif node.op == "constant":
            result = node.value
        elif node.op == "random":
            result = draw(node.shape, node.dtype)
        elif node.op in OF_COLUMNS:
            result = of_columns(node, [results[id(arg)] for arg in node.args])
        else:
            result = operation(node.op, [results[id(arg)] for arg in node.args], node.axis, node.keepdims)
            if single and isinstance(result, np.ndarray) and result.dtype == np.float64:
                result = result.astype(np.float32)  # `where(c, 1.0, 0.0)` is float64 to NumPy
            if isinstance(result, np.floating):
                result = float(result)  # a number takes the dtype of the array that it meets
        results[id(node)] = result
    return results[id(expression)]


def substitute(expression: Expression, names: Mapping[int, Expression]) -> Expression:
    """The expression with each node whose `id` is in `names` replaced by the expression given for it."""
    results: dict[int, Expression] = {}

    def of(node: Expression) -> Expression:
        return names.get(id(node), results.get(id(node), node))

    for node in postorder(expression, ends=names):
        if id(node) not in names and node.args:
            args, shown = tuple(map(of, node.args)), tuple(map(of, node.call.args)) if node.call else ()
            if any(map(operator.is_not, (*args, *shown), (*node.args, *(node.call.args if node.call else ())))):
                call = node.call and Call(node.call.name, shown, node.call.meaning)
                results[id(node)] = replace(node, args=args, call=call)
    return of(expression)
