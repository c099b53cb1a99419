"""The page in a notebook: the same files and the same messages, through the notebook's own connection to Python."""

from __future__ import annotations

from typing import Any

import anywidget

from glassnet.playground.answering import answered
from glassnet.playground.envelope import Malformed, read_message
from glassnet.playground.reply import Handler
from glassnet.playground.site_files import in_one_module


class PageWidget(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget is not everywhere, and then Any
    """A page that a notebook shows.

    Parameters
    ----------
    handler
        What answers its messages.
    """

    _esm = in_one_module("notebook.js")

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
