"""A model with starting weights, for a target whose kind is known."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.data.given import Data
from glassnet.engines.memory import Memory
from glassnet.parts.layers import Dense
from glassnet.parts.losses import Loss
from glassnet.parts.network import Network
from glassnet.training.contract import classes_of
from glassnet.training.freezing import freeze
from glassnet.training.needs import check_training
from glassnet.training.recipes.parts import differs, of_kind
from glassnet.training.recipes.recipe import Recipe
from glassnet.training.settings import Settings
from glassnet.training.state import State

if TYPE_CHECKING:
    from glassnet.data.tables import DataContract

Seed = int | np.random.Generator | None


def loss_of(network: Network | State | Recipe, data: Data, kind: str | None) -> Loss | None:
    """The loss; that of a recipe may differ for classes and for a number."""
    if isinstance(network, Recipe):
        if kind is None and differs(network.loss):
            kind = "number" if data.labels(None) is None else "classes"
        found: Loss | None = of_kind(network.loss, kind or "")
        return found
    return network.network.loss if isinstance(network, State) else network.loss


def new_model(
    network: Network,
    contract: ArrayContract | DataContract,
    rng: np.random.Generator,
    dtype: Any,
    *,
    is_found: bool = False,
    planned: Settings | None = None,
    rows: int = 0,
    others: int = 0,
) -> State:
    """A model with starting weights; errors as `fitted` and, for how its training is planned, `check_training` have."""
    network = fitted(network, contract, is_found=is_found)
    if planned is not None:
        check_training(network, contract.n_inputs, dtype, planned, rows=rows, others=others)
    memory = Memory.of(network, contract.n_inputs, dtype)
    memory.initialize(network, contract.n_inputs, rng)
    return State(network, contract, memory, rng)


def plan_by(recipe: Recipe, contract: ArrayContract | DataContract, *, rows: int, held_out: bool) -> Settings:
    """How a recipe trains a network on so many rows, if nothing else is said."""
    kind = "number" if classes_of(contract) is None else "classes"
    return recipe.settings(kind, rows=rows, held_out=held_out)


def fitted(network: Network, contract: ArrayContract | DataContract, *, is_found: bool) -> Network:
    """The network for a target; ValueError where network and target, whose kind may be found, do not fit."""
    classes, n_outputs = classes_of(contract), contract.n_outputs
    last = network.layers[-1]
    ends_in = last.activation.name if isinstance(last, Dense) else ""
    two = classes is not None and n_outputs == 2
    one = ends_in == "sigmoid" or (isinstance(last, Dense) and last.units == 1)
    default = "squared" if classes is None else "binary_cross_entropy" if two and one else "cross_entropy"
    loss = network.loss.name if network.loss else default
    if two and loss == "binary_cross_entropy" and isinstance(last, Dense) and last.units is None:
        n_outputs = 1  # the probability of the second class
    if ends_in in BOUNDED and loss != "binary_cross_entropy" and scales(contract):
        raise ValueError(
            f"the target is a number, learnt as (y - mean) / spread, which a last layer with {ends_in} cannot reach: "
            "leave its activation out, Dense(), or take the numbers as they are, scale=False"
        )
    doubt = ""
    if classes and is_found and not isinstance(classes[0], str | bool):
        doubt = '; if the target is a number, say so: kind="number"'
    try:
        network = network.resolved(n_outputs, default)
    except ValueError as error:
        raise ValueError(f"{error}{doubt}") from None
    width = network.n_outputs(contract.n_inputs)
    if width != n_outputs and not (classes and len(classes) == 2 and width == 1):
        needs = f"{n_outputs} outputs, one for each class" if classes else f"{n_outputs} output(s), as y has columns"
        hint = doubt if classes else "; if y holds classes, say so: loss='cross_entropy'"
        raise ValueError(f"the target needs {needs}; the last layer has {width}. Leave its units out: Dense(){hint}")
    if network.loss and network.loss.name == "cross_entropy" and width == 1:
        raise ValueError("cross_entropy needs an output for each class; for one output use binary_cross_entropy")
    return network


BOUNDED = ("sigmoid", "tanh", "softmax", "softsign")


def scales(contract: ArrayContract | DataContract) -> bool:
    """Whether the target is a column of numbers that are scaled."""
    if isinstance(contract, ArrayContract) or classes_of(contract) is not None:
        return False
    return bool(contract.target.to_json()["scale"] != 1.0)


def freeze_as(recipe: Recipe, model: State) -> None:
    """Freeze what the recipe does not learn."""
    if recipe.learns == "biases":
        for name in model.memory.layout.shapes:
            if not name.startswith("b"):
                freeze(model, name)


def number_of(seed: Seed) -> int | None:
    """The seed, if it is a number."""
    return int(seed) if isinstance(seed, (int, np.integer)) else None


def generator(seed: Seed, name: str = "seed") -> np.random.Generator:
    """The random numbers of a seed; ValueError, by its name, for what is none."""
    with suppress(TypeError, ValueError):
        if not isinstance(seed, bool | np.bool_):  # which count as 0 and 1, and surely were meant otherwise
            return np.random.default_rng(seed)
    allowed = "a whole number >= 0, a numpy.random.Generator or None"
    raise ValueError(f"{name} must be {allowed}, got {seed!r:.60}")


def dtype_of(asked: Any, X: Any) -> np.dtype[Any]:
    """What was asked for; otherwise float32 for an array of float32, float64 for everything else."""
    if asked is None:
        asked = np.float32 if getattr(X, "dtype", None) == np.float32 else np.float64
    for allowed in (np.dtype(np.float32), np.dtype(np.float64)):
        if isinstance(asked, str | type | np.dtype) and asked in (allowed.name, allowed.type, allowed):
            return allowed
    raise ValueError(f"dtype must be float32 or float64, got {asked!r:.60}")
