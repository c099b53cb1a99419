"""The emitters of C and JavaScript: what the two share. In what they differ stands in a `Dialect`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from glassnet.expressions.expression import ROWS, Dim
from glassnet.readings.eject.c_family.dialect import Dialect
from glassnet.readings.eject.c_family.epoch import EpochLines
from glassnet.readings.eject.c_family.program import Function, pieces, runs, spaced
from glassnet.readings.eject.c_family.syntax import COUNT, DOUBLE, formula_kind, stored
from glassnet.readings.eject.c_family.training import TrainingStep, gradient_views, training_rows
from glassnet.readings.eject.emitters import Vector
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.templates import filled
from glassnet.readings.eject.training_plan import Training

PHASES = {
    "forward": "Forward, for the rows of a batch, as they are gone through in training.",
    "loss": "How wrong the network is.",
    "backward": "Backward: how the loss changes with every number on the way.",
    "update": "The update: theta moves against its gradient g.",
}
MOST_RUNS = 24  # a vector of 0 and 1 with more pieces than this is written number by number
ROWS_ARE = {"x": "the inputs of each row", "y": "what the network should say of it", "w": "how much it counts"}
REMEMBERED = "what the optimizer remembers"


class CFamily:
    """A plan written in a language of the family."""

    def __init__(self, plan: Plan, dialect: Dialect) -> None:
        self.plan, self.dialect, self.texts = plan, dialect, dialect.texts
        self.facts = dialect.facts
        self.names, self.read = self.facts.names, self.facts.read
        self.whole = self.facts.whole

    def vector(self) -> Vector:
        """Itself."""
        return self

    # numbers

    def shows(self, name: str) -> bool:
        """Whether a step reads it: compilers warn of what nothing reads."""
        return name in self.read

    def array(self, name: str, values: np.ndarray) -> list[str]:
        """A weight."""
        return self.dialect.array(self.names[name], values, self.dialect.about(values))

    def theta(self, values: np.ndarray) -> list[str]:
        """All that is learnt."""
        return self.dialect.array("theta", values, changes=True)

    def view(self, name: str, vector: str, place: slice, shape: tuple[int, ...]) -> str:
        """A part of it."""
        return self.dialect.view(self.names[name], vector, place, shape)

    def running(self, name: str, values: np.ndarray) -> list[str]:
        """A running mean."""
        return self.dialect.array(self.names[name], values, self.dialect.about(values, changes=True), changes=True)

    # functions

    def formulas(self) -> list[str]:
        """Those of single numbers."""
        words, used = self.dialect.words(), self.facts.used
        own = [filled(text, **words) for name, text in self.texts.OPERATIONS.items() if name in used]
        return [*own, *("\n".join(self.formula(function)) for function in self.facts.functions)]

    def formula(self, function: Function) -> list[str]:
        """One of them."""
        formula, syntax = function.formula, self.dialect.syntax
        kind = formula_kind(formula)
        body = [syntax.constant(kind, name, part) for name, part in function.parts]
        lines = syntax.comment(formula.meaning) if formula.meaning else []
        parameters = dict.fromkeys(formula.parameters, kind)
        return [*lines, *self.dialect.function(kind, function.name, parameters, [*body, f"return {function.result};"])]

    def forward(self) -> list[str]:
        """The steps of one row."""
        return spaced(self.facts.forward, self.texts.SIGN)

    # training

    @property
    def parts(self) -> TrainingStep:
        """The phases of a step."""
        assert self.facts.step is not None
        return self.facts.step

    @property
    def trains(self) -> Training:
        """What training does."""
        assert self.plan.training is not None
        return self.plan.training

    def rows(self, name: str, values: np.ndarray) -> list[str]:
        """The rows to learn from; where a batch is all of them they are what the steps read."""
        called = self.names[name] if self.whole else f"ALL_{name.upper()}"
        return self.dialect.rows(called, values, f"{ROWS_ARE[name]} ({', '.join(map(str, values.shape))})")

    def named(self, name: str, value: float) -> tuple[str, str]:
        """In double precision."""
        return self.names[name], self.dialect.syntax.number(value, DOUBLE)

    def marks(self, name: str, values: np.ndarray) -> list[str]:
        """Marks, or factors."""
        if name == "rates" or not np.isin(values, (0.0, 1.0)).all():
            return self.dialect.factors(name, len(values), pieces(values))
        ones = runs(values)
        return self.dialect.marks(name, values, ones if len(ones) <= MOST_RUNS else None)

    def slot(self, name: str, values: np.ndarray) -> list[str]:
        """What the optimizer remembers."""
        if values.any():
            return self.dialect.array(self.names[name], values, REMEMBERED, changes=True)
        return [self.dialect.room(self.names[name], values.shape, REMEMBERED)]

    def step(self) -> list[str]:
        """Arrays for what is computed on the way, and a function for each phase."""
        batch = [self.dialect.room(self.names[name], dims) for name, dims in self.batch().items()]
        batch = [*self.dialect.syntax.comment("The rows of a batch."), *batch]
        found = [] if self.whole else ["\n".join(batch)]
        phases = [phase for phase in PHASES if phase != "forward" or self.parts.parts[phase].lines]
        return [*found, self.arrays(), *("\n".join(self.phase(phase)) for phase in phases)]

    def arrays(self) -> str:
        """For the gradient, and for what is computed on the way."""
        layout, dialect = self.trains.derivation.layout, self.dialect
        views = [
            self.view(gradient, "g", layout.slices[name], layout.shapes[name])
            for gradient, name in gradient_views(self.trains).items()
        ]
        on_the_way = [dialect.room(name, dims, note) for name, (dims, note) in self.parts.buffers.items()]
        on_the_way += [filled(self.texts.NUMBER, name=self.names[name]) for name in self.parts.scalars]
        words = {"views": "\n".join(views), "on_the_way": "\n".join(on_the_way)}
        return filled(self.texts.ARRAYS, n_parameters=str(layout.size), **words)

    def batch(self) -> dict[str, tuple[Dim, ...]]:
        """The arrays that a batch is copied into, and their dimensions."""
        rows = training_rows(self.trains, self.read)
        return {name: stored((ROWS, *values.shape[1:])) for name, values in rows.items()}

    def phase(self, phase: str) -> list[str]:
        """The function of a phase."""
        part, dialect, is_loss = self.parts.parts[phase], self.dialect, phase == "loss"
        body = spaced(part.lines, self.texts.SIGN)
        body += [f"return {self.names[self.trains.derivation.reported]};"] if is_loss else []
        parameters = {self.names[name]: COUNT if name == ROWS else DOUBLE for name in part.needs}
        lines = dialect.function(DOUBLE if is_loss else "", self.texts.CALLED[phase], parameters, body)
        return [*dialect.doc(PHASES[phase], part.needs, is_loss), *lines]

    def loop(self) -> Mapping[str, str]:
        """An epoch, batch by batch."""
        epoch = EpochLines(self.trains, self.facts, self.dialect)
        order, shuffle = self.texts.ORDER if self.trains.shuffle else ("", "")
        counted = f"{self.texts.CALLED['epoch']}++;" if "epoch" in self.read else ""
        lines = {"calls": "\n".join(epoch.calls()), "gather": "\n".join(epoch.gather())}
        return {**lines, "order": order, "shuffle": shuffle, "counted": counted}
