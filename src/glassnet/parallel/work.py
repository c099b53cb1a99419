"""What all tasks of a training have in common, a few kilobytes that go with each of them; rows do not.

A process opens the file of the rows by its path, and keeps what it has read and bound for the next task. That changes
no number: an answer depends on what is sent alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from glassnet.engines.memory import Memory
from glassnet.parallel.blocks import Cut
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.training.progress import said_before
from glassnet.training.rows import Rows
from glassnet.training.steps import Stepper
from glassnet.workers.version import check_same

KEEP = 1 << 28  # bytes of rows that a process keeps
LOCAL = threading.local()  # `bench`: what this thread has at hand, for one training at a time


@dataclass(frozen=True, eq=False, kw_only=True)
class Work:
    """What all tasks of a training have in common.

    Attributes
    ----------
    key
        Which training it is: no other has the same.
    network, n_inputs, optimizer
        What is trained in a task, and how.
    dtype
        Of all numbers.
    state, trainable
        Numbers that training does not change, as a `Memory` has them; None: all are trainable.
    cut
        The rows, and their blocks.
    batch
        Rows of a step that a worker takes.
    engine
        "numpy" or "compiled".
    seed
        Of dropout, and of the order of rows in a block.
    made_by
        The glassnet that asks.
    """

    key: str
    network: Network
    n_inputs: int
    optimizer: Optimizer
    dtype: str
    state: np.ndarray
    trainable: np.ndarray | None
    cut: Cut
    batch: int
    engine: str
    seed: int
    made_by: str

    def memory(self) -> Memory:
        """Memory for the network."""
        memory = Memory.of(self.network, self.n_inputs, self.dtype)
        memory.state[:] = self.state
        if self.trainable is not None:
            memory.trainable[:] = self.trainable
        return memory


@dataclass(frozen=True)
class Unreadable:
    """A block that could not be read, and why."""

    why: str


@dataclass(eq=False, kw_only=True)
class Bench:
    """What a worker has at hand for one training: numbers, rows that it has read, and engines bound to them."""

    work: Work
    memory: Memory
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    blocks: dict[int, Rows] = field(default_factory=dict)
    steppers: dict[int, Stepper] = field(default_factory=dict)  # by rows

    def rows(self, block: int) -> Rows:
        """The rows of a block, in the dtype of the work; errors as `Cut.read` has them."""
        if block not in self.blocks:
            rows = self.work.cut.read(block)
            rows = Rows(*(array.astype(self.work.dtype, copy=False) for array in rows.arrays))
            size = sum(array.nbytes for array in rows.arrays)
            while self.blocks and (len(self.blocks) + 1) * size > KEEP:
                self.blocks.pop(next(iter(self.blocks)))
            self.blocks[block] = rows
        return self.blocks[block]

    def draw_from(self, *seed: int) -> None:
        """Let all random numbers come from a seed."""
        self.rng.bit_generator.state = np.random.default_rng([self.work.seed, *seed]).bit_generator.state


@contextmanager
def at_work(work: Work) -> Iterator[tuple[Bench, float]]:
    """Within it, what this thread has at hand for a training, and when it began.

    Raises
    ------
    GlassnetError
        Another glassnet asks.
    """
    started = time.perf_counter()
    check_same(work.made_by, "training")
    bench: Bench | None = getattr(LOCAL, "bench", None)
    if bench is None or bench.work.key != work.key:
        bench = LOCAL.bench = Bench(work=work, memory=work.memory())
    with said_before():
        yield bench, started
