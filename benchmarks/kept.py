"""The file that keeps what was measured, a line for each cell or work, so that what was broken off goes on.

The first line says on what machine, with which versions and of which source the others were measured. A file of
another machine or source is not gone on with: its numbers cannot stand beside new ones.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import glassnet


class Kept:
    """Results by what they are of, their entry `key`; in memory and, where a path is given, in a file."""

    def __init__(self, path: Path | None, head: dict[str, Any], key: str, fresh: bool = False) -> None:
        self.path, self.key = path, key
        self.lines: list[dict[str, Any]] = []
        if path is None:
            return
        if path.exists() and not fresh:
            first, *lines = read(path)
            if first != head:
                raise ValueError(
                    f"{path} was measured elsewhere or of another source ({first.get('where')}): "
                    "--fresh replaces it, --json names another file, --from only tells what it has"
                )
            self.lines = lines
        write(path, [head, *self.lines])

    def get(self, of: Any) -> dict[str, Any] | None:
        """The result of this; None: it is not there yet."""
        return next((line for line in self.lines if line[self.key] == of), None)

    def add(self, line: dict[str, Any]) -> None:
        """Keep a result, at once."""
        self.lines.append(line)
        if self.path is not None:
            with self.path.open("a") as file:
                file.write(json.dumps(line) + "\n")

    def put(self, line: dict[str, Any]) -> None:
        """The result of the same, with more in it."""
        at = next(k for k, other in enumerate(self.lines) if other[self.key] == line[self.key])
        self.lines[at] = line
        if self.path is not None:
            head, *_ = read(self.path)
            write(self.path, [head, *self.lines])


class Lines:
    """Results that are what they are wherever they were measured: each line says itself what it is of, and by what."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = [line for line in read(path) if line] if path.exists() else []

    def get(self, of: dict[str, Any]) -> dict[str, Any] | None:
        """The line with these entries; None: it is not there yet."""
        return next((line for line in self.lines if of.items() <= line.items()), None)

    def put(self, of: dict[str, Any], line: dict[str, Any]) -> None:
        """Keep a line, at once, in the place of the one with these entries if there is one."""
        before = self.get(of)
        if before is None:
            self.lines.append(line)
        else:
            self.lines[self.lines.index(before)] = line
        write(self.path, self.lines)


def read(path: Path) -> list[dict[str, Any]]:
    """The lines; not the last one where writing it was broken off."""
    found = []
    for line in path.read_text().splitlines():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return found or [{}]


def write(path: Path, lines: list[dict[str, Any]]) -> None:
    """All of it, or nothing."""
    new = path.with_name(path.name + ".new")
    new.write_text("".join(json.dumps(line) + "\n" for line in lines))
    new.replace(path)


def source() -> str:
    """A hash of glassnet's code."""
    root = Path(glassnet.__file__).parent
    files = sorted(root.rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
