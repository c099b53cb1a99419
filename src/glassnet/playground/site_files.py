"""The page's own files, read once: what is sent to a browser, and what a notebook is given."""

from __future__ import annotations

import json
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


def in_one_module(start: str) -> str:
    """One module of JavaScript that is the whole page: its files by name, what loads them, and a file that starts it.

    It may stand in a page of HTML: nothing in it ends a script.
    """
    texts = {name: file.content.decode() for name, file in site_files().items() if name.endswith((".js", ".css"))}
    own = files("glassnet.playground")
    parts = (own.joinpath(name).read_text(encoding="utf-8") for name in ("loader.js", start))
    return "\n".join((f"const FILES = {json.dumps(texts)};", *parts)).replace("</", "<\\/")
