"""Changes in words: short, and true of what was changed."""

from typing import Any

import pytest

import glassnet as gn
from glassnet.doctor.asked import case_of_network
from glassnet.doctor.changes import CHANGES
from glassnet.doctor.wording import change_in_words

from .cases import network, rings

X, y = rings(60)
WORDS: dict[str, tuple[gn.Network, Any, str]] = {
    "too many layers": (network(5, 5, 5, 5), y, "2 hidden layers"),
    "too few units": (network(3, 17), y, "at least 16 units in each hidden layer"),
    "hidden activation": (network(5, 5, activation="sigmoid"), y, "relu in the hidden layers"),
    "no nonlinearity": (gn.Network(gn.Dense()), y, "a hidden layer of 16 units with relu"),
    "output activation": (
        gn.Network(gn.Dense(5, "tanh"), gn.Dense(1, "relu"), loss="squared"),
        2.5 * X[:, 0],
        "no activation in the last layer",
    ),
    "loss": (
        gn.Network(gn.Dense(5, "tanh"), gn.Dense(1, "sigmoid"), loss="squared"),
        1.0 * y,
        "loss='binary_cross_entropy', no activation in the last layer",
    ),
}


@pytest.mark.parametrize("cause", WORDS)
def test_what_to_do_about_layers_is_said_in_a_few_words(cause: str) -> None:
    net, target, words = WORDS[cause]
    before = case_of_network(net, X, target, {})
    change = next(one for one in CHANGES if one.cause == cause)
    assert change_in_words(change, before, change.cases(before)[0]) == words


def test_layers_without_an_activation_are_given_one() -> None:
    before = case_of_network(network(5, activation="identity"), X, y, {})
    change = next(one for one in CHANGES if one.cause == "no nonlinearity")
    assert change_in_words(change, before, change.cases(before)[0]) == "relu in the hidden layers"
