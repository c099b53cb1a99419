"""`glassnet diagnose`: what it advises is run, and held against what the doctor proved."""

import csv
import shlex
from itertools import pairwise

import numpy as np
import pytest

from glassnet.cli import diagnosing as command
from glassnet.cli.cure import changed, merged, options_of, short

CIRCLES = ["circles.csv", "--target", "side", "--exclude", "id"]


@pytest.fixture
def circles(tmp_path):
    """Two circles, one in the other, 160 rows."""
    rng = np.random.default_rng(1)
    r, a = np.repeat([1.0, 2.0], 80) + rng.normal(0, 0.1, 160), rng.uniform(0, 2 * np.pi, 160)
    with open(tmp_path / "circles.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "x", "y", "side"])
        for k in range(160):
            rows.writerow([k, f"{r[k] * np.cos(a[k]):.4f}", f"{r[k] * np.sin(a[k]):.4f}", "in" if k < 80 else "out"])


@pytest.fixture
def proven(monkeypatch):
    """The diagnosis that is made, in a list; who asks again has the same one."""
    made, diagnosed = [], command.diagnosed

    def once(*given):
        made.extend([] if made else [diagnosed(*given)])
        return made[0]

    monkeypatch.setattr(command, "diagnosed", once)
    return made


FAULTS = {
    "learning rate too low": ["--optimizer", "sgd", "--learning-rate", "0.00001", "--epochs", "60"],
    "no nonlinearity": ["--hidden", "0", "--epochs", "60"],
    "starting weights": ["--weights", "zeros", "--epochs", "60", "--no-bias"],
    "penalty too strong": ["--l2", "1", "--epochs", "60"],
    "clipping too tight": ["--clip-norm", "1e-5", "--optimizer", "sgd", "--patience", "0", "--epochs", "60"],
    "too few units": ["--hidden", "1", "--epochs", "60", "--batch-size", "16"],
}


@pytest.mark.parametrize("cause", FAULTS)
def test_what_it_advises_trains_what_it_proved(glassnet, circles, proven, cause):
    told = glassnet("diagnose", *CIRCLES, *FAULTS[cause], "--seed", 3, "--json")
    assert told.code == 0, told.err
    assert told.json["verdict"] == "sick"
    assert told.json["causes"][0]["name"] == cause
    cases = [proven[0].proof.case, *(other.case for other in proven[0].alternatives)]
    commands = [told.json["command"], *(other["command"] for other in told.json["alternatives"])]
    for case, line in zip(cases, commands, strict=True):
        trained = glassnet(*shlex.split(line)[1:], "--json", "--no-plot", "--force")
        assert trained.code == 0, trained.err
        found = trained.json
        assert found["network"] == repr(case.network)
        assert found["optimizer"] == repr(case.optimizer)
        assert found["seed"] == 3
        assert found["stopped"] == "early" or found["epochs"] == case.how.epochs
        assert found["score"]["accuracy"] > 0.9
    assert "Run       glassnet train circles.csv" in glassnet("diagnose", *CIRCLES, *FAULTS[cause]).out


def test_it_says_so_of_a_healthy_network_and_exits_with_0(glassnet):
    told = glassnet("diagnose", "penguins", "--epochs", 60)
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("Verdict   healthy: it learns what can be learnt here\n")
    assert "Run" not in told.out
    known = glassnet("diagnose", "penguins", "--epochs", 60, "--json").json
    assert (known["verdict"], known["command"], known["causes"]) == ("healthy", "", [])


def test_it_exits_with_0_where_it_does_not_know(glassnet, circles):
    told = glassnet("diagnose", *CIRCLES, "--optimizer", "sgd", "--learning-rate", 1e-5, "--seconds", 1e-9)
    assert told.code == 0
    assert told.out.startswith("Verdict   I do not know")


def test_a_model_file_is_asked_about_as_it_was_trained(glassnet, circles, proven):
    sick = ["--optimizer", "sgd", "--learning-rate", 1e-5, "--epochs", 50, "--hidden", "8,8", "--activation", "tanh"]
    assert glassnet("train", *CIRCLES, *sick, "--no-plot").code == 0
    told = glassnet("diagnose", "circles.glass", "circles.csv", "--json")
    assert told.code == 0, told.err
    assert told.json["causes"][0]["name"] == "learning rate too low"
    assert "--hidden 8,8" in told.json["command"]
    trained = glassnet(*shlex.split(told.json["command"])[1:], "--json", "--no-plot", "--force").json
    case = proven[0].proof.case
    assert (trained["network"], trained["optimizer"]) == (repr(case.network), repr(case.optimizer))
    assert trained["inputs"] == ["x", "y"]


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["circles.csv"], 2, "which column is to be predicted? give --target, one of 'id', 'x', 'y', 'side'"),
        (["circles.csv", "--target", "sid"], 3, "side"),
        (["penguins", "--recipe", "auto"], 2, "--recipe auto compares recipes, and a diagnosis is of one network"),
        (["penguins", "--seconds", 0], 2, "--seconds must be > 0, got 0"),
        (["penguins", "--epochs", 0], 2, "--epochs must be >= 1, got 0"),
        (["m.glass"], 2, "m.glass is a model; give the table it was trained on as well"),
        (["m.glass", "penguins", "--hidden", 3], 2, "--hidden is for a network that is to be built"),
        (["m.glass", "circles.csv"], 3, "species"),
        (["circles.csv", "penguins"], 4, "circles.csv"),
        (["no.glass", "penguins"], 5, "cannot read 'no.glass'"),
    ],
)
def test_what_is_wrong_is_one_line(glassnet, circles, model, argv, code, words):
    told = glassnet("diagnose", *argv)
    assert (told.code, told.out) == (code, "")
    assert words in told.error


def test_a_page_is_written_and_what_is_there_is_not_lost(glassnet, circles, tmp_path):
    for _ in range(2):
        assert glassnet("diagnose", *CIRCLES, "--epochs", 60, "--html", "d.html").code == 0
    assert "healthy: it learns what can be learnt here" in (tmp_path / "d.html").read_text()
    (tmp_path / "d.html").write_text("mine")
    told = glassnet("diagnose", *CIRCLES, "--epochs", 60, "--html", "d.html")
    assert (told.code, told.out) == (5, "")
    assert (tmp_path / "d.html").read_text() == "mine"
    assert glassnet("diagnose", *CIRCLES, "--html", "d.txt").code == 2


def test_it_fits_a_terminal(glassnet, circles, proven, monkeypatch):
    for columns in (80, 100):
        for place in ("diagnosis", "screen"):
            monkeypatch.setattr(f"glassnet.cli.{place}.width_of", lambda stream, columns=columns: columns)
        told = glassnet("diagnose", *CIRCLES, *FAULTS["clipping too tight"])
        lines = [line for line in told.out.splitlines() if "glassnet train" not in line]  # to be pasted, and so whole
        assert max(map(len, lines)) <= columns


def test_python_is_told_where_no_options_say_the_change(glassnet, circles, monkeypatch):
    monkeypatch.setattr(command, "cure", lambda *_: None)
    told = glassnet("diagnose", *CIRCLES, *FAULTS["no nonlinearity"])
    code = told.out.split("Run")[1]
    assert "import glassnet as gn" in code
    assert "table = 'circles.csv'" in code
    assert "gn.train(network, table, target='side'" in code


def test_options_are_changed_in_their_places():
    given = {"--hidden": ["--hidden", "3"], "--no-bias": ["--no-bias"], "--l2": ["--l2", "1"]}
    made = merged(given, {"--hidden": "16", "--no-bias": None, "--epochs": "9", "--dropout": None})
    assert made == {"--hidden": ["--hidden", "16"], "--l2": ["--l2", "1"], "--epochs": ["--epochs", "9"]}
    assert short({"--hidden": "16", "--clip-norm": None}) == "--hidden 16 without --clip-norm"


def test_a_case_is_said_in_options(glassnet, circles, monkeypatch):
    cases = []
    monkeypatch.setattr(command, "diagnosed", lambda case, seconds: cases.append(case) or 1 / 0)
    argv = ["--hidden", "5,3", "--activation", "tanh", "--dropout", "0.25", "--l2", "0.5", "--optimizer", "momentum"]
    argv += ["--learning-rate", "0.125", "--clip-norm", "2", "--epochs", "7", "--batch-size", "11", "--no-bias"]
    argv += ["--weights", "he_normal", "--class-weight", "balanced", "--scale", "robust", "--patience", "4"]
    assert glassnet("diagnose", *CIRCLES, *argv).code == 1
    assert glassnet("diagnose", *CIRCLES).code == 1
    told = options_of(cases[0])
    wanted = {name: "" if name == "--no-bias" else value for name, value in pairwise(argv) if name.startswith("--")}
    assert {name: told[name] for name in wanted} == wanted
    assert changed(cases[0], cases[1])["--clip-norm"] is None
