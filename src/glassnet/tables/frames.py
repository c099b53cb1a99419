"""Data frames and dictionaries of columns, read into a table.

Any eager data frame narwhals understands will do: pandas, polars, pyarrow, … The column types are respected:
text stays words, also where it looks like numbers. True and False become the words "True" and "False", which
a network gets as two inputs, and a reader as what they are.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from glassnet.errors import DataError
from glassnet.tables.cells import MISSING_WORDS, column_from_values, missing_words
from glassnet.tables.table import Column, Table
from glassnet.tables.wording import counted, shown

_TIMES = (
    "times and dates are not numbers yet; put in the numbers that matter (the year, the hour, days since …)"
)


def table_from_columns(
    columns: Mapping[str, object], missing: Iterable[str] = MISSING_WORDS, source: str = "dictionary"
) -> Table:
    """Return a table from a dictionary: name → a 1-D array or a list of numbers, words, truth values or None.

    Raises
    ------
    DataError
        A column holds something else, or the columns are not equally long.
    """
    words = missing_words(missing)
    names = {name: str(name).strip() for name in columns}  # pandas names columns with numbers too
    read = {names[name]: _named(names[name], source, values, words) for name, values in columns.items()}
    if len(read) < len(columns):
        raise DataError(f"{source} has two columns of the same name; names must differ: rename one")
    n = len(next(iter(read.values()), ()))
    for name, column in read.items():
        if len(column) != n:
            raise DataError(
                f"column {shown(name)} of {source} has {counted(len(column), 'value')}, "
                f"column {shown(next(iter(read)))} has {n}; columns must be equally long"
            )
    return Table(read, source, np.arange(1, n + 1))


def _named(name: str, source: str, values: object, missing: frozenset[str]) -> Column:
    """Return one column; what is wrong with it is said with its name."""
    if not name:
        raise DataError(f"a column of {source} has no name; every column needs one")
    try:
        column = _column(values, missing)
    except DataError as error:
        raise DataError(f"column {shown(name)} of {source}: {error}") from None
    return column


def _column(values: object, missing: frozenset[str]) -> Column:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise DataError(f"got {shown(values)}; a column is a list or a 1-D array")
    array = values if isinstance(values, np.ndarray) else None
    if array is None:
        return column_from_values(list(values), missing)
    if array.ndim != 1:
        raise DataError(f"got an array of shape {array.shape}; a column is 1-D")
    if array.dtype.kind in "iuf":
        return array.astype(np.float64)
    if array.dtype.kind in "mM":
        raise DataError(f"it is {array.dtype}; {_TIMES}")
    return column_from_values(array.tolist(), missing)


def table_from_frame(frame: Any, missing: Iterable[str] = MISSING_WORDS) -> Table:
    """Return a table from a data frame: pandas, polars, pyarrow, or another that narwhals reads.

    Raises
    ------
    TypeError
        It is not a data frame, or a lazy one.
    DataError
        A column holds dates, lists or something else that is neither numbers nor words.
    """
    import narwhals as nw

    try:
        data = nw.from_native(frame, eager_only=True)
    except TypeError:
        kind = f"{type(frame).__module__}.{type(frame).__qualname__}"
        raise TypeError(
            f"a table must be the path of a CSV file, a data frame (pandas, polars, pyarrow, …; "
            f"a lazy one collected), a dictionary of columns or a Table, got {kind}"
        ) from None
    except nw.exceptions.DuplicateError as error:
        raise DataError(f"the data frame has two columns of one name; rename one ({error})") from None
    columns: dict[str, object] = {}
    for name in data.columns:
        series = data[name]
        dtype = series.dtype
        if dtype.is_temporal():
            raise DataError(f"column {shown(name)} of the data frame is {dtype}; {_TIMES}")
        columns[name] = series.cast(nw.Float64()).to_numpy() if dtype.is_numeric() else series.to_list()
    return table_from_columns(columns, missing, source="data frame")
