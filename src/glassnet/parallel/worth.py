"""Whether more workers are worth it: the time of a block against that of handing blocks out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.workers.places import Place

HANGS = 30.0  # seconds without an answer to tasks that do nothing, after which others are asked
LONG = 10.0  # seconds of a block that is not measured twice
A_TASK = 0.001  # seconds of handing out a task to a process of this machine: benchmarks/parallel.py
GAIN = 1.2  # times as fast, at least, for what is worth it


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What was measured before training.

    Attributes
    ----------
    blocks, rows
        Blocks of a step, and rows of a block.
    a_block
        Seconds of a block, by one worker.
    a_round
        Seconds of handing out as many tasks, and taking in their answers.
    """

    blocks: int
    rows: int
    a_block: float
    a_round: float

    def seconds(self, workers: int) -> float:
        """Of a step, by so many workers."""
        return -(-self.blocks // workers) * self.a_block + self.a_round

    def gain(self, workers: int) -> float:
        """How many times as fast so many workers are as this process alone."""
        return self.blocks * self.a_block / self.seconds(workers)

    @property
    def most(self) -> int:
        """Workers that are worth it: with more a step is hardly faster."""
        best = self.gain(self.blocks)
        return next((n for n in range(1, self.blocks + 1) if self.gain(n) >= best / 1.1), 1) if best >= GAIN else 1

    def __str__(self) -> str:
        found = f"a block of {self.rows:,} rows takes {ms(self.a_block)}, handing out {self.blocks} takes "
        found += ms(self.a_round)
        if self.most == 1:
            return f"{found}: more workers than one are not worth it"
        gain = self.gain(self.most)
        return f"{found}: {self.most} workers would be {gain:.1f} times as fast as one, and more hardly gain"


def ms(seconds: float) -> str:
    """`0.3 ms`, `85 ms`, `1.2 s`."""
    return f"{seconds:.1f} s" if seconds >= 1.0 else f"{seconds * 1e3:.{int(seconds < 0.01)}f} ms"


def of_a_block(call: Callable[[], float]) -> float:
    """Seconds of a block: the second time, since the first binds and reads what is kept."""
    first = call()
    return first if first > LONG else call()


def of_a_round(place: Place, blocks: int, theta: np.ndarray) -> float:
    """Seconds of a round of tasks that do nothing with weights that are as large; the best of three."""
    found = []
    for _ in range(3):
        started = time.perf_counter()
        for _ in place.answers(Nothing(theta), range(blocks), lambda: False, HANGS):
            pass
        found.append(time.perf_counter() - started)
    return min(found)


@dataclass(frozen=True, eq=False)
class Nothing:
    """A task that gives back what it was given."""

    theta: np.ndarray

    def __call__(self, block: int) -> np.ndarray:
        """It."""
        return self.theta
