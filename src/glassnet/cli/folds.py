"""The scores of a cross-validation, for people and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.cli.score import Score
from glassnet.data.tables.wording import in_columns

SHOWN = {"accuracy": "right", "r2": "R²", "rmse": "RMSE", "mae": "mean absolute"}


@dataclass(frozen=True, kw_only=True)
class Folds:
    """The scores of the folds, and how many rows each learnt from, those to know when to stop among them."""

    scores: Sequence[Score]
    learnt: Sequence[int]

    @property
    def names(self) -> list[str]:
        """The scores that are told, by name."""
        return [name for name in SHOWN if name in self.scores[0].numbers]

    def each(self, name: str) -> np.ndarray:
        """A score in each fold, (K,)."""
        return np.array([score.numbers[name] for score in self.scores], float)

    def headline(self) -> str:
        """Means and standard deviations in a line."""
        told = {name: spread(name, self.each(name)) for name in self.names}
        where = f"mean ± standard deviation of {len(self.scores)} folds"
        if "accuracy" in told:
            return f"{told['accuracy']} of the rows held out are right, {where}"
        errors = f"typical error {told['rmse']} (RMSE), {told['mae']} (mean absolute)"
        r2 = "" if np.isnan(self.each("r2")).any() else f"R² {told['r2']}, "  # of one row, say, there is none
        return f"{r2}{errors}: {where}"

    def table(self) -> list[str]:
        """Each fold, as lines."""
        head = ("fold", "learnt from", "held out", *(SHOWN[name] for name in self.names))
        lines = [
            (str(k), f"{learnt:,}", f"{item.count:,}", *(shown(name, item.numbers[name]) for name in self.names))
            for k, (learnt, item) in enumerate(zip(self.learnt, self.scores, strict=True), start=1)
        ]
        return in_columns([head, *lines])

    def to_json(self) -> dict[str, Any]:
        """Means, standard deviations, and each fold."""
        names = list(self.scores[0].numbers)
        return {
            "folds": len(self.scores),
            "mean": {name: float(self.each(name).mean()) for name in names},
            "std": {name: float(self.each(name).std()) for name in names},
            "each": [
                {"learnt_from": learnt, "rows": item.count, **item.numbers}
                for learnt, item in zip(self.learnt, self.scores, strict=True)
            ],
        }


def shown(name: str, value: float) -> str:
    """A score as it is told."""
    if np.isnan(value):
        return "-"
    return f"{100 * value:.1f} %" if name == "accuracy" else f"{value:.3f}" if name == "r2" else f"{value:.4g}"


def spread(name: str, values: np.ndarray) -> str:
    """`97.4 ± 1.2 %`, or `0.951 ± 0.012`."""
    mean, std = float(values.mean()), float(values.std())
    if name == "accuracy":
        return f"{100 * mean:.1f} ± {100 * std:.1f} %"
    return f"{mean:.3f} ± {std:.3f}" if name == "r2" else f"{mean:.4g} ± {std:.2g}"
