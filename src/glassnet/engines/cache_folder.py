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
