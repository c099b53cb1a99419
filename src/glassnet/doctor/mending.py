"""Which changes heal a network, and which of them it needs.

Everything questionable is put right at once. If that learns, the changes are taken back, those first for which least
speaks and which help against nearly everything; what it cannot do without is the cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from glassnet.doctor.bar import Bar
from glassnet.doctor.case import Case
from glassnet.doctor.changes import OPTIMIZER, RATE, Change, made, possible
from glassnet.doctor.reruns import End, reruns
from glassnet.doctor.seen import Sign

SCREENED = (11, 12, 13)  # the seeds that changes are tried with
PROVEN = range(101, 111)  # and those that they are proven with,
MANY_PROVEN = range(101, 151)  # or, of small networks that have luck from some seeds

MORE = 6  # other changes
MOST = 4  # cases of some changes, one of which may do; of more those of most epochs
DEAR = 4e9  # multiplications of a training

Set = frozenset[Change]


@dataclass(frozen=True, eq=False, kw_only=True)
class Tried:
    """What came of some changes made together.

    Attributes
    ----------
    case
        The changed one, of several that may do the best.
    learnt
        Of how many seeds it learns.
    seeds
        How many there were.
    error
        The middle one of their errors.
    """

    case: Case
    learnt: int
    seeds: int
    error: float

    def rank(self) -> tuple[int, int, float]:
        """The smaller the better."""
        return -self.learnt, self.case.how.epochs, round(self.error, 2)

    @property
    def heals(self) -> bool:
        """Whether nearly all seeds learn."""
        return self.learnt >= 0.8 * self.seeds


@dataclass(eq=False, kw_only=True)
class Search:
    """Trying changes on a case, each set of them once.

    Attributes
    ----------
    case, bar
        What is sick, and when it would be well.
    weight
        What speaks for each cause, from 0 to 1.
    interrupted
        Whether time is over.
    proven
        The seeds that changes are proven with.
    known
        What was tried.
    """

    case: Case
    bar: Bar
    weight: Mapping[str, float]
    interrupted: Callable[[], bool]
    proven: Sequence[int] = PROVEN
    known: dict[Set, Tried] = field(default_factory=dict)

    def tried(self, sets: Sequence[Set]) -> list[Tried]:
        """What comes of each set of changes."""
        new = [some for some in dict.fromkeys(sets) if some not in self.known]
        cases = [self.affordable(cases_of(self.case, some)) for some in new]
        ends = iter(reruns([case for of in cases for case in of], SCREENED, self.interrupted))
        for some, of in zip(new, cases, strict=True):
            self.known[some] = min((self.judged(case, next(ends)) for case in of), key=Tried.rank)
        return [self.known[some] for some in sets]

    def each(self, change: Change) -> list[Tried]:
        """What comes of each case that a change makes."""
        cases = self.affordable(change.cases(self.case))
        return [self.judged(*one) for one in zip(cases, reruns(cases, SCREENED, self.interrupted), strict=True)]

    def affordable(self, cases: list[Case]) -> list[Case]:
        """Those that are not out of all proportion; the cheapest, if all are."""
        most = max(DEAR, 20.0 * self.case.cost)
        return [case for case in cases if case.cost <= most] or [min(cases, key=lambda case: case.cost)]

    def judged(self, case: Case, ends: list[End]) -> Tried:
        """How many of the ends have learnt."""
        error = float(np.median([end.error if np.isnan(end.held_error) else end.held_error for end in ends]))
        return Tried(case=case, learnt=sum(map(self.bar.is_passed, ends)), seeds=len(ends), error=error)

    def heals(self, some: Iterable[Change]) -> bool:
        """Whether some changes heal it."""
        return self.tried([frozenset(some)])[0].heals

    # one change

    def alone(self, changes: Sequence[Change]) -> list[Change]:
        """Those that heal it alone, that for which most speaks first."""
        found = self.tried([frozenset([change]) for change in changes])
        healing = [change for change, tried in zip(changes, found, strict=True) if tried.heals]
        return sorted(healing, key=self.doubt)

    # several

    def needed(self, changes: Sequence[Change]) -> list[Change] | None:
        """Of changes that heal together those that are needed; None where together they do not heal."""
        if not self.heals(changes):
            return None
        kept = list(changes)
        order = sorted(changes, key=self.doubt, reverse=True)
        vague = [change for change in order if self.weight.get(change.cause, 0.0) < 0.25]
        kept = self.without(kept, vague)
        for change in order:
            if change in kept and change not in vague:
                kept = self.without(kept, [change])
        return sorted(kept, key=self.doubt)

    def strengthened(self, some: Sequence[Change]) -> list[Change]:
        """Changes that heal some seeds only, with the one other change that helps them most."""
        others = sorted((change for change in possible(self.case) if change not in some), key=self.doubt)[:MORE]
        found = self.tried([frozenset((*some, other)) for other in others])
        ranked = sorted(zip(found, others, strict=True), key=lambda pair: pair[0].rank())
        return [*some, *(other for _, other in ranked[:1])]

    def without(self, kept: list[Change], some: list[Change]) -> list[Change]:
        """What is left when of some changes those are taken back that are not needed."""
        rest = [change for change in kept if change not in some]
        if not some or (rest and self.heals(rest)):
            return rest
        if len(some) == 1:
            return kept
        half = len(some) // 2
        return self.without(self.without(kept, some[:half]), some[half:])

    def doubt(self, change: Change) -> float:
        """How little a change says: the more, the less speaks for it and the more it helps against everything."""
        return change.generic - 2.5 * self.weight.get(change.cause, 0.0)


def cases_of(case: Case, changes: Iterable[Change]) -> list[Case]:
    """A case with changes, or several of which one may do; of another rule no other rates than it brings."""
    causes = {change.cause for change in changes}
    found = made(case, [change for change in changes if change.cause != RATE or OPTIMIZER not in causes])
    longest = max(one.how.epochs for one in found)
    return [one for one in found if one.how.epochs == longest] if len(found) > MOST else found


def weights_of(signs: Mapping[str, Sequence[Sign]]) -> dict[str, float]:
    """What speaks for each cause: the strongest of its signs."""
    return {cause: max(sign.weight for sign in of) for cause, of in signs.items()}
