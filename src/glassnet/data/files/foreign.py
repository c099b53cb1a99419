"""What a file is that another program wrote, told from its first bytes: for an error that names it."""

import struct

START = 128  # bytes that are looked at

_NAMED = {
    b"\x93NUMPY": "an array of NumPy (npy)",
    b"\x89HDF\r\n\x1a\n": "HDF5, as Keras wrote its models (h5)",
    b"\x1f\x8b": "packed with gzip",
    b"\x89PNG\r\n": "a picture (PNG)",
    b"%PDF": "a PDF",
    b"PAR1": "a table in Parquet",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old document of Office (xls, doc)",
    b"SQLite format 3\0": "a database of SQLite",
    b"\xfd7zXZ\0": "packed with xz",
    b"BZh": "packed with bzip2",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"7z\xbc\xaf\x27\x1c": "an archive of 7-Zip",
    b"GGUF": "weights of a language model (gguf)",
    b"x^": "packed with zlib, as joblib packs pickles",
    b"x\x9c": "packed with zlib, as joblib packs pickles",
    b"TFL3": "a model of TensorFlow Lite",
    b"ARROW1": "a table in Arrow's format (feather)",
    b"ORC": "a table in ORC",
    b"Obj\x01": "a table in Avro",
    b"$FL2": "a table of SPSS (sav)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"\x7fELF": "a program",
}
_ZIP, _ZIP_HEADER = b"PK\x03\x04", struct.Struct("<26xHH")  # the lengths of the first entry's name and extra field
_IN_ZIP = {  # by how the name of its first entry ends
    ".npy": "arrays of NumPy (npz)",
    "metadata.json": "a model of Keras",
    "data.pkl": "a model of PyTorch, a pickle in a zip archive",
    "[Content_Types].xml": "a workbook of Excel (xlsx) or another document of Office",
}


def foreign_kind(start: bytes) -> str:
    """What begins with these bytes (8 at least), in words; empty where that is not known."""
    for magic, kind in _NAMED.items():
        if start.startswith(magic):
            return kind
    if start.startswith(_ZIP):
        name = first_in_zip(start)
        return next((kind for end, kind in _IN_ZIP.items() if name.endswith(end)), "a zip archive")
    if start[0] == 0x80 and start[1] in (2, 3, 4, 5):  # PROTO and its number
        return "a pickle, which can run code when it is read"
    if start[:1] == b"\x08" and 0 < start[1] < 32 and start[2] in (0x12, 0x1A, 0x22, 0x3A, 0x42):
        return "a model in ONNX"  # its first field is the version of the format, a small number; then come names
    return ""


def is_markup(start: bytes) -> bool:
    """Whether it begins as a page of HTML or a document in XML does: a link to a file gives one when it fails."""
    first = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return first.startswith((b"<!doctype html", b"<html", b"<?xml"))


def is_safetensors(start: bytes) -> bool:
    """Whether it begins as a model's file does: the length of a header, and a brace."""
    return start[8:9] == b"{" and int.from_bytes(start[:8], "little") < 1 << 32


def first_in_zip(start: bytes) -> str:
    """The name of the first file in the zip archive that begins so; empty where there is none."""
    if not start.startswith(_ZIP) or len(start) < _ZIP_HEADER.size:
        return ""
    length, _ = _ZIP_HEADER.unpack_from(start)
    return start[_ZIP_HEADER.size :][:length].decode("utf-8", "replace")
