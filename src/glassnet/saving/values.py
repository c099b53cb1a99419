"""Values out of a file: what they must be, and where in the file they stood when they are not.

JSON knows no infinity and no NaN; those are written as words.
"""

from __future__ import annotations

import contextlib
import math
import reprlib
from collections.abc import Iterator

from glassnet.errors import ModelFileError
from glassnet.naming import is_plain_name
from glassnet.tables import json_fields as read

WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def written_number(value: float) -> float | str:
    """A float as a JSON number, or as "nan", "inf", "-inf".

    >>> written_number(0.5), written_number(math.inf)
    (0.5, 'inf')
    """
    value = float(value)
    return value if math.isfinite(value) else str(value)


def read_number(value: object, path: str) -> float:
    """What `written_number` wrote."""
    if isinstance(value, str) and value in WORDS:
        return WORDS[value]
    return read.number(value, path)


def read_option(value: object, path: str) -> float | bool:
    """An option: true, false or a finite number; whole numbers stay whole."""
    if isinstance(value, bool):
        return value
    number = read.number(value, path)
    return value if isinstance(value, int) else number


def read_count(value: object, path: str) -> int:
    """A whole number from 0 on that a machine can count to."""
    if type(value) is not int or not 0 <= value < 2**63:
        raise ModelFileError(f"{path} must be a whole number from 0 to 2^63 - 1, got {value!r:.60}")
    return value


def read_mapping(value: object, path: str) -> dict[str, object]:
    """An object whose keys are not known beforehand."""
    if not isinstance(value, dict):
        raise ModelFileError(f"{path} must be a JSON object, got {value!r:.60}")
    return value


@contextlib.contextmanager
def naming_place(path: str) -> Iterator[None]:
    """What a constructor refuses becomes a ModelFileError that says where in the file it stood."""
    try:
        yield
    except ModelFileError:
        raise
    except Exception as error:  # a class of one's own may raise anything
        raise ModelFileError(f"{path}: {error}") from error


def place(path: str, key: str) -> str:
    """The path to a value whose key came from the file."""
    return f"{path}.{key}" if is_plain_name(key) else f"{path}[{reprlib.repr(key)}]"
