"""What stays the same while a network trains: its columns, its rows, the grids that maps are painted on."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from glassnet.playground.course import Course
from glassnet.playground.source import SourceRows
from glassnet.playground.surface import Axes, Grid, axes_of, plane_of
from glassnet.playground.tiles import RES
from glassnet.playground.topology import Topology
from glassnet.readings.explain.facts import Facts
from glassnet.training.contract import as_contract
from glassnet.training.prepared import Prepared
from glassnet.training.state import State

MOST_POINTS = 2000
KEPT_GRIDS = 8


class Scene:
    """The network and the rows that a course trains now.

    Parameters
    ----------
    course
        Whose they are.
    number
        Of the scenes so far: the page asks for it anew when that changes.
    """

    def __init__(self, course: Course, number: int) -> None:
        self.number, self.prepared = number, course.prepared
        self.source = course.setup.source
        self.validation = course.setup.choices.validation
        self.topology = Topology(self.state, self.source.image)
        self.grids: dict[Any, Grid] = {}
        self.facts: tuple[Any, Facts] | None = None  # the last that were explained, and of which moment

    @property
    def state(self) -> State:
        """What is trained."""
        return self.prepared.model

    def is_of(self, prepared: Prepared) -> bool:
        """Whether it shows what was prepared."""
        return self.prepared is prepared

    @cached_property
    def rows(self) -> SourceRows:
        """The rows as they were given: those trained on, then those held out."""
        return self.source.rows(self.prepared, self.validation)

    @cached_property
    def x(self) -> np.ndarray:
        """All rows as the network takes them."""
        held_out = self.prepared.held_out
        parts = [self.prepared.rows.x] if held_out is None else [self.prepared.rows.x, held_out.x]
        return np.concatenate(parts)

    @cached_property
    def y(self) -> np.ndarray:
        """Their targets, as the network takes them."""
        held_out = self.prepared.held_out
        parts = [self.prepared.rows.y] if held_out is None else [self.prepared.rows.y, held_out.y]
        return np.concatenate(parts)

    @property
    def seen(self) -> int:
        """How many of them are trained on."""
        return len(self.prepared.rows)

    @cached_property
    def truth(self) -> np.ndarray:
        """The targets as people see them, (n,) or (n, outputs)."""
        contract = self.state.contract
        return np.asarray(contract.as_given(as_contract(self.y, contract)))

    @cached_property
    def codes(self) -> np.ndarray:
        """Of classes the number of each row's; of numbers the first of them."""
        targets = as_contract(self.y, self.state.contract)
        if self.state.classes is not None:
            return np.asarray(targets.argmax(axis=1), np.float64)
        return np.asarray(self.truth, np.float64).reshape(len(self.y), -1)[:, 0]

    @cached_property
    def axes(self) -> list[str]:
        """The columns that a map may have as axes."""
        return [] if self.source.image else axes_of(self.state)

    def chosen_axes(self, asked: Any) -> Axes | None:
        """The two that were asked for by number, or the first two; None where there are none."""
        if len(self.axes) < 2:
            return None
        numbers = range(len(self.axes))
        is_pair = isinstance(asked, list) and len(asked) == 2 and asked[0] != asked[1]
        first, second = asked if is_pair and all(k in numbers for k in asked) else (0, 1)
        return self.axes[first], self.axes[second]

    def grid(self, axes: Axes, row: int, res: int) -> Grid:
        """A grid over the plane of two columns, through a row."""
        key = (axes, 0 if self.topology.is_flat else row, res)
        if key not in self.grids:
            while len(self.grids) >= KEPT_GRIDS:
                del self.grids[next(iter(self.grids))]
            self.grids[key] = Grid.of(self.state, plane_of(self.state, self.rows, axes, row), res)
        return self.grids[key]

    def tile_grid(self) -> Grid:
        """That of the units' maps."""
        return self.grid((self.axes[0], self.axes[1]), 0, RES)

    @cached_property
    def points(self) -> np.ndarray:
        """The rows that maps show: all, or of many every so many-th."""
        n = len(self.x)
        return np.arange(n) if n <= MOST_POINTS else np.linspace(0, n - 1, MOST_POINTS).astype(int)

    def data(self, axes: Axes | None) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """The rows as the page has them: how many, what they are called, and where they lie on the map."""
        state = self.state
        target = getattr(getattr(state.contract, "target", None), "name", "y")
        header: dict[str, Any] = {
            "rows": self.seen,
            "held_out": len(self.x) - self.seen,
            "classes": None if state.classes is None else [str(label) for label in state.classes],
            "target": target,
            "columns": self.axes,
            "axes": None,
            "image": list(self.source.image) if self.source.image else None,
        }
        if axes is None:
            return header, {}
        grid = self.grid(axes, 0, RES)
        chosen = self.points
        header |= {
            "axes": [self.axes.index(name) for name in axes],
            "names": list(axes),
            "range": grid.range(),
        }
        where = grid.over.points[chosen]
        return header, {
            "px": np.ascontiguousarray(where[:, 0]),
            "py": np.ascontiguousarray(where[:, 1]),
            "pc": self.codes[chosen].astype(np.float32),
            "pn": chosen.astype(np.int32),
            "ph": (chosen >= self.seen).astype(np.uint8),
        }
