"""What a derivation's page says, before it is text, LaTeX or HTML: heading, symbols, lines.

In the words about symbols, a name between backquotes is a symbol, for each page to write in its own way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from glassnet.derivation.assigned import in_place
from glassnet.derivation.reasons import meaning_of, reduction_words
from glassnet.derivation.steps import PHASES, Derivation, Step
from glassnet.derivation.tidy import fold, rename, share, tidy
from glassnet.expressions.expression import ROWS, Expression, Shape
from glassnet.expressions.notation import number, plain
from glassnet.parts.average import Average
from glassnet.parts.built_in import layer_words
from glassnet.parts.layers import Dense
from glassnet.parts.losses import Loss
from glassnet.parts.naming import options_text
from glassnet.parts.tempered import Tempered

NO_BREAK = "\N{NO-BREAK SPACE}"
SHORT = 44  # characters: arithmetic up to this length is shown instead of a formula's name
LONG = 60  # characters: in longer formulas, what occurs twice is shown once

Wheres = tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One step on the page.

    Attributes
    ----------
    name
        The left-hand side; for a new value of memory the name of what it replaces.
    expression
        The right-hand side.
    wheres
        Names for what occurs in it more than once, with their meaning, in order.
    shape
        Of the result.
    reasons
        The same reason, from the longest to the shortest wording.
    definition, definition_wheres
        The arithmetic of a formula that has no words of its own, in place of a reason.
    assigns
        Whether the name is a place in memory that gets a new value.
    """

    name: str
    expression: Expression
    wheres: Wheres
    shape: Shape
    reasons: tuple[str, ...]
    definition: Expression | None = None
    definition_wheres: Wheres = ()
    assigns: bool = False


@dataclass(frozen=True)
class Group:
    """The lines of one layer in one phase; the title is empty for the loss and the update."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class PageParts:
    """A page's parts.

    Attributes
    ----------
    heading
        What is derived, in pieces: sizes, activations, loss, number of parameters, optimizer.
    symbols
        Names and what they mean.
    constants
        Named numbers, as text.
    phases
        Title and groups of each phase.
    """

    heading: tuple[str, ...]
    symbols: tuple[tuple[tuple[str, ...], str], ...]
    constants: tuple[tuple[str, str], ...]
    phases: tuple[tuple[str, tuple[Group, ...]], ...]


def contents(derivation: Derivation, expand: bool = False) -> PageParts:
    """What the derivation's page says; with `expand`, every formula as its arithmetic."""
    names = in_place(derivation)
    phases = []
    for phase in PHASES:
        steps = [step for step in derivation.steps if step.phase == phase]
        groups = tuple(
            Group(
                group_title(derivation, phase, k),
                tuple(line(step, derivation, names, expand) for step in group),
            )
            for k, group in groupby(steps, key=lambda step: step.layer)
        )
        if groups:
            phases.append((phase.capitalize(), groups))
    constants = tuple((name, number(value)) for name, value in derivation.constants.items())
    return PageParts(heading(derivation), symbols(derivation), constants, tuple(phases))


def group_title(derivation: Derivation, phase: str, k: int) -> str:
    """`layer 1: Dense(4, sigmoid)`, or nothing for what belongs to no layer."""
    if k:
        return f"layer {k}: {layer_words(derivation.network.layers[k - 1])}"
    return "prediction" if phase == "forward" else ""


# ------------------------------------------------------------------------------------------------- heading


def heading(derivation: Derivation) -> tuple[str, ...]:
    """`2-4-1`, `sigmoid, sigmoid`, `squared loss, mean over rows`, `17 parameters`, `sgd`."""
    network = derivation.network
    last = network.layers[-1]
    layers = network.layers[:-1] if isinstance(last, Tempered) and len(network.layers) > 1 else network.layers
    kinds = [str(layer.activation) if isinstance(layer, Dense) else type(layer).__name__ for layer in layers]
    if isinstance(layers[-1], Average):
        kinds = [f"the mean of {counted_members(layers[-1])}"]
    if network.loss and network.loss.output != "identity" and kinds[-1] == "identity":
        kinds[-1] = f"{network.loss.output} (in the loss)"
    if isinstance(last, Tempered):
        kinds[-1] += f" at temperature {last.temperature:.3g}"
    parts = ["-".join(map(str, sizes(derivation))), ", ".join(kinds)]
    trained = {step.name: step for step in derivation.steps if step.phase != "forward"}
    if network.loss is not None and "l" in trained:
        parts.append(loss_words(network.loss, trained["l"].shape[1] != 1, "w" in derivation.inputs))
    size = derivation.layout.size
    parts.append(f"{size:,} parameter{'s' * (size != 1)}")
    if derivation.optimizer is not None:
        parts.append(derivation.optimizer.name)
    return tuple(parts)


def counted_members(average: Average) -> str:
    """`8 networks`."""
    return f"{average.members} network{'s' * (average.members != 1)}"


def sizes(derivation: Derivation) -> list[int]:
    """Numbers a row has at the start and after each Dense layer, or other layer that changes it."""
    widths = [int(derivation.inputs["x"].shape[1])]
    for k, layer in enumerate(derivation.network.layers, start=1):
        own = [step for step in derivation.steps if step.layer == k and step.phase == "forward" and not step.assigns]
        if own and (isinstance(layer, Dense) or own[-1].shape[1] != widths[-1]):
            widths.append(int(own[-1].shape[1]))
    return widths


def loss_words(loss: Loss, several: bool, weighted: bool) -> str:
    """`squared loss, mean over rows`."""
    over = reduction_words(loss.reduction, several)
    name = "own loss" if loss.name == "loss" else f"{loss.name.replace('_', ' ')} loss"
    smoothing = {"label_smoothing": loss.label_smoothing} if loss.label_smoothing else {}
    return f"{name}{options_text({**loss.options, **smoothing})}, {'weighted ' * weighted}{over}"


# ------------------------------------------------------------------------------------------------- symbols


def symbols(derivation: Derivation) -> tuple[tuple[tuple[str, ...], str], ...]:
    """What each symbol that the steps start from means."""
    inputs, layout = derivation.inputs, derivation.layout
    arrays = ", ".join(f"`{name}` {shape_text(shape)}".replace(" ", NO_BREAK) for name, shape in layout.shapes.items())
    gradients = ", ".join(f"`{name}`" for name in derivation.gradients.values())
    vector = f"one vector of {layout.size:,} numbers"
    is_trained = any(step.phase == "backward" for step in derivation.steps)
    meanings = {
        "x": f"n rows of {counted(inputs['x'], 'input')}",
        "y": f"n rows of {counted(inputs['y'], 'target')}" if "y" in inputs else "",
        "w": "how much each row counts",
        "theta": f"all that is learnt, as {vector}: {arrays}",
        "g": f"the gradient, in the same order: {gradients}",
        "t": "the number of this step, from 1",
        "epoch": "how many epochs are done",
        "penalised": penalised_text(derivation),
        "trainable": "1 for each number of `theta` that may change, 0 for the others",
        "rates": f"a factor on the learning rate of each number of `theta`: {rates_text(derivation)}",
    }
    found: list[tuple[tuple[str, ...], str]] = [
        ((name,), meaning) for name, meaning in meanings.items() if name in inputs
    ]
    if "theta" not in inputs and layout.shapes:
        found.append((tuple(layout.shapes), f"what is learnt, {layout.size:,} numbers in all: {arrays}"))
    known = {*meanings, *derivation.constants, *layout.shapes, ROWS}
    others = [item for name, item in inputs.items() if name not in known]
    slots = tuple(item.name for item in others if item.shape == (layout.size,) and not item.name[-1].isdigit())
    if slots:
        found.append((slots, "remembered from step to step: like `theta`, 0 at first"))
    made = {name for name, item in derivation.network.arrays(int(inputs["x"].shape[1])).items() if item.from_rows}
    for kind, meaning in ((False, "kept for prediction, not learnt"), (True, "made of the training rows, not learnt")):
        kept = tuple(item.name for item in others if item.name not in slots and (item.name in made) is kind)
        found += [(kept, meaning)] if kept else []
    if is_trained:
        found.append((("dq",), "∂`L`/∂`q`, how the loss `L` changes with `q`; of the same shape as `q`"))
    return tuple(found)


def penalised_text(derivation: Derivation) -> str:
    """What the vector `penalised` is: marks, or factors."""
    factors = derivation.network.penalised(int(derivation.inputs["x"].shape[1]))
    if {*factors.values()} <= {1.0}:
        return "1 for each number of `theta` that is penalised, 0 for the others"
    return f"a factor on what penalties pull of each number of `theta`: {factors_text(factors)}, 0 for the others"


def rates_text(derivation: Derivation) -> str:
    """`0.1 for b1 and b2, 1 for the others`: which arrays learn at which part of the learning rate."""
    rates = derivation.network.rates(int(derivation.inputs["x"].shape[1]))
    return f"{factors_text(rates)}, 1 for the others"


def factors_text(factors: Mapping[str, float]) -> str:
    """`0.1 for b1 and b2, 6 for s3`: which arrays have which factor."""
    names: dict[float, list[str]] = {}
    for name, factor in factors.items():
        names.setdefault(factor, []).append(f"`{name}`")
    several = {factor: " and ".join(filter(None, (", ".join(of[:-1]), of[-1]))) for factor, of in names.items()}
    return ", ".join(f"{factor:g} for {of}" for factor, of in several.items())


def counted(rows: Expression, noun: str) -> str:
    """`1 input`, `2 inputs`."""
    return f"{rows.shape[1]} {noun}{'s' * (rows.shape[1] != 1)}"


def shape_text(shape: Shape) -> str:
    """`(n, 4)`, as Python writes it but for the quotes."""
    return "()" if not shape else f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"


# --------------------------------------------------------------------------------------------------- lines


def line(step: Step, derivation: Derivation, names: dict[str, str], expand: bool) -> Line:
    """A step as it is shown: by a formula's name, or as arithmetic where that is short or asked for."""
    taken = {*derivation.inputs, *(step.name for step in derivation.steps), ROWS}
    value = rename(step.expression, names)
    by_name, arithmetic = tidy(value), tidy(value, calls=False)
    folded = fold(arithmetic)
    is_activation = step.phase == "forward" and by_name.call is not None
    is_short = len(plain(folded)) <= SHORT
    shown = arithmetic if expand else folded if is_short and not is_activation else by_name
    wheres: Wheres = ()
    if expand or len(plain(shown)) > LONG:
        shown, found = share(shown, taken)
        wheres = tuple(found)
    reasons = reasons_for(step, by_name, is_named=shown is by_name or (expand and is_activation))
    definition: Expression | None = None
    definition_wheres: Wheres = ()
    if not reasons and not expand:
        definition, found = share(folded, taken)
        definition_wheres = tuple(found) if len(plain(folded)) > LONG else ()
        definition = definition if definition_wheres else folded
    name = names.get(step.name, step.name)
    return Line(
        name=name,
        expression=shown,
        wheres=wheres,
        shape=step.shape,
        reasons=reasons,
        definition=definition,
        definition_wheres=definition_wheres,
        assigns=name == step.assigns,
    )


def reasons_for(step: Step, by_name: Expression, is_named: bool) -> tuple[str, ...]:
    """Why a step is what it is, from the longest wording to the shortest; nothing: the arithmetic must do."""
    call = by_name.call
    if step.phase == "backward" and step.layer == 0 and not is_named:
        return (f"the loss's slope at {step.name.removeprefix('d')}",)
    if call is None:
        formula, words = split(step.reason) if " = " in step.reason else ("", "")
        return tuple(filter(None, (step.reason.removesuffix("."), formula)))
    meaning = meaning_of(call)
    formula, words = split(meaning)
    if is_named:
        return tuple(filter(None, (meaning.removesuffix("."), formula)))
    name = call.name.removesuffix("_backward").replace("_", " ")
    if step.phase == "backward":
        rule = f"chain rule through the {name}"
    elif step.phase == "update":
        rule = f"the {name} schedule"
    else:
        rule = "the loss of each row" if name == "loss" else f"{name} loss"
    return (f"{rule}: {words}", rule) if words else (rule,)


def split(meaning: str) -> tuple[str, str]:
    """`a = max(z, 0): what is positive passes.` as its formula and its words."""
    formula, _, words = meaning.partition(": ")
    return (formula, words.removesuffix(".")) if " = " in formula else ("", meaning.removesuffix("."))
