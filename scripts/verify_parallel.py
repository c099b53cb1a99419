"""Disturb one fit by many workers in every way, and see that its weights stay the same to the last bit.

    python scripts/verify_parallel.py                # all of it, about four minutes
    python scripts/verify_parallel.py kills --times 20
    python scripts/verify_parallel.py overhead

`workers`: 1, 2 and 4 processes of a Dask cluster. `kills`: a worker is killed (SIGKILL) at so many random moments.
`hangs`: workers are stopped (SIGSTOP) and never go on. `scale`: workers leave and join. `driver`: the program that
trains is killed at random moments, and started again. `overhead`: what a round of 8 blocks takes beyond the sum of the
blocks divided by the workers. All but the last say for how many of how many fits the bits were the same.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from distributed import Client, LocalCluster

import glassnet as gn
from glassnet.parallel import steps
from glassnet.workers.executors import processes

WAYS: dict[str, dict[str, Any]] = {
    "exact": {"epochs": 300, "blocks": 8, "optimizer": gn.Adam(0.01)},
    "some blocks a step": {"epochs": 120, "blocks": 8, "blocks_a_step": 3},
    "rounds": {"epochs": 120, "blocks": 8, "mode": "rounds", "batch_size": 256},
    "lbfgs": {"epochs": 250, "blocks": 8, "optimizer": "lbfgs"},
}
NETWORK = {
    "lbfgs": gn.Network(gn.Dense(64, "tanh"), gn.Dense(32, "tanh"), gn.Dense(), l2=1e-4),
    "": gn.Network(gn.Dense(64, "relu"), gn.Dropout(0.1), gn.Dense(32, "relu"), gn.Dense()),
}


def rows(count: int = 40_000) -> tuple[np.ndarray, np.ndarray]:
    """Made-up rows."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(count, 20)).astype(np.float32)
    return X, (X[:, 0] * X[:, 1] + np.sin(2.0 * X[:, 2])).astype(np.float32)


def fit(way: str, **how: Any) -> gn.Model:
    """One of the ways."""
    X, y = rows()
    return gn.train_parallel(NETWORK.get(way, NETWORK[""]), X, y, seed=1, progress=False, **{**WAYS[way], **how})


def same(one: gn.Model, other: gn.Model) -> bool:
    """Whether weights and losses have the same bits."""
    theta = one.state.memory.theta.tobytes() == other.state.memory.theta.tobytes()
    return theta and one.history.to_dict() == other.history.to_dict()


@contextmanager
def cluster(workers: int) -> Iterator[LocalCluster]:
    """A cluster of processes."""
    quiet: dict[str, Any] = {"dashboard_address": ":0", "silence_logs": logging.CRITICAL}
    with LocalCluster(n_workers=workers, threads_per_worker=1, **quiet) as made:
        yield made


def disturbed(way: str, disturb: Callable[[LocalCluster, threading.Event], None]) -> gn.Model:
    """A fit by three workers, while another thread disturbs them."""
    with cluster(3) as made:
        done = threading.Event()
        thread = threading.Thread(target=disturb, args=(made, done))
        thread.start()
        try:
            return fit(way, cluster=made.scheduler_address)
        finally:
            done.set()
            thread.join()


def pids(made: LocalCluster) -> list[int]:
    """The processes of the workers that are there."""
    found = [getattr(nanny, "pid", None) for nanny in [*made.workers.values()]]
    return [pid for pid in found if pid]


class Killer:
    """Sends a signal to a worker now and then, and counts."""

    def __init__(self, number: int, every: float, most: int = 1_000) -> None:
        self.number, self.every, self.most, self.times = number, every, most, 0

    def __call__(self, made: LocalCluster, done: threading.Event) -> None:
        """Until the fit is done."""
        while not done.wait(random.uniform(0.2, 1.8) * self.every) and self.times < self.most:
            there = pids(made)
            if there:
                try:
                    os.kill(random.choice(there), self.number)
                    self.times += 1
                except ProcessLookupError:  # it was killed just before
                    pass


def scaling(made: LocalCluster, done: threading.Event) -> None:
    """Workers leave and join."""
    while not done.wait(random.uniform(0.5, 1.5)):
        made.scale(random.randint(1, 4))


def verify_workers() -> None:
    """1, 2 and 4 workers."""
    for way in WAYS:
        alone, found = fit(way, workers=1), []
        for workers in (1, 2, 4):
            with cluster(workers) as made:
                found.append(same(fit(way, cluster=made.scheduler_address), alone))
        found.append(same(fit(way, workers=2), alone))
        print(f"{way}: 1, 2, 4 workers of a cluster and 2 processes of this machine: {sum(found)} of 4 the same")


def verify_disturbed(times: int, what: str) -> None:
    """Workers killed, stopped, or gone and come, until that happened so many times."""
    for way in WAYS:
        alone, alike, fits, count = fit(way, workers=1), 0, 0, 0
        while count < max(1, times // len(WAYS)):
            if what == "scale":
                found = disturbed(way, scaling)
                count += 1
            else:
                kills = what == "kills"
                killer = Killer(signal.SIGKILL if kills else signal.SIGSTOP, 1.0, most=5 if kills else 2)
                found = disturbed(way, killer)
                count += killer.times
            fits, alike = fits + 1, alike + same(found, alone)
        print(f"{way}: {what} {count} times, in {fits} fits: {alike} of {fits} the same", flush=True)


PROGRAM = """import sys
sys.path.insert(0, {here!r})
from verify_parallel import fit
m = fit({way!r}, checkpoint_dir=sys.argv[1], workers={workers})
m.save(sys.argv[2])
"""


def verify_driver(times: int) -> None:
    """The program killed at random moments, and started again."""
    here = str(Path(__file__).parent)
    for way in WAYS:
        kills = fits = alike = 0
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-c", PROGRAM.format(here=here, way=way, workers=1)]
            started = time.monotonic()
            subprocess.run([*command, f"{folder}/whole", f"{folder}/whole.glass"], check=True)
            took, whole = time.monotonic() - started, Path(f"{folder}/whole.glass").read_bytes()
            while kills < max(1, times // len(WAYS)):
                kept, saved = f"{folder}/{fits}", Path(f"{folder}/{fits}.glass")
                while not saved.exists():
                    program = subprocess.Popen([*command, kept, str(saved)], start_new_session=True)
                    try:
                        program.wait(random.uniform(0.3, 1.0) * took)
                        assert program.returncode == 0
                    except subprocess.TimeoutExpired:
                        os.killpg(program.pid, signal.SIGKILL)
                        program.wait()
                        kills += 1
                fits, alike = fits + 1, alike + (saved.read_bytes() == whole)
        print(f"{way}: killed {kills} times, in {fits} fits: {alike} of {fits} the same bytes", flush=True)


def verify_overhead() -> None:
    """What a round takes beyond the sum of its blocks divided by the workers."""
    take = steps.BlockSteps.take
    for name, workers in (("a Dask cluster of 2", 2), ("2 processes", 2)):
        beyond: list[float] = []

        def timed(self: Any, *given: Any, beyond: list[float] = beyond, workers: int = workers) -> list[float]:
            started = time.perf_counter()
            losses = take(self, 1, *given[1:])
            beyond.append(time.perf_counter() - started - sum([*self.crew.seconds][-8:]) / workers)
            return losses

        steps.BlockSteps.take = timed  # type: ignore[method-assign]  # to look at single rounds
        X, y = rows(400_000)
        how: dict[str, Any] = {"epochs": 30, "blocks": 8, "seed": 1, "progress": False}
        if workers and "Dask" in name:
            with cluster(workers) as made, Client(made.scheduler_address):
                model = gn.train_parallel(NETWORK[""], X, y, cluster=made.scheduler_address, **how)
        else:
            with processes(workers) as pool:
                model = gn.train_parallel(NETWORK[""], X, y, executor=pool, **how)
        steps.BlockSteps.take = take  # type: ignore[method-assign]
        low, middle, high = (f"{value * 1e3:.1f}" for value in quartiles(beyond[3:]))  # the first ones bind
        print(f"{name}: a round of 8 blocks takes {middle} ms ({low} to {high}) beyond the blocks; {model.engine}")


def quartiles(values: list[float]) -> list[float]:
    """The three."""
    return statistics.quantiles(values, n=4)


def main() -> None:
    """Verify what is asked for."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    known = ["workers", "kills", "hangs", "scale", "driver", "overhead"]
    parser.add_argument("what", nargs="*", help=f"{', '.join(known)}; all where nothing is said")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    random.seed(asked.seed)
    for what in asked.what or known:
        if what == "workers":
            verify_workers()
        elif what == "driver":
            verify_driver(asked.times)
        elif what == "overhead":
            verify_overhead()
        else:
            verify_disturbed(4 if what in ("hangs", "scale") else asked.times, what)


if __name__ == "__main__":
    main()
