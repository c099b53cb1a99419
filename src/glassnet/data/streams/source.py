"""What can be read part by part, again and again, always with the same rows in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from glassnet.data.tables.cells import MISSING_WORDS
from glassnet.data.tables.notation import PLAIN, Notation
from glassnet.data.tables.table import Table
from glassnet.errors import DataError

CELLS = 1 << 20  # of a part, about: 8 MB as numbers
MOST_ROWS = 16_000  # of a part: a column of so many numbers stays in the cache

Tell = Callable[[int], object]
"""Is told how many bytes of a source were read, as far as that is known."""


class Torn(Exception):
    """Columns that were numbers hold words further down: what was read of them must be read again as words."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__(", ".join(sorted(names)))
        self.names = names


@dataclass(frozen=True, kw_only=True)
class How:
    """How to read.

    Attributes
    ----------
    missing, notation, delimiter, encoding
        As `read_csv` has them.
    words
        Columns that are words, whatever they look like.
    used
        Columns that are asked for; None: all are. Of others parts know the names alone.
    """

    missing: tuple[str, ...] = MISSING_WORDS
    notation: Notation = PLAIN
    delimiter: str | None = None
    encoding: str = "utf-8"
    words: frozenset[str] = field(default=frozenset())

    def to_json(self) -> dict[str, Any]:
        """What is asked for, as JSON has it; words are found out on the way."""
        asked = {"missing": list(self.missing), "delimiter": self.delimiter, "encoding": self.encoding}
        return {**asked, "notation": self.notation.to_json()}

    used: frozenset[str] | None = None

    def asks_for(self, name: str) -> bool:
        """Whether a column is asked for."""
        return self.used is None or name in self.used


class Source(Protocol):
    """A table that is read part by part."""

    @property
    def name(self) -> str:
        """What it is called in messages."""

    @property
    def size(self) -> int:
        """Its bytes, if it is known how many; 0 otherwise."""

    @property
    def is_quick(self) -> bool:
        """Whether reading it again takes no longer than reading what was spooled."""

    def stamp(self) -> str:
        """What is another text when the table was changed, as far as that can be seen without reading it."""

    def parts(self, how: How, tell: Tell) -> Iterator[Table]:
        """Its rows in order.

        Raises
        ------
        Torn
            Some columns must be read as words.
        DataError
            It is no table, or its parts have other columns than the first.
        OSError
            It cannot be read.
        """


@dataclass(frozen=True, eq=False)
class Files:
    """Files that are one table, in this order, and what they are called together."""

    name: str
    paths: tuple[Path, ...]

    @property
    def size(self) -> int:
        """Their bytes."""
        return sum(path.stat().st_size for path in self.paths)

    def stamp(self) -> str:
        """How long each is, and when it was written."""
        return " ".join(f"{path.name}:{(found := path.stat()).st_size}:{found.st_mtime_ns}" for path in self.paths)


def rows_of_part(columns: int) -> int:
    """How many rows a part of so many columns has."""
    return max(1, min(MOST_ROWS, CELLS // max(1, columns)))


def check_unchanged(source: Source, stamp: str) -> None:
    """DataError where a table was changed since the stamp was made."""
    if source.stamp() != stamp:
        raise DataError(f"{source.name} was changed while it was read; let it be written to its end, and read it again")
