"""What is asked of a table that is read part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of a table.

    Attributes
    ----------
    target
        The column to predict.
    exclude, categories
        As `learn_contract` has them.
    used
        The columns of which something is counted; None: all but those excluded.
    share, seed
        Which share of the rows is held out, drawn from this seed; 0: none.
    """

    target: str
    exclude: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    used: Sequence[str] | None = None
    share: float = 0.0
    seed: int = 0
