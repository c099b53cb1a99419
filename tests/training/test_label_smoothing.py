"""Smoothed targets: a class is not certain for the loss that is trained with; what is measured is the plain one."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn

RNG = np.random.default_rng(2)
X = RNG.normal(size=(11, 3))
CLASSES = np.array([0, 1, 2, 1, 0, 2, 2, 1, 0, 1, 2])
ONE_HOT = np.eye(3)[CLASSES]


def softmax(s: np.ndarray) -> np.ndarray:
    e = np.exp(s - s.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def sigmoid(s: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-s)))


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize("kind", ["cross_entropy", "binary_cross_entropy"])
def test_training_is_that_of_a_loop_by_hand_on_smoothed_targets(kind: Any, engine: Any) -> None:
    pytest.importorskip("numba") if engine == "compiled" else None
    loss = gn.loss(kind, label_smoothing=0.1, reduction="batchmean")
    y: Any = CLASSES if kind == "cross_entropy" else ONE_HOT
    model = gn.initialize(gn.Network(gn.Dense(3), loss=loss), X, y, seed=3)
    W, b, losses = model["W1"].copy(), model["b1"].copy(), []
    share = 3 if kind == "cross_entropy" else 2
    smooth = np.where(ONE_HOT == 1, 0.9 + 0.1 / share, 0.1 / share)
    for _ in range(5):
        s = X @ W + b
        p = softmax(s) if kind == "cross_entropy" else sigmoid(s)
        terms = smooth * np.log(p) if kind == "cross_entropy" else smooth * np.log(p) + (1 - smooth) * np.log(1 - p)
        losses.append(-terms.sum() / len(X))
        ds = (p - smooth) / len(X)
        W, b = W - 0.5 * X.T @ ds, b - 0.5 * ds.sum(axis=0)
    gn.train(model, X, y, optimizer=gn.SGD(0.5), epochs=5, batch_size=None, engine=engine)
    np.testing.assert_allclose(model["W1"], W, rtol=1e-12)
    np.testing.assert_allclose(model["b1"], b, rtol=1e-12)
    np.testing.assert_allclose(model.history["loss"], losses, rtol=1e-12)


def test_what_is_measured_is_the_loss_without_smoothing() -> None:
    network = gn.Network(gn.Dense(), loss=gn.loss("cross_entropy", label_smoothing=0.3))
    model = gn.train(network, X, CLASSES, validation=(X, CLASSES), metrics="log_loss", epochs=3, seed=1)
    plain = -np.log(softmax(X @ model["W1"] + model["b1"])[np.arange(11), CLASSES]).mean()
    for measured in (
        model.evaluate(X, CLASSES)["loss"],
        model.history["val_loss"][-1],
        model.history["val_log_loss"][-1],
    ):
        np.testing.assert_allclose(measured, plain, rtol=1e-12)


def test_a_page_has_the_smoothed_targets_as_a_step() -> None:
    network = gn.Network(gn.Dense(), loss=gn.loss("cross_entropy", label_smoothing=0.1))
    model = gn.initialize(network, X, CLASSES, seed=1)
    page = str(model.derivation())
    assert "y_smooth = (1 - label_smoothing) * y + label_smoothing / 3" in page
    assert "l = log Σₖ exp(z1ₖ) - Σₖ y_smoothₖ·z1ₖ: how surprising class y is" in " ".join(page.split())
    assert "label_smoothing = 0.1" in page
    assert "softmax(z1) - y_smooth" in page
    assert "y_smooth" not in str(model.derivation(prediction=True))
    assert gn.check_gradient(model.network, X, CLASSES)
    explained = model.explain(X[0], 1)
    np.testing.assert_allclose(explained["y_smooth"].value, [[0.1 / 3, 0.9 + 0.1 / 3, 0.1 / 3]])


def test_a_saved_model_keeps_it(tmp_path: Path) -> None:
    network = gn.Network(gn.Dense(), loss=gn.loss("cross_entropy", label_smoothing=0.1))
    model = gn.train(network, X, CLASSES, epochs=1, seed=1)
    model.save(tmp_path / "model.glass")
    loaded = gn.load(tmp_path / "model.glass")
    assert repr(loaded.network) == repr(model.network)
    assert "label_smoothing=0.1" in repr(loaded.network)


def test_lanes_are_trained_with_it() -> None:
    network = gn.Network(gn.Dense(), loss=gn.loss("cross_entropy", label_smoothing=0.1))
    runs = gn.train_many(network, X, CLASSES, seeds=[4, 5], epochs=3)
    alone = gn.train(network, X, CLASSES, seed=5, epochs=3, engine="numpy")
    np.testing.assert_allclose(runs[1].history["loss"], alone.history["loss"], rtol=1e-9)


@pytest.mark.parametrize("language", ["numpy", "c", "javascript", "r", "spreadsheet"])
def test_programs_that_train_smooth_too(language: Any) -> None:
    network = gn.Network(gn.Dense(), loss=gn.loss("cross_entropy", label_smoothing=0.1))
    model = gn.initialize(network, X, CLASSES, seed=1)
    checked = model.eject(language, training=True, X=X, y=CLASSES, epochs=3).verify(20)
    assert checked.passed


def test_only_what_smooths_is_taken() -> None:
    with pytest.raises(ValueError, match="only binary_cross_entropy and cross_entropy take label_smoothing"):
        gn.loss("squared", label_smoothing=0.1)  # type: ignore[call-overload]  # that is the point
    for share in (1.0, -0.1):
        with pytest.raises(ValueError, match="label_smoothing must be >= 0 and < 1"):
            gn.loss("cross_entropy", label_smoothing=share)
