"""A column that is neither numbers nor words is refused where it is asked for, and does not spoil the table."""

import datetime
import io
import json
import re
import zipfile

import numpy as np
import openpyxl
import polars as pl
import pytest

import glassnet as gn
from glassnet.data.tables import as_table
from glassnet.data.tables.csv_files import write_csv
from glassnet.errors import DataError

NOON = datetime.time(12)
ROWS = {"a": [0.0, 1.0, 2.0, 3.0], "b": [0.1, 0.9, 2.1, 2.9]}


def parquet(path):
    pl.DataFrame({"odd": [NOON] * 4, **ROWS}).write_parquet(path / "t.parquet")
    return path / "t.parquet", "column 'odd' of t.parquet: it is Time; times without a date"


def jsonl(path):
    records = [{"odd": ["x", 1], "a": a, "b": b} for a, b in zip(*ROWS.values(), strict=True)]
    (path / "t.json").write_text(json.dumps(records))
    return path / "t.json", "column 'odd' of t.json: row 1 holds ['x', '1'] (list); a table holds"


def excel(path):
    book = openpyxl.Workbook()
    for row in [("odd", *ROWS), *((NOON, *row) for row in zip(*ROWS.values(), strict=True))]:
        book.active.append(row)
    book.save(path / "t.xlsx")
    return path / "t.xlsx", "column 'odd' of t.xlsx: row 1 holds datetime.time(12, 0) (time); a table holds"


def frame(path):
    return pl.DataFrame({**ROWS, "odd": [NOON] * 4}), "column 'odd' of data frame: it is Time"


def dictionary(path):
    return {**ROWS, "odd": np.zeros((4, 2))}, "column 'odd' of dictionary: got an array of shape (4, 2)"


@pytest.fixture(params=[parquet, jsonl, excel, frame, dictionary])
def odd(request, tmp_path):
    return request.param(tmp_path)


EXCLUDE = "; a column that is no input is left out with exclude=['odd']"


def test_it_is_refused_with_the_way_round_it_where_it_is_asked_for(odd):
    table = as_table(odd[0])
    assert set(table.names) == {"a", "b", "odd"}
    assert table.rows([2]).select(["b", "odd"]).names == ("b", "odd")
    assert "  odd  cannot be read" in repr(table)
    for ask in (
        lambda: table.column("odd"),
        lambda: table.select(["odd"]),
        lambda: table.known("odd"),
        lambda: write_csv(table, io.StringIO()),
        lambda: gn.train(gn.Network(gn.Dense()), odd[0], target="b", epochs=1),
        lambda: gn.train(gn.Network(gn.Dense()), odd[0], target="odd", epochs=1),
    ):
        with pytest.raises(DataError, match=re.escape(odd[1]) + ".*" + re.escape(EXCLUDE)):
            ask()


def test_one_that_is_excluded_or_that_the_model_never_had_does_no_harm(odd):
    model = gn.train(gn.Network(gn.Dense()), odd[0], target="b", exclude=["odd"], epochs=3)
    with pytest.warns(UserWarning, match="not among the model's inputs and not used: 'odd'"):
        assert np.array_equal(model.predict(odd[0]), model.predict(ROWS))


def test_a_model_that_had_the_column_refuses_what_it_cannot_read():
    model = gn.train(gn.Network(gn.Dense()), ROWS, target="b", epochs=1)
    with pytest.raises(DataError, match=r"column 'a' of dictionary: row 1 holds \[0\] \(list\)"):
        model.predict({"a": [[0]], "c": [1]})


def test_names_are_still_checked(odd):
    table = as_table(odd[0])
    with pytest.raises(DataError, match="no column 'od'; the nearest is 'odd'"):
        table.column("od")
    with pytest.raises(DataError, match="two columns named 'a'"):
        as_table({"a": [[1]], " a": [1]})


def test_a_workbook_that_says_it_is_smaller_is_read_whole(tmp_path):
    book = openpyxl.Workbook()
    for row in [("a", "b"), *((k, k % 3) for k in range(20))]:
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    with zipfile.ZipFile(tmp_path / "t.xlsx") as source, zipfile.ZipFile(tmp_path / "u.xlsx", "w") as out:
        for name in source.namelist():
            out.writestr(name, source.read(name).replace(b'ref="A1:B21"', b'ref="A1:A5"'))
    assert (tmp_path / "u.xlsx").read_bytes() != (tmp_path / "t.xlsx").read_bytes()
    table = as_table(tmp_path / "u.xlsx")
    assert (table.names, len(table)) == (("a", "b"), 20)
    np.testing.assert_array_equal(table.column("a"), np.arange(20.0))
