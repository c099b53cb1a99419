"""Is the target a class or a number? Found from its values, and always said; whoever knows better says so.

Words and truth values are classes. Numbers are a number, unless they are codes for classes: two whole values (0 and 1,
-1 and 1), or 0 … K-1 or 1 … K without a gap, at most twenty, each at least twice on average. Wine quality from 3 to 8
is a number by this rule; kind="classes" says otherwise. A table does not know whether 1 was written 1 or 1.0; an
array does, and there only integers are codes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data.tables.category_column import categories_in, words_of
from glassnet.data.tables.cells import EXACT
from glassnet.data.tables.dates import is_dates
from glassnet.data.tables.distinct import distinct
from glassnet.data.tables.number_column import numbers_of
from glassnet.data.tables.refusals import FEW_CATEGORIES, check_words_are_words
from glassnet.data.tables.spellings import first_spelled
from glassnet.data.tables.table import Numbers, Table, is_numbers
from glassnet.data.tables.wording import counted, shown
from glassnet.errors import DataError
from glassnet.parts.losses import Loss

KINDS = ("classes", "number")
MOST_CODES = 20


def check_kind(kind: Any) -> None:
    """ValueError for what is no kind."""
    if kind is not None and not (isinstance(kind, str) and kind in KINDS):
        raise ValueError(f'kind must be "classes", "number" or None (to be found), got {kind!r:.60}')


def target_kind(data: Table | NDArray[Any], target: str = "y", kind: str | None = None) -> tuple[str, str]:
    """Return the target's kind, "classes" or "number", and a sentence that says why.

    Where there was a choice, the sentence also says how to make the other one.

    Parameters
    ----------
    data, target
        A table and the name of its target column, of which rows without a target do not count; or the target itself,
        an array (n,), and what to call it.
    kind
        The kind where it is known; of a table it is checked against the values.

    Raises
    ------
    DataError
        There is no such column, or no value in it, or its values are not of that kind.
    """
    check_kind(kind)
    name = f"target {shown(target)}" if isinstance(data, Table) else target
    asked = f"{name} is taken as {'classes' if kind == 'classes' else 'a number'}, as asked"
    if not isinstance(data, Table):
        return (kind, asked) if kind else _kind_in_array(data, name)
    known = data.select([target]).known(target)
    if kind is None:
        check_words_are_words(known, target)
        column = known.column(target)
        kind, reason = _kind_of(column, name) if is_numbers(column) else _words(name)
    else:
        reason = asked
    if kind == "classes":
        _check_classes(known, target)
    else:
        _check_number(numbers_of(known, target), known, target)
    return kind, reason


def kind_by_loss(table: Table, target: str, loss: Loss | None) -> str | None:
    """Return "number" where the loss is for counts (poisson) and the target holds numbers; otherwise None."""
    counts = loss is not None and loss.output == "exponential" and is_numbers(table.column(target))
    return "number" if counts else None


def _kind_of(values: Numbers, name: str) -> tuple[str, str]:
    """Return the kind of numbers, none of them missing, and why."""
    different, _ = distinct(values)
    few = 2 <= len(different) <= MOST_CODES and bool((different == np.floor(different)).all())
    span = f"{counted(len(different), 'different value')}, {different[0]:g} to {different[-1]:g}"
    if few and 2 * len(different) <= len(values) and _counts(different):
        return "classes", (
            f'{name} holds codes of classes ({span}): its kind is classes; kind="number" takes it as a number'
        )
    hint = '; kind="classes" takes them as classes' if few else ""
    return "number", f"{name} holds numbers ({span}): its kind is number{hint}"


def _words(name: str) -> tuple[str, str]:
    return "classes", f"{name} holds words: its kind is classes"


def _kind_in_array(y: NDArray[Any], name: str) -> tuple[str, str]:
    """Return the kind of an array (n,) and why: it has a type, and of numbers only integers are codes."""
    if holds_words(y):
        return _words(name)
    integers = y.dtype.kind in "iu" or (y.dtype.kind == "O" and all(map(_is_integer, y)))
    return _kind_of(y.astype(np.float64), name) if integers else ("number", f"{name} holds numbers: its kind is number")


def holds_words(y: NDArray[Any]) -> bool:
    """Tell whether an array holds words or truth values rather than numbers."""
    kind = y.dtype.kind
    return kind in "USb" or (kind == "O" and isinstance(y.flat[0], str | bool | np.bool_))


def _is_integer(item: object) -> bool:
    return isinstance(item, int | np.integer) and not isinstance(item, bool) and abs(int(item)) <= EXACT


def _counts(values: NDArray[Any]) -> bool:
    """Tell whether sorted whole numbers are two, or count 0 … K-1 or 1 … K."""
    counting = values[0] in (0, 1) and values[-1] - values[0] == len(values) - 1
    return len(values) == 2 or bool(counting)


def _check_classes(table: Table, target: str) -> None:
    classes = categories_in(words_of(table, target))
    if len(classes) < 2:
        raise DataError(
            f"target {shown(target)} of {table.source} has one class, {shown(classes[0])}, in all "
            f"{counted(len(table), 'row')}; at least two are needed to tell apart"
        )
    if len(classes) > max(FEW_CATEGORIES, len(table) / 2):
        remedy = 'choose another target, or kind="number" if it is one'
        if is_dates(table, target):
            remedy = "dates are learnt from and not predicted: choose another target, such as how many days it takes"
        if spelled := first_spelled(table, target):
            remedy = f"they are {spelled}"
        raise DataError(
            f"target {shown(target)} of {table.source} has {counted(len(classes), 'different value')} in "
            f"{counted(len(table), 'row')}, too many to be classes: each needs rows to be learnt from; " + remedy
        )


def _check_number(values: Numbers, table: Table, target: str) -> None:
    if values.min() == values.max():
        raise DataError(
            f"target {shown(target)} of {table.source} is {values[0]:g} in all {counted(len(table), 'row')}; "
            "there is nothing to learn"
        )
