"""One door for every kind of table: a path, a data frame, a dictionary of columns, or a Table."""

from collections.abc import Iterable, Mapping
from os import PathLike, fspath
from pathlib import Path

from glassnet.tables.cells import MISSING_WORDS
from glassnet.tables.csv_files import read_csv
from glassnet.tables.frames import table_from_columns, table_from_frame
from glassnet.tables.table import Table, check_finite


def as_table(data: object, *, missing: Iterable[str] = MISSING_WORDS) -> Table:
    """Return data as a `Table`.

    Parameters
    ----------
    data
        The path of a CSV file (`read_csv` has more to say about it), a data frame, a dictionary of columns,
        or a Table, which comes back as it is.
    missing
        The texts that mean "missing", instead of "", NA, N/A, NaN, nan, null, None and ?.

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
    if isinstance(data, str | PathLike):
        return read_csv(Path(fspath(data)), missing=missing)
    table = (
        table_from_columns(data, missing) if isinstance(data, Mapping) else table_from_frame(data, missing)
    )
    check_finite(table)
    return table
