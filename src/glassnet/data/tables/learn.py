"""From training rows to the data contract: which columns, how scaled, what a missing value becomes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from glassnet.data.tables.category_column import CategoryColumn, categories_in, category_codes, words_of
from glassnet.data.tables.choices import MOST_ONE_HOT, ChoiceOptions, Choices
from glassnet.data.tables.contract import DataContract, Feature, Target
from glassnet.data.tables.date_column import DateColumn, parts_that_vary
from glassnet.data.tables.dates import days_of, is_dates
from glassnet.data.tables.facts import Facts, NumberFacts, TableFacts
from glassnet.data.tables.levels import PAIR, Levels, robust_levels, robust_pair
from glassnet.data.tables.notation import PLAIN
from glassnet.data.tables.notes import notes_on, notes_on_choices
from glassnet.data.tables.number_column import NumberColumn, numbers_of
from glassnet.data.tables.refusals import check_not_empty, check_words_are_words, check_words_repeat
from glassnet.data.tables.remarks import column_remarks, name_remarks
from glassnet.data.tables.scaling import AS_IT_IS, Quantiles, Robust, Scaling, Standard
from glassnet.data.tables.table import Numbers, Table, is_numbers
from glassnet.data.tables.target_kind import target_kind
from glassnet.data.tables.targets import ClassTarget, NumberTarget, labels_of
from glassnet.data.tables.wording import counted, listed, shown
from glassnet.errors import DataError

INDICATOR_SHARE = 0.05
"""From this share of missing values on, "is missing" is an input of its own beside a column of numbers."""


def learn_contract(
    table: Table,
    target: str,
    *,
    kind: str | None = None,
    features: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    categories: Sequence[str] = (),
    **chosen: Unpack[ChoiceOptions],
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
    chosen
        How numbers are scaled, and the like: the names of `Choices`.

    Returns
    -------
    DataContract
        Its `notes` say what was found and done.

    Raises
    ------
    DataError
        A column is not there, or cannot be learnt from; the message says what to do about it.
    """
    known = table if not table.missing(target).any() else table.known(target)
    return learn_from(
        known,
        target,
        TableFacts(known, len(table)),
        kind=kind,
        features=features,
        exclude=exclude,
        categories=categories,
        **chosen,
    )


def learn_from(
    table: Table,
    target: str,
    facts: Facts,
    *,
    kind: str | None,
    features: Sequence[str] | None,
    exclude: Sequence[str],
    categories: Sequence[str],
    **chosen: Unpack[ChoiceOptions],
) -> DataContract:
    """Learn from rows with a target, and from what is counted: `learn_contract` says what the parameters are.

    The rows are all those that were counted, or a sample of them that has each word of each column, and its smallest
    and its largest number: of it are the quantiles.
    """
    choices = Choices(**chosen)
    kind, reason = target_kind(table, target, kind)
    notes = [reason, *name_remarks(table, target)]
    if facts.rows < facts.given:
        notes.append(f"{counted(facts.given - facts.rows, 'row')} of {facts.given:,} without a target: left out")
    names = _feature_names(table, target, features, exclude, categories)
    dates = {name for name in names if name not in categories and is_dates(table, name)}
    for name in names:
        check_not_empty(table, name)
        if name not in categories and name not in dates:
            check_words_are_words(table, name)
    as_words = [name for name in names if name in categories or not (name in dates or is_numbers(table.column(name)))]
    check_words_repeat(table, [name for name in as_words if name not in categories], facts)
    learnt: list[Feature] = []
    for name in names:
        if name in dates:
            learnt.append(_date_column(table, name, facts, choices))
        elif name in as_words:
            learnt.append(_category_column(table, name, facts, choices))
        else:
            learnt.append(_number_column(table, name, facts, choices))
        notes.extend(notes_on(facts, learnt[-1]))
        notes.extend(column_remarks(table, name, target, facts.rows))
    notes.extend(notes_on_choices(choices).values())
    if table.notation != PLAIN:
        notes.append(f"numbers in {table.source} are read with {table.notation}; so are those of files to predict")
    return DataContract(
        tuple(learnt), _target(table, target, kind, facts, choices), facts.rows, tuple(notes), notation=table.notation
    )


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


def _number_column(table: Table, name: str, facts: Facts, choices: Choices) -> NumberColumn:
    values, seen = numbers_of(table, name), facts.number(name)
    absent = np.isnan(values)
    present = values[~absent]
    by_mean = choices.fill == "mean"
    indicator = seen.missing > 0 if by_mean else _has_indicator(seen)
    return NumberColumn(
        name=name,
        scaling=_scaling(present, seen, table, name, choices),
        fill=seen.mean if by_mean else float(np.median(present)),
        filled=choices.fill,
        low=seen.low,
        high=seen.high,
        indicator=indicator,
        levels=_levels(absent, choices) if indicator else (),
    )


def _scaling(values: Numbers, seen: NumberFacts, table: Table, name: str, choices: Choices) -> Scaling:
    """What is learnt from the values of a column that are there, and from what is counted of them."""
    if choices.scale == "quantile":
        if not np.isfinite(np.ptp(values)):
            raise _too_large(seen, table, name)
        return Quantiles.of(values)
    if choices.scale == "robust":
        robust = Robust.of(values)
        if not np.isfinite(robust.scale):
            raise _too_large(seen, table, name)
        return robust
    return Standard(*_mean_and_scale(seen, table, name)) if choices.scale == "standard" else AS_IT_IS


def _levels(flags: NDArray[np.bool_] | Numbers, choices: Choices) -> Levels:
    """What becomes of inputs that are 0 or 1, (n,) or (n, inputs)."""
    return robust_levels(np.asarray(flags, np.float64).reshape(len(flags), -1)) if choices.scale == "robust" else ()


def _mean_and_scale(seen: NumberFacts, table: Table, name: str) -> tuple[float, float]:
    """Return mean and standard deviation (divided by n), which is 1 where the spread is rounding only."""
    mean, scale = seen.mean, seen.spread
    if 0.0 < scale < np.finfo(np.float64).tiny:
        raise DataError(
            f"column {shown(name)} of {table.source} has values too close together to scale: their spread is "
            f"{scale:.3g}, and below {np.finfo(np.float64).tiny:.3g} a float64 loses its digits; multiply the column "
            "by a power of ten first"
        )
    if not np.isfinite(mean) or not np.isfinite(scale):
        raise _too_large(seen, table, name)
    if scale <= 10 * np.finfo(np.float64).eps * seen.largest:
        return (seen.low if seen.low == seen.high else mean), 1.0
    return mean, scale


def _too_large(seen: NumberFacts, table: Table, name: str) -> DataError:
    return DataError(
        f"column {shown(name)} of {table.source} has values too large to scale, up to "
        f"{seen.largest:g}; "
        "the square of their spread must fit in a float64: divide the column by a power of ten first"
    )


def _date_column(table: Table, name: str, facts: Facts, choices: Choices) -> DateColumn:
    days, seen = days_of(table, name), facts.days(name)
    absent = np.isnan(days)
    present = np.sort(days[~absent])
    indicator = _has_indicator(seen)
    from_the_first = Standard(seen.low, 1.0)
    return DateColumn(
        name=name,
        scaling=from_the_first if choices.scale == "none" else _scaling(present, seen, table, name, choices),
        fill=float(present[(len(present) - 1) // 2]),  # a date that there is, and none between two
        low=seen.low,
        high=seen.high,
        parts=parts_that_vary(present),
        indicator=indicator,
        levels=_levels(absent, choices) if indicator else (),
    )


def _has_indicator(seen: NumberFacts) -> bool:
    """Return whether "is missing" is an input of its own beside a column of numbers or dates."""
    return seen.missing >= max(1, INDICATOR_SHARE * seen.rows)


def _category_column(table: Table, name: str, facts: Facts, choices: Choices) -> CategoryColumn:
    """Return the column with its most frequent words as categories; of equally frequent ones the first in order."""
    words, missing = words_of(table, name), facts.missing(name) > 0
    different = categories_in(words)
    column = CategoryColumn(name, different, missing)
    if len(different) > choices.most:
        count = facts.words(name)
        kept = set(sorted(different, key=lambda word: -count[word])[: choices.most - 1])
        frequent, rare = (tuple(word for word in different if (word in kept) is is_kept) for is_kept in (True, False))
        column = CategoryColumn(name, frequent, missing, rare)
    if choices.words == "embed":
        if len(different) > MOST_ONE_HOT:
            return replace(column, embed=True)
        is_pair = len(different) == 2 and not column.other
        column = replace(column, missing=False, unmarked=missing, levels=(PAIR,) if is_pair else ())
    return replace(column, levels=_word_levels(table, column, choices))


def _word_levels(table: Table, column: CategoryColumn, choices: Choices) -> Levels:
    """What becomes of the inputs of a column of words."""
    if choices.scale != "robust":
        return column.levels
    if column.pair:
        return robust_pair(
            np.maximum(category_codes(words_of(table, column.name, column.seen), column.categories), -1) + 1
        )
    flags = np.zeros((len(table), len(column.input_names)))
    column.encode(table, flags)
    return _levels(flags, choices)


def _target(table: Table, target: str, kind: str, facts: Facts, choices: Choices) -> Target:
    if kind == "classes":
        return ClassTarget(target, labels_of(table, target, categories_in(words_of(table, target))))
    seen = facts.number(target)
    mean, scale = _mean_and_scale(seen, table, target) if choices.scale != "none" else (0.0, 1.0)
    return NumberTarget(name=target, mean=mean, scale=scale, low=seen.low, high=seen.high, clamp=bool(choices.clamp))
