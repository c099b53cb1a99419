"""Is the target a class or a number? Found from its values, and always said; whoever knows better says so.

Words are classes. Numbers are a number, unless they are codes for classes: two whole values (0 and 1, -1
and 1), or 0 … K-1 or 1 … K without a gap, at most ten, each at least twice on average. Wine quality from 3
to 8 is a number by this rule; kind="classes" says otherwise.
"""

import numpy as np
from numpy.typing import NDArray

from glassnet.data.arrays import KINDS
from glassnet.data.tables.category_column import categories_in, words_of
from glassnet.data.tables.distinct import distinct
from glassnet.data.tables.number_column import numbers_of
from glassnet.data.tables.refusals import FEW_CATEGORIES, check_words_are_words
from glassnet.data.tables.table import Numbers, Table, is_numbers
from glassnet.data.tables.wording import counted, shown
from glassnet.errors import DataError

MOST_CODES = 10


def target_kind(table: Table, target: str, kind: str | None = None) -> tuple[str, str]:
    """Return the target's kind, "classes" or "number", and a sentence that says why.

    Parameters
    ----------
    table, target
        The table and the name of its target column; rows without a target do not count.
    kind
        The kind where it is known; it is checked against the values.

    Raises
    ------
    DataError
        There is no such column, or no value in it, or its values are not of that kind.
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f'kind must be "classes", "number" or None (to be found), got {kind!r}')
    known = table.select([target]).known(target)
    if kind is None:
        check_words_are_words(known, target)
        kind, reason = _found(known, target)
    else:
        reason = f"target {shown(target)} is taken as {'classes' if kind == 'classes' else 'a number'}, as asked"
    if kind == "classes":
        _check_classes(known, target)
    else:
        _check_number(numbers_of(known, target), known, target)
    return kind, reason


def _found(table: Table, target: str) -> tuple[str, str]:
    column = table.column(target)
    if not is_numbers(column):
        return "classes", f"target {shown(target)} holds words: its kind is classes"
    values, _ = distinct(column)
    whole = bool((values == np.floor(values)).all())
    span = f"{counted(len(values), 'different value')}, {values[0]:g} to {values[-1]:g}"
    if whole and 2 <= len(values) <= MOST_CODES and 2 * len(values) <= len(table) and _counts(values):
        return "classes", (
            f"target {shown(target)} holds codes of classes ({span}): its kind is classes; "
            'kind="number" takes it as a number'
        )
    hint = '; kind="classes" takes them as classes' if whole and 2 <= len(values) <= 2 * MOST_CODES else ""
    return "number", f"target {shown(target)} holds numbers ({span}): its kind is number{hint}"


def _counts(values: NDArray[np.generic]) -> bool:
    """Tell whether sorted whole numbers are two, or count 0 … K-1 or 1 … K."""
    counting = values[0] in (0.0, 1.0) and values[-1] - values[0] == len(values) - 1
    return len(values) == 2 or bool(counting)


def _check_classes(table: Table, target: str) -> None:
    classes = categories_in(words_of(table, target))
    if len(classes) < 2:
        raise DataError(
            f"target {shown(target)} of {table.source} has one class, {shown(classes[0])}, in all "
            f"{counted(len(table), 'row')}; at least two are needed to tell apart"
        )
    if len(classes) > max(FEW_CATEGORIES, len(table) / 2):
        raise DataError(
            f"target {shown(target)} of {table.source} has {counted(len(classes), 'different value')} in "
            f"{counted(len(table), 'row')}, too many to be classes: each needs rows to be learnt from; "
            'choose another target, or kind="number" if it is one'
        )


def _check_number(values: Numbers, table: Table, target: str) -> None:
    if values.min() == values.max():
        raise DataError(
            f"target {shown(target)} of {table.source} is {values[0]:g} in all {counted(len(table), 'row')}; "
            "there is nothing to learn"
        )
