"""What a process is given to do, a few kilobytes, and the plain numbers that it gives back.

It is one function of its arguments alone: who calls it, where, and how often changes nothing. Rows do not travel with
it. They are a file that every process opens once, and keeps.
"""

from __future__ import annotations

import hashlib
import math
import pickle
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet.data.given import table_at
from glassnet.engines.plans import fixed_plans
from glassnet.errors import DataError
from glassnet.model.train_many import train_many
from glassnet.parts.network import Network
from glassnet.search.bundles import Bundle
from glassnet.training.many.lane_engines import fixed_lanes
from glassnet.training.progress import said_before
from glassnet.workers.version import check_same

Fits = dict[str, list[Any]]  # columns: a row for each setting and fold
KEPT: dict[str, Any] = {}  # what this process read, by the digest of its file: the rows of one search at a time


@dataclass(frozen=True)
class Stored:
    """Rows, and what belongs to them, in a file: a table, or the keywords of `train_many` that hold them, pickled."""

    path: str
    digest: str
    is_table: bool

    def read(self) -> Any:
        """What is there; a process reads it once.

        Raises
        ------
        DataError
            It cannot be read here, or is not what the search began with.
        """
        if self.digest not in KEPT:
            try:
                found = digest_of(self.path)
            except OSError as error:
                raise DataError(
                    f"a worker cannot read {self.path!r} ({error.strerror}); for other machines give X as the path of "
                    "a file that all of them see"
                ) from None
            if found != self.digest:
                raise DataError(f"{self.path!r} has changed since the search began")
            KEPT.clear()
            KEPT[self.digest] = (
                table_at(self.path, False) if self.is_table else pickle.loads(Path(self.path).read_bytes())
            )
        return KEPT[self.digest]


@dataclass(frozen=True, eq=False, kw_only=True)
class Work:
    """What all bundles of a search have in common.

    Attributes
    ----------
    network, seed, options
        What is trained, from which seed, and how: keywords of `train_many`.
    rows
        The keywords of `train_many` that hold rows, folds among them, or where those are; X may be the file of a table.
    made_by
        The glassnet that asks.
    workers
        How many threads train.
    """

    network: Network
    seed: int
    options: Mapping[str, Any]
    rows: Mapping[str, Any] | Stored
    made_by: str
    workers: int = 1


def fits_of(work: Work, bundle: Bundle) -> Fits:
    """Train a bundle: for each setting and fold what is known of it at the end; what is not finite is None.

    Raises
    ------
    GlassnetError
        Another glassnet asks.
    DataError, ValueError
        As `train_many` does.
    """
    check_same(work.made_by, "search")
    rows: Any = work.rows.read() if isinstance(work.rows, Stored) else work.rows
    if isinstance(rows["X"], Stored):
        rows = {**rows, "X": rows["X"].read()}
    vary = [{name: [value] for name, value in setting.items()} for setting in bundle.settings]
    how: dict[str, Any] = {**work.options, "epochs": bundle.epochs}
    with fixed_plans(), fixed_lanes(), said_before():
        runs = quietly(
            lambda: train_many(work.network, seeds=[work.seed], vary=vary, workers=work.workers, **rows, **how)
        )
    table, folds = runs.table, len(runs) // len(vary)
    fits: Fits = {"setting": [number for number in bundle.numbers for _ in range(folds)]}
    for name, column in table.columns.items():
        if name not in table.varied or name == "fold":
            fits[name.removesuffix("_done")] = [plain(value) for value in column]
    return fits


def quietly(train: Callable[[], Any]) -> Any:
    """What it gives, without a word on trainings that diverge: the search tells of them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "training diverged", RuntimeWarning)
        return train()


def plain(value: Any) -> Any:
    """A number or a word as JSON has it; None for a number that is not finite."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def digest_of(path: str) -> str:
    """Of a file, which no other one has."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
