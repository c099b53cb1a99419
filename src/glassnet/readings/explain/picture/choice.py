"""Which inputs and units a picture draws, where there are more than it has room for: those with the largest weights.

Of a layer the last unit is drawn too: its name says how many there are. Layers that pass each number on, like
Dropout, show the units of the layer before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.parts.layers import Layer
from glassnet.readings.explain.picture.parts import kind_of

MOST = 16  # units that a column shows
SHOWN = 10  # of a wider one


def drawn(
    layers: Sequence[Layer], sizes: Sequence[int], weights: dict[str, np.ndarray], chosen: Sequence[int]
) -> list[list[int]]:
    """The places of the units that each column shows: of the inputs, then of each layer.

    Parameters
    ----------
    layers
        The network's.
    sizes
        Of the columns: one more than layers.
    weights
        The learnt arrays, by name.
    chosen
        Outputs that are shown in any case: the predicted class.
    """
    found: list[list[int]] = []
    for c, size in enumerate(sizes):
        if c and passes_on(layers[c - 1]):
            found.append(found[-1])
            continue
        always = ([size - 1] if c else []) + (list(chosen) if c == len(sizes) - 1 else [])
        found.append(of_column(largest_weights(layers, size, weights, c), always))
    return found


def of_column(largest: np.ndarray, always: Sequence[int] = ()) -> list[int]:
    """All places of a column, or those with the largest weights, in their order.

    >>> of_column(np.arange(20.0)[::-1], always=[19])
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 19]
    """
    if len(largest) <= MOST:
        return list(range(len(largest)))
    order = [*always, *np.argsort(-largest, kind="stable").tolist()]
    return sorted(list(dict.fromkeys(order))[:SHOWN])


def largest_weights(layers: Sequence[Layer], size: int, weights: dict[str, np.ndarray], c: int) -> np.ndarray:
    """For each number of a column the size of the largest weight that leads to it or from it, (size,)."""
    largest = np.zeros(size)
    if c and kind_of(layers[c - 1]) == "units":
        largest = np.maximum(largest, sizes_of(weights[f"W{c}"]).max(axis=0, initial=0.0))
    k = next((k for k, layer in enumerate(layers[c:], start=c + 1) if not passes_on(layer)), 0)
    if k and kind_of(layers[k - 1]) == "units":
        largest = np.maximum(largest, sizes_of(weights[f"W{k}"]).max(axis=1, initial=0.0))
    return largest


def passes_on(layer: Layer) -> bool:
    """Whether each number of a layer comes from one of the layer before."""
    return kind_of(layer) in ("passing", "scales")


def sizes_of(weights: np.ndarray) -> np.ndarray:
    """How far weights are from 0; what is no number counts as farthest."""
    return np.where(np.isfinite(weights), np.abs(weights), np.inf)
