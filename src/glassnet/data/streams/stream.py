"""A table that is read part by part, as people name it: `glassnet.stream`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any, ClassVar

from glassnet.data.files.path import path_of
from glassnet.data.files.pipes import is_named_pipe
from glassnet.data.streams.named import is_many, kind, source_of
from glassnet.data.streams.source import How, Source
from glassnet.data.tables.cells import MISSING_WORDS, missing_words
from glassnet.data.tables.csv_files import check_delimiter
from glassnet.data.tables.notation import PLAIN, Notation
from glassnet.data.tables.text_lines import codec_of
from glassnet.parts.naming import whole_of

TIMES = {"Parquet": 6.0, "CSV": 4.0, "packed": 20.0}  # bytes of memory that training takes for each of a file
SHARE = 0.6  # of the memory that is free, which a table may take
UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


@dataclass(frozen=True, eq=False, repr=False)
class Stream:
    """A table that is read part by part.

    Attributes
    ----------
    source, how
        What is read, and how.
    folder
        Where what is learnt from is put away, encoded, while training lasts; None: where temporary files go.
    """

    source: Source
    how: How
    _: KW_ONLY
    folder: Path | None = None
    is_read_part_by_part: ClassVar[bool] = True

    def __repr__(self) -> str:
        return f"stream of {self.source.name}"


def stream(
    data: Any,
    *,
    folder: str | os.PathLike[str] | None = None,
    delimiter: str | None = None,
    decimal: str = ".",
    thousands: str | None = None,
    missing: Iterable[str] = MISSING_WORDS,
    encoding: str = "utf-8",
) -> Stream:
    """A table that does not have to fit into memory, for `train` in the place of X.

        gn.train(network, gn.stream("flights/*.parquet"), target="delay", epochs=3, validation=0.01)

    It is read twice: first means, spreads and categories are learnt from the rows to train on, then these are written,
    as the network takes them, into a temporary folder, from which training reads block by block. Means and spreads are
    exact; medians and quartiles are those of a sample of up to 131,072 rows, which are all where there are no more. A
    block holds rows from all over the table, others in each epoch, in a new order.

    Rows are held out by a number drawn for their places, each with the chance that `validation` says, whatever files
    they are in. Of those 65,536 at most are measured after each epoch.

    Parameters
    ----------
    data
        The path of a Parquet or CSV file (.csv, .tsv, .txt, plain or .gz); a folder of such files, a pattern,
        "logs/*.parquet", or a list of paths, which are one table, in the order of their names; a lazy frame of polars,
        a dataset of pyarrow, a data frame of Dask; or a table in memory. Parquet takes pyarrow (extra "big").
    folder
        Where temporary files go: about as much as the table takes encoded, of CSV twice that.
    delimiter, decimal, thousands, missing, encoding
        How CSV files are written, as `read_csv` has it.

    Raises
    ------
    DataError
        There is no such table.
    FileNotFoundError
        There is no such file.
    ValueError, TypeError
        An option makes no sense.
    """
    missing = tuple(missing_words(missing))
    codec_of(encoding)
    check_delimiter(delimiter, decimal)
    how = How(missing=missing, notation=Notation(decimal, thousands), delimiter=delimiter, encoding=encoding)
    return Stream(source_of(data), how, folder=None if folder is None else path_of(folder, "folder"))


def streamed(data: Any, memory: str | int | None, free: Callable[[], int], notation: Notation = PLAIN) -> Stream | None:
    """What is read part by part of what was given to train on; None: it is read whole.

    That is a stream, a folder, a pattern, a lazy frame, and a file whose table would take more than `memory`, or more
    than three fifths of the bytes that are `free` where nothing is said.
    """
    most = None if memory is None else bytes_in(memory)
    if isinstance(data, Stream):
        return data
    if is_many(data):
        return Stream(source_of(data), How(notation=notation))
    if not isinstance(data, (str, os.PathLike)) or is_named_pipe(data) or not os.path.isfile(data):
        return None
    path = Path(data)
    if not (of := kind(path)):
        return None
    takes = path.stat().st_size * TIMES["packed" if path.suffix.lower() == ".gz" else of]
    if takes <= (SHARE * free() if most is None else most):
        return None
    return Stream(source_of(path), How(notation=notation))


def bytes_in(memory: str | int) -> int:
    """A number of bytes, as a number or as people write it.

    >>> bytes_in("500MB"), bytes_in("1.5 GB"), bytes_in(1024)
    (500000000, 1500000000, 1024)
    """
    whole = whole_of(memory)
    if whole is not None and whole > 0:
        return whole
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kKMGT]?)(?:i?B)?\s*", memory) if isinstance(memory, str) else None
    if found is None or not 0 < float(found[1]) < 1e18:
        raise ValueError(f'memory must be a number of bytes > 0, or text such as "500MB" or "2 GB", got {memory!r:.60}')
    return int(float(found[1]) * UNITS[found[2].replace("K", "k")])
