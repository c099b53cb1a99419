"""A model in use: predicting, reading and setting its numbers."""

import copy
import inspect
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import hypothesis.extra.numpy as numpy_strategies
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import glassnet as gn
from glassnet.formulas.activations import sigmoid, softmax
from glassnet.model.model import Model
from glassnet.training.state import State

RNG = np.random.default_rng(4)
X = RNG.normal(size=(23, 3))
Y = RNG.normal(size=(23, 2))
LABELS = np.array(["a", "b", "c"])[np.arange(23) % 3]
NETWORK = gn.Network(gn.Dense(5, "tanh"), gn.BatchNorm(), gn.Dropout(), gn.LayerNorm(), gn.Dense(), loss="squared")


@pytest.fixture
def model() -> Model:
    return gn.train(NETWORK, X, Y, epochs=3, seed=1)


@pytest.fixture
def classifier() -> Model:
    return gn.train(gn.Network(gn.Dense(5, "relu"), gn.Dense()), X, LABELS, epochs=3, seed=1)


# predicting


def test_a_prediction_is_what_the_layers_give(model: Model) -> None:
    p = model.weights | {name: model[name] for name in ("running_mean2", "running_var2")}
    a = np.tanh(X @ p["W1"] + p["b1"])
    y = p["gamma2"] * (a - p["running_mean2"]) / np.sqrt(p["running_var2"] + 1e-5) + p["beta2"]
    centred = y - y.mean(axis=1, keepdims=True)
    y = p["gamma4"] * centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5) + p["beta4"]
    np.testing.assert_allclose(model.predict(X), y @ p["W5"] + p["b5"], rtol=1e-12)


@given(numpy_strategies.arrays(float, st.tuples(st.integers(1, 40), st.just(3)), elements=st.floats(-50, 50)))
@settings(max_examples=60, deadline=None)
def test_a_row_is_predicted_alike_alone_and_among_others(rows: np.ndarray) -> None:
    model = gn.initialize(gn.Network(gn.Dense(17, "tanh"), gn.Dense(2)), X, Y, seed=1)
    together = model.predict(rows)
    alone = np.vstack([model.predict(rows[k : k + 1]) for k in range(len(rows))])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-12 * max(1.0, np.abs(together).max()))


@pytest.mark.parametrize("n", [1, 1023, 1024, 1025, 3000])
def test_many_rows_are_predicted_in_pieces(model: Model, n: int) -> None:
    rows = np.random.default_rng(0).normal(size=(n, 3))
    expected = np.vstack([model.predict(rows[k : k + 100]) for k in range(0, n, 100)])
    np.testing.assert_allclose(model.predict(rows), expected, rtol=1e-10, atol=1e-12)


def test_eight_threads_predict_the_same(model: Model) -> None:
    rows = [np.random.default_rng(seed).normal(size=(1 + seed % 13, 3)) for seed in range(200)]
    expected = [model.predict(row) for row in rows]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            for found, right in zip(pool.map(model.predict, rows), expected, strict=True):
                np.testing.assert_array_equal(found, right)


def test_results_are_ones_own(model: Model) -> None:
    first = model.predict(X[:4])
    before = first.copy()
    model.predict(X[4:8])
    np.testing.assert_array_equal(first, before)


def test_predicting_changes_nothing(model: Model) -> None:
    before = model.memory.saved(), model.rng.bit_generator.state
    model.predict(X), model.evaluate(X, Y), model.summary(), str(model.derivation()), model.source()
    np.testing.assert_array_equal(model.memory.theta, before[0].theta)
    np.testing.assert_array_equal(model.memory.state, before[0].state)
    assert model.rng.bit_generator.state == before[1]


def test_labels_come_back_as_they_were(classifier: Model) -> None:
    assert classifier.predict(X).dtype.kind == "U"
    assert classifier.classes == ("a", "b", "c")
    probabilities = classifier.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-15)
    assert (np.array(classifier.classes)[probabilities.argmax(axis=1)] == classifier.predict(X)).all()


def test_numbers_have_no_probabilities(model: Model) -> None:
    with pytest.raises(ValueError, match=r"predicts numbers, not classes: .*; use predict"):
        model.predict_proba(X)


def test_predictions_have_the_shape_of_y() -> None:
    network = gn.Network(gn.Dense())
    assert gn.train(network, X, Y[:, 0], epochs=1).predict(X).shape == (23,)
    assert gn.train(network, X, Y[:, :1], epochs=1).predict(X).shape == (23, 1)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (X[:, :2], "X has 2 columns, but the network takes 3; give the columns it was trained on"),
        (np.ones((2, 4)), "X has 4 columns, but the network takes 3"),
        (X[0], r"must have two dimensions.*\(3,\); one row is \[\[...\]\]"),
        (X[:0], "X has no rows; give at least one"),
        (X * np.nan, r"missing value \(NaN\) at X\[0, 0\] and 68 more"),
        ({"a": [1.0]}, "X must be an array with rows, got {'a'"),
    ],
)
def test_rows_that_do_not_fit_are_refused(model: Model, rows: Any, message: str) -> None:
    with pytest.raises(gn.DataError, match=message):
        model.predict(rows)


# the scores and the values on the way

EACH_LAYER = (gn.Dense(5, "tanh"), gn.BatchNorm(), gn.Dropout(), gn.LayerNorm())
ON_THE_WAY: dict[str, tuple[int, ...]] = {
    "z1": (5,), "a1": (5,), "xhat2": (5,), "y2": (5,), "std4": (1,), "xhat4": (5,), "y4": (5,),
}  # fmt: skip

# the network, its target, what its layers are called by from the end of those above, and what makes p of the scores
ENDS: dict[str, tuple[gn.Network, Any, dict[str, tuple[int, ...]], Any]] = {
    "softmax in the loss": (gn.Network(*EACH_LAYER, gn.Dense()), LABELS, {"z5": (3,), "p": (3,)}, softmax),
    "softmax written out": (
        gn.Network(*EACH_LAYER, gn.Dense(3, "softmax"), loss="cross_entropy"), LABELS, {"z5": (3,), "p": (3,)}, softmax,
    ),
    "softmax in the layer": (
        gn.Network(*EACH_LAYER, gn.Dense(3, "softmax"), loss="squared"),
        LABELS,
        {"z5": (3,), "a5": (3,), "p": (3,)},
        softmax,
    ),
    "sigmoid in the loss": (
        gn.Network(*EACH_LAYER, gn.Dense(1), loss="binary_cross_entropy"),
        LABELS == "a",
        {"z5": (1,), "p": (1,)},
        sigmoid,
    ),
    "sigmoid in the layer": (
        gn.Network(*EACH_LAYER, gn.Dense(1, "sigmoid"), loss="squared"),
        LABELS == "a",
        {"z5": (1,), "a5": (1,), "p": (1,)},
        sigmoid,
    ),
    "exponential in the loss": (
        gn.Network(*EACH_LAYER, gn.Dense(2), loss="poisson"), Y**2, {"z5": (2,), "p": (2,)}, np.exp,
    ),
    "numbers": (gn.Network(*EACH_LAYER, gn.Dense(2), loss="squared"), Y, {"z5": (2,), "p": (2,)}, np.asarray),
    "no Dense at the end": (
        gn.Network(*EACH_LAYER, gn.Dense(2), gn.LayerNorm(), loss="squared"),
        Y,
        {"z5": (2,), "std6": (1,), "xhat6": (2,), "y6": (2,), "p": (2,)},
        np.asarray,
    ),
}  # fmt: skip


def trained(end: str, dtype: str = "float64") -> Model:
    network, y, _, _ = ENDS[end]
    return gn.train(network, X, y, epochs=3, seed=1, dtype=dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("end", ENDS)
def test_predictions_are_made_of_the_scores(end: str, dtype: str) -> None:
    model, output = trained(end, dtype), ENDS[end][3]
    scores = model.scores(X)
    values = model.layer_values(X)
    last = "y6" if end == "no Dense at the end" else "z5"
    assert scores.dtype == dtype
    tolerance: dict[str, Any] = {"rtol": 1e-12} if dtype == "float64" else {"rtol": 1e-4, "atol": 1e-5}
    np.testing.assert_allclose(scores, values[last], **tolerance)
    p = output(scores.astype(np.float64))
    np.testing.assert_allclose(values["p"], p, **tolerance)
    if model.classes is None:
        np.testing.assert_allclose(model.predict(X), p, **tolerance)
    else:
        p = p if p.shape[1] > 1 else np.hstack([1.0 - p, p])
        np.testing.assert_allclose(model.predict_proba(X), p, **tolerance)
    assert model.scoring is model.scoring


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("end", ENDS)
def test_the_values_of_the_layers_have_the_names_and_shapes_of_the_derivation(end: str, dtype: str) -> None:
    model = trained(end, dtype)
    values = model.layer_values(X[:7])
    assert {name: array.shape for name, array in values.items()} == {
        name: (7, *shape) for name, shape in {**ON_THE_WAY, **ENDS[end][2]}.items()
    }
    steps = model.derivation(prediction=True).steps
    assert list(values) == [step.name for step in steps]
    assert [("n", *array.shape[1:]) for array in values.values()] == [step.shape for step in steps]
    assert {array.dtype.name for array in values.values()} == {dtype}


def test_the_values_of_the_layers_are_those_of_the_textbook(model: Model) -> None:
    p = model.weights | {name: model[name] for name in ("running_mean2", "running_var2")}
    values = model.layer_values(X)
    a1 = np.tanh(X @ p["W1"] + p["b1"])
    y2 = p["gamma2"] * (a1 - p["running_mean2"]) / np.sqrt(p["running_var2"] + 1e-5) + p["beta2"]
    std4 = np.sqrt(y2.var(axis=1, keepdims=True) + 1e-5)
    expected = {"z1": X @ p["W1"] + p["b1"], "a1": a1, "y2": y2, "std4": std4}
    expected["y4"] = p["gamma4"] * (y2 - y2.mean(axis=1, keepdims=True)) / std4 + p["beta4"]
    expected["z5"] = expected["p"] = expected["y4"] @ p["W5"] + p["b5"]
    for name, value in expected.items():
        np.testing.assert_allclose(values[name], value, rtol=1e-10, atol=1e-12, err_msg=name)


@dataclass(frozen=True)
class Centred:
    """A layer of one's own, whose value is of all rows together."""

    backward = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {"c": gn.Parameter((n_inputs,), gn.initializer("constant", value=2.0))}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"m": x.mean(axis=0), "y": (x - x.mean(axis=0)) * p.c}


def test_the_values_of_a_layer_of_ones_own() -> None:
    model = gn.initialize(gn.Network(Centred(), gn.Dense(2), loss="squared"), X, Y, seed=0)
    values = model.layer_values(X)
    np.testing.assert_allclose(values["m1"], X.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(values["y1"], 2.0 * (X - X.mean(axis=0)), rtol=1e-12)
    np.testing.assert_allclose(values["p"], model.predict(X), rtol=1e-12)


def test_scores_are_of_the_weights_that_the_model_has_now(model: Model) -> None:
    model.scores(X)
    model["b5"] = [1.5, -2.5]
    model["W5"] = np.zeros((5, 2))
    assert model.scores(X).tolist() == [[1.5, -2.5]] * 23
    assert model.layer_values(X)["p"].tolist() == [[1.5, -2.5]] * 23


def test_scores_of_a_saturated_sigmoid_say_how_far() -> None:
    x = np.array([[0.0], [1.0]])
    for loss in ("squared", "binary_cross_entropy"):
        model = gn.initialize(gn.Network(gn.Dense(1, "sigmoid"), loss=loss), x, np.array(["a", "b"]), seed=0)
        model["W1"] = [[2000.0]]
        model["b1"] = [-1000.0]
        assert model.scores(x).tolist() == [[-1000.0], [1000.0]]
        assert model.predict_proba(x).tolist() == [[1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize("again", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
@pytest.mark.parametrize("end", ["softmax in the loss", "sigmoid in the layer"])
def test_a_model_whose_scores_were_asked_for_can_be_copied(end: str, again: Any) -> None:
    model = trained(end)
    scores, values = model.scores(X), model.layer_values(X)
    model.predict(X)
    other = again(model)
    np.testing.assert_array_equal(other.scores(X), scores)
    for name, value in other.layer_values(X).items():
        np.testing.assert_array_equal(value, values[name])
    other.memory.theta[:] = 0.0
    np.testing.assert_array_equal(model.scores(X), scores)
    assert not other.scores(X).any()


def test_rows_that_do_not_fit_have_no_scores(model: Model) -> None:
    for method in (model.scores, model.layer_values):
        with pytest.raises(gn.DataError, match="X has 2 columns, but the network takes 3"):
            method(X[:, :2])


# evaluating


def test_evaluate_gives_the_loss_and_metrics(model: Model, classifier: Model) -> None:
    found = model.evaluate(X, Y)
    p = model.predict(X)
    np.testing.assert_allclose(found["loss"], np.mean((p - Y) ** 2), rtol=1e-12)
    np.testing.assert_allclose(found["rmse"], np.sqrt(np.mean((p - Y) ** 2)), rtol=1e-12)
    assert set(found) == {"loss", "r2", "rmse"}
    assert classifier.evaluate(X, LABELS)["accuracy"] == np.mean(classifier.predict(X) == LABELS)
    w = np.arange(23.0)
    weighted = model.evaluate(X, Y, sample_weight=w, metrics=[])["loss"]
    np.testing.assert_allclose(weighted, (w[:, None] * (p - Y) ** 2).sum() / w.sum() / 2, rtol=1e-12)


def test_evaluate_refuses_what_does_not_fit(model: Model) -> None:
    with pytest.raises(gn.DataError, match="X has 23 rows, y has 5; give each row its target"):
        model.evaluate(X, Y[:5])
    with pytest.raises(ValueError, match=r"sample_weight must have shape \(23,\), one weight for each row, got \(2,\)"):
        model.evaluate(X, Y, sample_weight=[1, 2])
    with pytest.raises(TypeError, match="metric worst must give a number, got 'bad'"):
        model.evaluate(X, Y, metrics=named("worst", lambda y, p: "bad"))


def named(name: str, function: Any) -> Any:
    function.__name__ = name
    return function


# its numbers


def test_weights_are_views_of_one_vector(model: Model) -> None:
    assert list(model.weights) == ["W1", "b1", "gamma2", "beta2", "gamma4", "beta4", "W5", "b5"]
    assert model.n_parameters == sum(array.size for array in model.weights.values())
    model.memory.theta[:] = 0.0
    assert not model["W1"].any()
    model["W1"][1, 2] = 7.0
    assert model.memory.theta[1 * 5 + 2] == 7.0


def test_weights_are_set_by_name(model: Model) -> None:
    model["b5"] = [1.5, -2.5]
    model["W5"] = np.zeros((5, 2))
    assert model.predict(X).tolist() == [[1.5, -2.5]] * 23
    model["running_mean2"] = np.arange(5)
    assert model["running_mean2"].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("W9", 1.0, "unknown parameter 'W9'.*; known are W1, W5, b1"),
        ("W1", np.ones((2, 2)), r"W1 must have shape \(3, 5\), got \(2, 2\)"),
        ("b5", [1.0, np.nan], "b5 must be finite, got nan"),
        ("running_mean2", [1.0], r"must have shape \(5,\), got \(1,\)"),
    ],
)
def test_weights_that_do_not_fit_are_refused(model: Model, name: str, values: Any, message: str) -> None:
    before = model.memory.saved()
    with pytest.raises(ValueError, match=message):
        model[name] = values
    np.testing.assert_array_equal(model.memory.theta, before.theta)


@pytest.mark.parametrize(
    ("name", "mask", "message"),
    [
        (9, None, "layer must be 1 to 5, got 9"),
        (0, None, "layer must be 1 to 5, got 0"),
        (True, None, "layer must be 1 to 5, got True"),
        ("W2", None, "unknown parameter 'W2'"),
        ("W1", [True], r"mask for W1 must have shape \(3, 5\), got \(1,\)"),
        (1, [True], "a mask is for one array; give its name, like 'W1', rather than 1"),
    ],
)
def test_what_cannot_be_frozen_is_refused(model: Model, name: Any, mask: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        model.freeze(name, mask)
    assert model.memory.trainable.all()


def test_a_summary_has_every_layer_and_counts_what_is_frozen(model: Model) -> None:
    model.freeze(5)
    text = model.summary()
    assert "Dense(5, tanh)" in text
    assert "W1 3×5, b1 5" in text
    assert f"{model.n_parameters} numbers learnt, float64, 12 of them frozen" in text
    assert "3 inputs: x1, x2, x3" in text


def test_penalties_divided_by_rows_are_told() -> None:
    network = gn.Network(gn.Dense(), loss="squared", l1=0.25, l2=0.5, penalty_per_row=True)
    assert repr(network).endswith(", loss=squared(reduction='mean'), l1=0.25, l2=0.5, penalty_per_row=True)")
    assert "penalty_per_row" not in repr(gn.Network(gn.Dense(), loss="squared", l2=0.5))
    model = gn.initialize(network, X, Y, seed=0)
    assert model.network.penalty_per_row
    assert "loss: squared(reduction='mean'), l1 0.25, l2 0.5 divided by rows" in model.summary()
    for other in (
        gn.Network(gn.Dense(2), loss="squared", l2=0.5),
        gn.Network(gn.Dense(2), loss="squared", penalty_per_row=True),
    ):
        assert "divided" not in gn.initialize(other, X, Y, seed=0).summary()


def test_a_network_keeps_its_penalties_with_other_layers_and_starts() -> None:
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense(2), loss="poisson", l1=0.25, l2=0.5, penalty_per_row=True)
    other = gn.Network(*network.layers, loss="poisson", l1=0.25, l2=0.75, penalty_per_row=True)
    assert network.without_start().penalty_per_row
    assert len({each.structure for each in (network, other, network.with_layers(*network.layers))}) == 2
    assert gn.Network(*network.layers, loss="poisson", l1=0.25, l2=0.5).structure != network.structure


def test_a_model_with_more_than_nine_layers_keeps_them_apart() -> None:
    network = gn.Network(*[gn.Dense(2, "tanh") for _ in range(12)], loss="squared")
    model = gn.initialize(network, X, Y, seed=0)
    model.freeze(1)
    assert (model.memory.trainable == 0).sum() == 3 * 2 + 2
    assert "12  " in model.summary()


@pytest.mark.parametrize("again", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_is_a_model_of_its_own(model: Model, again: Any) -> None:
    other = again(model)
    np.testing.assert_array_equal(other.predict(X), model.predict(X))
    gn.train(other, X, Y, epochs=2)
    twin = gn.train(NETWORK, X, Y, epochs=3, seed=1)
    np.testing.assert_array_equal(model.memory.theta, twin.memory.theta)
    gn.train(twin, X, Y, epochs=2)
    np.testing.assert_array_equal(other.memory.theta, twin.memory.theta)


def test_weights_start_where_they_are_told_to() -> None:
    W = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    network = gn.Network(gn.Dense(2, weights=W, biases=[0.5, 0.25]), loss="squared")
    model = gn.initialize(network, X, Y)
    assert model["W1"].tolist() == W
    assert model["b1"].tolist() == [0.5, 0.25]
    uniform = gn.initializer("uniform", low=2.0, high=3.0)
    drawn = gn.initialize(gn.Network(gn.Dense(2, weights=uniform)), X, Y, seed=0)["W1"]
    assert ((drawn >= 2.0) & (drawn < 3.0)).all()
    with pytest.raises(ValueError, match=r"initial values must have shape \(3, 2\), got \(2, 2\)"):
        gn.initialize(gn.Network(gn.Dense(2, weights=np.eye(2))), X, Y)


def test_outputs_that_are_no_probabilities_are_not_given_as_such() -> None:
    X, y = np.eye(3), np.array(["a", "b", "c"])
    scores = gn.train(gn.Network(gn.Dense(3), loss="squared"), X, y, epochs=1, seed=0)
    with pytest.raises(ValueError, match="are no probabilities: end it with softmax or sigmoid"):
        scores.predict_proba(X)
    shares = gn.train(gn.Network(gn.Dense(3, "softmax"), loss="squared"), X, y, epochs=1, seed=0)
    np.testing.assert_allclose(shares.predict_proba(X).sum(axis=1), 1.0)


def test_a_weighted_model_is_derived_with_its_weights() -> None:
    X, y = np.eye(3), np.arange(3.0)
    model = gn.train(gn.Network(gn.Dense(1)), X, y, epochs=1, seed=0, sample_weight=[1, 2, 3])
    assert "w / sum(w)" in str(model.derivation()).replace("where(sum(w) > 0, sum(w), 1)", "sum(w)")
    assert "w" in model.derivation().inputs


def test_a_first_network_with_one_sigmoid_tells_two_classes_apart() -> None:
    X = np.arange(8.0)[:, None] - 3.5
    model = gn.train(gn.Network(gn.Dense(1, "sigmoid")), X, X[:, 0] > 0, epochs=200, optimizer=gn.Adam(0.1), seed=0)
    assert model.network.loss is not None
    assert model.network.loss.name == "binary_cross_entropy"
    assert (model.predict(X) == (X[:, 0] > 0)).all()


def test_a_number_of_a_table_cannot_be_reached_by_a_bounded_output() -> None:
    table = {"x": [1.0, 2.0, 3.0, 4.0], "y": [10.0, 20.0, 30.0, 45.0]}
    with pytest.raises(ValueError, match="which a last layer with sigmoid cannot reach: leave its activation out"):
        gn.train(gn.Network(gn.Dense(1, "sigmoid"), loss="squared"), table, target="y", epochs=1)


@pytest.mark.parametrize("name", ["dtype", "n_inputs", "classes", "n_parameters", "weights", "forward", "scoring"])
def test_what_a_model_has_of_its_state_is_described_where_people_ask_for_it(name: str) -> None:
    assert inspect.getdoc(inspect.getattr_static(gn.Model, name)) == inspect.getdoc(getattr(State, name))


def test_a_table_that_is_not_scaled_trains_as_its_numbers_in_arrays_do():
    X, y = gn.datasets.xor()
    table = {"a": X[:, 0], "b": X[:, 1], "y": y[:, 0]}
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense(1, "sigmoid"), loss="squared")
    how = {"epochs": 20, "seed": 5, "progress": False}
    by_name = gn.train(network, table, target="y", kind="number", scale=False, **how)
    by_place = gn.train(network, X, y, scale=False, **how)
    assert by_name.history["loss"] == by_place.history["loss"]
    with pytest.raises(ValueError, match="scale was fixed when this model was made"):
        gn.train(by_name, table, scale=False)
