"""The tables, what is predicted in each, and which rows are held out: the same for everybody, by the split's number."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glassnet.data.tables import Table
from glassnet.data.tables.csv_files import read_csv
from glassnet.data.tables.table import is_numbers

ROOT = Path(__file__).parents[2]
DESCRIBED = ROOT / "benchmarks" / "tables.json"
HELD_OUT = 0.2
MANY, FEW, LARGE = 10, 3, 5_000  # splits of a table, and of one with so many rows


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A table and its target.

    Attributes
    ----------
    name
        Of the table; where it is fetched, its file is NAME.csv.
    target
        The column predicted.
    classes
        Its classes, sorted; none where it is a number.
    rows
        How many it has.
    sha256
        Of its file.
    source
        Where it comes from: "PACKAGE VERSION: FILE", or a file that is here.
    """

    name: str
    target: str
    classes: tuple[str, ...]
    rows: int
    sha256: str
    source: str

    @property
    def package(self) -> str:
        """The package it comes in: "NAME VERSION"; empty where it is here."""
        return self.source.rpartition(": ")[0]

    @property
    def file(self) -> str:
        """Where it is in the package, or here."""
        return self.source.rpartition(": ")[2]

    @property
    def kind(self) -> str:
        """Of the target: "classes" or "number"."""
        return "classes" if self.classes else "number"

    @property
    def splits(self) -> int:
        """How many splits are tried."""
        return FEW if self.rows >= LARGE else MANY

    def load(self, folder: Path) -> Table:
        """The table, from a folder that `fetch_tables.py` filled; one that is here, from here."""
        path = folder / f"{self.name}.csv" if self.package else ROOT / self.file
        if not path.exists():
            raise FileNotFoundError(f"{path} is not there: python benchmarks/fetch_tables.py {folder} makes it")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != self.sha256:
            raise ValueError(f"{path} is not the table the results are of: its SHA-256 is {found}, not {self.sha256}")
        return read_csv(path)

    def split(self, table: Table, number: int) -> tuple[Table, Table]:
        """The rows to learn from and those held out; of every class the same share is held out."""
        held_out = held_out_rows(labels(table, self.target) if self.kind == "classes" else len(table), number)
        return table.rows(np.setdiff1d(np.arange(len(table)), held_out)), table.rows(held_out)

    def truth(self, table: Table) -> np.ndarray:
        """The target, (n,): a number, or the place of its class in `classes`."""
        if self.kind == "classes":
            return np.searchsorted(np.array(self.classes), labels(table, self.target))
        return np.asarray(table.column(self.target), np.float64)


def labels(table: Table, target: str) -> np.ndarray:
    """The classes as text, (n,)."""
    column = table.column(target)
    return np.asarray(column if is_numbers(column) else list(column), dtype=str)


def held_out_rows(rows: int | np.ndarray, number: int) -> np.ndarray:
    """A fifth of so many rows, or of the rows of each of these labels; ascending, drawn by the split's number."""
    rng = np.random.default_rng(number)
    groups = [np.arange(rows)] if isinstance(rows, int) else [np.flatnonzero(rows == one) for one in np.unique(rows)]
    return np.sort(np.concatenate([rng.permutation(group)[: round(HELD_OUT * len(group))] for group in groups]))


def problems() -> list[Problem]:
    """All of them, the one with the fewest rows first."""
    found = json.loads(DESCRIBED.read_text()).items()
    all_of_them = [Problem(name=name, **{**one, "classes": tuple(one["classes"])}) for name, one in found]
    return sorted(all_of_them, key=lambda one: one.rows)
