"""Model files: safetensors whose header holds the whole description of the model.

The format is safetensors (https://huggingface.co/docs/safetensors): any reader of it gets the numbers. The
metadata has one entry, "glassnet": a JSON object that says what the numbers are for. There is no clock, host,
user or path in it, so the same model saved twice is the same bytes. What `write_model_file` writes,
`read_model_file` reads: the writer holds its bytes against the reader's checks before it touches the disk.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from glassnet.data.files.atomic import write_atomically
from glassnet.data.files.foreign import START
from glassnet.data.files.header import MAX_HEADER_BYTES, PREFIX_BYTES, check_tensors, header_length, parse_header
from glassnet.data.files.path import path_of
from glassnet.data.files.pipes import is_device, is_named_pipe, named
from glassnet.data.files.strict import JSON, strict_json
from glassnet.data.files.version import __version__
from glassnet.errors import ModelFileError

FORMAT = 1  # grows when a file can no longer be understood by the glassnet before it
DTYPES = {"BOOL": "bool", "F32": "float32", "F64": "float64", "I64": "int64", "U8": "uint8"}


def write_model_file(
    path: str | os.PathLike[str],
    description: Mapping[str, JSON],
    tensors: Mapping[str, npt.NDArray[Any]],
    *,
    overwrite: bool = True,
) -> None:
    """Write a model file, atomically.

    Parameters
    ----------
    path : str or path
        Where to.
    description : mapping of str to JSON
        What the tensors are for, in plain JSON types. The keys "format" and "glassnet" (the version that
        writes) are set here.
    tensors : mapping of str to array
        Any shape of at most 8 dimensions; bool, float32, float64, int64 or uint8.
    overwrite : bool
        Whether a file that is already there may be replaced.

    Raises
    ------
    TypeError, ValueError
        If the description is not JSON, or a tensor cannot be held.
    FileExistsError, OSError
        As in `write_atomically`.
    """
    from safetensors.numpy import save

    path_of(path)
    stamped = {**description, "format": FORMAT, "glassnet": __version__}
    text = json.dumps(stamped, sort_keys=True, allow_nan=False, separators=(",", ":"))
    # One metadata entry, because safetensors writes several in random order; tensors it sorts by itself.
    data = save({name: _storable(name, array) for name, array in tensors.items()}, {"glassnet": text})
    header_bytes = int.from_bytes(data[:PREFIX_BYTES], "little")
    if header_bytes > MAX_HEADER_BYTES:
        raise ValueError(
            f"the description takes {header_bytes} bytes in the file's header, at most {MAX_HEADER_BYTES} are allowed: "
            "long lists of numbers belong in tensors"
        )
    _read_checked(io.BytesIO(data), len(data))
    write_atomically(path, data, overwrite=overwrite)


def read_model_file(path: str | os.PathLike[str]) -> tuple[dict[str, JSON], dict[str, npt.NDArray[Any]]]:
    """Read a model file: its description, and its tensors as arrays of their own, free to be written to.

    The file is read, not mapped: replacing it later does not reach the arrays.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    description : dict
        As given to `write_model_file`, with "format" and "glassnet" (the version that wrote it).
    tensors : dict of str to array
        Sorted by name; bit for bit what was saved.

    Raises
    ------
    ModelFileError
        If anything is wrong with the content, whatever the content, or if it is a named pipe.
    OSError
        If there is no such file, or it cannot be read.
    """
    with open_model_file(path) as file:
        return file.description, file.tensors


@contextlib.contextmanager
def open_model_file(path: str | os.PathLike[str]) -> Iterator[ModelFile]:
    """A model file of which the description is read, and what it says about its tensors; raises as `read_model_file`.

    A ModelFileError raised inside gets the file's name, too.
    """
    path_of(path, "the model's path")
    with naming_file(path):
        if is_named_pipe(path):
            raise ModelFileError("this is a named pipe, not a model file; save what comes out of it in a file first")
        if is_device(path):
            raise ModelFileError("this is a device, not a model file")
        with named(path), open(path, "rb") as file:
            yield _read_checked(file, os.fstat(file.fileno()).st_size)


@dataclass(frozen=True)
class Told:
    """What a header says about a tensor."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


@dataclass(frozen=True)
class ModelFile:
    """An open model file whose header was found right: its numbers are not read yet.

    Attributes
    ----------
    description
        What the numbers are for.
    told
        The tensors by name, in the order in which the file holds them: what is said about them.
    numbers
        What is left of the file: one tensor's bytes after the other's.
    """

    description: dict[str, JSON]
    told: Mapping[str, Told]
    numbers: BinaryIO

    @cached_property
    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """The tensors by name, sorted, as arrays of their own."""
        found = dict[str, npt.NDArray[Any]]()
        for name, told in self.told.items():
            little_endian = np.empty(told.shape, told.dtype.newbyteorder("<"))
            content = little_endian.reshape(-1).view(np.uint8)
            if self.numbers.readinto(content) != content.size:  # type: ignore[attr-defined]  # BinaryIO lacks it
                raise ModelFileError(f"tensor {reprlib.repr(name)} is cut off: the file became shorter as it was read")
            if told.dtype == bool and (content > 1).any():
                raise ModelFileError(f"tensor {reprlib.repr(name)} is BOOL, but has bytes other than 0 and 1")
            found[name] = little_endian.astype(told.dtype, copy=False)
        return dict(sorted(found.items()))


@contextlib.contextmanager
def naming_file(path: str | os.PathLike[str]) -> Iterator[None]:
    """Put the file's name before a ModelFileError raised inside."""
    try:
        yield
    except ModelFileError as error:
        raise ModelFileError(f"{os.fspath(path)!r}: {error}") from None


def _read_checked(file: BinaryIO, file_bytes: int) -> ModelFile:
    """The file, its header held against its length."""
    start = file.read(START)
    length = header_length(start, file_bytes)
    file.seek(PREFIX_BYTES)
    header = file.read(length)
    metadata, entries = parse_header(header)
    description = _description(metadata)  # before the tensors: a newer format may have other ones
    shapes = check_tensors(entries, file_bytes - PREFIX_BYTES - len(header))
    told = {name: Told(shape, np.dtype(DTYPES[dtype])) for name, (dtype, shape) in shapes.items()}
    return ModelFile(description, told, file)


def _description(metadata: Mapping[str, str]) -> dict[str, JSON]:
    if "glassnet" not in metadata:
        raise ModelFileError("a safetensors file, but not a model: its __metadata__ has no entry 'glassnet'")
    description = strict_json(metadata["glassnet"])
    if not isinstance(description, dict):
        raise ModelFileError(f"the description must be a JSON object, got {reprlib.repr(description)}")
    written_by = description.get("glassnet")
    if not isinstance(written_by, str):
        raise ModelFileError(
            f"the description must name its version of glassnet in 'glassnet', got {reprlib.repr(written_by)}"
        )
    number = description.get("format")
    if type(number) is not int or number < 1:
        raise ModelFileError(f"the description's 'format' must be an integer ≥ 1, got {reprlib.repr(number)}")
    if number > FORMAT:
        raise ModelFileError(
            f"written by glassnet {_word(written_by)}, this is {__version__}: the file has format "
            f"{reprlib.repr(number)}, formats up to {FORMAT} can be read; install a newer glassnet"
        )
    return description


def _word(text: str) -> str:
    return text if text.isprintable() and len(text) <= 30 else reprlib.repr(text)


def _storable(name: str, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The array in C order and this machine's byte order: safetensors copies memory, whatever the strides."""
    if name == "__metadata__":
        raise ValueError("a tensor cannot be named '__metadata__': safetensors uses that name itself")
    if array.dtype.name not in DTYPES.values():
        raise ValueError(f"tensor {name!r} is {array.dtype}; a model file holds {', '.join(DTYPES.values())}")
    return np.asarray(array, dtype=array.dtype.newbyteorder("="), order="C")
