"""A network: layers one after the other, and the loss they are trained to make small. It holds no numbers.

    >>> from glassnet.parts.layers import Dense
    >>> network = Network(Dense(4, "tanh"), Dense(1), loss="squared")
    >>> network.layout(2).shapes
    {'W1': (2, 4), 'b1': (4,), 'W2': (4, 1), 'b2': (1,)}

The arrays of layer k are called by their name in the layer and k: `W1` belongs to the first layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, fields, replace
from types import ModuleType
from typing import Any, cast

import numpy as np

from glassnet.expressions.expression import Expression, symbol
from glassnet.formulas import activations, losses
from glassnet.parts.activations import Activation
from glassnet.parts.layers import BUILT_IN, Dense, Layer, Mode, Parameter, namespace
from glassnet.parts.losses import Loss, loss
from glassnet.parts.naming import FROM_0, check_number, is_stem
from glassnet.parts.parameters import Layout


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
        Penalties added to the loss: l1·Σ|w| + ½·l2·Σw², over weights, not biases.
    penalty_per_row
        Whether the penalties are divided by what the loss is: the number of rows in the batch, or the sum of their
        weights. scikit-learn's alpha is. PyTorch's and Keras' weight penalties are not.
    """

    layers: tuple[Layer, ...]
    loss: Loss | None
    l1: float = 0.0
    l2: float = 0.0
    penalty_per_row: bool = False

    def __init__(
        self,
        *layers: Layer,
        loss: str | Callable[..., Any] | Loss | None = None,
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

    def resolved(self, n_outputs: int, default_loss: str) -> Network:
        """The network with what was left to the target filled in: the last layer's units, the loss."""
        last = self.layers[-1]
        if self.loss and not (isinstance(last, Dense) and last.units is None):
            return self
        known = self._remembered("resolved")
        if (n_outputs, default_loss) not in known:
            if isinstance(last, Dense) and last.units is None:
                last = replace(last, units=n_outputs)
            filled = self.with_layers(*self.layers[:-1], last, loss=self.loss or default_loss)
            known[n_outputs, default_loss] = filled
        found: Network = known[n_outputs, default_loss]
        return found

    def _remembered(self, what: str) -> dict[Any, Any]:
        """What was worked out before; nothing, where a layer of one's own may have changed since."""
        built_in = all(BUILT_IN.get(type(layer).__name__) is type(layer) for layer in self.layers)
        known: dict[Any, Any] = self.__dict__.setdefault(f"_{what}", {}) if built_in else {}
        return known

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if not name.startswith("_")}

    def arrays(self, n_inputs: int) -> dict[str, Parameter]:
        """Every array of every layer, by name and number, for rows of `n_inputs` numbers."""
        return dict(self._walk(n_inputs)[0])

    def n_outputs(self, n_inputs: int) -> int:
        """How many scores a row of `n_inputs` numbers gives."""
        return self._walk(n_inputs)[1]

    def layout(self, n_inputs: int, *, learnt: bool = True) -> Layout:
        """How the learnt arrays (or the others) lie in one vector."""
        return Layout({name: item.shape for name, item in self.arrays(n_inputs).items() if item.learnt is learnt})

    def _walk(self, n_inputs: int) -> tuple[list[tuple[str, Parameter]], int]:
        """The arrays of all layers and the number of outputs; worked out once for each number of inputs."""
        known = self._remembered("walked")
        if n_inputs not in known:
            known[n_inputs] = self._trace(n_inputs)
        found: tuple[list[tuple[str, Parameter]], int] = known[n_inputs]
        return found

    def _trace(self, n_inputs: int) -> tuple[list[tuple[str, Parameter]], int]:
        if not isinstance(n_inputs, (int, np.integer)) or n_inputs < 1:
            raise ValueError(f"a network needs at least one input column, got {n_inputs!r}")
        found: list[tuple[str, Parameter]] = []
        width = int(n_inputs)
        for k, layer in enumerate(self.layers, start=1):
            own = layer.parameters(width)
            for name, item in own.items():
                if not isinstance(item, Parameter):
                    raise TypeError(
                        f"layer {k}: parameter {name!r} must be a Parameter(shape, initial), got {item!r:.60}"
                    )
                if not is_stem(name):
                    raise ValueError(f"layer {k}: a parameter's name must be letters, got {name!r}")
            found += [(f"{name}{k}", item) for name, item in own.items()]
            p = namespace({name: symbol(name, item.shape) for name, item in own.items()})
            values = layer.forward(p, symbol("x", ("n", width)), Mode(training=False))
            if not isinstance(values, dict) or not values:
                raise TypeError(f"layer {k}: forward must give its values by name, {{'y': ...}}, got {values!r:.60}")
            output = list(values.values())[-1]
            if not isinstance(output, Expression) or output.ndim != 2 or output.shape[0] != "n":
                shape = getattr(output, "shape", None)
                raise ValueError(
                    f"layer {k}, {layer!r}: forward must give its output (n, units) last, got shape {shape}"
                )
            width = int(output.shape[1])
        return found, width

    def structure(self) -> Hashable:
        """Equal for networks that compute the same from the same numbers; None where that cannot be known.

        What layers start from does not count. A function or a layer of one's own may change what it does.
        """
        parts = [*map(structure_of_layer, self.layers), structure_of_formula(self.loss, losses)]
        return None if None in parts else (*parts, self.l1, self.l2, self.penalty_per_row)

    def without_start(self) -> Network:
        """The same network, forgetting what built-in layers start from."""
        layers = [
            replace(item, weights="zeros", biases="zeros") if type(item) is Dense else item for item in self.layers
        ]
        return self.with_layers(*layers)

    def with_layers(self, *layers: Layer, loss: str | Loss | None = None) -> Network:
        """The same loss (if none is given) and penalties with other layers."""
        return Network(*layers, loss=loss or self.loss, l1=self.l1, l2=self.l2, penalty_per_row=self.penalty_per_row)

    def __repr__(self) -> str:
        inner = [repr(layer) for layer in self.layers]
        inner += [f"loss={self.loss!r}"] if self.loss else []
        inner += [f"{name}={getattr(self, name)!r}" for name in ("l1", "l2", "penalty_per_row") if getattr(self, name)]
        return f"Network({', '.join(inner)})"

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)


def structure_of_layer(layer: Layer) -> Hashable:
    """What a built-in layer computes; None for another."""
    if BUILT_IN.get(type(layer).__name__) is not type(layer):
        return None
    values = {item.name: getattr(layer, item.name) for item in fields(cast("Any", layer))}
    if isinstance(layer, Dense):
        values = {
            **values,
            "weights": "",
            "biases": "",
            "activation": structure_of_formula(layer.activation, activations),
        }
    return None if None in values.values() else (type(layer).__name__, *values.values())


def structure_of_formula(formula: Activation | Loss | None, built_in: ModuleType) -> Hashable:
    """What an activation or a loss computes, if it is a built-in one; otherwise None."""
    if formula is None or vars(built_in).get(formula.name) is not formula.function:
        return None
    if vars(built_in).get(f"{formula.name}_backward") is not formula.derivative:
        return None
    more = (formula.output, formula.reduction) if isinstance(formula, Loss) else ()
    return (formula.name, *sorted(formula.options.items()), *more)


def check_layer(layer: Any) -> None:
    """TypeError for what is no layer."""
    if isinstance(layer, (list, tuple)):
        raise TypeError("layers go in one after the other, not in a list: Network(*layers)")
    if isinstance(layer, type):
        raise TypeError(f"a layer must be an object, got the class {layer.__name__}: write {layer.__name__}()")
    missing = [name for name in ("parameters", "forward", "backward") if not hasattr(layer, name)]
    if missing:
        raise TypeError(f"a layer must have parameters, forward and backward; {layer!r:.60} has no {missing[0]}")


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
    return (*layers[:-1], replace(last, activation="identity"))
