"""The sheet "Update": a line for each weight, from what it is now, its gradient beside it, to what it is next."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.expressions.expression import Expression
from glassnet.expressions.notation import plain
from glassnet.parts.naming import layer_of
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.spreadsheet.cells import Block, upright
from glassnet.readings.eject.spreadsheet.formulas import Scribe
from glassnet.readings.eject.spreadsheet.numbers import number_format, numbers_of
from glassnet.readings.eject.spreadsheet.page import Page, column_range
from glassnet.readings.eject.spreadsheet.weights import FORMAT, WeightSheet, input_names, unit_names

NAME = "Update"
TITLES, HEADS, FIRST = 3, 4, 5
GIVEN = {
    "theta": "the weight now",
    "g": "its gradient, from the sheet One step",
    "penalised": "a factor on what the penalty pulls",
    "trainable": "0 where it is frozen",
    "rates": "its factor on the learning rate",
}


class UpdateSheet:
    """The list.

    Attributes
    ----------
    page
        The sheet.
    shape
        Of a vector with a number for each weight.
    scribe
        Writes the formulas of its columns.
    difference
        The cells with the distance of each new weight from glassnet's, as formulas of other sheets call them.
    """

    name = NAME

    def __init__(self, plan: Plan, weights: WeightSheet, blocks: dict[str, Block], values: dict[str, Any]) -> None:
        assert plan.training is not None
        self.plan, self.training, self.weights, self.blocks, self.values = plan, plan.training, weights, blocks, values
        self.layout = plan.training.derivation.layout
        self.shape = (self.layout.size,)
        self.page = Page(name=NAME, color="C55A11", widths={1: 8, 2: 26}, frozen=(FIRST, 4))
        note = "A line for each weight: what it is, how the loss changes with it, and what the step makes of it."
        self.page.title(f"Update: the step of {plan.training.optimizer!r}, weight by weight", (note,))
        self.page.heights.update({TITLES: 46.0, HEADS: 46.0})
        self.scribe = Scribe(surface=self, n=len(plan.training.x), blocks=blocks)
        self.column = 3
        self.difference = ""

    def begin(self) -> None:
        """The columns that the update starts from."""
        for row, labels in enumerate(self.names(), FIRST):
            self.page.texts(row, 1, labels, "label")
        self.page.texts(HEADS, 1, ("array", "which"), "head")
        gradients = self.training.derivation.gradients
        theta = [self.weights.blocks[name] for name in self.layout.shapes]
        g = [self.blocks[gradients[name]] for name in self.layout.shapes]
        for name, blocks in (("theta", theta), ("g", g)):
            cells = [cell for block in blocks for cell in block.references(NAME)]
            self.blocks[name] = self.column_of(name, GIVEN[name], np.array(cells), name)
        for name in (*self.training.marks, *self.training.slots):
            self.blocks[name] = self.new_column(name, GIVEN.get(name, "what the optimizer remembers"))
            form = "" if name in GIVEN else number_format(self.values[name])
            self.page.numbers(self.blocks[name], self.values[name], "input", form)

    def names(self) -> Iterator[tuple[str, str]]:
        """Array and place of each weight."""
        for name, shape in self.layout.shapes.items():
            layer = layer_of(name)
            units = unit_names(self.plan, layer, shape[-1] if shape else 1)
            inputs = input_names(self.plan, layer)
            for index in np.ndindex(*shape):
                unit = units[index[-1]] if index else ""
                matrix = len(shape) == 2
                source = inputs[index[0]] if matrix and len(inputs) == shape[0] else str(index[0] + 1) if matrix else ""
                yield name, f"{source} → {unit}" if source else unit

    def new_column(self, title: str, why: str) -> Block:
        """Room for a vector."""
        self.page.text(TITLES, self.column, title, "formula head")
        self.page.text(HEADS, self.column, why, "head")
        width = max(14.0, min(28.0, 0.5 * len(title)))
        self.page.widths[self.column] = width
        self.page.heights[TITLES] = max(self.page.heights[TITLES], 15.5 * math.ceil(len(title) / (0.8 * width)))
        self.column += 1
        return upright(NAME, FIRST, self.column - 1, self.shape)

    def column_of(self, title: str, why: str, formulas: np.ndarray, name: str) -> Block:
        """A column with a formula for each weight."""
        block = self.new_column(title, why)
        style = "result" if name == "theta_new" else "number"
        self.page.formulas(block, formulas, style, number_format(self.values[name]))
        return block

    def put(self, node: Expression, formulas: np.ndarray) -> Block:
        """A column for a part of a step."""
        block = self.new_column(plain(node), "a part of the next")
        self.page.formulas(block, formulas, "part", number_format(numbers_of(node, self.values)))
        return block

    def finish(self) -> None:
        """Glassnet's own new weights beside those of the sheet; and the new ones on the sheet Weights."""
        new, after = self.blocks["theta_new"], self.training.theta_after
        theirs = self.new_column("theta_new of glassnet", "what glassnet finds")
        self.page.numbers(theirs, after, "expected", number_format(after))
        apart = self.new_column("difference", "the sheet's distance from it")
        pairs = zip(new.references(NAME), theirs.references(NAME), strict=True)
        self.page.formulas(apart, [f"ABS({a}-{b})" for a, b in pairs], "expected", "0.0E+00")
        self.difference = column_range(self.page, FIRST, FIRST + self.layout.size - 1, self.column - 1)
        self.write_after(new)

    def write_after(self, new: Block) -> None:
        """The numbers after the step, on the sheet Weights, beside those before it."""
        assigned = {step.assigns: self.blocks[step.name] for step in self.training.steps if step.assigns}
        for name, after in self.weights.after.items():
            if name in self.layout.shapes:
                source = new[self.layout.slices[name]].reshape(*after.shape)
            else:
                source = assigned.get(name, self.weights.blocks[name])
            self.weights.page.formulas(after, source.references(self.weights.name), "number", FORMAT)
