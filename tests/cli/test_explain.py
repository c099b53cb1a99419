import json

import numpy as np
import pytest

import glassnet as gn
from glassnet.datasets import penguins
from glassnet.model.load import load

ROW = "sex,year,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g\nmale,2009,Dream,39.1,18.7,181,3750\n"


def test_a_row_is_shown_from_its_cells_to_the_next_weights(glassnet, model):
    result = glassnet("explain", model, "penguins", "--row", "3")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("row 3: one step of training\n11-16-3 · ")
    for title in ("Input", "Forward", "Loss", "Backward", "Update", "Prediction"):
        assert f"── {title} ─" in result.out
    assert "= (40.3 - " in result.out
    assert "\x1b" not in result.out
    assert max(map(len, result.out.splitlines())) <= 80


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_rows_are_counted_from_1_below_the_header(glassnet, model):
    page = glassnet("explain", model, "penguins", "--row", "2-4", "--json").json
    assert page["rows"] == ["row 2", "row 3", "row 4"]
    known = load(model)
    L = next(
        line["value"]
        for section in page["explanation"]["sections"]
        for entry in section["entries"]
        for line in entry["arithmetic"]
        if line["name"] == "L"
    )
    expected = known.explain(penguins().rows([1, 2, 3]))["L"].value.item()
    assert pytest.approx(expected) == L
    assert len(glassnet("explain", model, "penguins", "--row", "all", "--json").json["rows"]) == 344
    assert glassnet("explain", model, "penguins", "--json").json["rows"] == ["row 1"]


def test_without_the_target_it_is_the_way_to_the_prediction(glassnet, model, tmp_path):
    (tmp_path / "new.csv").write_text(ROW)
    result = glassnet("explain", model, "new.csv")
    assert result.code == 0
    assert "row 1: the way to the prediction" in result.out
    assert "Without a target there is no loss" in result.out
    assert "Backward" not in result.out


def test_one_neuron_one_step_one_number(glassnet, model):
    unit = glassnet("explain", model, "penguins", "--row", "3", "--neuron", "h2")
    assert unit.out.startswith("neuron h2, row 3: unit 2 of layer 1")
    assert "neuron Gentoo" in glassnet("explain", model, "penguins", "--neuron", "Gentoo").out
    number = glassnet("explain", model, "penguins", "--row", "1-40", "--number", "dW1[0, 2]", "--check").out
    for words in ("dW1[0, 2] (island = Biscoe to h3)", "Comes from", "Update of W1[0, 2]", "measured", "others"):
        assert words in number
    every = glassnet("explain", model, "penguins", "--row", "1-40", "--number", "dW1[0,2]", "--all-terms").out
    assert "others" not in every
    assert glassnet("explain", model, "penguins", "--number", "z1").out.startswith("z1, forward, layer 1")


def test_files_are_written_by_their_ending_and_no_other_file_over(glassnet, model, tmp_path):
    result = glassnet("explain", model, "penguins", "--html", "page.html", "--output", "all.json", "--digits", "6")
    assert (result.code, result.out) == (0, "")
    assert "written to page.html" in result.err
    assert (tmp_path / "page.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))["digits"] == 6
    assert glassnet("explain", model, "penguins", "--output", "all.txt").code == 0
    assert glassnet("explain", model, "penguins", "--output", "all.tex").code == 0
    (tmp_path / "mine.txt").write_text("my notes\n")
    result = glassnet("explain", model, "penguins", "--output", "mine.txt")
    assert result.code == 5
    assert "not an earlier result" in result.error
    assert (tmp_path / "mine.txt").read_text() == "my notes\n"


def test_a_picture_of_the_network(glassnet, model, tmp_path):
    result = glassnet("explain", model, "penguins", "--picture", "net.svg")
    assert result.code == 0
    assert "picture written to net.svg" in result.err
    assert "<svg" in (tmp_path / "net.svg").read_text(encoding="utf-8")


def test_what_is_unusual_is_said_on_stderr(glassnet, model, tmp_path):
    (tmp_path / "new.csv").write_text(ROW.replace("Dream", "Atlantis"))
    result = glassnet("explain", model, "new.csv")
    assert "Atlantis" in result.err
    assert glassnet("explain", model, "new.csv", "--quiet").err == ""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--row", "0"], "--row must be from 1 to 344"),
        (["--row", "345"], "344 rows"),
        (["--row", "5-3"], "--row must be from 1 to 344"),
        (["--row", "third"], "--row must be a row's number"),
        (["--neuron", "h99"], "h1 to h16 in layer 1, o1 to o3 ('Adelie', 'Chinstrap', 'Gentoo') in layer 2"),
        (["--number", "dW9[0,0]"], "did you mean 'dW"),
        (["--number", "dW1[99,0]"], "dW1 has shape (11, 16)"),
        (["--number", "z1", "--neuron", "h1"], "give one of them"),
        (["--digits", "1"], "digits must be a whole number from 2 to 17, got 1"),
        (["--output", "page.docx"], "--output must end in .txt or .html or .tex or .json"),
        (["--html", "page.txt"], "--html must end in .html"),
        (["--picture", "net.png"], "--picture must end in .svg"),
        (["--json", "--output", "a.json"], "give one of them"),
        (["--html", "a.html", "--output", "a.html"], "the same file"),
    ],
)
def test_wrong_options_are_answered_in_a_line(glassnet, model, options, words):
    result = glassnet("explain", model, "penguins", *options)
    assert result.code == 2
    assert words in result.error


def test_a_model_of_arrays_and_a_table_that_lacks_columns_are_refused(glassnet, model, tmp_path):
    (tmp_path / "short.csv").write_text("sex,year\nmale,2009\n")
    assert glassnet("explain", model, "short.csv").code == 3
    arrays = gn.initialize(gn.Network(gn.Dense(1), loss="mse"), np.zeros((2, 3)), np.zeros(2), seed=0)
    arrays.save(tmp_path / "a.glass")
    result = glassnet("explain", "a.glass", "penguins")
    assert result.code == 3
    assert "trained on arrays" in result.error
    assert glassnet("explain", model, "penguins", "--output", "m.glass").code == 2
