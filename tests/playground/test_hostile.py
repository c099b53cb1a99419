"""Requests that nobody should answer: each is refused as said, and the run stays as it was."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from raw_requests import TOKEN, Answer, Client, Run, read_answer, served

import glassnet
from glassnet.playground.envelope import with_length, write_message

# --- what is sent, by group. "{port}", "{other}" and "{token}" stand for the server's port, another one, its token.

HOSTS = {
    "absent": None,
    "empty": "",
    "foreign": "evil.example",
    "foreign, own port": "evil.example:{port}",
    "no port": "127.0.0.1",
    "localhost, no port": "localhost",
    "other port": "127.0.0.1:{other}",
    "port of the web": "127.0.0.1:80",
    "a zero before the port": "127.0.0.1:0{port}",
    "capitals": "LOCALHOST:{port}",
    "a dot at the end": "localhost.:{port}",
    "a name that begins as ours": "127.0.0.1.evil.example:{port}",
    "a name that ends as ours": "evil-localhost:{port}",
    "a subdomain of localhost": "evil.localhost:{port}",
    "a port that goes on": "127.0.0.1:{port}.evil.example",
    "with a user": "evil@127.0.0.1:{port}",
    "with a path": "127.0.0.1:{port}/",
    "short for 127.0.0.1": "127.1:{port}",
    "one number": "2130706433:{port}",
    "in base 16": "0x7f.0.0.1:{port}",
    "in base 8": "0177.0.0.1:{port}",
    "all addresses": "0.0.0.0:{port}",
    "version 6": "[::1]:{port}",
    "version 4 in version 6": "[::ffff:127.0.0.1]:{port}",
    "wide digits": "127.0.0.１:{port}",
    "the Kelvin sign is no k": "localhost\u212a:{port}",
    "twice": ["127.0.0.1:{port}", "127.0.0.1:{port}"],
    "ours and a foreign one": ["127.0.0.1:{port}", "evil.example"],
    "a foreign one and ours": ["evil.example", "127.0.0.1:{port}"],
    "two in one": "127.0.0.1:{port}, evil.example",
}

ORIGINS = {
    "null": "null",
    "empty": "",
    "foreign": "http://evil.example",
    "foreign, own port": "http://evil.example:{port}",
    "other port": "http://127.0.0.1:{other}",
    "no port": "http://127.0.0.1",
    "https": "https://127.0.0.1:{port}",
    "a slash at the end": "http://127.0.0.1:{port}/",
    "capitals": "HTTP://127.0.0.1:{port}",
    "another name of this machine": "http://localhost:{port}",
    "a port that goes on": "http://127.0.0.1:{port}.evil.example",
    "with a user": "http://127.0.0.1:{port}@evil.example",
    "a file": "file://",
    "an extension": "chrome-extension://abcdefgh",
    "a star": "*",
    "twice": ["http://127.0.0.1:{port}", "http://127.0.0.1:{port}"],
    "ours and a foreign one": ["http://127.0.0.1:{port}", "http://evil.example"],
    "two in one": "http://127.0.0.1:{port} http://evil.example",
}

FETCH_SITES = {
    "cross-site": "cross-site",
    "same-site": "same-site",
    "none": "none",
    "empty": "",
    "capitals": "Same-Origin",
    "twice": ["same-origin", "same-origin"],
    "two in one": "same-origin, cross-site",
}

TOKENS = {
    "absent": {"X-Glassnet-Token": None},
    "empty": {"X-Glassnet-Token": ""},
    "wrong": {"X-Glassnet-Token": "0" * len(TOKEN)},
    "one letter short": {"X-Glassnet-Token": TOKEN[:-1]},
    "one letter long": {"X-Glassnet-Token": TOKEN + "x"},
    "one letter wrong": {"X-Glassnet-Token": TOKEN[:-1] + "x"},
    "capitals": {"X-Glassnet-Token": TOKEN.swapcase()},
    "quoted": {"X-Glassnet-Token": f'"{TOKEN}"'},
    "60,000 letters": {"X-Glassnet-Token": "a" * 60_000},
    "letters beyond ASCII": {"X-Glassnet-Token": TOKEN[:-1] + "ħ"},
    "half a letter": {"X-Glassnet-Token": TOKEN[:-1] + "\udcff"},
    "twice": {"X-Glassnet-Token": [TOKEN, TOKEN]},
    "under another name": {"X-Glassnet-Token": None, "Authorization": f"Bearer {TOKEN}"},
    "as a cookie": {"X-Glassnet-Token": None, "Cookie": f"token={TOKEN}"},
    "with a line break": {"X-Glassnet-Token": f"{TOKEN}\r\n "},
}

METHODS = (
    *("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"),
    *("PROPFIND", "PURGE", "get", "post", "POSTS", "_", "__class__", "\udce9"),
)
ROUTES = ("/", "/main.js", "/api", "/nothing", "/handler")

TARGETS = (
    *("/../../../etc/passwd", "/..", "/../", "/./main.js", "/x/../main.js", "/main.js/..", "/....//main.js"),
    *("/%2e%2e/%2e%2e/etc/passwd", "/..%2fetc%2fpasswd", "/%2e%2e%2fetc", "/..%5c..%5cetc", "/..\\..\\etc"),
    *("/%252e%252e/etc", "/%c0%ae%c0%ae/etc", "/\udcc0\udcae/etc", "/%uff0e%uff0e/etc", "/..;/main.js", "/.%00./etc"),
    *("//etc/passwd", "///etc/passwd", "//main.js", "//evil.example/main.js", "/etc/passwd", "/proc/self/environ"),
    *("/main.js/", "/main.js%00", "/main.js%00.html", "/main.js?x=1", "/main.js#x", "/main.js;x", "/main.js~"),
    *("/MAIN.JS", "/%6dain.js", "/main", "/index", "/.git/config", "/.env", "/__init__.py", "/server.py", "/static/"),
    *("main.js", "../main.js", "*", "http://127.0.0.1:{port}/", "http://evil.example/", "file:///etc/passwd"),
    *("/api/", "/api?x", "/api/..", "/API", "/favicon.ico", "C:\\Windows\\win.ini", "/CON", "/" + "a" * 60_000),
)

LENGTHS = {
    "absent": ({"Content-Length": None}, 411),
    "chunked": ({"Content-Length": None, "Transfer-Encoding": "chunked"}, 411),
    "identity": ({"Content-Length": None, "Transfer-Encoding": "identity"}, 411),
    "chunked in capitals": ({"Content-Length": None, "TRANSFER-ENCODING": "Chunked"}, 411),
    "chunked and a length": ({"Transfer-Encoding": "chunked"}, 400),
    "unknown and a length": ({"Transfer-Encoding": "xchunked"}, 400),
    "empty": ({"Content-Length": ""}, 400),
    "negative": ({"Content-Length": "-1"}, 400),
    "minus zero": ({"Content-Length": "-0"}, 400),
    "with a sign": ({"Content-Length": "+8"}, 400),
    "a fraction": ({"Content-Length": "8.0"}, 400),
    "an exponent": ({"Content-Length": "1e1"}, 400),
    "in base 16": ({"Content-Length": "0x10"}, 400),
    "with an underscore": ({"Content-Length": "1_0"}, 400),
    "other digits": ({"Content-Length": "٣"}, 400),
    "a raised digit": ({"Content-Length": "²"}, 400),
    "a list": ({"Content-Length": "8, 8"}, 400),
    "words": ({"Content-Length": "all of it"}, 400),
    "twice": ({"Content-Length": ["48", "48"]}, 400),
    "twice and different": ({"Content-Length": ["48", "8"]}, 400),
    "100 digits": ({"Content-Length": "9" * 100}, 400),
    "one byte too many": ({"Content-Length": "1250001"}, 413),
    "a gigabyte": ({"Content-Length": "1000000000"}, 413),
    "more than fits in 64 bits": ({"Content-Length": "18446744073709551616"}, 413),
    "announced and waited for": ({"Expect": "100-continue"}, 417),
    "something else expected": ({"Expect": "the best"}, 417),
    "no type": ({"Content-Type": None}, 415),
    "a form": ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "a form with files": ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
    "text": ({"Content-Type": "text/plain"}, 415),
    "JSON": ({"Content-Type": "application/json"}, 415),
    "a type with options": ({"Content-Type": "application/octet-stream; charset=utf-8"}, 415),
    "two types": ({"Content-Type": ["application/octet-stream", "text/plain"]}, 415),
}

DEEP = b'{"op":"pull","x":' + b"[" * 16 + b"]" * 16 + b"}"
JSONS = {
    "no JSON": b"",
    "an array": b'["pull"]',
    "a string": b'"pull"',
    "a number": b"17",
    "null": b"null",
    "true": b"true",
    "words": b"pull",
    "cut off": b'{"op":"pull"',
    "two objects": b'{"op":"pull"}{"op":"pull"}',
    "a comma at the end": b'{"op":"pull",}',
    "a comment": b'{"op":"pull"} // please',
    "other quotes": b"{'op':'pull'}",
    "NaN": b'{"op":"pull","x":NaN}',
    "Infinity": b'{"op":"pull","x":Infinity}',
    "minus Infinity": b'{"op":"pull","x":[-Infinity]}',
    "a fraction too large": b'{"op":"pull","x":1e999}',
    "a whole number too large": b'{"op":"pull","x":9007199254740993}',
    "5,000 digits": b'{"op":"pull","x":' + b"9" * 5_000 + b"}",
    "in base 16": b'{"op":"pull","x":0x10}',
    "a name twice": b'{"op":"pull","op":"restart"}',
    "a name twice, written differently": b'{"op":"pull","\\u006fp":"restart"}',
    "a name twice, further in": b'{"op":"pull","x":[{"a":1,"a":2}]}',
    "17 deep": DEEP,
    "100,000 arrays deep": b"[" * 100_000,
    "20,000 objects deep": b'{"a":' * 20_000,
    "too long": b'{"op":"pull","x":"' + b"a" * 262_144 + b'"}',
    "bad UTF-8": b'{"op":"pull","x":"\xff"}',
    "letters made longer than they are": b'{"op":"pull","x":"\xc0\xaf"}',
    "a lone surrogate in UTF-8": b'{"op":"pull","x":"\xed\xa0\x80"}',
    "a lone surrogate": b'{"op":"pull","x":"\\ud800"}',
    "a lone surrogate in an array": b'{"op":"pull","x":["a","\\udfff"]}',
    "a lone surrogate as a name": b'{"op":"pull","\\ud800":1}',
    "UTF-16": '{"op":"pull"}'.encode("utf-16"),
    "a mark of UTF-8": b'\xef\xbb\xbf{"op":"pull"}',
    "a line break in a string": b'{"op":"pull","x":"a\nb"}',
    "NUL in a string": b'{"op":"pull","x":"a\0b"}',
    "no operation": b'{"id":1}',
    "an empty object": b"{}",
    "operation null": b'{"op":null}',
    "operation 1": b'{"op":1}',
    "operation true": b'{"op":true}',
    "operation in an array": b'{"op":["pull"]}',
    "operation in an object": b'{"op":{"pull":1}}',
    "operation under a name in capitals": b'{"OP":"pull"}',
}

PULL = write_message({"op": "pull"})
BODIES = {
    "nothing": b"",
    "one byte": b"\x08",
    "three bytes": b"\x0c\0\0",
    "only a length": b"\x0c\0\0\0",
    "length 0": b"\0\0\0\0" + b'{"op":"pull"}',
    "one byte too long": (len(PULL) - 3).to_bytes(4, "little") + PULL[4:],
    "four bytes short": (len(PULL) - 8).to_bytes(4, "little") + PULL[4:],
    "the highest byte first": (len(PULL) - 4).to_bytes(4, "big") + PULL[4:],
    "the largest length": b"\xff\xff\xff\xff" + PULL[4:],
    "a negative length": b"\xff\xff\xff\x80" + PULL[4:],
    "JSON alone": b'{"op":"pull"}   ',
    "zeros": bytes(1_000),
    "zeros, with a length": b"\x0c\0\0\0" + bytes(12),
    "a form": b"op=pull&id=1",
}

LINES = {
    "a first line of 70,000 bytes": (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
    "a header of 70,000 bytes": (b"GET / HTTP/1.1\r\nHost: {host}\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
    "a name of 70,000 bytes": (b"GET / HTTP/1.1\r\nHost: {host}\r\n" + b"a" * 70_000 + b": 1\r\n\r\n", 431),
    "101 headers": (b"GET / HTTP/1.1\r\nHost: {host}\r\n" + b"X: 1\r\n" * 100 + b"\r\n", 431),
    "a line that is no header": (b"GET / HTTP/1.1\r\nHost: {host}\r\nnothing\r\nX: 1\r\n\r\n", 400),
    "a header without a name": (b"GET / HTTP/1.1\r\n: 1\r\nHost: {host}\r\n\r\n", 400),
    "a space before the colon": (b"GET / HTTP/1.1\r\nHost: {host}\r\nOrigin : http://evil.example\r\n\r\n", 400),
    "a header on two lines": (b"GET / HTTP/1.1\r\nHost: {host}\r\nX: 1\r\n 2\r\n\r\n", 400),
    "a host on two lines": (b"GET / HTTP/1.1\r\nHost:\r\n {host}\r\n\r\n", 400),
    "headers that begin with a space": (b"GET / HTTP/1.1\r\n Host: {host}\r\n\r\n", 400),
    "NUL in a header": (b"GET / HTTP/1.1\r\nHost: {host}\r\nX: a\0b\r\n\r\n", 400),
    "a break in a header": (b"GET / HTTP/1.1\r\nHost: {host}\r\nX: a\rHost: evil.example\r\n\r\n", 403),
    "a length hidden behind a break": (b"GET / HTTP/1.1\r\nHost: {host}\r\nX: a\rContent-Length: 9\r\n\r\n", 400),
    "HTTP/1.0": (b"GET / HTTP/1.0\r\nHost: {host}\r\n\r\n", 505),
    "HTTP/1.2": (b"GET / HTTP/1.2\r\nHost: {host}\r\n\r\n", 505),
    "HTTP/01.1": (b"GET / HTTP/01.1\r\nHost: {host}\r\n\r\n", 505),
    "HTTP/2.0": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "HTTP/1": (b"GET / HTTP/1\r\nHost: {host}\r\n\r\n", 400),
    "HTTP/1.1.1": (b"GET / HTTP/1.1.1\r\nHost: {host}\r\n\r\n", 400),
    "HTTP/one": (b"GET / HTTP/one.one\r\nHost: {host}\r\n\r\n", 400),
    "HTTP/ and 100 digits": (b"GET / HTTP/1." + b"1" * 100 + b"\r\nHost: {host}\r\n\r\n", 400),
    "http/1.1": (b"GET / http/1.1\r\nHost: {host}\r\n\r\n", 400),
    "another protocol": (b"GET / ICY/1.1\r\nHost: {host}\r\n\r\n", 400),
    "one word": (b"GET\r\n\r\n", 400),
    "four words": (b"GET / x HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
    "a post in HTTP/0.9": (b"POST /api\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(range(64)) + b"\r\n\r\n", 400),
    "letters that are none": (b"\xff\xfe\xfd \xfc HTTP/1.1\r\nHost: {host}\r\n\r\n", 405),
    "a web socket": (
        b"GET /api HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        405,
    ),
    "a web socket from elsewhere": (
        b"GET /api HTTP/1.1\r\nHost: {host}\r\nOrigin: http://evil.example\r\nUpgrade: websocket\r\n\r\n",
        403,
    ),
    "a file with a body": (b"GET / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n\r\nhello", 400),
    "a file with chunks": (b"GET / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
}

# --- how it is refused


@pytest.fixture(autouse=True)
def unchanged(run: Run, client: Client) -> Iterator[None]:
    """Nothing that is sent reaches the run, and afterwards the server answers as before."""
    messages, weights = len(run.messages), run.weights.tobytes()
    yield
    assert (len(run.messages), run.weights.tobytes()) == (messages, weights)
    assert client.send(client.post()).status == 200


def check(answer: Answer, status: int) -> None:
    """A refusal: the status, a sentence, no permission for other sites, nothing about this machine."""
    assert answer.status == status
    assert answer.header("Connection") == "close"
    assert (answer.header("Allow") is not None) == (status == 405)
    assert len(answer.message) > 10
    says_nothing(answer)


def says_nothing(answer: Answer) -> None:
    """No permission for other sites, nothing that could run, no paths and no inner workings."""
    names = {name.lower() for name, _ in answer.headers}
    assert not [name for name in names if name.startswith("access-control")]
    assert {"content-security-policy", "x-content-type-options", "cache-control"} <= names
    assert {"server", "set-cookie", "location"} & names <= {"server"}
    assert (answer.header("Server") or "glassnet").strip() == "glassnet"
    text = answer.body.decode()
    for secret in (str(Path(glassnet.__file__).parent), str(Path.home()) + "/", "Traceback", ".py", TOKEN):
        assert secret not in text
    assert not re.search(r"(?<![\w.:/])/(home|root|usr|tmp|var|opt)/", text)


@pytest.mark.parametrize("name", HOSTS)
@pytest.mark.parametrize("what", ["message", "file", "nothing"])
def test_a_host_that_is_not_this_one_is_refused(client: Client, name: str, what: str) -> None:
    headers = {"Host": HOSTS[name]}
    raw = client.post(headers) if what == "message" else client.get("/" if what == "file" else "/nothing", headers)
    answer = client.send(raw)
    check(answer, 403)
    assert "Host" in answer.message


@pytest.mark.parametrize("name", ORIGINS)
@pytest.mark.parametrize("method", ["message", "GET", "DELETE", "OPTIONS"])
def test_a_page_from_elsewhere_is_refused(client: Client, name: str, method: str) -> None:
    headers = {"Origin": ORIGINS[name]}
    raw = client.post(headers) if method == "message" else client.get("/", headers, method)
    answer = client.send(raw)
    check(answer, 403)
    assert "Origin" in answer.message


@pytest.mark.parametrize("name", FETCH_SITES)
def test_what_a_browser_calls_another_site_is_refused(client: Client, name: str) -> None:
    answer = client.send(client.post({"Sec-Fetch-Site": FETCH_SITES[name]}))
    check(answer, 403)
    assert "Sec-Fetch-Site" in answer.message


@pytest.mark.parametrize("name", TOKENS)
def test_without_the_token_nothing_is_handled(client: Client, name: str) -> None:
    answer = client.send(client.post(TOKENS[name]))
    check(answer, 400 if name == "with a line break" else 403)


def test_a_token_in_the_body_or_the_address_does_not_count(client: Client) -> None:
    absent = {"X-Glassnet-Token": None}
    check(client.send(client.post(absent, write_message({"op": "pull", "token": TOKEN}))), 403)
    check(client.send(client.post(absent, line=f"POST /api?t={TOKEN}")), 405)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", METHODS)
def test_methods_are_those_that_are_named(client: Client, method: str, route: str) -> None:
    if (method, route) == ("POST", "/api") or (method == "GET" and route in ("/", "/main.js")):
        assert client.send(client.post(PASSING) if route == "/api" else client.get(route)).status in (200, 403)
        return
    answer = client.send(client.get(route, {"X-Glassnet-Token": TOKEN}, method))
    check(answer, 404 if method == "GET" and route != "/api" else 405)
    if answer.status == 405:
        assert answer.header("Allow") == ("POST" if route == "/api" else "GET")


PASSING = {"X-Glassnet-Token": "none"}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: ascii(target[:30]))
def test_no_path_leads_anywhere_else(client: Client, target: str) -> None:
    check(client.send(client.get(target)), 404)
    check(client.send(client.post(line=f"POST {target}")), 405)


@pytest.mark.parametrize("name", LENGTHS)
def test_a_body_is_announced_as_it_must_be(client: Client, name: str) -> None:
    headers, status = LENGTHS[name]
    check(client.send(client.post(headers)), status)


@pytest.mark.parametrize("name", JSONS)
def test_json_that_is_no_message_is_refused(client: Client, name: str) -> None:
    check(client.send(client.post(body=with_length(JSONS[name]))), 400)


@pytest.mark.parametrize("name", BODIES)
def test_bytes_that_are_no_message_are_refused(client: Client, name: str) -> None:
    check(client.send(client.post(body=BODIES[name])), 400)


@pytest.mark.parametrize("name", LINES)
def test_lines_that_are_no_request_are_refused(client: Client, name: str) -> None:
    raw, status = LINES[name]
    check(client.send(raw.replace(b"{host}", client.host.encode())), status)


def test_a_request_of_1991_gets_a_sentence_and_no_file(client: Client) -> None:
    answer = client.send(b"GET /\r\n\r\n")
    check(answer, 505)
    assert "HTTP/1.1" in answer.message


def test_a_body_that_is_shorter_than_announced_is_no_message(client: Client) -> None:
    check(client.send(client.post({"Content-Length": "49"}), end=True), 408)


def test_a_large_body_that_is_refused_still_gets_the_sentence_why(client: Client) -> None:
    answer = client.send(client.post(body=bytes(1_250_008)))
    check(answer, 413)
    assert "1250000" in answer.message


def test_what_follows_a_refused_request_is_not_read(client: Client, run: Run) -> None:
    with client.connect() as connection:
        connection.sendall(client.post({"Origin": "null"}) + client.post())
        assert read_answer(connection).status == 403
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""


def test_what_follows_a_body_is_the_next_request(run: Run) -> None:
    with served(Run().handle) as client, client.connect() as connection:
        connection.sendall(client.post() + b"more\r\n\r\n")
        assert read_answer(connection).status == 200
        check(read_answer(connection), 400)


def test_a_slow_body_gives_up_without_making_others_wait() -> None:
    with served(Run().handle, seconds=0.6) as client:
        begun = time.monotonic()
        raw = client.post()
        slow = client.connect()
        slow.sendall(raw[:-9])
        dripping = threading.Thread(target=drip, args=[slow, raw[-9:]])
        dripping.start()
        while time.monotonic() - begun < 0.3:
            assert client.send(client.post()).status == 200  # in the meantime
        check(read_answer(slow), 408)
        assert 0.5 < time.monotonic() - begun < 5
        dripping.join()
        slow.close()


def drip(connection: socket.socket, rest: bytes) -> None:
    """A byte now and then: each on time, and all together never."""
    for byte in rest[:-1]:
        time.sleep(0.15)
        try:
            connection.sendall(bytes([byte]))
        except OSError:
            return


def test_a_silent_connection_is_closed() -> None:
    with served(Run().handle, seconds=0.2) as client, client.connect() as connection:
        assert connection.recv(1) == b""
    with served(Run().handle, seconds=0.2) as client, client.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert connection.recv(1) == b""
