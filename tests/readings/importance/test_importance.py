"""Columns of a table are shuffled as they stand there, what is planted is found, and what hides it is said."""

import importlib.util
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.readings.importance.measure import importance
from glassnet.readings.importance.shuffling import donors

ROOT = Path(__file__).parents[3]


def table(n: int, seed: int = 0) -> dict[str, Any]:
    """Numbers, words and dates, some missing; the target is what `kind`, `when` and `size` say together."""
    rng = np.random.default_rng(seed)
    kind, size, day = rng.choice(["red", "blue", "green"], n), rng.normal(size=n), rng.integers(0, 700, n)
    sold = 2.0 * (kind == "red") + size + day / 200.0 + 0.2 * rng.normal(size=n)
    found: dict[str, Any] = {
        "kind": [None if k % 17 == 3 else word for k, word in enumerate(kind.tolist())],
        "size": np.where(np.arange(n) % 13 == 5, np.nan, size),
        "when": [str(np.datetime64("2022-01-01") + int(k)) for k in day],
        "noise": rng.normal(size=n),
        "same": np.full(n, 4.0),
        "sold": sold,
    }
    return found


def trained(X: Any, y: Any = None, *, epochs: int = 60, loss: str | None = None, **options: Any) -> gn.Model:
    network = gn.Network(gn.Dense(16, "tanh"), gn.Dense(), loss=loss)
    how: dict[str, Any] = {"optimizer": gn.Adam(0.01), "epochs": epochs, "seed": 0, "progress": False}
    return gn.train(network, X, y, **how, **options)


@pytest.fixture(scope="module")
def sold() -> gn.Model:
    rows = {name: column for name, column in table(307).items() if name != "same"}
    return trained(rows, target="sold")


@pytest.mark.parametrize("name", ["kind", "size", "when"])
def test_shuffled_inputs_are_what_a_table_with_shuffled_cells_gives(sold: gn.Model, name: str) -> None:
    rows = table(89, seed=1)
    found = sold.importance(rows, repeats=3, seed=5)
    by = donors(89, 3, np.random.default_rng(5))
    squares = []
    for of in by:
        cells = np.array(rows[name], dtype=object)[of].tolist()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            squares.append((sold.predict({**rows, name: cells}) - rows["sold"]) ** 2)
            before = sold.evaluate(rows, metrics="rmse")["rmse"]
    assert found.error == pytest.approx(before)
    assert found[name].mean == pytest.approx(np.sqrt(np.mean(squares)) - before)
    assert (found.what, found.rows, found.given, found.repeats) == ("RMSE", 89, 89, 3)


def test_what_the_target_is_made_of_is_found(sold: gn.Model) -> None:
    found = sold.importance(table(311, seed=2))
    assert set(found.columns[:3]) == {"kind", "size", "when"}
    assert [one.is_clear for one in found.found] == [True, True, True, False]
    assert found.groups == ()
    assert list(found.mean) == sorted(found.mean, reverse=True)
    np.testing.assert_array_less(found.interval[:, 0], found.mean)
    assert found.to_json()["columns"][0]["column"] == found.columns[0]
    assert "each column shuffled 5 times" in str(found)
    assert "may be chance" in str(found).splitlines()[-1]


def test_classes_are_measured_by_log_loss_and_without_probabilities_by_wrong_rows() -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(211, 3))
    y = np.array(["a", "b", "c"])[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0)]
    model = trained(X, y)
    found = model.importance(X, y, seed=7)
    assert found.what == "log loss"
    assert found.error == pytest.approx(model.evaluate(X, y, metrics="log_loss")["log_loss"])
    by = donors(211, 5, np.random.default_rng(7))
    losses = [model.evaluate(np.c_[X[of, 0], X[:, 1:]], y, metrics="log_loss")["log_loss"] for of in by]
    assert found["x1"].mean == pytest.approx(np.mean(losses) - found.error)
    other = gn.train(gn.Network(gn.Dense(3, "sigmoid"), loss="squared"), X, y, epochs=60, seed=0, progress=False)
    found = other.importance(X, y)
    assert found.what == "share of wrong rows"
    assert found.error == pytest.approx(1.0 - other.evaluate(X, y)["accuracy"])
    assert "share of wrong rows grows by" in str(found)


def test_columns_that_hide_each_other_are_said_and_shuffled_together() -> None:
    rng = np.random.default_rng(4)
    source, b = rng.normal(size=(2, 400))
    both = source + 0.2 * rng.normal(size=(2, 400))
    rows = {"a": both[0], "also_a": 3.0 * both[1], "b": b, "y": 2.0 * source + b}
    found = trained(rows, target="y", epochs=100).importance(rows)
    (group,) = found.groups
    assert group.columns == ("a", "also_a")
    assert group.close is not None
    assert group.close > 0.9
    assert 0.8 * group.mean > max(found["a"].mean, found["also_a"].mean)
    said = f"a and also_a tell of each other ({group.close:.2f} of 1): shuffled together they count {group.mean:.2f}"
    assert said in str(found)
    assert str(found).endswith("alone each counts for less, as the others stand in for it")
    assert found.to_json()["said"] == found.sentences()


def test_outputs_of_several_numbers_and_float32() -> None:
    rng = np.random.default_rng(5)
    X = rng.normal(size=(97, 3)).astype(np.float32)
    y = np.c_[X[:, 0], X[:, 0] - X[:, 2]]
    model = trained(X, y)
    kept = X.copy()
    found = model.importance(X, y)
    np.testing.assert_array_equal(X, kept)
    assert found.columns[0] == "x1"
    assert found["x1"].mean > found["x3"].mean > found["x2"].mean
    assert found.error == pytest.approx(model.evaluate(X, y)["rmse"], rel=1e-5)


def test_many_rows_are_drawn_and_that_is_said(sold: gn.Model) -> None:
    rows = table(500, seed=6)
    found = sold.importance(rows, max_rows=200, repeats=2)
    assert (found.rows, found.given) == (200, 500)
    assert str(found).startswith("on 200 of 500 rows, drawn, each column shuffled 2 times")
    assert str(sold.importance(rows, repeats=1)).startswith("on 500 rows, each column shuffled once")
    assert str(sold.importance(rows, seed=1)) == str(sold.importance(rows, seed=1))
    assert str(sold.importance(rows, seed=1)) != str(sold.importance(rows, seed=2))


def test_rows_without_a_target_are_left_out_and_other_columns_are_not_asked_for(sold: gn.Model) -> None:
    rows = table(83, seed=7)
    rows["sold"] = np.where(np.arange(83) % 4 == 0, np.nan, rows["sold"])
    found = sold.importance(rows)
    assert found.rows == 62
    assert "same" not in found.columns  # the model has no such input


def test_a_column_that_never_changes_says_nothing() -> None:
    rng = np.random.default_rng(8)
    X = rng.normal(size=(61, 3))
    model = trained(X, X[:, 0])
    X[:, 1] = 0.5
    found = model.importance(X, X[:, 0])
    assert found["x2"].constant
    assert found["x2"].interval == (0.0, 0.0)
    assert "x2 has one value in all these rows: to shuffle it says nothing" in str(found)
    X[:] = 0.5
    assert "x1, x2 and x3 have one value" in str(model.importance(X, np.zeros(61)))


def test_a_model_that_errs_less_without_a_column_is_told() -> None:
    rng = np.random.default_rng(10)
    X = rng.normal(size=(97, 2))
    found = trained(X, X[:, 0]).importance(X, X[:, 1] - X[:, 0])  # rows on which x1 says the contrary
    assert found["x1"].interval[1] < 0.0
    assert "errs less without" in str(found)


def test_one_class_and_few_rows_are_measured() -> None:
    rng = np.random.default_rng(9)
    X = rng.normal(size=(61, 2))
    model = trained(X, np.where(X[:, 0] > 0, "yes", "no"))
    there = X[X[:, 0] > 0]
    found = model.importance(there, np.full(len(there), "yes"))
    assert np.isfinite(found.interval).all()
    assert model.importance(X[:2], ["yes", "no"], repeats=9).repeats == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"repeats": 0}, "repeats must be a whole number >= 1, got 0"),
        ({"repeats": 2.5}, "repeats must be a whole number >= 1, got 2.5"),
        ({"max_rows": 0}, "max_rows must be a whole number >= 1, got 0"),
        ({"max_rows": 1}, "needs two rows at least, got 1"),
        ({"seed": "no"}, "seed must be"),
    ],
)
def test_wrong_options_are_refused(sold: gn.Model, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        sold.importance(table(31), **options)


def test_wrong_rows_are_refused(sold: gn.Model) -> None:
    rows = table(31)
    with pytest.raises(gn.DataError, match="lacks 1 column"):
        sold.importance({name: column for name, column in rows.items() if name != "size"})
    with pytest.raises(gn.DataError, match="no column 'sold'"):
        sold.importance({name: column for name, column in rows.items() if name != "sold"})
    with pytest.raises(gn.DataError, match="missing in every row"):
        sold.importance({**rows, "sold": np.full(31, np.nan)})
    model = trained(np.eye(3), [0.0, 1.0, 2.0])
    with pytest.raises(gn.DataError, match="y is missing"):
        model.importance(np.eye(3))
    with pytest.raises(gn.DataError, match="X has 3 rows, y has 2"):
        model.importance(np.eye(3), [1.0, 2.0])
    with pytest.raises(KeyError, match="no column 'x9' was shuffled; there are"):
        model.importance(np.eye(3), [1.0, 2.0, 3.0])["x9"]


def test_the_function_has_the_defaults_of_the_method() -> None:
    import inspect

    of = [inspect.signature(function).parameters for function in (importance, gn.Model.importance)]
    assert all(of[0][name].default == of[1][name].default for name in ("repeats", "seed", "max_rows"))


def made_up() -> Any:
    spec = importlib.util.spec_from_file_location("verify_importance", ROOT / "scripts" / "verify_importance.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", [0, 1, 10, 11])
def test_planted_columns_are_found(seed: int) -> None:
    assert made_up().verdict(seed, "small").is_right
