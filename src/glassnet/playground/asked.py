"""What a message asks for, checked: messages come from a page, and so from anybody."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

Message = Mapping[str, Any]


def whole(message: Message, key: str, low: int, high: int, usual: int | None = None) -> int:
    """A whole number from low to high."""
    value = message.get(key, usual)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{key} must be a whole number from {low:,} to {high:,}, got {value!r:.40}")
    return value


def number(message: Message, key: str) -> float:
    """A finite number, or the text of one."""
    value = message.get(key)
    if isinstance(value, str):
        try:
            value = float(value.strip().replace("\u2212", "-").replace(",", "."))
        except ValueError:
            raise ValueError(f"{key} must be a number, got {value!r:.40}") from None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{key} must be a finite number, got {value!r:.40}")
    return float(value)


def one_of(message: Message, key: str, allowed: Sequence[str], usual: str | None = None) -> str:
    """One of these words."""
    value = message.get(key, usual)
    if value not in allowed:
        raise ValueError(f"{key} must be one of {', '.join(allowed)}, got {value!r:.40}")
    return str(value)


def text(message: Message, key: str, usual: str | None = None) -> str:
    """A text of ordinary length."""
    value = message.get(key, usual)
    if not isinstance(value, str) or len(value) > 1000:
        raise ValueError(f"{key} must be a text of up to 1,000 letters, got {value!r:.40}")
    return value


def mapping(message: Message, key: str) -> Mapping[str, Any]:
    """An object."""
    value = message.get(key)
    if not isinstance(value, Mapping):
        raise ValueError(f"{key} must be an object, got {value!r:.40}")
    return value


def places(message: Message, key: str) -> tuple[int, ...]:
    """The place of a number in an array: one whole number or two."""
    value = message.get(key)
    if not isinstance(value, list) or not 1 <= len(value) <= 2:
        raise ValueError(f"{key} must be a list of one or two whole numbers, got {value!r:.40}")
    return tuple(whole({key: item}, key, 0, 10**9) for item in value)
