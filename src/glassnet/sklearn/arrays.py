"""The weights of a network as scikit-learn shows them: a list of arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from glassnet.model.model import Model
from glassnet.parts.layers import Dense

STEMS = {"coefs_": "W", "intercepts_": "b"}


class Arrays(list[np.ndarray]):
    """Arrays of a model, one for each layer; writing into one, or in place of one, changes the model."""

    def __init__(self, model: Model, names: Iterable[str]) -> None:
        self.model, self.names = model, list(names)
        super().__init__(model[name] for name in self.names)

    @classmethod
    def of(cls, model: Model, attribute: str) -> Arrays:
        """Those that an estimator has as `coefs_` or `intercepts_`."""
        layers = enumerate(model.network.layers, start=1)
        return cls(model, [f"{STEMS[attribute]}{k}" for k, layer in layers if isinstance(layer, Dense)])

    def __setitem__(self, index: Any, value: Any) -> None:
        names = self.names[index]
        for name, array in [(names, value)] if isinstance(names, str) else zip(names, value, strict=True):
            self.model[name] = array

    def set(self, arrays: Iterable[Any]) -> None:
        """Set all of them; ValueError, and nothing set, if number, a shape or a value does not fit."""
        values = list(arrays)
        if len(values) != len(self):
            raise ValueError(f"there must be one array for each layer, {len(self)}, got {len(values)}")
        before = [array.copy() for array in self]
        try:
            self[:] = values
        except BaseException:
            for array, old in zip(self, before, strict=True):
                array[...] = old
            raise

    def __reduce__(self) -> Any:
        return list, (list(self),)
