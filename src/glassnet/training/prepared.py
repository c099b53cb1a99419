"""What training takes: a model, its rows, and what they were drawn by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from glassnet.training.blocks import Blocks
from glassnet.training.rows import Rows
from glassnet.training.state import State


@dataclass(frozen=True, eq=False, kw_only=True)
class Prepared:
    """A model, the rows it is to be trained on, the rows held out to measure it, and its random numbers.

    Attributes
    ----------
    model, rows, held_out, rng
        These. Where the rows trained on are in a store, `rows` are a sample of them.
    stored
        The rows trained on, where they are in a store.
    split_seed, split_by
        What drew the rows held out, and what that kept to, as a `State` has them.
    remarks
        What one should know of the way rows were held out.
    """

    model: State
    rows: Rows
    held_out: Rows | None
    rng: np.random.Generator
    split_seed: int | None
    split_by: Mapping[str, str | bool] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    stored: Blocks | None = None

    @property
    def trained(self) -> Rows | Blocks:
        """All the rows that are trained on."""
        return self.rows if self.stored is None else self.stored
