"""What one fit by many machines would take: a simulation, with what `parallel.py` has measured here.

    python benchmarks/cluster.py                       # the tables of docs/plan-a-cluster.md
    python benchmarks/cluster.py --rows 1e8 --workers 40 --parameters 50000

A step is played, task after task: this program hands them out one by one, workers take the next as soon as they are
free, answers are taken in one by one; a block takes now longer, now shorter; machines vanish, and what they were doing
is handed out again once it is late. The same seed gives the same tables.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("parallel.json")
INPUTS, PARAMETERS = 20, 3_457  # of the network that was measured: 20-64-32-1
WIRE = 1.25e9  # bytes a second, 10 Gbit
LATE, SOON, LONG = 5.0, 1.0, 1.0  # as glassnet.parallel.crew has them


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Machines, and what they have to do.

    Attributes
    ----------
    rows, blocks, workers, parameters
        How many of each; a worker is one core.
    a_block, a_row, reading
        Seconds of a block, of each of its rows, and of reading that where a worker has not kept it.
    a_round, a_task
        Seconds until the first answer comes at best, and of handing out a task and taking in its answer.
    adding, a_step
        Seconds of adding the sums of a block, and of the optimizer's step.
    spread
        The standard deviation of the logarithm of the time of a block.
    vanishing
        How often a machine vanishes, times an hour.
    kept
        Whether workers find the rows of their blocks in memory.
    """

    rows: float
    blocks: int
    workers: int
    parameters: int
    a_block: float
    a_row: float
    reading: float
    a_round: float
    a_task: float
    adding: float
    a_step: float
    spread: float = 0.1
    vanishing: float = 0.0
    kept: bool = True

    @property
    def block(self) -> float:
        """Seconds of a block, in the middle."""
        a_row = (self.a_row + (0.0 if self.kept else self.reading)) * self.parameters / PARAMETERS
        return self.a_block + self.rows / self.blocks * a_row

    @property
    def message(self) -> float:
        """Seconds of a task here: what was measured, with the weights and the gradient of this network."""
        return self.a_task + 12.0 * (self.parameters - PARAMETERS) / WIRE

    @property
    def at_once(self) -> int:
        """Blocks of a task."""
        return max(1, min(-(-self.blocks // self.workers), int(LONG / self.block)))

    def step(self, rng: np.random.Generator) -> tuple[float, int]:
        """Seconds of a step, and how many tasks were handed out again."""
        sizes = [min(self.at_once, self.blocks - low) for low in range(0, self.blocks, self.at_once)]
        late = max(SOON, LATE * self.at_once * self.block)
        free = [0.0] * min(self.workers, 2 * len(sizes))  # when each worker is free
        now, again, ready = 0.0, 0, list[float]()
        for size in sizes:
            now += 0.5 * self.message
            begin = max(heapq.heappop(free), now)
            took = size * self.block * float(rng.lognormal(0.0, self.spread))
            if rng.random() < -math.expm1(-self.vanishing * took / 3600.0):  # it is noticed when nothing comes
                again += 1
                took += late + size * self.block
            heapq.heappush(free, begin + took)
            heapq.heappush(ready, begin + took)
        end = 0.0
        while ready:
            end = max(end, heapq.heappop(ready)) + 0.5 * self.message
        return max(end, now) + self.a_round + self.blocks * self.adding + self.a_step, again

    def steps(self, count: int = 40) -> tuple[float, int]:
        """The mean of many steps, and how many tasks were handed out again in all."""
        rng = np.random.default_rng(0)
        found = [self.step(rng) for _ in range(count)]
        return float(np.mean([seconds for seconds, _ in found])), sum(again for _, again in found)


def known(where: str, engine: str, parameters: int = PARAMETERS) -> dict[str, Any]:
    """What was measured of a kind of worker."""
    found = json.loads(FILE.read_text())
    grown = parameters / PARAMETERS
    return {
        "a_block": found[engine]["a block"],
        "a_row": found[engine]["a row"],
        "reading": found[engine]["reading a row"],
        "a_round": found[where]["a round"],
        "a_task": found[where]["a task"],
        "adding": found["driver"]["adding a block"] * grown,
        "a_step": found["driver"]["a step"] * grown,
        "parameters": parameters,
    }


def table(head: list[str], lines: list[list[str]]) -> str:
    """Columns as wide as what is in them."""
    widths = [max(len(line[k]) for line in [head, *lines]) for k in range(len(head))]
    return "\n".join(
        "  ".join(f"{cell:>{width}}" for cell, width in zip(line, widths, strict=True)) for line in [head, *lines]
    )


def in_words(seconds: float) -> str:
    """`35 ms`, `2.3 s`, `4.1 min`, `3.0 h`."""
    for unit, size in (("h", 3600.0), ("min", 60.0), ("s", 1.0)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds * 1e3:.0f} ms"


def against_measured() -> str:
    """What was measured here with two workers, beside what is predicted."""
    measured, lines = json.loads(FILE.read_text()), []
    for where, name in (("processes", "2 processes"), ("dask", "a Dask cluster of 2")):
        its_own = {**known(where, "numpy"), "a_row": 0.0, "a_block": measured[where]["its blocks"]}
        cluster = Cluster(rows=4e5, blocks=8, workers=2, **its_own)
        lines.append([name, in_words(measured[where]["a step"]), in_words(cluster.steps()[0])])
    return table(["8 blocks of 50,000 rows by", "measured", "simulated"], lines)


def growing(base: Cluster) -> str:
    """A step by more and more workers."""
    alone = replace(base, workers=1, spread=0.0).block * base.blocks
    lines = []
    for workers in (1, 10, 100, 400, 1_000, 4_000):
        seconds, _ = replace(base, workers=workers, blocks=max(base.blocks, workers)).steps()
        gain = alone / seconds
        lines.append([f"{workers:,}", in_words(seconds), f"{gain:,.0f}", f"{100 * gain / workers:.0f} %"])
    return table(["workers", "a step", "times as fast", "of ideal"], lines)


def needs(base: Cluster) -> str:
    """Memory, and what a file system must give where rows are not kept."""
    size, lines = base.rows * (INPUTS + 1) * 4, []
    for workers in (10, 100, 400, 1_000):
        seconds, _ = replace(base, workers=workers, blocks=max(base.blocks, workers)).steps()
        lines.append([f"{workers:,}", f"{size / workers / 1e9:.2f} GB", f"{size / seconds / 1e9:,.1f} GB/s"])
    return table(["workers", "rows kept by each", "read by all, if none is kept"], lines)


def larger(base: Cluster) -> str:
    """Networks with more parameters."""
    lines = []
    for parameters in (PARAMETERS, 50_000, 500_000, 5_000_000):
        made = replace(base, **known("dask", "numpy", parameters))
        alone = made.block * made.blocks
        seconds, _ = made.steps(8)
        lines.append([f"{parameters:,}", in_words(alone), in_words(seconds), f"{alone / seconds:.0f}"])
    return table(["parameters", "one worker", f"{base.workers:,} workers", "times as fast"], lines)


def losing(base: Cluster) -> str:
    """Machines that vanish."""
    lines = []
    for hours in (math.inf, 1_000.0, 100.0, 1.0):
        seconds, again = replace(base, vanishing=0.0 if hours == math.inf else 1.0 / hours).steps(400)
        often = "never" if hours == math.inf else f"every {hours:,.0f} h"
        lines.append([often, in_words(seconds), f"{again / 4:.1f}"])
    return table(["a machine vanishes", "a step", "tasks handed out again, in 100 steps"], lines)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=float, default=1e9)
    parser.add_argument("--blocks", type=int, default=1_024)
    parser.add_argument("--workers", type=int, default=100)
    parser.add_argument("--parameters", type=int, default=PARAMETERS)
    asked = parser.parse_args()
    base = Cluster(
        rows=asked.rows,
        blocks=max(asked.blocks, asked.workers),
        workers=asked.workers,
        **known("dask", "numpy", asked.parameters),
    )
    print(
        f"a block of {base.rows / base.blocks:,.0f} rows takes {in_words(base.block)}, a task {in_words(base.a_task)}"
    )
    for part in (against_measured(), growing(base), needs(base), larger(base), losing(base)):
        print(f"\n{part}")


if __name__ == "__main__":
    main()
