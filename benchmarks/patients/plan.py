"""A network and how it is trained, as one record in which one thing can be changed: that is how faults are put in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

import glassnet as gn
from patients import plane
from patients.patient import Case


@dataclass(frozen=True)
class Frozen:
    """A layer whose arrays are kept as they start."""

    layer: Any
    backward = None  # derived from forward

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {name: replace(item, learnt=False) for name, item in self.layer.parameters(n_inputs).items()}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> Any:
        return self.layer.forward(p, x, mode)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything about a patient made of circles or blobs.

    Attributes
    ----------
    data, scaled, times, moved
        "circles" or "blobs"; whether columns are brought to mean 0 and spread 1, and by what they are then multiplied
        and moved.
    sorted
        Whether the rows come class after class.
    target
        "classes", or "numbers": the class as -1 or 1, and that times `target_times`.
    hidden, activation, bias, weights, biases
        Of the hidden layers; `bias` of the last as well.
    output, loss
        The last layer's activation, and the loss.
    after
        Layers after each hidden layer.
    frozen
        Which hidden layers are kept as they start; -1 is the last layer.
    optimizer, rate, clip_norm, settings
        How it is trained; `settings` is what `gn.train` is told.
    """

    data: str
    scaled: bool = True
    times: float = 1.0
    moved: float = 0.0
    sorted: bool = False
    target: str = "classes"
    target_times: float = 1.0
    hidden: tuple[int, ...]
    activation: str
    bias: bool = True
    weights: Any = None
    biases: Any = "zeros"
    output: str
    loss: str
    after: tuple[Any, ...] = ()
    frozen: tuple[int, ...] = ()
    l1: float = 0.0
    l2: float = 0.0
    optimizer: str
    rate: float
    clip_norm: float | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    def told(self, **settings: Any) -> Plan:
        """The same with other settings."""
        return replace(self, settings={**self.settings, **settings})

    def network(self) -> gn.Network:
        """The network."""
        starts = {"bias": self.bias, "weights": self.weights, "biases": self.biases}
        units = 1 if self.target == "numbers" or self.output == "sigmoid" else 3 if self.data == "blobs" else 2
        hidden = [gn.Dense(width, self.activation, **starts) for width in self.hidden]
        dense = [*hidden, gn.Dense(units, self.output, **{**starts, "biases": "zeros"})]
        places = [k % len(dense) for k in self.frozen]
        layers: list[Any] = [Frozen(layer) if k in places else layer for k, layer in enumerate(dense)]
        between = [item for layer in layers[:-1] for item in (layer, *self.after)]
        return gn.Network(*between, layers[-1], loss=self.loss, l1=self.l1, l2=self.l2)

    def rows(self, rng: np.random.Generator, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """X (n, 2) and y (n,)."""
        X, y = plane.circles(rng) if self.data == "circles" else plane.blobs(rng, centres)
        order = np.argsort(y, kind="stable") if self.sorted else rng.permutation(len(y))
        X, y = X[order], y[order]
        X = (X - X.mean(axis=0)) / X.std(axis=0) if self.scaled else X
        X = X * self.times + self.moved
        return X, (2.0 * (y == 1) - 1.0) * self.target_times if self.target == "numbers" else y

    def case(self, rng: np.random.Generator, centres: np.ndarray) -> Case:
        """What is trained."""
        X, y = self.rows(rng, centres)
        optimizer = gn.optimizer(self.optimizer, self.rate, clip_norm=self.clip_norm)
        return Case(self.network(), X, y, {"optimizer": optimizer, **self.settings})
