"""The rows as a list: what they are, what is to be said of them, and what the network says."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.playground.digits import shown
from glassnet.playground.frame import finite, in_words
from glassnet.playground.scene import Scene
from glassnet.training.contract import as_contract

MOST_COLUMNS = 12
RANKED = 5000  # rows among which the worst are looked for


def rows(scene: Scene, start: int, count: int, *, by_loss: bool) -> dict[str, Any]:
    """Some of the rows, in their order or the worst first."""
    order = np.arange(len(scene.x))
    if by_loss:
        losses = np.array([row_loss(scene, k) for k in order[:RANKED].tolist()])
        order = np.argsort(-np.nan_to_num(losses, nan=np.inf), kind="stable")
    chosen = order[start : start + count].tolist()
    return {
        "columns": columns(scene),
        "rows": [one(scene, k) for k in chosen],
        "total": len(order),
        "start": start,
    }


def columns(scene: Scene) -> list[str]:
    """The columns that are shown."""
    if scene.source.image:
        return []
    table = scene.rows.table
    names = scene.state.contract.input_names if table is None else scene.state.contract.feature_names  # type: ignore[union-attr]  # of a table
    return [str(name) for name in names[:MOST_COLUMNS]]


def one(scene: Scene, k: int) -> dict[str, Any]:
    """A row."""
    state, source = scene.state, scene.rows
    names = columns(scene)
    if source.table is None:
        cells = [shown(float(v)) for v in np.asarray(source.X[k])[: len(names)]]
    else:
        cells = [cell(source.table.column(name)[k]) for name in names]
    p, loss = state.forward.evaluate(scene.x[k : k + 1], scene.y[k : k + 1])
    outputs = as_contract(np.nan_to_num(p), state.contract)
    said = np.asarray(state.contract.decode(outputs))[0]
    truth = scene.truth[k]
    sure = outputs[0, 1] if outputs.shape[1] == 2 else outputs[0].max()
    return {
        "n": k,
        "name": source.names[k],
        "cells": cells,
        "target": in_words(truth),
        "said": in_words(said),
        "output": in_words(said) if state.classes is None else shown(float(sure)),
        "loss": finite(loss),
        "loss_text": shown(loss),
        "right": bool(said == truth) if state.classes is not None else None,
        "held_out": k >= scene.seen,
    }


def cell(value: Any) -> str:
    """What stands in a cell."""
    if value is None or value != value:
        return "missing"
    return value if isinstance(value, str) else shown(float(value))


def row_loss(scene: Scene, k: int) -> float:
    """The loss of one row."""
    return scene.state.forward.evaluate(scene.x[k : k + 1], scene.y[k : k + 1])[1]


def said_of_picture(scene: Scene, body: bytes) -> dict[str, Any]:
    """What the network says of pixels from 0 to 1, as float32."""
    image, state = scene.source.image, scene.state
    if image is None:
        raise ValueError("pictures are for networks that learn from pictures, such as the digits")
    size = image[0] * image[1]
    if len(body) != 4 * size:
        raise ValueError(f"a picture is {image[0]} by {image[1]} numbers of 4 bytes, {4 * size} bytes, got {len(body)}")
    pixels = np.frombuffer(body, "<f4")
    if not np.isfinite(pixels).all() or pixels.min() < 0.0 or pixels.max() > 1.0:
        raise ValueError("pixels must be numbers from 0 to 1")
    top = float(np.abs(scene.x).max()) or 1.0
    x = (pixels[None] * top).astype(state.dtype)
    outputs = state.outputs(x)
    said = np.asarray(state.contract.decode(np.nan_to_num(outputs)))[0]
    values = np.concatenate([column[0] for column in scene.topology.values(x)])
    labels = state.classes or range(outputs.shape[1])
    return {
        "outputs": [[str(label), shown(float(p)), finite(p)] for label, p in zip(labels, outputs[0], strict=True)],
        "said": in_words(said),
        "values": [finite(value) for value in values],
    }
