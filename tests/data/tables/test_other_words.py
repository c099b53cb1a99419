"""Columns of many different words: the rarest are one input, *other*; what is new counts as they do, and it is said."""

import re

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.tables import DataContract, as_table, learn_contract
from glassnet.errors import DataError, ModelFileError

# a: 9 times, b: 7, c: 5, d and e: 3, f: 2, g: once; and one is missing
WORDS = [*"aaaaaaaaabbbbbbbcccccdddeeeffg", None]
N = len(WORDS)
TABLE = as_table({"k": WORDS, "x": np.arange(N) % 11, "y": np.sin(np.arange(N))})


def learn(most, table=TABLE):
    return learn_contract(table, "y", max_categories=most)


def test_the_rarest_words_share_an_input():
    column = learn(4).features[0]
    assert column.categories == ("a", "b", "c")
    assert column.other == ("d", "e", "f", "g")
    assert learn(4).input_names == ("k = a", "k = b", "k = c", "k other", "k missing", "x")


def test_of_equally_frequent_words_the_first_in_order_is_kept_whatever_the_order_of_rows():
    for order in (range(N), range(N)[::-1], np.random.default_rng(3).permutation(N)):
        assert learn(5, TABLE.rows(list(order))).features[0].categories == ("a", "b", "c", "d")


@pytest.mark.parametrize("most", [7, 8, None])
def test_no_word_is_other_where_all_have_room(most):
    column = learn(most).features[0]
    assert (column.categories, column.other) == (tuple("abcdefg"), ())
    assert "other" not in column.to_json()


def test_rare_and_new_words_are_other_and_missing_ones_are_not():
    new = as_table({"k": ["a", "c", "g", "d", "new", None, "?"], "x": [0] * 7})
    X = learn(4).encode(new)[:, :5]
    assert X.tolist() == [
        [1, 0, 0, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 0, 1],
        [0, 0, 0, 0, 1],
    ]


def test_a_new_word_is_said_and_a_rare_one_is_not():
    new = as_table({"k": ["g", "zz", "d", None], "x": [0] * 4})
    assert learn(4).remarks(new) == [
        "k: 'zz' (1 row, the first row 2) was not seen in training and counts as other, as rare words do; "
        "known are 'a', 'b', 'c', 'd', 'e', 'f', 'g'"
    ]
    assert learn(4).remarks(TABLE.select(["k", "x"])) == []


def test_it_is_said_which_words_are_other_and_how_to_keep_them():
    assert (
        "k: 7 different words; the 4 rarest, in 9 rows, count as other, and so does a word that is new: "
        "'d', 'e', 'f', 'g'; max_categories=7 keeps all"
    ) in learn(4).notes
    assert "k       words   'a', 'b', 'c', 'd' and 3 more  one of 3, or other" in learn(4).describe()
    assert not [note for note in learn(None).notes if "other" in note]


def test_where_nearly_every_row_is_other_it_is_said():
    names = [f"n{k}" for k in range(80)] * 2 + ["common"] * 5
    table = as_table({"name": names, "y": np.sin(np.arange(len(names)))})
    (said,) = [note for note in learn_contract(table, "y", max_categories=2).notes if "rarest" in note]
    assert said.endswith("; that is nearly every row, so leave the column out with exclude=['name']")
    assert "nearly every row" not in str(learn_contract(table, "y", max_categories=40).notes)


def test_fifty_one_states_are_learnt_and_fifty_are_all_kept():
    states = [f"S{k:02}" for k in range(51)] * 4 + ["S07", "S30"]
    table = as_table({"state": states, "y": np.cos(np.arange(len(states)))})
    column = learn_contract(table, "y").features[0]
    assert len(column.categories) == 49
    assert column.other == ("S49", "S50")
    assert learn_contract(table.rows(table.column("state") != "S50"), "y").features[0].other == ()


def test_words_that_name_the_rows_are_refused_and_not_made_other():
    names = as_table({"name": [f"n{k}" for k in range(60)], "x": np.arange(60) % 7, "y": np.arange(60) % 2})
    for most in (None, 2, 100):
        with pytest.raises(DataError, match=r"'name' \(60 different words in 60 rows\); .* exclude=\['name'\]"):
            learn_contract(names, "y", max_categories=most)


def test_numbers_as_words_are_other_too():
    years = as_table({"year": [2000, 2000, 2001, 2001, 2002, 2003] * 5, "y": np.sin(np.arange(30))})
    contract = learn_contract(years, "y", categories=["year"], max_categories=3)
    assert contract.features[0].other == ("2002", "2003")
    assert contract.encode(as_table({"year": [2001, 2002, 1999]})).tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 1]]
    assert contract.encode(as_table({"year": ["2001", "2002", "1999"]})).tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 1]]


@pytest.mark.parametrize("most", [1, 0, -3, 2.5, "4", True])
def test_a_wrong_limit_is_refused(most):
    with pytest.raises(ValueError, match=r"max_categories must be a whole number >= 2, a word and all others, got "):
        learn(most)


def test_the_contract_comes_back_from_json():
    contract = learn(4)
    assert DataContract.from_json(contract.to_json()) == contract
    assert contract.to_json()["features"][0]["other"] == ["d", "e", "f", "g"]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (["a"], "contract: categories of column 'k' must be different words"),
        (["d", "d"], "contract: categories of column 'k' must be different words"),
        ("d", "contract.features[0].other must be a list, got 'd'"),
        ([1], "contract.features[0].other[0] must be a text"),
    ],
)
def test_json_whose_rare_words_make_no_sense_is_refused(other, message):
    data = learn(4).to_json()
    data["features"][0]["other"] = other
    with pytest.raises(ModelFileError, match=re.escape(message)):
        DataContract.from_json(data)


def network():
    return gn.Network(gn.Dense(3, "tanh"), gn.Dense())


def test_train_takes_the_limit_and_a_saved_model_keeps_what_is_other(tmp_path):
    model = gn.train(network(), TABLE, target="y", max_categories=4, epochs=2, seed=0, engine="numpy")
    assert model.contract.features[0].other == ("d", "e", "f", "g")
    model.save(tmp_path / "m.glass")
    loaded = gn.load(tmp_path / "m.glass")
    assert loaded.contract == model.contract
    rare = {"k": ["d", "g"], "x": [1, 1]}
    assert loaded.predict(rare).tolist() == model.predict(rare).tolist()
    with pytest.warns(UserWarning, match="'new' .* counts as other"):
        assert loaded.predict({"k": ["new"], "x": [1]})[0] == model.predict(rare)[0]
    with pytest.raises(ValueError, match="max_categories was fixed when this model was made"):
        gn.train(model, TABLE, max_categories=5)


def test_the_limit_is_for_tables():
    with pytest.raises(ValueError, match="max_categories is for columns of words in a table"):
        gn.train(network(), np.ones((4, 2)), np.arange(4.0), max_categories=5)


def test_an_explanation_says_that_a_word_counts_as_other():
    model = gn.initialize(network(), TABLE, target="y", max_categories=4, seed=0)
    text = str(model.explain({"k": "g", "x": 1}))
    assert "k other   = 1        k is g, one of the others" in text
    assert "k is a, one of the others" not in str(model.explain({"k": "a", "x": 1}))
