"""Score cards held against rows that had no part in them: who was taken, and how far probabilities and intervals hold.

`gn.compare` finds a network for the training rows of each split of the tables that accuracy is measured on, which then
predicts the others: its error, and that of trees; how often a row's number is inside its interval of 90 %, or its class
in its set; and the calibration error, over the splits of a table together: 10 bins of equal mass of the probability of
the predicted class, the mean distance of what was said and what was right, less what perfect probabilities would have
by chance (100 draws). Results are kept in `cards.jsonl`, so that what was broken off goes on.

    python benchmarks/cards.py tables           # all that is missing; hours
    python benchmarks/cards.py tables --splits 1 --only boston
    python benchmarks/cards.py                  # tell what there is
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from accuracy.problems import MANY, Problem, problems
from accuracy.scores import error
from kept import Lines, source
from report import processor, table

import glassnet as gn
from glassnet.comparison.trees import Trees

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
        for problem in problems():
            for split in range(min(problem.splits, asked.splits) if problem.name in asked.only else 0):
                of = {"table": problem.name, "split": split}
                if kept.get(of) is None:
                    kept.put(of, {**of, **measured(problem, split, asked.folder)})
                    print(time.strftime("%H:%M:%S"), told(kept.get(of) or {}), flush=True)
    said = "\n\n".join(
        [table(*rows_of(kept.lines)), *map(shown, [line for line in kept.lines if line.get("table") == SHOWN])]
    )
    if asked.json == FILE:
        FILE.with_suffix(".md").write_text(f"# Score cards\n\nWritten by `python benchmarks/cards.py`.\n\n{said}\n")
    print(said)


def measured(problem: Problem, split: int, folder: Path) -> dict[str, Any]:
    """A line of the file of results."""
    rows, others = problem.split(problem.load(folder), split)
    kind: Any = problem.kind
    start = time.perf_counter()
    found = gn.compare(rows, target=problem.target, kind=kind, seed=split, progress=False)
    seconds = time.perf_counter() - start
    model, truth = found.model, problem.truth(others)
    trees = Trees(
        model.contract,  # type: ignore[arg-type]  # of a table
        rows,
        problem.truth(rows),
        classes=len(problem.classes),
        weight=None,
        seed=split,
    ).says(others)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # rows and words unlike those of training
        said: Any = model.predict(others, interval=LEVEL)
        line: dict[str, Any] = {}
        if problem.kind == "classes":
            order = np.argsort([str(one) for one in model.classes or ()])
            p = np.asarray(model.predict_proba(others), np.float64)[:, order]
            names = [str((model.classes or ())[k]) for k in order]
            held = [names[k] in map(str, one) for k, one in zip(truth, said.sets, strict=True)]
            line["inside"] = float(np.mean(held))
            line["sure"] = p.max(axis=1).round(5).tolist()
            line["right"] = (p.argmax(axis=1) == truth).astype(int).tolist()
        else:
            p = np.asarray(said.predictions, np.float64).reshape(-1)
            line["inside"] = float(np.mean((said.lower.reshape(-1) <= truth) & (truth <= said.upper.reshape(-1))))
    return {
        "taken": found.card.taken,
        "card": [found.card.line(entry) for entry in found.card.entries],
        "head": found.card.head(),
        "said": list(found.card.said),
        "error": error(truth, p),
        "trees": error(truth, trees),
        "T": model.calibration.T if model.calibration else 1.0,
        "seconds": round(seconds, 1),
        **line,
        "source": source(),
        "machine": processor(),
    }


def told(line: dict[str, Any]) -> str:
    """A result in a line."""
    numbers = f"error {line['error']:.4f}, trees {line['trees']:.4f}, {line['inside']:.3f} inside, T {line['T']:.2f}"
    return f"{line['table']}, {line['split']}: {line['taken']}, {numbers}, {line['seconds']} s"


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


def rows_of(lines: list[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """A row for each table, its splits together."""
    by_table = defaultdict(list)
    for line in lines:
        if line:
            by_table[line["table"]].append(line)
    head = ["table", "splits", "taken", "error", "trees", "said of trees", "90 % hold", "T", "calibration error"]
    rows = []
    for name, found in by_table.items():
        taken = [line["taken"] for line in found]
        verdicts = [verdict(line["said"][-1]) for line in found]
        off = "-"
        if "sure" in found[0]:
            sure, right = (np.concatenate([line[what] for line in found]) for what in ("sure", "right"))
            off = f"{excess(sure, right):.3f}"
        rows.append(
            [
                name,
                str(len(found)),
                ", ".join(f"{one} {taken.count(one)}" for one in dict.fromkeys(taken)),
                *(f"{np.mean([line[who] for line in found]):.3f}" for who in ("error", "trees")),
                ", ".join(f"{one} {verdicts.count(one)}" for one in dict.fromkeys(verdicts)),
                f"{np.mean([line['inside'] for line in found]):.3f}",
                f"{np.mean([line['T'] for line in found]):.2f}",
                off,
            ]
        )
    return head, rows


VERDICTS = {"level": "level", "better": "network", "use": "tree"}


def verdict(sentence: str) -> str:
    """What a card says of trees, in a word."""
    return VERDICTS.get(sentence.split()[0], "-")


if __name__ == "__main__":
    main()
