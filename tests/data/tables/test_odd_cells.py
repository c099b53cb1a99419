"""What looks like numbers and is none, first lines that are rows, files that are no tables, spreads that underflow."""

import re

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.tables import as_table, learn_contract
from glassnet.data.tables.csv_files import read_csv
from glassnet.errors import DataError


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("1,1,2", "t.csv, line 1: the header is numbers only ('1', …)"),
        ("5.1,3.5,1.4,0.2,setosa", "t.csv, line 1: the header looks like a row ('5.1', '3.5', '1.4', '0.2', 'setosa')"),
        ("country,1990,1991,1992", ""),
    ],
)
def test_a_first_line_that_is_a_row_is_refused(tmp_path, first, said):
    (tmp_path / "t.csv").write_text(f"{first}\n{first}\n")
    if not said:
        assert list(read_csv(tmp_path / "t.csv").names) == first.split(",")
        return
    with pytest.raises(DataError, match=re.escape(f"{said}; the first line must name the columns: put a line with")):
        read_csv(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old document of Office (xls, doc)"),
        (b"SQLite format 3\0", "a database of SQLite"),
        (b"\xfd7zXZ\0", "packed with xz"),
        (b"%PDF-1.4\n\xe2", "a PDF"),
    ],
)
def test_a_file_of_another_program_is_named(tmp_path, start, kind):
    (tmp_path / "t.csv").write_bytes(start + bytes(64))
    with pytest.raises(
        DataError, match=re.escape(f"t.csv does not look like text: it is {kind}; save the table as CSV")
    ):
        read_csv(tmp_path / "t.csv")


@pytest.mark.parametrize(("word", "plain"), [("0x10", "16"), ("1d5", "1e5"), ("\u0661\u0662", "12"), ("5%", "5")])
def test_numbers_that_are_spelled_otherwise_are_said_to_be_words(word, plain):
    table = as_table({"x": ["7", word] * 12, "y": [*range(24)], "z": [f"{k}%" for k in range(24)]})
    assert (
        f"x: not read as numbers for {word!r} in dictionary, row 2: write {plain}, if they are numbers; they are taken "
        "as words"
    ) in learn_contract(table, "y", exclude=["z"]).notes
    with pytest.raises(DataError, match=r"too many to be classes.* not read as numbers for '0%' in dictionary, row 1"):
        learn_contract(table, "z")


def test_a_spread_that_underflows_is_refused_and_a_small_one_is_exact():
    values = np.arange(8.0)
    small = learn_contract(as_table({"x": values, "y": values * 2.0**-700}), "y").target
    assert small.scale == values.std() * 2.0**-700
    with pytest.raises(DataError, match=r"column 'y' .* too close together to scale: their spread is 2.*e-320"):
        learn_contract(as_table({"x": values, "y": values * 1e-320}), "y")
    with pytest.raises(DataError, match=r"y is at most 7e-320, and below 2.23e-308 a float64 loses its digits"):
        gn.train(gn.Network(gn.Dense()), values[:, None], values * 1e-320, progress=False)
