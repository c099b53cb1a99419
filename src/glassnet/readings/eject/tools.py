"""Running another language's tool."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

SECONDS = 600.0


class ToolMissing(RuntimeError):
    """The program that runs a language is not installed."""


class ToolFailed(RuntimeError):
    """A program made by glassnet ended with an error."""


def find_tool(names: Sequence[str], what: str) -> str:
    """The path of the first of several programs that is installed.

    Raises
    ------
    ToolMissing
        None is; the message says what is needed.
    """
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    raise ToolMissing(f"{what} is needed to run this program, and {' or '.join(names)} was not found; install it")


def run(command: Sequence[str | os.PathLike[str]], folder: Path, given: str = "") -> str:
    """What a command prints.

    Raises
    ------
    ToolFailed
        It ended with an error, or took more than ten minutes.
    """
    try:
        done = subprocess.run(
            [os.fspath(part) for part in command],
            cwd=folder,
            input=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise ToolFailed(f"{Path(os.fspath(command[0])).name} did not end within {SECONDS:g} seconds") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise ToolFailed(f"{Path(os.fspath(command[0])).name} ended with code {done.returncode}: {said}")
    return done.stdout
