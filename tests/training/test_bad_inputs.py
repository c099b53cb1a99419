"""Inputs that cannot be trained on: each is refused with what is wrong and what to do, and changes nothing."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import glassnet as gn

RNG = np.random.default_rng(4)
X = RNG.normal(size=(7, 3))
Y = RNG.normal(size=(7, 2))
LABELS = list("abababa")
NETWORK = gn.Network(gn.Dense(5, "tanh"), gn.Dense(2), loss="squared")


def holed(array: np.ndarray, value: float) -> np.ndarray:
    array = array.copy()
    array[4, 1] = value
    return array


ARRAYS: dict[str, tuple[Any, Any, str]] = {
    "NaN": (holed(X, np.nan), Y, r"X has a missing value \(NaN\) at X\[4, 1\]; fill or drop it"),
    "inf": (holed(X, np.inf), Y, r"X has an infinite value at X\[4, 1\]; fill or drop it"),
    "NaNs in y": (X, np.full((7, 2), np.nan), r"y has a missing value \(NaN\) at y\[0, 0\] and 13 more; fill"),
    "complex": (X + 1j, Y, "X holds complex numbers; give real ones"),
    "one dimension": (
        X[:, 0],
        Y,
        r"must have two dimensions.*got shape \(7,\); one row is \[\[...\]\], one column X.resh",
    ),
    "three dimensions": (X[:, :, None], Y, r"must have two dimensions.*\(7, 3, 1\); use X.reshape"),
    "no dimension": (np.array(3.0), Y, r"X must be an array with rows, got array\(3\.\); one row is \[\[...\]\]"),
    "no columns": (X[:, :0], Y, r"X has no columns, got shape \(7, 0\); give at least one"),
    "no rows": (X[:0], Y[:0], "X has no rows; give at least one"),
    "no X": (None, Y, "X is missing, got None; give an array"),
    "no y": (X, None, "y is missing, got None; give an array"),
    "fewer y": (X, Y[:5], "X has 7 rows, y has 5; give each row its target"),
    "text": ([["1", "2"]] * 7, Y, "X must hold numbers, got '1'; turn words into columns"),
    "words": (np.array([["red"]] * 7), Y, "X must hold numbers, got text, .*red.*; turn words into columns"),
    "None": ([[None, 1.0]] * 7, Y, r"X has a missing value \(NaN\) at X\[0, 0\] and 6 more; fill"),
    "an object": (np.full((7, 1), object()), Y, "X must hold numbers, got <object .*; turn words"),
    "dates": (np.zeros((7, 1), "M8[D]"), Y, "X must hold numbers, got dates, .*; turn words"),
    "uneven rows": ([[1.0, 2.0], [3.0]], Y[:2], "X has rows of different lengths; give each row as many"),
    "sparse": (scipy.sparse.csr_matrix(X), Y, r"X is a sparse matrix; give X.toarray\(\)"),
    "masked": (np.ma.masked_greater(X, 0.0), Y, "X has masked values; fill or drop them"),
    "one class": (X, ["a"] * 7, "y has one class only, 'a'; give rows of at least two"),
    "mixed labels": (X, ["a", 1, *LABELS[2:]], "y mixes labels of different kinds, 'a' and 1; turn all of them into"),
    "no label": (X, [*LABELS[:6], None], r"y has no label at y\[6\]; leave such rows out"),
    "NaN as label": (X, [*LABELS[:6], np.nan], r"y has no label at y\[6\]; leave such rows out"),
    "bytes": (X, np.array(LABELS, "S"), "y must hold words, numbers or booleans, got .*; turn the labels into text"),
    "three-dimensional y": (X, Y[:, :, None], r"y must have shape \(n, 1\) or \(n,\), got \(7, 2, 1\); give a column"),
    "no columns in y": (X, Y[:, :0], r"y has no columns, got shape \(7, 0\); give at least one"),
    "one row and seven": (X[:1], Y, "X has 1 row, y has 7; give each row its target"),
    "dates in y": (X, np.zeros(7, "M8[D]"), "y must hold numbers, got dates, .*; give numbers, or .* days since"),
    "records": (np.zeros(7, [("a", float)]), Y, "X must hold numbers, got records, "),
    "text of any length": (np.full((7, 1), "1", np.dtypes.StringDType()), Y, "X must hold numbers, got '1'; turn"),
    "beyond float64": (np.full((7, 1), np.longdouble("1e4000")), Y, r"X has an infinite value at X\[0, 0\] and 6 more"),
    "numbers beyond float64": ([[10**400]] * 7, Y, "X holds whole numbers too large for float64"),
    "a generator": ((row for row in X), Y, "X must be an array with rows, got <generator"),
    "a text": (X, "abababa", "y must be an array with rows, got 'abababa'"),
    "a data frame and y": (pd.DataFrame(X, columns=list("abc")), Y, "give the name of its target column, target="),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name: str) -> None:
    x, y, message = ARRAYS[name]
    with pytest.raises(gn.DataError, match=message):
        gn.train(gn.Network(gn.Dense(5, "tanh"), gn.Dense()), x, y, epochs=1)


def test_what_does_not_fit_the_loss() -> None:
    numbers = gn.Network(gn.Dense(), loss="cross_entropy")
    with pytest.raises(gn.DataError, match=r"y holds .*, but classes are words or whole numbers; .* kind='number'"):
        gn.train(numbers, X, Y[:, 0], epochs=1)
    with pytest.raises(gn.DataError, match=r"loss poisson needs targets >= 0, got -.*; use another loss, or mend y"):
        gn.train(gn.Network(gn.Dense(), loss="poisson"), X, -np.ones(7), epochs=1)
    with pytest.raises(gn.DataError, match="loss binary_cross_entropy needs targets from 0 to 1, got 3;"):
        gn.train(gn.Network(gn.Dense(), loss="binary_cross_entropy"), X, np.full((7, 2), 3.0), epochs=1)
    missing = np.eye(2)[[0, 1, 1, 0, 1, 0, 1]] * [[1], [1], [0], [1], [1], [1], [1]]
    for odd, told in ((np.ones((7, 2)), "row 0 it is 2"), (missing, "row 2 it is 0")):
        with pytest.raises(gn.DataError, match=f"probabilities, whose sum in a row is 1; in {told}. Give labels"):
            gn.train(gn.Network(gn.Dense(), loss="cross_entropy"), X, odd, epochs=1)
    with pytest.raises(ValueError, match=r"the target needs 2 output\(s\), as y has columns; the last layer has 5"):
        gn.train(gn.Network(gn.Dense(5), loss="squared"), X, Y, epochs=1)
    with pytest.raises(ValueError, match=r"3 outputs, one for each class; the last layer has 2. Leave its units out"):
        gn.train(gn.Network(gn.Dense(2)), X, list("abcabca"), epochs=1)
    with pytest.raises(ValueError, match="for one output use binary_cross_entropy"):
        gn.train(gn.Network(gn.Dense(1), loss="cross_entropy"), X, LABELS, epochs=1)


def test_numpy_s_numbers_and_text_count_as_python_s() -> None:
    how = {"epochs": np.int64(2), "batch_size": np.int8(3), "early_stopping": np.int32(5), "shuffle": np.False_}
    one = gn.train(NETWORK, X, Y, seed=np.int64(1), **how)  # type: ignore[arg-type]  # which checkers do not know
    two = gn.train(NETWORK, X, Y, seed=1, epochs=2, batch_size=3, early_stopping=5, shuffle=False)
    np.testing.assert_array_equal(one.memory.theta, two.memory.theta)
    labels = gn.train(gn.Network(gn.Dense()), X, np.array(LABELS, np.dtypes.StringDType()), epochs=1)
    assert labels.classes == ("a", "b")
    labels.freeze(np.int64(1))  # type: ignore[arg-type]  # nor this one
    assert not labels.memory.trainable.any()


def test_numbers_that_float32_does_not_hold() -> None:
    with pytest.raises(gn.DataError, match="X holds numbers too large for float32; scale them, or train in float64"):
        gn.train(NETWORK, X * 1e39, Y, epochs=1, dtype="float32")
    with pytest.raises(gn.DataError, match="y holds numbers too large for float32"):
        gn.train(NETWORK, X, Y * 1e39, epochs=1, dtype="float32")
    with pytest.raises(gn.DataError, match="sample_weight holds numbers too large for float32"):
        gn.train(NETWORK, X, Y, epochs=1, dtype="float32", sample_weight=np.full(7, 1e39))


PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "epochs 0": ({"epochs": 0}, "epochs must be a whole number >= 1, got 0"),
    "epochs 2.5": ({"epochs": 2.5}, "epochs must be a whole number >= 1, got 2.5"),
    "epochs True": ({"epochs": True}, "epochs must be a whole number >= 1, got True"),
    "batch 0": ({"batch_size": 0}, "batch_size must be a whole number >= 1, or None for all rows, got 0"),
    "batch -1": ({"batch_size": -1}, "or None for all rows, got -1"),
    "batch 2.5": ({"batch_size": 2.5}, "or None for all rows, got 2.5"),
    "batch True": ({"batch_size": True}, "or None for all rows, got True"),
    "batch x": ({"batch_size": "x"}, "or None for all rows, got 'x'"),
    "optimizer": ({"optimizer": "adm"}, r"unknown optimizer 'adm' \(did you mean 'adam'\?\); known are adadelta, "),
    "metric": ({"metrics": "acuracy"}, r"unknown metric 'acuracy' \(did you mean 'accuracy'\?\)"),
    "metric of classes": ({"metrics": ["accuracy"]}, "metric 'accuracy' is for classes, .*; leave it out"),
    "metric 5": ({"metrics": [5]}, "metrics must be names or functions"),
    "two metrics": ({"metrics": [lambda y, p: 0.0, lambda y, p: 1.0]}, "would be called 'metric'; name"),
    "share 0": ({"validation": 0}, "validation must be a share of the rows between 0 and 1, or other rows, got 0"),
    "share 1.5": ({"validation": 1.5}, "between 0 and 1, or other rows, got 1.5"),
    "share True": ({"validation": True}, "between 0 and 1, or other rows, got True"),
    "validation text": ({"validation": "a.csv"}, r"share of the rows between 0 and 1, or \(X, y\), got str: 'a.csv'"),
    "validation columns": ({"validation": (X[:, :2], Y)}, "X has 2 columns, but the network takes 3; give"),
    "validation rows": ({"validation": (X[:2], Y)}, "X has 2 rows, y has 7"),
    "callback": ({"callbacks": ["print"]}, r"callbacks must be functions \(event, model\), got 'print'"),
    "seed": ({"seed": -1}, "seed must be a whole number >= 0, a numpy.random.Generator or None, got -1"),
    "seed x": ({"seed": "x"}, "seed must be a whole number >= 0, .* got 'x'"),
    "dtype": ({"dtype": "int32"}, "dtype must be float32 or float64, got 'int32'"),
    "dtype x": ({"dtype": "x"}, "dtype must be float32 or float64, got 'x'"),
    "kind": ({"kind": "numbers"}, r"unknown kind 'numbers' \(did you mean 'number'\?\); known are classes, number"),
    "exclude": ({"exclude": ["a"]}, r"of an array leave them out: X\[:, "),
    "weight length": ({"sample_weight": [1.0]}, r"must have shape \(7,\), one weight for each row, got \(1,\)"),
    "weight shape": (
        {"sample_weight": np.ones((7, 1))},
        r"must have shape \(7,\), one weight for each row, got \(7, 1\)",
    ),
    "weight text": ({"sample_weight": ["1"] * 7}, "sample_weight must hold numbers >= 0, got"),
    "weight complex": ({"sample_weight": np.ones(7) + 1j}, "sample_weight must hold numbers >= 0, got"),
    "weight dates": ({"sample_weight": np.ones(7, "M8[D]")}, "sample_weight must hold numbers >= 0, got"),
    "weight masked": ({"sample_weight": np.ma.masked_less(np.ones(7), 2)}, "sample_weight has masked values; fill"),
    "weight NaN": ({"sample_weight": [np.nan] * 7}, "sample_weight must be finite and >= 0, got nan"),
    "weight -1": ({"sample_weight": [1.0] * 6 + [-1.0]}, "sample_weight must be finite and >= 0, got -1"),
    "weight words": ({"sample_weight": ["a"] * 7}, "sample_weight must hold numbers >= 0, got"),
    "weight 0": ({"sample_weight": np.zeros(7)}, "all weights are zero, so there is nothing to learn from; give some"),
    "class weight": ({"class_weight": "balanced"}, "class_weight is for classes, .*; use sample_weight"),
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(name: str) -> None:
    options, message = PARAMETERS[name]
    with pytest.raises((ValueError, TypeError), match=message):
        gn.train(NETWORK, X, Y, **{"epochs": 1, **options})


@pytest.mark.parametrize("name", [name for name in PARAMETERS if name not in ("exclude", "kind", "dtype", "dtype x")])
def test_a_model_is_not_changed_by_them(name: str) -> None:
    model = gn.train(NETWORK, X, Y, epochs=1, seed=1)
    before = model.memory.saved(), model.rng.bit_generator.state, model.optimizer, model.split_seed
    with pytest.raises((ValueError, TypeError)):
        gn.train(model, X, Y, **{"epochs": 1, "validation": 0.3, "optimizer": "sgd", **PARAMETERS[name][0]})
    np.testing.assert_array_equal(model.memory.theta, before[0].theta)
    assert model.memory.slots.keys() == before[0].slots.keys()
    assert (model.rng.bit_generator.state, model.optimizer, model.split_seed) == before[1:]
    assert (model.epochs, len(model.history)) == (1, 1)


CLASS_WEIGHTS: dict[str, tuple[Any, str]] = {
    "word": ("even", r"class_weight must be 'balanced' or a dict \{label: weight\}, got 'even'"),
    "list": ([1, 2], "class_weight must be 'balanced' or a dict"),
    "unknown label": ({"z": 1.0}, "class_weight names 'z', which is none of the classes 'a', 'b'"),
    "negative": ({"a": -1.0}, "class_weight must be finite and >= 0, got -1"),
    "no number": ({"a": "x"}, "class_weight must hold numbers >= 0"),
    "all zero": ({"a": 0, "b": 0}, "class_weight: all weights are zero"),
}


@pytest.mark.parametrize("name", CLASS_WEIGHTS)
def test_class_weights(name: str) -> None:
    given, message = CLASS_WEIGHTS[name]
    with pytest.raises(ValueError, match=message):
        gn.train(gn.Network(gn.Dense()), X, LABELS, epochs=1, class_weight=given)


OPTIONS: dict[str, tuple[Any, str]] = {
    "activation": (lambda: gn.Dense(3, "rleu"), r"unknown activation 'rleu' \(did you mean 'relu'\?\); known are"),
    "loss": (lambda: gn.Network(gn.Dense(3), loss="sqared"), r"unknown loss 'sqared' \(did you mean 'squared'\?\)"),
    "initializer": (
        lambda: gn.Dense(3, weights="glrot"),
        "unknown initializer 'glrot' .did you mean 'glorot_",
    ),
    "l2": (lambda: gn.Network(gn.Dense(3), l2=-1), "l2 must be >= 0, got -1"),
    "dropout": (lambda: gn.Dropout(1.0), "rate must be >= 0 and < 1, got 1.0"),
    "momentum": (lambda: gn.Momentum(momentum=1.0), "momentum must be >= 0 and < 1, got 1.0"),
    "beta": (lambda: gn.Adam(beta1=1), "beta1 must be >= 0 and < 1, got 1"),
    "learning rate 0": (lambda: gn.SGD(0), "learning_rate must be > 0, got 0"),
    "learning rate NaN": (lambda: gn.SGD(float("nan")), "learning_rate must be > 0, got nan"),
    "learning rate True": (lambda: gn.SGD(True), "learning_rate must be a number, got True"),
    "learning rate text": (lambda: gn.SGD("0.1"), "learning_rate must be a number, got '0.1'"),
    "weight decay": (lambda: gn.AdamW(weight_decay=-1), "weight_decay must be >= 0, got -1"),
    "clip": (lambda: gn.Adam(clip_norm=0), "clip_norm must be > 0, got 0"),
    "option": (lambda: gn.Adam(beta3=1), "optimizer adam has no option 'beta3'; it has beta1, beta2, eps"),
    "schedule": (lambda: gn.schedule("step", 0.1, every=0), "every must be > 0, got 0"),
    "switch": (lambda: gn.loss("squared", half=1), "half must be True or False, got 1"),
    "delta": (lambda: gn.loss("huber", delta=0), "delta must be > 0, got 0"),
    "patience": (lambda: gn.EarlyStopping(patience=1.5), "patience must be a whole number >= 1, or None, got 1.5"),
    "mode": (lambda: gn.EarlyStopping(mode="least"), "unknown mode 'least'"),
    "network": (lambda: gn.train("net", X, Y), "takes a Network, a Recipe or a Model first, got str"),
    "training a network": (lambda: gn.training(NETWORK, X, Y), r"gn.initialize\(network, X, y\), got Network"),
    "initialize": (lambda: gn.initialize(5, X, Y), "initialize takes a Network or a Recipe first, got int"),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_options(name: str) -> None:
    make, message = OPTIONS[name]
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_what_a_model_knows_cannot_be_given_anew() -> None:
    model = gn.train(NETWORK, X, Y, epochs=1)
    for name, value in (("kind", "number"), ("dtype", "float32"), ("exclude", ["a"])):
        with pytest.raises(ValueError, match=f"{name} was fixed when this model was made; leave it out"):
            gn.train(model, X, Y, **{name: value})
    with pytest.raises(ValueError, match="trained on arrays; give X and y rather than target"):
        gn.train(model, {"a": [1.0]}, target="a")
    table = {"a": [0.0, 1.0, 2.0, 3.0], "b": [1.5, 2.5, 0.5, 1.0]}
    model = gn.train(gn.Network(gn.Dense()), table, target="b", epochs=1)
    with pytest.raises(ValueError, match="this model predicts 'b', not 'a'; train a new network"):
        gn.train(model, table, target="a")
    with pytest.raises(gn.DataError, match="has its target column: leave y out"):
        gn.train(model, table, [1.0] * 4)
    with pytest.raises(gn.DataError, match="takes columns by name: give a CSV path, a data frame or a dict with a"):
        gn.train(model, X)


def test_tables() -> None:
    table = {"a": [0.0, 1.0, 2.0, 3.0], "b": [1.5, 2.5, 0.5, 1.0]}
    with pytest.raises(gn.DataError, match=r"which column is to be predicted\? Give target=..., one of a, b"):
        gn.train(gn.Network(gn.Dense()), table)
    with pytest.raises(gn.DataError, match="rather than y"):
        gn.train(gn.Network(gn.Dense()), table, [1, 2, 3, 4], target="b")
    with pytest.raises(ValueError, match="between 0 and 1, or a table, got tuple"):
        gn.train(gn.Network(gn.Dense()), table, target="b", validation=(X, Y))


TABLE = {"a": [0.0, 1.0, 2.0, 3.0], "b": [1.5, 2.5, 0.5, 1.0], "c": list("uvuv")}
TABLES: dict[str, tuple[Any, dict[str, Any], str]] = {
    "a target that is a number": (TABLE, {"target": 0}, "the name of a column must be text, got 0; there are 'a', 'b'"),
    "two targets": (TABLE, {"target": ["a", "b"]}, r"the name of a column must be text, got \['a', 'b'\]"),
    "no target": (TABLE, {"target": "d"}, "dictionary has no column 'd'; there are 'a', 'b', 'c'"),
    "kind": (TABLE, {"kind": np.arange(3)}, "kind must be .*, got array"),
    "an empty kind": (TABLE, {"kind": ""}, "kind must be .*, got ''"),
    "exclude": (TABLE, {"exclude": [1.5]}, "exclude must be names of columns, such as .'id'., got 1.5 in it"),
    "names that are numbers": (
        pd.DataFrame({0: [0.0], "b": [1.5]}),
        {},
        "column of the data frame is named 0 .int.; names",
    ),
    "exclude no more": (TABLE, {"exclude": 5}, "exclude must be names of columns, such as .'id'., got 5"),
    "group": (TABLE, {"group": [1, 2], "validation": 0.5}, r"group must be .* one value for each of 4 rows, got shape"),
    "after": (TABLE, {"after": "d", "validation": 0.5}, "dictionary has no column 'd'"),
    "validation": (TABLE, {"validation": ""}, "a table must be the name of a file or folder, got ''"),
    "an odd cell in rows that are held out": (
        {"a": [*map(str, range(40)), "#REF!"], "b": np.arange(41.0)},
        {"after": np.arange(41), "validation": 0.1},
        "row 41: '#REF!' in column 'a' is not a number, but 40 of 41 values are; mend 1 cell, or say missing=.'#REF!'",
    ),
    "one name twice": (
        pd.concat([pd.DataFrame(TABLE), pd.DataFrame(TABLE)], axis=1),
        {},
        "the data frame has two columns of one name; rename one .Expected unique column names, got: - 'a' 2 times",
    ),
    "nothing known": ({**TABLE, "b": np.ma.masked_all(4)}, {}, "column 'b' of dictionary is missing in every row"),
}


@pytest.mark.parametrize("name", TABLES)
def test_columns(name: str) -> None:
    table, options, message = TABLES[name]
    with pytest.raises((ValueError, TypeError), match=message) as told:
        gn.train(gn.Network(gn.Dense()), table, **{"target": "b", "epochs": 1, **options})
    assert "\n" not in str(told.value)


def test_masked_numbers_of_a_table_are_missing() -> None:
    masked = np.ma.array([0.0, 1.0, 2.0, 3.0], mask=[False, True, False, False])
    holed = {**TABLE, "a": [0.0, None, 2.0, 3.0]}
    one, two = (
        gn.train(gn.Network(gn.Dense()), table, target="b", seed=1, epochs=2)
        for table in ({**TABLE, "a": masked}, holed)
    )
    np.testing.assert_array_equal(one.memory.theta, two.memory.theta)


def test_weights_are_for_the_rows_that_were_given_also_where_a_target_is_missing() -> None:
    table = {"a": [0.0, 1.0, 2.0, 3.0], "b": [1.5, None, 0.5, 1.0]}
    known = {"a": [0.0, 2.0, 3.0], "b": [1.5, 0.5, 1.0]}
    one = gn.train(gn.Network(gn.Dense()), table, target="b", sample_weight=[1, 9, 2, 3], seed=1, epochs=3)
    two = gn.train(gn.Network(gn.Dense()), known, target="b", sample_weight=[1, 2, 3], seed=1, epochs=3)
    np.testing.assert_array_equal(one.memory.theta, two.memory.theta)


def test_counts_are_learnt_from_a_table_in_their_own_unit() -> None:
    table = {"a": np.arange(20.0), "b": np.arange(20.0) + 100.0}
    model = gn.train(gn.Network(gn.Dense(), loss="poisson"), table, target="b", epochs=500, optimizer=gn.Adam(0.1))
    assert (model.predict(table) > 0).all()
    np.testing.assert_allclose(model.predict(table).mean(), 109.5, rtol=0.02)


def test_numbers_that_are_whole_can_be_held_out_too() -> None:
    model = gn.train(gn.Network(gn.Dense()), X, np.arange(7), validation=0.3, epochs=1)
    assert model.classes is None
    assert len(model.history["val_loss"]) == 1


def test_kind_says_what_whole_numbers_are() -> None:
    y = [0, 2, 5, 2, 2, 0, 5]
    assert gn.train(gn.Network(gn.Dense()), X, y, epochs=1).classes is None
    assert gn.train(gn.Network(gn.Dense()), X, y, epochs=1, kind="classes").classes == (0, 2, 5)
    soft = gn.Network(gn.Dense(1), loss="binary_cross_entropy")
    assert gn.train(soft, X, np.linspace(0, 1, 7), epochs=1, kind="number").classes is None


def test_two_classes_have_one_output_with_a_binary_loss() -> None:
    model = gn.train(gn.Network(gn.Dense(), loss="binary_cross_entropy"), X, LABELS, epochs=1)
    assert model["W1"].shape == (3, 1)
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1.0, rtol=1e-15)


def test_rows_of_each_class_are_held_out() -> None:
    y = np.array(["rare"] * 10 + ["common"] * 90)
    network = gn.Network(gn.Dense())
    counts = []

    def count(truth: np.ndarray, predicted: np.ndarray) -> float:
        counts.append((int((truth == "rare").sum()), len(truth)))
        return 0.0

    x = np.random.default_rng(0).normal(size=(100, 2))
    gn.train(network, x, y, validation=0.2, metrics=count, epochs=1)
    table = {"a": x[:, 0], "b": x[:, 1], "kind": y}
    gn.train(network, table, target="kind", validation=0.2, metrics=count, epochs=1)
    assert counts == [(2, 20), (2, 20)]


def test_weights_that_are_nothing_in_float32() -> None:
    single = X.astype(np.float32), Y.astype(np.float32)
    with pytest.raises(ValueError, match="sample_weight: all weights are zero in float32; scale them up"):
        gn.train(NETWORK, *single, sample_weight=np.full(7, 1e-60), epochs=1)
    assert gn.train(NETWORK, *single, sample_weight=np.full(7, 1e-30), epochs=1).epochs == 1


def test_what_is_read_part_by_part_takes_a_table_to_be_measured_and_a_model_of_one() -> None:
    stream = gn.stream(pd.DataFrame({"a": X[:, 0], "y": Y[:, 0]}))
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense())
    with pytest.raises(ValueError, match="between 0 and 1, or a table, got tuple"):
        gn.train(network, stream, target="y", validation=(X, Y))
    arrays = gn.train(network, X[:, :1], Y[:, 0], epochs=1)
    with pytest.raises(ValueError, match="trained on arrays; give X and y rather than a table"):
        gn.train(arrays, stream, epochs=1)
    assert arrays.epochs == 1
