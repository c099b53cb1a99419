"""Starting numbers that look at the training rows: what they are, and that everybody starts from the same."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.training.on_rows import MOST

RNG = np.random.default_rng(6)
X = RNG.normal(size=(41, 3)) * [1.0, 20.0, 0.1] + [0.0, 5.0, 1.0]
Y = np.sin(X[:, 0]) + X[:, 2]
LOOKS: dict[str, Any] = {"weights": "unit_spread", "biases": "among_rows"}


def network(*before: Any, **options: Any) -> gn.Network:
    return gn.Network(
        *before, gn.Dense(7, "mish", **LOOKS, **options), gn.Dropout(0.3), gn.Dense(5, "selu", **LOOKS), gn.Dense()
    )


def losses(model: gn.Model) -> list[float]:
    return [*model.history["loss"]]


@pytest.mark.parametrize("scaling", ["standard", "ntk"])
@pytest.mark.parametrize("before", [(), (gn.Scale(),), (gn.BatchNorm(), gn.Dropout(0.5))], ids=repr)
def test_every_unit_spreads_by_1_and_is_0_among_the_rows(before: Any, scaling: Any) -> None:
    model = gn.initialize(network(*before, scaling=scaling), X, Y, seed=1)
    values, first = model.layer_values(X), len(before) + 1
    for k in (first, first + 2):
        z = values[f"z{k}"]
        np.testing.assert_allclose(z.std(axis=0), 1.0, rtol=1e-12)
        assert (z.min(axis=0) < 0).all()
        assert (z.max(axis=0) > 0).all()


def test_the_numbers_are_those_of_a_start_by_hand() -> None:
    model = gn.initialize(gn.Network(gn.Dense(4, "tanh", **LOOKS), gn.Dense(1, weights="unit_spread")), X, Y, seed=5)
    rng = np.random.default_rng(5)
    W1, W2 = rng.normal(size=(3, 4)), rng.normal(size=(4, 1))
    W1 = W1 / (X @ W1).std(axis=0)
    rows, c = rng.integers(41, size=(5, 4)), rng.exponential(size=(5, 4))
    b1 = [-sum(c[k, u] / c[:, u].sum() * (X[rows[k, u]] @ W1[:, u]) for k in range(5)) for u in range(4)]
    W2 = W2 / (np.tanh(X @ W1 + b1) @ W2).std(axis=0)
    for name, expected in (("W1", W1), ("b1", b1), ("W2", W2), ("b2", [0.0])):
        np.testing.assert_allclose(model[name], expected, rtol=1e-12)


def test_columns_and_units_without_a_spread_are_left_as_they_were_drawn() -> None:
    constant = np.full((41, 3), 0.1)
    layers = gn.Dense(4, "relu", **LOOKS), gn.Dense(1, weights="unit_spread")
    model = gn.initialize(gn.Network(*layers), constant, Y, seed=5)
    rng = np.random.default_rng(5)
    np.testing.assert_array_equal(model["W1"], rng.normal(size=(3, 4)))
    np.testing.assert_array_equal(model["W2"], rng.normal(size=(4, 1)))
    np.testing.assert_allclose(model["b1"], -(constant @ model["W1"])[0], rtol=1e-12)


def test_all_engines_and_both_dtypes_start_alike() -> None:
    one, two = (gn.train(network(), X, Y, seed=3, epochs=2, engine=engine) for engine in ("numpy", "compiled"))
    np.testing.assert_allclose(losses(one), losses(two), rtol=1e-12)
    narrow = gn.initialize(network(), X, Y, seed=3, dtype="float32")
    wide = gn.initialize(network(), X, Y, seed=3)
    np.testing.assert_allclose(narrow.memory.theta, wide.memory.theta, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("vary", [{"learning_rate": [0.01, 0.1]}, {"activation": ["tanh", "relu"]}], ids=repr)
def test_each_lane_looks_at_its_own_rows(vary: Any) -> None:
    folds = [(np.arange(41) % 3 != k, np.arange(41) % 3 == k) for k in range(2)]
    folds = [(np.flatnonzero(train), np.flatnonzero(out)) for train, out in folds]
    runs = iter(gn.train_many(network(), X, Y, seeds=[1, 2], folds=folds, vary=vary, epochs=3))
    ((name, values),) = vary.items()
    for value in values:
        for train, out in folds:
            for seed in (1, 2):
                how: dict[str, Any] = {"optimizer": gn.Adam(value)} if name == "learning_rate" else {}
                layers = network().layers
                if name == "activation":
                    layers = gn.Dense(7, value, **LOOKS), layers[1], gn.Dense(5, value, **LOOKS), layers[3]
                alone = gn.train(gn.Network(*layers), X[train], Y[train], validation=(X[out], Y[out]), seed=seed,
                                 epochs=3, **how)  # fmt: skip
                many = next(runs)
                np.testing.assert_allclose(losses(many), losses(alone), rtol=1e-12)
                np.testing.assert_allclose(many["W1"], alone["W1"], rtol=1e-12)


def test_a_share_held_out_is_not_looked_at() -> None:
    model = gn.train(network(), X, Y, validation=0.4, seed=3, epochs=1, optimizer=gn.SGD(1e-12))
    (many,) = gn.train_many(network(), X, Y, validation=0.4, seeds=[3], epochs=1, optimizer=gn.SGD(1e-12))
    assert (np.abs(model.layer_values(X)["z1"].std(axis=0) - 1.0) > 1e-6).all()
    np.testing.assert_allclose(many["W1"], model["W1"], rtol=1e-12)


def test_what_goes_on_looks_no_more_and_a_file_keeps_the_start(tmp_path: Any) -> None:
    model = gn.train(network(), X, Y, seed=3, epochs=2)
    model.save(tmp_path / "model.glass")
    loaded = gn.load(tmp_path / "model.glass")
    began = model.state.start
    assert loaded.state.start is not None
    assert began is not None
    np.testing.assert_array_equal(loaded.state.start.theta, began.theta)
    other = 7.0 * X - 3.0
    gn.train(model, other, Y, epochs=2)
    gn.train(loaded, other, Y, epochs=2)
    np.testing.assert_array_equal(model.memory.theta, loaded.memory.theta)
    by_hand = gn.initialize(network(), X, Y, seed=3)
    by_hand["W1"] = np.ones((3, 7))
    gn.train(by_hand, X, Y, epochs=1, optimizer=gn.SGD(1e-12))
    np.testing.assert_allclose(by_hand["W1"], 1.0, rtol=1e-6)


def test_of_many_rows_some_are_drawn() -> None:
    many = np.random.default_rng(8).normal(size=(3 * MOST, 3))
    one, two = (gn.initialize(network(), many, many[:, 0], seed=seed) for seed in (1, 1))
    np.testing.assert_array_equal(one.memory.theta, two.memory.theta)
    spread = one.layer_values(many)["z1"].std(axis=0)
    assert np.abs(spread - 1.0).max() < 0.06
    assert np.abs(spread - 1.0).min() > 0.0


def test_a_summary_says_which_arrays_looked() -> None:
    told = gn.initialize(network(), X, Y, seed=1).summary()
    assert "starts on training rows: W1, W3 by unit_spread; b1, b3 by among_rows" in told
    assert "starts on" not in gn.initialize(gn.Network(gn.Dense()), X, Y).summary()


@dataclass(frozen=True)
class Wide:
    """y = x·Σk: five columns of k, and as many outputs as inputs."""

    backward = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {"k": gn.Parameter((n_inputs, 5), "unit_spread")}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"y": x * np.sum(p.k)}


def test_an_array_without_a_score_for_each_unit_is_refused() -> None:
    message = r"k1 of shape \(3, 5\) starts by unit_spread, which looks at a score for each of 5 units"
    with pytest.raises(ValueError, match=message):
        gn.initialize(gn.Network(Wide(), gn.Dense()), X, Y)
