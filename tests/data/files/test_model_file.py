import importlib.metadata
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from safetensors.numpy import load_file

from glassnet import __version__
from glassnet.data.files import FORMAT, naming_file, read_model_file, write_model_file
from glassnet.errors import ModelFileError

W = np.array([[0.5, -1.5, 3.0]], dtype=np.float32)
DTYPES = ["bool", "float32", "float64", "int64", "uint8"]


def with_header(header, data):
    return len(header).to_bytes(8, "little") + header.encode() + data


def test_a_file_put_together_by_hand_is_read(path):
    header = r"""{"__metadata__": {"glassnet": "{\"format\": 1, \"glassnet\": \"0.1.0\", \"units\": 3}"},
        "W": {"dtype": "F32", "shape": [1, 3], "data_offsets": [0, 12]}}"""
    path.write_bytes(with_header(header, W.tobytes()))
    description, tensors = read_model_file(path)
    assert description == {"format": 1, "glassnet": "0.1.0", "units": 3}
    assert list(tensors) == ["W"]
    np.testing.assert_array_equal(tensors["W"], np.array([[0.5, -1.5, 3.0]]))
    assert tensors["W"].dtype == np.float32


def test_a_written_file_is_these_bytes(path, monkeypatch):
    monkeypatch.setattr("glassnet.data.files.model_file.__version__", "9.8")
    write_model_file(path, {"name": "é", "b": 1, "a": [0.5, None]}, {"b": np.array([7, 5], np.uint8), "W": W})
    header = (
        r'{"__metadata__":{"glassnet":'
        r'"{\"a\":[0.5,null],\"b\":1,\"format\":1,\"glassnet\":\"9.8\",\"name\":\"\\u00e9\"}"},'
        r'"W":{"dtype":"F32","shape":[1,3],"data_offsets":[0,12]},'
        r'"b":{"dtype":"U8","shape":[2],"data_offsets":[12,14]}}'
    )
    header += " " * (-len(header) % 8)
    assert path.read_bytes() == with_header(header, W.tobytes() + b"\x07\x05")


@st.composite
def arrays_of_any_bits(draw):
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    shape = draw(st.just(()) | array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3))
    size = int(np.prod(shape)) * dtype.itemsize
    bits = draw(st.binary(min_size=size, max_size=size))
    if dtype.name == "bool":
        bits = bytes(byte & 1 for byte in bits)
    return np.frombuffer(bits, dtype).reshape(shape)


TENSOR_NAMES = st.text(max_size=10).filter(lambda name: name != "__metadata__")
MODELS = st.dictionaries(TENSOR_NAMES, arrays_of_any_bits(), max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)  # a disk takes the time it takes
@given(st.dictionaries(st.text(), VALUES, max_size=4), MODELS)
def test_a_round_trip_keeps_every_bit(scratch, description, tensors):
    write_model_file(scratch, description, tensors)
    read_description, read_tensors = read_model_file(scratch)
    by_another_reader = load_file(scratch)

    stamps = {"format": FORMAT, "glassnet": read_description["glassnet"]}
    assert read_description == {**description, **stamps}
    assert list(read_tensors) == sorted(tensors)
    assert by_another_reader.keys() == tensors.keys()
    for name, array in tensors.items():
        for read in (read_tensors[name], by_another_reader[name]):
            assert read.dtype == array.dtype
            assert read.shape == array.shape
            assert read.tobytes() == array.tobytes()


@settings(deadline=None)  # a disk takes the time it takes
@given(st.dictionaries(st.text(), VALUES, max_size=4), MODELS)
def test_the_order_of_keys_and_tensors_does_not_reach_the_file(scratch, description, tensors):
    write_model_file(scratch, description, tensors)
    first = scratch.read_bytes()
    write_model_file(scratch, dict(reversed(description.items())), dict(sorted(tensors.items(), reverse=True)))
    assert scratch.read_bytes() == first


def test_a_layout_in_memory_that_is_not_c_order_does_not_reach_the_file(path):
    a = np.arange(15, dtype=np.float64).reshape(5, 3)
    laid_out = {"T": a.T, "step": a[::2, ::-1], "F": np.asfortranarray(a), "swapped": a.astype(">f8")}
    write_model_file(path, {}, laid_out)
    _, tensors = read_model_file(path)
    for name, array in laid_out.items():
        np.testing.assert_array_equal(tensors[name], array)


def test_the_arrays_are_the_readers_own(path):
    write_model_file(path, {}, {"W": W, "empty": np.zeros((0, 7))})
    _, tensors = read_model_file(path)
    path.write_bytes(b"")
    tensors["W"] *= 2.0
    np.testing.assert_array_equal(tensors["W"], [[1.0, -3.0, 6.0]])
    assert tensors["W"].flags.owndata
    assert tensors["empty"].shape == (0, 7)


def test_a_file_says_who_wrote_it_even_if_the_description_says_otherwise(path):
    write_model_file(path, {"format": 99, "glassnet": "0.0.1"}, {})
    description, _ = read_model_file(path)
    assert description["format"] == FORMAT
    assert description["glassnet"] != "0.0.1"


def test_a_model_can_be_saved_by_a_glassnet_that_was_never_installed(path, monkeypatch):
    def not_installed(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", not_installed)
    write_model_file(path, {}, {"W": W})
    assert read_model_file(path)[0]["glassnet"] == __version__


WRITE = """
import sys, numpy as np
from glassnet.data.files import write_model_file
tensors = {f"W{i}": np.full((i, 3), i / 7) for i in range(11)}
write_model_file(sys.argv[1], {"layers": sorted(tensors), "loss": "mse"}, tensors)
"""


def test_two_processes_in_two_places_write_the_same_bytes_with_no_trace_of_either(tmp_path):
    written = []
    for seed, folder in enumerate(["here", "there"]):
        (tmp_path / folder).mkdir()
        subprocess.run(
            [sys.executable, "-c", WRITE, tmp_path / folder / "model.glass"],
            check=True,
            cwd=tmp_path / folder,
            env={**os.environ, "PYTHONHASHSEED": str(seed), "TZ": f"UTC-{9 * seed}", "USER": "grace"},
        )
        written.append((tmp_path / folder / "model.glass").read_bytes())
    assert written[0] == written[1]
    for trace in [str(tmp_path), "there", "model.glass", "grace", "UTC"]:
        assert trace.encode() not in written[0]


def test_importing_the_module_does_not_import_safetensors():
    script = "import glassnet.data.files, sys; sys.exit('safetensors' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


@pytest.mark.parametrize(
    ("description", "tensors", "error", "message"),
    [
        ({"rate": float("nan")}, {}, ValueError, "not JSON compliant"),
        ({"rate": float("inf")}, {}, ValueError, "not JSON compliant"),
        ({"units": np.int64(3)}, {}, TypeError, "not JSON serializable"),
        ({"name": "\ud800"}, {}, ValueError, "lone surrogate"),
        ({"n": 10**308}, {}, ValueError, "at most 308"),
        ({"n": [0] * 5_000_000}, {}, ValueError, "takes 10000[0-9]+ bytes in the file's header, at most 10000000 are"),
        ({}, {"W": np.zeros(3, np.float16)}, ValueError, "'W' is float16; a model file holds bool, float32"),
        ({}, {"W": np.zeros(3, complex)}, ValueError, "tensor 'W' is complex128"),
        ({}, {"W": np.array(["a"])}, ValueError, "tensor 'W' is <U1"),
        ({}, {"W": np.array([None])}, ValueError, "tensor 'W' is object"),
        ({}, {"W": np.zeros((1,) * 9)}, ValueError, "9 dimensions, at most 8"),
        ({}, {"__metadata__": W}, ValueError, "cannot be named '__metadata__'"),
        ({}, {"\udfff": W}, ValueError, "surrogate"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(path, description, tensors, error, message):
    path.write_bytes(b"old")
    with pytest.raises(error, match=message):
        write_model_file(path, description, tensors)
    assert path.read_bytes() == b"old"
    assert os.listdir(path.parent) == [path.name]


def test_the_systems_errors_pass_through(path):
    write_model_file(path, {}, {"W": W})
    with pytest.raises(FileExistsError):
        write_model_file(path, {}, {}, overwrite=False)
    assert list(read_model_file(path)[1]) == ["W"]
    with pytest.raises(IsADirectoryError):
        write_model_file(path.parent, {}, {})
    with pytest.raises(FileNotFoundError):
        read_model_file(path.with_name("missing"))
    with pytest.raises(IsADirectoryError):
        read_model_file(path.parent)


def test_naming_file_puts_the_path_before_the_message():
    message = r"^'a\.glass': layer 1 lacks its units$"
    with pytest.raises(ModelFileError, match=message), naming_file("a.glass"):
        raise ModelFileError("layer 1 lacks its units")
