"""What the page of a whole explanation says, and that of one step: sections and entries, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import numpy as np

from glassnet.derivation.assigned import in_place
from glassnet.derivation.contents import group_title, heading, shape_text
from glassnet.derivation.steps import PHASES, Step
from glassnet.readings.explain.arithmetic import Arithmetics
from glassnet.readings.explain.contents import Arithmetic, Contents, Entry, Grid, Section
from glassnet.readings.explain.data import input_section, part, prediction_section
from glassnet.readings.explain.element import Index, place_name
from glassnet.readings.explain.evaluated import Evaluated
from glassnet.readings.explain.facts import Facts
from glassnet.readings.explain.notes import notes

SMALL = 8  # numbers; the arithmetic of each is shown
WEIGHTS_SHOWN = 24  # in the table of the update; of more, the ones that change most
FEWER_WEIGHTS = 12


def whole(facts: Facts, terms: int | None) -> Contents:
    """The page of a whole explanation."""
    known = facts.evaluated
    writer = facts.arithmetics(terms)
    sections = [input_section(facts)]
    for phase in PHASES:
        steps = [step for step in known.steps if step.phase == phase and not (phase == "forward" and not step.layer)]
        if not steps:
            continue
        if phase == "update":
            sections += update_sections(facts, writer)
            continue
        groups = [(k, list(group)) for k, group in groupby(steps, key=lambda step: step.layer)]
        is_flat = len(groups) == 1 and not groups[0][0]
        own = tuple(step_entry(facts, writer, step) for step in groups[0][1]) if is_flat else ()
        sections.append(Section(phase.capitalize(), own))
        for k, group in [] if is_flat else groups:
            title = layer_title(known, k) if k else "the loss"
            sections.append(Section(title, tuple(step_entry(facts, writer, step) for step in group), level=2))
    sections.append(prediction_section(facts, terms))
    return page(facts, title_of(facts), sections, notes(facts))


def title_of(facts: Facts) -> str:
    """`row 3`, or `4 rows`, and what happens with them."""
    names = facts.rows.names
    what = names[0] if len(names) == 1 else f"{len(names):,} rows"
    if facts.rows.y is None:
        return f"{what}: the way to the prediction"
    return f"{what}: one step of training"


def page(
    facts: Facts, title: str, sections: Iterable[Section], notes: Iterable[str] = (), *, is_close_up: bool = False
) -> Contents:
    """A page under the network in pieces, numbers with the digits that were asked for."""
    dtype = str(facts.model.dtype)
    return Contents(
        title=title,
        heading=(*heading(facts.derivation), *([dtype] if dtype != "float64" else [])),
        notes=tuple(notes),
        sections=tuple(sections),
        digits=facts.digits,
        is_close_up=is_close_up,
    )


def layer_title(known: Evaluated, k: int) -> str:
    """`layer 2: Dense(3, softmax)`."""
    return group_title(known.derivation, "", k)


# --------------------------------------------------------------------------------------------------- a step


def step_entry(facts: Facts, writer: Arithmetics, step: Step) -> Entry:
    """A step with its numbers: of a small array the arithmetic of each, of a larger one the first as an example."""
    known = facts.evaluated
    value = known.value(step.name)
    formula = known.forms[step.name].shown
    name = display(known, step)
    is_small = value.size <= SMALL
    places = list(np.ndindex(*value.shape)) if is_small else [example(value)]
    lines = () if formula.op == "random" else tuple(writer.of(step.name, index) for index in places)
    note = (
        ""
        if is_small
        else f'one of {value.size:,} numbers; for another: explanation["{step.name}"][{", ".join("ij"[: value.ndim])}]'
    )
    return Entry(
        name=name,
        formula=formula,
        shape=shape_text(value.shape) if value.shape else "",
        reason=step.reason.removesuffix("."),
        grid=grid_of(facts, step.name, value) if value.shape else None,
        arithmetic=lines,
        note=note if lines else "",
        is_example=not is_small,
        assigns=name == step.assigns,
    )


def example(value: np.ndarray) -> Index:
    """The number that serves as an example: the first that is not 0."""
    found = np.argwhere(value != 0)
    return tuple(found[0].tolist()) if len(found) else (0,) * value.ndim


def grid_of(facts: Facts, name: str, value: np.ndarray) -> Grid:
    """An array with its labels; of a large one the first rows and columns."""
    labels = facts.labels
    if value.ndim == 2:
        is_rows = name not in facts.model.memory.layout.shapes and not is_weight_gradient(facts, name)
        rows = labels.axis(name, 0, value.shape, is_rows)
        columns = labels.axis(name, 1, value.shape, False)
    else:
        value = value.reshape(1, -1)
        rows, columns = ("",), labels.columns(name.removeprefix("d"), value.shape[1])
    return part(value, rows, columns)


def is_weight_gradient(facts: Facts, name: str) -> bool:
    """Whether a step is the gradient of a learnt array."""
    return facts.evaluated.of_gradient(name) in facts.model.memory.layout.shapes


def one_step(facts: Facts, name: str, terms: int | None) -> Contents:
    """The page of one step, or of an array that the steps start from."""
    step, value = facts.step(name), facts.value(name)
    writer = facts.arithmetics(terms)
    if step is not None:
        entry = step_entry(facts, writer, step)
        title = f"{name}, {place_words(facts, step)}"
    else:
        grid = grid_of(facts, name, value) if value.shape else None
        lines = () if value.shape else (Arithmetic(name=name, value=float(value)),)
        shape, reason = shape_text(value.shape), meaning(facts, name)
        entry = Entry(name=name, shape=shape, reason=reason, grid=grid, arithmetic=lines)
        title = f"{name}, given"
    return page(facts, title, [Section("", (entry,))])


def place_words(facts: Facts, step: Step) -> str:
    """Where a step stands: `forward, layer 1: Dense(4, sigmoid)`."""
    return step.phase + (f", {layer_title(facts.evaluated, step.layer)}" if step.layer else "")


def meaning(facts: Facts, name: str) -> str:
    """What an array is that the steps start from."""
    layout = facts.model.memory.layout
    if name in layout.shapes:
        return "learnt: training changes it"
    known = {
        "x": "the rows, as the network takes them",
        "y": "the targets, as the network takes them",
        "w": "how much each row counts",
        "theta": "all that is learnt, as one vector",
        "g": "the gradient, as one vector",
        "t": "the number of this step",
    }
    return known.get(name, "given")


# --------------------------------------------------------------------------------------------------- the update


def update_sections(facts: Facts, writer: Arithmetics) -> Iterator[Section]:
    """The update: numbers that all weights share, the weights in a table, and one weight's way as an example."""
    known = facts.evaluated
    vectors = known.vector_steps
    shared = [step for step in known.steps if step.phase == "update" and step not in vectors]
    formulas = [
        Entry(
            name=display(known, step),
            formula=known.forms[step.name].shown,
            reason=step.reason,
            assigns=bool(step.assigns),
        )
        for step in vectors
    ]
    first = tuple(step_entry(facts, writer, step) for step in shared)
    yield Section("Update", (*first, *formulas), note=rule_note(facts))
    if not known.layout.size or facts.optimizer is None:
        return
    by_size = largest_first(known.value("theta_new") - known.value("theta"))
    yield Section("each weight", (weights_entry(facts, few_of(by_size)),), level=2)
    k = by_size[0]
    lines = tuple(writer.of(step.name, (k,), reason=step.reason) for step in vectors)
    array, place = known.layout.array_at(k)
    note = f'for another weight: explanation["{array}"][{", ".join("ij"[: len(place)])}]'
    entry = Entry(arithmetic=lines, note=note, is_example=True)
    yield Section(f"{place_name(array, place)}, the weight that changes most", (entry,), level=2)


def largest_first(values: np.ndarray) -> list[int]:
    """The places of numbers, the largest first; what is not a number counts as 0."""
    order: list[int] = np.argsort(-np.nan_to_num(np.abs(values)), kind="stable").tolist()
    return order


def few_of(by_size: list[int]) -> list[int]:
    """The weights that a table shows, in their own order: all, or of many the first of these."""
    return sorted(by_size if len(by_size) <= WEIGHTS_SHOWN else by_size[:FEWER_WEIGHTS])


def rule_note(facts: Facts) -> str:
    """The optimizer with its numbers."""
    numbers = facts.derivation.constants
    named = ", ".join(f"{name} = {value:g}" for name, value in numbers.items())
    t = facts.evaluated.values.get("t")
    step = f"step t = {int(t)}" if t is not None else ""
    return "; ".join(filter(None, (named, step)))


def display(known: Evaluated, step: Step) -> str:
    """The name of an update step: that of what it replaces, if nothing uses the old value later."""
    return in_place(known.derivation).get(step.name, step.name)


def weights_entry(facts: Facts, chosen: list[int]) -> Entry:
    """A table of weights: now, gradient, what is done to it, next."""
    known = facts.evaluated
    vectors = {"now": known.value("theta"), "gradient": known.value("g")}
    if facts.slopes is not None:
        vectors["measured"] = np.full(known.layout.size, np.nan)
        for k in chosen:
            vectors["measured"][k] = facts.slopes.of(*known.layout.array_at(k)).value
    vectors |= {step.assigns: known.value(step.name) for step in known.vector_steps if step.assigns}
    after = vectors.pop("theta")
    vectors |= {"change": after - vectors["now"], "next": after}
    values = np.column_stack([vector[chosen] for vector in vectors.values()]).astype(np.float64)
    rows = tuple(place_name(*known.layout.array_at(k)) for k in chosen)
    more = known.layout.size - len(chosen)
    left_out = f"{more:,} more weights, which change less" if more else ""
    return Entry(grid=Grid(values=values, rows=rows, columns=tuple(vectors), left_out=left_out))
