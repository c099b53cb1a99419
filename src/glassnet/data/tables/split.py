"""Rows held out: which rows train and which are kept to judge by, drawn with a seed.

With classes the draw is stratified: every class is held out in the same share, as near as whole rows allow,
and every class keeps at least one row to be learnt from. Groups are kept together (`grouped.py`), and where there is an
order the latest rows are held out (`ordered.py`).
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.data.tables.constraints import FREE, Constraints
from glassnet.data.tables.grouped import remarks_on_groups, share_of_groups
from glassnet.data.tables.ordered import latest
from glassnet.data.tables.table import Table
from glassnet.data.tables.wording import counted
from glassnet.data.tables.words import Words
from glassnet.errors import DataError

Indices = NDArray[np.intp]


def split_rows(
    rows: int | Table,
    fraction: float,
    rng: np.random.Generator,
    *,
    stratify: ArrayLike | Words | None = None,
    constraints: Constraints = FREE,
) -> tuple[Indices, Indices]:
    """Return the indices of the rows to train on and of those held out, both ascending.

    Parameters
    ----------
    rows
        A table, or how many rows there are.
    fraction
        The share to hold out, between 0 and 1: round(fraction · n) rows, at least one; fewer where a class
        would lose its last row.
    rng
        Draws the rows.
    stratify
        The class of each row (the target's column, or codes). A class with one row is trained on.
    constraints
        Groups to be kept together, and an order in which the rows held out come last: as near to the share as that
        allows.

    Raises
    ------
    DataError
        There are fewer than two rows, or no class has two; or what the constraints ask for cannot be.
    """
    n = rows if isinstance(rows, int) else len(rows)
    if not 0 < fraction < 1:
        raise ValueError(f"fraction must be between 0 and 1 (0.2 holds out a fifth of the rows), got {fraction}")
    if n < 2:
        raise DataError(f"{counted(n, 'row')} cannot be split; at least 2 are needed, to train on and to hold out")
    groups = [np.arange(n)] if stratify is None else rows_by_class(stratify, n)
    if constraints.after is not None:
        return latest(constraints, codes_of(groups, n), fraction)
    if constraints.group is not None:
        return others(share_of_groups(constraints, codes_of(groups, n), fraction, rng), n)
    wanted = min(max(round(fraction * n), 1), n - 1)
    sizes = np.array([len(group) for group in groups])
    if sizes.max() < 2:
        raise DataError(
            f"each of {counted(len(groups), 'class', 'classes')} has one row, and a class held out "
            "cannot be learnt; give more rows, or do not stratify"
        )
    held = [rng.permutation(group)[:k] for group, k in zip(groups, _shares(sizes, fraction, wanted), strict=True)]
    return others(np.sort(np.concatenate(held)), n)


def remarks_on_split(n: int, stratify: ArrayLike | Words | None, constraints: Constraints) -> list[str]:
    """Return what one should know of splits by these groups; parameters as `split_rows` has them."""
    classes = [np.arange(n)] if stratify is None else rows_by_class(stratify, n)
    labels: Any = stratify if isinstance(stratify, Words) else np.asarray(stratify)
    names = () if stratify is None else tuple(str(labels[rows[0]]) for rows in classes)
    return remarks_on_groups(constraints, codes_of(classes, n), names)


def others(held_out: Indices, n: int) -> tuple[Indices, Indices]:
    """Return the rows that are not held out, and those that are."""
    rest = np.ones(n, dtype=np.bool_)
    rest[held_out] = False
    return np.flatnonzero(rest), held_out


def codes_of(classes: list[Indices], n: int) -> Indices:
    """Return for each row the number of its class."""
    codes = np.empty(n, np.intp)
    for k, rows in enumerate(classes):
        codes[rows] = k
    return codes


def rows_by_class(stratify: ArrayLike | Words, n: int) -> list[Indices]:
    """Return the rows of each class, in the order in which the classes first appear."""
    labels = stratify if isinstance(stratify, Words) else np.asarray(stratify)
    if labels.shape != (n,):
        raise ValueError(f"stratify must have one class for each of the {n} rows, got shape {labels.shape}")
    if isinstance(labels, Words) or labels.dtype == np.object_:
        words = labels if isinstance(labels, Words) else Words.of(labels.tolist())
        codes, absent = words.codes, words.each(np.array([*(word != word for word in words.words), True]))
    else:
        codes, absent = labels, labels != labels
    if absent.any():
        at = int(absent.argmax())
        raise DataError(f"stratify has no class in row {at + 1}; leave such rows out first: table.known(target)")
    _, first, which = np.unique(codes, return_index=True, return_inverse=True)
    together = np.split(np.argsort(which, kind="stable"), np.cumsum(np.bincount(which))[:-1])
    return [together[k] for k in np.argsort(first)]


def _shares(sizes: NDArray[np.intp], fraction: float, wanted: int) -> NDArray[np.intp]:
    """Return how many rows of each class to hold out, by largest remainder; never a whole class."""
    exact = sizes * fraction
    shares: NDArray[np.intp] = np.minimum(np.floor(exact).astype(np.intp), sizes - 1)
    for k in np.argsort(shares - exact, kind="stable"):  # the class furthest below its share first
        if shares.sum() < wanted and shares[k] < sizes[k] - 1:
            shares[k] += 1
    return shares
