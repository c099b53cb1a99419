"""What programs written as loops (C, JavaScript) have in common: names, the steps of a prediction, formulas.

Texts that come from data (column names, a formula's docstring) reach a program only inside string literals and, made
harmless, inside comments.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from glassnet.derivation.contents import heading
from glassnet.eject.answers import Answers
from glassnet.eject.formulas import Formula
from glassnet.eject.loops import Item, Loops, formula_lines
from glassnet.eject.loops_graph import is_single
from glassnet.eject.loops_syntax import Syntax, formula_key, is_own_function, stored
from glassnet.eject.names import free_name, in_comment
from glassnet.eject.plan import Plan
from glassnet.expressions.expression import ROWS, Dim, Expression, Shape
from glassnet.expressions.notation import plain

WIDTH = 110  # characters
CHECKED = 10  # losses that a training program compares, and prints, beside the last
CLEAR = {False: 1e-9, True: 1e-5}  # two outputs closer than this (in float) may change places


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


@dataclass
class Prediction:
    """The steps from x to p for one row: their lines, what they use, how many numbers they keep on the way."""

    lines: list[str]
    used: set[str]
    kept: int


def prediction(plan: Plan, syntax: Syntax, names: Mapping[str, str], taken: Iterable[str]) -> Prediction:
    """The way from the inputs x of one row to its outputs p; p is an array that is there already."""
    loops = Loops(syntax, plan.formulas, names, taken, one_row=True)
    lines: list[str] = []
    kept = 0
    for step in plan.steps:
        dims = stored(step.shape, one_row=True)
        name = names[step.name]
        words = f"{step.name} = {short(step.expression)}  {one_row_words(step.shape)}"
        call = step.expression.call
        if call is not None and call.meaning and not is_single(plan.formulas[call.name], plan.formulas):
            words += f"\n{call.meaning}"
        lines += syntax.comment(words)
        kept += int(np.prod([int(dim) for dim in dims])) if step.name != "p" else 0
        try:
            if not dims and step.name != "p":
                lines += loops.step(Item(step.expression, name))
                loops.places[step.name] = lambda _, name=name: name  # type: ignore[misc]
            else:
                lines += [syntax.buffer(name, dims)] if step.name != "p" else []
                lines += loops.step(Item(step.expression, name, placed(syntax, name, dims)))
        except NotImplementedError as error:
            raise NotImplementedError(f"step {step.formula!r}: {error}") from None
    return Prediction(lines, loops.used, kept)


def placed(syntax: Syntax, name: str, dims: tuple[Dim, ...]) -> Callable[[tuple[str, ...]], str]:
    """From the indices of an element to its place."""
    return lambda variables: syntax.place(name, dims, variables)


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
        loops = Loops(syntax, plan.formulas, names, taken)
        for own in (*formula.parameters, *(part for part, _ in formula.parts)):
            loops.places[own] = lambda _, own=own: own  # type: ignore[misc]
        parts, result = formula_lines(formula, loops)
        found[name] = Function(formula, names[formula_key(name)], tuple(parts), result)
        uses[name] = loops.used
    wanted = set(used)
    for name in reversed(list(found)):
        if name in wanted:
            wanted |= uses[name]
    return [function for name, function in found.items() if name in wanted], wanted


# texts


def short(expression: Expression) -> str:
    """A formula for a comment."""
    return plain(expression).replace(", keepdims=True", "")


def title(plan: Plan) -> str:
    """`2-4-1, sigmoid, sigmoid: a neural network that predicts y.`"""
    sizes, activations, *_ = heading(plan.derivation)
    return f"{sizes}, {activations}: a neural network that predicts {in_comment(plan.target_name)}."


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


def packed(items: Iterable[str], width: int = WIDTH, ending: str = ",") -> list[str]:
    """Items with commas behind them, as many in a line as fit."""
    lines: list[str] = []
    for item in items:
        text = f"{item}{ending}"
        if lines and len(lines[-1]) + len(text) + 1 <= width:
            lines[-1] += f" {text}"
        else:
            lines.append(text)
    return lines


# what a self-test compares


def with_finite_answers(plan: Plan) -> Plan:
    """The plan without the rows of the self-test whose answers are infinite: differences say nothing there."""
    expected = plan.expected
    kept = np.flatnonzero(np.isfinite(expected.outputs).all(axis=1))
    if len(kept) in (0, len(expected.outputs)) or expected.scale is None:
        return plan
    rows = [plan.rows[k] for k in kept] if isinstance(plan.rows, list) else plan.rows[kept]
    words = tuple(expected.words[k] for k in kept) if expected.words else ()
    return replace(plan, rows=rows, expected=Answers(expected.outputs[kept], words, expected.scale[kept]))


def expected_classes(plan: Plan) -> list[int]:
    """The class of each row of the self-test as an index; -1 where the two best are too close to tell."""
    assert plan.classes is not None
    from glassnet.tables.targets import label_word

    words = [label_word(label) for label in plan.classes]
    best = np.sort(plan.expected.outputs, axis=1)
    clear = best[:, -1] - best[:, -2] >= CLEAR[plan.dtype == np.float32 or plan.model.dtype == np.float32]
    return [words.index(word) if clear[k] else -1 for k, word in enumerate(plan.expected.words)]


def checked_losses(losses: tuple[float, ...]) -> list[tuple[int, float]]:
    """Some epochs, the first and last among them, and their losses."""
    every = max(1, len(losses) // CHECKED)
    return [(k, loss) for k, loss in enumerate(losses) if k % every == 0 or k == len(losses) - 1]


def allowed(plan: Plan) -> tuple[str, str]:
    """How far a prediction and, after training, a weight may be from glassnet's."""
    single = np.float32 in (plan.dtype, plan.model.dtype)
    return ("1e-5", "1e-4") if single else ("1e-12", "1e-10")


def runs(marks: np.ndarray) -> list[tuple[int, int]]:
    """From where to where a vector of 0 and 1 holds ones."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (marks != 0).astype(int), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
