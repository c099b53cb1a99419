"""The data contract turns tables into arrays by name, and says what is missing or new."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from glassnet.data.tables import DataContract, as_table, learn_contract
from glassnet.data.tables.choices import FILLS, SCALES, WORDS
from glassnet.data.tables.targets import NumberTarget
from glassnet.errors import DataError, ModelFileError

# By hand: 1, 3, 8 have the mean 4, the median 3, and deviations -3, -1, 4, whose squares sum to 26.
SMALL = as_table(
    {
        "size": [1.0, 3.0, 8.0, None],
        "colour": ["red", None, "blue", "red"],
        "price": [10.5, 20.0, 40.0, 29.5],
    }
)
CONTRACT = learn_contract(SMALL, "price")
SPREAD = np.sqrt(26 / 3)


def test_numbers_are_scaled_filled_with_the_median_and_marked_where_missing():
    size = CONTRACT.encode(SMALL)[:, :2]
    np.testing.assert_allclose(size, [[-3 / SPREAD, 0], [-1 / SPREAD, 0], [4 / SPREAD, 0], [-1 / SPREAD, 1]])


def test_words_are_one_hot_with_missing_as_a_category_of_its_own():
    colour = CONTRACT.encode(SMALL)[:, 2:]
    assert colour.tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]]


def test_it_says_of_each_row_which_columns_are_unlike_training():
    table = as_table({"size": [0.5, 3.0, 8.0, None, 8.5], "colour": ["red", "green", None, "blue", "Blue"]})
    assert CONTRACT.unusual(table) == (("size",), ("colour",), (), (), ("size", "colour"))
    dates = learn_contract(as_table({"when": ["2024-01-01", "2024-06-01", "2024-03-01"], "y": [0.5, 1.5, 3.0]}), "y")
    assert dates.unusual(as_table({"when": ["2023-12-31", "2024-01-01", None]})) == (("when",), (), ())
    with pytest.raises(DataError, match="lacks 1 column the model was trained on: 'colour'"):
        CONTRACT.unusual(as_table({"size": [1.0]}))


def test_inputs_are_counted_and_named():
    assert CONTRACT.input_names == ("size", "size missing", "colour = blue", "colour = red", "colour missing")
    assert (CONTRACT.n_inputs, CONTRACT.n_outputs) == (5, 1)
    assert CONTRACT.feature_names == ("size", "colour")


def test_a_number_target_is_scaled_and_read_back_in_its_own_unit():
    # mean 25; deviations -14.5 -5 15 4.5
    spread = np.sqrt((14.5**2 + 5**2 + 15**2 + 4.5**2) / 4)
    T = CONTRACT.encode_target(SMALL)
    np.testing.assert_allclose(T, np.array([[-14.5], [-5], [15], [4.5]]) / spread)
    np.testing.assert_allclose(CONTRACT.decode(T), [10.5, 20.0, 40.0, 29.5])


def test_a_number_that_is_learnt_as_it_is_says_so():
    assert (
        NumberTarget(name="y", mean=0.0, scale=1.0, low=2.0, high=9.0).summary()
        == "a number from 2 to 9, learnt as it is"
    )
    assert (
        NumberTarget(name="y", mean=5.0, scale=2.0, low=2.0, high=9.0).summary()
        == "a number from 2 to 9, mean 5, spread 2"
    )


def test_a_class_target_is_one_hot_and_read_back_as_names():
    table = as_table({"x": [1, 2, 3], "y": ["b", "c", "a"]})
    contract = learn_contract(table, "y")
    assert contract.encode_target(table).tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0]]
    assert contract.decode([[0.2, 0.5, 0.3], [0.9, 0.0, 0.1]]).tolist() == ["b", "a"]
    assert contract.n_outputs == 3


def test_classes_from_numbers_are_in_the_order_of_the_numbers():
    table = as_table({"x": range(6), "y": [10, 9, 2, 2, 9, 10]})
    contract = learn_contract(table, "y", kind="classes")
    assert contract.target.classes == (2, 9, 10)
    assert contract.encode_target(table)[0].tolist() == [0, 0, 1]


def test_scaling_agrees_with_scikit_learn():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(31, 3)) * [1e-6, 1.0, 1e6] + [5, -3, 1e7]
    words = rng.choice(["u", "v", "w"], size=31)
    table = as_table({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "k": words, "y": rng.normal(size=31)})
    expected = [
        StandardScaler().fit_transform(X),
        OneHotEncoder(sparse_output=False).fit_transform(words[:, None]),
    ]
    np.testing.assert_allclose(learn_contract(table, "y").encode(table), np.hstack(expected), rtol=1e-8)


def test_new_rows_are_scaled_as_the_training_rows_were():
    new = as_table({"colour": ["red"], "size": [12.0]})
    np.testing.assert_allclose(CONTRACT.encode(new), [[8 / SPREAD, 0, 0, 1, 0]])


@settings(deadline=None, max_examples=40)
@given(order=st.permutations(["size", "colour", "extra", "price"]))
def test_the_order_of_columns_and_other_columns_do_not_matter(order):
    table = replace(SMALL, columns={**SMALL.columns, "extra": np.arange(4.0)}).select(order)
    assert np.array_equal(CONTRACT.encode(table), CONTRACT.encode(SMALL))


def test_a_column_without_missing_values_in_training_is_filled_and_it_is_said():
    contract = learn_contract(as_table({"x": [1, 2, 6], "k": ["a", "b", "a"], "y": [1.5, 2, 3]}), "y")
    new = as_table({"x": [None, 2], "k": ["a", None]})
    assert contract.input_names == ("x", "k = a", "k = b")
    X = contract.encode(new)
    np.testing.assert_allclose(X[:, 0], [(2 - 3) / np.sqrt(14 / 3)] * 2)
    assert X[:, 1:].tolist() == [[1, 0], [0, 0]]
    assert contract.remarks(new) == [
        "x: 1 value is missing and counts as 2, the median in training",
        "k: 1 value is missing, none was in training; counts as no category",
    ]


def test_what_is_new_is_said_with_the_column_the_row_and_the_range():
    new = as_table({"size": [9, 0.5, 3], "colour": ["rad", "red", "rad"], "z": [1, 2, 3]})
    assert CONTRACT.remarks(new) == [
        "size: 2 values lie outside 1 to 8, the range seen in training (the first: 9 in row 1)",
        "colour: 'rad' (2 rows, the first row 1) was not seen in training and counts as no category; "
        "the nearest is 'red'",
        "1 column is not among the model's inputs and not used: 'z'",
    ]
    assert CONTRACT.encode(new)[0, 2:].tolist() == [0, 0, 0]
    assert CONTRACT.remarks(SMALL) == []


def test_of_many_unseen_words_five_are_named_and_the_others_counted():
    new = as_table({"size": [3] * 7, "colour": list("abcdefg")})
    remarks = CONTRACT.remarks(new)
    assert [remark.split()[1] for remark in remarks[:5]] == ["'a'", "'b'", "'c'", "'d'", "'e'"]
    assert remarks[5:] == ["colour: 2 more words were not seen in training"]


def test_codes_read_as_numbers_and_as_words_are_the_same_category(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("k,y\n01,1.5\n02,2\n2.50,3\nx,4\n")
    contract = learn_contract(as_table(path), "y")
    assert contract.features[0].categories == ("01", "02", "2.50", "x")
    path.write_text("k\n02\n2.50\n01\n7\n")
    numbers = as_table(path)
    assert contract.encode(numbers).tolist() == [[0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    assert "k: '7' (1 row, the first line 5) was not seen" in contract.remarks(numbers)[0]


def test_numbers_written_as_text_are_numbers_where_training_had_numbers():
    assert CONTRACT.encode(as_table({"size": ["8", "NA"], "colour": ["red", "red"]}))[0, 0] == pytest.approx(4 / SPREAD)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"x": [1]}, "dictionary lacks 2 columns the model was trained on: 'size', 'colour'; it has 'x'"),
        (
            {"Size": [1], "color": ["red"]},
            "'size', 'colour'; is it 'Size' for 'size', 'color' for 'colour'? Then",
        ),
        (
            {"size": ["1", "big"], "colour": ["red", "red"]},
            "dictionary, row 2: 'big' in column 'size' is not a number, and the column must be numbers; mend",
        ),
        ({"size": ["1,5"], "colour": ["red"]}, 'numbers with a decimal comma are read with decimal=","'),
    ],
)
def test_a_table_that_does_not_fit_is_refused_with_what_is_missing(columns, message):
    with pytest.raises(DataError, match=re.escape(message)):
        CONTRACT.encode(as_table(columns))


def test_a_value_too_large_to_scale_is_refused():
    contract = learn_contract(as_table({"x": [0, 1e-9, 2e-9], "y": [1.5, 2, 3]}), "y")
    with pytest.raises(DataError, match=r"dictionary, row 1: 1e\+308 in column 'x' is too large: scaled it has no"):
        contract.encode(as_table({"x": [1e308]}))


def test_targets_that_do_not_fit_are_refused():
    contract = learn_contract(as_table({"x": [1, 2, 3], "y": ["b", "c", "b"]}), "y")
    with pytest.raises(DataError, match=r"dictionary, row 2: target 'y' is 'B', a class training did not have"):
        contract.encode_target(as_table({"y": ["b", "B"]}))
    unlabelled = as_table({"x": [1, 2], "y": [None, "b"]})
    with pytest.raises(DataError, match=r"row 1: target 'y' is missing, in 1 row of 2; leave these rows out"):
        contract.encode_target(unlabelled)
    assert contract.encode_target(contract.labelled(unlabelled)).tolist() == [[1, 0]]
    with pytest.raises(ValueError, match=r"outputs for target 'y' must have shape \(n, 2\), got \(3,\)"):
        contract.decode(np.ones(3))
    with pytest.raises(ValueError, match=r"outputs for target 'y' must not be NaN"):
        contract.decode([[np.nan, 1]])


NAMES = st.text(min_size=1, max_size=8).map(str.strip).filter(bool)
VALUES = st.one_of(
    st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), min_size=5, max_size=5),
    st.lists(st.one_of(st.none(), st.sampled_from(["p", "q, r", "ü", "1"])), min_size=5, max_size=5),
)


@settings(deadline=None, max_examples=60)
@given(
    columns=st.dictionaries(NAMES, VALUES.filter(lambda v: any(x is not None for x in v)), min_size=1, max_size=4),
    words=st.booleans(),
    choices=st.fixed_dictionaries(
        {},
        optional={
            "scale": st.sampled_from(SCALES),
            "fill": st.sampled_from(FILLS),
            "words": st.sampled_from(WORDS),
            "clamp": st.booleans(),
            "max_categories": st.integers(2, 4),
        },
    ),
)
def test_a_contract_comes_back_from_json_equal_and_encodes_alike(columns, words, choices):
    y = ["a", "b", "a", "b", "c"] if words else [0.5, 1.5, 2.5, 9.5, -2.5]
    table = as_table({**columns, " the target": y})
    contract = learn_contract(table, "the target", **choices)
    again = DataContract.from_json(json.loads(json.dumps(contract.to_json(), allow_nan=False)))
    assert again == contract
    X = contract.encode(table)
    assert np.array_equal(again.encode(table.select(table.names[::-1])), X)
    assert X.shape == (5, contract.n_inputs)
    assert np.isfinite(X).all()
    assert contract.remarks(table) == []
    assert [k for group in contract.groups for k in group.inputs] == [*range(contract.n_inputs)]


def broken(path, value):
    """The contract as JSON with one value replaced, added, or (with None) taken away."""
    data = json.loads(json.dumps(CONTRACT.to_json()))
    *parents, last = path
    place = data
    for key in parents:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["extra"], 1, "contract has an unknown key 'extra'"),
        (["features", 0, "module"], "os", "contract.features[0] has an unknown key 'module'"),
        (["target", "mean"], None, "contract.target lacks the key 'mean'"),
        (["target", "kind"], "word", "contract.target.kind must be one of 'classes', 'number', got 'word'"),
        (
            ["features", 1, "kind"],
            None,
            "contract.features[1].kind must be one of 'number', 'category', 'date', got None",
        ),
        (["features", 0, "mean"], "1", "contract.features[0].mean must be a finite number, got '1'"),
        (["features", 0, "low"], float("nan"), "contract.features[0].low must be a finite number, got nan"),
        (["features", 0, "low"], True, "contract.features[0].low must be a finite number, got True"),
        (["features", 0, "low"], 10**400, "contract.features[0].low must be a finite number, got 1000"),
        (["features", 0, "indicator"], 1, "contract.features[0].indicator must be true or false, got 1"),
        (["features", 0, "name"], "", "contract.features[0].name must be a text that is not empty, got ''"),
        (["features", 0, "scale"], 0, "contract: scale of column 'size' must be > 0, got 0.0"),
        (["features", 0, "low"], 9, "contract: low of column 'size' must be <= high, got 9.0 and 8.0"),
        (
            ["features", 1, "categories"],
            ["a", "a"],
            "contract: categories of column 'colour' must be different",
        ),
        (["features", 1, "categories", 0], 1, "contract.features[1].categories[0] must be a text"),
        (
            ["features", 1, "name"],
            "size",
            "must have features and a target with different names, got 'size' twice",
        ),
        (["features"], [], "must have features and a target with different names, got no feature"),
        (["features"], {}, "contract.features must be a list, got {}"),
        (["target", "scale"], -1, "contract: scale of target 'price' must be > 0, got -1.0"),
        (["target", "low"], 1e3, "contract: low of target 'price' must be <= high, got 1000.0 and 40.0"),
        (
            ["target"],
            {"kind": "classes", "name": "y", "classes": ["a"]},
            "classes of target 'y' must be at least two",
        ),
        (["n_rows"], 0, "contract.n_rows must be a whole number from 1 to 2^63 - 1, got 0"),
        (["notes"], "abc", "contract.notes must be a list, got 'abc'"),
    ],
)
def test_json_that_is_no_contract_is_refused_with_the_key(path, value, message):
    with pytest.raises(ModelFileError, match=re.escape(message)):
        DataContract.from_json(broken(path, value))


def test_json_of_another_kind_is_refused():
    with pytest.raises(ModelFileError, match="contract must be a JSON object"):
        DataContract.from_json([])


def test_a_contract_is_described_to_be_read():
    assert CONTRACT.describe() == (
        "target price: a number from 10.5 to 40, mean 25, spread 10.96\n"
        "\n"
        "column  kind    in training    becomes          if missing\n"
        "size    number  1 to 8         (x - 4) / 2.944  3 and an input\n"
        "colour  words   'blue', 'red'  one of 2         an input\n"
        "\n"
        "- target 'price' holds numbers (4 different values, 10.5 to 40): its kind is number\n"
        "- size: 1 of 4 values missing, filled with the median, 3, and have an input, 'size missing'\n"
        "- colour: 1 of 4 values missing, an input of their own, 'colour missing'"
    )


def test_a_description_fits_a_narrow_terminal():
    assert CONTRACT.describe(width=40) == (
        "target price: a number from 10.5 to 40, mean 25, spread 10.96\n"
        "\n"
        "column  in training    if missing\n"
        "size    1 to 8         3 and an input\n"
        "colour  'blue', 'red'  an input\n"
        "\n"
        "- target 'price' holds numbers (4\n"
        "  different values, 10.5 to 40): its\n"
        "  kind is number\n"
        "- size: 1 of 4 values missing, filled\n"
        "  with the median, 3, and have an input,\n"
        "  'size missing'\n"
        "- colour: 1 of 4 values missing, an\n"
        "  input of their own, 'colour missing'"
    )


def test_classes_of_two_kinds_are_refused():
    data = learn_contract(as_table({"x": range(4), "y": [0, 1, 0, 1]}), "y").to_json()
    assert DataContract.from_json(data).target.classes == (0, 1)
    for classes in ([0, "1"], [True, 1], [1, 1], [2**60, 1], [None, 1]):
        data["target"]["classes"] = classes
        with pytest.raises(ModelFileError):
            DataContract.from_json(data)


@pytest.mark.parametrize("known", [["true", "false"], ["TRUE", "FALSE"], [True, False]])
def test_a_truth_value_is_the_category_and_the_class_that_says_the_same_in_other_capitals(known):
    table = as_table({"f": known * 5, "y": known * 5})
    contract = learn_contract(table, "y")
    for spelt in (["true", "false"], ["TRUE", "FALSE"], [True, False], np.array([True, False])):
        new = as_table({"f": spelt, "y": spelt})
        assert contract.encode(new).tolist() == contract.encode(table)[:2].tolist()
        assert contract.encode_target(new).tolist() == contract.encode_target(table)[:2].tolist()
        assert contract.remarks(new) == []


def test_words_of_training_that_are_one_in_other_capitals_stay_two():
    table = as_table({"f": ["true", "True", "Yes", "yes"] * 5, "y": np.arange(20.0)})
    contract = learn_contract(table, "y", max_categories=None)
    assert contract.encode(table)[:4].sum(axis=0).tolist() == [1, 1, 1, 1]
    assert contract.encode(as_table({"f": ["YES"]})).sum() == 0
    assert contract.encode(as_table({"f": ["TRUE"]})).tolist() == contract.encode(as_table({"f": ["True"]})).tolist()


def test_a_new_word_that_is_like_none_is_answered_by_the_words_of_training():
    for words, known in ((["aa", "b"], "known are 'aa', 'b'"), (["aa", None], "known is 'aa'")):
        contract = learn_contract(as_table({"k": words * 5, "x": range(10), "y": range(10)}), "y")
        (remark,) = contract.remarks(as_table({"k": ["zzzzz"], "x": [1]}))
        assert remark.endswith(f"counts as no category; {known}")
