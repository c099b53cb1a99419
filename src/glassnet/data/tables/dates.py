"""Dates as numbers: ISO 8601 to days since 1970-01-01 and back.

A date is `2024-03-01`, `2024-03-01T12:30`, with a blank for the T, with seconds and fractions of them, with `Z` or how
far the clock is from UTC: `+01:00`. Where it says so the time is taken to UTC, else as it stands. Dates of data frames
become such texts too: a table holds numbers and words.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data.tables.table import Numbers, Table, is_missing
from glassnet.data.tables.wording import shown
from glassnet.data.tables.words import NO_WORD, Words
from glassnet.errors import DataError

_DAY = r"(\d{4})-(\d\d)-(\d\d)"
_CLOCK = r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d(?:[.,]\d+)?))?"
_ZONE = r"Z|([+-])([01]\d|2[0-3])(?::?([0-5]\d))?"
_DATE = re.compile(rf"{_DAY}(?:[T ]{_CLOCK}(?:{_ZONE})?)?", re.ASCII)
_FIRST = date(1970, 1, 1).toordinal()
EXPECTED = "2024-03-01, 2024-03-01T12:30 or 2024-03-01T12:30:59.5+01:00"


def days_of_text(text: str) -> float | None:
    """Return the days from 1970-01-01 to a date, or None for what is none.

    >>> days_of_text("1970-01-02"), days_of_text("1970-01-02T12:00+06:00"), days_of_text("1970-02-29")
    (1.0, 1.25, None)
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day, hours, minutes, seconds, sign, zone_hours, zone_minutes = match.groups()
    try:
        whole = date(int(year), int(month), int(day)).toordinal() - _FIRST
    except ValueError:  # no such day
        return None
    zone = (60 * int(zone_hours or 0) + int(zone_minutes or 0)) * (-1 if sign == "-" else 1)
    clock = 60 * int(hours or 0) + int(minutes or 0) - zone
    return whole + (clock * 60 + float((seconds or "0").replace(",", "."))) / 86400


def days_of_texts(texts: Sequence[str]) -> Numbers:
    """Return the same for many texts, NaN for what is none; those without fractions and zones are read all at once.

    >>> days_of_texts(["1970-01-02", "1970-01-02 06:00", "soon", "1970-01-01T18:00-06"])
    array([1.  , 1.25,  nan, 1.  ])
    """
    days = np.full(len(texts), np.nan)
    lengths = np.fromiter(map(len, texts), np.intp, len(texts))
    for length in _PLAIN:
        at = np.flatnonzero(lengths == length)
        joined = "".join(map(texts.__getitem__, at.tolist()))
        if joined and joined.isascii():
            days[at] = _plain_days(np.frombuffer(joined.encode(), np.uint8).reshape(-1, length))
    for i in np.flatnonzero(np.isnan(days) & (lengths >= min(_PLAIN))).tolist():
        value = days_of_text(texts[i])
        days[i] = np.nan if value is None else value
    return days


_PLAIN = (10, 16, 19)  # signs in 2024-03-01, with T12:30, with :59
_LENGTHS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def _plain_days(signs: NDArray[np.uint8]) -> Numbers:
    """Return the days of dates given by their signs, (n, 10, 16 or 19); NaN for what is none."""

    def number(first: int, last: int) -> NDArray[np.int64]:
        digits = signs[:, first:last].astype(np.int64) - ord("0")
        is_right[:] &= ((digits >= 0) & (digits <= 9)).all(axis=1)
        return digits @ 10 ** np.arange(last - first)[::-1]

    is_right = (signs[:, 4] == ord("-")) & (signs[:, 7] == ord("-"))
    year, month, day = number(0, 4), number(5, 7), number(8, 10)
    is_right &= (year > 0) & (month > 0) & (month < 13) & (day > 0)
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    is_right &= day <= _LENGTHS[np.clip(month, 1, 12) - 1] + (is_leap & (month == 2))
    march = year - (month < 3)  # years from March on end with their leap day
    whole = 365 * march + march // 4 - march // 100 + march // 400 + (153 * ((month + 9) % 12) + 2) // 5 + day - 719469
    seconds = np.zeros(len(signs), np.int64)
    if signs.shape[1] > 10:
        hours, minutes = number(11, 13), number(14, 16)
        is_right &= np.isin(signs[:, 10], (ord("T"), ord(" "))) & (signs[:, 13] == ord(":"))
        is_right &= (hours < 24) & (minutes < 60)
        seconds = 60 * (60 * hours + minutes)
    if signs.shape[1] > 16:
        last = number(17, 19)
        is_right &= (signs[:, 16] == ord(":")) & (last < 60)
        seconds = seconds + last
    return np.where(is_right, whole + seconds / 86400, np.nan)


def text_of_days(days: float) -> str:
    """Return a date as text, with its time to the second where it has one.

    >>> text_of_days(19783.0), text_of_days(19783.5), text_of_days(0.1)
    ('2024-03-01', '2024-03-01T12:00', '1970-01-01T02:24')
    """
    text = str(np.datetime64(round(days * 86400), "s"))
    return text.removesuffix(":00").removesuffix("T00:00")


def is_dates(table: Table, name: str) -> bool:
    """Tell whether a column holds dates: most of its words are; those that are none will be refused."""
    column = table.column(name)
    if not isinstance(column, Words):
        return False
    if np.isnan(days_of_texts(column.words[:SAMPLE])).all():
        return False
    is_date = column.each(np.array([*(~np.isnan(days_of_texts(column.words))), False]))
    return 2 * int(is_date.sum()) > len(column) - int(column.missing.sum())


SAMPLE = 100  # different words that are looked at first: where none is a date there are none


def days_of(table: Table, name: str) -> Numbers:
    """Return a column of dates as days since 1970-01-01, NaN where one is missing; DataError for what is no date."""
    column = table.column(name)
    if isinstance(column, Words):
        days = column.each(np.append(days_of_texts(column.words), np.nan))
        odd = np.isnan(days) & ~column.missing
        if not odd.any():
            return days
        wrong = int(odd.argmax())
    else:
        there = np.flatnonzero(~is_missing(column))
        if not len(there):
            return np.full(len(table), np.nan)
        wrong = int(there[0])
    value: Any = column[wrong]
    cell = shown(value if isinstance(value, str) else f"{value:.15g}")
    raise DataError(
        f"{table.where(wrong)}: {cell} in column {shown(name)} is not a date, and the column must be dates, like "
        f"{EXPECTED}; mend the cell, or leave it empty"
    )


# dates of Python, NumPy and data frames


def text_of_date(value: object) -> str | None:
    """Return a date or time of Python's, pandas' or NumPy's as text, in UTC where it says its zone; None for others."""
    if isinstance(value, datetime):
        return (value if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, np.datetime64):
        return None
    unit = _UNITS.get(np.datetime_data(value.dtype)[0])
    return str(value.astype(f"M8[{unit}]") if unit else value)


_UNITS = {"Y": "D", "M": "D", "W": "D", "h": "m"}  # NumPy's units that are written as finer ones: 2024-03 is no date


def words_of_dates(values: NDArray[np.datetime64]) -> Words:
    """Return an array of dates as words, each as short as all of them allow; NaT is missing.

    >>> words_of_dates(np.array(["2024-03-01T12:30", "NaT", "2024-03-02T00:00"], "M8[ns]")).tolist()
    ['2024-03-01T12:30', None, '2024-03-02T00:00']
    """
    there = ~np.isnat(values)
    different, which = np.unique(values[there], return_inverse=True)
    codes = np.full(len(values), NO_WORD, np.int32)
    codes[there] = which
    for unit in ("D", "m", "s", "ms", "us", "ns"):
        short = different.astype(f"M8[{unit}]")
        if (short == different).all():
            break
    return Words(codes, tuple(np.datetime_as_string(short).tolist()))
