"""Score cards held against rows that had no part in them: who was taken, and how far probabilities and intervals hold.

`gn.compare` finds a network for the training rows of each split of the tables that accuracy is measured on, which then
predicts the others: its error, and that of trees; how often a row's number is inside its interval of 90 %, or its class
in its set; and the calibration error, over the splits of a table together: 10 bins of equal mass of the probability of
the predicted class, the mean distance of what was said and what was right, less what perfect probabilities would have
by chance (100 draws). The recipes that were not taken are trained with the same rows as well, so that over many splits
it is known which is the simplest that is as good as the best: `accuracy/judged.py` says how. Results are kept in
`cards.jsonl`, so that what was broken off goes on.

    python benchmarks/cards.py tables           # all that is missing, the first split of every table first; hours
    python benchmarks/cards.py tables --splits 20 --only boston   # of tables with 5,000 rows or more at most 3
    python benchmarks/cards.py                  # tell what there is
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Sequence
from itertools import combinations, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from accuracy.judged import Judged, counted, sections
from accuracy.problems import FEW, LARGE, MANY, Problem, problems
from accuracy.rivals import by_glassnet
from accuracy.scores import error
from kept import Lines, source
from report import processor, table

import glassnet as gn
from glassnet.comparison.compare import USUAL
from glassnet.comparison.growing import Trees
from glassnet.comparison.trees import inputs
from glassnet.data.tables import Table
from glassnet.training.card import TREES

FILE = Path(__file__).with_name("cards.jsonl")
LEVEL, BINS, DRAWS = 0.9, 10, 100
SHOWN = "diamonds"  # whose cards are told whole


def main() -> None:
    names = [problem.name for problem in problems()]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="with the tables; without one nothing is measured")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="TABLE", help="these tables")
    parser.add_argument("--splits", type=int, default=MANY, metavar="N", help="at most so many of each table")
    parser.add_argument("--json", type=Path, default=FILE, help="where results are kept")
    asked = parser.parse_args()
    kept = Lines(asked.json)
    if asked.folder:
        for split, problem in wanted(asked.only, asked.splits):
            of = {"table": problem.name, "split": split}
            if kept.get(of) is None:
                kept.put(of, {**of, **measured(problem, split, asked.folder)})
                print(time.strftime("%H:%M:%S"), told(kept.get(of) or {}), flush=True)
    found = by_table(kept.lines)
    first = [line for line in kept.lines if (line["table"], line["split"]) == (SHOWN, 0)]
    said = "\n\n".join([table(*rows_of(found)), *sections(found), *map(shown, first)])
    if asked.json == FILE:
        FILE.with_suffix(".md").write_text(f"# Score cards\n\nWritten by `python benchmarks/cards.py`.\n\n{said}\n")
    print(said)


def wanted(only: Sequence[str], splits: int) -> list[tuple[int, Problem]]:
    """What is to be measured, in order: a split of every table, then the next."""
    most = {one.name: min(FEW, splits) if one.rows >= LARGE else splits for one in problems() if one.name in only}
    return [(split, one) for split in range(splits) for one in problems() if split < most.get(one.name, 0)]


def measured(problem: Problem, split: int, folder: Path) -> dict[str, Any]:
    """A line of the file of results."""
    rows, others = problem.split(problem.load(folder), split)
    kind: Any = problem.kind
    start = time.perf_counter()
    found = gn.compare(rows, target=problem.target, kind=kind, seed=split, progress=False)
    seconds = time.perf_counter() - start
    model, truth = found.model, problem.truth(others)
    contract: Any = model.contract  # of a table
    (x, categorical), (x_others, _) = inputs(contract, rows), inputs(contract, others)
    how: dict[str, Any] = {"categorical": categorical, "classes": len(problem.classes), "weight": None, "seed": split}
    said = {
        name: by_glassnet(rows, problem, split, 1, recipe=name)(others) for name in USUAL if name != found.card.taken
    }
    said[found.card.taken], trust = trusted(model, problem, others)
    said[TREES] = Trees(x, problem.truth(rows), **how).says(x_others)
    wrong = {name: rows_wrong(truth, said[name]) for name in (*USUAL, TREES)}
    pairs = combinations(wrong, 2)
    return {
        "taken": found.card.taken,
        "card": [found.card.line(entry) for entry in found.card.entries],
        "head": found.card.head(),
        "said": list(found.card.said),
        "errors": {name: error(truth, said[name]) for name in wrong},
        "apart": {f"{one}, {other}": round(float(np.std(wrong[one] - wrong[other])), 6) for one, other in pairs},
        "judged": found.card.rows,
        "T": model.calibration.T if model.calibration else 1.0,
        "seconds": round(seconds, 1),
        **trust,
        "source": source(),
        "machine": processor(),
    }


def rows_wrong(truth: np.ndarray, said: np.ndarray) -> np.ndarray:
    """How wrong each row is, (n,): 1 or 0 of classes, and of a number its squared error over the variance.

    >>> rows_wrong(np.array([0.0, 2.0]), np.array([1.0, 2.0]))
    array([1., 0.])
    """
    if said.ndim == 2:
        return np.asarray(said.argmax(axis=1) != truth, np.float64)
    return np.asarray((said - truth) ** 2 / np.var(truth))


def trusted(model: gn.Model, problem: Problem, others: Table) -> tuple[np.ndarray, dict[str, Any]]:
    """What a model says of rows that it has not seen, and whether that can be trusted as far as it says."""
    truth = problem.truth(others)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # rows and words unlike those of training
        said: Any = model.predict(others, interval=LEVEL)
        if problem.kind == "number":
            p = np.asarray(said.predictions, np.float64).reshape(-1)
            inside = (said.lower.reshape(-1) <= truth) & (truth <= said.upper.reshape(-1))
            return p, {"inside": float(np.mean(inside))}
        order = np.argsort([str(one) for one in model.classes or ()])
        p = np.asarray(model.predict_proba(others), np.float64)[:, order]
    names = [str((model.classes or ())[k]) for k in order]
    held = [names[k] in map(str, one) for k, one in zip(truth, said.sets, strict=True)]
    right = (p.argmax(axis=1) == truth).astype(int).tolist()
    return p, {"inside": float(np.mean(held)), "sure": p.max(axis=1).round(5).tolist(), "right": right}


def told(line: dict[str, Any]) -> str:
    """A result in a line."""
    numbers = ", ".join(f"{name} {value:.4f}" for name, value in line["errors"].items())
    return f"{line['table']}, {line['split']}: {line['taken']} of {numbers}, {line['seconds']} s"


def shown(line: dict[str, Any]) -> str:
    """A card."""
    said = "\n".join(f"- {sentence}" for sentence in line["said"])
    return f"## The card of {line['table']}, split {line['split']}\n\n{table(line['head'], line['card'])}\n\n{said}"


def calibration_error(sure: np.ndarray, right: np.ndarray) -> float:
    """The mean distance of what was said and what was right, in bins of equal mass.

    >>> calibration_error(np.full(10, 0.75), np.array([1, 1, 1, 0, 1, 1, 1, 0, 1, 1]))
    0.4
    """
    bins = np.array_split(np.argsort(sure, kind="stable"), BINS)
    apart = [abs(float(sure[rows].mean() - right[rows].mean())) * len(rows) for rows in bins if len(rows)]
    return round(sum(apart) / len(sure), 6)


def excess(sure: np.ndarray, right: np.ndarray) -> float:
    """The calibration error, less what perfect probabilities have by chance."""
    rng = np.random.default_rng(0)
    perfect = [calibration_error(sure, rng.random(len(sure)) < sure) for _ in range(DRAWS)]
    return calibration_error(sure, right) - float(np.mean(perfect))


def by_table(lines: list[dict[str, Any]]) -> dict[str, Judged]:
    """The cards of each table, the tables with few rows first, by the number of the split."""
    names = [problem.name for problem in problems()]
    ordered = sorted(lines, key=lambda line: (names.index(line["table"]), line["split"]))
    return {name: Judged(list(found)) for name, found in groupby(ordered, key=itemgetter("table"))}


def rows_of(found: dict[str, Judged]) -> tuple[list[str], list[list[str]]]:
    """A row for each table, its splits together."""
    head = ["table", "splits", "taken", "error", "trees", "said of trees", "90 % hold", "T", "calibration error"]
    rows = []
    for name, one in found.items():
        off = "-"
        if "sure" in one.lines[0]:
            sure, right = (np.concatenate([line[what] for line in one.lines]) for what in ("sure", "right"))
            off = f"{excess(sure, right):.3f}"
        error = np.mean([line["errors"][line["taken"]] for line in one.lines])
        rows.append(
            [
                name,
                str(len(one.lines)),
                counted(one.taken),
                f"{error:.3f}",
                f"{one.errors(TREES).mean():.3f}",
                counted(one.verdicts),
                f"{np.mean([line['inside'] for line in one.lines]):.3f}",
                f"{np.mean([line['T'] for line in one.lines]):.2f}",
                off,
            ]
        )
    return head, rows


if __name__ == "__main__":
    main()
