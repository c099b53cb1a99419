"""Training cut down to its first step, for a program that shows one step and no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glassnet.engines.memory import Memory
from glassnet.engines.numpy import training_source
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.training_plan import Training


def first_step(plan: Plan) -> Plan:
    """The plan whose training is the first step alone: the first batch, in the order drawn, and what glassnet finds.

    Parameters
    ----------
    plan
        One with training.
    """
    training = plan.training
    assert training is not None
    rng = training.rng()
    n = len(training.x)
    order = rng.permutation(n) if training.shuffle else np.arange(n)
    batch = order[: training.batch_size]
    weights = None if training.w is None else training.w[batch]
    step = replace(
        training,
        x=training.x[batch],
        y=training.y[batch],
        w=weights,
        epochs=1,
        batch_size=len(batch),
        shuffle=False,
        random_state=None if training.random_state is None else dict(rng.bit_generator.state),
    )
    return replace(plan, training=taken(step, rng))


def taken(step: Training, rng: np.random.Generator) -> Training:
    """The step with its end: one call of the NumPy engine."""
    derivation = step.derivation
    memory = Memory.of(derivation.network, step.x.shape[1], derivation.dtype)
    memory.theta[:], memory.state[:] = step.theta, step.state
    memory.slots = {name: slot.copy() for name, slot in step.slots.items()}
    source = training_source(derivation)
    function = source.bind({**memory.arrays(), **step.marks}, len(step.x), rng)
    changing = {"epoch": float(step.epochs_done), "t": step.t + 1.0}
    rows = [np.ascontiguousarray(rows) for rows in (step.x, step.y, step.w) if rows is not None]
    with np.errstate(all="ignore"):
        loss, _ = function(*rows, *(changing[name] for name in source.arguments if name in changing))
    return replace(step, losses=(float(loss),), theta_after=memory.theta, state_after=memory.state)
