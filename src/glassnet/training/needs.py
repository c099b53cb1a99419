"""What memory a training takes: the copies of a network's learnt numbers, and what a batch needs in its layers.

Measured with tracemalloc, NumPy's engine takes what is said here, and compiled code no less. What else there is (rows,
code, Python) is not counted: a training that is refused could not have been.
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.data.tables.wording import counted
from glassnet.derivation.derive import derive
from glassnet.derivation.steps import Derivation
from glassnet.engines.program import VIEWS, Operation, training_program
from glassnet.engines.room import MODEL, SMALL, check_room, has_room
from glassnet.expressions.expression import ROWS
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.optimizers import optimizer as make_optimizer
from glassnet.parts.parameters import Layout
from glassnet.training.settings import Settings

if TYPE_CHECKING:
    from glassnet.training.state import State

MOST_A_UNIT = 8  # numbers that a layer has at one time for each unit and row, at most


def check_training(
    network: Network,
    n_inputs: int,
    dtype: Any,
    settings: Settings,
    *,
    rows: int,
    is_made: bool = False,
    others: int = 0,
) -> None:
    """Refuse a training that there is no memory for, before any is taken.

    Parameters
    ----------
    network, n_inputs, dtype
        What is to be trained.
    settings, rows
        How, and on how many rows.
    is_made
        Whether the network's own memory is there already.
    others
        How many more networks are trained after it and kept with it, the members of an ensemble.

    Raises
    ------
    TooLarge
        With the arithmetic.
    """
    chosen = make_optimizer(settings.optimizer or "adam").over(settings.epochs)
    layout = network.layout(n_inputs)
    batch = min(settings.batch_size or rows, rows)
    steps = settings.epochs * -(-rows // max(1, batch))
    takes = partial(copies_in, chosen, bool(settings.early_stopping), is_made=is_made, steps=steps)
    copies, remedy = takes(others=others), ""
    if others and has_room(layout, dtype, takes(others=0)):
        remedy = "fewer members"
    check_room(layout, dtype, copies, remedy=remedy)
    if are_many(layout, n_inputs, batch, dtype):
        step = derive(network.over(settings.epochs), n_inputs, chosen, dtype=dtype)
        check_room(layout, dtype, copies, rows=batch, width=width_of(step), remedy=remedy)


def check_fit(model: State, chosen: Optimizer, *, rows: int, is_watched: bool) -> None:
    """The same for an estimator's fit by this optimizer, in batches of so many rows, whose network is made."""
    layout, slots, dtype = model.memory.layout, len(chosen.slots), model.dtype
    copies = {names_in(chosen): slots} if slots else {}
    copies |= {f"2 moments to go back to{' with these' if slots else ''}": 2 * (1 + slots)}
    copies |= {"the best epoch and the next": 2} if is_watched else {"1 in between": 1}
    check_room(layout, dtype, copies)
    if are_many(layout, model.n_inputs, rows, dtype):
        step = derive(model.network, model.n_inputs, chosen, dtype=dtype)
        check_room(layout, dtype, copies, rows=rows, width=width_of(step))


def check_lbfgs(layout: Layout, *, is_made: bool) -> None:
    """The same for a fit by L-BFGS, which computes in float64, before the network's memory is taken, or after it."""
    copies = {} if is_made else {**MODEL, "the sum of gradients": 1}
    check_room(layout, np.float64, {**copies, "what lbfgs knows of its last 10 steps": OF_LBFGS})


OF_LBFGS = 40  # vectors of SciPy's, with its 10 corrections and what it gives back of them


def are_many(layout: Layout, n_inputs: int, rows: int, dtype: Any) -> bool:
    """Whether the layers' numbers for so many rows may take memory worth asking for."""
    units = n_inputs + sum(prod(shape[-1:]) for shape in layout.shapes.values())
    return bool(MOST_A_UNIT * units * rows * np.dtype(dtype).itemsize >= SMALL)


def copies_in(chosen: Optimizer, is_watched: bool, *, is_made: bool, others: int, steps: int) -> dict[str, int]:
    """What is as long as the learnt numbers, and how often there is one at a time."""
    slots, remembered = len(chosen.slots), names_in(chosen)
    kept = 1 + slots  # in a moment that can be returned to
    each = f" with {remembered}" if slots else ""
    found = {} if is_made else dict(MODEL)
    found |= {remembered: slots} if slots else {}
    moments = min(2, steps)
    found |= {"the start": 1, f"{counted(moments, 'moment')} to go back to{each}": moments * kept}
    found |= {f"the best epoch and the next{each}": 2 * kept} if is_watched else {"1 in between": 1}
    if others:
        found[f"{others:,} other members{each}"] = others * (sum(MODEL.values()) + slots + 1)
    return found


def names_in(chosen: Optimizer) -> str:
    """What an optimizer remembers: `adam's m and v`."""
    return f"{chosen.name}'s {' and '.join(chosen.slots)}"


def check_runs(layout: Layout, dtype: Any, chosen: Optimizer, *, seeds: int, runs: int) -> None:
    """Refuse runs from so many seeds that there is no memory for: for their starting numbers, and those they train."""
    remembered = f" with {names_in(chosen)}" if chosen.slots else ""
    copies = {f"{seeds:,} starts": seeds, f"{runs:,} runs{remembered}": runs * (1 + len(chosen.slots))}
    check_room(layout, dtype, copies, remedy="fewer seeds or fewer units")


def width_of(step: Derivation) -> int:
    """How many numbers of a training step's results there are at one time for each row of a batch."""
    program = training_program(step)
    program.schedule()
    ends: dict[int, int] = {}
    there = most = 0
    for position, operation in enumerate(program.operations):
        size = numbers_a_row(operation)
        is_in_place = operation.op != "matmul" and any(
            arg.last_use == position and numbers_a_row(arg) == size for arg in operation.args
        )
        most = max(most, there + (0 if is_in_place else size))
        there += size
        ends[operation.last_use] = ends.get(operation.last_use, 0) + size
        there -= ends.pop(position, 0)
    return most


def numbers_a_row(operation: Operation) -> int:
    """How many numbers a result has for each row, that are in memory of its own."""
    if operation.op in VIEWS or operation.target or ROWS not in operation.shape:
        return 0
    return prod(int(dim) for dim in operation.shape if dim != ROWS)
