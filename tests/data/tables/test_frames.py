"""A data frame's cells are read all at once, and come out as one by one."""

import importlib.util
import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.data.tables import as_table, coded
from glassnet.data.tables.cells import MISSING_WORDS
from glassnet.errors import DataError

TEXTS = st.sampled_from(["x", " x", "y", "é", "1", "01", "True", "NA", "", " ", "?"])
NUMBERS = {1: "1", 0.0: "0", 2.5: "2.5", np.float32(0.1): "0.10000000149011612", 10**20: "1e+20"}
THINGS = TEXTS | st.sampled_from([None, math.nan, 1.0, True, 0, False, pd.NA, pd.NaT, *NUMBERS])


def expected(values):
    """Each cell judged alone: None, a number, or a word."""
    cells = []
    for value in values:
        if isinstance(value, str):
            cells.append(None if value.strip() in MISSING_WORDS else value.strip())
        elif value is None or value is pd.NA or value is pd.NaT or value != value:
            cells.append(None)
        else:
            cells.append(str(value) if isinstance(value, bool) else float(value))
    if all(cell is None or isinstance(cell, float) for cell in cells):
        return cells
    return [{float(k): text for k, text in NUMBERS.items()}.get(cell, cell) for cell in cells]


def read(data, few=0):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coded, "FEW", few)
        return [None if value != value else value for value in as_table(data).column("a").tolist()]


@settings(deadline=None, max_examples=150)
@given(values=st.lists(TEXTS | st.none(), min_size=1, max_size=9))
def test_texts_of_every_library_are_the_same_words(values):
    frames = [
        {"a": values},
        pd.DataFrame({"a": values}, dtype=object),
        pd.DataFrame({"a": pd.array(values, dtype="string")}),
        pd.DataFrame({"a": pd.Categorical(values)}),
        pl.DataFrame({"a": values}, schema={"a": pl.String}),
        pl.DataFrame({"a": values}, schema={"a": pl.Categorical}),
    ]
    if importlib.util.find_spec("pyarrow"):
        frames += [frames[4].to_arrow(), pd.DataFrame({"a": pd.array(values, dtype="string[pyarrow]")})]
    for frame in frames:
        for few in (0, 500):
            assert read(frame, few) == expected(values), (type(frame), few)


@settings(deadline=None, max_examples=150)
@given(values=st.lists(THINGS, min_size=1, max_size=6))
def test_a_mixture_is_read_cell_by_cell(values):
    for frame in ({"a": values}, pd.DataFrame({"a": pd.Series(values, dtype=object)})):
        assert read(frame) == expected(values)


@pytest.mark.parametrize(
    ("series", "wanted"),
    [
        (pd.Series([1, 2**53 + 1, -3]), [1.0, float(2**53 + 1), -3.0]),
        (pd.Series([1, None, 3], dtype="Int64"), [1.0, None, 3.0]),
        (pd.Series([0.1, None], dtype="Float32"), [float(np.float32(0.1)), None]),
        (pd.Series([True, False]), ["True", "False"]),
        (pd.Series([True, None], dtype="boolean"), ["True", None]),
        (pl.Series([1, None, 2**63], dtype=pl.UInt64), [1.0, None, float(2**63)]),
        (pl.Series([0.1, float("nan"), None], dtype=pl.Float32), [float(np.float32(0.1)), None, None]),
        (pl.Series([True, None, False]), ["True", None, "False"]),
        (pl.Series(["1.5", None]).cast(pl.Decimal(10, 2)), [1.5, None]),
    ],
)
def test_numbers_and_truth_values_of_every_type_are_read(series, wanted):
    frame = series.to_frame("a") if isinstance(series, pd.Series) else series.alias("a").to_frame()
    assert read(frame) == wanted


def test_what_is_no_cell_is_refused_with_its_row_and_column():
    for cells in (["x", ["y"]], ["x", {1: 2}], ["x", 1j]):
        with pytest.raises(DataError, match=r"column 'a' of data frame: row 2 holds .*; a table holds numbers, words"):
            read(pd.DataFrame({"a": cells}, dtype=object))
