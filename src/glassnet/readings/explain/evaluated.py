"""A derivation with numbers: every step's value for given rows, and the arithmetic behind each of its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.derivation.steps import Derivation, Step
from glassnet.derivation.walk import drawing, start, walk
from glassnet.parts.naming import gradient_name
from glassnet.readings.explain.element import Arrays, Index, place_name
from glassnet.readings.explain.forms import StepFormula, corrected, form


class Evaluated:
    """The steps of a derivation, their values, and their formulas as they are explained.

    Parameters
    ----------
    derivation
        The steps.
    given
        The value of each symbol that they start from but n: arrays in memory, x, y, w, t, epoch.
    rng
        Where the steps' random numbers come from.
    """

    def __init__(self, derivation: Derivation, given: Mapping[str, Any], rng: np.random.Generator) -> None:
        self.derivation, self.layout = derivation, derivation.layout
        self.values = start(derivation, given)
        self.drawing = drawing(rng, len(given["x"]))
        self.drawn: list[np.ndarray] = []
        self.arrays = Arrays(self.values, self.draw, self.call)
        self.vectors = {"theta", "g", *(name for name, item in derivation.inputs.items() if self.is_vector(item))}
        self.steps: list[Step] = []
        self.forms: dict[str, StepFormula] = {}
        for step, _ in walk(derivation, self.values, self.arrays.of):
            self.take(step)
        self.by_name = {step.name: step for step in self.steps}

    def is_vector(self, item: Any) -> bool:
        """Whether an expression is laid out like theta."""
        size = self.layout.size
        return bool(item.shape == (size,)) and item.name not in self.layout.shapes

    def take(self, step: Step) -> None:
        """Get the formula of a step that was just evaluated ready to be explained."""
        if step.phase == "update" and step.shape:
            self.vectors.add(step.name)
        forms = [step]
        if step.assigns == "theta":
            forms = corrected(step, {*self.derivation.inputs, *self.values})
        for item in forms:
            self.steps.append(step if item.name == step.name else item)
            self.forms[item.name] = form(item)
            if item.name not in self.values:
                self.vectors.add(item.name)
                self.values[item.name] = self.arrays.of(item.expression)

    @property
    def vector_steps(self) -> list[Step]:
        """The steps of the update that work on every weight."""
        return [step for step in self.steps if step.phase == "update" and step.name in self.vectors]

    def draw(self, shape: Any, dtype: Any) -> np.ndarray:
        """Random numbers, as training draws them."""
        self.drawn.append(self.drawing(shape, dtype))
        return self.drawn[-1]

    def call(self, name: str, index: Index) -> str:
        """What a number is called: numbers of theta and g by the arrays that they belong to."""
        if name not in self.vectors or len(index) != 1:
            return place_name(name, index)
        if name in ("theta", "g"):
            array, inner = self.layout.array_at(index[0])
            return place_name(array if name == "theta" else gradient_name(array), inner)
        return name

    def value(self, name: str) -> np.ndarray:
        """The value of a step or of a symbol that the steps start from, as an array."""
        return np.asarray(self.values[name], dtype=self.derivation.dtype)

    def of_gradient(self, name: str) -> str:
        """What a step is the gradient of: a learnt array or a value on the way forward; empty if of neither."""
        for array, gradient in self.derivation.gradients.items():
            if name in (gradient, gradient_name(array)):
                return array
        step, of = self.by_name.get(name), name.removeprefix("d")
        forward = of in self.by_name and self.by_name[of].phase == "forward"
        return of if step is not None and step.phase == "backward" and forward else ""

    def stands_for(self, name: str) -> str:
        """The step that a gradient is known by: `dW1`, also where it is called otherwise."""
        array = self.layout.gradients.get(name, "")
        return name if name in self.by_name else self.derivation.gradients.get(array, name)
