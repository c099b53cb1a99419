"""What can only ever say one thing is not trained, and the doctor says what to do."""

from contextlib import suppress
from typing import Any

import numpy as np
import pytest

import glassnet as gn

from .cases import network, rings

X, y = rings(200)
ALWAYS_1 = gn.Network(gn.Dense(16, "relu"), gn.Dense(1, "softmax"), loss="squared")


@pytest.mark.parametrize("train", [gn.train, gn.train_many])
def test_a_softmax_over_one_unit_is_refused(train: Any) -> None:
    with pytest.raises(ValueError, match=r"Dense\(1, 'softmax'\) at the end always says 1"):
        train(ALWAYS_1, X, y, epochs=1)


def test_the_doctor_is_asked_of_it_all_the_same() -> None:
    found = gn.diagnose(ALWAYS_1, X, y, optimizer=gn.Adam(0.01), epochs=60)
    assert (found.verdict, found.causes[0].name) == ("sick", "output activation")


DOUBTFUL: dict[str, tuple[gn.Network, Any, Any, dict[str, Any]]] = {
    "the learning rate 1000 is 3,333 times the largest that sgd usually takes": (
        network(8),
        X,
        y,
        {"optimizer": gn.SGD(1_000.0)},
    ),
    "clip_norm=1e-08 leaves next to nothing of a gradient": (
        network(8),
        X,
        y,
        {"optimizer": gn.Adam(0.01, clip_norm=1e-8)},
    ),
    "the last layer's sigmoid gives 0 to 1; 50 % of the targets are outside": (
        gn.Network(gn.Dense(8, "relu"), gn.Dense(1, "sigmoid"), loss="squared"),
        X,
        2.0 * y - 1.0,
        {},
    ),
    "layer 2 sets 95 % of its inputs to 0 at each step": (
        gn.Network(gn.Dense(8, "relu"), gn.Dropout(0.95), gn.Dense()),
        X,
        y,
        {},
    ),
    "column 2 of the inputs reaches 5e+06": (network(8), np.column_stack((X[:, 0], 5e6 * (y - 0.0))), y, {}),
    "layer 1: all 8 units start the same": (network(8, weights="zeros"), X, y, {}),
    "layer 1: 8 of 8 units say 0 for every row": (
        network(8, biases=gn.initializer("constant", value=-50.0)),
        X,
        y,
        {},
    ),
}


@pytest.mark.parametrize("words", DOUBTFUL)
def test_what_can_hardly_be_meant_is_said_in_a_line(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    layers, rows, target, how = DOUBTFUL[words]
    with suppress(gn.TrainingError):
        gn.train(layers, rows, target, epochs=1, seed=0, **how)
    said = capsys.readouterr().err
    assert said.count(f"note: {words}") == 1
    with suppress(gn.TrainingError):
        gn.train(layers, rows, target, epochs=1, seed=0, progress=False, **how)
    assert not capsys.readouterr().err


def test_what_is_merely_odd_is_not_doubted(capsys: pytest.CaptureFixture[str]) -> None:
    def note_of(*layers: gn.Dense, target: Any = y, **how: Any) -> str:
        gn.train(gn.Network(*layers, gn.Dense()), X, target, epochs=1, seed=0, kind="classes", **how)
        return capsys.readouterr().err

    assert not note_of(gn.Dense(8, weights="zeros"))
    assert not note_of(gn.Dense(8, "relu"), optimizer=gn.SGD(1.0))
    assert not note_of(gn.Dense(8, "tanh", biases=gn.initializer("constant", value=0.5)))
    assert not note_of(gn.Dense(8, "relu"), sample_weight=np.ones(len(y)))
