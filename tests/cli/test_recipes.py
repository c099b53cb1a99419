"""`glassnet train --recipe`: which one, what is changed about it, and that nothing said is `small`."""

import re

import numpy as np
import pytest

import glassnet as gn
from glassnet.cli.changes import Changes

QUICK = ("--hidden", "7,5", "--epochs", 3, "--no-plot")


def test_nothing_said_is_small(glassnet):
    found = glassnet("train", "penguins", "--epochs", 5, "--no-plot", "--json").json
    assert found["recipe"] == "small(epochs=5)"
    first = gn.load("penguins.glass").memory.theta
    glassnet("train", "penguins", "--recipe", "small", "--epochs", 5, "--no-plot")
    np.testing.assert_array_equal(gn.load("penguins.glass").memory.theta, first)


def test_an_option_of_0_is_an_option(glassnet):
    found = glassnet("train", "penguins", "--patience", 0, "--json", "--no-plot").json
    assert (found["recipe"], found["tried"]) == ("small(early_stopping=False)", {})


def test_a_recipe_by_name_with_parts_changed(glassnet):
    result = glassnet("train", "penguins", "--recipe", "strong", *QUICK, "--batch-size", 64)
    assert result.code == 0
    assert "Recipe    strong(hidden=(7, 5), epochs=3, batch_size=64)" in result.out
    model = gn.load("penguins.glass")
    assert model.recipe == "strong(hidden=(7, 5), epochs=3, batch_size=64)"
    assert (model.dtype, model.network.layers[-1].scaling) == (np.float32, "ntk")
    assert f"recipe: {model.recipe}" in glassnet("summary", "penguins.glass").out


def test_of_two_passes_it_is_said_what_the_first_one_was_for(glassnet):
    out = " ".join(glassnet("train", "penguins", "--recipe", "strong", *QUICK).out.split())
    assert "275 to learn from, of which the first pass of two holds out 20 % to know when to stop" in out
    said = "; of 1 epoch before, with rows held out, the last was the best"
    assert re.search(rf"Training 3 epochs in [0-9.]+ s{said}", out)
    assert gn.load("penguins.glass").validation_history.columns["val_accuracy"]


def test_the_same_command_gives_the_same_bytes(glassnet, tmp_path):
    found = set()
    for _ in range(2):
        glassnet("train", "penguins", "--recipe", "strong", *QUICK)
        found.add((tmp_path / "penguins.glass").read_bytes())
    assert len(found) == 1


def test_it_is_said_who_chose_what_becomes_of_columns(glassnet):
    out = " ".join(glassnet("train", "penguins", "--recipe", "strong", *QUICK, "--scale", "quantile").out.split())
    assert "among those of training, as asked" in out
    assert "more than 8 is to be embedded, as recipe strong has it" in out


def test_without_patience_a_recipe_goes_on_to_say_which_epoch_is_kept():
    assert Changes(patience=0).applied("strong").title == "strong"
    assert Changes(patience=7).applied("strong").early_stopping["number"].patience == 7


@pytest.mark.parametrize(
    ("options", "title"),
    [
        ({}, "small"),
        ({"hidden": ["0"]}, "small(hidden=())"),
        ({"no_bias": True, "dtype": "float32"}, "small(bias=False, dtype='float32')"),
        ({"patience": 0, "validation": 0.0}, "small(validation=None, early_stopping=False)"),
        ({"batch_size": "all", "l2": 0.1}, "small(l2=0.1, batch_size=None)"),
        ({"optimizer": "adam", "learning_rate": 0.5}, "small(learning_rate=0.5)"),
    ],
)
def test_options_are_parts(options, title):
    assert Changes(**options).applied("small").title == title


def test_an_optimizer_has_the_rate_of_the_recipe_or_its_own():
    for options, rule in (
        ({"optimizer": "adam(beta1=0.8)"}, gn.Adam(0.01, beta1=0.8)),
        ({"optimizer": "sgd"}, gn.SGD()),
        ({"optimizer": "sgd(learning_rate=0.2)", "clip_norm": 3.0}, gn.SGD(0.2, clip_norm=3.0)),
        ({"clip_norm": 3.0}, gn.Adam(0.01, clip_norm=3.0)),
    ):
        assert repr(Changes(**options).applied("small").rule("number")) == repr(rule)


def test_a_wrong_name_is_one_line(glassnet):
    result = glassnet("train", "penguins", "--recipe", "storng")
    assert result.code == 2
    assert (
        "unknown recipe 'storng' (did you mean 'strong'?); known are auto, constant, ensemble, linear, small, strong"
        in result.error
    )
