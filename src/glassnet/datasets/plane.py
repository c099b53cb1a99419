"""Points in the plane in classes that no straight line divides: moons, circles, spirals.

Each returns X (n, 2) and y (n,), the classes as whole numbers from 0, the classes mixed. The same `rng`
seed gives the same points. `noise` is the standard deviation of what is added to each coordinate.
"""

import math

import numpy as np
from numpy.typing import NDArray

from glassnet.parts.naming import check_number, check_whole

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Seed = int | np.random.Generator


def circles(n: int = 200, *, noise: float = 0.05, inner: float = 0.5, rng: Seed = 0) -> tuple[Floats, Labels]:
    """Return a circle of radius 1 (class 0) and one of radius `inner` inside it (class 1)."""
    if not 0 < inner < 1:
        raise ValueError(f"inner must be between 0 and 1, got {inner}")
    y, t = _classes_and_places(n, 2, noise)
    angle = 2 * np.pi * t
    radius = np.where(y == 0, 1.0, inner)
    return _shaken(radius * np.cos(angle), radius * np.sin(angle), y, noise, rng)


def moons(n: int = 200, *, noise: float = 0.1, rng: Seed = 0) -> tuple[Floats, Labels]:
    """Return two half circles that reach into each other: the upper (class 0) and the lower (class 1)."""
    y, t = _classes_and_places(n, 2, noise, closed=True)
    angle = np.pi * t
    upper = y == 0
    x1 = np.where(upper, np.cos(angle), 1.0 - np.cos(angle))
    x2 = np.where(upper, np.sin(angle), 0.5 - np.sin(angle))
    return _shaken(x1, x2, y, noise, rng)


def spirals(
    n: int = 200, *, noise: float = 0.02, classes: int = 2, turns: float = 1.5, rng: Seed = 0
) -> tuple[Floats, Labels]:
    """Return arms that wind `turns` times round the middle out to radius 1, one for each class."""
    if classes < 2:
        raise ValueError(f"classes must be >= 2, got {classes}")
    if not turns > 0:
        raise ValueError(f"turns must be > 0, got {turns}")
    y, t = _classes_and_places(n, classes, noise, closed=True)
    radius = 0.05 + 0.95 * t  # not from 0: there all arms would meet
    angle = 2 * np.pi * (turns * t + y / classes)
    return _shaken(radius * np.cos(angle), radius * np.sin(angle), y, noise, rng)


def _classes_and_places(n: int, classes: int, noise: float, closed: bool = False) -> tuple[Labels, Floats]:
    """Return each point's class, in sizes as equal as can be, and its place on its curve, from 0 to 1."""
    n = check_whole("n", n)
    check_number("noise", noise, -math.inf, math.inf)
    if n < classes:
        raise ValueError(f"n must be >= {classes}, a point for each class, got {n}")
    if not noise >= 0:
        raise ValueError(f"noise must be >= 0, got {noise}")
    sizes = [len(range(k, n, classes)) for k in range(classes)]
    t = np.concatenate([np.linspace(0.0, 1.0, size, endpoint=closed) for size in sizes])
    return np.repeat(np.arange(classes), sizes), t


def _shaken(x1: Floats, x2: Floats, y: Labels, noise: float, rng: Seed) -> tuple[Floats, Labels]:
    """Return the points with noise, in random order."""
    try:
        generator = np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise ValueError(f"rng must be a whole number >= 0, a generator or None, got {rng!r:.60}") from None
    X = np.column_stack([x1, x2]) + noise * generator.standard_normal((len(y), 2))  # (n, 2)
    order = generator.permutation(len(y))
    return X[order], y[order]
