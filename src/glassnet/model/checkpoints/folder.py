"""A folder of checkpoints: who has it, and which training is the next."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from glassnet.data.files.path import path_of
from glassnet.engines.plans import fixed_plans
from glassnet.errors import CheckpointError
from glassnet.model.checkpoints.series import EMPTY, Series
from glassnet.model.checkpoints.spent import Spent
from glassnet.parts.naming import find

Resume = Literal["auto", "never", "always"]
RESUME = ("auto", "never", "always")
LOCK = "lock"
OURS = re.compile(r"(?P<name>\d+(\.runs?-[\d-]+)?)\.(?P<step>begin|\d+)\.glass")
NOTHING = '{} keeps no training to go on with; begin one, resume="auto"'


@dataclass(eq=False, kw_only=True)
class Checkpoints:
    """The trainings of a program, in the order in which they begin: each has its files, by its number.

    Attributes
    ----------
    folder
        Where they are.
    states
        What was there at first, by the names of trainings, and by steps.
    took
        Seconds, to open the folder; the first training pays for it.
    number
        How many have begun.
    opened
        Those that have.
    is_open
        Whether the folder is still held.
    """

    folder: Path
    states: dict[str, dict[int, Path]]
    took: float
    number: int = 0
    opened: list[Series] = field(default_factory=list)
    is_open: bool = True

    def next(self) -> Series:
        """The files of the training that begins now."""
        self.number += 1
        states, took = self.states.get(str(self.number), {}), self.took if self.number == 1 else 0.0
        return self.known(Series(self.folder, str(self.number), states, Spent(took)))

    def part(self, series: Series, name: str) -> Series:
        """The files of a part of a training."""
        return self.known(series.part(name, self.states.get(f"{series.name}.{name}", {})))

    def known(self, series: Series) -> Series:
        """The same, closed with the folder."""
        self.opened.append(series)
        return series

    def close(self) -> None:
        """Write nothing from here on: somebody else may have the folder."""
        self.is_open = False
        for series in self.opened:
            series.is_open = False


def rows_folder() -> Path | None:
    """Where the training that begins next keeps what it reads part by part; None: nowhere."""
    place = current()
    return None if place is None else place.folder / f"{place.number + 1}.rows"


_CURRENT: ContextVar[Checkpoints | None] = ContextVar("checkpoints", default=None)


def current() -> Checkpoints | None:
    """Where what is trained now is kept; None: nowhere."""
    found = _CURRENT.get()
    return found if found is not None and found.is_open else None


@contextmanager
def checkpoints(folder: str | os.PathLike[str] | None, resume: Resume = "auto") -> Iterator[None]:
    """Within it, everything that is trained is kept in a folder, and goes on from there when the program runs again.

        with gn.checkpoints("runs/wine"):
            model = gn.train(network, "wine.csv", target="quality", epochs=10_000, seed=1)

    Stopped by whatever (Ctrl-C, a kill, a power cut), the same program goes on where it was, and ends with the same
    bits as if it had never been stopped; run again after its end, it trains nothing. That holds for `train`,
    recipes, ensembles, `compare`, `train_many` and the estimators, which go by the order in which they are trained; so
    the program has to be the same, and seeds have to be given. Which engine trains is chosen without regard to what
    was compiled before. Callbacks are called for the epochs that are trained now. What other threads and processes
    train is not kept.

    Now and then the whole state is written: weights, what the optimizer remembers, random numbers, the place in the
    rows, the best weights so far, the history. How a training began and where it ended is written once each, whatever
    that takes (some milliseconds), and in between as often as all of it stays within a fiftieth of the time. Files
    appear whole or not at all, and the last two are kept; if the newest is damaged, a warning says so, and the one
    before it is taken. If one cannot be written, a warning says so, and training goes on.

    Parameters
    ----------
    folder
        Where; it is made if it is not there. None: as it is outside.
    resume
        "auto": go on with what is there, if anything is. "never": refuse where something is. "always": where nothing
        is.

    Raises
    ------
    CheckpointError
        Another program has the folder, or it keeps other trainings (other data, settings, seeds, dtype, another
        version of glassnet: the message names the difference), or `resume` does not allow it.
    OSError
        The folder cannot be made or written to.
    """
    find(resume, RESUME, "resume")
    if folder is None:
        if resume != "auto":
            raise ValueError(f"resume={resume!r} is about a folder in which a training is kept; give it, too")
        yield
        return
    if isinstance(folder, str) and not folder:
        raise ValueError("the folder of checkpoints must have a name, got ''; give './' for the one that you are in")
    place = path_of(folder, "the folder of checkpoints").absolute()
    if place.exists() and not place.is_dir():
        raise CheckpointError(f"{place} is a file; give a folder to keep a training in")
    if resume == "always" and not place.is_dir():
        raise CheckpointError(NOTHING.format(folder))
    started = time.monotonic()
    with ExitStack() as held:
        try:
            place.mkdir(parents=True, exist_ok=True)
            held.enter_context(locked(place))
        except OSError as error:
            vars(error)["writing"] = True  # rather than reading
            raise
        held.enter_context(fixed_plans())
        states: dict[str, dict[int, Path]] = {}
        found = [match for path in place.iterdir() if (match := OURS.fullmatch(path.name))]
        for match in found:
            if match["step"] != "begin":
                states.setdefault(match["name"], {})[int(match["step"])] = place / match[0]
        if found and resume == "never":
            raise CheckpointError(f'{place} keeps a training already; go on with it, resume="auto", or {EMPTY}')
        if not found and resume == "always":
            raise CheckpointError(NOTHING.format(folder))
        made = Checkpoints(folder=place, states=states, took=time.monotonic() - started)
        token = _CURRENT.set(made)
        try:
            yield
        finally:
            made.close()
            with suppress(ValueError):  # of a generator that is ended elsewhere
                _CURRENT.reset(token)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Within it no other program has the folder; the system lets go of what a killed one had."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise CheckpointError(
            f"another training is kept in {folder} just now; wait for it, or give another folder"
        ) from None
    try:
        yield
    finally:
        lock.release()
