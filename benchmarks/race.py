"""The race: glassnet and its rivals do the same mathematics, from the same weights, with the same batches, in turns.

The contestants are in the folder `race`, a file for each library; one whose library is not installed is left out.
`--only W2 W5 start` races some of the works: W1 to W6, W6b, W6c, and "start", what compiling costs. `--from FILE` races
nothing: it tells and draws what an earlier race wrote with `--json`. A race with `--json` that is broken off goes on
where it was when the same command is given again.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from kept import Kept, source
from race import what_if
from race.floor import PARTS, height
from race.picture import FLOOR, draw
from race.searches import PART
from race.start import STARTED, starts
from race.tables import about, told, where
from race.turns import THREADS, TOLERANCE, Race, Task, least
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
SEARCHING = {
    "glassnet, train_many": "by_glassnet",
    "JAX, vmap and scan": "by_jax",
    "scikit-learn, GridSearchCV": "by_sklearn",
    "NumPy by hand": "by_hand",
}
NOT_RACED = {"PyTorch, bf16": "by_torch"}  # shown beside W4
REPEATS = {
    "W1": 5,
    "W2": 7,
    "W3": 5,
    "W4": 3,
    "W5, one row": 9,
    "W5, 10,000 rows": 9,
    "W6": 5,
    "W6b": 5,
    "W6c": 1,
    "start": 3,
}
KINDS = {"W5, one row": "PREDICTING", "W5, 10,000 rows": "PREDICTING", "W6": "SEEDED", "W6b": "SEARCHING"}
CALLS = {"W5, one row": 500, "W5, 10,000 rows": 20}


def run(race: Race, work: str, names: Iterable[str], repeats: int) -> dict[str, Any]:
    """One work, with its name and what it is."""
    kind, made = KINDS.get(work, "TRAINING"), WORKS[work]()
    task = Task(kind=kind, make=WORKS[work], calls=CALLS.get(work, 1))
    tasks = dict.fromkeys(names, task)
    parts = PARTS if work == "W4" else {}
    found = race.run(tasks | dict.fromkeys(parts, replace(task, kind="FLOOR", gain=1.0)), repeats)
    if parts:
        on_the_floor(found, made.epochs)
    return {"kind": kind, "work": work, "what": made.what, **found}


def on_the_floor(found: dict[str, Any], epochs: int) -> None:
    """Put one floor, of the fastest products and the update, in the place of its parts."""
    parts = {one["name"]: one for one in found["contestants"] if one["name"] in PARTS}
    found["contestants"] = [one for one in found["contestants"] if one["name"] not in PARTS]
    found["floor"] = list(parts.values())
    lowest = height({name: least(one) for name, one in parts.items()})
    if lowest is not None:
        turns = min(len(one["seconds"]) for one in parts.values())
        threads = max(one["threads"] for one in parts.values())
        floor = {"name": FLOOR, "threads": threads, "seconds": [epochs * lowest] * turns}
        found["contestants"].append(floor)


def seeds(found: dict[str, Any], one: dict[str, Any]) -> None:
    """Put beside those of W6 as many times what one network took the others in W1, `one`."""
    for rival in one["contestants"]:
        seconds = [len(SEEDS) * s for s in rival["seconds"]]
        name = f"{rival['name']}, one by one"
        more = {"threads": rival["threads"], "differs": rival.get("differs", False)}
        found["contestants"].append({"name": name, "seconds": seconds, "done": 1, "of": len(SEEDS), **more})


def search(found: dict[str, Any]) -> None:
    """Multiply what those took who did a part of W6b; glassnet and JAX arrive at the same losses, or it is marked."""
    whole = WORKS["W6b"]()
    parts = {"scikit-learn, GridSearchCV": PART[0] * PART[1] * len(whole.folds), "NumPy by hand": len(whole.folds)}
    by_name = {one["name"]: one for one in found["contestants"]}
    for name in parts.keys() & by_name.keys():
        one = by_name[name]
        one |= {
            "seconds": [s * len(whole) / parts[name] for s in one["seconds"]],
            "done": parts[name],
            "of": len(whole),
        }
    ours, theirs = (by_name.get(name, {}).get("loss") for name in list(SEARCHING)[:2])
    if ours is not None and theirs is not None:
        by_name["glassnet, train_many"]["differs"] = abs(ours - theirs) > TOLERANCE * abs(theirs)


def choose(work: str, contestants: dict[str, str]) -> dict[str, str]:
    """Who takes part in a work."""
    if work.startswith("W5"):
        return PREDICTING
    if work == "W6b":
        return SEARCHING
    return contestants | {"W4": NOT_RACED, "W6": SEEDED}.get(work, {})


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = [f"W{k}" for k in range(1, 7)] + ["W6b", "W6c", "start"]
    parser.add_argument("--only", nargs="+", choices=known, default=known, metavar="W", help="which works")
    parser.add_argument("--repeats", type=int, help="turns that count; default: 3 to 9, fewer for long works")
    parser.add_argument("--torch-compile", action="store_true", help="race torch.compile, too (needs a C++ compiler)")
    parser.add_argument("--from", dest="source", metavar="FILE", help="race nothing, tell what is in this JSON file")
    parser.add_argument("--json", metavar="FILE", help="write the numbers as JSON, too")
    parser.add_argument("--picture", nargs="+", metavar="FILE", default=[], help="draw them: names ending .svg or .png")
    return parser.parse_args()


def raced(asked: argparse.Namespace) -> dict[str, Any]:
    """The numbers of all works asked for; with `--json` also those of an earlier run that was broken off."""
    contestants = dict(TRAINING)
    if asked.torch_compile:
        contestants["PyTorch, compiled"] = "by_torch"
    works = {work: choose(work, contestants) for work in WORKS if work.split(",")[0] in asked.only}
    others = [work for work in ("W6c", "start") if work in asked.only]
    kept = kept_so_far(asked)
    missing = {work: names for work, names in works.items() if kept.get(work) is None}
    parts = PARTS if "W4" in missing else {}
    with Race({name: module for names in missing.values() for name, module in names.items()}, parts) as race:
        for work, names in missing.items():
            print(work, file=sys.stderr, flush=True)  # for who waits
            found = run(race, work, SEEDED if work == "W6" else names, asked.repeats or REPEATS[work])
            if work == "W6":
                seeds(found, kept.get("W1") or run(race, "W1", contestants, asked.repeats or REPEATS["W1"]))
            elif work == "W6b":
                search(found)
            kept.add(found)
    for work in others:
        if kept.get(work) is None:
            print(work, file=sys.stderr, flush=True)
            kept.add({"work": work, **in_processes(work, asked.repeats or REPEATS[work])})
    results = {work: kept.get(work) for work in (*works, *others)}
    return {"where": where(), "threads": THREADS, "results": results}


def in_processes(work: str, repeats: int) -> dict[str, Any]:
    """What takes new processes each time."""
    try:
        return what_if.raced(repeats) if work == "W6c" else {name: starts(name, repeats) for name in STARTED}
    except RuntimeError as reason:
        return {"skipped": str(reason)}


def kept_so_far(asked: argparse.Namespace) -> Kept:
    """Beside the file that will have all of it; what another source or machine left there is thrown away."""
    path = Path(f"{asked.json}.part") if asked.json else None
    head = {"where": where(), "source": source(), "repeats": asked.repeats}
    try:
        return Kept(path, head, "work")
    except ValueError:
        return Kept(path, head, "work", fresh=True)


def main() -> None:
    asked = arguments()
    numbers = json.loads(Path(asked.source).read_text()) if asked.source else raced(asked)
    tell("The race", about(numbers["where"], numbers["threads"]), told(numbers["results"]), numbers, asked.json)
    for file in asked.picture:
        draw(numbers, file)
    if asked.json:
        Path(f"{asked.json}.part").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
