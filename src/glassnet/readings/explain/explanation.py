"""`model.explain(X, y)`: one forward pass, backward pass and update, every number of it at hand.

    explanation = model.explain(X[1], y[1])
    print(explanation)                    # all of it
    explanation["dW1"]                    # one step
    explanation["dW1"][0, 2]              # one number: its terms, where it comes from, what it does
    explanation.neuron("h2")              # one unit, forward and backward, and each of its weights
    explanation.save("page.html")

Nothing is computed twice: the steps are those of the derivation that engines run, evaluated one by one.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.derivation.derive import derive
from glassnet.derivation.steps import Derivation
from glassnet.parts.naming import find, gradient_name
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.optimizers import optimizer as make_optimizer
from glassnet.readings.explain.arithmetic import SHOWN, Arithmetics
from glassnet.readings.explain.contents import Contents
from glassnet.readings.explain.evaluated import Evaluated
from glassnet.readings.explain.labels import Labels
from glassnet.readings.explain.narrowed import NeuronExplained, StepExplained
from glassnet.readings.explain.neuron import unit
from glassnet.readings.explain.numbers import DIGITS, check_digits
from glassnet.readings.explain.readable import Readable
from glassnet.readings.explain.rows import Rows, rows_of
from glassnet.readings.explain.slopes import Slopes
from glassnet.readings.explain.whole import whole
from glassnet.training.state import State


def explain(
    model: State,
    X: Any,
    y: Any = None,
    *,
    optimizer: str | Optimizer | None = None,
    sample_weight: Any = None,
    finite_differences: bool = False,
    digits: int = DIGITS,
    row_names: Sequence[str] | None = None,
) -> Explanation:
    """Explain what a model does with rows: `model.explain`, which says more.

    `row_names` are what pages call a table's rows; without them by their lines or numbers, as messages do.
    """
    check_digits(digits)
    rows = rows_of(model, X, y, sample_weight, row_names)
    rule = None if optimizer is None else make_optimizer(optimizer)
    if rule is not None and rows.y is None:
        raise ValueError("an optimizer updates weights, for which the rows need a target: give y too")
    if finite_differences and rows.y is None:
        raise ValueError("finite differences are of the loss, for which the rows need a target: give y too")
    return Explanation(model, rows, rule or model.optimizer, finite_differences, digits)


class Explanation(Readable):
    """Every number of one forward pass and, where targets are known, of the backward pass and the update.

    The numbers are those of the model's next step of training on these rows. The model is not changed.

    Attributes
    ----------
    model
        The model explained.
    rows
        The rows: `x`, `y`, `w`, and what they are called.
    optimizer
        The update rule; None: it stops at the gradients, or at the prediction.
    digits
        Significant digits that pages show.
    """

    def __init__(
        self, model: State, rows: Rows, optimizer: Optimizer | None, finite_differences: bool, digits: int
    ) -> None:
        self.model, self.rows, self.digits = model, rows, digits
        self.optimizer = optimizer if rows.y is not None else None
        self.labels = Labels(model, rows.names)
        rng = copy.deepcopy(model.rng)
        given = self.given()
        self.evaluated = Evaluated(self.derivation, given, rng)
        self.prediction = Evaluated(model.derivation(prediction=True), given, rng)
        self.slopes = Slopes(self.evaluated) if finite_differences else None

    @cached_property
    def derivation(self) -> Derivation:
        """The steps: of training, or without targets of the prediction."""
        model = self.model
        if self.rows.y is None:
            return model.derivation(prediction=True)
        return derive(
            model.network,
            model.n_inputs,
            self.optimizer,
            dtype=model.dtype,
            weighted=self.rows.w is not None,
            frozen=not model.memory.trainable.all(),
        )

    def given(self) -> dict[str, Any]:
        """What the steps start from, by name: arrays in memory, rows, and the numbers of the next step."""
        memory = self.model.memory
        arrays = {name: array.copy() for name, array in memory.arrays().items() if name not in memory.layout.gradients}
        goes_on = self.goes_on()
        if self.optimizer is not None:
            zeros = np.zeros_like(memory.theta)
            arrays |= {name: arrays[name] if goes_on else zeros for name in self.optimizer.slots}
        rows = {"x": self.rows.x, "y": self.rows.y, "w": self.rows.w}
        numbers = {"t": float(memory.t + 1 if goes_on else 1), "epoch": float(self.model.epochs), "lr": memory.lr}
        known = {name: array for name, array in rows.items() if array is not None}
        free = self.derivation.inputs.keys() - self.derivation.constants.keys()
        return {**arrays, **known, **{name: value for name, value in numbers.items() if name in free}}

    def goes_on(self) -> bool:
        """Whether the optimizer has taken steps before, and remembers them."""
        if self.optimizer is None:
            return False
        before = self.model.optimizer
        same = before is None or before.name == self.optimizer.name
        return same and set(self.model.memory.slots) == set(self.optimizer.slots)

    def drawing(self) -> str:
        """The network with the values of the row, if there is one row only."""
        from glassnet.readings.explain.picture import picture

        if len(self.rows) > 1:
            return ""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what is unusual about the row was said before
            return picture(self.model, self.rows.x if self.rows.table is None else self.rows.table).svg

    # its numbers

    @cached_property
    def next(self) -> dict[str, np.ndarray]:
        """Each array that the step changes, by name, as it is after the step; empty where there is no update."""
        known = self.evaluated
        found = {step.assigns: known.value(step.name) for step in known.steps if step.assigns}
        theta = found.pop("theta", None)
        weights = {} if theta is None else self.model.memory.layout.views(theta)
        return {**weights, **found} if self.optimizer is not None else {}

    @property
    def names(self) -> tuple[str, ...]:
        """What can be asked for, `explanation["z1"]`: the steps, in order, and what they start from."""
        known = self.evaluated
        aliases = [name for name in map(gradient_name, known.derivation.gradients) if name not in known.by_name]
        start = [name for name in known.values if name not in known.by_name and name in known.derivation.inputs]
        arrays = [*self.model.memory.layout.shapes, *self.model.memory.state_layout.shapes]
        return tuple(dict.fromkeys([*known.by_name, *aliases, *start, *arrays]))

    def __getitem__(self, name: str) -> StepExplained:
        try:
            return StepExplained(self, find(name, self.names, "step or array"))
        except ValueError as error:
            why = "" if self.rows.y is not None else "; without a target there is no loss and no gradient: give y too"
            raise KeyError(f"{error}{why}") from None

    def neuron(self, name: str) -> NeuronExplained:
        """One unit: its weighted sum, what comes back to it, and each of its weights from now to next.

        Parameters
        ----------
        name
            "h2": the second unit of the first hidden layer; "h3.1": the first of the third one; "o1" or a class's
            name: an output.

        Raises
        ------
        ValueError
            There is no such unit; the message says which there are.
        """
        return NeuronExplained(self, *unit(self, name))

    def arithmetics(self, terms: int | None = SHOWN, *, close_up: bool = False) -> Arithmetics:
        """What writes the arithmetic of its numbers; `close_up`: formulas with a name as their arithmetic, too."""
        return Arithmetics(self.evaluated, self.labels, self.digits, terms, self.slopes, close_up)

    def contents(self, terms: int | None = SHOWN) -> Contents:
        """The whole of it, in order."""
        return whole(self, terms)
