"""The loop that tutorials write in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import textbook

from race.searches import Search
from race.workloads import DROPPED, EPS, MOMENTUM, SEED, Work


def training(work: Work) -> Callable[[], float]:
    if not work.adam:
        (W1, b1), (W2, b2) = work.params()
        return lambda: textbook.train_xor(work.X, work.y, W1, b1, W2, b2, work.rate, work.epochs)[-1]
    y = targets(work)

    def run() -> float:
        rng = np.random.default_rng(SEED)
        return textbook.train(network(work, rng), work.X, y, work.epochs, work.batch_size, rng, work.rate)[-1]

    return run


def searching(search: Search) -> Callable[[], None]:
    """A few runs: the middle learning rate and the first seed on each fold."""
    rate, seed = search.rates[len(search.rates) // 2], search.seeds[0]

    def run() -> None:
        for rows, _ in search.folds:
            params, _ = search.begin(seed, 1)
            made = textbook.Network(textbook_names(params), softmax=True)
            rng = np.random.default_rng(seed)
            textbook.train(made, search.X[rows], search.y[rows], search.epochs, search.batch_size, rng, rate)

    return run


def predicting(work: Work) -> Callable[[np.ndarray], np.ndarray]:
    made = network(work, np.random.default_rng(0))
    return lambda x: made.forward(x)[0]


def network(work: Work, rng: np.random.Generator) -> textbook.Network:
    """With its starting weights; dropout draws from `rng`."""
    params = textbook_names(work.params())
    kind = textbook.Logistic if work.loss == "binary_cross_entropy" else textbook.Network
    return kind(params | of_batch_norm(work), work.loss == "cross_entropy", work.hidden, partial(between, work, rng))


def textbook_names(params: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, np.ndarray]:
    """W1, b1, W2, …"""
    return {f"{name}{k}": p for k, layer in enumerate(params, 1) for name, p in zip("Wb", layer, strict=True)}


def between(work: Work, rng: np.random.Generator, params: dict[str, np.ndarray], depth: int) -> dict[int, Any]:
    """What follows each hidden layer."""
    if work.between == "dropout":
        return {k: textbook.Dropout(DROPPED, rng) for k in range(1, depth)}
    return {k: textbook.BatchNorm(params, k, MOMENTUM, EPS) for k in range(1, depth)} if work.between else {}


def of_batch_norm(work: Work) -> dict[str, np.ndarray]:
    """Scales of one and shifts of zero, for each hidden layer."""
    if work.between != "batch norm":
        return {}
    sizes = list(enumerate(work.sizes))[1:-1]
    ones, zeros = (
        {f"{name}{k}": np.full(u, start, work.X.dtype) for k, u in sizes} for name, start in (("gamma", 1), ("beta", 0))
    )
    return ones | zeros


def targets(work: Work) -> np.ndarray:
    return work.y if work.loss == "cross_entropy" else work.column


SEARCHING = {"NumPy by hand": searching}
TRAINING = {"NumPy by hand": training}
PREDICTING = {"NumPy by hand": predicting}
