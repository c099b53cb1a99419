"""glassnet's training beside a textbook's loop and scikit-learn's: the same numbers."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
import textbook
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

import glassnet as gn
from glassnet.parts import optimizers

RNG = np.random.default_rng(11)
X = RNG.normal(size=(7, 3))
Y = RNG.normal(size=(7, 2))
NETWORK = gn.Network(gn.Dense(4, "tanh"), gn.Dense(2), loss="squared")


def close(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray], tolerance: float = 1e-12) -> None:
    for name in theirs:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("rule", textbook.RULES)
@pytest.mark.parametrize("size", [1, 3, 7, 100])
@pytest.mark.parametrize("shuffle", [True, False])
def test_the_weights_are_those_of_a_textbook_loop(rule: str, size: int, shuffle: bool) -> None:
    model = gn.initialize(NETWORK, X, Y, seed=5)
    theirs = {name: array.copy() for name, array in model.weights.items()}
    losses = textbook.train(theirs, X, Y, rule=rule, lr=0.05, epochs=11, size=size,
                            rng=np.random.default_rng(9) if shuffle else None)  # fmt: skip
    gn.train(model, X, Y, optimizer=gn.optimizer(rule, 0.05), epochs=11, batch_size=size, shuffle=shuffle, seed=9)
    close(model.weights, theirs)
    np.testing.assert_allclose(model.history["loss"], losses, rtol=1e-12)


BATCHES = [(size, shuffle) for size in (2, 3, 7, 100) for shuffle in (True, False)]


@pytest.mark.parametrize(
    ("size", "shuffle", "engine"),
    [*((*batch, "numpy") for batch in BATCHES), *((size, size == 2, "compiled") for size in (2, 3))],
)
def test_a_last_batch_that_is_not_full_is_left_out_where_asked(size: int, shuffle: bool, engine: str) -> None:
    pytest.importorskip("numba") if engine == "compiled" else None
    model = gn.initialize(NETWORK, X, Y, seed=5)
    p = {name: array.copy() for name, array in model.weights.items()}
    rng, losses, taken = np.random.default_rng(9), [], 7 - 7 % size if size < 7 else 7
    for _ in range(11):
        order = rng.permutation(7) if shuffle and size < 7 else np.arange(7)
        told = []
        for low in range(0, taken, min(size, 7)):
            rows = order[low : low + size]
            loss, g = textbook.loss_and_gradients(p, X[rows], Y[rows], np.ones(len(rows)))
            p = {name: p[name] - 0.05 * g[name] for name in p}
            told.append(loss)
        losses.append(np.mean(told))
    how: dict[str, Any] = {"batch_size": size, "shuffle": shuffle, "drop_last": True, "engine": engine, "seed": 9}
    gn.train(model, X, Y, optimizer=gn.SGD(0.05), epochs=5, **how)
    gn.train(model, X, Y, epochs=6, **{name: value for name, value in how.items() if name != "seed"})
    close(model.weights, p)
    np.testing.assert_allclose(model.history["loss"], losses, rtol=1e-12)
    assert model.memory.t == 11 * (taken // min(size, 7))


def test_runs_side_by_side_leave_it_out_too() -> None:
    how: dict[str, Any] = {"batch_size": 3, "drop_last": True, "epochs": 4}
    runs = gn.train_many(NETWORK, X, Y, seeds=[4, 5], **how)
    close(runs[1].weights, gn.train(NETWORK, X, Y, seed=5, engine="numpy", **how).weights, 1e-9)


def by_engines(rules: Iterable[str], compiled: str) -> list[tuple[str, str]]:
    """Each rule by NumPy, and one of them compiled, which takes seconds: the steps are the same ones."""
    return [*((rule, "numpy") for rule in rules), (compiled, "compiled")]


@pytest.mark.parametrize(("rule", "engine"), by_engines(textbook.RULES, "adamw"))
def test_factors_on_the_learning_rate_are_those_of_a_textbook_loop(rule: str, engine: str) -> None:
    pytest.importorskip("numba") if engine == "compiled" else None
    network = gn.Network(gn.Dense(4, "tanh", bias_rate=0.1), gn.Dense(2, bias_rate=3.0), loss="squared")
    for size in (3, 7):
        model = gn.initialize(network, X, Y, seed=5)
        theirs = {name: array.copy() for name, array in model.weights.items()}
        textbook.train(theirs, X, Y, rule=rule, lr=0.05, epochs=11, size=size, rates={"b1": 0.1, "b2": 3.0})
        how: dict[str, Any] = {"epochs": 11, "batch_size": size, "shuffle": False, "engine": engine}
        gn.train(model, X, Y, optimizer=gn.optimizer(rule, 0.05), **how)
        close(model.weights, theirs)


@pytest.mark.parametrize(("rule", "engine"), by_engines(optimizers.RULES, "nadam"))
def test_every_rule_takes_the_step_of_another_learning_rate_where_an_array_has_a_factor(rule: str, engine: str) -> None:
    pytest.importorskip("numba") if engine == "compiled" else None
    after, how = [], {"epochs": 1, "batch_size": 7, "engine": engine}
    for rate, factor in ((0.02, 1.0), (0.08, 1.0), (0.02, 4.0)):
        model = gn.initialize(
            gn.Network(gn.Dense(4, "tanh", bias_rate=factor), gn.Dense(2), loss="squared"), X, Y, seed=5
        )
        gn.train(model, X, Y, optimizer=gn.optimizer(rule, rate), **how)
        after.append(model.weights)
    slow, fast, mixed = after
    close({"b1": mixed["b1"]}, {"b1": fast["b1"]})
    close({**mixed, "b1": slow["b1"]}, slow)
    assert np.abs(slow["b1"] - fast["b1"]).max() > 1e-5


@pytest.mark.parametrize("size", [3, 7])
def test_sample_weights_are_those_of_a_textbook_loop(size: int) -> None:
    weight = np.array([0.0, 2.0, 0.5, 1.0, 3.0, 0.0, 1.0])
    model = gn.initialize(NETWORK, X, Y, seed=5)
    theirs = {name: array.copy() for name, array in model.weights.items()}
    losses = textbook.train(theirs, X, Y, rule="adam", lr=0.05, epochs=5, size=size, weight=weight)
    gn.train(model, X, Y, optimizer=gn.Adam(0.05), epochs=5, batch_size=size, shuffle=False, sample_weight=weight)
    close(model.weights, theirs)
    np.testing.assert_allclose(model.history["loss"], losses, rtol=1e-12)


@pytest.mark.parametrize("reduction", ["mean", "batchmean"])
def test_a_weight_is_as_good_as_giving_the_row_as_often(reduction: str) -> None:
    count = np.array([0, 2, 3, 1, 1, 0, 2])
    network = gn.Network(gn.Dense(4, "tanh"), gn.Dense(2), loss=gn.loss("squared", reduction=reduction))
    options: dict[str, Any] = {"batch_size": None, "epochs": 20, "seed": 3, "optimizer": gn.Adam(0.05)}
    weighted = gn.train(network, X, Y, sample_weight=count, **options)
    repeated = gn.train(network, np.repeat(X, count, axis=0), np.repeat(Y, count, axis=0), **options)
    close(weighted.weights, repeated.weights)
    np.testing.assert_allclose(weighted.history["loss"], repeated.history["loss"], rtol=1e-12)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize("size", [3, 7])
def test_rowmean_divides_what_weighted_rows_lose_by_their_number(size: int, engine: str) -> None:
    pytest.importorskip("numba") if engine == "compiled" else None
    weight = np.array([0.0, 2.0, 0.5, 1.0, 3.0, 0.0, 1.0])
    network = gn.Network(gn.Dense(2), loss=gn.loss("squared", reduction="rowmean"))
    model = gn.initialize(network, X, Y, seed=3)
    W, b, losses = model["W1"].copy(), model["b1"].copy(), 0.0
    np.testing.assert_allclose(
        model.evaluate(X, Y, sample_weight=weight)["loss"],
        np.sum(weight[:, None] * (X @ W + b - Y) ** 2) / 7,
        rtol=1e-12,
    )
    for low in range(0, 7, size):
        x, y, w = (array[low : low + size] for array in (X, Y, weight[:, None]))
        ds = 2 * w * (x @ W + b - y) / len(x)
        losses += np.sum(w * (x @ W + b - y) ** 2)
        W, b = W - 0.1 * x.T @ ds, b - 0.1 * ds.sum(axis=0)
    gn.train(model, X, Y, epochs=1, batch_size=size, shuffle=False, sample_weight=weight, optimizer=gn.SGD(0.1),
             engine=engine)  # fmt: skip
    close(model.weights, {"W1": W, "b1": b})
    np.testing.assert_allclose(model.history["loss"], [losses / 7], rtol=1e-12)


def test_a_batch_without_any_weight_moves_nothing() -> None:
    weight = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]
    model = gn.train(NETWORK, X, Y, epochs=1, batch_size=3, shuffle=False, sample_weight=weight, seed=1,
                     optimizer=gn.SGD(0.1))  # fmt: skip
    other = gn.train(NETWORK, X[3:], Y[3:], epochs=1, batch_size=3, shuffle=False, seed=1, optimizer=gn.SGD(0.1))
    assert np.isfinite(model.history["loss"]).all()
    close(model.weights, other.weights)


LABELS = np.array(["b", "a", "c", "a", "b", "c", "a"])


def test_class_weights_are_sample_weights_by_class() -> None:
    network = gn.Network(gn.Dense(4, "tanh"), gn.Dense())
    options: dict[str, Any] = {"epochs": 5, "seed": 3, "batch_size": 3}
    by_class = gn.train(network, X, LABELS, class_weight={"a": 0.5, "c": 3.0}, **options)
    rows = [{"a": 0.5, "b": 1.0, "c": 3.0}[label] for label in LABELS]
    by_row = gn.train(network, X, LABELS, sample_weight=rows, **options)
    close(by_class.weights, by_row.weights)
    balanced = gn.train(network, X, LABELS, class_weight="balanced", **options)
    rows = [7 / (3 * np.sum(label == LABELS)) for label in LABELS]
    close(balanced.weights, gn.train(network, X, LABELS, sample_weight=rows, **options).weights)


def scikit_learn(estimator: Any, X: np.ndarray, y: np.ndarray, model: gn.Model) -> dict[str, np.ndarray]:
    """One call of scikit-learn's training from the model's weights."""
    with pytest.warns(ConvergenceWarning):
        estimator.fit(X, y)  # to get its arrays; then ours are put in
    estimator.coefs_ = [model["W1"].copy(), model["W2"].copy()]
    estimator.intercepts_ = [model["b1"].copy(), model["b2"].copy()]
    estimator.set_params(warm_start=True)
    estimator._optimizer = None
    with pytest.warns(ConvergenceWarning):
        estimator.fit(X, y)
    return {"W1": estimator.coefs_[0], "b1": estimator.intercepts_[0], "W2": estimator.coefs_[1],
            "b2": estimator.intercepts_[1]}  # fmt: skip


@pytest.mark.parametrize("size", [3, 7])
def test_a_regression_epoch_is_scikit_learns(size: int) -> None:
    # their gradient is that of ½Σ(y-s)² by rows, not by outputs; the loss they report is divided by outputs too
    loss = gn.loss("squared", half=True, reduction="batchmean")
    model = gn.initialize(gn.Network(gn.Dense(4, "tanh"), gn.Dense(2), loss=loss), X, Y, seed=2)
    theirs = MLPRegressor(
        hidden_layer_sizes=4, activation="tanh", solver="sgd", learning_rate_init=0.1, momentum=0.0, alpha=0.0,
        batch_size=size, shuffle=False, max_iter=1,
    )  # fmt: skip
    after = scikit_learn(theirs, X, Y, model)
    gn.train(model, X, Y, optimizer=gn.SGD(0.1), epochs=1, batch_size=size, shuffle=False)
    close(model.weights, after)
    np.testing.assert_allclose(model.history["loss"][-1] / 2, theirs.loss_, rtol=1e-12)


@pytest.mark.parametrize("alpha", [0.0, 0.7])
def test_a_classification_epoch_is_scikit_learns(alpha: float) -> None:
    loss = gn.loss("cross_entropy", reduction="batchmean")
    network = gn.Network(gn.Dense(4, "relu"), gn.Dense(), loss=loss, l2=alpha / 7)
    model = gn.initialize(network, X, LABELS, seed=2)
    theirs = MLPClassifier(
        hidden_layer_sizes=4, activation="relu", solver="sgd", learning_rate_init=0.1, momentum=0.0, alpha=alpha,
        batch_size=7, shuffle=False, max_iter=1,
    )  # fmt: skip
    after = scikit_learn(theirs, X, LABELS, model)
    gn.train(model, X, LABELS, optimizer=gn.SGD(0.1), epochs=1, batch_size=7)
    close(model.weights, after)
    assert model.predict(X).tolist() == theirs.predict(X).tolist()
    np.testing.assert_allclose(model.predict_proba(X), theirs.predict_proba(X), rtol=1e-12)
