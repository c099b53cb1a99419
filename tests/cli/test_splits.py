"""`train --group`, `--after` and `--cv`: which rows are held out, and that folds are trainings by hand."""

import csv
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, TimeSeriesSplit

from glassnet.cli import cross_validation as cli_folds
from glassnet.cli.session import Plan
from glassnet.data.tables.csv_files import read_csv
from glassnet.model.load import load
from glassnet.training.recipes.by_name import SMALL

RNG = np.random.default_rng(2)
N = 150
PATIENT = RNG.integers(30, size=N)
DAY = RNG.permutation(N)
A = RNG.normal(size=N)
Y = A + RNG.normal(size=30)[PATIENT]
SICK = Y + RNG.normal(size=N) > 0


@pytest.fixture
def visits(tmp_path, glassnet):
    """A table of visits; how rows are written again: some of them, with their header."""
    days = np.datetime64("2024-01-01") + DAY
    lines = [f"{PATIENT[k]},{days[k]},{A[k]:.3f},{Y[k]:.3f},{'yes' if SICK[k] else 'no'}\n" for k in range(N)]

    def write(name, rows=range(N)):
        (tmp_path / name).write_text("patient,day,a,y,sick\n" + "".join(lines[k] for k in rows))

    write("v.csv")
    return write


NUMBER = ["-t", "y", "--exclude", "sick", "--epochs", "20", "--no-plot"]
CLASSES = ["-t", "sick", "--exclude", "y", "--epochs", "20", "--no-plot"]


def held(tmp_path, name="h.csv"):
    return list(csv.DictReader((tmp_path / name).read_text().splitlines()))


@pytest.mark.parametrize("how", [NUMBER, CLASSES], ids=["number", "classes"])
def test_no_patient_is_on_both_sides(glassnet, visits, tmp_path, how):
    found = glassnet("train", "v.csv", *how, "--group", "patient", "--held-out", "h.csv", "--json").json
    out = {int(row["patient"]) for row in held(tmp_path)}
    rows = [int(row["row"]) - 1 for row in held(tmp_path)]
    assert sorted(rows) == np.flatnonzero(np.isin(PATIENT, list(out))).tolist()
    assert abs(len(rows) - 30) <= 6
    assert sum(found["rows"].values()) - N == N
    assert "patient" not in found["inputs"]
    assert found["split_by"] == {"group": "patient", "after": None}
    scored = glassnet("evaluate", "v.glass", "h.csv", "--json").json["score"]
    assert scored == scored | {**found["score"], "on": "rows"}  # and more of the probabilities
    assert load("v.glass").split_by == {"group": "patient"}


@pytest.mark.parametrize("how", [NUMBER, CLASSES], ids=["number", "classes"])
@pytest.mark.parametrize("options", [{"group": "patient"}, {"after": "day"}], ids=["group", "after"])
def test_the_three_parts_keep_to_it(visits, tmp_path, how, options):
    parts = Plan(recipe=SMALL, target=how[1], **options).parts_of(read_csv(tmp_path / "v.csv"))
    column, three = next(iter(options.values())), (parts.train, parts.validation, parts.test)
    train, validation, test = ({*part.column(column).tolist()} for part in three)
    assert sum(map(len, three)) == N
    if "group" in options:
        assert not train & validation
        assert not (train | validation) & test
    else:
        assert max(train) < min(validation) <= max(validation) < min(test)


def test_the_latest_are_held_out_and_that_is_said(glassnet, visits, tmp_path):
    result = glassnet("train", "v.csv", *NUMBER, "--after", "day", "--held-out", "h.csv")
    assert sorted(int(row["row"]) - 1 for row in held(tmp_path)) == np.flatnonzero(DAY >= 120).tolist()
    assert "held out for the score are the latest by day, from 2024-04-30 on" in " ".join(result.out.split())
    assert "day: dates" in result.out  # it remains an input
    told = " ".join(glassnet("train", "v.csv", *NUMBER, "--group", "patient").out.split())
    assert "rows of one patient stay together; it is no input" in told
    told = glassnet("train", "v.csv", *NUMBER, "--group", "patient", "--group-input")
    assert "it is an input as well" in told.out
    assert "patient" in load("v.glass").contract.feature_names


def test_recipes_keep_to_it_too(glassnet, visits, tmp_path):
    for recipe in (["strong", "--hidden", "8"], ["small", "--members", "3"]):
        argv = ["--recipe", *recipe, "-t", "y", "--exclude", "sick", "--epochs", "8", "--no-plot", "--json"]
        found = glassnet("train", "v.csv", *argv, "--group", "patient", "--cv", "2").json
        assert "patient" not in found["inputs"]
        assert load("v.glass").split_by == {"group": "patient"}
        assert len(found["cross_validation"]["each"]) == 2


# folds


@pytest.mark.parametrize("way", ["side by side", "one by one"])
@pytest.mark.parametrize("how", [NUMBER, CLASSES], ids=["number", "classes"])
@pytest.mark.parametrize("options", [{}, {"group": "patient"}, {"after": "day"}], ids=["plain", "group", "after"])
def test_folds_score_as_commands_by_hand_on_the_same_rows(glassnet, visits, tmp_path, monkeypatch, way, how, options):
    monkeypatch.setattr(cli_folds, "QUICK", 10**12 if way == "side by side" else 0)
    keep = [word for name, value in options.items() for word in (f"--{name}", value)]
    trained = []
    monkeypatch.setattr(cli_folds, "train_many", counted(cli_folds.train_many, trained))
    result = glassnet("train", "v.csv", *how, *keep, "--test", "0", "--cv", "3", "--json")
    assert result.code == 0, result.err
    assert len(trained) == (way == "side by side")
    found = result.json["cross_validation"]
    plan = Plan(recipe=SMALL, target=how[1], test=0.0, cv=3, **options)
    table = read_csv(tmp_path / "v.csv")
    divisions = cli_folds.folds_of(N, 3, np.random.default_rng(0), **plan.split_by(table, plan.parts_of(table).kind))
    for division, fold in zip(divisions, found["each"], strict=True):
        visits("train.csv", division.train)
        visits("out.csv", division.held_out)
        by_hand = glassnet("train", "train.csv", *how, *keep, "--test", "0", "--json")
        assert by_hand.code == 0
        scored = glassnet("evaluate", "train.glass", "out.csv", "--json").json["score"]
        for name in found["mean"]:
            assert fold[name] == pytest.approx(scored[name], rel=1e-12)
        assert (fold["learnt_from"], fold["rows"]) == (len(division.train), len(division.held_out))
    for name, mean in found["mean"].items():
        values = [fold[name] for fold in found["each"]]
        assert mean == pytest.approx(np.mean(values))
        assert found["std"][name] == pytest.approx(np.std(values))


def counted(function, calls):
    def call(*args, **options):
        calls.append(options)
        return function(*args, **options)

    return call


def test_folds_are_those_of_scikit_learn(glassnet, visits):
    found = glassnet("train", "v.csv", *NUMBER, "--test", "0", "--group", "patient", "--cv", "5", "--json").json
    sizes = sorted(len(out) for _, out in GroupKFold(5).split(A, groups=PATIENT))
    assert sorted(fold["rows"] for fold in found["cross_validation"]["each"]) == sizes
    found = glassnet("train", "v.csv", *NUMBER, "--test", "0", "--after", "day", "--cv", "4", "--json").json
    sizes = [(len(train), len(out)) for train, out in TimeSeriesSplit(4).split(A)]
    assert [(fold["learnt_from"], fold["rows"]) for fold in found["cross_validation"]["each"]] == sizes


def test_the_model_is_that_without_folds_and_rows_of_the_score_are_in_none(glassnet, visits, tmp_path):
    plain = glassnet("train", "v.csv", *CLASSES, "--json").json
    before = (tmp_path / "v.glass").read_bytes()
    with_folds = glassnet("train", "v.csv", *CLASSES, "--json", "--cv", "4").json
    assert (tmp_path / "v.glass").read_bytes() == before
    assert sum(fold["rows"] for fold in with_folds["cross_validation"]["each"]) == N - with_folds["rows"]["test"]
    del with_folds["cross_validation"]
    assert with_folds == plain
    out = " ".join(glassnet("train", "v.csv", *CLASSES, "--cv", "4").out.split())
    assert "% of the rows held out are right, mean ± standard deviation of 4 folds" in out
    assert "fold learnt from held out right 1 90 30" in out
    out = " ".join(glassnet("train", "v.csv", *NUMBER, "--cv", "2").out.split())
    assert "mean ± standard deviation of 2 folds fold learnt from held out R² RMSE mean absolute 1 60 60" in out


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["--cv", "1"], 2, "--cv must be >= 2"),
        (["--cv", "500"], 2, "--cv must be at most 120, got 500"),
        (["--cv", "40", "--group", "patient"], 3, "--cv must be at most"),
        (["--group", "nobody"], 3, "no column 'nobody'"),
        (["--group", "y"], 2, "--group y is the target"),
        (["--after", "y"], 2, "--after y is the target"),
        (["--after", "sick"], 3, "column 'sick' of v.csv has no order"),
        (["--group-input"], 2, "--group-input is about the column of --group"),
        (["--group", "patient", "--after", "day"], 3, "would divide a group of column 'patient' of v.csv"),
        (["--cv", "3", "--learning-rate", "1e6", "--optimizer", "sgd"], 1, "fold 1: "),
    ],
)
def test_what_cannot_be_is_told_and_nothing_written(glassnet, visits, tmp_path, argv, code, words):
    result = glassnet("train", "v.csv", *NUMBER, *argv)
    assert result.code == code, result.err
    assert words in result.error
    assert [path.name for path in tmp_path.iterdir()] == ["v.csv"]


def test_what_one_should_know_of_groups_is_said(glassnet, tmp_path):
    rows = "".join(
        f"{k},{'only' if k % 10 == 0 else k % 7},{k % 3}.5,{'rare' if k % 10 == 0 else k % 2}\n" for k in range(60)
    )
    (tmp_path / "g.csv").write_text("id,who,x,y\n" + rows)
    argv = ["train", "g.csv", "-t", "y", "--epochs", 2, "--no-plot", "--exclude", "id"]
    for group, words in (
        ("id", "column 'id' of g.csv has another value in each row"),
        ("who", "'rare' in one group alone"),
    ):
        assert words in glassnet(*argv, "--group", group).err
        assert any(words in note for note in glassnet(*argv, "--group", group, "--json").json["notes"])


def test_where_the_score_takes_the_last_group_that_can_be_held_out_it_is_said_what_helps(glassnet):
    argv = ["train", "penguins", "--group", "island", "--epochs", 1, "--no-plot"]  # two islands have a species alone
    told = glassnet(*argv).error
    assert "of the rows that are left to know when to stop: each of 2 groups of column 'island'" in told
    assert told.endswith("or give --validation 0")
    assert glassnet(*argv, "--validation", 0).code == 0


def test_rows_without_a_group_or_a_time_are_told_by_their_line(glassnet, tmp_path):
    rows = "".join(f"{'' if k == 4 else k % 5},{'' if k == 6 else k},{k % 3}.5\n" for k in range(40))
    (tmp_path / "g.csv").write_text("who,when,y\n" + rows)
    assert "g.csv, line 6: column 'who' is missing" in glassnet("train", "g.csv", "-t", "y", "--group", "who").error
    assert "g.csv, line 8: column 'when' is missing" in glassnet("train", "g.csv", "-t", "y", "--after", "when").error


def test_other_names_of_the_options_are_understood(glassnet, visits):
    found = glassnet("train", "v.csv", *NUMBER, "--n-splits", "2", "--groups", "patient", "--json").json
    assert found["cross_validation"]["folds"] == 2
    assert found["split_by"]["group"] == "patient"


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_among_the_folds_saves_nothing(tmp_path):
    rows = "".join(f"{k % 17},{k % 13},{(k * k) % 7}.5\n" for k in range(4000))
    (tmp_path / "g.csv").write_text("a,b,y\n" + rows)
    argv = ["g.csv", "-t", "y", "--epochs", "3000", "--patience", "0", "--cv", "5", "--no-plot", "--engine", "numpy"]
    command = [sys.executable, "-m", "glassnet.cli", "train", *argv]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Table")
    time.sleep(2.0)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip().splitlines()[-1].endswith("interrupted; nothing was saved")
    assert [path.name for path in tmp_path.iterdir()] == ["g.csv"]
