"""A network read as the columns of a picture, with its names and, where a row is given, that row's values.

Every layer is a column. A Dense layer's units are circles, with the weights that lead to them and their biases.
Normalisations and Scale are narrow columns that show their scale and shift, Dropout is a band that lets everything
through, and a layer of one's own is a box with its name and, behind it, its outputs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from glassnet.derivation.contents import sizes
from glassnet.derivation.steps import Step
from glassnet.expressions.expression import ROWS
from glassnet.parts.built_in import layer_words
from glassnet.parts.layers import Layer
from glassnet.parts.naming import layer_of
from glassnet.readings.explain.labels import dense_layers
from glassnet.readings.explain.picture.choice import drawn
from glassnet.readings.explain.picture.parts import Column, Parts, Unit, kind_of
from glassnet.readings.explain.picture.row import Row, row_of
from glassnet.readings.explain.picture.words import exact, fitting, short
from glassnet.training.state import State

INSIDE, TYPE = 36.0, 10.0  # pixels: room for a number in a unit, and the size of its letters


def parts(model: State, X: Any = None) -> Parts:
    """What the picture of a model shows; with one row X, also that row's values."""
    row = Row() if X is None else row_of(model, X)
    derived = model.derivation(prediction=True)
    layers = model.network.layers
    steps = [[step for step in derived.steps if step.layer == k] for k in range(1, len(layers) + 1)]
    widths = [len(model.contract.input_names)]
    for own in steps:
        widths.append(int(own[-1].shape[1]) if own else widths[-1])
    predicted = [u for u, (_, _, is_chosen, _) in outputs(model, row).items() if is_chosen]
    shown = drawn(layers, widths, model.weights, predicted)
    columns = [inputs(model, row, shown[0])]
    for k, own in enumerate(steps, start=1):
        columns.append(layer_column(model, k, own, widths[k], shown[k], row))
    farthest, name = farthest_number(columns, model.weights)
    called = "-".join(map(str, sizes(derived)))
    return Parts(
        columns=tuple(columns), farthest=farthest, farthest_name=name, notes=tuple(notes(columns, row)), sizes=called
    )


# ----------------------------------------------------------------------------------------------------- columns


def inputs(model: State, row: Row, shown: list[int]) -> Column:
    """The first column: features by name."""
    names = model.contract.input_names
    units = {}
    for i in shown:
        value, symbol = row.of("x", i), f"x{i + 1}"
        lines = [f"input {i + 1} of {len(names)}"]
        lines += [f"value {row.raw[i]}"] if i in row.raw else []
        lines += [f"x = {exact(value)}"] if value is not None else []
        inside = symbol if value is None else fitting(value, INSIDE, TYPE)
        units[i] = Unit(inside=inside, label=names[i], more=row.raw.get(i, ""), notes=(names[i], *lines))
    return Column(kind="units", titles=("input",), size=len(names), units=units)


def layer_column(model: State, k: int, steps: list[Step], size: int, shown: list[int], row: Row) -> Column:
    """The column of layer k, which has these steps and so many units, of which these are shown."""
    layer = model.network.layers[k - 1]
    kind = kind_of(layer)
    arrays = {name: array for name, array in all_arrays(model).items() if layer_of(name) == k}
    here = LayerDrawn(k, size, tuple(step.name for step in steps if step.shape == (ROWS, size)), arrays)
    ends = outputs(model, row) if k == len(model.network.layers) else {}
    units = {}
    for u in shown:
        unit = unit_of(here, u, unit_name(model, k, u), row, kind)
        units[u] = with_output(unit, *ends[u]) if u in ends else unit
    weights = arrays[f"W{k}"] if kind == "units" else None
    words = own_words(layer, arrays) if kind == "own" else ()
    return Column(
        kind=kind,
        titles=titles(model, k),
        size=size,
        units=units,
        name=f"W{k}",
        weights=weights,
        words=words,
        note=" ".join(repr(layer).split()),
    )


class LayerDrawn(NamedTuple):
    """A layer's number, its size, its steps that have a number for each unit, the last the output; its arrays."""

    k: int
    size: int
    steps: tuple[str, ...]
    arrays: Mapping[str, np.ndarray]


def unit_of(here: LayerDrawn, u: int, name: str, row: Row, kind: str) -> Unit:
    """Unit u of a layer: its value, its bias or scale, and all its numbers."""
    value = row.of(here.steps[-1], u) if here.steps else None
    numbers = [(step, row.of(step, u)) for step in here.steps]
    notes = [f"{name}, unit {u + 1} of {here.size} in layer {here.k}"]
    notes += [f"{step} = {exact(number)}" for step, number in numbers if number is not None]
    notes += [f"{array}[{u}] = {exact(own[u])}" for array, own in here.arrays.items() if own.shape == (here.size,)]
    if kind == "scales":
        return Unit(inside=scale_words(here.arrays, here.k, u), notes=tuple(notes))
    bias = here.arrays.get(f"b{here.k}") if kind == "units" else None
    return Unit(
        inside=name if value is None else fitting(value, INSIDE, TYPE),
        notes=tuple(notes),
        bias=None if bias is None else float(bias[u]),
        above="" if value is None else name,
    )


def with_output(unit: Unit, label: str, more: str, chosen: bool, notes: tuple[str, ...]) -> Unit:
    """The unit, with what it says as an output."""
    first, *others = unit.notes
    return replace(unit, label=label, more=more, chosen=chosen, notes=(first, label, *others, *notes))


def all_arrays(model: State) -> dict[str, np.ndarray]:
    """What is learnt and what is kept, by name."""
    memory = model.memory
    return {**memory.layout.views(memory.theta), **memory.state_layout.views(memory.state)}


def titles(model: State, k: int) -> tuple[str, ...]:
    """What stands above a layer: which it is, what it is, and what the loss makes of its outputs."""
    layer = model.network.layers[k - 1]
    kind = kind_of(layer)
    words = f"layer {k}", type(layer).__name__ if kind in ("scales", "own") else layer_words(layer)
    if kind == "passing":
        return *words, "(only in training)"
    loss = model.network.loss
    if k == len(model.network.layers) and loss is not None and loss.output != "identity":
        return *words, f"then {loss.output}"
    return words


def unit_name(model: State, k: int, u: int) -> str:
    """`h2` in a network with one hidden layer, `h3.2` in one with more; `o1` for an output."""
    hidden, last = dense_layers(model)
    if k in hidden:
        return f"h{u + 1}" if len(hidden) == 1 else f"h{hidden.index(k) + 1}.{u + 1}"
    return f"o{u + 1}" if k in (last, len(model.network.layers)) else f"{k}.{u + 1}"


def scale_words(arrays: Mapping[str, np.ndarray], k: int, u: int) -> str:
    """`×0.93 +0.1`: the learnt scale and shift of a normalisation; `×0.93`: the factor of a Scale."""
    if f"s{k}" in arrays:
        return f"×{short(arrays[f's{k}'][u])}"
    shift = short(arrays[f"beta{k}"][u])
    return f"×{short(arrays[f'gamma{k}'][u])} {shift if shift.startswith('−') else f'+{shift}'}"


def own_words(layer: Layer, arrays: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    """The name of one's own layer and its arrays."""
    return type(layer).__name__, *(f"{name} {'×'.join(map(str, array.shape))}" for name, array in arrays.items())


def outputs(model: State, row: Row) -> dict[int, tuple[str, str, bool, tuple[str, ...]]]:
    """For each output: its name, what is predicted, whether it is chosen, and lines with exact numbers."""
    size = model.forward.n_outputs
    classes, contract = model.classes, model.contract
    if classes is None:
        target = getattr(getattr(contract, "target", None), "name", None)
        names = [target or ("y" if size == 1 else f"y{u + 1}") for u in range(size)]
    else:
        names = [str(name) for name in (classes[1:] if size == 1 else classes)]
    if row.outputs is None:
        return {u: (name, "", False, ()) for u, name in enumerate(names)}
    p, found = row.values["p"][0], {}
    decoded = np.asarray(contract.decode(row.outputs)).reshape(-1)
    for u, name in enumerate(names):
        lines = [f"p = {exact(p[u])}"]
        more = f"p = {short(p[u], 4)}"
        if classes is None and decoded[u] != p[u]:
            more = short(decoded[u], 4)
            lines.append(f"{name} = {exact(decoded[u])}")
        is_chosen = classes is not None and str(decoded[0]) == name
        found[u] = (name, more, is_chosen, tuple(lines))
    return found


# ----------------------------------------------------------------------------------------- below the picture


def farthest_number(columns: Sequence[Column], weights: Mapping[str, np.ndarray]) -> tuple[float, str]:
    """The weight or bias farthest from 0 of those that are drawn, and its name; 0 where there is none."""
    farthest, called = 0.0, ""
    for c, column in enumerate(columns):
        if column.weights is None:
            continue
        lines = [(column.name, (i, u)) for i in columns[c - 1].units for u in column.units]
        rings = [(f"b{c}", (u,)) for u in column.units if f"b{c}" in weights]
        for name, place in (*lines, *rings):
            value = float(weights[name][place])
            if math.isfinite(value) and abs(value) > abs(farthest):
                farthest, called = value, f"{name}[{', '.join(map(str, place))}]"
    return farthest, called


def notes(columns: list[Column], row: Row) -> list[str]:
    """What the picture leaves out, and what its numbers are."""
    found = []
    if row.values:
        found.append("In the circles: the values of one row; beside the outputs what is predicted.")
    for k, column in enumerate(columns):
        if column.hidden and column.kind in ("units", "own"):
            what, last = (f"units of layer {k}", ", and the last") if k else ("inputs", "")
            found.append(
                f"{len(column.units)} of the {column.size:,} {what} are drawn, those with the largest weights{last}; "
                f"the weights to and from the other {column.hidden:,} are not."
            )
    return found
