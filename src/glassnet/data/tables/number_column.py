"""What is learnt from an input column of numbers, and how its values become inputs of the network."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data.files import fields as read
from glassnet.data.tables.cells import number_text, plain_number
from glassnet.data.tables.choices import FILLS
from glassnet.data.tables.levels import Levels, check_levels, levelled, levels_json, levels_readers
from glassnet.data.tables.notation import Notation
from glassnet.data.tables.noticed import Noticed, Place
from glassnet.data.tables.scaling import Scaling, scaling_json, scaling_readers, taken_scaling
from glassnet.data.tables.separators import how_to_read, not_grouped, ways_of
from glassnet.data.tables.spellings import plain_spelling
from glassnet.data.tables.table import Numbers, Table
from glassnet.data.tables.wording import counted, listed, shown
from glassnet.data.tables.words import Words
from glassnet.errors import DataError


def numbers_of(table: Table, name: str) -> Numbers:
    """Return a column as numbers; words that are numbers are read, another word is refused with its line."""
    column = table.column(name)
    if not isinstance(column, Words):
        return column
    values = [plain_number(word, table.notation) for word in column.words]
    known = np.array([*(np.inf if value is None else value for value in values), np.nan], np.float64)
    numbers = column.each(known)
    if np.isinf(numbers).any():
        i = int(np.isinf(numbers).argmax())
        word = str(column[i])
        plain = plain_spelling(word)
        raise DataError(
            f"{table.where(i)}: {shown(word)} in column {shown(name)} is not a number, and the "
            f"column must be numbers; mend the cell{f' (write {plain})' if plain else ''}, or leave it empty"
            f"{_hint(word, table.notation)}"
        )
    return numbers


def _hint(word: str, notation: Notation) -> str:
    """Return how a word is read that is a number in a file of another notation, for the end of a sentence."""
    if notation.thousands is not None and notation.is_like_a_number(word):
        return f"; it {not_grouped(notation)}"
    ways = ways_of([word], notation)
    if len(ways) == 1:
        sign = {".": "point", ",": "comma"}[ways[0].decimal]
        kind = f"a decimal {sign}" if ways[0].thousands is None else f"{shown(ways[0].thousands)} between thousands"
        return f"; numbers with {kind} are read with {ways[0]}"
    return f"; it {how_to_read(word, ways)}" if ways else ""


def check_range(what: str, low: float, high: float) -> None:
    """Refuse a range that no column of numbers has."""
    if not low <= high:
        raise ValueError(f"low of {what} must be <= high, got {low} and {high}")


def outside(values: Numbers, low: float, high: float) -> NDArray[np.bool_]:
    """Return which values are lower or higher; one that is missing, NaN, is neither."""
    return (values < low) | (values > high)


def noticed_of_range(table: Table, values: Numbers, ends: tuple[float, float], text: Callable[[float], str]) -> Noticed:
    """Return how many of a column's values are not between these ends, and how many are missing, NaN."""
    beyond = np.flatnonzero(outside(values, *ends))
    first = Place.of(table, int(beyond[0]), text(values[beyond[0]])) if len(beyond) else None
    return Noticed(absent=int(np.isnan(values).sum()), beyond=len(beyond), first=first)


def sentences_on_range(
    name: str,
    noticed: Noticed,
    *,
    noun: str,
    seen: str,
    fill: str | None,
    filled: str = "median",
    with_source: bool = False,
) -> list[str]:
    """Return what is unusual about a column's values in words.

    What training had is what `seen` says. Each value is a `noun`; a missing one counts as `fill`, which is the median
    in training or what `filled` says (None: that it is missing is an input).
    """
    remarks = []
    if noticed.first:
        first = f"{noticed.first.text} in {noticed.first.words(with_source)}"
        lie = counted(noticed.beyond, f"{noun} lies", f"{noun}s lie")
        remarks.append(f"{name}: {lie} outside {seen} (the first: {first})")
    if noticed.absent and fill is not None:
        count = counted(noticed.absent, f"{noun} is missing and counts", f"{noun}s are missing and count")
        remarks.append(f"{name}: {count} as {fill}, the {filled} in training")
    return remarks


@dataclass(frozen=True, kw_only=True)
class NumberColumn:
    """A column of numbers: one input, the number scaled, and perhaps a second, 1 where the value is missing.

    Attributes
    ----------
    name
        The column's name.
    scaling
        How a number becomes an input, learnt from the training values that are there.
    fill, filled
        Stands for a missing value, and which number of the training values that is: their "median" or "mean".
    low, high
        The range seen in training.
    indicator
        Whether "is missing" is an input of its own.
    levels
        What becomes of its 0 and 1, where these are scaled too.
    """

    name: str
    scaling: Scaling
    fill: float
    low: float
    high: float
    indicator: bool
    filled: str = "median"
    levels: Levels = ()

    def __post_init__(self) -> None:
        what = f"column {shown(self.name)}"
        self.scaling.check(what)
        check_range(what, self.low, self.high)
        if self.filled not in FILLS:
            raise ValueError(f"filled of {what} must be one of {listed(FILLS)}, got {self.filled!r:.60}")
        check_levels(what, self.levels, int(self.indicator))

    @property
    def input_names(self) -> tuple[str, ...]:
        """One name for each input."""
        return (self.name, f"{self.name} missing") if self.indicator else (self.name,)

    def encode(self, table: Table, x: Numbers) -> None:
        """Write the inputs into `x`, (n, 1) or with the indicator (n, 2)."""
        values = numbers_of(table, self.name)
        absent = np.isnan(values)
        scaled = self.scaling(np.where(absent, self.fill, values) if absent.any() else values)
        if not np.isfinite(scaled).all():
            i = int(np.flatnonzero(~np.isfinite(scaled))[0])
            raise DataError(
                f"{table.where(i)}: {values[i]:g} in column {shown(self.name)} is too large: scaled it "
                f"has no finite value; in training the column went from {self.low:g} to {self.high:g}"
            )
        x[:, 0] = scaled
        if self.indicator:
            x[:, 1] = absent
            levelled(x[:, 1:], self.levels)

    def unusual(self, table: Table) -> NDArray[np.bool_]:
        """Return which rows have a value outside the range seen, (n,); a missing one lies nowhere."""
        return outside(numbers_of(table, self.name), self.low, self.high)

    def noticed(self, table: Table) -> Noticed:
        """Return what is unusual about the column's values beside those of training, counted."""
        return noticed_of_range(table, numbers_of(table, self.name), (self.low, self.high), number_text)

    def sentences(self, noticed: Noticed, with_source: bool = False) -> list[str]:
        """Return the same in words, with the names of files or without."""
        return sentences_on_range(
            self.name,
            noticed,
            noun="value",
            seen=f"{self.low:g} to {self.high:g}, the range seen in training",
            fill=None if self.indicator else f"{self.fill:g}",
            filled=self.filled,
            with_source=with_source,
        )

    def summary(self) -> tuple[str, ...]:
        """Return kind, values, scaling and what becomes of a missing value, for `DataContract.describe`."""
        filled = f"{self.fill:g}{' and an input' if self.indicator else ''}"
        return "number", f"{self.low:g} to {self.high:g}", str(self.scaling), filled

    def to_json(self) -> dict[str, Any]:
        """Return the column as a dictionary of JSON types."""
        numbers: dict[str, Any] = {"fill": self.fill, "low": self.low, "high": self.high, "indicator": self.indicator}
        numbers |= {} if self.filled == "median" else {"filled": self.filled}
        scaling, levels = scaling_json(self.scaling), levels_json(self.levels)
        return {"kind": "number", "name": self.name, **scaling, **numbers, **levels}

    @classmethod
    def from_json(cls, data: object, path: str) -> "NumberColumn":
        """Return the column `to_json` wrote; ModelFileError names a key that is not as it should be."""
        own: dict[str, Any] = {
            "name": read.text,
            **dict.fromkeys(("fill", "low", "high"), read.number),
            "indicator": read.flag,
        }
        if "filled" in read.mapping(data, path):
            own["filled"] = read.text
        readers = {**own, **scaling_readers(data, path), **levels_readers(data, path)}
        found = read.record(data, path, readers, kind="number")
        return cls(scaling=taken_scaling(found), **found)
