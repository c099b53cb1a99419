"""Parts of a table in files of NumPy, for a second reading: of words which ones they are, of everything numbers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.streams.kept import table_of, table_text
from glassnet.data.streams.source import How, Tell
from glassnet.data.tables.stacked import labels_of_all
from glassnet.data.tables.table import Table
from glassnet.data.tables.words import NO_WORD, Words
from glassnet.errors import DataError


@dataclass(eq=False, kw_only=True)
class Spool:
    """Parts that were put away; it is a `Source` of them."""

    folder: Path
    first: Table | None = None  # a row of it: what else a part knows
    columns: tuple[str, ...] = ()
    words: dict[str, dict[str, int]] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)  # of each part
    writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "glassnet-spool"))
    written: Future[None] | None = None  # the last part, which may be on its way
    size = 0
    is_quick = True

    @staticmethod
    def of(folder: Path, told: Mapping[str, Any] | None) -> Spool:
        """One that goes on where another was; None: a new one."""
        made = Spool(folder=folder)
        if told is not None:
            made.first = table_of(told["first"], "first", {k: np.array(v) for k, v in told["arrays"].items()})
            made.columns, made.rows = tuple(told["first"]["columns"]), [*told["rows"]]
            made.words = {name: {word: k for k, word in enumerate(words)} for name, words in told["words"].items()}
        return made

    def told(self) -> dict[str, Any] | None:
        """What another one must know to go on."""
        self.flush()
        if self.first is None:
            return None
        arrays: dict[str, np.ndarray] = {}
        first = table_text(self.first, "first", arrays)
        return {
            "first": first,
            "arrays": {name: array.tolist() for name, array in arrays.items()},
            "words": {name: list(index) for name, index in self.words.items()},
            "rows": self.rows,
        }

    @property
    def is_there(self) -> bool:
        """Whether all its parts are."""
        return self.first is not None and all(self.path(number).exists() for number in range(len(self.rows)))

    def clear(self) -> None:
        """Delete the parts."""
        for number in range(len(self.rows)):
            self.path(number).unlink(missing_ok=True)

    @property
    def name(self) -> str:
        """As `Source` has it."""
        return self.first.source if self.first else ""

    def stamp(self) -> str:
        """Nobody else writes there."""
        return ""

    def path(self, number: int) -> Path:
        """The file of a part."""
        return self.folder / f"part-{number}.npy"

    def add(self, part: Table) -> None:
        """Put a part away."""
        if self.first is None:
            self.first, self.columns = part.rows([0]), tuple(part.columns)
        self.first = replace(self.first, originals=labels_of_all([self.first, part]))
        array = np.empty((len(self.columns) + 1, len(part)))
        array[-1] = part.lines
        for name, row in zip(self.columns, array, strict=False):
            column = part.columns[name]
            if isinstance(column, Words):
                index = self.words.setdefault(name, {})
                codes = [index.setdefault(word, len(index)) for word in column.words]
                row[:] = np.array([*codes, np.nan])[column.codes]
            else:
                row[:] = column
        self.flush()
        self.written = self.writer.submit(np.save, self.path(len(self.rows)), array)
        self.rows.append(len(part))

    def flush(self) -> None:
        """Wait for the last part; DataError where it could not be written."""
        try:
            if self.written is not None:
                self.written.result()
        except OSError as error:
            raise DataError(
                f"rows that are read part by part are put away in {self.folder.parent}, which cannot be written to "
                f"({error}); make room, or name another folder: gn.stream(…, folder=…), --spool FOLDER"
            ) from None

    def parts(self, how: How, tell: Tell) -> Iterator[Table]:
        """As `Source` says."""
        assert self.first is not None
        self.flush()
        words = {name: tuple(index) for name, index in self.words.items()}
        for number in range(len(self.rows)):
            try:
                array = np.load(self.path(number))
            except ValueError as error:
                raise DataError(f"{self.path(number)} cannot be read ({error}); it was changed") from None
            tell(os.path.getsize(self.path(number)))
            columns = {
                name: Words(np.nan_to_num(row, nan=NO_WORD).astype(np.int32), words[name]) if name in words else row
                for name, row in zip(self.columns, array, strict=False)
            }
            yield replace(self.first, columns=columns, lines=array[-1].astype(np.int64))
