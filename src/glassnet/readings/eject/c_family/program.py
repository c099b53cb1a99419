"""What a plan becomes in a language of loops: names, the lines of its steps, the functions that these need.

Texts that come from data (column names, a formula's docstring) reach a program only inside string literals and, made
harmless, inside comments.
"""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from glassnet.expressions.expression import ROWS, Dim, Shape
from glassnet.readings.eject.c_family.graph import is_single
from glassnet.readings.eject.c_family.loops import CommentedLoops, Item, formula_lines
from glassnet.readings.eject.c_family.syntax import Syntax, always, formula_key, is_own_function, placed, short, stored
from glassnet.readings.eject.c_family.training import TrainingStep, TrainingWriter
from glassnet.readings.eject.formulas import Formula
from glassnet.readings.eject.names import free_name
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.steps import naming, symbols_of
from glassnet.readings.eject.templates import packed

WIDTH = 110  # characters
FACTORS_ON = {"penalised": "what penalties pull of", "rates": "the learning rate of"}


def program_names(plan: Plan, reserved: Collection[str]) -> dict[str, str]:
    """What every symbol and formula of a plan is called, none like a word that the language or the program has."""
    symbols = [*(f"{name}" for name in plan.derivation.inputs), *(step.name for step in plan.steps), *plan.arrays]
    if plan.training is not None:
        inputs = plan.training.derivation.inputs
        symbols += [*inputs, *plan.training.derivation.layout.shapes, *(step.name for step in plan.training.steps)]
        symbols += [f"{step.name}_u{k}" for step in plan.training.steps for k in range(1, 9)]
    taken, names = set(reserved), {}
    for name in dict.fromkeys((*symbols, ROWS)):
        names[name] = free_name(name, taken)
        taken.add(names[name])
    for formula in plan.formulas.values():
        taken |= {*formula.parameters, *(part for part, _ in formula.parts)}
    for name in plan.formulas:
        names[formula_key(name)] = free_name(name, taken)
        taken.add(names[formula_key(name)])
    return names


def one_row_words(shape: Shape) -> str:
    """The numbers of a row: `(4)`."""
    return f"({', '.join(str(dim) for dim in shape if dim != ROWS)})"


def prediction(
    plan: Plan, syntax: Syntax, names: Mapping[str, str], taken: Iterable[str]
) -> tuple[list[str], set[str], int]:
    """The lines from the inputs x of one row to its outputs p, which is there already; what they use; see `kept`."""
    sizes: list[int] = []

    def buffer(name: str, dims: tuple[Dim, ...]) -> str:
        sizes.append(math.prod(map(int, dims)))
        return syntax.buffer(name, dims)

    loops = CommentedLoops(replace(syntax, buffer=buffer), plan.formulas, names, taken, one_row=True)
    lines: list[str] = []
    for step in plan.steps:
        dims = stored(step.shape, one_row=True)
        name = names[step.name]
        words = f"{step.name} = {short(step.expression)}  {one_row_words(step.shape)}"
        call = step.expression.call
        if call is not None and call.meaning and not is_single(plan.formulas[call.name], plan.formulas):
            words += f"\n{call.meaning}"
        lines += syntax.comment(words)
        with naming(step):
            if not dims and step.name != "p":
                lines += loops.step(Item(step.expression, name))
                loops.places[step.name] = always(name)
            else:
                lines += [buffer(name, dims)] if step.name != "p" else []
                lines += loops.step(Item(step.expression, name, placed(syntax, name, dims)))
    return lines, loops.used, sum(sizes)


@dataclass(frozen=True)
class Function:
    """A formula of single numbers as a function: its name, parameters, parts and result as text."""

    formula: Formula
    name: str
    parts: tuple[tuple[str, str], ...]
    result: str


def functions(
    plan: Plan, syntax: Syntax, names: Mapping[str, str], taken: Iterable[str], used: set[str]
) -> tuple[list[Function], set[str]]:
    """The formulas that are used, those first that others call; and all operations that need a function."""
    found: dict[str, Function] = {}
    uses: dict[str, set[str]] = {}
    for name, formula in plan.formulas.items():
        if not is_single(formula, plan.formulas) or is_own_function(formula):
            continue
        loops = CommentedLoops(syntax, plan.formulas, names, taken)
        for own in (*formula.parameters, *(part for part, _ in formula.parts)):
            loops.places[own] = always(own)
        parts, result = formula_lines(formula, loops)
        found[name] = Function(formula, names[formula_key(name)], tuple(parts), result)
        uses[name] = loops.used
    wanted = set(used)
    for name in reversed(list(found)):
        if name in wanted:
            wanted |= uses[name]
    return [function for name, function in found.items() if name in wanted], wanted


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a program.

    Attributes
    ----------
    plan
        What it is made of.
    names
        What symbols and formulas are called.
    forward, kept
        The lines from x to p for one row, and how many numbers they keep in arrays.
    step
        One of training; None for a program that only predicts.
    read
        All names that steps read.
    functions, used
        The formulas of single numbers, and all operations that need a function.
    """

    plan: Plan
    names: Mapping[str, str]
    forward: list[str]
    kept: int
    step: TrainingStep | None
    read: set[str]
    functions: list[Function]
    used: set[str]

    @property
    def whole(self) -> bool:
        """Whether a batch is all rows, in their order: then nothing need be copied."""
        return self.plan.training is None or self.plan.training.batches == 1


def facts_of(plan: Plan, syntax: Syntax, reserved: Collection[str], mark: str) -> Facts:
    """The steps of a plan, written; `mark` is a template: how an element of `penalised` and the like is read."""
    names = program_names(plan, reserved)
    taken = set(names.values())
    forward, used, kept = prediction(plan, syntax, names, taken)
    read, step = set().union(*map(symbols_of, plan.steps)), None
    if plan.training is not None:
        step = TrainingWriter(plan, syntax, names, taken, mark).text()
        read, used = read | plan.training.read, used | step.used
    found, used = functions(plan, syntax, names, taken, used)
    return Facts(plan=plan, names=names, forward=forward, kept=kept, step=step, read=read, functions=found, used=used)


# texts


def comment_lines(text: str, width: int, replaced: Mapping[str, str]) -> list[str]:
    """The lines of a comment: no control characters, no signs that turn the direction of writing, none too long."""
    lines = []
    for line in text.split("\n"):
        clean = "".join(letter if is_visible(letter) else "?" for letter in line)
        for old, new in replaced.items():
            clean = clean.replace(old, new)
        lines += textwrap.wrap(clean, width, break_long_words=False, break_on_hyphens=False) or [""]
    return lines


def is_visible(letter: str) -> bool:
    """Whether a letter is seen as itself, from left to right."""
    kind, direction = unicodedata.category(letter), unicodedata.bidirectional(letter)
    return letter == " " or (kind[0] not in "CZ" and direction not in ("R", "AL"))


def spaced(lines: Iterable[str], mark: str) -> list[str]:
    """Lines with an empty one above each comment, which a mark begins, but the first."""
    found: list[str] = []
    for line in lines:
        if line.startswith(mark) and found and not found[-1].startswith(mark):
            found.append("")
        found.append(line)
    return found


def listed(items: Iterable[str], width: int = WIDTH) -> list[str]:
    """Items with commas behind them, as many in a line as fit."""
    return [f"{line}," for line in packed(items, width - 1)]


def runs(marks: np.ndarray) -> list[tuple[int, int]]:
    """From where to where a vector of 0 and 1 holds ones."""
    return [(low, high) for low, high, mark in pieces(marks) if mark]


def usual(pieces: list[tuple[int, int, float]]) -> tuple[float, list[tuple[int, int, float]]]:
    """The factor that is not told piece by piece, 1 if there is one, otherwise 0; and the pieces with another."""
    most = 1.0 if any(factor == 1.0 for *_, factor in pieces) else 0.0
    return most, [piece for piece in pieces if piece[-1] != most]


def pieces(values: np.ndarray) -> list[tuple[int, int, float]]:
    """From where to where a vector holds the same number, and which."""
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return [(low, high, float(values[low])) for low, high in pairwise(edges)]
