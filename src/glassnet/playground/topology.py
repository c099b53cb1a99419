"""The network as the page draws it: columns of units from the inputs to the outputs, at most so many of each.

What is drawn of a wide layer does not change while it trains: the first units, and the last, whose name says how many
there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.derivation.walk import values_of
from glassnet.playground.surface import axes_of
from glassnet.readings.explain.labels import dense_layers, layer_names
from glassnet.readings.explain.picture.choice import of_column
from glassnet.readings.explain.picture.columns import titles, unit_name
from glassnet.readings.explain.picture.parts import kind_of
from glassnet.training.state import State


@dataclass(frozen=True, eq=False, kw_only=True)
class Column:
    """A layer as it is drawn.

    Attributes
    ----------
    kind
        "units" (with the weights that lead to them), "passing", "scales", "own", or "image", inputs as one picture.
    layer
        Its number; 0 for the inputs.
    size, shown
        How many units it has, and the places of those that are drawn.
    names, asked
        What these are called, and how `explain` calls them; empty where it cannot be asked.
    title
        What stands above it.
    """

    kind: str
    layer: int
    size: int
    shown: tuple[int, ...]
    names: tuple[str, ...]
    asked: tuple[str, ...]
    title: tuple[str, ...]


class Topology:
    """The columns of a network, and how their numbers are found.

    Parameters
    ----------
    state
        Whose network it is; its numbers may change.
    image
        Height and width, where a row is a picture.
    """

    def __init__(self, state: State, image: tuple[int, int] | None = None) -> None:
        self.state, self.image = state, image
        self.derivation = state.derivation(prediction=True)
        layers = state.network.layers
        steps = [[step for step in self.derivation.steps if step.layer == k] for k in range(1, len(layers) + 1)]
        self.ends: list[str] = ["x"]  # the step, or the rows, that a column shows
        self.widths = [state.n_inputs]
        for own in steps:
            self.ends.append(own[-1].name if own else self.ends[-1])
            self.widths.append(int(own[-1].shape[1]) if own else self.widths[-1])
        self.ends[-1] = self.derivation.steps[-1].name
        self.columns = tuple(self.column(k) for k in range(len(self.widths)))

    def column(self, k: int) -> Column:
        """Column k: the inputs, or layer k."""
        state, size = self.state, self.widths[k]
        if not k:
            names = state.contract.input_names
            kind = "image" if self.image else "units"
            shown = () if self.image else tuple(of_column(np.zeros(size)))
            return Column(
                kind=kind,
                layer=0,
                size=size,
                shown=shown,
                names=tuple(names[i] for i in shown),
                asked=("",) * len(shown),
                title=("input",),
            )
        kind = kind_of(state.network.layers[k - 1])
        shown = tuple(of_column(np.zeros(size), [size - 1]))
        called = layer_names(state)[k - 1]
        hidden, last = dense_layers(state)
        asked = tuple(unit_name(state, k, u) if k in (*hidden, last) else "" for u in shown)
        return Column(
            kind=kind,
            layer=k,
            size=size,
            shown=shown,
            names=tuple(called[u] for u in shown),
            asked=asked,
            title=titles(state, k),
        )

    def to_json(self) -> dict[str, Any]:
        """As the page has it."""
        layout = self.state.memory.layout
        total = sum(int(np.prod(layout.shapes[f"W{column.layer}"])) for column in self.weighed)
        return {
            "columns": [self.column_json(k, column) for k, column in enumerate(self.columns)],
            "parameters": layout.size,
            "edges_total": total,
            "edges_shown": sum(len(self.before(column)) * len(column.shown) for column in self.weighed),
            "tiles": "map" if self.is_flat else "image" if self.image else "histogram",
        }

    def column_json(self, k: int, column: Column) -> dict[str, Any]:
        """A column as the page has it."""
        shapes = self.state.memory.layout.shapes
        is_weighed = column in self.weighed
        units = zip(column.shown, column.names, column.asked, strict=True)
        return {
            "kind": column.kind,
            "layer": column.layer,
            "size": column.size,
            "hidden": 0 if column.kind == "image" else column.size - len(column.shown),
            "title": list(column.title),
            "image": list(self.image) if self.image and not k else None,
            "array": f"W{k}" if is_weighed else None,
            "bias": f"b{k}" if f"b{k}" in shapes and is_weighed else None,
            "units": [{"index": u, "name": name, "ask": ask} for u, name, ask in units],
        }

    @property
    def is_flat(self) -> bool:
        """Whether rows are points in the plane, so that each unit is a map."""
        return self.state.n_inputs == len(axes_of(self.state)) == 2 and not self.image

    @cached_property
    def weighed(self) -> tuple[Column, ...]:
        """The columns that have weights from the one before."""
        return tuple(column for column in self.columns if column.kind == "units" and column.layer)

    def before(self, column: Column) -> tuple[int, ...]:
        """The places drawn of the column before; none of a picture's pixels."""
        return self.columns[column.layer - 1].shown

    def lines(self, arrays: dict[str, np.ndarray], stem: str = "W") -> np.ndarray:
        """The weights that are drawn, or their gradients, column after column: inputs × units, row by row."""
        parts = [arrays[f"{stem}{column.layer}"][np.ix_(self.before(column), column.shown)] for column in self.weighed]
        return np.concatenate([part.ravel() for part in parts] or [np.zeros(0)]).astype(np.float32)

    def biases(self, arrays: dict[str, np.ndarray]) -> np.ndarray:
        """The biases of the units that are drawn; 0 where they have none."""
        parts = [arrays.get(f"b{column.layer}", np.zeros(column.size))[[*column.shown]] for column in self.weighed]
        return np.concatenate(parts or [np.zeros(0)]).astype(np.float32)

    def values(self, x: np.ndarray) -> list[np.ndarray]:
        """What each column's drawn units say of rows x, (n, drawn) each."""
        found = {"x": x, **values_of(self.derivation, self.state.memory.arrays(), x)}
        return [np.asarray(found[end])[:, [*column.shown]] for end, column in zip(self.ends, self.columns, strict=True)]
