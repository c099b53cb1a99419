"""A CSV file goes in as it is, and a table is the same wherever it comes from."""

import csv
import gzip
import io

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.data.tables import Table, as_table, learn_contract
from glassnet.data.tables.cells import MISSING_WORDS
from glassnet.data.tables.csv_files import read_csv, save_csv, write_csv
from glassnet.data.tables.table import is_numbers
from glassnet.errors import DataError


@pytest.fixture
def file(tmp_path):
    def write(content, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def plain(table):
    """The columns as lists, with None for a missing number too, so that they can be compared."""
    return {
        name: [None if isinstance(v, float) and v != v else v for v in column.tolist()]
        for name, column in table.columns.items()
    }


def test_numbers_words_and_missing_cells_are_told_apart(file):
    table = read_csv(file("a,b,c\n1,x,NA\n-2.5e1,,3\n?, y ,.5\n"))
    assert plain(table) == {"a": [1.0, -25.0, None], "b": ["x", None, "y"], "c": [None, 3.0, 0.5]}
    assert is_numbers(table.column("a"))
    assert not is_numbers(table.column("b"))
    assert table.source == "t.csv"
    assert table.lines.tolist() == [2, 3, 4]
    assert table.where(1) == "t.csv, line 3"


@pytest.mark.parametrize("word", [word for word in MISSING_WORDS if word])
def test_each_missing_word_is_missing_among_numbers_and_among_words(file, word):
    assert plain(read_csv(file(f"a,b\n1,x\n{word},{word}\n"))) == {"a": [1.0, None], "b": ["x", None]}


def test_other_missing_words_can_be_said(file):
    table = read_csv(file("a,b\n-,NA\n2,\n"), missing=["-"])
    assert plain(table) == {"a": [None, 2.0], "b": ["NA", None]}


def test_one_missing_word_given_as_text_is_refused(file):
    with pytest.raises(TypeError, match=r"missing must be a list of words, got the one word '-'; write \['-'\]"):
        read_csv(file("a\n1\n"), missing="-")


@pytest.mark.parametrize("text", ["0x10", "1_000", "1d5", "1 000", "١", "1.2.3", "--1", "true", "2020-01-01", "e5"])
def test_what_is_no_plain_decimal_number_is_a_word(file, text):
    assert plain(read_csv(file(f"a,b\n{text},0\n"))) == {"a": [text], "b": [0.0]}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_in_the_header(file, delimiter):
    content = f'a{delimiter}"b,c;d,e;f"\n1{delimiter}x\n'
    assert plain(read_csv(file(content))) == {"a": [1.0], "b,c;d,e;f": ["x"]}


def test_the_delimiter_can_be_said(file):
    assert plain(read_csv(file("a|b\n1|x\n"), delimiter="|")) == {"a": [1.0], "b": ["x"]}


def test_a_decimal_comma_is_read_when_said(file):
    table = read_csv(file("a;b\n1,5;x\n-2;y\n"), decimal=",")
    assert plain(table) == {"a": [1.5, -2.0], "b": ["x", "y"]}


def test_a_point_is_no_number_where_the_comma_is_the_decimal_sign(file):
    assert plain(read_csv(file("a;b\n1.500;1\n"), decimal=",")) == {"a": ["1.500"], "b": [1.0]}


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\r\r\n"])
def test_every_line_end_is_accepted_and_counted_as_one_line(file, end):
    table = read_csv(file(end.join(["a,b", "1,2", "3,4", ""])))
    assert plain(table) == {"a": [1.0, 3.0], "b": [2.0, 4.0]}
    assert table.lines.tolist() == [2, 3]


def test_mixed_line_ends_empty_lines_and_no_last_line_end_are_accepted(file):
    table = read_csv(file("\n\na,b\r\n1,2\r\n\n3,4\r5,6"))
    assert plain(table) == {"a": [1.0, 3.0, 5.0], "b": [2.0, 4.0, 6.0]}
    assert table.lines.tolist() == [4, 6, 7]


def test_blank_lines_are_skipped_but_a_quoted_empty_cell_is_a_missing_value(file):
    assert plain(read_csv(file("  \na,b\n  \n1,2\n"))) == {"a": [1.0], "b": [2.0]}
    assert plain(read_csv(file('a\n1\n\n""\n2\n'))) == {"a": [1.0, None, 2.0]}


def test_a_byte_order_mark_is_no_part_of_the_first_name(file):
    assert read_csv(file(b"\xef\xbb\xbfa,b\n1,2\n")).names == ("a", "b")


def test_another_encoding_can_be_said(file):
    assert plain(read_csv(file(b"a,b\n1,caf\xe9\n"), encoding="latin-1"))["b"] == ["café"]
    utf16 = "a,b\n1,é\n".encode("utf-16")
    assert plain(read_csv(file(utf16), encoding="utf-16"))["b"] == ["é"]


def test_quoted_cells_keep_delimiters_quotes_and_line_ends_and_the_line_a_row_begins_on(file):
    table = read_csv(file('a,b\n"x, ""y""\nz",1\n"w",2\n'))
    assert plain(table) == {"a": ['x, "y"\nz', "w"], "b": [1.0, 2.0]}
    assert table.lines.tolist() == [2, 4]


def test_a_gzip_file_is_read_whatever_its_name(file):
    packed = gzip.compress(b"a,b\n1,x\n")
    for name in ("t.csv.gz", "t.csv"):
        assert plain(as_table(file(packed, name))) == {"a": [1.0], "b": ["x"]}


def test_a_table_longer_than_a_chunk_is_read_whole(file):
    n = 25_013
    table = read_csv(file("a,b\n" + "".join(f"{i},w{i % 3}\n" for i in range(n))))
    assert np.array_equal(table.column("a"), np.arange(n))
    assert table.column("b")[-1] == f"w{(n - 1) % 3}"
    assert table.lines[-1] == n + 1


FROM_EVERYWHERE = {
    "n": [1.5, None, -3.0],
    "k": [1, 2, 3],
    "w": ["x", None, "é"],
    "t": [True, False, True],
    "v": ["x, y", "z", ""],
}
EXPECTED = {**FROM_EVERYWHERE, "t": ["True", "False", "True"], "v": ["x, y", "z", None]}


@pytest.mark.parametrize("form", ["dict", "pandas", "pandas nullable", "polars", "csv of pandas"])
def test_the_table_is_the_same_from_everywhere(form, file):
    frame = pd.DataFrame(FROM_EVERYWHERE)
    data = {
        "dict": FROM_EVERYWHERE,
        "pandas": frame,
        "pandas nullable": frame.convert_dtypes(),
        "polars": pl.DataFrame(FROM_EVERYWHERE),
        "csv of pandas": file(frame.to_csv(index=False)),
    }[form]
    assert plain(as_table(data)) == EXPECTED


def test_categories_of_pandas_and_polars_are_words():
    pandas = as_table(pd.DataFrame({"a": pd.Categorical(["x", None, "y"]), "b": pd.Categorical([1, 2, 2])}))
    assert plain(pandas) == {"a": ["x", None, "y"], "b": ["1", "2", "2"]}
    assert learn_contract(pandas, "b").target.classes == (1, 2)
    polars = as_table(pl.DataFrame({"a": ["x", None, "y"]}, schema={"a": pl.Categorical}))
    assert plain(polars) == {"a": ["x", None, "y"]}


@pytest.mark.parametrize(
    ("target", "classes"),
    [
        (pd.array([0, 1, None, 1, 0], dtype="Int64"), (0, 1)),
        (pd.array([False, True, None, True, False], dtype="boolean"), (False, True)),
        (pd.Series([True, None, False, True, True], dtype=object), (False, True)),
        (pd.Categorical([2.5, 1, None, 1, 2.5]), (1.0, 2.5)),
        (["True", "False", "True", "False", None], ("False", "True")),
        ([True, "a", True, "a", None], ("True", "a")),
    ],
)
def test_classes_are_of_the_kind_that_the_data_frame_had(target, classes):
    found = learn_contract(as_table(pd.DataFrame({"x": range(5), "t": target})), "t").target.classes
    assert found == classes
    assert [type(label) for label in found] == [type(label) for label in classes]


@pytest.mark.parametrize("columns", [["a", 3], [("a", "b"), ("a", "c")]])
def test_columns_of_pandas_that_are_not_named_by_text_are_refused(columns):
    with pytest.raises(DataError, match=r"names must be text: df.columns = df.columns.map\(str\)"):
        as_table(pd.DataFrame([[1, 2]], columns=columns))


def test_text_in_a_data_frame_stays_words_and_missing_words_are_missing():
    assert plain(as_table({"a": ["1", "NA", " x "]})) == {"a": ["1", None, "x"]}
    assert plain(as_table({"a": ["1", "NA"]}, missing=["1"])) == {"a": [None, "NA"]}


def test_a_column_of_nothing_but_missing_values_is_numbers(file):
    for data in ({"a": [None, None]}, pl.DataFrame({"a": [None, None]}), file("a,b\nNA,1\n,2\n")):
        column = as_table(data).column("a")
        assert is_numbers(column)
        assert np.isnan(column).all()


def test_numbers_and_words_in_one_column_are_words():
    assert plain(as_table({"a": [1, 2.5, "x", None, True]})) == {"a": ["1", "2.5", "x", None, "True"]}
    assert plain(as_table(pd.DataFrame({"a": [1, "x", None]}))) == {"a": ["1", "x", None]}


def test_a_numpy_array_is_a_column_and_a_table_comes_back_as_it_is():
    values = np.arange(3, dtype=np.float32)
    table = as_table({"a": values, "b": np.array(["x", "y", "z"]), "c": np.array([True, False, True])})
    assert plain(table) == {"a": [0.0, 1.0, 2.0], "b": ["x", "y", "z"], "c": ["True", "False", "True"]}
    assert as_table(table) is table
    values[0] = 7
    assert table.column("a")[0] == 0


WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12).map(str.strip)
CELLS = st.one_of(st.none(), WORDS.filter(lambda word: word not in MISSING_WORDS))
NUMBERS = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**53), 2**53))


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.tuples(NUMBERS, CELLS), min_size=1, max_size=7),
    delimiter=st.sampled_from(",;\t"),
    columns=st.sampled_from([["n"], ["w"], ["w", "n"]]),
)
def test_what_is_written_is_read_back(rows, delimiter, columns, tmp_path_factory):
    words = [word for _, word in rows] + ["a word"]
    table = as_table({"n": [number for number, _ in rows] + [0.1], "w": words}).select(columns)
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    save_csv(table, path, delimiter=delimiter)
    assert plain(read_csv(path, delimiter=delimiter)) == plain(table)


def test_numbers_are_written_as_the_shortest_text(tmp_path):
    out = io.StringIO()
    write_csv(as_table({"n": [181, 0.1, None], "w": ["a,b", None, "é"]}), out)
    assert out.getvalue() == 'n,w\n181,"a,b"\n0.1,\n,é\n'


def test_a_file_is_not_replaced_unless_asked_and_never_half_written(tmp_path):
    path = tmp_path / "t.csv.gz"
    table = as_table({"n": [1, 2]})
    save_csv(table, path)
    with pytest.raises(FileExistsError, match="File exists"):
        save_csv(table, path)
    save_csv(as_table({"n": [3]}), path, overwrite=True)
    with pytest.raises(TypeError):
        save_csv(
            Table(columns={"w": np.array([3], dtype=object)}, source="t", lines=np.array([1])),
            path,
            delimiter=3,
            overwrite=True,
        )
    assert plain(as_table(path)) == {"n": [3.0]}
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv.gz"]


def test_the_csv_modules_own_limit_is_left_as_it_was(file):
    before = csv.field_size_limit()
    read_csv(file("a\n1\n"))
    assert csv.field_size_limit() == before
