"""Arrays under each other on a sheet: each with a title, a line that says why, and names on its rows and columns."""

from __future__ import annotations

import numpy as np

from glassnet.readings.eject.spreadsheet.cells import Block, grid
from glassnet.readings.eject.spreadsheet.numbers import number_format
from glassnet.readings.eject.spreadsheet.page import Page

LONG_HEAD = 11  # letters that stand above a column in one line
BAND = 8  # columns that a heading goes across


class Stack:
    """The arrays of a sheet.

    Attributes
    ----------
    page
        The sheet.
    row
        The next free one.
    heading
        One that is written as soon as something comes under it; empty: none.
    """

    def __init__(self, page: Page, row: int) -> None:
        self.page, self.row, self.heading = page, row, ""

    def head(self, text: str) -> None:
        """A heading over what follows."""
        self.heading = ""
        self.row += 1
        self.page.band(self.row, 1, BAND, text)
        self.row += 2

    def room(self, title: str, why: str, shape: tuple[int, ...], heads: list[str], lines: list[str]) -> Block:
        """Room for an array under its title; names that are not as many as its columns or rows are left out."""
        if self.heading:
            self.head(self.heading)
        self.page.text(self.row, 1, title, "formula")
        self.page.text(self.row + 1, 1, why, "note")
        self.row += 2 if why else 1
        block = grid(self.page.name, self.row + bool(heads), 2, shape)
        top, bottom, left, right = block.corners
        if len(heads) == right - left + 1:
            self.page.texts(self.row, left, heads, "head")
            if max(map(len, heads)) > LONG_HEAD:
                self.page.heights[self.row] = 32.0
        if len(lines) == bottom - top + 1:
            self.page.texts(top, 1, lines, "label", down=True)
        self.row = bottom + 2
        return block

    def setting(self, name: str, value: float, note: str) -> Block:
        """A named number in a line."""
        self.page.text(self.row, 1, name, "label")
        self.page.number(self.row, 2, value, "input")
        self.page.text(self.row, 3, note, "note")
        self.row += 1
        return grid(self.page.name, self.row - 1, 2, ())

    def numbers(self, block: Block, array: np.ndarray, style: str) -> None:
        """Fill room with numbers."""
        columns = np.atleast_2d(array).T
        formats = ["" if np.all(column == np.round(column)) else number_format(column) for column in columns]
        for k, (row, column, value) in enumerate(block.places(array)):
            self.page.number(row, column, value, style, formats[k % len(formats)])

    def compare(self, block: Block, expected: np.ndarray) -> str:
        """Under a block the numbers it should have, and the largest difference; how formulas call that cell."""
        theirs = grid(self.page.name, self.row, 2, expected.shape)
        self.page.text(self.row, 1, "glassnet's", "label")
        self.numbers(theirs, expected, "expected")
        self.row = theirs.corners[1] + 1
        self.page.text(self.row, 1, "difference", "label")
        ranges = (block.reference(self.page.name), theirs.reference(self.page.name))
        self.page.formula(self.row, 2, f"SUMPRODUCT(MAX(ABS({ranges[0]}-{ranges[1]})))", "expected", "0.0E+00")
        self.row += 2
        return grid(self.page.name, self.row - 2, 2, ()).reference("")
