"""What goes beyond scikit-learn, each thing held against something independent of it."""

import copy
import gc
import math
import pickle
import subprocess
import sys
import textwrap
import threading
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import log_loss, mean_absolute_error, mean_pinball_loss
from sklearn.neural_network import MLPRegressor as TheirRegressor
from sklearn.preprocessing import label_binarize
from sklearn.utils.class_weight import compute_sample_weight

import glassnet as gn
from glassnet.parts.optimizers import RULES
from glassnet.sklearn import MLPClassifier, MLPRegressor

# Most fits here are of a few epochs, which are not to converge.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(5)
ROWS, COLUMNS = 61, 5
X = RNG.normal(size=(ROWS, COLUMNS))
Y = X[:, 0] * 2.0 + np.sin(X[:, 1]) + RNG.normal(size=ROWS)  # numbers
Y2 = np.column_stack([Y, np.abs(X[:, 2])])
TWO = np.where(Y > 0.8, "yes", "no")
THREE = np.digitize(Y, [-1.0, 1.5]) * 2 + 1  # labels 1, 3, 5
SEVERAL = (RNG.random((ROWS, 3)) > 0.4).astype(int)
WEIGHTS = RNG.uniform(0.25, 3.0, size=ROWS)
X_VAL = RNG.normal(size=(29, COLUMNS))
Y_VAL = X_VAL[:, 0] * 2.0 + np.sin(X_VAL[:, 1]) + RNG.normal(size=29)
THREE_VAL = np.digitize(Y_VAL, [-1.0, 1.5]) * 2 + 1
WEIGHTS_VAL = RNG.uniform(0.25, 3.0, size=29)

SMALL: dict[str, Any] = {"hidden_layer_sizes": (7,), "max_iter": 5, "random_state": 3, "engine": "numpy"}
EXACT: dict[str, Any] = {"solver": "lbfgs", "tol": 1e-10, "max_iter": 5000, "max_fun": 100000, "random_state": 3}


def classifier(**options: Any) -> MLPClassifier:
    return MLPClassifier(**{**SMALL, **options})


def regressor(**options: Any) -> MLPRegressor:
    return MLPRegressor(**{**SMALL, **options})


def theta(estimator: Any) -> np.ndarray:
    return np.concatenate([w.ravel() for w in (*estimator.coefs_, *estimator.intercepts_)])


def brier(y: Any, p: Any) -> Any:
    return (y - p) ** 2


def close(mine: Any, yours: Any, tolerance: float = 1e-12) -> None:
    np.testing.assert_allclose(mine, yours, rtol=tolerance, atol=tolerance)


# layers

PLAIN: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "gelu": lambda z: 0.5 * z * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (z + 0.044715 * z**3))),
    "softplus": lambda z: np.logaddexp(0.0, z),
    "logistic": lambda z: 1.0 / (1.0 + np.exp(-z)),
    "sigmoid": lambda z: 1.0 / (1.0 + np.exp(-z)),
}


def forward(estimator: Any, x: np.ndarray, *activations: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The last scores, worked out plainly."""
    for w, b, activation in zip(estimator.coefs_, estimator.intercepts_, (*activations, lambda z: z), strict=True):
        x = activation(x @ w + b)
    return x


@pytest.mark.parametrize("name", PLAIN)
def test_activations_that_scikit_learn_does_not_have(name: str) -> None:
    mine = regressor(activation=name).fit(X, Y)
    close(mine.predict(X_VAL), forward(mine, X_VAL, PLAIN[name])[:, 0])


def test_an_activation_with_a_number() -> None:
    mine = regressor(activation=gn.activation("leaky_relu", slope=0.3)).fit(X, Y)
    close(mine.predict(X_VAL), forward(mine, X_VAL, lambda z: np.where(z > 0, z, 0.3 * z))[:, 0])


def test_an_activation_of_ones_own_is_the_same_as_the_built_in_one() -> None:
    mine, built_in = regressor(activation=lambda z: np.tanh(z)).fit(X, Y), regressor(activation="tanh").fit(X, Y)
    close(theta(mine), theta(built_in))
    close(mine.loss_curve_, built_in.loss_curve_)


def test_a_list_has_an_activation_for_each_layer() -> None:
    mine = regressor(hidden_layer_sizes=(7, 3), activation=["tanh", "elu"]).fit(X, Y)
    close(mine.predict(X_VAL), forward(mine, X_VAL, np.tanh, PLAIN["elu"])[:, 0])
    other = regressor(hidden_layer_sizes=(7, 3), activation=["elu", "tanh"]).fit(X, Y)
    assert np.abs(mine.predict(X_VAL) - other.predict(X_VAL)).max() > 1e-3


@pytest.mark.parametrize("y", [TWO, THREE], ids=["binary", "three classes"])
def test_without_a_hidden_layer_it_is_logistic_regression(y: np.ndarray) -> None:
    mine = MLPClassifier((), alpha=0.5, **EXACT).fit(X, y)
    theirs = LogisticRegression(C=1.0 / 0.5, tol=1e-10, max_iter=5000).fit(X, y)
    np.testing.assert_allclose(mine.predict_proba(X_VAL), theirs.predict_proba(X_VAL), atol=1e-4)
    assert mine.n_layers_ == 2


@pytest.mark.parametrize("y", [Y, Y2], ids=["one output", "two outputs"])
def test_without_a_hidden_layer_it_is_linear_regression(y: np.ndarray) -> None:
    plain = MLPRegressor("squared_error", (), alpha=0.0, **EXACT).fit(X, y)
    close(plain.predict(X_VAL), LinearRegression().fit(X, y).predict(X_VAL), 1e-4)
    ridge = MLPRegressor("squared_error", (), alpha=3.0, **EXACT).fit(X, y)
    close(ridge.predict(X_VAL), Ridge(3.0).fit(X, y).predict(X_VAL), 1e-4)


def test_without_a_hidden_layer_all_else_works_too() -> None:
    for solver in ("adam", "sgd", gn.RMSprop(0.01)):
        mine = classifier(hidden_layer_sizes=(), solver=solver, dropout=0.5, normalization="batch").fit(X, THREE)
        assert [w.shape for w in mine.coefs_] == [(COLUMNS, 3)]  # there is nothing to drop or to normalize
        assert mine.predict(X_VAL).shape == (29,)


def test_an_empty_list_fits_no_hidden_layers() -> None:
    mine = regressor(hidden_layer_sizes=(), activation=[], dropout=[], normalization=[]).fit(X, Y)
    assert mine.n_layers_ == 2


@pytest.mark.parametrize("normalization", ["batch", "layer", ["batch", None], [None, "layer"]])
@pytest.mark.parametrize("dropout", [0.0, 0.4, [0.2, 0.0]])
def test_predictions_are_the_same_each_time_and_the_same_for_each_row(normalization: Any, dropout: Any) -> None:
    mine = classifier(hidden_layer_sizes=(7, 3), normalization=normalization, dropout=dropout).fit(X, THREE)
    p = mine.predict_proba(X_VAL)
    np.testing.assert_array_equal(mine.predict_proba(X_VAL), p)
    close(np.concatenate([mine.predict_proba(row[None]) for row in X_VAL]), p)
    again = classifier(hidden_layer_sizes=(7, 3), normalization=normalization, dropout=dropout).fit(X, THREE)
    np.testing.assert_array_equal(again.predict_proba(X_VAL), p)


def test_dropout_is_drawn_by_the_seed_and_changes_what_is_learnt_but_not_the_start() -> None:
    def first(**options: Any) -> list[np.ndarray]:
        seen: list[np.ndarray] = []
        mine = regressor(batch_size=ROWS, shuffle=False, **options)
        mine.set_params(callbacks=lambda event, model: seen.append(model.memory.theta.copy())).fit(X, Y)
        return seen

    without, some, more = first(), first(dropout=0.3), first(dropout=0.6)
    assert np.abs(some[0] - without[0]).max() <= 2 * 0.001  # adam's first step is at most the learning rate
    assert len({tuple(seen[-1]) for seen in (without, some, more)}) == 3


def test_normalized_layers_are_normalized() -> None:
    mine = regressor(normalization="layer", activation="tanh").fit(X, Y)
    values = mine.layer_values(X_VAL)
    normalized = next(v for name, v in values.items() if v.shape == (29, 7) and name[-1] == "2")
    gamma = [w for name, w in mine.model_.weights.items() if w.shape == (7,) and name[-1] == "2"]
    assert len(gamma) == 2  # scale and shift
    a = np.tanh(X_VAL @ mine.coefs_[0] + mine.intercepts_[0])
    plain = (a - a.mean(axis=1, keepdims=True)) / np.sqrt(a.var(axis=1, keepdims=True) + 1e-5)
    assert any(np.allclose(v, plain, atol=1e-4) for v in values.values() if v.shape == (29, 7)), normalized


@pytest.mark.parametrize("options", [{"dropout": 0.2}, {"dropout": [0.2]}, {"normalization": "batch"}])
def test_lbfgs_refuses_what_changes_the_loss_from_step_to_step(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="lbfgs needs the same loss for the same weights"):
        regressor(solver="lbfgs", **options).fit(X, Y)


def test_lbfgs_refuses_batch_normalization_in_a_list_too() -> None:
    with pytest.raises(ValueError, match="lbfgs"):
        regressor(solver="lbfgs", normalization=["batch"]).fit(X, Y)


def test_lbfgs_takes_a_list_of_no_dropout_and_layer_normalization() -> None:
    regressor(solver="lbfgs", normalization="layer").fit(X, Y)
    regressor(solver="lbfgs", normalization=["layer"]).fit(X, Y)
    regressor(solver="lbfgs", dropout=[0.0]).fit(X, Y)


# weights of classes


@pytest.mark.parametrize("class_weight", ["balanced", {1: 1.0, 3: 5.0, 5: 0.5}, {3: 4.0}], ids=str)
def test_class_weight_is_the_weight_of_the_classs_rows(class_weight: Any) -> None:
    weights = compute_sample_weight(class_weight, THREE)
    mine = MLPClassifier((), alpha=0.0, class_weight=class_weight, **EXACT).fit(X, THREE)
    by_rows = MLPClassifier((), alpha=0.0, **EXACT).fit(X, THREE, sample_weight=weights)
    close(mine.predict_proba(X_VAL), by_rows.predict_proba(X_VAL), 1e-4)
    assert by_rows.loss_ == pytest.approx(log_loss(THREE, by_rows.predict_proba(X), sample_weight=weights), rel=1e-9)
    assert mine.loss_ == pytest.approx(by_rows.loss_ * weights.mean(), rel=1e-6)
    without = MLPClassifier((), alpha=0.0, **EXACT).fit(X, THREE)
    assert np.abs(mine.predict_proba(X_VAL) - without.predict_proba(X_VAL)).max() > 1e-2


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
@pytest.mark.parametrize("class_weight", ["balanced", {1: 1.0, 3: 5.0, 5: 0.5}, {"no": 3.0, "yes": 0.5}], ids=str)
def test_class_weight_is_what_it_is_in_logistic_regression(class_weight: Any, weights: np.ndarray | None) -> None:
    """With its penalty too, which shows how the weights are scaled."""
    y = TWO if "no" in class_weight else THREE
    mine = MLPClassifier((), alpha=0.5, class_weight=class_weight, **EXACT).fit(X, y, sample_weight=weights)
    theirs = LogisticRegression(C=2.0, class_weight=class_weight, tol=1e-10, max_iter=5000).fit(X, y, weights)
    np.testing.assert_allclose(mine.predict_proba(X_VAL), theirs.predict_proba(X_VAL), atol=1e-4)


def test_class_weight_matters_where_a_batch_is_one_row() -> None:
    options = {"batch_size": 1, "alpha": 0.0, "solver": "sgd", "momentum": 0.0, "max_iter": 40}
    rare, often = ({"no": 1.0, "yes": w} for w in (0.05, 20.0))
    low = classifier(class_weight=rare, **options).fit(X, TWO).predict_proba(X)[:, 1].mean()
    high = classifier(class_weight=often, **options).fit(X, TWO).predict_proba(X)[:, 1].mean()
    assert low + 0.1 < (TWO == "yes").mean() < high - 0.1


def test_class_weight_matters_with_a_loss_of_ones_own_too() -> None:
    options = {"batch_size": 1, "alpha": 0.0, "solver": "sgd", "momentum": 0.0, "loss": brier, "max_iter": 40}
    low = classifier(class_weight={"no": 1.0, "yes": 0.05}, **options).fit(X, TWO).predict_proba(X)[:, 1].mean()
    high = classifier(class_weight={"no": 1.0, "yes": 20.0}, **options).fit(X, TWO).predict_proba(X)[:, 1].mean()
    assert low + 0.01 < high


def test_partial_fit_with_class_weights_needs_no_row_of_each_class() -> None:
    mine = classifier(class_weight={1: 1.0, 3: 5.0, 5: 2.0}).partial_fit(X, THREE, classes=[1, 3, 5])
    mine.partial_fit(X[THREE == 5], THREE[THREE == 5])


def test_partial_fit_with_weights_of_some_classes_needs_no_row_of_each() -> None:
    mine = classifier(class_weight={1: 1.0, 3: 5.0}).partial_fit(X, THREE, classes=[1, 3, 5])
    mine.partial_fit(X[THREE != 3], THREE[THREE != 3])


def test_validation_rows_need_not_be_of_each_class() -> None:
    some = THREE_VAL != 3
    mine = classifier(class_weight={1: 1.0, 3: 5.0}).fit(X, THREE, X_val=X_VAL[some], y_val=THREE_VAL[some])
    assert np.isfinite(mine.validation_loss_curve_).all()


# losses


def half_huber(y: np.ndarray, p: np.ndarray, delta: float = 1.0) -> float:
    r = np.abs(y - p)
    return float(np.where(r <= delta, 0.5 * r * r, delta * (r - 0.5 * delta)).mean())


LOSSES: dict[str, tuple[Any, Callable[[np.ndarray, np.ndarray], float]]] = {
    "absolute_error": ("absolute_error", mean_absolute_error),
    "huber": ("huber", half_huber),
    "huber, delta 0.3": (gn.loss("huber", delta=0.3), lambda y, p: half_huber(y, p, 0.3)),
    "quantile": ("quantile", mean_pinball_loss),
    "quantile 0.9": (gn.loss("quantile", q=0.9), lambda y, p: mean_pinball_loss(y, p, alpha=0.9)),
    "own": (lambda y, p: (y - p) ** 4, lambda y, p: float(((y - p) ** 4).mean())),
    "log cosh": (lambda y, p: np.log(np.exp(p - y) + np.exp(y - p)), lambda y, p: np.logaddexp(p - y, y - p).mean()),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_that_scikit_learn_does_not_have(name: str) -> None:
    loss, measure = LOSSES[name]
    mine = MLPRegressor(loss, (3,), solver="lbfgs", alpha=0.0, max_iter=30, random_state=1).fit(X, Y)
    assert mine.loss_ == pytest.approx(measure(Y, mine.predict(X)), rel=1e-9)
    start = MLPRegressor(loss, (3,), solver="lbfgs", alpha=0.0, max_iter=1, random_state=1).fit(X, Y)
    assert mine.loss_ < start.loss_
    seen = regressor(loss=loss).fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
    assert seen.validation_loss_curve_[-1] == pytest.approx(measure(Y_VAL, seen.predict(X_VAL)), rel=1e-9)


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_the_quantile_loss_leaves_its_share_below(q: float) -> None:
    mine = MLPRegressor(gn.loss("quantile", q=q), (), max_iter=600, learning_rate_init=0.01, random_state=0)
    below = np.mean(mine.fit(X, Y).predict(X) >= Y)
    assert abs(below - q) < 0.1


@pytest.mark.parametrize("y", [TWO, THREE, SEVERAL], ids=["binary", "three classes", "multilabel"])
def test_a_classifier_with_the_loss_of_brier(y: np.ndarray) -> None:
    mine = MLPClassifier((), alpha=0.0, loss=brier, **{**EXACT, "tol": 1e-7}).fit(X, y)
    p = mine.predict_proba(X)
    columns = y if y.ndim == 2 else label_binarize(y, classes=mine.classes_)
    p = p[:, 1:] if columns.shape[1] == 1 else p
    assert mine.loss_ == pytest.approx(np.mean((columns - p) ** 2), rel=1e-9)
    if y.ndim == 1:
        close(mine.predict_proba(X).sum(axis=1), 1.0)
        likely = LogisticRegression(C=1e6, max_iter=5000).fit(X, y).predict_proba(X)
        assert mine.loss_ < np.mean((columns - (likely[:, 1:] if columns.shape[1] == 1 else likely)) ** 2)
    close(np.exp(mine.predict_log_proba(X_VAL)), mine.predict_proba(X_VAL), 1e-9)


def test_a_classifier_with_a_loss_of_the_scores() -> None:
    def cross_entropy(y: Any, s: Any) -> Any:
        largest = np.maximum(np.maximum(s, -s), 0.0)  # only to have something that is no built-in formula
        return np.log1p(np.exp(-largest)) + np.maximum(s, 0.0) - y * s

    mine = classifier(loss=gn.loss(cross_entropy, output="sigmoid", reduction="batchmean")).fit(X, TWO)
    usual = classifier().fit(X, TWO)
    close(mine.loss_curve_, usual.loss_curve_, 1e-9)
    close(mine.predict_proba(X_VAL), usual.predict_proba(X_VAL), 1e-9)
    close(mine.predict_log_proba(X_VAL), usual.predict_log_proba(X_VAL), 1e-9)


def test_a_softmax_inside_the_loss_gives_probabilities() -> None:
    mine = classifier(loss=gn.loss("cross_entropy", reduction="batchmean")).fit(X, THREE)
    np.testing.assert_array_equal(theta(mine), theta(classifier().fit(X, THREE)))
    assert mine.out_activation_ == "softmax"


# rows to measure


@pytest.mark.parametrize("weights", [None, WEIGHTS_VAL], ids=["plain", "weighted"])
def test_the_loss_and_score_of_validation_rows(weights: np.ndarray | None) -> None:
    given = {"X_val": X_VAL, "sample_weight_val": weights}
    c = classifier().fit(X, THREE, y_val=THREE_VAL, **given)
    p = c.predict_proba(X_VAL)
    assert c.validation_loss_curve_[-1] == pytest.approx(log_loss(THREE_VAL, p, sample_weight=weights), rel=1e-12)
    assert c.validation_scores_[-1] == pytest.approx(c.score(X_VAL, THREE_VAL, weights), rel=1e-12)
    r = regressor().fit(X, Y, y_val=Y_VAL, **given)
    half = 0.5 * np.average((Y_VAL - r.predict(X_VAL)) ** 2, weights=weights)
    assert r.validation_loss_curve_[-1] == pytest.approx(half, rel=1e-12)
    assert r.validation_scores_[-1] == pytest.approx(r.score(X_VAL, Y_VAL, weights), rel=1e-12)
    for mine in (c, r):
        assert len(mine.validation_loss_curve_) == len(mine.validation_scores_) == len(mine.loss_curve_) == 5
        assert mine.best_validation_score_ is None


def test_the_validation_loss_of_two_outputs_is_the_mean_of_theirs_like_the_training_loss() -> None:
    y_val = np.column_stack([Y_VAL, np.abs(X_VAL[:, 2])])
    mine = regressor(alpha=0.0).fit(X, Y2, X_val=X_VAL, y_val=y_val)
    assert mine.validation_loss_curve_[-1] == pytest.approx(
        0.5 * np.mean((y_val - mine.predict(X_VAL)) ** 2), rel=1e-12
    )
    assert mine.validation_scores_[-1] == pytest.approx(mine.score(X_VAL, y_val), rel=1e-12)


def test_measuring_changes_nothing() -> None:
    with_rows = classifier(batch_size=7, dropout=0.2).fit(X, THREE, X_val=X_VAL, y_val=THREE_VAL)
    np.testing.assert_array_equal(theta(with_rows), theta(classifier(batch_size=7, dropout=0.2).fit(X, THREE)))


@pytest.mark.parametrize("normalization", [None, "batch"])
def test_early_stopping_on_the_rows_that_are_given(normalization: str | None) -> None:
    mine = classifier(
        early_stopping=True, max_iter=500, n_iter_no_change=5, learning_rate_init=0.05, normalization=normalization
    )
    mine.fit(X, THREE, X_val=X_VAL, y_val=THREE_VAL)
    assert mine.n_iter_ < 500
    assert mine.stopped_
    assert mine.best_loss_ is None
    assert mine.best_validation_score_ == max(mine.validation_scores_) == mine.score(X_VAL, THREE_VAL)
    best = int(np.argmax(mine.validation_scores_))
    assert mine.history_.best_epoch == best + 1
    p = mine.predict_proba(X_VAL)
    assert mine.validation_loss_curve_[best] == pytest.approx(log_loss(THREE_VAL, p), rel=1e-12)


def test_early_stopping_on_given_rows_trains_on_all_others() -> None:
    mine = classifier(early_stopping=True, max_iter=1).fit(X, THREE, X_val=X_VAL, y_val=THREE_VAL)
    assert mine.t_ == ROWS
    assert classifier(early_stopping=True, max_iter=1).fit(X, THREE).t_ == ROWS - 7  # a tenth, rounded up


def test_early_stopping_with_partial_fit() -> None:
    mine = classifier(early_stopping=True, n_iter_no_change=5, learning_rate_init=0.05)
    scores: list[float] = []
    for _ in range(300):
        mine.partial_fit(X, THREE, classes=[1, 3, 5], X_val=X_VAL, y_val=THREE_VAL)
        if mine.stopped_:
            break
        scores.append(mine.score(X_VAL, THREE_VAL))
    assert mine.stopped_
    assert len(mine.loss_curve_) == len(scores) + 1 < 300
    assert mine.validation_scores_[:-1] == scores
    assert mine.score(X_VAL, THREE_VAL) == mine.best_validation_score_ == max(mine.validation_scores_)
    assert max(scores) > mine.validation_scores_[-1] or scores.count(max(scores)) > 1


def test_partial_fit_with_early_stopping_holds_rows_out_itself_where_none_are_given() -> None:
    mine = regressor(early_stopping=True)
    for k in (1, 2, 3):
        mine.partial_fit(X, Y)
        assert len(mine.validation_scores_) == k
        assert mine.t_ == k * (ROWS - 7)
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping=True after fit"):
        regressor(early_stopping=True).fit(X, Y).partial_fit(X, Y)


def test_the_history_is_a_table() -> None:
    mine = classifier().fit(X, THREE, X_val=X_VAL, y_val=THREE_VAL)
    frame = mine.history_.to_frame()
    assert list(frame.columns) == ["epoch", "loss", "val_loss", "val_score"]
    assert frame["loss"].tolist() == mine.loss_curve_
    assert frame["val_loss"].tolist() == mine.validation_loss_curve_
    assert frame["val_score"].tolist() == mine.validation_scores_
    assert mine.history_.stopped == "epochs"
    assert list(classifier(solver="lbfgs").fit(X, THREE).history_.to_frame().columns) == ["epoch", "loss"]


# callbacks


def test_callbacks_hear_of_each_epoch_in_order() -> None:
    heard: list[tuple[str, gn.Epoch, float]] = []

    def listener(name: str) -> Callable[[gn.Epoch, gn.Model], None]:
        return lambda event, model: heard.append((name, event, float(model["W1"].sum())))

    mine = classifier(batch_size=7, callbacks=[listener("a"), listener("b")])
    mine.fit(X, THREE, X_val=X_VAL, y_val=THREE_VAL)
    assert [name for name, _, _ in heard] == ["a", "b"] * 5
    events = [event for name, event, _ in heard if name == "a"]
    assert [event.epoch for event in events] == [1, 2, 3, 4, 5]
    assert [event.step for event in events] == [9, 18, 27, 36, 45]
    assert [event.loss for event in events] == mine.loss_curve_
    assert [event.metrics["val_loss"] for event in events] == mine.validation_loss_curve_
    assert [event.metrics["val_score"] for event in events] == mine.validation_scores_
    assert heard[-1][2] == mine.coefs_[0].sum()
    assert len({total for _, _, total in heard}) == 5


def test_one_that_returns_true_ends_training() -> None:
    mine = classifier(callbacks=lambda event, model: event.epoch == 3, max_iter=50).fit(X, THREE)
    assert mine.n_iter_ == len(mine.loss_curve_) == 3
    all_hear: list[int] = []
    first = [lambda event, model: True, lambda event, model: all_hear.append(event.epoch)]
    classifier(callbacks=first).fit(X, THREE)
    assert all_hear == [1]


def test_what_numpy_calls_true_ends_training_too() -> None:
    mine = classifier(callbacks=lambda event, model: np.float64(event.loss) > 0.0).fit(X, THREE)
    assert mine.n_iter_ == 1


def test_a_callbacks_wish_is_no_lack_of_improvement() -> None:
    mine = classifier(callbacks=lambda event, model: True).fit(X, THREE)
    assert not mine.stopped_  # "whether training ended because nothing improved any more"
    assert mine.history_.stopped == "interrupted"  # as after gn.train


def test_lbfgs_calls_callbacks_after_each_iteration_and_stops_where_one_asks_for_it() -> None:
    heard: list[gn.Epoch] = []
    mine = classifier(solver="lbfgs", max_iter=9, callbacks=lambda event, model: heard.append(event)).fit(X, THREE)
    assert [event.epoch for event in heard] == list(range(1, 10))
    assert [event.loss for event in heard] == mine.history_["loss"]
    few = classifier(solver="lbfgs", max_iter=9, callbacks=lambda event, model: event.epoch == 3).fit(X, THREE)
    assert few.n_iter_ == 3
    assert few.history_["loss"] == mine.history_["loss"][:3]
    assert log_loss(THREE, few.predict_proba(X)) < heard[1].loss


def test_what_a_callback_raises_comes_out_and_the_estimator_is_usable() -> None:
    def fail(event: gn.Epoch, model: gn.Model) -> None:
        if event.epoch == 3:
            raise LookupError("a callback's own")

    mine = classifier(callbacks=fail)
    with pytest.raises(LookupError, match="a callback's own"):
        mine.fit(X, THREE)
    assert mine.n_iter_ == 3
    np.testing.assert_array_equal(theta(mine), theta(classifier(max_iter=3).fit(X, THREE)))
    assert mine.predict(X_VAL).shape == (29,)
    mine.set_params(callbacks=None).partial_fit(X, THREE)
    assert len(mine.loss_curve_) == 4


# weights


def shapes() -> tuple[list[np.ndarray], list[np.ndarray]]:
    rng = np.random.default_rng(9)
    return [rng.normal(size=(COLUMNS, 7)), rng.normal(size=(7, 1))], [rng.normal(size=7), rng.normal(size=1)]


def test_weights_set_before_fit_are_what_it_starts_from() -> None:
    coefs, intercepts = shapes()
    mine = regressor(solver="sgd", momentum=0.0, alpha=0.0, max_iter=1, activation="tanh", learning_rate_init=0.1)
    mine.coefs_, mine.intercepts_ = coefs, intercepts
    mine.fit(X, Y)
    a = np.tanh(X @ coefs[0] + intercepts[0])
    error = (a @ coefs[1] + intercepts[1])[:, 0] - Y
    assert mine.loss_ == pytest.approx(0.5 * np.mean(error**2), rel=1e-12)
    close(mine.coefs_[1], coefs[1] - 0.1 * a.T @ error[:, None] / ROWS)
    close(mine.intercepts_[1], intercepts[1] - 0.1 * error.mean())


def test_weights_of_a_fitted_estimator_can_be_set_and_written_to() -> None:
    coefs, intercepts = shapes()
    for engine in ("numpy", "auto"):
        mine = regressor(activation="tanh", engine=engine).fit(X, Y)
        mine.predict(X_VAL)
        mine.coefs_, mine.intercepts_ = coefs, intercepts
        close(mine.predict(X_VAL), (np.tanh(X_VAL @ coefs[0] + intercepts[0]) @ coefs[1] + intercepts[1])[:, 0])
        mine.coefs_[1][:] = 0.0
        mine.intercepts_[1][0] = 2.5
        close(mine.predict(X_VAL), 2.5)
        np.testing.assert_array_equal(mine.model_["b2"], [2.5])


@pytest.mark.parametrize("go_on", ["warm_start", "partial_fit"])
def test_training_goes_on_from_weights_that_were_set(go_on: str) -> None:
    coefs, intercepts = shapes()
    options = {"solver": "sgd", "momentum": 0.0, "max_iter": 1, "warm_start": True}
    mine = regressor(**options).fit(X, Y)
    mine.coefs_, mine.intercepts_ = coefs, intercepts
    (mine.fit if go_on == "warm_start" else mine.partial_fit)(X, Y)
    fresh = regressor(**options)
    fresh.coefs_, fresh.intercepts_ = coefs, intercepts
    close(theta(mine), theta(fresh.fit(X, Y)))


def test_one_layers_weights_can_be_set() -> None:
    coefs, _ = shapes()
    mine = regressor().fit(X, Y)
    mine.coefs_[1] = coefs[1]
    mine.coefs_[0] *= 0.0
    np.testing.assert_array_equal(mine.model_["W2"], coefs[1])
    assert not mine.model_["W1"].any()
    with pytest.raises(ValueError, match="must have shape"):
        mine.coefs_[1] = coefs[1].T
    np.testing.assert_array_equal(mine.coefs_[1], coefs[1])
    assert type(pickle.loads(pickle.dumps(mine.coefs_))) is list


def test_wrong_weights_are_refused_and_nothing_is_changed() -> None:
    coefs, _ = shapes()
    mine = regressor().fit(X, Y)
    before = theta(mine)
    for wrong in ([coefs[0].T, coefs[1]], coefs[:1], [1.0, 2.0], [coefs[0] * np.nan, coefs[1]]):
        with pytest.raises(ValueError, match=r"must (have shape|be one array|be finite)"):
            mine.coefs_ = wrong
        np.testing.assert_array_equal(theta(mine), before)


def test_a_wrong_last_array_leaves_the_first_as_it_was() -> None:
    mine = regressor().fit(X, Y)
    before = theta(mine)
    with pytest.raises(ValueError, match="W2 must have shape"):
        mine.coefs_ = [np.ones((COLUMNS, 7)), np.ones((3, 3))]
    np.testing.assert_array_equal(theta(mine), before)


def test_wrong_weights_to_start_from_are_refused_each_time() -> None:
    mine = regressor()
    mine.coefs_ = [np.ones((COLUMNS, 7)), np.ones((3, 3))]
    for _ in range(2):
        with pytest.raises(ValueError, match="W2 must have shape"):
            mine.fit(X, Y)
        assert not hasattr(mine, "model_")


# the network inside


def test_what_every_layer_gives() -> None:
    mine = classifier(activation="tanh").fit(X, THREE)
    values = mine.layer_values(X_VAL)
    assert list(values) == ["z1", "a1", "z2", "p"]
    close(values["z1"], X_VAL @ mine.coefs_[0] + mine.intercepts_[0])
    close(values["a1"], np.tanh(values["z1"]))
    close(values["z2"], forward(mine, X_VAL, np.tanh))
    np.testing.assert_array_equal(values["p"], mine.predict_proba(X_VAL))
    for same in (scipy.sparse.csr_array(X_VAL), X_VAL.tolist()):
        np.testing.assert_array_equal(mine.layer_values(same)["p"], values["p"])
    for name in mine.layer_values(X_VAL):
        assert name in str(mine.model_.derivation())


@pytest.mark.parametrize("y", [TWO, THREE, Y, Y2, Y > 0], ids=["words", "numbers", "one", "two outputs", "booleans"])
def test_the_model_goes_to_a_file_and_back(y: np.ndarray, tmp_path: Any) -> None:
    mine = (regressor if y.dtype.kind == "f" else classifier)(dropout=0.2, normalization="batch").fit(X, y)
    mine.model_.save(tmp_path / "m.glass")
    loaded = gn.load(tmp_path / "m.glass")
    np.testing.assert_array_equal(loaded.predict(X_VAL), mine.predict(X_VAL))
    if hasattr(mine, "predict_proba"):
        close(loaded.predict_proba(X_VAL), mine.predict_proba(X_VAL), 1e-15)
        assert list(loaded.classes) == mine.classes_.tolist()
    assert loaded.history.columns == mine.history_.columns


def test_the_model_is_trained_on_by_glassnet_itself() -> None:
    mine = classifier(solver="sgd", shuffle=False).fit(X, THREE)
    loss = mine.loss_
    gn.train(mine.model_, X, THREE, epochs=50, progress=False, seed=1)
    assert log_loss(THREE, mine.predict_proba(X)) < loss
    assert len(mine.history_) == 55
    mine.partial_fit(X, THREE)
    assert len(mine.history_) == 56


@pytest.mark.parametrize("y", [TWO, THREE, SEVERAL, Y, Y2], ids=["binary", "three", "multilabel", "one", "two"])
def test_the_models_gradient_is_right(y: np.ndarray) -> None:
    mine = (regressor if y.dtype.kind == "f" else classifier)(activation="tanh", alpha=0.5).fit(X, y)
    gn.check_gradient(mine.model_, X, y)
    assert "2" in str(mine.model_.derivation())


# learning rates and optimizers


def test_schedules_set_the_learning_rate() -> None:
    mine = regressor(learning_rate=gn.schedule("step", 0.4, every=2, factor=0.5), solver="sgd").fit(X, Y)
    assert mine.history_["learning_rate"] == [0.4, 0.4, 0.2, 0.2, 0.1]
    for optimizer in ("rmsprop", gn.Adam(0.3)):
        mine = regressor(learning_rate=gn.schedule("exponential", 0.1, decay=0.5), solver=optimizer).fit(X, Y)
        close(mine.history_["learning_rate"], 0.1 * 0.5 ** np.arange(5))
    rates = regressor(solver="sgd", learning_rate="invscaling", learning_rate_init=0.2).fit(X, Y)
    close(rates.history_["learning_rate"], [0.2, *(0.2 / (ROWS * k + 1) ** 0.5 for k in range(1, 5))])
    assert "learning_rate" not in regressor().fit(X, Y).history_.columns


def by_glassnet(mine: MLPRegressor, optimizer: gn.parts.optimizers.Optimizer) -> np.ndarray:
    """The weights that gn.train arrives at from the same start, all rows at once."""
    loss = gn.loss("squared", half=True, reduction="batchmean")
    network = gn.Network(gn.Dense(7, "tanh"), gn.Dense(1), loss=loss, l2=mine.alpha, penalty_per_row=True)
    model = gn.initialize(network, X, Y, seed=0)
    coefs, intercepts = shapes()
    for k in (1, 2):
        model[f"W{k}"], model[f"b{k}"] = coefs[k - 1], intercepts[k - 1]
    gn.train(model, X, Y, optimizer=optimizer, epochs=mine.max_iter, batch_size=None, progress=False, engine="numpy")
    return np.concatenate([model[name].ravel() for name in ("W1", "W2", "b1", "b2")])


@pytest.mark.parametrize("rule", [name for name in RULES if name not in ("sgd", "adam")])
def test_every_rule_by_its_name_and_as_an_object(rule: str) -> None:
    for solver in (rule, gn.optimizer(rule, 0.02)):
        mine = regressor(solver=solver, learning_rate_init=0.02, alpha=0.1, activation="tanh", batch_size=ROWS)
        mine.coefs_, mine.intercepts_ = shapes()
        mine.fit(X, Y)
        close(theta(mine), by_glassnet(mine, gn.optimizer(rule, 0.02)), 1e-10)


@pytest.mark.parametrize("solver", [gn.SGD(0.05), gn.Adam(0.01, beta1=0.5), gn.AdamW(0.01, weight_decay=0.5)], ids=str)
def test_an_optimizers_own_numbers_count(solver: Any) -> None:
    mine = regressor(solver=solver, learning_rate_init=0.3, activation="tanh", batch_size=ROWS)
    mine.coefs_, mine.intercepts_ = shapes()
    close(theta(mine.fit(X, Y)), by_glassnet(mine, solver), 1e-10)


def test_clipping_is_plain_clipping() -> None:
    for norm, value in ((0.5, None), (None, 0.2), (0.3, 0.2), (1e9, 1e9)):
        mine = regressor(
            hidden_layer_sizes=(), solver="sgd", momentum=0.0, learning_rate_init=0.1, clip_norm=norm, clip_value=value
        )
        w, b = np.full(COLUMNS, 0.5), 0.25
        mine.coefs_, mine.intercepts_ = [w[:, None]], [np.array([b])]
        mine.fit(X, Y)
        for _ in range(5):
            error = X @ w + b - Y
            g = np.append(X.T @ error + mine.alpha * w, error.sum()) / ROWS
            g = g if value is None else np.clip(g, -value, value)
            g = g if norm is None else g * min(1.0, norm / np.linalg.norm(g))
            w, b = w - 0.1 * g[:-1], b - 0.1 * g[-1]
        close(mine.coefs_[0][:, 0], w, 1e-10)
        close(mine.intercepts_[0], [b], 1e-10)


# engines

ENGINES: dict[str, dict[str, Any]] = {
    "early stopping": {"early_stopping": True, "max_iter": 40, "n_iter_no_change": 3, "learning_rate_init": 0.02},
    "balanced, dropout, clipped": {"class_weight": "balanced", "dropout": 0.3, "clip_norm": 0.5},
    "batch normalization, sgd": {"normalization": "batch", "solver": "sgd", "learning_rate": "invscaling"},
}


def same_by_both_engines(x: np.ndarray, tolerance: float, fit: Callable[[Any], Any], **options: Any) -> None:
    pytest.importorskip("numba")
    one, other = (fit(classifier(batch_size=7, **{**options, "engine": engine})) for engine in ("numpy", "compiled"))
    assert (one.model_.engine.engine, other.model_.engine.engine) == ("numpy", "compiled")
    assert one.n_iter_ == other.n_iter_
    close(theta(one), theta(other), tolerance)
    for name in ("loss_curve_", "validation_scores_", "validation_loss_curve_"):
        if getattr(one, name) is not None:
            close(getattr(one, name), getattr(other, name), tolerance)
    assert one.coefs_[0].dtype == other.coefs_[0].dtype == other.predict_proba(x).dtype == x.dtype
    close(one.predict_proba(x), other.predict_proba(x), tolerance)
    other.coefs_[-1][:], other.intercepts_[-1][:] = 0.0, 0.0  # machine code sees it too
    close(other.predict_proba(x), 1.0 / 3.0, 1e-6)


@pytest.mark.parametrize("name", ENGINES)
def test_both_engines_give_the_same(name: str) -> None:
    same_by_both_engines(X, 1e-12, lambda mine: mine.fit(X, THREE, sample_weight=WEIGHTS), **ENGINES[name])


def test_both_engines_give_the_same_in_float32_with_partial_fit() -> None:
    x = X.astype(np.float32)

    def fit(mine: MLPClassifier) -> MLPClassifier:
        for _ in range(4):
            mine.partial_fit(x, THREE, classes=[1, 3, 5], X_val=X_VAL, y_val=THREE_VAL)
        return mine

    same_by_both_engines(x, 1e-5, fit)


# sparse rows


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 7},
        {"batch_size": 7, "solver": "sgd", "alpha": 1.0},
        {"solver": "lbfgs", "alpha": 1.0},
        {"batch_size": 7, "early_stopping": True},
        {"batch_size": 7, "class_weight": "balanced"},
        {"solver": "lbfgs", "class_weight": "balanced", "alpha": 1.0},
    ],
    ids=str,
)
def test_sparse_rows_that_are_made_dense_in_pieces(
    options: dict[str, Any], weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sparse_alike(monkeypatch, options, WEIGHTS if weighted else None)


@pytest.mark.parametrize("reduction", ["mean", "batchmean", "rowmean", "sum"])
@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
def test_sparse_rows_with_every_reduction(solver: str, reduction: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"solver": solver, "batch_size": 7, "alpha": 5.0, "loss": gn.loss(brier, reduction=reduction)}
    sparse_alike(monkeypatch, options, None)


def sparse_alike(monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], weights: np.ndarray | None) -> None:
    x = np.where(np.abs(X) > 0.7, X, 0.0)
    measured = options.get("solver") != "lbfgs" and "class_weight" not in options

    def fit(form: Callable[[np.ndarray], Any]) -> MLPClassifier:
        given = {"X_val": form(X_VAL), "y_val": THREE_VAL} if measured else {}
        return classifier(**options).fit(form(x), THREE, sample_weight=weights, **given)

    dense = fit(np.asarray)
    monkeypatch.setattr("glassnet.sklearn.sparse.DENSE", 0)
    for module in ("sklearn.sparse", "training.summed", "sklearn.perceptron"):
        monkeypatch.setattr(sys.modules[f"glassnet.{module}"], "PIECE", 13)
    for form in (scipy.sparse.csr_array, scipy.sparse.csc_matrix):
        mine = fit(form)
        close(theta(mine), theta(dense), 1e-9)
        close(mine.loss_, dense.loss_, 1e-9)
        close(mine.history_["loss"], dense.history_["loss"], 1e-9)
        close(mine.predict_proba(form(X_VAL)), dense.predict_proba(X_VAL), 1e-9)
        if measured:
            close(mine.validation_loss_curve_, dense.validation_loss_curve_, 1e-9)
            close(mine.validation_scores_, dense.validation_scores_, 1e-12)


# probabilities


def ulps(mine: float, true: Any) -> float:
    return float(abs(mpmath.mpf(mine) - true) / mpmath.mpf(float(np.spacing(abs(float(true))))))


def by_hand(y: np.ndarray, columns: int, dtype: Any = np.float64) -> MLPClassifier:
    """A classifier whose scores are its inputs."""
    mine = classifier(hidden_layer_sizes=(), max_iter=1).fit(X[:, :columns].astype(dtype), y)
    mine.coefs_, mine.intercepts_ = [np.eye(columns)], [np.zeros(columns)]
    return mine


def wide(columns: int) -> np.ndarray:
    rng = np.random.default_rng(2)
    return np.vstack([
        rng.uniform(-1, 1, (300, columns)) * 10.0 ** rng.integers(-3, 5, (300, columns)),
        np.eye(3, columns) * 1e4, -np.eye(3, columns) * 1e4, np.zeros((1, columns)), np.eye(3, columns) * 37.0,
    ])  # fmt: skip


def test_log_probabilities_of_many_classes_are_exact_to_8_ulp() -> None:
    """But for what the rounding of a difference of scores does to the logarithm of a probability of almost 1."""
    mine, scores = by_hand(THREE, 3), wide(3)
    found = mine.predict_log_proba(scores)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(mine.classes_[found.argmax(axis=1)], mine.predict(scores))
    with mpmath.workdps(60):
        for s, row in zip(scores.tolist(), found.tolist(), strict=True):
            top = max(range(3), key=s.__getitem__)
            rest = mpmath.log1p(mpmath.fsum(mpmath.exp(mpmath.mpf(s[k]) - s[top]) for k in range(3) if k != top))
            behind = min(s[top] - s[k] for k in range(3) if k != top)
            for k in range(3):
                allowed = 8 + (behind if k == top else 0)
                assert ulps(row[k], mpmath.mpf(s[k]) - s[top] - rest) <= allowed, (s, k)


def test_log_probabilities_of_two_classes_are_exact_to_8_ulp() -> None:
    mine, scores = by_hand(TWO, 1), wide(1)
    found, p = mine.predict_log_proba(scores), mine.predict_proba(scores)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(mine.classes_[found.argmax(axis=1)], mine.predict(scores))
    with mpmath.workdps(60):
        for s, row, both in zip(scores[:, 0].tolist(), found.tolist(), p.tolist(), strict=True):
            for sign, log_p, one in ((-1, row[0], both[0]), (1, row[1], both[1])):
                true = -mpmath.log1p(mpmath.exp(-sign * mpmath.mpf(s)))
                assert ulps(log_p, true) <= 8, s
                assert ulps(one, mpmath.exp(true)) <= 8, s  # also of the unlikely one: it is not 1 - p


def test_the_unlikely_one_of_two_classes_keeps_its_digits() -> None:
    mine = by_hand(TWO, 1)
    for scores in ([[30.0]], [[-50.0]], [[50.0], [0.1], [-700.0]]):
        p = mine.predict_proba(np.array(scores))
        s = np.abs(np.array(scores)[:, 0])
        np.testing.assert_allclose(p.min(axis=1), np.exp(-s) / (1.0 + np.exp(-s)), rtol=1e-15)
        assert (p.max(axis=1) <= 1.0).all()
    assert by_hand(TWO, 1, np.float32).predict_proba(np.float32([[50.0]])).min() == pytest.approx(math.exp(-50), 1e-5)


def test_float32_log_probabilities_are_finite() -> None:
    for y, columns in ((THREE, 3), (TWO, 1), (SEVERAL, 3)):
        found = by_hand(y, columns, np.float32).predict_log_proba(wide(columns).astype(np.float32))
        assert found.dtype == np.float32
        assert np.isfinite(found).all()


# dtypes


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_float32_stays_float32(solver: str) -> None:
    x = X.astype(np.float32)
    for mine in (classifier(solver=solver).fit(x, THREE), regressor(solver=solver).fit(x, Y)):
        kinds = {w.dtype for w in (*mine.coefs_, *mine.intercepts_)}
        assert kinds == {np.dtype(np.float32)}
        for given in (x, X):  # float64 rows are converted
            assert mine._outputs(given).dtype == np.float32
        np.testing.assert_allclose(mine._outputs(x), mine._outputs(X), rtol=1e-6)
        assert isinstance(mine.loss_, float)
        assert math.isfinite(mine.loss_)
    assert classifier(solver=solver).fit(x, THREE).predict_proba(x).dtype == np.float32
    assert regressor(solver=solver).fit(x, Y).predict(x).dtype == np.float32


def test_integers_are_float64() -> None:
    x = (X * 3).astype(int)
    mine = regressor().fit(x, Y)
    assert mine.coefs_[0].dtype == np.float64
    np.testing.assert_array_equal(theta(mine), theta(regressor().fit(x.astype(float), Y)))
    np.testing.assert_array_equal(mine.predict(x), mine.predict(x.astype(float)))


# interruptions, copies, threads

INTERRUPTED = """
    import os, signal, sys, threading, time, warnings
    import numpy as np
    from glassnet.sklearn import MLPRegressor

    def press(event, model):
        if event.epoch == 3:
            threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()

    rng = np.random.default_rng(0)
    X = rng.normal(size=(61, 5))
    y = X[:, 0]
    mine = MLPRegressor("squared_error", (7,), max_iter=10**9, n_iter_no_change=10**9, batch_size=7, callbacks=press,
                        early_stopping=sys.argv[1] == "early", engine="numpy", random_state=0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert mine.fit(X, y) is mine
    assert [str(item.message) for item in caught] == ["Training interrupted by user."], [str(c.message) for c in caught]
    assert mine.history_.stopped == "interrupted" and not mine.stopped_
    assert 3 <= mine.n_iter_ == len(mine.loss_curve_) == len(mine.history_)
    assert np.isfinite(mine.predict(X)).all()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if mine.early_stopping:
        assert mine.best_validation_score_ == max(mine.validation_scores_)
    else:
        mine.set_params(callbacks=None).partial_fit(X, y)
    print("usable")
"""


@pytest.mark.parametrize("kind", ["plain", "early"])
def test_ctrl_c_ends_fit_with_a_warning_and_a_usable_model(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(INTERRUPTED), kind], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "usable\n", done.stderr


def half_way(solver: Any) -> Any:
    options = {"batch_size": 7, "dropout": 0.3, "early_stopping": True, "learning_rate": "constant"}
    return classifier(solver=solver, random_state=np.random.RandomState(4), **options)


@pytest.mark.parametrize("solver", ["adam", "sgd", gn.NAdam(0.01)], ids=str)
def test_a_half_trained_copy_goes_on_with_the_same_numbers(solver: Any) -> None:
    never, given = half_way(solver), {"X_val": X_VAL, "y_val": THREE_VAL}
    for _ in range(2):
        never.partial_fit(X, THREE, classes=[1, 3, 5], **given)
    copies = [pickle.loads(pickle.dumps(never)), copy.deepcopy(never)]
    for _ in range(3):
        never.partial_fit(X, THREE, **given)
    for other in copies:
        for _ in range(3):
            other.partial_fit(X, THREE, **given)
        np.testing.assert_array_equal(theta(other), theta(never))
        assert other.loss_curve_ == never.loss_curve_
        assert other.validation_scores_ == never.validation_scores_
        assert other.history_.columns == never.history_.columns


def chunks() -> list[tuple[Any, np.ndarray, np.ndarray | None]]:
    """Rows as they may come in: more, fewer, weighted, sparse, of another precision."""
    return [
        (X[:23], Y[:23], None),
        (X[23:46], Y[23:46], None),
        (X[46:], Y[46:], None),
        (X[:23], Y[:23], WEIGHTS[:23]),
        (X[23:46], Y[23:46], None),
        (scipy.sparse.csr_array(X[:23]), Y[:23], None),
        (X[:23].astype(np.float32).astype(float), Y[:23], WEIGHTS[:23]),
        (X[:23].tolist(), Y[:23], None),
        (X[:1], Y[:1], None),
    ]


@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_partial_fit_takes_rows_as_they_come(engine: str) -> None:
    options: dict[str, Any] = {"hidden_layer_sizes": (7,), "random_state": 3, "batch_size": 7, "solver": "adam"}
    mine, theirs, copied = MLPRegressor(engine=engine, **options), TheirRegressor(**options), regressor(**options)
    for k, (x, y, w) in enumerate(chunks()):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Got `batch_size` less than 1 or larger than sample size")
            for estimator in (mine, theirs, copied):
                estimator.partial_fit(x, y, sample_weight=w)
        copied = pickle.loads(pickle.dumps(copied))
        close(theta(mine), np.concatenate([w.ravel() for w in (*theirs.coefs_, *theirs.intercepts_)]), 1e-11)
        close(theta(mine), theta(copied), 1e-11)
        assert len(mine.loss_curve_) == k + 1
    close(mine.loss_curve_, theirs.loss_curve_, 1e-11)


def test_partial_fit_sees_what_was_written_into_the_same_arrays() -> None:
    x, y = X[:23].copy(), Y[:23].copy()
    mine, other = regressor(batch_size=7).partial_fit(x, y), regressor(batch_size=7).partial_fit(X[:23], Y[:23])
    x[:], y[:] = X[23:46], Y[23:46]
    mine.partial_fit(x, y)
    np.testing.assert_array_equal(theta(mine), theta(other.partial_fit(X[23:46], Y[23:46])))


CHANGES = [
    {"alpha": 50.0},
    {"learning_rate_init": 0.3},
    {"solver": "rmsprop"},
    {"solver": gn.SGD(0.3)},
    {"clip_norm": 1e-3},
    {"clip_value": 1e-5},
    {"activation": "tanh"},
    {"loss": "absolute_error"},
    {"beta_1": 0.1},
    {"learning_rate": gn.schedule("constant", 0.2)},
    {"batch_size": 23},
    {"shuffle": False},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_parameters_that_are_changed_count_from_the_next_partial_fit_on(change: dict[str, Any]) -> None:
    parameters_count(change, "partial_fit")


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_parameters_that_are_changed_count_from_the_next_warm_start_on(change: dict[str, Any]) -> None:
    parameters_count(change, "fit")


def parameters_count(change: dict[str, Any], go_on: str) -> None:
    mine = regressor(batch_size=7, warm_start=True, max_iter=1).partial_fit(X, Y).partial_fit(X, Y)
    copied = pickle.loads(pickle.dumps(mine))  # which has nothing prepared
    unchanged = pickle.loads(pickle.dumps(mine))
    for estimator in (mine, copied):
        getattr(estimator.set_params(**change), go_on)(X, Y)
    getattr(unchanged, go_on)(X, Y)
    np.testing.assert_array_equal(theta(mine), theta(copied))
    assert np.abs(theta(mine) - theta(unchanged)).max() > 1e-6


def test_a_list_that_is_changed_in_place_counts_from_the_next_call_on() -> None:
    activation = ["tanh"]
    mine = regressor(activation=activation).partial_fit(X, Y)
    activation[0] = "elu"
    mine.partial_fit(X, Y)
    close(mine.predict(X_VAL), forward(mine, X_VAL, PLAIN["elu"])[:, 0])


def test_the_rows_are_not_kept() -> None:
    many = np.tile(X, (200, 1))
    for fitted in (regressor(max_iter=1).fit(many, np.tile(Y, 200)), regressor().partial_fit(many, np.tile(Y, 200))):
        assert len(pickle.dumps(fitted)) < many.nbytes / 4


def test_the_rows_are_let_go() -> None:
    many = np.tile(X, (5, 1))
    there = weakref.ref(many)
    mine = regressor().fit(many, np.tile(Y, 5))
    del many
    gc.collect()
    assert mine.n_features_in_ == COLUMNS
    assert there() is None


def test_balanced_weights_with_validation_rows() -> None:
    mine = classifier(class_weight="balanced").fit(X, THREE, X_val=X_VAL, y_val=THREE_VAL)
    assert np.isfinite(mine.validation_loss_curve_).all()
    mine = classifier(class_weight="balanced", early_stopping=True).fit(X, THREE)
    assert np.isfinite(mine.validation_loss_curve_).all()


def test_dropout_differs_from_fit_to_fit_of_one_generator() -> None:
    shared = np.random.RandomState(0)
    states = {str(regressor(random_state=shared, max_iter=1, dropout=0.3).fit(X, Y).model_.rng.bit_generator.state)
              for _ in range(3)}  # fmt: skip
    assert len(states) == 3


@pytest.mark.parametrize(
    ("solver", "go_on"),
    [
        ("adam", "fit"),
        ("adam", "partial_fit"),
        ("lbfgs", "fit"),
    ],
)
def test_frozen_weights_stay(solver: str, go_on: str) -> None:
    mine = regressor(warm_start=True).fit(X, Y)
    before = mine.coefs_[0].copy()
    mine.model_.freeze("W1")
    getattr(mine.set_params(solver=solver), go_on)(X, Y)
    np.testing.assert_array_equal(mine.coefs_[0], before)


def test_two_threads_give_what_one_gives() -> None:
    def fit(seed: int, found: dict[int, np.ndarray]) -> None:
        mine = classifier(random_state=seed, max_iter=40, batch_size=7, dropout=0.2).fit(X, THREE)
        found[seed] = mine.predict_proba(np.tile(X, (5, 1)))

    alone: dict[int, np.ndarray] = {}
    for seed in (1, 2, 3):
        fit(seed, alone)
    together: dict[int, np.ndarray] = {}
    threads = [threading.Thread(target=fit, args=(seed, together)) for seed in alone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, p in alone.items():
        np.testing.assert_array_equal(together[seed], p)


def test_clones_have_the_parameters_and_nothing_else() -> None:
    options = {
        "solver": gn.Adam(0.01),
        "learning_rate": gn.schedule("step", 0.1, every=2, factor=0.5),
        "activation": ["tanh"],
        "dropout": [0.1],
        "normalization": ["layer"],
        "loss": brier,
        "class_weight": {1: 2.0},
        "clip_norm": 1.0,
        "callbacks": [print],
    }
    mine = classifier(**options)
    other = clone(mine.set_params(callbacks=None).fit(X, THREE))
    assert not hasattr(other, "model_")
    assert not hasattr(other, "coefs_")
    for name, value in mine.get_params().items():
        assert other.get_params()[name] == value, name
    np.testing.assert_array_equal(theta(other.fit(X, THREE)), theta(mine))


# one fit after the other


def test_descent_goes_on_from_where_lbfgs_ended() -> None:
    mine = regressor(solver="lbfgs", max_iter=50).fit(X, Y)
    before = theta(mine)
    mine.set_params(solver="adam", warm_start=True, max_iter=1, learning_rate_init=1e-4).fit(X, Y)
    assert 0.0 < np.abs(theta(mine) - before).max() <= 1.0001e-4
    assert len(mine.loss_curve_) == 1
    mine.partial_fit(X, Y)
    assert len(mine.loss_curve_) == 2
    assert len(mine.history_) >= 52 - 1


@pytest.mark.parametrize("sizes", [(7,), (3,)], ids=["same layers", "other layers"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_what_was_before_lbfgs_is_forgotten(early_stopping: bool, sizes: tuple[int, ...]) -> None:
    options = {"early_stopping": early_stopping, "random_state": 1}
    mine = regressor(**options, max_iter=300, learning_rate_init=0.05, n_iter_no_change=3, tol=1e-3).fit(X, Y)
    mine.set_params(solver="lbfgs", hidden_layer_sizes=sizes, max_iter=5).fit(X, -Y)
    mine.set_params(solver="adam", warm_start=True, max_iter=20, learning_rate_init=0.001).fit(X, -Y)
    fresh = regressor(**options, solver="lbfgs", hidden_layer_sizes=sizes, max_iter=5).fit(X, -Y)
    fresh.set_params(solver="adam", warm_start=True, max_iter=20, n_iter_no_change=3, tol=1e-3).fit(X, -Y)
    close(theta(mine), theta(fresh))
    assert mine.loss_curve_ == fresh.loss_curve_
    assert mine.n_iter_ == fresh.n_iter_


def test_early_stopping_on_and_off_between_warm_starts() -> None:
    mine = regressor(warm_start=True)
    seen = []
    for early_stopping in (True, False, True, False):
        mine.set_params(early_stopping=early_stopping).fit(X, Y)
        seen.append((len(mine.loss_curve_), len(mine.validation_scores_)))
        assert np.isfinite(mine.predict(X)).all()
    assert seen == [(5, 5), (10, 5), (15, 10), (20, 10)]
    assert mine.best_loss_ == min(mine.loss_curve_[5:10] + mine.loss_curve_[15:])


def test_a_refit_with_other_data_is_a_fresh_fit() -> None:
    mine = classifier()
    data: list[tuple[np.ndarray, np.ndarray]] = [
        (X, THREE), (X[:, :3], TWO), (X.astype(np.float32), SEVERAL), (X, TWO), (X[:, :2].astype(np.float32), THREE)
    ]  # fmt: skip
    for x, y in data:
        mine.fit(x, y)
        fresh = classifier().fit(x, y)
        np.testing.assert_array_equal(theta(mine), theta(fresh))
        np.testing.assert_array_equal(mine.predict(x), fresh.predict(x))
        assert mine.predict_proba(x).dtype == x.dtype
        assert mine.loss_curve_ == fresh.loss_curve_
        assert mine.n_outputs_ == fresh.n_outputs_
        assert mine.out_activation_ == fresh.out_activation_
        np.testing.assert_array_equal(mine.classes_, fresh.classes_)


def test_warm_start_with_another_loss_says_so() -> None:
    mine = regressor(warm_start=True).fit(X, np.abs(Y)).set_params(loss="poisson").fit(X, np.abs(Y))
    assert mine.out_activation_ == "exp"


def test_warm_start_with_another_dtype_keeps_the_models() -> None:
    mine = regressor(warm_start=True).fit(X.astype(np.float32), Y).fit(X, Y)
    assert mine.coefs_[0].dtype == np.float32
    assert len(mine.loss_curve_) == 10


def test_a_random_state_of_another_kind() -> None:
    other = np.random.RandomState(np.random.PCG64(1))  # type: ignore[arg-type]
    assert math.isfinite(regressor(random_state=other, dropout=0.2).fit(X, Y).loss_)
