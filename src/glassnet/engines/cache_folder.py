"""Where compiled code is kept: one folder for all that a user compiles."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

FOLDER = "GLASSNET_CACHE"  # the environment variable with another folder
SUFFIX = ".bin"  # of machine code


def folder() -> Path:
    """The folder; it may not be there yet."""
    return Path(os.environ.get(FOLDER) or platformdirs.user_cache_dir("glassnet"))


def read(path: Path) -> bytes:
    """What is in a file of machine code; OSError where it cannot be read, or somebody else may have written it."""
    with path.open("rb") as file:
        told = os.fstat(file.fileno())
        if os.name == "posix" and (told.st_uid not in (0, os.geteuid()) or told.st_mode & 0o022):
            raise PermissionError(f"{path} may have been written by another user")
        return file.read()


def is_there(path: Path) -> bool:
    """Whether there is such a file; not where the folder cannot be looked into."""
    try:
        return path.exists()
    except OSError:
        return False


def is_empty() -> bool:
    """Whether there is no machine code at all, or none that can be read."""
    try:
        return not any(folder().glob(f"*{SUFFIX}"))
    except OSError:
        return True
