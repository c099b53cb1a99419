"""How training goes through the rows of an epoch, batch by batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.expressions.expression import ROWS, postorder
from glassnet.readings.eject.c_family.dialect import Dialect
from glassnet.readings.eject.c_family.program import Facts
from glassnet.readings.eject.c_family.syntax import COUNT, DOUBLE
from glassnet.readings.eject.c_family.training import Part, training_rows
from glassnet.readings.eject.skeleton import share
from glassnet.readings.eject.templates import filled
from glassnet.readings.eject.training_plan import Training


@dataclass(frozen=True)
class EpochLines:
    """An epoch in one language.

    Attributes
    ----------
    training, facts
        What is done, and its lines.
    dialect
        The language.
    """

    training: Training
    facts: Facts
    dialect: Dialect

    def part(self, phase: str) -> Part:
        """One phase of a step."""
        assert self.facts.step is not None
        return self.facts.step.parts[phase]

    def given(self, name: str) -> str:
        """What a phase is given for the rows of a batch, the number of the step and of the epoch."""
        if name == ROWS:
            return "N_ROWS" if self.facts.whole else "n"
        if name == "t" or self.facts.whole:
            return self.dialect.texts.CALLED[name]
        return filled(self.dialect.texts.PART_OF_EPOCH, n_batches=str(self.training.batches))

    def call(self, phase: str) -> str:
        """The call of a phase's function."""
        return f"{self.dialect.texts.CALLED[phase]}({', '.join(map(self.given, self.part(phase).needs))})"

    def calls(self) -> list[str]:
        """The lines that take one step."""
        lines = [f"{self.call('forward')};"] if self.part("forward").lines else []
        if self.facts.whole:
            lines += [f"loss = {self.call('loss')};"]
        elif self.training.share.op == "constant":
            lines += [f"loss += {self.call('loss')};"]
        else:
            lines += [*self.shared(), f"loss += {self.call('loss')} * share;"]
        lines += [f"{self.call('backward')};"]
        lines += [f"{self.dialect.texts.CALLED['t']}++;"] if "t" in self.facts.read else []
        return [*lines, f"{self.call('update')};"]

    def shared(self) -> list[str]:
        """What part of the epoch's loss a batch is."""
        w, syntax, n = self.training.w, self.dialect.syntax, self.facts.names[ROWS]
        if w is None or "w" not in {node.name for node in postorder(self.training.share)}:
            return [syntax.constant(DOUBLE, "share", share(self.training, self.dialect.texts))]
        total = syntax.number(float(np.sum(w, dtype=np.float64)), DOUBLE)
        return [
            *syntax.comment("how much of the weights of all rows the batch has"),
            syntax.variable(DOUBLE, "share", syntax.number(0.0, DOUBLE)),
            f"{syntax.loop('i', n)} share += {self.facts.names['w']}[i];",
            f"share /= {total};",
        ]

    def gather(self) -> list[str]:
        """The lines that copy a batch's rows."""
        syntax, row = self.dialect.syntax, "order[first + i]" if self.training.shuffle else "first + i"
        lines, names = [syntax.constant(COUNT, "row", row)], self.facts.names
        for name, values in training_rows(self.training, self.facts.read).items():
            width, called, source = values.shape[1], names[name], f"ALL_{name.upper()}"
            if width == 1:
                lines.append(f"{syntax.place(called, (ROWS,), ('i',))} = {syntax.place(source, (ROWS,), ('row',))};")
            else:
                dims = (ROWS, width)
                copied = f"{syntax.place(called, dims, ('i', 'j'))} = {syntax.place(source, dims, ('row', 'j'))};"
                lines.append(f"{syntax.loop('j', str(width))} {copied}")
        return [f"{syntax.loop('i', names[ROWS])} {{", *(f"    {line}" for line in lines), "}"]
