"""Scores divided by a temperature."""

import re
from typing import Any

import numpy as np
import pytest

import glassnet as gn

X = np.random.default_rng(5).normal(size=(11, 5))


def probabilities(z: np.ndarray) -> np.ndarray:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def test_scores_are_divided() -> None:
    model = gn.initialize(gn.Network(gn.Dense(3), gn.Tempered(1.7), loss="squared"), X, X[:, :3], seed=1)
    np.testing.assert_allclose(model.predict(X), (X @ model["W1"] + model["b1"]) / 1.7, rtol=1e-14)


def test_probabilities_are_those_of_their_scores_divided() -> None:
    network = gn.Network(gn.Dense(3, "softmax"), gn.Tempered(1.7, "softmax"), loss="squared")
    model = gn.initialize(network, X, X[:, :3], seed=1)
    np.testing.assert_allclose(model.predict(X), probabilities((X @ model["W1"] + model["b1"]) / 1.7), rtol=1e-12)
    sigmoid = gn.Network(gn.Dense(1, "sigmoid"), gn.Tempered(0.6, "sigmoid"), loss="squared")
    model = gn.initialize(sigmoid, X, X[:, 0], seed=1)
    np.testing.assert_allclose(
        model.predict(X), 1 / (1 + np.exp(-(X @ model["W1"] + model["b1"])[:, 0] / 0.6)), rtol=1e-12
    )


@pytest.mark.parametrize("output", ["identity", "softmax", "sigmoid"])
def test_gradients_go_through_it(output: Any) -> None:
    network = gn.Network(gn.Dense(3, output), gn.Tempered(1.7, output), loss="squared")
    assert gn.check_gradient(network, X, X[:, :3]).passed


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_of_0_and_1_stay_so_and_are_no_error(dtype: Any) -> None:
    for output in ("softmax", "sigmoid"):
        network = gn.Network(gn.Dense(2, output), gn.Tempered(1.5, output), loss="squared")
        model = gn.initialize(network, X, X[:, :2], seed=1, dtype=dtype)
        model["W1"] = 1e4 * np.ones((5, 2)) * [1.0, -1.0]
        p = model.predict(X)
        assert p.dtype == dtype
        np.testing.assert_allclose(p, np.round(p), atol=1e-9 if output == "softmax" else 1e-4)


@pytest.mark.parametrize(("given", "message"), [
    ({"temperature": 0.0}, "temperature must be > 0"), ({"temperature": -1.0}, "temperature must be > 0"),
    ({"output": "relu"}, "unknown output 'relu'"),
])  # fmt: skip
def test_what_it_cannot_be(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        gn.Tempered(**given)
