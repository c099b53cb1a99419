"""A spreadsheet calculated by LibreOffice, and its numbers read back exactly.

LibreOffice writes a number with 15 digits. So a sheet is added to the copy that it calculates, with two cells for each
number v that is wanted: v cut to six digits behind the point, less one of the last, and the rest. Both are short
enough to be written exactly, or so nearly that their sum is v again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.readings.eject.spreadsheet.file import changed, values
from glassnet.readings.eject.spreadsheet.page import Cell, Page
from glassnet.readings.eject.tools import ToolFailed, find_tool, run

READOUT = "Readout"


def office() -> str:
    """Where LibreOffice is; ToolMissing where it is not."""
    return find_tool(("soffice", "libreoffice"), "LibreOffice")


@lru_cache(maxsize=1)
def version(tool: str) -> str:
    """Its name and version."""
    with tempfile.TemporaryDirectory() as folder:
        return " ".join(run([tool, profile(Path(folder)), "--version"], Path(folder)).split()[:2])


def profile(folder: Path) -> str:
    """Settings of its own, so that it runs beside another that is open."""
    return f"-env:UserInstallation={(folder / 'profile').as_uri()}"


def calculated(
    program: Path, changes: Mapping[str, Mapping[tuple[int, int], Cell]], wanted: Sequence[str], texts: Sequence[str]
) -> tuple[np.ndarray, list[Any]]:
    """The numbers, and the words or other contents, of cells of a copy with changes, after a calculation.

    Raises
    ------
    ToolMissing
        LibreOffice is not installed.
    ToolFailed
        It did not calculate the file.
    """
    tool, page = office(), Page(name=READOUT)
    for k, cell in enumerate(wanted):
        page.formula(1 + k, 1, f"(INT({cell}*1000000)-1)/1000000")
        page.formula(1 + k, 2, f"{cell}-A{1 + k}")
    for k, cell in enumerate(texts):
        page.formula(1 + k, 3, cell)
    copy, folder = program.with_name("copy.xlsx"), program.parent / "calculated"
    copy.write_bytes(changed(program, changes, [page]))
    said = run([tool, profile(program.parent), "--headless", "--convert-to", "xlsx", "--outdir", folder, copy],
               program.parent)  # fmt: skip
    if not (folder / copy.name).exists():
        raise ToolFailed(f"LibreOffice did not calculate the spreadsheet: {said.strip()[-500:]}")
    rows = values(folder / copy.name, READOUT)
    numbers = np.array([summed(rows[k][:2]) for k in range(len(wanted))])
    return numbers, [rows[k][2] for k in range(len(texts))]


def summed(parts: Sequence[Any]) -> float:
    """The number of two parts; NaN where a cell has an error."""
    return sum(parts) if all(isinstance(part, int | float) for part in parts) else float("nan")
