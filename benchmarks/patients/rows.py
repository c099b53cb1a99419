"""Made-up rows of the kinds that people learn neural networks with: gates, curves, prices, flowers, digits, words."""

from __future__ import annotations

import numpy as np

Rows = tuple[np.ndarray, np.ndarray]  # X (n, inputs) and y (n,)
Rng = np.random.Generator


def standard(X: np.ndarray) -> np.ndarray:
    """The same, each column of mean 0 and spread 1."""
    spread = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)


def gate(name: str) -> Rows:
    """AND, OR, NAND or XOR of two inputs: four rows, the target a number."""
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return X, np.array(
        {"and": [0.0, 0, 0, 1], "or": [0.0, 1, 1, 1], "nand": [1.0, 1, 1, 0], "xor": [0.0, 1, 1, 0]}[name]
    )


def one_hot(y: np.ndarray) -> np.ndarray:
    """A column of 0 and 1 for each class, (n, K)."""
    return np.eye(int(y.max()) + 1)[y]


def sine(rng: Rng, n: int = 200, turns: float = 1.0) -> Rows:
    """A sine from -π to π, with noise of 0.05."""
    X = rng.uniform(-np.pi, np.pi, (n, 1))
    return X, np.sin(turns * X[:, 0]) + 0.05 * rng.standard_normal(n)


def parabola(rng: Rng, n: int = 200, reach: float = 1.0) -> Rows:
    """y = x² between -reach and reach."""
    X = rng.uniform(-reach, reach, (n, 1))
    return X, X[:, 0] ** 2


def line(rng: Rng, n: int = 200, inputs: int = 3, noise: float = 0.1) -> Rows:
    """A weighted sum of the inputs, 2·x1 - x2 + 0.5·x3 …, plus 1 and noise."""
    X = rng.standard_normal((n, inputs))
    return X, X @ np.resize([2.0, -1.0, 0.5], inputs) + 1.0 + noise * rng.standard_normal(n)


def sums(rng: Rng, n: int = 300, largest: float = 100.0) -> Rows:
    """Two whole numbers and their sum."""
    X = rng.integers(0, largest, (n, 2)).astype(float)
    return X, X.sum(axis=1)


def prices(rng: Rng, n: int = 400) -> Rows:
    """Houses: area in square feet, rooms, age in years, income of the neighbourhood; the price in dollars."""
    area, rooms, age = rng.uniform(500, 4000, n), rng.integers(1, 8, n), rng.uniform(0, 100, n)
    income = rng.lognormal(11, 0.4, n)
    price = 80 * area + 15_000 * rooms - 1_000 * age + 2.0 * income + 0.01 * area**2
    return np.column_stack([area, rooms, age, income]), price * rng.lognormal(0, 0.08, n)


def flowers(rng: Rng, n: int = 150) -> Rows:
    """Four lengths in centimetres of three kinds of iris: clouds with the means and spreads of Fisher's."""
    means = np.array([[5.0, 3.4, 1.5, 0.25], [5.9, 2.8, 4.3, 1.3], [6.6, 3.0, 5.6, 2.0]])
    spreads = np.array([[0.35, 0.38, 0.17, 0.1], [0.5, 0.31, 0.47, 0.2], [0.6, 0.32, 0.55, 0.27]])
    y = np.arange(n) % 3
    return means[y] + spreads[y] * rng.standard_normal((n, 4)), y


def digits(rng: Rng, n: int = 600, classes: int = 10, side: int = 8) -> Rows:
    """Pictures of 8 by 8 pixels from 0 to 255: one blurred pattern for each class, and noise."""
    patterns = np.random.default_rng(0).uniform(0, 255, (classes, side * side))
    patterns = np.where(patterns > 150, patterns, 0.0)
    y = np.arange(n) % classes
    return np.clip(patterns[y] + 60 * rng.standard_normal((n, side * side)), 0, 255).round(), y


def words(rng: Rng, n: int = 400, vocabulary: int = 100) -> Rows:
    """Which of a hundred words a text has, 0 or 1; twenty of them are likelier in texts of class 1."""
    y = np.arange(n) % 2
    likely = np.full((2, vocabulary), 0.1)
    likely[1, :10], likely[0, 10:20] = 0.35, 0.35
    return (rng.random((n, vocabulary)) < likely[y]).astype(float), y


def clouds(rng: Rng, n: int = 300, share: float = 0.5, apart: float = 2.0, inputs: int = 2) -> Rows:
    """Two clouds of spread 1, so far apart in each input; class 1 is this share of the rows."""
    y = (np.arange(n) < share * n).astype(int)
    return rng.standard_normal((n, inputs)) + apart * y[:, None] - apart / 2, y


def rings(rng: Rng, n: int = 400) -> Rows:
    """A disc (class 1) in a ring, the columns of spread about 1; no straight line divides them."""
    y = np.arange(n) % 2
    angle, radius = rng.uniform(0, 2 * np.pi, n), np.where(y == 1, 0.5, 1.5) + 0.15 * rng.standard_normal(n)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), y


def noise(rng: Rng, n: int = 300, inputs: int = 4) -> Rows:
    """Inputs that say nothing of the class."""
    return rng.standard_normal((n, inputs)), rng.integers(0, 2, n)
