"""From training rows to the data contract: which columns, how scaled, what a missing value becomes."""

from collections.abc import Sequence

import numpy as np

from glassnet.data.tables.category_column import CategoryColumn, categories_in, words_of
from glassnet.data.tables.contract import DataContract, Feature, Target
from glassnet.data.tables.date_column import MEANS, DateColumn, parts_that_vary
from glassnet.data.tables.dates import days_of, is_dates, text_of_days
from glassnet.data.tables.number_column import NumberColumn, numbers_of
from glassnet.data.tables.refusals import NEARLY_ALL, check_not_empty, check_words_are_words, check_words_repeat
from glassnet.data.tables.remarks import column_remarks, name_remarks
from glassnet.data.tables.table import Numbers, Table, is_numbers
from glassnet.data.tables.target_kind import target_kind
from glassnet.data.tables.targets import ClassTarget, NumberTarget, labels_of
from glassnet.data.tables.wording import counted, listed, shown
from glassnet.errors import DataError

INDICATOR_SHARE = 0.05
"""From this share of missing values on, "is missing" is an input of its own beside a column of numbers."""

AS_IT_IS = (0.0, 1.0)
"""Mean and scale of a column that is not scaled."""

MOST_CATEGORIES = 50
"""A column of words becomes at most so many inputs; the rarest words share one of them."""


def learn_contract(
    table: Table,
    target: str,
    *,
    kind: str | None = None,
    features: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    categories: Sequence[str] = (),
    scale: bool = True,
    max_categories: int | None = None,
) -> DataContract:
    """Learn from the training rows of a table how to turn such tables into arrays.

    Parameters
    ----------
    table
        The training rows, and only these: what is held out must not be seen. Rows without a target are left
        out.
    target
        The name of the column to predict.
    kind
        "classes" or "number"; found from the values if None (see `target_kind`).
    features
        The names of the input columns, in the order wanted; by default all but the target.
    exclude
        Names of columns that are no inputs.
    categories
        Names of columns to take as words whatever they hold: codes, years, names with many different values.
    scale
        Whether numbers, inputs and target, become (x - mean) / scale; otherwise they are taken as they are.
    max_categories
        How many inputs a column of words becomes at most, >= 2, beside the one for missing words; with more
        different words the rarest share the last of them, *other*. None: 50.

    Returns
    -------
    DataContract
        Its `notes` say what was found and done.

    Raises
    ------
    DataError
        A column is not there, or cannot be learnt from; the message says what to do about it.
    """
    kind, reason = target_kind(table, target, kind)
    notes = [reason, *name_remarks(table, target)]
    known = ~table.missing(target)
    if not known.all():
        lost = int((~known).sum())
        notes.append(f"{counted(lost, 'row')} of {len(table):,} without a target: left out")
        table = table.rows(known)
    names = _feature_names(table, target, features, exclude, categories)
    dates = {name for name in names if name not in categories and is_dates(table, name)}
    for name in names:
        check_not_empty(table, name)
        if name not in categories and name not in dates:
            check_words_are_words(table, name)
    as_words = [name for name in names if name in categories or not (name in dates or is_numbers(table.column(name)))]
    check_words_repeat(table, [name for name in as_words if name not in categories])
    most = most_categories(max_categories)
    learnt: list[Feature] = []
    for name in names:
        if name in dates:
            learnt.append(_date_column(table, name, scale))
        elif name in as_words:
            learnt.append(_category_column(table, name, most))
        else:
            learnt.append(_number_column(table, name, scale))
        notes.extend(_notes(table, learnt[-1]))
        notes.extend(column_remarks(table, name, target))
    if not scale:
        notes.append("numbers are taken as they are, not scaled, as asked")
    return DataContract(tuple(learnt), _target(table, target, kind, scale), len(table), tuple(notes))


def most_categories(given: int | None) -> int:
    """Return how many inputs a column of words becomes at most; ValueError for what is no number >= 2."""
    if given is None:
        return MOST_CATEGORIES
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or given < 2:
        raise ValueError(f"max_categories must be a whole number >= 2, a word and all others, got {given!r:.60}")
    return int(given)


def _feature_names(
    table: Table,
    target: str,
    features: Sequence[str] | None,
    exclude: Sequence[str],
    categories: Sequence[str],
) -> list[str]:
    for argument, given in (("features", features or ()), ("exclude", exclude), ("categories", categories)):
        if isinstance(given, str):
            raise TypeError(f"{argument} must be a list of column names, got the text {given!r}; write [{given!r}]")
        for name in given:
            table.check_column(name)
        if target in given and argument != "exclude":
            raise DataError(f"{argument} names {shown(target)}, which is the target; a model cannot learn from it")
    wanted = table.names if features is None else features
    names = [name for name in dict.fromkeys(wanted) if name != target and name not in exclude]
    if not names:
        has = f"{table.source} has {listed(table.names)}"
        raise DataError(f"no input column is left beside the target {shown(target)}; {has}")
    return names


def _number_column(table: Table, name: str, scaled: bool) -> NumberColumn:
    values = numbers_of(table, name)
    present = values[~np.isnan(values)]
    mean, scale = _mean_and_scale(present, table, name) if scaled else AS_IT_IS
    return NumberColumn(
        name=name,
        mean=mean,
        scale=scale,
        fill=float(np.median(present)),
        low=float(present.min()),
        high=float(present.max()),
        indicator=_has_indicator(len(values) - len(present), len(values)),
    )


def _mean_and_scale(values: Numbers, table: Table, name: str) -> tuple[float, float]:
    """Return mean and standard deviation (divided by n), which is 1 where the spread is rounding only."""
    with np.errstate(over="ignore", invalid="ignore"):
        mean, scale = float(values.mean()), float(values.std())
    if not np.isfinite(mean) or not np.isfinite(scale):
        raise DataError(
            f"column {shown(name)} of {table.source} has values too large to scale, up to "
            f"{np.abs(values).max():g}; "
            "the square of their spread must fit in a float64: divide the column by a power of ten first"
        )
    low, high = float(values.min()), float(values.max())
    if scale <= 10 * np.finfo(np.float64).eps * max(abs(low), abs(high)):
        return (low if low == high else mean), 1.0
    return mean, scale


def _date_column(table: Table, name: str, scaled: bool) -> DateColumn:
    days = days_of(table, name)
    present = np.sort(days[~np.isnan(days)])
    mean, scale = _mean_and_scale(present, table, name) if scaled else (float(present[0]), 1.0)
    return DateColumn(
        name=name,
        mean=mean,
        scale=scale,
        fill=float(present[(len(present) - 1) // 2]),  # a date that there is, and none between two
        low=float(present[0]),
        high=float(present[-1]),
        parts=parts_that_vary(present),
        indicator=_has_indicator(len(days) - len(present), len(days)),
    )


def _has_indicator(absent: int, n: int) -> bool:
    """Return whether "is missing" is an input of its own beside a column of numbers or dates."""
    return absent >= max(1, INDICATOR_SHARE * n)


def _category_column(table: Table, name: str, most: int) -> CategoryColumn:
    """Return the column with its most frequent words as categories; of equally frequent ones the first in order."""
    words, missing = words_of(table, name), bool(table.missing(name).any())
    different = categories_in(words)
    if len(different) <= most:
        return CategoryColumn(name, different, missing)
    count = words.counts()
    kept = set(sorted(different, key=lambda word: -count[word])[: most - 1])
    categories, rare = (tuple(word for word in different if (word in kept) is frequent) for frequent in (True, False))
    return CategoryColumn(name, categories, missing, rare)


def _target(table: Table, target: str, kind: str, scaled: bool) -> Target:
    if kind == "classes":
        return ClassTarget(target, labels_of(table, target, categories_in(words_of(table, target))))
    values = numbers_of(table, target)
    mean, scale = _mean_and_scale(values, table, target) if scaled else AS_IT_IS
    return NumberTarget(name=target, mean=mean, scale=scale, low=float(values.min()), high=float(values.max()))


def _notes(table: Table, column: Feature) -> list[str]:
    """Return sentences on what was done with a column, and on what it cannot give."""
    notes = []
    absent = int(table.missing(column.name).sum())
    if absent:
        what = f"{column.name}: {absent:,} of {counted(len(table), 'value')} missing, "
        if isinstance(column, CategoryColumn):
            notes.append(f"{what}an input of their own, {shown(column.input_names[-1])}")
        else:
            also = f", and have an input, {shown(column.input_names[-1])}" if column.indicator else ""
            fill = text_of_days(column.fill) if isinstance(column, DateColumn) else f"{column.fill:g}"
            notes.append(f"{what}filled with the median, {fill}{also}")
    if isinstance(column, CategoryColumn):
        if column.other:
            notes.append(_about_other(table, column))
        elif len(column.categories) == 1 and not absent:
            notes.append(f"{column.name}: {shown(column.categories[0])} in every row, which tells nothing")
    elif isinstance(column, DateColumn):
        notes.append(_about_dates(column))
    elif column.low == column.high and not column.indicator:
        notes.append(f"{column.name}: {column.low:g} in every row, which tells nothing")
    return notes


def _about_dates(column: DateColumn) -> str:
    """Return a sentence on what becomes of a column of dates."""
    if column.low == column.high:
        return f"{column.name}: {text_of_days(column.low)} in every row, which tells nothing"
    circles = ", ".join(f"time of {part} ({MEANS[part]})" for part in column.parts)
    also = f", and as places on circles: {circles}" if circles else ""
    return f"{column.name}: dates, {column.span}; read as days{also}"


def _about_other(table: Table, column: CategoryColumn) -> str:
    """Return a sentence on the rare words of a column."""
    n, count = len(column.seen), words_of(table, column.name).counts()
    rows = sum(count[word] for word in column.other)
    says_little = ""
    if rows >= NEARLY_ALL * sum(count.values()):
        says_little = f"; that is nearly every row, so leave the column out with exclude=[{shown(column.name)}]"
    return (
        f"{column.name}: {n:,} different words; the {len(column.other):,} rarest, in {counted(rows, 'row')}, count as "
        f"other, and so does a word that is new: {listed(column.other, 4)}; max_categories={n} keeps all{says_little}"
    )
