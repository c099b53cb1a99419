"""A loss that ran away: why it stopped being finite, or that it grew beyond all bounds and still is.

For the first the steps are taken again, slowly, and the first number that broke is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.derivation.steps import Derivation, Step
from glassnet.derivation.walk import drawing, start, walk, way_to_loss
from glassnet.engines.memory import Memory
from glassnet.expressions.expression import evaluate
from glassnet.parts.optimizers import default_rate
from glassnet.training.engine import NotFinite
from glassnet.training.history import History
from glassnet.training.steps import Moment, Stepper


def go_back(stepper: Stepper, moment: Moment, updates: int) -> str:
    """Return to where all was finite for the last time; what went wrong, in one sentence.

    Parameters
    ----------
    stepper
        Where training is now.
    moment
        Where it was when all was well. The steps since then are taken again, the same ones because the random
        numbers are.
    updates
        How many steps after `moment` they broke, at most; 0: they were broken already.
    """
    stepper.return_to(moment)
    updates -= skip(stepper, moment, updates)
    good = stepper.memory.saved()
    batches = stepper.one_by_one()
    with np.errstate(all="ignore"):
        batch = next(batches)
        for _ in range(updates):
            good = stepper.memory.saved()
            batch = next(batches)
            if not stepper.memory.is_finite():
                break
        epoch = stepper.epochs + stepper.place.batch / stepper.batches
        broken = first_broken(stepper.derivation, {**stepper.memory.arrays(), "epoch": epoch}, batch, stepper.rng)
    when = f"at step {stepper.memory.t + 1} (epoch {stepper.epochs + 1})"
    if broken is None and stepper.memory.is_finite():
        return f"the loss stopped being finite {when}, and does not when the same steps are taken again; {CHANGED}"
    cause = likely_cause(stepper, updates, good.theta, stepper.memory.theta)
    weights = np.isfinite(stepper.memory.theta).all()
    stepper.memory.restore(good)
    if broken is not None:
        loss = loss_on(stepper.derivation, stepper.memory, batch, epoch, stepper.rng)
        if loss < -GROWTH:
            cause = "it fell without end; choose a loss that has a lower bound"
        return f"the loss stopped being finite {when}, first in {place(broken)}; {cause}"
    what = f"what {stepper.optimizer.name} remembers from step to step" if weights else "a weight"
    return f"{what} stopped being finite {when}; {cause}"


CHANGED = "look for what else changes the model's numbers, such as a callback"
ENOUGH = 3600.0  # seconds; it was quick the first time


def skip(stepper: Stepper, moment: Moment, updates: int) -> int:
    """Take most of the steps with the engine, which is quick, if they turn out well; how many were taken."""
    steps = (updates // stepper.batches - 1) * stepper.batches
    if steps <= 0:
        return 0
    try:
        stepper.take(steps, ENOUGH, lambda: False)
    except NotFinite:
        stepper.return_to(moment)
        return 0
    return steps


def place(step: Step) -> str:
    """Where a step stands: its layer or phase, and its formula."""
    return f"layer {step.layer}, {step.formula}" if step.layer else f"the {step.phase}, {step.formula}"


def first_broken(
    derivation: Derivation, arrays: Mapping[str, Any], batch: tuple[np.ndarray, ...], rng: np.random.Generator
) -> Step | None:
    """The first step of the derivation whose value on the batch is not finite."""
    values, draw = start(derivation, arrays, *batch), drawing(rng, len(batch[0]))
    taken = walk(derivation, values, lambda expression: evaluate(expression, values, draw), way_to_loss(derivation))
    return next((step for step, value in taken if not np.isfinite(value).all()), None)


def loss_on(
    derivation: Derivation, memory: Memory, batch: tuple[np.ndarray, ...], epoch: float, rng: np.random.Generator
) -> float:
    """The loss on a batch."""
    values = start(derivation, {**memory.arrays(), "epoch": epoch}, *batch)
    draw = drawing(rng, len(batch[0]))
    *_, (_, loss) = walk(derivation, values, lambda one: evaluate(one, values, draw), way_to_loss(derivation))
    return float(np.asarray(loss))


GROWTH = 1e6  # times the loss of the first epoch; for squares, a thousand times the distance


def grown(history: History, before: int = 0) -> str:
    """That a training after so many epochs has left the model far worse than it was, in words; empty where not."""
    losses = history.columns.get("loss", [])
    kept = (history.best_epoch or len(losses)) - 1
    if not before <= kept < len(losses):
        return ""
    first, last = losses[before], losses[kept]
    # What goes on from a loss of almost nothing may well come to a million times that, and still to almost nothing.
    if not has_grown(max(first, losses[0]), last) or not min(first, losses[0]) > 0.0:
        return ""
    return f"training diverged: the loss grew from {first:.3g} in epoch {before + 1} to {last:.3g} in epoch {kept + 1}"


def has_grown(first: float, last: float) -> bool:
    """Whether a loss has grown beyond all bounds; not where it was nothing at first, or is no number."""
    return last > GROWTH * first > 0.0


LARGE, LEAP = 1e3, 2.0  # a weight, and how many times as large one step makes it, where steps are too long
TINY = 1e-12  # a learning rate that nobody trains with


def likely_cause(stepper: Stepper, updates: int, good: np.ndarray, bad: np.ndarray) -> str:
    """What to look at first, and what to do about it."""
    rows = stepper.rows.looked_at
    columns = rows.largest()
    widest = int(columns.argmax())
    if columns[widest] > 1e3:
        return (
            f"likely cause: column {widest + 1} of the inputs reaches {columns[widest]:.3g}; "
            "scale each column to mean 0 and standard deviation 1"
        )
    targets = float(np.abs(rows.y).max())
    if targets > 1e6:
        return f"likely cause: the targets reach {targets:.3g}; scale them"
    before, after = float(np.abs(good).max(initial=0.0)), float(np.abs(bad).max(initial=0.0))
    if not np.isfinite(before):
        return "a weight is not finite that no step made so: it was given, or set meanwhile; set it anew"
    rate = stepper.learning_rate()
    clip = "" if stepper.optimizer.clip_norm else ", or clip_norm=1"
    lower = f"{min(rate / 10, default_rate(stepper.optimizer.name)):g}{clip}"
    if updates == 0:
        came = "went on from" if stepper.memory.t else "began with"
        what = f"it is so with the weights that training {came}, whose largest is {before:.3g}"
        if not stepper.memory.t or before < LARGE:
            return f"{what}; choose smaller ones, or a formula that takes what it gets here"
        steps = f"where the {stepper.memory.t} steps before made it so large"
        return f"{what}; {steps}, the learning rate {rate:g} is too high: begin anew with {lower}"
    went = f"the largest weight went from {before:.3g} to {after:.3g} in one step"
    if before < LARGE and not after > LEAP * before:
        return (
            f"{went}, which is no leap, so the steps are not known to be too long; "
            "look at the loss, its gradient, and what changes the model meanwhile"
        )
    if before < LARGE and rate * LEAP * before < TINY * after:
        return f"{went}, which no learning rate is small enough for; look at the loss and its gradient"
    return f"likely cause: the learning rate {rate:g} is too high ({went}); try {lower}"
