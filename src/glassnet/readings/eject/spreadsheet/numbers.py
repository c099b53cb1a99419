"""How numbers are shown: four digits behind the point, or a power of ten where these would say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.expressions.expression import Expression, evaluate

PLAIN, POWERS = "0.0000", "0.000E+00"
SMALL, LARGE = 5e-3, 1e6  # what is all below or partly above is written with powers of ten


def number_format(values: Any) -> str:
    """The format for cells that hold such values.

    >>> number_format([0.5, -2.0]), number_format([3e-5, 0.0])
    ('0.0000', '0.000E+00')
    """
    numbers = np.abs(np.asarray(values, dtype=np.float64))
    largest = np.max(numbers[np.isfinite(numbers)], initial=0.0)
    return PLAIN if largest == 0.0 or SMALL <= largest < LARGE else POWERS


def numbers_of(expression: Expression, values: Mapping[str, Any], draw: Any = None) -> Any:
    """The numbers of a step, or of a part of it, for those of its symbols."""
    with np.errstate(all="ignore"):
        return evaluate(expression, values, draw)
