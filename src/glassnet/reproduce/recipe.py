"""What a tutorial does, but for the numbers it starts from: one hidden layer, sigmoids, all rows at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from glassnet.model.train import initialize, train
from glassnet.parts.layers import Dense
from glassnet.parts.losses import Loss
from glassnet.parts.network import Network
from glassnet.parts.optimizers import SGD

Start = tuple[np.ndarray, np.ndarray]
TOGETHER = 40  # networks trained side by side; more only make W2, which is mostly zeros, larger


@dataclass(frozen=True, eq=False, kw_only=True)
class Recipe:
    """A tutorial's data and conventions.

    Attributes
    ----------
    X, y
        Its rows (n, inputs) and targets (n, 1).
    loss
        The loss whose gradient it follows.
    bias
        Whether its layers have biases, which start at zero.
    learning_rate, epochs
        How it trains.
    """

    X: np.ndarray
    y: np.ndarray
    loss: Loss
    bias: bool
    learning_rate: float
    epochs: int

    def train(self, W1: np.ndarray, W2: np.ndarray) -> tuple[list[float], np.ndarray]:
        """The loss of each epoch and the outputs (n, columns of W2) of the last one, before its update.

        Weights of W2 that are exactly zero stay zero.
        """
        y = np.repeat(self.y, W2.shape[1], axis=1)  # (n, networks)
        hidden = Dense(W1.shape[1], "sigmoid", bias=self.bias, weights=W1)
        output = Dense(W2.shape[1], "sigmoid", bias=self.bias, weights=W2)
        model = initialize(Network(hidden, output, loss=self.loss), self.X, y)
        if not W2.all():
            model.freeze("W2", W2 == 0.0)
        sgd = SGD(self.learning_rate)
        train(model, self.X, y, optimizer=sgd, epochs=self.epochs - 1, batch_size=None, progress=False)
        outputs = model.predict(self.X)
        train(model, self.X, y, epochs=1, batch_size=None, progress=False)
        return model.history["loss"], np.asarray(outputs)

    def outputs(self, starts: Iterable[Start]) -> np.ndarray:
        """What each start ends with, (n, starts)."""
        starts = list(starts)
        groups = [starts[low : low + TOGETHER] for low in range(0, len(starts), TOGETHER)]
        return np.hstack([self.train(*side_by_side(group))[1] for group in groups])

    def learned(self, outputs: np.ndarray) -> np.ndarray:
        """For each column of outputs, whether every row rounds to its target."""
        return np.asarray((outputs.round() == self.y).all(axis=0))


def side_by_side(starts: list[Start]) -> Start:
    """The weights of many networks as those of one, each with hidden units and an output of its own.

    In W2 everything outside a network's block is zero. While it stays so, and the loss is a sum over outputs,
    none of them notices the others, and 40 networks take about as long as two.

    >>> one = np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])
    >>> other = np.array([[5.0]]), np.array([[6.0]])
    >>> print(*side_by_side([one, other]), sep="\\n")
    [[1. 2. 5.]]
    [[3. 0.]
     [4. 0.]
     [0. 6.]]
    """
    W1 = np.hstack([own for own, _ in starts])  # (inputs, hidden · networks)
    W2 = np.zeros((W1.shape[1], len(starts)))
    row = 0
    for k, (_, own) in enumerate(starts):
        W2[row : row + len(own), k] = own[:, 0]
        row += len(own)
    return W1, W2
