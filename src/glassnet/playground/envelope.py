"""How a message and its answer look as bytes: words as JSON, numbers as they lie in memory.

    4 bytes   n, a whole number, the lowest byte first
    n bytes   a JSON object in UTF-8, with spaces at its end so that 4 + n is a multiple of 8
    the rest  of a message: what was sent with it, such as a file
              of an answer: its arrays, each from a multiple of 8 on, where a browser can use them without a copy

An answer's JSON says what its arrays are: {"bufs": [["weights", "f4", [4, 2], 0], …]} are name, dtype, shape and the
place of the first byte, counted from the end of the JSON.

What comes in is not trusted: everything that is no message is refused by a sentence, before anything is done with it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from glassnet.playground.reply import Reply

LONGEST_JSON = 256 * 1024  # bytes
DEEPEST_JSON = 16
LARGEST_WHOLE = 2**53  # beyond it a browser's numbers are no longer exact

DTYPES = {"f4": np.float32, "f8": np.float64, "u1": np.uint8, "i4": np.int32}
CODES = {np.dtype(dtype): code for code, dtype in DTYPES.items()}

STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Malformed(ValueError):
    """Bytes that are no message, or no answer: says what is wrong with them."""


def write_message(message: Mapping[str, Any], body: bytes = b"") -> bytes:
    """A message as bytes."""
    return with_length(json_bytes(message)) + body


def read_message(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The message in bytes that were sent, and what came with it.

    Raises
    ------
    Malformed
        They are not what `write_message` makes of a message that names an operation, `op`.
    """
    text, rest = parts(data)
    message = parsed(text)
    if not isinstance(message.get("op"), str):
        raise Malformed(f'a message names its operation, "op": "pull" for instance; this one has {sorted(message)}')
    return message, rest


def write_reply(reply: Reply) -> bytes:
    """An answer as bytes."""
    listed, chunks, place = [], [], 0
    for name, array in reply.buffers.items():
        raw = np.ascontiguousarray(array).tobytes()
        listed.append([name, code_of(name, array), list(array.shape), place])
        chunks.append(raw + bytes(-len(raw) % 8))
        place += len(chunks[-1])
    return b"".join([with_length(json_bytes({**reply.header, "bufs": listed})), *chunks])


def read_reply(data: bytes) -> Reply:
    """The answer in bytes: what `write_reply` was given, for programs and tests in the place of a page."""
    text, rest = parts(data)
    header = parsed(text, longest=len(text))
    arrays = {}
    for name, code, shape, place in header.pop("bufs"):
        array = np.frombuffer(rest, DTYPES[code], math.prod(shape), place)
        arrays[name] = array.reshape(shape)
    return Reply(header, arrays)


def json_bytes(header: Mapping[str, Any]) -> bytes:
    """JSON as a browser reads it: there are no NaN and no infinities in it, None stands for them."""
    return json.dumps(header, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def with_length(text: bytes) -> bytes:
    """JSON behind its length, and up to where numbers may begin.

    >>> with_length(b"{}")
    b'\\x04\\x00\\x00\\x00{}  '
    """
    text += b" " * (-(4 + len(text)) % 8)
    return len(text).to_bytes(4, "little") + text


def code_of(name: str, array: np.ndarray) -> str:
    """How a dtype is called in an answer."""
    if array.dtype not in CODES:
        allowed = ", ".join(np.dtype(dtype).name for dtype in DTYPES.values())
        raise TypeError(f"an answer's arrays are of {allowed}; {name} is of {array.dtype}")
    return CODES[array.dtype]


def parts(data: bytes) -> tuple[bytes, bytes]:
    """The JSON and the rest."""
    if len(data) < 4:
        raise Malformed(f"a message begins with 4 bytes that say how long its JSON is, got {len(data)} bytes in all")
    length = int.from_bytes(data[:4], "little")
    if length > len(data) - 4:
        raise Malformed(f"the message says that its JSON has {length} bytes, and {len(data) - 4} follow")
    if (4 + length) % 8:
        raise Malformed(f"JSON is filled up with spaces until 4 + its length is a multiple of 8, got length {length}")
    return data[4 : 4 + length], data[4 + length :]


def parsed(data: bytes, longest: int = LONGEST_JSON) -> dict[str, Any]:
    """The object that JSON says, if it is JSON in every respect and of a reasonable size."""
    if len(data) > longest:
        raise Malformed(f"a message's JSON has at most {longest} bytes, got {len(data)}")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"JSON is text in UTF-8, and byte {error.start} of it is not") from None
    depth = depth_of(text)
    if depth > DEEPEST_JSON:
        raise Malformed(f"a message's JSON is nested at most {DEEPEST_JSON} deep, got {depth}")
    try:
        found = json.loads(
            text, object_pairs_hook=without_doubles, parse_int=whole, parse_float=finite, parse_constant=no_number
        )
    except json.JSONDecodeError as error:
        raise Malformed(f"this is no JSON: {error.msg.lower()} at letter {error.pos}") from None
    if not isinstance(found, dict):
        raise Malformed(f"a message is a JSON object, got {kind_of(found)}")
    return found


def depth_of(text: str) -> int:
    """How deep the brackets of JSON are nested; those within strings do not count.

    >>> depth_of('{"a": [[1], "[[[["]}')
    3
    """
    depth = deepest = 0
    for letter in STRING.sub("", text):
        if letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    return deepest


def without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ; its texts are texts that can be written again."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Malformed("a name occurs twice in an object of the message's JSON")
    for name, value in pairs:
        for text in (name, *(value if isinstance(value, list) else [value])):
            if isinstance(text, str) and LONE_SURROGATE.search(text):
                raise Malformed("a text in the message's JSON has half of a letter in it (a lone surrogate)")
    return found


def whole(text: str) -> int:
    """A whole number that a browser can have meant."""
    if len(text) > 17 or abs(int(text)) > LARGEST_WHOLE:
        raise Malformed(f"whole numbers in a message's JSON are at most 2**53, got {text[:20]}")
    return int(text)


def finite(text: str) -> float:
    """A number that is not too large to be one."""
    number = float(text)
    if not math.isfinite(number):
        raise Malformed(f"{text[:20]} in the message's JSON is too large for a number")
    return number


def no_number(text: str) -> NoReturn:
    """NaN and Infinity, which Python's reader would take."""
    raise Malformed(f"{text} is not JSON; null stands for what is no number")


def kind_of(value: Any) -> str:
    """What JSON calls a value's kind."""
    return {list: "an array", str: "a string", bool: "true or false", type(None): "null"}.get(type(value), "a number")
