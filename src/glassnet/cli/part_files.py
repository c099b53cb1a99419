"""Rows that are written part by part: into a file that appears when all of them are there, or to stdout."""

from __future__ import annotations

import gzip
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, cast

from glassnet.cli.failures import Usage, cannot_write
from glassnet.cli.outputs import begins, check_output, first_line
from glassnet.cli.rows import Rows, as_csv, as_json
from glassnet.cli.screen import put
from glassnet.data.files.atomic import open_atomically
from glassnet.errors import need

KINDS = ("csv", "tsv", "jsonl", "parquet")
GROUP = 1 << 24  # bytes of a row group of Parquet, about


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where rows go.

    Attributes
    ----------
    path
        The file; None: stdout.
    kind
        "csv", "tsv", "jsonl" or "parquet".
    force
        Whether a file of another kind may be replaced.
    """

    path: Path | None
    kind: str
    force: bool = False

    @classmethod
    def of(cls, output: str, kind: str, force: bool, json: bool) -> Target:
        """Where an option says; Usage for a kind that needs all rows at once."""
        if json:
            raise Usage("--json gives all rows at once; a large table goes into .csv, .jsonl or .parquet with --output")
        if kind not in KINDS:
            raise Usage(f"--output in .{kind} holds all rows at once; a large table goes into .csv, .jsonl or .parquet")
        if kind == "parquet":
            need("writing Parquet part by part", "pyarrow", "big")
        target = cls(path=None if output == "-" else Path(output), kind=kind, force=force)
        target.check(lambda path: True)  # a closed door is no surprise at the end
        return target

    def check(self, is_earlier: Callable[[Path], bool]) -> None:
        """OSError where the file cannot be written, or is something else."""
        if self.path is not None:
            check_output(self.path, is_earlier, "an earlier result of this command", self.force)

    @contextmanager
    def text(self) -> Iterator[TextParts]:
        """What takes rows as text. Where the block raises, nothing is written, and nothing comes to stdout."""
        with self.file() as file:
            if self.path is None or self.path.suffix != ".gz":
                yield TextParts(self, file)
                return
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
                yield TextParts(self, cast(BinaryIO, packed))

    @contextmanager
    def parquet(self) -> Iterator[ParquetParts]:
        """The same for tables of pyarrow."""
        with self.file() as file:
            parts = ParquetParts(self, file)
            yield parts
            parts.close()

    @contextmanager
    def file(self) -> Iterator[BinaryIO]:
        """A file that takes its name, or goes to stdout, when the block has ended."""
        if self.path is None:
            with tempfile.TemporaryFile() as temporary:
                yield cast(BinaryIO, temporary)
                temporary.seek(0)
                to_stdout(cast(BinaryIO, temporary))
            return
        try:
            with open_atomically(self.path) as file:
                yield file
        except OSError as error:  # of reading what is predicted, or of writing
            is_said = getattr(error, "writing", False) or error.filename != str(self.path)
            if error.errno is None or is_said:
                raise
            raise cannot_write(error.errno, self.path) from None


def to_stdout(file: BinaryIO) -> None:
    """A file's content, as `put` has it."""
    if sys.stdout.isatty():
        text = TextIOWrapper(file, encoding="utf-8", newline="")
        while chunk := text.read(1 << 16):
            put(chunk)
        text.detach()
        return
    sys.stdout.flush()
    shutil.copyfileobj(file, sys.stdout.buffer)
    sys.stdout.buffer.flush()


@dataclass(eq=False)
class TextParts:
    """Rows as CSV or JSON; the first ones say whether a file that is there may be replaced."""

    target: Target
    file: BinaryIO
    is_begun: bool = False

    def add(self, rows: Rows) -> None:
        """Write some rows more."""
        kind = self.target.kind
        if kind == "jsonl":
            text = as_json(rows, lines=True)
        else:
            text = as_csv(rows, "\t" if kind == "tsv" else rows.delimiter, with_header=not self.is_begun)
        if not self.is_begun:
            start = first_line(text)
            self.target.check(lambda there: begins(there, start))
            self.is_begun = True
        self.file.write(text.encode())


@dataclass(eq=False)
class ParquetParts:
    """Tables of pyarrow as one file of Parquet."""

    target: Target
    file: BinaryIO
    _: KW_ONLY
    waiting: list[Any] = field(default_factory=list)
    bytes: int = 0
    writer: Any = None

    def add(self, table: Any) -> None:
        """Write some rows more, when there are enough for a group of them."""
        if not self.waiting and self.writer is None:
            parquet = import_module("pyarrow.parquet")
            self.target.check(lambda path: columns_of(path) == table.column_names)
            self.writer = parquet.ParquetWriter(self.file, table.schema)
        self.waiting.append(table)
        self.bytes += table.nbytes
        if self.bytes >= GROUP:
            self.flush()

    def flush(self) -> None:
        """Write what waits as a group."""
        if self.waiting:
            table = import_module("pyarrow").concat_tables(self.waiting)
            self.writer.write_table(table, row_group_size=len(table))
            self.waiting.clear()
            self.bytes = 0

    def close(self) -> None:
        """Write the rest, and what closes the file."""
        self.flush()
        if self.writer is not None:
            self.writer.close()


def columns_of(path: Path) -> list[str]:
    """The columns of a Parquet file; none where it is something else."""
    try:
        names: list[str] = import_module("pyarrow.parquet").read_schema(path).names
    except OSError:
        raise
    except Exception:  # whatever another file does to its reader
        return []
    return names
