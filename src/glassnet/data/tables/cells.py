"""From cells to a column: which texts are numbers, which mean "missing", how a number is written.

A number is a plain finite decimal: `12`, `-0.5`, `1e-3`. What Python's `float` accepts beyond that
(`1_000`, digits of other scripts) is not one, nor is `0x10`. Space around a cell never counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import count
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data.tables.dates import text_of_date
from glassnet.data.tables.notation import PLAIN, Notation
from glassnet.data.tables.table import Column, Numbers
from glassnet.data.tables.wording import shown
from glassnet.data.tables.words import Words
from glassnet.errors import DataError
from glassnet.parts.naming import check_several

MISSING_WORDS = ("", "NA", "N/A", "NaN", "nan", "null", "None", "?")
"""The texts that mean "missing" where nothing else is said. The empty text always does."""

_PLAIN = frozenset("0123456789+-.eE")
_PLAIN_BYTES = "".join(_PLAIN).encode()
_INFINITE = frozenset({"inf", "infinity"})
_MISSING_TYPES = frozenset({"NoneType", "NAType", "NaTType"})  # None, pandas.NA, pandas.NaT: without pandas


def missing_words(words: Iterable[str]) -> frozenset[str]:
    """Check and return the texts that mean "missing"; the empty text is always one."""
    if isinstance(words, str):
        raise TypeError(f"missing must be a list of words, got the one word {words!r}; write [{words!r}]")
    found = check_several("missing", words, "a list of words, such as ['NA', '-']")
    for word in found:
        if not isinstance(word, str):
            raise TypeError(f"missing must be a list of words, such as ['NA', '-'], got {word!r:.60} in it")
    return frozenset(word.strip() for word in found) | {""}


def plain_number(text: str, notation: Notation = PLAIN) -> float | None:
    """Return the number a text stands for, or None where it is not a plain decimal number in this notation.

    >>> plain_number("1e3"), plain_number("1,5", Notation(",")), plain_number("0x10"), plain_number("1_000")
    (1000.0, 1.5, None, None)
    """
    pointed = text if notation is PLAIN else notation.pointed(text)
    try:
        return float(pointed) if _PLAIN.issuperset(pointed) else None
    except ValueError:
        return None


def number_text(value: float) -> str:
    """Return the shortest text that reads back as this number; NaN (missing) is the empty text.

    >>> number_text(181.0), number_text(0.1), number_text(float("nan"))
    ('181', '0.1', '')
    """
    value = float(value)
    if value != value:
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)


EXACT = 2**53  # up to here every whole number is a float64


def whole_numbers(values: Sequence[float]) -> list[int] | list[float]:
    """Return numbers as int where all of them are whole, else as they are.

    >>> whole_numbers([0.0, 1.0]), whole_numbers([0.5, 1.0])
    ([0, 1], [0.5, 1.0])
    """
    if all(value.is_integer() and abs(value) <= EXACT for value in values):
        return [int(value) for value in values]
    return list(values)


def numbers_from_texts(
    texts: Sequence[str | None], missing: frozenset[str], notation: Notation = PLAIN
) -> tuple[Numbers | None, bool]:
    """Return cells as numbers, NaN where one is missing, or None where one is a word; and whether all were plain.

    Plain is a number without space around it, or a missing cell. `inf` among numbers comes back as a number: the
    caller, who knows the lines, refuses it.
    """
    cells = ["" if text is None or text in missing else text for text in texts]
    joined = "".join(cells)
    if notation.decimal == "." and joined.isascii() and not joined.encode().translate(None, _PLAIN_BYTES):
        try:
            return np.array([float(cell) if cell else np.nan for cell in cells], dtype=np.float64), True
        except ValueError:
            return None, False  # a text of these characters that is no number, such as a date
    values = {cell: _number_or_missing(cell.strip(), missing, notation) for cell in set(cells)}
    if None in values.values():
        return None, False
    return np.array([values[cell] for cell in cells], dtype=np.float64), False


def _number_or_missing(cell: str, missing: frozenset[str], notation: Notation) -> float | None:
    """Return a cell's number, infinite ones included, NaN where it is missing; None for a word."""
    if cell in missing:
        return np.nan
    if cell.lower().lstrip("+-") in _INFINITE:
        try:
            return float(cell)
        except ValueError:
            return None
    return plain_number(cell, notation)


def column_from_values(values: Sequence[object], missing: frozenset[str]) -> Column:
    """Return Python values as a column: numbers where all are numbers, else words (True becomes "True").

    Raises
    ------
    DataError
        A value is neither a number, a word, a truth value nor missing; it says which, counted from 1.
    """
    column = _of_one_kind(values, missing)
    if column is not None:
        return column
    cells = [_cell(value, i, missing) for i, value in enumerate(values, 1)]
    if all(cell is None or isinstance(cell, float) for cell in cells):
        return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
    return Words.of(number_text(cell) if isinstance(cell, float) else cell for cell in cells)


def _of_one_kind(values: Sequence[object], missing: frozenset[str]) -> Column | None:
    """Return numbers, truth values or texts as a column, at once; None for anything else, and for a mixture."""
    kinds = set(map(type, values))
    if kinds <= {int, float, type(None)}:
        try:
            return np.array(values, dtype=np.float64)
        except OverflowError:
            return None
    if kinds <= {bool, type(None)}:
        return Words.of(map(_TRUTHS.get, values))  # type: ignore[arg-type]  # they are bool and None
    if str not in kinds:
        return None
    index: defaultdict[object, int] = defaultdict(count().__next__)
    try:
        codes = np.fromiter(map(index.__getitem__, values), np.int32, len(values))
    except TypeError:  # not hashable
        return None
    if not all(type(value) is str or _is_missing(value) for value in index):
        return None
    return words_from_texts(codes, [value if isinstance(value, str) else None for value in index], missing)


_TRUTHS = {False: "False", True: "True"}


def _is_missing(value: object) -> bool:
    """Whether a value that is no text means missing: None, pandas.NA, pandas.NaT, NaN."""
    return type(value).__name__ in _MISSING_TYPES or (isinstance(value, float) and value != value)


def words_from_texts(codes: NDArray[np.integer[Any]], texts: Iterable[str | None], missing: frozenset[str]) -> Words:
    """Return words from the different texts of cells, and which of them each cell is; -1 and None are missing."""

    def word(text: str | None) -> str | None:
        stripped = "" if text is None else text.strip()
        return None if stripped in missing else stripped

    return Words(codes.astype(np.int32), tuple(texts)).renamed(word)  # type: ignore[arg-type]  # None goes here


def _cell(value: object, i: int, missing: frozenset[str]) -> float | str | None:
    if isinstance(value, str):
        word = str(value).strip()
        return None if word in missing else word
    if type(value).__name__ in _MISSING_TYPES:
        return None
    if isinstance(value, bool | np.bool_):
        return str(value)
    if isinstance(value, Real | Decimal):
        try:
            number = float(value)
        except OverflowError:
            return np.inf
        return None if number != number else number
    if (text := text_of_date(value)) is not None:
        return None if text == "NaT" else text
    raise DataError(
        f"row {i} holds {shown(value)} ({type(value).__name__}); a table holds numbers, words, dates, "
        "True and False, and None for missing"
    )
