"""Several networks as one: their layers beside each other, and the mean of what they say.

The whole is a network like any other: the first layers of all members beside each other, then the second ones, each
with the columns that are its own, at last their mean (`Average`). So there is one derivation of it, and whatever reads
derivations (the engines that predict, programs in other languages) reads this one. Only training is the members' own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.data.tables.contract import DataContract
from glassnet.data.tables.targets import NumberTarget
from glassnet.engines.memory import Memory
from glassnet.parts.activations import NAMES, activation_named
from glassnet.parts.average import Average
from glassnet.parts.layers import Dense, Dropout, Layer
from glassnet.parts.losses import Loss
from glassnet.parts.naming import layer_of
from glassnet.parts.nested import Beside, Columns, letters_of, width_after
from glassnet.parts.network import Network
from glassnet.parts.tempered import log
from glassnet.training.contract import classes_of
from glassnet.training.history import History
from glassnet.training.place import Place
from glassnet.training.state import State


def together(members: Sequence[State]) -> State:
    """The state of an ensemble: one network of the members' layers, with their numbers, which are copied.

    Raises
    ------
    ValueError
        There is no member, or members do not fit together: they take other columns, or say something else.
    """
    if not members:
        raise ValueError("an ensemble needs at least one model, got none")
    first = members[0]
    for k, member in enumerate(members[1:], start=2):
        check_fits(first, member, k)
    members = [replace(member, calibration=None) for member in members]  # it is of what each says by itself
    memory = Memory.of(network := network_of(members), first.n_inputs, first.dtype)
    state = State(network, first.contract, memory, np.random.default_rng(0), members=tuple(members))
    for letter, member in zip(letters_of(len(members)), members, strict=True):
        own = member.memory
        for name, values in (own.layout.views(own.theta) | own.state_layout.views(own.state)).items():
            state[name_inside(name, letter, len(members))] = values
    state.history, state.place = history_of(members), Place(max(member.epochs for member in members))
    state.recipe = first.recipe if all(member.recipe == first.recipe for member in members) else ""
    state.split_by = first.split_by if all(member.split_by == first.split_by for member in members) else {}
    state.settings, state.engine, state.optimizer = first.settings, first.engine, first.optimizer
    return state


def name_inside(name: str, letter: str, members: int) -> str:
    """What an array of a member is called in the whole: `W_b3` for `W3` of the second one."""
    k = layer_of(name)
    return name if members == 1 else f"{name.removesuffix(str(k))}_{letter}{k}"


# whether they fit


def check_fits(first: State, member: State, k: int) -> None:
    """ValueError where member k cannot be in one ensemble with the first."""
    classes, others = classes_of(first.contract), classes_of(member.contract)
    if classes != others:
        said = [f"the classes {listed(known)}" if known else "numbers" for known in (classes, others)]
        raise ValueError(f"members must predict the same: model 1 predicts {said[0]}, model {k} {said[1]}")
    if first.dtype != member.dtype:
        raise ValueError(f"members must have one dtype: model 1 has {first.dtype}, model {k} {member.dtype}")
    outputs = [predictions_of(state)[1] for state in (first, member)]
    widths = [state.forward.n_outputs for state in (first, member)]
    if outputs[0] != outputs[1] or widths[0] != widths[1]:
        said = [f"{width} by {output}" for width, output in zip(widths, outputs, strict=True)]
        raise ValueError(f"members must have outputs of one kind: model 1 has {said[0]}, model {k} {said[1]}")
    if what_is_known(first.contract) != what_is_known(member.contract):
        raise ValueError(
            f"model {k} knows other columns than model 1, or has scaled them otherwise: it was trained on other rows; "
            'train members by a recipe, gn.recipe("strong", members=8), which learns the scaling from all rows'
        )


def listed(classes: Sequence[Any]) -> str:
    """The first classes."""
    return ", ".join(map(repr, classes[:5])) + (", …" if len(classes) > 5 else "")


def what_is_known(contract: ArrayContract | DataContract) -> ArrayContract | DataContract:
    """A contract without what is only told about it."""
    return contract if isinstance(contract, ArrayContract) else replace(contract, n_rows=1, notes=())


# the network


def network_of(members: Sequence[State]) -> Network:
    """All layers, those of one number beside each other, then the mean; the loss is that of the mean."""
    first = members[0]
    last, output = zip(*map(predictions_of, members), strict=True)
    chains = [(*member.network.layers[:-1], end) for member, end in zip(members, last, strict=True)]
    widths, layers = [first.n_inputs] * len(members), list[Layer]()
    for inner in zip_longest(*chains, fillvalue=PASSED_ON):
        starts = [sum(widths[:k]) * bool(layers) for k in range(len(members))]
        parts = [Columns(range(low, low + n), layer) for low, n, layer in zip(starts, widths, inner, strict=True)]
        nothing = bool(layers) and all(isinstance(layer, Dropout) for layer in inner)  # does a prediction to the row
        layers.append(inner[0] if nothing or len(inner) == 1 else Beside(*parts))
        widths = [width_after(layer, width) for layer, width in zip(inner, widths, strict=True)]
    layers.append(Average(len(members), output[0], tuple(held_of(member) for member in members if holds(member))))
    loss = first.network.loss
    return Network(*layers, loss=None if loss is None else of_predictions(loss))


PASSED_ON = Dropout(0.0)  # what stands beside the last layers of members with more


def predictions_of(member: State) -> tuple[Layer, str]:
    """The last layer, and what makes predictions of what it gives, by name."""
    last, loss = member.network.layers[-1], member.network.loss
    if loss is not None and loss.output != "identity":
        return last, loss.output
    if isinstance(last, Dense) and not last.strength:
        f = last.activation
        if f.name in NAMES and not f.options and f.function is activation_named(f.name).function:
            return replace(last, activation=activation_named("identity")), f.name
    return last, "identity"


def holds(member: State) -> bool:
    """Whether its predictions are held to the range of the rows trained on."""
    target = None if isinstance(member.contract, ArrayContract) else member.contract.target
    return isinstance(target, NumberTarget) and target.clamp


def held_of(member: State) -> tuple[float, float]:
    """That range, as the network has it."""
    target: Any = member.contract
    target = target.target
    return (target.low - target.mean) / target.scale, (target.high - target.mean) / target.scale


# what is measured


def of_predictions(loss: Loss) -> Loss:
    """The same loss of a prediction, rather than of the score that it is made of."""
    if loss.output == "identity":
        return replace(loss, label_smoothing=0.0)
    if loss.output not in SCORES:
        raise ValueError(
            f"the loss of the mean cannot be had of loss {loss.name}, which has {loss.output} inside; it may have "
            f"{', '.join(SCORES)}, or nothing"
        )
    measured = OfPrediction(loss.function, loss.output)
    return replace(loss, function=measured, derivative=None, output="identity", label_smoothing=0.0)


@dataclass(frozen=True)
class OfPrediction:
    """The loss, of a prediction."""

    function: Callable[..., Any]
    output: str

    def __call__(self, y: Any, p: Any, **options: Any) -> Any:
        """Its terms, of the scores that would give this prediction."""
        return self.function(y, SCORES[self.output](p), **options)


SCORES: dict[str, Callable[[Any], Any]] = {
    "softmax": log,
    "exponential": log,
    "sigmoid": lambda p: log(p) - log(1.0 - p),
}


def history_of(members: Sequence[State]) -> History:
    """What members measured, epoch by epoch: the mean over those that were in training then."""
    names = [name for name in members[0].history.columns if all(name in item.history.columns for item in members)]
    columns: dict[str, list[float]] = {}
    for name in names:
        measured = zip_longest(*(member.history.columns[name] for member in members))
        columns[name] = [float(np.mean([value for value in values if value is not None])) for values in measured]
    return History(columns, members[-1].history.stopped)
