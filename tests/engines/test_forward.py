"""Measuring on many rows: piece by piece, by one thread or by several."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines import forward

X = np.random.default_rng(3).normal(size=(1733, 5))


@pytest.mark.parametrize("weighted", [False, True])
def test_threads_measure_the_bits_of_one(monkeypatch: pytest.MonkeyPatch, weighted: bool) -> None:
    monkeypatch.setattr(forward, "PAYS", 0)
    model = gn.initialize(gn.Network(gn.Dense(7, "tanh"), gn.Dense(2), loss="squared"), X, X[:, :2], seed=1)
    w = np.arange(1.0, len(X) + 1.0)[:, None] if weighted else None
    x, y = model.contract.encode(X), X[:, :2]
    p, loss = model.forward.evaluate(x, y, w)
    for threads in (2, 3, 7):
        shared, same = model.forward.evaluate(x, y, w, threads)
        np.testing.assert_array_equal(shared, p)
        assert same == loss
