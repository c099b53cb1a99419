"""What the page is answered: a header in words and numbers, and arrays beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Reply:
    """One answer to one message.

    Attributes
    ----------
    header
        Plain JSON types.
    buffers
        Arrays by name: of float32, float64, uint8 or int32.
    """

    header: Mapping[str, Any]
    buffers: Mapping[str, np.ndarray] = field(default_factory=dict)


Handler = Callable[[Mapping[str, Any], bytes], Reply]  # a message and what came with it; never two at once
