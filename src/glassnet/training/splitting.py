"""Which rows are held out as a share of those given, by groups or in an order too; and what a model keeps of it."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from glassnet.data.given import Data
from glassnet.data.streams.places import held_out
from glassnet.data.tables.split import remarks_on_split, split_rows
from glassnet.data.tables.wording import counted
from glassnet.errors import DataError
from glassnet.parts.losses import Loss
from glassnet.parts.naming import find
from glassnet.training.generator import copy_of
from glassnet.training.state import State


def split_seed_of(rng: np.random.Generator) -> int:
    """What draws the rows held out; from a copy, so that the weights are the same with and without validation."""
    return int(copy_of(rng).integers(2**63))


def shared_out(data: Data, validation: Any, split_seed: int, loss: Loss | None) -> tuple[np.ndarray, np.ndarray]:
    """The rows to train on, and a share of them that is held out; both by number."""
    draw = np.random.default_rng(split_seed)
    share, places = check_share(validation), data.constraints.places
    if places is not None:
        return by_places(places, share, split_seed)
    labels = data.labels(loss)
    return split_rows(len(data), share, draw, stratify=labels, constraints=data.constraints)


def by_places(places: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows to train on and those held out, each with this chance by its place; DataError where there are none."""
    out = held_out(places, share, seed)
    parts = np.flatnonzero(~out), np.flatnonzero(out)
    for rows, what in zip(parts, ("to train on", "held out"), strict=True):
        if not len(rows):
            raise DataError(
                f"of {counted(len(places), 'row')} none is {what}, where each is held out with a chance of {share:g}: "
                'give more rows, another share, or split="drawn"'
            )
    return parts


SPLITS = ("drawn", "hash")


def check_share(share: Any) -> float:
    """A share of the rows between 0 and 1."""
    if isinstance(share, bool) or not 0.0 < share < 1.0:
        raise ValueError(f"validation must be a share of the rows between 0 and 1, or other rows, got {share!r}")
    return float(share)


def split_options(group: Any, after: Any, split: str | None = None) -> dict[str, Any]:
    """What rows are split by, where it is given; ValueError for another split, or one that cannot keep to groups."""
    given = {name: value for name, value in (("group", group), ("after", after)) if value is not None}
    if split is not None and find(split, SPLITS, "split") == "hash":
        if given:
            raise ValueError(f'split="hash" draws for each row by itself, and does not go by {next(iter(given))}')
        given["split"] = split
    return given


def kept_of(split: Mapping[str, Any]) -> dict[str, str | bool]:
    """What a model keeps of it: the names of columns, and of values that there were some."""
    return {name: value if isinstance(value, str) else True for name, value in split.items()}  # column, or hash


def split_before(model: State, validation: Any) -> dict[str, Any]:
    """What rows of a model were split by before, where a share of them is held out again.

    Raises
    ------
    ValueError
        It was by values, which a model does not keep.
    """
    if not isinstance(validation, Real):
        return {}
    for name, column in model.split_by.items():
        if column is True:
            raise ValueError(
                f"rows were held out by a {name} of each row before, which this model does not keep: give them again, "
                f"{name}=…"
            )
    return {**model.split_by}


def remarks_on(data: Data, loss: Loss | None) -> tuple[str, ...]:
    """What one should know of the way these rows are held out."""
    if data.constraints.group is None:
        return ()
    return tuple(remarks_on_split(len(data), data.labels(loss), data.constraints))
