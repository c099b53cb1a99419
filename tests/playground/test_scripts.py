"""The page's scripts without a page: Node runs their tests, and reads and writes the bytes that Python does."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from glassnet.playground.envelope import read_message, write_reply
from glassnet.playground.reply import Reply
from glassnet.playground.session import Session

HERE = Path(__file__).parent
ALL_TOOLS = os.environ.get("GLASSNET_TOOLS") == "all"


def run(*names: str, **environment: str) -> str:
    """What Node says of some of the tests; skipped where it is missing, unless all tools must be there."""
    node = shutil.which("node")
    if node is None:
        (pytest.fail if ALL_TOOLS else pytest.skip)("Node is needed to run the page's scripts; install it")
    files = [str(HERE / "js" / f"{name}.test.mjs") for name in names]
    said = subprocess.run(
        [node, "--test", "--test-reporter=tap", *files],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
        check=False,
    )
    assert said.returncode == 0, said.stdout[-5000:] + said.stderr[-2000:]
    return said.stdout


def written(folder: Path, name: str, reply: Reply) -> None:
    """A reply as bytes, and beside it what Node should read."""
    codes = {"float32": "f4", "float64": "f8", "uint8": "u1", "int32": "i4"}
    (folder / f"{name}.bin").write_bytes(write_reply(reply))
    buffers = {
        key: (codes[array.dtype.name], [js_text(value) for value in array.ravel().tolist()])
        for key, array in reply.buffers.items()
    }
    told = {"header": dict(reply.header), "buffers": buffers}
    (folder / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")


def js_text(value: float) -> str:
    """A number as JavaScript writes it, for the numbers that frames have here."""
    if value != value:
        return "NaN"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = repr(float(value))
    mantissa, _, power = text.partition("e")
    if not power:
        return text
    exponent = int(power)
    if -7 < exponent < 0:  # JavaScript writes these out
        digits = mantissa.replace(".", "").replace("-", "")
        return ("-" if value < 0 else "") + "0." + "0" * (-exponent - 1) + digits
    return f"{mantissa}e{exponent:+d}"


def test_numbers_curves_and_requests_are_as_their_tests_say() -> None:
    said = run("scales", "state", "driver")
    assert "\n# fail 0\n" in said
    assert "\n# skipped 0\n" in said


def test_both_sides_read_what_the_other_wrote(tmp_path: Path) -> None:
    session = Session.of_story("xor")
    hello = {"op": "hello", "id": 1, "client": "a"}
    written(tmp_path, "hello", session.handle(hello))
    train = {"op": "step", "unit": "batch", "n": 7, "id": 2, "client": "a"}
    written(tmp_path, "trained", session.handle(train))
    refused = {"op": "set", "changes": {"learning_rate": -0.1}, "id": 3, "client": "a"}
    written(tmp_path, "refused", session.handle(refused))
    odd: dict[str, np.ndarray] = {
        "a": np.array([[1.5, -2.25, np.nan]], np.float32),
        "b": np.zeros(0, np.float64),
        "c": np.arange(5, dtype=np.uint8),
        "d": np.array([-7, 2**31 - 1], np.int32),
        "e": np.array([1 / 3, 1e-300, 2.5e21, -1.25e-5]),
    }
    written(tmp_path, "odd", Reply({"re": 4, "ok": True, "text": "ä − \u202e"}, odd))
    said = run("transport", FRAMES=str(tmp_path))
    assert "\n# skipped 0\n" in said
    message, body = read_message((tmp_path / "message.out").read_bytes())
    assert message == {"op": "upload", "id": 3, "name": 'ä − "quoted".csv', "part": 0, "view": {"row": 1}}
    assert body == b"\x01\x02\x03"
    assert read_message((tmp_path / "plain.out").read_bytes()) == ({"op": "hello", "id": 1}, b"")
