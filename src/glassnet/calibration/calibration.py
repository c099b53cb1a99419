"""What is learnt from predictions whose truth is known: `of_classes`, `of_numbers`.

The rows must have trained nothing and chosen nothing, not even the epoch at which training ended: a model is surer of
what it has seen, and errs less there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.calibration.conformal import Errors, errors_by, errors_of_all
from glassnet.calibration.predicted import Predicted
from glassnet.calibration.temperature import Temperature, temperature_of, tempered
from glassnet.data.tables.wording import counted, listed
from glassnet.errors import DataError
from glassnet.printable import printable

USUAL = 0.9  # the level that is told where none is asked for
LEAST_ROWS = 10  # rows: the usual level can be had from them


@dataclass(frozen=True, eq=False, kw_only=True)
class Calibration:
    """How far a model's predictions can be trusted; `print` it.

    Attributes
    ----------
    names
        The classes, or what the predicted numbers are called.
    counts
        How many rows it was learnt from: of each class, or for numbers all of them.
    temperature
        What was found about the probabilities; None for numbers.
    errors
        Of classes one: 1 - p of the true class, with p after the temperature. Of numbers for each: |y - prediction|.
    """

    names: tuple[Any, ...]
    counts: tuple[int, ...]
    temperature: Temperature | None = None
    errors: tuple[Errors, ...]

    @property
    def rows(self) -> int:
        """How many rows it was learnt from."""
        return sum(self.counts)

    @property
    def T(self) -> float:
        """The temperature that probabilities get; 1: they stay as they are."""
        return self.temperature.value if self.temperature else 1.0

    @property
    def largest(self) -> float:
        """The largest level that intervals or sets can be had at."""
        return min(errors.largest for errors in self.errors)

    def intervals(self, predictions: np.ndarray, level: float) -> Predicted:
        """Predicted numbers (n,) or (n, K) with lower and upper ends.

        Raises
        ------
        ValueError
            The level is none, or there are too few rows for it.
        """
        columns = predictions.reshape(len(predictions), -1).astype(np.float64)  # (n, K)
        widths = [errors.at(columns[:, k], level) for k, errors in enumerate(self.errors)]
        width = np.stack(widths, axis=1).reshape(predictions.shape)
        values = columns.reshape(predictions.shape)
        return Predicted(level=level, predictions=predictions, lower=values - width, upper=values + width)

    def least(self, level: float) -> float:
        """The probability that a class of a set has at least: 1 - the error at this level."""
        return float(1.0 - self.errors[0].widths(level)[0])

    def members(self, p: np.ndarray, level: float) -> np.ndarray:
        """Which classes are in the set of each row, (n, K): those that are likely enough, and the likeliest."""
        found = p.astype(np.float64) >= self.least(level)
        found[np.arange(len(p)), p.argmax(axis=1)] = True
        return np.asarray(found)

    def sets(self, predictions: np.ndarray, p: np.ndarray, level: float) -> Predicted:
        """Predicted classes (n,) with their sets, from probabilities p (n, K) after the temperature; as `intervals`."""
        rows = self.members(p, level)
        sets = tuple(tuple(self.names[k] for k in np.flatnonzero(row)) for row in rows)
        return Predicted(level=level, predictions=predictions, sets=sets)

    def to_json(self) -> dict[str, Any]:
        """What was found, for programs: intervals and sets at the usual level."""
        found: dict[str, Any] = {"rows": self.rows, "level": USUAL, "largest_level": self.largest}
        if self.temperature:
            found |= {"temperature": self.T, **self.temperature.to_json()}
            return {**found, "counts": list(self.counts), "least": self.least(USUAL)}
        bins = [{"edges": item.edges.tolist(), "widths": item.widths(USUAL).tolist()} for item in self.errors]
        return {**found, "intervals": dict(zip(map(str, self.names), bins, strict=True))}

    def __str__(self) -> str:
        lines = [f"calibrated on {counted(self.rows, 'row')}", *self.lines()]
        return printable("\n".join(lines))

    __repr__ = __str__

    def lines(self) -> list[str]:
        """What was found, line by line."""
        return self.lines_of_classes() if self.temperature else self.lines_of_numbers()

    def lines_of_classes(self) -> list[str]:
        """The temperature; what makes a set; classes that no row had."""
        absent = [name for name, count in zip(self.names, self.counts, strict=True) if not count]
        share = percent(USUAL)
        found = [str(self.temperature)]
        least = f"{self.least(USUAL):.3g}"
        found.append(f"{share} sets: the predicted class, and every class of probability {least} or more")
        if absent:
            classes = "class" if len(absent) == 1 else "classes"
            found.append(f"none of the rows has the {classes} {listed([*map(str, absent)])}: of these nothing is known")
        return found

    def lines_of_numbers(self) -> list[str]:
        """How wide intervals are."""
        found = []
        for name, errors in zip(self.names, self.errors, strict=True):
            widths = errors.widths(USUAL)
            of = f" of {name}" if len(self.errors) > 1 else ""
            wide = f"prediction ± {widths[0]:.4g}"
            if len(widths) > 1:
                bins = f"{len(widths)} bins of the predicted number"
                wide = f"prediction ± {widths.min():.4g} to {widths.max():.4g}, in {bins}"
            found.append(f"{percent(USUAL)} intervals{of}: {wide}")
        return found


def of_classes(truth: np.ndarray, outputs: np.ndarray, names: Sequence[Any]) -> Calibration:
    """Learn a temperature and sets of classes.

    The sets are for probabilities with the temperature, which was learnt from the same rows: one number, fitted to all
    of them, favours none.

    Parameters
    ----------
    truth
        (n,) the true classes, as numbers: 0 for the first of `names`.
    outputs
        (n, K) the probabilities that were said, by a model that had not seen these rows; of several models, each about
        rows that it had not seen, too (out-of-fold).
    names
        The K classes.

    Raises
    ------
    DataError
        There are fewer than 10 rows, other outputs than classes, or no probabilities.
    """
    truth, p = np.asarray(truth), np.asarray(outputs)
    p = p if p.dtype == np.float32 else p.astype(np.float64)
    check_rows(len(truth), p)
    if p.shape[1] != len(names):
        raise DataError(f"outputs must have a column for each of {len(names)} classes, got shape {p.shape}")
    if (p < 0.0).any() or (p > 1.0).any():
        raise DataError(f"outputs must be probabilities, from 0 to 1, got {p.min():g} to {p.max():g}")
    if truth.dtype.kind not in "iu" or truth.min() < 0 or truth.max() >= len(names):
        raise DataError(f"truth must be the number of each row's class, 0 to {len(names) - 1}")
    temperature = temperature_of(truth, p)
    own = tempered(p, temperature.value)[np.arange(len(p)), truth]
    return Calibration(
        names=tuple(names),
        counts=tuple(np.bincount(truth, minlength=len(names)).tolist()),
        temperature=temperature,
        errors=(errors_of_all(1.0 - own.astype(np.float64)),),
    )


def of_numbers(truth: np.ndarray, outputs: np.ndarray, names: Sequence[Any] = ("y",)) -> Calibration:
    """Learn how wide intervals are, by the predicted number.

    Parameters
    ----------
    truth, outputs
        (n,) or (n, K): true numbers, and those predicted, by a model that had not seen these rows.
    names
        What the K numbers are called.

    Raises
    ------
    DataError
        There are fewer than 10 rows, other outputs than true numbers, or one is not finite.
    """
    y, found = (np.asarray(numbers, np.float64) for numbers in (truth, outputs))
    y, found = (numbers[:, None] if numbers.ndim == 1 else numbers for numbers in (y, found))
    check_rows(len(y), found)
    if y.shape != found.shape or found.shape[1] != len(names):
        shapes = f"{y.shape} and {found.shape}"
        raise DataError(f"truth and outputs must have a column for each of {len(names)} numbers, got {shapes}")
    if not np.isfinite(y).all():
        raise DataError("truth must hold finite numbers; leave rows without a target out")
    errors = tuple(errors_by(found[:, k], np.abs(y[:, k] - found[:, k])) for k in range(len(names)))
    return Calibration(names=tuple(names), counts=(len(y),), errors=errors)


def check_rows(n: int, outputs: np.ndarray) -> None:
    """DataError for rows that nothing can be learnt from."""
    if outputs.ndim != 2 or len(outputs) != n:
        raise DataError(f"outputs must have a row for each of {n} true values, got shape {outputs.shape}")
    if n < LEAST_ROWS:
        raise DataError(
            f"calibration needs {LEAST_ROWS} rows or more with their target, got {n}; give more that trained nothing"
        )
    if not np.isfinite(outputs).all():
        raise DataError("outputs must be finite: the model's numbers have grown too large")


def percent(level: float) -> str:
    """`90 %`.

    >>> percent(0.9), percent(0.975)
    ('90 %', '97.5 %')
    """
    return f"{round(100.0 * level, 1):g} %"
