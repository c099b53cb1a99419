"""Rows divided again and again: folds for cross-validation, bootstrap samples, or pairs that somebody else made.

A division says which rows train and which measure. With classes the draw is stratified: every fold gets its share of
every class, and every sample has as many rows of a class as there are. Groups are kept together (`grouped.py`), and
where there is an order each fold holds out later rows than it learns from (`ordered.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet.data.tables.constraints import FREE, Constraints
from glassnet.data.tables.grouped import folds_of_groups, groups_to_hold_out, sample_of_groups
from glassnet.data.tables.ordered import forward_folds
from glassnet.data.tables.split import Indices, codes_of, rows_by_class
from glassnet.data.tables.words import Words


@dataclass(frozen=True, eq=False)
class Division:
    """Which rows train, and which measure; rows that were drawn twice are there twice."""

    train: Indices
    held_out: Indices


def folds_of(
    n: int,
    folds: int,
    rng: np.random.Generator,
    *,
    stratify: ArrayLike | Words | None,
    constraints: Constraints = FREE,
) -> list[Division]:
    """K divisions, each of which holds out another K-th of the rows, both ascending.

    Sizes of folds differ by one row at most, and so do the rows that each has of a class. The only row of a class is
    held out in none, as `split_rows` has it too: what is held out must be learnt from other rows. With groups folds are
    as equal as whole groups allow; with an order each fold learns from the rows before those that it holds out.

    Parameters
    ----------
    n, folds
        How many rows there are, and how many folds, K >= 2.
    rng
        Draws the rows.
    stratify
        The class of each row; None: the target is a number.
    constraints
        Groups to be kept together, and an order.

    Raises
    ------
    ValueError
        K is less than 2, or more than there are rows, groups or places in the order to be held out.
    """
    if folds < 2:
        raise ValueError(f"folds must be a whole number >= 2, or pairs of indices (train, held out), got {folds}")
    classes = classes_of_rows(n, stratify)
    if constraints.after is not None:
        return [Division(*rows) for rows in forward_folds(constraints, codes_of(classes, n), folds)]
    if constraints.group is not None:
        fold = folds_of_groups(constraints, codes_of(classes, n), folds, rng)
        return [Division(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(folds)]
    classes = [rows for rows in classes if stratify is None or len(rows) > 1]
    there = sum(map(len, classes))
    if there < folds:
        held = f"{there} rows can be held out" if there < n else f"there are {there} rows"
        if there < 2:
            raise ValueError(
                f"folds need two rows, of one class where the target is classes, got {folds} folds: {held}"
            )
        raise ValueError(f"folds must be at most {there}, got {folds}: {held}")
    dealt = np.concatenate([rng.permutation(rows) for rows in classes])
    fold = np.full(n, -1, np.intp)
    fold[dealt] = np.arange(there) % folds  # as cards are dealt: where one class ends the next goes on
    return [Division(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(folds)]


def most_folds(n: int, *, stratify: ArrayLike | Words | None, constraints: Constraints = FREE) -> int:
    """How many parts rows can be cut into, each of which is held out once: at most as many as groups, at least 2."""
    if constraints.group is None:
        return n
    return max(2, groups_to_hold_out(constraints, codes_of(classes_of_rows(n, stratify), n)))


def samples_of(
    n: int,
    samples: int,
    rng: np.random.Generator,
    *,
    stratify: ArrayLike | Words | None,
    constraints: Constraints = FREE,
) -> list[Division]:
    """Bootstrap samples: n rows drawn with replacement, of each class as many as there are; the others measure.

    About 37 % of the rows are not drawn (Efron, 1979); where chance draws every row, it draws again. Of groups
    as many are drawn as there are, each with all its rows.

    Raises
    ------
    ValueError
        No row could be left out; or there is an order, which samples do not keep to.
    """
    classes = classes_of_rows(n, stratify)
    if constraints.after is not None:
        raise ValueError("samples draw rows from all times, whatever after says; give folds, which keep to the order")
    if constraints.group is not None:
        codes = codes_of(classes, n)
        return [Division(*sample_of_groups(constraints, codes, rng)) for _ in range(samples)]
    if max(map(len, classes)) < 2:
        raise ValueError("samples need two rows, of one class where the target is classes: one to draw, one to measure")
    found: list[Division] = []
    while len(found) < samples:
        drawn = np.sort(np.concatenate([rows[rng.integers(len(rows), size=len(rows))] for rows in classes]))
        others = np.ones(n, np.bool_)
        others[drawn] = False
        if others.any():
            found.append(Division(drawn, np.flatnonzero(others)))
    return found


def divisions_of(pairs: Iterable[Any], n: int) -> list[Division]:
    """Divisions that somebody else made: pairs of indices or masks, as scikit-learn's splitters give them.

    Raises
    ------
    ValueError
        There is none, or one is no pair of rows that are there.
    """
    found: list[Division] = []
    for number, pair in enumerate(pairs, start=1):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ValueError(f"folds must be pairs of indices (train, held out), got {pair!r:.60} as number {number}")
        found.append(Division(indices(pair[0], n, f"fold {number}"), indices(pair[1], n, f"fold {number}")))
    if not found:
        raise ValueError("folds must hold at least one pair of indices (train, held out), got none")
    return found


def indices(given: Any, n: int, what: str) -> Indices:
    """Numbers of rows, counted from 0, from numbers or a mask; ValueError for what is none."""
    rows = np.asarray(given)
    if rows.dtype == np.bool_ and rows.shape == (n,):
        rows = np.flatnonzero(rows)
    if rows.ndim != 1 or not len(rows) or rows.dtype.kind not in "iu":
        raise ValueError(f"{what}: rows must be given by their numbers or by a mask of {n}, got {given!r:.60}")
    low, high = int(rows.min()), int(rows.max())
    if low < 0 or high >= n:
        raise ValueError(f"{what}: rows must be from 0 to {n - 1}, got {low if low < 0 else high}")
    return rows.astype(np.intp)


def classes_of_rows(n: int, stratify: ArrayLike | Words | None) -> list[Indices]:
    """The rows of each class; without classes all rows."""
    return [np.arange(n)] if stratify is None else rows_by_class(stratify, n)
