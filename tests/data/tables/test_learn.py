"""What is learnt from a table, what is said about it, and what cannot be learnt from."""

import re

import numpy as np
import pytest

from glassnet.data.tables import as_table, learn_contract, target_kind
from glassnet.data.tables.scaling import Standard
from glassnet.data.tables.spellings import first_spelled
from glassnet.datasets import penguins
from glassnet.errors import DataError

N = 40
X = np.linspace(0.5, 7.5, N)
Y = np.sin(X)


def table(**columns):
    return as_table({"x": X, **columns, "y": Y})


def test_the_penguins_go_in_as_they_are():
    contract = learn_contract(penguins(), "species")
    assert contract.input_names == (
        *("island = Biscoe", "island = Dream", "island = Torgersen"),
        *("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"),
        *("sex = female", "sex = male", "sex missing", "year"),
    )
    assert contract.target.classes == ("Adelie", "Chinstrap", "Gentoo")
    assert "bill_length_mm: 2 of 344 values missing, filled with the median, 44.45" in contract.notes
    assert "sex: 11 of 344 values missing, an input of their own, 'sex missing'" in contract.notes
    assert contract.encode(penguins()).shape == (344, 11)
    assert contract.describe().startswith("target species: 3 classes: 'Adelie', 'Chinstrap', 'Gentoo'\n")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a", "b", "a", "b"], "classes"),
        ([True, False, True], "classes"),
        ([0, 1, 1, 0], "classes"),
        ([-1, 1, 1, -1, None], "classes"),
        ([1, 2, 3, 1, 2, 3], "classes"),
        ([0, 1, 2, 3], "number"),  # each once: nothing says they are codes
        ([3, 4, 5, 6, 7, 8] * 9, "number"),  # wine quality
        ([0, 2, 4] * 5, "number"),
        ([0.5, 1.5] * 5, "number"),
        (list(range(20)) * 3, "classes"),
        (list(range(21)) * 3, "number"),
        (list(range(1, 21)) * 2, "classes"),
        (list(range(1, 22)) * 2, "number"),
        ([1.5, 2, 3], "number"),
    ],
)
def test_the_targets_kind_is_found(values, kind):
    assert target_kind(as_table({"y": values}), "y")[0] == kind


def test_the_kind_is_said_and_how_to_say_otherwise():
    quality = as_table({"y": [3, 4, 5, 6] * 5})
    assert target_kind(quality, "y") == (
        "number",
        "target 'y' holds numbers (4 different values, 3 to 6): its kind is number; "
        'kind="classes" takes them as classes',
    )
    assert target_kind(quality, "y", "classes") == ("classes", "target 'y' is taken as classes, as asked")
    assert 'kind="number" takes it as a number' in target_kind(as_table({"y": [0, 1, 0, 1]}), "y")[1]


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        (["a", "a", None], None, "target 'y' of dictionary has one class, 'a', in all 2 rows; at least two"),
        ([2.5, 2.5], None, "target 'y' of dictionary is 2.5 in all 2 rows; there is nothing to learn"),
        ([None, None], None, "column 'y' of dictionary is missing in every row"),
        (["1", "x"], "number", "dictionary, row 2: 'x' in column 'y' is not a number"),
        ([f"n{i}" for i in range(30)], None, "has 30 different values in 30 rows, too many to be classes"),
        (list(range(30)), "classes", 'choose another target, or kind="number" if it is one'),
        (
            ["1,5", "2", "2"],
            None,
            "dictionary, row 1: '1,5' in column 'y' looks like a number with a decimal comma",
        ),
        (
            [*"1234567890" * 3, "oops"],
            None,
            "dictionary, row 31: 'oops' in column 'y' is not a number, but 30 of 31",
        ),
    ],
)
def test_a_target_that_cannot_be_learnt_is_refused(values, kind, message):
    with pytest.raises(DataError, match=re.escape(message)):
        target_kind(as_table({"y": values}), "y", kind)


def test_a_wrong_kind_is_refused_with_what_is_allowed():
    with pytest.raises(ValueError, match=r'kind must be "classes", "number" or None \(to be found\), got \'class\''):
        target_kind(as_table({"y": [1, 2]}), "y", "class")


def test_rows_without_a_target_are_left_out_and_counted():
    data = as_table({"x": [1.0, 2.0, 90.0, 6.0], "y": ["a", "b", None, "a"]})
    contract = learn_contract(data, "y")
    assert contract.n_rows == 3
    assert contract.features[0].high == 6.0
    assert "1 row of 4 without a target: left out" in contract.notes


def test_a_missing_target_column_is_refused_with_the_nearest_names():
    with pytest.raises(DataError, match=r"penguins.csv has no column 'Specis'; the nearest is 'species'"):
        learn_contract(penguins(), "Specis")


def test_columns_are_chosen_left_out_and_ordered():
    data = table(a=X**2, b=["u", "v"] * 20)
    assert learn_contract(data, "y").feature_names == ("x", "a", "b")
    assert learn_contract(data, "y", features=["b", "x"]).feature_names == ("b", "x")
    assert learn_contract(data, "y", exclude=["a"]).feature_names == ("x", "b")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"features": ["x", "q"]}, "dictionary has no column 'q'"),
        ({"exclude": ["xs"]}, "dictionary has no column 'xs'"),
        ({"features": ["x", "y"]}, "features names 'y', which is the target"),
        ({"exclude": ["x"]}, "no input column is left beside the target 'y'; dictionary has 'x', 'y'"),
    ],
)
def test_a_wrong_choice_of_columns_is_refused(options, message):
    with pytest.raises(DataError, match=re.escape(message)):
        learn_contract(table(), "y", **options)


def test_a_name_where_a_list_of_names_must_be_is_refused():
    with pytest.raises(TypeError, match=r"exclude must be a list of column names, got the text 'id'; write \['id'\]"):
        learn_contract(table(), "y", exclude="id")


def test_a_column_without_any_value_is_refused_with_how_to_leave_it_out():
    data = table(e=[None] * N)
    with pytest.raises(DataError, match=r"column 'e' of dictionary is missing in every row .*exclude=\['e'\]"):
        learn_contract(data, "y")
    assert learn_contract(data, "y", exclude=["e"]).feature_names == ("x",)


def test_columns_that_name_the_rows_are_refused_all_at_once():
    data = table(id=[f"p{i}" for i in range(N)], zip=[str(10_000 + i % 25) for i in range(N)])
    with pytest.raises(DataError) as caught:
        learn_contract(data, "y")
    assert str(caught.value) == (
        "dictionary has columns of words with too many different ones to be learnt from, they name the rows: "
        "'id' (40 different words in 40 rows), "
        "'zip' (25 different words in 40 rows, all of them numbers written as text: turn the column into "
        "numbers); "
        "at most half as many as rows are categories; leave them out with exclude=['id', 'zip']"
    )
    assert learn_contract(data, "y", exclude=["id"], categories=["zip"]).n_inputs == 26


def test_few_words_in_few_rows_are_categories():
    assert learn_contract(as_table({"k": list("abcd"), "y": [1.5, 2, 3, 4]}), "y").n_inputs == 4


def test_one_word_among_numbers_is_refused_with_its_line_and_the_ways_out(tmp_path):
    path = tmp_path / "t.csv"
    cells = [str(i) for i in range(N)]
    cells[20] = "12.5.3"
    path.write_text("\n".join(["a,y", *(f"{a},{y}" for a, y in zip(cells, Y, strict=True))]))
    with pytest.raises(DataError) as caught:
        learn_contract(as_table(path), "y")
    assert str(caught.value) == (
        "t.csv, line 22: '12.5.3' in column 'a' is not a number, but 39 of 40 values are; mend 1 cell, "
        "or say missing=['12.5.3'] if it means missing"
    )
    assert learn_contract(as_table(path, missing=["12.5.3"]), "y").n_inputs == 1
    assert learn_contract(as_table(path), "y", categories=["a"]).n_inputs == 40


SPELLINGS = {"1_000": "1000", "0x10": "16", "5%": "5", "$5.00": "5.00", "5 €": "5", "٣": "3", "-$1,200.50": "-1200.50"}
SPELLINGS |= {"1,00,000": "100000", "(950)": "-950", "($1,200)": "-1200", "١٬٢٠٠": "1200"}


@pytest.mark.parametrize(("cell", "plain"), SPELLINGS.items(), ids=ascii)
def test_one_number_spelt_otherwise_is_refused_with_how_to_write_it(cell, plain):
    cells = [*(str(i) for i in range(N - 1)), cell]
    with pytest.raises(DataError, match=re.escape(f"'{cell}' in column 'a' is not a number")) as caught:
        learn_contract(table(a=cells), "y")
    assert f"mend 1 cell (write {plain}), or say missing=" in str(caught.value)


def test_a_column_of_numbers_spelt_otherwise_is_refused_with_a_line_and_how_to_write_it():
    for cell, first, plain in (
        ("{}%", "1%", "1"),
        ("${}.00", "$1.00", "1.00"),
        ("{}_000", "1_000", "1000"),
        ("{} kg", "1 kg", "1"),
        ("{}e3m", "1e3m", "1e3"),
        ("{}.5 °C", "1.5 °C", "1.5"),
    ):
        with pytest.raises(DataError) as caught:
            learn_contract(table(a=["0", *(cell.format(i) for i in range(1, N))]), "y")
        assert f", not read as numbers for '{first}' in dictionary, row 2: write {plain})" in str(caught.value)


def test_units_that_differ_or_are_names_are_not_left_out():
    for cells in (["1 kg", "200 g"], ["1A", "2A"], ["1-2", "3-4"], ["room 1", "room 2"]):
        assert first_spelled(as_table({"a": cells}), "a") == ""


def test_some_words_among_numbers_are_words():
    data = table(floor=["1", "2", "ground", "2"] * 10)
    assert learn_contract(data, "y").features[1].categories == ("1", "2", "ground")


def test_a_decimal_comma_is_refused_with_how_to_read_it(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a;y\n1;0\n2,5;1\n3;1\n4;0\n")
    message = r"t.csv, line 3: '2,5' in column 'a' looks like a number with a decimal comma; read .* decimal=\",\""
    with pytest.raises(DataError, match=message):
        learn_contract(as_table(path), "y")


def test_numbers_can_be_taken_as_categories():
    contract = learn_contract(table(year=[2007, 2008, 2009, 2010] * 10), "y", categories=["year"])
    assert contract.input_names == ("x", "year = 2007", "year = 2008", "year = 2009", "year = 2010")
    assert contract.encode(as_table({"x": [1], "year": [2008.0]}))[0, 1:].tolist() == [0, 1, 0, 0]


def test_a_constant_column_is_kept_with_scale_1_and_said():
    contract = learn_contract(table(c=[5] * N, k=["a"] * N), "y")
    assert contract.features[1].scaling == Standard(5.0, 1.0)
    assert contract.notes[1:] == (
        "c: 5 in every row, which tells nothing",
        "k: 'a' in every row, which tells nothing",
    )


def test_a_spread_of_rounding_errors_is_no_spread():
    contract = learn_contract(table(c=[0.1 + 0.2, 0.3] * 20), "y")
    assert contract.features[1].scaling.scale == 1.0


def test_a_column_that_counts_the_rows_is_said():
    contract = learn_contract(table(row=np.arange(N)[::-1]), "y")
    assert contract.notes[1] == "row: counts the rows; if it is only their number, leave it out with exclude=['row']"


def test_values_too_large_to_square_are_refused():
    with pytest.raises(DataError, match=r"column 'c' of dictionary has values too large to scale, up to 1e\+300"):
        learn_contract(table(c=[1e300, -1e300] * 20), "y")


@pytest.mark.parametrize(("absent", "indicator"), [(0, False), (1, False), (2, True), (9, True)])
def test_missing_numbers_have_an_input_of_their_own_from_one_row_in_twenty(absent, indicator):
    values = [None if i < absent else float(i) for i in range(N)]
    assert learn_contract(table(v=values), "y").features[1].indicator is indicator


def test_numbers_are_taken_as_they_are_where_that_is_asked_for():
    table = as_table({"a": [1.0, 2.0, 6.0], "word": ["x", "y", "x"], "y": [10.0, 30.0, 20.0]})
    contract = learn_contract(table, "y", scale=False)
    assert contract.encode(table).tolist() == [[1.0, 1.0, 0.0], [2.0, 0.0, 1.0], [6.0, 1.0, 0.0]]
    assert contract.encode_target(table).tolist() == [[10.0], [30.0], [20.0]]
    assert contract.decode([[12.5]]).tolist() == [12.5]
    assert "numbers are taken as they are, not scaled" in contract.notes
    assert "x, as it is" in contract.describe()
    assert "not scaled" not in " ".join(learn_contract(table, "y").notes)
