"""What the doctor and the lottery say of the network on the page."""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

import numpy as np

from glassnet.doctor import telling
from glassnet.doctor.asked import case_of_network
from glassnet.doctor.case import Case
from glassnet.doctor.diagnose import diagnosed
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.engines.plans import fixed_plans
from glassnet.errors import install
from glassnet.model.lottery import lottery as lottery_of
from glassnet.model.lottery_result import Lottery, end_lines, headline, odds_lines
from glassnet.parts.layers import BatchNorm, Dense, Dropout
from glassnet.parts.network import Network
from glassnet.playground.choices import MOST_UNITS
from glassnet.playground.course import Course
from glassnet.playground.reply import Reply
from glassnet.playground.setup import Setup

SECONDS = 20.0  # that a diagnosis may take
LOTTERY = 1.0  # seconds that all seeds may take, about
PATIENCE = 3.0  # seconds: if all seeds that were asked for take less, they are played rather than fewer
QUICK = 0.5  # seconds: of a lottery that takes less, what changes the odds is tried too
POINTS = 80  # of a curve
ROOM = 46  # letters of a line
FEWEST = 10


def options_of(setup: Setup, kind: str) -> dict[str, Any]:
    """How it is trained, as keywords of `train`; what the target is was found before and is not said again."""
    choices = setup.choices
    return {
        **setup.source.columns,
        "kind": kind,
        "optimizer": choices.rule(),
        "epochs": choices.epochs,
        "batch_size": choices.batch_size,
    }


def lottery(course: Course, asked: int) -> Reply:
    """From how many seeds the network learns, with the curve of each; what changes the odds, if there is time."""
    setup, kind = course.setup, kind_of(course)
    found, each = a_few(setup, kind)
    seeds = asked if each * asked < PATIENCE else max(FEWEST, min(asked, int(LOTTERY / each)))
    if seeds > FEWEST:
        found = played(setup, kind, seeds, vary="usual" if each * seeds < QUICK else None)
    header = {
        "answer": {
            "title": headline(found),
            "learnt": found.count,
            "seeds": seeds,
            "share": found.share,
            "counts_as_learnt": found.counts_as_learnt,
            "note": "" if seeds == asked else why_fewer(seeds, asked),
            "ends": end_lines(found, ROOM),
            "odds": [] if found.odds is None else odds_lines(found, ROOM),
            "remedy": wider(setup, kind, found, quick=each * seeds < PATIENCE),
            "mine": setup.choices.seed if setup.choices.seed < seeds else -1,
        }
    }
    return Reply(header, curves_of(found))


def wider(setup: Setup, kind: str, found: Lottery, *, quick: bool) -> dict[str, Any] | None:
    """Twice the hidden units, as choices of the page, where that lets more seeds learn by more than chance."""
    layers = [{**asdict(hidden), "units": min(2 * hidden.units, MOST_UNITS)} for hidden in setup.choices.layers]
    if found.count == len(found) or not quick or setup.given is not None or not layers:
        return None
    other = played(setup.changed(layers=layers), kind, len(found))
    if other.interval[0] <= found.interval[1]:
        return None
    units = ", ".join(str(layer["units"]) for layer in layers)
    return {"text": f"With {units} units {other.count} of {len(other)} learn.", "changes": {"layers": layers}}


def played(setup: Setup, kind: str, seeds: int, **more: Any) -> Lottery:
    """The lottery from the first seeds."""
    drawn = [setup.rng(seed) if setup.rng else seed for seed in range(seeds)]
    options = {**options_of(setup, kind), **more}
    with fixed_plans():
        return lottery_of(setup.network(), setup.source.X, setup.source.y, seeds=drawn, **options)


def kind_of(course: Course) -> str:
    """What the target is."""
    return "number" if course.state.classes is None else "classes"


def a_few(setup: Setup, kind: str) -> tuple[Lottery, float]:
    """The lottery from a few seeds, and what one takes in seconds, about.

    Where code may have been compiled for it, which took long, it is played once more.
    """
    for _ in range(2 if find_spec("numba") else 1):
        begun = time.perf_counter()
        found = played(setup, kind, FEWEST)
        each = (time.perf_counter() - begun) / FEWEST
        if each * FEWEST < LOTTERY / 10:
            break
    return found, each


def why_fewer(seeds: int, asked: int) -> str:
    """Why not as many seeds as were asked for."""
    hint = "" if find_spec("numba") else f"; with compiled code there is time for more: {install('fast')}"
    return f"{seeds} seeds rather than {asked}, so that it takes seconds{hint}"


def curves_of(found: Lottery) -> dict[str, np.ndarray]:
    """The losses of all runs at some epochs; NaN where a run had ended."""
    longest = max(map(len, found.losses))
    epochs = np.unique(np.rint(np.geomspace(1, max(longest, 2), POINTS)).astype(int)) - 1
    epochs = epochs[epochs < longest]
    losses = np.full((len(found), len(epochs)), np.nan, np.float32)
    for k, run in enumerate(found.losses):
        inside = epochs < len(run)
        losses[k, inside] = run[epochs[inside]]
    return {
        "lot_x": (epochs + 1).astype(np.float32),
        "lot_loss": losses,
        "lot_learnt": found.learnt.astype(np.uint8),
    }


# ------------------------------------------------------------------------------------------------- the doctor


def diagnosis(course: Course) -> Reply:
    """What the doctor says of the network as it is trained here."""
    setup = course.setup
    options = {**options_of(setup, kind_of(course)), "validation": setup.choices.validation}
    source = setup.source
    case = case_of_network(setup.network(), source.X, source.y, options)
    found = diagnosed(case, SECONDS)
    head, *more = telling.head(found.verdict, found.said)
    header = {
        "answer": {
            "title": head[:1].upper() + head[1:],
            "verdict": found.verdict,
            "said": more,
            "standing": telling.standing(found.bar, found.share),
            "causes": [
                {
                    "name": f"{cause.name}{telling.standing_of(cause)}",
                    "evidence": list(cause.evidence),
                    "why": cause.why,
                    "change": cause.change,
                }
                for cause in found.causes
            ],
            "proof": telling.of_proof(found.proof, found.alternatives) if found.proof else [],
            "ends": list(found.ends),
            "notes": list(found.notes),
            "code": found.code,
            "remedy": remedy(setup, case, found),
        }
    }
    return Reply(header, before_and_after(found))


def remedy(setup: Setup, case: Case, found: Diagnosis) -> dict[str, Any] | None:
    """The change that heals, as choices of the page; None where there is none, or it cannot be made there."""
    if found.proof is None or not found.proof.heals or setup.given is not None:
        return None
    healed = found.proof.case
    if healed.given.changed != case.given.changed:
        return None
    changes = choices_of(healed, case)
    text = "; ".join(cause.change for cause in found.causes if cause.change and cause.proven)
    return {"text": text, "changes": changes} if changes else None


def choices_of(healed: Case, before: Case) -> dict[str, Any] | None:
    """What is otherwise about a case, as the page's choices have it; None for what these do not have."""
    changes: dict[str, Any] = {}
    new, old = healed.network, before.network
    if new.layers != old.layers:
        layers = hidden_of(new)
        if layers is None:
            return None
        changes["layers"] = layers
    if new.loss != old.loss and new.loss is not None:
        changes["loss"] = new.loss.name
    for penalty in ("l1", "l2"):
        if getattr(new, penalty) != getattr(old, penalty):
            changes[penalty] = getattr(new, penalty)
    how, was = healed.how, before.how
    if how.optimizer != was.optimizer and how.optimizer is not None:
        rule: Any = how.optimizer
        changes |= {"optimizer": rule.name} if isinstance(rule.learning_rate, (int, float)) else {}
        changes |= {"learning_rate": rule.learning_rate} if isinstance(rule.learning_rate, (int, float)) else {}
    for name in ("epochs", "batch_size"):
        if getattr(how, name) != getattr(was, name):
            changes[name] = getattr(how, name)
    return changes or None


def hidden_of(network: Network) -> list[dict[str, Any]] | None:
    """The hidden layers of a network of `Dense`, `BatchNorm` and `Dropout`; None for another."""
    found: list[dict[str, Any]] = []
    for layer in network.layers[:-1]:
        if isinstance(layer, Dense) and layer.units is not None:
            found.append({"units": layer.units, "activation": layer.activation.name})
        elif isinstance(layer, BatchNorm) and found:
            found[-1]["batch_norm"] = True
        elif isinstance(layer, Dropout) and found and isinstance(layer.rate, float):
            found[-1]["dropout"] = layer.rate
        else:
            return None
    return found


def before_and_after(found: Diagnosis) -> dict[str, np.ndarray]:
    """The losses of the proof's seeds, as it was and changed: pairs of epoch and loss, NaN between two runs."""
    if found.proof is None:
        return {}
    return {f"cure_{name}": joined(found.proof.curves.get(name, ())) for name in ("before", "after")}


def joined(curves: Any) -> np.ndarray:
    """Some points of each curve, (points, 2)."""
    parts = []
    for losses in curves:
        at = np.unique(np.linspace(0, len(losses) - 1, POINTS).astype(int)) if len(losses) else np.zeros(0, int)
        parts += [np.column_stack([at + 1, np.asarray(losses)[at]]), np.full((1, 2), math.nan)]
    return np.concatenate([*parts, np.zeros((0, 2))]).astype(np.float32)
