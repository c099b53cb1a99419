"""Options under the names that other libraries give them."""

import pytest
import typer

from glassnet.cli.app import app
from glassnet.cli.option_names import NEAR, SAME, plain
from glassnet.model.load import load

COMMANDS = typer.main.get_command(app).commands
KNOWN = {
    name
    for command in COMMANDS.values()
    for option in command.params
    for name in (*option.opts, *option.secondary_opts)
}


def test_every_name_in_the_tables_leads_to_an_option_and_is_none_itself():
    assert {*SAME.values(), *NEAR.values()} <= KNOWN
    assert not {*map(plain, SAME)} & {*map(plain, NEAR)}
    assert not {*map(plain, SAME)} & {plain(name) for name in KNOWN if name.startswith("--")}


@pytest.mark.parametrize(
    "argv",
    [
        "--lr 0.03 --batch_size 8 --max-iter 3 --random_state 5",
        "--LR=0.03 --batchsize=8 --n_epochs=3 --random-seed=5",
        "--learning_rate 0.03 --batch-size 8 --epochs 3 --seed 5",
    ],
)
def test_what_means_the_same_is_understood(glassnet, argv):
    assert glassnet("train", "penguins", *argv.split(), "--noplot", "-q").code == 0
    model = load("penguins.glass")
    assert model.optimizer.learning_rate == 0.03
    assert model.epochs == 3


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--epoch", "did you mean --epochs?"),
        ("--batch", "did you mean --batch-size?"),
        ("--early-stopping", "did you mean --patience?"),
        ("--early_stopping=5", "did you mean --patience?"),
        ("--lr-schedule", "did you mean --learning-rate?); the rate is the same in every epoch here"),
        ("--layers", "did you mean --hidden?"),
        ("--weight-decay", "did you mean --l2?"),
        ("--lerning-rate", "did you mean --learning-rate?"),
        ("--learning-rat=3", "did you mean --learning-rate?"),
        ("--zzz", "no such option: --zzz; see glassnet train --help"),
    ],
)
def test_what_comes_near_is_suggested(glassnet, option, words):
    result = glassnet("train", "penguins", option, "3")
    assert result.code == 2
    assert words in result.error
    assert result.error.endswith("see glassnet train --help")


def test_an_option_with_its_contrary_is_known_by_both_names(glassnet):
    found = glassnet("reproduce", "xor", "--no-bias", "--epochs", 5, "--seeds", 2, "--json").json
    assert found["changed"]["bias"] is False


def test_one_thing_said_under_two_names_is_refused(glassnet):
    result = glassnet("train", "penguins", "--lr", "0.1", "--learning-rate", "0.2")
    assert result.code == 2
    assert "--learning-rate is given 2 times" in result.error


@pytest.mark.parametrize("word", ["----", "--", "--lr", "--target", "--zzz"])
def test_the_value_of_an_option_may_begin_with_dashes(glassnet, tmp_path, word):
    rows = "".join(f"{k if k % 7 else word},{k % 2}\n" for k in range(40))
    (tmp_path / "t.csv").write_text(f"x,y\n{rows}")
    argv = ["train", "t.csv", "--target", "y", "--missing", word, "--epochs", 2, "--no-plot", "--json"]
    result = glassnet(*argv, "--lr", "0.5", "-o", "--m.glass", "--dropout=0.5")
    assert result.code == 0, result.err
    model = load(tmp_path / "--m.glass")
    assert model.optimizer.learning_rate == 0.5
    assert [type(feature).__name__ for feature in model.contract.features] == ["NumberColumn"]


def test_what_follows_two_dashes_is_no_option(glassnet):
    assert "--lr" in glassnet("train", "--target", "y", "--", "--lr").error


@pytest.mark.parametrize(("name", "ours"), [("js", "javascript"), ("python", "numpy"), ("Excel", "xlsx"), ("R", "r")])
def test_languages_under_other_names(glassnet, model, tmp_path, name, ours):
    assert glassnet("eject", model, name, "-o", "a").code == 0
    assert glassnet("eject", model, ours, "-o", "b").code == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("argv", "words"), [("--activation ReLU", "relu"), ("--optimizer Adam", "adam"), ("--loss MSE", "squared")]
)
def test_parts_under_other_names(glassnet, argv, words):
    found = glassnet("train", "moons", *argv.split(), "--epochs", 1, "--no-plot", "--json")
    assert found.code == 0, found.err
    assert words in str(found.json)
