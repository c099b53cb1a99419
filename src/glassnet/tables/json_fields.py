"""Reading JSON that comes from outside: every key is known and there, every value has its type.

A reader takes a value and the path to it (`contract.target.mean`) and returns the value with a certain
type, or raises a ModelFileError that says which value is wrong and what is allowed there.
"""

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

from glassnet.errors import ModelFileError
from glassnet.files.strict import JSON, take
from glassnet.tables.wording import listed, shown

Reader = Callable[[object, str], Any]


def read_object(
    data: object, path: str, readers: Mapping[str, Reader], kind: str | None = None
) -> dict[str, Any]:
    """Return the values of an object with exactly these keys, and this "kind" (not returned) if given."""
    if kind is not None:
        read_kind(data, path, (kind,))
    found = take(cast(JSON, data), {*readers, *([] if kind is None else ["kind"])}, path)
    return {key: read(found[key], f"{path}.{key}") for key, read in readers.items()}


def read_kind(data: object, path: str, kinds: Collection[str]) -> str:
    """Return the "kind" of an object, which says what its other keys are."""
    kind = data.get("kind") if isinstance(data, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise ModelFileError(f"{path}.kind must be one of {listed(kinds)}, got {shown(kind)}")
    return kind


def text(value: object, path: str) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ModelFileError(f"{path} must be a text that is not empty, got {shown(value)}")
    return value


def number(value: object, path: str) -> float:
    """Return a finite number as float."""
    try:
        finite = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        raise ModelFileError(f"{path} must be a finite number, got {shown(value)}")
    return float(value)  # type: ignore[arg-type]  # checked above


def whole(value: object, path: str) -> int:
    """Return a whole number of at least 1."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ModelFileError(f"{path} must be a whole number >= 1, got {shown(value)}")
    return value


def flag(value: object, path: str) -> bool:
    """Return a truth value."""
    if not isinstance(value, bool):
        raise ModelFileError(f"{path} must be true or false, got {shown(value)}")
    return value


def texts(value: object, path: str) -> tuple[str, ...]:
    """Return a list of texts, none of them empty."""
    return tuple(text(item, f"{path}[{i}]") for i, item in enumerate(items(value, path)))


def items(value: object, path: str) -> list[object]:
    """Return a list."""
    if not isinstance(value, list):
        raise ModelFileError(f"{path} must be a list, got {shown(value)}")
    return value
