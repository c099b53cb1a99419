"""Temporary folders that go with what needs them, and where that was killed with the next one that is made."""

from __future__ import annotations

import shutil
import tempfile
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
    HELD[made] = lock
    return made


OURS, LOCK = "glassnet-stream-", "lock"
HELD: dict[Path, Any] = {}  # the locks of this process; the system lets go of those of one that has ended


def is_left(folder: Path) -> bool:
    """Whether nobody has a temporary folder any more."""
    from filelock import FileLock, Timeout

    if not (folder / LOCK).exists():
        return False  # somebody is about to lock it
    try:
        with FileLock(folder / LOCK, timeout=0):
            return True
    except (Timeout, OSError):
        return False


def clear(folder: Path) -> None:
    """Delete a temporary folder."""
    lock = HELD.pop(folder, None)
    if lock is not None:
        lock.release()
    shutil.rmtree(folder, ignore_errors=True)
