"""The race: glassnet and its rivals do the same mathematics, from the same weights, with the same batches, in turns.

The contestants are in the folder `race`, a file for each library; one whose library is not installed is left out.
`--only W2 W5 start` races some of the works: W1 to W6, and "start", what compiling costs. `--from FILE` races nothing:
it tells and draws what an earlier race wrote with `--json`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from race.floor import PARTS, height
from race.picture import FLOOR, draw
from race.start import STARTED, starts
from race.tables import about, told, where
from race.turns import THREADS, Race, Task
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
NOT_RACED = {"PyTorch, bf16": "by_torch"}  # shown beside W4
REPEATS = {"W1": 5, "W2": 7, "W3": 5, "W4": 3, "W5, one row": 9, "W5, 10,000 rows": 9, "W6": 5}
CALLS = {"W5, one row": 500, "W5, 10,000 rows": 20}


def run(race: Race, kind: str, work: str, names: Iterable[str], repeats: int) -> dict[str, Any]:
    """One work, with its name and what it is."""
    make = WORKS[work]
    task = Task(kind=kind, make=make, calls=CALLS.get(work, 1))
    tasks = dict.fromkeys(names, task)
    parts = PARTS if work == "W4" else {}
    found = race.run(tasks | dict.fromkeys(parts, Task(kind="FLOOR", make=make, gain=1.0)), repeats)
    if parts:
        on_the_floor(found, make().epochs)
    return {"kind": kind, "work": work, "what": make().what, **found}


def on_the_floor(found: dict[str, Any], epochs: int) -> None:
    """Put one floor, of the fastest products and the update, in the place of its parts."""
    parts = {one["name"]: one for one in found["contestants"] if one["name"] in PARTS}
    found["contestants"] = [one for one in found["contestants"] if one["name"] not in PARTS]
    found["floor"] = list(parts.values())
    turns = zip(*(one["seconds"] for one in parts.values()), strict=False)
    heights = [height(dict(zip(parts, turn, strict=True))) for turn in turns]
    if heights and None not in heights:
        threads = max(one["threads"] for one in parts.values())
        floor = {"name": FLOOR, "threads": threads, "seconds": [epochs * seconds for seconds in heights]}
        found["contestants"].append(floor)


def seeds(race: Race, one: dict[str, Any], repeats: int) -> dict[str, Any]:
    """W6: `train_many` and JAX's `vmap`, beside as many times what one network took the others in W1, `one`."""
    found = run(race, "SEEDED", "W6", SEEDED, repeats)
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
    parts = PARTS if "W4" in works else {}
    race = Race({name: module for names in works.values() for name, module in names.items()}, parts)
    for work, names in works.items():
        print(work, file=sys.stderr)  # for who waits
        if work == "W6":
            one = results.get("W1") or run(race, "TRAINING", "W1", contestants, repeats("W1"))
            results[work] = seeds(race, one, repeats(work))
        else:
            kind = "PREDICTING" if work.startswith("W5") else "TRAINING"
            results[work] = run(race, kind, work, names, repeats(work))
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
