"""Where an array lies on a sheet: the cell of each of its numbers, and how formulas call cells and ranges.

>>> block = grid("Weights", row=5, column=2, shape=(2, 3))
>>> block[0, 1].reference("Weights"), block[0].reference("Weights"), block[:, 0].reference("Predict")
('C5', 'B5:D5', 'Weights!$B$5:$B$6')
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

MOVING = 0  # the row of a cell that is in the same row as the formula
ROW = "{row}"  # stands for that row's number in a formula, until it is known


@dataclass(frozen=True, eq=False)
class Block:
    """An array on a sheet.

    Attributes
    ----------
    sheet
        The sheet's name.
    rows, columns
        Of the cells, counted from 1, in the array's shape. Row 0 is the row of the formula that reads the cell.
    """

    sheet: str
    rows: np.ndarray
    columns: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the array."""
        return self.rows.shape

    @property
    def T(self) -> Block:
        """The same cells, as the transposed array."""
        return Block(self.sheet, self.rows.T, self.columns.T)

    def __getitem__(self, index: Any) -> Block:
        return Block(self.sheet, np.asarray(self.rows[index]), np.asarray(self.columns[index]))

    def expanded(self, axis: int) -> Block:
        """With one more axis, of size 1."""
        return Block(self.sheet, np.expand_dims(self.rows, axis), np.expand_dims(self.columns, axis))

    def reshape(self, *shape: int) -> Block:
        """The same cells in another shape."""
        return Block(self.sheet, self.rows.reshape(shape), self.columns.reshape(shape))

    def places(self, values: Any) -> Iterator[tuple[int, int, Any]]:
        """Row and column of each number of an array of this shape, and the number."""
        yield from zip(
            *(cells.ravel().tolist() for cells in (self.rows, self.columns, np.asarray(values))), strict=True
        )

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """First and last row, first and last column."""
        return int(self.rows.min()), int(self.rows.max()), int(self.columns.min()), int(self.columns.max())

    @property
    def is_filled(self) -> bool:
        """Whether the cells are all those of a rectangle, each once."""
        top, bottom, left, right = self.corners
        cells = set(zip(self.rows.flat, self.columns.flat, strict=True))
        return len(cells) == self.rows.size == (bottom - top + 1) * (right - left + 1)

    @property
    def is_upright(self) -> bool:
        """Whether it is a column of cells."""
        return bool(self.corners[0] < self.corners[1])

    def reference(self, home: str) -> str:
        """How a formula on the sheet `home` calls the cell, or the rectangle of cells."""
        top, bottom, left, right = self.corners
        fixed = "" if self.sheet == home else "$"
        first, last = (f"{fixed}{letters(c)}{fixed}{r or ROW}" for r, c in ((top, left), (bottom, right)))
        sheet = "" if self.sheet == home else f"'{self.sheet}'!" if " " in self.sheet else f"{self.sheet}!"
        return f"{sheet}{first}" if first == last else f"{sheet}{first}:{last}"

    def references(self, home: str) -> list[str]:
        """How formulas on the sheet `home` call each cell."""
        return [self[index].reference(home) for index in np.ndindex(self.shape)]


def grid(sheet: str, row: int, column: int, shape: tuple[int, ...]) -> Block:
    """An array with its rows as rows; a vector lies across."""
    height, width = (1, *shape)[-2:] if shape else (1, 1)
    rows, columns = np.meshgrid(np.arange(row, row + height), np.arange(column, column + width), indexing="ij")
    return Block(sheet, rows.reshape(shape), columns.reshape(shape))


def upright(sheet: str, row: int, column: int, shape: tuple[int, ...]) -> Block:
    """An array with its last axis downwards: a matrix (inputs, units) has a line for each unit."""
    return grid(sheet, row, column, (*shape, 1) if len(shape) == 1 else shape[::-1]).T.reshape(*shape)


def across(sheet: str, column: int, shape: tuple[int, ...]) -> Block:
    """An array in one row, that of the formula which reads it."""
    columns = np.arange(column, column + int(np.prod(shape, dtype=int))).reshape(shape)
    return Block(sheet, np.full(shape, MOVING), columns)


def letters(column: int) -> str:
    """A column's name.

    >>> letters(1), letters(26), letters(27), letters(703)
    ('A', 'Z', 'AA', 'AAA')
    """
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
