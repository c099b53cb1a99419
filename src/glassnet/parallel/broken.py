"""A block whose numbers were no longer finite: where that began, and what to look at first."""

from __future__ import annotations

import numpy as np

from glassnet.engines.memory import Saved
from glassnet.parallel.blocks import Cut
from glassnet.training.divergence import first_broken, likely_cause, place
from glassnet.training.rows import Walk
from glassnet.training.state import State
from glassnet.training.steps import Stepper


class Broken(Exception):
    """The numbers of a block were not finite; None: those of all blocks were, and the step made others of them.

    `at_start` says whether they were so at the weights that the step began with, rather than at those of steps within
    the block.
    """

    def __init__(self, block: int | None, at_start: bool = True) -> None:
        super().__init__(f"block {block}")
        self.block, self.at_start = block, at_start


def why_broken(state: State, cut: Cut, broken: Broken, before: Saved | None) -> str:
    """What went wrong, in one sentence."""
    assert state.optimizer is not None
    memory = state.memory
    when = f"at step {memory.t + 1} (epoch {state.epochs + 1})"
    if broken.block is None:
        return f"a weight, or what {state.optimizer.name} remembers, stopped being finite {when}; the step was too long"
    when = f"{when}, in {cut.name(broken.block)}"
    rows = cut.read(broken.block)
    rng = np.random.default_rng(0)
    stepper = Stepper(
        state.network,
        state.n_inputs,
        memory,
        rng,
        optimizer=state.optimizer,
        rows=rows,
        walk=Walk.over(len(rows), None, shuffle=False),
    )
    words = ""
    if broken.at_start:
        with np.errstate(all="ignore"):
            arrays = {**memory.arrays(), "epoch": float(state.epochs)}
            found = first_broken(stepper.derivation, arrays, tuple(rows.arrays), rng)
        words = f", first in {place(found)}" if found else ""
    good = memory.theta if before is None else before.theta
    cause = likely_cause(stepper, 0 if before is None else 1, good, memory.theta)
    return f"the loss stopped being finite {when}{words}; {cause}"
