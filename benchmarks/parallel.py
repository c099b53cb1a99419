"""What one fit by many workers takes: a block, a task, a step here. `cluster.py` reckons with these.

    python benchmarks/parallel.py            # prints, and writes benchmarks/parallel.json; about two minutes

The network is 20-64-32-1, relu, float32; gradients of blocks of several sizes by both engines, one thread, are held
against a line in their rows. Tasks do nothing with as many weights. Of many times the lowest tenth is taken, since what
else the machine does makes all of them longer.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from distributed import Client, LocalCluster

import glassnet as gn
from glassnet.derivation.derive import derive
from glassnet.parallel.blocks import Cut
from glassnet.parallel.exact import Exact
from glassnet.parallel.gradients import Sums, gradient_of_block
from glassnet.parallel.work import Work
from glassnet.parallel.worth import of_a_round
from glassnet.training.rows import Rows
from glassnet.training.store import store_of
from glassnet.training.summed import GATHER, Divisor, rows_of_a_piece, summed, tree_sum
from glassnet.workers.executors import processes
from glassnet.workers.places import elsewhere
from glassnet.workers.version import here

FILE = Path(__file__).with_suffix(".json")
NETWORK = gn.Network(gn.Dense(64, "relu"), gn.Dense(32, "relu"), gn.Dense())
SIZES = (1_000, 10_000, 100_000)
TASKS = (1, 2, 4, 8, 16, 32, 64)


def low(seconds: list[float]) -> float:
    """The lowest tenth."""
    return float(np.quantile(seconds, 0.1))


def quick(function: Callable[[], Any], times: int) -> float:
    """Seconds of a call."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        function()
        found.append(time.perf_counter() - started)
    return low(found)


def line(x: list[float], y: list[float]) -> tuple[float, float]:
    """Where a line begins, not below 0, and how steep it is; small values count as much as large ones."""
    weight = 1.0 / np.array(y)
    slope, start = np.polyfit(x, y, 1, w=weight)
    return max(0.0, float(start)), float(slope)


def model_of(rows: Rows) -> gn.Model:
    """With starting weights."""
    return gn.initialize(NETWORK, rows.x, rows.y[:, 0], seed=1, dtype="float32", kind="number")


def blocks(engine: str, folder: str) -> dict[str, float]:
    """Seconds of a block, and of a row in it; of reading a row; and of the memory of a process that does it, in MB."""
    rng = np.random.default_rng(0)
    taken, read = list[float](), list[float]()
    for size in SIZES:
        x = rng.normal(size=(size, 20)).astype(np.float32)
        rows = Rows(x, x[:, :1] * x[:, 1:2])
        state = model_of(rows).state
        cut = Cut(store_of(rows, f"{folder}/{size}.store"), 1_000_000)
        network = summed(state.network)
        work = Work(
            key=f"{engine} {size}",
            network=network,
            n_inputs=20,
            optimizer=GATHER,
            dtype="float32",
            state=state.memory.state,
            trainable=None,
            cut=cut,
            batch=rows_of_a_piece(state.memory),
            engine=engine,
            seed=0,
            made_by=here(),
        )
        call = partial(gradient_of_block, work, state.memory.theta, 1, 0.0, 0)
        found = call()
        assert isinstance(found, Sums), found
        taken.append(quick(call, 40))
        read.append(quick(partial(cut.read, 0), 40))
    a_block, a_row = line([*map(float, SIZES)], taken)
    return {"a block": a_block, "a row": a_row, "reading a row": line([*map(float, SIZES)], read)[1]}


def step_here() -> dict[str, float]:
    """Seconds of adding the sums of a block, and of the optimizer's step."""
    x = np.zeros((100, 20), np.float32)
    rows = Rows(x, x[:, :1])
    state = model_of(rows).state
    gradients = [np.ones(state.n_parameters) for _ in range(64)]
    adding = quick(lambda: tree_sum(gradients), 50) / 64
    adam = gn.Adam(0.01)
    state.memory.prepare(adam)
    unused: Any = None
    derivation = derive(state.network, 20, adam, dtype=np.float32)
    exact = Exact(derivation, state.memory, unused, unused, Divisor.of(state.network, 20, np.float32))
    state.memory.t = 1
    exact.update(100, None, 0.0)
    return {"adding a block": adding, "a step": quick(lambda: exact.update(100, None, 0.0), 200)}


def tasks(executor: Any, workers: int) -> dict[str, float]:
    """Seconds of a round of tasks that do nothing, and of each of them."""
    theta = np.zeros(3_457, np.float32)
    with elsewhere(executor, workers) as place:
        of_a_round(place, 2 * workers, theta)  # they start
        found = [low([of_a_round(place, count, theta) for _ in range(15)]) for count in TASKS]
    a_round, a_task = line([*map(float, TASKS)], found)
    return {"a round": a_round, "a task": a_task, "8 tasks": found[TASKS.index(8)]}


def rounds(executor: Any) -> dict[str, float]:
    """Seconds of a step through 8 blocks of 50,000 rows by two workers, to be predicted; and of its blocks."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400_000, 20)).astype(np.float32)
    took, its_blocks, step = list[float](), list[float](), Exact.step

    def timed(self: Exact, *given: Any) -> Any:
        started = time.perf_counter()
        found = step(self, *given)
        took.append(time.perf_counter() - started)
        its_blocks.append(sum([*self.crew.seconds][-8:]) / 8)
        return found

    Exact.step = timed  # type: ignore[method-assign]  # to look at single steps
    how: dict[str, Any] = {"epochs": 60, "blocks": 8, "seed": 1, "progress": False, "engine": "numpy"}
    model = gn.train_parallel(NETWORK, X, X[:, 0] * X[:, 1], executor=executor, **how)
    Exact.step = step  # type: ignore[method-assign]  # as it was
    assert model.engine is not None
    order = np.argsort(took[5:])[: len(took) // 4] + 5  # the quicker ones: in others the machine did something else
    return {"a step": float(np.mean(np.array(took)[order])), "its blocks": float(np.mean(np.array(its_blocks)[order]))}


def measured() -> dict[str, Any]:
    """All of it."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for engine in ("numpy", "compiled"):
            found[engine] = blocks(engine, folder)
    found["driver"] = step_here()
    found["memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with processes(2) as pool:
        found["processes"] = tasks(pool, 2) | rounds(pool)
    quiet: dict[str, Any] = {"dashboard_address": ":0", "silence_logs": logging.CRITICAL}
    with LocalCluster(n_workers=2, threads_per_worker=1, **quiet) as cluster, Client(cluster) as client:
        found["dask"] = tasks(client, 2) | rounds(client)
    return found


def main() -> None:
    """Measure, print, and write."""
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args()
    found = measured()
    FILE.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
