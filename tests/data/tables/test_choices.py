"""What may be chosen about the way from a table to inputs: each worked by hand, or held against scikit-learn."""

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.tables import DataContract, as_table, learn_contract
from glassnet.data.tables.choices import Choices
from glassnet.data.tables.scaling import Quantiles, smooth_clip
from glassnet.errors import DataError, ModelFileError

rng = np.random.default_rng(5)
N = 41
COLUMNS: dict[str, Any] = {
    "x": [0.0, 1.0, 2.0, 3.0, 40.0],
    "gap": [None, 1.0, 3.0, 5.0, 9.0],
    "flat": [7.0] * 5,
    "rare": [0.0, 0.0, 0.0, 0.0, 8.0],
    "k": ["a", "b", "b", "b", None],
    "y": [1.0, 2.0, 4.0, 8.0, 16.0],
}


def clipped(z: float) -> float:
    return z / math.sqrt(1 + z * z / 9)


def learn(columns: dict[str, Any], **chosen: Any) -> tuple[DataContract, np.ndarray]:
    table = as_table(columns)
    contract = learn_contract(table, "y", kind="number", **chosen)
    return contract, contract.encode(table)


def test_robust_scaling_by_hand() -> None:
    contract, x = learn(COLUMNS, scale="robust")
    names = ("x", "gap", "gap missing", "flat", "rare", "k = a", "k = b", "k missing")
    assert contract.input_names == names
    z = [
        [-1.0, -0.5, 0.0, 0.5, 19.0],  # median 2, quartiles 1 and 3
        [0.0, -3 / 3.5, -1 / 3.5, 1 / 3.5, 5 / 3.5],  # of 1, 3, 5, 9: median 4, which fills, and quartiles 2.5 and 6
        [2.0, 0.0, 0.0, 0.0, 0.0],  # quartiles 0 and 0: half of the largest less the smallest
        [0.0] * 5,
        [0.0, 0.0, 0.0, 0.0, 2.0],
        [2.0, 0.0, 0.0, 0.0, 0.0],
        [-1.0, 0.0, 0.0, 0.0, -1.0],  # 0, 1, 1, 1, 0: median 1, quartiles 0 and 1
        [0.0, 0.0, 0.0, 0.0, 2.0],
    ]
    np.testing.assert_allclose(x, np.vectorize(clipped)(np.transpose(z)), rtol=1e-14)
    np.testing.assert_allclose(contract.encode_target(as_table(COLUMNS)).mean(), 0.0, atol=1e-15)


def test_robust_scaling_is_that_of_scikit_learn_before_it_is_held() -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    values = rng.lognormal(size=(N, 3))
    expected = preprocessing.RobustScaler().fit_transform(values)
    _, x = learn({**{f"x{k}": values[:, k] for k in range(3)}, "y": values[:, 0]}, scale="robust")
    np.testing.assert_allclose(x, np.vectorize(clipped)(expected), rtol=1e-12)


def test_the_clip_leaves_small_numbers_and_holds_all_others() -> None:
    far = np.array([1e-9, 3.0, 1e9, -1e200, 1.7e308])
    held = [1e-9, 3 / math.sqrt(2), 3.0, -3.0, 3.0]
    np.testing.assert_allclose(smooth_clip(far), held, rtol=1e-15)


def test_normal_quantiles_by_hand() -> None:
    contract, x = learn({"x": [5.0, 1.0, 1.0, 9.0], "flat": [3.0] * 4, "y": [1.0, 2.0, 3.0, 4.0]}, scale="quantile")
    z = [-0.6744897501960817, 0.31863936396437514, 1.1503493803760079]  # of 1/4, 5/8 and 7/8
    np.testing.assert_allclose(x[:, 0], [z[1], z[0], z[0], z[2]], rtol=1e-12)
    assert not x[:, 1].any()
    beyond = contract.encode(as_table({"x": [0.0, 3.0, 10.0], "flat": [2.0, 3.0, 4.0]}))
    np.testing.assert_allclose(beyond[:, 0], [z[0], (z[0] + z[1]) / 2, z[2]], rtol=1e-12)
    assert not beyond[:, 1].any()


@pytest.mark.parametrize("kind", ["normal", "skewed", "tied"])
def test_normal_quantiles_are_near_those_of_scikit_learn(kind: str) -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    n, rng = 2003, np.random.default_rng(8)
    values = {"normal": rng.normal(size=n), "skewed": rng.lognormal(sigma=2.0, size=n)}.get(kind)
    values = np.maximum(rng.normal(size=n), -0.5).round(1) if values is None else values
    theirs = preprocessing.QuantileTransformer(n_quantiles=n, output_distribution="normal").fit_transform(
        values[:, None]
    )
    _, x = learn({"x": values, "y": np.arange(float(n))}, scale="quantile")
    middle = np.abs(theirs[:, 0]) < 2.0  # they place the ends at ±5.2, here they are as far out as 1 of 2n is
    np.testing.assert_allclose(x[middle, 0], theirs[middle, 0], atol=0.04)
    assert np.abs(x).max() == pytest.approx(3.48, abs=0.01) or kind == "tied"


def test_normal_quantiles_are_known_at_101_values_and_near_everywhere() -> None:
    values = np.random.default_rng(8).lognormal(sigma=3.0, size=5003)
    scaling = Quantiles.of(values)
    assert len(scaling.values) <= 101
    assert {values.min(), values.max()} <= {*scaling.values}
    ranks = np.argsort(np.argsort(values))
    exact = [NormalDist().inv_cdf((rank + 0.5) / len(values)) for rank in ranks.tolist()]
    assert np.abs(scaling(values) - exact).max() < 0.1
    assert np.abs(scaling(values) - exact).mean() < 0.01


def test_values_that_differ_by_rounding_alone_are_one() -> None:
    nearly = 0.1 + np.spacing(0.1) * np.arange(5.0)
    assert not Quantiles.of(nearly)(nearly).any()


def test_dates_are_scaled_as_numbers_are() -> None:
    days = ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-03-31"]
    _, x = learn({"when": days, "y": COLUMNS["y"]}, scale="robust")
    np.testing.assert_allclose(x[:, 0], [clipped(z) for z in (-1.0, -0.5, 0.0, 0.5, 44.0)], rtol=1e-14)


def test_a_number_that_is_infinite_or_spread_too_wide_is_refused() -> None:
    contract, _ = learn({"x": [0.0, 1e-9, 2e-9], "y": [1.0, 2.0, 3.0]}, scale="robust")
    with pytest.raises(DataError, match=r"1e\+300 in column 'x' is too large"):
        contract.encode(as_table({"x": [1e300]}))
    with pytest.raises(DataError, match=r"column 'x' of .* has values too large to scale"):
        learn({"x": [-1.7e308, -1.7e308, 0.0, 1.7e308, 1.7e308], "y": COLUMNS["y"]}, scale="robust")


def test_a_contract_says_how_it_scales() -> None:
    text = learn(COLUMNS, scale="robust")[0].describe()
    assert "(x - 2) / 2, within ±3" in text
    assert "numbers are scaled by median and quartiles" in text


@pytest.mark.parametrize("scale", ["robust", "quantile", "none", "standard", True, False])
def test_a_contract_comes_back_from_json(scale: Any) -> None:
    contract, x = learn(COLUMNS, scale=scale)
    again = DataContract.from_json(contract.to_json())
    assert again == contract
    assert (again.encode(as_table(COLUMNS)) == x).all()


def test_contracts_that_were_written_before_there_was_a_choice_are_read() -> None:
    number = {"kind": "number", "name": "x", "mean": 3.0, "scale": 2.0, "fill": 3.0, "low": 0.0, "high": 9.0}
    target = {"kind": "number", "name": "y", "mean": 0.0, "scale": 1.0, "low": 0.0, "high": 1.0}
    word = {"kind": "category", "name": "k", "categories": ["a", "b"], "missing": False}
    features = [{**number, "indicator": True}, word]
    contract = DataContract.from_json({"features": features, "target": target, "n_rows": 9, "notes": []})
    x = contract.encode(as_table({"x": [7.0, None], "k": ["b", "a"]}))
    assert x.tolist() == [[2.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0]]
    assert contract.to_json()["features"] == features


@pytest.mark.parametrize(
    ("keys", "value", "said"),
    [
        (("scaling",), "magic", "scaling must be one of 'robust', 'quantile', got 'magic'"),
        (("scale",), 0.0, "scale of column 'gap' must be > 0, got 0.0"),
        (
            ("levels",),
            [[0.0, 1.0], [0.0, 1.0]],
            "levels of column 'gap' must be a pair of numbers for each of 1",
        ),
        (("levels",), [[0.0]], "levels of column 'gap' must be a pair"),
        (("levels",), [["0", 1.0]], r"levels\[0\]\[0\] must be a finite number, got '0'"),
    ],
)
def test_a_file_with_wrong_choices_is_refused(keys: tuple[str, ...], value: Any, said: str) -> None:
    found = learn(COLUMNS, scale="robust")[0].to_json()
    found["features"][1][keys[0]] = value
    with pytest.raises(ModelFileError, match=said):
        DataContract.from_json(found)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (
            "values",
            [1.0],
            "quantiles of column 'x' must be at least 2 values and as many normal quantiles, got 1 and 5",
        ),
        ("values", [1.0, 2.0, 2.0, 3.0, 4.0], "values and normal quantiles of column 'x' must grow"),
        ("normal", [1.0, 2.0, 1.5, 3.0, 4.0], "values and normal quantiles of column 'x' must grow"),
        ("normal", 3.0, r"normal must be a list"),
    ],
)
def test_a_file_with_wrong_quantiles_is_refused(key: str, value: Any, said: str) -> None:
    found = learn(COLUMNS, scale="quantile")[0].to_json()
    found["features"][0][key] = value
    with pytest.raises(ModelFileError, match=said):
        DataContract.from_json(found)


def test_an_explanation_shows_the_line_between_quantiles() -> None:
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense())
    model = gn.initialize(network, COLUMNS, target="y", kind="number", scale="quantile", exclude=["k", "gap"])
    row = {"x": 2.5, "flat": 7.0, "rare": 9.0}
    with pytest.warns(UserWarning, match="rare: 1 value lies outside"):
        text = " ".join(str(model.explain(row)).split())
    assert "x = 0 + (2.5 - 2) * ((0.5244 - 0) / (3 - 2))" in text
    assert "on the line of normal quantiles between 2 and 3" in text
    assert "normal quantile of the largest value in training" in text


def test_missing_numbers_as_mean_and_indicator() -> None:
    table = {"x": [None, *range(1, 40)], "full": [*range(1, 40), 99], "y": [*range(40)]}
    usual, _ = learn(table)
    contract, x = learn(table, fill="mean", scale="none")
    assert usual.input_names == ("x", "full")  # 1 of 40 is less than 5 %
    assert contract.input_names == ("x", "x missing", "full")
    assert x[:2].tolist() == [[20.0, 1.0, 1.0], [1.0, 0.0, 2.0]]
    assert contract.encode(as_table({"x": [2.0], "full": [None]})).tolist() == [[2.0, 0.0, np.mean(table["full"])]]
    assert DataContract.from_json(contract.to_json()) == contract
    assert "x: 1 of 40 values missing, filled with the mean, 20, and have an input, 'x missing'" in contract.notes
    said = contract.remarks(as_table({"x": [None], "full": [None]}))
    assert said == ["full: 1 value is missing and counts as 21.975, the mean in training"]
    assert "filled" not in usual.to_json()["features"][0]


def test_the_mean_of_numbers_whose_sum_is_too_large() -> None:
    _, x = learn({"x": [1.5e308, 1.5e308, None], "y": [1.0, 2.0, 3.0]}, fill="mean", scale="none")
    assert x[2].tolist() == [1.5e308, 1.0]


def test_columns_are_scaled_in_one_way() -> None:
    x = learn(COLUMNS, scale="robust")[0].features[0]
    flat, target = learn(COLUMNS)[0].features[2], learn(COLUMNS)[0].target
    with pytest.raises(ValueError, match="must be scaled in one way, got 'robust', 'standard'"):
        DataContract((x, flat), target, 5)


def test_a_choice_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown scale 'rubust' .did you mean 'robust'"):
        Choices(scale="rubust")
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense())
    with pytest.raises(ValueError, match="scale='robust' is for tables"):
        gn.train(network, np.ones((4, 2)), np.arange(4.0), scale="robust")
    model = gn.initialize(network, COLUMNS, target="y", kind="number", scale="robust")
    with pytest.raises(ValueError, match="scale was fixed when this model was made"):
        gn.train(model, COLUMNS, scale="robust")


def test_a_model_keeps_its_choice_in_its_file(tmp_path: Any) -> None:
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense())
    model = gn.train(network, COLUMNS, target="y", kind="number", scale="robust", epochs=2, seed=0, engine="numpy")
    model.save(tmp_path / "m.glass")
    again = gn.load(tmp_path / "m.glass")
    assert again.contract == model.contract
    assert (again.predict(COLUMNS) == model.predict(COLUMNS)).all()


def test_runs_side_by_side_take_the_choice() -> None:
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense())
    how: dict[str, Any] = {"target": "y", "kind": "number", "scale": "robust", "epochs": 3}
    runs = gn.train_many(network, COLUMNS, seeds=2, **how)
    one = gn.train(network, COLUMNS, seed=1, engine="numpy", **how)
    assert runs[1].contract == one.contract
    np.testing.assert_allclose(runs[1].predict(COLUMNS), one.predict(COLUMNS), rtol=1e-9)


@pytest.mark.filterwarnings("ignore:x. 2 values lie outside", "ignore:x. 1 value lies outside")
def test_predictions_are_held_to_the_range_of_training() -> None:
    table = {"x": [0.0, 1.0, 2.0, 3.0], "y": [10.0, 12.0, 14.0, 16.0]}
    free, held = (gn.initialize(gn.Network(gn.Dense()), table, target="y", clamp=clamp) for clamp in (False, True))
    for model in (free, held):
        model["W1"] = [[1.0]]
    rows = {"x": [-1.0, 1.0, 5.0], "y": [8.0, 12.0, 20.0]}
    np.testing.assert_allclose(free.predict(rows), [8.0, 12.0, 20.0])  # what was learnt is right
    np.testing.assert_allclose(held.predict(rows), [10.0, 12.0, 16.0])
    found = held.evaluate(rows, metrics=["rmse", "mae"])  # truth is not held
    assert found["mae"] == pytest.approx((2 + 0 + 4) / 3)
    assert free.evaluate(rows, metrics="mae")["mae"] == pytest.approx(0.0, abs=1e-12)
    assert found["loss"] == pytest.approx(0.0, abs=1e-12)
    assert held.contract.target.summary().endswith("predictions held to this range")
    assert DataContract.from_json(held.contract.to_json()) == held.contract
    assert "clamp" not in free.contract.to_json()["target"]
    text = str(held.explain({"x": 5.0}))
    assert "held to 10 to 16, the range in training" in text
    assert "held to" not in str(held.explain({"x": 1.5}))
    assert held.predictor()(rows).tolist() == held.predict(rows).tolist()


@pytest.mark.filterwarnings("ignore:x. 2 values lie outside")
def test_what_is_measured_while_training_is_of_predictions_as_they_are_held() -> None:
    table = {"x": [0.0, 1.0, 2.0, 3.0], "y": [10.0, 12.0, 14.0, 16.0]}
    out = {"x": [-1.0, 5.0], "y": [8.0, 20.0]}
    how: dict[str, Any] = {"target": "y", "validation": out, "metrics": "mae", "engine": "numpy"}
    how |= {"epochs": 60, "optimizer": gn.SGD(0.2), "seed": 0}
    model = gn.train(gn.Network(gn.Dense()), table, clamp=True, **how)
    assert model.history["val_mae"][-1] == pytest.approx(3.0, rel=1e-3)


def test_clamp_is_true_or_false_and_for_tables() -> None:
    with pytest.raises(ValueError, match="clamp must be True or False, got 'yes'"):
        Choices(clamp="yes")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="clamp=True is for tables"):
        gn.train(gn.Network(gn.Dense()), np.ones((4, 2)), np.arange(4.0), clamp=True)


MANY = [f"w{k:02}" for k in range(9)]
WORDS: dict[str, Any] = {
    "x": [*range(10)],
    "two": [None, *["u", "v", "v"] * 3],
    "few": [None, "b", "c", "d", *"bcdbcd"],
    "many": [*MANY, None],
    "y": [*range(10)],
}


def test_words_of_columns_that_are_to_be_embedded() -> None:
    contract, x = learn(WORDS, words="embed", scale="none")
    assert contract.input_names[1:5] == ("two = v", "few = b", "few = c", "few = d")
    assert contract.input_names[5:] == (*(f"many = {word}" for word in MANY), "many missing")
    assert x[:4, 1].tolist() == [0.0, -1.0, 1.0, 1.0]
    assert x[:4, 2:5].tolist() == [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    assert (x[:, 5:] == np.eye(10)).all()
    new = {"x": [1], "two": ["w"], "few": ["w"], "many": ["w"]}
    assert not contract.encode(as_table(new))[:, 1:].any()
    assert "few: 1 of 10 values missing, 0 in all of its inputs" in contract.notes
    assert contract.remarks(as_table(WORDS)) == []  # missing words were there in training
    assert DataContract.from_json(contract.to_json()) == contract
    text = contract.describe()
    assert "one of 2, as -1 or 1" in text
    assert "one of 9, to be embedded" in text


def test_words_to_be_embedded_are_not_scaled_and_others_are() -> None:
    _, x = learn(WORDS, words="embed", scale="robust")
    # of 0, then -1, 1, 1 three times: median 1, quartiles -1 + 1/4 of the way to 0, and 1
    second, first = np.unique(x[1:, 1])[::-1]
    low, median, high = np.quantile([0, *[-1, 1, 1] * 3], [0.25, 0.5, 0.75])
    assert x[0, 1] == pytest.approx(clipped((0 - median) / (high - low)))
    assert first == pytest.approx(clipped((-1 - median) / (high - low)))
    assert second == pytest.approx(clipped((1 - median) / (high - low)))
    low, median, high = np.quantile([1.0] * 3 + [0.0] * 7, [0.25, 0.5, 0.75])
    assert x[1, 2] == pytest.approx(clipped((1 - median) / (high - low)))
    assert (x[:, 5:] == np.eye(10)).all()


def test_a_contract_says_which_inputs_are_of_which_column() -> None:
    days = [f"2024-{month:02}-{day:02}" for month, day in zip(range(1, 10), range(1, 28, 3), strict=True)]
    contract, x = learn({"when": [None, *days], **WORDS, "gap": [None, *range(9)]}, words="embed", fill="mean")
    when, number, two, few, many, gap = contract.groups
    assert (when.name, when.kind, when.inputs, when.numbers) == ("when", "date", range(10), range(9))
    assert (number.inputs, number.numbers, number.embed) == (range(10, 11), range(10, 11), False)
    assert (two.kind, two.inputs, two.numbers) == ("category", range(11, 12), range(11, 11))
    assert (few.inputs, few.embed) == (range(12, 15), False)
    assert (many.name, many.inputs, many.embed) == ("many", range(15, 25), True)
    assert (gap.inputs, gap.numbers) == (range(25, 27), range(25, 26))
    assert (x[:, many.inputs] == np.eye(10)).all()


def test_rare_words_are_other_where_columns_are_to_be_embedded_too() -> None:
    contract, x = learn({"few": [*"aaaabbbcd", None], "y": [*range(10)]}, words="embed", max_categories=3)
    assert contract.input_names == ("few = a", "few = b", "few other")
    assert x[-3:].tolist() == [[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]


def test_an_explanation_says_what_two_words_become() -> None:
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense())
    row = {"x": 1, "two": "u", "few": "b", "many": None}
    for scale, said in (("standard", "two is u: -1 "), ("robust", "two is u: -1, scaled")):
        model = gn.initialize(network, WORDS, target="y", kind="number", words="embed", scale=scale)
        assert said in str(model.explain(row)).replace("\n", " ")


def test_levels_of_two_words_are_for_columns_of_two_words() -> None:
    found = learn(WORDS, words="embed")[0].to_json()
    found["features"][2]["levels"] = [[0.0, -1.0, 1.0]]
    with pytest.raises(ModelFileError, match="levels of column 'few' must be a pair of numbers for each of "):
        DataContract.from_json(found)
