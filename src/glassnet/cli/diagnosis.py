"""What `glassnet diagnose` says: the verdict first, then what it rests on, the proof, and what to run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from glassnet.cli.cure import changed, short
from glassnet.cli.screen import LABEL, Screen, width_of
from glassnet.data.tables.wording import counted, wrapped
from glassnet.doctor import telling
from glassnet.doctor.case import Case
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.doctor.proof import Row


@dataclass(frozen=True, eq=False, kw_only=True)
class Told:
    """A diagnosis in the words of the command line.

    Attributes
    ----------
    found
        The diagnosis.
    case, table
        What was asked about, and what its table is called.
    command
        The command that heals; empty: none is known, or no options say it.
    others
        The commands of the alternatives.
    """

    found: Diagnosis
    case: Case
    table: str
    command: str
    others: tuple[str, ...]

    @staticmethod
    def of(found: Diagnosis, case: Case, table: str, command: Callable[[Case], str]) -> Told:
        """A diagnosis with its commands; `command` makes that of a changed case."""
        others = tuple(command(other.case) for other in found.alternatives)
        cured = command(found.proof.case) if found.proof and found.proof.heals else ""
        return Told(found=found, case=case, table=table, command=cured, others=others)

    @property
    def code(self) -> str:
        """The Python that heals: for what no options say."""
        table = [] if self.case.given.is_arrays else [f"table = {self.table!r}"]
        return "\n".join(["import glassnet as gn", *table, self.found.code])

    def to_dict(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        told = self.found.to_dict()
        for other, command in zip(told["alternatives"], self.others, strict=True):
            other["command"] = command
        return {**told, "command": self.command}

    def change(self, k: int) -> str:
        """What a cause asks to change, as options where it is that alone; else as the doctor says it."""
        cause, proof = self.found.causes[k], self.found.proof
        if not cause.change or proof is None:
            return cause.change
        if cause.by_itself:
            other = next(one for one in self.found.alternatives if one.name == cause.name)
            return short(changed(self.case, other.case)) or cause.change
        asked = changed(self.case, proof.case)
        for one in proof.changes[k].cases(self.case):
            alone = changed(self.case, one)
            if alone and alone.items() <= asked.items():
                return short(alone)
        return short(asked) if len(proof.changes) == 1 and asked else cause.change


def show(screen: Screen, told: Told, source: str) -> None:
    """All of it, on a screen."""
    found, room = told.found, max(width_of(sys.stdout) - LABEL, 30)
    first, *more = telling.head(found.verdict, found.said)
    screen.row("Verdict", first, strong=True)
    for line in more:
        screen.row("", line)
    screen.row("", f"{source}: {counted(len(told.case.rows), 'row')} to learn from · {found.seconds:.1f} s")
    screen.line()
    screen.row("Errors", "\n".join(standing(found, room)), wrap=False)
    for k, cause in enumerate(found.causes):
        screen.line()
        number = f" {k + 1}" if len(found.causes) > 1 else ""
        screen.row(f"Cause{number}", cause.name + telling.standing_of(cause), strong=True)
        for words in (*cause.evidence, cause.why):
            screen.row("", words)
        if cause.change:
            screen.row("", f"change: {told.change(k)}")
    if found.proof is not None:
        screen.line()
        screen.row("Proof", "\n".join(proof(told, room)), wrap=False)
    if found.ends:
        screen.line()
        screen.row("Ends", "\n".join(found.ends))
    if found.code:
        screen.line()
        screen.row("Run", told.command or told.code, wrap=False, strong=True)
    for command in filter(None, told.others):
        screen.row("or", command, wrap=False)
    screen.remarks(found.notes)


def standing(found: Diagnosis, room: int) -> list[str]:
    """How the network stands beside others, in a table."""
    cells = [[name, *map(telling.number, errors)] for name, *errors in telling.standing_rows(found.bar, found.share)]
    return [*table(["", "error", "held out"], cells, room), *wrapped(telling.ERRORS[found.bar.way], room)]


def proof(told: Told, room: int) -> list[str]:
    """The proof, with other changes that heal, in a table."""
    found = told.found
    assert found.proof is not None
    rows: list[tuple[str, Row]] = [(row.what, row) for row in found.proof.rows]
    for other in found.alternatives:
        rows.append((f"or {short(changed(told.case, other.case)) or other.change}", other.row))
    cells = []
    for name, row in rows:
        low, high = row.interval
        shares = f"{100 * low:.0f} to {100 * high:.0f} %"
        errors = map(telling.number, (row.error, row.held_error))
        cells.append([name, f"{row.learnt} of {row.seeds}", shares, *errors])
    return table(["from ten fresh seeds", "learn", "95 %", "error", "held out"], cells, room)


def table(names: Sequence[str], cells: Iterable[Sequence[str]], room: int) -> list[str]:
    """Columns of text, numbers to the right; the first goes on below itself where it is too long for the room."""
    rows = [list(names), *map(list, cells)]
    shown = [k for k in range(1, len(names)) if any(row[k] for row in rows[1:])]
    widths = [max(len(row[k]) for row in rows) for k in shown]
    left = room - sum(widths) - 2 * len(widths)
    texts = [wrapped(row[0], left, "   ") or [""] for row in rows]
    first = max(len(line) for text in texts for line in text)
    lines = []
    for row, text in zip(rows, texts, strict=True):
        numbers = "".join(f"  {row[k]:>{width}}" for k, width in zip(shown, widths, strict=True))
        lines += [f"{text[0]:<{first}}{numbers}".rstrip(), *text[1:]]
    return lines
