"""The part of a NumPy program that trains."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from glassnet.derivation.assigned import in_place, late
from glassnet.derivation.contents import shape_text
from glassnet.derivation.report import ALL_ROWS, ALL_WEIGHT
from glassnet.derivation.tidy import rename
from glassnet.expressions.expression import ROWS
from glassnet.expressions.notation import PLAIN, write
from glassnet.readings.eject.numpy import text
from glassnet.readings.eject.numpy.lines import Lines
from glassnet.readings.eject.numpy.text import section
from glassnet.readings.eject.numpy.values import WIDTH, joined
from glassnet.readings.eject.steps import counts_rows, hoisted, symbols_of
from glassnet.readings.eject.templates import filled, packed
from glassnet.readings.eject.training_plan import Training

OF_ROWS = {ROWS: "len(X[rows])", ALL_ROWS: "len(X)", "w": "ROW_WEIGHTS[rows]", ALL_WEIGHT: "ROW_WEIGHTS.sum()"}
SHARE = replace(
    PLAIN,
    name=OF_ROWS.__getitem__,
    number=lambda node: repr(node.value),
    aggregate=lambda node, rows: f"{rows}.{node.op}()",
)  # how the share of a batch is written


class TrainingPart:
    """Training, written in Python."""

    def __init__(self, lines: Lines, training: Training) -> None:
        self.lines, self.training = lines, training

    def text(self) -> str:
        """The rows, one step, all of them."""
        parts = [
            "\n".join([section("Training"), f"# {self.training.title}", *self.rows(), *self.settings()]),
            self.step(),
            self.loop(),
        ]
        return "\n\n\n".join(parts)

    def rows(self) -> list[str]:
        """The rows to train on."""
        lines = self.lines.array("X", self.training.x, f"{shape_text(self.training.x.shape)}: the rows, encoded")
        lines += self.lines.array("Y", self.training.y, f"{shape_text(self.training.y.shape)}: what they should give")
        if self.training.w is not None:
            lines += self.lines.array(
                "ROW_WEIGHTS", self.training.w, f"{shape_text(self.training.w.shape)}: how much each counts"
            )
        return lines

    def settings(self) -> list[str]:
        """Named numbers, what the optimizer remembers, the generator of random numbers."""
        derivation = self.training.derivation
        inlined = self.lines.by_array
        read = set().union(*map(symbols_of, self.training.steps))
        lines = [f"{name} = {value!r}" for name, value in derivation.constants.items() if name in read]
        lines = [f"# The numbers of {self.training.optimizer.name}.", *lines] if lines else []
        if inlined is None:
            lines += [f"{name} = {self.marks(marks)}" for name, marks in self.training.marks.items()]
            for name, slot in self.training.slots.items():
                if slot.any():
                    lines += self.lines.array(name, slot, "what the optimizer remembers")
                else:
                    lines.append(f"{name} = np.zeros_like(theta)  # what the optimizer remembers")
        if "t" in self.changing():
            lines.append(f"t = {self.training.t}  # steps done")
        if self.training.random_state is not None:
            lines += ["rng = np.random.Generator(np.random.PCG64())", "rng.bit_generator.state = {"]
            lines += [f'    "{name}": {json.dumps(value)},' for name, value in self.training.random_state.items()]
            lines += ["}"]
        return lines

    def marks(self, marks: np.ndarray) -> str:
        """A vector of 0 and 1, array by array."""
        parts = []
        for place in self.training.derivation.layout.slices.values():
            own = marks[place]
            same = "ones" if own.all() else "" if own.any() else "zeros"
            parts.append(f"np.{same}({len(own)})" if same else str([int(mark) for mark in own]))
        lines = packed(parts, WIDTH)
        inner = lines[0] if len(lines) == 1 else "\n" + "".join(f"    {line},\n" for line in lines)
        return f"np.concatenate([{inner}]){'.astype(np.float32)' if self.lines.single else ''}"

    def changing(self) -> list[str]:
        """Which of t and epoch the steps read."""
        read = set().union(*map(symbols_of, self.training.steps))
        return [name for name in ("t", "epoch") if name in read]

    def step(self) -> str:
        """The function that takes one step."""
        derivation, inlined = self.training.derivation, self.lines.by_array
        names, waiting = in_place(derivation), late(derivation)
        steps = [replace(step, expression=rename(step.expression, names)) for step in hoisted(self.training.steps)]
        last = [f"{step.assigns}[:] = {step.name}" for step in steps if step.name in waiting]
        steps = [replace(step, assigns="") if step.name in waiting else step for step in steps]
        body = ["n = len(x)"] if any(map(counts_rows, steps)) else []
        phase = ""
        for step in steps:
            if step.phase == "update" and inlined is not None and step.shape:
                continue
            if step.phase != phase:
                phase = step.phase
                body.append(f"# {phase}")
                if phase == "update" and inlined is None:
                    body += ["# g is the whole gradient, as one vector", joined("g", derivation.gradients.values())]
            body.append(self.lines.line(step))
        if inlined is not None:
            body += ["# update"] if phase != "update" else []
            body += [f"{name}[:] = {self.lines.expression(value)}" for name, value in inlined.items()]
        body += last
        arguments = ["x", "y", *(["w"] if self.training.w is not None else []), *self.changing()]
        return filled(text.STEP, arguments=", ".join(arguments), body="\n".join(body), reported=derivation.reported)

    def loop(self) -> str:
        """The function that goes through all rows, again and again."""
        changing, size, n = self.changing(), self.training.batch_size, len(self.training.x)
        batches = -(-n // size)
        counted = "t += 1" if "t" in changing else ""
        epoch = f"{self.training.epochs_done} + k" if self.training.epochs_done else "k"
        if batches == 1:
            given = ["X", "Y", *(["ROW_WEIGHTS"] if self.training.w is not None else []), *changing]
            given = [epoch if item == "epoch" else item for item in given]
            body, loss = counted, f"train_step({', '.join(given)})"
        else:
            given = ["X[rows]", "Y[rows]", *(["ROW_WEIGHTS[rows]"] if self.training.w is not None else []), *changing]
            given = [f"{epoch} + low / {size} / {batches}" if item == "epoch" else item for item in given]
            body = filled(
                text.BATCHES,
                order="order = rng.permutation(len(X))" if self.training.shuffle else "",
                size=str(size),
                rows=f"order[low : low + {size}]" if self.training.shuffle else f"slice(low, low + {size})",
                counted=counted,
                given=", ".join(given),
                share=write(self.training.share, SHARE),
            )
            loss = "loss"
        return filled(
            text.TRAIN, epochs=str(self.training.epochs), epoch=body, loss=loss, globals="global t" if counted else ""
        )
