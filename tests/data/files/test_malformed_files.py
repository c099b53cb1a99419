import contextlib
import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from glassnet.data.files import read_model_file
from glassnet.data.files.header import MAX_HEADER_BYTES
from glassnet.errors import ModelFileError

DESCRIPTION = {"format": 1, "glassnet": "0.1.0", "layers": [{"units": 3}, {"units": 1}]}
METADATA = {"glassnet": json.dumps(DESCRIPTION)}
W = np.array([[0.5, -1.5, 3.0]], dtype=np.float32)
DATA = W.tobytes()


def tensor(dtype="F32", shape=(1, 3), data_offsets=(0, 12), **more):
    return {"dtype": dtype, "shape": shape, "data_offsets": data_offsets, **more}


def file_bytes(header, data=DATA, announced=None):
    """A file put together by hand; `header` is JSON text, bytes, or the tensors that go with METADATA."""
    if isinstance(header, dict):
        header = json.dumps({"__metadata__": METADATA, **header})
    if isinstance(header, str):
        header = header.encode()
    announced = len(header) if announced is None else announced
    return announced.to_bytes(8, "little") + header + data


def one(data=DATA, **fields):
    """A file with one tensor, W, that is in order but for what is given here."""
    return file_bytes({"W": tensor(**fields)}, data)


def two(a, b):
    """A file with tensors a and b at these places, each as long as its place."""
    places = {"a": a, "b": b}
    return file_bytes({name: tensor("U8", [p[1] - p[0]], p) for name, p in places.items()})


def with_metadata(metadata):
    return file_bytes({"__metadata__": metadata}, b"")


def described(description):
    text = description if isinstance(description, str) else json.dumps(description)
    return file_bytes({"__metadata__": {"glassnet": text}, "W": tensor()})


def test_the_file_that_is_damaged_below_is_in_order(path):
    path.write_bytes(one())
    description, tensors = read_model_file(path)
    assert description == DESCRIPTION
    np.testing.assert_array_equal(tensors["W"], W)


@pytest.mark.parametrize(("dtype", "shape"), [("F32", (1,) * 6 + (1, 3)), ("F64", (0, 2**59)), ("F64", (2**59, 0, 1))])
def test_what_is_as_large_as_it_may_be_is_read(path, dtype, shape):
    numbers = DATA if dtype == "F32" else b""
    path.write_bytes(one(numbers, dtype=dtype, shape=shape, data_offsets=(0, len(numbers))))
    assert read_model_file(path)[1]["W"].shape == shape


def test_a_header_may_be_as_long_as_it_may_be(path):
    header = json.dumps({"__metadata__": METADATA, "W": tensor()}).encode()
    path.write_bytes(file_bytes(header.ljust(MAX_HEADER_BYTES), DATA))
    np.testing.assert_array_equal(read_model_file(path)[1]["W"], W)
    path.write_bytes(file_bytes(header.ljust(MAX_HEADER_BYTES + 1), DATA))
    with pytest.raises(ModelFileError, match="announce a header of 10000001 bytes, at most 10000000 are allowed"):
        read_model_file(path)


ONE_W = json.dumps(tensor())
META = json.dumps(METADATA)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
MALFORMED = {
    # not such a file at all
    "empty": (b"", "not a model file: it has 0 bytes"),
    "7 bytes": (b"\x02\0\0\0\0\0\0", "it has 7 bytes, at least 8"),
    "8 bytes, no header": (b"\0" * 8, "header must begin with '{'"),
    "8 bytes that claim 2^40": ((2**40).to_bytes(8, "little"), "header of 1099511627776 bytes"),
    "8 bytes that claim 2^64 - 1": (b"\xff" * 8, "header of 18446744073709551615 bytes"),
    "text": (b"epoch,loss\n1,0.25\n", "this is text, not a model file"),
    "PNG": (PNG, r"not a model file: it is a picture \(PNG\)"),
    "noise": (b"\xf3\x91" * 20, r"not a model file: its first bytes b'\\xf3\\x91"),
    "pickle": (b"\x80\x04\x95\x1a\0\0\0\0\0\0\0\x8c\x08builtins", "not a model file"),
    "zip": (b"PK\x03\x04\x14\0\0\0\x08\0" + b"\0" * 30, "not a model file"),
    "npy": (b"\x93NUMPY\x01\0v\0{'descr': '<f8', 'shape': (1099511627776,)}", "not a model file"),
    "no metadata": (save({"W": W}), "no __metadata__; some other program"),
    "other metadata": (save({"W": W}, {"format": "np"}), "no entry 'glassnet'"),
    # the header's length
    "header of 10 MB and 1": (file_bytes({"W": tensor()}, announced=10_000_001), "at most 10000000 are"),
    "header longer than the file": (file_bytes({}, b"", announced=5_000), "is announced, 120 follow"),
    "header one byte too long": (file_bytes({}, b"", announced=len(file_bytes({}, b"")) - 7), "truncated"),
    "header one byte too short": (file_bytes({}, b"", announced=len(file_bytes({}, b"")) - 9), "not JSON"),
    "big-endian length": ((96).to_bytes(8, "big") + one()[8:], "not a model file"),
    # the header's JSON
    "leading space": (file_bytes(f' {{"__metadata__":{META}}}', b""), "begin with '{', got b' {"),
    "header is a list": (file_bytes("[]", b""), "begin with '{'"),
    "header is no JSON": (file_bytes("{W: 1}", b""), "not JSON"),
    "header is not UTF-8": (file_bytes(b'{"\xe9": 1}', b""), "must be UTF-8"),
    "header with a NUL": (file_bytes(b"{}\0", b""), "not JSON"),
    "tensor twice": (file_bytes(f'{{"__metadata__":{META},"W":{ONE_W},"W":{ONE_W}}}'), "key 'W' 2 times"),
    "metadata twice": (file_bytes(f'{{"__metadata__":{META},"__metadata__":{META}}}', b""), "2 times"),
    "dtype twice": (file_bytes(f'{{"W":{{"dtype":"F64",{ONE_W[1:]}}}'), "'dtype' 2 times"),
    "NaN as a size": (one(shape=[float("nan")]), "no NaN"),
    "1e999 as a size": (file_bytes(f'{{"__metadata__":{META},"W":{{"shape":[1e999]}}}}'), "too large"),
    "5000 digits as a size": (file_bytes(f'{{"W":{{"shape":[{"1" * 5000}]}}}}'), "at most 308"),
    "header nested 65 deep": (file_bytes('{"W":' + "[" * 64 + "]" * 64 + "}"), "nested deeper than 64"),
    "name with a lone surrogate": (file_bytes('{"\\ud800": 1}'), "lone surrogate"),
    # the metadata
    "metadata null": (with_metadata(None), "no __metadata__"),
    "metadata a list": (with_metadata([]), "must be a JSON object"),
    "metadata a number": (with_metadata({"glassnet": 1}), "must be a string, got 1"),
    "metadata an object": (with_metadata({"glassnet": {}}), "must be a string, got {}"),
    "one more entry, no string": (with_metadata({**METADATA, "n": 1}), "'n' must be a string"),
    "metadata empty": (with_metadata({}), "no entry 'glassnet'"),
    # the description
    "description empty": (described(""), "not JSON"),
    "description a list": (described([1]), r"must be a JSON object, got \[1\]"),
    "description a string": (described('"x"'), "must be a JSON object, got 'x'"),
    "description with a key twice": (described('{"format": 1, "format": 1}'), "'format' 2 times"),
    "description with NaN": (described('{"format": NaN}'), "no NaN"),
    "description 65 deep": (described('{"a":' * 65 + "1" + "}" * 65), "nested deeper than 64"),
    "description with a surrogate": (described('{"a": "\\ud800"}'), "lone surrogate"),
    "no version": (described({"format": 1}), "must name its version of glassnet in 'glassnet', got None"),
    "version a number": (described({"format": 1, "glassnet": 1.0}), "must name its version .* got 1.0"),
    "no format": (described({"glassnet": "0.1"}), "'format' must be an integer ≥ 1, got None"),
    "format a string": (described({"format": "1", "glassnet": "0.1"}), "integer ≥ 1, got '1'"),
    "format a float": (described({"format": 1.0, "glassnet": "0.1"}), "integer ≥ 1, got 1.0"),
    "format true": (described({"format": True, "glassnet": "0.1"}), "integer ≥ 1, got True"),
    "format 0": (described({"format": 0, "glassnet": "0.1"}), "integer ≥ 1, got 0"),
    "format 2": (described({"format": 2, "glassnet": "3.4"}), "by glassnet 3.4, this is .* format 2, "),
    "format 10^307": (described({"format": 10**307, "glassnet": "3.4"}), "written by glassnet 3.4"),
    "format 2, odd version": (described({"format": 2, "glassnet": "3\n4"}), r"glassnet '3\\n4', this is"),
    "newer, with tensors unknown today": (
        file_bytes({"__metadata__": {"glassnet": '{"format":2,"glassnet":"3.4"}'}, "W": tensor("F8_E4M3")}),
        "written by glassnet 3.4",
    ),
    # one tensor
    "tensor null": (file_bytes({"W": None}), "tensor 'W' must be a JSON object, got None"),
    "tensor a list": (file_bytes({"W": ["F32", [1, 3], [0, 12]]}), "tensor 'W' must be a JSON object"),
    "extra field": (one(strides=[1]), "tensor 'W' has an unknown key 'strides'"),
    "no dtype": (file_bytes({"W": {"shape": [1], "data_offsets": [0, 12]}}), "'W' lacks the key 'dtype'"),
    "no shape": (file_bytes({"W": {"dtype": "F32", "data_offsets": [0, 12]}}), "'W' lacks the key 'shape'"),
    "no data_offsets": (file_bytes({"W": {"dtype": "F32", "shape": [3]}}), "lacks the key 'data_offsets'"),
    **{
        f"dtype {dtype}": (one(dtype=dtype), f"'W' has dtype {dtype!r}; a model file holds BOOL")
        for dtype in ["BF16", "F16", "F8_E4M3", "F8_E5M2", "F4", "C64", "I32", "U64", "f32", "O", "", 5, None]
    },
    "dtype a list": (one(dtype=["F32"]), r"has dtype \['F32'\]"),
    "shape null": (one(shape=None), "tensor 'W'.shape must be a list, got None"),
    "shape a number": (one(shape=3), "must be a list, got 3"),
    "shape a string": (one(shape="3"), "must be a list, got '3'"),
    "size negative": (one(shape=[-1, -3]), "a whole number from 0 to .* got -1"),
    "size a float": (one(shape=[1.0, 3]), "a whole number from 0 to .* got 1.0"),
    "size true": (one(shape=[True, 3]), "a whole number from 0 to .* got True"),
    "size a string": (one(shape=["1", 3]), "a whole number from 0 to .* got '1'"),
    "size a list": (one(shape=[[1, 3]]), r"a whole number from 0 to .* got \[1, 3\]"),
    "size 2^63": (one(shape=[0, 2**63]), "a whole number from 0 to .* got 9223372036854775808"),
    "size 2^64 + 1": (one(shape=[2**64 + 1, 3]), "a whole number from 0 to"),
    "product 2^64": (one(shape=[2**32, 2**32]), "too large for an array"),
    "product 2^64 + 12": (one(shape=[2**62 + 3]), "too large for an array"),
    "[0, 2^62]": (one(b"", dtype="F64", shape=[0, 2**62], data_offsets=[0, 0]), "too large for an array"),
    "2^40 elements": (one(shape=[2**40]), f"needs {2**42} bytes, .* hold 12"),
    "rank 9": (one(shape=[1] * 8 + [3]), "9 dimensions, at most 8"),
    "rank 65": (one(shape=[1] * 64 + [3]), "65 dimensions, at most 8"),
    "size one too many": (one(shape=[1, 4]), "needs 16 bytes, .* hold 12"),
    "size one too few": (one(shape=[1, 2]), "needs 8 bytes, .* hold 12"),
    "dtype too wide": (one(dtype="F64"), r"F64 of shape \[1, 3\], needs 24 bytes"),
    "BOOL with a 2": (one(b"\0\1\2", dtype="BOOL", shape=[3], data_offsets=[0, 3]), "other than 0 and 1"),
    # where the bytes are
    "offsets reversed": (one(data_offsets=[12, 0]), r"must be \[begin, end\], got \[12, 0\]"),
    "offsets negative": (one(data_offsets=[-12, 0]), "a whole number from 0 to .* got -12"),
    "offsets floats": (one(data_offsets=[0.0, 12.0]), "a whole number from 0 to .* got 0.0"),
    "offsets false": (one(data_offsets=[False, 12]), "a whole number from 0 to .* got False"),
    "offsets strings": (one(data_offsets=["0", "12"]), "a whole number from 0 to .* got '0'"),
    "offsets one": (one(data_offsets=[12]), r"must be \[begin, end\]"),
    "offsets three": (one(data_offsets=[0, 6, 12]), r"must be \[begin, end\]"),
    "offsets an object": (one(data_offsets={}), "must be a list, got {}"),
    "offsets beyond the file": (one(data_offsets=[4, 16]), "a hole before it"),
    "hole at the start": (one(b"\0" * 16, data_offsets=[4, 16]), "begins at byte 4, expected 0"),
    "hole in the middle": (two([0, 4], [8, 12]), "'b' leaves a hole before it: .* at byte 8, expected 4"),
    "overlap": (two([0, 8], [4, 12]), "'b' overlaps the tensor before it: .* at byte 4, expected 8"),
    "one place for two tensors": (two([0, 12], [0, 12]), "'b' overlaps"),
    "empty tensor inside another": (two([0, 12], [4, 4]), "'b' overlaps"),
    "data one byte short": (one(DATA[:-1]), "truncated: .* 12 bytes, .* holds 11"),
    "data missing": (one(b""), "truncated: the tensors take 12 bytes, the file holds 0"),
    "one byte trailing": (one(DATA + b"\0"), "belong to no tensor: .* holds 13"),
    "another file trailing": (one(DATA + PNG), "belong to no tensor"),
    "bytes but no tensors": (file_bytes({}), "belong to no tensor: .* take 0 bytes, .* holds 12"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "message"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_file_is_refused_in_one_line_that_says_why(path, content, message):
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=message) as caught:
        read_model_file(path)
    text = str(caught.value)
    assert text.startswith(f"{str(path)!r}: ")
    assert text.isprintable()
    assert len(text) < len(str(path)) + 250


def test_a_file_cut_off_anywhere_is_refused(path):
    whole = one()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ModelFileError, match=r"truncated|at least 8"):
            read_model_file(path)
    path.write_bytes(whole)
    read_model_file(path)


def test_unused_metadata_and_trailing_spaces_in_the_header_are_no_harm(path):
    header = json.dumps({"__metadata__": {**METADATA, "note": "mine"}, "W": tensor()})
    path.write_bytes(file_bytes(header + "   "))
    assert read_model_file(path)[0] == DESCRIPTION


def test_a_file_that_is_cut_while_it_is_read_is_refused(path, monkeypatch):
    whole = one()
    path.write_bytes(whole[:-5])

    class LongerThanItIs:
        st_size = len(whole)

    monkeypatch.setattr(os, "fstat", lambda _: LongerThanItIs)
    with pytest.raises(ModelFileError, match=r"tensor .W. is cut off"):
        read_model_file(path)


def test_a_wrong_header_is_refused_before_the_numbers_are_read(path):
    path.write_bytes(one(b"", dtype="F64", shape=[2**39], data_offsets=[0, 2**42]))
    os.truncate(path, path.stat().st_size + 2**42 - 1)  # 4 TiB that no disk holds
    with pytest.raises(ModelFileError, match="truncated"):
        read_model_file(path)


WHOLE = file_bytes(
    {
        "W": tensor(),
        "mask": tensor("BOOL", [2], [12, 14]),
        "n": tensor("I64", [], [14, 22]),
        "none": tensor("U8", [0, 3], [22, 22]),
    },
    DATA + b"\0\1" + (5).to_bytes(8, "little"),
)


def read_or_refuse(scratch, content):
    scratch.write_bytes(content)
    with contextlib.suppress(ModelFileError):
        description, tensors = read_model_file(scratch)
        assert isinstance(description["format"], int)
        for array in tensors.values():
            array.sum()


@settings(deadline=None)  # a disk takes the time it takes
@given(st.dictionaries(st.integers(0, len(WHOLE) - 1), st.integers(1, 255), min_size=1, max_size=3))
def test_flipped_bits_are_read_or_refused(scratch, flips):
    content = bytearray(WHOLE)
    for place, bits in flips.items():
        content[place] ^= bits
    read_or_refuse(scratch, content)


def test_every_byte_replaced_by_a_meaningful_one_is_read_or_refused(scratch):
    for place in range(len(WHOLE)):
        for byte in b'"{]9-\\\xff':
            read_or_refuse(scratch, WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :])


@settings(deadline=None)  # a disk takes the time it takes
@given(st.binary(max_size=60), st.integers(0, 60))
def test_any_bytes_are_read_or_refused(scratch, content, announced):
    read_or_refuse(scratch, announced.to_bytes(8, "little") + content)


NUMBERS = st.integers(-1, 40) | st.sampled_from([2**31, 2**62, 2**63, 1.0, True, None])
TENSORS = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["BOOL", "F32", "F64", "I64", "U8", "F4", "BF16"]),
        "shape": st.lists(NUMBERS, max_size=9),
        "data_offsets": st.lists(NUMBERS, min_size=1, max_size=3),
    }
)


@settings(deadline=None)  # a disk takes the time it takes
@given(st.dictionaries(st.text(max_size=3), TENSORS | NUMBERS, max_size=3), st.binary(max_size=40))
def test_any_header_is_read_or_refused(scratch, entries, data):
    read_or_refuse(scratch, file_bytes(entries, data))
