"""Tables in Parquet and Excel files, read by the library that is installed for it.

Such files know types: text stays words, also where it looks like numbers, and a whole number of 18 digits stays whole.
"""

from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.tables.cells import number_text
from glassnet.data.tables.text_lines import EXCEL_MAGIC, PARQUET_MAGIC
from glassnet.data.tables.verbatim import Cell, Number, Row, Verbatim
from glassnet.errors import DataError, need

PARQUET, EXCEL = ".parquet", ".xlsx"
BACKENDS = {"polars": ("polars",), "pyarrow": ("pyarrow",), "pandas": ("pandas", "fastparquet")}


def is_frame_file(path: Path) -> bool:
    """Whether a file's name says that it is Parquet or Excel."""
    return path.suffix.lower() in (PARQUET, EXCEL)


def parquet_library() -> str:
    """The library that reads and writes Parquet; ImportError where there is none."""
    for name, modules in BACKENDS.items():
        if all(find_spec(module) is not None for module in modules):
            return name
    raise ImportError("Parquet files need polars, pyarrow, or pandas with fastparquet: pip install polars")


def frame_of(path: Path) -> Any:
    """What is in a file: a data frame of the library that reads Parquet, or the columns of a sheet by name.

    Raises
    ------
    DataError
        The file is not what its name says.
    ImportError
        No library reads it; the message says which would.
    OSError
        The file cannot be opened.
    """
    with open(path, "rb") as file:
        start = file.read(4)
    kind = "Parquet" if path.suffix.lower() == PARQUET else "Excel"
    if start != (PARQUET_MAGIC if kind == "Parquet" else EXCEL_MAGIC):
        raise DataError(f"{path.name} is not {kind}, as its name says; it begins with {start!r}")
    try:
        return parquet_frame(path) if kind == "Parquet" else excel_columns(path)
    except (ImportError, DataError, MemoryError):
        raise
    except Exception as error:  # whatever a damaged file does to its reader
        raise DataError(f"{path.name} cannot be read as {kind}: {error}; save it again") from None


def parquet_frame(path: Path) -> Any:
    """A Parquet file as a data frame."""
    backend: Any = parquet_library()
    import narwhals as nw

    return nw.read_parquet(path, backend=backend).to_native()


def excel_columns(path: Path) -> dict[str, list[object]]:
    """The columns of a workbook's first sheet, whose first row names them."""
    need("Excel files", "openpyxl", "xlsx")
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        rows = [row for row in book.worksheets[0].iter_rows(values_only=True) if any(cell is not None for cell in row)]
    finally:
        book.close()
    if not rows:
        raise DataError(f"{path.name} is empty: no header and no rows; the first row must name the columns")
    width = max(k for k, cell in enumerate(rows[0], 1) if cell is not None)
    header = ["" if cell is None else str(cell) for cell in rows[0][:width]]
    for k, name in enumerate(header):
        if not name.strip() or name in header[:k]:
            twice = f"is {name!r}, and so is another; rename one"
            what = twice if name.strip() else "has no name; every column needs one"
            raise DataError(f"{path.name}: column {k + 1} of the header {what}")
    cells = [(*row[:width], *[None] * (width - len(row))) for row in rows[1:]]
    return {name: [row[k] for row in cells] for k, name in enumerate(header)}


def frame_rows(path: Path) -> Verbatim:
    """The rows of a file as they stand in it."""
    import narwhals as nw

    found = frame_of(path)
    frame = None if isinstance(found, dict) else nw.from_native(found, eager_only=True)
    columns = found if frame is None else {name: frame[name].to_list() for name in frame.columns}
    values = zip(*columns.values(), strict=True)
    rows: Iterator[Row] = (Row(k, None, tuple(map(cell_of, row))) for k, row in enumerate(values, 1))
    return Verbatim(tuple(columns), ",", None, rows)


def cell_of(value: Any) -> Cell:
    """A value as it is written: numbers with all their digits."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, date):
        return value if value == value else None  # pandas' NaT is a date, and not itself
    if isinstance(value, (float, np.floating)):
        return Number(number_text(float(value))) if value == value else None
    return Number(value) if isinstance(value, (int, np.integer)) else str(value)
