"""Columns as Parquet and Excel files, by the library that is installed for it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from glassnet.data.tables.frame_files import parquet_library
from glassnet.errors import DataError, need
from glassnet.readings.eject.spreadsheet.file import put_number, saved

MOST_ROWS, MOST_COLUMNS, LONGEST = 1_048_576, 16_384, 32_767  # of a sheet, of a cell's text


def as_parquet(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """Columns of one type each as a Parquet file."""
    import narwhals as nw

    types = {int: nw.Int64(), float: nw.Float64(), bool: nw.Boolean()}

    def dtype(value: Any) -> Any:
        if isinstance(value, datetime):
            return nw.Datetime("us", None if value.tzinfo is None else str(value.tzinfo))
        return nw.Date() if isinstance(value, date) else types.get(type(value), nw.String())

    schema = {
        name: dtype(next((value for value in column if value is not None), "")) for name, column in columns.items()
    }
    backend: Any = parquet_library()
    file = io.BytesIO()
    nw.from_dict(dict(columns), schema, backend=backend).write_parquet(file)
    return file.getvalue()


def as_xlsx(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """Columns as a sheet, the same bytes for the same columns.

    Raises
    ------
    ImportError
        openpyxl is not installed.
    DataError
        A sheet cannot hold them.
    """
    need("Excel files", "openpyxl", "xlsx")
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    check_sheet(columns)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("rows")

    def cell(value: Any) -> Any:
        made = WriteOnlyCell(sheet, value.isoformat() if is_beyond_excel(value) else value)
        if isinstance(value, str):
            made.data_type = "s"  # also where it begins as a formula does
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            put_number(made, float(value))
        return made

    sheet.append(list(map(cell, columns)))
    for row in zip(*map(without_midnights, columns.values()), strict=True):
        sheet.append(list(map(cell, row)))
    return saved(book)


def is_beyond_excel(value: Any) -> bool:
    """Whether a value is a date that a sheet cannot hold as such: one before 1900, or with a time zone."""
    return isinstance(value, date) and (value.year < 1900 or (isinstance(value, datetime) and value.tzinfo is not None))


def without_midnights(column: Sequence[Any]) -> Sequence[Any]:
    """Dates without their times where all of these are 0:00, as a sheet has dates: it then shows none."""
    present = [value for value in column if value is not None]
    if present and all(isinstance(value, datetime) and value.timetz() == time() for value in present):
        return [None if value is None else value.date() for value in column]
    return column


def check_sheet(columns: Mapping[str, Sequence[Any]]) -> None:
    """DataError for what a sheet cannot hold, before it is begun: one that is left half written complains."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    count = len(next(iter(columns.values())))
    if count + 1 > MOST_ROWS or len(columns) > MOST_COLUMNS:
        raise DataError(
            f"{count:,} rows and {len(columns):,} columns are more than a sheet of Excel holds ({MOST_ROWS - 1:,} and "
            f"{MOST_COLUMNS:,}); write .csv or .parquet"
        )
    for name, column in columns.items():
        for row, value in enumerate((name, *column)):
            if isinstance(value, str) and len(value) > LONGEST:
                raise DataError(
                    f"row {row}, column {name!r}: a text of {len(value):,} letters; Excel holds {LONGEST:,}"
                )
            if isinstance(value, str) and ILLEGAL_CHARACTERS_RE.search(value):
                raise DataError(f"row {row}, column {name!r}: {value!r} has a character that Excel cannot hold")
