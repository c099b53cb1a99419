"""Which kind of file a name asks for: by its ending, for everything that can be written in more than one way."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PictureKind:
    """A kind of picture: what its files begin with, and what is left out of them, as it differs from time to time."""

    start: bytes
    untold: tuple[str, ...]


MODELS = (".glass", ".safetensors")
TABLES = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
}
PICTURES = {
    ".png": PictureKind(b"\x89PNG", ("Software",)),
    ".svg": PictureKind(b"<?xml", ("Date",)),
    ".pdf": PictureKind(b"%PDF", ("CreationDate", "Creator", "Producer")),
}
PROGRAMS = {  # by language, its usual ending first
    "numpy": (".py",),
    "r": (".R",),
    "javascript": (".mjs", ".js"),
    "c": (".c",),
    "xlsx": (".xlsx",),
    "onnx": (".onnx",),
}
PAGES = (".txt", ".html", ".tex", ".json")  # as text, as a page, as a LaTeX document, as data
SAME = {".htm": ".html"}


def ending(path: str | os.PathLike[str], what: str, endings: Collection[str] = PAGES, *, optional: bool = False) -> str:
    """The ending of a file's name, in small letters, that says how to write it.

    >>> ending("Page.HTML", "an explanation"), ending("step-0.1", "a program", [".py"], optional=True)
    ('.html', '')

    Parameters
    ----------
    path
        The file's name.
    what
        What is to be written, in words, for the message.
    endings
        Those that there are; `.htm` is `.html`.
    optional
        Whether a name without an ending is allowed; '' is returned for it.

    Raises
    ------
    ValueError
        The name ends in something else.
    """
    suffix = Path(path).suffix.lower()
    suffix = SAME.get(suffix, suffix)
    if suffix in {known.lower() for known in endings}:
        return suffix
    if optional and not is_ending(suffix):
        return ""
    raise ValueError(f"the name of {what} must end in {' or '.join(endings)}, got {os.fspath(path)!r}")


def is_ending(suffix: str) -> bool:
    """Whether what stands behind a name's last dot says a kind of file: `model-0.1` has no ending."""
    return re.fullmatch(r"\.[A-Za-z]\w*", suffix) is not None
