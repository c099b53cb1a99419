"""What is remarked upon before a table is learnt from: row numbers, the target in other words, spoilt names."""

import warnings

import numpy as np
import pandas as pd
import pytest

from glassnet.data.tables import as_table, learn_contract
from glassnet.datasets import NAMES, named

N = 60
rng = np.random.default_rng(4)
X = rng.normal(size=N).round(2)
Y = rng.normal(size=N).round(3)
KINDS = [("low", "middle", "high")[k] for k in rng.integers(3, size=N)]


def remarks(target="y", rows=None, **columns):
    """The notes on a table, but for that on the target's kind."""
    table = as_table({"x": X, **columns} if target in columns else {"x": X, **columns, target: Y})
    if rows is not None:
        table = table.rows(rows)
    return list(learn_contract(table, target).notes[1:])


LEAVE_OUT = "id: counts the rows; if it is only their number, leave it out with exclude=['id']"


@pytest.mark.parametrize(
    "numbers",
    [np.arange(N), np.arange(1, N + 1), np.arange(N)[::-1], rng.permutation(N) + 1000, np.arange(N) * 1.0 - 7],
    ids=["from 0", "from 1", "backwards", "in any order", "from -7"],
)
def test_a_row_number_is_remarked_upon_also_where_rows_are_held_out(numbers):
    assert remarks(id=numbers) == [LEAVE_OUT]
    for seed in range(5):
        held_in = np.sort(np.random.default_rng(seed).permutation(N)[: int(0.68 * N)])
        assert remarks(id=numbers, rows=held_in) == [LEAVE_OUT]


def test_a_row_number_in_order_is_seen_in_ten_rows_whatever_their_order_now():
    table = as_table({"id": range(12), "x": X[:12], "y": Y[:12]})
    for order in (range(12), rng.permutation(12), range(10)):
        assert LEAVE_OUT in learn_contract(table.rows(list(order)), "y").notes


@pytest.mark.parametrize(
    "numbers",
    [
        np.arange(N) // 2,
        np.arange(N) * 10,
        np.arange(N) + 0.5,
        [*range(N - 1), None],
        rng.integers(0, N, N),
        rng.integers(1900, 1960, N),
        X,
    ],
    ids=["twice", "tens", "halves", "one missing", "ages", "years", "numbers"],
)
def test_other_numbers_do_not_count_the_rows(numbers):
    assert not [note for note in remarks(id=numbers) if "counts the rows" in note]


@pytest.mark.parametrize("name", ["id", "ID", "customer_id", "customerId", "Order No", "passenger.id", "userID", "key"])
def test_an_id_is_remarked_upon_also_where_its_numbers_have_gaps(name):
    numbers = rng.permutation(10_000)[:N] * 7
    said = f"{name}: another whole number in every row; if it only names the row, leave it out with exclude=['{name}']"
    assert remarks(**{name: numbers}) == [said]
    assert remarks(**{name: [*numbers[:-1], numbers[0]]}) == []
    assert remarks(**{name: numbers + 0.5}) == []


@pytest.mark.parametrize("name", ["humid", "grid", "piano", "population", "monkey", "covid", "rainbow", "salary"])
def test_whole_numbers_under_another_name_are_no_ids(name):
    assert remarks(**{name: rng.permutation(10_000)[:N]}) == []


def test_a_column_that_equals_the_target_is_remarked_upon():
    says = "equals the target {} in every row; if you will not know it before you predict, leave it out with exclude={}"
    assert remarks(copy=Y) == ["copy: " + says.format("'y'", "['copy']")]
    assert remarks("kind", copy=KINDS, kind=KINDS) == ["copy: " + says.format("'kind'", "['copy']")]
    codes = [{"low": 0, "middle": 1, "high": 2}[kind] for kind in KINDS]
    assert remarks("code", copy=codes, code=codes) == ["copy: " + says.format("'code'", "['copy']")]


def test_the_target_in_other_words_is_remarked_upon():
    in_latin = [{"low": "humilis", "middle": "medius", "high": "altus"}[kind] for kind in KINDS]
    as_codes = [{"low": 7, "middle": -1, "high": 2.5}[kind] for kind in KINDS]
    or_missing = [{"low": None, "middle": "m", "high": "h"}[kind] for kind in KINDS]
    for column in (in_latin, as_codes, or_missing):
        (said,) = [note for note in remarks("kind", c=column, kind=KINDS) if "target" in note]
        assert said.startswith("c: says the target 'kind' in other words, one for each of its 3 values; ")
    truth = [kind == "low" for kind in KINDS]
    (said,) = remarks("low", c=["n" if value else "y" for value in truth], low=truth)
    assert said.startswith("c: says the target 'low' in other words, one for each of its 2 values; ")


def test_the_target_in_another_unit_is_remarked_upon_also_where_it_was_rounded():
    fahrenheit = 1.8 * Y + 32
    (said,) = remarks(f=fahrenheit)
    assert said.startswith("f: is the target 'y' in another unit, y = 0.555556 * f - 17.7778; if you will not")
    cents = np.round(Y * 92.1)
    wide = remarks("price", cents=np.round(cents * 1e3), price=(cents * 1e3 / 92.1).round(2))
    assert wide[0].startswith("cents: is the target 'price' in another unit, price = 0.010857")
    (said,) = [note for note in remarks(f=[None, None, *fahrenheit[2:]]) if "target" in note]
    assert "is the target 'y' in another unit" in said


@pytest.mark.parametrize(
    "column",
    [
        [{"low": "a", "middle": "b", "high": "b"}[kind] for kind in KINDS],
        ["other", *KINDS[1:]],
        [f"{kind}{k % 2}" for k, kind in enumerate(KINDS)],
        ["same"] * N,
        X,
    ],
    ids=["two as one", "one wrong", "finer", "constant", "numbers"],
)
def test_what_does_not_go_one_to_one_is_not_the_target(column):
    assert not [note for note in remarks("kind", c=column, kind=KINDS) if "the target" in note]
    assert not [note for note in remarks(c=(Y + 0.01 * X).tolist()) if "the target" in note]


def test_a_million_rows_are_judged_by_all_of_them():
    n = 5000
    y = np.tile([0.0, 1.0, 2.0, 3.0], n // 4)
    nearly = np.where(y == 3.0, 9.0, y)
    odd = nearly.copy()
    odd[n // 2 + 1] = 8.0
    table = as_table({"nearly": nearly, "odd": odd, "y": y})
    said = [note.split(":")[0] for note in learn_contract(table, "y").notes if "the target 'y'" in note]
    assert said == ["nearly"]


RENAME = "; rename it, or every table must spell it so"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("b'longitude", "b'longitude: a name that was bytes in Python, read it as 'longitude'?"),
        ("b'longitude'", "b'longitude': a name that was bytes in Python, read it as 'longitude'?"),
        ('b"longitude"', "b\"longitude\": a name that was bytes in Python, read it as 'longitude'?"),
        ("Unnamed: 0", "Unnamed: 0: a column without a name is called so, often the number of the row;"),
        ("Unnamed: 0.1", "Unnamed: 0.1: a column without a name is called so, often the number of the row;"),
        ("...1", "...1: a column without a name is called so, often the number of the row;"),
        ('"age"', "\"age\": a quotation mark in the name, 'age'?"),
        ("'age", "'age: a quotation mark in the name, 'age'?"),
        ("age”", "age”: a quotation mark in the name, 'age'?"),
        ("ï»¿age", "'ï»¿age': a name in UTF-8 that was read as another encoding, 'age'?"),
        ("\ufeffage", r"'\ufeffage': the name holds signs that do not show"),
        ("a\u200bge", r"'a\u200bge': the name holds signs that do not show"),
        ("a\u00a0ge", r"'a\xa0ge': the name holds signs that do not show"),
        ("GrÃ¶ÃŸe", "'GrÃ¶ÃŸe': a name in UTF-8 that was read as another encoding, 'Größe'?"),
    ],
)
def test_a_spoilt_name_is_remarked_upon(name, said):
    (found,) = remarks(**{name: X[::-1]})
    assert found.startswith(said)
    assert found.endswith("rename it, or every table must spell it so")
    assert name_of_target(name).startswith(said)


def name_of_target(name):
    return learn_contract(as_table({"x": X, name: Y}), name).notes[1]


@pytest.mark.parametrize(
    "name", ["age", "bytes", "b", "Größe", "naïve", "x'y", "5 m", "größe (cm)", "年齢", "Unnamed", "id.1", "a b", "'"]
)
def test_a_proper_name_is_not(name):
    assert remarks(**{name: X[::-1]}) == []


def test_blanks_around_a_name_do_not_count_and_are_remarked_upon(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('x, a ," b ",y\n' + "".join(f"{x},{x * x},{x % 1},{y}\n" for x, y in zip(X, Y, strict=True)))
    notes = learn_contract(as_table(path), "y").notes[1:]
    said = "the table calls it {}, with blanks around it, which do not count"
    assert list(notes) == [f"a: {said.format(repr('a '))}", f"b: {said.format(repr(' b '))}"]
    frame = pd.DataFrame({"x": X, " a": X[::-1], "y": Y})
    assert learn_contract(as_table(frame), "y").notes[1:] == (f"a: {said.format(repr(' a'))}",)


@pytest.mark.parametrize("name", NAMES)
def test_the_built_in_tables_are_not_remarked_upon(name):
    table = named(name)
    for target in table.names[-1:]:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            notes = learn_contract(table, target).notes
        assert not [note for note in notes if "exclude" in note or "rename" in note]
