"""The page's own files, read once: what is sent to a browser, and what a notebook is given."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePosixPath

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class File:
    """A file and what it is."""

    content: bytes
    type: str


def site_files() -> dict[str, File]:
    """All files of the page by name, of the kinds in `TYPES`: `index.html` and what it asks for."""
    found = {}
    for item in files("glassnet.playground").joinpath("static").iterdir():
        kind = TYPES.get(PurePosixPath(item.name).suffix)
        if kind is not None:
            found[item.name] = File(item.read_bytes(), kind)
    return found
