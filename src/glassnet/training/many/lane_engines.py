"""Which engine takes lanes, and when that pays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from glassnet.derivation.steps import Derivation
from glassnet.engines.training_code import is_written_out
from glassnet.training.choice import COMPILING, LOADING, estimate
from glassnet.training.lanes import LaneEngine
from glassnet.training.rows import Walk


@dataclass(frozen=True)
class LaneChoice:
    """An engine for lanes.

    Attributes
    ----------
    make
        Makes it, of `Lanes` and of how many `workers` it may have.
    has_threads
        Whether it is best given all lanes and all workers; otherwise each worker has an engine for some of the lanes.
    """

    make: Callable[..., LaneEngine]
    has_threads: bool


def lane_engine(
    asked: str, derivation: Derivation, rows: int, walk: Walk, *, epochs: int, lanes: int
) -> LaneChoice | None:
    """The engine for lanes; None: each run is better trained by itself.

    Parameters
    ----------
    asked
        "compiled" or "auto", as `train` takes it; "compiled" asks for the bits of a single training, which only
        networks that are written out keep.
    derivation
        Of a training step.
    rows, walk, epochs
        How much each has to do.
    lanes
        How many there are.
    """
    return of_written_out(asked, derivation, rows, walk, epochs=epochs, lanes=lanes)


def of_written_out(
    asked: str, derivation: Derivation, rows: int, walk: Walk, *, epochs: int, lanes: int
) -> LaneChoice | None:
    """The engine for networks that are written out, if these are, and if that pays."""
    if not is_written_out(derivation, walk.kind(rows), rows):
        return None
    try:
        from glassnet.training.written_out_lanes import WrittenOutLanes, state_of_lanes
    except ImportError:  # no Numba: what trains each by itself says so
        return None
    if asked == "auto":
        _, saved = estimate(derivation, rows, walk, epochs)
        cost = {"loaded": 0.0, "cached": LOADING / 5, "compiled": COMPILING}[state_of_lanes(derivation, rows)]
        if saved * lanes < cost:
            return None
    return LaneChoice(WrittenOutLanes, has_threads=True)
