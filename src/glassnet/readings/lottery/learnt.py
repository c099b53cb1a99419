"""What counts as learnt, decided here for everybody who asks, and said in words.

A run is measured by its error on the rows that it was trained on: the share of rows that it is wrong about, or of
numbers the part of the variation that it leaves unexplained, 1 - R². Between the error C of always saying the same and
the error B that can be reached it has to go nine tenths of the way:

    error <= B + (C - B)/10

Few rows can be learnt exactly: there B is 0. Of 20 rows or more B is the smaller of two errors, that of the best run
and that of saying what the neighbours of each row say: so noise that nobody can learn is asked of no run, and runs
that are all equally bad are not called good. Where B is no better than nine tenths of C there is nothing to be learnt,
and nothing counts.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from glassnet.parts.naming import find, is_number
from glassnet.readings.lottery.truth import Said, Truth
from glassnet.readings.lottery.yardstick import error_of_neighbours

FEW = 20  # rows; fewer can be learnt exactly
LEFT = 0.1  # of the way from always saying the same to the best there is, that may be left
WITHIN = 1e-12  # of rounding
MEASURES = {"loss": "<=", "accuracy": ">=", "r2": ">="}


@dataclass(frozen=True, kw_only=True)
class Bar:
    """What counts as learnt.

    Attributes
    ----------
    measure
        What is looked at: "error" or "loss".
    most
        The largest that counts; -inf: none does.
    words
        The same in words.
    """

    measure: str
    most: float
    words: str

    def passed(self, error: np.ndarray, loss: np.ndarray) -> np.ndarray:
        """Which runs count, (runs,), by their errors and their losses, (runs,) each."""
        with np.errstate(invalid="ignore"):
            return np.asarray((loss if self.measure == "loss" else error) <= self.most + WITHIN)


def bar_of(asked: float | str | None, truth: Truth, said: Said) -> Bar:
    """What counts as learnt, for these rows and runs.

    Parameters
    ----------
    asked
        None: as this file says. A number: the largest loss that counts. Or one of "loss<=0.01", "accuracy>=0.95",
        "r2>=0.9".

    Raises
    ------
    ValueError, TypeError
        It is something else, or not for such targets.
    """
    if asked is not None:
        return asked_for(*wanted(asked), truth)
    constant = truth.trivial
    if len(truth) < FEW:
        return Bar(measure="error", most=LEFT * constant, words=few_words(truth, LEFT * constant))
    best, neighbours = float(said.error.min()), error_of_neighbours(truth)
    reached = min(best, neighbours)
    if not reached <= (1.0 - LEFT) * constant:
        return Bar(measure="error", most=-math.inf, words=nothing_words(truth, reached))
    most = reached + LEFT * (constant - reached)
    return Bar(measure="error", most=most, words=many_words(truth, most, reached, by_runs=best <= neighbours))


def wanted(asked: float | str) -> tuple[str, float]:
    """A measure and its limit, as they are asked for; ValueError or TypeError for anything else."""
    allowed = "the largest loss that counts, or one of 'loss<=0.01', 'accuracy>=0.95', 'r2>=0.9'"
    if isinstance(asked, str):
        match = re.fullmatch(r"\s*([\w ]+?)\s*([<>]=?|=)\s*(\S+)\s*", asked)
        try:
            name, sign, limit = match.groups() if match else ("loss", "<=", asked)
            value = float(limit)
        except ValueError:
            raise ValueError(f"learnt must be {allowed}, got {asked!r:.60}") from None
        name = find(name, MEASURES, "measure")
        if sign != MEASURES[name]:
            raise ValueError(f"learnt: {name} counts from a limit on, {name}{MEASURES[name]}{limit}, got {asked!r:.60}")
    elif is_number(asked):
        name, value = "loss", float(asked)
    else:
        raise TypeError(f"learnt must be {allowed}, got {asked!r:.60}")
    highest = math.inf if name == "loss" else 1.0
    if not 0.0 <= value <= highest or value == math.inf:
        fits = ">= 0" if name == "loss" else "from 0 to 1"
        raise ValueError(f"learnt: {name} must be {fits}, got {value:g}")
    return name, value


def asked_for(name: str, value: float, truth: Truth) -> Bar:
    """The bar that somebody asks for."""
    if name == "loss":
        return Bar(measure="loss", most=value, words=f"the loss is at most {value:g}")
    if (name == "accuracy") is (truth.labels is None):
        kind, other = ("numbers", "r2>=0.9") if truth.labels is None else ("classes", "accuracy>=0.95")
        raise ValueError(f"learnt: {name} is not for {kind}; ask for {other!r}, or for a loss")
    if name == "r2":
        return Bar(measure="error", most=1.0 - value, words=f"R² is at least {value:g}")
    words = f"at least {100.0 * value:.4g} % of the rows are right: {meaning(truth)}"
    return Bar(measure="error", most=1.0 - value, words=words)


# in words


def meaning(truth: Truth) -> str:
    """When a row is right."""
    if truth.classes or truth.labels is None:
        return "of each its own class is the most probable one"
    low, high = truth.labels
    if (low, high) == (0.0, 1.0):
        return "each prediction rounds to its target"
    return f"each prediction is less than half the way from its target, {low:g} or {high:g}, to the other"


def few_words(truth: Truth, most: float) -> str:
    """The bar where there are few rows."""
    if truth.labels is None:
        return f"R² is at least {1.0 - most:.2g}: so few rows can be learnt nearly exactly"
    wrong = int(most * len(truth) + WITHIN)
    if not wrong:
        return f"all {len(truth)} rows are right: {meaning(truth)}"
    return f"at most {wrong} of the {len(truth)} rows {'is' if wrong == 1 else 'are'} wrong"


def many_words(truth: Truth, most: float, reached: float, *, by_runs: bool) -> str:
    """The bar where there are many."""
    who = "the best run" if by_runs else "what the nearest rows say of each row"
    if truth.labels is None:
        way = f"from always saying the mean (0) to {who} ({1.0 - reached:.3f})"
        return f"R² is at least {1.0 - most:.3f}, nine tenths of the way {way}"
    way = f"from always saying the same ({percent(truth.trivial)} wrong) to {who} ({percent(reached)})"
    return f"at most {percent(most)} of {on(truth)} are wrong, nine tenths of the way {way}"


def nothing_words(truth: Truth, reached: float) -> str:
    """That there is nothing to be learnt."""
    if truth.labels is None:
        return f"nothing counts: neither a run nor the nearest rows explain a tenth (R² {1.0 - reached:.3f} at best)"
    return (
        f"nothing counts: always saying the same is wrong about {percent(truth.trivial)}, and the best of the runs and "
        f"of what the nearest rows say hardly less, {percent(reached)}"
    )


def on(truth: Truth) -> str:
    """Which rows."""
    return f"the {truth.of:,} rows" if len(truth) == truth.of else f"{len(truth):,} of the {truth.of:,} rows"


def percent(share: float) -> str:
    """A share in percent, as people write it.

    >>> percent(0.125), percent(0.5)
    ('12.5 %', '50 %')
    """
    return f"{100.0 * share:.3g} %"
