"""Exact mode: gradients of blocks, summed in a fixed tree, and one step of the optimizer here.

The numbers are those of one process that goes through the same blocks, to the last bit, and those of a training with
batches as large as the blocks of a step, but for rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from glassnet.derivation.steps import Derivation
from glassnet.engines.memory import FLUSH_EVERY, Memory
from glassnet.engines.numpy import Source, update_source
from glassnet.parallel.broken import Broken
from glassnet.parallel.crew import Crew
from glassnet.parallel.gradients import Sums, gradient_of_block
from glassnet.parallel.work import Work
from glassnet.training.summed import Divisor, tree_sum


def sums_of(crew: Crew, work: Work, theta: np.ndarray, at: tuple[int, float], blocks: Sequence[int]) -> Sums | None:
    """The sums over the rows of some blocks, at a step and an epoch; None: none of them can be read.

    Raises
    ------
    Broken
        Those of a block were not.
    """
    found = crew.all_of(partial(gradient_of_block, work, theta.copy(), *at), blocks)
    for block, sums in found.items():
        if not (np.isfinite(sums.loss) and np.isfinite(sums.gradient).all()):
            raise Broken(block)
    parts = [*found.values()]
    if not parts:
        return None
    weights = [part.weight for part in parts if part.weight is not None]
    return Sums(
        rows=sum(part.rows for part in parts),
        weight=float(tree_sum([np.array(weight) for weight in weights])) if weights else None,
        loss=float(tree_sum([np.array(part.loss) for part in parts])),
        gradient=tree_sum([part.gradient for part in parts]),
        seconds=sum(part.seconds for part in parts),
    )


class Exact:
    """Steps of an optimizer that goes by the gradients of whole sets of blocks."""

    def __init__(self, derivation: Derivation, memory: Memory, work: Work, crew: Crew, divisor: Divisor) -> None:
        self.derivation, self.memory, self.work, self.crew, self.divisor = derivation, memory, work, crew, divisor
        self.source: Source = update_source(derivation)
        self.bound: dict[int, Callable[..., Any]] = {}  # by how many rows a step has

    def step(self, blocks: Sequence[int], epoch: float) -> tuple[float, float] | None:
        """Take a step; the loss of its rows and what they count, None where none of them can be read."""
        memory = self.memory
        sums = sums_of(self.crew, self.work, memory.theta, (memory.t + 1, epoch), blocks)
        if sums is None:
            return None
        divisor = self.divisor(sums.rows, sums.weight)
        memory.g[:] = sums.gradient / divisor
        memory.t += 1
        self.update(sums.rows, sums.weight, epoch)
        if not memory.t % FLUSH_EVERY:
            memory.flush()
        count = 1.0 if self.divisor.reduction == "sum" else self.divisor.counted(sums.rows, sums.weight)
        return sums.loss / divisor, count

    def update(self, rows: int, weight: float | None, epoch: float) -> None:
        """What the derivation does with the gradient in g."""
        memory = self.memory
        if rows not in self.bound:
            self.bound = {rows: self.source.bind(memory.arrays(), rows)}
        values: dict[str, Any] = {"epoch": epoch, "t": float(memory.t), "lr": memory.lr, "x": None, "y": None}
        values["w"] = None if weight is None else np.array([[weight]], memory.theta.dtype)
        with np.errstate(all="ignore"):
            self.bound[rows](*[values[name] for name in self.source.arguments])
