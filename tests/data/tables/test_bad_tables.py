"""Every bad file and frame is refused with what is wrong, where, and what to do."""

import contextlib
import datetime
import gzip
import io
import os
import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.data.tables import Table, as_table
from glassnet.data.tables import text_lines as text_lines_module
from glassnet.data.tables.csv_files import read_csv
from glassnet.errors import DataError

BAD_FILES = {
    "empty": (b"", "t.csv is empty: no header and no rows; the first line must name the columns"),
    "only a byte order mark": (b"\xef\xbb\xbf", "t.csv is empty"),
    "only blank lines": (b"\n \r\n", "t.csv is empty"),
    "header only": (b"a,b\n", "t.csv has a header and no rows; at least one row is needed"),
    "too many fields": (b"a,b\n1,2\n1,2,3\n", "t.csv, line 3 has 3 fields, the header has 2; every row must"),
    "too few fields": (b"a,b\n1\n", "t.csv, line 2 has 1 field, the header has 2"),
    "empty name": (b"a,,b\n1,2,3\n", "t.csv, line 1: column 2 of the header has no name"),
    "pandas' index": (
        b",a\n0,1\n",
        "column 1 of the header has no name; every column needs one (pandas: to_csv(index",
    ),
    "same name": (b"a,b, a\n1,2,3\n", "column 3 of the header is 'a', and so is column 1; rename one"),
    "no header": (
        b"5.1,3.5\n4.9,3\n",
        "t.csv, line 1: the header is numbers only ('5.1', …); the first line must",
    ),
    "long cell": (
        b"a,b\n1," + b"x" * 131_073 + b"\n",
        "t.csv, line 2: a cell is longer than 131,072 characters",
    ),
    "open quote": (
        b'a,b\n1,x\n2,"x\n3,x\n',
        "t.csv, line 3: a quotation mark opens a cell and none closes it",
    ),
    "text after a quote": (
        b'a,b\n1,"x"y\n',
        "t.csv, line 2: text follows a closing quotation mark; inside a quoted",
    ),
    "NUL": (b"a,b\n1,\0\n", "t.csv, line 2 holds a NUL byte; this does not look like text, such as CSV"),
    "PNG": (
        b"\x89PNG\r\n\x1a\n\0\0",
        "t.csv does not look like text: it is a picture (PNG); save the table as CSV",
    ),
    "zipped spreadsheet": (
        b"PK\x03\x04\x14\0\x06\0",
        "t.csv is no text, it begins as Excel does; such a table has a name in .xlsx",
    ),
    "zip archive": (
        b"PK\x03\x04\x14" + bytes(21) + b"\x05\0\0\0a.csva,b\n1,2\n",
        "t.csv is a zip archive, not a table; unpack it and give the file that is in it",
    ),
    "Parquet": (
        b"PAR1\x15\x04\n\xff",
        "t.csv is no text, it begins as Parquet does; such a table has a name in .parquet",
    ),
    "packed PNG": (gzip.compress(b"\x89PNG\r\n\x1a\n\0\0"), "t.csv does not look like text: it is a picture (PNG)"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16-le"), "t.csv, line 1 holds a NUL byte"),
    "Latin-1": (
        b"a,b\n1,x\n2,caf\xe9\n",
        "t.csv, line 3, character 6: byte 0xE9 is not utf-8; save the file as UTF-8",
    ),
    "infinite": (
        b"a,b\n1,2\n3,inf\n",
        "t.csv, line 3: column 'b' is infinite (inf, or too large for a float64)",
    ),
    "minus infinity": (b"a\n1\n-Infinity\n", "t.csv, line 3: column 'a' is infinite"),
    "too large": (b"a\n1e999\n", "t.csv, line 2: column 'a' is infinite"),
    "damaged gzip": (gzip.compress(b"a,b\n1,2\n")[:-6], "t.csv is not a whole gzip file"),
    "no gzip": (b"\x1f\x8bxxxxxxxxxx", "t.csv is not a whole gzip file"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_refused_with_what_is_wrong_and_where(case, tmp_path):
    content, message = BAD_FILES[case]
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=re.escape(message)):
        as_table(path)


def test_errors_of_the_file_system_come_through(tmp_path):
    with pytest.raises(FileNotFoundError):
        as_table(str(tmp_path / "none.csv"))
    with pytest.raises(DataError, match="is a folder, which train, predict and evaluate read part by part"):
        as_table(tmp_path)


def test_wrong_options_are_refused_with_what_is_allowed(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a;b\n1;2\n")
    with pytest.raises(ValueError, match=r"decimal must be \"\.\" or \",\", got ';'"):
        read_csv(path, decimal=";")
    with pytest.raises(
        ValueError, match=r"delimiter must be one character such as ',' and not the decimal sign, got ','"
    ):
        read_csv(path, decimal=",", delimiter=",")
    with pytest.raises(ValueError, match=r"delimiter must be one character"):
        read_csv(path, delimiter="::")
    for encoding in ("latin1x", "hex"):
        with pytest.raises(ValueError, match=r"encoding must be a text encoding Python knows, like 'latin-1', got"):
            read_csv(path, encoding=encoding)
    path.write_bytes("a,b\n1,2\n".encode("utf-16")[:-1])
    with pytest.raises(DataError, match=r"t\.csv is not utf-16 text: .*; say which it is"):
        read_csv(path, encoding="utf-16")


def test_a_gzip_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(text_lines_module, "UNPACKED_LIMIT", 100_000)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 1_000_000))
    with pytest.raises(DataError, match=r"bomb.csv.gz is [\d,]+ bytes and unpacks to over [\d,]+, more than 100"):
        as_table(path)
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 10_000))  # the same ratio, but small
    assert len(as_table(path)) == 10_000


def test_a_line_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(text_lines_module, "LONGEST_LINE", 1_000)
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1," * 2_000)
    with pytest.raises(DataError, match=r"t.csv, line 2 is longer than 1,000 characters; a row is one line"):
        as_table(path)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")
    lines = text_lines_module.text_lines(path)
    next(lines)
    os.utime(path, ns=(0, 0))
    with pytest.raises(DataError, match=r"t.csv changed while it was read; read it again"):
        list(lines)


@settings(deadline=None, max_examples=150)
@given(content=st.one_of(st.binary(max_size=60), st.text('ab1.,;"\n\r\t\0é', max_size=40).map(str.encode)))
def test_any_bytes_are_a_table_or_a_data_error(content, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    with contextlib.suppress(DataError):
        assert len(as_table(path)) > 0


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "dictionary has no columns"),
        ({"a": []}, "dictionary has columns but no rows"),
        (
            {"a": [1, 2], "b": [1]},
            "column 'b' of dictionary has 1 value, column 'a' has 2; columns must be equally",
        ),
        ({"a": [1, [2]]}, "column 'a' of dictionary: row 2 holds [2] (list); a table holds numbers, words"),
        (
            {"a": [datetime.time(12)]},
            "column 'a' of dictionary: row 1 holds datetime.time(12, 0) (time); a table holds numbers, words, dates, ",
        ),
        ({"a": [1j]}, "column 'a' of dictionary: row 1 holds 1j (complex)"),
        ({"a": np.ones((2, 3))}, "column 'a' of dictionary: got an array of shape (2, 3); a column is 1-D"),
        (
            {"a": np.array([3], "m8[D]")},
            "column 'a' of dictionary: it is timedelta64[D]; times without a date and durations are no numbers yet",
        ),
        ({"a": "abc"}, "column 'a' of dictionary: got 'abc'; a column is a list or a 1-D array"),
        ({"a": 3}, "column 'a' of dictionary: got 3; a column is a list or a 1-D array"),
        ({"": [1]}, "a column of dictionary has no name"),
        ({"a": [1], " a": [2]}, "dictionary has two columns named 'a'; names must differ"),
        ({"a": [1, float("inf")]}, "dictionary, row 2: column 'a' is infinite"),
        ({"a": [10**400]}, "dictionary, row 1: column 'a' is infinite"),
        (pd.DataFrame({"d": pd.to_timedelta(["1 day"])}), "column 'd' of data frame: it is Duration"),
        (
            pl.DataFrame({"d": [datetime.time(12)]}),
            "column 'd' of data frame: it is Time; times without a date and durations are no numbers yet; put",
        ),
        (pl.DataFrame({"l": [[1, 2]]}), "column 'l' of data frame: row 1 holds [1, 2] (list)"),
        (pd.DataFrame({"a": []}), "data frame has columns but no rows"),
        (
            pd.DataFrame([[1, 2]], columns=["a", "a"]),
            "the data frame has two columns of one name; rename one",
        ),
    ],
)
def test_a_bad_frame_is_refused_with_the_column(data, message):
    with pytest.raises(DataError, match=re.escape(message)):
        as_table(data)


@pytest.mark.parametrize("data", [3, None, np.ones((2, 2)), [[1, 2]], pl.LazyFrame({"a": [1]}), io.StringIO("a\n1\n")])
def test_what_is_no_table_is_a_type_error_with_what_is(data):
    with pytest.raises(TypeError, match=r"a table must be the path of a CSV file, a data frame .* or a Table, got"):
        as_table(data)


def test_a_table_of_wrong_arrays_is_refused():
    lines = np.array([1, 2])
    with pytest.raises(DataError, match=r"column 'a' of t has shape \(3,\), the table has 2 rows"):
        Table(columns={"a": np.ones(3)}, source="t", lines=lines)
    with pytest.raises(DataError, match=r"column 'a' of t is int64; a column is float64 or object"):
        Table(columns={"a": np.array([1, 2])}, source="t", lines=lines)


def test_an_unknown_column_is_refused_with_the_nearest_names():
    table = as_table({"species": ["a"], "sex": ["b"]})
    with pytest.raises(DataError, match=r"dictionary has no column 'Specie'; the nearest is 'species'"):
        table.column("Specie")
    with pytest.raises(DataError, match=r"dictionary has no column 'q'; there are 'species', 'sex'"):
        table.select(["q"])
    with pytest.raises(DataError, match=r"column 'a' of dictionary is missing in every row"):
        as_table({"a": [None]}).known("a")


def test_a_cell_that_could_change_the_terminal_is_shown_escaped(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a\x1b[31m,a\x1b[31m\n1,2\n")
    with pytest.raises(DataError) as caught:
        as_table(path)
    assert "\x1b" not in str(caught.value)
