"""Rows that networks are asked about in these tests."""

from typing import Any

import numpy as np

import glassnet as gn


def rings(n: int = 400, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Two rings, one inside the other."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    angle, radius = rng.uniform(0.0, 2.0 * np.pi, n), np.where(y, 1.0, 0.5)
    return np.column_stack((radius * np.cos(angle), radius * np.sin(angle))) + rng.normal(0.0, 0.08, (n, 2)), y


def network(*units: int, activation: Any = "relu", **more: Any) -> gn.Network:
    """Hidden layers of so many units, and the last."""
    return gn.Network(*(gn.Dense(count, activation, **more) for count in units), gn.Dense())


def numbers(*units: int) -> gn.Network:
    """The same with relu for a number, and the squared error."""
    return gn.Network(*(gn.Dense(count, "relu") for count in units), gn.Dense(1), loss="squared")
