#!/usr/bin/env python
"""How exact the formulas are over the whole float range: `scripts/verify_formulas.py [MANTISSAS]`.

Every activation and loss, and the derivative of each, is taken at every exponent of a float with so many mantissas (64)
and both signs, in float64 and float32, and held against mpmath. A line for each: how far it is off at most, in units of
the last place of the true value (ULP) and as a number; where that is; and what the rest are within, 999 of 1000.
For derivatives da is 1, for losses the target is 1 or, where they have no classes, 0.5.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import mpmath as mp
import numpy as np

from glassnet.formulas import activations, losses

TINY = mp.mpf(2) ** -1074


def sigmoid(z: Any) -> Any:
    """1 / (1 + exp(-z)), which mpmath has no trouble with."""
    return 1 / (1 + mp.exp(-z))


def softplus(z: Any) -> Any:
    """log(1 + exp(z))."""
    return mp.log1p(mp.exp(z))


def tanh_of_softplus(z: Any) -> tuple[Any, Any]:
    """tanh(log(1 + exp(z))) and its derivative."""
    u = mp.exp(z)
    r = u * (u + 2)
    return r / (r + 2), 4 * u * (u + 1) / (r + 2) ** 2


def gelu(z: Any) -> tuple[Any, Any]:
    """The tanh approximation, and its derivative."""
    slope, cube = mp.mpf(activations.GELU_SLOPE), mp.mpf(activations.GELU_CUBE)
    s = sigmoid(slope * (z + cube * z**3))
    return z * s, s + z * s * (1 - s) * slope * (1 + 3 * cube * z * z)


LAMBDA, ALPHA = mp.mpf(activations.SELU_SCALE), mp.mpf(activations.SELU_ALPHA)

# value and derivative, written again for numbers of any length
ACTIVATIONS: dict[str, Callable[[Any], tuple[Any, Any]]] = {
    "elu": lambda z: (z, mp.mpf(1)) if z > 0 else (mp.expm1(z), mp.exp(z)),
    "gelu": gelu,
    "leaky_relu": lambda z: (z, mp.mpf(1)) if z > 0 else (mp.mpf(0.01) * z, mp.mpf(0.01)),
    "log_sigmoid": lambda z: (-softplus(-z), sigmoid(-z)),
    "mish": lambda z: (z * tanh_of_softplus(z)[0], tanh_of_softplus(z)[0] + z * tanh_of_softplus(z)[1]),
    "selu": lambda z: (LAMBDA * z, LAMBDA) if z > 0 else (LAMBDA * ALPHA * mp.expm1(z), LAMBDA * ALPHA * mp.exp(z)),
    "sigmoid": lambda z: (sigmoid(z), sigmoid(z) * sigmoid(-z)),
    "silu": lambda z: (z * sigmoid(z), sigmoid(z) + z * sigmoid(z) * sigmoid(-z)),
    "softplus": lambda z: (softplus(z), sigmoid(z)),
    "softsign": lambda z: (z / (1 + abs(z)), 1 / (1 + abs(z)) ** 2),
    "tanh": lambda z: (mp.tanh(z), 1 / mp.cosh(z) ** 2),
}
LOSSES: dict[str, tuple[float, Callable[[Any], tuple[Any, Any]]]] = {
    "binary_cross_entropy": (1.0, lambda s: (softplus(-s), -sigmoid(-s))),
    "cross_entropy": (1.0, lambda s: (softplus(-s), -sigmoid(-s))),  # of two classes with the scores s and 0
    "huber": (
        0.5,
        lambda s: ((s - 0.5) ** 2 / 2, s - 0.5) if abs(s - 0.5) <= 1 else (abs(s - 0.5) - 0.5, mp.sign(s - 0.5)),
    ),
    "poisson": (0.5, lambda s: (mp.exp(s) - s / 2, mp.exp(s) - 0.5)),
    "squared": (0.5, lambda s: ((s - 0.5) ** 2, 2 * (s - 0.5))),
}


@dataclass(frozen=True)
class Error:
    """How far off a formula is: at most, where, and for 999 of 1000 numbers."""

    ulps: float
    at: float
    number: float
    most: float


def numbers(dtype: Any, mantissas: int) -> np.ndarray:
    """Every exponent times so many mantissas, both signs."""
    info = np.finfo(dtype)
    exponents = np.arange(info.minexp - info.nmant, info.maxexp)
    fractions = 1.0 + np.arange(mantissas) / mantissas
    with np.errstate(under="ignore"):
        found = np.unique(np.ldexp(fractions[:, None], exponents[None, :]).astype(dtype))
    return np.concatenate([-found[::-1], [0.0], found]).astype(dtype)


def cases() -> Iterator[tuple[str, Callable[[np.ndarray], np.ndarray], Callable[[Any], Any]]]:
    """Name, formula and true value of everything that is held against mpmath."""
    for name, exact in ACTIVATIONS.items():
        value, slope = getattr(activations, name), getattr(activations, f"{name}_backward")
        yield name, value, lambda z, exact=exact: exact(z)[0]
        yield f"{name}'", lambda z, f=value, d=slope: d(np.ones_like(z), z, f(z)), lambda z, exact=exact: exact(z)[1]
    for name, (y, exact) in LOSSES.items():
        for k, end in enumerate(("", "_backward")):
            formula = getattr(losses, f"{name}{end}")

            def of_scores(
                s: np.ndarray, formula: Any = formula, y: float = y, pair: bool = name == "cross_entropy"
            ) -> Any:
                if not pair:
                    return formula(np.full_like(s, y), s)
                rows = np.stack([s, np.zeros_like(s)], axis=1)
                return formula(np.broadcast_to(np.array([1.0, 0.0], s.dtype), rows.shape), rows)[:, 0]

            yield name + "'" * k, of_scores, lambda s, exact=exact, k=k: exact(s)[k]


def measured(formula: Callable[[np.ndarray], np.ndarray], exact: Callable[[Any], Any], z: np.ndarray) -> Error:
    """How far a formula is off at numbers."""
    info = np.finfo(z.dtype)
    smallest, largest = mp.mpf(float(info.smallest_subnormal)), mp.mpf(float(info.max))
    ulps, off = [], []
    with np.errstate(all="ignore"):
        found = formula(z)
    for x, a in zip(z.tolist(), found.tolist(), strict=True):
        true = exact(mp.mpf(x))
        if abs(true) > largest:
            ulps.append(0.0 if math.isinf(a) or abs(a) > info.max / 8 else math.inf)
            off.append(0.0)
            continue
        exponent = mp.frexp(true)[1] if true else -5000
        ulp = max(mp.mpf(2) ** (exponent - info.nmant - 1), smallest)
        off.append(float(abs(mp.mpf(a) - true)))
        ulps.append(float(abs(mp.mpf(a) - true) / ulp))
    worst = int(np.argmax(ulps))
    return Error(ulps[worst], float(z[worst]), max(off), float(np.quantile(ulps, 0.999)))


def main() -> None:
    """The table."""
    mantissas = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    print(f"{'formula':24}{'dtype':9}{'max ULP':>10}  {'at':>12}{'as a number':>13}{'999 of 1000':>13}")
    with mp.workprec(300):
        for dtype in (np.float64, np.float32):
            z = numbers(dtype, mantissas)
            for name, formula, exact in cases():
                e = measured(formula, exact, z)
                print(
                    f"{name:24}{np.dtype(dtype).name:9}{e.ulps:10.3g}  {e.at:12.5g}{e.number:13.2g}{e.most:13.3g}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
