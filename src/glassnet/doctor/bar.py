"""Whether a network has learnt: held against always saying the same, a line, neighbours, and a sound small network.

Without such a yardstick nobody knows what can be learnt from these columns. Failing is who is clearly worse than the
best of them, on the rows trained on *and* on those held out: who knows the first by heart has learnt, and who is good
on the second all the more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from glassnet.doctor.errors import FEW, RECALL, chance_of, error_of, errors_of
from glassnet.readings.lottery.yardstick import NEIGHBOURS, nearest, standard
from glassnet.training.contract import as_contract

if TYPE_CHECKING:
    from glassnet.doctor.case import Case
    from glassnet.doctor.reruns import End

MOST_ROWS = 1_500  # that lines and neighbours look at
MOST_SLACK = 0.6  # of that way, chance included
SLACK = {"class": 0.3, "recall": 0.3, "distance": 0.3}  # of the way from the yardstick to always saying the same
SURE = 2.0  # standard errors
CONSTANT = "always saying the same"


@dataclass(frozen=True, eq=False, kw_only=True)
class Yardstick:
    """What somebody else makes of the same rows.

    Attributes
    ----------
    name
        Who.
    errors, held_errors
        Of each row trained on, and of each held out; of the latter there may be none.
    is_honest
        Whether it has not seen the rows trained on either: each is told by all others.
    """

    name: str
    errors: np.ndarray
    held_errors: np.ndarray
    is_honest: bool = True

    @property
    def error(self) -> float:
        """On the rows trained on."""
        return error_of(self.errors)

    @property
    def held_error(self) -> float:
        """On the rows held out; nan where there are none."""
        return error_of(self.held_errors)

    @property
    def unseen(self) -> np.ndarray:
        """Of each row that it had not seen; of all, where it has seen all."""
        if self.is_honest or not len(self.held_errors):
            return np.concatenate((self.errors, self.held_errors))
        return self.held_errors


class Learnt(Protocol):
    """What a training came to, in numbers: how wrong it is, and whether its loss stopped being finite."""

    @property
    def error(self) -> float:
        """On the rows trained on."""

    @property
    def held_error(self) -> float:
        """On those held out; nan where there are none."""

    @property
    def diverged(self) -> bool:
        """Whether its loss stopped being finite."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Bar:
    """How small an error must be.

    Attributes
    ----------
    constant, best
        Always saying the same, and who is best.
    way
        How rows are judged.
    held_only
        Whether rows held out alone count: of a network that knows the others by heart.
    """

    constant: Yardstick
    best: Yardstick
    way: str
    held_only: bool = False

    @cached_property
    def error(self) -> float:
        """The largest error on the rows trained on with which something was learnt."""
        return self.largest(self.constant.errors, self.best.errors)

    @cached_property
    def held_error(self) -> float:
        """The same on the rows held out; nan where there are none."""
        return self.largest(self.constant.held_errors, self.best.held_errors)

    def largest(self, constant: np.ndarray, best: np.ndarray) -> float:
        """Slack, and chance, above the best; never nearly as bad as always saying the same."""
        gap = max(error_of(constant) - error_of(best), 0.0)
        return error_of(best) + min(SLACK[self.way] * gap + SURE * chance_of(best), MOST_SLACK * gap)

    def is_passed(self, end: Learnt) -> bool:
        """Whether a training has learnt."""
        if end.diverged:
            return False
        return bool(end.held_error <= self.held_error or (end.error <= self.error and not self.held_only))

    def lost(self, end: End) -> float:
        """Of a training that knows the rows trained on far better, how much of the way it has lost on the others.

        What chance can do is taken off; 0 of one that knows them no better.
        """
        gap = self.constant.held_error - self.best.held_error
        if not end.error < 0.5 * end.held_error or not gap > 0.0:
            return 0.0
        lost = end.held_errors - self.best.held_errors if self.is_paired(end) else end.held_errors
        return max(0.0, (end.held_error - self.best.held_error - SURE * chance_of(lost)) / gap)

    def is_paired(self, end: End) -> bool:
        """Whether the yardstick looked at the same rows held out, one by one."""
        return len(end.held_errors) == len(self.best.held_errors)

    @property
    def is_of_nothing(self) -> bool:
        """Whether nobody is better than always saying the same, but for chance: row by row."""
        best = self.best.unseen
        gap = self.constant.unseen[-len(best) :] - best
        return self.best is self.constant or error_of(gap) <= SURE * chance_of(gap)

    def or_better(self, other: Yardstick) -> Bar:
        """The same with another yardstick, if that is better on rows that neither has seen."""
        if self.best is self.constant or self.best.is_honest is other.is_honest:
            mine, theirs = self.best.unseen, other.unseen
        else:
            mine, theirs = (one.held_errors if len(one.held_errors) else one.errors for one in (self.best, other))
        return replace(self, best=other) if error_of(theirs) < error_of(mine[-len(theirs) :]) else self


def bar_of(case: Case) -> Bar:
    """By what is worked out at once, of a case."""
    rows, held = case.rows, case.course.held_out
    if held is None:
        return bar_over(case.way, rows.x, case.truth)
    held_truth = as_contract(held.rows.y, case.course.pattern.contract)
    return bar_over(case.way, rows.x, case.truth, held.rows.x, held_truth)


def bar_over(
    way: str,
    all_x: np.ndarray,
    all_truth: np.ndarray,
    all_held_x: np.ndarray | None = None,
    all_held_truth: np.ndarray | None = None,
) -> Bar:
    """By what is worked out at once: always saying the same, a line, neighbours.

    What these say of a row trained on is what they would say without it.

    Parameters
    ----------
    way
        How rows are judged.
    all_x, all_truth
        The rows trained on, as the network takes them, and what is known of them: (n, inputs), (n, outputs).
    all_held_x, all_held_truth
        Those held out, if there are any.
    """
    seen = some(len(all_x))
    x, truth = standard(all_x[seen], all_x[seen]), all_truth[seen]
    others, held_truth = x[:0], truth[:0]
    if all_held_x is not None and all_held_truth is not None:
        kept = some(len(all_held_x))
        others, held_truth = standard(all_held_x[kept], all_x[seen]), all_held_truth[kept]

    def judged(name: str, said: np.ndarray, held_said: np.ndarray) -> Yardstick:
        held_errors = errors_of(way, held_truth, held_said, all_truth)
        return Yardstick(name=name, errors=errors_of(way, truth, said, all_truth), held_errors=held_errors)

    mean = truth.mean(axis=0)
    constant = judged(CONSTANT, np.tile(mean, (len(x), 1)), np.tile(mean, (len(others), 1)))
    bar = Bar(constant=constant, best=constant, way=way)
    counts = evenly(way, truth)
    line, reach = fitted_line(x, truth, counts)
    own = with_one(x) @ line
    if len(x) >= FEW:
        own = truth + (own - truth) / (1.0 - reach[:, None])
    bar = bar.or_better(judged("a line", own, with_one(others) @ line))
    if len(x) >= FEW:
        said = neighbours(x, truth * counts, x, but_itself=True)
        bar = bar.or_better(judged(f"{NEIGHBOURS} neighbours", said, neighbours(x, truth * counts, others)))
    return bar


def cost_of(rows: int, held: int, inputs: int) -> float:
    """The multiplications of that, about, for so many rows; finding the nearest counts as 25 for each."""
    n, h = min(rows, MOST_ROWS), min(held, MOST_ROWS)
    width = inputs + 1
    return 3.0 * n * width**2 + 10.0 * width**3 + (n * (n + h) * (width + 25.0) if n >= FEW else 0.0)


def of_network(name: str, ends: list[End]) -> Yardstick:
    """A network's, the middle one of several trainings."""
    end = sorted(ends, key=lambda one: one.error if np.isnan(one.held_error) else one.held_error)[len(ends) // 2]
    errors, held_errors = end.errors_on(end.case.rows, end.outputs), end.held_errors
    errors, held_errors = errors[some(len(errors))], held_errors[some(len(held_errors))]
    return Yardstick(name=name, errors=errors, held_errors=held_errors, is_honest=False)


def some(n: int) -> np.ndarray:
    """The numbers of n rows, or of as many of them as are looked at, evenly spread."""
    return np.arange(n) if n <= MOST_ROWS else np.linspace(0, n - 1, MOST_ROWS).astype(np.intp)


def with_one(x: np.ndarray) -> np.ndarray:
    """A column of ones beside the others."""
    return np.column_stack((x, np.ones(len(x))))


def evenly(way: str, truth: np.ndarray) -> np.ndarray:
    """How much each row counts, (n, 1): all alike, or, where each class's own rows are judged, all classes alike."""
    share = truth.mean(axis=0)
    return (
        (truth / np.where(share > 0.0, share, 1.0)).sum(axis=1, keepdims=True)
        if way == RECALL
        else np.ones((len(truth), 1))
    )


def fitted_line(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ridge regression with a small penalty, (columns + 1, outputs): (xᵀwx + λ·1) W = xᵀwy, the last row the bias.

    And how far each row reaches into its own prediction, (n,): the diagonal of x (xᵀwx + λ·1)⁻¹ xᵀw.
    """
    design = with_one(x)
    penalty = 1e-3 * len(x) * np.eye(design.shape[1])
    penalty[-1, -1] = 0.0
    inverse = np.linalg.pinv(design.T @ (w * design) + penalty)
    reach = np.einsum("ni,ij,nj->n", design, inverse, design) * w[:, 0]
    return inverse @ (design.T @ (w * y)), reach.clip(max=0.95)


def neighbours(x: np.ndarray, y: np.ndarray, asked: np.ndarray, but_itself: bool = False) -> np.ndarray:
    """The mean of the nearest rows' truth, (asked, outputs)."""
    return np.asarray(y[nearest(x, asked, but_itself=but_itself)].mean(axis=1))
