"""The race: glassnet and its rivals do the same mathematics, from the same weights, with the same batches, in turns.

The contestants are in the folder `race`, a file for each library; one whose library is not installed is left out.
`--only W2 W5 start` races some of the works: W1 to W6, and "start", what compiling costs. `--from FILE` races nothing:
it tells and draws what an earlier race wrote with `--json`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from race.picture import draw
from race.start import STARTED, starts
from race.tables import about, told, where
from race.worker import Skipped, Worker
from race.workloads import SEEDS, WORKS
from report import tell

TRAINING = {
    "glassnet, compiled": "by_glassnet",
    "glassnet, numpy": "by_glassnet",
    "NumPy by hand": "by_hand",
    "scikit-learn": "by_sklearn",
    "PyTorch": "by_torch",
    "PyTorch, fused": "by_torch",
    "JAX": "by_jax",
}
PREDICTING = {
    "glassnet, predictor": "by_glassnet",
    "glassnet, predict_proba": "by_glassnet",
    "NumPy by hand": "by_hand",
    "scikit-learn": "by_sklearn",
    "PyTorch": "by_torch",
    "JAX": "by_jax",
}
SEEDED = {"glassnet, train_many": "by_glassnet", "JAX, vmap": "by_jax"}
NOT_RACED = {"PyTorch, bf16": "by_torch", "the floor": "floor"}  # shown beside W4
TOLERANCE = 1e-3  # how far from the loop by hand, relative for a loss
REPEATS = {"W1": 5, "W2": 7, "W3": 5, "W4": 3, "W5, one row": 9, "W5, 10,000 rows": 9, "W6": 5}
FEWEST, ENOUGH = 3, 5.0  # turns for everybody; more only while they take no more than so many seconds
CALLS = {"W5, one row": 500, "W5, 10,000 rows": 20}
THREADS = sorted({1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1})
GAIN = 1.1  # more than one thread only if they gain so much: they suffer more from whatever else is running
TRIES, LONG = 3, 0.5  # first turns, none begun after so many seconds


@dataclass
class Entry:
    """A contestant in one work, with the number of threads that was faster in its first turns."""

    name: str
    worker: Worker
    tried: dict[int, float]
    seconds: list[float] = field(default_factory=list)
    result: Any = None

    def turns(self, repeats: int) -> int:
        """How many of the turns it takes: a slow one the first few, which tell as much."""
        return min(repeats, max(FEWEST, int(ENOUGH / min(self.tried.values()))))

    def turn(self) -> None:
        seconds, self.result = self.worker.run()
        self.seconds.append(seconds)


class Race:
    """The processes of all contestants; they import their libraries at the same time."""

    def __init__(self, names: dict[str, str]) -> None:
        self.workers = {(name, k): Worker(name, module, k) for name, module in names.items() for k in THREADS}
        for worker in self.workers.values():
            worker.wait()

    def enter(self, kind: str, work: str, name: str) -> Entry:
        """Prepare a contestant with each number of threads, and keep what is faster."""
        tried = {}
        for threads in THREADS:
            worker = self.workers[name, threads]
            worker.prepare(kind, work, CALLS.get(work, 1))
            start, turns = time.perf_counter(), []
            while not turns or (len(turns) < TRIES and time.perf_counter() < start + LONG):
                turns.append(worker.run()[0])
            tried[threads] = min(turns)
        best = min(tried, key=lambda threads: tried[threads] * (1 if threads == 1 else GAIN))
        for threads in THREADS:
            if threads != best:
                self.workers[name, threads].forget()
        return Entry(name, self.workers[name, best], tried)

    def run(self, kind: str, work: str, names: Iterable[str], repeats: int) -> dict[str, Any]:
        """All contestants of one work, one after the other, again and again."""
        entries, skipped = [], {}
        for name in names:
            try:
                entries.append(self.enter(kind, work, name))
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
        found = {
            "kind": kind,
            "work": work,
            "what": WORKS[work]().what,
            "skipped": skipped,
            "contestants": [
                {"name": e.name, "threads": e.worker.threads, "tried": e.tried, "seconds": e.seconds} for e in entries
            ],
        }
        compare(found, {entry.name: entry.result for entry in entries})
        return found

    def close(self) -> None:
        for worker in self.workers.values():
            worker.close()


def compare(found: dict[str, Any], results: dict[str, Any]) -> None:
    """Write down what each arrived at, and whether that is what the loop by hand arrived at."""
    by_hand = results.get("NumPy by hand")
    for one in found["contestants"]:
        name, result = one["name"], results[one["name"]]
        if found["kind"] == "PREDICTING":
            if by_hand is not None:
                one["error"] = float(np.max(np.abs(result[:, -1:] - by_hand)))
                one["differs"] = one["error"] > TOLERANCE
        elif name != "the floor":
            one["loss"] = float(result)
            if by_hand is not None:
                one["differs"] = abs(one["loss"] - float(by_hand)) > TOLERANCE * abs(float(by_hand))


def seeds(race: Race, one: dict[str, Any], repeats: int) -> dict[str, Any]:
    """W6: `train_many` and JAX's `vmap`, beside as many times what one network took the others in W1, `one`."""
    found = race.run("SEEDED", "W6", SEEDED, repeats)
    for rival in one["contestants"]:
        seconds = [len(SEEDS) * s for s in rival["seconds"]]
        name = f"{rival['name']}, one by one"
        more = {"threads": rival["threads"], "differs": rival.get("differs", False)}
        found["contestants"].append({"name": name, "seconds": seconds, **more})
    return found


def compiling(works: Iterable[str]) -> dict[str, Any]:
    try:
        return {name: starts(name) for name in works}
    except RuntimeError as reason:
        return {"skipped": str(reason)}


def choose(work: str, contestants: dict[str, str]) -> dict[str, str]:
    """Who takes part in a work."""
    if work.startswith("W5"):
        return PREDICTING
    return contestants | {"W4": NOT_RACED, "W6": SEEDED}.get(work, {})


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = [f"W{k}" for k in range(1, 7)] + ["start"]
    parser.add_argument("--only", nargs="+", choices=known, default=known, metavar="W", help="which works")
    parser.add_argument("--repeats", type=int, help="turns that count; default: 3 to 9, fewer for long works")
    parser.add_argument("--torch-compile", action="store_true", help="race torch.compile, too (needs a C++ compiler)")
    parser.add_argument("--from", dest="source", metavar="FILE", help="race nothing, tell what is in this JSON file")
    parser.add_argument("--json", metavar="FILE", help="write the numbers as JSON, too")
    parser.add_argument("--picture", nargs="+", metavar="FILE", default=[], help="draw them: names ending .svg or .png")
    return parser.parse_args()


def raced(asked: argparse.Namespace) -> dict[str, Any]:
    """The numbers of all works asked for."""
    contestants = dict(TRAINING)
    if asked.torch_compile:
        contestants["PyTorch, compiled"] = "by_torch"
    results: dict[str, Any] = {}

    def repeats(work: str) -> int:
        return asked.repeats or REPEATS[work]

    works = {work: choose(work, contestants) for work in WORKS if work[:2] in asked.only}
    race = Race({name: module for names in works.values() for name, module in names.items()})
    for work, names in works.items():
        print(work, file=sys.stderr)  # for who waits
        if work == "W6":
            one = results.get("W1") or race.run("TRAINING", "W1", contestants, repeats("W1"))
            results[work] = seeds(race, one, repeats(work))
        else:
            results[work] = race.run("PREDICTING" if work.startswith("W5") else "TRAINING", work, names, repeats(work))
    race.close()
    if "start" in asked.only:
        results["start"] = compiling(STARTED)
    return {"where": where(), "threads": THREADS, "results": results}


def main() -> None:
    asked = arguments()
    numbers = json.loads(Path(asked.source).read_text()) if asked.source else raced(asked)
    tell("The race", about(numbers["where"], numbers["threads"]), told(numbers["results"]), numbers, asked.json)
    for file in asked.picture:
        draw(numbers, file)


if __name__ == "__main__":
    main()
