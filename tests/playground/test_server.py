"""The server: files, messages, how fast, how many, and how it begins and ends."""

from __future__ import annotations

import http.client
import socket
import statistics
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from raw_requests import FILES, TOKEN, Client, Run, read_answer, served

from glassnet.playground.envelope import read_reply, write_message
from glassnet.playground.guard import Head, Site, refusal
from glassnet.playground.places import Places
from glassnet.playground.reply import Reply
from glassnet.playground.serve import PortError, listening
from glassnet.playground.server import PageServer


def ask(connection: http.client.HTTPConnection, op: str = "pull", body: bytes = b"") -> Reply:
    headers = {"X-Glassnet-Token": TOKEN, "Content-Type": "application/octet-stream"}
    connection.request("POST", "/api", write_message({"op": op, "id": 5}, body), headers)
    answer = connection.getresponse()
    assert answer.status == 200
    return read_reply(answer.read())


def test_the_page_is_sent_with_what_protects_it(client: Client) -> None:
    for path, kind, start in [("/", "text/html", b"<!doctype"), ("/main.js", "text/javascript", b"export")]:
        answer = client.send(client.get(path))
        assert answer.status == 200
        assert answer.body.startswith(start)
        assert answer.header("Content-Type") == f"{kind}; charset=utf-8"
        policy = answer.header("Content-Security-Policy") or ""
        for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'"):
            assert part in policy
        assert "unsafe" not in policy
        assert answer.header("X-Content-Type-Options") == "nosniff"
        assert answer.header("Referrer-Policy") == "no-referrer"
        assert answer.header("Cross-Origin-Resource-Policy") == "same-origin"
        assert answer.header("Cache-Control") == "no-store"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_both_names_of_this_machine_are_answered(client: Client, name: str) -> None:
    host = f"{name}:{client.port}"
    assert client.send(client.get("/", {"Host": host})).status == 200
    own = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    assert client.send(client.post(own)).status == 200


def test_names_of_headers_are_read_in_capitals_or_not(client: Client) -> None:
    raw = client.post().replace(b"Host:", b"hOST:").replace(b"Content-Length:", b"CONTENT-LENGTH:")
    assert client.send(raw.replace(b"X-Glassnet-Token:", b"x-glassnet-token:")).status == 200


def test_a_message_and_what_comes_with_it_reach_the_handler(client: Client, run: Run) -> None:
    before = run.weights
    answer = client.send(client.post(body=write_message({"op": "upload", "id": 9}, b"a,b\n1,2\n")))
    assert answer.reply.header == {"re": 9, "ok": True, "size": 8}
    assert np.array_equal(answer.reply.buffers["weights"], before + 1)
    assert answer.reply.buffers["tiles"].shape == (5, 3)


def test_a_body_may_be_as_large_as_is_said(client: Client) -> None:
    size = 1_250_000 - len(write_message({"op": "upload"}))
    assert client.send(client.post(body=write_message({"op": "upload"}, bytes(size)))).reply.header["size"] == size


def test_a_mistake_is_told_without_what_only_this_machine_should_know(client: Client) -> None:
    answer = client.send(client.post(body=write_message({"op": "fail", "id": 3})))
    error = answer.reply.header["error"]["message"]
    assert answer.status == 200
    assert (answer.reply.header["re"], answer.reply.header["ok"]) == (3, False)
    assert error.startswith("FileNotFoundError in raw_requests.py, line ")
    assert error.endswith("; this is a mistake in glassnet, please report it")
    assert "ada" not in error


def test_an_answer_takes_less_than_5_ms(client: Client) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", client.port)
    times = []
    for _ in range(50):
        begun = time.perf_counter()
        ask(connection)
        times.append(time.perf_counter() - begun)
    connection.close()
    assert statistics.median(times) < 0.005  # 0.04 where head and body leave apart (Nagle's algorithm)


def test_requests_that_are_sent_together_are_answered_in_order(client: Client) -> None:
    with client.connect() as connection:
        ids = [11, 13, 17]
        connection.sendall(b"".join(client.post(body=write_message({"op": "pull", "id": k})) for k in ids))
        assert [read_answer(connection).reply.header["re"] for _ in ids] == ids


def test_messages_are_handled_one_at_a_time() -> None:
    inside, most = 0, 0

    def handle(message: object, body: bytes) -> Reply:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.02)
        inside -= 1
        return Reply({"ok": True})

    with served(handle) as client:
        threads = [threading.Thread(target=client.send, args=[client.post()]) for _ in range(7)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert most == 1


def test_where_eight_are_answered_the_ninth_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, working = threading.Event(), []
    works = Places.works
    monkeypatch.setattr(Places, "works", lambda self, connection: working.append(works(self, connection)))

    def handle(message: object, body: bytes) -> Reply:
        go_on.wait(10)
        return Reply({"ok": True})

    with served(handle) as client:
        busy = [client.connect() for _ in range(8)]
        for connection in busy:
            connection.sendall(client.post())
        until(lambda: len(working) == 8)
        with client.connect() as ninth:
            answer = read_answer(ninth)
        go_on.set()
        assert (answer.status, answer.header("Content-Length")) == (503, str(len(answer.body)))
        assert answer.message == "8 connections are busy; ask again, or close another window of this page"
        for connection in busy:
            assert read_answer(connection).status == 200
            connection.close()


def test_a_connection_that_only_waits_makes_room_for_another() -> None:
    with served(Run().handle) as client:
        waiting = [client.connect() for _ in range(8)]
        for connection in waiting:
            connection.sendall(client.get())
            assert read_answer(connection).status == 200
        until(lambda: len(client.server.places.idle) == 8)
        with client.connect() as ninth:
            ninth.sendall(client.get())
            assert read_answer(ninth).status == 200
        first, *others = waiting
        assert first.recv(1) == b""  # it waited longest
        for connection in others:
            connection.sendall(client.get())
            assert read_answer(connection).status == 200
        for connection in waiting:
            connection.close()


@pytest.mark.parametrize("start", ["", "GET", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "])
def test_who_says_nothing_or_not_all_of_it_makes_room(start: str) -> None:
    with served(Run().handle) as client:
        silent = [client.connect() for _ in range(8)]
        for connection in silent:
            connection.sendall(start.encode())
        until(lambda: len(client.server.places.idle) == 8)
        kept = []
        for _ in range(5):
            kept.append(client.connect())
            kept[-1].sendall(client.post())
            assert read_answer(kept[-1]).status == 200
        assert sum(ended(connection) for connection in silent) == 5
        assert not any(ended(connection) for connection in kept)
        for connection in silent + kept:
            connection.close()


def until(happens: Callable[[], bool]) -> None:
    """Wait for something that happens in another thread."""
    end = time.monotonic() + 10
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.002)


def ended(connection: socket.socket) -> bool:
    """Whether the other side has ended a connection."""
    connection.settimeout(0.05)
    try:
        while connection.recv(65_536):
            pass  # a refusal, of a head that was not all there
        return True
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def test_nothing_is_printed_whatever_comes(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    client.send(client.get())
    client.send(client.get("/nothing"))
    client.send(b"nonsense\r\n\r\n")
    client.send(client.post(body=write_message({"op": "fail"})))
    with client.connect() as connection:
        connection.sendall(client.post())
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # an abrupt end
    time.sleep(0.05)
    assert capfd.readouterr() == ("", "")


def test_it_listens_on_this_machine_alone() -> None:
    with PageServer(Run().handle, {}, 0, TOKEN) as server:
        assert server.socket.getsockname()[0] == "127.0.0.1"


def test_no_name_is_asked_for_in_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> str:
        raise AssertionError("this can take seconds where there is no network")

    monkeypatch.setattr(socket, "getfqdn", asked)
    monkeypatch.setattr(socket, "gethostbyaddr", asked)
    PageServer(Run().handle, {}, 0, TOKEN).server_close()


def test_a_port_in_use_is_said(client: Client) -> None:
    with pytest.raises(PortError, match=rf"^cannot listen on port {client.port}: another program listens on it; "):
        listening(Run().handle, FILES, client.port, TOKEN)


def test_browsers_leave_the_port_of_the_web_out() -> None:
    site = Site(80, TOKEN, ["/"])
    head = Head("GET", "/", "HTTP/1.1", {"host": ["localhost"]})
    assert refusal(head, site) is None
    assert (refusal(head, Site(8080, TOKEN, ["/"])) or site) != site
