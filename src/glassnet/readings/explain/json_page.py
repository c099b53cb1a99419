"""An explanation as JSON, for pages and programs: numbers in full, formulas as text that Python can evaluate."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np

from glassnet.expressions.expression import Expression
from glassnet.expressions.notation import plain
from glassnet.readings.explain.contents import Contents


def to_json(page: Contents) -> dict[str, Any]:
    """The contents in plain JSON types; what is not finite as text."""
    result: dict[str, Any] = as_json(page)
    return result


def json_text(page: Contents) -> str:
    """The contents as a JSON document."""
    return json.dumps(to_json(page), allow_nan=False, ensure_ascii=False, indent=1) + "\n"


def as_json(value: Any) -> Any:
    """One value, and what is in it."""
    if isinstance(value, Expression):
        return plain(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: as_json(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        return as_json(value.tolist())
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
