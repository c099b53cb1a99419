"""Which engine takes lanes, and when that pays."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from glassnet.derivation.steps import Derivation
from glassnet.engines.training_code import is_written_out
from glassnet.training.choice import COMPILING, LOADER, LOADING, state_of
from glassnet.training.lanes import LaneEngine
from glassnet.training.rows import Walk

# Seconds, on Zen 3: what it takes to compile the interpreter, once for each dtype, and to put lanes together (which
# includes reading it from the cache). What NumPy would take is estimated at a third of what small networks really take.
INTERPRETER, PUTTING = 3.5, 0.01
# Numbers learnt, up to which lanes are faster than machine code of a network's own in threads: measured with batches of
# 32 rows on Zen 3, 30-64-1 (2,049) takes 0.7 of its time, 108-16-2 (1,778) as long, 64-64-10 (4,810) 1.1 times as long
SMALL, LARGE = 2048, 16384  # with more than `LARGE` they are slower even where the other code has yet to be compiled
ENOUGH = INTERPRETER / 3  # seconds missed, as they are estimated
MISSED: dict[str, float] = {}  # by dtype: seconds that lanes would have saved in this process so far
FIXED: ContextVar[bool] = ContextVar("FIXED", default=False)


@contextmanager
def fixed_lanes() -> Iterator[None]:
    """Within it, lanes go by structures and sizes alone: the same bits in every process, whatever was compiled there.

    It is for who trains so many that the interpreter is always worth it.
    """
    token = FIXED.set(True)
    try:
        yield
    finally:
        FIXED.reset(token)


@dataclass(frozen=True)
class LaneChoice:
    """An engine for lanes.

    Attributes
    ----------
    make
        Makes it, of `Lanes` and of how many `workers` it may have. A NotImplementedError says that these networks
        cannot be lanes, an OtherStructure that they are of more than one structure.
    has_threads
        Whether it is best given all lanes and all workers; otherwise each worker has an engine for some of the lanes.
    """

    make: Callable[..., LaneEngine]
    has_threads: bool


def lane_engine_called(name: str) -> LaneChoice:
    """The engine for lanes that had this name, `lane_engine(...).make.__name__`."""
    if name == "WrittenOutLanes":
        from glassnet.training.written_out_lanes import WrittenOutLanes

        return LaneChoice(WrittenOutLanes, has_threads=True)
    from glassnet.training.interpreted_lanes import InterpretedLanes

    return LaneChoice(InterpretedLanes, has_threads=False)


def lane_engine(asked: str, derivation: Derivation, rows: int, walk: Walk, saved: float) -> LaneChoice | None:
    """The engine for lanes; None: each run is better trained by itself.

    Parameters
    ----------
    asked
        "compiled" or "auto", as `train` takes it; "compiled" asks for the bits of a single training, which only
        networks that are written out keep.
    derivation
        Of a training step.
    rows, walk
        What each lane goes through.
    saved
        Seconds that machine code saves, in these lanes and whatever else is to be trained now.
    """
    if walk.drop_last:  # lanes take all rows
        return None
    if asked == "auto" and not FIXED.get() and saved < (PUTTING if LOADER in sys.modules else LOADING):
        return None
    try:
        of_its_own = written_out(asked, derivation, rows, walk, saved)
        return of_its_own or interpreted(asked, derivation, rows, walk, saved)
    except (ImportError, NotImplementedError):  # no Numba, or a network that cannot be compiled
        return None


def written_out(asked: str, derivation: Derivation, rows: int, walk: Walk, saved: float) -> LaneChoice | None:
    """The engine for networks that are written out, if these are, and if that pays."""
    if not is_written_out(derivation, walk.kind(rows), rows):
        return None
    from glassnet.training.written_out_lanes import WrittenOutLanes, state_of_lanes

    cost = {"loaded": 0.0, "cached": LOADING / 5, "compiled": COMPILING}
    if asked == "auto" and saved < cost["compiled" if FIXED.get() else state_of_lanes(derivation, rows)]:
        return None
    return LaneChoice(WrittenOutLanes, has_threads=True)


def interpreted(asked: str, derivation: Derivation, rows: int, walk: Walk, saved: float) -> LaneChoice | None:
    """The interpreter, for any network; nothing is compiled for a new one."""
    size = derivation.layout.size
    if asked == "compiled" or size > LARGE:
        return None
    from glassnet.engines.compiled import state
    from glassnet.engines.lane_loops import lane_loops
    from glassnet.training.interpreted_lanes import InterpretedLanes

    if FIXED.get():
        return LaneChoice(InterpretedLanes, has_threads=False)
    if state(lane_loops(derivation.dtype)) == "compiled" and not is_worth_compiling(derivation.dtype.name, saved):
        return None
    if size > SMALL and state_of(derivation, rows, walk) != "compiled":
        return None
    return LaneChoice(InterpretedLanes, has_threads=False)


def is_worth_compiling(dtype: str, saved: float) -> bool:
    """Whether the interpreter is compiled now, who goes without it having missed enough by then.

    One small lottery does not wait for it. Who tries sixty small networks, one after the other, waits once.
    """
    MISSED[dtype] = MISSED.get(dtype, 0.0) + saved
    return MISSED[dtype] >= ENOUGH
