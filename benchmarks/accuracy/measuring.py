"""One result: a rival learns from a split's rows and predicts the others. And the results that are to be had, in order.

Results are made in processes of their own, whose libraries are imported before the clock starts; seconds are those of
`fit`, what it makes of the table included, on the wall and of the processor.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import resource
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from kept import source

from accuracy.problems import MANY, Problem
from accuracy.rivals import RIVALS, Rival
from accuracy.scores import error, log_loss

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True, kw_only=True)
class Job:
    """A result to be had."""

    problem: Problem
    split: int
    rival: str

    @property
    def of(self) -> dict[str, Any]:
        """What the result is of, as it stands in the file."""
        return {"table": self.problem.name, "split": self.split, "rival": self.rival}


def jobs(problems: Sequence[Problem], rivals: Sequence[str], most: int = MANY) -> list[Job]:
    """First the fast rivals, table by table; then the slow ones, the first split of every table before the second.

    At most `most` splits of each table.
    """
    fast = [
        Job(problem=problem, split=split, rival=rival)
        for rival in rivals
        if not RIVALS[rival].slow
        for problem in problems
        for split in range(min(problem.splits, most))
    ]
    slow = [
        Job(problem=problem, split=split, rival=rival)
        for split in range(most)
        for problem in problems
        if split < problem.splits
        for rival in rivals
        if RIVALS[rival].slow
    ]
    return fast + slow


class Workers:
    """Processes that measure, one after the other: one for each library, or a new one each time."""

    def __init__(self, folder: Path, threads: int) -> None:
        self.folder, self.threads = folder, threads
        self.pools: dict[str, ProcessPoolExecutor] = {}
        os.environ.update(dict.fromkeys(THREADS, str(threads)))  # for the processes to come

    def result(self, job: Job) -> dict[str, Any]:
        """Measure."""
        rival = RIVALS[job.rival]
        library = rival.packages[0].split(".")[0]
        if library not in self.pools:
            self.pools[library] = ProcessPoolExecutor(
                1, mp_context=get_context("spawn"), max_tasks_per_child=1 if rival.anew else None
            )
        return self.pools[library].submit(measure, job, self.folder, self.threads).result()

    def close(self) -> None:
        """End them."""
        for pool in self.pools.values():
            pool.shutdown(cancel_futures=True)


def measure(job: Job, folder: Path, threads: int) -> dict[str, Any]:
    """A line of the file of results."""
    rival, problem = RIVALS[job.rival], job.problem
    for name in rival.packages:
        importlib.import_module(name)
    warnings.filterwarnings("ignore", module="pytorch_lightning")  # deprecations of its own
    table = problem.load(folder)
    rows, held_out = problem.split(table, job.split)
    with nothing_compiled():
        start = clocks()
        predict = rival.fit(rows, problem, job.split, threads)
        learnt = clocks()
        predicted = predict(held_out)
        end = clocks()
    truth = problem.truth(held_out)
    return {
        **job.of,
        "error": error(truth, predicted),
        "log_loss": log_loss(truth, predicted),
        "rows": len(truth),
        "fit": [round(b - a, 4) for a, b in zip(start, learnt, strict=True)],
        "predict": [round(b - a, 4) for a, b in zip(learnt, end, strict=True)],
        "threads": threads,
        "versions": {name: version(name) for name in packages(rival)},
        **({"source": source()} if "glassnet" in rival.packages else {}),  # its version stays while its code changes
    }


@contextmanager
def nothing_compiled() -> Iterator[None]:
    """glassnet keeps its machine code in an empty folder, so that compiling counts."""
    before = os.environ.get("GLASSNET_CACHE")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GLASSNET_CACHE"] = folder
        try:
            yield
        finally:
            os.environ.pop("GLASSNET_CACHE")
            if before is not None:
                os.environ["GLASSNET_CACHE"] = before


def clocks() -> tuple[float, float]:
    """Seconds on the wall, and those that processors have worked for this process and what it has started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return time.perf_counter(), sum(one.ru_utime + one.ru_stime for one in used)


def packages(rival: Rival) -> list[str]:
    """What a rival needs, and NumPy."""
    return list(dict.fromkeys([*(name.split(".")[0] for name in rival.packages), "numpy"]))


def version(package: str) -> str:
    """Of a package, by the name it is imported by."""
    if package == "glassnet":
        import glassnet

        return glassnet.__version__
    name = {"sklearn": "scikit-learn"}.get(package, package)
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return str(getattr(importlib.import_module(package), "__version__", "?"))
