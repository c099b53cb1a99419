"""What a split of the rows must keep to: groups that stay together, an order in which what is held out comes last.

Rows of one patient, or of one day, are alike. Where some of them are learnt from and others held out, the score tells
how well a network knows these patients, rather than how well it does with new ones. Whoever splits rows asks here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from glassnet.data.tables.dates import days_of, is_dates, text_of_days
from glassnet.data.tables.reading import as_table
from glassnet.data.tables.table import Numbers, Table, is_missing, is_numbers
from glassnet.data.tables.wording import shown
from glassnet.data.tables.words import Words
from glassnet.errors import DataError

Codes = NDArray[np.intp]


class SplitOptions(TypedDict, total=False):
    """What rows are split by, as keywords: a column's name, or a value for each row."""

    group: Any
    after: Any


@dataclass(frozen=True, eq=False, kw_only=True)
class Constraints:
    """What a split keeps to; by default nothing.

    Attributes
    ----------
    group
        For each row the number of its group, (n,): all rows of a group are on one side. None: each is for itself.
    after
        For each row a number, (n,), a date as days: rows held out have larger ones than all that are learnt from.
    names
        What messages call the two: {"group": "column 'patient' of visits.csv"}.
    dates
        Whether `after` holds dates.
    labels
        What the groups are called, in the order of their numbers.
    places
        For each row its place among those given, (n,): whether it is held out is drawn for its place alone. None: of
        all rows so many are drawn.
    """

    group: Codes | None = None
    after: Numbers | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    dates: bool = False
    labels: tuple[str, ...] = ()
    places: Codes | None = None

    @staticmethod
    def of(table: Table | None, given: int, known: Any = slice(None), **options: Any) -> Constraints:
        """Constraints from columns of a table, or from values.

        Parameters
        ----------
        table
            The rows that are split; None: they are arrays.
        given, known
            How many values there must be, and which of them belong to the rows that are split.
        **options
            The names of `SplitOptions`.

        Raises
        ------
        DataError
            A column is not there, or a row has no value in it.
        ValueError
            There is not one value for each row.
        """
        found: dict[str, Any] = {"names": {}}
        if options.pop("split", None) == "hash":
            found["places"] = np.arange(given)[known]
        for option, value in options.items():
            if value is None:
                continue
            rows, name = column_of(option, value, table, given, known)
            found["names"][option] = f"column {shown(name)} of {rows.source}" if isinstance(value, str) else option
            check_known(option, rows, name)
            if option == "after":
                found |= {"after": times_of(rows, name), "dates": not is_numbers(rows.column(name))}
            else:
                found["group"], found["labels"] = groups_of(rows, name)
        return Constraints(**found)

    def __bool__(self) -> bool:
        return self.group is not None or self.after is not None

    def rows(self, index: Any) -> Constraints:
        """The constraints of some of the rows."""
        names = ("group", "after", "places")
        picked = {name: values[index] for name in names if (values := getattr(self, name)) is not None}
        return Constraints(**picked, names=self.names, dates=self.dates, labels=self.labels)

    def label(self, row: int) -> str:
        """What the group of a row is called."""
        assert self.group is not None
        return self.labels[int(self.group[row])]

    def time(self, row: int) -> str:
        """The value of a row in the order, as people write it."""
        assert self.after is not None
        return text_of_days(self.after[row]) if self.dates else f"{self.after[row]:g}"


FREE = Constraints()
"""Nothing to keep to."""


def column_of(option: str, value: Any, table: Table | None, given: int, known: Any) -> tuple[Table, str]:
    """The rows that are split with the column that is meant, and its name; errors as `Constraints.of` has them."""
    if isinstance(value, str):
        if table is None:
            raise ValueError(f"{option}={value!r} is the name of a column; arrays need one value for each row")
        table.column(value)
        return table, value
    values = np.asarray(value) if isinstance(value, list | tuple) else value
    shape = value.shape if isinstance(value, Words) else np.shape(values)
    if shape != (given,):
        one = "the name of a column, or " * (table is not None)
        raise ValueError(f"{option} must be {one}one value for each of {given} rows, got shape {shape}")
    rows = as_table({option: list(value) if isinstance(value, list | tuple | Words) else value})
    return rows.rows(np.arange(given)[known]), option


def check_known(option: str, table: Table, name: str) -> None:
    """DataError where a value is missing."""
    absent = is_missing(table.column(name))
    if absent.any():
        why = {"group": "its group, so as not to be on both sides", "after": "its place in the order"}[option]
        raise DataError(
            f"{table.where(int(absent.argmax()))}: column {shown(name)} is missing, and each row needs {why}; fill it "
            "in, or leave such rows out"
        )


def groups_of(table: Table, name: str) -> tuple[Codes, tuple[str, ...]]:
    """For each row the number of its group, and what groups are called."""
    column = table.column(name)
    values = column.codes if isinstance(column, Words) else column
    different, codes = np.unique(values, return_inverse=True)
    if isinstance(column, Words):
        return codes, tuple(column.words[k] for k in different.tolist())
    return codes, tuple(f"{value:.15g}" for value in different.tolist())


def times_of(table: Table, name: str) -> Numbers:
    """For each row its place in the order: a number, or the days of a date."""
    column = table.column(name)
    if is_numbers(column):
        return column
    if not is_dates(table, name):
        raise DataError(
            f"column {shown(name)} of {table.source} has no order: it must hold numbers, or dates like 2024-03-01, "
            f"got {shown(column[0])}"
        )
    return days_of(table, name)
