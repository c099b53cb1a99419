"""`glassnet search`, held against the library."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.cli import search as command

FEW = ("--settings", 4, "--folds", 2, "--epochs", 3, "--engine", "numpy", "--workers", 1)


def test_a_search_finds_what_the_library_does_and_saves_its_model(glassnet, tmp_path):
    result = glassnet("search", "penguins", *FEW, "--journal", "p.jsonl", "-o", "best.glass", "--json")
    assert result.code == 0, result.err
    found = gn.search(
        command.SPACE,
        gn.datasets.penguins(),
        target="species",
        network=command.NETWORK,
        settings=4,
        folds=2,
        epochs=3,
        early_stopping=15,
        engine="numpy",
        workers=1,
    )
    assert result.json["best"] == {**found.best, "hidden": list(found.best["hidden"])}
    assert [row["val_loss"] for row in result.json["settings"]] == pytest.approx(found.table["val_loss"], rel=1e-12)
    table = gn.datasets.penguins().rows(np.arange(340, 344))  # in which nothing is missing
    np.testing.assert_array_equal(gn.load("best.glass").predict(table), found.model.predict(table))
    shown = glassnet("search", "penguins", *FEW, "--journal", "p.jsonl", "-o", "best.glass")
    assert shown.code == 0
    assert "4 settings, each on 2 folds; the best by loss first" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 100
    assert (tmp_path / "p.jsonl").read_text().count("\n") >= 2
    other = glassnet("search", "penguins", *FEW, "--seed", 1, "--journal", "p.jsonl")
    assert other.code == 4
    assert "p.jsonl is the journal of another search: " in other.error
    assert "seed is 0 there and 1 here; give the same, or another file" in other.error
