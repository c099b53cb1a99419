"""What stands beside a unit: the terms that are shown add up to the number that is shown."""

import math
from typing import Any

import numpy as np
import pytest
from asking import Asking

import glassnet as gn
from glassnet.parts.activations import NAMES as ACTIVATIONS
from glassnet.parts.optimizers import RULES
from glassnet.playground.session import Session

DIGITS = 4


def shown(text: str) -> float:
    """A number as it is written."""
    return float(text.replace("\u2212", "-"))


def last_place(text: str) -> float:
    """What a step in the last digit of a number is worth."""
    if shown(text) == 0.0:
        return 0.0
    return 10.0 ** (math.floor(math.log10(abs(shown(text)))) - DIGITS + 1)


def check_sum(total: dict[str, Any]) -> None:
    """The terms, as they are shown, against the total, as it is shown."""
    parts = [term["text"] for term in total["terms"]]
    parts += [total["others_text"]] if total["others"] else []
    room = 0.5 * sum(map(last_place, parts)) + 0.5 * last_place(total["text"])
    assert abs(math.fsum(map(shown, parts)) - shown(total["text"])) <= room * (1 + 1e-9)
    for term in total["terms"]:
        value = -1.0 if term["negative"] else 1.0
        for factor in term["factors"]:
            value = value / factor["value"] if factor["divides"] else value * factor["value"]
        assert value == pytest.approx(term["value"], rel=1e-9, abs=1e-300)


def lines_of(explanation: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for section in explanation["sections"] for entry in section["entries"] for line in entry["lines"]]


def random_network(rng: np.random.Generator) -> Session:
    """Widths, activations, dropout, batch norm, optimizer, batches: all by chance."""
    smooth = [name for name in ACTIVATIONS if name not in ("softmax", "log_softmax", "exponential")]
    n, inputs, classes = int(rng.integers(8, 30)), int(rng.integers(1, 7)), int(rng.integers(2, 5))
    layers: list[Any] = []
    for _ in range(int(rng.integers(1, 4))):
        layers.append(gn.Dense(int(rng.integers(1, 9)), str(rng.choice(smooth))))
        layers += [gn.BatchNorm()] if rng.random() < 0.3 else []
        layers += [gn.Dropout(0.3)] if rng.random() < 0.3 else []
    X = rng.normal(size=(n, inputs))
    y = np.arange(n) % classes if rng.random() < 0.5 else X @ rng.normal(size=(inputs, 1))
    rule = gn.optimizer(str(rng.choice(RULES)), 0.05)
    network = gn.Network(*layers, gn.Dense(), l2=0.01 if rng.random() < 0.5 else 0.0)
    return Session.of_model(
        network, X, y, optimizer=rule, batch_size=int(rng.integers(2, n + 1)), seed=int(rng.integers(99))
    )


@pytest.mark.parametrize("seed", range(200))
def test_every_sum_of_a_random_network_is_its_terms(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ask = Asking(random_network(rng))
    ask.fine("hello")
    ask.fine("step", unit="batch", n=int(rng.integers(1, 20)))
    scene = ask.session.scene
    row = int(rng.choice(ask.session.course.upcoming().rows))
    units = [asked for column in scene.topology.columns for asked in column.asked if asked]
    sums = 0
    for asked in rng.choice(units, min(3, len(units)), replace=False):
        explanation = ask.fine("explain", what={"unit": str(asked)}, row=row).header["explanation"]
        for line in lines_of(explanation):
            if line["sum"]:
                sums += 1
                check_sum(line["sum"])
                assert line["sum"]["text"] == line["text"]
    assert sums


@pytest.mark.parametrize("optimizer", RULES)
def test_what_is_next_is_what_the_next_step_makes_of_it(optimizer: str) -> None:
    ask = Asking(Session.of_story("moons"))
    ask.fine("hello")
    ask.fine("set", changes={"optimizer": optimizer, "learning_rate": 0.02, "batch_size": 7})
    ask.fine("step", unit="batch", n=30)
    row = int(ask.session.course.upcoming().rows[2])
    reply = ask.fine("explain", what={"unit": "h2"}, row=row, all=True).header
    section = next(section for section in reply["explanation"]["sections"] if section["title"] == "Its weights")
    grid = section["entries"][0]["grid"]
    promised = [line["cells"][grid["columns"].index("next")] for line in grid["rows"]]
    ask.fine("step", unit="batch")
    found = ask.fine("explain", what={"unit": "h2"}, row=0, all=True).header
    section = next(section for section in found["explanation"]["sections"] if section["title"] == "Its weights")
    grid = section["entries"][0]["grid"]
    assert [line["cells"][grid["columns"].index("now")] for line in grid["rows"]] == promised


@pytest.mark.parametrize("story", ["xor", "digits", "penguins", "spirals"])
def test_a_picture_and_its_explanation_say_the_same(story: str) -> None:
    ask = Asking(Session.of_story(story))
    ask.fine("hello")
    ask.fine("step", unit="epoch", n=2)
    topology = ask.session.scene.topology
    for row in map(int, ask.session.course.upcoming().rows[:3]):
        values = ask.fine("pull", view={"row": row}).buffers["values"]
        at = 0
        for column in topology.columns:
            for place, asked in enumerate(column.asked):
                if asked and column is not topology.columns[-1]:
                    lines = lines_of(ask.fine("explain", what={"unit": asked}, row=row).header["explanation"])
                    a = next(line for line in lines if line["name"].startswith(f"a{column.layer}["))
                    assert values[at + place] == pytest.approx(a["value"], rel=1e-5, abs=1e-7)
                    if place > 2:
                        break
            at += len(column.shown)


def test_the_texts_are_those_of_explain() -> None:
    ask = Asking(Session.of_story("xor"))
    ask.fine("hello")
    ask.fine("step", unit="batch", n=40)
    X, y = gn.datasets.xor()
    model = gn.Model(ask.session.course.state)
    text = model.explain(X, y.ravel().astype(int)).neuron("h3").text(width=200).replace("-", "\u2212")
    lines = lines_of(ask.fine("explain", what={"unit": "h3"}, row=1).header["explanation"])
    for line in lines:
        if line["name"].startswith(("dz1", "da1")):
            assert line["text"] in text


def test_a_row_that_is_not_in_the_next_batch_is_explained_alone() -> None:
    ask = Asking(Session.of_story("moons"))
    ask.fine("hello")
    session = ask.session
    outside = next(k for k in range(160) if k not in session.course.upcoming().rows)
    held_out = ask.fine("explain", what={"unit": "h1"}, row=170).header["explanation"]
    assert "is held out" in held_out["notes"][0]
    other = ask.fine("explain", what={"unit": "h1"}, row=outside).header["explanation"]
    assert "is not in the next batch" in other["notes"][0]


def test_a_weight_of_a_unit_can_be_set_from_its_table() -> None:
    ask = Asking(Session.of_story("xor"))
    ask.fine("hello")
    reply = ask.fine("explain", what={"unit": "h3"}, row=0).header
    weight = reply["weights"][1]
    assert weight["weight"] == ["W1", [1, 2]]
    assert float(weight["value"]) == ask.session.course.state["W1"][1, 2]


def test_numbers_have_the_digits_that_are_asked_for() -> None:
    ask = Asking(Session.of_story("xor"))
    ask.fine("hello")
    explanation = ask.fine("explain", view={"digits": 17}, what={"unit": "h3"}, row=1).header["explanation"]
    line = lines_of(explanation)[0]
    assert shown(line["text"]) == line["value"]
