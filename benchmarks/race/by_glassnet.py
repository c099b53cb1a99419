"""glassnet, by its public interface: what is timed is the whole call, data checks and derivation included."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import glassnet as gn
from race.searches import Search
from race.workloads import DROPPED, EPS, MOMENTUM, SEED, SEEDS, Work


def training(work: Work, engine: str) -> Callable[[], float]:
    made, options = network(work), how(work)

    def run(epochs: int = work.epochs) -> float:
        model = gn.train(made, work.X, work.y, epochs=epochs, seed=SEED, engine=engine, progress=False, **options)
        return model.history["loss"][-1]

    run(epochs=1)  # the compiled engine compiles a network when it first sees it
    return run


def predicting(work: Work, prepared: bool) -> Callable[[np.ndarray], np.ndarray]:
    model = gn.initialize(network(work), np.zeros((2, work.sizes[0]), np.float32), [0, 1])
    return model.predictor() if prepared else model.predict_proba


def many(work: Work, engine: str) -> Callable[[], float]:
    """Weights of its own for each seed; gives the median of the losses."""
    made = gn.Network(gn.Dense(4, "sigmoid"), gn.Dense(1, "sigmoid"), loss="squared")

    options = {"epochs": work.epochs, "engine": engine, "workers": int(os.environ["NUMBA_NUM_THREADS"]), **how(work)}

    def run(seeds: range = SEEDS) -> float:
        runs = gn.train_many(made, work.X, work.y, seeds=seeds, **options)
        assert all(len(model.weights) == 2 * len(made.layers) for model in runs)  # each model is made
        return statistics.median(runs["loss"])

    run(SEEDS[:2])
    return run


def searching(search: Search) -> Callable[[], float]:
    """Each run is measured on its held-out rows after each epoch, too; gives the median of the losses in training."""
    *hidden, last = search.sizes[1:]
    made = gn.Network(*(gn.Dense(u, "relu") for u in hidden), gn.Dense(last), loss="cross_entropy")
    workers = int(os.environ["NUMBA_NUM_THREADS"])

    def run(rates: tuple[float, ...] = search.rates, epochs: int = search.epochs) -> float:
        runs = gn.train_many(
            made,
            search.X,
            search.y,
            seeds=search.seeds,
            vary={"learning_rate": list(rates)},
            folds=search.folds,
            optimizer=gn.Adam(),
            batch_size=search.batch_size,
            epochs=epochs,
            workers=workers,
        )
        return statistics.median(runs["loss"])

    run(search.rates[:2], epochs=1)
    return run


def network(work: Work) -> gn.Network:
    activations = [work.hidden] * (len(work.sizes) - 2) + ["sigmoid" if work.loss == "squared" else "identity"]
    between = {"dropout": [gn.Dropout(DROPPED)], "batch norm": [gn.BatchNorm(MOMENTUM, EPS)], "": []}[work.between]
    layers: list[Any] = []
    for (W, _), f in zip(work.params(), activations, strict=True):
        layers += [gn.Dense(W.shape[1], f, weights=W), *between]
    return gn.Network(*layers[: len(layers) - len(between)], loss=work.loss)


def how(work: Work) -> dict[str, Any]:
    rule = gn.Adam(work.rate) if work.adam else gn.SGD(work.rate)
    return {"optimizer": rule, "batch_size": work.batch_size}


TRAINING = {f"glassnet, {engine}": partial(training, engine=engine) for engine in ("compiled", "numpy")}
PREDICTING = {
    "glassnet, predictor": partial(predicting, prepared=True),
    "glassnet, predict_proba": partial(predicting, prepared=False),
}
SEARCHING = {"glassnet, train_many": searching}
SEEDED = {"glassnet, train_many": partial(many, engine="compiled")}
