"""JSON from a file that nobody vouches for: read only if it means one thing.

Python's `json` takes NaN, keeps the last of two equal keys, turns 1e999 into infinity, passes half of a
surrogate pair on as text that no file can hold, and ends in a RecursionError when brackets nest too deep.
Here each of them is refused in words.
"""

import json
import math
import re
import reprlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeAlias

from glassnet.errors import ModelFileError

JSON: TypeAlias = "Mapping[str, JSON] | Sequence[JSON] | str | int | float | bool | None"

MAX_DEPTH = 64
MAX_DIGITS = 308  # an integer this long is still a finite float64, whatever is done with it later

# A string or a bracket. The closing quote is optional, so that an open string is walked through once, not
# once for each quote in it.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


def strict_json(text: str | bytes) -> JSON:
    """The value of a JSON text, or a ModelFileError that says why it has none.

    Parameters
    ----------
    text : str or bytes
        JSON (RFC 8259); bytes must be UTF-8.

    Returns
    -------
    JSON
        Dicts, lists, str, int, float, bool and None.

    Raises
    ------
    ModelFileError
        For what is not JSON, and for JSON that is nested deeper than 64, repeats a key in one object, or
        holds NaN, Infinity, a number beyond float64 (1e999), an integer of more than 308 digits, or a lone
        surrogate.

    Examples
    --------
    >>> strict_json('{"units": 3, "rate": 0.5}')
    {'units': 3, 'rate': 0.5}
    """
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ModelFileError(f"JSON must be UTF-8: {error.reason} at byte {error.start}") from None
    _check_depth(text)
    try:
        value: JSON = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_finite,
            parse_constant=_refuse_constant,
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        lone = ascii(error.object[error.start])
        raise ModelFileError(f"JSON text must be Unicode, got the lone surrogate {lone}") from None
    except json.JSONDecodeError as error:
        raise ModelFileError(f"not JSON: {error}") from None
    return value


def _check_depth(text: str) -> None:
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        if match[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ModelFileError(f"JSON is nested deeper than {MAX_DEPTH} at character {match.start()}")
        elif match[0] in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        [(key, count)] = Counter(key for key, _ in pairs).most_common(1)
        raise ModelFileError(f"JSON object has the key {reprlib.repr(key)} {count} times")
    return members


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise ModelFileError(
            f"JSON integer {reprlib.repr(digits)} has {len(digits)} characters; at most {MAX_DIGITS} are read"
        )
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ModelFileError(f"JSON number {reprlib.repr(digits)} is too large for a float64")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ModelFileError(f"JSON has no {name}: numbers must be finite")
