"""Tables in Parquet and Excel files, read by the library that is installed for it.

Such files know types: text stays words, also where it looks like numbers, and a whole number of 18 digits stays whole.
"""

import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from glassnet.data.files.pipes import is_named_pipe
from glassnet.data.tables.cells import number_text
from glassnet.data.tables.text_lines import EXCEL_MAGIC, PARQUET_MAGIC, RATIO_LIMIT, UNPACKED_LIMIT
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

    Errors are those of `read_by_kind`.
    """
    return read_by_kind(path, parquet_frame, excel_columns)


def names_of(path: Path) -> list[str]:
    """The names of the columns in a file; errors are those of `read_by_kind`."""
    return read_by_kind(path, parquet_names, excel_names)


Read = TypeVar("Read")


def read_by_kind(path: Path, parquet: Callable[[Path], Read], excel: Callable[[Path], Read]) -> Read:
    """What is read from a file by the reader for its kind.

    Raises
    ------
    DataError
        The file is not what its name says.
    ImportError
        No library reads it; the message says which would.
    OSError
        The file cannot be opened.
    """
    if is_named_pipe(path):
        raise DataError(f"{path.name} is a named pipe, from which CSV and JSON are read; save the table in a file")
    with open(path, "rb") as file:
        start = file.read(4)
    kind = "Parquet" if path.suffix.lower() == PARQUET else "Excel"
    if start != (PARQUET_MAGIC if kind == "Parquet" else EXCEL_MAGIC):
        why = f"it begins with {start!r}" if start else "it is empty"
        raise DataError(f"{path.name} is not {kind}, as its name says; {why}")
    try:
        return parquet(path) if kind == "Parquet" else excel(path)
    except (ImportError, DataError, MemoryError):
        raise
    except Exception as error:  # whatever a damaged file does to its reader
        raise DataError(f"{path.name} cannot be read as {kind}: {error}; save it again") from None


def parquet_frame(path: Path) -> Any:
    """A Parquet file as a data frame."""
    backend: Any = parquet_library()
    import narwhals as nw

    check_unpacked(path, bytes_in_memory(path, backend), "give the folder it is in, which is read part by part")
    return nw.read_parquet(path, backend=backend).to_native()


def parquet_names(path: Path) -> list[str]:
    """The names of the columns in a Parquet file."""
    import narwhals as nw

    return list(nw.from_native(parquet_frame(path), eager_only=True).columns)


def bytes_in_memory(path: Path, backend: str) -> int:
    """What the numbers of a Parquet file take when it is read whole, by what the file says; 0: nobody can tell."""
    if backend == "polars":
        import polars as pl

        lazy = pl.scan_parquet(path)
        return 8 * len(lazy.collect_schema()) * int(lazy.select(pl.len()).collect().item())
    if backend == "pyarrow":
        told = import_module("pyarrow.parquet").read_metadata(path)
        return 8 * int(told.num_columns) * int(told.num_rows)
    return 0


def check_unpacked(path: Path, unpacked: int, remedy: str) -> None:
    """Refuse a small file that becomes a huge one, before it does; the remedy is for one that is wanted."""
    packed = path.stat().st_size
    if unpacked > max(UNPACKED_LIMIT, RATIO_LIMIT * packed):
        raise DataError(
            f"{path.name} is {packed:,} bytes and unpacks to {unpacked:,}, more than {RATIO_LIMIT} times as many; if "
            f"you trust it, {remedy}"
        )


def excel_columns(path: Path) -> dict[str, list[object]]:
    """The columns of a workbook's first sheet, whose first row names them."""
    with closing(sheet_rows(path)) as rows:
        header = header_in(rows, path)
        width = len(header)
        cells = [(*row[:width], *[None] * (width - len(row))) for row in rows]
    return {name: [row[k] for row in cells] for k, name in enumerate(header)}


def excel_names(path: Path) -> list[str]:
    """The names in the first row of a workbook's first sheet."""
    with closing(sheet_rows(path)) as rows:
        return header_in(rows, path)


def header_in(rows: Iterator[tuple[Any, ...]], path: Path) -> list[str]:
    """The names of columns, in the first of the rows, which is taken."""
    first = next(rows, None)
    if first is None:
        raise DataError(f"{path.name} is empty: no header and no rows; the first row must name the columns")
    width = max(k for k, cell in enumerate(first, 1) if cell is not None)
    header = ["" if cell is None else str(cell) for cell in first[:width]]
    for k, name in enumerate(header):
        if not name.strip() or name in header[:k]:
            twice = f"is {name!r}, and so is another; rename one"
            what = twice if name.strip() else "has no name; every column needs one"
            raise DataError(f"{path.name}: column {k + 1} of the header {what}")
    return header


def sheet_rows(path: Path) -> Generator[tuple[Any, ...]]:
    """The rows of a workbook's first sheet that are not empty."""
    need("Excel files", "openpyxl", "xlsx")
    from openpyxl import load_workbook

    with zipfile.ZipFile(path) as archive:
        check_unpacked(path, sum(item.file_size for item in archive.infolist()), "save it as CSV")
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says its size is may be less than there is
        for row in sheet.iter_rows(values_only=True):
            if any(cell is not None for cell in row):
                yield row
    finally:
        book.close()


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
