"""Names as other libraries have them are understood, and a near miss is answered by what was meant."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.parts import activations, initializers, losses, optimizers, schedules
from glassnet.parts.naming import find
from glassnet.parts.synonyms import NEAR, SAME, meant, plain
from glassnet.readings.eject import LANGUAGES
from glassnet.training.metrics import METRICS

OURS = {
    "activation": activations.NAMES,
    "loss": losses.NAMES,
    "initializer": initializers.NAMES,
    "optimizer": optimizers.RULES,
    "schedule": schedules.SCHEDULES,
    "metric": tuple(METRICS),
    "language": tuple(LANGUAGES),
}
MAKE: dict[str, Callable[[Any], Any]] = {
    "activation": gn.activation,
    "loss": gn.loss,
    "initializer": lambda name: gn.initializer(name, **({"value": 1.0} if name == "constant" else {})),
    "optimizer": gn.optimizer,
    "schedule": lambda name: gn.schedule(name, 0.1, **({"epochs": 3.0} if "cos" in name.lower() else {})),
}


@pytest.mark.parametrize("what", OURS)
def test_the_table_names_what_there_is(what: str) -> None:
    assert set(SAME[what].values()) <= set(OURS[what])
    assert set(NEAR[what].values()) <= set(OURS[what])
    known = {plain(name) for name in OURS[what]}
    assert len(known) == len(OURS[what])  # capitals and underscores tell none apart
    assert not known & {plain(name) for name in SAME[what]}
    assert not ({plain(name) for name in SAME[what]} | known) & {plain(name) for name in NEAR[what]}
    assert len({plain(name) for name in SAME[what]}) == len(SAME[what])


@pytest.mark.parametrize(
    ("what", "name", "ours"),
    [
        *(("activation", name, "relu") for name in ("ReLU", "Relu", "RELU")),
        *(("activation", name, "tanh") for name in ("Tanh", "TANH")),
        *(("activation", name, "leaky_relu") for name in ("LeakyReLU", "leakyrelu", "leaky-relu", "Leaky ReLU")),
        *(("activation", name, "silu") for name in ("swish", "Swish", "SiLU")),
        *(("activation", name, "sigmoid") for name in ("Sigmoid", "logistic")),
        ("activation", "linear", "identity"),
        ("activation", "LogSoftmax", "log_softmax"),
        *(("loss", name, "squared") for name in ("mse", "MSE", "MSELoss", "mean_squared_error", "squared_error")),
        *(("loss", name, "absolute") for name in ("mae", "L1Loss", "MeanAbsoluteError")),
        *(("loss", name, "binary_cross_entropy") for name in ("bce", "BCELoss", "binary_crossentropy")),
        ("loss", "BCEWithLogitsLoss", "binary_cross_entropy"),
        *(("loss", name, "cross_entropy") for name in ("categorical_crossentropy", "log_loss", "CrossEntropyLoss")),
        ("loss", "sparse_categorical_crossentropy", "cross_entropy"),
        *(("loss", name, "huber") for name in ("Huber", "HuberLoss", "huber_loss")),
        *(("initializer", name, "glorot_uniform") for name in ("xavier", "glorot", "GlorotUniform", "xavier_uniform_")),
        *(("initializer", name, "he_uniform") for name in ("kaiming", "he", "kaiming_uniform", "HeUniform")),
        *(("initializer", name, "he_normal") for name in ("kaiming_normal", "kaiming_normal_", "HeNormal")),
        *(("optimizer", name, "adam") for name in ("Adam", "ADAM")),
        *(("optimizer", name, "rmsprop") for name in ("RMSprop", "RMSProp", "rms_prop")),
        *(("optimizer", name, "adamw") for name in ("AdamW", "adam_w")),
        *(("schedule", name, "cosine") for name in ("CosineAnnealingLR", "cosine_decay", "Cosine")),
        *(("schedule", name, "step") for name in ("StepLR", "step_decay")),
        *(("metric", name, "auc") for name in ("AUC", "roc_auc", "ROC AUC", "roc_auc_score", "AUROC")),
        *(("metric", name, "accuracy") for name in ("acc", "Accuracy")),
        *(("metric", name, "calibration_error") for name in ("ECE", "expected_calibration_error")),
        *(("metric", name, "brier") for name in ("Brier", "brier_score_loss")),
        *(("metric", name, "rmse") for name in ("RMSE", "root_mean_squared_error")),
        *(("metric", name, "r2") for name in ("R2", "r2_score", "r_squared")),
        *(("language", name, "numpy") for name in ("python", "Python", "py", "NumPy")),
        *(("language", name, "javascript") for name in ("js", "JS", "JavaScript", "node")),
        *(("language", name, "xlsx") for name in ("excel", "Excel", "spreadsheet", "XLSX")),
        *(("language", name, "r") for name in ("R",)),
        *(("language", name, "c") for name in ("C", "C99")),
        *(("language", name, "onnx") for name in ("ONNX",)),
    ],
)
def test_names_of_other_libraries_are_understood(what: str, name: str, ours: str) -> None:
    assert find(name, OURS[what], what) == ours
    if what in MAKE:
        assert repr(MAKE[what](name)) == repr(MAKE[what](ours))


def test_they_are_understood_wherever_a_name_is_given() -> None:
    X, y = gn.datasets.moons(40)
    theirs = gn.Network(gn.Dense(3, "ReLU", weights="kaiming_normal"), gn.Dense(1), loss="MSELoss")
    ours = gn.Network(gn.Dense(3, "relu", weights="he_normal"), gn.Dense(1), loss="squared")
    assert repr(theirs) == repr(ours)
    assert theirs.structure == ours.structure
    how: dict[str, Any] = {"epochs": 3, "seed": 1, "validation": 0.2}
    y = y.astype(float)
    model = gn.train(theirs, X, y, optimizer="Adam", metrics=["RMSE", "r2_score"], **how)
    same = gn.train(ours, X, y, optimizer="adam", metrics=["rmse", "r2"], **how)
    assert model.history.columns == same.history.columns
    np.testing.assert_array_equal(model["W1"], same["W1"])
    for theirs_, ours_ in (("js", "javascript"), ("python", "numpy"), ("R", "r")):
        assert model.eject(theirs_).language == ours_
        assert str(model.eject(theirs_)) == str(model.eject(ours_))


@pytest.mark.parametrize(
    ("what", "name", "ours"),
    [
        ("activation", "HardSwish", "silu"),
        ("activation", "tahn", "tanh"),
        ("activation", "HardSigmoid", "sigmoid"),
        ("activation", "swich", "silu"),
        ("loss", "hubre", "huber"),
        ("loss", "SmoothL1Loss", "huber"),
        ("loss", "NLLLoss", "cross_entropy"),
        ("loss", "mean_sqared_error", "squared"),
        ("initializer", "kaimng", "he_uniform"),
        ("initializer", "ones", "constant"),
        ("optimizer", "adm", "adam"),
        ("optimizer", "AdaMax", "adam"),
        ("schedule", "OneCycle", "cosine"),
        ("metric", "acuracy", "accuracy"),
        ("metric", "average_precision", "auc"),
        ("language", "c++", "c"),
        ("language", "javascipt", "javascript"),
        ("language", "typescript", "javascript"),
    ],
)
def test_a_near_miss_is_answered_by_what_was_meant(what: str, name: str, ours: str) -> None:
    with pytest.raises(ValueError, match=rf"^unknown {what} '.*' \(did you mean '{ours}'\?\); known are "):
        find(name, OURS[what], what)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: gn.Adam(lr=0.1), r"no option 'lr'; it has beta1, beta2, eps, .* \(did you mean 'learning_rate'\?\)"),
        (lambda: gn.Adam(lrr=0.1), "no option 'lrr'"),
        (lambda: gn.Adam(beta_1=0.1), r"no option 'beta_1'; .* \(did you mean 'beta1'\?\)"),
        (lambda: gn.Adam(epsilon=0.1), r"no option 'epsilon'; .* \(did you mean 'eps'\?\)"),
        (lambda: gn.SGD(clipnorm=1.0), r"no option 'clipnorm'; .* \(did you mean 'clip_norm'\?\)"),
        (lambda: gn.activation("leaky_relu", negative_slope=0.1), r"\(did you mean 'slope'\?\)"),
        (lambda: gn.schedule("step", 0.1, step_size=3), r"\(did you mean 'every'\?\)"),
        (lambda: gn.schedule("cosine", 0.1, T_max=3), r"\(did you mean 'epochs'\?\)"),
        (lambda: gn.loss("quantile", tau=0.1), r"\(did you mean 'q'\?\)"),
    ],
)
def test_so_is_an_option(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_other_names_are_taken_as_they_are() -> None:
    assert meant("w1", ["W1"], "parameter") is None
    model = gn.initialize(gn.Network(gn.Dense(1)), [[1.0]], [[1.0]])
    with pytest.raises(ValueError, match=r"unknown parameter 'w1' \(did you mean 'W1'\?\)"):
        model["w1"]
