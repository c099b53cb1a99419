"""How a table is named on the command line: a built-in name, a file (CSV, JSON, Parquet, Excel), or - for stdin."""

from __future__ import annotations

import errno
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from glassnet import datasets
from glassnet.cli.again import CSV_OPTIONS
from glassnet.cli.failures import Usage
from glassnet.data.files.pipes import open_to_read
from glassnet.data.streams.parquet_parts import ParquetParts
from glassnet.data.streams.source import How
from glassnet.data.streams.stream import SHARE, TIMES, Stream, bytes_in, streamed
from glassnet.data.tables import DataContract, Table
from glassnet.data.tables.cells import MISSING_WORDS
from glassnet.data.tables.csv_files import check_delimiter, read_csv
from glassnet.data.tables.frame_files import frame_rows, is_frame_file
from glassnet.data.tables.json_files import is_json, json_rows
from glassnet.data.tables.notation import PLAIN, Notation
from glassnet.data.tables.reading import read_frame_file, read_json
from glassnet.data.tables.text_lines import GZIP_MAGIC, LONGEST_LINE
from glassnet.data.tables.verbatim import Verbatim, csv_rows
from glassnet.data.tables.wording import nearest
from glassnet.datasets.by_name import rows_of
from glassnet.engines.free_memory import free_memory
from glassnet.errors import DataError
from glassnet.model.model import Model

TARGETS = {name: "species" if name == "penguins" else "y" for name in datasets.NAMES}


@dataclass(frozen=True)
class Given:
    """A table, and where its rows stand as they were given: text that no reading has changed."""

    table: Table
    verbatim: Callable[[], Verbatim]


@dataclass(frozen=True, kw_only=True)
class Csv:
    """What is said of a CSV file on the command line; None: as `read_csv` finds it, or as a model has its numbers."""

    delimiter: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    missing: list[str] | None = None
    encoding: str | None = None

    @property
    def given(self) -> list[str]:
        """The options that are given."""
        return [f"--{option.name}" for option in fields(self) if getattr(self, option.name) not in (None, [])]

    @property
    def delimiter_sign(self) -> str | None:
        """What separates cells; a tab may be given by its name."""
        return {"tab": "\t", "\\t": "\t"}.get(self.delimiter or "", self.delimiter)

    def notation(self, usual: Notation) -> Notation:
        """How the file writes numbers; what is not said is as usual, unless that does not go with what is."""
        thousands = None if self.thousands == "none" else self.thousands
        if self.decimal is None:
            return Notation(usual.decimal, thousands if self.thousands else usual.thousands)
        same = usual.thousands if usual.thousands != self.decimal else None
        return Notation(self.decimal, thousands if self.thousands else same)

    def how(self, usual: Notation = PLAIN) -> How:
        """How a table is read part by part."""
        return How(
            missing=(*MISSING_WORDS, *(self.missing or ())),
            notation=self.notation(usual),
            delimiter=self.delimiter_sign,
            encoding=self.encoding or "utf-8",
        )


UNSAID = Csv()


@contextmanager
def open_table(name: str, csv: Csv = UNSAID, silent: bool = False, usual: Notation = PLAIN) -> Iterator[Given]:
    """The table of that name.

    A large one has a line on the terminal that says how far it is, unless `silent`. `usual` is how a model that reads
    the table has its numbers.

    Raises
    ------
    Usage
        Options for CSV files were given for another table.
    OSError
        There is no such file and no such table.
    DataError
        It is not a table.
    """
    given = csv.given
    if name in datasets.NAMES:
        if given:
            raise Usage(
                f"{name} is a built-in table and no CSV file, so {listed_options(CSV_OPTIONS)} do not apply; a file of "
                f"that name is {os.path.join(os.curdir, name)}"
            )
        table = datasets.named(name)
        yield Given(table, partial(rows_of, name))
        return
    if name != "-" and not os.path.lexists(name) and Path(name).name == name and "." not in name:
        raise FileNotFoundError(errno.ENOENT, unknown(name), name)
    words = (*MISSING_WORDS, *(csv.missing or ()))
    with as_file(name, cut=csv.encoding is None) as path:
        if is_json(path):
            if {"--delimiter", "--decimal", "--thousands"} & {*given}:
                raise Usage(f"{name} is JSON and no CSV file, so --delimiter, --decimal and --thousands do not apply")
            table = read_json(path, missing=words, encoding=csv.encoding or "utf-8")
            yield Given(table, partial(json_rows, path, csv.encoding or "utf-8"))
            return
        if is_frame_file(path):
            if {*given} - {"--missing"}:
                others = [option for option in CSV_OPTIONS if option != "--missing"]
                raise Usage(f"{name} is no CSV file, so {listed_options(others)} do not apply")
            yield Given(read_frame_file(path, missing=words), partial(frame_rows, path))
            return
        if json_suffix(path):
            raise DataError(f"{name} begins as JSON does; such a table has a name in .json, or .jsonl: a record a line")
        notation = csv.notation(usual)
        how: dict[str, Any] = {
            "delimiter": csv.delimiter_sign,
            "encoding": csv.encoding or "utf-8",
        }
        progress = False if silent else None
        signs: dict[str, Any] = {"decimal": notation.decimal, "thousands": notation.thousands}
        table = read_csv(path, missing=words, progress=progress, **signs, **how)
        yield Given(table, partial(csv_rows, path, notation=notation, **how))


def stream_at(name: str, csv: Csv, memory: str | None, usual: Notation = PLAIN) -> Stream | None:
    """What is read part by part: a folder, a pattern, a file that would take too much memory; None: another table.

    Raises
    ------
    Usage
        Options for CSV files were given for Parquet.
    DataError, OSError
        There are no files, or not of one kind.
    ValueError
        The memory is no number of bytes.
    """
    if memory is not None:
        bytes_in(memory)
    if name in datasets.NAMES or name == "-":
        return None
    found = streamed(name, memory, free_memory)
    if found is None:
        return None
    if isinstance(found.source, ParquetParts) and {*csv.given} - {"--missing"}:
        others = [option for option in CSV_OPTIONS if option != "--missing"]
        raise Usage(f"{name} is no CSV file, so {listed_options(others)} do not apply")
    how = csv.how(usual)
    check_delimiter(how.delimiter, how.notation.decimal)
    return replace(found, how=how)


def read_table(name: str, csv: Csv = UNSAID, silent: bool = False, usual: Notation = PLAIN) -> Table:
    """The table of that name, as `open_table` finds it."""
    with open_table(name, csv, silent, usual) as given:
        return given.table


def listed_options(names: Iterable[str]) -> str:
    """`--a, --b and --c`."""
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


@contextmanager
def as_file(name: str, cut: bool = False) -> Iterator[Path]:
    """A file that can be read more than once: standard input and pipes are copied for as long as that takes.

    With `cut` no more is copied than the beginning of what cannot be text, which is enough to say so.
    """
    if name != "-" and (not os.path.exists(name) or os.path.isfile(name) or os.path.isdir(name)):
        yield Path(name)
        return
    # Windows does not delete a file that somebody still reads
    with tempfile.TemporaryDirectory(prefix="glassnet-", ignore_cleanup_errors=True) as folder:
        path = Path(folder, "stdin" if name == "-" else Path(name).name)
        with open(path, "wb") as file, opened(name) as stream:
            copy(stream, file, name, cut and not is_frame_file(path))
        yield path if path.suffix else path.rename(path.with_suffix(json_suffix(path)))


BLOCK = 1 << 16  # bytes copied at a time


def copy(stream: Any, file: Any, name: str, cut: bool) -> None:
    """Copy what comes to a file; DataError for more than a table in memory can be made of."""
    most, copied = int(SHARE * free_memory() / TIMES["CSV"]), 0
    while block := stream.read(BLOCK):
        file.write(block)
        copied += len(block)
        if copied == len(block) and cut and b"\0" in block and not block.startswith(GZIP_MAGIC):
            return
        if copied > most:
            what = "standard input" if name == "-" else name
            raise DataError(
                f"{what} gave more than {most / 1e9:.3g} GB, of which a table takes more memory than is free; save it "
                "in a file, which is read part by part"
            )


def opened(name: str) -> AbstractContextManager[Any]:
    """Standard input, or a pipe by its name."""
    if name != "-":
        return open_to_read(name)
    if sys.stdin is None or sys.stdin.closed:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), "standard input")
    if sys.stdin.isatty():
        sys.stderr.write("reading CSV from the terminal; Ctrl-D ends it\n")
    return nullcontext(sys.stdin.buffer)


def json_suffix(path: Path) -> str:
    """What the name of a file that has none would end in, if it begins as records in JSON do and as no CSV does."""
    with open(path, "rb") as file:
        start = next((line for line in iter(partial(file.readline, LONGEST_LINE), b"") if line.strip()), b"")
    if not re.match(rb'(\xef\xbb\xbf)?\s*(\[\s*(\{|\[\s*(["\d\[\]{-]|$)|\]?\s*$)|\{\s*(["}]|$))', start):
        return ""
    try:
        return ".jsonl" if isinstance(json.loads(start), dict) else ".json"
    except ValueError:
        return ".json"


def unknown(name: str) -> str:
    """Why a name is no table."""
    near = nearest(name, datasets.NAMES)
    known = f"did you mean {near[0]}" if near else f"the built-in ones are {', '.join(datasets.NAMES)}"
    return f"no such file, and no built-in table ({known})"


def stem(name: str) -> str:
    """What files made from a table are called: `data/wine.csv.gz` gives `wine`, `logs/part-*.csv` gives `part`."""
    if name == "-":
        return "stdin"
    plain = Path(re.sub(r"[*?\[\]]+", "", Path(name).name.removesuffix(".gz"))).stem.strip("-_.")
    return plain or re.sub(r"[*?\[\]]+", "", Path(name).parent.name) or "table"


def contract_of(model: Model, path: Path) -> DataContract:
    """What the model knows about tables; DataError for one that was trained on arrays."""
    if not isinstance(model.contract, DataContract):
        raise DataError(
            f"{path} was trained on arrays, whose columns have no names, so it cannot read a table; "
            f'use it in Python: gn.load("{path}").predict(X)'
        )
    return model.contract


def usual_in(model: Model) -> Notation:
    """How the tables of a model write numbers."""
    return model.contract.notation if isinstance(model.contract, DataContract) else PLAIN


def remarks_on(contract: DataContract, rows: Table) -> list[str]:
    """What is unusual about rows whose target need not be known."""
    target = contract.target.name
    return contract.remarks(rows.select([name for name in rows.names if name != target] or rows.names))
