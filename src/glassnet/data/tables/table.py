"""A table in memory: named columns of numbers or of words, and where each row came from.

Two kinds of columns are enough to learn from. A column of numbers is a float64 array in which NaN means
"missing"; a column of words is a `Words`, in which None means "missing". Each row remembers its line in the file,
so that a message can say where to look, also after rows were picked, dropped or reordered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.data.tables.notation import PLAIN, Notation
from glassnet.data.tables.wording import counted, listed, nearest_hint, shown
from glassnet.data.tables.words import Words
from glassnet.errors import DataError
from glassnet.printable import printable

Numbers = NDArray[np.float64]
Column = Numbers | Words
Label = str | int | float  # truth values are ints


def is_numbers(column: Column) -> TypeGuard[Numbers]:
    """Tell whether a column holds numbers (otherwise it holds words)."""
    return not isinstance(column, Words)


def is_missing(column: Column) -> NDArray[np.bool_]:
    """Return, for each row, whether its value is missing: NaN in numbers, None in words."""
    return column.missing if isinstance(column, Words) else np.isnan(column)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Table:
    """Named columns in order.

    Parameters
    ----------
    columns
        Name → a column, all of one length: a 1-D float64 array (NaN is missing), or `Words` (None is missing); an
        object array of `str` and None becomes one.
    source
        What messages call the table: a file's name, or "data frame".
    lines
        For each row the number of its line in the file, or of its row in the data frame, counted from 1.
    unit
        What `lines` counts: "line" or "row".
    originals
        Of columns of words that were given as something else (truth values, pandas categories that are
        numbers): name → what each word stands for.
    given_names
        Name → how the table was given spells it, where that is known: there may be blanks around it.
    unreadable
        Of columns that are neither numbers nor words, such as lists: name → why. One that is not asked for is no
        reason to refuse the table.
    notation
        How the file it was read from writes numbers.

    Raises
    ------
    DataError
        There is no column or no row, or a column is of another length or kind.
    """

    columns: Mapping[str, Column]
    source: str
    lines: NDArray[np.int64]
    unit: str = "row"
    originals: Mapping[str, Mapping[str, Label]] = field(default_factory=dict)
    given_names: Mapping[str, str] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    notation: Notation = PLAIN

    def __post_init__(self) -> None:
        if not self.columns:
            for name in self.unreadable:
                self.column(name)  # which says why
            raise DataError(f"{self.source} has no columns; a table needs at least one")
        if len(self.lines) == 0:
            raise DataError(f"{self.source} has columns but no rows; a table needs at least one row")
        object.__setattr__(self, "columns", {name: _as_words(column) for name, column in self.columns.items()})
        for name, column in self.columns.items():
            if column.shape != (len(self.lines),):
                raise DataError(
                    f"column {shown(name)} of {self.source} has shape {column.shape}, "
                    f"the table has {counted(len(self.lines), 'row')}; columns are 1-D and equally long"
                )
            if column.dtype not in (np.float64, np.object_):
                raise DataError(
                    f"column {shown(name)} of {self.source} is {column.dtype}; "
                    "a column is float64 or object (words and None); as_table converts"
                )

    def __len__(self) -> int:
        return len(self.lines)

    def __repr__(self) -> str:
        size = f"{counted(len(self), 'row')}, {counted(len(self.names), 'column')}"
        width = max(map(len, self.names))
        sketches = {name: _sketch(column) for name, column in self.columns.items()}
        lines = [f"  {name:<{width}}  {sketches.get(name, 'cannot be read')}" for name in self.names]
        return printable("\n".join([f"Table from {self.source}: {size}", *lines]))

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in order; last those that cannot be read."""
        return (*self.columns, *self.unreadable)

    def where(self, i: int) -> str:
        """Return where row i came from, as messages say it: "penguins.csv, line 5"."""
        return f"{self.source}, {self.unit} {self.lines[i]}"

    def check_column(self, name: str) -> None:
        """Refuse the name of a column that is not there, with the nearest names; TypeError for what is no name."""
        if not isinstance(name, str):
            raise TypeError(f"the name of a column must be text, got {name!r:.60}; there are {listed(self.names)}")
        if name not in self.columns and name not in self.unreadable:  # names would be made for each of thousands
            raise DataError(f"{self.source} has no column {shown(name)}; {nearest_hint(name, self.names)}")

    def column(self, name: str) -> Column:
        """Return the column of that name; DataError where there is none, and where it cannot be read."""
        self.check_column(name)
        if name in self.unreadable:
            raise DataError(
                f"column {shown(name)} of {self.source}: {self.unreadable[name]}; a column that is no input is left "
                f"out with exclude=[{shown(name)}]"
            )
        return self.columns[name]

    def missing(self, name: str) -> NDArray[np.bool_]:
        """Return, for each row, whether its value in that column is missing."""
        return is_missing(self.column(name))

    def rows(self, indices: ArrayLike) -> "Table":
        """Return the rows at these indices, or where a mask is true, in that order."""
        picked = np.asarray(indices)
        columns = {name: column[picked] for name, column in self.columns.items()}
        return replace(self, columns=columns, lines=self.lines[picked])

    def between(self, low: int, high: int) -> "Table":
        """Return rows low to high - 1, without a copy."""
        columns = {name: column[low:high] for name, column in self.columns.items()}
        return replace(self, columns=columns, lines=self.lines[low:high])

    def known(self, name: str) -> "Table":
        """Return the rows in which that column has a value; DataError where none has."""
        there = ~self.missing(name)
        if not there.any():
            raise DataError(f"column {shown(name)} of {self.source} is missing in every row")
        return self if there.all() else self.rows(there)

    def select(self, names: Sequence[str]) -> "Table":
        """Return these columns, in that order."""
        unreadable = {name: self.unreadable[name] for name in names if name in self.unreadable}
        columns = {name: self.column(name) for name in names if name not in unreadable}
        return replace(self, columns=columns, unreadable=unreadable)


def _as_words(column: Column) -> Column:
    """Return an array of objects as words, anything else as it is."""
    return Words.of(column.tolist()) if isinstance(column, np.ndarray) and column.dtype == np.object_ else column


def check_finite(table: Table) -> None:
    """Refuse an infinite value in a column of numbers, with its row."""
    for name, column in table.columns.items():
        if is_numbers(column) and np.isinf(column).any():
            i = int(np.flatnonzero(np.isinf(column))[0])
            raise DataError(
                f"{table.where(i)}: column {shown(name)} is infinite (inf, or too large for a float64) among "
                "numbers; only finite numbers can be learnt from; mend the cell or leave it empty"
            )


def _sketch(column: Column) -> str:
    """Return one line on a column: its kind, its first values, how many are missing."""
    absent = int(is_missing(column).sum())
    there = column[np.flatnonzero(~is_missing(column))[:4]]
    first = [value if isinstance(value, str) else f"{value:g}" for value in there.tolist()]
    parts = [
        "numbers" if is_numbers(column) else "words  ",
        f"{', '.join(first)}{', …' if len(column) > 4 else ''}",
    ]
    return "  ".join([*parts, *([f"({absent:,} missing)"] if absent else [])])
