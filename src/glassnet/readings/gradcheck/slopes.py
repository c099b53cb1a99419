"""Slopes of the loss at one weight, measured in two ways; each also says whether the weight is at a kink."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.derivation.walk import drawing, start, walk, way_to_loss
from glassnet.expressions.expression import Expression, apply, evaluate
from glassnet.readings.gradcheck.point import Point

TINY = 1e-200  # the complex step: its square is 0, so that a score of 0 stays at its kink


def central_slope(point: Point, k: int, step: float, noise: float) -> tuple[float, bool]:
    """The slope at weight k, and whether there is a kink or a sharp bend within the step.

    A smooth loss bends in proportion: its slopes to the right and to the left differ twice as much over h as
    over h/2. At a kink they differ by a jump that does not shrink with h. And where the mean of both changes
    from h to h/2, h is too long: at a jump of the curvature (an elu whose score is 0), or far from a line.
    `noise` is about what the rounding of the loss makes of a slope.
    """
    theta = point.theta
    w = theta[k]

    def loss(change: float) -> float:
        theta[k] = w + change
        return point.loss()

    found = Central.of(loss, step * max(1.0, abs(w)))
    theta[k] = w
    return found.slope, found.has_kink(noise) or not found.bend <= max(20.0 * noise, 2e-8 * abs(found.slope))


PARTS = (0.0, 1.0, -1.0, 0.5, -0.5)  # of the step, at which losses are worked out


@dataclass(frozen=True)
class Central:
    """Losses J at parts of a step h to both sides, and what they say about the slope between them."""

    J: Mapping[float, float]
    h: float

    @classmethod
    def of(cls, loss: Callable[[float], float], h: float) -> Central:
        """The losses, from the loss at a change."""
        return cls({part: loss(part * h) for part in PARTS}, h)

    @property
    def slope(self) -> float:
        """The central difference."""
        return (self.J[1.0] - self.J[-1.0]) / (2.0 * self.h)

    @property
    def bend(self) -> float:
        """How far the central difference over half the step is from it."""
        return abs(self.slope - (self.J[0.5] - self.J[-0.5]) / self.h)

    @property
    def sides(self) -> tuple[float, float]:
        """The slopes to the left and to the right."""
        return (self.J[0.0] - self.J[-1.0]) / self.h, (self.J[1.0] - self.J[0.0]) / self.h

    def has_kink(self, noise: float) -> bool:
        """Whether the slopes differ as they do at a kink, and more than by noise."""
        (left, right), half = self.sides, 0.5 * self.h
        near_right, near_left = (self.J[0.5] - self.J[0.0]) / half, (self.J[0.0] - self.J[-0.5]) / half
        kink = abs((right - left) - 2.0 * (near_right - near_left))
        return not kink <= max(200.0 * noise, 1e-8 * abs(right + left))


# What NumPy does otherwise with complex numbers than a real function near the real axis would do
REAL: dict[str, Callable[[Any], Any]] = {
    "absolute": lambda z: np.where(np.greater_equal(z, 0.0), z, np.negative(z)),
    "sign": lambda z: np.where(np.greater(z, 0.0), 1.0, np.where(np.less(z, 0.0), -1.0, 0.0)),
    "floor": lambda z: np.floor(np.real(z)),
}


def complex_slope(point: Point, k: int) -> tuple[float, bool]:
    """The slope at weight k by a complex step, and whether the step to the other side finds another one."""
    right, left = (complex_loss(point, k, side * TINY).imag / (side * TINY) for side in (1.0, -1.0))
    return 0.5 * (right + left), not abs(right - left) <= 1e-9 * max(1.0, abs(right), abs(left))


def complex_loss(point: Point, k: int, imaginary: float) -> complex:
    """The loss with weight k moved by an imaginary amount: the derivation's forward steps on complex arrays."""
    theta = point.theta.astype(complex)
    theta[k] += 1j * imaginary
    arrays = {**point.memory.arrays(), **point.memory.layout.views(theta), "theta": theta}
    values, draw = start(point.derivation, arrays, *point.rows), drawing(point.rewound(), len(point.rows[0]))

    def of(expression: Expression) -> Any:
        return evaluate(expression, values, draw, operation=complex_apply)

    found = {step.name: value for step, value in walk(point.derivation, values, of, way_to_loss(point.derivation))}
    return complex(found[point.result])


def complex_apply(op: str, args: list[Any], *options: Any) -> Any:
    """One operation on complex arrays. NumPy orders complex numbers by their real part, ties by the imaginary
    one: a tiny imaginary part is a tiny step to the right, and comparisons see it.
    """
    return REAL[op](*args) if op in REAL else apply(op, args, *options)
