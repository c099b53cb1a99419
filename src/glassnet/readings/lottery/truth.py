"""The rows of a lottery: what they should say, and what each of many runs says of them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.errors import DataError
from glassnet.readings.judged import Judged, judged
from glassnet.training.state import State

MOST = 4096  # rows that are looked at; of more, so many in equal steps
HALF = 0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class Truth:
    """What is true of the rows.

    Attributes
    ----------
    X, y
        All rows, as they were given.
    rows
        The numbers of those that are looked at, among those whose target is known.
    of
        How many have a target that is known.
    x
        Their inputs as the network takes them, (n, n_inputs).
    labels
        The classes; of a number that has only two values these, such as 0 and 1; None for other numbers.
    codes
        The number of each row's label, (n,).
    values
        Without labels the targets, (n, outputs).
    classes
        Whether the labels are classes, rather than the two values of a number.
    """

    X: Any
    y: Any
    rows: np.ndarray
    of: int
    x: np.ndarray
    labels: tuple[Any, ...] | None
    codes: np.ndarray
    values: np.ndarray
    classes: bool

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def trivial(self) -> float:
        """The error of always saying the same: the share of rows not of the most frequent label; of numbers 1."""
        return 1.0 if self.labels is None else float(1.0 - np.bincount(self.codes).max() / len(self))


@dataclass(frozen=True, eq=False, kw_only=True)
class Said:
    """What runs say.

    Attributes
    ----------
    off
        How far off each run is for each row, (runs, n): of labels 1 minus the probability of the right one, of numbers
        how far the prediction is from the target, in standard deviations of the targets; infinite where the run
        diverged.
    right
        Whether a run is right about a row, (runs, n); of numbers this means nothing.
    error
        Of each run, (runs,): the share of rows that it is wrong about; of numbers the part of the variation that it
        leaves unexplained, 1 - R².
    """

    off: np.ndarray
    right: np.ndarray
    error: np.ndarray


def truth_of(state: State, X: Any, y: Any) -> Truth:
    """The rows of X whose target is known, as a state of one of the runs understands them.

    Raises
    ------
    DataError
        All rows have the same target.
    """
    known = judged(state, X, y)
    assert known is not None
    rows = np.unique(np.linspace(0, len(known.x) - 1, min(len(known.x), MOST)).astype(np.intp))
    if known.classes is None:
        truth = truth_of_numbers(known.x[rows], np.asarray(known.truth)[rows])
    else:
        n = len(rows)
        truth = Truth(
            X=X,
            y=y,
            rows=rows,
            of=n,
            x=known.x[rows],
            labels=known.classes,
            codes=known.codes[rows],
            values=np.zeros((n, 1)),
            classes=True,
        )
    if len(np.unique(truth.codes if truth.labels else truth.values, axis=0)) == 1:
        raise DataError("all rows have the same target, so there is nothing to be learnt; give rows that differ in it")
    return replace(truth, X=X, y=y, rows=rows, of=len(known.x))


def truth_of_numbers(x: np.ndarray, y: np.ndarray) -> Truth:
    """Rows (n, inputs) with numbers as targets, (n,) or (n, outputs); where these have two values, with labels."""
    values = np.asarray(y, np.float64).reshape(len(x), -1)
    labels: tuple[float, ...] | None = None
    codes = np.zeros(len(x), np.intp)
    found = np.unique(values)
    if values.shape[1] == 1 and len(found) == 2:
        labels, codes = tuple(found.tolist()), (values[:, 0] == found[1]).astype(np.intp)
    return Truth(
        X=x,
        y=y,
        rows=np.arange(len(x)),
        of=len(x),
        x=x,
        labels=labels,
        codes=codes,
        values=values,
        classes=False,
    )


def said_by(states: Sequence[State | None], truth: Truth) -> Said:
    """What each of many runs says of the rows; None is one that diverged.

    Runs of one network differ in their numbers alone, so that these are put into one state in turn, which is many times
    as fast as to get every run ready to predict.
    """
    off, right = np.full((len(states), len(truth)), np.inf), np.zeros((len(states), len(truth)), np.bool_)
    error = np.full(len(states), np.inf)
    ready: tuple[Hashable, State, Judged] | None = None
    for k, state in enumerate(states):
        if state is None:
            continue
        like = id(state.network), id(state.contract)
        if ready is None or ready[0] != like:
            known = judged(state, truth.X, truth.y)
            assert known is not None
            ready = like, state.copy(), known
        _, one, known = ready
        one.memory.theta[:], one.memory.state[:] = state.memory.theta, state.memory.state
        with np.errstate(all="ignore"):  # what overflows is wrong
            off[k], right[k] = compared(one, one.outputs(known.x[truth.rows]), truth)
            error[k] = error_of(off[k], right[k], truth)
    return Said(off=off, right=right, error=np.where(np.isnan(error), np.inf, error))


def said_in(outputs: np.ndarray, truth: Truth) -> Said:
    """What runs say of numbers, each a column of outputs, (n, runs); NaN where one diverged."""
    off, right = (
        np.stack(parts) for parts in zip(*(numbers_compared(p[:, None], truth) for p in outputs.T), strict=True)
    )
    error = np.array([error_of(*parts, truth) for parts in zip(off, right, strict=True)])
    return Said(off=off, right=right, error=np.where(np.isfinite(off).all(axis=1), error, np.inf))


def compared(state: State, outputs: np.ndarray, truth: Truth) -> tuple[np.ndarray, np.ndarray]:
    """How far off outputs (n, outputs) are for each row, and whether they are right, (n,) each."""
    every = np.arange(len(outputs))
    if truth.labels is not None and state.classes is not None:
        place = np.array([state.classes.index(label) for label in truth.labels])
        probability = outputs[every, place[truth.codes]]
        return 1.0 - probability, place[truth.codes] == outputs.argmax(axis=1)
    return numbers_compared(np.asarray(state.contract.decode(outputs), np.float64).reshape(len(outputs), -1), truth)


def numbers_compared(values: np.ndarray, truth: Truth) -> tuple[np.ndarray, np.ndarray]:
    """The same of numbers as people see them, (n, outputs)."""
    if truth.labels is None:
        spread = truth.values.std(axis=0)
        scale = np.where(spread > 0.0, spread, 1.0)
        off = np.sqrt(np.mean(((values - truth.values) / scale) ** 2, axis=1))
        return off, np.zeros(len(off), np.bool_)
    low, high = truth.labels
    off = np.abs((values[:, 0] - low) / (high - low) - truth.codes)
    return off, off < HALF  # nearer to its own than half the way to the other


def error_of(off: np.ndarray, right: np.ndarray, truth: Truth) -> float:
    """The share of rows that are wrong, or 1 - R²."""
    return float(np.mean(off**2) if truth.labels is None else 1.0 - right.mean())
