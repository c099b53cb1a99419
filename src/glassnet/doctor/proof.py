"""The proof: the network as it was, with the changes, and with each of them missing, from fresh seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from glassnet.doctor.bar import Bar
from glassnet.doctor.case import Case
from glassnet.doctor.changes import Change
from glassnet.doctor.mending import Search
from glassnet.doctor.reruns import End, reruns
from glassnet.training.share import interval

CURVES = 10  # that are kept
HEALED = 0.8  # of the seeds, at least
AS_IT_WAS = "as it was"
CHANGED = "with the change"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the proof.

    Attributes
    ----------
    what
        What was trained.
    learnt, seeds
        Of how many seeds it learnt, and how many there were.
    error, held_error
        The middle one of the errors on the rows trained on, and on those held out.
    """

    what: str
    learnt: int
    seeds: int
    error: float
    held_error: float

    @property
    def share(self) -> float:
        """Of the seeds that learnt."""
        return self.learnt / max(self.seeds, 1)

    @property
    def interval(self) -> tuple[float, float]:
        """That of 95 % around it (Wilson)."""
        return interval(self.learnt, self.seeds) if self.seeds else (0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What changes do, and what they do without each of them.

    Attributes
    ----------
    case
        The changed one.
    changes
        The changes.
    before, after
        As it was, and changed.
    missing
        With each of the changes missing; empty of a single one, where that is as it was.
    curves
        The losses by epoch of ten seeds, "before" and "after".
    """

    case: Case
    changes: tuple[Change, ...]
    before: Row
    after: Row
    missing: tuple[Row, ...] = ()
    curves: Mapping[str, Sequence[np.ndarray]] = field(default_factory=dict, repr=False)

    @property
    def heals(self) -> bool:
        """Whether nearly all fresh seeds learn with the changes, and clearly fewer did before."""
        return self.after.share >= HEALED and self.after.interval[0] > self.before.share

    def effect(self, change: Change) -> float:
        """How many more of the seeds learn with a change than without it."""
        without = self.missing[self.changes.index(change)] if self.missing else self.before
        return self.after.share - without.share

    @property
    def rows(self) -> tuple[Row, ...]:
        """All lines."""
        return (self.before, self.after, *self.missing)


def proven(search: Search, changes: Sequence[Change], interrupted: Callable[[], bool]) -> Proof:
    """The proof of some changes; of those that turn out needless it says so by their effect."""
    sets = [frozenset(changes)]
    if len(changes) > 1:
        sets += [frozenset(one for one in changes if one is not change) for change in changes]
    cases = [search.case, *(tried.case for tried in search.tried(sets))]
    names = [AS_IT_WAS, CHANGED if len(changes) == 1 else "with the changes"]
    names += [f"without: {change.cause}" for change in changes] if len(changes) > 1 else []
    ends = reruns(cases, search.proven, interrupted)
    rows = [row_of(name, of, search.bar) for name, of in zip(names, ends, strict=True)]
    curves = {name: [end.losses for end in of[:CURVES]] for name, of in zip(("before", "after"), ends, strict=False)}
    return Proof(
        case=cases[1],
        changes=tuple(changes),
        before=rows[0],
        after=rows[1],
        missing=tuple(rows[2:]),
        curves=curves,
    )


def row_of(what: str, ends: Sequence[End], bar: Bar) -> Row:
    """A line, from trainings."""
    return Row(
        what=what,
        learnt=sum(map(bar.is_passed, ends)),
        seeds=len(ends),
        error=float(np.median([end.error for end in ends])),
        held_error=float(np.median([end.held_error for end in ends])),
    )
