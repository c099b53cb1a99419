"""Lazy frames of polars, datasets of pyarrow, frames of Dask part by part, and tables that are in memory already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np

from glassnet.data.streams.parts import Kinds, asked_for, with_others
from glassnet.data.streams.source import How, Tell, rows_of_part
from glassnet.data.tables.reading import table_of_frame
from glassnet.data.tables.table import Table, check_finite
from glassnet.errors import DataError


@dataclass(frozen=True, eq=False)
class FrameParts:
    """What a library hands out in batches: each time the same rows in the same order, or what is learnt is wrong."""

    name: str
    frame: Any
    size = 0
    is_quick = False

    def stamp(self) -> str:
        """Nobody knows whether what is behind it was changed."""
        return ""

    def parts(self, how: How, tell: Tell) -> Iterator[Table]:
        """As `Source` says."""
        kinds, row = Kinds(frozenset()), 0
        for batch in read_by(batches_of(self.frame), self.name):
            if not len(batch):
                continue
            names = list(batch.column_names if hasattr(batch, "column_names") else batch.columns)  # of pyarrow; others
            asked = asked_for(how, names)
            asked_of = batch[list(asked)] if hasattr(batch, "iloc") else batch.select(asked)  # of pandas; others
            part = with_others(table_of_frame(asked_of, how.missing, self.name), names)
            part = replace(part, lines=np.arange(row + 1, row + len(part) + 1))
            check_finite(part)
            kinds.check(part, "the rows before")
            row += len(part)
            yield part
        if not row:
            raise DataError(f"{self.name} has no rows; at least one row is needed")


@dataclass(frozen=True, eq=False)
class TableParts:
    """A table in memory."""

    table: Table
    size = 0
    is_quick = True

    @property
    def name(self) -> str:
        """What it was read from."""
        return self.table.source

    def stamp(self) -> str:
        """It does not change."""
        return ""

    def parts(self, how: How, tell: Tell) -> Iterator[Table]:
        """As `Source` says."""
        size = rows_of_part(len(self.table.columns))
        for low in range(0, len(self.table), size):
            yield self.table.between(low, low + size)


def is_lazy(data: object) -> bool:
    """Whether it is a lazy frame of polars, a dataset of pyarrow or a frame of Dask, by itself or held by narwhals."""
    return kind_of(native(data)) in BATCHES


def native(data: Any) -> Any:
    """What narwhals holds; anything else as it is."""
    return data.to_native() if type(data).__module__.startswith("narwhals") else data


def kind_of(data: object) -> str:
    """`polars.LazyFrame`, without the library's own folders."""
    return f"{type(data).__module__.partition('.')[0]}.{type(data).__name__}"


def read_by(batches: Iterator[Any], name: str) -> Iterator[Any]:
    """The same; what a library raises on the way is a DataError."""
    while True:
        try:
            batch = next(batches, None)
        except (MemoryError, ImportError):
            raise
        except Exception as error:
            raise DataError(f"{name} cannot be read: {type(error).__name__}: {error}") from None
        if batch is None:
            return
        yield batch


def batches_of(frame: Any) -> Iterator[Any]:
    """A lazy frame's rows, some at a time."""
    return BATCHES[kind_of(frame)](frame)


def _of_polars(frame: Any) -> Iterator[Any]:
    if not hasattr(frame, "collect_batches"):
        raise ImportError("a lazy frame is read part by part by polars from 1.34 on: pip install -U polars")
    size = rows_of_part(len(frame.collect_schema()))
    yield from frame.collect_batches(chunk_size=size, maintain_order=True)


def _of_pyarrow(dataset: Any) -> Iterator[Any]:
    pyarrow, ds = import_module("pyarrow"), import_module("pyarrow.dataset")
    more = {}
    if getattr(getattr(dataset, "format", None), "default_extname", "") == "parquet":
        more["fragment_scan_options"] = ds.ParquetFragmentScanOptions(pre_buffer=False, use_buffered_stream=True)
    size = rows_of_part(len(dataset.schema.names))
    for batch in dataset.to_batches(batch_size=size, batch_readahead=1, fragment_readahead=1, **more):
        yield pyarrow.Table.from_batches([batch])


def _of_dask(frame: Any) -> Iterator[Any]:
    size = rows_of_part(len(frame.columns))
    for number in range(frame.npartitions):
        partition = frame.partitions[number].compute()
        for low in range(0, len(partition), size):
            yield partition.iloc[low : low + size]


BATCHES = {
    "polars.LazyFrame": _of_polars,
    "pyarrow.FileSystemDataset": _of_pyarrow,
    "pyarrow.UnionDataset": _of_pyarrow,
    "pyarrow.InMemoryDataset": _of_pyarrow,
    "dask.DataFrame": _of_dask,
}
