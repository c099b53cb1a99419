"""`glassnet lottery`, held against the NumPy tutorial's counts and against the library."""

import json

import pytest

import glassnet as gn
from glassnet.cli import lottery as command


@pytest.fixture(scope="module")
def played():
    """The lottery of xor, in a list once it was played."""
    return []


@pytest.fixture
def of_xor(played, monkeypatch):
    """All tests that ask for it have the same lottery of xor."""
    play = command.lottery_of

    def once(*given, **options):
        played.extend([] if played else [play(*given, **options)])
        return played[0]

    monkeypatch.setattr(command, "lottery_of", once)


def test_the_lottery_of_xor_is_the_tutorials(glassnet, of_xor, tmp_path):
    result = glassnet("lottery", "xor", "--plot", "l.png")
    assert result.code == 0, result.err
    lines = [" ".join(line.split()) for line in result.out.splitlines()]
    assert "Learnt 142 of 200 seeds learn (71 %, 95 % interval 64 to 77 %)" in lines
    odds = [line.removeprefix("Odds ").split(" █")[0].rsplit(" ", 5) for line in lines if " █" in line]
    counts = {change: count for change, count, *_ in odds}
    assert counts == {
        "as it is": "142",
        "hidden 3": "195",
        "hidden 4": "199",
        "hidden 8": "200",
        "learning rate 1": "149",
        "activation tanh": "108",
        "loss binary cross entropy": "137",
    }
    assert "½ for 2 of the 4 rows" in result.out
    assert max(map(len, result.out.splitlines())) <= 100
    assert (tmp_path / "l.png").read_bytes().startswith(b"\x89PNG")
    assert "the losses of all seeds written to l.png" in result.err


@pytest.mark.parametrize("columns", [80, 120])
def test_it_fits_a_terminal(glassnet, of_xor, monkeypatch, columns):
    monkeypatch.setattr("glassnet.cli.lottery.width_of", lambda stream: min(columns, 100))
    monkeypatch.setattr("glassnet.cli.screen.width_of", lambda stream: min(columns, 100))
    result = glassnet("lottery", "xor", "--seeds", 200)
    assert max(map(len, result.out.splitlines())) <= min(columns, 100)


def test_hidden_4_begins_as_the_tutorial_does_with_4(glassnet):
    found = glassnet("lottery", "xor", "--hidden", 4, "--json", "--no-odds").json
    assert (found["learnt"], found["runs"], found["odds"]) == (199, 200, [])
    assert found["table"] == "xor"
    other = glassnet(
        "lottery", "xor", "--hidden", 4, "--weights", "glorot_normal", "--json", "--no-odds", "--epochs", 9
    )
    assert other.json["losses"] != found["losses"]


def test_the_tutorials_network_takes_another_loss_with_the_sigmoid_that_this_has_inside(glassnet):
    found = glassnet("lottery", "xor", "--loss", "binary_cross_entropy", "--no-odds", "--json").json
    assert found["learnt"] == 137  # as the odds have it
    assert "reduction='sum'" in found["network"]
    classes = glassnet("lottery", "xor", "--loss", "cross_entropy", "--no-odds", "--seeds", 3, "--epochs", 5)
    assert classes.code == 0, classes.err
    assert "2 classes: 0, 1" in classes.out


def test_a_table_is_trained_as_the_library_does(glassnet):
    argv = ["lottery", "penguins", "--hidden", 2, "--seeds", 7, "--epochs", 11, "--learnt", "accuracy>=0.9", "--json"]
    found = glassnet(*argv).json
    network = gn.Network(gn.Dense(2, "relu"), gn.Dense(None), loss="cross_entropy")
    how = {"target": "species", "seeds": 7, "epochs": 11, "optimizer": gn.Adam(0.01), "learnt": "accuracy>=0.9"}
    ours = gn.lottery(network, gn.datasets.penguins(), vary="usual", **how)
    assert found["losses"] == pytest.approx(ours.runs["loss"], rel=1e-6)
    assert found["learnt_by_seed"] == ours.learnt.tolist()
    assert [row["change"] for row in found["odds"]] == ours.odds["change"]
    assert found["counts_as_learnt"].startswith("at least 90 % of the rows are right")


def test_numbers_words_and_gaps(glassnet, tmp_path):
    rows = [
        "x,c,y",
        *(f"{'' if k % 7 == 0 else k},{'ab'[k % 2]},{'' if k % 11 == 0 else k % 5 + k}" for k in range(60)),
    ]
    (tmp_path / "t.csv").write_text("\n".join(rows) + "\n")
    result = glassnet("lottery", "t.csv", "-t", "y", "--seeds", 3, "--epochs", 20, "--hidden", "4,3", "--no-odds")
    assert result.code == 0, result.err
    assert "54 rows to learn" in result.out
    assert "R² is at least" in " ".join(result.out.split())


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["xor", "--seeds", "0"], 2, "--seeds must be >= 1, got 0"),
        (["xor", "--learnt", "-1"], 2, "learnt: loss must be >= 0, got -1"),
        (["xor", "--learnt", "acuracy>=1"], 2, "did you mean 'accuracy'"),
        (["xor", "--activation", "tahn"], 2, "did you mean 'tanh'"),
        (["xor", "--hidden", "four"], 2, "--hidden must be whole numbers"),
        (["xor", "--plot", "l.txt"], 2, "--plot must end in"),
        (["nothing.csv"], 5, "nothing.csv"),
        (["one.csv"], 2, "which column is to be predicted? give --target"),
        (["one.csv", "-t", "y"], 3, "y"),
    ],
)
def test_what_makes_no_sense_is_one_line(glassnet, tmp_path, argv, code, words):
    (tmp_path / "one.csv").write_text("x,y\n" + "\n".join(f"{k},yes" for k in range(30)) + "\n")
    result = glassnet("lottery", *argv)
    assert result.code == code
    assert words in result.error
    assert result.out == ""


def test_all_that_diverges_is_told_and_is_json(glassnet):
    argv = ["lottery", "penguins", "-t", "body_mass_g", "--optimizer", "sgd", "--learning-rate", 1e6, "--seeds", 4]
    result = glassnet(*argv, "--epochs", 5, "--no-odds")
    assert result.code == 0, result.err
    assert "all diverged: the numbers overflowed; a smaller learning rate may help" in result.out
    found = glassnet(*argv, "--epochs", 5, "--no-odds", "--json")
    assert json.loads(found.out)["losses"] == [None] * 4
