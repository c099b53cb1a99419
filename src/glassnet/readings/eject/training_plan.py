"""What a program that trains must contain: where training begins, what it does, where it must end."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from glassnet.data.tables.wording import counted
from glassnet.derivation.contents import heading
from glassnet.derivation.derive import derive
from glassnet.derivation.report import Report, shared
from glassnet.derivation.steps import Derivation, Step
from glassnet.expressions.expression import Expression
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.parameters import MARKS
from glassnet.readings.eject.steps import draws, needed, readable, symbols_of
from glassnet.training.begin import begin, finish
from glassnet.training.preparing import prepare
from glassnet.training.settings import Settings
from glassnet.training.state import State

if TYPE_CHECKING:
    from glassnet.parts.literals import OptimizerName

CHECKED = 10  # losses that a program which trains compares with glassnet's, beside the last


@dataclass(frozen=True, eq=False, kw_only=True)
class Course:
    """How a program is to train: what `eject` is given.

    Attributes
    ----------
    X, y, sample_weight
        The rows, as for `train`; a table has its targets itself. They become arrays of the model's dtype.
    optimizer
        The update rule; None: the one the model was trained with last, going on from what that remembers.
    epochs, batch_size, shuffle
        As for `train`; batch_size None: all rows in each step.
    reported
        How many times the loss the program tells of an epoch; None: once.
    """

    X: Any = None
    y: Any = None
    sample_weight: Any = None
    optimizer: OptimizerName | Optimizer | None = None
    epochs: int = Settings.epochs
    batch_size: int | None = Settings.batch_size
    shuffle: bool = Settings.shuffle
    reported: float | None = None


class CourseOptions(TypedDict, total=False):
    """The fields of a `Course`, as keywords."""

    X: Any
    y: Any
    sample_weight: Any
    optimizer: OptimizerName | Optimizer | None
    epochs: int
    batch_size: int | None
    shuffle: bool
    reported: float | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Training:
    """Where training begins, what it does, where it ends.

    Attributes
    ----------
    derivation
        One training step.
    steps
        Its steps as in `Plan.steps`, but for those that nothing needs.
    x, y, w
        The encoded rows, in the model's dtype: (n, inputs), (n, outputs), (n, 1) or None.
    epochs, batch_size, shuffle
        How often all rows are gone through, how many at a time (at most n), and whether they are mixed anew each epoch.
    theta, state, slots
        All that is learnt, running means, and what the optimizer remembers, before the first step.
    marks
        Which numbers of theta are `trainable`, as 1 and 0; factors on what penalties pull of them, `penalised`, and on
        their learning rate, `rates`; those that the steps read.
    t, epochs_done
        Steps and epochs the model has behind it.
    random_state
        The state of NumPy's PCG64 from which row orders and dropout are drawn; None where nothing is drawn.
    losses
        The loss of each epoch that glassnet finds.
    theta_after, state_after
        The numbers that glassnet ends with.
    """

    derivation: Derivation
    steps: tuple[Step, ...]
    x: np.ndarray
    y: np.ndarray
    w: np.ndarray | None
    epochs: int
    batch_size: int
    shuffle: bool
    theta: np.ndarray
    state: np.ndarray
    slots: Mapping[str, np.ndarray]
    marks: Mapping[str, np.ndarray]
    t: int
    epochs_done: int
    random_state: Mapping[str, Any] | None
    losses: tuple[float, ...]
    theta_after: np.ndarray
    state_after: np.ndarray

    @property
    def optimizer(self) -> Optimizer:
        """The update rule."""
        assert self.derivation.optimizer is not None
        return self.derivation.optimizer

    @property
    def batches(self) -> int:
        """In how many steps all rows are gone through."""
        return -(-len(self.x) // self.batch_size)

    def rng(self) -> np.random.Generator:
        """What row orders and dropout are drawn from, at the beginning; where nothing is drawn, any."""
        rng = np.random.Generator(np.random.PCG64(0))
        if self.random_state is not None:
            rng.bit_generator.state = copy.deepcopy(dict(self.random_state))
        return rng

    @property
    def read(self) -> set[str]:
        """All names that a step reads."""
        return set().union(*map(symbols_of, self.steps))

    @property
    def draws(self) -> bool:
        """Whether a step draws random numbers."""
        return any(draws(step.expression) for step in self.steps)

    @property
    def checked(self) -> dict[int, float]:
        """Some epochs, from 0 to the last, and their losses: what a self-test compares."""
        every = max(1, self.epochs // CHECKED)
        return {k: loss for k, loss in enumerate(self.losses) if k % every == 0 or k == self.epochs - 1}

    @property
    def share(self) -> Expression:
        """What a batch counts in the loss of an epoch, in terms of n, w and what they are of all rows, N and W."""
        return shared(self.derivation)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Weights, biases and running means by name, before the first step."""
        return self.views(self.theta, self.state)

    @property
    def arrays_after(self) -> dict[str, np.ndarray]:
        """The same, where glassnet ends."""
        return self.views(self.theta_after, self.state_after)

    def views(self, theta: np.ndarray, state: np.ndarray) -> dict[str, np.ndarray]:
        """The arrays that two vectors hold."""
        return {**self.derivation.layout.views(theta), **self.derivation.state_layout.views(state)}

    @property
    def title(self) -> str:
        """`23 rows, 7 in a step, gone through 3 times, each time in a new order; adam changes 38 parameters.`"""
        *_, size, optimizer = heading(self.derivation)
        n, every = counted(len(self.x), "row"), f"{self.batch_size:,} in a step"
        how = "all in each step" if self.batch_size == len(self.x) else every
        order = ", each time in a new order" if self.shuffle else ""
        return f"{n}, {how}, gone through {counted(self.epochs, 'time')}{order}; {optimizer} changes {size}."


def plan_training(model: State, course: Course) -> Training:
    """What a program must do to train as glassnet does; a copy of the model is trained, to know where it ends.

    Raises
    ------
    DataError
        Rows that do not fit the model; the message says where.
    ValueError
        Settings out of range.
    TrainingError
        A number is no longer finite: such a training cannot be held against anything.
    """
    trained, began = copy.deepcopy(model), copy.deepcopy(model.memory)
    prepared = prepare(trained, course.X, course.y, sample_weight=course.sample_weight)
    rows, before = prepared.rows, len(trained.history)
    settings = Settings(
        optimizer=course.optimizer,
        epochs=course.epochs,
        batch_size=course.batch_size,
        shuffle=course.shuffle,
        engine="numpy",
    )
    finish(begin(prepared, settings, every_epoch=False))
    assert trained.optimizer is not None
    factor = 1.0 if course.reported is None else course.reported
    derivation = derive(
        trained.network,  # whose schedules know how many epochs they go over
        model.n_inputs,
        trained.optimizer,
        dtype=model.dtype,
        weighted=rows.w is not None,
        frozen=not model.memory.trainable.all(),
        reported=Report(factor),
    )
    steps = readable(needed(derivation))
    began.prepare(trained.optimizer, model.optimizer)
    numbers = began.arrays()
    size = min(course.batch_size or len(rows), len(rows))
    mixed = course.shuffle and size < len(rows)
    drawn = mixed or any(draws(step.expression) for step in steps)
    return Training(
        derivation=derivation,
        steps=steps,
        x=rows.x,
        y=rows.y,
        w=rows.w,
        epochs=course.epochs,
        batch_size=size,
        shuffle=mixed,
        theta=began.theta,
        state=began.state,
        slots=began.slots,
        marks={name: numbers[name] for name in MARKS if any(name in symbols_of(step) for step in steps)},
        t=began.t,
        epochs_done=model.epochs,
        random_state=random_state(model) if drawn else None,
        losses=tuple(loss * factor for loss in trained.history["loss"][before:]),
        theta_after=trained.memory.theta,
        state_after=trained.memory.state,
    )


def random_state(model: State) -> Mapping[str, Any]:
    """The state of the model's generator, which programs can go on from."""
    state = model.rng.bit_generator.state
    if state["bit_generator"] != "PCG64":
        raise NotImplementedError(
            f"programs draw random numbers as NumPy's PCG64 does, and this model's come from {state['bit_generator']}; "
            "train it with seed= a number, or let nothing be drawn (batch_size=None or shuffle=False, no Dropout)"
        )
    return dict(state)
