"""The mean of what members beside each other say."""

import re
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.parts.built_in import layer_words

RNG = np.random.default_rng(5)
X = RNG.normal(size=(11, 5))
Y = RNG.normal(size=(11, 3))


def test_it_is_the_mean_of_predictions_and_not_of_scores() -> None:
    network = gn.Network(gn.Dense(6), gn.Average(2, "softmax"), loss="squared")
    model = gn.train(network, X, Y, epochs=2, seed=1, progress=False)
    z = X @ model["W1"] + model["b1"]
    own = [np.exp(part) / np.exp(part).sum(axis=1, keepdims=True) for part in (z[:, :3], z[:, 3:])]
    np.testing.assert_allclose(model.predict(X), (own[0] + own[1]) / 2, rtol=1e-12)
    assert gn.check_gradient(network, X, Y).passed


def test_each_member_is_held_to_a_range_of_its_own() -> None:
    network = gn.Network(gn.Dense(2), gn.Average(2, held=((-0.5, 0.25), (0.0, 9.0))), loss="squared")
    model = gn.train(network, X, Y[:, :1], epochs=2, seed=1, progress=False)
    z = X @ model["W1"] + model["b1"]
    m = (np.clip(z[:, :1], -0.5, 0.25) + np.clip(z[:, 1:], 0.0, 9.0)) / 2
    np.testing.assert_allclose(model.predict(X), m, rtol=1e-12)
    assert gn.check_gradient(network, X, Y[:, :1]).passed
    for language in ("numpy", "onnx"):
        assert model.eject(language).verify().passed


def test_it_is_told_in_few_words() -> None:
    members = gn.Beside(*(gn.Columns(range(3 * k, 3 * k + 3), gn.Dense(2, "tanh")) for k in range(4)))
    assert layer_words(members) == "Beside(4 × Dense(2, tanh))"
    assert layer_words(gn.Average(4, "softmax")) == "Average(4, softmax)"
    others = gn.Beside(gn.Columns([0, 1], gn.Dense(2)), gn.Columns([0, 2], gn.Dense(2)))
    assert layer_words(others) == "Beside(Columns([0, 1], Dense(2)), Columns([0, 2], Dense(2)))"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"members": 0}, "members must be a whole number >= 1, got 0"),
        ({"output": "softmaxx"}, "unknown activation 'softmaxx' (did you mean 'softmax'?)"),
        ({"members": 2, "held": ((0.0, 1.0),)}, "held must be a range for each of 2 members, got 1"),
        ({"held": ((1.0, 0.0),)}, "held must be ranges (low, high), low <= high, got (1.0, 0.0)"),
    ],
)
def test_what_it_cannot_be(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        gn.Average(**given)


def test_members_have_as_many_columns_each() -> None:
    with pytest.raises(ValueError, match="7 numbers cannot be those of 3 members, as many of each"):
        gn.initialize(gn.Network(gn.Dense(7), gn.Average(3)), X, Y)
