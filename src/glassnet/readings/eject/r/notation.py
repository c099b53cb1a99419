"""Expressions as R writes them.

NumPy repeats a vector along the rows of a matrix, R along its columns; NumPy has columns of shape (n, 1), R takes a
vector for one. So an expression is first rewritten (`InR`): what R does not repeat by itself is repeated in so many
words (`rep(b1, each = n)`), and what it does not need is left out. Then it is written as any other notation.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from glassnet.expressions.element import PRODUCTS
from glassnet.expressions.expression import (
    BOOL,
    LOGIC,
    OF_COLUMNS,
    ROWS,
    Call,
    Dim,
    Expression,
    Shape,
    broadcast,
    constant,
    postorder,
    runs,
    symbol,
)
from glassnet.expressions.node import Node
from glassnet.expressions.notation import ATOM, COMPARE, PLAIN, POWER, SIGNS, Form, Notation, as_call, is_spread
from glassnet.readings.eject.formulas import Formula
from glassnet.readings.eject.r.values import number


class Piece(NamedTuple):
    """A part of an expression in R: of one or two axes to NumPy, and to R a matrix or a plain vector."""

    node: Expression
    is_matrix: bool


@dataclass(frozen=True)
class InR:
    """Rewrites expressions for R.

    Attributes
    ----------
    formulas
        Those that calls refer to.
    vectors
        The symbols of two axes that are plain vectors in R.
    """

    formulas: Mapping[str, Formula]
    vectors: set[str] = field(default_factory=set)

    def of(self, expression: Expression) -> Piece:
        """The expression with all that is said by shapes in NumPy said in so many words."""
        return self.inside(expression, {})

    def inside(self, expression: Expression, given: Mapping[str, Piece]) -> Piece:
        """The same for a formula's body whose parameters are `given`."""
        done: dict[int, Piece] = {}
        for node in postorder(expression):
            args = [done[id(arg)] for arg in node.args]
            if node.call:
                done[id(node)] = self.call(node, args)
            elif node.op == "symbol":
                matrix = Piece(node, node.ndim == 2 and node.name not in self.vectors)
                done[id(node)] = given.get(node.name, matrix)
            else:
                done[id(node)] = rewritten(node, args)
        return done[id(expression)]

    def call(self, node: Expression, args: list[Piece]) -> Piece:
        """A call, where the formula can be called with such shapes; else its arithmetic."""
        assert node.call is not None
        formula = self.formulas[node.call.name]
        shapes = {arg.node.shape for arg in args}
        if not (len(shapes) <= 1 and (formula.is_elementwise or all(len(shape) == 2 for shape in shapes))):
            return self.inside(formula.body, dict(zip(formula.parameters, args, strict=True)))
        if not formula.is_elementwise:
            args = [as_matrix(arg) for arg in args]
        result = self.body(formula, args)
        nodes = tuple(arg.node for arg in args)
        call = Call(node.call.name, nodes, node.call.meaning)
        return Piece(
            Expression("call", nodes, shape=result.node.shape, dtype=result.node.dtype, call=call), result.is_matrix
        )

    def body(self, formula: Formula, args: list[Piece]) -> Piece:
        """A formula's body, where its parameters have the form of `args`."""
        pairs = zip(formula.parameters, args, strict=True)
        return self.inside(
            formula.body, {name: Piece(symbol(name, arg.node.shape), arg.is_matrix) for name, arg in pairs}
        )


def rewritten(node: Expression, args: list[Piece]) -> Piece:
    """One operation on arguments that are rewritten already."""
    if node.op == "constant":
        return Piece(node, False)
    if node.op == "random":
        return random(node)
    if node.op == "transpose":
        return transposed(*args)
    if node.op == "expand_dims":
        return widened(node, *args)
    if node.op == "matmul":
        a, b = (as_matrix(arg).node for arg in args)
        return Piece(Expression("matmul", (a, b), shape=(a.shape[0], b.shape[1]), dtype=node.dtype), True)
    if node.op in OF_COLUMNS:
        return Piece(replace(node, args=tuple(as_matrix(arg).node for arg in args)), True)
    if node.op in ("sum", "mean", "max"):
        return reduced(node, *args)
    if is_spread(node):
        shape = broadcast("where", args[1].node.shape, args[2].node.shape)
        return repeated(args[1], shape)
    return element_by_element(node, args)


def operation(op: str, *args: Expression, shape: Shape) -> Expression:
    """One of R's own operations."""
    return Expression(op, args, shape=shape, dtype=args[0].dtype)


def size_of(dim: Dim) -> Expression:
    """A number of rows or columns: `n` or a number."""
    return symbol(ROWS) if dim == ROWS else constant(float(dim))


def three_axes(node: Expression) -> NotImplementedError:
    """What is said of arrays that R programs do not have."""
    return NotImplementedError(f"R programs have arrays of at most two axes, and here are three: {node!r:.200}")


def random(node: Expression) -> Piece:
    """`uniform(n, 4)`."""
    if node.ndim > 2:
        raise three_axes(node)
    rows, columns = (1, 1, *node.shape)[-2:]
    drawn = operation("uniform", size_of(rows), size_of(columns), shape=node.shape)
    return Piece(drawn, True) if node.ndim == 2 else as_vector(Piece(drawn, True))


def as_matrix(piece: Piece) -> Piece:
    """What has two axes as a matrix also to R."""
    node, is_matrix = piece
    if is_matrix:
        return piece
    if node.ndim != 2:
        raise NotImplementedError(f"R programs need a matrix here, got shape {node.shape}: {node.name or node.op}")
    return Piece(operation("rbind" if node.shape[0] == 1 else "cbind", node, shape=node.shape), True)


def as_vector(piece: Piece) -> Piece:
    """A column or a row as a plain vector."""
    node, is_matrix = piece
    return Piece(operation("drop", node, shape=node.shape), False) if is_matrix else piece


def transposed(piece: Piece) -> Piece:
    """`t(x)`; a plain vector is a row as well as a column."""
    node, is_matrix = piece
    shape = node.shape[::-1]
    return Piece(operation("t", node, shape=shape) if is_matrix else replace(node, shape=shape), is_matrix)


def widened(node: Expression, piece: Piece) -> Piece:
    """A vector with an axis more is the same vector."""
    arg = piece.node
    if arg.ndim > 1:
        raise three_axes(node)
    axis = node.axis or 0
    return Piece(replace(arg, shape=(*arg.shape[:axis], 1, *arg.shape[axis:])), False)


def reduced(node: Expression, piece: Piece) -> Piece:
    """A sum, mean or maximum; what is left is a plain vector."""
    arg, axis = piece.node, node.axis
    if not arg.ndim:
        return piece
    if axis is None or arg.ndim == 1:
        shape: Shape = (1,) * arg.ndim if node.keepdims else ()
        return Piece(replace(node, args=(arg,), shape=shape, axis=None), False)
    kept = (1,) if node.keepdims else ()
    shape = (*kept, arg.shape[1]) if axis == 0 else (arg.shape[0], *kept)
    return Piece(replace(node, args=(as_matrix(piece).node,), shape=shape), False)


def element_by_element(node: Expression, args: list[Piece]) -> Piece:
    """An operation number by number, its arguments repeated where R needs it."""
    op = node.op
    if op in LOGIC:
        args = [as_condition(arg) for arg in args]
    shape = broadcast(op, *(arg.node.shape for arg in args))
    if len(shape) > 2:
        raise three_axes(node)
    if op == "where" and args[0].node.shape != shape:  # the result of ifelse has the form of its condition
        args[0] = repeated(args[0], shape)
    elif len(shape) == 2 and 1 not in shape and not any(arg.is_matrix and arg.node.shape == shape for arg in args):
        k = next((k for k, arg in enumerate(args) if arg.node.op != "constant"), 0)
        args[k] = repeated(args[k], shape)
    if len(shape) == 2:
        args = [fitted(arg, shape) for arg in args]
    if op in ("maximum", "minimum"):
        args.sort(key=lambda arg: not arg.is_matrix)  # the result of pmax has the form of its first argument
        op = ("max of two" if op == "maximum" else "min of two") if not shape else op
    is_matrix = args[0].is_matrix if op == "where" else any(arg.is_matrix for arg in args)
    nodes = tuple(arg.node for arg in args)
    return Piece(Expression("ifelse" if op == "where" else op, nodes, shape=shape, dtype=node.dtype), is_matrix)


def as_condition(piece: Piece) -> Piece:
    """A number as whether it is not 0."""
    node = piece.node
    if node.dtype == BOOL:
        return piece
    return Piece(Expression("not_equal", (node, constant(0.0)), shape=node.shape, dtype=BOOL), piece.is_matrix)


def fitted(piece: Piece, shape: Shape) -> Piece:
    """An argument in a form that R repeats to a matrix of the shape: a column as a vector, a row repeated n times."""
    node = piece.node
    own = (1, 1, *node.shape)[-2:]
    if own == shape:
        return piece
    if own[0] == 1 and own[1] != 1:
        return Piece(operation("each", node, size_of(shape[0]), shape=shape), False)
    return as_vector(piece)


def repeated(piece: Piece, shape: Shape) -> Piece:
    """A number, a row or a column, repeated to a whole shape."""
    node = as_vector(piece).node
    if len(shape) < 2 or 1 in shape:
        size = next((dim for dim in shape if dim != 1), 1)
        is_long = any(dim != 1 for dim in node.shape)
        return Piece(
            replace(node, shape=shape) if is_long else operation("rep", node, size_of(size), shape=shape), False
        )
    own = (1, 1, *node.shape)[-2:]
    by_row = own[0] == 1 and own[1] != 1
    return Piece(operation("rows" if by_row else "matrix", node, *map(size_of, shape), shape=shape), True)


# ---------------------------------------------------------------------------------------------------- writing


def function(pattern: str, arguments: int) -> Form:
    """The form of a function of R: `t({})`."""
    return Form(pattern.format, (COMPARE,) * arguments, ATOM)


FORMS = {
    "t": function("t({})", 1),
    "drop": function("drop({})", 1),
    "cbind": function("cbind({})", 1),
    "rbind": function("rbind({})", 1),
    "each": function("rep({}, each = {})", 2),
    "rep": function("rep({}, {})", 2),
    "matrix": function("matrix({}, {}, {})", 3),
    "rows": function("matrix({}, {}, {}, byrow = TRUE)", 3),
    "uniform": function("uniform({}, {})", 2),
    "ifelse": function("ifelse({}, {}, {})", 3),
    "absolute": function("abs({})", 1),
    "maximum": function("pmax({}, {})", 2),
    "minimum": function("pmin({}, {})", 2),
    "max of two": function("max({}, {})", 2),
    "min of two": function("min({}, {})", 2),
    "square": Form(lambda x: f"{x}^2", (ATOM,), POWER),
    "logical_not": Form(lambda x: f"!{x}", (ATOM,), COMPARE),
}
REDUCTIONS = {"sum": ("sum", "colSums", "rowSums"), "mean": ("mean", "colMeans", "rowMeans")}
R_SIGNS = {**SIGNS, **dict.fromkeys(PRODUCTS, " %*% "), "power": "^"}
WARNING = {"log", "log1p", "sqrt"}  # R warns where these are not defined
WORDS = "abs apply cbind colMeans colSums cos drop exp expm1 floor function ifelse log log1p matrix max mean min pmax "
WORDS += "pmin rbind rep rowMeans rowSums sign sin sqrt sum suppressWarnings t tanh uniform pi"


def r_number(node: Node) -> str:
    """A number in a formula."""
    if abs(node.value) == sys.float_info.max:
        return f"{'-' * (node.value < 0)}.Machine$double.xmax"
    return "pi" if node.value == math.pi else number(node.value)


def r_columns(columns: Sequence[int]) -> str:
    """`3:5` or `c(1, 3)`: R counts from 1."""
    found = [f"{start + 1}:{start + width}" if width > 1 else str(start + 1) for start, width in runs(columns)]
    return found[0] if len(found) == 1 else f"c({', '.join(found)})"


def aggregate(node: Node, argument: str) -> str:
    """`rowSums(z)`, `apply(z, 1, max)`."""
    if node.op == "max":
        return f"max({argument})" if node.axis is None else f"apply({argument}, {2 - node.axis}, max)"
    return f"{REDUCTIONS[node.op][0 if node.axis is None else node.axis + 1]}({argument})"


def notation(name: Callable[[str], str], call: Callable[[str], str]) -> Notation:
    """How R writes expressions: with what symbols and formulas are called in a program."""
    return replace(
        PLAIN,
        name=name,
        number=r_number,
        infix=lambda node, left, right: left + R_SIGNS[node.op] + right,
        function=lambda op, args: f"{call(op)}({', '.join(args)})",
        aggregate=aggregate,
        transpose=lambda text: f"t({text})",
        take=lambda node, text: f"{text}[, {r_columns(node.columns)}, drop = FALSE]",
        beside=lambda args: f"cbind({', '.join(args)})",
        by_blocks=as_call,
        forms=FORMS,
    )
