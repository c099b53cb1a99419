"""How training goes through the rows of an epoch, batch by batch, as lines of a language with loops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from glassnet.expressions.expression import ROWS, postorder
from glassnet.readings.eject.c_family.syntax import DOUBLE, Syntax
from glassnet.readings.eject.c_family.training import TrainingStep, training_rows
from glassnet.readings.eject.training_plan import Training

PHASES = {
    "forward": "Forward, for the rows of a batch, as they are gone through in training.",
    "loss": "How wrong the network is.",
    "backward": "Backward: how the loss changes with every number on the way.",
    "update": "The update: theta moves against its gradient g.",
}
MOST_RUNS = 24  # a vector of 0 and 1 with more pieces than this is written number by number


@dataclass(frozen=True)
class Epoch:
    """An epoch in one language.

    Attributes
    ----------
    training, step, read
        What is done, its lines, and the names that its steps read.
    names
        What symbols are called.
    syntax
        The language.
    titles
        What the function of each phase is called.
    values
        What phases are given for the rows of a batch, the number of the step and of the epoch.
    counter
        The name that counts steps.
    index, share
        Where a row's number is declared, and the part of all rows that a batch is, as text.
    """

    training: Training
    step: TrainingStep
    read: set[str]
    names: Mapping[str, str]
    syntax: Syntax
    titles: Mapping[str, str]
    values: Mapping[str, str]
    counter: str
    index: str
    share: str

    def call(self, phase: str) -> str:
        """The call of a phase's function."""
        return f"{self.titles[phase]}({', '.join(self.values[name] for name in self.step.parts[phase].needs)})"

    def calls(self, whole: bool) -> list[str]:
        """The lines that take one step; `whole`: an epoch is one step."""
        lines = [f"{self.call('forward')};"] if self.step.parts["forward"].lines else []
        if whole:
            lines += [f"loss = {self.call('loss')};"]
        elif self.training.share.op == "constant":
            lines += [f"loss += {self.call('loss')};"]
        else:
            lines += [*self.shared(), f"loss += {self.call('loss')} * share;"]
        lines += [f"{self.call('backward')};"]
        lines += [f"{self.counter}++;"] if "t" in self.read else []
        return [*lines, f"{self.call('update')};"]

    def shared(self) -> list[str]:
        """What part of the epoch's loss a batch is."""
        w, syntax = self.training.w, self.syntax
        if w is None or "w" not in {node.name for node in postorder(self.training.share)}:
            return [syntax.constant(DOUBLE, "share", self.share)]
        total = syntax.number(float(np.sum(w, dtype=np.float64)), DOUBLE)
        return [
            *syntax.comment("how much of the weights of all rows the batch has"),
            syntax.variable(DOUBLE, "share", syntax.number(0.0, DOUBLE)),
            f"{syntax.loop('i', self.names[ROWS])} share += {self.names['w']}[i];",
            f"share /= {total};",
        ]

    def gather(self) -> list[str]:
        """The lines that copy a batch's rows."""
        place, row = self.syntax.place, "order[first + i]" if self.training.shuffle else "first + i"
        lines = [f"{self.index} row = {row};"]
        for name, (values, _) in training_rows(self.training, self.read).items():
            width, called, source = values.shape[1], self.names[name], f"ALL_{name.upper()}"
            if width == 1:
                lines.append(f"{place(called, (ROWS,), ('i',))} = {place(source, (ROWS,), ('row',))};")
            else:
                dims = (ROWS, width)
                copied = f"{place(called, dims, ('i', 'j'))} = {place(source, dims, ('row', 'j'))};"
                lines.append(f"{self.syntax.loop('j', str(width))} {copied}")
        return [f"{self.syntax.loop('i', self.names[ROWS])} {{", *(f"    {line}" for line in lines), "}"]
