"""What a contract of data means for a network: targets as it takes them, and its outputs as people see them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.errors import DataError
from glassnet.parts.activations import activation
from glassnet.parts.average import Average
from glassnet.parts.layers import Dense
from glassnet.parts.network import Network
from glassnet.parts.tempered import Tempered

if TYPE_CHECKING:
    from glassnet.data.tables import DataContract


def output_name(network: Network) -> str:
    """The activation that gives the predictions: the last layer's, or the one that the loss has inside."""
    last = network.layers[-1]
    inside = network.loss.output if network.loss else "identity"
    if isinstance(last, (Average, Tempered)) and last.output != "identity":
        return last.output
    if inside != "identity" or not isinstance(last, Dense):
        return inside
    return str(last.activation.name)


def with_scores(network: Network) -> Network:
    """The network that gives scores where this one gives predictions."""
    last = network.layers[-1]
    if isinstance(last, Dense) and (network.loss is None or network.loss.output == "identity"):
        last = replace(last, activation=activation("identity"), strength=False)
    if isinstance(last, Average):  # of several networks the mean of their scores
        last = Average(last.members)
    loss = None if network.loss is None else replace(network.loss, output="identity")
    return network.with_layers(*network.layers[:-1], last, loss=loss)


def with_temperature(network: Network, temperature: float) -> Network:
    """The network whose probabilities are softer or sharper: one more layer, of scores where the loss has these."""
    inside = network.loss.output if network.loss else "identity"
    output = "identity" if inside != "identity" else output_name(network)
    return network.with_layers(*network.layers, Tempered(temperature, output))


def classes_of(contract: ArrayContract | DataContract) -> tuple[Any, ...] | None:
    """The labels that a contract knows; None for numbers."""
    if isinstance(contract, ArrayContract):
        return contract.classes
    classes: tuple[Any, ...] | None = getattr(contract.target, "classes", None)
    return classes


def as_network(encoded: np.ndarray, n_outputs: int, dtype: np.dtype[Any]) -> np.ndarray:
    """Targets in the network's dtype; two classes in one column, where the network has one output."""
    columns = encoded[:, 1:] if n_outputs == 1 and encoded.shape[1] == 2 else encoded
    return in_dtype(columns, dtype, "y")


def in_dtype(array: np.ndarray, dtype: np.dtype[Any], name: str) -> np.ndarray:
    """A contiguous array of the dtype; DataError where a number does not fit into it."""
    with np.errstate(over="ignore"):
        converted = np.ascontiguousarray(array, dtype=dtype)
    if converted.dtype != array.dtype and not np.isfinite(converted).all():
        raise DataError(f"{name} holds numbers too large for {dtype}; scale them, or train in float64")
    return converted


ONE = np.array(1.0, np.float32)  # with an array NumPy is faster than with a number; float64 stays float64


def as_contract(p: np.ndarray, contract: ArrayContract | DataContract) -> np.ndarray:
    """The other way: one probability as those of two classes."""
    return np.concatenate((ONE - p, p), axis=1) if p.shape[1] == 1 and contract.n_outputs == 2 else p
