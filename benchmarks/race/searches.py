"""W6b: a thousand networks of one shape that differ in learning rate, rows, starting weights and orders of their rows.

It is what a cautious person does to choose a learning rate: 20 of them, on five folds, from ten seeds each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

SPECIES = "species"
PART = 2, 2  # learning rates and seeds of which slow contestants do all folds; the rest is multiplied


@dataclass(frozen=True, eq=False, kw_only=True)
class Search:
    """Networks to train, with Adam and cross-entropy: one for each learning rate, fold and seed.

    Attributes
    ----------
    what
        In words.
    X, y
        Rows (n, inputs), and labels (n,).
    sizes
        Inputs, units of each layer; ReLU between.
    rates, seeds
        Learning rates; seeds, which draw starting weights and the orders of the rows.
    folds
        Rows to train on, and rows held out.
    batch_size, epochs
        For all of them.
    """

    what: str
    X: np.ndarray
    y: np.ndarray
    sizes: tuple[int, ...]
    rates: tuple[float, ...]
    seeds: tuple[int, ...]
    folds: tuple[tuple[np.ndarray, np.ndarray], ...]
    batch_size: int
    epochs: int

    def __len__(self) -> int:
        return len(self.rates) * len(self.folds) * len(self.seeds)

    def runs(self) -> Iterator[tuple[float, np.ndarray, int]]:
        """The learning rate, rows and seed of each run."""
        return ((rate, rows, seed) for rate in self.rates for rows, _ in self.folds for seed in self.seeds)

    def begin(self, seed: int, n: int) -> tuple[list[tuple[np.ndarray, np.ndarray]], np.ndarray]:
        """A seed's starting weights, and its orders (epochs, n) of n rows, drawn as `gn.train` draws them."""
        rng, params = np.random.default_rng(seed), []
        for i, u in zip(self.sizes[:-1], self.sizes[1:], strict=True):
            limit = np.sqrt(6 / (i + u))  # Glorot and Bengio (2010)
            params.append((rng.uniform(-limit, limit, (i, u)).astype(np.float32), np.zeros(u, np.float32)))
        return params, np.stack([rng.permutation(n) for _ in range(self.epochs)])


def penguins() -> Search:
    """The columns that `glassnet train penguins` makes of the table, in float32."""
    import warnings

    import glassnet as gn

    warnings.simplefilter("ignore")  # remarks on missing values
    table = gn.datasets.penguins()
    model = gn.initialize(gn.Network(gn.Dense(16, "relu"), gn.Dense()), table, target=SPECIES)
    X = np.ascontiguousarray(model.encode(table), np.float32)
    species = np.array([str(word) for word in table.column(SPECIES)])
    parts = np.array_split(np.random.default_rng(0).permutation(len(X)), 5)
    folds = tuple((np.setdiff1d(np.arange(len(X)), part), np.sort(part)) for part in parts)
    return Search(
        what="1,000 networks 11-16-3 on the penguins, 100 epochs, batches of 32, each in its own order: "
        "20 learning rates × 5 folds × 10 seeds",
        X=X,
        y=np.unique(species, return_inverse=True)[1],
        sizes=(X.shape[1], 16, 3),
        rates=tuple(np.geomspace(0.001, 0.1, 20).round(6).tolist()),
        seeds=tuple(range(10)),
        folds=folds,
        batch_size=32,
        epochs=100,
    )
