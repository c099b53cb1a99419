"""One sheet of a spreadsheet before it becomes part of a file: what stands in each cell, and how it looks."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from glassnet.readings.eject.spreadsheet.cells import Block, letters

LONGEST = 32_000  # characters in a cell; Excel's limit is 32,767
COLUMNS = 16_000  # of a sheet; Excel's and LibreOffice's limit is 16,384
FORMULA = 8_000  # characters of a formula; Excel's limit is 8,192


@dataclass(frozen=True)
class Cell:
    """What stands in a cell.

    Attributes
    ----------
    value
        A number, a text, or a formula that begins with `=`.
    kind
        "number", "text" or "formula"; a text is never taken for a formula, whatever it begins with.
    style
        A key of `sheet_file.STYLES`.
    format
        How numbers are shown, as spreadsheets write it; empty: as they are.
    """

    value: str | float
    kind: str
    style: str = "plain"
    format: str = ""


@dataclass(kw_only=True)
class Page:
    """A sheet.

    Attributes
    ----------
    name
        On its tab.
    cells
        By row and column, counted from 1.
    widths, heights
        Of columns in characters, of rows in points; others have the usual size.
    merged
        First and last row, first and last column of cells that are one.
    frozen
        Row and column of the first cell that moves when the sheet is scrolled.
    choices
        Columns of cells with a list to choose from: the cells, and where the list is.
    color
        Of the tab.
    """

    name: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    frozen: tuple[int, int] | None = None
    choices: list[tuple[Block, Block]] = field(default_factory=list)
    color: str = "808080"

    def text(self, row: int, column: int, text: str, style: str = "plain") -> None:
        """Write a text."""
        self.cells[row, column] = Cell(safe(text), "text", style)

    def number(self, row: int, column: int, value: float, style: str = "plain", format: str = "") -> None:
        """Write a number; an infinite one as a word, for spreadsheets have none."""
        if not math.isfinite(value):
            self.text(row, column, repr(float(value)), style)
        else:
            self.cells[row, column] = Cell(float(value), "number", style, format)

    def formula(self, row: int, column: int, formula: str, style: str = "plain", format: str = "") -> None:
        """Write a formula, without its `=`.

        Raises
        ------
        NotImplementedError
            It is longer than spreadsheets allow, or the sheet has no such column.
        """
        if len(formula) > FORMULA:
            raise NotImplementedError(
                f"a formula of sheet {self.name!r} would have {len(formula):,} characters, {FORMULA:,} are allowed"
            )
        if column > COLUMNS:
            raise NotImplementedError(
                f"sheet {self.name!r} would have more than {COLUMNS:,} columns: the network is too wide for a "
                "spreadsheet; another language has no such limit"
            )
        self.cells[row, column] = Cell(f"={formula}", "formula", style, format)

    def value(self, row: int, column: int, value: float | str, style: str = "plain", format: str = "") -> None:
        """Write a number as a number, anything else as text."""
        if isinstance(value, str):
            self.text(row, column, value, style)
        else:
            self.number(row, column, value, style, format)

    def texts(self, row: int, column: int, texts: Iterable[str], style: str = "plain", down: bool = False) -> None:
        """Write texts side by side, or downwards."""
        for k, text in enumerate(texts):
            self.text(row + k * down, column + k * (not down), text, style)

    def numbers(self, block: Block, values: Any, style: str = "plain", format: str = "") -> None:
        """Write an array of numbers into its cells."""
        for row, column, value in block.places(values):
            self.number(row, column, float(value), style, format)

    def formulas(self, block: Block, texts: Any, style: str = "plain", format: str = "") -> None:
        """Write an array of formulas into its cells."""
        for row, column, text in block.places(texts):
            self.formula(row, column, text, style, format)

    def band(self, row: int, first: int, last: int, text: str) -> None:
        """Write a heading over several columns."""
        self.texts(row, first, [text, *[""] * (last - first)], "band")

    def title(self, text: str, notes: tuple[str, ...] = ()) -> int:
        """Write the sheet's title and lines about it; the next free row."""
        self.text(1, 1, text, "title")
        self.texts(2, 1, notes, "note", down=True)
        return len(notes) + 3

    def merge(self, row: int, first: int, last: int) -> None:
        """Make one cell of several in a row."""
        if last > first:
            self.merged.append((row, row, first, last))


def safe(text: str) -> str:
    """A text as a spreadsheet file can hold it: what XML forbids becomes a visible sign.

    >>> safe("bell\\x07, tab\\t"), safe("_x0041_")
    ('bell␇, tab\\t', '_x005F_x0041_')
    """
    text = "".join(map(visible, text))
    text = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)  # spreadsheets would read the code of a letter
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def visible(letter: str) -> str:
    """A control character, or what is no character at all, as a sign for it; others as they are."""
    code = ord(letter)
    if letter in "\t\n":
        return letter
    if code < 0x20:
        return chr(0x2400 + code)
    return "\ufffd" if code in (0xFFFE, 0xFFFF) or unicodedata.category(letter) == "Cs" else letter


def column_range(page: Page, first: int, last: int, column: int) -> str:
    """Cells under each other, as formulas on any sheet call them."""
    name = f"'{page.name}'" if " " in page.name else page.name
    return f"{name}!${letters(column)}${first}:${letters(column)}${last}"
