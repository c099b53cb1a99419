"""Piecewise-linear embeddings: where bins begin and end, and what they make of a number, whoever works it out."""

from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.parts.bins import OPEN, bins_of, edges_of
from glassnet.readings.eject.languages import LANGUAGES
from glassnet.readings.eject.tools import ToolMissing

RNG = np.random.default_rng(23)
X = np.column_stack([RNG.lognormal(size=41), np.full(41, 2.0), RNG.integers(0, 2, 41), RNG.normal(size=41)])
Y = np.sin(3.0 * X[:, 3]) + X[:, 2] + np.log(X[:, 0])
LAYER = gn.PiecewiseLinearEmbedding(2, 3)
NETWORK = gn.Network(gn.Beside(gn.Columns([0, 1, 2, 3], LAYER)), gn.Dense(3, "tanh"), gn.Dense(1), loss="squared")
HOW: dict[str, Any] = {"optimizer": gn.AdamW(0.05), "epochs": 3, "batch_size": 8}


def test_edges_are_quantiles_without_those_that_are_the_same() -> None:
    x = RNG.normal(size=1001)
    np.testing.assert_array_equal(edges_of(x, 4), np.sort(x)[[0, 250, 500, 750, 1000]])
    np.testing.assert_array_equal(edges_of(np.array([0.0] * 9 + [1.0]), 48), [0.0, 1.0])


def test_columns_of_few_values_have_few_bins_and_one_value_none() -> None:
    bins = bins_of(X, 3)
    assert [int((row > 0.0).sum()) for row in bins["slope"]] == [3, 0, 1, 3]
    np.testing.assert_array_equal(bins["low"].reshape(4, 3)[:, 0], [-OPEN, 0.0, -OPEN, -OPEN])
    np.testing.assert_array_equal(bins["high"].reshape(4, 3)[2], [OPEN, 1.0, 1.0])
    far = bins_of(np.array([[1e6, 1.0], [1e6 + 0.1, 2.0], [3e6, 3.0]]), 2)  # too near for float32 to tell apart
    assert [int((row > 0.0).sum()) for row in far["slope"]] == [1, 2]


def test_an_embedding_is_broken_lines_that_go_on_beyond_the_bins() -> None:
    model = gn.train(NETWORK, X, Y, seed=1, **HOW)
    names = [name for name in model.network.arrays(4) if name.endswith("1")]
    W, V, c = (model[name] for name in names[:3])
    beyond = np.vstack([X, X.min(axis=0) - 1.0, X.max(axis=0) + 1.0])
    z = model.layer_values(beyond)["z1"]
    for j in (0, 2, 3):
        edges = edges_of(X[:, j], 3)
        edges = np.concatenate(
            ([edges[0] - 9.0 * (edges[1] - edges[0])], edges, [edges[-1] + 9.0 * (edges[-1] - edges[-2])])
        )
        for m in range(2):
            w = W[3 * j : 3 * j + len(edges) - 3, m]
            heights = np.concatenate(([0.0], np.cumsum(w)))  # at the edges; the outer pieces go on
            heights = np.concatenate(([-9.0 * w[0]], heights, [heights[-1] + 9.0 * w[-1]]))
            expected = np.interp(beyond[:, j], edges, heights) + V[j, m] * beyond[:, j] + c[2 * j + m]
            np.testing.assert_allclose(z[:, 2 * j + m], expected, rtol=1e-9, atol=1e-9)


def test_it_starts_as_a_linear_embedding() -> None:
    model = gn.initialize(gn.Network(gn.PiecewiseLinearEmbedding(), gn.Dense(1)), X, Y, seed=1)
    assert model.network.layout(4).shapes["W1"] == (4 * 48, 16)
    assert not model["W1"].any()
    assert np.abs(model["V1"]).max() == pytest.approx(0.25, rel=0.1)
    assert "starts on training rows: slope1, start1, low1, high1 by quantiles" in model.summary()
    assert "made of the training rows, not learnt" in str(model.derivation())


def test_both_engines_and_runs_side_by_side_train_it_alike() -> None:
    pytest.importorskip("numba")
    one = gn.train(NETWORK, X, Y, seed=5, engine="numpy", **HOW)
    two = gn.train(NETWORK, X, Y, seed=5, engine="compiled", **HOW)
    runs = gn.train_many(NETWORK, X, Y, seeds=[4, 5], engine="numpy", **HOW)
    np.testing.assert_allclose(one.memory.theta, two.memory.theta, rtol=1e-9, atol=1e-12)
    for name, array in one.weights.items():
        np.testing.assert_allclose(runs[1].weights[name], array, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("language", LANGUAGES)
def test_programs_say_what_it_says(language: str) -> None:
    model = gn.initialize(NETWORK, X[:7], Y[:7], seed=5)
    one_step = {"epochs": 1, "batch_size": None} if language == "xlsx" else {"epochs": 3, "batch_size": 4}
    training = {"training": True, "X": X[:7], "y": Y[:7], **one_step} if LANGUAGES[language].trains else {}
    try:
        assert model.eject(language, **training).verify(20)
    except ToolMissing as error:
        pytest.skip(str(error))


@pytest.mark.filterwarnings("ignore:.*the range seen in training")
def test_a_recipe_may_have_it_for_numbers(tmp_path: Any) -> None:
    table = {"size": X[:, 0], "kind": np.where(X[:, 2] > 0, "a", "b"), "price": Y}
    model = gn.train(gn.recipe("strong", numbers=LAYER, hidden=(5,), epochs=2), table, target="price", seed=1)
    assert "PiecewiseLinearEmbedding(outputs=2, bins=3, rate=1.0, penalised=True)" in str(model.recipe)
    model.save(tmp_path / "model.glassnet")
    again = gn.load(tmp_path / "model.glassnet")
    np.testing.assert_array_equal(again.predict(table), model.predict(table))
