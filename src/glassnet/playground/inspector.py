"""Every number of a unit, a weight or a phase of the step to come: what `explain` says, with its numbers as text.

What stands there is the library's: formulas, terms and reasons come from the derivation. A number is written here,
once, so that the page shows the digits that every other reading shows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import numpy as np

from glassnet.derivation.contents import group_title
from glassnet.derivation.steps import PHASES, Step
from glassnet.expressions.notation import PLAIN, Notation, plain, write
from glassnet.playground.course import Course
from glassnet.playground.digits import shown
from glassnet.playground.frame import finite
from glassnet.playground.scene import Scene
from glassnet.readings.explain.arithmetic import SHOWN, Arithmetics
from glassnet.readings.explain.contents import Arithmetic, Contents, Entry, Grid, Section, Sum, place
from glassnet.readings.explain.facts import Facts
from glassnet.readings.explain.neuron import one_neuron, shown_weights, unit
from glassnet.readings.explain.numbers import DIGITS
from glassnet.readings.explain.rows import ExplainedRows
from glassnet.readings.explain.single import Number, Weight, one_number
from glassnet.readings.explain.whole import page

FEW = 8  # numbers of a step whose arithmetic is shown
MOST_BATCH = 512  # rows of a batch that an explanation takes up


def explained(
    course: Course, scene: Scene, what: Mapping[str, Any], row: int, *, digits: int, everything: bool
) -> dict[str, Any]:
    """What the page shows of a unit, {"unit": "h3"}, a weight, {"weight": ["W1", [0, 2]]}, or a phase, {"phase": 2}."""
    facts, r, notes = facts_of(course, scene, row, digits)
    terms = None if everything else SHOWN
    more: dict[str, Any] = {}
    if "unit" in what:
        neuron = unit(facts, str(what["unit"]))
        contents = one_neuron(facts, neuron, terms, r)
        more["weights"] = [settable(facts, weight) for weight in shown_weights(facts, neuron)]
    elif "weight" in what:
        contents = one_number(weight_of(facts, what["weight"]), terms)
    elif "phase" in what:
        contents, more = one_phase(facts, what["phase"], r)
    else:
        raise ValueError(f"what is to be explained must be a unit, a weight or a phase, got {list(what)!r:.40}")
    contents = dataclasses.replace(contents, notes=(*notes, *contents.notes))
    layout = facts.evaluated.layout
    return {"explanation": Written(contents.digits, layout.shapes).contents(contents), "row": row, **more}


def facts_of(course: Course, scene: Scene, row: int, digits: int) -> tuple[Facts, int, list[str]]:
    """The step to come, the place of a row in its batch, and what is to be said of that."""
    upcoming, prepared = course.upcoming(), scene.prepared
    names = scene.rows.names
    found = np.flatnonzero(upcoming.rows == row)
    if len(found) and len(upcoming.rows) <= MOST_BATCH:
        rows, r, notes = upcoming.rows, int(found[0]), []
        w = None if prepared.rows.w is None else prepared.rows.w[rows]
    else:
        rows, r, w = np.array([row]), 0, None
        which = "held out" if row >= scene.seen else "not in the next batch"
        which = "in a batch of many rows" if len(found) else which
        notes = [f"{names[row]} is {which}: these are the numbers of a step on this row alone."]
    taken = ExplainedRows(x=scene.x[rows], y=scene.y[rows], w=w, names=tuple(names[k] for k in rows.tolist()))
    moment = (course.branch.number, course.deeds, course.step, tuple(rows.tolist()), digits)
    if scene.facts is None or scene.facts[0] != moment:
        facts = Facts(upcoming.state, taken, course.state.optimizer, finite_differences=False, digits=digits)
        scene.facts = (moment, facts)
    return scene.facts[1], r, notes


def settable(facts: Facts, weight: Weight) -> dict[str, Any]:
    """A weight in a unit's table, in its order: its array and place, and its number in full, to be set by hand."""
    array, index = weight
    return {"weight": [array, list(index)], "value": repr(float(facts.evaluated.values[array][index]))}


def weight_of(facts: Facts, asked: Any) -> Number:
    """The weight that is asked for, by array and place."""
    shapes = facts.evaluated.layout.shapes
    if not isinstance(asked, list) or len(asked) != 2 or asked[0] not in shapes or not isinstance(asked[1], list):
        raise ValueError(f"a weight must be an array's name and a place in it, got {asked!r:.60}")
    name, index = asked
    inside = len(index) == len(shapes[name]) and all(
        isinstance(k, int) and 0 <= k < size for k, size in zip(index, shapes[name], strict=False)
    )
    if not inside:
        raise ValueError(f"{name} has shape {shapes[name]}, so there is no {name}{index!r:.40}")
    return Number(facts, name, tuple(index))


# ------------------------------------------------------------------------------------------------- phases


def one_phase(facts: Facts, k: Any, r: int) -> tuple[Contents, dict[str, Any]]:
    """One phase of a step: what comes in, a layer forward or backward, the loss, the update."""
    groups = phases(facts)
    if isinstance(k, bool) or not isinstance(k, int) or not 0 <= k < len(groups):
        raise ValueError(f"phase must be a whole number from 0 to {len(groups) - 1}, got {k!r:.40}")
    writer = facts.arithmetics(SHOWN)
    title, phase, layer, steps = groups[k]
    entries = tuple(phase_entry(facts, writer, step, r) for step in steps)
    contents = page(facts, title, [Section(title, entries)])
    return contents, {"phases": [name for name, *_ in groups], "lit": {"phase": phase, "layer": layer, "k": k}}


def count_of_phases(course: Course, scene: Scene) -> int:
    """How many phases a step has."""
    return len(phases(facts_of(course, scene, 0, DIGITS)[0]))


def phases(facts: Facts) -> list[tuple[str, str, int, list[Step]]]:
    """The phases of a step in order: title, phase, layer, and the derivation's steps."""
    known = facts.evaluated
    found = []
    for phase in PHASES:
        steps = [step for step in known.steps if step.phase == phase and not (phase == "forward" and not step.layer)]
        if phase in ("loss", "update"):
            found += [(phase.capitalize(), phase, 0, steps)] if steps else []
            continue
        for layer, group in groupby(steps, key=lambda step: step.layer):
            where = group_title(known.derivation, "", layer).partition(":")[0] if layer else "the loss"
            found.append((f"{phase.capitalize()}, {where}", phase, layer, list(group)))
    return found


def phase_entry(facts: Facts, writer: Arithmetics, step: Step, r: int) -> Entry:
    """A step with the arithmetic of one row: of its first numbers, if they are many."""
    value = facts.evaluated.value(step.name)
    is_by_row = bool(step.shape) and step.shape[0] == "n"
    indices = (
        [index for index in np.ndindex(*value.shape) if not is_by_row or index[0] == r] if value.size < 10**5 else []
    )
    shown = indices[:FEW]
    lines = (
        tuple(writer.of(step.name, index) for index in shown)
        if facts.evaluated.forms[step.name].shown.op != "random"
        else ()
    )
    more = len(indices) - len(shown)
    return Entry(
        name=step.name,
        formula=facts.evaluated.forms[step.name].shown,
        reason=step.reason.removesuffix("."),
        arithmetic=lines,
        note=f"and {more:,} more" if more > 0 else "",
        assigns=bool(step.assigns),
    )


# ------------------------------------------------------------------------------------------- as the page has it


@dataclasses.dataclass(frozen=True)
class Written:
    """Writes contents down for the page: numbers as text, and in full beside it.

    Attributes
    ----------
    digits
        Significant digits.
    arrays
        The shapes of the learnt arrays, by name: their numbers can be set by hand.
    """

    digits: int
    arrays: Mapping[str, tuple[int, ...]]

    @property
    def notation(self) -> Notation:
        """Formulas as one types them, with numbers as the page has them."""
        return dataclasses.replace(PLAIN, number=lambda node: self.number(float(node.value)))

    def number(self, value: float) -> str:
        """A number with a real minus sign."""
        return shown(value, self.digits)

    def contents(self, page: Contents) -> dict[str, Any]:
        """All of it."""
        return {
            "title": page.title,
            "notes": list(page.notes),
            "sections": [self.section(section) for section in page.sections],
        }

    def section(self, section: Section) -> dict[str, Any]:
        """A section."""
        return {
            "title": section.title,
            "level": section.level,
            "note": section.note,
            "entries": [self.entry(entry) for entry in section.entries],
        }

    def entry(self, entry: Entry) -> dict[str, Any]:
        """An entry."""
        return {
            "name": entry.name,
            "formula": "" if entry.formula is None else plain(entry.formula),
            "reason": entry.reason,
            "note": entry.note,
            "assigns": entry.assigns,
            "lines": self.lines(entry.arithmetic),
            "grid": None if entry.grid is None else self.grid(entry.grid),
        }

    def lines(self, lines: Iterable[Arithmetic]) -> list[dict[str, Any]]:
        """The arithmetic of numbers."""
        return [self.line(line) for line in lines]

    def line(self, line: Arithmetic) -> dict[str, Any]:
        """The arithmetic of a number."""
        return {
            "name": line.name,
            "formula": "" if line.formula is None else plain(line.formula),
            "numbers": "" if line.numbers is None else write(line.numbers, self.notation),
            "value": finite(line.value),
            "text": self.number(line.value),
            "about": line.about,
            "assigns": line.assigns,
            "reason": line.reason,
            "said": line.text,
            "sum": None if line.sum is None else self.sum(line.sum),
            "wheres": self.lines(line.wheres),
        }

    def sum(self, found: Sum) -> dict[str, Any]:
        """A sum, term by term."""
        return {
            "terms": [
                {
                    "label": term.label,
                    "negative": term.negative,
                    "value": finite(term.value),
                    "text": self.number(term.value),
                    "factors": [
                        {
                            "name": factor.name,
                            "value": finite(factor.value),
                            "text": self.number(factor.value),
                            "divides": factor.divides,
                            "weight": self.weight(factor.name),
                        }
                        for factor in term.factors
                    ],
                }
                for term in found.terms
            ],
            "others": found.others,
            "others_text": self.number(found.others_value),
            "text": self.number(found.total),
            "about": found.about,
        }

    def grid(self, grid: Grid) -> dict[str, Any]:
        """A small table."""
        rows = []
        for k, (label, values) in enumerate(zip(grid.rows, grid.values.tolist(), strict=True)):
            cells = [
                "" if grid.empty is not None and grid.empty[k, j] else self.number(value)
                for j, value in enumerate(values)
            ]
            rows.append({"label": label, "cells": cells})
        return {"columns": list(grid.columns), "rows": rows, "left_out": grid.left_out}

    def weight(self, name: str) -> list[Any] | None:
        """The array and the place of a weight that is called so; None for another number."""
        array, where = place(name)
        if array not in self.arrays or not where:
            return None
        return [array, [int(k) for k in where.split(",")]]
