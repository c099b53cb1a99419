"""What a network says everywhere on a plane through its inputs: the map, and a small one for each unit."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.data.tables.number_column import NumberColumn
from glassnet.playground.source import SourceRows
from glassnet.readings.plot.boundary import sureness
from glassnet.readings.plot.plane import Plane, plane
from glassnet.training.state import State

Axes = tuple[str, str]


def axes_of(state: State) -> list[str]:
    """The columns that a map may have as axes: quantities, by name."""
    contract = state.contract
    if isinstance(contract, ArrayContract):
        return list(contract.input_names)
    return [feature.name for feature in contract.features if isinstance(feature, NumberColumn)]


def plane_of(state: State, rows: SourceRows, axes: Axes, row: int) -> Plane:
    """The plane over two columns, all others as they are in one row."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return plane(state, rows.inputs, axes, others_of(state, rows, axes, row))


def others_of(state: State, rows: SourceRows, axes: Axes, row: int) -> dict[str | int, Any]:
    """What the columns that do not vary are in a row; those that are missing stay out."""
    contract = state.contract
    if isinstance(contract, ArrayContract):
        return {name: rows.X[row][k] for k, name in enumerate(contract.input_names) if name not in axes}
    table = rows.table
    assert table is not None
    found: dict[str | int, Any] = {}
    for feature in contract.features:
        if feature.name not in axes and not table.missing(feature.name)[row]:
            found[feature.name] = table.column(feature.name)[row]
    return found


@dataclass(frozen=True, eq=False)
class Grid:
    """Encoded rows that lie on a grid over a plane, (res · res, inputs), the lowest line first."""

    x: np.ndarray
    res: int
    over: Plane

    @staticmethod
    def of(state: State, over: Plane, res: int) -> Grid:
        """So many rows and columns of points."""
        first, second = over.grid(res)
        across, up = np.meshgrid(first, second)
        return Grid(state.checked(over.rows(across.ravel(), up.ravel())), res, over)

    def range(self) -> list[list[float]]:
        """From where to where the two columns go."""
        first, second = self.over.grid(2)
        return [first.tolist(), second.tolist()]


def painted(state: State, grid: Grid, targets: np.ndarray) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The map: what it shows, and how much of it at each point, as bytes.

    Parameters
    ----------
    targets
        The numbers that are to be predicted, (n, outputs), whose range a map of numbers covers.
    """
    outputs = state.outputs(grid.x)
    if state.classes is None:
        said = np.asarray(state.contract.decode(outputs), np.float64).reshape(len(outputs), -1)[:, 0]
        low, high = float(np.nanmin(targets)), float(np.nanmax(targets))
        low, high = (low, high) if low < high else (low - 0.5, high + 0.5)
        return {"kind": "number", "lo": low, "hi": high}, {"map": as_bytes(said, low, high)}
    if len(state.classes) == 2:
        return {"kind": "probability", "lo": 0.0, "hi": 1.0}, {"map": as_bytes(outputs[:, 1], 0.0, 1.0)}
    sure = sureness(outputs) if state.is_distribution else np.ones(len(outputs))
    return {"kind": "classes", "lo": 0.0, "hi": 1.0}, {
        "map": as_bytes(sure, 0.0, 1.0),
        "winner": outputs.argmax(axis=1).astype(np.uint8),
    }


def as_bytes(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Numbers from low to high as 0 to 255; what lies outside, and what is none, at an end."""
    with np.errstate(all="ignore"):
        scaled = np.nan_to_num((np.asarray(values, np.float64) - low) / (high - low), nan=0.0, posinf=1.0, neginf=0.0)
    return np.rint(255.0 * np.clip(scaled, 0.0, 1.0)).astype(np.uint8)
