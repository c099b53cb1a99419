"""`glassnet train --parallel` and `--cluster`, held against `gn.train_parallel` and each other."""

import logging
import os
import signal
import subprocess
import sys
import time

import numpy as np
import polars as pl
import pytest

import glassnet as gn

SMALL = ("train", "penguins", "--recipe", "small", "--epochs", "8", "--no-plot", "--force")


def test_the_model_is_the_same_for_any_number_of_workers(glassnet):
    found = []
    for name, more in (("a", ["--workers", "1"]), ("b", ["--workers", "2", "--checkpoint-dir", "kept"])):
        path = f"{name}.glass"
        result = glassnet(*SMALL, "--parallel", "rounds", "--blocks", "3", "--output", path, *more)
        assert result.code == 0
        assert "the blocks by" in result.out
        found.append(gn.load(path))
    np.testing.assert_array_equal(found[0]["W1"], found[1]["W1"])
    losses = found[0].history["loss"]
    assert losses[-1] < losses[0]


def test_all_rows_are_a_step_where_it_is_exact(glassnet):
    more = ["--parallel", "exact", "--optimizer", "rprop", "--patience", "0", "--test", "0", "--validation", "0"]
    assert glassnet(*SMALL, "--output", "a.glass", *more).code == 0
    whole = ["--optimizer", "rprop", "--batch-size", "all", *more[4:]]
    assert glassnet(*SMALL, "--output", "b.glass", *whole).code == 0
    np.testing.assert_allclose(gn.load("a.glass")["W1"], gn.load("b.glass")["W1"], rtol=0, atol=1e-9)


def test_a_folder_is_trained_on_through_its_store(glassnet, tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "logs").mkdir()
    for k in range(2):
        lines = [f"{a:.3f},{b:.3f},{a * b:.3f}" for a, b in rng.normal(size=(150, 2))]
        (tmp_path / "logs" / f"{k}.csv").write_text("\n".join(["a,b,y", *lines]) + "\n")
    argv = ["train", "logs", "--target", "y", "--recipe", "small", "--epochs", "3", "--no-plot", "--parallel", "rounds"]
    assert glassnet(*argv, "--spool", "spool").code == 0
    assert len(gn.load("logs.glass").history) == 3


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (["--workers", "2"], 2, "--workers is about --parallel exact or --parallel rounds"),
        (["--parallel", "both"], 2, "unknown --parallel 'both'"),
        (["--parallel", "exact", "--blocks", "0"], 2, "--blocks must be >= 1, got 0"),
        (["--parallel", "exact", "--members", "2"], 2, "--parallel trains one network once, and an ensemble"),
        (["--parallel", "exact", "--cluster", "nowhere"], 2, "a cluster is given by an address"),
        (["--parallel", "exact", "--cluster", "tcp://127.0.0.1:1"], 5, "no cluster answers at tcp://127.0.0.1:1"),
    ],
)
def test_what_does_not_go_is_said_in_a_line(glassnet, more, code, words):
    pytest.importorskip("distributed")
    result = glassnet(*SMALL, *more)
    assert result.code == code
    assert words in result.error


def test_a_search_by_a_cluster_finds_the_same(glassnet, tmp_path):
    distributed = pytest.importorskip("distributed")
    rng = np.random.default_rng(0)
    lines = [f"{a:.3f},{b:.3f},{a * b:.3f}" for a, b in rng.normal(size=(60, 2))] + ["1,2,"]  # one without a target
    (tmp_path / "t.csv").write_text("\n".join(["a,b,y", *lines]) + "\n")
    argv = ["search", "t.csv", "--target", "y", "--settings", "2", "--epochs", "2", "--cv", "2", "--json", "--force"]
    alone = glassnet(*argv, "--workers", "1").json
    quiet = {"dashboard_address": ":0", "silence_logs": logging.CRITICAL}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, **quiet) as cluster:
        spread = glassnet(*argv, "--cluster", cluster.scheduler_address).json
    assert spread == alone
    assert "no cluster answers" in glassnet(*argv, "--cluster", "tcp://127.0.0.1:1").error


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_processes_is_answered_by_the_program_alone(tmp_path, signum):
    pytest.importorskip("joblib")
    x = np.random.default_rng(0).normal(size=(200_000, 8))
    pl.DataFrame({**{f"x{k}": x[:, k] for k in range(8)}, "y": x[:, 0] * x[:, 1]}).write_parquet(tmp_path / "t.parquet")
    command = ["train", "t.parquet", "--target", "y", "--parallel", "rounds", "--workers", "2", "--blocks", "4"]
    command += ["--epochs", "1000000", "--patience", "0", "--no-plot", "--checkpoint-dir", "kept"]
    process = subprocess.Popen(
        [sys.executable, "-m", "glassnet", *command], cwd=tmp_path, start_new_session=True, stderr=subprocess.PIPE
    )
    try:
        until = time.monotonic() + 60
        while not any("begin" not in path.name for path in tmp_path.glob("kept/*.glass")) and time.monotonic() < until:
            time.sleep(0.05)  # until a round is done
        os.killpg(process.pid, signum)
        said = process.communicate(timeout=30)[1].decode()
    finally:
        process.kill()
    assert process.returncode == 128 + signum
    assert "the model so far is saved in t.glass" in said
    assert gn.load(tmp_path / "t.glass").epochs
    assert "Traceback" not in said
