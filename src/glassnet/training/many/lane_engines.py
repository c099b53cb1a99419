"""Which engine takes lanes, and when that pays."""

from __future__ import annotations

from collections.abc import Callable

from glassnet.training.lanes import LaneEngine, Lanes

Make = Callable[[Lanes], LaneEngine]


def lane_engine(part: Lanes, asked: str, *, lanes: int, epochs: int) -> Make | None:
    """What makes an engine for lanes; None: each run is better trained by itself.

    Parameters
    ----------
    part
        Some of the lanes.
    asked
        "compiled" or "auto", as `train` takes it.
    lanes, epochs
        How many there are together, and how far they go.
    """
    return None
