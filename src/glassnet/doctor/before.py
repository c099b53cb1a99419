"""What is refused before a training: a network that says the same whatever it learns."""

from __future__ import annotations

from glassnet.parts.layers import Dense
from glassnet.parts.network import Network


def check_meant(network: Network) -> None:
    """ValueError for a network that always says 1.

    >>> check_meant(Network(Dense(1, "softmax")))
    Traceback (most recent call last):
    ...
    ValueError: Dense(1, 'softmax') at the end always says 1: take sigmoid, or a unit for each class
    """
    last = network.layers[-1]
    if isinstance(last, Dense) and last.activation.name == "softmax" and last.units == 1:
        raise ValueError("Dense(1, 'softmax') at the end always says 1: take sigmoid, or a unit for each class")
