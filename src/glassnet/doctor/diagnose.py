"""Why does it not learn? From a network and its rows to a diagnosis that is proven by training it again.

1. Is it sick? It is trained from several seeds and held against what others make of the same rows.
2. What speaks for which cause? One training that failed is looked at on its way.
3. What heals it? Changes are tried, alone and together, and taken back again.
4. Is that so? As it was, with the changes and with each of them missing, from fresh seeds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet.doctor.bar import Bar, bar_of, of_network
from glassnet.doctor.case import Case
from glassnet.doctor.causes import WHY
from glassnet.doctor.changes import EPOCHS, OPTIMIZER, OVERFITTING, RATE, Change, possible
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.doctor.ends import ends_in_words
from glassnet.doctor.errors import RECALL
from glassnet.doctor.findings import Alternative, Cause
from glassnet.doctor.measures import traced
from glassnet.doctor.mending import MANY_PROVEN, Search, weights_of
from glassnet.doctor.never import is_told, missed
from glassnet.doctor.notes import notes
from glassnet.doctor.proof import HEALED, Proof, Row, proven, row_of
from glassnet.doctor.reruns import End, rerun_for_a_while, reruns
from glassnet.doctor.seen import Seen, Sign
from glassnet.doctor.signs import signs
from glassnet.doctor.sound import NAME, sound
from glassnet.doctor.training_changes import STEPS
from glassnet.doctor.wording import change_in_words, name_of
from glassnet.doctor.written import code
from glassnet.interrupts import interruptible

NEARLY_ALL = 0.1  # of the error of always saying the same, and less: no other network need be asked what can be learnt
WELL = 0.95  # of the seeds learn, where it is healthy
BY_SEED = 0.5  # and where it is a matter of the seed; where fewer do, it is sick
NEEDED = 0.15  # more of the seeds learn with a change than without it
SEEDS = ((2e7, 30, 200), (4e8, 10, 30), (4e9, 5, 20), (2e10, 3, 3), (np.inf, 1, 1))  # by what a training costs
CHEAP = 4e8  # multiplications of a training
VAGUE, FEW_NAMED = 3, 2  # where all that heals is so generic, what else is suspected is said, up to so many causes
STRENGTHENED = 2  # changes that are added where some seeds are not healed
FIRST, MORE = 4, 6  # changes that are tried alone: at first, and where none of these heals
LOST, FAR_LOST = 0.05, 0.4  # of the way from always saying the same: worth a note, and a verdict
SPEAKS = 0.3  # a sign that is worth a suspicion


def diagnosed(case: Case, seconds: float = 60.0) -> Diagnosis:
    """Why a case does not learn, if it does not; after so many seconds, what is known by then."""
    with interruptible() as asked:
        examination = Examination(case=case, seconds=seconds, asked=asked)
        return replace(examination.result(), seconds=examination.past())


@dataclass(eq=False, kw_only=True)
class Examination:
    """A diagnosis on its way.

    Attributes
    ----------
    case
        What is asked about.
    seconds
        After which time is over.
    asked
        Whether Ctrl-C was pressed.
    begun
        When it began, by `time.monotonic`.
    known
        What is known by now, as a `Diagnosis` has it.
    signs
        What speaks for each cause.
    """

    case: Case
    seconds: float
    asked: Callable[[], bool]
    begun: float = field(default_factory=time.monotonic)
    known: dict[str, Any] = field(default_factory=dict)
    signs: dict[str, list[Sign]] = field(default_factory=dict)

    def past(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.begun

    def interrupted(self) -> bool:
        """Whether time is over, or Ctrl-C was pressed."""
        return self.asked() or self.past() > self.seconds

    def result(self) -> Diagnosis:
        """From the first look to the proof, or as far as time goes."""
        try:
            return self.examined()
        except KeyboardInterrupt:
            if self.asked() or not self.interrupted():
                raise
        known = {"bar": bar_of(self.case), "share": row_of_nothing(), **self.known}
        self.known = {"causes": self.suspected(), **known}
        return self.told("unknown", said="the time was over before more was proven")

    def told(self, verdict: str, **more: Any) -> Diagnosis:
        """A diagnosis, with all that is known."""
        return Diagnosis(verdict=verdict, **{**self.known, **more})

    # is it sick?

    def examined(self) -> Diagnosis:
        """From the first look to the proof."""
        if not self.case.truth.var(axis=0).any():
            self.known = {"bar": bar_of(self.case), "share": row_of_nothing()}
            return self.told("nothing", said="all rows have the same target")
        bar, ends = bar_of(self.case), self.ends(seeds_for(self.case))
        by_recall = replace(self.case, way=RECALL)
        if missed(ends) and is_told(bar_of(by_recall)):
            self.case, bar = by_recall, bar_of(by_recall)
            ends = [replace(end, case=by_recall) for end in ends]
        self.know(bar, ends)
        if all(bar.is_passed(end) and is_nearly_all(end, bar) for end in ends):
            return self.told("healthy", notes=notes(self.case, ends))
        bar = bar.or_better(of_network(NAME, reruns([sound(self.case)], range(3), self.interrupted)[0]))
        row = self.know(bar, ends)
        if bar.is_of_nothing:
            return self.told("nothing", notes=notes(self.case, ends))
        if row.share >= WELL:
            lost = float(np.median([bar.lost(end) for end in ends]))
            if lost > FAR_LOST:
                return self.overfit(bar, ends)
            known = self.by_heart(bar, row) if lost > LOST else ()
            return self.told("healthy", notes=(*known, *notes(self.case, ends)))
        if row.learnt and seeds_for(self.case, more=True) > len(ends):
            ends = self.ends(seeds_for(self.case, more=True))
            row = self.know(bar, ends)
        return self.sick(bar, ends, row)

    def ends(self, seeds: int) -> list[End]:
        """The case as it is, from so many seeds; of one that takes long what half of the time allows."""
        if seeds == 1:
            return [rerun_for_a_while(self.case, 0, lambda: self.asked() or self.past() > 0.5 * self.seconds)]
        return reruns([self.case], range(seeds), self.interrupted)[0]

    def know(self, bar: Bar, ends: Sequence[End]) -> Row:
        """Keep how the network stands."""
        self.known = {"bar": bar, "share": row_of("this network", ends, bar)}
        row: Row = self.known["share"]
        return row

    # why, and what heals it?

    def sick(self, bar: Bar, ends: Sequence[End], row: Row) -> Diagnosis:
        """A case that fails from some seeds or from all."""
        failed = [end for end in ends if not bar.is_passed(end)]
        trace = traced(self.case, failed[0].seed, self.interrupted)
        self.known |= {"trace": trace, "notes": notes(self.case, ends)}
        self.signs = signs(Seen(case=self.case, bar=bar, ends=failed, trace=trace))
        search = Search(case=self.case, bar=bar, weight=weights_of(self.signs), interrupted=self.interrupted)
        is_by_seed = row.share >= BY_SEED
        if is_by_seed:
            self.known["ends"] = ends_in_words(ends, bar)
            search.proven = MANY_PROVEN if self.case.cost <= SEEDS[0][0] else search.proven
        changes, healing = self.cured(search)
        if not changes:
            return self.told("seed" if is_by_seed else "unknown", causes=self.suspected())
        proof = self.proof(search, changes)
        self.known |= {"proof": proof, "causes": self.causes(proof)}
        if all(change.generic >= VAGUE for change in proof.changes) and not is_by_seed:
            named = {cause.name for cause in self.known["causes"]}
            more = tuple(cause for cause in self.suspected() if cause.name not in named)
            self.known["causes"] += more[: FEW_NAMED - len(named)]
        if not proof.heals:
            return self.told("seed" if is_by_seed else "unknown")
        self.known["code"] = code(proof.case, self.case)
        others = self.alternatives(search, proof.changes, healing)
        self.known["causes"] += tuple(
            self.other_cause(change, other, proof)
            for change, other in others
            if search.weight.get(change.cause, 0.0) >= SPEAKS and len(proof.changes) == 1
        )
        is_on_its_way = [change.cause for change in proof.changes] == [EPOCHS]
        verdict = "seed" if is_by_seed else "more" if is_on_its_way else "sick"
        said = f"about {proof.case.how.epochs - self.case.how.epochs:,} more epochs" if verdict == "more" else ""
        return self.told(verdict, said=said, alternatives=tuple(other for _, other in others))

    def cured(self, search: Search) -> tuple[list[Change], list[Change]]:
        """The changes that it needs, and those that heal it alone; of either there may be none."""
        ranked = sorted(self.worth_trying(search), key=search.doubt)
        if not ranked:
            return [], []
        near = search.doubt(ranked[0]) + 0.5
        first = [
            one for one in ranked[:FIRST] if search.doubt(one) <= near or search.weight.get(one.cause, 0.0) >= SPEAKS
        ]
        healing = search.alone(first)
        if healing:
            return healing[:1], healing
        needed = search.needed(ranked)
        if needed and len(needed) == 1:
            return needed, []
        healing = search.alone([change for change in ranked if change not in first][: MORE if needed else None])
        if healing and (not needed or search.doubt(healing[0]) < search.doubt(needed[0]) + 1.0):
            return healing[:1], healing
        return needed or [], healing

    def worth_trying(self, search: Search) -> list[Change]:
        """All that can be changed, but for more epochs where there were enough and nothing speaks for them."""
        is_long = self.case.steps >= STEPS and search.weight.get(EPOCHS, 0.0) < SPEAKS
        return [change for change in possible(self.case) if not (is_long and change.cause == EPOCHS)]

    def proof(self, search: Search, changes: list[Change]) -> Proof:
        """The proof of changes, with others where they do not heal from fresh seeds, less those that are not needed."""
        proof = proven(search, changes, self.interrupted)
        for _ in range(STRENGTHENED):
            if proof.after.share >= HEALED:
                break
            changes = search.strengthened(changes)
            proof = proven(search, changes, self.interrupted)
        needed = [change for change in changes if proof.effect(change) > NEEDED]
        if proof.after.share >= HEALED and 0 < len(needed) < len(changes):
            fewer = proven(search, needed, self.interrupted)
            proof = fewer if fewer.heals else proof
        return proof

    def alternatives(
        self, search: Search, needed: Sequence[Change], healing: Sequence[Change]
    ) -> list[tuple[Change, Alternative]]:
        """Other changes that heal alone, proven; where one is enough, those that help often are tried as well."""
        changes = [change for change in healing if change not in needed]
        if len(needed) == 1 and self.case.cost < CHEAP:
            often = [one for one in possible(self.case) if one.cause in (RATE, OPTIMIZER) and one not in needed]
            changes = list(dict.fromkeys([*changes, *search.alone(often)]))
        tried = search.tried([frozenset([change]) for change in changes[:3]])
        found = []
        for change, one, ends in zip(
            changes, tried, reruns([one.case for one in tried], search.proven, self.interrupted), strict=False
        ):
            words = change_in_words(change, self.case, one.case)
            row = row_of(words, ends, search.bar)
            if row.share >= HEALED:
                name = name_of(change, self.case, one.case)
                made = Alternative(name=name, change=words, row=row, code=code(one.case, self.case), case=one.case)
                found.append((change, made))
        return found

    def by_heart(self, bar: Bar, row: Row) -> tuple[str, ...]:
        """A note on a case that learns, the rows trained on better than is good, and what would hold it back."""
        words = f"overfitting: error {row.error:.3g} on the rows trained on and {row.held_error:.3g} on those held out"
        words += f", where {bar.best.name} has {bar.best.held_error:.3g}"
        search = Search(case=self.case, bar=replace(bar, held_only=True), weight={}, interrupted=self.interrupted)
        held_back = min(search.each(OVERFITTING), key=lambda one: one.error)
        if held_back.error > row.held_error - 0.2 * (row.held_error - bar.best.held_error):
            return (f"{words}; no penalty, dropout, fewer units or fewer epochs change that: more rows would",)
        change = change_in_words(OVERFITTING, self.case, held_back.case)
        return (f"{words}; {held_back.error:.3g} with {change}",)

    def overfit(self, bar: Bar, ends: Sequence[End]) -> Diagnosis:
        """A case that knows the rows trained on by heart, and of the others little."""
        bar = replace(bar, held_only=True)
        row = self.know(bar, ends)
        words = f"error {row.error:.3g} on the rows trained on, {row.held_error:.3g} on those held out"
        self.signs = {OVERFITTING.cause: [Sign(OVERFITTING.cause, 1.0, words)]}
        search = Search(case=self.case, bar=bar, weight={}, interrupted=self.interrupted)
        rows, numbers = len(self.case.rows), self.case.course.pattern.n_parameters
        more = f"more rows: {rows:,} are few for {numbers:,} numbers"
        if not search.alone([OVERFITTING]):
            return self.told("more", said=more, causes=self.suspected(), notes=notes(self.case, ends))
        proof = proven(search, [OVERFITTING], self.interrupted)
        self.known |= {"proof": proof, "causes": self.causes(proof), "notes": notes(self.case, ends)}
        if not proof.heals:
            return self.told("more", said=more)
        return self.told("sick", code=code(proof.case, self.case))

    # what is said of it

    def causes(self, proof: Proof) -> tuple[Cause, ...]:
        """The causes that a proof has, that first for which most speaks."""
        return tuple(self.cause(change, proof) for change in proof.changes)

    def cause(self, change: Change, proof: Proof) -> Cause:
        """One of them."""
        name, effect = name_of(change, self.case, proof.case), proof.effect(change)
        return Cause(
            name=name,
            evidence=self.evidence(change, name),
            why=WHY[name],
            change=change_in_words(change, self.case, proof.case),
            proven=proof.heals and (effect > NEEDED or len(proof.changes) == 1),
            effect=effect,
        )

    def other_cause(self, change: Change, other: Alternative, proof: Proof) -> Cause:
        """What speaks for another change that heals by itself: a cause as well."""
        return Cause(
            name=other.name,
            evidence=self.evidence(change, other.name),
            why=WHY[other.name],
            change=other.change,
            proven=True,
            effect=other.row.share - proof.before.share,
            by_itself=True,
        )

    def evidence(self, change: Change, name: str) -> tuple[str, ...]:
        """What was measured that speaks for a cause."""
        signs = self.signs.get(change.cause, ())
        return tuple(sign.words for sign in signs if sign.name in (name, change.cause))

    def suspected(self) -> tuple[Cause, ...]:
        """For what most speaks, unproven."""
        ranked = sorted((of[0] for of in self.signs.values()), key=lambda sign: -sign.weight)
        return tuple(
            Cause(name=sign.name, evidence=(sign.words,), why=WHY[sign.name], change="", proven=False)
            for sign in ranked[:3]
            if sign.weight >= SPEAKS
        )


def seeds_for(case: Case, more: bool = False) -> int:
    """How many seeds are looked at first, and how many where some fail."""
    return next((some, many)[more] for most, some, many in SEEDS if case.cost <= most)


def row_of_nothing() -> Row:
    """How a network stands that was not trained."""
    return Row(what="this network", learnt=0, seeds=0, error=np.nan, held_error=np.nan)


def is_nearly_all(end: End, bar: Bar) -> bool:
    """Whether a training has learnt so much that no other network need be asked what else there is."""
    error = end.error if np.isnan(end.held_error) else end.held_error
    return bool(error <= NEARLY_ALL * bar.constant.error)
