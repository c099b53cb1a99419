"""Many settings of a network, each scored by cross-validation: `search`."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, Unpack

from glassnet.engines.threads import cores
from glassnet.interrupts import interruptible
from glassnet.model.keywords import keywords_of
from glassnet.model.train import train
from glassnet.model.train_many import ManyOptions
from glassnet.parts.naming import check_whole
from glassnet.parts.network import Network
from glassnet.search.asked import Asked
from glassnet.search.climb import Climb, Train
from glassnet.search.journal import opened
from glassnet.search.result import Search
from glassnet.search.rungs import rungs_of
from glassnet.search.task import Stored, digest_of, fits_of
from glassnet.search.told import counted
from glassnet.workers.executors import stays_here
from glassnet.workers.places import Here, elsewhere


@keywords_of(train, ManyOptions)
def search(
    space: Mapping[str, Any],
    X: Any,
    y: Any = None,
    *,
    network: Network | None = None,
    settings: int | None = None,
    folds: int | Iterable[tuple[Any, Any]] = 5,
    by: str | None = None,
    mode: Literal["min", "max"] | None = None,
    halving: int | None = None,
    seed: int = 0,
    journal: str | os.PathLike[str] | None = None,
    executor: Any = None,
    workers: int | None = None,
    told: Callable[[int, int], object] | None = None,
    **options: Unpack[ManyOptions],
) -> Search:
    """Try many settings of a network, each on every fold of a cross-validation, and find the best.

        space = {"hidden": [(16,), (32, 16)], "learning_rate": gn.between(1e-4, 1e-1, log=True), "l2": [0.0, 1e-4]}
        found = gn.search(space, X, y, settings=50, folds=5, epochs=100, seed=0)
        print(found)  # the best ten settings: mean score, its spread over folds, epochs
        found.best  # a dict
        found.model  # trained with it on all rows

    Settings of one structure are trained side by side, in bundles that take a second or two. Which setting is in which
    bundle depends on sizes alone, so that numbers are the same to the last bit for any number of workers, and whichever
    of them died meanwhile.

    Parameters
    ----------
    space
        What varies: names as `train_many(vary=...)` has them, each with a list of values or a range, `gn.between(...)`.
    X, y
        As for `train`; and so are all parameters that are not named here. Workers open a table that is given as a path
        where it is; other rows are written to a temporary folder once, and opened there.
    network
        What is varied; None: one hidden layer of 32 relu, with dropout where that is in the space.
    settings
        How many are drawn; of lists alone, no two are the same. None: all combinations of lists.
    folds, seed
        As `train_many` has them; the seed draws settings and folds, and each fit starts from it.
    by, mode
        What is best: "loss", or a metric, "accuracy", on the rows held out; None: the loss. Of a metric of one's own
        `mode` says whether "min" or "max" is better.
    halving
        Successive halving, 3 say: all settings are trained for a fraction of the epochs, the best third of them for
        three times as many, and so on; the last are trained for all. Each rung trains anew, and takes about as many
        epochs as every other: 50 settings for 100 epochs are 641 epochs a fold in four rungs instead of 5,000. None:
        all settings are trained for all epochs.
    journal
        A file in which what is done is kept, line by line. The same search goes on from there, whatever stopped it.
    executor
        Who trains: whatever has `submit`, such as a `ProcessPoolExecutor`, or a client of Dask `distributed` (extra
        "scale"), whose workers may be other machines. None: this machine.
    workers
        How many processes train on this machine, if the search is long enough for that to pay; None: as many as there
        are cores. Without joblib, which comes with scikit-learn, they are threads.
    told
        Hears how many fits of how many are done; None: a line shows it where somebody watches.

    Returns
    -------
    Search
        A table of all settings, the best first; what the best one sets; its model.

    Raises
    ------
    CheckpointError
        The journal is of another search (the message names the difference), or another process writes to it.
    DataError, ValueError, TypeError
        As `train_many` does, before anything is trained; or a space that is none.
    GlassnetError
        Workers die again and again, or have another version of glassnet.
    KeyboardInterrupt
        Ctrl-C; what was done is in the journal.
    """
    asked = Asked.of(space, X, y, network=network, count=settings, folds=folds, by=by, mode=mode, seed=seed, **options)
    rungs = rungs_of(len(asked.settings), asked.epochs, halving)
    if len(rungs) > 1 and "epochs" in space:
        raise ValueError("halving says how many epochs there are; leave 'epochs' out of the space, or halving")
    workers = cores() if workers is None else check_whole("workers", workers)
    head = {} if journal is None else {**asked.head(), "halving": halving, "by": asked.column}
    with sent(asked, executor, workers) as trained, opened(journal, head) as kept, interruptible() as interrupted:
        climb = Climb(asked, rungs, kept, trained)
        try:
            with counted(told) as heard:
                return climb.go(interrupted, heard)
        except KeyboardInterrupt:
            words = f"search interrupted after {climb.done} of {climb.of} fits"
            where = "without a journal they are lost" if journal is None else f"they are kept in {os.fspath(journal)}"
            raise KeyboardInterrupt(f"{words}; {where}") from None


@contextmanager
def sent(asked: Asked, executor: Any, workers: int) -> Iterator[Train]:
    """What trains the bundles of the search; while it lasts rows are where workers find them."""
    if executor is None and stays_here(workers, sum(cost.seconds for cost in asked.costs)):
        yield partial(Here().answers, partial(fits_of, replace(asked.work(asked.rows), workers=workers)))
        return
    with stored(asked.rows) as rows, elsewhere(executor, workers, DOING) as place:
        yield partial(place.answers, partial(fits_of, asked.work(rows)))


DOING = ("bundle", "trained", "they may need more memory, or a smaller batch_size")


@contextmanager
def stored(rows: Mapping[str, Any]) -> Iterator[Mapping[str, Any] | Stored]:
    """Rows in a temporary file; what is a file already stays where it is."""
    if isinstance(rows["X"], Stored):
        yield rows
        return
    with tempfile.TemporaryDirectory(prefix="glassnet-search-") as folder:
        path = Path(folder) / "rows.pickle"
        path.write_bytes(pickle.dumps(rows, protocol=5))
        yield Stored(str(path), digest_of(str(path)), is_table=False)
