"""Whether a training that is over learnt less than can be learnt here: asked where the answer costs next to nothing.

What it costs is estimated, not timed, so that the same training says the same on every machine. Where there is doubt
nothing is said: a loss that is not after the mean, rows that count more than others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.doctor.bar import Bar, bar_over, cost_of
from glassnet.doctor.errors import DISTANCE, FEW, RECALL, error_of, errors_of, way_of
from glassnet.training.contract import as_contract
from glassnet.training.rows import Rows
from glassnet.training.state import State

PART = 0.1  # of what the training cost, and less
A_STEP = 1_500.0  # multiplications in the time that a step takes beside its own
BESIDE = 1.5e5  # and in the time of the calls that are made here
ROWS = (1_500, 700, 350, 150)  # that are looked at, as many as this allows
OF_FEW = {True: 0.4, False: 0.8}  # of always saying the same: of two values, or classes, and of other numbers
AFTER_THE_MEAN = ("squared", "poisson")  # losses for numbers


@dataclass(frozen=True)
class Errors:
    """How wrong a network is on the rows trained on, and on those held out; nan without any."""

    error: float
    held_error: float = np.nan
    diverged: bool = False


def hint(state: State, rows: Rows, held: Rows | None, epochs: int, *, beside: float = 0.0) -> str:
    """That a network learnt less than others would, in words; empty where it did not, or where that is not asked.

    Parameters
    ----------
    state
        After its training.
    rows, held
        What it was trained on for so many epochs, and the rows held out.
    beside
        What was done anyway beside the training, in multiplications.
    """
    if not state.memory.trainable.any():
        return "nothing of it learns: all its numbers are frozen"
    cost = 6.0 * epochs * len(rows) * (1.0 + state.n_parameters) + A_STEP * state.memory.t + beside
    most = next((n for n in ROWS if BESIDE + cost_of(*sizes(n, rows, held), state.n_inputs) <= PART * cost), 0)
    if not most or not is_meant(state):
        return ""
    way = way_of(as_contract(rows.y, state.contract), state.classes is not None)
    if rows.w is not None:
        way = RECALL
        if state.classes is None or len(rows) < FEW:
            return ""
    seen = drawn(len(rows), most)
    x, truth = rows.x[seen], as_contract(rows.y[seen], state.contract)
    error = error_of(errors_of(way, truth, says(state, x), truth))
    if len(rows) < FEW:
        return (
            "" if held else of_few(x, truth, error, is_of_two=state.classes is not None or len(np.unique(truth)) == 2)
        )
    if held is None:
        return of_many(bar_over(way, x, truth), Errors(error))
    kept = drawn(len(held), most)
    held_x, held_truth = held.x[kept], as_contract(held.y[kept], state.contract)
    held_error = error_of(errors_of(way, held_truth, says(state, held_x), truth))
    return of_many(bar_over(way, x, truth, held_x, held_truth), Errors(error, held_error))


def sizes(most: int, rows: Rows, held: Rows | None) -> tuple[int, int]:
    """How many of the rows are looked at, and of those held out."""
    return min(most, len(rows)), min(most, len(held) if held else 0)


def drawn(n: int, most: int) -> np.ndarray:
    """The numbers of n rows, or of so many of them, drawn so that no order of theirs matters; always the same."""
    return np.arange(n) if n <= most else np.random.default_rng(0).choice(n, most, replace=False, shuffle=False)


def is_meant(state: State) -> bool:
    """Whether it is to say classes or means, with more than its biases."""
    trainable = state.memory.layout.views(state.memory.trainable)
    if all(name.startswith("b") for name, view in trainable.items() if view.any()):
        return False
    return state.classes is not None or (state.network.loss is not None and state.network.loss.name in AFTER_THE_MEAN)


def says(state: State, x: np.ndarray) -> np.ndarray:
    """What it says of rows, as people see it."""
    with np.errstate(all="ignore"):
        return as_contract(state.forward.predict(x), state.contract)


def of_many(bar: Bar, found: Errors) -> str:
    """Beside the best yardstick."""
    if bar.is_of_nothing or bar.is_passed(found):
        return ""
    mine, best = (
        (found.error, bar.best.error) if np.isnan(found.held_error) else (found.held_error, bar.best.held_error)
    )
    verb = "do" if bar.best.name.endswith("s") else "does"
    return f"it learnt less than {bar.best.name} {verb} (error {mine:.2g} beside {best:.2g})"


def of_few(x: np.ndarray, truth: np.ndarray, error: float, *, is_of_two: bool) -> str:
    """Beside knowing all rows by heart, but for those that are the same and differ in what is known of them."""
    _, group = np.unique(x, axis=0, return_inverse=True)
    group = group.ravel()
    sums = np.zeros((group.max() + 1, truth.shape[1]))
    np.add.at(sums, group, truth)
    means = sums / np.bincount(group)[:, None]
    least = error_of(errors_of(DISTANCE, truth, means[group], truth))
    if not least < 1.0 or not error > least + OF_FEW[is_of_two] * (1.0 - least):
        return ""
    return f"it has not learnt its {len(x)} rows (error {error:.2g}, where always saying the same has 1)"
