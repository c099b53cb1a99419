"""What the doctor said of its patients, as a page. Of the half "kept" there are numbers only: no names to tune on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from report import table

from patients.patient import GROUPS, HALVES
from patients.scoring import Answer, confusion, figures, verdicts

ASKED = "Asked: of sick circles and blobs the cause of 95 % and a proven repair of 92 %; of real ones the cause of \
43 of 53 in the trial that came before, at least 40, and a repair of 42; no false alarm."


def page(answers: Sequence[Answer]) -> str:
    """All of it, in Markdown."""
    parts = [
        ASKED,
        "Causes: the main one among the first two named; all of them, where there are several faults. Always the same: "
        'how many an answer would name that says "activation, learning rate" of all, and which two names are right '
        "most often.",
        table(HEAD, rows(answers)),
    ]
    for half in HALVES:
        those = [answer for answer in answers if answer.patient.half == half]
        if those:
            parts += [f"## The half {half}", "Verdicts, true and said:", counted(verdicts(those), "true", "said")]
            if confusion(those):
                parts += [
                    "Causes that were missed, and what was named first:",
                    counted(confusion(those), "true", "said"),
                ]
        if half == "dev" and those:
            parts += named(those)
    return "\n\n".join(parts)


HEAD = (
    *("patients", "half", "cases", "verdict", "cause", "cause first", "all causes", "repaired"),
    *("false alarms", "errors", "always the same", "seconds, median", "worst"),
)


def rows(answers: Sequence[Answer]) -> Iterable[list[str]]:
    """A row for each group and half that has answers."""
    for group in GROUPS:
        for half in HALVES:
            those = [one for one in answers if (one.patient.group, one.patient.half) == (group, half)]
            if those:
                yield [group, half, *cells(those, with_causes=group != "healthy")]


def cells(answers: Sequence[Answer], *, with_causes: bool) -> list[str]:
    """The figures of some answers, in the order of the head."""
    found = figures(answers)
    cases = found["cases"]
    most, pair = found["best pair"]
    causes = [
        share(found[what], cases) if with_causes else "-" for what in ("named", "named first", "named all", "repaired")
    ]
    same = f"{share(found['constant'], cases)}; {most} ({pair})" if with_causes else "-"
    counts = [str(found["false alarms"]), str(found["errors"])]
    times = [f"{found['median']:.2f}", f"{found['worst']:.2f}"]
    return [str(cases), share(found["right"], cases), *causes, *counts, same, *times]


def share(count: int, of: int) -> str:
    """A count, and its share.

    >>> share(3, 4)
    '3 (75 %)'
    """
    return f"{count} ({100 * count / of:.0f} %)"


def counted(counts: dict[tuple[str, str], int], *head: str) -> str:
    """Pairs and how often each is there, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return table((*head, "cases"), [[*pair, str(count)] for pair, count in ordered])


def named(answers: Sequence[Answer]) -> list[str]:
    """Which patients were not understood, by name."""
    kinds = {
        "False alarms": [one for one in answers if one.false_alarm],
        "Another verdict than the true one": [one for one in answers if not one.right and not one.false_alarm],
        "The cause is not among the first two": [one for one in answers if one.patient.causes and not one.named],
        "No proven repair": [one for one in answers if one.patient.causes and not one.repaired],
        "Errors": [one for one in answers if "error" in one.line],
    }
    return [f"{kind}:\n\n" + "\n".join(map(said, those)) for kind, those in kinds.items() if those]


def said(answer: Answer) -> str:
    """A patient in a line: its name, what is true, what was said."""
    true = f"{answer.patient.truth[0]} ({', '.join(answer.patient.causes) or 'no cause'})"
    found = answer.line.get("error") or f"{answer.line['verdict']} ({', '.join(answer.names[:3]) or 'no cause'})"
    return f"- {answer.patient.name}: {true}; said: {found}"
