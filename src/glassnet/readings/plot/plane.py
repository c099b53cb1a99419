"""A plane through the data: two columns vary, all others stay where they are usual."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.data.tables import DataContract, Table
from glassnet.data.tables.category_column import words_of
from glassnet.data.tables.date_column import DateColumn
from glassnet.data.tables.dates import days_of, text_of_date, text_of_days
from glassnet.data.tables.number_column import NumberColumn, numbers_of
from glassnet.data.tables.wording import nearest_hint, shown
from glassnet.data.tables.words import NO_WORD, Words
from glassnet.errors import DataError
from glassnet.training.state import State

MARGIN = 0.1  # of the range of the data, on each side
ALL_FIXED = 6  # so many columns that stay are told one by one

Columns = tuple[str | int, str | int] | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Plane:
    """Two columns of the data, and what the others are.

    Attributes
    ----------
    names
        Of the two.
    points
        Where the rows of the data lie, (n, 2); NaN where a value is missing.
    fixed
        The other columns and what they are, as text.
    rows
        Rows for values of the two columns, both (k,), as the contract takes them.
    """

    names: tuple[str, str]
    points: np.ndarray
    fixed: dict[str, str]
    rows: Callable[[np.ndarray, np.ndarray], Any]

    def grid(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Values of the two columns from below the lowest to above the highest, (steps,) each."""
        low, high = np.nanmin(self.points, axis=0), np.nanmax(self.points, axis=0)
        room = np.where(high > low, MARGIN * (high - low), 1.0)
        first, second = np.linspace(low - room, high + room, steps).T
        return first, second

    def caption(self) -> list[str]:
        """What stays, in a sentence."""
        if not self.fixed:
            return []
        told = [f"{name}\u00a0=\u00a0{value}" for name, value in self.fixed.items()]
        if len(told) <= ALL_FIXED:
            return [f"Fixed: {', '.join(told)}"]
        some = ", ".join(told[: ALL_FIXED - 1])
        return [f"Fixed: {some} and {len(told) - ALL_FIXED + 1} more, each at its median or most frequent word"]


def plane(state: State, X: Any, columns: Columns = None, fixed: Mapping[str | int, Any] | None = None) -> Plane:
    """The plane over two columns; without `columns` the only two there are.

    Raises
    ------
    ValueError
        It is not said which two columns, or they are the same.
    DataError
        A column is not there, holds words, or has no value.
    """
    contract = state.contract
    if isinstance(contract, ArrayContract):
        return plane_of_array(contract, contract.encode(X), columns, fixed or {})
    return plane_of_table(contract, state.table(X), columns, fixed or {})


def plane_of_array(contract: ArrayContract, X: np.ndarray, columns: Columns, fixed: Mapping[str | int, Any]) -> Plane:
    """Over two columns of an array, by number from 0 or by name."""
    names = contract.input_names
    two = [place(column, names) for column in chosen(columns, names)]
    check_different(two, names)
    usual = np.median(X, axis=0)
    for name, value in by_hand(fixed, names, two).items():
        usual[names.index(name)] = number(value, name)

    def rows(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        found = np.tile(usual, (len(first), 1))
        found[:, two[0]], found[:, two[1]] = first, second
        return found

    others = {name: f"{usual[k]:.4g}" for k, name in enumerate(names) if k not in two}
    return Plane(names=(names[two[0]], names[two[1]]), points=X[:, two], fixed=others, rows=rows)


def plane_of_table(contract: DataContract, table: Table, columns: Columns, fixed: Mapping[str | int, Any]) -> Plane:
    """Over two columns of numbers of a table, by name."""
    contract.encode(table.rows([0]))  # says which columns it lacks
    names = contract.feature_names
    numeric = [feature.name for feature in contract.features if isinstance(feature, NumberColumn)]
    two = [names[place(column, names)] for column in chosen(columns, names, numeric)]
    check_different([names.index(name) for name in two], names)
    for name in two:
        if name not in numeric:
            raise DataError(
                f"{shown(name)} holds no numbers, and a boundary is drawn over two columns that do: {in_a_row(numeric)}"
            )
    given = by_hand(fixed, names, [names.index(name) for name in two])
    usual: dict[str, float | str | None] = {}
    for feature in contract.features:
        name = feature.name
        if name in two:
            continue
        if isinstance(feature, NumberColumn):
            usual[name] = number(given[name], name) if name in given else median(table, name)
        elif name in given:
            usual[name] = text_of_date(given[name]) or str(given[name])
        else:
            usual[name] = middle_date(table, name) if isinstance(feature, DateColumn) else most_frequent(table, name)

    def rows(first: np.ndarray, second: np.ndarray) -> Table:
        n = len(first)
        column = {two[0]: first, two[1]: second, **{name: constant(value, n) for name, value in usual.items()}}
        return Table(columns=column, source="the plane", lines=np.arange(1, n + 1))

    points = np.column_stack([numbers_of(table, name) for name in two])
    for name, values in zip(two, points.T, strict=True):
        if np.isnan(values).all():
            raise DataError(f"column {shown(name)} of {table.source} is missing in every row")
    return Plane(names=(two[0], two[1]), points=points, fixed={k: text(v) for k, v in usual.items()}, rows=rows)


def chosen(columns: Columns, names: Sequence[str], numeric: Sequence[str] | None = None) -> Sequence[str | int]:
    """The two columns asked for, or the only two there are."""
    if columns is None:
        if len(names) == 2:
            return names
        allowed = names if numeric is None else numeric
        example = tuple(allowed[:2]) if len(allowed) > 1 else ("…", "…")
        raise ValueError(
            f"a boundary is drawn over two columns, and the model has {len(names)}: say which, columns={example!r}; "
            f"there are {in_a_row(allowed)}"
        )
    if isinstance(columns, (str, int)) or len(columns) != 2:
        raise ValueError(f"columns must be two, such as {tuple(names[:2])!r}, got {columns!r:.80}")
    return columns


def place(column: str | int, names: Sequence[str]) -> int:
    """Which column a name, or a number from 0, is."""
    if isinstance(column, str):
        if column not in names:
            raise DataError(f"the model has no input column {shown(column)}; {nearest_hint(column, names)}")
        return names.index(column)
    if isinstance(column, bool) or not isinstance(column, (int, np.integer)) or not 0 <= column < len(names):
        raise DataError(f"a column must be a name or a number from 0 to {len(names) - 1}, got {column!r:.40}")
    return int(column)


def check_different(two: Sequence[int], names: Sequence[str]) -> None:
    """ValueError where both columns are the same."""
    if two[0] == two[1]:
        raise ValueError(f"columns must be two different ones, got {shown(names[two[0]])} twice")


def by_hand(fixed: Mapping[str | int, Any], names: Sequence[str], two: Sequence[int]) -> dict[str, Any]:
    """What columns are to be fixed at, by name; ValueError where one is to vary as well."""
    found = {names[place(column, names)]: value for column, value in fixed.items()}
    for k in two:
        if names[k] in found:
            raise ValueError(f"{shown(names[k])} is one of the two columns that vary; leave it out of fixed")
    return found


def number(value: Any, name: str) -> float:
    """A number that a column is to be fixed at."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        raise DataError(f"{shown(name)} holds numbers, so it cannot be fixed at {value!r:.40}") from None
    if not np.isfinite(found):
        raise DataError(f"{shown(name)} must be fixed at a finite number, got {value!r}")
    return found


def median(table: Table, name: str) -> float:
    """The median of a column; NaN where all is missing."""
    values = numbers_of(table, name)
    there = values[~np.isnan(values)]
    return float(np.median(there)) if len(there) else float("nan")


def middle_date(table: Table, name: str) -> str | None:
    """The date with as many before as after it; the earlier of two."""
    days = days_of(table, name)
    there = np.sort(days[~np.isnan(days)])
    return text_of_days(float(there[(len(there) - 1) // 2])) if len(there) else None


def most_frequent(table: Table, name: str) -> str | None:
    """The word that most rows have; the first of several."""
    counts = words_of(table, name).counts()
    return max(counts, key=counts.__getitem__) if counts else None


def constant(value: float | str | None, n: int) -> Any:
    """A column that is the same in n rows."""
    if isinstance(value, float):
        return np.full(n, value)
    return Words(np.full(n, NO_WORD if value is None else 0, np.int32), () if value is None else (value,))


def text(value: float | str | None) -> str:
    """A value in a caption."""
    if value is None or value != value:
        return "missing"
    return value if isinstance(value, str) else f"{value:.4g}"


def in_a_row(names: Sequence[str], most: int = 10) -> str:
    """Names in a message."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(shown, names[:most])) + more
