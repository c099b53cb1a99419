"""One door for every kind of table: the path of a CSV file, a data frame, a dictionary of columns, or a Table.

Any eager data frame narwhals understands will do: pandas, polars, pyarrow, … The column types are respected:
text stays words, also where it looks like numbers. True and False become the words "True" and "False", which
a network gets as two inputs, and pandas' categories that are numbers become words too. As a target they are predicted
as what they were: the table remembers it (`Table.originals`). Dates and times become words in ISO 8601.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.files.path import path_of
from glassnet.data.tables.cells import (
    MISSING_WORDS,
    column_from_values,
    missing_words,
    number_text,
    whole_numbers,
    words_from_texts,
)
from glassnet.data.tables.coded import Coded, coded
from glassnet.data.tables.dates import words_of_dates
from glassnet.data.tables.notation import PLAIN, Notation
from glassnet.data.tables.table import Column, Label, Table, check_finite, is_numbers
from glassnet.data.tables.wording import counted, shown
from glassnet.data.tables.words import Words
from glassnet.errors import DataError

Originals = Mapping[str, Label]
TRUTHS = {"False": False, "True": True}

_TIMES = "times without a date and durations are no numbers yet; put in the numbers that matter (hours, days)"


def as_table(
    data: object,
    *,
    missing: Iterable[str] = MISSING_WORDS,
    progress: bool | None = None,
    notation: Notation = PLAIN,
) -> Table:
    """Return data as a `Table`.

    Parameters
    ----------
    data
        The path of a CSV file (`read_csv` has more to say about it), of one in JSON (.json: a list of records, .jsonl:
        a record a line), of a .parquet or .xlsx file; a data frame, a dictionary of columns, or a Table, which comes
        back as it is.
    missing
        The texts that mean "missing", instead of "", NA, N/A, NaN, nan, null, None and ?.
    progress
        Whether a line shows how far reading a CSV file is, see `read_csv`.
    notation
        How a CSV file writes numbers.

    Raises
    ------
    DataError
        It cannot be read as a table.
    TypeError
        It is something else.
    OSError
        The file cannot be opened.

    Examples
    --------
    >>> as_table({"age": [31, None], "name": ["Ada", "Emmy"]})
    Table from dictionary: 2 rows, 2 columns
      age   numbers  31  (1 missing)
      name  words    Ada, Emmy
    """
    if isinstance(data, Table):
        return data
    if hasattr(data, "is_read_part_by_part"):
        raise DataError(f"{data} is read part by part, by train, predict and evaluate; here a table in memory is taken")
    if isinstance(data, str | PathLike) and path_of(data, "a table").is_dir():
        raise DataError(
            f"{fspath(data)} is a folder, which train, predict and evaluate read part by part; here a table in memory "
            "is taken"
        )
    if isinstance(data, str | PathLike):
        return _read_file(Path(fspath(data)), missing, progress, notation)
    if isinstance(data, Mapping):
        table = _table(data, missing_words(missing), "dictionary")
    else:
        table = _table(_columns_of_frame(data, "the data frame"), missing_words(missing), "data frame")
    check_finite(table)
    return table


def _read_file(path: Path, missing: Iterable[str], progress: bool | None, notation: Notation) -> Table:
    """Read the file by its name's ending; the readers are imported here, as most tables are frames or arrays."""
    from glassnet.data.tables.csv_files import read_csv
    from glassnet.data.tables.frame_files import is_frame_file
    from glassnet.data.tables.json_files import is_json

    if is_json(path) or is_frame_file(path):
        return (read_json if is_json(path) else read_frame_file)(path, missing=missing)
    return read_csv(path, decimal=notation.decimal, thousands=notation.thousands, missing=missing, progress=progress)


def read_json(path: Path, *, missing: Iterable[str] = MISSING_WORDS, encoding: str = "utf-8") -> Table:
    """Read a table in JSON: records, as a list (.json) or one a line (.jsonl); its types are respected.

    Raises
    ------
    DataError
        The file is not such a table.
    OSError
        The file cannot be opened.
    """
    from glassnet.data.tables.json_files import json_columns

    columns, lines, unit = json_columns(path, encoding)
    table = replace(_table(columns, missing_words(missing), path.name), lines=lines, unit=unit)
    check_finite(table)
    return table


def read_frame_file(path: Path, *, missing: Iterable[str] = MISSING_WORDS) -> Table:
    """Read a table in Parquet or in the first sheet of a workbook of Excel; its types are respected.

    Raises
    ------
    DataError
        The file is not such a table.
    ImportError
        No library that reads it is installed.
    OSError
        The file cannot be opened.
    """
    from glassnet.data.tables.frame_files import frame_of

    found = frame_of(path)
    columns = found if isinstance(found, Mapping) else _columns_of_frame(found, path.name)
    table = _table(columns, missing_words(missing), path.name)
    check_finite(table)
    return table


def table_of_frame(frame: Any, missing: Iterable[str], source: str) -> Table:
    """A part of a larger table as a `Table`, whose numbers may be infinite; errors as `as_table` has them."""
    return _table(_columns_of_frame(frame, source), missing_words(missing), source)


def _table(columns: Mapping[Any, object], missing: frozenset[str], source: str) -> Table:
    """Return a table from columns by name: 1-D arrays or lists of numbers, words, truth values or None."""
    read: dict[str, Column] = {}
    given_names: dict[str, str] = {}
    originals: dict[str, Originals] = {}
    unreadable: dict[str, str] = {}
    for given, values in columns.items():
        name = str(given).strip()  # pandas names columns with numbers too
        if not name:
            raise DataError(f"a column of {source} has no name; every column needs one")
        if name in given_names:
            raise DataError(f"{source} has two columns named {shown(name)}; names must differ: rename one")
        given_names[name] = str(given)
        try:
            read[name], stood_for = _column(values, missing)
        except DataError as error:
            unreadable[name] = str(error)
            continue
        if stood_for:
            originals[name] = stood_for
    first = next(iter(read), "")
    for name, column in read.items():
        if len(column) != len(read[first]):
            raise DataError(
                f"column {shown(name)} of {source} has {counted(len(column), 'value')}, "
                f"column {shown(first)} has {len(read[first])}; columns must be equally long"
            )
    lines = np.arange(1, len(read.get(first, ())) + 1)
    return Table(
        columns=read,
        source=source,
        lines=lines,
        originals=originals,
        given_names=given_names,
        unreadable=unreadable,
    )


def _column(values: object, missing: frozenset[str]) -> tuple[Column, Originals]:
    """Return a column, and where its words are not what was given, what they stand for."""
    if isinstance(values, _NoColumn):
        raise DataError(values.why)
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise DataError(f"got {shown(values)}; a column is a list or a 1-D array")
    if isinstance(values, Coded):
        return words_from_texts(values.codes, values.texts, missing), {}
    if np.ma.isMaskedArray(values):
        is_number = values.dtype.kind in "iuf"
        plain = np.ma.filled(values.astype(float if is_number else object), np.nan if is_number else None)
        return _column(plain, missing)
    if not isinstance(values, np.ndarray):
        kind = str(getattr(values, "dtype", ""))  # of pandas, polars, narwhals
        return _of_values(list(values), missing, kind.startswith(("category", "Categorical", "Enum")))
    if values.ndim != 1:
        raise DataError(f"got an array of shape {values.shape}; a column is 1-D")
    if values.dtype.kind in "iuf":
        return values.astype(np.float64), {}
    if values.dtype.kind == "M":
        return words_of_dates(values), {}
    if values.dtype.kind == "m":
        raise DataError(f"it is {values.dtype}; {_TIMES}")
    return _of_values(values.tolist(), missing)


def _of_values(values: list[object], missing: frozenset[str], category: bool = False) -> tuple[Column, Originals]:
    column = column_from_values(values, missing)
    if is_numbers(column) and category:
        numbers = np.unique(column[~np.isnan(column)]).tolist()
        words = Words.of(number_text(value) or None for value in column.tolist())
        return words, dict(zip(map(number_text, numbers), whole_numbers(numbers), strict=True))
    truths = isinstance(column, Words) and {*column.words} <= {*TRUTHS}
    return column, TRUTHS if truths and not any(isinstance(value, str) for value in values) else {}


@dataclass(frozen=True)
class _NoColumn:
    """What stands where a column should, and why it is none."""

    why: str


def _columns_of_frame(frame: Any, source: str) -> dict[str, object]:
    """Return the columns of an eager data frame by name; TypeError for what is none."""
    import narwhals as nw

    is_pandas = type(frame).__module__.startswith("pandas") and hasattr(frame, "columns")
    odd = [name for name in frame.columns if not isinstance(name, str)] if is_pandas else []
    if odd:
        raise DataError(
            f"a column of {source} is named {shown(odd[0])} ({type(odd[0]).__name__}); names must be text: "
            "df.columns = df.columns.map(str)"
        )
    try:
        data = nw.from_native(frame, eager_only=True)
    except TypeError:
        kind = f"{type(frame).__module__}.{type(frame).__qualname__}"
        raise TypeError(
            f"a table must be the path of a CSV file, a data frame (pandas, polars, pyarrow, …; "
            f"a lazy one collected), a dictionary of columns or a Table, got {kind}"
        ) from None
    except nw.exceptions.DuplicateError as error:
        raise DataError(f"{source} has two columns of one name; rename one ({' '.join(str(error).split())})") from None
    columns: dict[str, object] = {}
    for name in data.columns:
        series = data[name]
        dtype = series.dtype
        if isinstance(dtype, nw.Date | nw.Datetime):
            if isinstance(dtype, nw.Datetime) and dtype.time_zone:
                series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
            values = series.to_numpy()
            columns[name] = values if values.dtype.kind == "M" else series.to_list()
        elif dtype.is_temporal():
            columns[name] = _NoColumn(f"it is {dtype}; {_TIMES}")
        elif dtype.is_numeric():
            values = series.to_numpy()
            columns[name] = values if values.dtype.kind in "iuf" else series.cast(nw.Float64()).to_numpy()
        elif isinstance(dtype, nw.Categorical | nw.Enum):
            columns[name] = series
        else:
            columns[name] = coded(series.to_native()) or series.to_list()
    return columns
