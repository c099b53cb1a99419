"""A model made ready to predict again and again: with as little as possible between a call and its numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.parts.naming import find
from glassnet.training.choice import NAMES as ENGINES
from glassnet.training.choice import refusal
from glassnet.training.state import State


class Predictor:
    """Predicts with a model: `predictor(X)`.

    It sees what later training or one's own hand does to the model's weights, but not what `calibrate` learns later:
    make another one then. Threads may share it.

    Attributes
    ----------
    engine
        "compiled" or "numpy".
    """

    def __init__(self, model: State, engine: str = "auto") -> None:
        find(engine, ENGINES, "engine")
        self.model, self.engine = model, "numpy"
        self.outputs: Callable[[np.ndarray], np.ndarray] = model.outputs
        self.decode = None if model.classes is not None else model.contract.decode
        if engine != "numpy":
            try:
                self.engine, self.outputs = "compiled", model.compiled_forward().predict
            except (ImportError, NotImplementedError) as error:
                if engine == "compiled":
                    raise refusal(error) from error

    def __call__(self, X: Any) -> np.ndarray:
        """The network's answer for each row: the probability of each class, or numbers in y's units.

        Parameters
        ----------
        X
            What `model.predict` takes: (n, inputs), a table, …; or one row, (inputs,), for which the result has one
            axis less.

        Raises
        ------
        DataError
            What does not fit; the message says where.
        """
        if X.__class__ is np.ndarray and X.ndim == 1:
            answer: np.ndarray = self(X[None])[0]
            return answer
        p = self.outputs(self.model.encode(X))
        return p if self.decode is None else np.asarray(self.decode(p))

    def __repr__(self) -> str:
        return f"Predictor(Model({self.model}), engine={self.engine!r})"
