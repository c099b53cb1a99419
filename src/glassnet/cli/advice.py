"""What to change next, as far as the curves of the loss support it; nothing where they say nothing.

`seen` reads the curves, `change` makes an option of what is seen. Each change goes one way, so that no command ever
leads back to itself: more epochs, smaller steps, regularised before smaller, wider only where nothing is regularised.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.cli.parts import part
from glassnet.cli.session import Done, Parts, Plan
from glassnet.data.tables import Table
from glassnet.model.model import Model
from glassnet.parts.schedules import Schedule

FEWEST = 4  # epochs in which something can be seen
WINDOW = 0.1  # the part of the epochs that is looked at at either end
STILL = 0.002  # a fall by less than this part of the trivial loss, from one window to the next, is over
LITTLE = 0.05  # below this part of the trivial loss there is little left to fall to
FLAT = 0.01  # by less than this part a curve does not move
HIGH = 0.8  # losses above this part of the trivial one: next to nothing is learnt
APART = 0.1  # by this part of the trivial loss validation and training move apart after the best epoch

FALLING, LOST, UNLEARNT, PARTING = "falling", "lost", "unlearnt", "parting"


@dataclass(frozen=True, kw_only=True)
class Curves:
    """The losses of a training, epoch by epoch.

    Attributes
    ----------
    train, validation
        On the rows learnt from; on others, None where there are none.
    stopped
        Why it ended, as a history says it.
    trivial
        The loss of always saying the same; None where losses cannot be compared with it.
    """

    train: Sequence[float]
    validation: Sequence[float] | None
    stopped: str
    trivial: float | None


@dataclass(frozen=True)
class Advice:
    """What was seen in the curves, and the options that answer it."""

    reason: str
    options: dict[str, str]


def advice(done: Done, plan: Plan, parts: Parts) -> Advice | None:
    """What to change in a plan after its training; None where nothing is known."""
    history = done.model.history
    curves = Curves(
        train=history["loss"],
        validation=history.columns.get("val_loss"),
        stopped=history.stopped,
        trivial=None if plan.class_weight else trivial_loss(done.model, parts.train),
    )
    found = seen(curves)
    options = change(found, plan, parts.kind)
    return Advice(said(found, curves), options) if options else None


def seen(curves: Curves) -> str:
    """FALLING, LOST, UNLEARNT, PARTING, or nothing."""
    train, validation, trivial = curves.train, curves.validation, curves.trivial
    watched = train if validation is None else validation
    if curves.stopped not in ("epochs", "early") or len(train) < FEWEST or not np.isfinite([*train, *watched]).all():
        return ""
    last = at_end(train)
    if curves.stopped == "epochs" and falls(watched, trivial):
        return FALLING if at_end(watched) > LITTLE * (trivial or max(watched)) else ""
    if trivial is None:
        return LOST if last > train[0] and not falls(train, trivial) else ""
    if last > 1.1 * trivial and not falls(train, trivial):
        return LOST
    if validation is None:
        return ""
    if min(last, at_end(validation)) > HIGH * trivial and abs(step(train)) < FLAT * trivial:
        return UNLEARNT if len(train) >= 1 / WINDOW else ""
    best = int(np.argmin(validation))
    apart = (at_end(validation) - validation[best]) + (train[best] - last)
    return PARTING if apart > APART * trivial and at_end(validation) > validation[best] else ""


def window(values: Sequence[float]) -> int:
    """How many epochs are looked at at the end, and before that."""
    return max(2, round(WINDOW * len(values)))


def at_end(values: Sequence[float]) -> float:
    """The mean of the last epochs."""
    return float(np.mean(values[-window(values) :]))


def step(values: Sequence[float]) -> float:
    """How much less the last epochs are than those before them."""
    w = window(values)
    return float(np.mean(values[-2 * w : -w])) - at_end(values)


def falls(values: Sequence[float], trivial: float | None) -> bool:
    """Whether a curve falls at its end: by what counts, clearly more than it wavers, to where it never was."""
    w, whole = window(values), min(max(values) - min(values), trivial or math.inf)
    wavering = float(np.std(np.diff(values[-2 * w :], 2))) / math.sqrt(6.0)  # of one value, whatever the slope
    return step(values) > max(STILL * whole, 3.0 * wavering * math.sqrt(2.0 / w)) and min(values[-w:]) == min(values)


def trivial_loss(model: Model, rows: Table) -> float | None:
    """The loss of always saying the mean, or each class as often as it is; None where it tells nothing.

    A loss that is a sum depends on how many rows there are, so that those of two sets of rows cannot be compared.
    """
    loss = model.network.loss
    if loss is None or loss.reduction == "sum":
        return None
    y = model.state.targets(rows, None)[0]  # (n, K)
    mean = y.mean(axis=0)
    with np.errstate(all="ignore"):
        scores = {"sigmoid": np.log(mean / (1.0 - mean)), "softmax": np.log(mean), "exponential": np.log(mean)}
        terms = loss(y, np.broadcast_to(scores.get(loss.output, mean), y.shape))
    found = float(np.mean(terms) if loss.reduction == "mean" else np.mean(np.sum(terms, axis=1)))
    return found if math.isfinite(found) and found > 0 else None


def change(found: str, plan: Plan, kind: str) -> dict[str, str]:
    """The options that answer what is seen; none where the plan has them already."""
    recipe = plan.recipe.of(kind)
    units, rate = list(recipe.hidden), recipe.rule(kind).learning_rate
    rule, numbers = part(plan.optimizer or recipe.optimizer.name)
    if found == FALLING and isinstance(rate, Schedule):
        return {}  # more epochs would stretch it
    if found == FALLING:
        return {"--epochs": str(4 * recipe.epochs)}
    if found == LOST and isinstance(rate, float):
        less = f"{rate / 10:.3g}"
        if "learning_rate" not in numbers:
            return {"--learning-rate": less}
        same = (f"{name}={less if name == 'learning_rate' else repr(value)}" for name, value in numbers.items())
        return {"--optimizer": f"{rule}({', '.join(same)})"}
    if found == UNLEARNT and not recipe.dropout and not recipe.l2 and sum(units) <= MOST_UNITS:
        return {"--hidden": wider(units)}
    if found == PARTING and not recipe.l2:
        return {"--l2": "0.001"}
    if found == PARTING and units and not recipe.dropout:
        return {"--dropout": "0.2"}
    if found == PARTING and units and min(units) >= 4:
        return {"--hidden": ",".join(str(count // 2) for count in units)}
    return {}


MOST_UNITS = 256  # what is not learnt with more is not for want of units


def wider(units: list[int]) -> str:
    """More units: two layers of 64, or twice what there is."""
    return "64,64" if max(units, default=0) < 64 else ",".join(str(2 * count) for count in units)


def said(found: str, curves: Curves) -> str:
    """What is seen, in words."""
    watched = "training" if curves.validation is None else "validation"
    return {
        FALLING: f"the {watched} loss was still falling when the epochs were over",
        LOST: "the training loss does not come below that of always saying the same: the steps may be too long",
        UNLEARNT: "both losses stay near that of always saying the same",
        PARTING: "the training loss fell on while the validation loss rose",
    }.get(found, "")
