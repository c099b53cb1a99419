#!/usr/bin/env python
"""Where networks side by side in the interpreter beat machine code of their own, one after the other.

    python benchmarks/lanes.py [REPEATS]

256 rows, batches of 32, Adam, cross entropy, float32, one thread; microseconds an epoch takes for each network. What
is compiled or loaded before is not counted.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np

import glassnet as gn
from glassnet.derivation.derive import derive
from glassnet.engines.memory import Memory
from glassnet.engines.threads import one_blas_thread
from glassnet.training.interpreted_lanes import InterpretedLanes
from glassnet.training.lanes import Lanes, Numbers
from glassnet.training.rows import Rows, Walk
from glassnet.training.steps import Stepper

SHAPES = ((2, 4, 2), (4, 16, 3), (11, 16, 3), (13, 32, 2), (30, 64, 2), (64, 64, 10))
LANES = (8, 50, 200)
ROWS, BATCH, DTYPE = 256, 32, np.dtype(np.float32)
EPOCHS = 5


class Work:
    """Networks of one shape, and their rows."""

    def __init__(self, inputs: int, hidden: int, outputs: int) -> None:
        rng = np.random.default_rng(0)
        self.inputs = inputs
        self.network = gn.Network(gn.Dense(hidden, "relu"), gn.Dense(outputs), loss="cross_entropy")
        labels = np.eye(outputs, dtype=DTYPE)[rng.integers(0, outputs, ROWS)]
        self.rows = Rows(rng.standard_normal((ROWS, inputs)).astype(DTYPE), labels)
        self.optimizer, self.walk = gn.Adam(0.001), Walk.over(ROWS, BATCH, True)

    def memory(self, seed: int) -> Memory:
        """A network as it begins."""
        memory = Memory.of(self.network, self.inputs, DTYPE)
        memory.initialize(self.network, self.inputs, np.random.default_rng(seed))
        memory.prepare(self.optimizer)
        return memory

    def alone(self) -> Callable[[], object]:
        """Some epochs of one network."""
        stepper = Stepper(
            self.network,
            self.inputs,
            self.memory(0),
            np.random.default_rng(0),
            optimizer=self.optimizer,
            rows=self.rows,
            walk=self.walk,
            engine="compiled",
        )
        return lambda: stepper.run(EPOCHS, np.inf, lambda: False)

    def side_by_side(self, count: int) -> Callable[[], object]:
        """Some epochs of so many."""
        memories = [self.memory(seed) for seed in range(count)]
        first = memories[0]
        numbers = Numbers(
            theta=np.array([memory.theta for memory in memories]),
            state=np.array([memory.state for memory in memories]),
            slots={name: np.array([memory.slots[name] for memory in memories]) for name in first.slots},
        )
        lanes = Lanes(
            derivations=[derive(self.network, self.inputs, self.optimizer, dtype=DTYPE)],
            setting=np.zeros(count, int),
            numbers=numbers,
            marks=first.marks,
            rngs=[np.random.default_rng(seed) for seed in range(count)],
            rows=self.rows,
            own=np.tile(np.arange(ROWS), (count, 1)),
            walk=self.walk,
        )
        engine = InterpretedLanes(lanes, workers=1)
        return lambda: engine.take(EPOCHS, lambda: False)


def seconds(work: Callable[[], object], repeats: int) -> float:
    """The median."""
    found = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return median(found[1:])


def main() -> None:
    """Print the table."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    heads = ["network", "weights", "compiled, one", *(f"{count} lanes, each" for count in LANES), "times faster"]
    print("| " + " | ".join(heads) + " |")
    print("| " + " | ".join("---" for _ in heads) + " |")
    for shape in SHAPES:
        work = Work(*shape)
        with one_blas_thread():
            alone = seconds(work.alone(), repeats) / EPOCHS
            lanes = [seconds(work.side_by_side(count), repeats) / EPOCHS / count for count in LANES]
        size = work.network.layout(work.inputs).size
        cells = [f"{size:,}", *(f"{1e6 * value:.0f} µs" for value in (alone, *lanes)), f"{alone / min(lanes):.2f}×"]
        print(f"| {'-'.join(map(str, shape))} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
