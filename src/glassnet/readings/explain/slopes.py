"""A gradient measured: one number moved a little to both sides, and the loss worked out again.

In float64, whatever the model's own numbers are, with the random numbers of the explained step.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.derivation.derive import derive
from glassnet.derivation.walk import walk, way_to_loss
from glassnet.expressions.expression import evaluate
from glassnet.readings.explain.contents import Slope
from glassnet.readings.explain.element import Index
from glassnet.readings.explain.evaluated import Evaluated
from glassnet.readings.gradcheck.slopes import Central

STEP = 1e-5
KINK = "at a kink: {:.4g} to the left, {:.4g} to the right"
NOISE = 2e-16  # of the loss, which is made of numbers about 1


class Slopes:
    """The slopes of the loss of an evaluated training step."""

    def __init__(self, evaluated: Evaluated) -> None:
        known = evaluated.derivation
        weighted = "w" in known.inputs
        self.derivation = derive(known.network, evaluated.values["x"].shape[1], dtype=np.float64, weighted=weighted)
        self.values = {name: in_float64(value) for name, value in evaluated.values.items()}
        self.drawn = evaluated.drawn
        self.steps = way_to_loss(self.derivation)
        self.names = {step.name for step in self.steps}
        self.measured: dict[tuple[str, Index], Slope] = {}

    def of(self, name: str, index: Index) -> Slope:
        """The slope of L at one number of an array or of a value on the way forward."""
        if (name, index) not in self.measured:
            self.measured[name, index] = self.measure(name, index)
        return self.measured[name, index]

    def measure(self, name: str, index: Index) -> Slope:
        """The central difference; a kink where left and right differ by more than a smooth loss could."""
        q = float(np.asarray(self.values[name])[index])
        found = Central.of(lambda change: self.loss(name, index, change), STEP * max(1.0, abs(q)))
        is_kink = found.has_kink(NOISE * max(1.0, abs(found.J[0.0])) / found.h)
        remark = KINK.format(*found.sides) if is_kink else ""
        return Slope(found.slope, "L", found.h, remark)

    def loss(self, name: str, index: Index, change: float) -> float:
        """L with one number changed."""
        values: dict[str, Any] = dict(self.values)
        drawn = iter(self.drawn)

        def draw(shape: Any, dtype: Any) -> np.ndarray:
            return np.asarray(next(drawn), np.float64)

        def moved(array: Any) -> Any:
            array = np.array(array)
            array[index] += change
            return array

        if name not in self.names:
            values[name] = moved(values[name])
        for step, value in walk(self.derivation, values, lambda item: evaluate(item, values, draw), self.steps):
            if step.name == name:
                values[name] = moved(value)
            if step.name == "L":
                break
        return float(values["L"])


def in_float64(value: Any) -> Any:
    """An array in float64; a number as it is."""
    return value.astype(np.float64) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value
