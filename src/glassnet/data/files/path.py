"""What a path must be, for messages that say so before the system does in its own words."""

import os
from pathlib import Path
from typing import Any


def path_of(given: Any, name: str = "path") -> Path:
    """What was given as a Path; TypeError, ValueError for what names no file.

    >>> path_of("m.glass").name
    'm.glass'
    """
    text = os.fspath(given) if isinstance(given, str | os.PathLike) else None
    if not isinstance(text, str):
        raise TypeError(f"{name} must be the name of a file or folder, as text or a Path, got {given!r:.60}")
    if not text or "\0" in text:
        raise ValueError(f"{name} must be the name of a file or folder, got {text!r:.60}")
    return Path(given)
