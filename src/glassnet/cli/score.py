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
from glassnet.data.tables.wording import counted
from glassnet.model.model import Model
from glassnet.training.metrics import confusions, metric_of

MOST_CLASSES = 8  # up to here all confusions are shown, in a square
USUAL = {True: ("accuracy",), False: ("r2", "rmse", "mae")}  # metrics of classes, of numbers
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
    """

    rows: str
    target: str
    classes: tuple[Any, ...] | None
    truth: np.ndarray
    predicted: np.ndarray
    numbers: dict[str, float]

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
            found |= {"right": self.right, "classes": list(self.classes), "confusion": self.confusion.tolist()}
        return found


def joined(cells: list[str], widths: list[int]) -> str:
    """Cells in columns, to the right."""
    return "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))


def score(model: Model, table: Table, rows: str, more: Iterable[str] = ()) -> Score:
    """The score on the rows of a table, with metrics of these names among its numbers."""
    classes = model.classes
    asked: Any = dict.fromkeys([*USUAL[classes is not None], *(metric_of(name).name for name in more)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what is new in the table is said elsewhere
        numbers = model.evaluate(table, metrics=asked)
        predicted = np.asarray(model.contract.decode(model.outputs(model.encode(table))))
    truth = model.targets(table, None)[1]
    name = model.contract.target.name  # type: ignore[union-attr]
    return Score(rows=rows, target=name, classes=classes, truth=truth, predicted=predicted, numbers=numbers)
