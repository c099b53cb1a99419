"""The NumPy engine makes its arrays once: a step of training, or a piece of a prediction, makes none."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.derivation.derive import derive, derive_prediction
from glassnet.engines.memory import Memory
from glassnet.engines.numpy import prediction_source, training_source

ROWS = 3000
DTYPES = ("float32", "float64")
NETWORKS: dict[str, gn.Network] = {
    **{f: gn.Network(gn.Dense(64, f), gn.Dense(3), loss="squared") for f in ("tanh", "relu", "sigmoid", "leaky_relu")},
    "classes": gn.Network(gn.Dense(64, "relu"), gn.Dense(3), loss="cross_entropy"),
    "dropout": gn.Network(gn.Dense(64, "tanh"), gn.Dropout(), gn.Dense(3), loss="squared"),
    "norms": gn.Network(gn.Dense(64, "tanh"), gn.BatchNorm(), gn.LayerNorm(), gn.Dense(3), loss="squared"),
}


def most_made(run: Callable[[], Any]) -> int:
    """Bytes that calls of a function have at once, beyond what there was."""
    run()
    tracemalloc.start()
    try:
        for _ in range(3):
            run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


RULES = ("sgd", "adam")
PAIRS = [(name, dtype, RULES[(k + j) % 2]) for k, name in enumerate(NETWORKS) for j, dtype in enumerate(DTYPES)]


@pytest.mark.parametrize(("name", "dtype", "rule"), PAIRS)  # any two of them together
def test_a_step_makes_no_array(name: str, dtype: str, rule: str) -> None:
    network, rng = NETWORKS[name], np.random.default_rng(0)
    memory = Memory.of(network, 20, dtype)
    memory.initialize(network, 20, rng)
    optimizer = gn.optimizer(rule)
    memory.prepare(optimizer)
    source = training_source(derive(network, 20, optimizer, dtype=dtype))
    data = {"x": rng.normal(size=(ROWS, 20)).astype(dtype), "y": rng.normal(size=(ROWS, 3)).astype(dtype), "t": 1.0}
    step = source.bind(memory.arrays(), ROWS, rng)
    arguments = [data[argument] for argument in source.arguments]
    with np.errstate(all="ignore"):
        assert (
            most_made(lambda: step(*arguments)) < ROWS * 64
        )  # 192 kB; the smallest of its arrays; NumPy's own buffers are smaller


@pytest.mark.parametrize("name", NETWORKS)
def test_a_prediction_makes_no_array_but_its_result(name: str) -> None:
    network, rng = NETWORKS[name], np.random.default_rng(0)
    memory = Memory.of(network, 20, "float32")
    memory.initialize(network, 20, rng)
    predict = prediction_source(derive_prediction(network, 20, dtype="float32")).bind(memory.arrays(), ROWS)
    x, out = rng.normal(size=(ROWS, 20)).astype(np.float32), np.empty((ROWS, 3), np.float32)
    assert most_made(lambda: predict(x, out)) < ROWS * 64
