"""`glassnet play` as a process of its own, and messages to it beside those of the page."""

import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import numpy as np

DTYPES = {"f4": "<f4", "f8": "<f8", "u1": "u1", "i4": "<i4"}


@dataclass
class Answer:
    """What Python answered: the header and the arrays."""

    header: dict[str, Any]
    buffers: dict[str, np.ndarray]


class Served:
    """`glassnet play` with arguments, or a program (`-c`) that serves the page; it runs until `close`."""

    def __init__(self, *args: str) -> None:
        self.args = args
        command = [sys.executable, *args]
        if "-c" not in args:
            port = () if "--port" in args else ("--port", "0")
            command = [sys.executable, "-m", "glassnet", "play", *args, *port, "--no-browser"]
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")  # the browser needs the other core
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | threads
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url.startswith("http://127.0.0.1:"), self.url + self.process.stdout.read()
        self.origin, _, self.token = self.url.partition("/#t=")
        self.port = urlsplit(self.url).port
        self.asked = 0

    def ask(self, op: str, body: bytes = b"", **message: Any) -> Answer:
        """Send one message as a tab of its own, and return what is answered."""
        self.asked += 1
        return read(self.post(envelope({"op": op, "id": self.asked, **message}, body)))

    def post(self, body: bytes) -> bytes:
        """Send bytes to where messages go."""
        connection = HTTPConnection("127.0.0.1", self.port or 0, timeout=30)
        headers = {"Content-Type": "application/octet-stream", "X-Glassnet-Token": self.token}
        try:
            connection.request("POST", "/api", body, headers)
            answer = connection.getresponse()
            found = answer.read()
        finally:
            connection.close()
        assert answer.status == 200, (answer.status, found)
        return found

    def close(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.communicate()


def envelope(message: dict[str, Any], body: bytes = b"") -> bytes:
    """A message as it goes over the wire."""
    text = json.dumps(message).encode()
    text += b" " * (-(4 + len(text)) % 8)
    return len(text).to_bytes(4, "little") + text + body


def read(data: bytes) -> Answer:
    """What an answer's bytes say."""
    length = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + length])
    rest = data[4 + length :]
    arrays = {
        name: np.frombuffer(rest, DTYPES[code], math.prod(shape), place).reshape(shape)
        for name, code, shape, place in header.get("bufs", ())
    }
    return Answer(header, arrays)
