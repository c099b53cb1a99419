"""What a tutorial does, but for the numbers it starts from: hidden layers, sigmoids, all rows at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet.errors import TrainingError
from glassnet.model.train import initialize, train
from glassnet.parts.activations import activation_named
from glassnet.parts.layers import Dense
from glassnet.parts.losses import Loss
from glassnet.parts.network import Network
from glassnet.parts.optimizers import SGD
from glassnet.readings.lottery.learnt import bar_of
from glassnet.readings.lottery.truth import said_in, truth_of_numbers

Start = tuple[np.ndarray, ...]
TOGETHER = 40  # networks trained side by side; more only make W2, which is mostly zeros, larger
LARGEST = TOGETHER * 160  # numbers in it, for the same reason


@dataclass(frozen=True, eq=False, kw_only=True)
class Lesson:
    """A tutorial's data and conventions.

    Attributes
    ----------
    X, y
        Its rows (n, inputs) and targets (n, 1).
    hidden
        Units of each hidden layer.
    activation, output_activation
        Of the hidden layers, and of the last.
    loss
        The loss whose gradient it follows.
    bias
        Whether its layers have biases, which start at zero.
    learning_rate, epochs
        How it trains.
    """

    X: np.ndarray
    y: np.ndarray
    hidden: tuple[int, ...]
    activation: str = "sigmoid"
    output_activation: str = "sigmoid"
    loss: Loss
    bias: bool
    learning_rate: float
    epochs: int

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Of the weights of each layer."""
        return list(pairwise([self.X.shape[1], *self.hidden, 1]))

    def network(self, weights: Sequence[Any], units: Sequence[int] = ()) -> Network:
        """The network whose layers start from these weights; from rules, where the units of each layer are given."""
        units = units or [W.shape[1] for W in weights]
        activations = [*[self.activation] * (len(units) - 1), self.output_activation]
        layers = zip(units, activations, weights, strict=True)
        return Network(
            *(Dense(u, activation_named(f), bias=self.bias, weights=W) for u, f, W in layers), loss=self.loss
        )

    def train(self, *weights: np.ndarray) -> tuple[list[float], np.ndarray]:
        """The loss of each epoch and the outputs (n, columns of the last weights) of the last one, before its update.

        From the second layer on, weights that are exactly zero stay zero.
        """
        y = np.repeat(self.y, weights[-1].shape[1], axis=1)  # (n, networks)
        model = initialize(self.network(weights), self.X, y)
        for k, W in enumerate(weights[1:], start=2):
            if not W.all():
                model.freeze(f"W{k}", W == 0.0)
        sgd = SGD(self.learning_rate)
        if self.epochs > 1:
            train(model, self.X, y, optimizer=sgd, epochs=self.epochs - 1, batch_size=None, progress=False)
        outputs = model.predict(self.X)
        train(model, self.X, y, optimizer=sgd, epochs=1, batch_size=None, progress=False)
        return model.history["loss"], np.asarray(outputs)

    def outputs(self, starts: Iterable[Start], told: Callable[[int], object] = lambda done: None) -> np.ndarray:
        """What each start ends with, (n, starts); NaN where the numbers overflow. `told` hears how many are done."""
        starts = list(starts)
        largest = max((rows * columns for rows, columns in self.shapes[1:]), default=1)
        together = max(1, min(TOGETHER, math.isqrt(LARGEST // largest)))
        found = []
        for low in range(0, len(starts), together):
            found.append(self.side_by_side(starts[low : low + together]))
            told(min(low + together, len(starts)))
        return np.hstack(found)

    def side_by_side(self, starts: list[Start]) -> np.ndarray:
        """What some starts end with, (n, starts). One whose numbers overflow would take the others along."""
        try:
            return self.train(*side_by_side(starts))[1]
        except TrainingError:
            if len(starts) == 1:
                return np.full((len(self.y), 1), np.nan)
            half = len(starts) // 2
            return np.hstack([self.side_by_side(starts[:half]), self.side_by_side(starts[half:])])

    def learned(self, outputs: np.ndarray) -> np.ndarray:
        """For each column of outputs, (n, starts), whether it counts as learnt: every row rounds to its target."""
        truth = truth_of_numbers(self.X, self.y)
        said = said_in(outputs, truth)
        return bar_of(None, truth, said).passed(said.error, np.zeros(len(said.error)))


def side_by_side(starts: list[Start]) -> Start:
    """The weights of many networks as those of one, each with hidden units and an output of its own.

    From the second layer on everything outside a network's block is zero. While it stays so, and the loss is a sum
    over outputs, none of them notices the others, and 40 networks take about as long as two.

    >>> one = np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])
    >>> other = np.array([[5.0]]), np.array([[6.0]])
    >>> print(*side_by_side([one, other]), sep="\\n")
    [[1. 2. 5.]]
    [[3. 0.]
     [4. 0.]
     [0. 6.]]
    """
    first, *others = zip(*starts, strict=True)
    return np.hstack(first), *map(in_blocks, others)  # W1 is (inputs, hidden · networks)


def in_blocks(arrays: tuple[np.ndarray, ...]) -> np.ndarray:
    """Arrays along the diagonal of one that is zero elsewhere."""
    rows, columns = (sum(array.shape[axis] for array in arrays) for axis in (0, 1))
    found = np.zeros((rows, columns))
    row = column = 0
    for array in arrays:
        found[row : row + array.shape[0], column : column + array.shape[1]] = array
        row, column = row + array.shape[0], column + array.shape[1]
    return found
