"""The NumPy engine: a derivation as NumPy code over buffers that are made once.

Written by hand, `z = x @ W + b` makes two new arrays at every step. The code generated here says
`dot(x, W, out=z); add(z, b, out=z)`: same numbers, no new arrays, and the buffers are used again as soon as their
content is no longer needed. All parameters are one vector, so the update is a few operations however many layers
there are. `Source.text` is the code, for reading.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np

from glassnet.derivation.report import count_of
from glassnet.derivation.steps import Derivation
from glassnet.engines.numpy_code import NumPyWriter
from glassnet.engines.program import (
    Program,
    compile_program,
    gradients_in_place,
    largest_product,
    told,
    training_program,
)
from glassnet.expressions import blocks
from glassnet.expressions.expression import ARITHMETIC, COMPARISONS, FUNCTIONS, LOGIC, PRODUCTS_BY_BLOCKS

NAMES: dict[str, Any] = {
    **{name: getattr(np, name) for name in sorted(ARITHMETIC | FUNCTIONS | COMPARISONS | LOGIC)},
    **{name: getattr(np, name) for name in ("empty", "ones", "array", "copyto", "copysign", "concatenate")},
    **{name: getattr(blocks, name) for name in PRODUCTS_BY_BLOCKS},
    **{name: getattr(np, name) for name in ("single", "double", "bool_", "inf")},
    "exp_minus_1": np.expm1,  # a layer's value `expm` would be `expm1` in the first layer
}


@dataclass(frozen=True)
class Source:
    """Generated code: a function `bind` that, given memory and a number of rows, gives the function to call."""

    text: str
    arguments: tuple[str, ...]
    program: Program = field(repr=False, compare=False)

    @staticmethod
    def of(derivation: Derivation, program: Program, name: str, returned: int) -> Source:
        """The code of a program: a function of this name, which returns so many of its results."""
        return Source(*NumPyWriter(derivation=derivation, program=program, returned=returned).write(name), program)

    def largest(self, n: int) -> int:
        """How many multiplications its largest matrix product takes, for n rows."""
        return largest_product(self.program, n)

    def bind(self, memory: Mapping[str, Any], n: int, rng: np.random.Generator | None = None) -> Callable[..., Any]:
        """The function over buffers for n rows."""
        space: dict[str, Any] = {**NAMES}
        exec(compiled(self.text), space)  # the text is generated below, from a derivation alone
        with np.errstate(all="ignore"):  # a constant too large for float32 is infinite
            bound: Callable[..., Any] = space["bind"](memory, n, rng)
        return bound


@lru_cache(maxsize=64)
def compiled(text: str) -> CodeType:
    """The code as Python compiles it; its lines appear in tracebacks."""
    name = f"<glassnet numpy engine {hash(text):x}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    return compile(text, name, "exec")


def training_source(derivation: Derivation) -> Source:
    """Code of one training step: `train_step(x, y[, w][, epoch][, t][, lr])` updates memory and gives the loss and
    what it counts.
    """
    return Source.of(derivation, training_program(derivation), "train_step", 2)


def update_source(derivation: Derivation) -> Source:
    """Code of the update alone, from the gradient that is in g: `update([x, y, w][, epoch][, t][, lr])`.

    Of rows only w is looked at, where the penalties are divided by what rows weigh. It gives what the rows count.
    """
    assigned = [(step.name, step.assigns) for step in derivation.steps if step.assigns and step.phase == "update"]
    count = count_of(derivation)
    program = compile_program(derivation, [(count.name, ""), *assigned], (count,))
    return Source.of(derivation, program, "update", 1)


def prediction_source(derivation: Derivation) -> Source:
    """Code of a prediction: `predict(x, out)` writes the predictions for the rows of x into `out`."""
    return Source.of(derivation, compile_program(derivation, [("p", "out")]), "predict", 0)


def evaluation_source(derivation: Derivation) -> Source:
    """Code of predictions and their loss: `evaluate(x, y[, w], out)` writes into `out` and gives the loss and what it
    counts.
    """
    return Source.of(derivation, told(derivation, "L", [("p", "out")]), "evaluate", 2)


def gradient_source(derivation: Derivation) -> Source:
    """Code that writes the gradient into g and gives the loss, both with penalties: `loss_and_gradient(x, y[, w])`."""
    gradients = gradients_in_place(derivation)
    gradients += [(derivation.pull, "g")] if derivation.pull else []
    program = compile_program(derivation, [(derivation.objective, ""), *gradients])
    return Source.of(derivation, program, "loss_and_gradient", 1)
