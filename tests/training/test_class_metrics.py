"""Scores of classes are scikit-learn's, with weights and ties, wherever they are asked for."""

import warnings
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from sklearn import metrics as theirs

import glassnet as gn
from glassnet.training import class_metrics as ours
from glassnet.training import metrics

SEEDS = st.integers(0, 2**32 - 1)


def rows(seed: int, K: int, n: int, digits: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes with every class among them, probabilities with ties (few digits), and weights with zeros."""
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.arange(K), rng.integers(K, size=n)])
    p = rng.dirichlet(np.ones(K), len(y)).round(digits)
    p[:, -1] = 1.0 - p[:, :-1].sum(axis=1)
    weight = rng.choice([0.0, 0.5, 1.0, 3.0], len(y))
    weight[:K] = 1.0
    return y, p, weight


@given(seed=SEEDS, n=st.integers(1, 300), digits=st.integers(1, 9), weighted=st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_area_of_two_classes_is_scikit_learns(seed: int, n: int, digits: int, weighted: bool) -> None:
    y, p, w = rows(seed, 2, n, digits)
    weight = w if weighted else None
    expected = theirs.roc_auc_score(y, p[:, 1], sample_weight=weight)
    assert ours.auc(y, p, weight) == pytest.approx(expected, rel=1e-12)


@given(seed=SEEDS, K=st.integers(3, 7), n=st.integers(0, 200), weighted=st.booleans())
@settings(max_examples=30, deadline=None)
def test_the_area_of_several_classes_is_scikit_learns(seed: int, K: int, n: int, weighted: bool) -> None:
    y, p, w = rows(seed, K, n, 9)
    weight = w if weighted else None
    expected = theirs.roc_auc_score(y, p, multi_class="ovr", average="macro", sample_weight=weight, labels=np.arange(K))
    assert ours.auc(y, p, weight) == pytest.approx(expected, rel=1e-12)


def test_the_area_counts_pairs() -> None:
    y, score = np.array([0, 1, 1, 0, 1]), np.array([0.2, 0.2, 0.7, 0.7, 0.9])
    pairs = [(a > b) + 0.5 * (a == b) for a in score[y == 1] for b in score[y == 0]]
    assert ours.auc(y, np.c_[1 - score, score]) == np.mean(pairs)
    assert np.isnan(ours.auc(np.zeros(3, int), np.full((3, 2), 0.5)))


def test_a_class_that_no_row_has_does_not_count() -> None:
    y, p, _ = rows(5, 4, 97, 6)
    p, there = p[y != 2], y[y != 2]
    expected = [theirs.roc_auc_score(there == k, p[:, k]) for k in (0, 1, 3)]
    assert ours.auc(there, p) == pytest.approx(np.mean(expected), rel=1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn says that a class is not there
        expected = theirs.balanced_accuracy_score(there, p.argmax(axis=1))
    assert ours.balanced_accuracy(there, p) == pytest.approx(expected, rel=1e-12)


@given(seed=SEEDS, K=st.integers(2, 6), n=st.integers(0, 60), weighted=st.booleans())
@settings(max_examples=60, deadline=None)
def test_scores_of_labels_are_scikit_learns(seed: int, K: int, n: int, weighted: bool) -> None:
    y, p, w = rows(seed, K, n, 9)
    weight, said = w if weighted else None, p.argmax(axis=1)
    how: dict[str, Any] = {"average": "binary" if K == 2 else "macro", "zero_division": 0, "sample_weight": weight}
    assert ours.precision(y, p, weight) == pytest.approx(theirs.precision_score(y, said, **how), rel=1e-12)
    assert ours.recall(y, p, weight) == pytest.approx(theirs.recall_score(y, said, **how), rel=1e-12)
    assert ours.f1(y, p, weight) == pytest.approx(theirs.f1_score(y, said, **how), rel=1e-12)
    expected = theirs.balanced_accuracy_score(y, said, sample_weight=weight)
    assert ours.balanced_accuracy(y, p, weight) == pytest.approx(expected, rel=1e-12)
    expected = theirs.log_loss(y, p.clip(0.0, 1.0), sample_weight=weight, labels=np.arange(K))
    assert ours.log_loss(y, p, weight) == pytest.approx(expected, rel=1e-6)
    q = p.clip(0.0, 1.0)
    expected = theirs.brier_score_loss(y, q[:, 1] if K == 2 else q, sample_weight=weight, **labels_of(K))
    assert ours.brier(y, q, weight) == pytest.approx(expected, rel=1e-12, abs=1e-15)
    assert metrics.accuracy(y, said, weight) == pytest.approx(theirs.accuracy_score(y, said, sample_weight=weight))


def labels_of(K: int) -> dict[str, Any]:
    """What scikit-learn's Brier score wants to be told."""
    return {"pos_label": 1} if K == 2 else {"labels": np.arange(K)}


def test_scores_of_numbers_are_scikit_learns_with_weights() -> None:
    rng = np.random.default_rng(3)
    for shape in ((13,), (13, 3)):
        y, p, w = rng.normal(size=shape), rng.normal(size=shape), rng.uniform(size=13)
        assert metrics.mse(y, p, w) == pytest.approx(theirs.mean_squared_error(y, p, sample_weight=w))
        assert metrics.mae(y, p, w) == pytest.approx(theirs.mean_absolute_error(y, p, sample_weight=w))
        assert metrics.rmse(y, p, w) == pytest.approx(np.sqrt(theirs.mean_squared_error(y, p, sample_weight=w)))
        expected = theirs.r2_score(y, p, sample_weight=w, multioutput="variance_weighted")
        assert metrics.r2(y, p, w) == pytest.approx(expected)


RNG = np.random.default_rng(8)
X = RNG.normal(size=(211, 3))
LABELS = {
    "two": np.where(X[:, 0] + RNG.normal(size=211) > 0, "yes", "no"),
    "three": np.array(["a", "b", "c"])[(X[:, 0] + RNG.normal(size=211) > 0).astype(int) + (X[:, 1] > 0)],
}
CLASS_METRICS = ("auc", "balanced_accuracy", "f1", "precision", "recall", "log_loss", "brier", "accuracy")


def expected_of(y: np.ndarray, p: np.ndarray, classes: Any, w: np.ndarray | None) -> dict[str, float]:
    said = np.array(classes)[p.argmax(axis=1)]
    binary: dict[str, Any] = {"average": "binary", "pos_label": classes[1]} if len(classes) == 2 else {}
    how = {**(binary or {"average": "macro"}), "sample_weight": w, "zero_division": 0}
    area: dict[str, Any] = {"multi_class": "ovr", "labels": classes} if len(classes) > 2 else {}
    return {
        "auc": theirs.roc_auc_score(y, p if area else p[:, 1], sample_weight=w, **area),
        "balanced_accuracy": theirs.balanced_accuracy_score(y, said, sample_weight=w),
        "f1": theirs.f1_score(y, said, **how),
        "precision": theirs.precision_score(y, said, **how),
        "recall": theirs.recall_score(y, said, **how),
        "log_loss": theirs.log_loss(y, p, sample_weight=w),
        "brier": theirs.brier_score_loss(
            y, p if area else p[:, 1], sample_weight=w, pos_label=None if area else classes[1]
        ),
        "accuracy": theirs.accuracy_score(y, said, sample_weight=w),
    }


@pytest.mark.parametrize("last", [gn.Dense(), gn.Dense(1, "sigmoid"), gn.Dense(None, "softmax")])
@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("weighted", [False, True])
def test_a_model_is_evaluated_and_trained_with_them(last: gn.Dense, kind: str, weighted: bool) -> None:
    y = LABELS[kind]
    if kind == "three" and last.units:
        last = gn.Dense(3)
    w = np.random.default_rng(9).uniform(size=211) if weighted else None
    held_out = slice(150, None)
    model = gn.train(gn.Network(gn.Dense(5, "tanh"), last), X, y, epochs=3, seed=1, metrics=CLASS_METRICS)
    p = model.predict_proba(X)
    found = model.evaluate(X, y, metrics=CLASS_METRICS, sample_weight=w)
    assert found == pytest.approx({"loss": found["loss"], **expected_of(y, p, model.classes, w)}, rel=1e-6)
    plain = expected_of(y, p, model.classes, None)
    assert {name: model.history[name][-1] for name in CLASS_METRICS} == pytest.approx(plain, rel=1e-6)
    validation = (X[held_out], y[held_out])
    network = gn.Network(gn.Dense(5, "tanh"), last)
    model = gn.train(network, X, y, epochs=2, seed=2, validation=validation, metrics=CLASS_METRICS)
    plain = expected_of(y[held_out], model.predict_proba(X[held_out]), model.classes, None)
    assert {name: model.history[f"val_{name}"][-1] for name in CLASS_METRICS} == pytest.approx(plain, rel=1e-6)


def test_weights_of_rows_held_out_count() -> None:
    y, w = LABELS["two"], np.arange(211.0)
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense())
    how: dict[str, Any] = {
        "epochs": 1,
        "validation": 0.4,
        "seed": 3,
        "metrics": ["auc", "acc"],
        "optimizer": gn.SGD(1e-9),
    }
    weighted = gn.train(network, X, y, sample_weight=w, **how).history
    plain = gn.train(network, X, y, sample_weight=np.ones(211), **how).history
    assert weighted["val_auc"] != plain["val_auc"]
    assert weighted["val_accuracy"] != plain["val_accuracy"]
    assert plain["val_auc"] == pytest.approx(gn.train(network, X, y, **how).history["val_auc"])


def test_training_stops_on_them() -> None:
    stopping = gn.EarlyStopping(2, monitor="val_auc")
    model = gn.train(
        gn.Network(gn.Dense(5, "tanh"), gn.Dense()),
        *(X, LABELS["two"]),
        epochs=200,
        optimizer=gn.Adam(0.05),
        validation=0.3,
        metrics="roc_auc",
        early_stopping=stopping,
        seed=1,
    )
    column = model.history["val_auc"]
    assert model.history.stopped == "early"
    assert column[model.history.best_epoch - 1] == max(column)


@pytest.mark.parametrize("name", ["log_loss", "brier", "calibration_error"])
def test_scores_of_probabilities_are_refused_where_outputs_are_none(name: str) -> None:
    network = gn.Network(gn.Dense(3, "sigmoid"), loss="squared")
    with pytest.raises(ValueError, match=rf"metric '{name}' needs probabilities whose sum is 1; .* \(sigmoid\)"):
        gn.train(network, X, LABELS["three"], epochs=1, metrics=name)
    model = gn.train(network, X, LABELS["three"], epochs=1)
    with pytest.raises(ValueError, match="needs probabilities"):
        model.evaluate(X, LABELS["three"], metrics=["auc", name])
    with pytest.raises(ValueError, match="metric 'auc' is for classes"):
        gn.train(gn.Network(gn.Dense()), X, X[:, 0], epochs=1, metrics="AUC")


def test_a_model_with_them_is_saved(tmp_path: Any) -> None:
    model = gn.train(gn.Network(gn.Dense()), X, LABELS["two"], epochs=1, metrics=["ROC_AUC", "f1_score"])
    model.save(tmp_path / "m.glass")
    assert gn.load(tmp_path / "m.glass").history.columns == model.history.columns


NUMBERS = {"mse": "min", "rmse": "min", "mae": "min", "r2": "max"}
LOWEST = ("log_loss", "brier", "calibration_error")  # is best


@pytest.mark.parametrize("name", metrics.METRICS)
def test_each_metric_is_for_one_kind_of_target_and_best_at_one_end(name: str) -> None:
    classes = name not in NUMBERS
    assert metrics.choose(name, classes)[name].mode == NUMBERS.get(name, "min" if name in LOWEST else "max")
    kind = "classes" if classes else "numbers"
    with pytest.raises(ValueError, match=f"metric '{name}' is for {kind}, which this target does not hold"):
        metrics.choose(name, not classes)
