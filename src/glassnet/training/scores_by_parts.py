"""Scores of rows that come part by part: what is kept of them, and how it becomes the score.

Of most scores sums are kept, so that it takes no memory: of numbers the squares and distances of the errors, and of
the targets mean and spread, which are merged as Chan, Golub and LeVeque have it ("Updating formulae and a pairwise
algorithm for computing sample variances", 1979); of classes how many rows of each were said to be of which.

What depends on the order of all rows is exact, too: for AUC and the calibration error the outputs are kept, one number
a row for two classes, one for each class of more (float32: 4 bytes each), and the row's class. For functions of one's
own targets and predictions are kept, 16 bytes a row.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from glassnet.training.class_metrics import balanced, brier, log_losses, looked_for, of_classes
from glassnet.training.metrics import Metric, check_metric
from glassnet.training.reliability import BINS, MANY, Bins, error_by_chance, error_of_many, happened_of, said_of

STEP = 1 << 18  # values that are looked up at a time


@dataclass(eq=False, kw_only=True)
class NumberScores:
    """Scores of a target that is a number.

    Means are those of targets less the first rows' mean, so that no digits are lost where they lie far from 0.
    """

    shift: float = math.nan
    rows: list[int] = field(default_factory=list)
    means: list[float] = field(default_factory=list)
    spreads: list[float] = field(default_factory=list)
    squares: list[float] = field(default_factory=list)
    distances: list[float] = field(default_factory=list)

    def add(self, y: np.ndarray, predicted: np.ndarray) -> None:
        """Count more rows, (n,)."""
        if not self.rows:
            self.shift = float(np.mean(y))
        error, shifted = y - predicted, y - self.shift
        mean = float(np.mean(shifted))
        self.rows.append(len(y))
        self.means.append(mean)
        self.spreads.append(float(np.sum((shifted - mean) ** 2)))
        self.squares.append(float(np.sum(error**2)))
        self.distances.append(float(np.sum(np.abs(error))))

    def score(self, name: str) -> float:
        """A metric of all rows, by its name."""
        n = sum(self.rows)
        if name == "mae":
            return math.fsum(self.distances) / n
        if name != "r2":
            mse = math.fsum(self.squares) / n
            return math.sqrt(mse) if name == "rmse" else mse
        pairs = list(zip(self.rows, self.means, strict=True))
        mean = math.fsum(rows * part for rows, part in pairs) / n
        between = math.fsum(rows * (part - mean) ** 2 for rows, part in pairs)
        spread = math.fsum(self.spreads) + between
        return 1.0 - math.fsum(self.squares) / spread if spread else math.nan


@dataclass(eq=False, kw_only=True)
class ClassScores:
    """Scores of a target with K classes, of which these are asked for.

    Attributes
    ----------
    confusion
        How many rows of each class (down) were said to be of which (across), (K, K).
    first
        The number of the first row's class.
    losses, distances
        What log loss and Brier score are means of, summed part by part.
    outputs, codes
        For each class that is looked for its outputs, and the number of each row's class; for AUC.
    said, happened
        As `reliability` has them; of two classes `said` are the outputs of the second.
    """

    K: int
    asked: frozenset[str]
    confusion: np.ndarray = field(init=False)
    first: int = -1
    losses: list[float] = field(default_factory=list)
    distances: list[float] = field(default_factory=list)
    outputs: dict[int, list[np.ndarray]] = field(default_factory=dict)
    codes: list[np.ndarray] = field(default_factory=list)
    said: list[np.ndarray] = field(default_factory=list)
    happened: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.confusion = np.zeros((self.K, self.K), np.int64)

    def add(self, codes: np.ndarray, p: np.ndarray) -> None:
        """Count more rows: the number of each row's class (n,), and the outputs (n, K)."""
        K, self.first = self.K, int(codes[0]) if self.first < 0 else self.first
        self.confusion += np.bincount(codes * K + p.argmax(axis=1), minlength=K * K).reshape(K, K)
        if "log_loss" in self.asked:
            self.losses.append(float(log_losses(codes, p).sum()))
        if "brier" in self.asked:
            self.distances.append(brier(codes, p) * len(p))
        if "auc" in self.asked:
            self.codes.append(codes.astype(np.min_scalar_type(K)))
            for k in looked_for(p):
                self.outputs.setdefault(k, []).append(p[:, k].copy())
        if "calibration_error" in self.asked:
            shared = K == 2 and "auc" in self.asked
            self.said.append(self.outputs[1][-1] if shared else said_of(p).astype(p.dtype))
            self.happened.append(happened_of(codes, p))

    def score(self, name: str) -> float:
        """A metric of all rows, by its name."""
        counts = self.confusion.astype(np.float64)
        if name in OF_COUNTS:
            return float(OF_COUNTS[name](counts))
        if name in ("log_loss", "brier"):
            return math.fsum(self.losses if name == "log_loss" else self.distances) / int(self.confusion.sum())
        return self.auc() if name == "auc" else self.bins[0].error

    def auc(self) -> float:
        """As `class_metrics.auc`."""
        codes = np.concatenate(self.codes)
        areas = []
        for k, parts in self.outputs.items():
            scores, positive = np.concatenate(parts), codes == k
            areas.append(area(np.sort(scores[positive]), np.sort(scores[~positive])))
        defined = [value for value in areas if value == value]
        return sum(defined) / len(defined) if defined else math.nan

    def by_chance(self) -> float:
        """As `reliability.error_by_chance`, with the generator that everybody starts with."""
        if sum(map(len, self.said)) > MANY:
            return error_of_many(self.bins[1], sum(map(len, self.said)))
        return error_by_chance(np.concatenate(self.said).astype(np.float64), np.random.default_rng(0))

    @cached_property
    def bins(self) -> tuple[Bins, np.ndarray]:
        """As `reliability.in_bins`, and in each bin the variance of how often it would happen by chance."""
        said, happened = np.concatenate(self.said), np.concatenate(self.happened)
        return in_bins(np.sort(said[happened]), np.sort(said[~happened]))


OF_COUNTS: dict[str, Callable[[np.ndarray], float]] = {
    "accuracy": lambda counts: counts.trace() / counts.sum(),
    "balanced_accuracy": balanced,
    "precision": lambda counts: of_classes(counts, counts.sum(axis=0)),
    "recall": lambda counts: of_classes(counts, counts.sum(axis=1)),
    "f1": lambda counts: of_classes(counts, 0.5 * (counts.sum(axis=0) + counts.sum(axis=1))),
}
"""Metrics that the confusions tell, which are (K, K)."""


@dataclass(eq=False, kw_only=True)
class OwnScores:
    """What functions of one's own take."""

    y: list[np.ndarray] = field(default_factory=list)
    predicted: list[np.ndarray] = field(default_factory=list)

    def score(self, metric: Metric) -> float:
        """A metric of all rows; TypeError where it gives no number."""
        return check_metric(metric.function(np.concatenate(self.y), np.concatenate(self.predicted)), metric.name)


# ranks


def area(inside: np.ndarray, outside: np.ndarray) -> float:
    """The area under the ROC curve, by the outputs of the rows of a class and of all others, both in order.

    >>> area(np.array([0.4, 0.8]), np.array([0.1, 0.6]))
    0.75
    """
    pairs = len(inside) * len(outside)
    halves = 0
    for low in range(0, len(inside), STEP):
        values = inside[low : low + STEP]
        halves += sum(int(np.searchsorted(outside, values, side).sum()) for side in SIDES)
    return halves / (2 * pairs) if pairs else math.nan


def in_bins(true: np.ndarray, false: np.ndarray) -> tuple[Bins, np.ndarray]:
    """As `reliability.in_bins`, by what was said where it came true, and where it did not, both in order.

    With it goes the variance of how often things would happen in each bin, if what was said were perfect.
    """
    rows = len(true) + len(false)
    mass, said, happened, variance = np.zeros((4, BINS))
    for of in (true, false):
        for low in range(0, len(of), STEP):
            values = of[low : low + STEP]
            below, upto = (np.searchsorted(true, values, side) + np.searchsorted(false, values, side) for side in SIDES)
            which = (BINS * (0.5 * (below + upto)) / rows).astype(np.int64)  # each below BINS
            exact = values.astype(np.float64)
            count = np.bincount(which, minlength=BINS)
            mass += count
            happened += count * (of is true)
            said += np.bincount(which, exact, BINS)
            variance += np.bincount(which, exact * (1.0 - exact), BINS)
    there = mass > 0
    found = Bins(said=said[there] / mass[there], happened=happened[there] / mass[there], mass=mass[there])
    return found, variance


SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")
