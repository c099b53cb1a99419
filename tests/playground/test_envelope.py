"""Messages and answers as bytes: what a browser reads, and nothing that is neither."""

from __future__ import annotations

import json
import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.playground.envelope import Malformed, read_message, read_reply, write_message, write_reply
from glassnet.playground.reply import Reply


def test_a_message_is_its_length_and_its_json_and_what_comes_with_it() -> None:
    data = write_message({"op": "pull", "id": 17}, b"\x01\x02\x03")
    (length,) = struct.unpack_from("<I", data)
    assert (4 + length) % 8 == 0
    assert json.loads(data[4 : 4 + length]) == {"op": "pull", "id": 17}
    assert data[4 + length :] == b"\x01\x02\x03"


def test_a_message_by_hand_is_read() -> None:
    assert read_message(b'\x0c\0\0\0{"op":"go"} rest') == ({"op": "go"}, b"rest")


def test_arrays_stand_where_a_browser_can_use_them_as_they_lie() -> None:
    arrays = {
        "weights": np.arange(6, dtype=np.float32).reshape(2, 3),
        "tiles": np.arange(5, dtype=np.uint8),
        "none": np.zeros((0, 7), np.int32),
        "curve": np.array([1.5, np.nan]),
    }
    data = write_reply(Reply({"re": 17, "ok": True}, arrays))
    (length,) = struct.unpack_from("<I", data)
    header = json.loads(data[4 : 4 + length])
    assert (header["re"], header["ok"]) == (17, True)
    assert header["bufs"] == [
        ["weights", "f4", [2, 3], 0],
        ["tiles", "u1", [5], 24],
        ["none", "i4", [0, 7], 32],
        ["curve", "f8", [2], 32],
    ]
    rest = data[4 + length :]
    assert struct.unpack_from("<6f", rest, 0) == (0, 1, 2, 3, 4, 5)
    assert rest[24:29] == b"\0\1\2\3\4"
    assert struct.unpack_from("<2d", rest, 32)[0] == 1.5
    assert len(rest) % 8 == 0


def test_arrays_may_lie_in_any_order_in_memory() -> None:
    columns = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    reply = read_reply(write_reply(Reply({}, {"a": columns, "b": columns[:, ::-2]})))
    assert reply.buffers["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert reply.buffers["b"].tolist() == [[2, 0], [5, 3]]


@pytest.mark.parametrize("dtype", ["int64", "bool", "complex128", "float16", ">f4"])
def test_other_dtypes_are_refused(dtype: str) -> None:
    with pytest.raises(TypeError, match=r"arrays are of float32, float64, uint8, int32; map is of "):
        write_reply(Reply({}, {"map": np.zeros(3, dtype)}))


def test_a_number_that_is_none_is_refused_in_an_answers_words() -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_reply(Reply({"loss": float("nan")}))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=5), json_values, max_size=5), st.binary(max_size=50))
def test_what_is_written_is_read(message: dict[str, object], body: bytes) -> None:
    message["op"] = "pull"
    assert read_message(write_message(message, body)) == (message, body)


@given(st.binary(max_size=64))
def test_bytes_are_a_message_or_refused(data: bytes) -> None:
    try:
        message, _ = read_message(data)
    except Malformed:
        return
    assert isinstance(message["op"], str)


@given(st.integers(0, 47), st.integers(0, 255))
def test_a_message_with_one_byte_changed_is_a_message_or_refused(place: int, byte: int) -> None:
    data = bytearray(write_message({"op": "set", "id": 3, "changes": {"x": [1.5]}}))
    data[place % len(data)] = byte
    with suppress(Malformed):
        assert isinstance(read_message(bytes(data))[0], dict)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\1\0", "a message begins with 4 bytes that say how long its JSON is, got 2 bytes in all"),
        (b"\x0c\0\0\0{}", "the message says that its JSON has 12 bytes, and 2 follow"),
        (b"\2\0\0\0{}", "JSON is filled up with spaces until 4 + its length is a multiple of 8, got length 2"),
        (b"\4\0\0\0[1] ", "a message is a JSON object, got an array"),
        (b"\4\0\0\0{}  ", 'a message names its operation, "op": "pull" for instance; this one has []'),
        (b"\4\0\0\0{\xff} ", "JSON is text in UTF-8, and byte 1 of it is not"),
        (b'\x0c\0\0\0{"x":1e999} ', "1e999 in the message's JSON is too large for a number"),
        (b'\x0c\0\0\0{"x": -NaN} ', "this is no JSON: expecting value at letter 6"),
        (b'\x0c\0\0\0{"x": NaN}  ', "NaN is not JSON; null stands for what is no number"),
        (b'\x14\0\0\0{"x": 1,"x": 2}     ', "a name occurs twice in an object of the message's JSON"),
    ],
)
def test_refusals_say_what_is_wrong(data: bytes, sentence: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_message(data)
    assert str(refused.value) == sentence


def test_brackets_in_words_are_not_deep() -> None:
    assert read_message(write_message({"op": "set", "x": "[" * 999 + '\\"' + "{" * 999}))[0]["op"] == "set"
