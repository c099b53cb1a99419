"""Layers and networks of one's own, in plain NumPy; and what is no layer."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import glassnet as gn

RNG = np.random.default_rng(4)
X = RNG.normal(size=(11, 3))
Y = RNG.normal(size=(11, 2))


@dataclass(frozen=True)
class Times:
    """y = k·x, with a backward of its own or a derived one."""

    by_hand: bool

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {"k": gn.Parameter((n_inputs,), gn.initializer("constant", value=1.5))}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"y": p.k * x}

    @property
    def backward(self) -> Any:
        return (lambda p, x, v, d: {"dk": (d * x).sum(axis=0), "dx": d * p.k}) if self.by_hand else None


def swish(z: Any) -> Any:
    return z / (1.0 + np.exp(-z))


def log_cosh(y: Any, s: Any) -> Any:
    return np.log(0.5 * (np.exp(s - y) + np.exp(y - s)))


def test_a_layer_of_ones_own_trains_the_same_with_and_without_a_backward() -> None:
    one, two = (
        gn.train(gn.Network(gn.Dense(5, "tanh"), Times(by_hand), gn.Dense(2), loss="squared"), X, Y, epochs=9, seed=1)
        for by_hand in (True, False)
    )
    np.testing.assert_allclose(one.memory.theta, two.memory.theta, rtol=1e-12)
    assert one["k2"].shape == (5,)
    assert (one["k2"] != 1.5).all()


def test_an_activation_of_ones_own_is_the_built_in_one() -> None:
    one, two = (
        gn.train(gn.Network(gn.Dense(5, f, weights="he_uniform"), gn.Dense(2), loss="squared"), X, Y, epochs=9, seed=1)
        for f in (swish, "silu")
    )
    np.testing.assert_allclose(one.memory.theta, two.memory.theta, rtol=1e-10)
    assert "swish(z1)" in str(one.derivation())


@pytest.mark.parametrize("function", [np.tanh, np.exp, np.sin])
def test_numpys_own_functions_are_activations(function: Any) -> None:
    network = gn.Network(gn.Dense(5, function), gn.Dense(2), loss="squared")
    model = gn.train(network, X, Y, epochs=3, seed=1)
    expected = function(X @ model["W1"] + model["b1"]) @ model["W2"] + model["b2"]
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_conditions_count_as_one_and_zero(dtype: str) -> None:
    def often_positive(z: Any) -> Any:
        return z * np.sum(z > 0, axis=1, keepdims=True) + (z > 1) * 2.0 + np.where(z < -1, 1.0, 0.5)

    network = gn.Network(gn.Dense(5, often_positive), gn.Dense(2), loss="squared")
    model = gn.train(network, X, Y, epochs=3, seed=1, dtype=dtype)
    expected = often_positive(X @ model["W1"] + model["b1"]) @ model["W2"] + model["b2"]
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-4 if dtype == "float32" else 1e-12)
    assert model.predict(X).dtype == dtype


def test_a_loss_of_ones_own_is_made_small() -> None:
    model = gn.train(gn.Network(gn.Dense(2), loss=log_cosh), X, Y, epochs=200, optimizer=gn.Adam(0.05), seed=1)
    residual = Y - (X @ model["W1"] + model["b1"])
    gradient = X.T @ np.tanh(residual)  # of log cosh: tanh
    assert np.abs(gradient).max() < 0.2
    np.testing.assert_allclose(model.evaluate(X, Y)["loss"], np.mean(np.log(np.cosh(residual))), rtol=1e-12)


def test_an_option_is_passed_to_a_function_of_ones_own() -> None:
    f = gn.activation(lambda z, slope=0.5: np.where(z > 0, z, slope * z), slope=0.25)
    np.testing.assert_allclose(f(np.array([-4.0, 4.0])), [-1.0, 4.0])
    with pytest.raises(ValueError, match="has no option 'alpha'; it has slope"):
        gn.activation(lambda z, slope=0.5: slope * z, alpha=1.0)
    with pytest.raises(ValueError, match="needs slope"):
        gn.activation(lambda z, slope: slope * z)


WRONG: dict[str, tuple[Any, str]] = {
    "no layer": ((), "a network needs at least one layer"),
    "a list": (([gn.Dense(2)],), r"not in a list: Network\(\*layers\)"),
    "a class, not an object": ((gn.Dropout,), r"got the class Dropout: write Dropout\(\)"),
    "a text": (("relu",), "a layer must have parameters, forward and backward; 'relu' has no parameters"),
    "softmax before a square": ((gn.Dense(2, "tanh"),), "must be identity or softmax, got tanh"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_network_is_refused(name: str) -> None:
    layers, message = WRONG[name]
    with pytest.raises((ValueError, TypeError), match=message):
        gn.Network(*layers, loss="cross_entropy")


@pytest.mark.parametrize("units", [0, -1, 2.5, "4"])
def test_units_are_whole(units: Any) -> None:
    with pytest.raises(ValueError, match="units must be a whole number >= 1, got"):
        gn.Dense(units)


def test_ntk_divides_by_the_root_of_the_inputs_and_starts_from_weights_of_size_1() -> None:
    model = gn.initialize(gn.Network(gn.Dense(700, scaling="ntk"), gn.Dense(2), loss="squared"), X, Y, seed=1)
    np.testing.assert_allclose(model.layer_values(X)["z1"], (X / 3**0.5) @ model["W1"], rtol=1e-12)
    np.testing.assert_allclose(model["W1"].std(), 1.0, atol=0.05)
    assert gn.Dense(2, scaling="ntk", weights="he_normal").weights.name == "he_normal"


def test_ntk_learns_as_the_same_network_does_whose_weights_learn_the_inputs_th_part() -> None:
    # with z = x @ V, V = W / √i, a step of W by lr·dW is one of V by lr·dV / i
    W = RNG.normal(size=(3, 2))
    ntk = gn.train(gn.Network(gn.Dense(2, weights=W, bias=False, scaling="ntk"), loss="squared"), X, Y,
                   optimizer=gn.SGD(0.3), epochs=5, batch_size=None)  # fmt: skip
    plain = gn.train(gn.Network(gn.Dense(2, weights=W / 3**0.5, bias=False), loss="squared"), X, Y,
                     optimizer=gn.SGD(0.1), epochs=5, batch_size=None)  # fmt: skip
    np.testing.assert_allclose(ntk["W1"] / 3**0.5, plain["W1"], rtol=1e-12)


def test_a_strength_is_1_at_first_and_mixes_the_activation_with_its_score() -> None:
    dense = gn.Dense(5, "relu", strength=True, strength_rate=0.1, strength_penalised=0.5)
    network = gn.Network(dense, gn.Dense(2), loss="squared", l2=0.1)
    model = gn.initialize(network, X, Y, seed=1)
    same = gn.initialize(gn.Network(gn.Dense(5, "relu"), gn.Dense(2), loss="squared"), X, Y, seed=1)
    np.testing.assert_allclose(model.predict(X), same.predict(X), rtol=1e-12)
    model["alpha1"] = slopes = 1.0 - np.array([0.25, 0.0, 1.0, -0.5, 0.1])  # relu with a strength is PReLU
    z = X @ model["W1"] + model["b1"]
    prelu = np.where(z > 0, z, (1.0 - slopes) * z)
    np.testing.assert_allclose(model.predict(X), prelu @ model["W2"] + model["b2"], rtol=1e-12)
    assert network.penalised(3) == {"W1": 1.0, "alpha1": 0.5, "W2": 1.0}
    assert network.rates(3) == {"alpha1": 0.1}


def test_scores_are_what_comes_before_an_activation_with_a_strength() -> None:
    model = gn.initialize(gn.Network(gn.Dense(2, "tanh", strength=True), loss="squared"), X, Y, seed=1)
    np.testing.assert_allclose(model.scores(X), X @ model["W1"] + model["b1"], rtol=1e-12)


DENSE: dict[str, tuple[dict[str, Any], str]] = {
    "a scaling that is none": ({"scaling": "mup"}, "unknown scaling 'mup'"),
    "a strength of nothing": ({"strength": True}, "strength is that of an activation"),
    "a strength that is a number": ({"activation": "relu", "strength": 0.5}, "strength must be True or False, got 0.5"),
}


@pytest.mark.parametrize("name", DENSE)
def test_options_of_dense_are_refused(name: str) -> None:
    options, message = DENSE[name]
    with pytest.raises((ValueError, TypeError), match=message):
        gn.Dense(3, **options)


def test_a_loss_with_a_sigmoid_inside_takes_no_strength() -> None:
    with pytest.raises(ValueError, match="has sigmoid inside, which has no strength to be learnt"):
        gn.Network(gn.Dense(1, "sigmoid", strength=True), loss="binary_cross_entropy")


def test_a_scale_multiplies_each_input_and_learns_at_its_own_rate() -> None:
    layers = gn.Scale(rate=6), gn.Dense(2)
    model = gn.train(gn.Network(*layers, loss="squared"), X, Y, epochs=3, seed=1, optimizer=gn.SGD(0.01))
    assert (model["s1"] != 1.0).all()
    assert model.network.rates(3) == {"s1": 6}
    assert model.network.penalised(3) == {"W2": 1.0}
    assert gn.Network(gn.Scale(penalised=6), gn.Dense(2)).penalised(3) == {"s1": 6.0, "W2": 1.0}
    expected = (X * model["s1"]) @ model["W2"] + model["b2"]
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-12)


def test_a_batch_of_one_row_is_normalised_to_nothing() -> None:
    network = gn.Network(gn.Dense(5, "tanh"), gn.BatchNorm(), gn.Dense(2), loss="squared")
    model = gn.train(network, X, Y, epochs=3, batch_size=1, seed=1)
    assert np.isfinite(model.memory.theta).all()
    assert np.isfinite(model.predict(X[:1])).all()
    assert (model["running_var2"] < 0.1).all()


def test_running_means_are_those_of_the_batches() -> None:
    model = gn.train(gn.Network(gn.BatchNorm(momentum=0.75), gn.Dense(2), loss="squared"), X, Y, epochs=2,
                     batch_size=None, seed=1)  # fmt: skip
    mean, var = np.zeros(3), np.ones(3)
    for _ in range(2):
        mean, var = 0.75 * mean + 0.25 * X.mean(axis=0), 0.75 * var + 0.25 * X.var(axis=0)
    np.testing.assert_allclose(model["running_mean1"], mean, rtol=1e-12)
    np.testing.assert_allclose(model["running_var1"], var, rtol=1e-12)


def test_dropout_drops_its_share_while_training_only() -> None:
    x = np.ones((1000, 50))
    values = gn.Dropout(0.3).forward(None, x, gn.Mode(True, np.random.default_rng(0)))["y"]
    assert abs((values == 0).mean() - 0.3) < 0.01
    np.testing.assert_allclose(values[values != 0], 1 / 0.7)
    assert gn.Dropout(0.3).forward(None, x, gn.Mode(False))["y"] is x
    with pytest.raises(ValueError, match="it needs an rng to train with"):
        gn.Dropout(0.3).forward(None, x, gn.Mode(True))


@pytest.mark.parametrize("rate", [0.0, -1.0, np.inf, "fast"])
def test_a_factor_on_the_learning_rate_is_positive(rate: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="rate must be"):
        gn.Parameter((3,), "zeros", rate=rate)
    with pytest.raises((ValueError, TypeError), match="bias_rate must be"):
        gn.Dense(3, bias_rate=rate)
    with pytest.raises((ValueError, TypeError), match="strength_rate must be"):
        gn.Dense(3, "relu", strength=True, strength_rate=rate)


@pytest.mark.parametrize("penalised", [-1.0, np.inf, "hard", None])
def test_a_factor_on_penalties_is_not_negative(penalised: Any) -> None:
    for make in (
        lambda: gn.Parameter((3,), "zeros", penalised=penalised),
        lambda: gn.Scale(penalised=penalised),
        lambda: gn.Dense(3, "relu", strength=True, strength_penalised=penalised),
        lambda: gn.PeriodicEmbedding(bias_penalised=penalised),
    ):
        with pytest.raises((ValueError, TypeError), match="penalised must be"):
            make()


def test_factors_on_the_learning_rate_are_shown_where_there_are_any() -> None:
    network = gn.Network(gn.Dense(5, "tanh", bias_rate=0.1), gn.Dense(2, bias_rate=0.1), loss="squared")
    assert network.rates(3) == {"b1": 0.1, "b2": 0.1}
    page = str(gn.train(network, X, Y, epochs=1, seed=1).derivation())
    assert re.search(r"lrs += lr \* rates", page)
    assert "0.1 for b1 and b2" in page
    plain = gn.Network(gn.Dense(5, "tanh"), gn.Dense(2), loss="squared")
    assert not plain.rates(3)
    assert "rates" not in str(gn.train(plain, X, Y, epochs=1, seed=1).derivation())


def test_a_layer_is_printed_as_it_is_written() -> None:
    written = {
        "Dense()": gn.Dense(),
        "Dense(4, tanh, bias=False)": gn.Dense(4, "tanh", bias=False),
        "Dense(activation=relu, weights=he_normal)": gn.Dense(activation="relu", weights="he_normal"),
        "Dense(3, biases=constant(value=0.5), bias_rate=0.1)": gn.Dense(
            3, biases=gn.initializer("constant", value=0.5), bias_rate=0.1
        ),
        "Dense(2, elu(alpha=0.5))": gn.Dense(2, gn.activation("elu", alpha=0.5)),
    }
    assert {words: repr(layer) for words, layer in written.items()} == {words: words for words in written}
