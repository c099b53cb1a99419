"""A page that asks a session, without a browser."""

from __future__ import annotations

import json
from typing import Any

from glassnet.playground.reply import Reply
from glassnet.playground.session import Session


class Asking:
    """Asks one session after another question; every answer must be plain JSON."""

    def __init__(self, session: Session, client: str = "a tab") -> None:
        self.session, self.client, self.id = session, client, 0

    def __call__(self, op: str, body: bytes = b"", **more: Any) -> Reply:
        self.id += 1
        reply = self.session.handle({"op": op, "id": self.id, "client": self.client, **more}, body)
        json.dumps(reply.header, allow_nan=False)
        assert reply.header["re"] == self.id
        return reply

    def fine(self, op: str, body: bytes = b"", **more: Any) -> Reply:
        """An answer that is no refusal."""
        reply = self(op, body, **more)
        assert reply.header["ok"], reply.header
        return reply

    def refused(self, op: str, body: bytes = b"", **more: Any) -> str:
        """Why it is refused."""
        reply = self(op, body, **more)
        assert not reply.header["ok"], reply.header
        return str(reply.header["error"]["message"])
