"""`gn.play` and `gn.widget`, up to where a browser or a notebook would begin."""

from __future__ import annotations

import sys
import threading
import webbrowser
from collections.abc import Callable
from typing import Any

import pytest

import glassnet as gn
from glassnet.playground import play as opening
from glassnet.playground import serve
from glassnet.playground.reply import Handler

X = [[0.0, 0.1], [0.2, 1.0], [1.0, 0.3], [1.1, 0.9], [0.4, 0.7]]
Y = ["no", "yes", "yes", "no", "yes"]
NETWORK = gn.Network(gn.Dense(3, "tanh"), gn.Dense())


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Handler, dict[str, Any]]]:
    """What is served, in the place of a page that would wait for Ctrl-C."""
    found: list[tuple[Handler, dict[str, Any]]] = []
    monkeypatch.setattr(serve, "serve", lambda handler, **how: found.append((handler, how)))
    return found


def test_a_network_is_shown_from_its_start(served: list[Any]) -> None:
    assert gn.play(NETWORK, X, Y, port=8123, open_browser=False, optimizer="sgd", seed=7) is None
    [(handle, how)] = served
    assert how == {"port": 8123, "token": None, "open_browser": False}
    header = handle({"op": "hello", "id": 1}, b"").header
    assert header["data"]["classes"] == ["no", "yes"]
    assert (header["setup"]["choices"]["optimizer"], header["setup"]["choices"]["seed"]) == ("sgd", 7)


def test_a_model_is_shown_as_it_is_and_stays_as_it_was(served: list[Any]) -> None:
    model = gn.train(NETWORK, X, Y, epochs=11, seed=3, progress=False)
    before = model["W1"].copy()
    gn.play(model, X, Y)
    handle = served[0][0]
    weights = handle({"op": "hello", "id": 1}, b"").buffers["weights"]
    assert weights[:6].reshape(2, 3) == pytest.approx(before, rel=1e-6)
    assert handle({"op": "step", "unit": "batch", "n": 9, "id": 2}, b"").header["ok"]
    assert (model["W1"] == before).all()


def test_a_table_has_its_target_named(served: list[Any]) -> None:
    gn.play(NETWORK, {"a": [1.0, 2.0, 4.0], "b": [3.0, 1.0, 2.0], "y": [1.5, 2.5, 3.5]}, target="y")
    assert served[0][0]({"op": "hello", "id": 1}, b"").header["data"]["target"] == "y"


@pytest.mark.parametrize("function", [gn.play, gn.widget])
def test_what_it_does_not_take_is_named(function: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=rf"^{function.__name__}\(\) got an unexpected keyword argument 'epoch'$"):
        function(NETWORK, X, Y, epoch=3)
    with pytest.raises(TypeError, match="unexpected keyword argument 'callbacks': it is for train alone"):
        function(NETWORK, X, Y, callbacks=[])
    with pytest.raises(TypeError, match="takes a Network or a Model first, got str"):
        function("xor", X, Y)


def test_a_token_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="a token is 16 to 200 letters from A-Z a-z 0-9 - _, got 4 letters"):
        gn.play(NETWORK, X, Y, token="1234")
    with pytest.raises(ValueError, match="a port is a whole number from 0 to 65535, got 70000"):
        gn.play(NETWORK, X, Y, port=70_000)


def test_in_a_notebook_the_page_is_a_widget(monkeypatch: pytest.MonkeyPatch, served: list[Any]) -> None:
    widgets = pytest.importorskip("glassnet.playground.widget")
    monkeypatch.setattr(opening, "notebook", lambda: "jupyter")
    assert isinstance(gn.play(NETWORK, X, Y), widgets.PageWidget)
    assert served == []


def test_without_anywidget_a_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(ImportError, match=r"^widgets need anywidget: pip install .*glassnet\[notebook\]"):
        gn.widget(NETWORK, X, Y)


class Browser:
    """A browser that notes what it is to open."""

    def __init__(self, basename: str) -> None:
        self.basename = basename
        self.opened = threading.Event()

    def open(self, url: str) -> bool:
        self.opened.set()
        return True


@pytest.mark.parametrize(("name", "opens"), [("firefox", True), ("lynx", False), ("w3m", False)])
def test_a_browser_in_the_terminal_is_not_opened(monkeypatch: pytest.MonkeyPatch, name: str, opens: bool) -> None:
    browser = Browser(name)
    monkeypatch.setattr(webbrowser, "get", lambda: browser)
    serve.show("http://127.0.0.1:1/")
    assert browser.opened.is_set() == opens


def test_without_a_browser_the_address_is_there_to_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)
    serve.show("http://127.0.0.1:1/")
