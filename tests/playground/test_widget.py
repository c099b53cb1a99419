"""The page in a notebook, as far as there is no browser."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from raw_requests import Run

from glassnet.playground.envelope import read_reply, write_message
from glassnet.playground.site_files import in_one_module

widgets = pytest.importorskip("glassnet.playground.widget")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What a widget sends to its page."""
    found: list[Any] = []
    monkeypatch.setattr(widgets.PageWidget, "send", lambda _, content, buffers=None: found.append((content, buffers)))
    return found


def test_a_message_is_answered_by_bytes_to_the_view_that_asked(sent: list[Any]) -> None:
    run = Run()
    widget = widgets.PageWidget(run.handle)
    message = write_message({"op": "upload", "id": 3}, b"a,b\n")
    widget._handle_custom_msg({"from": "k3x9/3"}, [memoryview(message)])  # what ipywidgets calls
    [(content, [reply])] = sent
    assert content == {"to": "k3x9/3"}
    assert read_reply(reply).header == {"re": 3, "ok": True, "size": 4}
    assert len(run.messages) == 1


def test_a_mistake_is_answered_in_words(sent: list[Any]) -> None:
    widgets.PageWidget(Run().handle)._handle_custom_msg({"from": "a/1"}, [write_message({"op": "fail", "id": 1})])
    [(_, [reply])] = sent
    assert read_reply(reply).header["error"]["message"].startswith("FileNotFoundError in raw_requests.py")


@pytest.mark.parametrize("buffers", [[], [b""], [b"nothing"], [b"\4\0\0\0[]  "]], ids=len)
def test_what_is_no_message_changes_nothing(sent: list[Any], buffers: list[bytes]) -> None:
    run = Run()
    widgets.PageWidget(run.handle)._handle_custom_msg({}, buffers)
    assert (run.messages, sent) == ([], [])


def test_the_module_holds_all_that_the_page_imports() -> None:
    first, _, loader = in_one_module("notebook.js").partition(";\n")
    files = json.loads(first.removeprefix("const FILES = "))
    wanted = {name for text in files.values() for name in re.findall(r"^import\b[^'\";]*'\./([\w-]+\.js)'", text, re.M)}
    assert wanted <= files.keys()
    assert {"main.js", "transport.js"} <= files.keys()
    assert loader.rstrip().endswith("export default { render };")
