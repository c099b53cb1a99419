"""Encoded rows in a file, chunk by chunk: what does not fit into memory, or is read by several processes.

A chunk is so many rows that stand together in the table, 64 KB of them, and is read by its number. A block, which a
training goes through at a time, is many chunks from anywhere, one after the other in memory.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np

from glassnet.errors import DataError
from glassnet.training.rows import Rows

CHUNK = 1 << 16  # bytes of a chunk, about
FEWEST = 16  # rows of a chunk, at least


def rows_of_chunk(width: int, dtype: np.dtype[Any]) -> int:
    """How many rows a chunk has, by the numbers and the dtype of a row alone: a power of two.

    >>> rows_of_chunk(31, np.dtype(np.float32))
    512
    """
    fit = CHUNK // max(1, width * dtype.itemsize)
    return max(FEWEST, 1 << max(0, fit.bit_length() - 1))


@dataclass(frozen=True, kw_only=True)
class Store:
    """Where encoded rows are: a file, which whoever has this may read, in any process.

    Attributes
    ----------
    path
        The file.
    rows, inputs, outputs, is_weighted
        How many rows, and how many numbers each has: of x, of y, and one more if it has a weight.
    dtype
        float32 or float64.
    chunk
        Rows of a chunk; the last one may have fewer.
    digest
        A checksum of all that was written.
    """

    path: str
    rows: int
    inputs: int
    outputs: int
    is_weighted: bool
    dtype: str
    chunk: int
    digest: str

    def __len__(self) -> int:
        return self.rows

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.rows // self.chunk)

    @property
    def widths(self) -> tuple[int, ...]:
        """The columns of x, y and, if there is one, w."""
        return self.inputs, self.outputs, *([1] if self.is_weighted else [])

    def rows_in(self, number: int) -> int:
        """How many rows a chunk has."""
        return min(self.chunk, self.rows - number * self.chunk)

    def room(self, rows: int) -> list[np.ndarray]:
        """Arrays for so many rows: x, y and, if there is one, w."""
        return [np.empty((rows, width), self.dtype) for width in self.widths]

    def read(self, numbers: Sequence[int], room: Sequence[np.ndarray] | None = None) -> Rows:
        """The rows of some chunks, in the order in which they are named; they are written into `room`, if there is any.

        Raises
        ------
        DataError
            The file ends before them.
        OSError
            It cannot be read.
        """
        count = sum(map(self.rows_in, numbers))
        arrays = [array[:count] for array in room or self.room(count)]
        places = [array.reshape(-1).view(np.uint8).data for array in arrays]
        sizes = [width * np.dtype(self.dtype).itemsize for width in self.widths]  # bytes of a row
        low = 0
        with open(self.path, "rb", buffering=0) as file:
            for number in numbers:
                high = low + self.rows_in(number)
                into = [place[low * size : high * size] for place, size in zip(places, sizes, strict=True)]
                if not filled(file, into, number * self.chunk * sum(sizes)):
                    first = number * self.chunk + 1
                    last = first + high - low - 1
                    raise DataError(
                        f"{self.path} ends within rows {first:,} to {last:,} of {self.rows:,}; it was changed"
                    )
                low = high
        return Rows(*arrays)

    def is_whole(self) -> bool:
        """Whether the file holds what was written, by its checksum."""
        checksum = 0
        with open(self.path, "rb") as file:
            while content := file.read(1 << 20):
                checksum = zlib.crc32(content, checksum)
        return f"{checksum:08x}" == self.digest


def filled(file: Any, into: list[memoryview], place: int) -> bool:
    """Read pieces of memory that stand one after the other in a file, from a place on; whether it goes on so long."""
    if hasattr(os, "preadv") and os.preadv(file.fileno(), into, place) == sum(map(len, into)):
        return True
    file.seek(place)
    for piece in into:
        left = piece
        while len(left):
            got = file.readinto(left)
            if not got:
                return False
            left = left[got:]
    return True


class Writer:
    """What writes a `Store`: rows come in any portions, and leave in chunks.

    Parameters
    ----------
    path
        The file; what is there is written over.
    inputs, outputs, is_weighted, dtype
        As a `Store` has them.
    chunk
        Rows of a chunk; None: as many as `rows_of_chunk` says.
    lasts
        Whether it is to be there after a power cut.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        inputs: int,
        outputs: int,
        dtype: Any,
        is_weighted: bool = False,
        chunk: int | None = None,
        lasts: bool = False,
    ) -> None:
        self.lasts = lasts
        self.path, self.dtype = os.fspath(path), np.dtype(dtype)
        self.inputs, self.outputs, self.is_weighted = inputs, outputs, is_weighted
        width = inputs + outputs + is_weighted
        self.chunk = rows_of_chunk(width, self.dtype) if chunk is None else chunk
        widths = (inputs, outputs, *([1] if is_weighted else []))
        self.waiting = [np.empty((self.chunk, width), self.dtype) for width in widths]
        self.count, self.rows, self.checksum = 0, 0, 0  # rows that wait, and that are written
        self.file = open(self.path, "wb", buffering=0)  # noqa: SIM115  # closed by `close`

    def add(self, rows: Rows) -> None:
        """Add rows."""
        low, arrays = 0, rows.arrays
        while low < len(rows):
            take = min(self.chunk - self.count, len(rows) - low)
            for waiting, array in zip(self.waiting, arrays, strict=True):
                waiting[self.count : self.count + take] = array[low : low + take]
            self.count, low = self.count + take, low + take
            if self.count == self.chunk:
                self._write()

    def _write(self) -> None:
        for waiting in self.waiting:
            left = waiting[: self.count].reshape(-1).view(np.uint8).data
            self.checksum = zlib.crc32(left, self.checksum)
            while len(left):
                left = left[self.file.write(left) :]
        self.rows, self.count = self.rows + self.count, 0

    def close(self) -> Store:
        """Write what waits; what was written, to be read."""
        if self.count:
            self._write()
        if self.lasts:
            os.fsync(self.file.fileno())
        self.file.close()
        return Store(
            path=self.path,
            rows=self.rows,
            inputs=self.inputs,
            outputs=self.outputs,
            is_weighted=self.is_weighted,
            dtype=self.dtype.name,
            chunk=self.chunk,
            digest=f"{self.checksum:08x}",
        )

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()


def store_of(rows: Rows, path: str | os.PathLike[str], chunk: int | None = None) -> Store:
    """Rows that are in memory, in a file."""
    with Writer(
        path,
        inputs=rows.x.shape[1],
        outputs=rows.y.shape[1],
        dtype=rows.x.dtype,
        is_weighted=rows.w is not None,
        chunk=chunk,
    ) as writer:
        writer.add(rows)
        return writer.close()
