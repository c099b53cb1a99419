"""Where a gradient is checked: a network in float64 at some weights, with the rows that its loss is taken of."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.data.arrays import check_weight
from glassnet.derivation.derive import derive
from glassnet.derivation.steps import Derivation
from glassnet.engines.memory import Memory
from glassnet.engines.numpy import gradient_source
from glassnet.parts.optimizers import SGD
from glassnet.training.state import State


class Point:
    """A network in float64 at some weights, and the rows that its loss is taken of."""

    def __init__(self, model: State, X: Any, y: Any, sample_weight: Any, seed: int) -> None:
        x = np.ascontiguousarray(model.encode(X), np.float64)
        targets = np.ascontiguousarray(model.targets(X, y)[0], np.float64)
        if len(x) != len(targets):
            raise ValueError(f"X has {len(x)} rows, y has {len(targets)}")
        w = None if sample_weight is None else check_weight(sample_weight, len(x))
        self.rows = (x, targets) if w is None else (x, targets, w[:, None])
        self.memory = Memory.of(model.network, model.n_inputs, np.float64)
        self.memory.theta[:] = model.memory.theta
        self.memory.state[:] = model.memory.state
        self.theta = self.memory.theta
        self.derivation: Derivation = derive(
            model.network.over(1.0), model.n_inputs, SGD(1.0), dtype=np.float64, weighted=w is not None
        )
        self.rng = np.random.default_rng(seed)
        self.start = self.rng.bit_generator.state
        source = gradient_source(self.derivation)
        self.run = source.bind(self.memory.arrays(), len(x), self.rng)
        self.epoch = (0.0,) if "epoch" in source.arguments else ()
        self.result = self.derivation.objective

    def rewound(self) -> np.random.Generator:
        """The random numbers of dropout, from their beginning."""
        self.rng.bit_generator.state = self.start
        return self.rng

    def loss(self) -> float:
        """The loss of the rows with its penalties, always of the same random numbers."""
        self.rewound()
        with np.errstate(all="ignore"):
            return float(self.run(*self.rows, *self.epoch))

    def gradient(self) -> np.ndarray:
        """What backpropagation says, with the pull of the penalties."""
        self.loss()
        return self.memory.g.copy()
