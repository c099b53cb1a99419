"""Points in the plane: scikit-learn's circles and blobs, times 100, as AutoTrainer's networks were trained on.

`make_circles(1000, noise=0.1) * 100` and `make_blobs(1000, centers=3, n_features=2, cluster_std=2) * 100`, of which 700
rows train. The draws here are NumPy's own, so they are none of those that a seed gives there.
"""

from __future__ import annotations

import numpy as np

ROWS = 700


def circles(rng: np.random.Generator, n: int = ROWS, noise: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """A circle of radius 100 (class 0) and one of radius 80 in it (class 1): X (n, 2), y (n,)."""
    y = np.arange(n) % 2
    angle = rng.uniform(0, 2 * np.pi, n)
    radius = np.where(y == 0, 1.0, 0.8)
    X = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])  # (n, 2)
    return (X + noise * rng.standard_normal((n, 2))) * 100, y


def blobs(rng: np.random.Generator, centres: np.ndarray, n: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    """Round clouds of standard deviation 200 about 100 times these centres (K, 2): X (n, 2), y (n,)."""
    y = np.arange(n) % len(centres)
    return (centres[y] + 2.0 * rng.standard_normal((n, 2))) * 100, y


def apart(rng: np.random.Generator, least: float = 5.0) -> np.ndarray:
    """Three centres in a square of 20 by 20, drawn until they are far enough apart to be told from each other."""
    while True:
        centres = rng.uniform(-10, 10, (3, 2))
        far = [np.hypot(*(centres[i] - centres[j])) for i, j in ((0, 1), (0, 2), (1, 2))]
        if min(far) >= least:
            return centres
