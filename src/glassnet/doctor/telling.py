"""The parts of a diagnosis as text for the terminal, and as JSON has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from glassnet.doctor.bar import Bar
from glassnet.doctor.errors import CLASS, RECALL
from glassnet.doctor.findings import Alternative, Cause
from glassnet.doctor.proof import Proof, Row

HEADS = {
    "healthy": "healthy: it learns what can be learnt here",
    "seed": "a matter of the seed: it learns from some starts and not from others",
    "sick": "sick: it does not learn what could be learnt here",
    "more": "it is on its way: it needs more",
    "nothing": "nothing to be learnt: nobody does better here than always saying the same",
    "unknown": "I do not know: it does not learn what could be learnt here",
}
ERRORS = {
    CLASS: "error: the share of wrong rows",
    RECALL: "error: of each class the share of its rows that is wrong, the mean over the classes",
    "distance": "error: the part of the targets' variance that is left unexplained, 1 - R²",
}


def head(verdict: str, said: str) -> list[str]:
    """The verdict; of one that is not known why, if that is known."""
    if verdict == "unknown" and said:
        return [f"I do not know: {said}"]
    return [HEADS[verdict], *([said] if said else [])]


def standing(bar: Bar, share: Row) -> list[str]:
    """How the network stands beside others, in a table."""
    cells = [[name, number(error), number(held)] for name, error, held in standing_rows(bar, share)]
    return [*table(["", "error", "held out"], cells), f"({ERRORS[bar.way]})"]


def standing_rows(bar: Bar, share: Row) -> list[tuple[str, float, float]]:
    """Who, with the error on the rows trained on and on those held out; what is enough, where somebody learns."""
    is_learnt = not bar.is_of_nothing
    learn = f"{share.learnt} of {share.seeds} seeds learn" if is_learnt else f"from {share.seeds} seeds"
    learn = learn if share.seeds else "not trained"
    rows = [(f"this network, {learn}", share.error, share.held_error)]
    rows += [(one.name, one.error, one.held_error) for one in dict.fromkeys((bar.constant, bar.best))]
    return [*rows, ("enough", bar.error, bar.held_error)] if is_learnt else rows


def of_cause(cause: Cause, k: int, of: int) -> list[str]:
    """A cause."""
    mark = f"{k}. " if of > 1 else ""
    lines = [f"{mark}{cause.name}{standing_of(cause)}"]
    lines += [f"   - {words}" for words in cause.evidence]
    lines += [f"   {cause.why}"]
    return lines + ([f"   change: {cause.change}"] if cause.change else [])


def standing_of(cause: Cause) -> str:
    """What is to be said behind a cause's name."""
    if not cause.proven:
        return " (a suspicion, not proven)"
    return " (its change heals as well, alone)" if cause.by_itself else ""


def of_proof(proof: Proof, alternatives: Sequence[Alternative]) -> list[str]:
    """The proof, with other changes that heal."""
    cells = []
    for name, row in proof_rows(proof, alternatives):
        low, high = row.interval
        shares = f"{100 * low:.0f} to {100 * high:.0f} %"
        cells.append([name, f"{row.learnt} of {row.seeds}", shares, number(row.error), number(row.held_error)])
    seeds = {10: "ten", 50: "fifty"}.get(proof.before.seeds, proof.before.seeds)
    return [
        f"The proof, from {seeds} fresh seeds:",
        *table(["", "learn", "95 %", "error", "held out"], cells),
    ]


def proof_rows(proof: Proof, alternatives: Sequence[Alternative]) -> list[tuple[str, Row]]:
    """The lines of the proof by what was trained, those of other changes below."""
    return [(row.what, row) for row in proof.rows] + [(f"or: {other.change}", other.row) for other in alternatives]


def number(value: float) -> str:
    """An error; nothing where there is none."""
    return f"{value:.3f}" if value < 100.0 else f"{value:.3g}" if np.isfinite(value) else ""


def table(names: Sequence[str], cells: Iterable[Sequence[str]]) -> list[str]:
    """Columns of text, the first to the left and the others to the right; one without any cell is left out."""
    rows = [list(names), *map(list, cells)]
    shown = [k for k in range(len(names)) if k == 0 or any(row[k] for row in rows[1:])]
    widths = [max(len(row[k]) for row in rows) for k in shown]
    return [
        "  "
        + "  ".join(
            row[k].ljust(width) if k == 0 else row[k].rjust(width) for k, width in zip(shown, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def standing_json(bar: Bar, share: Row) -> dict[str, Any]:
    """How the network stands beside others."""
    return {
        "network": row_json(share),
        "yardsticks": [
            {"name": one.name, "error": known(one.error), "held_error": known(one.held_error)}
            for one in dict.fromkeys((bar.constant, bar.best))
        ],
        "enough": {"error": known(bar.error), "held_error": known(bar.held_error)},
        "judged_by": bar.way,
    }


def row_json(row: Row) -> dict[str, Any]:
    """A line of the proof."""
    return {
        "what": row.what,
        "learnt": row.learnt,
        "seeds": row.seeds,
        "interval": list(row.interval),
        "error": known(row.error),
        "held_error": known(row.held_error),
    }


def known(value: float) -> float | None:
    """A number, if it is one."""
    return float(value) if np.isfinite(value) else None


def curve_json(losses: np.ndarray) -> list[list[float | None]]:
    """A curve as pairs of epoch and loss."""
    if not len(losses):
        return []
    epochs = np.unique(np.geomspace(1, len(losses), MOST_POINTS).astype(int)).tolist()
    return [[epoch, known(losses[epoch - 1])] for epoch in epochs]


MOST_POINTS = 100  # of a curve
