"""What the doctor said of a patient, beside what is true, and what that comes to over many patients."""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from patients.patient import CAUSES, Patient

Line = dict[str, Any]
ACCUSED = {"sick", "more"}  # verdicts that say: change something
ACTIVATION_OR_RATE = {  # the answer that names more causes of real programs than most tools, and always is the same
    *("output activation", "hidden activation", "no nonlinearity"),
    *("learning rate too high", "learning rate too low"),
}


def asked(patient: Patient, seed: int, diagnose: Callable[..., Any]) -> Line:
    """What `diagnose` says of a patient, with the rows of a draw, as a line."""
    network, X, y, settings = patient.case(seed)
    start = time.perf_counter()
    line: Line = {"verdict": "none", "found": [], "repaired": False}
    try:
        found = diagnose(network, X, y, **settings, progress=False)
        line["verdict"] = found.verdict
        line["found"] = [[cause.name, bool(cause.proven)] for cause in found.causes]
        line["repaired"] = bool(found.repaired)
        json.dumps(found.to_dict())
    except Exception as error:  # a doctor that fails has not found anything, and the others are asked all the same
        line["error"] = f"{type(error).__name__}: {error}"[:300]
    unknown = {name for name, _ in line["found"]} - {*CAUSES}
    if unknown:
        line["error"] = f"no cause is called {', '.join(sorted(unknown))}"
    return {**line, "seconds": round(time.perf_counter() - start, 3)}


@dataclass(frozen=True)
class Answer:
    """A patient and the line of what was said of it."""

    patient: Patient
    line: Line

    @property
    def names(self) -> list[str]:
        """Causes, the main one first; who says that it needs more, says so."""
        found = [name for name, _ in self.line["found"]]
        return found or ["too few epochs"] * (self.line["verdict"] == "more")

    @property
    def luck(self) -> bool:
        """Whether it is rightly called a matter of the seed, which has no cause and needs no repair."""
        return self.line["verdict"] == "seed" and self.right

    @property
    def right(self) -> bool:
        """Whether the verdict is."""
        return self.line["verdict"] in self.patient.truth

    @property
    def named(self) -> bool:
        """Whether the main cause is among the first two."""
        return self.luck or bool({*self.patient.causes} & {*self.names[:2]})

    @property
    def named_first(self) -> bool:
        """Whether the main cause is the first."""
        return self.luck or bool({*self.patient.causes} & {*self.names[:1]})

    @property
    def named_all(self) -> bool:
        """Whether a cause of each fault is named, in any place."""
        faults = self.patient.faults or (self.patient.causes,)
        return self.luck or all({*fault} & {*self.names} for fault in faults)

    @property
    def repaired(self) -> bool:
        """Whether there are changes of which rerunning proved that they heal."""
        return self.luck or bool(self.line["repaired"])

    @property
    def false_alarm(self) -> bool:
        """Whether something is to be changed where nothing has to be."""
        return self.line["verdict"] in ACCUSED and not ACCUSED & {*self.patient.truth}


def figures(answers: Sequence[Answer]) -> dict[str, Any]:
    """Counts over patients, seconds, and what answers that are always the same would count."""
    seconds = [answer.line["seconds"] for answer in answers]
    causes = [{*answer.patient.causes} for answer in answers if answer.patient.causes]
    return {
        "cases": len(answers),
        "right": sum(answer.right for answer in answers),
        "named": sum(answer.named for answer in answers),
        "named first": sum(answer.named_first for answer in answers),
        "named all": sum(answer.named_all for answer in answers),
        "repaired": sum(answer.repaired for answer in answers if answer.patient.causes),
        "false alarms": sum(answer.false_alarm for answer in answers),
        "errors": sum("error" in answer.line for answer in answers),
        "constant": sum(bool(one & ACTIVATION_OR_RATE) for one in causes),
        "best pair": best_pair(causes),
        "median": statistics.median(seconds) if seconds else 0.0,
        "worst": max(seconds, default=0.0),
    }


def best_pair(causes: Sequence[set[str]]) -> tuple[int, str]:
    """Which two names would be right most often if they were always said, and how often.

    >>> best_pair([{"loss"}, {"loss", "leak"}, {"no bias"}])
    (3, 'loss, no bias')
    """
    pairs = [(sum(bool(one & {a, b}) for one in causes), f"{a}, {b}") for a, b in combinations(CAUSES, 2)]
    return max(pairs, key=lambda pair: pair[0])


def confusion(answers: Sequence[Answer]) -> Counter[tuple[str, str]]:
    """How often which cause was taken for which other: (true, said first), where it is not among the first two."""
    missed = [answer for answer in answers if answer.patient.causes and not answer.named]
    return Counter((answer.patient.causes[0], (answer.names or ["nothing"])[0]) for answer in missed)


def verdicts(answers: Sequence[Answer]) -> Counter[tuple[str, str]]:
    """How often each verdict was given where which one is true."""
    return Counter((answer.patient.truth[0], answer.line["verdict"]) for answer in answers)
