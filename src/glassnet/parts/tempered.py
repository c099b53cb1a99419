"""Scores divided by a temperature: what makes a network as sure as it is right."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.formulas.types import Array
from glassnet.parts.activations import activation_named
from glassnet.parts.layers import Mode, Parameter, Values
from glassnet.parts.naming import check_number, find

OUTPUTS = ("identity", "softmax", "sigmoid")


@dataclass(frozen=True)
class Tempered:
    """z / T: scores divided by a temperature, so that what softmax makes of them is softer, T > 1, or sharper, T < 1.

    The order of the classes stays as it is (Guo et al., 2017). `model.calibrate` finds T, which training does not
    change. Of probabilities the scores are had again first: their logarithms, or for a sigmoid ln(p / (1 - p)).

    Attributes
    ----------
    temperature
        T, > 0.
    output
        What goes in and comes out: scores, "identity"; or probabilities of "softmax" or "sigmoid".
    """

    temperature: float = 1.0
    output: str = "identity"

    def __post_init__(self) -> None:
        check_number("temperature", self.temperature, 0, math.inf)
        find(self.output, OUTPUTS, "output")

    def parameters(self, n_inputs: int) -> dict[str, Parameter]:
        """None."""
        return {}

    def forward(self, p: Any, x: Array, mode: Mode) -> Values:
        """Divide; of probabilities their scores, which become probabilities again."""
        if self.output == "identity":
            return {"tempered": x / float(self.temperature)}  # (n, K)
        z = log(x) if self.output == "softmax" else log(x) - log(1.0 - x)
        tempered = z / float(self.temperature)
        return {"tempered": tempered, "q": activation_named(self.output)(tempered)}

    def backward(self, p: Any, x: Array, v: Any, d: Array) -> Values:
        """dx = d / T; of probabilities through these and their logarithms."""
        share = d / float(self.temperature)
        if self.output == "identity":
            return {"dx": share}
        dz = activation_named(self.output).backward(share, v.tempered, v.q)
        if self.output == "softmax":
            return {"dx": dz * slope_of_log(x)}
        return {"dx": dz * (slope_of_log(x) + slope_of_log(1.0 - x))}


def log(p: Array) -> Array:
    """ln p, of 0 that of the smallest number."""
    return np.log(np.maximum(p, float(np.finfo(p.dtype).tiny)))


def slope_of_log(p: Array) -> Array:
    """1 / p; of 0, where `log` stays as it is, 0."""
    tiny = float(np.finfo(p.dtype).tiny)
    return np.where(p > tiny, 1.0 / np.maximum(p, tiny), 0.0)
