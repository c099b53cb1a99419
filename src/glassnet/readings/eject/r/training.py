"""The part of an R program that trains: the rows, one step, the loop over epochs and batches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glassnet.derivation.assigned import in_place, late
from glassnet.derivation.report import ALL_ROWS, ALL_WEIGHT
from glassnet.derivation.steps import Step
from glassnet.derivation.tidy import rename
from glassnet.expressions.expression import ROWS
from glassnet.expressions.notation import PLAIN, write
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.r import text, values
from glassnet.readings.eject.r.random import generator_text
from glassnet.readings.eject.r.writer import Writer, commented, rows_counted, safe, wrapped
from glassnet.readings.eject.steps import hoisted, operations, symbols_of
from glassnet.readings.eject.templates import filled
from glassnet.readings.eject.training_plan import Training
from glassnet.readings.eject.updates import array_by_array

OF_ROWS = {ROWS: "length(rows)", ALL_ROWS: "nrow(X)", "w": "row_weights[rows, ]", ALL_WEIGHT: "sum(row_weights)"}
SHARE = replace(PLAIN, name=OF_ROWS.__getitem__)  # how the share of a batch is written
PHASES = {"forward": "forward", "loss": "the loss", "backward": "backward", "update": "update"}


class TrainingWriter:
    """Writes the training of a plan."""

    def __init__(self, plan: Plan, training: Training) -> None:
        self.plan, self.training = plan, training
        self.by_array = array_by_array(training.derivation)
        self.read = set().union(*map(symbols_of, training.steps))
        self.remembered = [*training.slots, *(["t"] if "t" in self.read else [])]
        self.writer = Writer(plan)
        self.writer.kept |= {name: f"memory${name}" for name in self.remembered}

    def parts(self) -> list[str]:
        """All of it, to be set apart by empty lines."""
        return [part for part in (self.rows(), self.settings(), self.generator(), self.step(), self.loop()) if part]

    def rows(self) -> str:
        """The rows to train on."""
        training = self.training
        lines = ["# The rows to train on, as `encode` gives them"]
        lines.append(values.assigned("X", training.x, decimals=False))
        lines += targets_lines(training.y)
        if training.w is not None:
            lines += ["# How much each row counts", values.assigned("row_weights", training.w, decimals=False)]
        return "\n".join(lines)

    def settings(self) -> str:
        """Named numbers, and which numbers are special to the optimizer."""
        training = self.training
        constants = training.derivation.constants.items()
        lines = [f"{safe(name)} <- {values.number(value)}" for name, value in constants if name in self.read]
        lines = [f"{line}  # the learning rate" if line.startswith("lr <-") else line for line in lines]
        if self.by_array is None:
            names = [values.text(safe(name)) for name in training.derivation.layout.shapes]
            lines.append(f"learnt <- {values.vector(names, first=10)}")
            what = {"penalised": "where the penalties pull", "trainable": "what is not frozen"}
            for name, marks in training.marks.items():
                lines += [f"# 1: {what[name]}", f"{name} <- {self.marks(marks)}"]
        if self.remembered:
            lines += ["# What the optimizer remembers", "optimizer <- list()"]
            lines += [self.slot(f"optimizer${name}", slot) for name, slot in training.slots.items()]
            lines += [f"optimizer$t <- {training.t}  # steps done"] if "t" in self.remembered else []
        return "\n".join(lines)

    def generator(self) -> str:
        """The random numbers, if any are drawn."""
        training = self.training
        if training.random_state is None:
            return ""
        draws = any("random" in operations(step) for step in training.steps)
        single = training.derivation.dtype == np.float32
        return generator_text(training.random_state, draws, single, training.shuffle)

    def marks(self, numbers: np.ndarray) -> str:
        """0 or 1 for each of theta, array by array, in R's order: each matrix column by column."""
        views = self.training.derivation.layout.views(numbers).values()
        return values.vector([values.array(view.ravel(order="F"), indent=2) for view in views], first=13)

    def slot(self, name: str, numbers: np.ndarray) -> str:
        """A number for each of theta, in R's order."""
        views = self.training.derivation.layout.views(numbers).values()
        flat = np.concatenate([view.ravel(order="F") for view in views])
        return values.assigned(name, flat, decimals=False) if numbers.any() else f"{name} <- numeric({numbers.size})"

    # one step

    @property
    def changing(self) -> list[str]:
        """What a step is told besides the rows and what is remembered."""
        return ["epoch"] if "epoch" in self.read else []

    def step(self) -> str:
        """The function that takes one."""
        body, loss = self.body()
        training = self.training
        arguments = ["nn", *(["memory"] if self.remembered else []), "x", "y"]
        arguments += [*(["w"] if training.w is not None else []), *self.changing]
        result = ["nn = nn", *(["memory = memory"] if self.remembered else []), f"loss = {loss}"]
        return filled(text.STEP, arguments=", ".join(arguments), body="\n".join(body), result=", ".join(result))

    def body(self) -> tuple[list[str], str]:
        """Its lines, and the name of the loss."""
        derivation = self.training.derivation
        names, waiting = in_place(derivation), late(derivation)
        lines: list[str] = []
        if "t" in self.remembered:
            lines.append("memory$t <- memory$t + 1  # steps done, this one included")
        last: list[Step] = []
        group: list[tuple[str, str, str]] = []
        phase = ""
        for step in hoisted(self.training.steps):
            if step.phase == "update" and self.by_array is not None and step.shape:
                continue
            if step.phase != phase:
                lines += commented(group)
                group, phase = [], step.phase
                lines += ["", f"# {PHASES[phase]}"] if lines else [f"# {PHASES[phase]}"]
                if phase == "update" and self.by_array is None:
                    lines += self.flattened()
            group.append(self.line(step, names))
            if step.name in waiting:
                last.append(step)
        lines += commented(group)
        if self.by_array is not None:
            lines += [] if phase == "update" else ["", "# update"]
            lines += commented(self.arrays())
        else:
            theta = "theta" if "theta_new" in names else "theta_new"
            lines.append(f"nn[learnt] <- utils::relist({theta}, nn[learnt])  # back into its arrays")
        for step in last:
            if step.assigns != "theta":
                lines.append(f"{self.writer.name(step.assigns)} <- {self.writer.name(step.name)}")
        return [*rows_counted(lines), *lines], self.writer.name(derivation.reported)

    def line(self, step: Step, names: dict[str, str]) -> tuple[str, str, str]:
        """A step, its shape, and its reason, where that is not what the formula it calls says of itself."""
        kept = self.writer.name(step.assigns) if step.name in names else ""
        line, shape = self.writer.step(replace(step, expression=rename(step.expression, names)), kept)
        meanings = {formula.meaning for formula in self.plan.formulas.values()}
        told = step.expression.call is not None or step.phase == "forward" or step.reason in meanings
        return line, shape, "" if told else values.comment(step.reason)

    def flattened(self) -> list[str]:
        """The arrays that are learnt, and their gradients, as one vector each."""
        derivation = self.training.derivation
        gradients = [self.writer.name(derivation.gradients[name]) for name in derivation.layout.shapes]
        lines = ["# all that is learnt as one vector theta, the gradients in the same order as g"]
        lines.append("theta <- unlist(nn[learnt], use.names = FALSE)")
        whole = values.vector(gradients, first=7) if len(gradients) > 1 else f"c({gradients[0]})"
        return [*lines, *f"g <- {whole}".splitlines()]

    def arrays(self) -> list[tuple[str, str, str]]:
        """`nn$W1 <- nn$W1 - lr * dW1`, for each array."""
        assert self.by_array is not None
        return [
            (f"{self.writer.name(name)} <- {self.writer.text(self.writer.piece(value).node)}", "", "")
            for name, value in self.by_array.items()
        ]

    # all steps

    def loop(self) -> str:
        """The function that goes through all rows, again and again."""
        training = self.training
        batches = -(-len(training.x) // training.batch_size)
        step = wrapped(f"result <- training_step({self.given(batches)})", values.WIDTH - 8)
        words = {"result": "\n".join(step), "keep": self.keep()}
        memory = ", memory = optimizer" if self.remembered else ""
        if batches == 1:
            epoch = filled(text.WHOLE, **words)
        else:
            size = str(training.batch_size)
            to = f"min(low + {training.batch_size - 1}, nrow(X))" if training.batch_size > 1 else "low"
            epoch = filled(
                text.BATCHES,
                order="order <- permutation(nrow(X))" if training.shuffle else "",
                size=size,
                rows=f"order[low:{to}]" if training.shuffle else f"low:{to}",
                epoch=f"epoch <- {self.epoch(batches)}" if "epoch" in self.read else "",
                share=self.share(),
                **words,
            )
        begin = "" if training.random_state is None else "restart_generator()"
        return filled(text.TRAIN, epochs=str(training.epochs), begin=begin, epoch=epoch, memory=memory)

    def given(self, batches: int) -> str:
        """What a step is called with."""
        training = self.training
        rows = "" if batches == 1 else "[rows, , drop = FALSE]"
        given = ["nn", *(["memory"] if self.remembered else []), f"X{rows}", f"Y{rows}"]
        given += [f"row_weights{rows}"] if training.w is not None else []
        if "epoch" in self.read:
            given.append(self.epoch(batches) if batches == 1 else "epoch")
        return ", ".join(given)

    def epoch(self, batches: int) -> str:
        """How many epochs are behind, those of which a part is done included."""
        training = self.training
        before = training.epochs_done - 1
        done = f"k {'+' if before > 0 else '-'} {abs(before)}" if before else "k"
        return done if batches == 1 else f"{done} + (low - 1) / {training.batch_size} / {batches}"

    def keep(self) -> str:
        """What is taken from the result of a step."""
        return "nn <- result$nn" + ("\nmemory <- result$memory" if self.remembered else "")

    def share(self) -> str:
        """What a batch counts in the loss of its epoch."""
        share = self.training.share
        return "" if share.op == "constant" else f" * {write(share, SHARE)}"


def targets_lines(y: np.ndarray) -> list[str]:
    """What the network should say of each row; where that is one class of many, by its number."""
    rows, columns = y.shape
    if columns > 1 and rows > columns and np.isin(y, (0.0, 1.0)).all() and (y.sum(axis=1) == 1.0).all():
        codes = values.vector([str(code + 1) for code in y.argmax(axis=1)])
        about = "# What the network should say of each: 1 for the row's class, 0 for the others"
        return [about, f"Y <- diag({columns})[{codes}, ]"]
    return ["# What the network should say of each", values.assigned("Y", y, decimals=False)]
