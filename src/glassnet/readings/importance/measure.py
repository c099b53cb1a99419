"""Measure which columns a model needs: errors row by row, with each column shuffled, and with those that go together.

A column of a table becomes some inputs of the network, each row's from its own cell. So to shuffle these inputs as one
is to shuffle the cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.errors import DataError
from glassnet.parts.naming import check_whole
from glassnet.readings.importance.importance import Importance
from glassnet.readings.importance.relations import Values, closeness, that_tell_of_each_other
from glassnet.readings.importance.shuffled import Shuffled
from glassnet.readings.importance.shuffling import Errors, donors, growth, shuffled_errors
from glassnet.readings.judged import Judged, judged
from glassnet.training.class_metrics import log_losses
from glassnet.training.making import Seed, generator
from glassnet.training.state import State

REPEATS = 5
FEWEST_ROWS, MOST_ROWS = 500, 10_000  # between which so many are drawn as take well under a minute
WORK = 5e10  # learnt numbers that all predictions go through


def importance(
    state: State,
    X: Any,
    y: Any = None,
    *,
    repeats: int = REPEATS,
    seed: Seed = 0,
    max_rows: int | None = None,
) -> Importance:
    """Measure it; see `Model.importance`."""
    check_whole("repeats", repeats)
    if max_rows is not None:
        check_whole("max_rows", max_rows)
    known = judged(state, X, y)
    assert known is not None
    rng, given, names = generator(seed), len(known.x), names_and_inputs(state)
    most = most_rows(state.n_parameters, len(names) * repeats) if max_rows is None else max_rows
    rows = np.sort(rng.choice(given, most, replace=False)) if given > most else np.arange(given)
    if len(rows) < 2:
        raise DataError("importance shuffles values among rows, and needs two rows at least, got 1")
    x, by = known.x[rows], donors(len(rows), repeats, rng)
    what, errors = error_of_rows(state, known, rows)
    before = errors(x)

    def shuffled(columns: Sequence[int], close: float | None = None) -> Shuffled:
        inputs = [k for column in columns for k in names[column][1]]
        found = growth(before, shuffled_errors(x, inputs, by, errors), by, root=what == "RMSE")
        constant = bool((x[:, inputs] == x[0, inputs]).all())
        of = tuple(names[column][0] for column in columns)
        return Shuffled(columns=of, mean=found.mean, se=found.se, close=close, constant=constant)

    near = closeness([values_of(state, x, k) for k in range(len(names))])
    together = [shuffled(group, least_in(near, group)) for group in that_tell_of_each_other(near)]
    return Importance(
        found=tuple(sorted((shuffled([k]) for k in range(len(names))), key=lambda one: -one.mean)),
        groups=tuple(sorted(together, key=lambda one: -one.mean)),
        what=what,
        error=float(np.sqrt(before.mean()) if what == "RMSE" else before.mean()),
        rows=len(rows),
        given=given,
        repeats=len(by),
    )


def most_rows(parameters: int, times: int) -> int:
    """How many rows are looked at where nobody says, by a network of so many numbers that predicts them so many times.

    >>> most_rows(500, 30 * 5), most_rows(140_000, 30 * 5), most_rows(1_000_000, 100 * 5)
    (10000, 2380, 500)
    """
    return int(min(max(WORK / (parameters * times), FEWEST_ROWS), MOST_ROWS))


def error_of_rows(state: State, known: Judged, rows: np.ndarray) -> tuple[str, Errors]:
    """What is measured, and each row's error (n,) by its inputs.

    Of classes it is -ln p of the row's own one: it also sees what makes a model less sure without making it wrong.
    Where there are no probabilities, a row is wrong or right.
    """
    truth = known.truth[rows]
    if state.classes is None:

        def squares(x: np.ndarray) -> np.ndarray:
            off = np.asarray(state.contract.decode(state.answers(x)), np.float64) - truth
            return np.asarray((off**2).reshape(len(off), -1).mean(axis=1))

        return "RMSE", squares
    codes = known.codes[rows]
    if state.is_distribution:
        return "log loss", lambda x: log_losses(codes, state.answers(x))
    return "share of wrong rows", lambda x: (state.answers(x).argmax(axis=1) != codes).astype(np.float64)


def names_and_inputs(state: State) -> list[tuple[str, range]]:
    """Each column of the table, or of the array, and which inputs of the network it becomes."""
    if isinstance(state.contract, ArrayContract):
        return [(name, range(k, k + 1)) for k, name in enumerate(state.contract.input_names)]
    return [(group.name, group.inputs) for group in state.contract.groups]


def values_of(state: State, x: np.ndarray, column: int) -> Values:
    """A column's values, to see which others tell of it."""
    if isinstance(state.contract, ArrayContract):
        return Values(x[:, column], ordered=True)
    group = state.contract.groups[column]
    if group.kind != "category":
        return Values(x[:, group.inputs[0]], ordered=True)
    words = np.unique(x[:, group.inputs], axis=0, return_inverse=True)[1]
    return Values(words.reshape(-1), ordered=False)


def least_in(near: np.ndarray, group: Sequence[int]) -> float:
    """How much those of a group tell of each other that do so least."""
    return float(min(near[a, b] for a in group for b in group if a != b))
