"""Messages that are messages, and ask for what there is not: each gets a sentence, and the network stays as it was."""

from __future__ import annotations

import http.client
import struct
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from raw_requests import TOKEN, Client, served

from glassnet.playground.envelope import read_reply, write_message
from glassnet.playground.reply import Reply
from glassnet.playground.session import OPERATIONS, Session

TEXTS = ["", "x", "\0", "a" * 2_000, "<img src=x onerror=alert(1)>", "../../etc/passwd", "__class__", "1;import os"]
LISTS: list[Any] = [[], [0, 0, 0], [[]], [None], ["x", "y"], [-1, 0], [99, 99], [0.5, 0], [2**53, 0], [True, False]]
OTHERS: list[Any] = [None, True, False, {}, {"x": 1}, {"__class__": "os"}]
NO_WHOLE = [-1, 1.5, 1e308, -(2**53), *TEXTS, *LISTS, *OTHERS]
NO_WORD = [0, -1, 1.5, *TEXTS, *LISTS, *OTHERS]
NO_OBJECT = [0, 1.5, *TEXTS, *LISTS, None, True, False]
NO_NUMBER = ["nan", "inf", "-inf", "1e999", "0x10", "__import__('os')", *TEXTS, *LISTS, *OTHERS]
NO_UNITS = [{"unit": value} for value in NO_WORD]
NO_WEIGHTS = [{"weight": value} for value in [*NO_WORD, ["W9", [0, 0]], ["W1", [9, 0]], ["W1", [-1, 0]], ["W1", "00"]]]
NO_LAYERS = [{"units": value} for value in (-1, 0, 1.5, 10**9, "x", None, [], True)]
NO_CHOICES: list[Any] = [
    *({"learning_rate": value} for value in (0, -1, "fast", None, [], {}, True)),
    *({"epochs": value} for value in (0, -1, 1.5, "x", None, [], 10**12)),
    *({"batch_size": value} for value in (0, -1, 1.5, "x", [], True)),
    *({"validation": value} for value in (-1, 2, "x", [])),
    *({"optimizer": value} for value in NO_WORD),
    *({"loss": value} for value in NO_WORD if value is not None),
    *({"layers": [layer]} for layer in [*NO_LAYERS, *OTHERS[:3], *OTHERS[4:], *TEXTS]),
    *({"layers": [{"units": 4, "activation": value}]} for value in ("os.system", "", 7, [])),
    {"layers": [{"units": 2}] * 500},
    {"source": "os"},
    {"__class__": "os"},
    {"learning_rate": 0.1, "nonsense": 1},
]

WRONG: dict[str, tuple[Mapping[str, Any], Mapping[str, list[Any]]]] = {
    "hello": ({}, {}),
    "pull": ({}, {"budget_ms": [251, 10**9, *NO_WHOLE]}),
    "step": ({"unit": "batch"}, {"unit": NO_WORD, "n": [0, 10**12, *NO_WHOLE], "budget_ms": [251, *NO_WHOLE]}),
    "seek": ({}, {"step": NO_WHOLE[1:]}),  # before the first step is the first step
    "set": ({}, {"changes": [*NO_OBJECT, *NO_CHOICES]}),
    "open": ({}, {"story": NO_WORD}),
    "restart": ({}, {"weights": NO_WORD}),
    "poke": (
        {"name": "W1", "index": [0, 0], "value": 1},
        {"name": ["W9", "rng", *NO_WORD], "index": [*NO_WORD, [0, 9], [0]], "value": NO_NUMBER},
    ),
    "branch": ({}, {"to": [7, *NO_WHOLE]}),
    "explain": (
        {"what": {"unit": "h1"}, "row": 0},
        {"what": [*NO_OBJECT, {}, *NO_UNITS, *NO_WEIGHTS, {"phase": 99}, {"phase": "x"}], "row": [4, *NO_WHOLE]},
    ),
    "rows": ({}, {"start": NO_WHOLE, "count": [0, 51, *NO_WHOLE], "sort": NO_WORD}),
    "predict": ({}, {}),
    "upload": ({"name": "t.csv"}, {"name": NO_WORD, "part": [1, *NO_WHOLE], "parts": [0, 10**6, *NO_WHOLE]}),
    "use": ({"target": "y"}, {"target": NO_WORD, "exclude": [0, "y", {}, None, [1], [["y"]]]}),
    "lottery": ({}, {"seeds": [0, 1_001, *NO_WHOLE]}),
    "diagnose": ({}, {}),
    "code": ({}, {}),
    "save": ({}, {}),
    "eject": ({"language": "numpy"}, {"language": ["cobol", *NO_WORD]}),
    "picture": ({}, {}),
    "export": ({}, {}),
}
EVERYWHERE = {
    "client": [0, 1.5, "a" * 2_000, *LISTS, *OTHERS],
    "id": NO_WHOLE,
    "view": [*NO_OBJECT, *({"row": value} for value in NO_WHOLE), *({"res": value} for value in [0, 65, *NO_WHOLE])],
}
CASES = [(op, key) for op, (_, keys) in WRONG.items() for key in (*keys, *EVERYWHERE)]


class Page:
    """A page that says what it likes, to a real run, on one connection."""

    def __init__(self, client: Client) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", client.port)

    def say(self, message: Mapping[str, Any], body: bytes = b"") -> Reply:
        """The reply to a message; a mistake in the program is none."""
        data = write_message({"id": 1, "client": "page", **message}, body)
        headers = {"X-Glassnet-Token": TOKEN, "Content-Type": "application/octet-stream"}
        self.connection.request("POST", "/api", data, headers)
        answer = self.connection.getresponse()
        assert answer.status == 200
        reply = read_reply(answer.read())
        assert "mistake in glassnet" not in str(reply.header.get("error")), message
        return reply

    def network(self) -> tuple[bytes, int]:
        """The network's numbers, and its step, to whoever asks properly."""
        reply = self.say({"op": "pull"})
        assert reply.header["ok"]
        return reply.buffers["weights"].tobytes() + reply.buffers["biases"].tobytes(), reply.header["step"]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with served(Session.of_story("xor").handle) as client:
        page = Page(client)
        assert page.say({"op": "step", "unit": "batch", "n": 3}).header["step"] == 3
        yield page
        page.connection.close()


def test_the_operations_are_these() -> None:
    assert WRONG.keys() == OPERATIONS.keys()


@pytest.mark.parametrize(("op", "key"), CASES, ids=[f"{op} {key}" for op, key in CASES])
def test_what_there_is_not_is_refused_in_words(page: Page, op: str, key: str) -> None:
    usual, keys = WRONG[op]
    before = page.network()
    for value in (keys | EVERYWHERE)[key]:
        reply = page.say({"op": op, **usual, key: value})
        assert reply.header["ok"] is False, (op, key, value)
        assert len(reply.header["error"]["message"]) > 10
    assert page.network() == before


@pytest.mark.parametrize("op", ["", "PULL", "pull ", "__init__", "handle", "begin"])
def test_an_operation_that_there_is_not_is_refused(page: Page, op: str) -> None:
    before = page.network()
    assert page.say({"op": op}).header["ok"] is False
    assert page.network() == before


FILES = {
    "nothing": b"",
    "NUL": b"a,b\n\0,1\n",
    "no text": bytes(range(256)) * 9,
    "a header alone": b"a,b\n",
    "rows of other lengths": b"a,b\n1,2,3\n",
    "a column twice": b"a,a\n1,2\n",
    "a field without an end": b'a,b\n"1,2\n' * 999,
    "deep JSON": b"[" * 99_999,
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("file", ["t.csv", "t.json"])
def test_a_file_that_is_no_table_is_refused_in_words(page: Page, name: str, file: str) -> None:
    before = page.network()
    reply = page.say({"op": "upload", "name": file}, FILES[name])
    assert (reply.header["ok"], "t." in reply.header["error"]["message"]) == (False, True)
    assert page.say({"op": "use", "target": "a"}).header["ok"] is False
    assert page.network() == before


@pytest.mark.parametrize("file", ["t.pkl", "t.npy", "t.parquet", "t.xlsx", "t.csv.gz", "t.py", "t", "/etc/passwd"])
def test_a_kind_of_file_that_is_not_taken_is_not_even_read(page: Page, file: str) -> None:
    before = page.network()
    reply = page.say({"op": "upload", "name": file}, b"a,b\n1,2\n")
    assert reply.header["ok"] is False
    assert "/etc" not in reply.header["error"]["message"]
    assert page.network() == before


@pytest.mark.parametrize("pixels", [0, 1, 3, 252, 260, 1_000_000])
def test_a_picture_of_another_size_is_refused(pixels: int) -> None:
    session = Session.of_story("digits")
    assert session.handle({"op": "predict"}, bytes(pixels)).header["ok"] is False


@pytest.mark.parametrize("value", ["nan", "inf", "1e38", "-1"])
def test_a_picture_of_other_numbers_is_refused(value: str) -> None:
    session = Session.of_story("digits")
    assert session.handle({"op": "predict"}, struct.pack("<64f", *[float(value)] * 64)).header["ok"] is False


def test_a_page_does_not_grow_by_being_asked_under_many_names(page: Page) -> None:
    session = Session.of_story("xor")
    for k in range(500):
        session.handle({"op": "pull", "client": f"c{k}"}, b"")
    assert len(session.clients) <= 64
