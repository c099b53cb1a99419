"""Training as a textbook writes it: one network, x-4-2 with tanh, squared error, a loop over batches. Plain NumPy."""

from collections.abc import Iterator
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]


def loss_and_gradients(p: Arrays, x: np.ndarray, y: np.ndarray, w: np.ndarray) -> tuple[float, Arrays]:
    z1 = x @ p["W1"] + p["b1"]
    a1 = np.tanh(z1)
    s = a1 @ p["W2"] + p["b2"]
    share = w[:, None] / w.sum() / y.shape[1]
    loss = float(np.sum(share * (s - y) ** 2))
    ds = 2 * share * (s - y)
    dz1 = ds @ p["W2"].T * (1 - a1**2)
    return loss, {"W1": x.T @ dz1, "b1": dz1.sum(axis=0), "W2": a1.T @ ds, "b2": ds.sum(axis=0)}


def sgd(p: Arrays, g: Arrays, memory: Any, t: int, lr: dict[str, float]) -> None:
    for name in p:
        p[name] = p[name] - lr[name] * g[name]


def momentum(p: Arrays, g: Arrays, memory: Any, t: int, lr: dict[str, float]) -> None:
    for name in p:
        memory[name] = 0.9 * memory.get(name, 0.0) - lr[name] * g[name]
        p[name] = p[name] + memory[name]


def adam(p: Arrays, g: Arrays, memory: Any, t: int, lr: dict[str, float]) -> None:
    for name in p:
        m, v = memory.get(name, (0.0, 0.0))
        m = 0.9 * m + 0.1 * g[name]
        v = 0.999 * v + 0.001 * g[name] ** 2
        memory[name] = m, v
        p[name] = p[name] - lr[name] * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)


def adamw(p: Arrays, g: Arrays, memory: Any, t: int, lr: dict[str, float]) -> None:
    for name in p:
        p[name] = p[name] - lr[name] * 0.01 * p[name] if name.startswith("W") else p[name]
    adam(p, g, memory, t, lr)


RULES = {"sgd": sgd, "momentum": momentum, "adam": adam, "adamw": adamw}


def batches(n: int, size: int, rng: np.random.Generator | None) -> Iterator[np.ndarray]:
    """The rows of each batch; mixed as glassnet mixes them, one permutation an epoch."""
    order = np.arange(n) if rng is None or size >= n else rng.permutation(n)
    for low in range(0, n, size):
        yield order[low : low + size]


def train(
    p: Arrays,
    X: np.ndarray,
    y: np.ndarray,
    *,
    rule: str,
    lr: float,
    epochs: int,
    size: int,
    rng: np.random.Generator | None = None,
    weight: np.ndarray | None = None,
    rates: dict[str, float] | None = None,
) -> list[float]:
    """Changes the arrays in p, each at its rate times lr; the loss of each epoch."""
    lrs = {name: lr * (rates or {}).get(name, 1.0) for name in p}
    weight = np.ones(len(X)) if weight is None else weight
    memory: dict[str, Any] = {}
    t, losses = 0, []
    for _ in range(epochs):
        total = 0.0
        for rows in batches(len(X), size, rng):
            t += 1
            loss, g = loss_and_gradients(p, X[rows], y[rows], weight[rows])
            RULES[rule](p, g, memory, t, lrs)
            total += loss * weight[rows].sum()
        losses.append(total / weight.sum())
    return losses
