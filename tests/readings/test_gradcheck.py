"""The checker itself: it must find what is wrong, and must not find what is not."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.model.check_gradient import check_gradient

X = np.random.default_rng(0).normal(size=(5, 3))
Y = np.random.default_rng(1).normal(size=(5, 2))
METHODS = ("central", "complex")


def tanh_with(factor: float) -> gn.parts.activations.Activation:
    return gn.activation(lambda z: np.tanh(z), lambda da, z, a: da * (1.0 - a * a) * factor)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("factor", [1.000001, 2.001, -1.0, 0.0])
def test_a_wrong_activation_derivative_is_found(factor: float, method: str) -> None:
    check = check_gradient(gn.Network(gn.Dense(7, tanh_with(factor)), gn.Dense()), X, Y, method=method)
    assert not check.passed
    assert check.errors["W1"] > 1e-7
    assert check.errors["b1"] > 1e-7
    assert check.errors["W2"] < 1e-8
    assert check.worst is not None
    assert check.worst.name in ("W1", "b1")
    assert "NOT" in repr(check)
    assert "W1     (3, 7)  21 of 21" in repr(check)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("factor", [1.000001, 2.001, -1.0])
def test_a_wrong_loss_derivative_is_found(factor: float, method: str) -> None:
    loss = gn.loss(lambda y, s: (s - y) * (s - y), lambda y, s: 2.0 * factor * (s - y))
    assert not check_gradient(gn.Network(gn.Dense(7, "tanh"), gn.Dense(), loss=loss), X, Y, method=method).passed


@dataclass(frozen=True)
class Shift:
    """A layer whose backward forgets the sum over the rows of one of two biases."""

    right: bool

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {"b": gn.Parameter((n_inputs,), gn.initializer("uniform"))}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"y": x + p.b}

    def backward(self, p: Any, x: Any, v: Any, d: Any) -> dict[str, Any]:
        return {"db": d.sum(axis=0) if self.right else d.mean(axis=0), "dx": d}


@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_layer_is_found_and_named(method: str) -> None:
    right, wrong = (gn.Network(gn.Dense(7, "tanh"), Shift(right), gn.Dense()) for right in (True, False))
    assert check_gradient(right, X, Y, method=method).passed
    check = check_gradient(wrong, X, Y, method=method)
    assert [name for name, error in check.errors.items() if error > check.tolerance] == ["b2"]


def test_numbers_worked_by_hand() -> None:
    model = gn.initialize(gn.Network(gn.Dense(1), loss="squared", l2=0.5), [[2.0], [4.0]], [1.0, 3.0])
    model["W1"], model["b1"] = [[1.0]], [0.5]
    check = check_gradient(model, [[2.0], [4.0]], [1.0, 3.0])  # residuals 1.5 and 1.5
    assert check.analytic["W1"].tolist() == [[2.0 * 1.5 * 3.0 + 0.5]]
    assert check.analytic["b1"].tolist() == [3.0]
    np.testing.assert_allclose(check.numeric["W1"], 9.5, rtol=1e-9)
    weighted = check_gradient(model, [[2.0], [4.0]], [1.0, 3.0], sample_weight=[3.0, 1.0])
    np.testing.assert_allclose(weighted.analytic["W1"], 2.0 * 1.5 * 2.5 + 0.5)
    assert weighted.passed


@pytest.mark.parametrize("method", METHODS)
def test_weights_at_a_kink_are_left_out_and_counted(method: str) -> None:
    network = gn.Network(gn.Dense(4, "relu"), gn.Dense(1), loss="squared")
    corners = [[0, 0], [0, 1], [1, 0], [1, 1]]  # at (0, 0) with biases 0 every relu is at its kink
    model = gn.initialize(network, corners, [1, 0, 0, 1], seed=0, dtype=np.float64)
    check = check_gradient(model, corners, [1, 0, 0, 1], method=method)
    assert check.kinks == 4
    assert check.passed
    assert np.isnan(check.numeric["b1"]).all()
    assert "4 left out: at a kink" in repr(check)
    smooth = gn.Network(gn.Dense(4, "sigmoid"), gn.Dense(1), loss="squared")
    assert check_gradient(smooth, corners, [0, 1, 1, 0], method=method).kinks == 0


def test_a_kink_inside_the_step_is_seen() -> None:
    model = gn.initialize(gn.Network(gn.Dense(1, "relu", weights=[[1.0]]), loss="squared"), [[1.0]], [2.0])
    for distance, kinks in ((3e-6, 1), (8e-6, 1), (3e-5, 0)):
        model["b1"] = [-1.0 + distance]
        assert check_gradient(model, [[1.0]], [2.0]).kinks == 2 * kinks


@pytest.mark.parametrize("method", METHODS)
def test_gradients_that_vanish_pass(method: str) -> None:
    labels = [0, 1, 2, 0, 1]
    model = gn.initialize(gn.Network(gn.Dense(), loss="cross_entropy"), X, labels, seed=0)
    model["b1"] = [0.0, 900.0, -900.0]
    assert check_gradient(model, X, labels, method=method).passed
    normed = gn.Network(gn.Dense(7), gn.BatchNorm(), gn.Dense())  # a bias before BatchNorm changes nothing
    assert check_gradient(normed, X, Y, method=method).passed


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_changed(method: str) -> None:
    network = gn.Network(gn.Dense(7, "tanh"), gn.BatchNorm(), gn.Dropout(0.4), gn.Dense())
    model = gn.train(network, X.astype(np.float32), Y.astype(np.float32), epochs=2, seed=0)
    before = [array.copy() for array in (model.memory.theta, model.memory.state, model.memory.g)]
    state = model.rng.bit_generator.state
    check = check_gradient(model, X.astype(np.float32), Y, method=method)
    assert check.passed, check
    assert check.analytic["W1"].dtype == np.float64
    assert model.rng.bit_generator.state == state
    for array, old in zip((model.memory.theta, model.memory.state, model.memory.g), before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_the_same_seed_gives_the_same_check() -> None:
    network = gn.Network(gn.Dense(7, "tanh"), gn.Dropout(0.4), gn.Dense())
    one, two, other = (check_gradient(network, X, Y, seed=seed) for seed in (3, 3, 4))
    assert repr(one) == repr(two) != repr(other)


def test_of_large_arrays_some_entries_are_measured() -> None:
    check = check_gradient(gn.Network(gn.Dense(7, "tanh"), gn.Dense()), X, Y, entries=5)
    assert check.checked == 5 + 5 + 5 + 2
    assert check.passed
    assert "5 of 21" in repr(check)


def test_a_table_is_checked_too() -> None:
    table = {"a": [1.0, 2.0, 3.0, 5.0], "b": ["x", "y", "x", "y"], "c": ["u", "v", "v", "u"]}
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense())
    assert check_gradient(network, table, target="c").passed
    assert check_gradient(gn.initialize(network, table, target="c"), table).passed


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "forward"}, "unknown method 'forward'"),
        ({"step": 0.0}, "step must be"),
        ({"entries": 0}, "entries must be a whole number >= 1"),
        ({"sample_weight": [1.0]}, "sample_weight must have shape"),
    ],
)
def test_wrong_arguments(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_gradient(gn.Network(gn.Dense()), X, Y, **options)


def test_there_must_be_something_to_check() -> None:
    with pytest.raises(ValueError, match="no weights"):
        check_gradient(gn.Network(gn.Dropout(0.5), loss="squared"), Y, Y)
    with pytest.raises(TypeError, match="takes a Network or a Model first"):
        check_gradient("network", X, Y)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Gain:
    """A layer whose backward is right only while its gains are 1, where they start."""

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {"gamma": gn.Parameter((n_inputs,), gn.initializer("constant", value=1.0))}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"y": x * p.gamma}

    def backward(self, p: Any, x: Any, v: Any, d: Any) -> dict[str, Any]:
        return {"dgamma": (d * x).sum(axis=0), "dx": d}


@pytest.mark.parametrize("method", METHODS)
def test_what_is_right_at_the_usual_start_only_is_found(method: str) -> None:
    check = check_gradient(gn.Network(gn.Dense(7, "tanh"), Gain(), gn.Dense()), X, Y, method=method)
    assert not check.passed
