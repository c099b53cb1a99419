import csv
import gzip
import io
import warnings

import numpy as np
import pytest

from glassnet.datasets import penguins
from glassnet.model.load import load


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_csv_in_csv_out_with_probabilities(glassnet, model):
    result = glassnet("predict", model, "penguins")
    assert result.code == 0
    rows = rows_of(result.out)
    assert list(rows[0]) == ["species", "p(Adelie)", "p(Chinstrap)", "p(Gentoo)"]
    known = load(model)
    assert [row["species"] for row in rows] == known.predict(penguins()).tolist()
    numbers = np.array([[float(cell) for cell in list(row.values())[1:]] for row in rows])
    assert np.array_equal(numbers, known.predict_proba(penguins()))


def test_no_probabilities_and_the_tables_own_columns(glassnet, model):
    assert list(rows_of(glassnet("predict", model, "penguins", "--no-probabilities").out)[0]) == ["species"]
    kept = rows_of(glassnet("predict", model, "penguins", "--keep", "--no-probabilities").out)[0]
    assert list(kept)[:2] == ["species", "island"]
    assert list(kept)[-1] == "predicted species"


def test_a_number_is_predicted_in_its_own_unit(glassnet, mass_file):
    rows = rows_of(glassnet("predict", mass_file, "penguins").out)
    assert list(rows[0]) == ["body_mass_g"]
    assert 3000 < float(rows[0]["body_mass_g"]) < 4500


def test_what_is_unusual_is_said_on_stderr_only(glassnet, model, tmp_path):
    (tmp_path / "new.csv").write_text(
        "sex,year,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,extra\n"
        "male,2009,Atlantis,39.1,18.7,181,99999,1\n"
    )
    result = glassnet("predict", model, "new.csv")
    assert result.code == 0
    assert len(rows_of(result.out)) == 1
    for word in ("note: ", "Atlantis", "99999", "extra"):
        assert word in result.err
    assert glassnet("predict", model, "new.csv", "--quiet").err == ""


def test_json_has_predictions_probabilities_and_remarks(glassnet, model):
    result = glassnet("predict", model, "penguins", "--json")
    assert result.err == ""
    found = result.json
    assert len(found["predictions"]) == len(found["probabilities"]) == found["rows"] == 344
    assert found["classes"] == ["Adelie", "Chinstrap", "Gentoo"]
    assert found["remarks"]


def test_a_file_is_written_and_written_again_but_no_other_file_over(glassnet, model, tmp_path):
    for _ in range(2):
        result = glassnet("predict", model, "penguins", "--output", "p.csv")
        assert result.code == 0
        assert result.out == ""
    assert len(rows_of((tmp_path / "p.csv").read_text())) == 344
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n")
    refused = glassnet("predict", model, "penguins", "--output", "mine.csv")
    assert refused.code == 5
    assert "--force" in refused.error
    assert (tmp_path / "mine.csv").read_text() == "a,b\n1,2\n"
    assert glassnet("predict", model, "penguins", "--output", "mine.csv", "--force").code == 0
    assert glassnet("predict", model, "penguins", "--output", model, "--force").code == 2
    assert glassnet("predict", model, "penguins", "--output", "p.csv.gz").code == 0
    assert gzip.decompress((tmp_path / "p.csv.gz").read_bytes()) == (tmp_path / "p.csv").read_bytes()
    assert glassnet("predict", model, "penguins", "--output", "p.csv.gz").code == 0
    for mine in (gzip.compress(b"a,b\n1,2\n"), gzip.compress(b"a,b\n1,2\n")[:-3], b"\x1f\x8bno gzip", b"a,b\n1,2\n"):
        (tmp_path / "mine.csv.gz").write_bytes(mine)
        assert "--force" in glassnet("predict", model, "penguins", "--output", "mine.csv.gz").error
        assert (tmp_path / "mine.csv.gz").read_bytes() == mine


def test_a_model_that_never_saw_the_target_column_is_used_by_name(glassnet, model, tmp_path):
    table = penguins()
    names = [name for name in reversed(table.names) if name != "species"]
    from glassnet.data.tables.csv_files import save_csv

    save_csv(table.select(names), tmp_path / "reversed.csv")
    assert glassnet("predict", model, "reversed.csv").out == glassnet("predict", model, "penguins").out


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["m.glass"], 2, "missing argument 'TABLE'"),
        (["m.glass", "penguins", "--json", "--output", "x.csv"], 2, "give one of them"),
        (["m.glass", "few.csv"], 3, "lacks 6 columns the model was trained on"),
        (["m.glass", "words.csv"], 3, "bill_length_mm"),
        (["short.glass", "penguins"], 4, "short.glass"),
        (["few.csv", "penguins"], 4, "few.csv"),
        (["gone.glass", "penguins"], 5, "cannot read 'gone.glass': no such file"),
        (["m.glass", "gone.csv"], 5, "cannot read 'gone.csv': no such file"),
        (["m.glass", "penguins", "--output", "."], 5, "cannot write '.': is a directory"),
    ],
)
def test_errors_are_one_line(glassnet, model, tmp_path, argv, code, words):
    (tmp_path / "short.glass").write_bytes(model.read_bytes()[:-9])
    (tmp_path / "few.csv").write_text("island\nBiscoe\n")
    header = "island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year\n"
    (tmp_path / "words.csv").write_text(f"{header}Biscoe,long,17,180,4000,male,2007\n")
    result = glassnet("predict", *argv)
    assert result.code == code, result.err
    assert words in result.error
    if "--json" in argv:
        assert result.json["error"]["code"] == code
    else:
        assert result.out == ""


def test_evaluate_counts_the_rows_that_are_right(glassnet, model, mass_file):
    result = glassnet("evaluate", model, "penguins")
    assert result.code == 0
    assert "of 344 rows right (" in result.out
    assert "predicted" in result.out
    found = glassnet("evaluate", model, "penguins", "--json").json
    assert found["score"]["right"] / 344 == pytest.approx(found["score"]["accuracy"])
    numbers = glassnet("evaluate", mass_file, "penguins", "--json")
    assert numbers.json["score"]["rows"] == 342
    assert any("2 rows without body_mass_g" in remark for remark in numbers.json["remarks"])


def test_evaluate_computes_more_scores_by_name(glassnet, model, mass_file):
    result = glassnet("evaluate", model, "penguins", "--metrics", "AUC, f1,accuracy")
    assert result.code == 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rows outside the range of training
        expected = load(model).evaluate(penguins(), metrics=["auc", "f1", "accuracy"])
    assert " · ".join(f"{name} {expected[name]:.4g}" for name in ("auc", "f1", "accuracy")) in result.out
    score = glassnet("evaluate", model, "penguins", "--metrics", "roc_auc", "--json").json["score"]
    assert score["auc"] == expected["auc"]
    assert glassnet("evaluate", mass_file, "penguins", "--metrics", "mse").code == 0
    for name, said in (("acu", "did you mean 'auc'"), ("mse", "is for numbers")):
        refused = glassnet("evaluate", model, "penguins", "--metrics", name)
        assert refused.code == 2
        assert said in refused.error


def test_evaluate_needs_the_target(glassnet, model, tmp_path):
    from glassnet.data.tables.csv_files import save_csv

    table = penguins()
    save_csv(table.select([name for name in table.names if name != "species"]), tmp_path / "t.csv")
    result = glassnet("evaluate", model, "t.csv")
    assert result.code == 3
    assert "no column 'species'" in result.error


@pytest.mark.parametrize("loss", ["squared", "huber", "binary_cross_entropy", "cross_entropy"])
def test_probabilities_are_probabilities_whatever_the_loss(glassnet, loss):
    assert glassnet("train", "moons", "--loss", loss, "--epochs", 30, "--no-plot", "--quiet").code == 0
    rows = rows_of(glassnet("predict", "moons.glass", "moons").out)
    numbers = np.array([[float(row["p(0)"]), float(row["p(1)"])] for row in rows])
    assert (numbers >= 0).all()
    assert numbers.sum(axis=1) == pytest.approx(1)
    assert [row["y"] for row in rows] == [str(int(k)) for k in numbers.argmax(axis=1)]


def test_a_derivation_does_not_replace_its_model(glassnet, penguins_file):
    before = penguins_file.read_bytes()
    result = glassnet("derivation", penguins_file, "--output", penguins_file, "--force")
    assert result.code == 2
    assert "is the file that is read; choose another name" in result.error
    assert penguins_file.read_bytes() == before


def test_a_table_in_the_place_of_the_model_is_said(glassnet, tmp_path):
    (tmp_path / "t.csv").write_text("größe,y\n1,2\n")
    result = glassnet("predict", "t.csv", "t.csv")
    assert result.code == 4
    assert "this is text, not a model file" in result.error
    assert "did you swap MODEL and TABLE?" in result.error


def test_r2_of_one_row_is_not_defined(glassnet, mass_file, tmp_path):
    from glassnet.data.tables.csv_files import save_csv

    table = penguins()
    save_csv(table.known("body_mass_g").rows([0]), tmp_path / "one.csv")
    result = glassnet("evaluate", mass_file, "one.csv")
    assert "R² is not defined: the target is the same in all rows" in result.out
    assert "nan" not in result.out


def test_classes_that_are_numbers_are_predicted_and_scored(glassnet, tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{k},{int(k > 15)}\n" for k in range(40)))
    found = glassnet("train", "t.csv", "--target", "y", "--recipe", "small", "--json", "--no-plot").json
    assert found["target"]["classes"] == [0, 1]
    out = glassnet("predict", "t.glass", "t.csv").out.splitlines()
    assert out[0] == "y,p(0),p(1)"
    assert {line.split(",")[0] for line in out[1:]} == {"0", "1"}
    scored = glassnet("evaluate", "t.glass", "t.csv").out
    assert "predicted" in scored


def test_evaluate_says_how_good_probabilities_are(glassnet, model, mass_file, tmp_path):
    out = glassnet("evaluate", model, "penguins").out
    score = glassnet("evaluate", model, "penguins", "--json").json["score"]
    for name, metric in (
        *(("log loss", "log_loss"), ("Brier score", "brier")),
        *(("calibration error", "calibration_error"), ("AUC", "auc"), ("F1", "f1")),
    ):
        line = next(line for line in out.splitlines() if line.strip().startswith(name))
        assert f"{name} {score[metric]:.4f} " in " ".join(line.split())
    assert "always saying how frequent each class is gives 1.0" in out  # the entropy of the species
    assert f"perfect probabilities have {score['calibration_error_by_chance']:.4f} here by chance" in out
    assert "Brier" not in glassnet("evaluate", mass_file, "penguins").out
    from glassnet.data.tables.csv_files import save_csv

    save_csv(penguins().rows(np.arange(9)), tmp_path / "one.csv")
    assert (
        "AUC                -       not defined: all rows are of one class"
        in glassnet("evaluate", model, "one.csv").out
    )


def test_evaluate_shows_which_columns_are_needed(glassnet, model, mass_file):
    out = glassnet("evaluate", model, "penguins", "--importance", "--repeats", 2).out
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = load(model).importance(penguins(), repeats=2)
    assert "Needs     on 344 rows, each column shuffled 2 times; log loss" in out
    assert all(line in out for line in expected.lines())
    found = glassnet("evaluate", model, "penguins", "--importance", "--repeats", 2, "--seed", 3, "--json").json
    assert found["importance"]["repeats"] == 2
    assert {one["column"] for one in found["importance"]["columns"]} == set(expected.columns)
    numbers = glassnet("evaluate", mass_file, "penguins", "--importance", "--json").json["importance"]
    assert (numbers["error"], numbers["rows"]) == ("RMSE", 342)
    assert "importance" not in glassnet("evaluate", model, "penguins", "--json").json


@pytest.mark.parametrize("argv", [("--importance", "--repeats", "1"), ()])
def test_evaluate_draws(glassnet, model, mass_file, tmp_path, argv):
    for file in (model, mass_file):
        result = glassnet("evaluate", file, "penguins", "--plot", "p.png", *argv)
        assert result.code == 0
        assert "picture written to p.png" in result.err
        assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "p.svg").write_text("mine")
    assert glassnet("evaluate", model, "penguins", "--plot", "p.svg").code == 5
    assert (tmp_path / "p.svg").read_text() == "mine"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--repeats", "3"), "--repeats is for --importance"),
        (("--seed", "3"), "--seed is for --importance"),
        (("--importance", "--repeats", "0"), "--repeats must be a whole number >= 1, got 0"),
        (("--importance", "--seed", "-1"), "--seed must be a whole number >= 0"),
        (("--plot", "p.gif"), "a picture's name must end in"),
    ],
)
def test_evaluate_refuses_what_does_not_go_together(glassnet, model, argv, words):
    result = glassnet("evaluate", model, "penguins", *argv)
    assert result.code == 2
    assert words in result.error
