"""Why a loss stopped being finite: the step is done again, slowly, and the first number that broke is named."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.derivation.steps import Derivation, Step
from glassnet.expressions.expression import ROWS, evaluate
from glassnet.expressions.notation import plain
from glassnet.memory import Memory
from glassnet.training.steps import Moment, NotFinite, Stepper


def go_back(stepper: Stepper, moment: Moment, failure: NotFinite) -> str:
    """Return to the last weights whose loss was finite; what went wrong, in one sentence.

    The steps since `moment` are taken again, the same ones because the random numbers are, up to the one before the
    update that did the damage.
    """
    stepper.return_to(moment)
    per_epoch = len(stepper.batches)
    failed = len(failure.losses) * per_epoch + failure.batch  # steps after `moment`
    good: Memory = moment.memory
    with np.errstate(all="ignore"):
        batch: tuple[np.ndarray, ...] = ()
        for step in range(failed + 1):
            k = step % per_epoch
            if k == 0:
                batches = list(stepper.batches.epoch(stepper.rng))
            batch = batches[k]
            if step == failed - 1:
                good = stepper.memory.copy()
            if step < failed:
                stepper.memory.t += 1
                stepper.functions[k](*batch, *stepper.changing(k))
                stepper.epochs += k == per_epoch - 1
        broken = first_broken(stepper.derivation, stepper.memory, batch, stepper.rng)
    number = stepper.memory.t + 1
    largest = float(np.abs(stepper.memory.theta).max())
    before = float(np.abs(good.theta).max())
    stepper.memory.restore(good)
    where = f"layer {broken.layer}, {broken.assigns or broken.name} = {plain(broken.expression)}" if broken else "L"
    if broken and not broken.layer:
        where = f"the {broken.phase}, {broken.name} = {plain(broken.expression)}"
    return f"the loss stopped being finite at step {number} (epoch {stepper.epochs + 1}), first in {where}; " + likely_cause(
        stepper, batch, failed, before, largest
    )


def first_broken(
    derivation: Derivation, memory: Memory, batch: tuple[np.ndarray, ...], rng: np.random.Generator
) -> Step | None:
    """The first step of the derivation whose value on the batch is not finite."""
    values: dict[str, Any] = {**derivation.constants, **memory.arrays(), ROWS: float(len(batch[0]))}
    values.update(zip(("x", "y", "w"), batch, strict=False))
    values["x"] = batch[0][:, : derivation.inputs["x"].shape[1]]  # without a column of ones behind it

    def draw(shape: Any, dtype: Any) -> np.ndarray:
        return rng.random([len(batch[0]) if dim == ROWS else dim for dim in shape], dtype=dtype)

    for step in derivation.steps:
        if step.phase in ("forward", "loss"):
            values[step.name] = evaluate(step.expression, values, draw)
            if not np.isfinite(values[step.name]).all():
                return step
    return None


def likely_cause(stepper: Stepper, batch: tuple[np.ndarray, ...], steps: int, before: float, largest: float) -> str:
    """What to look at first."""
    columns = np.abs(stepper.batches.rows.x).max(axis=0)
    widest = int(columns.argmax())
    if columns[widest] > 1e3:
        return (
            f"likely cause: column {widest + 1} of the inputs reaches {columns[widest]:.3g}; "
            "scale each column to mean 0 and standard deviation 1"
        )
    targets = float(np.abs(stepper.batches.rows.y).max())
    if targets > 1e6:
        return f"likely cause: the targets reach {targets:.3g}; scale them"
    if steps == 0:
        return f"likely cause: the starting weights, whose largest is {before:.3g}"
    rate = stepper.learning_rate()
    return (
        f"likely cause: the learning rate {rate:g} is too high (the largest weight went from {before:.3g} to "
        f"{largest:.3g} in one step); try {rate / 10:g}, or clip_norm=1"
    )
