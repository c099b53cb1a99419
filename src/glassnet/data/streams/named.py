"""Which source a path, a folder, a pattern of names or a frame is."""

from __future__ import annotations

import errno
import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from glassnet.data.files.path import path_of
from glassnet.data.streams.csv_parts import CsvParts
from glassnet.data.streams.frame_parts import FrameParts, TableParts, is_lazy, kind_of, native
from glassnet.data.streams.parquet_parts import ParquetParts
from glassnet.data.streams.source import Source
from glassnet.data.tables.frame_files import PARQUET, is_frame_file
from glassnet.data.tables.json_files import is_json
from glassnet.data.tables.reading import as_table
from glassnet.data.tables.wording import counted, listed
from glassnet.errors import DataError

TEXTS = (".csv", ".tsv", ".txt")


def source_of(data: Any) -> Source:
    """What is to be read part by part.

    Parameters
    ----------
    data
        The path of a Parquet or CSV file; a folder of such files, or a pattern, `logs/*.parquet`, or a list of paths,
        read as one table in the order of their names (of a list in its order); a lazy frame of polars, a dataset of
        pyarrow, a data frame of Dask; or a table in memory.

    Raises
    ------
    DataError
        There is no such file among them, or files of different kinds.
    FileNotFoundError
        There is no such path.
    """
    if isinstance(data, (list, tuple)):
        return files_of([path_of(path, "a path of the list") for path in data], f"{len(data)} files")
    if isinstance(data, (str, os.PathLike)):
        return at_path(os.fspath(data))
    if is_lazy(data):
        frame = native(data)
        return FrameParts(f"the {kind_of(frame).partition('.')[2]}", frame)
    return TableParts(as_table(data))


def is_many(data: Any) -> bool:
    """Whether it is a folder, a pattern, a list of paths or a lazy frame: what is always read part by part."""
    if isinstance(data, (list, tuple)):
        return bool(data) and all(isinstance(path, (str, os.PathLike)) for path in data)
    if isinstance(data, (str, os.PathLike)):
        text = os.fspath(data)
        return os.path.isdir(text) or (not os.path.lexists(text) and glob.has_magic(text))
    return is_lazy(data)


def at_path(text: str) -> Source:
    """A file, a folder's files, or those of a pattern."""
    path = Path(text)
    if path.is_dir():
        own = sorted(item for item in path.iterdir() if item.name[0] not in "._")
        there, folders = [item for item in own if item.is_file()], [item.name for item in own if item.is_dir()]
        if folders:
            raise DataError(
                f"{text} has folders in it, {listed(folders)}; a pattern says which files are read: "
                f"{os.path.join(text, '**', '*.parquet')}"
            )
        if not there:
            raise DataError(f"{text} is a folder without files; a table is in Parquet or CSV files")
        known = [item for item in there if kind(item)]
        if not known:
            raise DataError(f"{text} has no Parquet or CSV file, but {listed([item.name for item in there])}")
        return files_of(known, f"{path.name or text}/")
    if os.path.lexists(text) or not glob.has_magic(text):
        path.stat()  # FileNotFoundError
        return files_of([path], path.name)
    found = sorted(name for name in glob.glob(text, recursive=True) if os.path.isfile(name))
    if not found:
        raise FileNotFoundError(errno.ENOENT, "no file matches the pattern", text)
    return files_of([Path(item) for item in found], text)


def files_of(paths: Sequence[Path], name: str) -> Source:
    """Files of one kind as one table; the paths are those that are there now."""
    if not paths:
        raise DataError("no file was named; a table is in Parquet or CSV files")
    kinds = {kind(path) for path in paths}
    if "" in kinds:
        odd = next(path for path in paths if not kind(path))
        what = "is read whole and not part by part" if is_json(odd) or is_frame_file(odd) else "has another ending"
        raise DataError(f"{odd.name} {what}; files in {PARQUET} or {', '.join(TEXTS)}, plain or .gz, are")
    if len(kinds) > 1:
        raise DataError(f"{name} has files of two kinds, {listed(sorted(kinds))}; a pattern picks those of one, *.csv")
    if len(paths) > 1:
        name = f"{name} ({counted(len(paths), 'file')})"
    return (ParquetParts if kinds == {"Parquet"} else CsvParts)(name, tuple(path.absolute() for path in paths))


def kind(path: Path) -> str:
    """Parquet or CSV, by the name; empty: neither."""
    ending = Path(path.name.lower().removesuffix(".gz")).suffix
    if ending == PARQUET:
        return "" if path.name.lower().endswith(".gz") else "Parquet"
    return "CSV" if ending in TEXTS else ""
