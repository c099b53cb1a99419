"""Weights that training leaves as they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.parts.naming import find, layer_of, whole_of
from glassnet.training.state import State


def freeze(state: State, name: str | int, mask: Any = None) -> None:
    """Keep an array, a layer's learnt arrays, or single weights as they are, from the next training on.

    Parameters
    ----------
    name
        An array ("W1") or a layer's number (1).
    mask
        For an array: true where it is frozen; None: everywhere.
    """
    set_trainable(state, name, mask, 0.0)


def unfreeze(state: State, name: str | int | None = None, mask: Any = None) -> None:
    """Let training change an array, a layer, single weights, or (without a name) everything again."""
    if name is None and mask is not None:
        raise ValueError("a mask is for one array; give its name, like 'W1', too")
    if name is None:
        state.memory.trainable[:] = 1.0
    else:
        set_trainable(state, name, mask, 1.0)


def set_trainable(state: State, name: str | int, mask: Any, value: float) -> None:
    """Make an array, single weights of it, or a layer trainable (1.0) or not (0.0)."""
    layout, trainable = state.memory.layout, state.memory.layout.views(state.memory.trainable)
    layer = name if isinstance(name, bool) else whole_of(name)
    if layer is None:
        name = find(name, layout.shapes, "parameter")  # type: ignore[arg-type]  # what is neither is refused
        chosen = np.ones(layout.shapes[name], bool) if mask is None else np.asarray(mask, bool)
        if chosen.shape != layout.shapes[name]:
            raise ValueError(f"mask for {name} must have shape {layout.shapes[name]}, got {chosen.shape}")
        trainable[name][chosen] = value
        return
    if isinstance(name, bool) or not 1 <= layer <= len(state.network.layers):
        raise ValueError(f"layer must be 1 to {len(state.network.layers)}, got {name}")
    if mask is not None:
        raise ValueError(f"a mask is for one array; give its name, like 'W{layer}', rather than {layer}")
    for item, view in trainable.items():
        if layer_of(item) == layer:
            view[:] = value
