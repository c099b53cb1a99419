"""The page's server: the standard library's, on this machine alone, for one page and one network.

The page asks, and each request has one answer (`envelope`); nothing is sent that was not asked for. `guard` decides who
is answered. Messages are handled one after the other, under one lock: behind it, nothing needs to know of threads.

Two things make it quick. A reply leaves in one piece and at once: by default the standard library's server writes head
and body apart, and waits 40 ms in between for the other side to confirm the first. And connections stay open.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import socketserver
import time
from collections.abc import Mapping
from contextlib import suppress
from email.errors import FirstHeaderLineIsContinuationDefect, InvalidHeaderDefect, MissingHeaderBodySeparatorDefect
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

from glassnet.playground.answering import answered
from glassnet.playground.envelope import Malformed, read_message
from glassnet.playground.guard import API, LONGEST_BODY, Head, Refusal, Site, refusal
from glassnet.playground.places import Places
from glassnet.playground.reply import Handler
from glassnet.playground.site_files import File

CONNECTIONS = 8
SECONDS = 30.0  # of silence in a connection, or for a body to come

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
NO_HEADER = (FirstHeaderLineIsContinuationDefect, InvalidHeaderDefect, MissingHeaderBodySeparatorDefect)

log = logging.getLogger(__name__)


def error_of(message: str) -> bytes:
    """What stands in an answer that refuses."""
    return json.dumps({"error": {"message": message}}).encode()


def too_many() -> bytes:
    """The whole answer to a connection that is one too many, before anything was heard on it."""
    content = error_of(f"{CONNECTIONS} connections are busy; ask again, or close another window of this page")
    headers = {**SECURITY, "Content-Type": "application/json", "Content-Length": len(content), "Connection": "close"}
    lines = ["HTTP/1.1 503 Service Unavailable", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + content


class PageServer(ThreadingHTTPServer):
    """Answers on 127.0.0.1, each connection in a thread of its own, and messages one at a time.

    Parameters
    ----------
    handler
        What answers messages.
    files
        The page's files by name.
    port
        0: one that is free.
    token
        What a request must know to be handled.
    seconds
        How long a connection may be silent, and a body take.
    """

    daemon_threads = True
    request_queue_size = 64  # the library's 5 are too few for a browser's six at once: the last waits a second
    allow_reuse_address = os.name == "posix"  # on Windows it would let another program listen on the same port

    def __init__(
        self, handler: Handler, files: Mapping[str, File], port: int, token: str, seconds: float = SECONDS
    ) -> None:
        super().__init__(("127.0.0.1", port), Exchange)
        self.handler = handler
        self.seconds = seconds
        self.files = {f"/{name}": file for name, file in files.items()}
        if "index.html" in files:
            self.files["/"] = files["index.html"]
        self.site = Site(self.server_port, token, self.files.keys())
        self.lock = Lock()
        self.places = Places(CONNECTIONS)

    def server_bind(self) -> None:
        """Listen, without asking the network for this machine's name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for a new connection, if there are not too many."""
        if self.places.take():
            super().process_request(request, client_address)
            return
        with suppress(OSError):
            request.setblocking(False)
            request.sendall(too_many())
        self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """All requests of a connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.places.leave(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke off is no news for the terminal."""
        log.debug("a connection ended in an error", exc_info=True)


class Exchange(BaseHTTPRequestHandler):
    """One connection: its requests one after the other."""

    server: PageServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = LONGEST_BODY

    def setup(self) -> None:
        """Take over a connection."""
        super().setup()
        self.connection.settimeout(self.server.seconds)

    def handle_one_request(self) -> None:
        """Wait for a request, and answer it."""
        self.server.places.rests(self.connection)
        super().handle_one_request()

    def __getattr__(self, name: str) -> Any:
        """Whatever the method is, `do_GET` or `do_FOO`: which of them are allowed, the guard knows."""
        if name.startswith("do_"):
            return self.respond
        raise AttributeError(name)

    def respond(self) -> None:
        """Answer the request whose head was read, or say why not."""
        found = self.head()
        refused = found if isinstance(found, Refusal) else refusal(found, self.server.site)
        if refused is not None:
            self.refuse(refused)
            return
        self.server.places.works(self.connection)
        if self.path == API:
            self.respond_to_message(int(self.headers["Content-Length"]))
        else:
            file = self.server.files[self.path]
            self.send(200, file.type, file.content)

    def handle_expect_100(self) -> bool:
        """Say nothing yet to who waits before sending a body: that, too, is for the guard."""
        return True

    def head(self) -> Head | Refusal:
        """The request's head, if all of its lines are headers."""
        if any(isinstance(defect, NO_HEADER) for defect in self.headers.defects):
            return Refusal(400, "a line of the request's head is no header")
        names = {name.lower() for name in self.headers}
        headers = {name: tuple(str(value) for value in self.headers.get_all(name, ())) for name in names}
        target = self.requestline.split()[1]  # as it was sent: self.path has lost double slashes
        return Head(self.command, target, self.request_version, headers)

    def respond_to_message(self, length: int) -> None:
        """Read the message, hand it on, and send what comes back."""
        body = self.body(length)
        if body is None:
            self.refuse(Refusal(408, f"the body did not come: {length} bytes were announced"))
            return
        try:
            message, rest = read_message(body)
        except Malformed as error:
            self.refuse(Refusal(400, str(error)))
            return
        with self.server.lock:
            reply = answered(self.server.handler, message, rest)
        self.send(200, "application/octet-stream", reply)

    def body(self, length: int) -> bytes | None:
        """That many bytes; None: they did not come in time."""
        pieces, end = [], time.monotonic() + self.server.seconds
        try:
            while length:
                self.connection.settimeout(max(end - time.monotonic(), 0.001))
                piece = self.rfile.read1(min(length, 65_536))
                if not piece:
                    return None
                pieces.append(piece)
                length -= len(piece)
        except TimeoutError:
            return None
        self.connection.settimeout(self.server.seconds)
        return b"".join(pieces)

    def send(self, status: int, kind: str, content: bytes, **headers: str) -> None:
        """Send an answer, in one piece."""
        self.send_response(status)
        for name, value in {**SECURITY, "Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def refuse(self, refused: Refusal) -> None:
        """Say no, and end the connection: what else comes on it was not asked for."""
        self.request_version = self.protocol_version  # this answer has a head, whatever was asked in
        more = {"Connection": "close", **({"Allow": refused.allowed} if refused.allowed else {})}
        self.close_connection = True
        self.send(refused.status, "application/json", error_of(refused.message), **more)
        self.hear_out()

    def hear_out(self) -> None:
        """Read on for a moment: closed at once, with bytes unread, a connection loses what was written to it."""
        end = time.monotonic() + min(self.server.seconds, 1.0)
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            while (left := end - time.monotonic()) > 0:
                self.connection.settimeout(left)
                if not self.connection.recv(65_536):
                    return

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses by itself: lines that are too long or too many, or no HTTP."""
        text = (message or "the first line is too long").partition(" (")[0]
        self.refuse(Refusal(code, f"this is no request: {text[:1].lower()}{text[1:]}"))

    def version_string(self) -> str:
        """Who answers: not which Python it runs in."""
        return "glassnet"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal is for what concerns the network."""
