"""Rows given one by one, their cells by name: a dictionary, a list of dictionaries, a row of a data frame (a Series).

What a model was trained on comes as a table of columns; what it is to predict often comes as a row.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from glassnet.data.tables.wording import listed, shown
from glassnet.errors import DataError


def columns_of(X: Any) -> Any:
    """Rows as a dictionary of columns; what is none of these rows, a table for instance, as it is.

    Raises
    ------
    DataError
        The rows do not have the same names, or a Series is a column rather than a row.

    Examples
    --------
    >>> columns_of({"age": 31, "name": "Ada"})
    {'age': [31], 'name': ['Ada']}
    >>> columns_of([{"age": 31, "name": "Ada"}, {"age": None, "name": "Emmy"}])
    {'age': [31, None], 'name': ['Ada', 'Emmy']}
    """
    if isinstance(X, Mapping):
        return {name: column_of(value) for name, value in X.items()}
    if isinstance(X, list | tuple) and X and is_row(X[0]):
        return columns_of_rows(X)
    if is_series(X):
        rows = rows_of_series(X)
        return columns_of(rows) if isinstance(rows, Mapping) else columns_of_rows(rows)
    return X


def column_of(value: Any) -> Any:
    """A cell as a column of one; a column as it is."""
    if isinstance(value, np.ndarray):
        return value if value.ndim else value[None]
    return [value] if isinstance(value, str | bytes) or not isinstance(value, Iterable) else value


def is_row(item: Any) -> bool:
    """Whether an item of a list is a row whose cells have names."""
    return isinstance(item, Mapping) or is_series(item)


def columns_of_rows(rows: Iterable[Any]) -> dict[Any, list[Any]]:
    """Rows of the same names as columns."""
    columns: dict[Any, list[Any]] = {}
    for k, item in enumerate(rows, start=1):
        row = rows_of_series(item) if is_series(item) else item
        if not isinstance(row, Mapping):
            raise DataError(f"row {k} is {shown(item)}, and row 1 is a dictionary; give each row its cells by name")
        if k == 1:
            columns = {name: [] for name in row}
        if row.keys() != columns.keys():
            lacks = [name for name in columns if name not in row]
            raise DataError(
                f"row {k} lacks {listed(lacks)}, which row 1 has; give None for what is not known"
                if lacks
                else f"row {k} has {listed([name for name in row if name not in columns])}, which row 1 lacks; "
                "give each row the same names, and None for what is not known"
            )
        for name, column in columns.items():
            column.append(row[name])
    return columns


def is_series(X: Any) -> bool:
    """Whether X is a Series of pandas or polars; neither is imported to find out."""
    if isinstance(X, str | Mapping | list | tuple | np.ndarray) or not isinstance(X, Iterable):
        return False
    import narwhals as nw

    return nw.dependencies.is_into_series(X)


def rows_of_series(X: Any) -> Any:
    """A row of pandas as a dictionary, a Series of records (polars' structs) as a list of them."""
    import narwhals as nw

    series = nw.from_native(X, series_only=True)
    index = nw.maybe_get_index(series)
    if series.dtype == nw.Struct:
        return series.to_list()
    if index is None or not all(isinstance(name, str) for name in index):
        raise DataError(
            "a Series must be a row, its index the names of the columns, like df.iloc[0]; "
            f"this one is a column ({shown(series.name)}): give the data frame, or a dictionary"
        )
    if not index.is_unique:
        twice = index[index.duplicated()][0]
        raise DataError(f"the Series has two cells named {shown(twice)}; names must differ")
    return dict(zip(index, series.to_list(), strict=True))
