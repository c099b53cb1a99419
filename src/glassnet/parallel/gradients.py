"""The task of exact mode: the loss and the gradient of a block, as sums over its rows."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from glassnet.parallel.work import Bench, Unreadable, Work, at_work
from glassnet.training.engine import NotFinite
from glassnet.training.rows import Rows, Walk
from glassnet.training.steps import Stepper

FOREVER = 1e9  # seconds


@dataclass(frozen=True, eq=False, kw_only=True)
class Sums:
    """What a block gives.

    Attributes
    ----------
    rows, weight
        How many rows, and what they weigh together; None: they have no weights.
    loss, gradient
        The sums over its rows, without penalties; NaN where a number was not finite.
    seconds
        What they took.
    """

    rows: int
    weight: float | None
    loss: float
    gradient: np.ndarray
    seconds: float


def gradient_of_block(work: Work, theta: np.ndarray, step: int, epoch: float, block: int) -> Sums | Unreadable:
    """The sums over a block's rows at theta, with the random numbers of this step and block."""
    with at_work(work) as (bench, started):
        try:
            rows = bench.rows(block)
        except (OSError, ValueError) as error:
            return Unreadable(str(error))
        stepper, memory = stepper_for(bench, rows), bench.memory
        memory.theta[:] = theta
        memory.slots["gathered"][:] = 0.0
        memory.t = 0
        bench.draw_from(step, block)
        stepper.place.epochs = epoch  # type: ignore[assignment]  # where schedules of layers are, within an epoch
        try:
            (loss,) = stepper.run(1, FOREVER, lambda: False)
        except NotFinite:
            loss = np.nan
        return Sums(
            rows=len(rows),
            weight=None if rows.w is None else float(rows.w.sum(dtype=np.float64)),
            loss=loss,
            gradient=memory.slots["gathered"].astype(np.float64),
            seconds=time.perf_counter() - started,
        )


def stepper_for(bench: Bench, rows: Rows) -> Stepper:
    """What goes through the rows of a block, piece after piece, in their order."""
    work = bench.work
    walk = Walk.over(len(rows), work.batch, shuffle=False)
    stepper = bench.steppers.get(len(rows))
    if stepper is not None and stepper.turn_to(rows, walk, stepper.shuffler):
        return stepper
    bench.steppers[len(rows)] = Stepper(
        work.network,
        work.n_inputs,
        bench.memory,
        bench.rng,
        optimizer=work.optimizer,
        rows=rows,
        walk=walk,
        engine=work.engine,
        deterministic=True,
    )
    return bench.steppers[len(rows)]
