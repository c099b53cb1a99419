import hashlib
import shlex
import signal

import numpy as np
import pytest

from glassnet.model.load import load
from glassnet.model.model import Model
from glassnet.training.events import Epoch


def test_one_word_trains_scores_saves_and_says_what_is_next(glassnet, tmp_path):
    result = glassnet("train", "penguins")
    assert result.code == 0
    assert "344 rows" in result.out
    assert "10 of 275 values missing" in result.out
    assert "Compared  constant" in result.out
    assert "of 69 held-out rows right (" in result.out
    assert "Next      glassnet predict penguins.glass penguins" in result.out
    assert load("penguins.glass").classes == ("Adelie", "Chinstrap", "Gentoo")
    assert (tmp_path / "penguins-loss.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["penguins-loss.png", "penguins.glass"]


def test_the_held_out_rows_are_neither_trained_on_nor_used_to_stop(glassnet, monkeypatch):
    import glassnet.cli.session as session

    seen = {}
    train, score = session.train_model, session.score

    def watched_train(model, rows, **settings):
        seen["train"], seen["validation"] = rows.lines, settings["validation"].lines
        return train(model, rows, **settings)

    def watched_score(model, rows, name):
        seen["test"] = rows.lines
        return score(model, rows, name)

    monkeypatch.setattr(session, "train_model", watched_train)
    monkeypatch.setattr(session, "score", watched_score)
    glassnet("train", "penguins", "--epochs", 2, "--no-plot")
    together = np.concatenate(list(seen.values()))
    assert len(together) == len(set(together)) == 344
    assert {name: len(lines) for name, lines in seen.items()} == {"train": 234, "validation": 41, "test": 69}


def test_penguins_are_told_apart_over_ten_seeds(glassnet):
    shares = []
    for seed in range(10):
        argv = ("--recipe", "small", "--seed", seed, "--no-plot", "--json")
        shares.append(glassnet("train", "penguins", *argv).json["score"]["accuracy"])
    assert np.median(shares) >= 0.97
    assert min(shares) >= 0.94


def test_the_same_command_twice_gives_the_same_bytes(glassnet, tmp_path):
    sums = []
    for _ in range(2):
        assert glassnet("train", "penguins", "--epochs", 12).code == 0
        sums.append([hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(tmp_path.iterdir())])
    assert sums[0] == sums[1]
    other = glassnet("train", "penguins", "--epochs", 12, "--seed", 1)
    assert hashlib.sha256((tmp_path / "penguins.glass").read_bytes()).hexdigest() not in sums[0]
    assert other.code == 0


def test_json_is_one_object_and_nothing_else(glassnet):
    result = glassnet("train", "penguins", "--epochs", 5, "--json")
    assert result.err == ""
    assert result.out.count("\n") == 1
    found = result.json
    assert found["rows"] == {"all": 344, "train": 234, "validation": 41, "test": 69}
    assert found["target"]["classes"] == ["Adelie", "Chinstrap", "Gentoo"]
    assert sum(map(sum, found["score"]["confusion"])) == found["score"]["rows"] == 69
    assert sum(found["score"]["confusion"][k][k] for k in range(3)) == found["score"]["right"]
    assert found["model"] == "penguins.glass"


def test_quiet_says_nothing(glassnet):
    result = glassnet("train", "xor", "--epochs", 3, "--quiet")
    assert (result.code, result.out, result.err) == (0, "", "")


def test_a_number_is_scored_in_its_own_unit(glassnet):
    result = glassnet("train", "penguins", "--target", "body_mass_g", "--epochs", 60)
    assert "R² 0." in result.out
    assert "typical error" in result.out
    numbers = glassnet("train", "penguins", "--target", "body_mass_g", "--epochs", 60, "--json").json["score"]
    assert numbers["r2"] > 0.8
    assert 150 < numbers["rmse"] < 450


@pytest.mark.parametrize("name", ["xor", "tychobra", "moons", "circles"])
def test_every_built_in_table_trains_by_its_name(glassnet, name):
    found = glassnet("train", name, "--json", "--no-plot").json
    assert found["score"]["accuracy"] > 0.9


def test_four_rows_are_all_trained_on_and_that_is_said(glassnet):
    result = glassnet("train", "xor", "--no-plot")
    assert "too few to hold any out" in result.out
    assert "4 of 4 rows, the ones trained on, right" in result.out


def test_options_reach_the_network(glassnet):
    argv = "--hidden 7,5 --activation tanh --dropout 0.25 --l2 0.001 --optimizer momentum --learning-rate 0.03"
    more = (
        "--epochs 3 --batch-size 11 --patience 2 --class-weight balanced --dtype float32 --exclude year --clip-norm 2"
    )
    found = glassnet("train", "penguins", *argv.split(), *more.split(), "--no-plot", "--json").json
    assert "Dense(7" in found["network"]
    assert "tanh" in found["network"]
    assert "Dropout(rate=0.25)" in found["network"]
    assert "l2=0.001" in found["network"]
    assert found["optimizer"].startswith("momentum(learning_rate=0.03")
    assert "year" not in found["inputs"]
    assert load("penguins.glass").dtype == np.float32
    assert "Dense(9" in glassnet("train", "xor", "--hidden", 9, "--hidden", 4, "--epochs", 1, "--json").json["network"]
    assert glassnet("train", "xor", "--hidden", 0, "--epochs", 1, "--json").json["parameters"] == 6


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy", "squared"])
def test_two_classes_can_be_learnt_with_any_of_their_losses(glassnet, loss):
    found = glassnet("train", "moons", "--loss", loss, "--json", "--no-plot").json
    assert found["score"]["accuracy"] > 0.9


def test_a_csv_file_with_its_own_conventions(glassnet, tmp_path):
    rows = "".join(f"{k / 10:.1f};{'?' if k % 7 else 'x'};{k * 3}\n".replace(".", ",") for k in range(40))
    (tmp_path / "own.csv").write_bytes(f"größe;art;ziel\n{rows}".encode("latin-1"))
    argv = ["--target", "ziel", "--decimal", ",", "--delimiter", ";", "--missing", "x", "--encoding", "latin-1"]
    result = glassnet("train", "own.csv", *argv, "--exclude", "art", "--json", "--no-plot")
    assert result.code == 0, result.err
    assert result.json["inputs"] == ["größe"]
    assert result.json["model"] == "own.glass"


def test_rows_without_a_target_are_left_out_and_counted(glassnet, tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{k},{k % 2 if k > 4 else ''}\n" for k in range(50)))
    result = glassnet("train", "t.csv", "--target", "y", "--epochs", 2)
    assert "5 without a target left out" in " ".join(result.out.split())


def test_a_table_from_stdin(glassnet, tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{k},{k % 2}\n" for k in range(30)))
    with open("t.csv") as file:
        monkeypatch.setattr("sys.stdin", file)
        assert glassnet("train", "-", "--target", "y", "--epochs", 2, "--no-plot").code == 0
    assert (tmp_path / "stdin.glass").exists()


def test_ctrl_c_saves_what_there_is(glassnet, monkeypatch, tmp_path):
    from glassnet.cli.progress import Live

    def interrupting(self, event, model):
        if isinstance(event, Epoch) and model.epochs == 3:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Live, "__call__", interrupting)
    result = glassnet("train", "penguins", "--epochs", 5000)
    assert result.code == 130, result.err
    kept = load("penguins.glass").history.best_epoch
    assert f"the model of epoch {kept}, the best so far, is saved in penguins.glass" in result.err
    assert f"kept is epoch {kept}, where the validation loss was lowest" in " ".join(result.out.split())
    assert 3 <= load("penguins.glass").epochs <= 5
    assert (tmp_path / "penguins-loss.png").exists()


def test_a_loss_that_explodes_is_one_line_and_leaves_the_old_model(glassnet, tmp_path):
    glassnet("train", "penguins", "--epochs", 2, "--no-plot")
    before = (tmp_path / "penguins.glass").read_bytes()
    argv = ["--target", "body_mass_g", "--optimizer", "sgd", "--learning-rate", "1e6", "--output", "penguins.glass"]
    result = glassnet("train", "penguins", *argv, "--no-plot")
    assert result.code == 1
    assert "learning rate" in result.error
    assert "nothing was saved" in result.error
    assert (tmp_path / "penguins.glass").read_bytes() == before


# what is refused before anything is trained


def never(*args, **kwargs):
    raise AssertionError("trained although the command was wrong")


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["penguins", "--activation", "rleu"], 2, "did you mean 'relu'"),
        (["penguins", "--optimizer", "adm"], 2, "did you mean 'adam"),
        (["penguins", "--loss", "crosentropi"], 2, "did you mean 'cross_entropy'"),
        (["penguins", "--loss", "binary_cross_entropy"], 2, "3 outputs"),
        (["penguins", "--loss", "poisson"], 2, "for counts"),
        (["penguins", "--learning-rate", "-1"], 2, "error: --learning-rate must be > 0, got -1"),
        (["penguins", "--learning-rate", "nan"], 2, "--learning-rate must be > 0"),
        (["penguins", "--epochs", "0"], 2, "--epochs must be >= 1, got 0"),
        (["penguins", "--epochs", "2.5"], 2, "2.5"),
        (["penguins", "--epochs"], 2, "requires an argument"),
        (["penguins", "--epoch", "3"], 2, "--epochs"),
        (["penguins", "--batch-size", "-4"], 2, "--batch-size must be >= 0, got -4"),
        (["penguins", "--patience", "-1"], 2, "--patience"),
        (["penguins", "--seed", "-1"], 2, "--seed"),
        (["penguins", "--dropout", "1"], 2, "error: --dropout must be"),
        (["penguins", "--dropout", "-0.1", "--hidden", "0"], 2, "--dropout must be"),
        (["penguins", "--l2", "-1"], 2, "error: --l2 must be"),
        (["penguins", "--hidden", "sixteen"], 2, "--hidden must be whole numbers such as 16,8"),
        (["penguins", "--hidden", "16,-8"], 2, ">= 1"),
        (["penguins", "--test", "1"], 2, "--test must be a share"),
        (["penguins", "--validation", "nan"], 2, "--validation must be a share"),
        (["penguins", "--kind", "class"], 2, "did you mean 'classes'"),
        (["penguins", "--dtype", "float16"], 2, "float32"),
        (["penguins", "--class-weight", "even"], 2, "must be balanced"),
        (["penguins", "--target", "body_mass_g", "--class-weight", "balanced"], 2, "--class-weight is for classes"),
        (["penguins", "--decimal", ","], 2, "built-in table"),
        (["penguins", "--plot", "x.gif"], 2, ".png"),
        (["penguins", "--plot", "x.png", "--no-plot"], 2, "exclude each other"),
        (["penguins", "--plot", "a.png", "--output", "a.png"], 2, "same file"),
        (["penguins", "--target", "sex", "--target", "island"], 2, "--target is given 2 times"),
        (["penguins", "moons"], 2, "moons"),
        (["t.csv"], 2, "--target, one of 'a', 'y'"),
        (["t.csv", "--target", "y", "--encoding", "klingon"], 2, "--encoding must be a text encoding"),
        (["t.csv", "--target", "y", "--delimiter", ";;"], 2, "one character"),
        ([], 2, "missing argument"),
        (["penguins", "--target", "specis"], 3, "the nearest is 'species'"),
        (["penguins", "--exclude", "yeer"], 3, "the nearest is 'year'"),
        (["penguins", "--target", "island", "--kind", "number"], 3, "island"),
        (["t.csv", "--target", "z"], 3, "t.csv has no column 'z'"),
        (["ragged.csv", "--target", "y"], 3, "ragged.csv, line 3 has 3 fields, the header has 2"),
        (["empty.csv", "--target", "y"], 3, "empty.csv is empty"),
        (["latin.csv", "--target", "y"], 3, "--encoding"),
        (["comma.csv", "--target", "y"], 3, "--decimal ,"),
        (["ids.csv", "--target", "y"], 3, "--exclude 'id'"),
        (["one.csv", "--target", "y"], 3, "one class"),
        (["missing.csv", "--target", "y"], 5, "cannot read 'missing.csv': no such file"),
        (["pengiuns"], 5, "did you mean penguins"),
        (["folder", "--target", "y"], 3, "folder is a folder without files"),
        (["t.csv", "--target", "y", "--decimal", "x"], 2, "error: --decimal must"),
        (["t.csv", "--target", "y", "--output", "t.csv", "--force"], 2, "--output t.csv is the file that is read"),
        (
            ["t.csv", "--target", "y", "--plot", "text.png", "--force", "--output", "./t.csv"],
            2,
            "is the file that is read",
        ),
        (["text.png", "--target", "y", "--plot", "text.png", "--force"], 2, "--plot text.png is the file that is read"),
        (["t.csv", "--target", "y", "--exclude", "y"], 2, "--exclude y is the target"),
        (["penguins", "--output", "folder"], 5, "cannot write 'folder': is a directory"),
        (["penguins", "--output", "nowhere/m.glass"], 5, "no such folder"),
        (["penguins", "--output", "t.csv/m.glass"], 5, "cannot write"),
        (["penguins", "--output", "x" * 300], 5, "choose a shorter name"),
        (
            ["penguins", "--output", "t.csv"],
            5,
            "the file there is not a glassnet model; choose another name, or give --force",
        ),
        (["penguins", "--plot", "text.png"], 5, "not a PNG picture"),
    ],
)
def test_what_is_wrong_is_one_line_before_any_training(glassnet, tmp_path, monkeypatch, argv, code, words):
    numbers = "".join(f"{k},{k % 2}\n" for k in range(40))
    (tmp_path / "t.csv").write_text(f"a,y\n{numbers}")
    (tmp_path / "ragged.csv").write_text("a,y\n1,0\n2,1,3\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "latin.csv").write_bytes("a,y\nGröße,0\nx,1\n".encode("latin-1"))
    (tmp_path / "comma.csv").write_text("a;y\n" + "".join(f"{k},5;{k % 2}\n" for k in range(40)))
    (tmp_path / "ids.csv").write_text("id,a,y\n" + "".join(f"n{k},{k},{k % 2}\n" for k in range(40)))
    (tmp_path / "one.csv").write_text("a,y\n" + "".join(f"{k},same\n" for k in range(40)))
    (tmp_path / "text.png").write_text("not a picture")
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.iterdir())
    if words not in ("3 outputs", "--class-weight is for classes"):
        monkeypatch.setattr("glassnet.cli.session.train_model", never)
    result = glassnet("train", *argv)
    assert result.code == code, result.err
    assert words in result.error
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "t.csv").read_text() == f"a,y\n{numbers}"


def test_force_replaces_a_file_of_another_kind(glassnet, tmp_path):
    (tmp_path / "notes.txt").write_text("my notes")
    argv = ["train", "xor", "--epochs", 1, "--no-plot", "--output", "notes.txt"]
    assert glassnet(*argv).code == 5
    assert (tmp_path / "notes.txt").read_text() == "my notes"
    assert glassnet(*argv, "--force").code == 0
    assert isinstance(load("notes.txt"), Model)


def test_a_loss_that_stays_high_is_followed_by_the_advice_of_a_larger_network(glassnet):
    result = glassnet("train", "spirals", "--recipe", "small", "--no-plot")
    assert "always saying" in result.out
    assert "glassnet train spirals --hidden 64,64" in result.out


def test_without_matplotlib_the_model_is_saved_and_the_picture_asked_for_is_refused(glassnet, monkeypatch):
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "matplotlib" else real(name, *a))
    result = glassnet("train", "xor", "--epochs", 1)
    assert result.code == 0
    assert 'pip install ".[plot]" in a clone' in " ".join(result.out.split())
    assert result.out.count("xor-loss.png") == 0
    refused = glassnet("train", "xor", "--epochs", 1, "--plot", "x.png")
    assert refused.code == 5
    assert "glassnet[plot]" in refused.error


def test_the_next_commands_work_as_they_are(glassnet, tmp_path):
    (tmp_path / "my table.csv").write_text("a,y\n" + "".join(f"{k},{'no' if k < 20 else 'yes'}\n" for k in range(40)))
    result = glassnet("train", "my table.csv", "--target", "y", "--epochs", 60, "--no-plot")
    commands = [shlex.split(line[10:]) for line in result.out[result.out.index("\nNext") + 1 :].splitlines()]
    assert [command[0] for command in commands] == ["glassnet"] * 5 + ["python"]
    for command in commands[:5]:
        assert glassnet(*command[1:]).code == 0
    assert (tmp_path / "predictions.csv").read_text().startswith("y,p(no),p(yes)\n")
    exec(commands[5][2])


def test_a_folder_that_cannot_be_written_is_found_before_training(glassnet, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    monkeypatch.setattr("glassnet.cli.session.train_model", never)
    result = glassnet("train", "penguins")
    assert result.code == 5
    assert result.error == (
        "error: cannot write 'penguins.glass': permission denied; choose another place, or change its permissions"
    )


def test_of_many_classes_the_most_frequent_mistakes_are_shown(glassnet, tmp_path):
    rows = "".join(f"{k % 10 + k / 1000},class{k % 10}\n" for k in range(200))
    (tmp_path / "ten.csv").write_text(f"a,y\n{rows}")
    result = glassnet("train", "ten.csv", "--target", "y", "--epochs", 2, "--no-plot")
    assert " was taken for class" in result.out
    assert "predicted\n" not in result.out


@pytest.mark.parametrize("classes", [100, 101])
def test_of_very_many_classes_json_has_the_confusions_that_there_are(glassnet, tmp_path, classes):
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{k % classes},c{k % classes}\n" for k in range(3 * classes)))
    score = glassnet("train", "t.csv", "--target", "y", "--epochs", 2, "--no-plot", "--json").json["score"]
    if classes == 100:
        assert sum(map(sum, score["confusion"])) == score["rows"]
        assert "confusions" not in score
        return
    assert score["confusion"] is None
    assert sum(rows for *_, rows in score["confusions"]) == score["rows"] >= len(score["confusions"])
    assert sum(rows for truth, said, rows in score["confusions"] if truth == said) == score["right"]
    assert all({truth, said} <= set(score["classes"]) for truth, said, _ in score["confusions"])


def test_the_next_commands_repeat_how_the_table_is_read_and_what_was_asked(glassnet, tmp_path):
    rows = "".join(f"{k};{k % 7},5;{(k * 7919) % 3}\n" for k in range(40))
    (tmp_path / "t.csv").write_text(f"a;b;y\n{rows}")
    argv = ["--target", "y", "--decimal", ",", "--exclude", "b", "--missing", "x y", "--epochs", 5, "--no-plot"]
    result = glassnet("train", "t.csv", *argv)
    commands = [shlex.split(line[10:]) for line in result.out[result.out.index("\nNext") + 1 :].splitlines()]
    read = ["--decimal", ",", "--missing", "x y"]
    longer = ["--epochs", "20"]
    assert commands[0][1:3] == ["train", "t.csv"]
    assert sorted(commands[0][3:]) == sorted(["--target", "y", "--exclude", "b", *read, "--no-plot", *longer])
    assert commands[1][1:] == ["predict", "t.glass", "t.csv", "--output", "predictions.csv", *read]
    assert glassnet(*commands[1][1:]).code == 0


def test_far_worse_than_the_mean_is_followed_by_the_advice_of_a_smaller_learning_rate(glassnet, tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{k},{k * 1.5}\n" for k in range(40)))
    argv = ["--optimizer", "sgd", "--learning-rate", "2.2", "--hidden", "0", "--epochs", 12, "--patience", 0]
    result = glassnet("train", "t.csv", "--target", "y", *argv, "--no-plot")
    assert result.code == 0
    assert "--learning-rate 0.22 " in result.out
    assert "64,64" not in result.out


def test_a_loss_for_counts_takes_codes_as_numbers(glassnet, tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{k},{k % 4}\n" for k in range(60)))
    found = glassnet("train", "t.csv", "--target", "y", "--loss", "poisson", "--epochs", 3, "--no-plot", "--json").json
    assert found["target"]["kind"] == "number"


def test_columns_may_be_excluded_with_commas(glassnet):
    found = glassnet("train", "penguins", "--exclude", "island,sex", "--epochs", 2, "--json", "--no-plot").json
    assert not any(name.startswith(("island", "sex")) for name in found["inputs"])


def test_the_loss_in_json_is_that_of_the_weights_kept(glassnet):
    found = glassnet("train", "penguins", "--learning-rate", 0.1, "--patience", 3, "--json", "--no-plot").json
    losses = load("penguins.glass").history["loss"]
    assert found["best_epoch"] < len(losses)
    assert found["loss"] == losses[found["best_epoch"] - 1]


def test_rows_that_were_trained_on_are_said_without_a_stray_comma(glassnet, tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{k},{k * 1.5}\n" for k in range(10)))
    result = glassnet("train", "t.csv", "--target", "y", "--epochs", 2, "--no-plot")
    assert "on 10 rows, the ones trained on; typical error" in " ".join(result.out.split())
