"""What is kept is gone on with by the same training alone, by one program at a time, and from what is whole."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.model.checkpoints import differences
from glassnet.model.checkpoints.series import Series, digest
from glassnet.model.model import Model
from glassnet.training.many import running
from glassnet.training.many.lane_engines import lane_engine_called

X, y = gn.datasets.moons(60)
NETWORK = gn.Network(gn.Dense(4, "tanh"), gn.Dense())
HOW: dict[str, Any] = {"seed": 3, "epochs": 4, "batch_size": 16, "kind": "classes", "progress": False}


def train(folder: Path, *given: Any, **how: Any) -> Model:
    return gn.train(*(given or (NETWORK, X, y)), **{**HOW, "checkpoint_dir": folder, **how})


def kept_in(folder: Path, name: str = "1") -> dict[int, Path]:
    """The states of a training that are there, the newest first."""
    found = {int(path.name.split(".")[-2]): path for path in folder.glob(f"{name}.*.glass") if "begin" not in path.name}
    return dict(sorted(found.items(), reverse=True))


OTHERS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "epochs": (lambda at: train(at, epochs=5), "epochs is 4 there and 5 here"),
    "batch size": (lambda at: train(at, batch_size=8), "batch_size is 16 there and 8 here"),
    "seed": (lambda at: train(at, seed=4), "seed is 3 there and 4 here"),
    "no seed": (lambda at: train(at, seed=None), "seed is 3 there and None here"),
    "dtype": (lambda at: train(at, dtype="float32"), "dtype is 'float64' there and 'float32' here"),
    "optimizer": (lambda at: train(at, optimizer="sgd"), "optimizer.name is 'adam' there and 'sgd' here"),
    "rate": (lambda at: train(at, optimizer=gn.Adam(0.5)), "optimizer.learning_rate is 0.001 there and 0.5 here"),
    "engine": (lambda at: train(at, engine="numpy"), "engine is 'auto' there and 'numpy' here"),
    "metrics": (lambda at: train(at, metrics=["accuracy"]), "metrics is None there and 'accuracy' here"),
    "units": (lambda at: train(at, gn.Network(gn.Dense(5, "tanh"), gn.Dense()), X, y), "units is 4 there and 5 here"),
    "a row": (lambda at: train(at, NETWORK, X + 1e-9, y), "its rows are others"),
    "labels": (lambda at: train(at, NETWORK, X, np.roll(y, 1)), "its rows are others"),
    "weights": (lambda at: train(at, sample_weight=np.arange(60.0)), "its rows are others"),
    "validation": (lambda at: train(at, validation=0.2), "its rows are others"),
    "many": (
        lambda at: gn.train_many(NETWORK, X, y, kind="classes", checkpoint_dir=at),
        "it is of one training, and this is many runs",
    ),
}


@pytest.mark.parametrize("what", OTHERS)
def test_another_training_is_refused_and_the_difference_named(what: str, tmp_path: Path) -> None:
    train(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    other, words = OTHERS[what]
    with pytest.raises(gn.CheckpointError) as refusal:
        other(tmp_path)
    assert words in str(refusal.value)
    assert str(tmp_path) in str(refusal.value)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train(tmp_path)
    monkeypatch.setattr("glassnet.model.checkpoints.series.__version__", "99.0")
    with pytest.raises(gn.CheckpointError, match=r"it is of glassnet .*, and this is 99\.0"):
        train(tmp_path)


def test_other_runs_and_other_fits_are_refused(tmp_path: Path) -> None:
    sklearn = pytest.importorskip("glassnet.sklearn")
    gn.train_many(NETWORK, X, y, kind="classes", seeds=3, epochs=2, checkpoint_dir=tmp_path / "many")
    with pytest.raises(gn.CheckpointError, match="seed"):
        gn.train_many(NETWORK, X, y, kind="classes", seeds=[5, 6, 7], epochs=2, checkpoint_dir=tmp_path / "many")
    with gn.checkpoints(tmp_path / "fit"):
        sklearn.MLPClassifier(tol=1.0, random_state=0).fit(X, y)
    with (
        gn.checkpoints(tmp_path / "fit"),
        pytest.raises(gn.CheckpointError, match=r"network\.l2 is 0\.0001 there and 0\.1"),
    ):
        sklearn.MLPClassifier(tol=1.0, alpha=0.1, random_state=0).fit(X, y)


def test_a_model_that_is_refused_stays_as_it_was(tmp_path: Path) -> None:
    train(tmp_path / "kept")
    model = gn.train(NETWORK, X, y, **HOW)
    model.save(tmp_path / "before.glass")
    with pytest.raises(gn.CheckpointError):
        gn.train(model, X, y, epochs=3, progress=False, checkpoint_dir=tmp_path / "kept")
    model.save(tmp_path / "after.glass")
    assert (tmp_path / "after.glass").read_bytes() == (tmp_path / "before.glass").read_bytes()


def test_a_folder_must_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(gn.CheckpointError, match=r"file is a file; give a folder"):
        train(tmp_path / "file")
    with pytest.raises(ValueError, match="must have a name, got ''"):
        gn.train(NETWORK, X, y, **HOW, checkpoint_dir="")


def test_nothing_is_written_when_the_folder_is_somebody_elses(often: None, tmp_path: Path) -> None:
    model = gn.initialize(NETWORK, X, y, seed=3, kind="classes")
    with gn.checkpoints(tmp_path):
        events = gn.training(model, X, y, epochs=4, batch_size=16)
        next(events)
    before = {path.name for path in tmp_path.iterdir()}
    assert len(list(events)) > 1
    assert {path.name for path in tmp_path.iterdir()} == before


def test_how_it_resumes_may_be_said(tmp_path: Path) -> None:
    with pytest.raises(gn.CheckpointError, match="keeps no training to go on with"):
        train(tmp_path / "new", resume="always")
    assert not (tmp_path / "new").exists()
    train(tmp_path / "new", resume="never")
    train(tmp_path / "new", resume="always")
    with pytest.raises(gn.CheckpointError, match="keeps a training already"):
        train(tmp_path / "new", resume="never")
    with pytest.raises(ValueError, match="unknown resume 'sometimes'"):
        train(tmp_path / "new", resume="sometimes")
    with pytest.raises(ValueError, match="resume='always' is about a folder"):
        gn.train(NETWORK, X, y, **HOW, resume="always")


# what is damaged


def test_where_the_newest_is_damaged_the_one_before_is_taken(often: None, tmp_path: Path) -> None:
    whole = train(tmp_path)
    (newest, path), (before, _) = kept_in(tmp_path).items()
    assert newest > before
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.warns(UserWarning, match=rf"a checkpoint is damaged, .*1\.{before}\.glass.* is taken: .*1\.{newest}\."):
        again = train(tmp_path)
    np.testing.assert_array_equal(again["W1"], whole["W1"])


@pytest.mark.parametrize("where", ["numbers", "words"])
def test_one_bit_that_the_disk_has_changed_is_damage(where: str, often: None, tmp_path: Path) -> None:
    whole = train(tmp_path)
    (newest, path), _ = kept_in(tmp_path).items()
    written = bytearray(path.read_bytes())
    place = len(written) - 50 if where == "numbers" else written.index(b'epochs\\":4') + len('epochs\\":')
    written[place] ^= 1
    path.write_bytes(written)
    with pytest.warns(UserWarning, match=rf"1\.{newest}\.glass.*: its content is not what was written"):
        again = train(tmp_path)
    np.testing.assert_array_equal(again["W1"], whole["W1"])


def test_what_is_damaged_does_not_push_out_what_is_whole(often: None, tmp_path: Path) -> None:
    train(tmp_path)
    (newest, path), (before, whole) = kept_in(tmp_path).items()
    content = whole.read_bytes()
    for step in (newest, newest + 1):
        (tmp_path / f"1.{step}.glass").write_bytes(b"hello")
    again = Series(tmp_path, "1", kept_in(tmp_path))
    again.begun = digest(again.beginning)
    with pytest.warns(UserWarning, match="damaged"):
        again.put_back(lambda written: None)
    again.write(before - 1, lambda: ({}, {}))
    assert [*kept_in(tmp_path)] == [before, before - 1]
    assert whole.read_bytes() == content
    assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 100], ids=["empty", "text", "zeros"])
def test_where_all_are_damaged_each_is_named_and_it_begins_anew(content: bytes, often: None, tmp_path: Path) -> None:
    whole = train(tmp_path)
    states = kept_in(tmp_path).values()
    for path in states:
        path.write_bytes(content)
    with pytest.warns(UserWarning, match="all checkpoints of this training are damaged, it begins anew") as warned:
        again = train(tmp_path)
    assert all(path.name in str(warned[0].message) for path in states)
    np.testing.assert_array_equal(again["W1"], whole["W1"])


def test_what_is_of_another_training_or_no_file_is_not_taken(often: None, tmp_path: Path) -> None:
    whole = train(tmp_path / "kept")
    other = train(tmp_path / "other", seed=9)
    other.save(tmp_path / "kept" / "1.9999.glass")
    (tmp_path / "kept" / "1.99999.glass").mkdir()
    (newest, path), *_ = kept_in(tmp_path / "other").items()
    (tmp_path / "kept" / f"1.{newest + 1}.glass").write_bytes(path.read_bytes())
    with pytest.warns(UserWarning, match="a checkpoint is damaged"):
        again = train(tmp_path / "kept")
    np.testing.assert_array_equal(again["W1"], whole["W1"])


def test_where_all_runs_side_by_side_are_damaged_each_is_named(
    often: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")
    monkeypatch.setattr(running, "lane_engine", lambda *_: lane_engine_called("InterpretedLanes"))

    def trained() -> gn.Runs:
        return gn.train_many(NETWORK, X, y, kind="classes", seeds=4, epochs=3, checkpoint_dir=tmp_path)

    trained()
    for path in kept_in(tmp_path, "1.runs-0-4").values():
        path.write_bytes(b"hello")
    with pytest.raises(gn.CheckpointError, match="all checkpoints of this training are damaged"):
        trained()


def test_without_its_beginning_nobody_knows_what_it_was(tmp_path: Path) -> None:
    train(tmp_path)
    beginning = tmp_path / "1.begin.glass"
    beginning.write_bytes(beginning.read_bytes()[:50])
    with pytest.raises(gn.CheckpointError, match=r"nobody knows which training this was: .*1\.begin\.glass"):
        train(tmp_path)
    beginning.unlink()
    with pytest.raises(gn.CheckpointError, match=r"1\.begin\.glass is missing"):
        train(tmp_path)


# two programs

HOLDING = """
import sys, glassnet as gn
with gn.checkpoints(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_programs_do_not_have_one_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDING, os.fspath(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(gn.CheckpointError, match=r"another training is kept in .* just now"):
            train(tmp_path)
        other.kill()
    train(tmp_path)  # whoever was killed has it no longer


def test_one_program_does_not_have_it_twice(tmp_path: Path) -> None:
    with gn.checkpoints(tmp_path), pytest.raises(gn.CheckpointError, match="just now"), gn.checkpoints(tmp_path):
        pass


# a disk that fails


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_where_the_disk_fails_training_goes_on_and_the_last_state_remains(
    call: str, often: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = gn.train(NETWORK, X, y, **HOW)
    for failing in range(1, 9):
        folder, count = tmp_path / f"{call}{failing}", [0]
        real = getattr(os, call)

        def fails(*given: Any, real: Any = real, count: list[int] = count, failing: int = failing) -> Any:
            count[0] += 1
            if count[0] == failing:
                raise OSError(28, "No space left on device")
            return real(*given)

        is_begun = failing > (2 if call == "fsync" else 1)  # of the file and of the folder
        says = pytest.warns(UserWarning, match="No space left on device.*; training goes on without")
        with monkeypatch.context() as patch, says if is_begun else pytest.raises(OSError, match="No space left"):
            patch.setattr(os, call, fails)
            np.testing.assert_array_equal(train(folder)["W1"], whole["W1"])
        assert not [path for path in folder.iterdir() if path.suffix == ".tmp"]
        np.testing.assert_array_equal(train(folder)["W1"], whole["W1"])


def test_differences_are_in_words() -> None:
    same = ({"a": 1, "b": [{"c": "x"}]}, {"t": np.zeros(2)})
    assert differences.difference(same, same) is None
    assert (
        differences.difference(same, ({"a": 1, "b": []}, {"t": np.zeros(2)}))
        == "b[0].c is 'x' there and not given here"
    )
    assert differences.difference(same, (same[0], {"t": np.ones(2)})) == "it begins with other numbers in t"
    assert differences.difference(same, (same[0], {})) == "it begins with other numbers in t"
