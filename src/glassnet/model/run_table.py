"""A small table of results: columns by name, to be read, sorted, averaged and kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.parts.naming import find, is_number
from glassnet.training.columns import csv_of, frame_of
from glassnet.training.stopping import sign_of

SHOWN = 10  # rows
WIDEST = 24  # characters of a cell


@dataclass(frozen=True, eq=False, repr=False)
class RunTable:
    """Rows of results.

    Attributes
    ----------
    columns
        Equally many values each, by name.
    varied
        The names of columns that say what was done rather than what came out.
    """

    columns: Mapping[str, Sequence[Any]]
    varied: Sequence[str]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, name: str) -> list[Any]:
        """A column by name."""
        return list(self.columns[find(name, self.columns, "column of the table")])

    def row(self, k: int) -> dict[str, Any]:
        """A row by its number, from 0: its values by name."""
        return {name: column[k] for name, column in self.columns.items()}

    def rows(self, numbers: Iterable[int]) -> RunTable:
        """Some of the rows, by number."""
        picked = list(numbers)
        return RunTable({name: [column[k] for k in picked] for name, column in self.columns.items()}, self.varied)

    def order(self, by: str | None = None, *, mode: str | None = None) -> list[int]:
        """The numbers of the rows, the best first; those that diverged, or have no such number, are last.

        Parameters
        ----------
        by
            The column to go by; None: "val_loss" if there is one, else "loss".
        mode
            "min" if smaller is better, "max" if larger is; None: "min" for losses and errors, "max" for scores like
            accuracy; of a column of one's own it must be said.
        """
        name = by or ("val_loss" if "val_loss" in self.columns else "loss")
        values = np.array([math.nan if not is_number(value) else float(value) for value in self[name]], float)
        diverged = np.array([stopped == "diverged" for stopped in self.columns.get("stopped", [""] * len(self))], bool)
        values[diverged] = math.nan
        order: list[int] = np.argsort(values * sign_in_table(name, mode), kind="stable").tolist()
        return order

    def mean(self, by: Iterable[str] | str | None = None) -> RunTable:
        """The means over runs that are alike, in the order in which they first come.

        Parameters
        ----------
        by
            Columns in which they are alike; None: all that was varied, so that seeds and folds are averaged over.

        Returns
        -------
        RunTable
            For each: `runs`, how many there are, and of each number its mean and, as "..._std", its standard deviation
            (divided by n). A run that diverged counts in `diverged` and in nothing else.
        """
        names = [by] if isinstance(by, str) else list(self.settings if by is None else by)
        names = [find(name, self.columns, "column of the table") for name in names]
        keys = list(zip(*(map(repr, self.columns[name]) for name in names), strict=True)) or [()] * len(self)
        groups: dict[tuple[str, ...], list[int]] = {}
        for k, key in enumerate(keys):
            groups.setdefault(key, []).append(k)
        members = list(groups.values())
        found: dict[str, list[Any]] = {name: [self.columns[name][rows[0]] for rows in members] for name in names}
        found["runs"] = [len(rows) for rows in members]
        stopped = self.columns.get("stopped", [""] * len(self))
        good = [[k for k in rows if stopped[k] != "diverged"] for rows in members]
        if "diverged" in stopped:
            found["diverged"] = [len(rows) - len(kept) for rows, kept in zip(members, good, strict=True)]
        for name, column in self.columns.items():
            if name in self.varied or name in ("best_epoch", "stopped"):
                continue
            values = [np.array([column[k] for k in kept if is_number(column[k])], float) for kept in good]
            with np.errstate(over="ignore"):
                found[name] = [float(some.mean()) if len(some) else math.nan for some in values]
                found[f"{name}_std"] = [float(some.std()) if len(some) else math.nan for some in values]
        return RunTable(found, names)

    @property
    def settings(self) -> list[str]:
        """What was varied, but for seeds, folds and samples."""
        return [name for name in self.varied if name not in ("seed", "fold", "sample")]

    def to_dict(self) -> dict[str, list[Any]]:
        """The table as a dict of columns."""
        return {name: list(column) for name, column in self.columns.items()}

    def to_frame(self, library: Any = None) -> Any:
        """The table as a data frame, of pandas or of the library given (`polars`)."""
        return frame_of({name: list(map(plain, column)) for name, column in self.columns.items()}, library)

    def to_csv(self, path: str | Path | None = None) -> str:
        """The table as CSV text, written to `path` if one is given; what is not known is an empty field."""
        return csv_of({name: list(map(plain, column)) for name, column in self.columns.items()}, path)

    def __repr__(self) -> str:
        return self.text(range(len(self)))

    def text(self, rows: Sequence[int]) -> str:
        """Rows by number, each with its number; of many the first and the last, with what lies between left out."""
        whole = len(rows) <= 2 * SHOWN
        shown = list(rows) if whole else [*rows[:SHOWN], *rows[-SHOWN:]]
        names = [name for name, column in self.columns.items() if any(value is not None for value in column)]
        lines = [["", *names], *([str(k), *(cell(self.columns[name][k]) for name in names)] for k in shown)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = ["  ".join(item.rjust(width) for item, width in zip(line, widths, strict=True)) for line in lines]
        if not whole:
            text.insert(SHOWN + 1, f"{'…':>{widths[0]}}")
        return "\n".join(text)


def sign_in_table(name: str, mode: str | None) -> float:
    """1 where smaller is better, -1 where larger is; few epochs are better than many."""
    found = sign_of(name, mode or ("min" if name == "epochs" else None))
    if found is None:
        raise ValueError(f"which is better in column {name!r}? Say mode='min' or mode='max'")
    return found


def plain(value: Any) -> Any:
    """A value as files and frames hold it: a number, a word, a truth value; of anything else what it is called."""
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def cell(value: Any) -> str:
    """A value in a table for people."""
    if value is None:
        return ""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
