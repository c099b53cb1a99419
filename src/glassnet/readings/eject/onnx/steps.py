"""The steps of a derivation as nodes of an ONNX graph.

Most operations of the dialect are operations of ONNX under another name; the others are composed at the end of this
file. Where a step calls a named formula (sigmoid, gelu, …) its arithmetic is written, as glassnet computes it: ONNX's
own Gelu or Softplus round otherwise, and programs that read ONNX often have them for float32 alone.

onnxruntime makes one operation of several where it knows a pattern, also in double precision, though some of these
operations hold a number of theirs in float32: the factor of a MatMul loses half of its digits, the eps of a LayerNorm
becomes 1e-5. Two habits keep these patterns from being found: a matrix product is a Gemm, a square is a Mul.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from glassnet.derivation.steps import Step
from glassnet.expressions.expression import BOOL, LOGIC, PRODUCTS_BY_BLOCKS, Expression, postorder, substitute
from glassnet.readings.eject.onnx.graph import Graph

NAMES = {
    "add": "Add",
    "subtract": "Sub",
    "multiply": "Mul",
    "divide": "Div",
    "negative": "Neg",
    "power": "Pow",
    "exp": "Exp",
    "log": "Log",
    "sqrt": "Sqrt",
    "tanh": "Tanh",
    "absolute": "Abs",
    "sign": "Sign",
    "maximum": "Max",
    "minimum": "Min",
    "floor": "Floor",
    "sin": "Sin",
    "affine": "Gemm",
    "transpose": "Transpose",
    "greater": "Greater",
    "greater_equal": "GreaterOrEqual",
    "less": "Less",
    "less_equal": "LessOrEqual",
    "equal": "Equal",
    "logical_and": "And",
    "logical_or": "Or",
    "logical_not": "Not",
    "where": "Where",
}
REDUCTIONS = {"sum": "ReduceSum", "max": "ReduceMax", "mean": "ReduceMean"}
ANY = {"transpose", "expand_dims"}  # they take truth values as well as numbers


def write_step(graph: Graph, step: Step, names: Mapping[str, str], name: str, words: str) -> None:
    """Nodes for a step; the last one's result is called `name`, and the words describe it.

    Parameters
    ----------
    step
        Its expression holds arithmetic only: named formulas are opened.
    names
        What its symbols are called in the graph.

    Raises
    ------
    NotImplementedError
        The step draws random numbers.
    """
    writer = StepWriter(graph, step, names, words)
    done: dict[int, str] = {}
    expression = with_affine(step.expression)
    for node in postorder(expression):
        done[id(node)] = writer.write(as_square(node), done, name if node is expression else "")
    graph.note(name, BOOL if step.expression.dtype == BOOL else graph.dtype, step.shape)


def as_square(node: Expression) -> Expression:
    """x**2 as the square of x; another operation as it is."""
    if node.op == "power" and node.args[1].op == "constant" and node.args[1].value == 2.0:
        return replace(node, op="square", args=node.args[:1])
    return node


def with_affine(expression: Expression) -> Expression:
    """The expression with x @ W + b as one operation, `affine`, of x, W and b."""
    found = {
        id(node): replace(node, op="affine", args=(*node.args[0].args, node.args[1]))
        for node in postorder(expression)
        if node.op == "add"
        and node.args[0].op == "matmul"
        and node.args[0].dtype != BOOL
        and node.args[1].shape == node.shape[1:]
    }
    return substitute(expression, found)


def kinds(node: Expression) -> list[str]:
    """What ONNX wants each argument of an operation to be: "numbers", "truth" values, or "any"."""
    if node.op == "where":
        return ["truth", "numbers", "numbers"]
    if node.op in LOGIC:
        return ["truth"] * len(node.args)
    both_truth = all(arg.dtype == BOOL for arg in node.args)
    is_any = node.op in ANY or (node.op in ("equal", "not_equal") and both_truth)
    return ["any" if is_any else "numbers"] * len(node.args)


class StepWriter:
    """Writes the operations of one step; values in between are called `z1_exp`."""

    def __init__(self, graph: Graph, step: Step, names: Mapping[str, str], words: str) -> None:
        self.graph, self.step, self.names, self.words = graph, step, names, words
        self.number = graph.constant

    def operand(self, arg: Expression, name: str, kind: str) -> str:
        """An argument as ONNX wants it: it never takes a truth value for a number, nor the other way round."""
        dtype = BOOL if kind == "truth" else self.graph.dtype
        if arg.op == "constant":
            return self.graph.constant(arg.value, dtype)
        if kind == "any" or (kind == "truth") == (arg.dtype == BOOL):
            return name
        return self.graph.cast(name, dtype, f"{name}_as_{kind}")

    def sizes(self, *dims: int) -> str:
        """A shape, in the form in which operations are given shapes; -1 for what is left."""
        words = "_".join("rest" if dim < 0 else str(dim) for dim in dims)
        return self.graph.once(f"shape_{words}", np.array(dims, np.int64))

    def inner(self, operation: str, *args: str, name: str = "", **options: int | str) -> str:
        """A node of this step; the last one has the step's name and words."""
        hint = f"{self.step.name}_{operation.lower()}"
        return self.graph.node(operation, *args, name=name, hint=hint, words=self.words if name else "", **options)

    def write(self, node: Expression, done: Mapping[int, str], name: str) -> str:
        """What an operation's result is called: `name` if that is given; and its arguments by their id."""
        if node.op == "random":
            raise NotImplementedError(
                f"ONNX files cannot draw random numbers, and {self.step.name} of layer {self.step.layer} does: "
                f"{self.step.formula}; let the layer draw in training alone (mode.training)"
            )
        if node.op == "constant" and not name:
            return ""  # what uses it writes it
        if node.op in ("symbol", "constant"):
            value = self.names[node.name] if node.op == "symbol" else self.number(node.value)
            return self.inner("Identity", value, name=name) if name else value
        args = [self.operand(arg, done[id(arg)], kind) for arg, kind in zip(node.args, kinds(node), strict=True)]
        if node.op in REDUCTIONS:
            axes = [] if node.axis is None else [self.graph.axes(node.axis)]
            return self.inner(REDUCTIONS[node.op], *args, *axes, name=name, keepdims=int(node.keepdims))
        if node.op in COMPOSED:
            return COMPOSED[node.op](self, node, args, name)
        return self.inner(NAMES[node.op], *args, name=name)


# operations that ONNX does not have, or onnxruntime not in double precision


def square(writer: StepWriter, node: Expression, args: list[str], name: str) -> str:
    """x·x."""
    return writer.inner("Mul", *args, *args, name=name)


def not_equal(writer: StepWriter, node: Expression, args: list[str], name: str) -> str:
    """Not equal."""
    return writer.inner("Not", writer.inner("Equal", *args), name=name)


def expand_dims(writer: StepWriter, node: Expression, args: list[str], name: str) -> str:
    """One more axis."""
    return writer.inner("Unsqueeze", *args, writer.graph.axes(node.axis or 0), name=name)


def cos(writer: StepWriter, node: Expression, args: list[str], name: str) -> str:
    """cos(x) = 1 - 2·sin(x/2)²: onnxruntime had Sin in double precision years before Cos."""
    half = writer.inner("Sin", writer.inner("Mul", *args, writer.number(0.5)))
    twice = writer.inner("Mul", writer.inner("Mul", half, half), writer.number(2.0))
    return writer.inner("Sub", writer.number(1.0), twice, name=name)


def expm1(writer: StepWriter, node: Expression, args: list[str], name: str) -> str:
    """exp(x) - 1 = tanh(x/2)·(exp(x) + 1): no two numbers that are nearly the same are subtracted."""
    half = writer.inner("Mul", *args, writer.number(0.5))
    more = writer.inner("Add", writer.inner("Exp", *args), writer.number(1.0))
    return writer.inner("Mul", writer.inner("Tanh", half), more, name=name)


def log1p(writer: StepWriter, node: Expression, args: list[str], name: str) -> str:
    """log(1 + x) = log(u) + (x - (u - 1)) / u with u = 1 + x rounded: the second term is what rounding lost.

    Where nothing was lost it is 0, also where x is infinite or -1.
    """
    (x,), one = args, writer.number(1.0)
    u = writer.inner("Add", x, one)
    kept = writer.inner("Sub", u, one)
    lost = writer.inner("Div", writer.inner("Sub", x, kept), u)
    lost = writer.inner("Where", writer.inner("Equal", kept, x), writer.number(0.0), lost)
    return writer.inner("Add", writer.inner("Log", u), lost, name=name)


def matmul(writer: StepWriter, node: Expression, args: list[str], name: str) -> str:
    """x @ W; of truth values, whether the sum is not 0."""
    if node.dtype != BOOL:
        return writer.inner("Gemm", *args, name=name)
    return writer.graph.cast(writer.inner("Gemm", *args), bool, f"{writer.step.name}_truth", name)


def take(writer: StepWriter, node: Expression, args: list[str], name: str) -> str:
    """Some columns."""
    columns = "_".join(map(str, node.columns)) if len(node.columns) < 9 else f"{len(writer.graph.made)}"
    picked = writer.graph.once(f"columns_{columns}", np.array(node.columns, np.int64))
    return writer.inner("Gather", *args, picked, name=name, axis=1)


def concatenate(writer: StepWriter, node: Expression, args: list[str], name: str) -> str:
    """Matrices side by side."""
    return writer.inner("Concat", *args, name=name, axis=1)


def by_blocks(writer: StepWriter, node: Expression, args: list[str], name: str) -> str:
    """A product by blocks, of arrays with an axis for the blocks."""
    a, b = (arg.shape for arg in node.args)
    d = node.blocks
    deep = {"times_blocks": "njk,jkm->njm", "times_blocks_T": "njm,jkm->njk", "blocks_of": "njk,njm->jkm"}[node.op]
    rows = [(-1, d, int(a[1]) // d), (-1, d, int(b[1]) // d) if node.op == "blocks_of" else (d, -1, int(b[1]))]
    given = [writer.inner("Reshape", arg, writer.sizes(*dims)) for arg, dims in zip(args, rows, strict=True)]
    product = writer.inner("Einsum", *given, equation=deep)
    return writer.inner("Reshape", product, writer.sizes(-1, int(node.shape[1])), name=name)


COMPOSED = {
    "take": take,
    "concatenate": concatenate,
    **dict.fromkeys(PRODUCTS_BY_BLOCKS, by_blocks),
    "square": square,
    "not_equal": not_equal,
    "expand_dims": expand_dims,
    "cos": cos,
    "expm1": expm1,
    "log1p": log1p,
    "matmul": matmul,
}
