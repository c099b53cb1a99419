"""Random layers: every activation, random formulas, layers of one's own that use all of the dialect."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

import glassnet as gn
from glassnet.expressions.expression import times_blocks, times_blocks_T
from glassnet.parts import activations

UNITS = (1, 2, 3, 4, 7, 10, 20, 33, 50)


@dataclass(frozen=True)
class Own:
    """A layer of one formula of x and its arrays W, A (i, i), b, c (i,); its backward is derived."""

    formula: Any
    backward: Any = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        start = gn.initializer("normal", std=0.6 / math.sqrt(n_inputs))
        square, row = (n_inputs, n_inputs), (n_inputs,)
        return {
            "W": gn.Parameter(square, start, penalised=True),
            "A": gn.Parameter(square, start),
            "b": gn.Parameter(row, start),
            "c": gn.Parameter(row, start, rate=0.5),
        }

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"y": self.formula(p, x)}


@dataclass(frozen=True)
class Around:
    """Layers made of layers, on columns of which there may be few: a skip connection, the first column by itself."""

    units: int
    last: int

    def layer(self, n_inputs: int) -> Any:
        around = gn.Residual(gn.Dense(self.units, "tanh"), gn.Dense(n_inputs))
        first = gn.Columns([0], gn.PeriodicEmbedding(2, 3, std=0.5), gn.Dense(self.last, "relu"))
        return gn.Beside(first, gn.Columns([n_inputs - 1], gn.Dense(2)), around)

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return self.layer(n_inputs).parameters(n_inputs)

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return self.layer(x.shape[1]).forward(p, x, mode)

    @property
    def backward(self) -> Any:
        return lambda p, x, v, d: self.layer(x.shape[1]).backward(p, x, v, d)


OWN = (
    lambda p, x: x @ (p.W + p.A) + p.b + p.c,
    lambda p, x: (p.W.T @ x.T).T + p.b,
    lambda p, x: x * (p.b > 0) + p.c,
    lambda p, x: x * p.W.max(axis=1) + p.c,
    lambda p, x: x * np.where(p.b > 0, 2.0, -0.5) + np.floor(3.0 * p.c),
    lambda p, x: np.abs(x @ p.W) - np.exp(-np.abs(x @ p.W)) + p.b,
    lambda p, x: x * np.tanh(np.sum(x @ p.W, axis=1, keepdims=True)) + p.c,
    lambda p, x: np.minimum(x @ p.W, np.inf) + p.b,
    lambda p, x: x @ p.A @ p.W / (1.0 + np.sum(p.A * p.A)),
    lambda p, x: x * (p.b / (1.0 + p.c * p.c)) + np.max(x, axis=1, keepdims=True) * p.c,
    lambda p, x: x @ np.tanh(p.W @ p.A.T) + p.b * np.mean(p.W, axis=0),
    lambda p, x: (x.T * np.sum(x, axis=1)).T * 0.1 + x,
    lambda p, x: np.sin(x * p.b) + np.cos(x @ p.W) + np.max(p.c) * np.sum(p.A),
    lambda p, x: np.clip(x, -1.0, 1.0 + np.abs(p.c)) + np.log1p(np.abs(x)) * p.b,
    lambda p, x: np.expand_dims(np.mean(x, axis=1), 1) * p.b + x,
    lambda p, x: np.square(x) / (1.0 + x**2) + p.c.T,
    lambda p, x: np.concatenate((x[:, -1:] * p.b, np.tanh(x)[:, ::2] + 0.5, x @ p.W), axis=1),
    lambda p, x: np.tanh(np.concatenate((x, -x), axis=1))[:, ::-1] + x[:, :1],
    lambda p, x: times_blocks(x, np.tanh(p.W), x.shape[1]) * 0.5,
    lambda p, x: times_blocks_T(np.sin(times_blocks(x, p.W, x.shape[1])), p.A, x.shape[1]) + p.b,
    lambda p, x: times_blocks(x * p.b, p.W, 1) + times_blocks_T(x, p.A, 1)[:, [0, *range(x.shape[1])]][:, 1:],
)
ODD = (
    lambda p, x: (x - x.mean(axis=0)) * p.b + p.c,
    lambda p, x: x * np.tanh(np.sum(x)) + p.c,
    lambda p, x: np.sum(np.expand_dims(x, -1) * p.W, axis=1) + p.b,
)
"""What some languages cannot do: a row's values that depend on the other rows, and three axes."""


def random_formula(draw: Random, depth: int) -> Any:
    """A function of z in the dialect, with kinks but without jumps, of values that stay small."""
    if depth == 0:
        number = round(draw.uniform(-1.5, 1.5), 3)
        return draw.choice([lambda z: z, lambda z: z, lambda z: number * z])
    f, g = random_formula(draw, depth - 1), random_formula(draw, depth - 1)
    cut = round(draw.uniform(-0.5, 0.5), 3)
    return draw.choice(
        [
            lambda z: f(z) + 0.5 * g(z),
            lambda z: f(z) - g(z) * cut,
            lambda z: -np.tanh(f(z)) * g(z),
            lambda z: f(z) / (1.0 + np.abs(g(z))),
            lambda z: np.where(z > cut, f(z) * (z - cut), g(z) * np.minimum(z - cut, 0.0)),
            lambda z: np.where((z > 0) & ~(z >= 1.0), f(z) * np.sqrt(np.abs(z * (1.0 - z))), 0.0),
            lambda z: np.where((z <= 0) | (z == 7.0) | (z != z), 0.25 * g(z) * z, f(z) * z),
            lambda z: np.maximum(f(z), cut * g(z)),
            lambda z: np.minimum(f(z), cut),
            lambda z: np.exp(-np.abs(f(z))),
            lambda z: np.exp(np.minimum(f(z), 0.0)) + np.maximum(g(z), 0.0),
            lambda z: np.log1p(np.abs(f(z))),
            lambda z: np.expm1(np.minimum(f(z), 1.0)),
            lambda z: np.sqrt(f(z) ** 2 + 1.0),
            lambda z: np.sign(z) * np.log(1.0 + np.abs(z)),
            lambda z: np.square(np.tanh(f(z))) - np.tanh(g(z)) ** 3,
            lambda z: 1.0 / (1.0 + np.exp(-np.clip(f(z), -30.0, 30.0))),
            lambda z: np.sin(f(z)) * np.cos(cut * g(z)),
            lambda z: f(z) - f(z).max(axis=1, keepdims=True) + g(z).mean(axis=1, keepdims=True),
        ]
    )


def random_activation(draw: Random, name: str) -> gn.parts.activations.Activation:
    """A built-in activation with options of its own."""
    options = {
        "leaky_relu": {"slope": draw.choice([0.01, 0.3, 1.5])},
        "elu": {"alpha": draw.choice([0.5, 1.0, 2.0])},
    }
    return gn.activation(name, **(options.get(name, {}) if draw.random() < 0.7 else {}))


def random_layers(draw: Random, number: int) -> list[Any]:
    """No to three hidden Dense layers, and others between them; the first one's activation goes by the number."""
    layers: list[Any] = []
    for k in range(draw.choice([0, 1, 1, 2, 2, 3])):
        name = draw.choice(activations.NAMES) if k else activations.NAMES[number % len(activations.NAMES)]
        f = random_activation(draw, name)
        if k and draw.random() < 0.4:
            f = gn.activation(random_formula(draw, draw.choice([1, 2, 3])))
        more: dict[str, Any] = {"strength": draw.random() < 0.2 and f.name != "identity"}
        more["scaling"] = "ntk" if draw.random() < 0.2 else "standard"
        more |= {name: draw.choice([1.0, 1.0, 0.1]) for name in ("bias_rate", "strength_rate")}
        layers.append(gn.Dense(draw.choice(UNITS), f, bias=draw.random() < 0.8, **more))
    for _ in range(draw.choice([0, 1, 1, 2])):
        layers.insert(draw.randrange(len(layers) + 1), other_layer(draw))
    return layers


def other_layer(draw: Random) -> Any:
    """A layer that is not Dense."""
    return draw.choice(
        [
            gn.Dropout(draw.choice([0.0, 0.1, 0.5, gn.schedule("flat_cosine", 0.4)])),
            gn.BatchNorm(momentum=draw.choice([0.0, 0.5, 0.9]), eps=draw.choice([1e-5, 1e-3])),
            gn.LayerNorm(eps=draw.choice([1e-5, 1e-2])),
            gn.Scale(rate=draw.choice([1.0, 6.0]), penalised=draw.choice([False, True, 0.5])),
            Own(draw.choice(OWN)),
            gn.PeriodicEmbedding(draw.choice([1, 2, 3]), draw.choice([1, 4, 5]), std=0.5),
            gn.PiecewiseLinearEmbedding(draw.choice([1, 2]), draw.choice([1, 3])),
            Around(draw.choice([1, 3, 7]), draw.choice([1, 2])),
        ]
    )
