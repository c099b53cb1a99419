"""What is raced: data, networks, starting weights, and the order of the rows. The works of the race are in float32."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from race.searches import Search, penguins

SEED = 1
DROPPED = 0.2  # of the units, where a work has dropout
MOMENTUM, EPS = 0.9, 1e-5  # of batch norm


@dataclass(frozen=True, eq=False)
class Work:
    """A network to train.

    Attributes
    ----------
    name, what
        How it is called, and what it is in words.
    X, y
        Rows (n, inputs), and labels (n,) or numbers (n, 1).
    sizes
        Inputs, units of each layer.
    hidden
        The activation of all layers but the last: "relu", "tanh" or "sigmoid".
    loss
        "squared" (of a sigmoid at the end), "binary_cross_entropy" or "cross_entropy" (of scores).
    batch_size, epochs
        None: all rows at once, always in the same order.
    adam, rate
        Adam, otherwise plain gradient descent; its learning rate.
    between
        What follows each hidden layer: nothing, "dropout" (of a fifth) or "batch norm".

    X says of which type all numbers are.
    """

    name: str
    what: str
    X: np.ndarray
    y: np.ndarray
    sizes: tuple[int, ...]
    hidden: str
    loss: str
    batch_size: int | None
    epochs: int
    adam: bool = True
    rate: float = 0.001
    between: str = ""

    def __len__(self) -> int:
        return len(self.X)

    @property
    def column(self) -> np.ndarray:
        """The targets as a column of numbers, (n, 1)."""
        return self.y.reshape(-1, 1).astype(self.X.dtype)

    def params(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """W (inputs, units) and b (units,) of each layer: He's start under ReLU, a normal one under sigmoids."""
        rng, params, dtype = np.random.default_rng(0), [], self.X.dtype
        for i, u in zip(self.sizes[:-1], self.sizes[1:], strict=True):
            scale = {"relu": np.sqrt(2 / i), "tanh": np.sqrt(1 / i), "sigmoid": 1.0}[self.hidden]
            params.append(((rng.standard_normal((i, u)) * scale).astype(dtype), np.zeros(u, dtype)))
        return params

    def orders(self) -> Iterator[np.ndarray]:
        """The order of the rows in each epoch, drawn when asked for; `gn.train(..., seed=SEED)` draws the same."""
        rng = np.random.default_rng(SEED)
        return (rng.permutation(len(self)) for _ in range(self.epochs))


def xor() -> Work:
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    y = np.array([[0], [1], [1], [0]], np.float32)
    what = "XOR, 2-4-1, sigmoids, squared loss, gradient descent, 10,000 steps of all four rows"
    return Work("W1", what, X, y, (2, 4, 1), "sigmoid", "squared", None, 10_000, adam=False, rate=0.5)


def digits() -> Work:
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    what = "scikit-learn's digits, 64-64-10, ReLU, cross-entropy, batches of 32, Adam, 20 epochs"
    return Work("W2", what, (X / 16).astype(np.float32), y, (64, 64, 10), "relu", "cross_entropy", 32, 20)


def table() -> Work:
    rng = np.random.default_rng(7)
    X = rng.standard_normal((100_000, 30), dtype=np.float32)
    y = (X[:, 0] + X[:, 1] * X[:, 2] + 0.5 * rng.standard_normal(len(X)) > 0).astype(np.int64)
    what = "100,000 rows, 30-128-64-1, ReLU, logistic loss, batches of 256, Adam, 3 epochs"
    return Work("W3", what, X, y, (30, 128, 64, 1), "relu", "binary_cross_entropy", 256, 3)


def pictures() -> Work:
    """As large as MNIST."""
    rng = np.random.default_rng(7)
    X = rng.standard_normal((60_000, 784), dtype=np.float32)
    what = "60,000 rows, 784-512-512-10, ReLU, cross-entropy, batches of 128, Adam, 1 epoch"
    return Work("W4", what, X, X[:, :10].argmax(axis=1), (784, 512, 512, 10), "relu", "cross_entropy", 128, 1)


def rows_of_table(n: int) -> Work:
    """The first rows of W3's table, to be predicted by its network."""
    whole = table()
    what = f"predict {n:,} row{'s' * (n > 1)}, 30-128-64-1"
    sizes, hidden, loss = whole.sizes, whole.hidden, whole.loss
    return Work("W5", what, whole.X[:n].copy(), whole.y[:n].copy(), sizes, hidden, loss, None, 1)


def many_seeds() -> Work:
    whole = xor()
    what = f"W1 from 200 seeds, {whole.epochs:,} steps each"
    return Work("W6", what, whole.X, whole.y, whole.sizes, "sigmoid", "squared", None, whole.epochs, False, whole.rate)


SEEDS = range(200)
WORKS: dict[str, Callable[[], Work | Search]] = {
    "W1": xor,
    "W2": digits,
    "W3": table,
    "W4": pictures,
    "W5, one row": partial(rows_of_table, 1),
    "W5, 10,000 rows": partial(rows_of_table, 10_000),
    "W6": many_seeds,
    "W6b": penguins,
}
