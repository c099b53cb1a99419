"""What rows, inputs and units are called: by the columns' names, h1 and h2, the classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glassnet.data.arrays import ArrayContract
from glassnet.derivation.writing import NEW
from glassnet.parts.average import Average
from glassnet.parts.embeddings import PeriodicEmbedding, PiecewiseLinearEmbedding
from glassnet.parts.layers import Dense, Layer
from glassnet.parts.nested import Beside, Columns
from glassnet.readings.explain.element import Arrays
from glassnet.readings.explain.terms import Run, runs_along
from glassnet.training.state import State


class Labels:
    """Names for the places of a network's arrays.

    Hidden units are h1, h2, … where there is one hidden layer, else h1.1, h1.2, … by hidden layer and unit.

    Parameters
    ----------
    model
        Whose layers, inputs and outputs they are.
    rows
        What the rows are called.
    """

    def __init__(self, model: State, rows: Sequence[str]) -> None:
        self.rows = tuple(rows)
        self.inputs = tuple(model.contract.input_names)
        self.layers = layer_names(model)  # of each layer's output
        self.outputs = self.layers[-1]

    def into(self, k: int) -> tuple[str, ...]:
        """The names of what goes into layer k."""
        return self.inputs if k == 1 else self.layers[k - 2]

    def columns(self, name: str, width: int) -> tuple[str, ...]:
        """What an array's columns are called, by the number of the layer at the end of its name."""
        name = name.removesuffix(NEW)
        k = self.layer(name)
        candidates = [self.layers[k - 1], self.into(k)] if k else [self.inputs if name == "x" else self.outputs]
        return next((names for names in candidates if len(names) == width), numbered(width))

    def layer(self, name: str) -> int:
        """The number of the layer at the end of an array's name; 0 where there is no such layer."""
        number = name[len(name.rstrip("0123456789")) :]
        return int(number) if number and int(number) <= len(self.layers) else 0

    def axis(self, name: str, axis: int, shape: tuple[int, ...], is_rows: bool) -> tuple[str, ...]:
        """What the places along an array's axis are called."""
        if is_rows:
            return self.rows if len(self.rows) == shape[axis] else numbered(shape[axis], "row ")
        stem = name.removeprefix("d")
        if len(shape) == 2 and axis == 0 and self.layer(stem):
            names = self.into(self.layer(stem))  # the rows of W
            return names if len(names) == shape[0] else numbered(shape[0])
        return self.columns(stem, shape[axis])

    def of_run(self, over: tuple[Run, ...], arrays: Arrays) -> str:
        """Which term of a sum it is: an input's name, "row 3"."""
        words = []
        for run in over:
            node, axis = runs_along(run.node, run.axis, arrays)
            shape = arrays.shape(node)
            if node.op != "symbol" or axis >= len(shape):
                words.append(str(run.k + 1))
            elif shape[axis] > 1 or len(over) == 1:
                is_rows = bool(node.shape) and axis == 0 and node.shape[0] == "n"
                words.append(self.axis(node.name, axis, shape, is_rows)[run.k])
        return ", ".join(words)


def numbered(count: int, before: str = "") -> tuple[str, ...]:
    """1, 2, 3, … as words."""
    return tuple(f"{before}{k}" for k in range(1, count + 1))


def dense_layers(model: State) -> tuple[list[int], int]:
    """The numbers of the hidden Dense layers, and of the one that gives the outputs; 0 where no layer is Dense."""
    *hidden, last = [k for k, layer in enumerate(model.network.layers, 1) if isinstance(layer, (Dense, Average))] or [0]
    return hidden, last


def layer_names(model: State) -> list[tuple[str, ...]]:
    """The names of the numbers that each layer gives."""
    hidden, last = dense_layers(model)
    names: list[tuple[str, ...]] = []
    current = tuple(model.contract.input_names)
    for k, layer in enumerate(model.network.layers, start=1):
        width = int(layer.units or 0) if isinstance(layer, Dense) else width_after(model, k)
        if k == last:
            current = output_names(model, width)
        elif k in hidden:
            before = "h" if len(hidden) == 1 else f"h{hidden.index(k) + 1}."
            current = numbered(width, before)
        else:
            current = names_after(layer, current, f"layer {k}, ")
            current = current if len(current) == width else numbered(width, f"layer {k}, ")
        names.append(current)
    return names


def names_after(layer: Layer, names: tuple[str, ...], before: str) -> tuple[str, ...]:
    """The names of what a layer makes of numbers that have names; units are numbered, with words before."""
    if isinstance(layer, (PeriodicEmbedding, PiecewiseLinearEmbedding)):
        made = [f"{name}, {k}" for name in names for k in range(1, layer.outputs + 1)]
        return (*made, *(names if isinstance(layer, PeriodicEmbedding) else ()))
    if isinstance(layer, Columns):
        names = tuple(names[column] for column in layer.columns)
        for inner in layer.layers:
            names = names_after(inner, names, before)
    elif isinstance(layer, Beside):
        parts = [names_after(inner, names, before) for inner in layer.layers]
        taken = [item.columns if isinstance(item, Columns) else range(len(names)) for item in layer.layers]
        rest = [name for k, name in enumerate(names) if not any(k in columns for columns in taken)]
        names = (*(name for part in parts for name in part), *(rest if layer.others == "pass" else ()))
    elif isinstance(layer, Dense):
        names = numbered(int(layer.units or 0), before)
    return names


def width_after(model: State, k: int) -> int:
    """How many numbers a row has after layer k."""
    network = model.network.with_layers(*model.network.layers[:k])
    return network.n_outputs(model.n_inputs)


def output_names(model: State, width: int) -> tuple[str, ...]:
    """The names of the outputs: classes, the target, or o1, o2, …"""
    classes: tuple[Any, ...] | None = model.classes
    if classes is not None and len(classes) == width:
        return tuple(map(str, classes))
    if classes is not None and len(classes) == 2 and width == 1:
        return (str(classes[1]),)
    if width == 1 and not isinstance(model.contract, ArrayContract):
        return (model.contract.target.name,)
    return numbered(width, "o")
