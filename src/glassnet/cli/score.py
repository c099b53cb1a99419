"""How good a model is on rows whose target is known, for people and for machines."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.tables import Table
from glassnet.data.tables.wording import counted, in_columns
from glassnet.model.model import Model
from glassnet.training.metrics import confusions, metric_of
from glassnet.training.reliability import error_by_chance, said_of

MOST_CLASSES = 8  # up to here all confusions are shown, in a square
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
    truth, predicted
        What is known, what the model says; (n,).
    numbers
        Loss and metrics.
    by_chance
        The calibration error that perfect probabilities would have on so many rows; None: it was not asked for.
    """

    rows: str
    target: str
    classes: tuple[Any, ...] | None
    truth: np.ndarray
    predicted: np.ndarray
    numbers: dict[str, float]
    by_chance: float | None = None

    @property
    def right(self) -> int:
        """How many rows are right."""
        return int((self.truth == self.predicted).sum())

    @property
    def usual(self) -> tuple[str, float]:
        """The most frequent class and its share: what a score must be better than."""
        label, count = Counter(self.truth.tolist()).most_common(1)[0]
        return label, count / len(self.truth)

    @property
    def confusion(self) -> np.ndarray:
        """How many rows of each class (down) were said to be of which (across)."""
        return confusions(self.truth, self.predicted, self.classes or ())

    def headline(self) -> str:
        """The score in a line."""
        n = len(self.truth)
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
        shares = np.array([*Counter(self.truth.tolist()).values()]) / len(self.truth)
        if metric in ("log_loss", "brier"):
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
        counts = [[str(cell) if cell else "·" for cell in row] for row in self.confusion.tolist()]
        first = max(map(len, [*names, "actual"]))
        widths = [max(len(name), *(len(row[k]) for row in counts)) for k, name in enumerate(names)]
        head = [f"{'':<{first}}  predicted", f"{'actual':<{first}}  " + joined(names, widths)]
        return head + [f"{name:<{first}}  " + joined(row, widths) for name, row in zip(names, counts, strict=True)]

    def mistakes(self) -> list[str]:
        """The most frequent mistakes."""
        pairs = Counter(
            (truth, said)
            for truth, said in zip(self.truth.tolist(), self.predicted.tolist(), strict=True)
            if truth != said
        )
        return [f"{truth} was taken for {said}: {counted(k, 'row')}" for (truth, said), k in pairs.most_common(5)]

    def to_json(self) -> dict[str, Any]:
        """The score as JSON."""
        found: dict[str, Any] = {"on": self.rows.rstrip(","), "rows": len(self.truth), **self.numbers}
        if self.classes is not None:
            found |= {} if self.by_chance is None else {"calibration_error_by_chance": self.by_chance}
            found |= {"right": self.right, "classes": list(self.classes), "confusion": self.confusion.tolist()}
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
    truth = model.targets(table, None)[1]
    if "calibration_error" in asked:
        by_chance = error_by_chance(said_of(outputs), np.random.default_rng(0))
    return Score(
        rows=rows,
        target=model.contract.target.name,  # type: ignore[union-attr]  # it is a table's
        classes=classes,
        truth=truth,
        predicted=np.asarray(model.contract.decode(outputs)),
        numbers=numbers,
        by_chance=by_chance,
    )


def of_classes(model: Model) -> tuple[str, ...]:
    """Metrics that tell more of a model's classes, as far as it has them."""
    if model.classes is None:
        return ()
    return (*(OF_PROBABILITIES if model.state.is_distribution else ()), *OF_CLASSES)
