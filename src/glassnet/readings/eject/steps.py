"""The steps of a derivation that a program needs, each written as one would by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from glassnet.derivation.steps import PHASES, Derivation, Step
from glassnet.derivation.tidy import rename, share, tidy
from glassnet.expressions.expression import (
    OF_COLUMNS,
    ROWS,
    Expression,
    postorder,
    substitute,
    symbol,
    symbols_in,
)
from glassnet.expressions.notation import plain


def readable(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The same steps, simplified for readers; in exact arithmetic they are equal."""
    return tuple(replace(step, expression=tidy(step.expression)) for step in steps)


def as_arithmetic(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The same, with the arithmetic of named formulas in place of their names."""
    return tuple(replace(step, expression=tidy(step.expression, calls=False)) for step in steps)


LONG = 90  # characters; in a longer formula, what occurs twice becomes a step of its own


def split(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The same steps, long formulas with their repeated parts as steps before them: `step_1`, `step_2`, …"""
    found: list[Step] = []
    for step in steps:
        parts: list[tuple[str, Expression]] = []
        expression = step.expression
        if len(plain(expression)) > LONG:
            expression, parts = share(expression, symbols_of(step))
        names: dict[str, str] = {}
        for k, (letter, part) in enumerate(parts, start=1):
            name = f"{step.assigns or step.name}_{k}"
            found.append(
                Step(
                    name=name,
                    expression=rename(part, names),
                    phase=step.phase,
                    layer=step.layer,
                    reason=f"a part of {step.assigns or step.name}",
                )
            )
            names[letter] = name
        found.append(replace(step, expression=rename(expression, names)) if parts else step)
    return tuple(found)


def names_in(derivation: Derivation) -> set[str]:
    """The names that a program written from a derivation gives to values: no function may have one of them."""
    slots = derivation.optimizer.slots if derivation.optimizer else ()
    steps = [name for step in derivation.steps for name in (step.name, step.assigns)]
    return {*steps, *derivation.inputs, *slots, ROWS} - {""}


def needed(derivation: Derivation) -> tuple[Step, ...]:
    """The steps without which there would be no loss, no gradient or no new number in memory."""
    wanted = {
        derivation.reported,
        *derivation.gradients.values(),
        *(step.name for step in derivation.steps if step.assigns),
    }
    found: list[Step] = []
    for step in reversed(derivation.steps):
        if step.name in wanted:
            found.append(step)
            wanted |= symbols_of(step)
    found.reverse()
    return tuple(sorted(found, key=lambda step: PHASES.index(step.phase)))


def hoisted(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The same steps, but random numbers inside a formula are drawn in a step of their own before it."""
    found: list[Step] = []
    for step in steps:
        inner = [node for node in postorder(step.expression) if node.op == "random" and node is not step.expression]
        names = {}
        for k, node in enumerate(inner, start=1):
            name = f"{step.name}_u{k}"
            names[id(node)] = symbol(name, node.shape, node.dtype)
            found.append(
                replace(step, name=name, expression=node, reason="new random numbers at every step", assigns="")
            )
        found.append(replace(step, expression=substitute(step.expression, names)) if names else step)
    return tuple(found)


def laid_out(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The same steps, but what columns are taken of, or multiplied by blocks, has a name, and so has what is made of
    matrices side by side: then a loop over columns can find its way.
    """
    found: list[Step] = []
    for step in steps:
        names: dict[int, Expression] = {}
        nodes = postorder(step.expression)
        readers = [node for node in nodes if node.op in OF_COLUMNS and node.op != "concatenate"]
        inside = {id(arg) for node in readers for arg in node.args if arg.op != "symbol"}
        inside |= {id(node) for node in nodes if node is not step.expression and is_scattered(node)}
        for node in nodes:
            if id(node) in inside:
                name = f"{step.assigns or step.name}_c{len(names) + 1}"
                part = replace(step, name=name, expression=substitute(node, names), assigns="")
                found.append(replace(part, reason=f"a part of {step.assigns or step.name}"))
                names[id(node)] = symbol(name, node.shape, node.dtype)
        found.append(replace(step, expression=substitute(step.expression, names)) if names else step)
    return tuple(found)


def is_scattered(node: Expression) -> bool:
    """Whether its columns come from here and there."""
    if node.op == "take":
        first = node.columns[0]
        return node.columns != tuple(range(first, first + len(node.columns)))
    return node.op == "concatenate"


def symbols_of(step: Step) -> set[str]:
    """The names that a step's formula reads."""
    return symbols_in(step.expression)


def counts_rows(step: Step) -> bool:
    """Whether a step must know how many rows there are: it reads n, or draws numbers for each row."""
    nodes = postorder(step.expression)
    return any(node.name == ROWS if node.op == "symbol" else node.op == "random" for node in nodes)


@contextmanager
def naming(step: Step) -> Iterator[None]:
    """Say which step it is that a language cannot write."""
    try:
        yield
    except NotImplementedError as error:
        place = f"layer {step.layer}, step" if step.layer else "step"
        raise NotImplementedError(f"{place} {step.formula!r}: {error}") from None


def draws(expression: Expression) -> bool:
    """Whether random numbers are drawn in an expression."""
    return any(node.op == "random" for node in postorder(expression))
