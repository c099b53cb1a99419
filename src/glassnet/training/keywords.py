"""Keywords that one function passes on to others, each those that it knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def some(given: Mapping[str, Any], options: Any) -> dict[str, Any]:
    """Those of the keywords given that a typed dictionary names."""
    return {name: value for name, value in given.items() if name in options.__optional_keys__}
