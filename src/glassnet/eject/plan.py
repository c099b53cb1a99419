"""What a program must contain, before it is written in any language.

A plan is a model taken apart: the steps of its derivation, its numbers, what it knows about its data, rows to test the
program with and the answers to them, and for a program that trains where training begins and where it must end.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.arrays import ArrayContract
from glassnet.derivation.derive import derive, derive_prediction
from glassnet.derivation.steps import Derivation, Step
from glassnet.eject.answers import Answers, answers
from glassnet.eject.formulas import Formula, Formulas
from glassnet.eject.random_rows import RawRows, random_rows
from glassnet.eject.steps import needed, operations, readable, split
from glassnet.model import output_name
from glassnet.optimizers import Optimizer
from glassnet.preparing import prepare
from glassnet.tables.category_column import CategoryColumn
from glassnet.tables.cells import MISSING_WORDS
from glassnet.tables.contract import DataContract
from glassnet.train import train

if TYPE_CHECKING:
    from glassnet.model import Model

TESTED = 5  # rows in a program's self-test


@dataclass(frozen=True, eq=False)
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

    def trained(self, model: Model) -> Model:
        """A copy of the model, with the numbers it has after training."""
        model = copy.deepcopy(model)
        model.memory.theta[:] = self.theta_after
        model.memory.state[:] = self.state_after
        return model

    @property
    def summed(self) -> bool:
        """Whether the loss of an epoch is the sum of its batches' losses, rather than their mean by rows (weights)."""
        loss = self.derivation.network.loss
        return loss is not None and loss.reduction == "sum"


@dataclass(frozen=True, eq=False)
class Plan:
    """A model taken apart, to be written down in a language.

    Attributes
    ----------
    model
        What is ejected; read for what stands nowhere else.
    dtype
        Of the program's numbers.
    derivation
        The way to a prediction.
    steps
        Its steps, written as one would by hand (`derivation/tidy.py`); the last is p. Steps refer to each other, to
        `x` and to `arrays` by name. A node with a `call` is the result of a named formula: `call.name` is a name in
        `formulas`, and `args` (the same as `call.args`) is what it is applied to; the arithmetic is in the formula.
    formulas
        The named formulas of these steps and of those of the training, in the order in which they can be defined.
    arrays
        What the steps read: weights and biases, running means, by name.
    rows, expected
        Rows as a user would give them, and the model's answers to them.
    missing_words
        The words that stand for a missing value.
    training
        None for a program that only predicts.
    """

    model: Model
    dtype: np.dtype[Any]
    derivation: Derivation
    steps: tuple[Step, ...]
    formulas: Mapping[str, Formula]
    arrays: Mapping[str, np.ndarray]
    rows: RawRows
    expected: Answers
    training: Training | None = None

    @property
    def contract(self) -> ArrayContract | DataContract:
        """What is known about the data."""
        return self.model.contract

    @property
    def table(self) -> DataContract | None:
        """The contract of a model that takes tables; None for arrays."""
        return None if isinstance(self.contract, ArrayContract) else self.contract

    @property
    def classes(self) -> tuple[Any, ...] | None:
        """The labels, in the order of the outputs; None where numbers are predicted."""
        return self.model.classes

    @property
    def n_inputs(self) -> int:
        """Numbers in an encoded row."""
        return self.model.n_inputs

    @property
    def n_outputs(self) -> int:
        """Numbers in p: 1 where two classes share one probability."""
        return int(self.steps[-1].shape[1])

    @property
    def both(self) -> bool:
        """Whether p is the probability of the second of two classes alone; the first has 1 - p."""
        return self.classes is not None and len(self.classes) == 2 and self.n_outputs == 1

    @property
    def probabilities(self) -> bool:
        """Whether p is probabilities."""
        return self.classes is not None and output_name(self.model.network) in ("softmax", "sigmoid")

    @property
    def target_name(self) -> str:
        """The name of what is predicted; `y` for arrays."""
        return self.table.target.name if self.table else "y"

    @property
    def units(self) -> tuple[float, float]:
        """Mean and scale of a numeric target: what is predicted is p * scale + mean."""
        target = self.table.target if self.table else None
        return getattr(target, "mean", 0.0), getattr(target, "scale", 1.0)

    @property
    def missing_words(self) -> tuple[str, ...]:
        """The words that stand for a missing value; none of them is a category."""
        features = self.table.features if self.table else ()
        known = {word for item in features if isinstance(item, CategoryColumn) for word in item.categories}
        return tuple(word for word in MISSING_WORDS if word not in known)

    def answers(self, rows: RawRows) -> Answers:
        """The model's own answers to rows."""
        return answers(self.model, rows)


def plan_of(
    model: Model,
    *,
    training: bool = False,
    X: Any = None,
    y: Any = None,
    sample_weight: Any = None,
    optimizer: str | Optimizer | None = None,
    epochs: int = 100,
    batch_size: int | None = 32,
    shuffle: bool = True,
    reported: float | None = None,
    dtype: Any = None,
) -> Plan:
    """Take a model apart; the parameters are those of `eject`."""
    model = copy.deepcopy(model)
    if dtype not in (None, "float32", "float64", np.float32, np.float64):
        raise ValueError(f"dtype must be float32 or float64, got {dtype!r:.60}")
    chosen = model.dtype if dtype is None else np.dtype(dtype)
    if not training and (X is not None or y is not None or sample_weight is not None):
        raise ValueError("rows are for training: give training=True as well, or leave X and y out")
    if training and X is None:
        raise ValueError("a program that trains needs rows to train on: give X and y, or for a table X")
    if reported is not None and (model.network.l1 or model.network.l2):
        raise ValueError("reported is for losses without penalties; leave it out, or l1 and l2")
    derivation = derive_prediction(model.network, model.n_inputs, dtype=chosen)
    formulas = Formulas()
    steps = split(formulas.closed(readable(derivation.steps)))
    arrays = {name: value for name, value in model.memory.arrays().items() if name in derivation.inputs}
    rows = random_rows(model.contract, TESTED, np.random.default_rng(0))
    return Plan(
        model,
        chosen,
        derivation,
        steps,
        formulas.by_name,
        {name: value.copy() for name, value in arrays.items()},
        rows,
        answers(model, rows),
        plan_training(model, formulas, X, y, sample_weight, optimizer, epochs, batch_size, shuffle, reported)
        if training
        else None,
    )


def plan_training(
    model: Model,
    formulas: Formulas,
    X: Any,
    y: Any,
    sample_weight: Any,
    optimizer: str | Optimizer | None,
    epochs: int,
    batch_size: int | None,
    shuffle: bool,
    reported: float | None,
) -> Training:
    """What a program must do to train as glassnet does; the model is trained, to know where it ends."""
    rows = prepare(model, X, y, sample_weight=sample_weight).rows
    trained = copy.deepcopy(model)
    began = copy.deepcopy(model)
    before = len(trained.history)
    train(
        trained, X, y, sample_weight=sample_weight, optimizer=optimizer, epochs=epochs, batch_size=batch_size,
        shuffle=shuffle, progress=False, engine="numpy",
    )  # fmt: skip
    assert trained.optimizer is not None
    derivation = derive(
        model.network,
        model.n_inputs,
        trained.optimizer,
        dtype=model.dtype,
        weighted=rows.w is not None,
        frozen=not model.memory.trainable.all(),
        reported=reported,
    )
    steps = split(formulas.closed(readable(needed(derivation))))
    if began.optimizer is not None and began.optimizer.name != trained.optimizer.name:
        began.memory.slots, began.memory.t = {}, 0
    began.memory.prepare(trained.optimizer)
    size = min(batch_size or len(rows), len(rows))
    mixed = shuffle and size < len(rows)
    draws = mixed or any("random" in operations(step) for step in steps)
    return Training(
        derivation,
        steps,
        rows.x,
        rows.y,
        rows.w,
        epochs,
        size,
        mixed,
        began.memory.theta,
        began.memory.state,
        began.memory.slots,
        began.memory.t,
        began.epochs,
        random_state(model) if draws else None,
        tuple(loss * (1.0 if reported is None else reported) for loss in trained.history["loss"][before:]),
        trained.memory.theta,
        trained.memory.state,
    )


def random_state(model: Model) -> Mapping[str, Any]:
    """The state of the model's generator, which programs can go on from."""
    state = model.rng.bit_generator.state
    if state["bit_generator"] != "PCG64":
        raise NotImplementedError(
            f"programs draw random numbers as NumPy's PCG64 does, and this model's come from {state['bit_generator']}; "
            "train it with seed= a number, or let nothing be drawn (batch_size=None or shuffle=False, no Dropout)"
        )
    return dict(state)
