"""What an explanation narrows to: a step with its numbers, one number, one unit."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from glassnet.expressions.notation import plain
from glassnet.readings.explain.arithmetic import SHOWN
from glassnet.readings.explain.contents import Arithmetic, Contents, Term
from glassnet.readings.explain.element import Index, place_name
from glassnet.readings.explain.facts import Facts
from glassnet.readings.explain.neuron import Neuron, one_neuron
from glassnet.readings.explain.readable import Readable
from glassnet.readings.explain.single import Number, one_number, update_of
from glassnet.readings.explain.whole import one_step


class StepExplained(Readable):
    """One step of the derivation, or an array that it starts from, with its numbers.

    Attributes
    ----------
    name, formula, reason, phase, layer
        Of the step; for what is given the formula is empty and the phase "given".
    value
        Its numbers, an array.
    """

    def __init__(self, facts: Facts, name: str) -> None:
        step = facts.step(name)
        self.facts, self.name, self.step, self.value = facts, name, step, facts.value(name)
        self.formula = f"{name} = {plain(facts.evaluated.forms[step.name].shown)}" if step else ""
        self.reason = step.reason if step else ""
        self.phase, self.layer = (step.phase, step.layer) if step else ("given", 0)

    @property
    def shape(self) -> Index:
        """Of its value."""
        return self.value.shape

    def __getitem__(self, index: int | Index) -> NumberExplained:
        return NumberExplained(Number(self.facts, self.name, self.checked(index)))

    def checked(self, index: Any) -> Index:
        """An index, counted from 0, or from the end if negative; IndexError where there is no such number."""
        given = index if isinstance(index, tuple) else (index,)
        sizes = self.shape
        whole = all(hasattr(k, "__index__") for k in given)
        if not whole or len(given) != len(sizes) or not all(-s <= k < s for k, s in zip(given, sizes, strict=True)):
            last = place_name(self.name, tuple(size - 1 for size in sizes))
            takes = (
                f"its numbers are {place_name(self.name, (0,) * len(sizes))} to {last}" if sizes else "it has no index"
            )
            raise IndexError(f"{self.name} has shape {sizes}; {takes}, got [{', '.join(map(str, given))}]")
        return tuple(int(k) % size for k, size in zip(given, sizes, strict=True))

    def contents(self, terms: int | None = SHOWN) -> Contents:
        """The step, its numbers, and how they come about."""
        return one_step(self.facts, self.name, terms)


class NumberExplained(Readable):
    """One number: its formula, the numbers put in, the terms; where it comes from, and what it does to a weight.

    Attributes
    ----------
    name
        `dW1[0, 2]`.
    value
        Itself.
    weight
        The array and the place of the weight that it is, or is the gradient of; None for another number.
    """

    def __init__(self, number: Number) -> None:
        self.number, self.facts = number, number.facts
        self.name, self.index, self.value, self.weight = number.name, number.index, number.value, number.weight

    def __float__(self) -> float:
        return self.value

    @cached_property
    def arithmetic(self) -> Arithmetic | None:
        """Formula, numbers put in and result; None for a number that is given."""
        array = self.number.array
        return self.facts.arithmetics(None).of(array, self.index) if self.facts.step(array) else None

    @property
    def formula(self) -> str:
        """The formula in symbols, `x[0, 0] * dz1[0, 2]`; empty for a given number, or where it is too long."""
        found = self.arithmetic
        return plain(found.formula) if found and found.formula is not None else ""

    @property
    def numbers(self) -> str:
        """The formula with numbers put in, in full: it can be evaluated; empty where there is no formula."""
        found = self.arithmetic
        return plain(found.numbers) if found and found.numbers is not None else ""

    @property
    def terms(self) -> tuple[Term, ...]:
        """All its terms; they add up to the value."""
        found = self.arithmetic
        if found is None or found.sum is None:
            return (Term("", (), self.value),)
        return found.sum.terms

    @property
    def chain(self) -> list[Arithmetic]:
        """For a gradient, the gradients that it comes through, back to the loss's slope."""
        array = self.number.array
        return self.facts.arithmetics(None).chain(array, self.index) if self.facts.step(array) else []

    @property
    def slope(self) -> float | None:
        """For a gradient its finite difference, if `finite_differences` was asked for."""
        found = self.arithmetic
        return found.slope.value if found and found.slope else None

    @property
    def update(self) -> list[Arithmetic]:
        """For a weight or its gradient, the optimizer's arithmetic from now to next, line by line."""
        return update_of(self.facts, self.weight, None)

    @property
    def now(self) -> float | None:
        """The weight before the step; None for a number that belongs to no weight."""
        return float(self.facts.evaluated.values[self.weight[0]][self.weight[1]]) if self.weight else None

    @property
    def next(self) -> float | None:
        """The weight after the step; None for a number that belongs to no weight, or without an update."""
        after = self.facts.next
        return float(after[self.weight[0]][self.weight[1]]) if self.weight and self.weight[0] in after else None

    def contents(self, terms: int | None = SHOWN) -> Contents:
        """All there is to say about the number."""
        return one_number(self.number, terms)


class NeuronExplained(Readable):
    """One unit of a Dense layer.

    Attributes
    ----------
    name
        "h2", or an output's name.
    layer, unit
        The number of its layer, from 1, and its place in it, from 0.
    """

    def __init__(self, facts: Facts, unit: Neuron) -> None:
        self.facts, self.place = facts, unit
        self.name, self.layer, self.unit = unit

    def contents(self, terms: int | None = SHOWN) -> Contents:
        """Forward, backward, and its weights."""
        return one_neuron(self.facts, self.place, terms)
