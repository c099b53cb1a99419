"""The header of a safetensors file, held against the file's length before anything is allocated.

    8 bytes     n, the length of the header (little-endian)
    n bytes     {"__metadata__": {"glassnet": "..."},
                 "W1": {"dtype": "F64", "shape": [2, 4], "data_offsets": [0, 64]}, ...}
    the rest    the numbers: every byte belongs to exactly one tensor

The safetensors library checks most of this. What it lets through (a name twice, a shape that NumPy cannot
make, dtypes that NumPy does not have, fields that mean nothing) would surface later, as another error or not
at all.
"""

import codecs
import math
import reprlib
from collections.abc import Mapping

from glassnet.data.files.fields import count, items, mapping, take
from glassnet.data.files.foreign import foreign_kind
from glassnet.data.files.strict import JSON, strict_json
from glassnet.errors import ModelFileError

PREFIX_BYTES = 8
MAX_HEADER_BYTES = 10_000_000  # the format allows ten times as many, which take half a minute to read
MAX_RANK = 8
ITEM_BYTES = {"BOOL": 1, "F32": 4, "F64": 8, "I64": 8, "U8": 1}


def header_length(start: bytes, file_bytes: int) -> int:
    """The length of the header that a file's first 8 bytes announce, if the file is long enough for it.

    What follows them in `start` says what else the file is, where it is no model.
    """
    prefix = start[:PREFIX_BYTES]
    if len(prefix) < PREFIX_BYTES:
        raise ModelFileError(f"not a model file: it has {len(prefix)} bytes, at least {PREFIX_BYTES} are needed")
    announced = int.from_bytes(prefix, "little")
    if announced > MAX_HEADER_BYTES and is_text(prefix):
        raise ModelFileError("this is text, not a model file")
    if announced > MAX_HEADER_BYTES and (kind := foreign_kind(start)):
        raise ModelFileError(f"not a model file: it is {kind}")
    if announced > MAX_HEADER_BYTES:
        raise ModelFileError(
            f"not a model file: its first bytes {prefix!r} announce a header of {announced} bytes, "
            f"at most {MAX_HEADER_BYTES} are allowed"
        )
    if announced > file_bytes - PREFIX_BYTES and start[8:9] != b"{" and (kind := foreign_kind(start)):
        raise ModelFileError(f"not a model file: it is {kind}")
    if announced > file_bytes - PREFIX_BYTES:
        raise ModelFileError(
            f"truncated, or not a model file: a header of {announced} bytes is announced, "
            f"{file_bytes - PREFIX_BYTES} follow"
        )
    return announced


def is_text(prefix: bytes) -> bool:
    """Whether the first bytes of a file are printable letters; the last of them may be cut."""
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(prefix)
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\t\r\n" for letter in text)


def parse_header(header: bytes) -> tuple[Mapping[str, str], Mapping[str, JSON]]:
    """The header's metadata, and what it says about each tensor, the latter still unchecked."""
    if not header.startswith(b"{"):
        raise ModelFileError(f"not a model file: its header must begin with '{{', got {header[:8]!r}")
    entries = strict_json(header)
    assert isinstance(entries, dict)  # it begins with a brace
    metadata = entries.pop("__metadata__", None)
    if metadata is None:
        raise ModelFileError("not a model file: its header has no __metadata__; some other program wrote it")
    for key, value in mapping(metadata, "__metadata__").items():
        if not isinstance(value, str):
            raise ModelFileError(f"__metadata__ {reprlib.repr(key)} must be a string, got {reprlib.repr(value)}")
    return metadata, entries


def check_tensors(entries: Mapping[str, JSON], data_bytes: int) -> dict[str, tuple[str, tuple[int, ...]]]:
    """The dtype and shape of each tensor, in the order in which their bytes follow each other.

    Refused are those that NumPy cannot make, and those that leave gaps or overlaps in their `data_bytes` bytes.
    """
    tensors = {name: _tensor(name, entry) for name, entry in entries.items()}
    spans = sorted((begin, end, name) for name, (_, _, begin, end) in tensors.items())
    reached = 0
    for begin, end, name in spans:
        if begin != reached:
            kind = "overlaps the tensor before it" if begin < reached else "leaves a hole before it"
            raise ModelFileError(f"tensor {reprlib.repr(name)} {kind}: it begins at byte {begin}, expected {reached}")
        reached = end
    if reached != data_bytes:
        kind = "truncated" if reached > data_bytes else "bytes that belong to no tensor"
        raise ModelFileError(f"{kind}: the tensors take {reached} bytes, the file holds {data_bytes}")
    return {name: tensors[name][:2] for _, _, name in spans}


def _tensor(name: str, entry: JSON) -> tuple[str, tuple[int, ...], int, int]:
    """A tensor's dtype, its shape, and where its bytes begin and end: as many as these need."""
    where = f"tensor {reprlib.repr(name)}"
    entry = take(entry, {"dtype", "shape", "data_offsets"}, where)
    dtype = entry["dtype"]
    if not isinstance(dtype, str) or dtype not in ITEM_BYTES:
        raise ModelFileError(f"{where} has dtype {reprlib.repr(dtype)}; a model file holds {', '.join(ITEM_BYTES)}")
    shape = _sizes(entry["shape"], f"{where}.shape")
    if len(shape) > MAX_RANK:
        raise ModelFileError(f"{where} has {len(shape)} dimensions, at most {MAX_RANK} are allowed")
    if math.prod(size or 1 for size in shape) * ITEM_BYTES[dtype] >= 2**63:  # NumPy's rule, zeros left out
        raise ModelFileError(f"{where} has shape {reprlib.repr(shape)}: too large for an array")
    offsets = _sizes(entry["data_offsets"], f"{where}.data_offsets")
    if len(offsets) != 2 or offsets[0] > offsets[1]:
        raise ModelFileError(f"{where}.data_offsets must be [begin, end], got {reprlib.repr(offsets)}")
    begin, end = offsets
    needed = math.prod(shape) * ITEM_BYTES[dtype]
    if end - begin != needed:
        raise ModelFileError(
            f"{where}, {dtype} of shape {shape}, needs {needed} bytes, its data_offsets {offsets} hold {end - begin}"
        )
    return dtype, tuple(shape), begin, end


def _sizes(value: JSON, path: str) -> list[int]:
    return [count(item, f"{path}[{k}]") for k, item in enumerate(items(value, path))]
