"""Rounds: each block takes steps of its own from the same weights, and what comes of them is averaged by rows.

What the optimizer remembers is averaged in the same way, and its count of steps goes on by the steps of a block that
took the most. So are running means, as batch normalisation has them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from glassnet.engines.memory import Memory
from glassnet.parallel.broken import Broken
from glassnet.parallel.crew import Crew
from glassnet.parallel.gradients import FOREVER, stepper_for
from glassnet.parallel.work import Unreadable, Work, at_work
from glassnet.training.engine import NotFinite
from glassnet.training.rows import Rows
from glassnet.training.summed import Divisor, tree_sum


@dataclass(frozen=True, eq=False, kw_only=True)
class Weights:
    """The numbers that a block begins with, and those that it ends with: as a `Memory` has them."""

    theta: np.ndarray
    state: np.ndarray
    slots: dict[str, np.ndarray]
    t: int
    lr: float


def weights_of(memory: Memory) -> Weights:
    """Those that a memory has now."""
    slots = {name: slot.copy() for name, slot in memory.slots.items()}
    return Weights(theta=memory.theta.copy(), state=memory.state.copy(), slots=slots, t=memory.t, lr=memory.lr)


@dataclass(frozen=True, eq=False, kw_only=True)
class Trained:
    """What came of a block.

    Attributes
    ----------
    numbers
        After its steps; None: one was not finite.
    rows, weight
        How many its steps went through, by which it counts, and what they weigh; None: they have no weights.
    loss
        Of its steps.
    seconds
        What it took.
    """

    numbers: Weights | None
    rows: int
    weight: float | None
    loss: float
    seconds: float


def train_block(work: Work, begin: Weights, epoch: int, steps: int | None, block: int) -> Trained | Unreadable:
    """Some steps through a block's rows, in an order of this epoch and block; None: one through all of them."""
    with at_work(work) as (bench, started):
        try:
            rows = bench.rows(block)
        except (OSError, ValueError) as error:
            return Unreadable(str(error))
        bench.draw_from(epoch, block)
        taken = len(rows) if steps is None else min(steps * work.batch, len(rows))
        order = bench.rng.permutation(len(rows))[:taken]
        some = Rows(*(array[order] for array in rows.arrays))
        stepper, memory = stepper_for(bench, some), bench.memory
        memory.theta[:], memory.state[:], memory.t, memory.lr = begin.theta, begin.state, begin.t, begin.lr
        for name, slot in memory.slots.items():
            slot[:] = begin.slots[name]
        stepper.place.epochs = epoch
        try:
            (loss,) = stepper.run(1, FOREVER, lambda: False)
        except NotFinite:
            took = time.perf_counter() - started
            return Trained(numbers=None, rows=taken, weight=None, loss=np.nan, seconds=took)
        return Trained(
            numbers=weights_of(memory),
            rows=taken,
            weight=None if some.w is None else float(some.w.sum(dtype=np.float64)),
            loss=loss,
            seconds=time.perf_counter() - started,
        )


class Rounds:
    """Rounds of steps within blocks, whose weights are averaged."""

    def __init__(self, memory: Memory, work: Work, crew: Crew, steps: int | None, divisor: Divisor) -> None:
        self.memory, self.work, self.crew, self.steps, self.divisor = memory, work, crew, steps, divisor

    def step(self, blocks: Sequence[int], epoch: float) -> tuple[float, float] | None:
        """As `Mode` says; `epoch` is a whole number."""
        memory = self.memory
        begin = weights_of(memory)
        found = self.crew.all_of(partial(train_block, self.work, begin, round(epoch), self.steps), blocks)
        if not found:
            return None
        ends = list[Weights]()
        for block, trained in found.items():
            if trained.numbers is None:
                raise Broken(block, at_start=False)
            ends.append(trained.numbers)
        parts = [*found.values()]
        shares = [part.rows / sum(part.rows for part in parts) for part in parts]
        memory.theta[:] = mean([end.theta for end in ends], shares, begin.theta)
        memory.state[:] = mean([end.state for end in ends], shares, begin.state)
        for name, slot in memory.slots.items():
            slot[:] = mean([end.slots[name] for end in ends], shares)
        memory.t = max(end.t for end in ends)
        if self.divisor.reduction == "sum":
            return float(tree_sum([np.array(part.loss) for part in parts])), 1.0
        counts = [self.divisor.counted(part.rows, part.weight) for part in parts]
        total = float(tree_sum([np.array(part.loss * count) for part, count in zip(parts, counts, strict=True)]))
        return total / sum(counts), sum(counts)


def mean(arrays: list[np.ndarray], shares: list[float], begin: np.ndarray | None = None) -> np.ndarray:
    """Of arrays that count so much, in float64; what is in all of them as it was at the beginning stays so."""
    found = tree_sum([array.astype(np.float64) * share for array, share in zip(arrays, shares, strict=True)])
    if begin is None:
        return found
    return np.where(np.all([array == begin for array in arrays], axis=0), begin, found)
