"""Files of other programs, written by those: each is called what it is when it is given as a model."""

import gzip
import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.files.foreign import foreign_kind

ARRAY = np.arange(7.0)


def with_numpy(save: Callable[..., None]) -> bytes:
    file = io.BytesIO()
    save(file, ARRAY)
    return file.getvalue()


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "{}")
    return file.getvalue()


FILES = {
    **{f"pickle {k}": (pickle.dumps({"W1": ARRAY}, protocol=k), "a pickle, which can run code") for k in (2, 3, 4, 5)},
    "npy": (with_numpy(np.save), "an array of NumPy (npy)"),
    "npz": (with_numpy(np.savez), "arrays of NumPy (npz)"),
    "npz, packed": (with_numpy(np.savez_compressed), "arrays of NumPy (npz)"),
    "zip": (zipped("notes.txt"), "a zip archive"),
    "zip, cut off": (b"PK\x03\x04" + bytes(9), "a zip archive"),
    "Keras 3": (zipped("metadata.json", "config.json", "model.weights.h5"), "a model of Keras"),
    "Keras 2": (b"\x89HDF\r\n\x1a\n" + bytes(88), "HDF5, as Keras wrote its models (h5)"),
    "PyTorch": (zipped("model/data.pkl", "model/version"), "a model of PyTorch, a pickle in a zip archive"),
    "Excel": (zipped("[Content_Types].xml", "xl/workbook.xml"), "a workbook of Excel (xlsx)"),
    "gzip": (gzip.compress(b"x" * 99), "packed with gzip"),
}


def refusal(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(gn.ModelFileError) as caught:
        gn.load(path)
    return str(caught.value)


@pytest.mark.parametrize(("content", "kind"), FILES.values(), ids=FILES)
def test_a_file_of_another_program_is_named(tmp_path: Path, content: bytes, kind: str) -> None:
    assert f"not a model file: it is {kind}" in refusal(tmp_path / "m", content)


def test_a_model_that_was_exported_to_onnx_is_named(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    value = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    graph = onnx.helper.make_graph([], "g", [value], [value])
    for more in {}, {"producer_name": "somebody"}:
        content = onnx.helper.make_model(graph, **more).SerializeToString()
        assert "not a model file: it is a model in ONNX" in refusal(tmp_path / "m", content)


@pytest.mark.parametrize("field", [0x12, 0x1A, 0x22, 0x3A, 0x42])  # producer, its version, domain, graph, opsets
def test_onnx_is_known_by_its_first_fields(field: int) -> None:
    assert foreign_kind(bytes([8, 7, field]).ljust(8, b"\x01")) == "a model in ONNX"


@pytest.mark.parametrize(
    "start", [b"\x80\x01", b"\x80\x06", b"\x7f\x02", b"\x08\x00\x12", b"\x08\x20\x12", b"\x08\x07\x13"]
)
def test_bytes_that_only_begin_alike_are_not_named(start: bytes) -> None:
    assert foreign_kind(start.ljust(8, b"\x12")) == ""
