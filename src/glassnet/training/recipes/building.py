"""The network that a recipe builds: what each input goes through, the hidden layers, the last layer.

Which inputs are quantities, and which belong to a column of many words, the data contract knows
(`DataContract.groups`). Of an array all columns are quantities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glassnet.data.tables.contract import DataContract
from glassnet.parts.layers import Dense, Dropout, Layer
from glassnet.parts.nested import Beside, Columns
from glassnet.parts.network import Network

if TYPE_CHECKING:
    from glassnet.data.arrays import ArrayContract


def build(recipe: Any, contract: ArrayContract | DataContract, kind: str) -> Network:
    """The network of a recipe in which every part has one value, for a target of this kind.

    Raises
    ------
    ValueError
        The loss is for another kind of target.
    """
    of_all = {name: getattr(recipe, name) for name in ("bias", "weights", "biases", "scaling", "bias_rate")}
    layers = [*first_layers(recipe, contract)]
    for units in recipe.hidden:
        how = {name: getattr(recipe, name) for name in ("strength", "strength_rate", "strength_penalised")}
        layers.append(Dense(units, recipe.activation, **how, **of_all))
        layers += [Dropout(recipe.dropout)] if recipe.dropout else []
    loss, last = recipe.loss, recipe.output_activation
    if kind == "classes" and loss is not None and loss.output == "exponential":
        raise ValueError(
            f'loss {loss.name} is for counts, but the target is classes; leave it out, or say kind="number"'
        )
    if last is None:  # what a loss for numbers is given of classes are their probabilities
        last = "softmax" if kind == "classes" and loss is not None and loss.output == "identity" else "identity"
    one = loss is not None and loss.name == "binary_cross_entropy"
    return Network(*layers, Dense(1 if one else None, last, **of_all), loss=loss, l2=recipe.l2)


def first_layers(recipe: Any, contract: ArrayContract | DataContract) -> list[Layer]:
    """What inputs go through before the hidden layers."""
    groups = contract.groups if isinstance(contract, DataContract) else ()
    quantities = [k for group in groups for k in group.numbers] if groups else [*range(contract.n_inputs)]
    ways = [Columns(quantities, recipe.numbers)] if recipe.numbers is not None and quantities else []
    if recipe.categories is not None:
        ways += [Columns(group.inputs, recipe.categories) for group in groups if group.embed]
    layers: list[Layer] = [Beside(*ways)] if ways else []
    if len(ways) == 1 and len(ways[0].columns) == contract.n_inputs:
        layers = [*ways[0].layers]
    return layers if recipe.front is None else [*layers, recipe.front]
