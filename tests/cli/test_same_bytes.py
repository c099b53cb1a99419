"""The same command gives the same model: whatever was compiled before, and if asked on any number of threads."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import verify_determinism

from glassnet.engines import threads
from glassnet.training import choice

pytest.importorskip("numba")

# long enough that loading compiled code would pay, and too short for compiling it
SHORT = ["train", "t.csv", "--target", "y", "--hidden", 5, "--epochs", 3000, "--patience", 0, "--no-plot"]
COMPILED = [*SHORT, "--engine", "compiled", "--output", "other.glass"]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def table(path: Path, rows: int = 600, columns: int = 3) -> None:
    """A table to learn from: a sum of products of its columns."""
    x = np.random.default_rng(rows).normal(size=(rows, columns))
    y = x[:, 0] * x[:, 1] + 0.1 * x.sum(axis=1)
    lines = [",".join([*(f"{value:.6g}" for value in row), f"{y[k]:.6g}"]) for k, row in enumerate(x)]
    path.write_text("\n".join([",".join([*(f"x{k}" for k in range(columns)), "y"]), *lines]) + "\n")


def run(folder: Path, *argv: object, **env: object) -> str:
    """What a command in a process of its own prints."""
    command = [sys.executable, "-m", "glassnet.cli", *map(str, argv)]
    surroundings = {**os.environ, **{name: str(value) for name, value in env.items()}}
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_choice_of_an_engine_does_not_depend_on_what_was_compiled(glassnet, tmp_path, monkeypatch):
    table(tmp_path / "t.csv")
    found = set()
    for state in ("compiled", "cached", "loaded"):
        monkeypatch.setattr(choice, "state_of", lambda *_, state=state: state)
        found.add((glassnet(*SHORT, "--json").code, digest(tmp_path / "t.glass")))
    assert len(found) == 1


def test_the_engine_and_why_it_was_chosen_are_said(glassnet, tmp_path):
    table(tmp_path / "t.csv")
    assert "Engine    compiled (as asked" in glassnet(*COMPILED).out
    assert "Engine" not in glassnet(*SHORT).out


def test_cold_and_warm_and_elsewhere_the_same_bytes(tmp_path):
    cold, elsewhere = tmp_path / "cold", tmp_path / "else" / "where"
    for folder in (cold, elsewhere):
        folder.mkdir(parents=True)
        table(folder / "t.csv")
    caches = {"GLASSNET_CACHE": tmp_path / "cache"}
    run(cold, *SHORT, **caches)
    first = digest(cold / "t.glass")
    run(cold, *COMPILED, **caches)  # the very network, compiled in between
    compiled = digest(cold / "other.glass")
    assert list((tmp_path / "cache").rglob("*.bin"))
    run(cold, *SHORT, **caches)
    assert digest(cold / "t.glass") == first
    moved = [elsewhere / "t.csv" if item == "t.csv" else item for item in SHORT]
    run(tmp_path, *moved, "--output", "moved.glass", GLASSNET_CACHE=tmp_path / "empty")
    assert digest(tmp_path / "moved.glass") == first  # neither the time nor a path is in it
    run(elsewhere, *COMPILED, **caches)  # not compiled now
    assert digest(elsewhere / "other.glass") == compiled


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_deterministic_is_the_same_on_any_number_of_threads(tmp_path, engine):
    table(tmp_path / "t.csv", rows=2000, columns=40)
    argv = ["train", "t.csv", "--target", "y", "--hidden", "256,256", "--epochs", 2, "--batch-size", 512, "--no-plot"]
    found = set()
    for count in (1, 2):
        limits = {"OPENBLAS_NUM_THREADS": count, "NUMBA_NUM_THREADS": count, "OMP_NUM_THREADS": count}
        run(tmp_path, *argv, "--engine", engine, "--deterministic", **limits)
        found.add(digest(tmp_path / "t.glass"))
    assert len(found) == 1


def test_neither_surroundings_nor_threads_nor_workers_change_a_bit(capsys):
    assert verify_determinism.main(2, ["table", "NumPy", "lbfgs"]) == 0
    assert capsys.readouterr().out.count("2 of 2 the same") == 3


def test_with_deterministic_everything_that_is_kept_is_computed_on_one_thread(glassnet, tmp_path, monkeypatch):
    from glassnet.engines.forward import Forward

    table(tmp_path / "t.csv")
    inside = []
    evaluate = Forward.evaluate

    def watched(self, *rows):
        inside.append(threads.INSIDE > 0)
        return evaluate(self, *rows)

    monkeypatch.setattr(Forward, "evaluate", watched)
    for more in ([], ["--deterministic"]):
        inside.clear()
        glassnet("train", "t.csv", "--target", "y", "--epochs", 3, "--no-plot", *more)
        assert inside[:3] == [bool(more)] * 3  # the validation loss; what comes after is the score, which is not kept


def test_summary_says_whether_it_was_deterministic(glassnet, tmp_path):
    table(tmp_path / "t.csv")
    argv = ["train", "t.csv", "--target", "y", "--epochs", 2, "--no-plot", "--quiet"]
    assert glassnet(*argv).code == 0
    free = glassnet("summary", "t.glass")
    assert (
        "threads: as many as pay; others, or a plan measured anew, may give other last digits (not deterministic)"
        in free.out
    )
    assert glassnet("summary", "t.glass", "--json").json["deterministic"] is False
    assert glassnet(*argv, "--deterministic").code == 0
    assert (
        "threads: one, so the same digits however many there are (deterministic)" in glassnet("summary", "t.glass").out
    )
    assert glassnet("summary", "t.glass", "--json").json["deterministic"] is True
