"""The loop that tutorials write in NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import textbook

from race.workloads import SEED, Work


def training(work: Work) -> Callable[[], float]:
    if not work.adam:
        (W1, b1), (W2, b2) = work.params()
        return lambda: textbook.train_xor(work.X, work.y, W1, b1, W2, b2, work.rate, work.epochs)[-1]
    params, kind, y = named(work), network(work), targets(work)

    def run() -> float:
        rng = np.random.default_rng(SEED)
        softmax = work.loss == "cross_entropy"
        return textbook.train(params, work.X, y, softmax, work.epochs, work.batch_size, rng, work.rate, kind)[1][-1]

    return run


def predicting(work: Work) -> Callable[[np.ndarray], np.ndarray]:
    made = network(work)(named(work), work.loss == "cross_entropy")
    return lambda x: made.forward(x)[0]


def named(work: Work) -> dict[str, np.ndarray]:
    return {f"{name}{k}": p for k, layer in enumerate(work.params(), 1) for name, p in zip("Wb", layer, strict=True)}


def network(work: Work) -> type[textbook.Network]:
    return textbook.Logistic if work.loss == "binary_cross_entropy" else textbook.Network


def targets(work: Work) -> np.ndarray:
    return work.y if work.loss == "cross_entropy" else work.column


TRAINING = {"NumPy by hand": training}
PREDICTING = {"NumPy by hand": predicting}
