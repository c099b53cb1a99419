"""What stands in the JSON of a file: every key is known and there, every value has its type.

A reader takes a value and the path to it (`contract.target.mean`) and returns the value with a certain type, or
raises a ModelFileError that says which value is wrong and what is allowed there.

JSON knows no infinity and no NaN; where these may stand they are written as words.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from reprlib import repr as shown
from typing import Any

from glassnet.data.files.strict import JSON
from glassnet.errors import ModelFileError
from glassnet.parts.naming import is_plain_name

# objects


def take(value: object, keys: AbstractSet[str], path: str) -> Mapping[str, JSON]:
    """An object that has exactly these keys.

    >>> take({"units": 3}, {"units"}, "layer 1")
    {'units': 3}
    """
    found = mapping(value, path)
    known = ", ".join(sorted(keys))
    for key in found:
        if key not in keys:
            raise ModelFileError(f"{path} has an unknown key {shown(key)}; its keys are {known}")
    for key in sorted(keys):
        if key not in found:
            raise ModelFileError(f"{path} lacks the key {key!r}; its keys are {known}")
    return found


def mapping(value: object, path: str) -> Mapping[str, JSON]:
    """An object whose keys are not known beforehand."""
    if not isinstance(value, Mapping):
        raise ModelFileError(f"{path} must be a JSON object, got {shown(value)}")
    return value


def record(
    value: object, path: str, readers: Mapping[str, Callable[[object, str], Any]], kind: str | None = None
) -> dict[str, Any]:
    """The values of an object with exactly these keys, and this "kind" (not returned) if given."""
    found = take(value, {*readers} if kind is None else {"kind", *readers}, path)
    if kind is not None:
        one_of(found["kind"], f"{path}.kind", (kind,))
    return {key: read(found[key], f"{path}.{key}") for key, read in readers.items()}


def place(path: str, key: str) -> str:
    """The path to a value whose key came from the file."""
    return f"{path}.{key}" if is_plain_name(key) else f"{path}[{shown(key)}]"


@contextlib.contextmanager
def naming_place(path: str) -> Iterator[None]:
    """What a constructor refuses becomes a ModelFileError that says where in the file it stood."""
    try:
        yield
    except ModelFileError:
        raise
    except Exception as error:  # a class of one's own may raise anything
        raise ModelFileError(f"{path}: {error}") from error


# words


def text(value: object, path: str) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ModelFileError(f"{path} must be a text that is not empty, got {shown(value)}")
    return value


def plain_name(value: object, path: str) -> str:
    """A name that may stand in generated code."""
    if not isinstance(value, str) or not is_plain_name(value):
        raise ModelFileError(f"{path} must be a name of letters, digits and underscores, got {shown(value)}")
    return value


def one_of(value: object, path: str, allowed: Collection[str]) -> Any:
    """One of these texts."""
    if not isinstance(value, str) or value not in allowed:
        raise ModelFileError(f"{path} must be one of {', '.join(map(repr, allowed))}, got {shown(value)}")
    return value


# numbers


def number(value: object, path: str) -> float:
    """A finite number, as float."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    except OverflowError:  # an int beyond float64
        pass
    raise ModelFileError(f"{path} must be a finite number, got {shown(value)}")


WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def written_number(value: float) -> float | str:
    """A float as a JSON number, or as "nan", "inf", "-inf".

    >>> written_number(0.5), written_number(math.inf)
    (0.5, 'inf')
    """
    value = float(value)
    return value if math.isfinite(value) else str(value)


def any_number(value: object, path: str) -> float:
    """What `written_number` wrote."""
    return WORDS[value] if isinstance(value, str) and value in WORDS else number(value, path)


def count(value: object, path: str, least: int = 0) -> int:
    """A whole number that a machine can count to."""
    if type(value) is not int or not least <= value < 2**63:  # True is an int too, but not a count
        raise ModelFileError(f"{path} must be a whole number from {least} to 2^63 - 1, got {shown(value)}")
    return value


def flag(value: object, path: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ModelFileError(f"{path} must be true or false, got {shown(value)}")
    return value


def option(value: object, path: str) -> float | bool:
    """An option: true, false or a finite number; whole numbers stay whole."""
    if isinstance(value, bool):
        return value
    found = number(value, path)
    return value if isinstance(value, int) else found


# lists


def items(value: object, path: str) -> list[object]:
    """A list."""
    if not isinstance(value, list):
        raise ModelFileError(f"{path} must be a list, got {shown(value)}")
    return value


def numbers(value: object, path: str) -> tuple[float, ...]:
    """A list of finite numbers."""
    return tuple(number(item, f"{path}[{k}]") for k, item in enumerate(items(value, path)))


def label(value: object, path: str) -> str | int | float:
    """A class: a text that is not empty, a number, true or false."""
    return value if isinstance(value, int | float) else text(value, path)


def labels(value: object, path: str) -> tuple[str | int | float, ...]:
    """A list of classes."""
    return tuple(label(item, f"{path}[{k}]") for k, item in enumerate(items(value, path)))


def texts(value: object, path: str) -> tuple[str, ...]:
    """A list of texts, none of them empty."""
    return tuple(text(item, f"{path}[{k}]") for k, item in enumerate(items(value, path)))
