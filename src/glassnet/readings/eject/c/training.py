"""The part of an ejected C program that trains."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.expressions.expression import ROWS
from glassnet.readings.eject.c import training_text as text
from glassnet.readings.eject.c.rows import row_table
from glassnet.readings.eject.c.syntax import array, brackets, comment, datum, literal, section
from glassnet.readings.eject.c_family.epoch import MOST_RUNS, PHASES, Epoch
from glassnet.readings.eject.c_family.program import checked_losses, runs, spaced
from glassnet.readings.eject.c_family.syntax import Syntax, stored
from glassnet.readings.eject.c_family.training import (
    TrainingStep,
    TrainingWriter,
    at_once,
    gradient_views,
    training_rows,
)
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.steps import symbols_of
from glassnet.readings.eject.templates import filled

TITLES = {
    "forward": "forward_training",
    "loss": "loss_of_batch",
    "backward": "backward",
    "update": "update",
}


class TrainingText:
    """Training in C.

    Parameters
    ----------
    plan
        With a training.
    syntax
        C, with `float` or `double`.
    names
        What symbols are called.
    """

    def __init__(self, plan: Plan, syntax: Syntax, names: dict[str, str]) -> None:
        assert plan.training is not None
        self.plan, self.training = plan, plan.training
        self.single = plan.dtype == np.float32
        self.names, self.syntax = names, syntax
        taken = set(names.values())
        self.step: TrainingStep = TrainingWriter(plan, syntax, names, taken, self.mark).text()
        self.read = set().union(*map(symbols_of, self.training.steps))
        self.whole = at_once(self.training)
        self.memory = 0  # bytes of what changes
        self.initial = 0  # bytes of what it is at the start

    def mark(self, name: str, index: str) -> str:
        """An element of `penalised` or `trainable`."""
        return f"{name}({index})"

    # memory

    def weights(self, used: set[str]) -> list[str]:
        """All that is learnt as one vector, and each array as a part of it."""
        training, layout = self.training, self.training.derivation.layout
        self.memory += self.bytes(layout.size)
        self.initial += self.bytes(layout.size)
        lines = ["/* All that is learnt is one vector, theta; training changes it. */"]
        lines += array(f"static real theta[{layout.size}]", training.theta, (layout.size,), "", self.single)
        lines += ["", "/* Each array is a part of it. */"]
        for name, place in layout.slices.items():
            if name in used:
                lines.append(f"{self.view(self.names[name], 'theta', place.start, layout.shapes[name])}")
        for name, values in training.derivation.state_layout.views(training.state).items():
            if name in used:
                self.memory += self.bytes(values.size)
                self.initial += self.bytes(values.size)
                note = f"a running average, for prediction ({', '.join(map(str, values.shape))})"
                dims = brackets([dim for dim in values.shape if dim != 1])
                lines += array(f"static real {self.names[name]}{dims}", values, values.shape, note, self.single)
        return lines

    def view(self, name: str, vector: str, start: int, shape: tuple[int, ...]) -> str:
        """A name for a part of a vector, to be read as an array."""
        dims = stored(shape)
        note = f" /* ({', '.join(map(str, shape))}) */"
        if len(dims) < 2:
            return f"static real *const {name} = &{vector}[{start}];{note}"
        inner = brackets(dims[1:])
        return f"static real (*const {name}){inner} = (real (*){inner})&{vector}[{start}];{note}"

    def bytes(self, count: int) -> int:
        """Of so many numbers."""
        return count * (4 if self.single else 8)

    # the section

    def section(self) -> list[str]:
        """Everything between prediction and self-test."""
        training = self.training
        rule = comment(training.title)
        lines = [section("Training"), "", *rule, *self.sizes(), "", *self.rows(), "", *self.constants()]
        lines += self.generator()
        lines += self.buffers()
        for phase, title in TITLES.items():
            if phase == "forward" and not self.step.parts[phase].lines:
                continue
            lines += ["", *self.function(phase, title)]
        return [*lines, "", *self.loop()]

    def sizes(self) -> list[str]:
        """Named sizes."""
        training, n = self.training, len(self.training.x)
        layout = training.derivation.layout
        found = f"N_ROWS = {n}, BATCH = {training.batch_size}, N_PARAMETERS = {layout.size}, EPOCHS = {training.epochs}"
        batches = "" if self.whole else f", N_BATCHES = {-(-n // training.batch_size)}"
        return [f"enum {{ {found}{batches} }};"]

    def data_names(self) -> dict[str, tuple[np.ndarray, str]]:
        """The rows, by the names of their arrays."""
        return training_rows(self.training, self.read)

    def rows(self) -> list[str]:
        """The rows to learn from; where a batch is all of them they are what the steps read."""
        lines = []
        for name, (values, what) in self.data_names().items():
            dims = [dim for dim in values.shape if dim != 1]
            if values.shape[0] == 1:
                dims = [1, *dims]
            called = self.names[name] if self.whole else f"ALL_{name.upper()}"
            shape = f"({', '.join(map(str, values.shape))})"
            values = values.reshape(dims)
            lines += padded(f"static const real {called}{brackets(dims)}", values, f"{what} {shape}", self.single)
        return lines

    def constants(self) -> list[str]:
        """Named numbers, marks, what the optimizer remembers."""
        training, derivation = self.training, self.training.derivation
        lines = [
            f"static const double {self.names[name]} = {literal(value, False)};"
            for name, value in derivation.constants.items()
            if name in self.read
        ]
        for name, marks in training.marks.items():
            lines += ["", *self.marks(name, marks)]
        size = derivation.layout.size
        for name, slot in training.slots.items():
            if name in self.read or any(step.assigns == name for step in training.steps):
                self.memory += self.bytes(size)
                self.initial += self.bytes(size) if slot.any() else 0
                called = f"static real {self.names[name]}[{size}]"
                note = "what the optimizer remembers"
                lines += array(called, slot, (size,), note, self.single) if slot.any() else [f"{called}; /* {note} */"]
        if "t" in self.read:
            lines.append(f"static int steps_done = {training.t};")
        if "epoch" in self.read:
            lines.append(f"static int epochs_done = {training.epochs_done};")
        return lines

    def marks(self, name: str, marks: np.ndarray) -> list[str]:
        """A function that says which numbers of theta are penalised, or may change: 1 for those, 0 for others."""
        what = {"penalised": "Which weights the penalties pull on", "trainable": "Which numbers are not frozen"}[name]
        pieces = runs(marks)
        one, zero = literal(1.0, self.single), literal(0.0, self.single)
        lines = [f"/* {what}: 1, else 0. */", f"static real {name}(int k)", "{"]
        if len(pieces) > MOST_RUNS:
            bits = ", ".join("1" if mark else "0" for mark in marks)
            lines += [f"    static const unsigned char marks[N_PARAMETERS] = {{{bits}}};"]
            return [*lines, f"    return marks[k] ? {one} : {zero};", "}"]
        inside = " || ".join(f"(k >= {low} && k < {high})" if low else f"k < {high}" for low, high in pieces)
        lines += [f"    return {inside or 'k < 0'} ? {one} : {zero};"]
        return [*lines, "}"]

    def generator(self) -> list[str]:
        """The random numbers."""
        state = self.training.random_state
        if state is None:
            return []
        draws = "random" in self.step.used
        single = self.training.derivation.dtype == np.float32
        parts = {name: int(value) for name, value in state["state"].items()}
        words = {
            "state_high": f"{parts['state'] >> 64:#018x}",
            "state_low": f"{parts['state'] & (2**64 - 1):#018x}",
            "plus_high": f"{parts['inc'] >> 64:#018x}",
            "plus_low": f"{parts['inc'] & (2**64 - 1):#018x}",
            "half": "",
        }
        halves = self.training.shuffle or (draws and single)
        if halves:
            words["half"] = (
                f"static int has_half = {int(state['has_uint32'])};\nstatic uint32_t half = {int(state['uinteger'])}u;"
            )
        lines = ["", *filled(text.PCG64, **words).splitlines()]
        lines += ["", *filled(text.NEXT32).splitlines()] if halves else []
        if draws:
            uniform = text.UNIFORM_SINGLE if single else text.UNIFORM_DOUBLE
            lines += ["", *filled(uniform, unit="0x1p-24f" if self.single else "0x1p-24").splitlines()]
        lines += ["", *filled(text.PERMUTATION).splitlines()] if self.training.shuffle else []
        return lines

    def buffers(self) -> list[str]:
        """Arrays for the rows of a batch, the gradient, and what is computed on the way."""
        training, layout = self.training, self.training.derivation.layout
        self.memory += self.bytes(layout.size)
        lines = [""]
        if not self.whole:
            lines += ["/* The rows of a batch. */"]
            for name, (values, _) in self.data_names().items():
                sizes = [ROWS, *(dim for dim in values.shape[1:] if dim != 1)]
                self.memory += self.bytes(self.count(sizes))
                lines.append(f"static real {self.names[name]}{brackets(sizes)};")
            lines.append("")
        lines += [f"static real g[{layout.size}]; /* the gradient, in the order of theta; its parts: */"]
        for gradient, name in gradient_views(training).items():
            place, shape = layout.slices[name], layout.shapes[name]
            lines.append(self.view(self.names[gradient], "g", place.start, shape))
        lines += ["", "/* What is computed on the way. */"]
        for name, (dims, note) in self.step.buffers.items():
            self.memory += self.bytes(self.count(dims))
            lines.append(f"static real {name}{brackets(dims)}; /* {note} */")
        return [*lines, *(f"static double {self.names[name]};" for name in self.step.scalars)]

    def count(self, dims: Any) -> int:
        """How many numbers an array has."""
        return int(np.prod([self.training.batch_size if dim == ROWS else dim for dim in dims]))

    # functions

    def function(self, phase: str, title: str) -> list[str]:
        """A phase."""
        part = self.step.parts[phase]
        types = {ROWS: "int", "t": "double", "epoch": "double"}
        arguments = ", ".join(f"{types[name]} {self.names[name]}" for name in part.needs) or "void"
        result = "double" if phase == "loss" else "void"
        lines = [
            *comment(PHASES[phase]),
            f"static {result} {title}({arguments})",
            "{",
            *(f"    {line}".rstrip() for line in spaced(part.lines, "/*")),
        ]
        if phase == "loss":
            lines.append(f"    return {self.names[self.training.derivation.reported]};")
        return [*lines, "}"]

    def epoch(self) -> Epoch:
        """How an epoch is gone through."""
        values = {ROWS: "N_ROWS" if self.whole else "n", "t": "steps_done"}
        values["epoch"] = "epochs_done" if self.whole else "epochs_done + (double)batch / N_BATCHES"
        return Epoch(
            self.training, self.step, self.read, self.names, self.syntax, TITLES, values, counter="steps_done",
            index="const int", share="(double)n / N_ROWS",
        )  # fmt: skip

    def loop(self) -> list[str]:
        """The function that goes through all rows again and again."""
        training, epoch = self.training, self.epoch()
        calls, gather = "\n".join(epoch.calls(self.whole)), "\n".join(epoch.gather())
        body = filled(text.ONE_BATCH if self.whole else text.MANY_BATCHES, calls=calls, gather=gather)
        order = "static int order[N_ROWS];" if training.shuffle else ""
        self.memory += 4 * len(training.x) if training.shuffle else 0
        counted = "epochs_done++;" if "epoch" in self.read else ""
        shuffle = "shuffle_rows(order);" if training.shuffle else ""
        return filled(text.TRAIN, order=order, shuffle=shuffle, batches=body, counted=counted).splitlines()

    # self-test

    def expected(self) -> list[str]:
        """Where glassnet ends."""
        training = self.training
        losses = checked_losses(training.losses)
        size = len(training.theta_after)
        lines = [f"enum {{ N_LOSSES = {len(losses)} }};"]
        lines += ["static const struct { int epoch; double loss; } EXPECTED_LOSSES[N_LOSSES] = {"]
        lines += [f"    {{{epoch}, {datum(loss)}}}, /* {loss:.6g} */" for epoch, loss in losses]
        lines += ["};"]
        largest = max(1.0, float(np.abs(training.theta_after).max(initial=0.0)))
        lines += array(f"static const double EXPECTED_THETA[{size}]", training.theta_after, (size,), "", False)
        return [*lines, f"static const double LARGEST_THETA = {datum(largest)};"]


def padded(declaration: str, values: np.ndarray, note: str, single: bool) -> list[str]:
    """An array's definition; its first axis counts rows, also where there is but one."""
    if values.shape[0] > 1:
        return array(declaration, values, values.shape, note, single)
    if values.ndim == 1:
        return [f"/* {note} */", f"{declaration} = {{{datum(values[0], single)}}};"]
    return [f"/* {note} */", *row_table(declaration, values, single)]
