"""Slopes of the loss at one weight, measured in two ways; each also says whether the weight is at a kink."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from glassnet.expressions.expression import ROWS, Expression, apply, postorder
from glassnet.readings.gradcheck.place import Place

TINY = 1e-200  # the complex step: its square is 0, so that a score of 0 stays at its kink


def central_slope(place: Place, k: int, step: float, noise: float) -> tuple[float, bool]:
    """The slope at weight k, and whether there is a kink or a sharp bend within the step.

    A smooth loss bends in proportion: its slopes to the right and to the left differ twice as much over h as
    over h/2. At a kink they differ by a jump that does not shrink with h. And where the mean of both changes
    from h to h/2, h is too long: at a jump of the curvature (an elu whose score is 0), or far from a line.
    `noise` is about what the rounding of the loss makes of a slope.
    """
    theta = place.theta
    w = theta[k]
    h = step * max(1.0, abs(w))
    J: dict[float, float] = {}
    for part in PARTS:
        theta[k] = w + part * h
        J[part] = place.loss()
    theta[k] = w
    slope = (J[1.0] - J[-1.0]) / (2.0 * h)
    bend = abs(slope - (J[0.5] - J[-0.5]) / h)
    return slope, has_kink(J, h, noise) or not bend <= max(20.0 * noise, 2e-8 * abs(slope))


PARTS = (0.0, 1.0, -1.0, 0.5, -0.5)  # of the step, at which losses are worked out


def has_kink(J: Mapping[float, float], h: float, noise: float) -> bool:
    """Whether losses at parts of a step h to both sides differ as they do at a kink, and more than by noise."""
    right, left = (J[1.0] - J[0.0]) / h, (J[0.0] - J[-1.0]) / h
    near_right, near_left = (J[0.5] - J[0.0]) / (0.5 * h), (J[0.0] - J[-0.5]) / (0.5 * h)
    kink = abs((right - left) - 2.0 * (near_right - near_left))
    return not kink <= max(200.0 * noise, 1e-8 * abs(right + left))


# What NumPy does otherwise with complex numbers than a real function near the real axis would do
REAL: dict[str, Callable[[Any], Any]] = {
    "absolute": lambda z: np.where(np.greater_equal(z, 0.0), z, np.negative(z)),
    "sign": lambda z: np.where(np.greater(z, 0.0), 1.0, np.where(np.less(z, 0.0), -1.0, 0.0)),
    "floor": lambda z: np.floor(np.real(z)),
}


def complex_slope(place: Place, k: int) -> tuple[float, bool]:
    """The slope at weight k by a complex step, and whether the step to the other side finds another one."""
    right, left = (complex_loss(place, k, side * TINY).imag / (side * TINY) for side in (1.0, -1.0))
    return 0.5 * (right + left), not abs(right - left) <= 1e-9 * max(1.0, abs(right), abs(left))


def complex_loss(place: Place, k: int, imaginary: float) -> complex:
    """The loss with weight k moved by an imaginary amount: the derivation's forward steps on complex arrays."""
    theta = place.theta.astype(complex)
    theta[k] += 1j * imaginary
    values: dict[str, Any] = {
        **place.memory.arrays(),
        **place.derivation.constants,
        **place.memory.layout.views(theta),
        **dict(zip(("x", "y", "w"), place.rows, strict=False)),
        "theta": theta,
        ROWS: float(len(place.rows[0])),
    }
    rng = place.rewound()
    with np.errstate(all="ignore"):
        for item in place.derivation.steps:
            if item.phase in ("forward", "loss"):
                values[item.name] = complex_value(item.expression, values, rng)
    return complex(values[place.result])


def complex_value(expression: Expression, values: Mapping[str, Any], rng: np.random.Generator) -> Any:
    """An expression of complex arrays. NumPy orders complex numbers by their real part, ties by the imaginary
    one: a tiny imaginary part is a tiny step to the right, and comparisons see it.
    """
    results: dict[int, Any] = {}
    for node in postorder(expression):
        args = [results[id(arg)] for arg in node.args]
        if node.op == "symbol":
            result = values[node.name]
        elif node.op == "constant":
            result = node.value
        elif node.op == "random":
            result = rng.random([int(values[ROWS]) if dim == ROWS else int(dim) for dim in node.shape])
        elif node.op in REAL:
            result = REAL[node.op](args[0])
        else:
            result = apply(node.op, args, node.axis, node.keepdims)
        results[id(node)] = result
    return results[id(expression)]
