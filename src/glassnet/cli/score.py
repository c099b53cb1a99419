"""How good a model is on rows whose target is known, for people and for machines."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.streams.stream import Stream
from glassnet.data.tables import Table
from glassnet.data.tables.wording import counted, in_columns
from glassnet.model.model import Model
from glassnet.training.evaluating import metrics_of
from glassnet.training.evaluating_parts import evaluate_parts
from glassnet.training.metrics import confusions, metric_of
from glassnet.training.part_by_part import Pass, read_again
from glassnet.training.reliability import error_by_chance, said_of

MOST_CLASSES = 8  # up to here all confusions are shown, in a square
MOST_IN_JSON = 100  # up to here as a square, beyond as the pairs there are, which are no more than rows
USUAL = {True: ("accuracy",), False: ("r2", "rmse", "mae")}  # metrics of classes, of numbers
OF_CLASSES = {"auc": "AUC", "f1": "F1"}
OF_PROBABILITIES = {"log_loss": "log loss", "brier": "Brier score", "calibration_error": "calibration error"}
CELL = 16  # letters of a class's name in that square


@dataclass(frozen=True, eq=False, kw_only=True)
class Score:
    """The score of a model on some rows.

    Attributes
    ----------
    rows
        What the rows are called: "held-out rows".
    target
        The column predicted.
    classes
        None where it is a number.
    count
        How many rows there are.
    numbers
        Loss and metrics.
    confusion
        How many rows of each class (down) were said to be of which (across), (K, K); None where there are none.
    first
        The class of the first row: of classes that are equally frequent it is named.
    by_chance
        The calibration error that perfect probabilities would have on so many rows; None: it was not asked for.
    """

    rows: str
    target: str
    classes: tuple[Any, ...] | None
    count: int
    numbers: dict[str, float]
    confusion: np.ndarray | None = None
    first: Any = None
    by_chance: float | None = None

    @property
    def right(self) -> int:
        """How many rows are right."""
        return int(self.counts.trace())

    @property
    def usual(self) -> tuple[str, float]:
        """The most frequent class and its share: what a score must be better than."""
        rows = dict(zip(self.classes or (), self.counts.sum(axis=1).tolist(), strict=True))
        most = max(rows.values())
        label = next(label for label in (self.first, *rows) if rows.get(label) == most)
        return label, most / self.count

    @property
    def counts(self) -> np.ndarray:
        """The confusions."""
        assert self.confusion is not None
        return self.confusion

    def headline(self) -> str:
        """The score in a line."""
        n = self.count
        if self.classes is None:
            errors = f"typical error {self.numbers['rmse']:.4g} (RMSE), {self.numbers['mae']:.4g} (mean absolute)"
            r2, rows = self.numbers["r2"], f"on {n:,} {self.rows.rstrip(',')}"
            if math.isnan(r2):
                return f"{errors} {rows}"
            return f"R² {r2:{'.3f' if abs(r2) < 1000 else '.3g'}} {rows}; {errors}"
        return f"{self.right:,} of {n:,} {self.rows} right ({100 * self.right / n:.1f} %)"

    def comparison(self) -> str:
        """What one would reach without a model."""
        if self.classes is None and math.isnan(self.numbers["r2"]):
            return "R² is not defined: the target is the same in all rows"
        if self.classes is None:
            return "R² is 1 for a perfect model, 0 for always saying the mean"
        label, share = self.usual
        return f"always saying {label} would be right in {100 * share:.1f} %"

    def measures(self) -> list[str]:
        """Metrics of classes and their probabilities, each with what it is to be held against, as lines."""
        rows = [
            (name, "-" if math.isnan(self.numbers[metric]) else f"{self.numbers[metric]:.4f}", self.meaning(metric))
            for metric, name in (OF_PROBABILITIES | OF_CLASSES).items()
            if metric in self.numbers
        ]
        return in_columns(rows)

    def meaning(self, metric: str) -> str:
        """What a metric of classes is to be held against, in a few words."""
        if metric in ("log_loss", "brier"):
            rows = self.counts.sum(axis=1)
            shares = rows[rows > 0] / self.count
            halves = 2.0 if len(self.classes or ()) == 2 else 1.0
            usual = (
                -(shares * np.log(shares)).sum() if metric == "log_loss" else (shares * (1.0 - shares)).sum() / halves
            )
            return f"0 is perfect; always saying how frequent each class is gives {usual:.4f}"
        if metric == "calibration_error":
            return f"0 is perfect; perfect probabilities have {self.by_chance:.4f} here by chance"
        if metric == "auc" and math.isnan(self.numbers["auc"]):
            return "not defined: all rows are of one class"
        if metric == "auc":
            return "1 is a perfect order of the rows, 0.5 none at all"
        return "1 is perfect: all of a class are found, and nothing else is taken for it"

    def table(self) -> list[str]:
        """The confusions, as lines."""
        if self.classes is None:
            return []
        if len(self.classes) > MOST_CLASSES:
            return self.mistakes()
        names = [name if len(name) <= CELL else f"{name[: CELL - 1]}…" for name in map(str, self.classes)]
        counts = [[str(cell) if cell else "·" for cell in row] for row in self.counts.tolist()]
        first = max(map(len, [*names, "actual"]))
        widths = [max(len(name), *(len(row[k]) for row in counts)) for k, name in enumerate(names)]
        head = [f"{'':<{first}}  predicted", f"{'actual':<{first}}  " + joined(names, widths)]
        return head + [f"{name:<{first}}  " + joined(row, widths) for name, row in zip(names, counts, strict=True)]

    def mistakes(self) -> list[str]:
        """The most frequent mistakes."""
        wrong = sorted((pair for pair in self.pairs() if pair[0] != pair[1]), key=lambda pair: -pair[2])
        return [f"{truth} was taken for {said}: {counted(rows, 'row')}" for truth, said, rows in wrong[:5]]

    def pairs(self) -> list[tuple[Any, Any, int]]:
        """The confusions that there are: a class, what it was taken for, in how many rows."""
        classes, (truth, said) = self.classes or (), np.nonzero(self.counts)
        rows = self.counts[truth, said]
        return [
            (classes[i], classes[j], k) for i, j, k in zip(*map(np.ndarray.tolist, (truth, said, rows)), strict=True)
        ]

    def to_json(self) -> dict[str, Any]:
        """The score as JSON."""
        found: dict[str, Any] = {"on": self.rows.rstrip(","), "rows": self.count, **self.numbers}
        if self.classes is not None:
            found |= {} if self.by_chance is None else {"calibration_error_by_chance": self.by_chance}
            found |= {"right": self.right, "classes": list(self.classes)}
            if len(self.classes) > MOST_IN_JSON:
                found |= {"confusion": None, "confusions": self.pairs()}
            else:
                found["confusion"] = self.counts.tolist()
        return found


def joined(cells: list[str], widths: list[int]) -> str:
    """Cells in columns, to the right."""
    return "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))


def score(model: Model, table: Table, rows: str, more: Iterable[str] = ()) -> Score:
    """The score on the rows of a table, with metrics of these names among its numbers."""
    classes = model.classes
    asked: Any = dict.fromkeys([*USUAL[classes is not None], *(metric_of(name).name for name in more)])
    by_chance = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what is new in the table is said elsewhere
        numbers = model.evaluate(table, metrics=asked)
        outputs = model.outputs(model.encode(table))
    truth, predicted = model.targets(table, None)[1], np.asarray(model.contract.decode(outputs))
    if "calibration_error" in asked:
        by_chance = error_by_chance(said_of(outputs), np.random.default_rng(0))
    return Score(
        rows=rows,
        target=model.contract.target.name,  # type: ignore[union-attr]  # it is a table's
        classes=classes,
        count=len(truth),
        numbers=numbers,
        confusion=None if classes is None else confusions(truth, predicted, classes),
        first=None if classes is None else truth.tolist()[0],
        by_chance=by_chance,
    )


def score_of_stream(model: Model, stream: Stream, more: Iterable[str], progress: bool | None) -> tuple[Score, Pass]:
    """The same of a table that is read part by part, and what was read."""
    classes = model.classes
    asked: Any = dict.fromkeys([*USUAL[classes is not None], *(metric_of(name).name for name in more)])
    chosen = metrics_of(model.state, asked)
    passing = Pass(model.state, stream, what="evaluating", with_target=True, progress=progress)
    found = read_again(passing, lambda reading: evaluate_parts(reading, chosen))
    of = found.classes
    scored = Score(
        rows="rows",
        target=found.passing.contract.target.name,
        classes=classes,
        count=found.rows,
        numbers=found.numbers,
        confusion=None if of is None else of.confusion,
        first=None if of is None or classes is None else classes[of.first],
        by_chance=of.by_chance() if of is not None and "calibration_error" in asked else None,
    )
    return scored, found.passing


def of_classes(model: Model) -> tuple[str, ...]:
    """Metrics that tell more of a model's classes, as far as it has them."""
    if model.classes is None:
        return ()
    return (*(OF_PROBABILITIES if model.state.is_distribution else ()), *OF_CLASSES)
