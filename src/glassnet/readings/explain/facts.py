"""What an explanation knows: rows, steps and their values, names and measured slopes. Pages are written from it."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.derivation.steps import Derivation, Step
from glassnet.parts.naming import gradient_name
from glassnet.parts.optimizers import Optimizer
from glassnet.readings.explain.arithmetic import SHOWN, Arithmetics
from glassnet.readings.explain.evaluated import Evaluated
from glassnet.readings.explain.labels import Labels
from glassnet.readings.explain.rows import ExplainedRows
from glassnet.readings.explain.slopes import Slopes
from glassnet.training.state import State


class Facts:
    """Every number of one forward pass and, where targets are known, of the backward pass and the update.

    Parameters
    ----------
    model
        The model explained.
    rows
        The rows: `x`, `y`, `w`, and what they are called.
    optimizer
        The update rule; None: it stops at the gradients, or at the prediction.
    finite_differences
        Whether gradients are measured too.
    digits
        Significant digits that pages show.
    """

    def __init__(
        self, model: State, rows: ExplainedRows, optimizer: Optimizer | None, *, finite_differences: bool, digits: int
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
        return model.derivation_of_step(self.optimizer, self.rows.w is not None)

    def given(self) -> dict[str, Any]:
        """What the steps start from, by name: arrays in memory, rows, and the numbers of the next step."""
        memory = self.model.memory
        arrays = {name: array.copy() for name, array in memory.arrays().items() if name not in memory.layout.gradients}
        goes_on = self.optimizer is not None and memory.goes_on(self.optimizer, self.model.optimizer)
        if self.optimizer is not None:
            zeros = np.zeros_like(memory.theta)
            arrays |= {name: arrays[name] if goes_on else zeros for name in self.optimizer.slots}
        rows = {"x": self.rows.x, "y": self.rows.y, "w": self.rows.w}
        numbers = {"t": float(memory.t + 1 if goes_on else 1), "epoch": float(self.model.epochs), "lr": memory.lr}
        known = {name: array for name, array in rows.items() if array is not None}
        free = self.derivation.inputs.keys() - self.derivation.constants.keys()
        return {**arrays, **known, **{name: value for name, value in numbers.items() if name in free}}

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

    def step(self, name: str) -> Step | None:
        """A step by name; None for what is given."""
        return self.evaluated.by_name.get(self.evaluated.stands_for(name))

    def value(self, name: str) -> np.ndarray:
        """The numbers of a step, or of an array that is given."""
        return self.evaluated.value(self.evaluated.stands_for(name))

    def arithmetics(self, terms: int | None = SHOWN, *, close_up: bool = False) -> Arithmetics:
        """What writes the arithmetic of its numbers; `close_up`: formulas with a name as their arithmetic, too."""
        return Arithmetics(self.evaluated, self.labels, self.digits, terms, self.slopes, close_up)
