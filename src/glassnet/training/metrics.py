"""Scores that people read: accuracy, R² and their like, on predictions as people see them.

Those here take the true values and the predictions, both (n,) or (n, K), in original units or as labels, and, where
rows do not count alike, their weights (n,); those of `class_metrics` and `reliability` look at the classes' outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.parts.naming import check_several, check_takes, find, formula_name
from glassnet.training.class_metrics import auc, balanced_accuracy, brier, f1, log_loss, precision, recall
from glassnet.training.reliability import calibration_error

Function = Callable[..., float]  # one's own takes (y, predicted)

if TYPE_CHECKING:
    from glassnet.parts.literals import MetricName

    Metrics = MetricName | Function | Iterable[MetricName | Function | "Own"] | None


def accuracy(y: np.ndarray, predicted: np.ndarray, weight: np.ndarray | None = None) -> float:
    """The share of rows that are right."""
    return float(np.average(y == predicted, weights=weight))


def mse(y: np.ndarray, predicted: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Mean squared error."""
    return mean((y - predicted) ** 2, weight)


def mae(y: np.ndarray, predicted: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Mean absolute error."""
    return mean(np.abs(y - predicted), weight)


def rmse(y: np.ndarray, predicted: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Root of the mean squared error, in y's units."""
    return float(np.sqrt(mse(y, predicted, weight)))


def r2(y: np.ndarray, predicted: np.ndarray, weight: np.ndarray | None = None) -> float:
    """1 - Σ(y-p)² / Σ(y-mean)²: 1 is perfect, 0 is no better than the mean. NaN where y never changes.

    Of several outputs the sums go over all (scikit-learn's "variance_weighted").

    >>> r2(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    0.5
    """
    centre = y.mean(axis=0) if weight is None else np.average(y, axis=0, weights=weight)
    spread = total((y - centre) ** 2, weight)
    return 1.0 - total((y - predicted) ** 2, weight) / spread if spread else float("nan")


def mean(values: np.ndarray, weight: np.ndarray | None) -> float:
    """The mean over rows and outputs."""
    if weight is None:
        return float(np.mean(values, dtype=np.float64))
    return total(values, weight) / (float(weight.sum(dtype=np.float64)) * (values.size // len(values)))


def total(values: np.ndarray, weight: np.ndarray | None) -> float:
    """The sum over rows and outputs."""
    by_row = values if weight is None else values * weight.reshape(-1, *(1,) * (values.ndim - 1))
    return float(np.sum(by_row, dtype=np.float64))


@dataclass(frozen=True)
class Metric:
    """A score and what it takes: values or labels as people see them, or (`of_outputs`) each class's output.

    With `of_probabilities` these must be probabilities whose sum is 1.
    """

    name: str
    function: Function
    _: KW_ONLY
    for_classes: bool | None = None  # None: for both, one's own
    of_outputs: bool = False
    of_probabilities: bool = False
    weighted: bool = True
    mode: str | None = None  # "max" where larger is better, "min" where smaller is; None: not known

    def __call__(self, judged: Judged) -> float:
        """The score; TypeError where a function of one's own gives no number."""
        if self.of_outputs or self.of_probabilities:
            return self.function(judged.codes, judged.outputs, judged.weight)
        if self.weighted:
            return self.function(judged.y, judged.predicted, judged.weight)
        return check_metric(self.function(judged.y, judged.predicted), self.name)


@dataclass(frozen=True, eq=False, kw_only=True)
class Judged:
    """Rows with what is true and what was predicted.

    Attributes
    ----------
    y, predicted
        As people see them.
    targets, outputs
        As the contract has them: of classes a column for each.
    weight
        (n,); None: rows count alike.
    """

    y: np.ndarray
    predicted: np.ndarray
    targets: np.ndarray
    outputs: np.ndarray
    weight: np.ndarray | None = None

    @property
    def codes(self) -> np.ndarray:
        """The number of each row's class, (n,)."""
        return np.asarray(self.targets.argmax(axis=1))


def confusions(y: np.ndarray, predicted: np.ndarray, classes: Sequence[Any]) -> np.ndarray:
    """How many rows of each class (down) were said to be of which (across), (K, K); no metric, as it is no number.

    >>> confusions(np.array(["a", "b", "b"]), np.array(["a", "a", "b"]), ("a", "b"))
    array([[1, 0],
           [1, 1]])
    """
    place = {label: k for k, label in enumerate(classes)}
    found = np.zeros((len(place), len(place)), np.int64)
    np.add.at(found, tuple([place[label] for label in labels.tolist()] for labels in (y, predicted)), 1)
    return found


@dataclass(frozen=True)
class Own:
    """A function of one's own, of which nothing is kept but the name."""

    name: str


METRICS: dict[str, Metric] = {
    "mse": Metric("mse", mse, for_classes=False, mode="min"),
    "rmse": Metric("rmse", rmse, for_classes=False, mode="min"),
    "mae": Metric("mae", mae, for_classes=False, mode="min"),
    "r2": Metric("r2", r2, for_classes=False, mode="max"),
    "accuracy": Metric("accuracy", accuracy, for_classes=True, mode="max"),
    "balanced_accuracy": Metric("balanced_accuracy", balanced_accuracy, for_classes=True, of_outputs=True, mode="max"),
    "auc": Metric("auc", auc, for_classes=True, of_outputs=True, mode="max"),
    "f1": Metric("f1", f1, for_classes=True, of_outputs=True, mode="max"),
    "precision": Metric("precision", precision, for_classes=True, of_outputs=True, mode="max"),
    "recall": Metric("recall", recall, for_classes=True, of_outputs=True, mode="max"),
    "log_loss": Metric("log_loss", log_loss, for_classes=True, of_probabilities=True, mode="min"),
    "brier": Metric("brier", brier, for_classes=True, of_probabilities=True, mode="min"),
    "calibration_error": Metric(
        "calibration_error", calibration_error, for_classes=True, of_probabilities=True, mode="min"
    ),
}


def choose(metrics: Any, classes: bool) -> dict[str, Metric]:
    """Metrics by name, from names and functions (y, predicted); None: accuracy for classes, nothing for numbers."""
    if metrics is None:
        return {"accuracy": METRICS["accuracy"]} if classes else {}
    if isinstance(metrics, str) or callable(metrics):
        metrics = [metrics]
    chosen: dict[str, Metric] = {}
    for item in several(metrics):
        metric = metric_of(item)
        if metric.for_classes not in (None, classes):
            kind = "classes" if metric.for_classes else "numbers"
            raise ValueError(f"metric {metric.name!r} is for {kind}, which this target does not hold; leave it out")
        if metric.name in chosen or metric.name == "loss":
            raise ValueError(
                f"two columns of the history would be called {metric.name!r}; name the metric's function otherwise"
            )
        chosen[metric.name] = metric
    return chosen


def several(metrics: Any) -> list[Any]:
    """Metrics as a list; TypeError for what is none."""
    return check_several("metrics", metrics, "names or functions (y, predicted)")


def metric_of(item: Any) -> Metric:
    """A metric by its name, or a function of one's own."""
    if isinstance(item, str):
        return METRICS[find(item, METRICS, "metric")]
    if callable(item):
        check_takes(item, "metric", "y", "predicted")
        return Metric(formula_name(item, "metric"), item, weighted=False)
    raise TypeError(f"metrics must be names or functions (y, predicted), got {item!r:.60}")


def names_of(metrics: Iterable[Metric]) -> tuple[str | Own, ...]:
    """What is kept of metrics: names, those of one's own marked."""
    return tuple(item.name if METRICS.get(item.name) is item else Own(item.name) for item in metrics)


def check_metric(value: Any, name: str) -> float:
    """A metric's result as a number; TypeError for what is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"metric {name} must give a number, got {value!r:.60}") from None
