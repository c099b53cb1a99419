"""The Python that does what was done on the page."""

import contextlib
import io
from typing import Any

import numpy as np
import pytest
from asking import Asking

from glassnet.playground.session import Session


def run(code: str) -> tuple[float, Any]:
    """What the program prints, and its model."""
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, "<the page>", "exec"), names)  # it is what is under test
    return float(printed.getvalue()), names["model"]


DEEDS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "nothing": [],
    "epochs": [("step", {"unit": "epoch", "n": 9})],
    "part of an epoch": [("step", {"unit": "batch", "n": 21})],
    "another rate": [
        ("step", {"unit": "batch", "n": 13}),
        ("set", {"changes": {"learning_rate": 0.0137}}),
        ("step", {"unit": "epoch", "n": 2}),
    ],
    "another optimizer": [
        ("step", {"unit": "epoch", "n": 2}),
        ("set", {"changes": {"optimizer": "nesterov"}}),
        ("step", {"unit": "batch", "n": 3}),
        ("set", {"changes": {"batch_size": 3}}),
        ("step", {"unit": "batch", "n": 5}),
    ],
    "a number by hand": [
        ("step", {"unit": "epoch", "n": 1}),
        ("poke", {"name": "W1", "index": [1, 0], "value": -1.25}),
        ("poke", {"name": "W2", "index": [0, 0], "value": 0.1}),
        ("step", {"unit": "epoch", "n": 4}),
    ],
    "going back": [
        ("step", {"unit": "epoch", "n": 8}),
        ("seek", {"step": 3}),
        ("set", {"changes": {"learning_rate": 0.3}}),
        ("step", {"unit": "batch", "n": 6}),
        ("seek", {"step": 8}),
    ],
    "another activation": [
        ("step", {"unit": "batch", "n": 4}),
        ("set", {"changes": {"l2": 0.01}}),
        ("step", {"unit": "batch", "n": 4}),
    ],
    "other layers": [
        ("step", {"unit": "batch", "n": 4}),
        ("set", {"changes": {"layers": [{"units": 5, "activation": "relu", "dropout": 0.2, "batch_norm": True}]}}),
        ("step", {"unit": "epoch", "n": 3}),
    ],
    "another penalty, with running means": [
        ("set", {"changes": {"layers": [{"units": 3, "batch_norm": True}]}}),
        ("step", {"unit": "batch", "n": 4}),
        ("set", {"changes": {"l1": 0.01}}),
        ("step", {"unit": "batch", "n": 4}),
    ],
    "new weights": [("step", {"unit": "batch", "n": 2}), ("restart", {"weights": "new"}), ("step", {"unit": "epoch"})],
    "all epochs, and again": [
        ("set", {"changes": {"epochs": 3}}),
        ("step", {"unit": "epoch", "n": 3}),
        ("pull", {"train": True, "budget_ms": 0}),
        ("step", {"unit": "epoch", "n": 2}),
    ],
}


@pytest.mark.filterwarnings("ignore:.*:UserWarning")  # what a table lacks is said
@pytest.mark.parametrize("story", ["xor", "stuck", "moons", "penguins"])
@pytest.mark.parametrize("deeds", DEEDS.values(), ids=DEEDS)
def test_it_comes_to_the_same_numbers_to_the_last_bit(story: str, deeds: list[tuple[str, dict[str, Any]]]) -> None:
    ask = Asking(Session.of_story(story))
    ask.fine("hello")
    for op, more in deeds:
        ask.fine(op, **more)
    course = ask.session.course
    printed, model = run(ask.fine("code").header["text"])
    assert all(
        len(line) <= 92 or line.startswith(("#", 'model["')) for line in ask.fine("code").header["text"].split("\n")
    )
    assert np.array_equal(model.memory.theta, course.state.memory.theta)
    assert np.array_equal(model.memory.state, course.state.memory.state)
    header = ask.fine("pull").header
    if course.setup.choices.validation is None:
        assert printed == header["loss"]
    elif not header["batch"] and header["step"]:
        assert printed == pytest.approx(header["val_loss"], rel=1e-12)
