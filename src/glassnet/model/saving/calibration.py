"""A calibration to a file and back: what was found in JSON, the errors of all rows as one tensor."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet.calibration.calibration import Calibration
from glassnet.calibration.conformal import Errors
from glassnet.calibration.temperature import Temperature
from glassnet.data.files import JSON
from glassnet.data.files import fields as read
from glassnet.errors import ModelFileError

TENSOR = "calibration.errors"


def written_calibration(calibration: Calibration) -> dict[str, JSON]:
    """What has no place in the tensor."""
    temperature = calibration.temperature
    return {
        "counts": list(calibration.counts),
        "temperature": None if temperature is None else temperature.to_json(),
        "errors": [
            {"edges": errors.edges.tolist(), "rows": [len(found) for found in errors.bins]}
            for errors in calibration.errors
        ],
    }


def errors_of(calibration: Calibration) -> np.ndarray:
    """The errors of all rows, bin by bin."""
    return np.concatenate([found for errors in calibration.errors for found in errors.bins])


def read_calibration(
    value: object, path: str, tensor: np.ndarray | None, names: Sequence[Any], *, classes: bool
) -> Calibration:
    """What was written, of a model that predicts these classes, or numbers of these names."""
    found = read.take(value, {"counts", "temperature", "errors"}, path)
    counts = tuple(
        read.count(item, f"{path}.counts[{k}]") for k, item in enumerate(read.items(found["counts"], f"{path}.counts"))
    )
    written = read.items(found["errors"], f"{path}.errors")
    parts = [read_bins(item, f"{path}.errors[{k}]") for k, item in enumerate(written)]
    temperature = found["temperature"]
    if len(counts) != (len(names) if classes else 1) or len(parts) != (1 if classes else len(names)):
        raise ModelFileError(f"{path} must have counts and errors for {', '.join(map(str, names))}")
    if (temperature is not None) is not classes:
        raise ModelFileError(f"{path}.temperature must be there for classes, and for numbers null")
    if any(sum(rows) != sum(counts) for _, rows in parts):
        raise ModelFileError(f"{path}.errors must have as many rows as {path}.counts, {sum(counts)}")
    total = sum(sum(rows) for _, rows in parts)
    if tensor is None or tensor.dtype != np.float64 or tensor.shape != (total,):
        received = "nothing" if tensor is None else f"{tensor.dtype} of shape {tensor.shape}"
        raise ModelFileError(f"tensor {TENSOR!r} must be float64 of shape ({total},), got {received}")
    errors, start = [], 0
    for edges, rows in parts:
        cuts = start + np.cumsum([0, *rows])
        with read.naming_place(path):
            bins = tuple(tensor[low:high] for low, high in pairwise(cuts))
            errors.append(Errors(np.array(edges, np.float64), bins))
        start = int(cuts[-1])
    return Calibration(
        names=tuple(names),
        counts=counts,
        temperature=None if temperature is None else Temperature.from_json(temperature, f"{path}.temperature"),
        errors=tuple(errors),
    )


def read_bins(value: object, path: str) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Edges, and how many rows are in each bin."""
    found = read.take(value, {"edges", "rows"}, path)
    rows = read.items(found["rows"], f"{path}.rows")
    return read.numbers(found["edges"], f"{path}.edges"), tuple(read.count(n, f"{path}.rows", 1) for n in rows)
