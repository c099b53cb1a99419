"""Temporary folders that go with what needs them, and where that was killed with the next one that is made."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any


def temporary(folder: Path | None) -> Path:
    """A new temporary folder, which is locked as long as this process lives; what was left by others is cleared."""
    from filelock import FileLock

    place = Path(tempfile.gettempdir() if folder is None else folder)
    place.mkdir(parents=True, exist_ok=True)
    for left in place.glob(f"{OURS}*"):
        if is_left(left):
            shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=OURS, dir=place))
    lock = FileLock(made / LOCK)
    lock.acquire()
    HELD[made] = os.getpid(), lock
    return made


OURS, LOCK, DAY = "glassnet-stream-", "lock", 86400.0
HELD: dict[Path, tuple[int, Any]] = {}  # the locks of a process; the system lets go of those of one that has ended


def is_left(folder: Path) -> bool:
    """Whether nobody has a temporary folder any more."""
    from filelock import FileLock, Timeout

    try:
        if not (folder / LOCK).exists():  # somebody is about to lock it, or was killed just then
            return time.time() - folder.stat().st_mtime > DAY
        with FileLock(folder / LOCK, timeout=0):
            return True
    except (Timeout, OSError):
        return False


def clear(folder: Path) -> None:
    """Delete a temporary folder; a fork of the process that made it leaves it alone."""
    process, lock = HELD.pop(folder, (os.getpid(), None))
    if process != os.getpid():
        return
    if lock is not None:
        lock.release()
    shutil.rmtree(folder, ignore_errors=True)
