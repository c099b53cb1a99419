"""From the parameters of an estimator to glassnet's: layers, loss, optimizer, and the weights they start from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np

from glassnet.engines.memory import Memory
from glassnet.parts.activations import NAMES, Activation, activation_named
from glassnet.parts.activations import activation as make_activation
from glassnet.parts.layers import BatchNorm, Dense, Dropout, Layer, LayerNorm
from glassnet.parts.losses import NAMES as LOSS_NAMES
from glassnet.parts.losses import Loss, loss, loss_named
from glassnet.parts.naming import FROM_0, check_number, find
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer, optimizer
from glassnet.parts.schedules import Schedule
from glassnet.sklearn.parameters import Parameters

ACTIVATIONS = {"logistic": "sigmoid"}  # scikit-learn's names, where glassnet has another
OUT_ACTIVATIONS = {"sigmoid": "logistic", "exponential": "exp"}  # and the other way
NORMALIZATIONS: dict[str, Callable[[], Layer]] = {"batch": BatchNorm, "layer": LayerNorm}
LOSSES = {
    "squared_error": loss("squared", half=True, reduction="batchmean"),
    "poisson": loss("poisson", deviance=True, reduction="batchmean"),
    "absolute_error": loss("absolute", reduction="batchmean"),
    "huber": loss("huber", reduction="batchmean"),
    "quantile": loss("quantile", reduction="batchmean"),
}


def for_each_layer(value: Any, hidden: int, name: str) -> list[Any]:
    """One value for each hidden layer: a list has them already."""
    if isinstance(value, (list, tuple)):
        if len(value) != hidden:
            raise ValueError(f"{name} must be one value, or one for each hidden layer, {hidden}, got {len(value)}")
        return list(value)
    return [value] * hidden


def activations_of(value: Any, hidden: int) -> list[Activation]:
    """The activation of each hidden layer."""
    return [make_one(item) for item in for_each_layer(value, hidden, "activation")]


def make_one(item: Any) -> Activation:
    """An activation by either library's name, or one's own."""
    if isinstance(item, str):
        name = find(item, {*ACTIVATIONS, *NAMES}, "activation")
        return activation_named(ACTIVATIONS.get(name, name))
    if not callable(item):
        raise ValueError(f"activation must be a name, a gn.activation(...) or a function, got {item!r:.60}")
    return make_activation(item)


def hidden_sizes(asked: Any) -> list[int]:
    """The units of each hidden layer."""
    sizes = list(asked) if hasattr(asked, "__iter__") else [asked]
    if any(not isinstance(size, Integral) for size in sizes):
        raise ValueError(f"hidden_layer_sizes must be whole numbers, got {sizes}.")
    if any(size <= 0 for size in sizes):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
    return [int(size) for size in sizes]


def hidden_layers(parameters: Parameters) -> list[Layer]:
    """The hidden layers: scores and activation, normalized if asked for, then dropout."""
    layers: list[Layer] = []
    sizes = hidden_sizes(parameters.hidden_layer_sizes)
    functions = activations_of(parameters.activation, len(sizes))
    rates = for_each_layer(parameters.dropout, len(sizes), "dropout")
    norms = for_each_layer(parameters.normalization, len(sizes), "normalization")
    for size, function, rate, norm in zip(sizes, functions, rates, norms, strict=True):
        check_number("dropout", rate, FROM_0, 1)
        layers.append(Dense(int(size), function))
        if norm is not None:
            layers.append(NORMALIZATIONS[find(norm, NORMALIZATIONS, "normalization")]())
        if rate:
            layers.append(Dropout(float(rate)))
    return layers


def classifier_loss(asked: Any, output: str) -> tuple[Loss, str]:
    """The loss for classes, and the activation that the last layer then needs itself.

    `output` is the activation that gives probabilities, "softmax" or "sigmoid". A loss that does not have it inside
    works on the probabilities.
    """
    if asked == "log_loss":
        name = "cross_entropy" if output == "softmax" else "binary_cross_entropy"
        return loss_named(name, reduction="batchmean"), "identity"
    if isinstance(asked, str):
        asked = find(asked, {"log_loss", *LOSS_NAMES}, "loss")
    found = loss(asked)
    if found.output not in ("identity", output):
        raise ValueError(
            f"loss {found.name} has {found.output} inside, but these classes need {output}: use "
            f"gn.loss(..., output={output!r}), or a loss of the probabilities"
        )
    return found, output if found.output == "identity" else "identity"


def regressor_loss(asked: Any) -> Loss:
    """The loss for numbers."""
    if isinstance(asked, str):
        asked = find(asked, {*LOSSES, *LOSS_NAMES}, "loss")
    return LOSSES[asked] if isinstance(asked, str) and asked in LOSSES else loss(asked)


def policy_of(parameters: Parameters) -> str:
    """How the learning rate changes from epoch to epoch, unless by a schedule; with adam never, as in scikit-learn."""
    own = isinstance(parameters.solver, Optimizer) or isinstance(parameters.learning_rate, Schedule)
    return "constant" if own or parameters.solver == "adam" else str(parameters.learning_rate)


def make_optimizer(parameters: Parameters) -> Optimizer:
    """The optimizer of an estimator's parameters; its learning rate is None where it is set from epoch to epoch."""
    solver, policy = parameters.solver, parameters.learning_rate
    rate: float | Schedule | None = float(parameters.learning_rate_init)
    if isinstance(policy, Schedule):
        rate = policy
    elif policy_of(parameters) != "constant":
        rate = None
    if isinstance(solver, Optimizer):
        chosen = solver
        if isinstance(policy, Schedule):
            chosen = replace(solver, learning_rate=policy)
    elif solver == "sgd":
        m = {"momentum": float(parameters.momentum)}
        name = "nesterov" if parameters.nesterovs_momentum else "momentum"
        chosen = (
            Optimizer(name=name, learning_rate=rate, options=m)
            if m["momentum"]
            else Optimizer(name="sgd", learning_rate=rate)
        )
    elif solver == "adam":
        numbers = {"beta1": parameters.beta_1, "beta2": parameters.beta_2, "eps": parameters.epsilon}
        chosen = Optimizer(
            name="adam_hat", learning_rate=rate, options={name: float(value) for name, value in numbers.items()}
        )
    else:
        chosen = replace(optimizer(solver), learning_rate=rate)
    clips = {"clip_norm": parameters.clip_norm, "clip_value": parameters.clip_value}
    asked: dict[str, Any] = {name: float(value) for name, value in clips.items() if value is not None}
    return replace(chosen, **asked)


def draw_start(
    network: Network, memory: Memory, n_inputs: int, random_state: np.random.RandomState, activation: Any
) -> None:
    """Fill the memory of a network: weights and biases as scikit-learn draws them, the rest as the layers say.

    Weights (inputs, units), then biases (units,), layer by layer, each uniform between ±√(6/(inputs + units)), with
    a logistic activation ±√(2/(inputs + units)); the last layer counts as having the activation of the one before it.
    """
    memory.initialize(network.without_start(), n_inputs, np.random.default_rng(0))  # draws nothing
    hidden = sum(isinstance(layer, Dense) for layer in network.layers) - 1
    names = [item.name for item in activations_of(activation, hidden)] or ["identity"]
    if not hidden and isinstance(activation, str):
        names = [make_one(activation).name]
    for name, shape in memory.layout.shapes.items():
        if name[0] not in "Wb" or not name[1:].isdecimal():
            continue
        if name[0] == "W":
            function = names.pop(0) if len(names) > 1 else names[0]
            bound = np.sqrt((2.0 if function == "sigmoid" else 6.0) / sum(shape))
        memory.layout.write(memory.theta, name, random_state.uniform(-bound, bound, shape))
