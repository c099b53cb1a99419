"""`glassnet play`: what it opens, what it says where it cannot, how it ends. That of the page itself is elsewhere."""

import http.client
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest

from glassnet.playground.envelope import read_reply, write_message

COMMAND = [sys.executable, "-m", "glassnet", "play", "--no-browser"]
WITHOUT_TYPER = """
import sys
sys.modules.update(dict.fromkeys(("typer", "rich", "click", "numba", "pandas", "sklearn", "anywidget")))
from glassnet.cli import main
sys.exit(main())
"""


@contextmanager
def playing(*argv, cwd, command=COMMAND):
    """A page that is open: what it answers to a message, and its process."""
    process = subprocess.Popen(
        [*command, *map(str, argv)], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        url = process.stdout.readline()
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/#t=([\w-]+)\n", url)
        assert found is not None, url + process.stderr.read()
        port, token = int(found[1]), found[2]

        def say(message):
            connection = http.client.HTTPConnection("127.0.0.1", port)
            headers = {"X-Glassnet-Token": token, "Content-Type": "application/octet-stream"}
            connection.request("POST", "/api", write_message({"id": 1, "client": "test", **message}), headers)
            reply = read_reply(connection.getresponse().read())
            connection.close()
            return reply.header

        yield say, process, token
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def test_the_page_opens_without_typer_and_ends_with_ctrl_c(tmp_path):
    command = [sys.executable, "-W", "error", "-c", WITHOUT_TYPER, "play", "--no-browser"]
    with playing(cwd=tmp_path, command=command) as (say, process, token):
        assert len(token) == 32
        header = say({"op": "hello"})
        assert (header["ok"], header["setup"]["story"], header["step"]) == (True, "xor", 0)
        assert "Ctrl-C" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
        assert (process.stdout.read(), process.stderr.read()) == ("", "")


def test_a_table_of_ones_own_with_its_target(tmp_path):
    (tmp_path / "t.csv").write_text("a,b,y,id\n" + "".join(f"{k},{k % 5},{k % 3}.5,{k + 900}\n" for k in range(40)))
    argv = ["t.csv", "--target", "y", "--exclude", "id", "--token", "0123456789abcdef"]
    with playing(*argv, cwd=tmp_path) as (say, _, token):
        assert token == "0123456789abcdef"
        header = say({"op": "hello"})
        assert header["data"]["target"] == "y"
        assert header["data"]["columns"] == ["a", "b"]


def test_a_model_on_a_table(tmp_path, penguins_file):
    with playing("penguins", "--model", penguins_file, cwd=tmp_path) as (say, _, _):
        header = say({"op": "hello"})
        assert header["data"]["classes"] == ["Adelie", "Chinstrap", "Gentoo"]
        assert header["topology"]["parameters"] == 243


def test_help_is_there_and_names_the_stories(glassnet):
    result = glassnet("play", "--help")
    assert (result.code, result.err) == (0, "")
    for word in ("usage: glassnet play", "--target", "--no-browser", "too-fast", "digits", "Ctrl-C"):
        assert word in result.out
    assert re.search(r"play +Open a page in the browser", glassnet("--help").out)


WRONG = [
    (["xro"], 5, "cannot read 'xro': no such file, and no such story (did you mean xor); check the path"),
    (["qqqq"], 5, "no such story (there are circles, dead-relu, digits, "),
    (["gone.csv"], 5, "gone.csv"),
    (["t.csv", "--target", "z"], 3, "z"),
    (["empty.csv"], 3, "empty"),
    (["xor", "--model", "gone.glass"], 5, "gone.glass"),
    (["t.csv", "--model", "t.csv"], 4, "this is text"),
    (["--model", "m.glass"], 2, "--model is shown on a table: glassnet play TABLE --model FILE"),
    (["t.csv", "--model", "m.glass", "--target", "y"], 2, "--target and --exclude are not for a model"),
    (["stuck", "--target", "y"], 2, "--target and --exclude are for a table, and stuck is a story"),
    (["--port", "x"], 2, "--port: a port is a whole number from 0 to 65535, got 'x'; see glassnet play --help"),
    (["--prot", "1"], 2, "no such option: --prot (did you mean --port?); see glassnet play --help"),
    (["--label", "y", "t.csv"], 2, "no such option: --label (did you mean --target?)"),
    (["--token", "short"], 2, "a token is 16 to 200 letters"),
    (["xor", "moons"], 2, "unrecognized arguments: moons"),
    (["t.csv", "--target"], 2, "--target/-t: expected one argument"),
]


@pytest.mark.parametrize(("argv", "code", "words"), WRONG, ids=[" ".join(argv) for argv, *_ in WRONG])
def test_what_cannot_be_opened_is_one_line(glassnet, tmp_path, argv, code, words):
    (tmp_path / "t.csv").write_text("a,y\n1,2\n3,4\n5,6\n7,8\n")
    (tmp_path / "empty.csv").write_text("")
    result = glassnet("play", *argv)
    assert (result.code, result.out) == (code, "")
    assert words in result.error


def test_a_port_in_use_is_one_line(glassnet):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = glassnet("play", "--port", port, "--no-browser")
    assert (result.code, result.out) == (5, "")
    assert f"cannot listen on port {port}: another program listens on it" in result.error
