"""Contestants in processes of their own, in turns, each with the number of threads that is better for it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from race.searches import Search
from race.worker import SHORT, Skipped, Worker
from race.workloads import Work

TOLERANCE = 1e-3  # how far from the loop by hand, relative for a loss
FEWEST = 3  # turns for everybody
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
CACHING = ("by_glassnet",)  # what these compile in one process the next one finds
THREADS = tuple(sorted({1, CORES}))
TRIES, LONG = 3, 0.5  # first turns, none begun after so many seconds


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is raced, and how it is timed.

    Attributes
    ----------
    kind, make
        Which dictionary of a contestant's module, and the work, made in each process.
    calls
        How many calls are timed at least.
    short
        What takes less than so many seconds is done as often as fits into them.
    threads, gain
        The numbers of threads to try, and how many times as fast more than one must be to be chosen: it suffers more
        from whatever else is running.
    enough
        More than a few turns only while they take no more than so many seconds.
    """

    kind: str
    make: Callable[[], Work | Search]
    calls: int = 1
    short: float = SHORT
    threads: tuple[int, ...] = THREADS
    gain: float = 1.1
    enough: float = 5.0


@dataclass
class Entry:
    """A contestant in one work, with the number of threads that was faster in its first turns."""

    name: str
    task: Task
    worker: Worker
    tried: dict[int, float]
    seconds: list[float] = field(default_factory=list)
    result: Any = None

    def turns(self, repeats: int) -> int:
        """How many of the turns it takes: a slow one the first few, which tell as much."""
        return min(repeats, max(FEWEST, int(self.task.enough / min(self.tried.values()))))

    def turn(self) -> None:
        seconds, self.result = self.worker.run()
        self.seconds.append(seconds)


class Race:
    """The processes of all contestants, until the end of a `with`; they import their libraries at the same time.

    Each has one of its own for each number of threads. The parts of a floor, which are nobody's rivals, go into that of
    a contestant of their module, or share one.
    """

    def __init__(self, names: Mapping[str, str], parts: Mapping[str, str] | None = None) -> None:
        self.workers = {(name, k): Worker(name, module, k) for name, module in names.items() for k in THREADS}
        for name, module in (parts or {}).items():
            for k in THREADS:
                of_module = (
                    worker for worker in self.workers.values() if (worker.module, worker.threads) == (module, k)
                )
                self.workers[name, k] = Worker(name, module, k, beside=next(of_module, None))
        for worker in self.workers.values():
            worker.wait()

    def prepare(self, tasks: Mapping[str, Task]) -> dict[str, str]:
        """Load data and compile, all contestants at the same time; why those who are missing do not take part."""
        skipped: dict[str, str] = {}
        every = [(name, k) for name, task in tasks.items() for k in task.threads]
        later = [(name, k) for name, k in every if k > 1 and self.workers[name, k].module in CACHING]
        for wave in ([one for one in every if one not in later], later):
            asked = [(name, k) for name, k in wave if name not in skipped]
            for name, k in asked:
                task = tasks[name]
                self.workers[name, k].prepare(task.kind, task.make, task.calls, task.short)
            for name, k in asked:
                try:
                    self.workers[name, k].answer()
                except Skipped as reason:
                    skipped[name] = str(reason)
        return skipped

    def enter(self, name: str, task: Task) -> Entry:
        """A contestant that is prepared with each number of threads: what is faster is kept."""
        tried = {}
        for threads in task.threads:
            start, turns = time.perf_counter(), []
            while not turns or (len(turns) < TRIES and time.perf_counter() < start + LONG):
                turns.append(self.workers[name, threads].run()[0])
            tried[threads] = min(turns)
        best = min(tried, key=lambda threads: tried[threads] * (1 if threads == 1 else task.gain))
        for threads in task.threads:
            if threads != best:
                self.workers[name, threads].forget()
        return Entry(name, task, self.workers[name, best], tried)

    def run(self, tasks: Mapping[str, Task], repeats: int) -> dict[str, Any]:
        """All contestants, by name with what each does, one after the other, again and again."""
        entries, skipped = [], self.prepare(tasks)
        for name, task in tasks.items():
            if name not in skipped:
                try:
                    entries.append(self.enter(name, task))
                except Skipped as reason:
                    skipped[name] = str(reason)
        for turn in range(repeats):
            for entry in [entry for entry in entries if turn < entry.turns(repeats)]:
                try:
                    entry.turn()
                except Skipped as reason:
                    skipped[entry.name] = f"in turn {turn + 1}: {reason}"
                    entries.remove(entry)
        for entry in entries:
            entry.worker.forget()
        contestants = [
            {"name": e.name, "threads": e.worker.threads, "tried": e.tried, "seconds": e.seconds} for e in entries
        ]
        compare(contestants, {entry.name: entry.result for entry in entries})
        return {"skipped": skipped, "contestants": contestants}

    def __enter__(self) -> Race:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers.values():
            worker.close()


def least(one: dict[str, Any]) -> float:
    """The seconds of a contestant's fastest turn, with whichever number of threads."""
    return min(*one["tried"].values(), *one["seconds"])


def compare(contestants: list[dict[str, Any]], results: dict[str, Any]) -> None:
    """Write down what each arrived at, and whether that is what the loop by hand arrived at."""
    by_hand = results.get("NumPy by hand")
    for one in contestants:
        result = results[one["name"]]
        if isinstance(result, np.ndarray):
            if by_hand is not None:
                one["error"] = float(np.max(np.abs(result[:, -1:] - by_hand)))
                one["differs"] = one["error"] > TOLERANCE
        elif result is not None:  # a loss
            one["loss"] = float(result)
            if by_hand is not None:
                one["differs"] = abs(one["loss"] - float(by_hand)) > TOLERANCE * abs(float(by_hand))
