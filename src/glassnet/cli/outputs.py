"""Where results go. Looked at before the work, so that an hour of training does not end at a closed door.

A command that is repeated replaces what it wrote before; a file of another kind is never replaced unasked.
"""

from __future__ import annotations

import errno
import gzip
import os
import stat
import zlib
from collections.abc import Callable
from pathlib import Path

from glassnet.cli.failures import Usage, cannot_write, writing
from glassnet.data.files import read_model_file, write_atomically
from glassnet.data.files.atomic import NAMED_PIPE
from glassnet.data.files.endings import PICTURES
from glassnet.data.files.pipes import is_named_pipe
from glassnet.errors import ModelFileError


def check_output(path: Path, is_ours: Callable[[Path], bool], kind: str, force: bool = False) -> None:
    """Refuse a path that cannot be written, or that holds something else than `kind`; OSError says why."""
    with writing(path):
        try:
            mode = os.stat(path).st_mode
        except FileNotFoundError:
            mode = 0
    if stat.S_ISDIR(mode):
        raise cannot_write(errno.EISDIR, path)
    if is_named_pipe(path):
        raise cannot_write(errno.ESPIPE, path, NAMED_PIPE)
    if mode and not stat.S_ISREG(mode):
        return
    if not path.parent.is_dir():
        raise cannot_write(errno.ENOENT, path, "no such folder")
    for place in (path, path.parent) if mode else (path.parent,):
        if not os.access(place, os.W_OK):
            raise cannot_write(errno.EACCES, path)
    if mode and not force and os.stat(path).st_size and not is_ours(path):
        raise cannot_write(errno.EEXIST, path, f"the file there is not {kind}")


def check_not_read(option: str, path: Path, *read: Path) -> None:
    """Refuse to write over a file that the command reads, also with --force."""
    if any(path.exists() and source.exists() and source.samefile(path) for source in read):
        raise Usage(f"{option} {path} is the file that is read; choose another name")


def is_model(path: Path) -> bool:
    """Whether a file is a whole model file."""
    try:
        read_model_file(path)
    except ModelFileError:
        return False
    return True


def is_picture(path: Path) -> bool:
    """Whether a file is a picture of the kind that its name says."""
    return begins(path, PICTURES.get(path.suffix.lower(), PICTURES[".png"]).start)


def begins(path: Path, start: bytes) -> bool:
    """Whether a file, unpacked if its name ends in .gz, begins with these bytes."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            return file.read(len(start)) == start
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return False


def first_line(text: str) -> bytes:
    """What a text begins with: a line; of a page and of JSON as much as tells them from others."""
    if text.startswith(("[", "{")):
        return text[: text.find('": ') + 3].encode()
    return text[: text.find("\n", 100 if text.startswith("<") else 0) + 1].encode()


def write_text(path: Path, text: str, force: bool) -> None:
    """Write text in UTF-8, packed if the name ends in .gz; what is there is replaced if it begins as the text does."""
    start, content = first_line(text), text.encode()
    packed = gzip.compress(content, mtime=0) if path.suffix == ".gz" else content
    write_bytes(path, packed, lambda there: begins(there, start), force)


def write_bytes(path: Path, content: bytes, is_ours: Callable[[Path], bool], force: bool) -> None:
    """Write a file; what is there is replaced only if it is an earlier result of the command."""
    check_output(path, is_ours, "an earlier result of this command", force)
    with writing(path):
        write_atomically(path, content)
