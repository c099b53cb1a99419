"""A page's server with a run behind it, and requests written by hand, byte by byte."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet.playground.envelope import read_reply, write_message
from glassnet.playground.reply import Handler, Reply
from glassnet.playground.server import PageServer
from glassnet.playground.site_files import File

TOKEN = "k3yOnTheTerminal_behind-the-hash"
FILES = {
    "index.html": File(b"<!doctype html><title>glassnet</title>", "text/html; charset=utf-8"),
    "main.js": File(b"export const page = 1;\n", "text/javascript; charset=utf-8"),
}


@dataclass
class Run:
    """What stands in for a network: each message that gets through changes it."""

    weights: np.ndarray = field(default_factory=lambda: np.arange(17, dtype=np.float32))
    messages: list[Mapping[str, Any]] = field(default_factory=list)

    def handle(self, message: Mapping[str, Any], body: bytes) -> Reply:
        self.messages.append(message)
        self.weights = self.weights + 1
        if message["op"] == "fail":
            raise FileNotFoundError(2, "No such file", "/home/ada/secret/table.csv")
        header = {"re": message.get("id"), "ok": True, "size": len(body)}
        return Reply(header, {"weights": self.weights, "tiles": np.zeros((5, 3), np.uint8)})


@dataclass(frozen=True)
class Answer:
    """What came back on a connection."""

    status: int | None  # None: no line of HTTP
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def message(self) -> str:
        return str(json.loads(self.body)["error"]["message"])

    @property
    def reply(self) -> Reply:
        return read_reply(self.body)


Headers = Mapping[str, str | Sequence[str] | None]  # several: each on a line of its own; None: left out


@dataclass
class Client:
    """Someone who can open a connection and write whatever they like."""

    server: PageServer
    port: int

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def head(self, line: str, headers: Headers) -> bytes:
        """A request's head; "{port}" and "{token}" stand for this server's."""
        lines = [line]
        for name, given in headers.items():
            values = [] if given is None else [given] if isinstance(given, str) else given
            lines += [f"{name}: {value}" for value in values]
        text = "\r\n".join([*lines, "", ""])
        for name, value in {"port": self.port, "other": self.port % 60_000 + 1_024, "token": TOKEN}.items():
            text = text.replace("{" + name + "}", str(value))
        return text.encode("utf-8", "surrogateescape")

    def post(self, headers: Headers | None = None, body: bytes | None = None, line: str = "POST /api") -> bytes:
        """A message as the page sends it, with other headers."""
        body = write_message({"op": "pull", "id": 1, "client": "test"}) if body is None else body
        usual = {
            "Host": self.host,
            "X-Glassnet-Token": TOKEN,
            "Content-Type": "application/octet-stream",
            "Content-Length": str(len(body)),
        }
        return self.head(f"{line} HTTP/1.1", {**usual, **(headers or {})}) + body

    def get(self, target: str = "/", headers: Headers | None = None, method: str = "GET") -> bytes:
        return self.head(f"{method} {target} HTTP/1.1", {"Host": self.host, **(headers or {})})

    def send(self, raw: bytes, end: bool = False) -> Answer:
        """The answer to bytes on a connection of their own; `end`: no more will come."""
        with self.connect() as connection:
            connection.sendall(raw)
            if end:
                connection.shutdown(socket.SHUT_WR)
            return read_answer(connection)


def read_answer(connection: socket.socket) -> Answer:
    """One answer from a connection, by its Content-Length, and nothing of what follows it."""
    with connection.makefile("rb", buffering=0) as stream:
        first = stream.readline()
        if not first.startswith(b"HTTP/1.1 "):
            return Answer(None, [], first + stream.read())
        headers = []
        while line := stream.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))
        answer = Answer(int(first.split()[1]), headers, b"")
        body = b""
        while len(body) < int(answer.header("Content-Length") or 0):
            body += stream.read(int(answer.header("Content-Length") or 0) - len(body))
        return replace(answer, body=body)


@contextmanager
def served(handler: Handler, **options: Any) -> Iterator[Client]:
    """A server that answers, in a thread of its own."""
    with PageServer(handler, FILES, 0, TOKEN, **options) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Client(server, server.server_port)
        finally:
            server.shutdown()
            thread.join()
