"""In what two trainings differ, by how they began: in words, the first cause first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from reprlib import repr as shown
from typing import Any

import numpy as np

from glassnet.data.files import JSON

Written = tuple[Mapping[str, JSON], Mapping[str, np.ndarray]]  # a description and its tensors, as a file has them

CAUSES = (
    *("glassnet", "kind", "dtype", "training.seed", "seed", "network", "training.settings"),
    *("optimizer.name", "optimizer", "parameters", "runs", "columns", "training.data", "data", "courses", "rng"),
)
FREE = ("format", "training.middle.engine")  # which engine is quicker may change from call to call; bits are the same


def difference(there: Written, here: Written) -> str | None:
    """What is different about the training that is here, None where it is the same as that there."""
    before, now = (dict(leaves(description)) for description, _ in (there, here))
    paths = [path for path in {**before, **now} if before.get(path, NOTHING) != now.get(path, NOTHING)]
    paths = sorted((path for path in paths if path not in FREE), key=rank)
    if paths:
        return words(paths, before, now)
    names = sorted(name for name in {**there[1], **here[1]} if not same(there[1].get(name), here[1].get(name)))
    return f"it begins with other numbers in {names[0]}" if names else None


def words(paths: list[str], before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What differs at the first of these places."""
    path = paths[0]
    if path == "glassnet":
        return f"it is of glassnet {before.get(path)}, and this is {now.get(path)}"
    if path == "kind":
        return f"it is of {before.get(path, ONE)}, and this is {now.get(path, ONE)}"
    if path.rpartition(".")[2] == "data":
        columns = [path for path in paths if path.startswith("contract")]
        return f"its rows are others{f': {told(columns[0], before, now)}' if columns else ''}"
    if path in ("starts", "random") or path.startswith(("rng", "training.start")):
        return "it begins with other random numbers; give the seed that it had, and if it had none, give one next time"
    return told(path, before, now)


def told(path: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """`epochs is 60 there and 61 here`."""
    name = re.sub(r"^training\.(settings\.)?|\.fields", "", path)
    return f"{name} is {leaf(before, path)} there and {leaf(now, path)} here"


ONE = "one training"
NOTHING = object()


def leaf(leaves: Mapping[str, Any], path: str) -> str:
    """A value as it is told; of one that has parts, the first."""
    if path in leaves:
        return shown(leaves[path])
    parts = [value for place, value in leaves.items() if place.startswith((f"{path}.", f"{path}["))]
    return f"{shown(parts[0])}{', …' if parts[1:] else ''}" if parts else "not given"


def rank(path: str) -> int:
    """Where a place stands among the causes; all else follows from them."""
    return next((k for k, cause in enumerate(CAUSES) if path == cause or path.startswith(f"{cause}.")), len(CAUSES))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each number and word of a description, by its place: `network.layers[0].units`."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for k, item in enumerate(value):
            yield from leaves(item, f"{path}[{k}]")
    else:
        yield path, value


def same(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    """Whether two tensors are the same, bit for bit."""
    if a is None or b is None:
        return a is b
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
