"""What is learnt from an input column of dates, and how its values become inputs of the network.

A date is a number, the days since 1970-01-01. A trend is in the number itself; what comes back every year, week or day
is in the place of the number on a circle that is gone round once in that time. The place is told by the sine and the
cosine of its angle, so that December lies beside January and 23:00 beside 1:00, and of twice the angle, so that the two
rush hours of a day can be told from what lies between them. Of the hires of bicycles in an hour a small network then
explains as much as with an input for each month, weekday and hour, which would be 43 of them rather than 12.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data.files import fields as read
from glassnet.data.tables.dates import days_of, text_of_days
from glassnet.data.tables.levels import Levels, check_levels, levelled, levels_json, levels_readers
from glassnet.data.tables.noticed import Noticed
from glassnet.data.tables.number_column import check_range, noticed_of_range, outside, sentences_on_range
from glassnet.data.tables.scaling import Scaling, scaling_json, scaling_readers, taken_scaling
from glassnet.data.tables.table import Numbers, Table
from glassnet.data.tables.wording import listed, shown
from glassnet.errors import ModelFileError

PERIODS = {"year": 365.2425, "week": 7.0, "day": 1.0}
"""The circles, and how many days it takes to go round them."""

MEANS = {"year": "the month", "week": "the weekday", "day": "the hour"}
TURNS = (1, 2)
WAVES = ("sin", "cos")


@dataclass(frozen=True, kw_only=True)
class DateColumn:
    """A column of dates: the day, scaled; the place on each circle; perhaps whether the date is missing.

    Attributes
    ----------
    name
        The column's name.
    scaling
        How a day becomes an input, learnt from the days from 1970-01-01 to the dates of training.
    fill
        Stands for a missing date: the median of training, in days.
    low, high
        The first and the last date of training, in days.
    parts
        The circles, of "year", "week" and "day" those on which the dates of training are in different places.
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
    parts: tuple[str, ...]
    indicator: bool
    levels: Levels = ()

    def __post_init__(self) -> None:
        what = f"column {shown(self.name)}"
        self.scaling.check(what)
        check_range(what, self.low, self.high)
        check_levels(what, self.levels, int(self.indicator))
        if list(self.parts) != [part for part in PERIODS if part in self.parts]:
            raise ValueError(
                f"parts of column {shown(self.name)} must be some of {listed(PERIODS)}, in this order, "
                f"got {self.parts!r:.60}"
            )

    @property
    def waves(self) -> tuple[tuple[str, int, str], ...]:
        """The inputs that circles become: which circle, how often it is gone round, "sin" or "cos"."""
        return tuple((part, turns, wave) for part in self.parts for turns in TURNS for wave in WAVES)

    @property
    def periods(self) -> tuple[float, ...]:
        """How many days it takes to go round each circle."""
        return tuple(PERIODS[part] for part in self.parts)

    @property
    def input_names(self) -> tuple[str, ...]:
        """One name for each input: "sold", "sold time of year sin", …, "sold missing"."""
        names = [self.name]
        names += [f"{self.name} time of {part} {wave}{turns if turns > 1 else ''}" for part, turns, wave in self.waves]
        return (*names, f"{self.name} missing") if self.indicator else tuple(names)

    def encode(self, table: Table, x: Numbers) -> None:
        """Write the inputs into `x`, (n, 1 + 4 for each circle), and with the indicator one more."""
        days = days_of(table, self.name)
        absent = np.isnan(days)
        days = np.where(absent, self.fill, days)
        x[:, 0] = self.scaling(days)
        for k, (part, turns, wave) in enumerate(self.waves, start=1):
            angle = 2 * np.pi * share_done(days, part, turns)
            x[:, k] = np.sin(angle) if wave == "sin" else np.cos(angle)
        if self.indicator:
            x[:, -1] = absent
            levelled(x[:, -1:], self.levels)

    def unusual(self, table: Table) -> NDArray[np.bool_]:
        """Return which rows have a date outside the range seen, (n,); a missing one lies nowhere."""
        return outside(days_of(table, self.name), self.low, self.high)

    def noticed(self, table: Table) -> Noticed:
        """Return what is unusual about the column's dates beside those of training, counted."""
        return noticed_of_range(table, days_of(table, self.name), (self.low, self.high), text_of_days)

    def sentences(self, noticed: Noticed, with_source: bool = False) -> list[str]:
        """Return the same in words, with the names of files or without."""
        return sentences_on_range(
            self.name,
            noticed,
            noun="date",
            seen=f"{self.span}, what was seen in training",
            fill=None if self.indicator else text_of_days(self.fill),
            with_source=with_source,
        )

    @property
    def span(self) -> str:
        """The first and the last date of training, in words."""
        return f"{text_of_days(self.low)} to {text_of_days(self.high)}"

    def summary(self) -> tuple[str, ...]:
        """Return kind, values, scaling and what becomes of a missing value, for `DataContract.describe`."""
        becomes = ", ".join(["days", *(f"time of {part}" for part in self.parts)])
        filled = f"{text_of_days(self.fill)}{' and an input' if self.indicator else ''}"
        return "date", self.span, becomes, filled

    def to_json(self) -> dict[str, Any]:
        """Return the column as a dictionary of JSON types."""
        own = {"fill": self.fill, "low": self.low, "high": self.high, "parts": list(self.parts)}
        scaling, levels = scaling_json(self.scaling), levels_json(self.levels)
        return {"kind": "date", "name": self.name, **scaling, **own, "indicator": self.indicator, **levels}

    @classmethod
    def from_json(cls, data: object, path: str) -> "DateColumn":
        """Return the column `to_json` wrote; ModelFileError names a key that is not as it should be."""
        own = {"name": read.text, **dict.fromkeys(("fill", "low", "high"), read.number)}
        readers = {**own, "parts": read.texts, "indicator": read.flag}
        readers |= {**scaling_readers(data, path), **levels_readers(data, path)}
        found = read.record(data, path, readers, kind="date")
        for key in ("fill", "low", "high"):
            if not _FIRST <= found[key] < _LAST:
                raise ModelFileError(f"{path}.{key} must be days from 1970-01-01 to a date, got {found[key]}")
        return cls(scaling=taken_scaling(found), **found)


_FIRST, _LAST = -719163.0, 2932898.0  # 0000-12-31 and 10000-01-02: a time zone may lead a day beyond the years


def share_done(days: Any, part: str, turns: int) -> Any:
    """Return which share of a round is done, from 0 to 1, where a circle is gone round `turns` times in its time."""
    rounds = turns * days / PERIODS[part]
    return rounds - np.floor(rounds)


def parts_that_vary(days: NDArray[np.float64]) -> tuple[str, ...]:
    """Return the circles on which these days, none missing, are in different places: months, weekdays, hours."""
    whole = np.floor(days)
    seconds = np.round((days - whole) * 86400, 3)  # to the millisecond: a day's part is rounded in so large a number
    months = whole.astype("M8[D]").astype("M8[M]").astype(np.int64) % 12
    places = {"year": months, "week": whole % 7, "day": seconds}
    return tuple(part for part in PERIODS if places[part].min() < places[part].max())
