"""Splits that keep groups together: held out are whole groups, of about the share of rows that was asked for.

As GroupKFold and StratifiedGroupKFold of scikit-learn do it. With classes the groups are chosen so that every class is
held out in the same share, as near as whole groups allow. A group that has all rows of a class is held out nowhere: the
class could not be learnt.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glassnet.data.tables.constraints import Codes, Constraints
from glassnet.data.tables.wording import counted, listed, shown
from glassnet.errors import DataError

Counts = NDArray[np.intp]


def counts_of(constraints: Constraints, classes: Codes) -> tuple[Codes, Counts]:
    """For each row which group it is of, those without rows left out; and how many rows each has of each class."""
    assert constraints.group is not None
    group = np.unique(constraints.group, return_inverse=True)[1]
    counts = np.zeros((int(group.max()) + 1, int(classes.max()) + 1), np.intp)  # (G, K)
    np.add.at(counts, (group, classes), 1)
    return group, counts


def can_be_held_out(counts: Counts) -> NDArray[np.bool_]:
    """Which groups leave rows of every class to learn from."""
    able: NDArray[np.bool_] = (counts < counts.sum(axis=0)).all(axis=1)
    return able


def groups_to_hold_out(constraints: Constraints, classes: Codes) -> int:
    """How many of the groups can be held out."""
    return int(can_be_held_out(counts_of(constraints, classes)[1]).sum())


def share_of_groups(constraints: Constraints, classes: Codes, fraction: float, rng: np.random.Generator) -> Codes:
    """The rows held out: groups in random order, each put in, or taken out again, where that brings the shares nearer.

    The shares are those of each class that are held out, and nearer is to what was asked for, in squares.

    Raises
    ------
    DataError
        There is one group only, or none that can be held out.
    """
    group, counts = counts_of(constraints, classes)
    check_groups(constraints, counts, 1)
    total = counts.sum(axis=0)
    held, taken = np.zeros(len(total)), np.zeros(len(counts), np.bool_)

    def miss(rows: NDArray[np.float64]) -> float:
        return float((((rows / total) - fraction) ** 2).sum())

    order = rng.permutation(len(counts))
    for g in [*order] * PASSES:
        other = held - counts[g] if taken[g] else held + counts[g]
        if (other < total).all() and other.any() and miss(other) < miss(held):
            held, taken[g] = other, not taken[g]
    if not taken.any():
        able = order[can_be_held_out(counts)[order]]
        taken[min(able, key=lambda g: miss(counts[g].astype(np.float64)))] = True
    return np.flatnonzero(taken[group])


def folds_of_groups(constraints: Constraints, classes: Codes, folds: int, rng: np.random.Generator) -> Codes:
    """For each row its fold, or -1 for none: the largest groups first, each to the fold that has least of its classes.

    Raises
    ------
    DataError
        There are fewer groups than folds.
    """
    group, counts = counts_of(constraints, classes)
    check_groups(constraints, counts, folds)
    able, groups_of_class = can_be_held_out(counts), (counts > 0).sum(axis=0)  # (G,), (K,)
    total = counts.sum(axis=0)
    shares = counts / total
    order = rng.permutation(len(counts))
    order = order[able[order]]
    order = order[np.argsort(-(shares[order] ** 2).sum(axis=1), kind="stable")]
    held, groups_in = np.zeros((folds, counts.shape[1])), np.zeros((folds, counts.shape[1]), np.intp)
    rows, fold = np.zeros(folds, np.intp), np.full(len(counts), -1, np.intp)
    for g in order:
        has = counts[g] > 0
        whole = (groups_in[:, has] + 1 == groups_of_class[has]).any(axis=1)  # nothing of a class would be left
        if whole.all():
            continue
        cost = np.where(whole, np.inf, held @ (shares[g] / total))
        k = fold[g] = int(np.lexsort((rows, cost))[0])
        held[k] += counts[g]
        groups_in[k] += has
        rows[k] += counts[g].sum()
    return fold[group]


def sample_of_groups(constraints: Constraints, classes: Codes, rng: np.random.Generator) -> tuple[Codes, Codes]:
    """A bootstrap sample of as many groups as there are, drawn with replacement, each with all its rows; the others.

    Raises
    ------
    DataError
        No sample leaves a group out and has rows of every class.
    """
    group, counts = counts_of(constraints, classes)
    check_groups(constraints, counts, 1)
    together = np.split(np.argsort(group, kind="stable"), np.cumsum(counts.sum(axis=1))[:-1])
    for _ in range(TRIES):
        drawn = rng.integers(len(counts), size=len(counts))
        others = np.setdiff1d(np.arange(len(counts)), drawn)
        if len(others) and counts[drawn].any(axis=0).all():
            sample, rest = (np.sort(np.concatenate([together[g] for g in some])) for some in (drawn, others))
            return sample, rest
    raise DataError(
        f"samples of the {len(counts)} groups of {constraints.names['group']} hardly ever have every class; give folds"
    )


PASSES = 3
TRIES = 1000


def check_groups(constraints: Constraints, counts: Counts, folds: int) -> None:
    """DataError where so many groups cannot be held out one after the other, with something to learn from each time."""
    name, able = constraints.names.get("group", "group"), int(can_be_held_out(counts).sum())
    if len(counts) < 2:
        raise DataError(
            f"{name} has one group only, {shown(constraints.label(0))}, so no row can be held out that is of another; "
            "split by another column, or hold no rows out"
        )
    if able == 0:
        raise DataError(
            f"each of {counted(len(counts), 'group')} of {name} has a class that no other has, which could not be "
            "learnt if it were held out; split by another column"
        )
    if able < folds:
        alone = f" can be held out: the others have a class alone, {len(counts)} in all" if able < len(counts) else ""
        raise DataError(f"folds must be at most {able}, got {folds}: {name} has {able} groups{alone}")


def remarks_on_groups(constraints: Constraints, classes: Codes, names: tuple[str, ...]) -> list[str]:
    """What one should know of a split by these groups; `names` are those of the classes."""
    if constraints.group is None:
        return []
    _, counts = counts_of(constraints, classes)
    name, found = constraints.names["group"], []
    if 1 < len(counts) == len(classes):
        found.append(f"{name} has another value in each row, so it keeps no rows together")
    alone = np.flatnonzero((counts > 0).sum(axis=0) == 1)
    if len(names) > 1 and len(alone) and can_be_held_out(counts).any():
        which = listed([names[k] for k in alone], 4)
        found.append(f"{name}: {which} in one group alone, which is always learnt from; no score tells of it")
    return found
