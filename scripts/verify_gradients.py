#!/usr/bin/env python
"""Hold gradients against complex steps, on random networks: `scripts/verify_gradients.py NETWORKS SEED [jax]`.

Each network has random widths, depth, activations, norms, dropout, loss, penalties and scale of its weights, some so
large that units are saturated. It is computed again here, in complex numbers: the imaginary part of L(theta + ih·v)/h
is the slope along v, exact to rounding, as no difference is taken. For three random v the gradient's share along v must
be that slope, to 1e-12 of the gradient's length, of 1e-6 where that is shorter. Networks with a unit at a kink (a
relu's score within 1e-9 of 0, say) have two slopes there, and are drawn again. Two kinds of network may be off further,
and are counted:

    vague       where a change of last digits, of weights and rows, changes the slope by a thousandth of that or more:
                a batch norm of a column of large numbers that hardly differ, say
    saturated   units and cross-entropies whose slope has all but vanished, which is right to 2^-52 of 1 rather than of
                itself, as their docstrings say: 1e-13 at most, and the whole gradient is shorter than 0.01

With `jax` they are held against JAX's gradients instead (`gradients_by_jax.py`), of the same networks, to the same
figures; what is vague is found by complex steps then, too.

What differs otherwise is printed with its number, and the exit status is then 1.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import numpy as np

import glassnet as gn
from glassnet.derivation.derive import derive
from glassnet.derivation.walk import drawing, gathered, start, walk
from glassnet.expressions.expression import evaluate
from glassnet.formulas.activations import GELU_CUBE, GELU_SLOPE, SELU_ALPHA, SELU_SCALE

Gradient = Callable[..., np.ndarray]  # of network, layout, theta, x, y and what dropout drew

STEP, KINK, EPS = 1e-40, 1e-9, 2.0**-52
ENOUGH, SHORT = 1e-12, 1e-6


def sigmoid(z: Any) -> Any:
    """By the sign of the real part, so that nothing overflows."""
    e = np.exp(-z * np.sign(z.real))
    return np.where(z.real < 0, e, 1.0) / (1.0 + e)


def softplus(z: Any) -> Any:
    """log(1 + exp(z))."""
    return np.where(z.real > 0, z, 0.0) + np.log1p(np.exp(-z * np.sign(z.real)))


def elu(z: Any, alpha: float = 1.0) -> Any:
    """z, or alpha·(exp(z) - 1)."""
    return np.where(z.real > 0, z, alpha * np.expm1(np.where(z.real > 0, 0.0, z)))


# the activations again, in complex numbers; those of two pieces with a corner where these meet
SMOOTH: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "softplus": softplus,
    "silu": lambda z: z * sigmoid(z),
    "mish": lambda z: z * np.tanh(softplus(z)),
    "gelu": lambda z: z * sigmoid(GELU_SLOPE * (z + GELU_CUBE * z**3)),
    "log_sigmoid": lambda z: -softplus(-z),
    "softsign": lambda z: z / (1.0 + z * np.sign(z.real)),
    "elu": elu,
    "exponential": np.exp,
}
CORNERED: dict[str, Callable[[Any], Any]] = {
    "relu": lambda z: np.where(z.real > 0, z, 0.0),
    "leaky_relu": lambda z: np.where(z.real > 0, z, 0.01 * z),
    "selu": lambda z: SELU_SCALE * elu(z, SELU_ALPHA),
}
ACTIVATIONS = SMOOTH | CORNERED


def log_sum_exp(s: Any) -> Any:
    """Of each row."""
    top = s[np.arange(len(s)), s.real.argmax(axis=1)][:, None]
    return top + np.log(np.exp(s - top).sum(axis=1, keepdims=True))


LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "squared": lambda y, s: (y - s) ** 2,
    "poisson": lambda y, s: np.exp(s) - y * s,
    "binary_cross_entropy": lambda y, s: softplus(s) - y * s,
    "cross_entropy": lambda y, s: log_sum_exp(s) - (y * s).sum(axis=1, keepdims=True),
}


class Cornered(Exception):
    """A unit stands at a kink."""


def objective(network: gn.Network, arrays: Mapping[str, Any], x: Any, y: Any, drawn: list[Any]) -> Any:
    """The loss of a batch, computed here; `drawn` are the random numbers of dropout, in order."""
    a, drawn = x.astype(complex), list(drawn)
    for k, layer in enumerate(network.layers, start=1):
        if isinstance(layer, gn.Dense):
            z = a @ arrays[f"W{k}"] + arrays[f"b{k}"]
            name = layer.activation.name
            if name in CORNERED and np.abs(z.real).min() < KINK:
                raise Cornered
            a = ACTIVATIONS[name](z)
        elif isinstance(layer, gn.Dropout):
            a = np.where(drawn.pop(0) >= layer.rate, a / (1.0 - layer.rate), 0.0)
        else:
            axis = 0 if isinstance(layer, gn.BatchNorm) else 1
            centred = a - a.mean(axis=axis, keepdims=True)
            scale = np.sqrt((centred * centred).mean(axis=axis, keepdims=True) + layer.eps)
            a = arrays[f"gamma{k}"] * centred / scale + arrays[f"beta{k}"]
    weights = [array for name, array in arrays.items() if name.startswith("W")]
    terms = LOSSES[network.loss.name](y, a)
    return terms.mean() + 0.5 * network.l2 * sum((w * w).sum() for w in weights)


def random_network(rng: np.random.Generator) -> gn.Network:
    """Some layers and a loss."""
    layers: list[Any] = []
    for _ in range(rng.integers(1, 6)):
        layers.append(gn.Dense(int(rng.integers(1, 9)), str(rng.choice(sorted(set(ACTIVATIONS) - {"exponential"})))))
        if rng.random() < 0.25:
            layers.append([gn.BatchNorm(), gn.LayerNorm(), gn.Dropout(0.3)][rng.integers(3)])
    loss = str(rng.choice(sorted(LOSSES)))
    units = int(rng.integers(2, 6)) if loss == "cross_entropy" else int(rng.integers(1, 4))
    return gn.Network(*layers, gn.Dense(units), loss=loss, l2=float(rng.choice([0.0, 0.1])))


def difference(rng: np.random.Generator, other: Gradient | None = None) -> tuple[float, str]:
    """How far a random network's gradient is off, in units of its length, of 1e-6 at least; and why it may be.

    It is held against another gradient, or without one against complex steps.
    """
    network, n_inputs, rows = random_network(rng), int(rng.integers(1, 6)), int(rng.integers(3, 9))
    derivation, layout = derive(network, n_inputs), network.layout(n_inputs)
    theta = rng.normal(scale=float(rng.choice([0.3, 1.0, 4.0])), size=layout.size)
    x, units = rng.normal(size=(rows, n_inputs)), network.n_outputs(n_inputs)
    is_class = network.loss is not None and "entropy" in network.loss.name
    y = np.eye(units)[rng.integers(0, units, rows)] if is_class else np.abs(rng.normal(size=(rows, units)))
    state = network.layout(n_inputs, learnt=False).views(np.ones(network.layout(n_inputs, learnt=False).size))
    drawn: list[Any] = []

    def draw(shape: Any, dtype: Any) -> Any:
        drawn.append(drawing(rng, rows)(shape, dtype))
        return drawn[-1]

    penalised = np.concatenate(
        [np.full(int(np.prod(shape)), float(name[0] == "W")) for name, shape in layout.shapes.items()]
    )
    arrays = {**layout.views(theta), **state, "theta": theta, "penalised": penalised}
    values = start(derivation, arrays, x, y)
    for _ in walk(derivation, values, lambda expression: evaluate(expression, values, draw)):
        pass
    g = values[derivation.pull] if derivation.pull else gathered(derivation, values)
    theirs = None if other is None else other(network, layout, theta, x, y, drawn)
    worst, kind, length = 0.0, "", max(float(np.linalg.norm(g)), SHORT)
    for _ in range(3):
        v = rng.normal(size=layout.size)
        v /= np.linalg.norm(v)
        slope = objective(network, layout.views(theta + 1j * STEP * v), x, y, drawn).imag / STEP
        off = abs(float(slope if theirs is None else theirs @ v) - float(g @ v))
        if np.isfinite(off) and off / length > worst:
            worst, kind = off / length, ""
            shifts = []
            for _ in range(8):
                moved, there = (q * (1.0 + EPS * rng.choice([-1.0, 1.0], q.shape)) for q in (theta, x))
                beside = objective(network, layout.views(moved + 1j * STEP * v), there, y, drawn).imag / STEP
                shifts.append(abs(beside - slope))
            if off < 1000.0 * max(shifts):
                kind = "vague"
            elif off < 1e-13 and length < 0.01:
                kind = "saturated"
    return worst, kind


def main() -> int:
    """So many networks."""
    networks, seed = int(sys.argv[1]), int(sys.argv[2])
    other = import_module("gradients_by_jax").gradient if "jax" in sys.argv else None
    found, again = list[tuple[float, str]](), 0
    for k in range(networks):
        for attempt in range(20):
            try:
                with np.errstate(all="ignore"):
                    found.append(difference(np.random.default_rng([seed, k, attempt]), other))
                break
            except Cornered:
                again += 1
        if found[-1][0] > ENOUGH and not found[-1][1]:
            print(f"network {k}: off by {found[-1][0]:.2g}", flush=True)
    off = np.array([item for item, _ in found])
    kinds = [kind for item, kind in found if item > ENOUGH]
    print(
        f"{len(off)} networks, {again} drawn again: half of them at most {np.median(off):.2g} off, all {off.max():.2g}"
    )
    print(
        f"over {ENOUGH}: " + ", ".join(f"{kinds.count(kind)} {kind or 'wrong'}" for kind in ("vague", "saturated", ""))
    )
    return int("" in kinds)


if __name__ == "__main__":
    sys.exit(main())
