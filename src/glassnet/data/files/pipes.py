"""Named pipes and devices, which make whoever opens them wait, or read for ever.

Named pipes (FIFOs): the system lets whoever opens one wait, without a word, until somebody opens the other end.

A table is read from one, after a wait that ends. A model is not, nor is anything written to one: a model's length
must be known before it is read, and what is written must stay. Pipes of the shell, such as `/dev/stdout` and
`<(program)`, have no name of their own in a folder and somebody at the other end, and are none of these.
"""

import io
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from glassnet.errors import DataError

PATIENCE = 10.0  # seconds, for a program that was started at the same time and has yet to open its end
_PAUSE = 0.02  # seconds between two looks


def is_named_pipe(path: str | os.PathLike[str]) -> bool:
    """Whether a path, or what its links lead to, is a pipe that stands in a folder under its name."""
    try:
        return stat.S_ISFIFO(os.lstat(os.path.realpath(path)).st_mode)
    except (OSError, ValueError):
        return False


def is_device(path: str | os.PathLike[str]) -> bool:
    """Whether a path leads to a device, of which there may be no end: `/dev/zero`; not `/dev/null`, not a terminal."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISBLK(mode) or (stat.S_ISCHR(mode) and not is_empty(path) and not is_terminal(path))


def is_empty(path: str | os.PathLike[str]) -> bool:
    """Whether it is the device that gives nothing."""
    return os.path.exists(os.devnull) and os.path.samefile(path, os.devnull)


def is_terminal(path: str | os.PathLike[str]) -> bool:
    """Whether somebody types there; opening it does not make it the program's own."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
    except OSError:
        return True  # what cannot be opened says so when it is
    try:
        return os.isatty(handle)
    finally:
        os.close(handle)


@contextmanager
def named(path: str | os.PathLike[str]) -> Iterator[None]:
    """Put the file's name into an OSError raised inside that has none: what reads an open file does not know it."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = os.fspath(path)
        raise


def open_to_read(path: str | os.PathLike[str]) -> io.BufferedReader:
    """Open a file in binary; DataError for a device, and for a named pipe that nobody opens to write for some time."""
    if is_device(path):
        raise DataError(f"{os.fspath(path)} is a device and no table; give a file")
    if not is_named_pipe(path):
        return open(path, "rb")
    # With O_NONBLOCK the pipe opens at once: reading it gives nothing while nobody writes, and "would block" (None)
    # while somebody is there who has written nothing yet.
    source = _Pipe(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    stream: io.BufferedReader = io.BufferedReader(source)
    end = time.monotonic() + PATIENCE
    while not stream.peek(1) and source.got is not None:
        if time.monotonic() > end:
            stream.close()
            raise DataError(
                f"{Path(path).name} is a named pipe, and no program has written to it for {PATIENCE:g} seconds; "
                "start the one that does, or give a file"
            )
        time.sleep(_PAUSE)
    os.set_blocking(source.fileno(), True)
    return stream


class _Pipe(io.FileIO):
    """Remembers what the last look gave: a count of bytes, or None where it would have had to wait."""

    got: int | None = 0

    def readinto(self, buffer: bytearray | memoryview, /) -> int | None:  # type: ignore[override]  # as io.RawIOBase says
        self.got = super().readinto(buffer)
        return self.got
