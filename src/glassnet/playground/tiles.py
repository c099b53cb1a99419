"""What each unit does, as a small picture: where it is large, which pixels it looks at, or how often it says what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.playground.surface import Grid, as_bytes
from glassnet.playground.topology import Topology

RES = 32  # pixels of a map, across and up
BINS = 24  # of a histogram
PROBED = 200  # rows that it counts


@dataclass
class Tiles:
    """Small pictures, unit after unit: their bytes, and the numbers that 0 and 255 stand for."""

    kinds: list[dict[str, Any] | None] = field(default_factory=list)
    parts: list[np.ndarray] = field(default_factory=list)
    low: list[np.ndarray] = field(default_factory=list)
    high: list[np.ndarray] = field(default_factory=list)

    def add(self, kind: str, width: int, height: int, pixels: np.ndarray, ends: tuple[np.ndarray, np.ndarray]) -> None:
        """The units of a column: pixels (units, width · height)."""
        self.kinds.append({"kind": kind, "width": width, "height": height})
        self.parts.append(pixels.ravel())
        self.low.append(ends[0])
        self.high.append(ends[1])

    def buffers(self) -> dict[str, np.ndarray]:
        """As they are sent."""
        none = [np.zeros(0)]
        return {
            "tiles": np.concatenate([*self.parts, np.zeros(0, np.uint8)]).astype(np.uint8),
            "tile_lo": np.concatenate(self.low or none).astype(np.float32),
            "tile_hi": np.concatenate(self.high or none).astype(np.float32),
        }


def maps(topology: Topology, grid: Grid) -> Tiles:
    """For rows that are points in the plane: where each unit is large."""
    found, last = Tiles(), len(topology.columns) - 1
    for k, values in enumerate(topology.values(grid.x)):
        ends = ends_of(values, k == 0, k == last)
        found.add("map", grid.res, grid.res, pixels(values, ends), ends)
    return found


def histograms(topology: Topology, x: np.ndarray) -> Tiles:
    """How often each unit says what, for some rows; of the first layer over pictures, which pixels it looks at."""
    found, last = Tiles(), len(topology.columns) - 1
    for k, values in enumerate(topology.values(x[:PROBED])):
        column = topology.columns[k]
        if k == 1 and topology.image and column.kind == "units":
            height, width = topology.image
            W = topology.state.weights["W1"].T[[*column.shown]]  # (units, pixels)
            ends = symmetric(np.abs(W).max(axis=1))
            found.add("image", width, height, pixels(W.T, ends), ends)
            continue
        ends = (values.min(axis=0), values.max(axis=0)) if k != last else ends_of(values, False, True)
        counts = np.array([counted(v, low, high) for v, low, high in zip(values.T, *ends, strict=True)], np.uint8)
        found.add("histogram", BINS, 1, counts, ends)
    return found


def ends_of(values: np.ndarray, is_first: bool, is_last: bool) -> tuple[np.ndarray, np.ndarray]:
    """What the two ends of the colours stand for: 0 lies in the middle, but of probabilities one half does."""
    low, high = values.min(axis=0), values.max(axis=0)
    if is_first:
        return low, high
    if is_last and low.min() >= 0.0 and high.max() <= 1.0:
        return np.zeros_like(low), np.ones_like(high)
    return symmetric(np.maximum(np.abs(low), np.abs(high)))


def symmetric(size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From minus a size to it; of nothing from -1 to 1."""
    size = np.where(np.isfinite(size) & (size > 0.0), size, 1.0)
    return -size, size


def pixels(values: np.ndarray, ends: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Columns of numbers (pixels, units) as bytes (units, pixels)."""
    return np.array(
        [as_bytes(v, low, max(high, low + 1e-12)) for v, low, high in zip(values.T, *ends, strict=True)], np.uint8
    )


def counted(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """A histogram as bytes, the fullest bin 255."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return np.zeros(BINS, np.uint8)
    width = (high - low) / BINS
    places = np.minimum((finite - low) / width, BINS - 1.0) if width > 0.0 else np.zeros(len(finite))
    counts = np.bincount(places.astype(int), minlength=BINS)
    return np.rint(255.0 * counts / max(int(counts.max()), 1)).astype(np.uint8)
