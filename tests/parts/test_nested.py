"""Layers made of layers: what they compute, what their arrays are called, and what they refuse."""

from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.parts.built_in import layer_words

RNG = np.random.default_rng(5)
X = RNG.normal(size=(11, 5))
Y = RNG.normal(size=(11, 2))


def trained(*layers: Any, **options: Any) -> gn.Model:
    return gn.train(gn.Network(*layers, loss="squared"), X, Y, epochs=3, seed=1, progress=False, **options)


def test_a_skip_connection_adds_what_went_in() -> None:
    model = trained(gn.Dense(3, "tanh"), gn.Residual(gn.Dense(7, "relu"), gn.Dense(3)), gn.Dense(2))
    a = np.tanh(X @ model["W1"] + model["b1"])
    r = a + np.maximum(a @ model["W_a2"] + model["b_a2"], 0.0) @ model["W_b2"] + model["b_b2"]
    np.testing.assert_allclose(model.predict(X), r @ model["W3"] + model["b3"], rtol=1e-12)


def test_layers_beside_each_other_get_their_columns_and_others_pass() -> None:
    beside = gn.Beside(gn.Columns([3, 1], gn.Dense(7, "tanh")), gn.Columns([0], gn.Dense(2, bias=False)))
    model = trained(beside, gn.Dense(2))
    a = np.tanh(X[:, [3, 1]] @ model["W_a1"] + model["b_a1"])
    s = np.concatenate((a, X[:, :1] @ model["W_b1"], X[:, [2, 4]]), axis=1)
    np.testing.assert_allclose(model.predict(X), s @ model["W2"] + model["b2"], rtol=1e-12)
    model = trained(gn.Beside(*beside.layers, others="drop"), gn.Dense(2))
    assert model["W2"].shape == (7 + 2, 2)


def test_a_category_is_embedded_by_a_product_with_its_one_hot_columns() -> None:
    start = gn.initializer("normal", std=1.0)
    network = gn.Network(gn.Beside(gn.Columns([1, 2, 3], gn.Dense(8, bias=False, weights=start))), gn.Dense(2))
    model = gn.initialize(network, X, Y, seed=0)
    rows = np.zeros((3, 5))
    rows[range(3), range(1, 4)] = 1.0
    found = model.explain(rows)["s1"].value
    np.testing.assert_array_equal(found[:, :8], model["W1"])
    assert 0.5 < model["W1"].std() < 1.5


def test_a_periodic_embedding_is_cosines_and_the_column_itself() -> None:
    k, m = 7, 2
    model = trained(gn.PeriodicEmbedding(m, k, std=1.0), gn.Dense(2))
    f, b, W, c = (model[f"{name}1"] for name in "fbWc")
    assert (f.shape, b.shape, W.shape, c.shape) == ((5, k), (5 * k,), (5 * k, m), (5 * m,))
    sums = []
    for j in range(5):
        block = slice(j * k, (j + 1) * k)
        waves = np.cos(2.0 * np.pi * X[:, [j]] * f[j] + b[block])
        sums.append(waves @ W[block] + c[j * m : (j + 1) * m])
    e = np.concatenate((*sums, X), axis=1)
    np.testing.assert_allclose(model.predict(X), e @ model["W2"] + model["b2"], rtol=1e-12)


def test_a_periodic_embedding_starts_as_it_was_published() -> None:
    network = gn.Network(gn.PeriodicEmbedding(), gn.Dense(2), loss="squared")
    x = np.zeros((3, 211))
    model = gn.initialize(network, x, Y[:3], seed=0)
    assert model["f1"].std() == pytest.approx(0.1, rel=0.05)
    assert np.abs(model["b1"]).max() == pytest.approx(np.pi, rel=0.01)
    assert np.abs(model["W1"]).max() == pytest.approx(0.25, rel=0.01)
    assert np.abs(model["c1"]).max() == pytest.approx(0.25, rel=0.01)
    arrays = network.arrays(211)
    assert [arrays[f"{name}1"].rate for name in "fbWc"] == [0.1] * 4
    assert network.n_outputs(211) == 2
    assert network.layout(211).shapes["W2"] == (211 * 4, 2)


def test_both_engines_train_them_alike() -> None:
    layers = gn.Beside(gn.Columns([0, 4], gn.PeriodicEmbedding(2, 3)), gn.Columns([1], gn.Dense(3, "tanh")))
    one, two = (
        trained(layers, gn.Residual(gn.Dense(11, "tanh")), gn.Dense(2), engine=engine, batch_size=4)
        for engine in ("numpy", "compiled")
    )
    np.testing.assert_allclose(one.memory.theta, two.memory.theta, rtol=1e-10)


def test_layers_without_a_backward_may_be_inside() -> None:
    class Twice:
        backward = None

        def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
            return {"k": gn.Parameter((n_inputs,), gn.initializer("constant", value=2.0))}

        def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
            return {"t": p.k * x, "r": p.k * x + 1.0}

    for layer in (gn.Residual(Twice()), gn.Columns([2, 1], Twice()), gn.Beside(gn.Columns([2, 1], Twice()), Twice())):
        network = gn.Network(gn.Dense(5, "tanh"), layer, gn.Dense(2), loss="squared")
        assert gn.check_gradient(network, X, Y)
    assert list(network.layout(5).shapes)[2:4] == ["k_a2", "k_b2"]


def test_their_words_and_their_repr_say_what_they_are() -> None:
    inner = gn.Columns([0, 1, 2, 3], gn.Dense(3, "tanh"))
    layer = gn.Beside(inner, gn.Columns([0, 2]), gn.Residual(gn.Dropout(0.1)), others="drop")
    words = "Beside(Columns(range(0, 4), Dense(3, tanh)), Columns([0, 2]), Residual(Dropout(rate=0.1)), others='drop')"
    assert layer_words(layer) == words
    assert repr(gn.Columns([0, 2], gn.Dropout(0.1))) == "Columns([0, 2], Dropout(rate=0.1))"
    assert "x1, 1" in str(trained(gn.PeriodicEmbedding(2, 3), gn.Dense(2)).explain(X[0]))


def test_inner_layers_may_start_by_looking_at_rows() -> None:
    layers = [gn.Dense(units, "tanh", weights="unit_spread") for units in (7, 5)]
    model = gn.initialize(gn.Network(gn.Residual(*layers), gn.Dense(2), loss="squared"), X, Y, seed=0)
    z = X @ model["W_a1"] + model["b_a1"]
    np.testing.assert_allclose(z.std(axis=0), 1.0, rtol=1e-9)
    np.testing.assert_allclose((np.tanh(z) @ model["W_b1"] + model["b_b1"]).std(axis=0), 1.0, rtol=1e-9)


def test_networks_with_them_are_derived_once() -> None:
    def network() -> gn.Network:
        return gn.Network(
            gn.Residual(gn.Dense(5, "tanh")), gn.Beside(gn.Columns([1], gn.PeriodicEmbedding())), gn.Dense(2)
        )

    assert gn.Network(*network().layers, loss="squared").structure is not None
    assert network().structure == network().structure
    assert gn.Columns([0]).columns != gn.Columns([1]).columns


WRONG: dict[str, tuple[Any, str]] = {
    "another width": (lambda: gn.Residual(gn.Dense(7)), "5 numbers go in and 7 come out; the last layer must give 5"),
    "nothing around": (lambda: gn.Residual(), "Residual needs at least one layer"),
    "no layer": (lambda: gn.Residual("relu"), "a layer must have parameters, forward and backward"),
    "a column too far": (lambda: gn.Columns([0, 5]), r"columns must be below 5, as many as go in, got \[0, 5\]"),
    "a column twice": (lambda: gn.Columns([0, 0]), "at least one and each once"),
    "a column before the first": (lambda: gn.Columns([-1]), "columns must be numbers from 0"),
    "no column": (lambda: gn.Columns([]), "at least one"),
    "a word": (lambda: gn.Columns(["age"]), "columns must be whole numbers, from 0"),
    "other others": (lambda: gn.Beside(gn.Columns([0]), others="keep"), "others must be 'pass' or 'drop', got 'keep'"),
    "no frequency": (lambda: gn.PeriodicEmbedding(3, 0), "frequencies must be"),
    "no spread": (lambda: gn.PeriodicEmbedding(std=0.0), "std must be > 0"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_refused(name: str) -> None:
    make, message = WRONG[name]
    with pytest.raises((ValueError, TypeError), match=message):
        trained(make(), gn.Dense(2))
