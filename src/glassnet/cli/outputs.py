"""Where results go. Looked at before the work, so that an hour of training does not end at a closed door.

A command that is repeated replaces what it wrote before; a file of another kind is never replaced unasked.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

from glassnet.cli.failures import cannot_write, writing
from glassnet.errors import ModelFileError
from glassnet.files import write_atomically

PICTURES = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


def check_output(path: Path, is_ours: Callable[[Path], bool], kind: str, force: bool = False) -> None:
    """Refuse a path that cannot be written, or that holds something else than `kind`; OSError says why."""
    with writing(path):
        try:
            mode = os.stat(path).st_mode
        except FileNotFoundError:
            mode = 0
    if stat.S_ISDIR(mode):
        raise cannot_write(errno.EISDIR, path)
    if mode and not stat.S_ISREG(mode):
        return
    if not path.parent.is_dir():
        raise cannot_write(errno.ENOENT, path, "no such folder")
    for place in (path, path.parent) if mode else (path.parent,):
        if not os.access(place, os.W_OK):
            raise cannot_write(errno.EACCES, path)
    if mode and not force and os.stat(path).st_size and not is_ours(path):
        raise cannot_write(errno.EEXIST, path, f"the file there is not {kind}")


def is_model(path: Path) -> bool:
    """Whether a file is a whole model file."""
    from glassnet.files import read_model_file

    try:
        read_model_file(path)
    except ModelFileError:
        return False
    return True


def is_picture(path: Path) -> bool:
    """Whether a file is a picture of the kind that its name says."""
    return begins(path, PICTURES.get(path.suffix.lower(), PICTURES[".png"]))


def begins(path: Path, start: bytes) -> bool:
    """Whether a file begins with these bytes."""
    with open(path, "rb") as file:
        return file.read(len(start)) == start


def write_text(path: Path, text: str, force: bool, kind: str) -> None:
    """Write text, unless the file there begins otherwise: with another line, or if that is short another few."""
    start = text[: text.find("\n", 100 if text.startswith("<") else 0) + 1]
    check_output(path, lambda there: begins(there, start.encode()), kind, force)
    with writing(path):
        write_atomically(path, text)
