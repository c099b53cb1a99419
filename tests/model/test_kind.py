"""Whole-number labels are classes by the rule of tables; the choice is said once, with how to say otherwise."""

import sys
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import glassnet as gn
from glassnet.data.tables.target_kind import MOST_CODES

RNG = np.random.default_rng(5)
X = RNG.normal(size=(60, 3))
LABELS = np.arange(60) % 3
NET = gn.Network(gn.Dense(5, "tanh"), gn.Dense())
QUIET: dict[str, Any] = {"epochs": 1, "seed": 0, "progress": False}

# iris as scikit-learn gives it, moons as glassnet does, and what lists and data frames hold
CODES = {
    "integers": (LABELS, (0, 1, 2)),
    "from 1": (LABELS + 1, (1, 2, 3)),
    "two that do not count": (np.where(LABELS > 0, 7, -4), (-4, 7)),
    "a list": (LABELS.tolist(), (0, 1, 2)),
    "a list of NumPy's numbers": (list(LABELS.astype(np.int16)), (0, 1, 2)),
    "small integers": (LABELS.astype(np.int8), (0, 1, 2)),
    "without sign": (LABELS.astype(np.uint8), (0, 1, 2)),
    "a column": (LABELS[:, None], (0, 1, 2)),
    "a column of a list": (LABELS[:, None].tolist(), (0, 1, 2)),
    "pandas": (pd.Series(LABELS), (0, 1, 2)),
    "pandas' own integers": (pd.Series(LABELS, dtype="Int64"), (0, 1, 2)),
    "polars": (pl.Series(LABELS), (0, 1, 2)),
    "objects": (LABELS.astype(object), (0, 1, 2)),
    "the most there may be": (np.arange(60) % MOST_CODES, tuple(range(MOST_CODES))),
    "booleans": (LABELS > 0, (False, True)),
}

NUMBERS = {
    "wine's quality": RNG.integers(3, 9, 60),
    "one more than the most": np.arange(60) % (MOST_CODES + 1),
    "a gap": np.where(LABELS == 1, 5, LABELS),
    "each value once": np.arange(60),
    "floats": LABELS.astype(float),
    "single floats": LABELS.astype(np.float32),
    "a column of floats": (LABELS[:, None] > 0).astype(float),
    "a list of floats": (LABELS > 0).astype(float).tolist(),
    "pandas' floats": pd.Series(LABELS.astype(float)),
    "objects, one of them a float": np.array([0.5, *LABELS[1:].tolist()], dtype=object),
    "a column for each class": np.eye(3, dtype=int)[LABELS],
}


@pytest.mark.parametrize("name", CODES)
def test_codes_in_an_array_are_classes(name: str) -> None:
    y, classes = CODES[name]
    model = gn.train(NET, X, y, **QUIET)
    assert model.classes == classes
    assert [type(label) for label in model.classes] == [type(label) for label in classes]
    assert model.predict_proba(X).shape == (60, len(classes))
    assert model.predict(X).shape == (60,)


@pytest.mark.parametrize("name", NUMBERS)
def test_other_numbers_stay_numbers(name: str) -> None:
    model = gn.train(NET, X, NUMBERS[name], **QUIET)
    assert model.classes is None
    assert model.predict(X).shape == np.shape(NUMBERS[name])


@pytest.mark.parametrize("name", CODES)
def test_a_table_with_the_same_column_has_the_same_kind(name: str) -> None:
    y, classes = CODES[name]
    column = np.asarray(y).ravel()
    table = {"a": X[:, 0], "y": column.tolist()}
    assert gn.train(NET, table, target="y", **QUIET).classes == classes


def test_what_is_said_of_the_target_or_the_loss_comes_first() -> None:
    y = LABELS
    assert gn.train(NET, X, y, kind="number", **QUIET).classes is None
    assert gn.train(gn.Network(gn.Dense(5, "tanh"), gn.Dense(), loss="squared"), X, y, **QUIET).classes is None
    assert gn.train(gn.Network(gn.Dense(), loss="poisson"), X, y, **QUIET).classes is None
    assert gn.train(NET, X, RNG.integers(3, 9, 60), kind="classes", **QUIET).classes == (3, 4, 5, 6, 7, 8)
    own = gn.Network(gn.Dense(), loss=lambda y, s: (y - s) ** 2)
    assert gn.train(own, X, y, **QUIET).classes is None


def test_moons_and_iris_are_learnt_as_classes() -> None:
    from sklearn.datasets import load_iris

    for X, y in (gn.datasets.moons(), load_iris(return_X_y=True)):
        model = gn.train(gn.Network(gn.Dense(8, "tanh"), gn.Dense()), X, y, epochs=30, seed=0, validation=0.2)
        assert "val_accuracy" in model.history.columns
        assert model.network.loss == gn.loss("cross_entropy")
        assert set(model.predict(X)) <= set(y)


def test_one_output_is_the_probability_of_the_second_of_two_classes() -> None:
    X, y = gn.datasets.moons()
    for last in (gn.Dense(1), gn.Dense(1, "sigmoid")):
        model = gn.train(gn.Network(gn.Dense(8, "tanh"), last), X, y, epochs=60, seed=0, progress=False)
        assert model.network.loss == gn.loss("binary_cross_entropy")
        assert model.predict_proba(X).shape == (200, 2)
        assert model.evaluate(X, y)["accuracy"] > 0.8


def test_a_last_layer_that_is_too_narrow_for_the_classes_is_refused_with_the_way_out() -> None:
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense(1))
    with pytest.raises(ValueError, match=r"needs 3 outputs, one for each class; .* kind=\"number\""):
        gn.train(network, X, LABELS, **QUIET)
    assert gn.train(network, X, LABELS, kind="number", **QUIET).classes is None


SAID = 'note: y holds codes of classes (3 different values, 0 to 2): its kind is classes; kind="number" takes it as a'


def test_the_choice_is_said_once_with_how_to_say_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    model = gn.train(NET, X, LABELS, epochs=3, seed=0)
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"{SAID} number\n")
    gn.train(model, X, LABELS, epochs=3)
    for _ in gn.training(model, X, LABELS, epochs=2):
        pass
    model.explain(X[0], LABELS[0])
    model.evaluate(X, LABELS)
    gn.check_gradient(model, X[:5], LABELS[:5])
    assert capsys.readouterr() == ("", "")


def test_a_number_is_said_where_it_might_be_classes(capsys: pytest.CaptureFixture[str]) -> None:
    gn.train(NET, X, np.arange(60) % 6 + 3, epochs=1)
    assert capsys.readouterr().err == (
        'note: y holds numbers (6 different values, 3 to 8): its kind is number; kind="classes" takes them as classes\n'
    )


def test_everybody_who_chooses_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    gn.initialize(NET, X, LABELS, seed=0)
    assert capsys.readouterr().err.count(SAID) == 1
    gn.train_many(NET, X, LABELS, seeds=range(5), epochs=2)
    assert capsys.readouterr().err.count(SAID) == 1
    assert gn.check_gradient(NET, X[:9], LABELS[:9])
    assert capsys.readouterr().err.count(SAID) == 1
    gn.train(NET, {"a": X[:, 0], "y": LABELS}, target="y", epochs=1)
    assert capsys.readouterr().err.count(SAID.replace("note: y", "note: target 'y'")) == 1


def test_nothing_is_said_where_nothing_was_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    gn.train(NET, X, LABELS, kind="classes", epochs=1)
    gn.train(NET, X, LABELS, kind="number", epochs=1)
    gn.train(gn.Network(gn.Dense(), loss="cross_entropy"), X, LABELS, epochs=1)
    gn.train(NET, X, LABELS.astype(float), epochs=1)
    gn.train(NET, X, LABELS > 0, epochs=1)
    gn.train(NET, X, [f"c{k}" for k in LABELS], epochs=1)
    gn.train(NET, X, LABELS, epochs=1, progress=False)
    gn.train_many(NET, X, LABELS, seeds=range(3), epochs=2, kind="classes")
    gn.check_gradient(NET, X[:9], LABELS[:9], kind="classes")
    assert capsys.readouterr() == ("", "")


def test_without_a_stderr_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert gn.train(NET, X, LABELS, epochs=1).classes == (0, 1, 2)


def test_a_gradient_is_checked_of_the_kind_that_is_trained() -> None:
    few, labels = X[:12], LABELS[:12]
    for kind, shape in ((None, (5, 3)), ("classes", (5, 3)), ("number", (5, 1))):
        check = gn.check_gradient(NET, few, labels, kind=kind)
        assert check
        assert check.analytic["W2"].shape == shape
    model = gn.train(NET, X, LABELS, **QUIET)
    with pytest.raises(ValueError, match="kind was fixed when this model was made"):
        gn.check_gradient(model, few, labels, kind="number")


def test_a_saved_model_keeps_its_classes(tmp_path: Any) -> None:
    model = gn.train(NET, X, LABELS, **QUIET)
    model.save(tmp_path / "m.glass")
    loaded = gn.load(tmp_path / "m.glass")
    assert loaded.classes == (0, 1, 2)
    assert (loaded.predict(X) == model.predict(X)).all()
    assert loaded.evaluate(X, LABELS) == model.evaluate(X, LABELS)
    gn.train(loaded, X, LABELS, epochs=1, progress=False)
    assert loaded.classes == (0, 1, 2)


def test_validation_rows_are_of_the_same_kind() -> None:
    model = gn.train(NET, X, LABELS, validation=(X[:7], LABELS[:7]), **QUIET)
    assert "val_accuracy" in model.history.columns
    assert gn.train(NET, X, LABELS, validation=0.25, class_weight="balanced", **QUIET).classes == (0, 1, 2)


def test_estimators_decide_by_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    from glassnet.sklearn import MLPRegressor

    assert MLPRegressor(hidden_layer_sizes=(3,), max_iter=2000, tol=1.0).fit(X, LABELS).predict(X).dtype == float
    assert capsys.readouterr() == ("", "")


def test_a_loss_for_counts_takes_a_tables_codes_as_numbers() -> None:
    table = {"a": X[:, 0], "y": LABELS}
    network = gn.Network(gn.Dense(), loss="poisson")
    assert gn.train(network, table, target="y", **QUIET).classes is None
    assert gn.train(network, table, target="y", validation=0.2, **QUIET).classes is None
    assert gn.train(gn.Network(gn.Dense(None, "softmax"), loss="squared"), table, target="y", **QUIET).classes == (
        0,
        1,
        2,
    )


def test_a_last_layer_that_no_loss_of_classes_goes_with_is_refused_with_the_other_kind() -> None:
    X, y = np.random.default_rng(0).normal(size=(23, 3)), np.arange(23) % 2
    for last, labels, loss in (
        (gn.Dense(1, "relu"), y, "binary_cross_entropy"),
        (gn.Dense(activation="tanh"), y, "cross_entropy"),
        (gn.Dense(3, "relu"), np.arange(23) % 3, "cross_entropy"),
    ):
        network, said = gn.Network(last), f"loss {loss} has .* inside .*, got {last.activation!r}"
        with pytest.raises(ValueError, match=f'{said}; if the target is a number, say so: kind="number"$'):
            gn.train(network, X, labels, progress=False)
        for classes, options in ((labels, {"kind": "classes"}), (labels.astype(str), {})):
            with pytest.raises(ValueError, match=f"{said}$"):
                gn.train(network, X, classes, progress=False, **options)
        if last.units != 3:
            assert gn.train(network, X, labels, kind="number", **QUIET).classes is None
