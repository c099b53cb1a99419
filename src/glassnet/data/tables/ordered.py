"""Splits in an order, of time mostly: what is held out is later than all that is learnt from.

As TimeSeriesSplit of scikit-learn does it, but for two things: rows with the same value are never on both sides, and
neither are rows of one group; a cut that would divide them goes to the nearest place where none is divided.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glassnet.data.tables.constraints import Codes, Constraints
from glassnet.data.tables.wording import counted
from glassnet.errors import DataError


def latest(constraints: Constraints, classes: Codes, fraction: float) -> tuple[Codes, Codes]:
    """The rows to learn from, and the latest ones, about this share of all; both ascending.

    Raises
    ------
    DataError
        There is nowhere to cut, or a class is there among the latest rows alone.
    """
    order, places = cuts(constraints)
    n = len(order)
    check_places(constraints, places, 1)
    at = nearest(places, n - min(max(round(fraction * n), 1), n - 1))
    found = np.sort(order[: places[at]]), np.sort(order[places[at] :])
    check_classes(constraints, classes, *found, "")
    return found


def forward_folds(constraints: Constraints, classes: Codes, folds: int) -> list[tuple[Codes, Codes]]:
    """For each fold the rows to learn from, and those held out: the rows in order are cut into K + 1 parts.

    The first fold learns from the first part and holds out the second, the next one learns from the first two and holds
    out the third, and so on.

    Raises
    ------
    DataError
        There are too few places to cut, or a class is there among the rows held out alone.
    """
    order, places = cuts(constraints)
    n = len(order)
    check_places(constraints, places, folds)
    size, bounds, last = n // (folds + 1), list[int](), -1
    for k in range(folds):
        at = nearest(places, n - (folds - k) * size)
        last = min(max(at, last + 1), len(places) - (folds - k))
        bounds.append(int(places[last]))
    found = [
        (np.sort(order[:low]), np.sort(order[low:high])) for low, high in zip(bounds, [*bounds[1:], n], strict=True)
    ]
    for k, (train, held_out) in enumerate(found, start=1):
        check_classes(constraints, classes, train, held_out, f"fold {k}: ")
    return found


def cuts(constraints: Constraints) -> tuple[Codes, NDArray[np.intp]]:
    """The rows in order, and before which of them a cut divides neither equal values nor a group, ascending."""
    after = constraints.after
    assert after is not None
    order, n = np.argsort(after, kind="stable"), len(after)
    inside = np.zeros(n + 1, np.intp)
    for values in (after, constraints.group):
        if values is None:
            continue
        which = np.unique(values, return_inverse=True)[1][order]
        first, last = np.empty(which.max() + 1, np.intp), np.empty(which.max() + 1, np.intp)
        first[which[::-1]], last[which] = np.arange(n)[::-1], np.arange(n)
        np.add.at(inside, first + 1, 1)
        np.add.at(inside, last + 1, -1)
    return order, np.flatnonzero(np.cumsum(inside)[1:n] == 0) + 1


def nearest(places: NDArray[np.intp], wanted: int) -> int:
    """Which place is nearest; of two the later, which leaves more to learn from."""
    return len(places) - 1 - int(np.abs(places[::-1] - wanted).argmin())


def check_places(constraints: Constraints, places: NDArray[np.intp], wanted: int) -> None:
    """DataError where there are fewer places to cut than are wanted."""
    after, name = constraints.after, constraints.names.get("after", "after")
    assert after is not None
    values = len(np.unique(after))
    if values < 2:
        raise DataError(f"{name} is {constraints.time(0)} in every row, so no row is later than another")
    if len(places) >= wanted:
        return
    apart = f"{counted(values, 'different value')}"
    if constraints.group is not None:
        group = constraints.names["group"]
        if not len(places):
            raise DataError(
                f"every cut by {name} would divide a group of {group}, whose rows are earlier and later; give one"
            )
        apart += f", and groups of {group} that a cut may not divide"
    raise DataError(f"folds must be at most {len(places)}, got {wanted}: {name} has {apart}")


def check_classes(constraints: Constraints, classes: Codes, train: Codes, held_out: Codes, where: str) -> None:
    """DataError where a class is held out that is not learnt."""
    new = np.setdiff1d(classes[held_out], classes[train])
    if not len(new):
        return
    assert constraints.after is not None
    rows = held_out[np.isin(classes[held_out], new)]
    first = constraints.time(int(rows[constraints.after[rows].argmin()]))
    raise DataError(
        f"{where}{counted(len(new), 'class', 'classes')} of the rows held out, in {counted(len(rows), 'row')} from "
        f"{first} on, cannot be learnt from the rows before, which have none; leave such rows out, or hold out fewer"
    )
