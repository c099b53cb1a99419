"""`--thousands` and `--decimal`: how a file writes its numbers, which the model keeps for the other commands."""

import json

import pytest

import glassnet as gn

ROWS = "".join(f"{1 + k // 5}.{100 + k},5;{k % 7};{'ab'[k % 2]};{2 * k}\n" for k in range(40))
TRAIN = ["--target", "y", "--hidden", "2", "--epochs", "3", "--no-plot"]


@pytest.fixture
def german(tmp_path):
    """A file with decimal commas and points between thousands, and a model that has learnt from it."""
    (tmp_path / "t.csv").write_text(f"x;n;w;y\n{ROWS}")
    return tmp_path / "t.csv"


def test_every_command_reads_what_the_model_learnt_from(glassnet, german):
    assert glassnet("train", german.name, *TRAIN, "--decimal", ",", "--thousands", ".").code == 0
    out = glassnet("predict", "t.glass", german.name, "--json")
    assert (out.code, json.loads(out.out)["rows"]) == (0, 40)
    plain = {"x": [1105.5], "n": [5], "w": ["b"]}
    assert json.loads(out.out)["predictions"][5] == gn.load("t.glass").predict(plain)[0]
    for command in (["evaluate", "t.glass", german.name], ["explain", "t.glass", german.name, "--row", "2"]):
        assert glassnet(*command).code == 0
    kept = glassnet("predict", "t.glass", german.name, "--keep", "--json")
    assert json.loads(kept.out)["kept"][0]["x"] == "1.100,5"
    said = glassnet("predict", "t.glass", german.name, "--thousands", "none")
    assert (said.code, "line 2: '1.100,5' in column 'x' is not a number" in said.error) == (3, True)


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        ([], 3, "--decimal , and --thousands ."),
        (["--thousands", ";"], 2, "--thousands must be"),
        (["--decimal", ".", "--thousands", "."], 2, "--decimal must be"),
    ],
)
def test_what_is_wrong_is_said_in_options(glassnet, german, argv, code, said):
    found = glassnet("train", german.name, *TRAIN, *argv)
    assert (found.code, said in found.error) == (code, True), found.error
    assert not (german.parent / "t.glass").exists()
