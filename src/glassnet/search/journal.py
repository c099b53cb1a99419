"""What a search has done, line by line, so that the same search goes on from there, whatever stopped it.

The first line says what is searched; each after it is a bundle with what came of it. A line is appended and on the
disk before the next thing is done. Whatever ends the process leaves at most a last line that is not whole, which
counts as not written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from glassnet.data.files import strict_json
from glassnet.data.files.atomic import sync_folder
from glassnet.data.files.path import path_of
from glassnet.errors import CheckpointError, ModelFileError
from glassnet.model.checkpoints.differences import difference

Line = Mapping[str, Any]
KIND = "search"


class Journal:
    """A journal that is open; without a file it keeps nothing.

    Attributes
    ----------
    lines
        What was there when it was opened, but for the first.
    """

    def __init__(self, lines: list[Line], file: int | None) -> None:
        self.lines, self.file = lines, file

    def add(self, line: Line) -> None:
        """Append a line; when this comes back, the disk has it."""
        if self.file is not None:
            append(self.file, line)


@contextmanager
def opened(path: str | os.PathLike[str] | None, head: Line) -> Iterator[Journal]:
    """The journal at a path, begun if there is none; no other process has it meanwhile.

    Raises
    ------
    CheckpointError
        It is of another search, of another program, or somebody else's just now.
    OSError
        It cannot be read or written.
    """
    if path is None:
        yield Journal([], None)
        return
    place = path_of(path, "journal").absolute()
    if place.exists() and not place.is_file():  # to read a named pipe would wait for somebody to write
        kind = "a folder" if place.is_dir() else "no file"
        raise CheckpointError(f"{place} is {kind}; give the name of a file to keep the journal of a search in")
    with locked(place):
        file = os.open(place, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
        try:
            lines, whole = read(place, head)
            os.ftruncate(file, whole)
            if not whole:
                append(file, head)
                sync_folder(place.parent)
            yield Journal(lines, file)
        finally:
            os.close(file)


def read(place: Path, head: Line) -> tuple[list[Line], int]:
    """The lines after the first, and how many bytes of the file are whole lines.

    Raises
    ------
    CheckpointError
        The file is no journal, or that of another search.
    """
    data = place.read_bytes()
    *whole, _ = data.split(b"\n")
    if not whole:
        if not written(head).startswith(data):
            raise CheckpointError(f"{place} is not the journal of a search; {ANOTHER}")
        return [], 0
    found = [parsed(line) for line in whole]
    if found[-1] is None and len(found) > 1:  # the disk has its length, but not yet what it says
        whole.pop(), found.pop()
    if found[0] is None or found[0].get("kind") != KIND:
        raise CheckpointError(f"{place} is not the journal of a search; {ANOTHER}")
    other = difference((found[0], {}), (json.loads(written(head)), {}))
    if other is not None:
        raise CheckpointError(f"{place} is the journal of another search: {other}; give the same, or another file")
    lines: list[Line] = [line for line in found[1:] if line is not None]
    if len(lines) < len(found) - 1:
        raise CheckpointError(f"line {found.index(None) + 1} of {place} is damaged; {ANOTHER}")
    return lines, sum(len(line) + 1 for line in whole)


ANOTHER = "give another file, or take this one away"


def parsed(line: bytes) -> dict[str, Any] | None:
    """A line; None where it is none."""
    try:
        found = strict_json(line)
    except ModelFileError:
        return None
    return dict(found) if isinstance(found, Mapping) else None


def written(line: Line) -> bytes:
    """A line as the file has it."""
    return json.dumps(line, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def append(file: int, line: Line) -> None:
    """Write a line at the end, and wait until the disk has it."""
    data = written(line)
    while data:
        data = data[os.write(file, data) :]
    os.fsync(file)


@contextmanager
def locked(place: Path) -> Iterator[None]:
    """Within it no other process has the journal; the system lets go of what a killed one had."""
    from filelock import FileLock, Timeout

    lock = FileLock(place.with_name(f"{place.name}.lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise CheckpointError(f"another search writes to {place} just now; wait for it, or give another file") from None
    try:
        yield
    finally:
        lock.release()
