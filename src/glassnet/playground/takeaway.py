"""What can be taken away from the page as a file: the model, a program, a picture."""

from __future__ import annotations

import re
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.model.saving import save
from glassnet.playground.frame import View
from glassnet.playground.reply import Reply
from glassnet.playground.scene import Scene
from glassnet.readings.eject import eject, language_name
from glassnet.readings.eject.languages import LANGUAGES
from glassnet.readings.explain.picture import picture
from glassnet.training.state import State

TYPES = {".html": "text/html", ".svg": "image/svg+xml"}


def file(scene: Scene, kind: str, language: str, view: View) -> Reply:
    """A file, its name and its type."""
    state = scene.state
    if kind == "save":
        return sent(f"{stem(scene)}.glass", saved(state))
    if kind == "eject":
        chosen = language_name(language)
        return sent(f"{stem(scene)}{LANGUAGES[chosen].suffix}", eject(state, chosen).data)
    return sent(f"{stem(scene)}.svg", drawn(scene, view))


def stem(scene: Scene) -> str:
    """What its file is called, but for the ending."""
    return re.sub(r"\W+", "-", Path(scene.source.name).stem).strip("-") or "network"


def sent(name: str, data: bytes) -> Reply:
    """A file as an answer."""
    kind = TYPES.get(Path(name).suffix, "application/octet-stream")
    return Reply({"name": name, "type": kind}, {"file": np.frombuffer(data, np.uint8)})


def saved(state: State) -> bytes:
    """The bytes of a model's file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.glass"
        save(state, path)
        return path.read_bytes()


def drawn(scene: Scene, view: View) -> bytes:
    """The network with the numbers of the row that is looked at, as SVG."""
    rows = scene.rows
    k = min(view.row, len(rows) - 1)
    row: Any = rows.X[k : k + 1] if rows.table is None else rows.table.rows([k])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of columns that are no inputs was said before
        svg = picture(scene.state, row).svg
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{svg}\n'.encode()
