"""The functions of the compiled engine as text: the loops of a derivation with what is around them.

`train_steps` takes any number of steps without returning to Python: it gathers the rows of each batch, computes the
step, adds up the loss, and goes on with the next batch or epoch. `predict` and `evaluate` go over any number of rows
in pieces that stay in the processor's cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from textwrap import indent

import numpy as np

from glassnet.derivation.steps import Derivation
from glassnet.engines.loops import DATA, Loops
from glassnet.engines.program import compile_program
from glassnet.engines.rewriting import share_exponentials
from glassnet.expressions.expression import BOOL, ROWS
from glassnet.memory import FLUSH_BELOW, FLUSH_EVERY

MODULE = '''"""{title}

Written by glassnet from the derivation.
"""

import math

import numpy as np
from numba import float32, float64, njit

from glassnet.engines.drawing import draw
from glassnet.engines.elementary import absolute, exp, expm1, log, log1p, maximum, minimum
from glassnet.engines.elementary import reassociated_add, sign, tanh
from glassnet.engines.products import multiply, multiply_left_transposed, multiply_right_transposed


@njit(nogil=True, cache=True, error_model="numpy", fastmath={{"contract"}})
def {name}({arguments}):
{body}
'''

TITLES = {
    "train_steps": "Training steps of a network.",
    "predict": "The predictions of a network.",
    "evaluate": "The predictions of a network, and their loss.",
}

STEPS = """\
t, low, epochs = at[0], at[1], at[2]
total, parts = sums[0], sums[1]
for _ in range(count):
    t += 1
{batch}
{step}
    if not math.isfinite(L):
        at[3] = 1
        break
{after}
    low += n
    if low == rows:
        losses[epochs] = {mean}
        epochs += 1
        low, total, parts = 0, 0.0, 0.0
at[0], at[1], at[2] = t, low, epochs
sums[0], sums[1] = total, parts
"""

PIECES = """\
rows = X.shape[0]
for low in range(0, rows, piece):
    n = min(piece, rows - low)
{step}
"""

GATHER = """\
for i in range(n):
    row = order[epochs, low + i]
{copies}
"""

COPY = """\
    for j in range({columns}):
        {name}[i, j] = {source}[row, j]
"""

WEIGHT = """\
weight = 0.0
for i in range(n):
    weight += {element}
"""

FLUSH = """\
if t % {every} == 0:
{slots}
"""

FLUSH_SLOT = """\
    for j in range({slot}.shape[0]):
        number = {slot}[j]
        {slot}[j] = {zero} if abs(number) < {smallest} else number
"""


@dataclass(frozen=True)
class Code:
    """A function as text, and what it is called with.

    Attributes
    ----------
    text
        A Python module with the function.
    name
        The function's.
    arguments
        Its arguments, in order: vectors of the network's memory, rows, and what else it needs.
    sizes
        The values for its argument `sizes`.
    numbers
        The names of the constants for its argument `numbers`.
    """

    text: str
    name: str
    arguments: tuple[str, ...]
    sizes: tuple[int, ...]
    numbers: tuple[str, ...]


@lru_cache(maxsize=64)
def training_code(derivation: Derivation, rows: str) -> Code:
    """The function that trains.

    Parameters
    ----------
    derivation
        Of a training step.
    rows
        How a batch comes about: "shuffled", in an order that is given; "in order"; or "whole", all rows at once.
    """
    assigned = [(step.name, step.assigns) for step in derivation.steps if step.assigns]
    gradients = [(step, f"d_{name}") for name, step in derivation.gradients.items()]
    writer = Writer(derivation, [("L", ""), *gradients, *assigned], "low" if rows == "in order" else "")
    inputs = [name for name in DATA if name in derivation.inputs]
    slots = derivation.optimizer.slots if derivation.optimizer else ()
    before = ["rows = X.shape[0]"]
    before += ["n = rows", *(f"{name} = {DATA[name]}" for name in inputs)] if rows == "whole" else []
    batch = [] if rows == "whole" else ["n = min(batch, rows - low)"]
    if rows == "shuffled":
        columns = {name: writer.size(derivation.inputs[name].shape[1]) for name in inputs}
        before += [f"{name} = np.empty((batch, {size}), np.{derivation.dtype})" for name, size in columns.items()]
        copies = [COPY.format(name=name, source=DATA[name], columns=size) for name, size in columns.items()]
        batch.append(GATHER.format(copies="".join(copies)))
    if "epoch" in derivation.inputs:
        batch.append("epoch = first + epochs" + ("" if rows == "whole" else " + (low // batch) / -(-rows // batch)"))
    reduction = derivation.network.loss.reduction if derivation.network.loss else "mean"
    share, after = "n", []
    if "w" in inputs and reduction != "sum":
        element = {"shuffled": "w[i, 0]", "in order": "W[low + i, 0]", "whole": "w[i, 0]"}[rows]
        share = "weight"
        after.append(WEIGHT.format(element=element))
    after += ["total += L"] if reduction == "sum" else [f"total += L * {share}", f"parts += {share}"]
    if slots:
        smallest = writer.loops.number(float(np.finfo(derivation.dtype).tiny) * FLUSH_BELOW)
        texts = [FLUSH_SLOT.format(slot=slot, zero=writer.loops.number(0.0), smallest=smallest) for slot in slots]
        after.append(FLUSH.format(every=FLUSH_EVERY, slots="".join(texts)))
    text = STEPS.format(
        batch=block(batch),
        step=block(writer.loops.lines),
        after=block(after),
        mean="total" if reduction == "sum" else "total / parts",
    )
    buffers = writer.buffers("rows" if rows == "whole" else "batch")
    optional = {"order": rows == "shuffled", "batch": rows != "whole", "first": "epoch" in derivation.inputs}
    last = ["losses", "sums", "at", "count", *(["random"] if writer.draws else [])]
    data = [*(DATA[name] for name in inputs), *(name for name, there in optional.items() if there)]
    return writer.code("train_steps", data, last, [*before, *buffers, text])


@lru_cache(maxsize=64)
def prediction_code(derivation: Derivation) -> Code:
    """The function that predicts: `out` gets the predictions for the rows of X, `piece` rows at a time."""
    writer = Writer(derivation, [("p", "out")], "low")
    body = [*writer.buffers("piece"), PIECES.format(step=block(writer.loops.lines))]
    return writer.code("predict", ["X", "out", "piece"], [], body)


@lru_cache(maxsize=64)
def evaluation_code(derivation: Derivation) -> Code:
    """The function that predicts, and returns the loss as well, taken together as the network's reduction says."""
    writer = Writer(derivation, [("p", "out"), ("L", "")], "low")
    inputs = [name for name in DATA if name in derivation.inputs]
    reduction = derivation.network.loss.reduction if derivation.network.loss else "mean"
    share, after = "n", []
    if "w" in inputs and reduction != "sum":
        share = "weight"
        after.append(WEIGHT.format(element="W[low + i, 0]"))
    after += ["total += L"] if reduction == "sum" else [f"total += L * {share}", f"parts += {share}"]
    body = [*writer.buffers("piece"), "total, parts = 0.0, 0.0"]
    body.append(PIECES.format(step=block([*writer.loops.lines, *after])))
    body.append("return total" if reduction == "sum" else "return total / parts")
    return writer.code("evaluate", [*(DATA[name] for name in inputs), "out", "piece"], [], body)


def block(lines: list[str], by: str = "    ") -> str:
    """Lines, indented."""
    return indent("\n".join(line.rstrip("\n") for line in lines), by)


class Writer:
    """Writes one function: the loops of a program, the arrays they work on, and what is given as text around them."""

    def __init__(self, derivation: Derivation, wanted: list[tuple[str, str]], offset: str) -> None:
        program = compile_program(derivation, wanted)
        share_exponentials(program)
        self.derivation = derivation
        self.loops = Loops(derivation, program, offset)
        self.loops.write()
        self.size = self.loops.size
        self.draws = any(operation.op == "random" for operation in program.operations)
        names = {leaf.name for leaf in program.leaves}
        self.numbers = tuple(name for name in derivation.constants if name in names)

    def code(self, name: str, data: list[str], last: list[str], body: list[str]) -> Code:
        """The function around a body, and what it takes."""
        views, vectors = self.views()
        sizes = self.loops.sizes
        vectors += ["sizes"] * bool(sizes) + ["numbers"] * bool(self.numbers)
        first = [f"{text} = sizes[{k}]" for k, text in enumerate(sizes.values())]
        first += [f"{text} = numbers[{k}]" for k, text in enumerate(self.numbers)]
        arguments = (*vectors, *data, *last)
        text = MODULE.format(
            title=TITLES[name],
            name=name,
            arguments=", ".join(arguments),
            body=block([*first, *views, *body]),
        )
        text = "\n".join(line.rstrip() for line in text.splitlines() if line.strip() or not line) + "\n"
        return Code(text, name, arguments, tuple(sizes), self.numbers)

    def views(self) -> tuple[list[str], list[str]]:
        """Lines that name the arrays of the network as parts of the vectors that hold them, and these vectors."""
        network, used = self.derivation.network, self.loops.memory
        n_inputs = int(self.derivation.inputs["x"].shape[1])
        lines, vectors = [], []
        for vector, prefix, learnt in (("theta", "", True), ("g", "d_", True), ("state", "", False)):
            shapes = network.layout(n_inputs, learnt=learnt).shapes
            named = [name for name in shapes if prefix + name in used]
            if named or vector in used:
                vectors.append(vector)
            if not named:
                continue
            lines.append("end = 0")
            for name, shape in shapes.items():
                dims = [self.size(dim) for dim in shape]
                lines.append(f"start, end = end, end + {' * '.join(dims)}")
                turned = f".reshape(({', '.join(dims)}))" if len(dims) > 1 else ""
                lines += [f"{prefix}{name} = {vector}[start:end]{turned}"] if name in named else []
        slots = self.derivation.optimizer.slots if self.derivation.optimizer else ()
        vectors += [*slots, *(name for name in ("penalised", "trainable") if name in used)]
        return lines, vectors

    def buffers(self, rows: str) -> list[str]:
        """Lines that make the arrays for what is computed on the way; those that take turns share one."""
        lines = []
        for (shape, dtype), held in self.loops.places.buffers.values():
            dims = [rows if dim == ROWS else self.size(dim) for dim in shape]
            shown = dims[0] if len(dims) == 1 else f"({', '.join(dims)})"
            names = " = ".join(reversed(held))
            lines.append(f"{names} = np.empty({shown}, np.{'bool_' if dtype == BOOL else dtype.name})")
        return lines
