"""The sheet "Weights": a line for each unit, with its weights from left to right and its bias behind them.

The inputs of a layer stand in a row on the sheet "Predict", and so do the weights of a unit here: both are ranges of
one form, and `=SUMPRODUCT(inputs, weights)` is the unit's weighted sum.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.expressions.expression import Expression
from glassnet.expressions.notation import plain
from glassnet.parts.layers import Dense
from glassnet.parts.naming import layer_of
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.spreadsheet.cells import Block, grid, upright
from glassnet.readings.eject.spreadsheet.page import COLUMNS, Page

NAME = "Weights"
FORMAT = "0.0000"
WIDTH, WIDEST = 12.0, 30.0  # of columns


class WeightSheet:
    """The sheet.

    Attributes
    ----------
    page
        The sheet.
    blocks
        Where each array lies.
    after
        Where its numbers after a training step will be: behind it, in the same form.
    """

    name = NAME

    def __init__(self, plan: Plan, arrays: dict[str, np.ndarray], trains: bool) -> None:
        self.plan, self.arrays, self.trains = plan, arrays, trains
        self.page = Page(name=NAME, color="2F75B5", widths={1: 24})
        self.blocks: dict[str, Block] = {}
        self.after: dict[str, Block] = {}
        notes = ["A line is a unit: the weight of each of its inputs, then what else belongs to it."]
        if trains:
            notes.append(
                "On the right the same after one step of training. To take another step, copy those numbers and paste "
                "them, as values, over these."
            )
        self.row = self.page.title("Weights: what the network has learnt", tuple(notes))
        self.computed = False
        for names in tables(arrays):
            self.write_table(names)

    def write_table(self, names: Sequence[str]) -> None:
        """Arrays with as many columns, side by side."""
        layer, units = layer_of(names[0]), self.arrays[names[0]].shape[-1]
        width = sum(wide(self.arrays[name]) for name in names)
        if width * (2 if self.trains else 1) + 3 > COLUMNS:
            raise NotImplementedError(f"layer {layer} has {width:,} numbers for each unit, too many for a spreadsheet")
        self.band(width + 1, f"layer {layer}: {kind(self.plan, layer)}")
        starts = [(self.blocks, 2)] + ([(self.after, width + 4)] if self.trains else [])
        for blocks, column in starts:
            if blocks is self.after:
                self.band(width, "after one step", column)
            for name in names:
                blocks[name] = upright(NAME, self.row + 2, column, self.arrays[name].shape)
                self.write_heads(name, column)
                column += wide(self.arrays[name])
        for name in names:
            self.page.numbers(self.blocks[name], self.arrays[name], "learnt", FORMAT)
        self.page.texts(self.row + 2, 1, unit_names(self.plan, layer, units), "label", down=True)
        self.row += units + 3

    def band(self, count: int, text: str, first: int = 1) -> None:
        """A heading over so many columns."""
        self.page.band(self.row, first, first + count - 1, text)
        for column in range(first, first + count):
            self.page.widths.setdefault(column, WIDTH)

    def write_heads(self, name: str, column: int) -> None:
        """What the columns of an array are."""
        inputs = input_names(self.plan, layer_of(name)) if self.arrays[name].ndim == 2 else []
        count = wide(self.arrays[name])
        labels = inputs if len(inputs) == count else [str(k + 1) for k in range(count)] if count > 1 else [""]
        page, row = self.page, self.row + 1
        for k, label in enumerate(labels):
            page.text(row, column + k, f"{name}\n{label}" if label else name, "head")
            longest = max(map(len, label.split()), default=0)
            page.widths[column + k] = max(page.widths.get(column + k, WIDTH), min(1.2 * longest, WIDEST))
        height = 47.0 if max(map(len, labels)) > WIDTH else 32.0
        page.heights[row] = max(page.heights.get(row, 0.0), height)

    def put(self, node: Expression, formulas: np.ndarray) -> Block:
        """What is computed from the weights alone, below them."""
        if not self.computed:
            self.band(6, "computed from the weights")
            self.row += 1
            self.computed = True
        self.page.text(self.row, 1, plain(node), "note")
        block = grid(NAME, self.row + 1, 2, formulas.shape)
        self.page.formulas(block, formulas, "number", FORMAT)
        self.row = block.corners[1] + 2
        return block


def tables(arrays: dict[str, np.ndarray]) -> list[list[str]]:
    """Names of arrays that stand side by side: of one layer and with as many columns."""
    found: dict[tuple[int, int], list[str]] = {}
    for name, array in arrays.items():
        if array.ndim not in (1, 2):
            raise NotImplementedError(f"{name} has {array.ndim} axes; in a spreadsheet an array has one or two")
        found.setdefault((layer_of(name), array.shape[-1]), []).append(name)
    return [sorted(names, key=lambda name: -arrays[name].ndim) for names in found.values()]


def kind(plan: Plan, layer: int) -> str:
    """A layer in a few words: `Dense, sigmoid`."""
    found = plan.derivation.network.layers[layer - 1]
    return f"Dense, {found.activation.name}" if isinstance(found, Dense) else type(found).__name__


def wide(array: np.ndarray) -> int:
    """How many columns an array takes."""
    return array.shape[0] if array.ndim == 2 else 1


def input_names(plan: Plan, layer: int) -> list[str]:
    """What goes into a layer: the columns of the data, or the units of the layer before."""
    if layer == 1:
        return list(plan.contract.input_names)
    before = [step for step in plan.derivation.steps if step.layer == layer - 1]
    if not before:  # Dropout: nothing happens in a prediction
        return input_names(plan, layer - 1)
    return [f"{before[-1].name}, unit {k + 1}" for k in range(int(before[-1].shape[-1]))]


def unit_names(plan: Plan, layer: int, count: int) -> list[str]:
    """The units of a layer; those of the last are named after what they predict."""
    last = max((step.layer for step in plan.derivation.steps), default=0)
    if layer in (0, last):
        names = output_names(plan)
        if len(names) == count:
            return names
    return [f"unit {k + 1}" for k in range(count)]


def output_names(plan: Plan) -> list[str]:
    """What each number of p stands for."""
    if plan.classes is None:
        count = plan.n_outputs
        return [plan.target_name] if count == 1 else [f"{plan.target_name}{k + 1}" for k in range(count)]
    words = [str(label) for label in plan.classes]
    return words[1:] if plan.both else words
