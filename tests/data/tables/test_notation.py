"""How a file writes its numbers: what commas, points and spaces can be is found out, said, and never guessed."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glassnet as gn
from glassnet.data.tables import DataContract, as_table, learn_contract, separators
from glassnet.data.tables.cells import plain_number
from glassnet.data.tables.csv_files import read_csv
from glassnet.data.tables.notation import Notation
from glassnet.data.tables.separators import WAYS, shape_of
from glassnet.errors import DataError, ModelFileError


@pytest.fixture
def rows(tmp_path):
    """A file with the column x of these cells, another of those, and a target."""

    def write(cells, others=None, name="t.csv"):
        lines = [f"{x};{z};{k}" for k, (x, z) in enumerate(zip(cells, others or cells, strict=True))]
        (tmp_path / name).write_text("\n".join(["x;z;y", *lines]), encoding="utf-8")
        return tmp_path / name

    return write


@pytest.mark.parametrize(
    ("text", "signs", "number"),
    [
        ("1,234", (".", ","), 1234.0),
        ("-12,345,678.25", (".", ","), -12345678.25),
        ("1234", (".", ","), 1234.0),
        ("1.234,5", (",", "."), 1234.5),
        ("1\u202f234,5", (",", " "), 1234.5),
        ("1\u00a0234", (",", "\u202f"), 1234.0),
        ("1\u2019234.5", (".", "'"), 1234.5),
        *((text, (".", ","), None) for text in ("1,20", "12,34,567", "1,2000", "0,125", "01,234", "1,234,", ",234")),
        *((text, (",", "."), None) for text in ("1.5", "1.23", "1.2345", "1,2.345", "1.234.5", "1,5,0")),
        ("1 234\u00a0567", (".", " "), None),
        ("\u0661,\u0662\u0663\u0664", (".", ","), None),
    ],
)
def test_a_number_is_grouped_in_threes_or_not_at_all(rows, text, signs, number):
    x = read_csv(rows([text, "7"]), decimal=signs[0], thousands=signs[1]).column("x")
    assert x.tolist() == ([text, "7"] if number is None else [number, 7.0])


@pytest.mark.parametrize(
    ("cells", "others", "said"),
    [
        (["1,200", "950"], None, """line 2: '1,200' .* can be 1200 (thousands=",") or 1.2 (decimal=","); say which"""),
        (["1,200", "1,5"], None, """line 3: '1,5' .* decimal comma; read the file with decimal=",\""""),
        (["1,200", "0,125"], None, """line 3: '0,125' .* decimal comma; read the file with decimal=",\""""),
        (["1,200", "1,234,567"], None, "line 3: '1,234,567' .* ',' between thousands; read the file with thousands="),
        (["1,200", "1,200.5"], None, "line 3: '1,200.5' .* ',' between thousands; read the file with thousands="),
        (["1.234,5", "950"], None, """line 2: '1.234,5' .* decimal="," and thousands=".\""""),
        (["1 234", "950"], None, """line 2: '1 234' .* read the file with thousands=" \""""),
        (["1,200", "950"], ["0,5", "1"], "line 2: '1,200' .* decimal comma.* '0,5' in column 'z', line 2, can be noth"),
        (["1,200", "950"], ["1,234,567", "1"], "'1,200' .* thousands=.* '1,234,567' in column 'z', line 2, can be"),
        (["1,200"] * 30 + ["many"], None, "line 32: 'many' .* is not a number, but 30 of 31 values are (read with"),
    ],
)
def test_what_separators_can_be_is_said_with_the_cell_that_decides(rows, cells, others, said):
    pattern = re.escape(said).replace(r"\.\*", ".*").replace(r"\ ", " ")
    with pytest.raises(DataError, match=pattern):
        learn_contract(read_csv(rows(cells, others)), "y")


@pytest.mark.parametrize("cell", ["1,20", "12,34,567", "1,2000", "0,125"])
def test_digits_that_are_badly_grouped_are_refused_with_their_cell(rows, cell):
    said = f"t.csv, line 3: '{cell}' in column 'x' is no number with ',' between thousands, which has three digits"
    with pytest.raises(DataError, match=said):
        learn_contract(read_csv(rows(["1,200", cell, "950"]), thousands=","), "y")
    contract = learn_contract(read_csv(rows(["1,200", "1,300", "950"]), thousands=","), "y")
    with pytest.raises(DataError, match=rf"line 3: '{cell}' in column 'x' is not a number.* three digits"):
        contract.encode(read_csv(rows(["1,200", cell, "950"]), thousands=","))


@settings(max_examples=50)
@given(st.from_regex(r"\A[+-]?[0-9]{0,4}([.,' ][0-9]{1,4}){0,3}([eE][+-]?[0-9])?\Z"))
def test_how_a_word_can_be_read_depends_on_its_shape_alone(word):
    readable = [[plain_number(text, way) is not None for way in WAYS] for text in (word, shape_of(word))]
    assert readable[0] == readable[1]


def test_each_word_is_looked_at_once_however_many_columns_there_are(monkeypatch):
    columns, rows = 60, 50
    table = as_table({f"x{k}": [f"{k + 1},{i:03}" for i in range(rows)] for k in range(columns)})
    looked, shape = [], separators.shape_of
    monkeypatch.setattr(separators, "shape_of", lambda word: looked.append(word) or shape(word))
    assert separators.only_way(table) == table.notation
    assert all(len(separators.ways_in(table, name)) == 2 for name in table.columns)
    assert len(looked) == columns * rows


def test_a_point_that_is_no_decimal_sign_is_advised_as_what_it_is(rows):
    for cells, said in (
        (["1.200", "2,5"], 'read the file with decimal="," and thousands="."'),
        (["1.5", "2"], 'read the file with decimal="."'),
        (["1.5", "2,5"], "line 3: '2,5' in column 'x' is written in another way than '1.5' in line 2"),
    ):
        with pytest.raises(DataError, match=re.escape(said)):
            learn_contract(read_csv(rows(cells), decimal=","), "y", exclude=["z"])


def test_a_comma_may_separate_cells_where_those_with_a_comma_are_quoted(tmp_path):
    (tmp_path / "q.csv").write_text('x,y\n"1.200,5","3"\n950,"4,5"\n')
    table = read_csv(tmp_path / "q.csv", decimal=",", thousands=".")
    assert (table.column("x").tolist(), table.column("y").tolist()) == ([1200.5, 950.0], [3.0, 4.5])


def test_the_model_reads_files_as_the_one_it_learnt_from(rows, tmp_path):
    path = rows(["1.200", "950", "2.400,5", "1.800"], ["a", "b", "a", "b"])
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense())
    table = gn.read_csv(path, decimal=",", thousands=".")
    model = gn.train(network, table, target="y", kind="number", epochs=3, seed=1, progress=False)
    assert model.contract.notation == Notation(",", ".")
    model.save(tmp_path / "m.glass")
    loaded = gn.load(tmp_path / "m.glass")
    plain = {"x": [1200, 950, 2400.5, 1800], "z": ["a", "b", "a", "b"]}
    assert loaded.predict(path).tolist() == loaded.predict(plain).tolist() == model.predict(table).tolist()
    assert loaded.eject("numpy").verify(3).passed
    gn.train(loaded, path, epochs=1, progress=False)
    with pytest.raises(ModelFileError, match=r"notation.thousands must be one of '', ','"):
        DataContract.from_json({**loaded.contract.to_json(), "notation": {"decimal": ".", "thousands": ";"}})


@pytest.mark.parametrize(
    ("signs", "said"),
    [
        (
            {"thousands": ";"},
            "thousands must be ',', '.', an apostrophe, a space (also U+00A0 or U+202F) or None, got ';'",
        ),
        ({"thousands": "."}, 'decimal must be "," beside thousands=".", got the same sign for both'),
        ({"thousands": ""}, "got ''"),
    ],
)
def test_signs_that_are_none_are_refused(rows, signs, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        read_csv(rows(["1", "2"]), **signs)
