"""The page in a notebook: the same files and the same messages, through the notebook's own connection to Python."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import anywidget

from glassnet.playground.answering import answered
from glassnet.playground.envelope import Malformed, read_message
from glassnet.playground.reply import Handler
from glassnet.playground.site_files import site_files


def page_module() -> str:
    """The page as one module of JavaScript: its files by name, and what loads them."""
    texts = {name: file.content.decode() for name, file in site_files().items() if name.endswith((".js", ".css"))}
    loader = files("glassnet.playground").joinpath("notebook.js").read_text(encoding="utf-8")
    return f"const FILES = {json.dumps(texts)};\n{loader}"


class PageWidget(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget is not everywhere, and then Any
    """A page that a notebook shows.

    Parameters
    ----------
    handler
        What answers its messages.
    """

    _esm = page_module()

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        super().__init__()
        self.on_msg(self.hear)

    def hear(self, _: Any, content: Any, buffers: list[Any]) -> None:
        """Answer a message: the bytes that came, by bytes, to the view of the page that asked."""
        try:
            message, body = read_message(bytes(buffers[0]))
        except (Malformed, IndexError):
            return  # not from the page
        self.send({"to": content.get("from")}, buffers=[answered(self.handler, message, body)])
