"""The sheet "One step": a whole training step, from the rows to the gradients, to be read from top to bottom.

Under each step's formula and reason stand its numbers, each cell a live formula. What happens then to each weight is
a list, on the sheet "Update".
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassnet.derivation.steps import Step
from glassnet.derivation.walk import drawing, start, walk
from glassnet.expressions.expression import ROWS, Expression, Shape, evaluate, postorder
from glassnet.expressions.notation import plain
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.spreadsheet.cells import Block
from glassnet.readings.eject.spreadsheet.formulas import Scribe
from glassnet.readings.eject.spreadsheet.numbers import PLAIN, number_format, numbers_of
from glassnet.readings.eject.spreadsheet.page import Page
from glassnet.readings.eject.spreadsheet.stack import Stack
from glassnet.readings.eject.spreadsheet.steps import in_pairs
from glassnet.readings.eject.spreadsheet.update import UpdateSheet
from glassnet.readings.eject.spreadsheet.weights import WeightSheet, input_names, unit_names
from glassnet.readings.eject.steps import draws, naming, needed
from glassnet.readings.eject.training_plan import Training

NAME = "One step"
MOST = 100_000  # numbers of a step that a spreadsheet takes; beyond, it opens slowly
PHASES = {
    "forward": "Forward: from the rows to the scores",
    "loss": "Loss: how far off they are",
    "backward": "Backward: how the loss changes with each number",
    "update": "Update: numbers that all weights share; the list of the weights is on the sheet Update",
}
SETTINGS = {
    "n": "rows of the batch",
    "t": "the number of this step, from 1",
    "epoch": "epochs done before this step",
    "lr": "learning rate",
}


class StepSheet:
    """The sheet, and with it "Update".

    Attributes
    ----------
    page
        The sheet.
    update
        The list of the weights.
    differences
        Cells with the distance of the loss, and of running means, from what glassnet finds.
    """

    name = NAME

    def __init__(self, plan: Plan, weights: WeightSheet) -> None:
        assert plan.training is not None
        self.plan, self.training, self.weights = plan, plan.training, weights
        check_size(plan.training)
        self.page = Page(name=NAME, color="C55A11", widths={1: 18, **dict.fromkeys(range(2, 60), 12.0)}, frozen=(2, 2))
        rows = len(plan.training.x)
        notes = (
            f"The first batch, {rows} row{'s' if rows > 1 else ''}, and one step of {plan.training.optimizer!r}. "
            "Training is this, again and again, batch after batch; this sheet is one step and no more.",
            "Every number here is a live formula, but for the yellow ones: change one and see what follows. "
            f"The weights are on the sheet {weights.name}.",
        )
        self.stack = Stack(self.page, self.page.title("One step of training", notes))
        self.blocks = dict(weights.blocks)
        self.values = starting_values(plan.training)
        self.rng = plan.training.rng()
        self.drawn: list[np.ndarray] = []  # random numbers of a step, until they are written
        self.phase = ""
        self.step: Step | None = None
        self.differences: dict[str, str] = {}
        self.update = UpdateSheet(plan, weights, self.blocks, self.values)
        self.scribe = Scribe(surface=self, n=rows, blocks=self.blocks, elsewhere=self.on_the_list)
        self.update.scribe.elsewhere = lambda node: None if node.shape == self.update.shape else self.scribe
        self.write_rows()
        self.write_settings()
        self.write_steps()
        self.update.finish()

    def on_the_list(self, node: Expression) -> Scribe | None:
        """What has a number for each weight is a column of the list."""
        is_listed = self.phase == "update" and node.shape == self.update.shape
        return self.update.scribe if is_listed else None

    # what the step starts from

    def write_rows(self) -> None:
        """The rows of the batch."""
        training, plan = self.training, self.plan
        self.stack.head("The rows of the batch")
        heads = {"x": list(plan.contract.input_names), "y": unit_names(plan, 0, training.y.shape[1])}
        what = {
            "x": "the inputs, as the network takes them",
            "y": "the targets: what the network should say",
            "w": "the weight of each row in the loss",
        }
        for name, array in (("x", training.x), ("y", training.y), ("w", training.w)):
            if array is not None:
                lines = self.row_names((ROWS,))
                block = self.stack.room(name, what[name], array.shape, heads.get(name, [name]), lines)
                self.stack.numbers(block, array, "input")
                self.blocks[name] = block

    def write_settings(self) -> None:
        """Named numbers: the learning rate and what else the formulas read."""
        asked = self.training.read - {step.name for step in self.training.steps}
        self.stack.head("Settings")
        for name in sorted(name for name in asked - self.blocks.keys() if isinstance(self.values.get(name), float)):
            self.blocks[name] = self.stack.setting(name, self.values[name], SETTINGS.get(name, ""))
        self.stack.row += 1

    # the steps

    def write_steps(self) -> None:
        """The derivation, from the first step to the last."""
        pairs = in_pairs(needed(self.training.derivation), self.training.steps)
        taken = walk(
            self.training.derivation,
            self.values,
            lambda expression: evaluate(expression, self.values, self.draw),
            [step for _, step in pairs],
        )
        for (shown, _), (step, _) in zip(pairs, taken, strict=True):
            if step.phase != self.phase:
                self.phase = step.phase
                self.stack.heading = PHASES[step.phase]
            self.step = shown
            if step.phase == "update" and "g" not in self.blocks:
                self.update.begin()
            with naming(step):
                self.write_step(shown, step)

    def write_step(self, shown: Step, step: Step) -> None:
        """A step: its formula, its reason, its numbers."""
        self.write_drawn(step.expression)
        title = f"{shown.name} = {plain(shown.expression)}"
        if step.expression.op == "random":
            self.blocks[step.name] = self.scribe.placed[self.scribe.numbering.of(step.expression)]
        elif step.phase == "update" and step.shape == self.update.shape:
            formulas = self.update.scribe.formulas(step.expression)
            self.blocks[step.name] = self.update.column_of(title, reason(shown, self.plan), formulas, step.name)
        else:
            formulas = self.scribe.formulas(step.expression)
            block = self.titled(title, reason(shown, self.plan), formulas.shape, step)
            self.page.formulas(block, formulas, "number", number_format(self.values[step.name]))
            self.blocks[step.name] = block
            self.compare(step, block)

    def titled(self, title: str, why: str, shape: tuple[int, ...], step: Step) -> Block:
        """Room for a step's numbers, with names on its rows and columns."""
        heads = unit_names(self.plan, step.layer, shape[-1]) if shape else []
        lines = self.row_names(step.shape)
        if len(shape) == 2 and not lines and step.layer:
            lines = input_names(self.plan, step.layer)
        return self.stack.room(title, why, shape, heads, lines)

    def draw(self, shape: Any, dtype: Any) -> np.ndarray:
        """Random numbers: the same that glassnet draws."""
        self.drawn.append(drawing(self.rng, len(self.training.x))(shape, dtype))
        return self.drawn[-1]

    def write_drawn(self, expression: Expression) -> None:
        """The random numbers of a step, as numbers."""
        for node in postorder(expression):
            if node.op == "random":
                array = self.drawn.pop(0)
                name = self.step.name if self.step and node is expression else "random numbers"
                title = f"{name} = uniform()"
                heads = unit_names(self.plan, self.step.layer, array.shape[-1]) if self.step and array.ndim else []
                why = "drawn for each value, as glassnet draws them"
                block = self.stack.room(title, why, array.shape, heads, self.row_names(node.shape))
                self.stack.numbers(block, array, "input")
                self.scribe.placed[self.scribe.numbering.of(node)] = block

    def put(self, node: Expression, formulas: np.ndarray) -> Block:
        """A part of a step, above it."""
        why = f"a part of {self.step.name}" if self.step else ""
        block = self.stack.room(plain(node), why, formulas.shape, [], self.row_names(node.shape))
        form = PLAIN if draws(node) else number_format(numbers_of(node, self.values))
        self.page.formulas(block, formulas, "part", form)
        return block

    def compare(self, step: Step, block: Block) -> None:
        """Beside the loss and the running means: what glassnet finds."""
        if step.name == self.training.derivation.reported:
            expected: np.ndarray | None = np.array(self.training.losses[0])
        else:
            expected = self.training.arrays_after.get(step.assigns) if step.assigns != "theta" else None
        if expected is not None:
            self.differences[step.name] = self.stack.compare(block, expected)

    def row_names(self, shape: Shape) -> list[str]:
        """Names of the batch's rows, for an array of such a shape; none where its rows are not these."""
        return [f"row {k + 1}" for k in range(len(self.training.x))] if ROWS in shape[:1] else []


def reason(step: Step, plan: Plan) -> str:
    """Why a step is taken: the rule, or what its formula means."""
    call = step.expression.call
    if call and call.name in plan.formulas and plan.formulas[call.name].meaning:
        return plan.formulas[call.name].meaning
    return step.reason


def starting_values(training: Training) -> dict[str, Any]:
    """What the step reads, by name."""
    changing = {"t": training.t + 1.0, "epoch": float(training.epochs_done), "theta": training.theta}
    arrays = {**training.arrays, **training.marks, **training.slots, **changing}
    rows = [rows for rows in (training.x, training.y, training.w) if rows is not None]
    return start(training.derivation, arrays, *rows)


def check_size(training: Training) -> None:
    """Refuse a step that is too large to be opened."""
    n = len(training.x)
    count = sum(math.prod(n if dim == ROWS else int(dim) for dim in step.shape) for step in training.steps)
    if count > MOST:
        raise NotImplementedError(
            f"one step of this training would take {count:,} cells with formulas, {MOST:,} are allowed: give fewer "
            f"rows or a smaller batch_size (here {n:,} rows), or a smaller network"
        )
