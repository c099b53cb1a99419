"""What the programs of all languages have, and in which order."""

import re
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.readings.eject.emitters import ARRAY_TITLES, TITLES

LANGUAGES = {"numpy": ARRAY_TITLES, "r": ARRAY_TITLES, "javascript": TITLES, "c": TITLES}


@pytest.fixture(scope="module")
def model() -> gn.Model:
    X = np.random.default_rng(0).normal(size=(7, 3))
    return gn.initialize(gn.Network(gn.Dense(5, "sigmoid"), gn.Dense(2), loss="squared"), X, X[:, :2], seed=0)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("training", [False, True], ids=["predicts", "trains"])
def test_the_parts_of_a_program_stand_in_the_same_order_in_every_language(
    language: str, training: bool, model: gn.Model
) -> None:
    X = np.random.default_rng(1).normal(size=(11, 3))
    given: dict[str, Any] = {"X": X, "y": X[:, :2], "batch_size": 4, "epochs": 2} if training else {}
    text = str(model.eject(language, training=training, **given))
    titles = [title for part, title in LANGUAGES[language].items() if training or part != "training"]
    places = [text.find(f"-- {title} --") for title in titles]
    assert min(places) > 0
    assert places == sorted(places)
    assert training or "-- Training --" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_a_text_is_left_over(language: str, model: gn.Model) -> None:
    X = np.random.default_rng(1).normal(size=(11, 3))
    for batch_size in (None, 4):
        program = model.eject(language, training=True, X=X, y=X[:, :2], epochs=2, batch_size=batch_size)
        assert not re.search(r"<<\w+>>", str(program))
