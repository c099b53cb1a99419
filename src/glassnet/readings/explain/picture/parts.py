"""What a picture of a network shows, before anything has a place: columns of units, and the weights between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from glassnet.parts.average import Average
from glassnet.parts.built_in import BUILT_IN
from glassnet.parts.embeddings import PeriodicEmbedding, PiecewiseLinearEmbedding
from glassnet.parts.layers import Dense, Dropout, Layer
from glassnet.parts.nested import NESTED
from glassnet.readings.explain.picture.words import short


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One number of a layer, as a circle or a small box.

    Attributes
    ----------
    inside
        Its text: what it is called, or its value for the row.
    label, more
        Beside it: the name of a feature or class, and a second line.
    notes
        Its exact numbers, a line each, seen when the mouse is on it.
    bias
        The number that its weighted sum starts from; None without one.
    above
        What it is called, where a value stands inside.
    chosen
        Whether it is the predicted class.
    """

    inside: str
    label: str = ""
    more: str = ""
    notes: tuple[str, ...] = ()
    bias: float | None = None
    above: str = ""
    chosen: bool = False

    @property
    def beside(self) -> list[tuple[str, str]]:
        """The lines beside it, each with the classes of its style."""
        lines = [(self.label, "bold" if self.chosen else ""), (self.more, "small soft")]
        if self.label and self.bias is not None:
            kind = "plus" if self.bias > 0 else "minus" if self.bias < 0 else "soft"
            lines.append((f"bias {short(self.bias)}", f"small {kind}"))
        return [line for line in lines if line[0]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Column:
    """A layer, or the inputs.

    Attributes
    ----------
    kind
        "units", "scales", "passing" (Dropout) or "own".
    titles
        Lines above it.
    size
        How many units it has.
    units
        Those that are shown, by their place in the layer, from 0.
    name, weights
        The weights from the column before, (inputs, units), and what they are called; None where none are drawn.
    words
        In a box: the name of one's own layer, then its arrays.
    note
        The layer in full, seen when the mouse is on its title.
    """

    kind: str
    titles: tuple[str, ...]
    size: int
    units: Mapping[int, Unit]
    name: str = ""
    weights: np.ndarray | None = None
    words: tuple[str, ...] = ()
    note: str = ""

    @property
    def hidden(self) -> int:
        """How many units are not shown."""
        return self.size - len(self.units)


@dataclass(frozen=True, eq=False, kw_only=True)
class Parts:
    """All that is to be drawn.

    Attributes
    ----------
    columns
        From the inputs to the outputs.
    farthest, farthest_name
        The weight or bias farthest from 0, which the widest line stands for.
    notes
        Sentences below the picture.
    sizes
        `2-4-1`.
    """

    columns: tuple[Column, ...]
    farthest: float
    farthest_name: str
    notes: tuple[str, ...]
    sizes: str

    @property
    def largest(self) -> float:
        """The size that the widest line stands for."""
        return abs(self.farthest)


def kind_of(layer: Layer) -> str:
    """How a layer is drawn."""
    if BUILT_IN.get(type(layer).__name__) is not type(layer):
        return "own"
    if isinstance(layer, (Average, PeriodicEmbedding, PiecewiseLinearEmbedding, *NESTED)):
        return "own"
    return {Dense: "units", Dropout: "passing"}.get(type(layer), "scales")
