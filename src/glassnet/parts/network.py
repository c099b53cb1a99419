"""A network: layers one after the other, and the loss they are trained to make small. It holds no numbers.

    >>> from glassnet.parts.layers import Dense
    >>> network = Network(Dense(4, "tanh"), Dense(1), loss="squared")
    >>> network.layout(2).shapes
    {'W1': (2, 4), 'b1': (4,), 'W2': (4, 1), 'b2': (1,)}

The arrays of layer k are called by their name in the layer and k: `W1` belongs to the first layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.expressions.expression import Expression, symbol
from glassnet.formulas import activations, losses
from glassnet.parts.activations import Activation, activation
from glassnet.parts.built_in import BUILT_IN
from glassnet.parts.initializers import initializer
from glassnet.parts.layers import Dense, Dropout, Layer, Mode, Parameter, check_layer, namespace
from glassnet.parts.losses import Loss, loss, usual_loss
from glassnet.parts.naming import FROM_0, check_number, is_stem, options_text
from glassnet.parts.nested import NESTED, own_fields, with_inner
from glassnet.parts.parameters import Layout
from glassnet.parts.remembered import Remembered

if TYPE_CHECKING:
    from glassnet.parts.literals import LossName


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What follows from a network's structure and its number of inputs.

    Attributes
    ----------
    widths
        How many numbers a row has before the first layer and after each.
    learnt, others
        How the learnt arrays lie in one vector, and how the others do.
    penalised
        The learnt arrays on which L1, L2 and weight decay pull, by name, with the factors on these.
    rates
        The factors on the learning rate of learnt arrays, by name; those that are not 1.
    """

    widths: tuple[int, ...]
    learnt: Layout
    others: Layout
    penalised: Mapping[str, float]
    rates: Mapping[str, float]


SIZES: Remembered[Sizes] = Remembered(most=64)  # by layers and number of inputs


@dataclass(frozen=True, init=False)
class Network:
    """Layers, a loss, and the penalties on the weights.

    Parameters
    ----------
    *layers
        From input to output. The last may be `Dense()` without units: then the target says how many.
    loss
        A name, a `loss(...)`, or a function l(y, s). None: cross-entropy for classes, squared for numbers. A sigmoid
        or softmax at the very end is taken over by a loss that has it inside (`loss.output`): the loss then works on
        the scores, where it is exact.
    l1, l2
        Penalties added to the loss: l1·Σ|w| + ½·l2·Σw², over weights, not biases (what is `penalised`).
    penalty_per_row
        Whether the penalties are divided by what the loss is: the number of rows in the batch, or the sum of their
        weights. scikit-learn's alpha is. PyTorch's and Keras' weight penalties are not.

    Attributes
    ----------
    structure
        Equal for networks that compute the same from the same numbers; None where that cannot be known. What layers
        start from does not count. A function or a layer of one's own may change what it does.
    """

    layers: tuple[Layer, ...]
    loss: Loss | None
    l1: float = 0.0
    l2: float = 0.0
    penalty_per_row: bool = False
    structure: Hashable = field(default=None, repr=False, compare=False)

    def __init__(
        self,
        *layers: Layer,
        loss: LossName | Loss | Callable[..., Any] | None = None,
        l1: float = 0.0,
        l2: float = 0.0,
        penalty_per_row: bool = False,
    ) -> None:
        if not layers:
            raise ValueError("a network needs at least one layer")
        for layer in layers:
            check_layer(layer)
        check_number("l1", l1, FROM_0, math.inf)
        check_number("l2", l2, FROM_0, math.inf)
        chosen = None if loss is None else make_loss(loss)
        object.__setattr__(self, "layers", layers if chosen is None else on_scores(layers, chosen))
        object.__setattr__(self, "loss", chosen)
        object.__setattr__(self, "l1", float(l1))
        object.__setattr__(self, "l2", float(l2))
        object.__setattr__(self, "penalty_per_row", bool(penalty_per_row))
        object.__setattr__(self, "structure", structure_of(self))

    def resolved(self, n_outputs: int, default_loss: str) -> Network:
        """The network with what was left to the target filled in: the last layer's units, the loss."""
        last = self.layers[-1]
        if self.loss and not (isinstance(last, Dense) and last.units is None):
            return self
        if isinstance(last, Dense) and last.units is None:
            last = replace(last, units=n_outputs)
        return self.with_layers(*self.layers[:-1], last, loss=self.loss or usual_loss(default_loss))

    def arrays(self, n_inputs: int) -> dict[str, Parameter]:
        """Every array of every layer, by name and number, for rows of `n_inputs` numbers."""
        steps = enumerate(zip(self.layers, self._sizes(n_inputs).widths, strict=False), start=1)
        return {f"{name}{k}": item for k, (layer, width) in steps for name, item in layer.parameters(width).items()}

    def widths(self, n_inputs: int) -> tuple[int, ...]:
        """How many numbers a row of `n_inputs` has before the first layer and after each."""
        return self._sizes(n_inputs).widths

    def n_outputs(self, n_inputs: int) -> int:
        """How many scores a row of `n_inputs` numbers gives."""
        return self._sizes(n_inputs).widths[-1]

    def layout(self, n_inputs: int, *, learnt: bool = True) -> Layout:
        """How the learnt arrays (or the others) lie in one vector."""
        sizes = self._sizes(n_inputs)
        return sizes.learnt if learnt else sizes.others

    def penalised(self, n_inputs: int) -> Mapping[str, float]:
        """The learnt arrays on which L1, L2 and weight decay pull, by name, with the factors on these."""
        return self._sizes(n_inputs).penalised

    def rates(self, n_inputs: int) -> Mapping[str, float]:
        """The factors on the learning rate of learnt arrays, by name; those that are not 1."""
        return self._sizes(n_inputs).rates

    def _sizes(self, n_inputs: int) -> Sizes:
        """What follows from the number of inputs."""
        layers = self.structure or structure_with_own_formulas(self.layers)
        return SIZES.answer(layers and (layers, n_inputs), lambda: self._trace(n_inputs))

    def _trace(self, n_inputs: int) -> Sizes:
        if not isinstance(n_inputs, (int, np.integer)) or n_inputs < 1:
            raise ValueError(f"a network needs at least one input column, got {n_inputs!r}")
        widths, arrays = [int(n_inputs)], dict[str, Parameter]()
        known: dict[Hashable, tuple[dict[str, Parameter], int]] = {}  # of layers like earlier ones
        for k, layer in enumerate(self.layers, start=1):
            structure = structure_of_layer(layer)
            found = known.get((structure, widths[-1])) if structure else None
            own, width = found or traced(layer, k, widths[-1])
            known[structure, widths[-1]] = own, width
            arrays |= {f"{name}{k}": item for name, item in own.items()}
            widths.append(width)
        learnt, others = (
            Layout({name: item.shape for name, item in arrays.items() if item.learnt is kind}) for kind in (True, False)
        )
        return Sizes(
            widths=tuple(widths),
            learnt=learnt,
            others=others,
            penalised={name: float(arrays[name].penalised) for name in learnt.shapes if arrays[name].penalised},
            rates={name: arrays[name].rate for name in learnt.shapes if arrays[name].rate != 1.0},
        )

    def without_start(self) -> Network:
        """The same network, forgetting what built-in layers start from."""
        return self.with_layers(*map(without_start, self.layers))

    def over(self, epochs: float) -> Network:
        """The same, schedules of its layers over so many epochs where that was left open."""
        layers = [over(layer, epochs) for layer in self.layers]
        return self if layers == list(self.layers) else self.with_layers(*layers)

    def with_layers(self, *layers: Layer, loss: LossName | Loss | None = None) -> Network:
        """The same loss (if none is given) and penalties with other layers."""
        return Network(*layers, loss=loss or self.loss, l1=self.l1, l2=self.l2, penalty_per_row=self.penalty_per_row)

    def __repr__(self) -> str:
        inner = [repr(layer) for layer in self.layers]
        inner += [f"loss={self.loss!r}"] if self.loss else []
        inner += [f"{name}={getattr(self, name)!r}" for name in ("l1", "l2", "penalty_per_row") if getattr(self, name)]
        return f"Network({', '.join(inner)})"

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)


def traced(layer: Layer, k: int, n_inputs: int) -> tuple[dict[str, Parameter], int]:
    """The arrays of layer k, and how many numbers it makes of so many; TypeError or ValueError for what is no layer."""
    own = layer.parameters(n_inputs)
    for name, item in own.items():
        if not isinstance(item, Parameter):
            raise TypeError(f"layer {k}: parameter {name!r} must be a Parameter(shape, initial), got {item!r:.60}")
        if not is_stem(name):
            raise ValueError(f"layer {k}: a parameter's name must be letters, got {name!r}")
    p = namespace({name: symbol(name, item.shape) for name, item in own.items()})
    values = layer.forward(p, symbol("x", ("n", n_inputs)), Mode(training=False))
    if not isinstance(values, dict) or not values:
        raise TypeError(f"layer {k}: forward must give its values by name, {{'y': ...}}, got {values!r:.60}")
    output = list(values.values())[-1]
    if not isinstance(output, Expression) or output.ndim != 2 or output.shape[0] != "n":
        shape = getattr(output, "shape", None)
        raise ValueError(f"layer {k}, {layer!r}: forward must give its output (n, units) last, got shape {shape}")
    return own, int(output.shape[1])


def without_start(layer: Layer) -> Layer:
    """A built-in layer, and those inside it, without what they start from."""
    if type(layer) is Dense:
        return replace(layer, weights=initializer("zeros"), biases=initializer("zeros"))
    return with_inner(layer, [*map(without_start, layer.layers)]) if isinstance(layer, NESTED) else layer


def over(layer: Layer, epochs: float) -> Layer:
    """A layer, and those inside it, with schedules over so many epochs where that was left open."""
    if isinstance(layer, Dropout):
        return layer.over(epochs)
    return with_inner(layer, [over(item, epochs) for item in layer.layers]) if isinstance(layer, NESTED) else layer


def structure_of(network: Network) -> Hashable:
    """What a network of built-in parts computes; None for another."""
    parts = [*map(structure_of_layer, network.layers), structure_of_formula(network.loss, losses)]
    return None if None in parts else (*parts, network.l1, network.l2, network.penalty_per_row)


def structure_of_layer(layer: Layer) -> Hashable:
    """What a built-in layer computes; None for another, and for one without units yet."""
    if BUILT_IN.get(type(layer).__name__) is not type(layer):
        return None
    if isinstance(layer, NESTED):
        inside = [*map(structure_of_layer, layer.layers)]
        return None if None in inside else (type(layer).__name__, own_fields(layer), *inside)
    if not isinstance(layer, Dense):
        return repr(layer)
    formula = structure_of_formula(layer.activation, activations)
    return None if formula is None else structure_of_dense(layer, formula)


def structure_of_dense(layer: Dense, formula: Hashable) -> Hashable:
    """What a Dense layer with this activation computes; None for one without units yet."""
    rates = layer.bias_rate, layer.strength_rate
    options = (layer.bias, layer.scaling, layer.strength, *rates, float(layer.strength_penalised))
    return None if layer.units is None else ("Dense", layer.units, *options, formula)


def structure_with_own_formulas(layers: tuple[Layer, ...]) -> Hashable:
    """Equal for layers that make rows of the same sizes: a function of one's own counts as itself; None: not known."""
    found = []
    for layer in layers:
        known = structure_of_layer(layer)
        if known is None and isinstance(layer, NESTED):
            inside = structure_with_own_formulas(layer.layers)
            known = inside and (type(layer).__name__, own_fields(layer), inside)
        if known is None and type(layer) is Dense and isinstance(layer.activation.function, Hashable):
            known = structure_of_dense(layer, (layer.activation.function, options_text(layer.activation.options)))
        found.append(known)
    return None if None in found else tuple(found)


def structure_of_formula(formula: Activation | Loss | None, built_in: ModuleType) -> Hashable:
    """What an activation or a loss computes, if it is a built-in one; otherwise None."""
    if formula is None or vars(built_in).get(formula.name) is not formula.function:
        return None
    if vars(built_in).get(f"{formula.name}_backward") is not formula.derivative:
        return None
    more = (formula.output, formula.reduction, formula.label_smoothing) if isinstance(formula, Loss) else ()
    return (formula.name, options_text(formula.options), *more)


make_loss = loss  # the parameter of `Network` has the same name


def on_scores(layers: tuple[Layer, ...], loss: Loss) -> tuple[Layer, ...]:
    """The layers, a final activation that the loss has inside taken away; ValueError where the two do not fit."""
    last = layers[-1]
    if loss.output == "identity" or not isinstance(last, Dense) or last.activation.name == "identity":
        return layers
    if last.activation.name != loss.output:
        raise ValueError(
            f"loss {loss.name} has {loss.output} inside and takes scores: the last layer's activation must be "
            f"identity or {loss.output}, got {last.activation!r}"
        )
    if last.strength:
        raise ValueError(
            f"loss {loss.name} has {loss.output} inside, which has no strength to be learnt: leave the last layer's out"
        )
    return (*layers[:-1], replace(last, activation=activation("identity")))
