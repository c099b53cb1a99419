"""All layers that glassnet has itself, by name, and how they are told in a few words."""

from __future__ import annotations

from typing import Any

from glassnet.parts import layers
from glassnet.parts.average import Average
from glassnet.parts.embeddings import PeriodicEmbedding, PiecewiseLinearEmbedding
from glassnet.parts.layers import Layer
from glassnet.parts.nested import Beside, Columns, Residual
from glassnet.parts.tempered import Tempered

BUILT_IN: dict[str, type[Any]] = {
    **layers.BUILT_IN,
    **{
        item.__name__: item
        for item in (PeriodicEmbedding, PiecewiseLinearEmbedding, Residual, Columns, Beside, Average, Tempered)
    },
}


def layer_words(layer: Layer, no_bias: str = "bias=False") -> str:
    """`Residual(Dense(4, relu), Dense(8))`: a layer without where its weights start."""
    if isinstance(layer, Average):
        return f"Average({layer.members}{f', {layer.output}' if layer.output != 'identity' else ''})"
    if isinstance(layer, Tempered):
        return f"Tempered({layer.temperature:.4g}{f', {layer.output}' if layer.output != 'identity' else ''})"
    if not isinstance(layer, (Residual, Columns, Beside)):
        return layers.layer_words(layer, no_bias)
    if isinstance(layer, Beside) and (alike := words_of_alike(layer, no_bias)):
        return alike
    inner = [layer_words(item, no_bias) for item in layer.layers]
    if isinstance(layer, Columns):
        inner.insert(0, columns_words(layer.columns))
    if isinstance(layer, Beside) and layer.others != "pass":
        inner.append(f"others={layer.others!r}")
    return f"{type(layer).__name__}({', '.join(inner)})"


def words_of_alike(layer: Beside, no_bias: str) -> str:
    """`Beside(8 × Dense(16, relu))`: members of an ensemble, each with its own part of the columns; else nothing."""
    parts = [item for item in layer.layers if isinstance(item, Columns) and item.layers]
    if len(parts) < max(2, len(layer.layers)):
        return ""
    inner = {", ".join(layer_words(item, no_bias) for item in part.layers) for part in parts}
    columns = [column for part in parts for column in part.columns]
    whole = all(part.columns == (*range(len(parts[0].columns)),) for part in parts)
    aligned = columns == [*range(len(columns))] and len({len(part.columns) for part in parts}) == 1
    return f"Beside({len(parts)} × {inner.pop()})" if len(inner) == 1 and (whole or aligned) else ""


def columns_words(columns: tuple[int, ...]) -> str:
    """`[0, 2, 5]`, and `range(3, 12)` for many that lie side by side."""
    start, stop = columns[0], columns[-1] + 1
    is_range = len(columns) > 3 and columns == tuple(range(start, stop))
    return f"range({start}, {stop})" if is_range else str([*columns])
