"""What the page of a single number says: the number itself, where it comes from, and what it does."""

from __future__ import annotations

from dataclasses import dataclass

from glassnet.expressions.expression import symbols_in
from glassnet.parts.naming import gradient_name
from glassnet.readings.explain.contents import Arithmetic, Contents, Entry, Section
from glassnet.readings.explain.element import Index, place_name
from glassnet.readings.explain.facts import Facts
from glassnet.readings.explain.whole import meaning, page, place_words

Weight = tuple[str, Index]


@dataclass(frozen=True, eq=False)
class Number:
    """One number of a step, or of an array that is given: `array[index]`."""

    facts: Facts
    array: str
    index: Index

    @property
    def name(self) -> str:
        """`dW1[0, 2]`."""
        return place_name(self.array, self.index)

    @property
    def value(self) -> float:
        """Itself."""
        return float(self.facts.value(self.array)[self.index])

    @property
    def weight(self) -> Weight | None:
        """The array and the place of the weight that it is, or is the gradient of; None for another number."""
        known = self.facts.evaluated
        array = self.array if self.array in known.layout.shapes else known.of_gradient(self.array)
        if self.array in known.vectors and len(self.index) == 1:
            return known.layout.array_at(self.index[0])
        return (array, self.index) if array in known.layout.shapes else None


def update_of(facts: Facts, weight: Weight | None, terms: int | None) -> list[Arithmetic]:
    """The optimizer's arithmetic for one weight, what all weights share first."""
    known = facts.evaluated
    if weight is None or facts.optimizer is None:
        return []
    writer = facts.arithmetics(terms)
    k = known.layout.position(*weight)
    lines = []
    for step in known.steps:
        if step.phase == "update":
            index = (k,) if step.name in known.vectors else ()
            lines.append(writer.of(step.name, index, reason=step.reason.removesuffix(".")))
    return lines


def one_number(number: Number, terms: int | None) -> Contents:
    """The page of a single number."""
    facts, array, step = number.facts, number.array, number.facts.step(number.array)
    writer = facts.arithmetics(terms, close_up=True)
    sections = []

    def say(title: str, *lines: Arithmetic, note: str = "") -> None:
        sections.append(Section(title, (Entry(arithmetic=lines),), note=note))

    if step is None:
        say(where_words(number), Arithmetic(name=number.name, value=number.value, reason=meaning(facts, array)))
    else:
        own = writer.of(array, number.index, reason=step.reason.removesuffix("."))
        say(f"{where_words(number)}; {place_words(facts, step)}", own)
        if chain := writer.chain(array, number.index):
            say("Comes from", *chain, note="back to the loss, each time through the largest term")
    if gradient := gradient_of(number):
        say("Gradient", writer.of(gradient, number.index, reason=f"the gradient at {number.name}"))
    update = update_of(facts, number.weight, terms)
    if update and number.weight is not None:
        say(f"Update of {place_name(*number.weight)}", *update)
    if number.weight is None and (users := used_in(number)):
        sections.append(Section("Goes into", note=", ".join(users)))
    return page(facts, number.name, sections, filter(None, [no_update(number)]), is_close_up=True)


def no_update(number: Number) -> str:
    """Why there is no update, where one would look for it."""
    if number.weight is None or number.facts.optimizer is not None:
        return ""
    if number.facts.rows.y is None:
        return "Without a target there is no gradient and no update."
    return 'No optimizer is given, so it stays at the gradient: explain(..., optimizer="sgd").'


def where_words(number: Number) -> str:
    """Which number it is in the words of the data: "row 3, h2"."""
    facts, array = number.facts, number.array
    labels, shape = facts.labels, facts.value(array).shape
    if array in facts.evaluated.vectors or not shape:
        return number.name
    is_rows = len(shape) == 2 and is_row_array(facts, array)
    words = []
    for axis, k in enumerate(number.index):
        if array in ("l", "r", "w") and shape[axis] == 1:
            continue
        words.append(labels.axis(array, axis, shape, is_rows and axis == 0)[k])
    joined = f"{words[0]} to {words[1]}" if len(words) == 2 and not is_rows else ", ".join(words)
    return f"{number.name} ({joined})"


def is_row_array(facts: Facts, name: str) -> bool:
    """Whether an array's first axis is the rows."""
    known = facts.evaluated
    name = known.stands_for(name)
    step = known.by_name.get(name) or known.derivation.inputs.get(name)
    return step is not None and bool(step.shape) and step.shape[0] == "n"


def gradient_of(number: Number) -> str:
    """The step that is the gradient at a number; empty where there is none."""
    known = number.facts.evaluated
    name = known.derivation.gradients.get(number.array, gradient_name(number.array))
    step = known.by_name.get(name)
    return name if step is not None and step.phase == "backward" and known.of_gradient(name) == number.array else ""


def used_in(number: Number) -> list[str]:
    """The steps that a number goes into, by name."""
    name = number.facts.evaluated.stands_for(number.array)
    return [step.name for step in number.facts.evaluated.steps if name in symbols_in(step.expression)]
