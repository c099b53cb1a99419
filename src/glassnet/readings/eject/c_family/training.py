"""One training step as loops: where each result is kept, and the lines of forward, loss, backward and update.

Everything that is learnt is one vector, theta; W1 is a part of it, and its gradient dW1 the same part of g. A result
with a number for each row of the batch has an array of its own. The update goes through theta number by number, in
one loop for as many of its steps as can share it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from glassnet.derivation.assigned import in_place
from glassnet.derivation.contents import shape_text
from glassnet.derivation.steps import PHASES, Step
from glassnet.derivation.tidy import rename
from glassnet.expressions.expression import ROWS, Dim, Expression, postorder
from glassnet.readings.eject.c_family.graph import is_product, is_reduction
from glassnet.readings.eject.c_family.loops import CommentedLoops, Item
from glassnet.readings.eject.c_family.syntax import Syntax, always, placed, short, stored
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.steps import hoisted, symbols_of
from glassnet.readings.eject.templates import filled
from glassnet.readings.eject.training_plan import Training


@dataclass
class Part:
    """The lines of one phase, and the numbers that it needs: n, t, epoch, or results of phases before it."""

    lines: list[str] = field(default_factory=list)
    needs: tuple[str, ...] = ()


@dataclass
class TrainingStep:
    """One training step.

    Attributes
    ----------
    parts
        By phase.
    buffers
        Arrays that must be there, with their dimensions (`n`: as many as the largest batch) and what they hold.
    scalars
        Single numbers that one phase computes and another reads.
    used
        Operations and formulas that need a function.
    """

    parts: dict[str, Part]
    buffers: dict[str, tuple[tuple[Dim, ...], str]]
    scalars: tuple[str, ...]
    used: set[str]


class TrainingWriter:
    """Writes the phases of a training step.

    Parameters
    ----------
    plan
        With a training.
    syntax
        The language.
    names
        What symbols are called in it.
    taken
        Names that are not free for variables.
    mark
        How an element of `penalised`, `trainable` or `rates` is read: a template of name and index.
    """

    def __init__(
        self,
        plan: Plan,
        syntax: Syntax,
        names: Mapping[str, str],
        taken: Iterable[str],
        mark: str,
    ) -> None:
        assert plan.training is not None
        self.plan, self.training, self.syntax = plan, plan.training, syntax
        self.steps = hoisted(self.training.steps)
        self.names, self.taken, self.mark = dict(names), set(taken), mark
        self.shown = in_place(self.training.derivation)
        self.gradients = set(self.training.derivation.gradients.values())
        self.buffers: dict[str, tuple[tuple[Dim, ...], str]] = {}
        self.late: list[Step] = []
        self.used: set[str] = set()

    def text(self) -> TrainingStep:
        """The whole step."""
        parts = {}
        for phase in PHASES:
            steps = [step for step in self.steps if step.phase == phase]
            parts[phase] = self.part(phase, steps)
        return TrainingStep(parts, self.buffers, self.shared_scalars(), self.used)

    def part(self, phase: str, steps: list[Step]) -> Part:
        """One phase."""
        loops = CommentedLoops(self.syntax, self.plan.formulas, self.names, self.taken)
        for name in self.training.marks:
            loops.places[name] = self.marked(name)
        part = Part()
        size = self.training.derivation.layout.size
        if phase == "update":
            for group in self.groups(steps):
                part.lines += self.vectors(loops, group) if group[0].shape == (size,) else self.one(loops, group[0])
            part.lines += self.late_lines()
        else:
            for step in steps:
                part.lines += self.one(loops, step)
        if phase == "backward":
            part.lines += self.repeated_gradients()
        self.used |= loops.used
        read = set().union(*map(symbols_of, steps)) | ({ROWS} if self.counts_rows(steps) else set())
        part.needs = tuple(name for name in (ROWS, "t", "epoch") if name in read)
        return part

    def repeated_gradients(self) -> list[str]:
        """Lines that put a gradient also where another array has the same."""
        derivation, syntax, lines = self.training.derivation, self.syntax, []
        views = gradient_views(self.training)
        for name, step in derivation.gradients.items():
            if name in views.values():
                continue
            first = next(other for other, known in derivation.gradients.items() if known == step)
            here, there = derivation.layout.slices[name], derivation.layout.slices[first]
            size = here.stop - here.start
            lines += syntax.comment(f"{name} has the same gradient as {first}")
            copied = f"{self.names['g']}[{here.start} + k] = {self.names['g']}[{there.start} + k];"
            lines.append(f"{syntax.loop('k', str(size))} {copied}")
        return lines

    @staticmethod
    def counts_rows(steps: Iterable[Step]) -> bool:
        """Whether a phase loops over rows."""
        return any(ROWS in node.shape for step in steps for node in postorder(step.expression))

    def one(self, loops: CommentedLoops, step: Step) -> list[str]:
        """A step of the network: its comment and its loops."""
        comment = tuple(self.syntax.comment(self.words(step)))
        if not step.shape:
            name = self.names[step.name]
            shared = step.name in self.shared_scalars()
            return loops.step(Item(step.expression, name, always(name) if shared else None, comment))
        return loops.step(Item(step.expression, step.name, self.place(step), comment))

    def words(self, step: Step) -> str:
        """`z1 = x @ W1 + b1  (n, 4)`, and why."""
        name = self.shown.get(step.name, step.name)
        shape = f"  {shape_text(step.shape)}" if step.shape and step.phase != "update" else ""
        reason = step.reason if step.phase in ("update", "loss", "backward") or not step.expression.call else ""
        formula = f"{name} = {short(rename(step.expression, self.shown))}{shape}"
        return f"{formula}\n{reason}" if reason else formula

    def place(self, step: Step) -> Callable[[tuple[str, ...]], str]:
        """Where a step's result is kept."""
        dims = stored(step.shape)
        name = self.names[step.name]
        if step.assigns and step.name in self.shown and not self.mixes(step):
            name = self.names[step.assigns]
            self.names[step.name] = name
        elif step.name not in self.gradients:
            self.buffers[name] = (dims, shape_text(step.shape))
            if step.assigns:
                self.late.append(step)
        return placed(self.syntax, name, dims)

    def marked(self, name: str) -> Callable[[tuple[str, ...]], str]:
        """From the index of a number of theta to its mark."""
        return lambda index: filled(self.mark, name=name, index=str(index[0]))

    def mixes(self, step: Step) -> bool:
        """Whether an element of a new value depends on other elements of the old one."""
        for node in postorder(step.expression):
            # a formula by its name may look at all of what it is given
            wide = is_reduction(node) or is_product(node) or node.op in ("transpose", "expand_dims") or node.call
            if wide and any(item.name == step.assigns for item in postorder(node)):
                return True
        return False

    def shared_scalars(self) -> tuple[str, ...]:
        """Single numbers that another phase than their own reads."""
        found = []
        for step in self.steps:
            others = [later for later in self.steps if later.phase != step.phase]
            if not step.shape and any(step.name in symbols_of(later) for later in others):
                found.append(step.name)
        return tuple(found)

    # the update

    def groups(self, steps: list[Step]) -> list[list[Step]]:
        """The steps of the update, those together that can share one loop over theta."""
        size = self.training.derivation.layout.size
        found: list[list[Step]] = []
        open_group: list[Step] = []
        for step in steps:
            inside = {other.name for other in open_group}
            simple = step.shape == (size,) and not any(map(is_wide, postorder(step.expression)))
            if simple:
                open_group.append(step)
            elif symbols_of(step) & inside or step.shape:
                found += [open_group, [step]] if open_group else [[step]]
                open_group = []
            else:
                found.append([step])  # a number that the loop may read: before it
        return [*found, open_group] if open_group else found

    def vectors(self, loops: CommentedLoops, group: list[Step]) -> list[str]:
        """Steps that go through theta together."""
        inside = {step.name for step in group}
        outside = set().union(*(symbols_of(step) for step in self.steps if step.name not in inside))
        items = []
        for step in group:
            comment = tuple(self.syntax.comment(self.words(step)))
            if step.name in outside or step.assigns or len(group) == 1:
                items.append(Item(step.expression, step.name, self.place(step), comment))
            else:
                loops.places[step.name] = always(self.names[step.name])
                items.append(Item(step.expression, self.names[step.name], None, comment))
        return loops.together(items)

    def late_lines(self) -> list[str]:
        """New values that could not be put into their place at once."""
        lines: list[str] = []
        for step in self.late:
            dims, new, old = stored(step.shape), self.names[step.name], self.names[step.assigns]
            loops = CommentedLoops(self.syntax, {}, self.names, self.taken)
            copy = Expression("symbol", (), shape=step.shape, dtype=step.expression.dtype, name=step.name)
            comment = tuple(self.syntax.comment(f"{old} = {new}"))
            lines += loops.step(Item(copy, new, placed(self.syntax, old, dims), comment))
        return lines


def is_wide(node: Expression) -> bool:
    """Whether a number of it depends on many numbers."""
    return is_reduction(node) or is_product(node)


def gradient_views(training: Training) -> dict[str, str]:
    """For each step that is a gradient the array, the first of several, in whose place it is kept."""
    found: dict[str, str] = {}
    for name, step in training.derivation.gradients.items():
        found.setdefault(step, name)
    return found


def training_rows(training: Training, read: Container[str]) -> dict[str, np.ndarray]:
    """The rows that are written down, by the names that steps have for them."""
    found = {"x": training.x, "y": training.y, "w": training.w}
    return {name: values for name, values in found.items() if values is not None and (name != "y" or name in read)}
