"""What the page of a single number says: the number itself, where it comes from, and what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glassnet.expressions.expression import postorder
from glassnet.parts.naming import gradient_name
from glassnet.readings.explain.contents import Arithmetic, Contents, Entry, Section
from glassnet.readings.explain.element import Index, place_name
from glassnet.readings.explain.whole import heading_of, meaning, place_words

if TYPE_CHECKING:
    from glassnet.readings.explain.explanation import Explanation
    from glassnet.readings.explain.narrowed import NumberExplained

Weight = tuple[str, Index]


def update_of(explanation: Explanation, weight: Weight | None, terms: int | None) -> list[Arithmetic]:
    """The optimizer's arithmetic for one weight, what all weights share first."""
    known = explanation.evaluated
    if weight is None or explanation.optimizer is None:
        return []
    writer = explanation.arithmetics(terms)
    k = known.layout.position(*weight)
    lines = []
    for step in known.steps:
        if step.phase == "update":
            index = (k,) if step.name in known.vectors else ()
            lines.append(writer.of(step.name, index, reason=step.reason.removesuffix(".")))
    return lines


def one_number(number: NumberExplained, terms: int | None) -> Contents:
    """The page of a single number."""
    explanation, view = number.explanation, number.of
    writer = explanation.arithmetics(terms, close_up=True)
    sections = []
    if view.step is None:
        own = Arithmetic(number.name, None, None, number.value, reason=meaning(explanation, view.name))
        sections.append(Section(where_words(number), (Entry("", None, arithmetic=(own,)),)))
    else:
        own = writer.of(view.name, number.index, reason=view.reason.removesuffix("."))
        title = f"{where_words(number)}; {place_words(explanation, view.step)}"
        sections.append(Section(title, (Entry("", None, arithmetic=(own,)),)))
        chain = writer.chain(view.name, number.index)
        if chain:
            note = "back to the loss, each time through the largest term"
            sections.append(Section("Comes from", (Entry("", None, arithmetic=tuple(chain)),), note=note))
    gradient = gradient_of(number)
    if gradient:
        line = writer.of(gradient, number.index, reason=f"the gradient at {number.name}")
        sections.append(Section("Gradient", (Entry("", None, arithmetic=(line,)),)))
    update = update_of(explanation, number.weight, terms)
    if update and number.weight is not None:
        title = f"Update of {place_name(*number.weight)}"
        sections.append(Section(title, (Entry("", None, arithmetic=tuple(update)),)))
    users = used_in(number)
    if users and number.weight is None:
        sections.append(Section("Goes into", (), note=", ".join(users)))
    notes = tuple(note for note in [no_update(number)] if note)
    return Contents(number.name, heading_of(explanation), notes, tuple(sections), explanation.digits, is_close_up=True)


def no_update(number: NumberExplained) -> str:
    """Why there is no update, where one would look for it."""
    if number.weight is None or number.explanation.optimizer is not None:
        return ""
    if number.explanation.rows.y is None:
        return "Without a target there is no gradient and no update."
    return 'No optimizer is given, so it stays at the gradient: explain(..., optimizer="sgd").'


def where_words(number: NumberExplained) -> str:
    """Which number it is in the words of the data: "row 3, h2"."""
    explanation, view = number.explanation, number.of
    labels, shape = explanation.labels, view.shape
    if view.name in explanation.evaluated.vectors or not shape:
        return number.name
    is_rows = len(shape) == 2 and is_row_array(explanation, view.name)
    words = []
    for axis, k in enumerate(number.index):
        if view.name in ("l", "r", "w") and shape[axis] == 1:
            continue
        words.append(labels.axis(view.name, axis, shape, is_rows and axis == 0)[k])
    joined = f"{words[0]} to {words[1]}" if len(words) == 2 and not is_rows else ", ".join(words)
    return f"{number.name} ({joined})"


def is_row_array(explanation: Explanation, name: str) -> bool:
    """Whether an array's first axis is the rows."""
    known = explanation.evaluated
    name = known.stands_for(name)
    step = known.by_name.get(name) or known.derivation.inputs.get(name)
    return step is not None and bool(step.shape) and step.shape[0] == "n"


def gradient_of(number: NumberExplained) -> str:
    """The step that is the gradient at a number; empty where there is none."""
    known = number.explanation.evaluated
    name = known.derivation.gradients.get(number.of.name, gradient_name(number.of.name))
    step = known.by_name.get(name)
    return name if step is not None and step.phase == "backward" and known.of_gradient(name) == number.of.name else ""


def used_in(number: NumberExplained) -> list[str]:
    """The steps that a number goes into, by name."""
    name = number.explanation.evaluated.stands_for(number.of.name)
    found = []
    for step in number.explanation.evaluated.steps:
        if any(node.op == "symbol" and node.name == name for node in postorder(step.expression)):
            found.append(step.name)
    return found
