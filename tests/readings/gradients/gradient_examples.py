"""One example of everything that has a gradient, found by introspection so that a new one cannot be forgotten."""

from typing import Any

import numpy as np

import glassnet as gn
from glassnet.parts import activations, losses
from glassnet.parts.built_in import BUILT_IN

ACTIVATIONS: list[Any] = [
    *activations.NAMES,
    gn.activation("leaky_relu", slope=0.3),
    gn.activation("elu", alpha=0.7),
    gn.activation(lambda z: z * np.tanh(z)),  # derived
    gn.activation(lambda z: np.where(z > 0.3, z * z, np.exp(-np.abs(z)))),
]

LOSSES: list[Any] = [
    *losses.NAMES,
    gn.loss("squared", half=True),
    gn.loss("huber", delta=0.5),
    gn.loss("quantile", q=0.8),
    gn.loss("poisson", deviance=True),
    gn.loss(lambda y, s: np.log1p((y - s) * (y - s))),  # derived, a term for each output
    gn.loss(lambda y, s: np.sqrt(1.0 + np.sum((y - s) * (y - s), axis=1, keepdims=True))),  # and for each row
]

EXAMPLES: dict[str, Any] = {  # of layers that need to be told something; of 3 inputs
    "Dense": gn.Dense(7, "tanh"),
    "Dropout": gn.Dropout(0.3),
    "PiecewiseLinearEmbedding": gn.Columns([0, 2], gn.PiecewiseLinearEmbedding(1, 2)),
    "Average": gn.Average(3, "softmax", held=((0.1, 0.9), (-1.0, 1.0), (0.3, 0.4))),
    "Tempered": gn.Tempered(1.7),
    "Residual": gn.Residual(gn.Dense(5, "tanh"), gn.Dense(3)),
    "Columns": gn.Columns([2, 0], gn.Dense(7, "tanh"), gn.BatchNorm()),
    "Beside": gn.Beside(gn.Columns([2, 0], gn.PeriodicEmbedding(2, 5)), gn.Columns([1], gn.Dense(2, bias=False))),
}
LAYERS: list[Any] = [EXAMPLES.get(name) or cls() for name, cls in BUILT_IN.items()] + [
    gn.PeriodicEmbedding(1, 2, std=1.0, rate=1.0),
    gn.PiecewiseLinearEmbedding(2, 3),
    gn.Residual(gn.PeriodicEmbedding(2, 5), gn.LayerNorm(), gn.Dense(3, "softplus")),
    gn.Residual(gn.Residual(gn.Dense(3, "tanh")), gn.Columns([1, 0, 2])),
    gn.Columns([1]),
    gn.Beside(gn.Dense(2, "tanh"), gn.Columns([0, 1], gn.Residual(gn.Dense(2))), others="drop"),
    gn.Beside(gn.Columns([1], gn.Dense(2, "tanh")), gn.Columns([1, 2]), gn.Dropout(0.3)),
    gn.Dense(7, "tanh", bias=False),
    gn.Dense(7, "softmax"),
    gn.Dense(7, "mish", scaling="ntk"),
    gn.Dense(7, bias=False, scaling="ntk"),
    gn.Dense(7, "selu", strength=True),
    gn.Dense(7, lambda z: z * np.tanh(z), bias=False, scaling="ntk", strength=True),
]

REDUCTIONS = losses.REDUCTIONS


def rows(n: int = 5, inputs: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, inputs))


def targets(loss: Any, n: int = 5, seed: int = 1) -> np.ndarray:
    """Targets that the loss is made for: labels, rates, numbers."""
    name = loss if isinstance(loss, str) else loss.name
    rng = np.random.default_rng(seed)
    if name == "cross_entropy":
        return np.eye(2)[np.arange(n) % 2]
    if name == "binary_cross_entropy":
        return (rng.random((n, 2)) > 0.5).astype(float)
    if name == "poisson":
        return rng.poisson(2.0, (n, 2)).astype(float)
    return rng.normal(size=(n, 2))


def weights(n: int = 5) -> np.ndarray:
    return np.random.default_rng(2).random(n) + 0.1
