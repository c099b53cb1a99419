"""A message answered, whatever happens: in words where the handler has a mistake."""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Mapping
from typing import Any

from glassnet.playground.envelope import write_reply
from glassnet.playground.reply import Handler, Reply

log = logging.getLogger(__name__)


def answered(handler: Handler, message: Mapping[str, Any], body: bytes) -> bytes:
    """The handler's answer as bytes; they are a copy, so the next message may change the arrays it was made of."""
    try:
        return write_reply(handler(message, body))
    except Exception as error:
        log.debug("a message ended in an error", exc_info=True)
        return write_reply(
            Reply({"re": message.get("id"), "ok": False, "error": {"message": said(error), "where": ""}})
        )


def said(error: Exception) -> str:
    """An error that no sentence was written for: its kind and where, not what it says, which may be a path."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(last.filename)}, line {last.lineno}"
    return f"{type(error).__name__} in {where}; this is a mistake in glassnet, please report it"
