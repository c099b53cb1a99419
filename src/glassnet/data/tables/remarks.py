"""What looks wrong about a column before anything is learnt from it; nothing is refused for it.

A column that numbers the rows, or that says the target in other words, makes a model that is good on this table and of
no use for the next. A name that a program spoilt on the way will not be found there.
"""

import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

from glassnet.data.tables.category_column import words_of
from glassnet.data.tables.spellings import first_spelled
from glassnet.data.tables.table import Numbers, Table, is_numbers
from glassnet.data.tables.wording import shown
from glassnet.data.tables.words import Words

MANY, SOME, FEW = 20, 10, 5  # rows from which on a pattern is no accident: in any order, in this order, of equal values
SAMPLE = 1000  # rows that are looked at first: what is not so there is not so in all
ROUNDING = 1e-4  # of the target's spread


def column_remarks(table: Table, name: str, target: str, rows: int) -> list[str]:
    """Return sentences on an input column of the training rows; `exclude` in them is what `learn_contract` takes.

    The table has so many rows, or is a sample of as many.
    """
    remarks = name_remarks(table, name)
    leave_out = f"leave it out with exclude=[{shown(name, 200)}]"
    if counts_rows(table, name, rows):
        remarks.append(f"{name}: counts the rows; if it is only their number, {leave_out}")
    elif names_rows(table, name):
        remarks.append(f"{name}: another whole number in every row; if it only names the row, {leave_out}")
    elif spelled := first_spelled(table, name):
        remarks.append(f"{name}: {spelled}, if they are numbers; they are taken as words")
    elif says := says_target(table, name, target):
        remarks.append(f"{name}: {says}; if you will not know it before you predict, {leave_out}")
    return remarks


# names

_BYTES = re.compile(r"""b(['"])(.*?)\1?""")
_NAMELESS = re.compile(r"Unnamed: \d+(_level_\d+)?(\.\d+)?|\.\.\.\d+")  # as pandas and readr call such columns
_QUOTES = "\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb"


def name_remarks(table: Table, name: str) -> list[str]:
    """Return a sentence where a column's name was spoilt on its way here."""
    rename = "rename it, or every table must spell it so"
    if (given := table.given_names.get(name, name)) != name:
        return [f"{name}: the table calls it {shown(given)}, with blanks around it, which do not count"]
    if _NAMELESS.fullmatch(name):
        return [f"{name}: a column without a name is called so, often the number of the row; {rename}"]
    if match := _BYTES.fullmatch(name):
        return [f"{name}: a name that was bytes in Python, read it as {shown(match[2])}? {rename}"]
    if (plain := _decoded(name)) != name:
        return [f"{shown(name)}: a name in UTF-8 that was read as another encoding, {shown(plain)}? {rename}"]
    if any(map(_is_unseen, name)):
        return [f"{name!a}: the name holds signs that do not show; {rename}"]
    if len(name) > 1 and (name[0] in _QUOTES or name[-1] in _QUOTES):
        return [f"{name}: a quotation mark in the name, {shown(name.strip(_QUOTES))}? {rename}"]
    return []


def _decoded(name: str) -> str:
    """Return a name whose UTF-8 was taken for Latin-1 or Windows-1252 as it was meant: `größe` for `grÃ¶ÃŸe`."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return name.encode(encoding).decode("utf-8").removeprefix("\ufeff")
        except UnicodeError:
            continue
    return name


def _is_unseen(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cf") or sign == "\u00a0"


# row numbers


def counts_rows(table: Table, name: str, n: int) -> bool:
    """Tell whether a column numbers the rows: whole numbers, each once, hardly a gap.

    Of rows held out for something else the numbers are gone; where at least half are left it is still seen. There are n
    rows in all, of which the table may be a sample.
    """
    column = table.column(name)
    if not is_numbers(column) or n < SOME or np.isnan(column).any():
        return False
    low, high = float(column.min()), float(column.max())
    if not n - 1 <= high - low < 2 * n or not (column == np.floor(column)).all():
        return False
    in_order = column[np.argsort(table.lines, kind="stable")]
    if (np.diff(in_order) > 0).all():
        return True
    return n >= MANY and len(np.unique(column)) == len(column)


_ID = re.compile(r"(?i:(.*[ _.-])?(id|key|index|idx|nr|no|number|row))|.*[a-z](Id|ID|Key|Index|Nr|No|Number|Row)")


def names_rows(table: Table, name: str) -> bool:
    """Tell whether a column is an id by its name, and holds another whole number in each row."""
    column = table.column(name)
    if not is_numbers(column) or len(table) < SOME or not _ID.fullmatch(name):
        return False
    return bool((column == np.floor(column)).all()) and len(np.unique(column)) == len(column)


# the target in other words


def says_target(table: Table, name: str, target: str) -> str:
    """Return how a column gives the target away: it equals it, goes with it one to one, or lies on a line with it."""
    if len(table) < FEW:
        return ""
    if len(table) > SAMPLE:
        sample = table.select([name, target]).rows(np.linspace(0, len(table) - 1, SAMPLE).astype(np.intp))
        if not says_target(sample, name, target):
            return ""
    column, goal = table.column(name), table.column(target)
    if is_numbers(column) and is_numbers(goal) and (line := _line(column, goal)):
        if line == (1.0, 0.0):
            return f"equals the target {shown(target)} in every row"
        slope, offset = line
        rest = f" {'-' if offset < 0 else '+'} {abs(offset):g}" if offset else ""
        return f"is the target {shown(target)} in another unit, {target} = {slope:g} * {name}{rest}"
    codes, goals = _codes(table, name), _codes(table, target)
    n_codes, n_goals = int(codes.max()) + 1, int(goals.max()) + 1
    if n_codes != n_goals or not 2 <= n_codes <= len(table) / 2:
        return ""
    if len(np.unique(codes * n_goals + goals)) > n_goals:
        return ""
    pairs = zip(*(words_of(table, item).tolist() for item in (name, target)), strict=True)
    if all(mine == wanted for mine, wanted in pairs):
        return f"equals the target {shown(target)} in every row"
    return f"says the target {shown(target)} in other words, one for each of its {n_goals} values"


def _line(column: Numbers, goal: Numbers) -> tuple[float, float] | None:
    """Return a, b where the target is a·column + b in all rows in which the column is known, at least half of them."""
    there = ~(np.isnan(column) | np.isnan(goal))
    if there.sum() < max(FEW, len(there) / 2):
        return None
    x, y = column[there], goal[there]
    low, high = x.argmin(), x.argmax()
    if np.array_equal(x, y):
        return 1.0, 0.0
    if x[low] == x[high] or y.min() == y.max() or len(np.unique(y[:SAMPLE])) == 2:
        return None
    slope = float((y[high] - y[low]) / (x[high] - x[low]))
    offset = float(y[low] - slope * x[low])
    spread = y.max() - y.min()
    if np.abs(slope * x + offset - y).max() > ROUNDING * spread:
        return None
    return slope, offset if abs(offset) > ROUNDING * spread else 0.0


def _codes(table: Table, name: str) -> NDArray[np.intp]:
    """Return for each row which of the column's values it has, counted from 0; "missing" is one of them."""
    column = table.column(name)
    return np.unique(column.codes if isinstance(column, Words) else column, return_inverse=True)[1]
