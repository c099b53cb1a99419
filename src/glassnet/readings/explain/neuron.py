"""What the page of one unit says: its weighted sum, what comes back to it, and each of its weights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from glassnet.parts.naming import gradient_name
from glassnet.readings.explain.arithmetic import Arithmetics
from glassnet.readings.explain.contents import Contents, Entry, Grid, Section
from glassnet.readings.explain.facts import Facts
from glassnet.readings.explain.labels import dense_layers
from glassnet.readings.explain.single import Weight, update_of
from glassnet.readings.explain.whole import few_of, largest_first, layer_title, page

ROWS_SHOWN = 16
FEW = 10  # names that an error lists


class Neuron(NamedTuple):
    """A unit's name in full, the number of its layer from 1, and its place in it from 0."""

    name: str
    layer: int
    place: int


def unit(facts: Facts, name: str) -> Neuron:
    """The unit that is called so; ValueError for none."""
    known = units(facts)
    if not known:
        raise ValueError(f"there is no neuron {name!r}: neurons are the units of Dense layers, and there is none")
    if name not in known:
        raise ValueError(f"there is no neuron {name!r}; there are {', '.join(ranges(facts))}")
    return known[name]


def ranges(facts: Facts) -> Iterator[str]:
    """The units of each layer, in few words: `h1 to h16 in layer 1`, of the outputs also their names."""
    hidden, last = dense_layers(facts.model)
    for k in (*hidden, last):
        names = facts.labels.layers[k - 1]
        ends = ("o1", f"o{len(names)}") if k == last else (names[0], names[-1])
        called = f" ({', '.join(map(repr, names[:FEW]))}{', …' * (len(names) > FEW)})" if names[0] != ends[0] else ""
        yield f"{' to '.join(dict.fromkeys(ends))}{called} in layer {k}"


def units(facts: Facts) -> dict[str, Neuron]:
    """Every unit by the names it may be called."""
    hidden, last = dense_layers(facts.model)
    found: dict[str, Neuron] = {}
    for k, names in enumerate(facts.labels.layers, start=1):
        if k not in (*hidden, last):
            continue
        for j, name in enumerate(names):
            also = [f"o{j + 1}"] if k == last else [f"h{hidden.index(k) + 1}.{j + 1}"]
            also += [f"h{j + 1}"] if hidden and k == hidden[0] else []
            for called in (name, *also):
                found.setdefault(called, Neuron(name, k, j))
    return found


def one_neuron(facts: Facts, neuron: Neuron, terms: int | None, row: int | None = None) -> Contents:
    """The page of one unit: the arithmetic of a row, by number, or of the one in which the unit counts most."""
    name, k, j = neuron
    known = facts.evaluated
    writer = facts.arithmetics(terms, close_up=True)
    where = f", {facts.rows.names[0]}" if len(facts.rows) == 1 else ""
    title = f"neuron {name}{where}: unit {j + 1} of {layer_title(known, k)}"
    forward = [name for name in (f"z{k}", f"a{k}", f"y{k}") if name in known.by_name]
    backward = [name for name in (f"dy{k}", f"da{k}", f"dz{k}") if name in known.by_name]
    chosen = []
    if row is None:
        row = busiest_row(facts, forward, backward, j)
        chosen = [f"The arithmetic is that of {facts.rows.names[row]}, where this unit counts most."]
    sections = [numbers_section("Forward", facts, writer, forward, row, j)]
    if backward:
        sections.append(numbers_section("Backward", facts, writer, backward, row, j))
        sections.append(weights_section(facts, neuron, writer))
    return page(facts, title, sections, chosen if len(facts.rows) > 1 else [], is_close_up=True)


def busiest_row(facts: Facts, forward: list[str], backward: list[str], j: int) -> int:
    """The row in which the unit's gradient, or without one its value, is largest."""
    name = (backward or forward)[-1]
    column = np.nan_to_num(np.abs(facts.evaluated.value(name)[:, j]))
    return int(column.argmax())


def numbers_section(title: str, facts: Facts, writer: Arithmetics, names: list[str], row: int, j: int) -> Section:
    """The unit's numbers on one way: those of every row, and the arithmetic of one."""
    known = facts.evaluated
    lines = tuple(writer.of(name, (row, j), reason=known.by_name[name].reason.removesuffix(".")) for name in names)
    grid = None
    if len(facts.rows) > 1:
        values = np.column_stack([known.value(name)[:ROWS_SHOWN, j] for name in names]).astype(np.float64)
        more = len(facts.rows) - len(values)
        columns = tuple(re.sub(r"\d+$", "", name) for name in names)
        grid = Grid(
            values=values,
            rows=facts.rows.names[:ROWS_SHOWN],
            columns=columns,
            left_out=f"{more:,} more rows" if more > 0 else "",
        )
    return Section(title, (Entry(grid=grid, arithmetic=lines, is_example=grid is not None),))


def weights_section(facts: Facts, neuron: Neuron, writer: Arithmetics) -> Section:
    """Each of the unit's weights: now, its gradient, the change, next; and the largest gradient term by term."""
    _, k, j = neuron
    weights, chosen = weights_of(facts, neuron), shown_weights(facts, neuron)
    more = len(weights) - len(chosen)
    left_out = f"{more:,} more weights, whose gradients are smaller" if more else ""
    columns = weight_columns(facts, chosen)
    values = np.column_stack(list(columns.values())).astype(np.float64)
    grid = Grid(
        values=values, rows=tuple(weights[place] for place in chosen), columns=tuple(columns), left_out=left_out
    )
    table = Entry(name=f"W{k}[:, {j}]", reason="each weight now, its gradient, and what it will be", grid=grid)
    places = list(weights)
    array, index = largest = places[by_gradient(facts, places)[0]]
    is_any = gradient_at(facts, largest) != 0.0
    which = "the largest gradient" if is_any else "all gradients are 0; one of them"
    line = writer.of(gradient_name(array), index, reason=f"{which}, that of {weights[largest]}")
    update = tuple(update_of(facts, largest, writer.terms))
    entries = [table, Entry(arithmetic=(line,)), *([Entry(arithmetic=update)] if update else [])]
    return Section("Its weights", tuple(entries))


def shown_weights(facts: Facts, neuron: Neuron) -> list[Weight]:
    """Those of a unit's weights that a table shows: all, or of many the ones with the largest gradients."""
    places = list(weights_of(facts, neuron))
    return [places[i] for i in few_of(by_gradient(facts, places))]


def by_gradient(facts: Facts, weights: list[Weight]) -> list[int]:
    """The places of weights in a list, those with the largest gradients first."""
    return largest_first(np.array([gradient_at(facts, weight) for weight in weights]))


def weights_of(facts: Facts, neuron: Neuron) -> dict[Weight, str]:
    """A unit's weights, and what each is called: by the input that it weighs, "bias" or "strength"."""
    _, k, j = neuron
    names = facts.labels.into(k)
    found: dict[Weight, str] = {(f"W{k}", (i, j)): name for i, name in enumerate(names)}
    others = {f"b{k}": "bias", f"alpha{k}": "strength"}
    return found | {(name, (j,)): word for name, word in others.items() if name in facts.model.memory.layout.shapes}


def gradient_at(facts: Facts, weight: Weight) -> float:
    """The gradient at a weight."""
    (array, index), known = weight, facts.evaluated
    return float(known.value(known.stands_for(gradient_name(array)))[index])


def weight_columns(facts: Facts, weights: list[Weight]) -> dict[str, list[float]]:
    """What is to be said of each weight, column by column."""
    now = [float(facts.evaluated.values[array][index]) for array, index in weights]
    columns = {"now": now, "gradient": [gradient_at(facts, weight) for weight in weights]}
    if facts.slopes is not None:
        columns["measured"] = [facts.slopes.of(*weight).value for weight in weights]
    if facts.optimizer is not None:
        after = [float(facts.next[array][index]) for array, index in weights]
        columns["change"] = [new - old for new, old in zip(after, now, strict=True)]
        columns["next"] = after
    return columns
