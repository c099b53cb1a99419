"""Ensembles in the shell: one file, like a model's, for all commands."""

import re
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet.cli import main

TRAIN = ("train", "penguins", "--recipe", "ensemble", "--members", "3", "--hidden", "5", "--epochs", "3", "--no-plot")


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """An ensemble of the penguins."""
    path = tmp_path_factory.mktemp("model") / "penguins.glass"
    assert main([*TRAIN, "--output", str(path), "--quiet"]) == 0
    return path


def test_train_tells_of_members_and_saves_an_ensemble(glassnet, file):
    result = glassnet(*TRAIN)
    assert result.code == 0
    assert "of which each network holds out other 12.5 % to know when to stop" in " ".join(result.out.split())
    assert "Recipe    ensemble(hidden=(5,), epochs=3, members=3)" in result.out
    assert "Network   3 of 13 → " in result.out
    assert "Training  3 networks, up to 3 epochs each, in " in result.out
    assert file.read_bytes() == Path("penguins.glass").read_bytes()
    assert len(gn.load("penguins.glass").members) == 3


def test_predict_and_evaluate(glassnet, file):
    out = glassnet("predict", file, "penguins").out.splitlines()
    assert out[0] == "species,p(Adelie),p(Chinstrap),p(Gentoo)"
    members = gn.load(file).members
    rows = gn.datasets.penguins()
    with pytest.warns(UserWarning, match="the range seen in training"):
        mean = np.mean([member.predict_proba(rows) for member in members], axis=0)
    np.testing.assert_allclose([float(cell) for cell in out[1].split(",")[1:]], mean[0], rtol=1e-5)
    right = sum(
        members[0].classes[k] == word for k, word in zip(mean.argmax(axis=1), rows.column("species"), strict=True)
    )
    assert f"{right} of 344 rows right" in glassnet("evaluate", file, "penguins").out


def test_explain_has_a_line_for_each_member(glassnet, file):
    out = glassnet("explain", file, "penguins", "--row", 3, "--quiet").out
    assert re.findall(r"^ +(member \d|mean) +\d", out, re.MULTILINE) == ["member 1", "member 2", "member 3", "mean"]
    second = glassnet("explain", file, "penguins", "--row", 3, "--member", 2, "--number", "z5", "--quiet")
    assert "z5 = (y3 @ W5) / sqrt(5) + b5" in second.out
    assert "belong to members" in glassnet("explain", file, "penguins", "--neuron", "o1").error
    assert "numbered from 1 to 3, got 7" in glassnet("explain", file, "penguins", "--member", 7).error
    assert "drawn member by member" in glassnet("explain", file, "penguins", "--picture", "p.svg").error


def test_explain_takes_a_member_of_an_ensemble_alone(glassnet, penguins_file):
    assert "--member is for ensembles" in glassnet("explain", penguins_file, "penguins", "--member", 1).error


def test_summary_derivation_and_eject(glassnet, file):
    found = glassnet("summary", file)
    assert "3 networks as one, the mean of what they say" in found.out
    assert glassnet("summary", file, "--json").json["members"] == 3
    assert "layer 6: Average(3, softmax)" in glassnet("derivation", file).out
    assert "the same" in glassnet("eject", file, "numpy", "--verify").out
    assert "an ensemble is not trained as one" in glassnet("eject", file, "c", "--train", "penguins").error
