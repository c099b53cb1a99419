"""What is usual: the learning rates that rules take, and the numbers that a last layer can say."""

from __future__ import annotations

import math

ADAPTIVE = (0.01, 0.003, 0.03, 0.001)  # learning rates of Adam and its kin, those first that do most often
PLAIN = (0.1, 0.03, 0.01, 0.3)  # of plain descent
RATES = {
    "sgd": PLAIN,
    "momentum": (0.03, 0.01, 0.003, 0.1),
    "nesterov": (0.03, 0.01, 0.003, 0.1),
    "adagrad": (0.1, 0.03, 0.01, 0.3),
    "adadelta": (1.0, 0.3, 3.0, 10.0),
    "rprop": (0.01, 0.1, 0.001),
}
RANGES = {  # of activations; others say any number
    "sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "relu": (0.0, math.inf),
    "softplus": (0.0, math.inf),
    "exponential": (0.0, math.inf),
}


def rates(rule: str) -> tuple[float, ...]:
    """The learning rates that an optimizer usually takes."""
    return RATES.get(rule, ADAPTIVE)


def reach(activation: str) -> tuple[float, float]:
    """The smallest and the largest number that an activation says."""
    return RANGES.get(activation, (-math.inf, math.inf))
