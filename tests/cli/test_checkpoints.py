"""`glassnet train … --checkpoint-dir D --resume auto`: safe to repeat verbatim."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from glassnet.cli import cross_validation
from glassnet.model.checkpoints import spent
from glassnet.training.steps import Stepper

TRAIN = ("train", "penguins", "--hidden", "8", "--epochs", "60", "--patience", "0", "--no-plot", "-q")
KEPT = ("--checkpoint-dir", "kept", "--resume", "auto")


def test_the_same_command_again_trains_nothing_and_leaves_the_same_file(glassnet, tmp_path, monkeypatch) -> None:
    assert glassnet(*TRAIN, "-o", "whole.glass").code == 0
    for again in (False, True):
        if again:
            monkeypatch.setattr(Stepper, "take", lambda *_: pytest.fail("it is trained again"))
        assert glassnet(*TRAIN, *KEPT, "-o", "m.glass").code == 0
        assert (tmp_path / "m.glass").read_bytes() == (tmp_path / "whole.glass").read_bytes()
        (tmp_path / "m.glass").unlink()
    assert glassnet(*TRAIN, *KEPT, "-o", "m.glass", "--json").json["epochs"] == 60


@pytest.mark.parametrize("more", [("--cv", "3"), ("--recipe", "strong"), ("--members", "2")])
def test_other_ways_to_train_are_kept_too(more: tuple[str, ...], glassnet, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(spent, "LEAST", 0.0)
    command = ("train", "penguins", "--hidden", "4", "--epochs", "6", "--no-plot", *more)
    whole = glassnet(*command, "-o", "whole.glass", "--json")
    kept = [glassnet(*command, *KEPT, "-o", "m.glass", "--json")]
    monkeypatch.setattr(Stepper, "take", lambda *_: pytest.fail("it is trained again"))
    kept.append(glassnet(*command, *KEPT, "-o", "m.glass", "--json"))
    assert {str({**one.json, "model": ""}) for one in (whole, *kept)} == {str({**whole.json, "model": ""})}
    assert (tmp_path / "m.glass").read_bytes() == (tmp_path / "whole.glass").read_bytes()


def test_what_ends_without_a_model_names_the_folder(glassnet, monkeypatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cross_validation, "score", interrupted)
    command = ("train", "penguins", "--hidden", "4", "--epochs", "6", "--no-plot", "-q", "--cv", "3")
    for kept, words in {
        KEPT: "no model was saved, and the same command goes on with what is kept in kept",
        ("--checkpoint-dir", "new", "--resume", "never"): (
            "no model was saved, and the same command with --resume auto goes on with what is kept in new"
        ),
        (): "nothing was saved",
    }.items():
        found = glassnet(*command, *kept)
        assert (found.code, found.error) == (130, f"error: interrupted; {words}")
    diverging = ("train", "circles", "--optimizer", "sgd", "--learning-rate", "1e9", "--no-plot", "-q")
    found = glassnet(*diverging, "--checkpoint-dir", "other")
    assert found.code == 1
    assert "; no model was saved, and what was trained before is kept in other; why: glassnet diagnose" in found.error
    assert "; nothing was saved; why" in glassnet(*diverging).error


REFUSED = {
    ("--epochs", "61"): "kept keeps another training: epochs is 60 there and 61 here",
    ("--seed", "1"): "kept keeps another training: seed is 0 there and 1 here",
    ("--hidden", "9"): "units is 8 there and 9 here",
    ("--dtype", "float32"): "dtype is 'float64' there and 'float32' here",
    ("--exclude", "island"): "its rows are others",
    ("--resume", "never"): "kept keeps a training already; go on with it, --resume auto, or give another folder",
}


def test_another_command_is_refused(glassnet, tmp_path) -> None:
    assert glassnet(*TRAIN, *KEPT, "-o", "m.glass").code == 0
    for (option, value), words in REFUSED.items():
        command = [*TRAIN, *KEPT, "-o", "other.glass"]
        if option in command:
            command[command.index(option) + 1] = value
        else:
            command += [option, value]
        found = glassnet(*command)
        assert (found.code, words in found.error) == (4, True), found.error
    assert not (tmp_path / "other.glass").exists()


def test_options_that_make_no_sense_are_refused(glassnet, tmp_path) -> None:
    assert "give both, or neither" in glassnet(*TRAIN, "--resume", "auto").error
    assert "did you mean 'auto'?" in glassnet(*TRAIN, "--checkpoint-dir", "kept", "--resume", "atuo").error
    assert "keeps no training" in glassnet(*TRAIN, "--checkpoint-dir", "kept", "--resume", "always").error
    (tmp_path / "file").write_text("x")
    assert "file is a file; give a folder" in glassnet(*TRAIN, "--checkpoint-dir", "file").error
    inside = glassnet(*TRAIN, "--checkpoint-dir", "file/inside")
    assert inside.code == 5
    assert f"cannot write {str(tmp_path / 'file' / 'inside')!r}" in inside.error
    nameless = glassnet(*TRAIN, "--checkpoint-dir", "")  # of a variable that is not set
    assert (nameless.code, "must have a name, got ''" in nameless.error) == (2, True)
    assert [*tmp_path.iterdir()] == [tmp_path / "file"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_at_any_moment_it_goes_on_to_the_same_bytes(glassnet, tmp_path) -> None:
    """Some kills of many: `scripts/verify_checkpoints.py` does hundreds."""
    command = ("train", "penguins", "--hidden", "16", "--epochs", "1500", "--patience", "0", "--no-plot", "-q")
    assert glassnet(*command, "-o", "whole.glass").code == 0
    moments, kills = random.Random(5), 0
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-m", "glassnet.cli", *command, *KEPT, "-o", "m.glass"])
        while process.poll() is None and not Path("kept/1.begin.glass").exists():
            time.sleep(0.01)
        time.sleep(moments.uniform(0.0, 0.6))
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
        if os.path.exists("m.glass"):  # it was killed after its end
            assert Path("m.glass").read_bytes() == Path("whole.glass").read_bytes()
    assert kills
    assert glassnet(*command, *KEPT, "-o", "m.glass").code == 0
    assert (tmp_path / "m.glass").read_bytes() == (tmp_path / "whole.glass").read_bytes()
