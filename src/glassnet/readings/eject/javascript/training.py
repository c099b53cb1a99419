"""The part of an ejected JavaScript program that trains."""

from __future__ import annotations

import numpy as np

from glassnet.expressions.expression import ROWS
from glassnet.readings.eject.c_family.epoch import MOST_RUNS, PHASES, Epoch
from glassnet.readings.eject.c_family.program import checked_losses, runs, spaced
from glassnet.readings.eject.c_family.training import (
    TrainingStep,
    TrainingWriter,
    at_once,
    gradient_views,
    training_rows,
)
from glassnet.readings.eject.javascript import training_text as text
from glassnet.readings.eject.javascript.syntax import BATCH, SYNTAX, array, comment, doc, length, literal, section
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.steps import symbols_of
from glassnet.readings.eject.templates import filled

TITLES = {"forward": "forwardTraining", "loss": "lossOfBatch", "backward": "backward", "update": "update"}


class TrainingText:
    """Training in JavaScript.

    Parameters
    ----------
    plan
        With a training.
    names
        What symbols are called.
    """

    def __init__(self, plan: Plan, names: dict[str, str]) -> None:
        assert plan.training is not None
        self.plan, self.training, self.names = plan, plan.training, names
        taken = set(names.values())
        writer = TrainingWriter(plan, SYNTAX, names, taken, lambda name, index: f"{name}[{index}]")
        self.step: TrainingStep = writer.text()
        self.read = set().union(*map(symbols_of, self.training.steps))
        self.whole = at_once(self.training)

    # memory

    def weights(self, used: set[str]) -> list[str]:
        """All that is learnt as one vector, and each array as a part of it."""
        training, layout = self.training, self.training.derivation.layout
        lines = ["// All that is learnt is one vector, theta; training changes it."]
        lines += [f"export {line}" if k == 0 else line for k, line in enumerate(array("theta", training.theta, ""))]
        lines += ["", "// Each array is a part of it, stored row by row."]
        for name in layout.slices:
            if name in used:
                lines.append(self.view(name, name, "theta"))
        for name, values in training.derivation.state_layout.views(training.state).items():
            if name in used:
                lines += array(self.names[name], values, "a running average, for prediction")
        return lines

    def view(self, called: str, name: str, vector: str) -> str:
        """A name for the part of a vector that belongs to an array."""
        layout = self.training.derivation.layout
        place, shape = layout.slices[name], layout.shapes[name]
        note = f"// ({', '.join(map(str, shape))})"
        return f"const {self.names[called]} = {vector}.subarray({place.start}, {place.stop}); {note}"

    # the section

    def section(self) -> list[str]:
        """Everything between prediction and self-test."""
        training = self.training
        lines = [section("Training"), "", *comment(training.title), f"const EPOCHS = {training.epochs};"]
        lines += [f"const N_ROWS = {len(training.x)};"]
        lines += [] if self.whole else [f"const BATCH = {training.batch_size};"]
        lines += ["", *self.rows(), "", *self.constants(), *self.generator(), *self.buffers()]
        for phase, title in TITLES.items():
            if phase != "forward" or self.step.parts[phase].lines:
                lines += ["", *self.function(phase, title)]
        return [*lines, "", *self.loop()]

    def rows(self) -> list[str]:
        """The rows to learn from; where a batch is all of them they are what the steps read."""
        lines = []
        for name, (values, what) in training_rows(self.training, self.read).items():
            called = self.names[name] if self.whole else f"ALL_{name.upper()}"
            lines += array(called, values, f"{what} ({', '.join(map(str, values.shape))})")
        return lines

    def constants(self) -> list[str]:
        """Named numbers, marks, what the optimizer remembers."""
        training, derivation = self.training, self.training.derivation
        lines = [
            f"const {self.names[name]} = {literal(value)};"
            for name, value in derivation.constants.items()
            if name in self.read
        ]
        what = {"penalised": "1 where the penalties pull, else 0", "trainable": "0 where a number is frozen, else 1"}
        for name, marks in training.marks.items():
            lines += self.marks(name, what[name], marks)
        for name, slot in training.slots.items():
            if name in self.read or any(step.assigns == name for step in training.steps):
                note = "what the optimizer remembers"
                zeros = [f"const {self.names[name]} = new Float64Array({len(slot)}); // {note}"]
                lines += array(self.names[name], slot, note) if slot.any() else zeros
        lines += [f"let stepsDone = {training.t};"] if "t" in self.read else []
        return [*lines, *([f"let epochsDone = {training.epochs_done};"] if "epoch" in self.read else [])]

    def marks(self, name: str, note: str, marks: np.ndarray) -> list[str]:
        """A vector of 0 and 1."""
        pieces = runs(marks)
        if len(pieces) > MOST_RUNS:
            bits = "".join("1" if mark else "0" for mark in marks)
            return [f"// {note}", f'const {name} = Float64Array.from("{bits}", Number);']
        fills = "".join(f".fill(1, {low}, {high})" for low, high in pieces)
        return [f"// {note}", f"const {name} = new Float64Array({len(marks)}){fills};"]

    def generator(self) -> list[str]:
        """The random numbers."""
        state = self.training.random_state
        if state is None:
            return []
        draws, single = "random" in self.step.used, self.training.derivation.dtype == np.float32
        halves = self.training.shuffle or (draws and single)
        half = f"let half = {int(state['uinteger']) if state['has_uint32'] else 'null'};" if halves else ""
        parts = {name: f"{int(state['state'][key]):#034x}" for name, key in (("state", "state"), ("plus", "inc"))}
        lines = ["", *filled(text.PCG64, half=half, **parts).splitlines()]
        lines += ["", *filled(text.NEXT32).splitlines()] if halves else []
        if draws:
            lines += ["", *filled(text.UNIFORM_SINGLE if single else text.UNIFORM_DOUBLE).splitlines()]
        return [*lines, *(["", *filled(text.PERMUTATION).splitlines()] if self.training.shuffle else [])]

    def buffers(self) -> list[str]:
        """Arrays for the rows of a batch, the gradient, and what is computed on the way."""
        derivation, batch = self.training.derivation, "N_ROWS" if self.whole else BATCH
        lines = [""]
        if not self.whole:
            lines += ["// The rows of a batch."]
            for name, (values, _) in training_rows(self.training, self.read).items():
                lines.append(
                    f"const {self.names[name]} = new Float64Array({length([ROWS, *values.shape[1:]], batch)});"
                )
            lines.append("")
        lines += ["// The gradient, in the order of theta, and its parts."]
        lines += [f"const g = new Float64Array({derivation.layout.size});"]
        lines += [self.view(gradient, name, "g") for gradient, name in gradient_views(self.training).items()]
        lines += ["", "// What is computed on the way."]
        for name, (dims, note) in self.step.buffers.items():
            lines.append(f"const {name} = new Float64Array({length(dims, batch)}); // {note}")
        return [*lines, *(f"let {self.names[name]} = 0;" for name in self.step.scalars)]

    # functions

    def function(self, phase: str, title: str) -> list[str]:
        """A phase."""
        part = self.step.parts[phase]
        types = {ROWS: "{number} n rows in the batch", "t": "{number} t the number of this step, from 1"}
        types["epoch"] = "{number} epoch how many epochs are done, with fractions"
        notes = [f"@param {types[name]}" for name in part.needs]
        returned = ["@returns {number} the loss of the batch"] if phase == "loss" else []
        lines = doc(PHASES[phase], *notes, *returned)
        lines += [f"function {title}({', '.join(self.names[name] for name in part.needs)}) {{"]
        lines += [f"    {line}".rstrip() for line in spaced(part.lines, "//")]
        if phase == "loss":
            lines.append(f"    return {self.names[self.training.derivation.reported]};")
        return [*lines, "}"]

    def epoch(self) -> Epoch:
        """How an epoch is gone through."""
        batches = -(-len(self.training.x) // self.training.batch_size)
        values = {ROWS: "N_ROWS" if self.whole else "n", "t": "stepsDone"}
        values["epoch"] = "epochsDone" if self.whole else f"epochsDone + first / BATCH / {batches}"
        return Epoch(
            self.training, self.step, self.read, self.names, SYNTAX, TITLES, values, counter="stepsDone",
            index="const", share="n / N_ROWS",
        )  # fmt: skip

    def loop(self) -> list[str]:
        """The function that goes through all rows again and again."""
        training, epoch = self.training, self.epoch()
        calls, gather = "\n".join(epoch.calls(self.whole)), "\n".join(epoch.gather())
        body = filled(text.ONE_BATCH if self.whole else text.MANY_BATCHES, calls=calls, gather=gather)
        counted = "epochsDone++;" if "epoch" in self.read else ""
        shuffle = "const order = shuffleRows();" if training.shuffle else ""
        return filled(text.TRAIN, shuffle=shuffle, batches=body, counted=counted).splitlines()

    # self-test

    def expected(self) -> list[str]:
        """Where glassnet ends."""
        losses = checked_losses(self.training.losses)
        lines = ["const EXPECTED_LOSSES = new Map(["]
        lines += [f"    [{epoch}, {literal(loss)}]," for epoch, loss in losses]
        return [*lines, "]);", *array("EXPECTED_THETA", self.training.theta_after, "")]
