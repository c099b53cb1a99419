"""`glassnet train` names the doctor's command where it learnt too little, and that command runs."""

import shlex

import pytest

SICK = ["train", "circles", "--optimizer", "sgd", "--learning-rate", "0.00001", "--epochs", 40, "--seed", 3]


def test_it_names_the_command_with_the_same_options(glassnet):
    told = glassnet(*SICK, "--no-plot", "--force")
    assert told.code == 0, told.err
    lines = told.out.splitlines()
    place = next(k for k, line in enumerate(lines) if line.startswith("Why"))
    assert "it learnt less than" in lines[place]
    command = "glassnet diagnose circles --optimizer sgd --learning-rate 1e-05 --epochs 40 --seed 3"
    assert lines[place + 1].strip() == command
    found = glassnet(*SICK, "--no-plot", "--force", "--json").json["why"]
    assert found["command"] == lines[place + 1].strip()
    asked = glassnet(*shlex.split(found["command"])[1:], "--json")
    assert (asked.code, asked.json["verdict"]) == (0, "sick")
    assert asked.json["causes"][0]["name"] == "learning rate too low"


@pytest.mark.parametrize("argv", [["penguins", "--epochs", 60], ["penguins", "--recipe", "constant"], ["xor"]])
def test_it_names_none_where_there_is_nothing_to_ask(glassnet, argv):
    told = glassnet("train", *argv, "--no-plot")
    assert told.code == 0
    assert "diagnose" not in told.out + told.err


def test_it_names_the_command_where_training_diverged(glassnet):
    told = glassnet("train", "circles", "--optimizer", "sgd", "--learning-rate", "1e9", "--no-plot")
    assert told.code == 1
    words = "nothing was saved; why: glassnet diagnose circles --optimizer sgd --learning-rate 1000000000"
    assert told.error.endswith(words)


def test_what_can_hardly_be_meant_is_a_row_before_training(glassnet):
    told = glassnet("train", "penguins", "--learning-rate", 50, "--epochs", 5, "--no-plot")
    lines = told.out.splitlines()
    doubt = next(k for k, line in enumerate(lines) if line.startswith("Doubt"))
    assert lines[doubt] == "Doubt     the learning rate 50 is 1,667 times the largest that adam usually takes"
    assert lines[doubt + 1].startswith("Training")
    assert "Doubt" not in glassnet("train", "penguins", "--epochs", 5, "--no-plot", "--force").out
