"""What the page of one unit says: its weighted sum, what comes back to it, and each of its weights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from glassnet.explain.arithmetic import Arithmetics
from glassnet.explain.contents import Contents, Entry, Grid, Section
from glassnet.explain.element import Index
from glassnet.explain.labels import hidden_layers, output_layer
from glassnet.naming import find

if TYPE_CHECKING:
    from glassnet.explain.explanation import Explanation, NeuronExplained

ROWS_SHOWN = 16


def unit(explanation: Explanation, name: str) -> tuple[str, int, int]:
    """A unit's name in full, the number of its layer from 1, and its place in it from 0; ValueError for none."""
    known = units(explanation)
    if not known:
        raise ValueError(f"there is no neuron {name!r}: neurons are the units of Dense layers, and there is none")
    return known[find(name, known, "neuron")]


def units(explanation: Explanation) -> dict[str, tuple[str, int, int]]:
    """Every unit by the names it may be called."""
    hidden, last = hidden_layers(explanation.model), output_layer(explanation.model)
    found: dict[str, tuple[str, int, int]] = {}
    for k, names in enumerate(explanation.labels.layers, start=1):
        if k not in (*hidden, last):
            continue
        for j, name in enumerate(names):
            also = [f"o{j + 1}"] if k == last else [f"h{hidden.index(k) + 1}.{j + 1}"]
            also += [f"h{j + 1}"] if hidden and k == hidden[0] else []
            for called in (name, *also):
                found.setdefault(called, (name, k, j))
    return found


def one_neuron(neuron: NeuronExplained, terms: int | None) -> Contents:
    """The page of one unit."""
    from glassnet.explain.whole import heading_of, layer_title

    explanation, k, j = neuron.explanation, neuron.layer, neuron.unit
    known = explanation.evaluated
    writer = explanation.arithmetics(terms, close_up=True)
    where = f", {explanation.rows.names[0]}" if len(explanation.rows) == 1 else ""
    title = f"neuron {neuron.name}{where}: unit {j + 1} of {layer_title(known, k)}"
    forward = [name for name in (f"z{k}", f"a{k}") if name in known.by_name]
    backward = [name for name in (f"da{k}", f"dz{k}") if name in known.by_name]
    row = busiest_row(explanation, forward, backward, j)
    sections = [numbers_section("Forward", explanation, writer, forward, row, j)]
    if backward:
        sections.append(numbers_section("Backward", explanation, writer, backward, row, j))
        sections.append(weights_section(neuron, writer))
    notes: tuple[str, ...] = ()
    if len(explanation.rows) > 1:
        notes = (f"The arithmetic is that of {explanation.rows.names[row]}, where this unit counts most.",)
    return Contents(title, heading_of(explanation), notes, tuple(sections), explanation.digits, is_close_up=True)


def busiest_row(explanation: Explanation, forward: list[str], backward: list[str], j: int) -> int:
    """The row in which the unit's gradient, or without one its value, is largest."""
    name = (backward or forward)[-1]
    column = np.nan_to_num(np.abs(explanation.evaluated.value(name)[:, j]))
    return int(column.argmax())


def numbers_section(
    title: str, explanation: Explanation, writer: Arithmetics, names: list[str], row: int, j: int
) -> Section:
    """The unit's numbers on one way: those of every row, and the arithmetic of one."""
    known = explanation.evaluated
    lines = tuple(writer.of(name, (row, j), reason=known.by_name[name].reason.removesuffix(".")) for name in names)
    grid = None
    if len(explanation.rows) > 1:
        values = np.column_stack([known.value(name)[:ROWS_SHOWN, j] for name in names]).astype(np.float64)
        more = len(explanation.rows) - len(values)
        columns = tuple(re.sub(r"\d+$", "", name) for name in names)
        grid = Grid(values, explanation.rows.names[:ROWS_SHOWN], columns, f"{more:,} more rows" if more > 0 else "")
    return Section(title, (Entry("", None, grid=grid, arithmetic=lines, is_example=grid is not None),))


def weights_section(neuron: NeuronExplained, writer: Arithmetics) -> Section:
    """Each of the unit's weights: now, its gradient, the change, next; and the largest gradient term by term."""
    explanation, k, j = neuron.explanation, neuron.layer, neuron.unit
    known, layout = explanation.evaluated, explanation.model.memory.layout
    places: list[tuple[str, Index]] = [(f"W{k}", (i, j)) for i in range(layout.shapes[f"W{k}"][0])]
    names = list(explanation.labels.into(k))
    if f"b{k}" in layout.shapes:
        places.append((f"b{k}", (j,)))
        names.append("bias")
    columns = {
        "now": [float(known.values[array][place]) for array, place in places],
        "gradient": [float(known.value(known.stands_for(f"d{array}"))[place]) for array, place in places],
    }
    if explanation.slopes is not None:
        columns["measured"] = [explanation.slopes.of(*place).value for place in places]
    if explanation.optimizer is not None:
        after = [float(explanation.next[array][place]) for array, place in places]
        columns["change"] = [new - old for new, old in zip(after, columns["now"], strict=True)]
        columns["next"] = after
    largest = int(np.argmax(np.nan_to_num(np.abs(columns["gradient"]))))
    array, place = places[largest]
    line = writer.of(f"d{array}", place, reason=f"the largest gradient, that of {names[largest]}")
    update: list[Entry] = []
    if explanation.optimizer is not None:
        from glassnet.explain.single import update_of

        update = [Entry("", None, arithmetic=tuple(update_of(explanation, places[largest], writer.terms)))]
    chosen = list(range(len(places)))
    left_out = ""
    if len(places) > 24:
        order = np.argsort(-np.nan_to_num(np.abs(columns["gradient"])), kind="stable")
        chosen = sorted(int(i) for i in order[:12])
        left_out = f"{len(places) - 12:,} more weights, whose gradients are smaller"
    values = np.column_stack(list(columns.values()))[chosen].astype(np.float64)
    grid = Grid(values, tuple(names[i] for i in chosen), tuple(columns), left_out)
    table = Entry(f"W{k}[:, {j}]", None, "", "each weight now, its gradient, and what it will be", grid)
    return Section("Its weights", (table, Entry("", None, arithmetic=(line,)), *update))
