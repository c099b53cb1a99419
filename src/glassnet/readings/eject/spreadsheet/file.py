"""Sheets as an .xlsx file, and files changed and read again: the only place that knows openpyxl.

openpyxl writes numbers with 16 digits, and a double needs 17: numbers go in as the text Python has for them. The
same sheets give the same bytes: times in the file are fixed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any

from glassnet.errors import need
from glassnet.readings.eject.spreadsheet.page import Cell, Page

BLUE, PALE, YELLOW, GREY, GREEN, DARK = "1F4E78", "DDEBF7", "FFF2CC", "F2F2F2", "E2EFDA", "404040"

# Of each style: font, background, whether text is wrapped, where it stands, line around the cell.
STYLES: dict[str, dict[str, Any]] = {
    "plain": {},
    "title": {"font": {"bold": True, "size": 16, "color": BLUE}},
    "note": {"font": {"italic": True, "color": "595959"}},
    "phase": {"font": {"bold": True, "color": "FFFFFF"}, "fill": BLUE, "wrap": True},
    "phase 2": {"font": {"bold": True, "color": "FFFFFF"}, "fill": "2F75B5", "wrap": True},
    "phase part": {"font": {"bold": True, "color": "FFFFFF"}, "fill": "8497B0", "wrap": True},
    "band": {"font": {"bold": True, "color": "FFFFFF"}, "fill": BLUE},
    "typed": {"font": {"bold": True, "color": "7F6000"}, "fill": "FFD966", "wrap": True},
    "formula": {"font": {"bold": True, "color": BLUE, "name": "Courier New"}},
    "formula head": {"font": {"bold": True, "color": "FFFFFF", "name": "Courier New"}, "fill": BLUE, "wrap": True},
    "head": {"font": {"bold": True, "color": DARK}, "fill": PALE, "wrap": True, "align": "center", "line": True},
    "label": {"font": {"color": DARK}},
    "input": {"fill": YELLOW, "line": True, "align": "right"},
    "learnt": {"fill": "EAF1FB", "line": True, "align": "right"},
    "word": {"fill": "EAF1FB", "line": True, "align": "left"},
    "number": {"line": True, "align": "right"},
    "part": {"font": {"color": "7F7F7F"}, "line": True, "align": "right"},
    "result": {"font": {"bold": True}, "fill": GREEN, "line": True, "align": "right"},
    "answer": {"font": {"bold": True}, "fill": GREEN, "line": True, "align": "left"},
    "expected": {"font": {"color": "7F7F7F"}, "fill": GREY, "line": True, "align": "right"},
    "expected head": {"font": {"bold": True, "color": DARK}, "fill": "D9D9D9", "wrap": True},
    "words": {"wrap": True},
    "verdict": {"font": {"bold": True, "size": 12}, "fill": GREEN, "line": True, "align": "center"},
}
DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can hold


def to_bytes(pages: Sequence[Page]) -> bytes:
    """The file with these sheets."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    styles: dict[tuple[str, str], Any] = {}
    for page in pages:
        sheet = book.create_sheet(page.name)
        fill_sheet(sheet, page.cells, styles)
        arrange(sheet, page)
    book.calculation.fullCalcOnLoad = True
    return saved(book)


def fill_sheet(sheet: Any, cells: Mapping[tuple[int, int], Cell], styles: dict[tuple[str, str], Any]) -> None:
    """Write the cells; each style is made once."""
    for (row, column), cell in cells.items():
        target = sheet.cell(row, column)
        put(target, cell)
        key = (cell.style, cell.format)
        if key not in styles:
            dress(target, cell)
            styles[key] = target._style
        target._style = copy(styles[key])
        if cell.kind == "text" and str(cell.value)[:1] in ("=", "+", "-", "@"):
            target.quotePrefix = True  # remains a text when it is edited


def put(target: Any, cell: Cell) -> None:
    """A value, as its kind whatever it looks like."""
    if cell.kind == "number":
        put_number(target, float(cell.value))
    else:
        target.value = cell.value or None
        if cell.value:
            target.data_type = "f" if cell.kind == "formula" else "s"


def put_number(target: Any, value: float) -> None:
    """A number with all its digits."""
    target.value = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    target.data_type = "n"


def dress(target: Any, cell: Cell) -> None:
    """Give a cell its style."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    style = STYLES[cell.style]
    if "font" in style:
        target.font = Font(**{"name": "Calibri", "size": 11, **style["font"]})
    if "fill" in style:
        target.fill = PatternFill("solid", start_color=style["fill"])
    if "line" in style:
        side = Side(style="thin", color="D0D0D0")
        target.border = Border(side, side, side, side)
    if "wrap" in style or "align" in style:
        wrap = bool(style.get("wrap"))
        target.alignment = Alignment(style.get("align"), "center" if wrap else None, wrap_text=wrap)
    if cell.format:
        target.number_format = cell.format


def arrange(sheet: Any, page: Page) -> None:
    """Widths, heights, headings that stay, lists to choose from, how it is printed."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for column, width in page.widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row, height in page.heights.items():
        sheet.row_dimensions[row].height = height
    for top, bottom, left, right in page.merged:
        sheet.merge_cells(start_row=top, end_row=bottom, start_column=left, end_column=right)
    if page.frozen:
        sheet.freeze_panes = sheet.cell(*page.frozen)
    for cells, words in page.choices:
        choice = DataValidation("list", formula1=words.reference(""), allow_blank=True, showErrorMessage=False)
        choice.add(cells.reference(page.name))
        sheet.add_data_validation(choice)
    sheet.sheet_properties.tabColor = page.color
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_view.showGridLines = False


def saved(book: Any) -> bytes:
    """A workbook's bytes, with fixed times."""
    buffer, out = io.BytesIO(), io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"1980-01-01T00:00:00Z", data)
            new.writestr(zipfile.ZipInfo(name, DATE), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def changed(program: Path, changes: Mapping[str, Mapping[tuple[int, int], Cell]], more: Iterable[Page] = ()) -> bytes:
    """A file with other contents in some cells, which keep their looks, and with more sheets."""
    need("spreadsheets", "openpyxl", "xlsx")
    from openpyxl import load_workbook

    book = load_workbook(program)
    for cell in (cell for sheet in book for row in sheet.iter_rows() for cell in row):
        if isinstance(cell.value, float):
            put_number(cell, cell.value)
    for name, cells in changes.items():
        for (row, column), cell in cells.items():
            put(book[name].cell(row, column), cell)
    for page in more:
        fill_sheet(book.create_sheet(page.name), page.cells, {})
    return saved(book)


def values(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    """What stands in the cells of a sheet that was calculated, row by row."""
    from openpyxl import load_workbook

    return list(load_workbook(path, data_only=True)[sheet].iter_rows(values_only=True))
