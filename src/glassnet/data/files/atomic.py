"""Whole or not at all: how glassnet writes a file.

The new content goes to a second file in the same folder; only when the disk has all of it does it take the
name. Whoever reads the name, at any instant and after any crash, finds the old content or the new, never a
part. The order is the one that "All File Systems Are Not Created Equal" (Pillai et al., OSDI 2014) asks for:
write, fsync the file, rename, fsync the folder.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from glassnet.data.files.pipes import is_named_pipe

fcntl: Any
try:
    import fcntl
except ImportError:  # pragma: no cover  # Windows
    fcntl = None

NAMED_PIPE = "it is a named pipe, not a file"


def write_atomically(path: str | os.PathLike[str], data: bytes | str, *, overwrite: bool = True) -> None:
    """Write `data` to `path` so that the file there is never a partial one.

    A file that is replaced keeps its permissions; a symbolic link stays one, and what it points to is
    replaced. A path that is no file (`/dev/stdout`) has nothing to keep: it is written to directly.

    Parameters
    ----------
    path : str or path
        Where to.
    data : bytes or str
        The content; text is written as UTF-8, line ends as they are.
    overwrite : bool
        Whether a file that is already there may be replaced.

    Raises
    ------
    FileExistsError
        If `overwrite` is False and something has this name.
    OSError
        If it is a named pipe, or the system refuses: a folder that is missing or read-only, a directory or a
        read-only file in the way, a full disk, a name too long. The old file is untouched then. The one exception
        is a disk that fails at the very last call, the fsync of the folder: the new file is in place and whole,
        but a power cut may undo it.
    """
    content = data.encode("utf-8") if isinstance(data, str) else data
    with open_atomically(path, overwrite=overwrite) as file:
        file.write(content)


@contextlib.contextmanager
def open_atomically(path: str | os.PathLike[str], *, overwrite: bool = True) -> Iterator[BinaryIO]:
    """The same for content that is made bit by bit: what is written to the file takes the name when the block ends.

    Where the block raises, nothing has changed. Errors of the system are those of `write_atomically`.
    """
    path = Path(path)
    if is_named_pipe(path):
        raise OSError(errno.ESPIPE, NAMED_PIPE, os.fspath(path))
    if path.exists() and not (path.is_file() or path.is_dir()):
        with open(path, "wb") as device:
            yield device
        return
    if not overwrite and os.path.lexists(path):
        raise _exists(path)
    if path.exists():
        # What could not be written over in place is not replaced either: a directory, a read-only file.
        with open(path, "r+b"):
            pass
    target = Path(os.path.realpath(path))
    clear_left_once(target.parent)
    temporary, is_inside = None, False
    try:
        file, temporary = _opened(target.parent)
        with file:
            is_inside = True
            yield file
            is_inside = False
            if target.exists():
                shutil.copymode(target, temporary)
            file.flush()
            os.fsync(file.fileno())
            if fcntl is not None:
                _give_name(temporary, target, overwrite)  # while it is locked
        if fcntl is None:
            _give_name(temporary, target, overwrite)  # Windows renames no file that is open
    except BaseException as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
        if isinstance(error, OSError) and not (is_inside and error.filename):  # names the temporary file, or none
            error.filename, error.filename2 = os.fspath(path), None
        raise
    sync_folder(target.parent)


@lru_cache(maxsize=1024)
def clear_left_once(folder: Path) -> None:
    """`clear_left`, the first time that a process writes to a folder: to look through a large one takes long."""
    clear_left(folder)


def clear_left(folder: Path) -> None:
    """Delete the temporary files that writers who were killed left in a folder.

    Whoever writes one holds a lock on it (`flock`), which the system takes away when the process ends, however it does:
    a file whose lock can be had is nobody's. Where there are no locks between those who write, nothing is deleted.
    Windows lets nobody delete a file that is open; one that was closed and awaits its name is not an hour old.
    """
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _LEFT.fullmatch(entry.name):
                with contextlib.suppress(OSError):
                    _delete_if_nobodys(Path(entry.path))


_LEFT = re.compile(r"\.glassnet-[0-9a-f]{16}\.tmp")
_OLD = 3600.0  # seconds


def _delete_if_nobodys(path: Path) -> None:
    if fcntl is None:
        if time.time() - path.stat().st_mtime > _OLD:
            path.unlink()
        return
    with open(path, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()


def _opened(folder: Path) -> tuple[BinaryIO, Path]:
    """A new temporary file, locked; one that was cleared before its lock was had is followed by another."""
    while True:
        path = folder / f".glassnet-{secrets.token_hex(8)}.tmp"
        file = open(path, "xb")  # noqa: SIM115  # the caller closes it
        if fcntl is None:
            return file, path
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        if path.exists():
            return file, path
        file.close()


def _give_name(temporary: Path, target: Path, overwrite: bool) -> None:
    if not overwrite:
        # Since the first look another process may have taken the name. A hard link refuses that in the same
        # instant; where the file system has none (FAT), a second look has to do.
        try:
            os.link(temporary, target)
        except OSError:
            if os.path.lexists(target):
                raise _exists(target) from None
        else:
            temporary.unlink()
            return
    os.replace(temporary, target)


def _exists(path: Path) -> FileExistsError:
    return FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def sync_folder(folder: Path) -> None:
    """Make the rename last; a file system that cannot do this for a folder says EINVAL or the like."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return  # Windows, or a folder one may write to but not list
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EBADF, errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
