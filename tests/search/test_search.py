"""Searches, held against trainings that are done one by one, and against what is worked out by hand."""

import json
import logging
import math
import os
import signal
import subprocess
import sys
import warnings
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

import glassnet as gn
from glassnet.search import bundles, journal, search, task
from glassnet.search.asked import Asked
from glassnet.workers import executors

RNG = np.random.default_rng(0)
X = RNG.normal(size=(37, 3))
Y = X[:, 0] * X[:, 1] + 0.1 * RNG.normal(size=37)
FOLDS = [(np.flatnonzero(np.arange(37) % 3 != k), np.flatnonzero(np.arange(37) % 3 == k)) for k in range(3)]
SPACE = {"hidden": [5, 7], "learning_rate": [0.003, 0.03, 0.3], "l2": [0.0, 0.01]}
HOW = {"folds": FOLDS, "epochs": 3, "batch_size": 11, "engine": "numpy", "workers": 1}


@pytest.fixture
def one_by_one(monkeypatch):
    """Each setting is a bundle, whatever it takes."""
    monkeypatch.setattr(bundles, "WORTH", 0.0)


def losses_by_hand(hidden, rate, l2, epochs=3):
    """The loss on each fold's own rows, of networks that `train` trains one after the other."""
    network = gn.Network(gn.Dense(hidden, "relu"), gn.Dense(), l2=l2)
    how = {"optimizer": gn.Adam(rate), "epochs": epochs, "batch_size": 11, "seed": 4, "engine": "numpy"}
    return [
        gn.train(network, X[seen], Y[seen], validation=(X[held], Y[held]), **how).history["val_loss"][-1]
        for seen, held in FOLDS
    ]


def test_each_setting_has_the_scores_of_trainings_one_by_one():
    found = gn.search(SPACE, X, Y, seed=4, **HOW)
    assert len(found) == 12
    for k in range(12):
        row = found.table.row(k)
        losses = losses_by_hand(row["hidden"], row["learning_rate"], row["l2"])
        assert row["val_loss"] == pytest.approx(np.mean(losses), rel=1e-12)
        assert row["val_loss_std"] == pytest.approx(np.std(losses), rel=1e-9)
    assert found.table["val_loss"] == sorted(found.table["val_loss"])
    assert found.best == {name: found.table[name][0] for name in SPACE}
    best = gn.Network(gn.Dense(found.best["hidden"], "relu"), gn.Dense(), l2=found.best["l2"])
    how = {"optimizer": gn.Adam(found.best["learning_rate"]), "epochs": 3, "batch_size": 11, "engine": "numpy"}
    np.testing.assert_array_equal(found.model.predict(X), gn.train(best, X, Y, seed=4, **how).predict(X))


def test_halving_takes_the_best_thirds_that_trainings_by_hand_have():
    rates = [0.001, 0.003, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3]
    found = gn.search({"learning_rate": rates}, X, Y, seed=4, halving=3, **{**HOW, "epochs": 9})

    def best(among, epochs, count):
        return sorted(among, key=lambda rate: np.mean(losses_by_hand(32, rate, 0.0, epochs)))[:count]

    thirds = best(rates, 1, 3)
    rung = dict(zip(found.table["learning_rate"], found.table["rung"], strict=True))
    assert {rate for rate in rates if rung[rate] >= 1} == {*thirds}
    assert [rate for rate in rates if rung[rate] == 2] == best(thirds, 3, 1) == [found.best["learning_rate"]]
    assert found.score == pytest.approx(np.mean(losses_by_hand(32, found.best["learning_rate"], 0.0, 9)), rel=1e-12)
    assert found.table["epochs"] == [9, 3, 3, 1, 1, 1, 1, 1, 1]


def test_draws_are_within_their_ranges_and_lists_never_twice():
    rng = np.random.default_rng(3)
    low = [gn.between(1e-4, 1e-1, log=True).draw(rng) for _ in range(400)]
    assert 1e-4 <= min(low) <= max(low) <= 1e-1
    assert 0.4 < np.mean(np.array(low) < 10**-2.5) < 0.6  # even on a scale of logarithms
    assert {gn.between(2, 5, whole=True).draw(rng) for _ in range(100)} == {2, 3, 4, 5}
    assert {gn.between(1, 3, log=True, whole=True).draw(rng) for _ in range(100)} == {1, 2, 3}
    found = gn.search(SPACE, X, Y, settings=7, **{**HOW, "epochs": 1})
    rows = zip(*(found.table[name] for name in SPACE), strict=True)
    assert len({*rows}) == len(found) == 7


def test_a_metric_decides_and_what_diverged_is_last_and_told():
    labels = (Y > 0).astype(int)
    space = {"learning_rate": [0.01, 0.1, 1e300]}
    how = {**HOW, "optimizer": "sgd", "kind": "classes"}
    found = gn.search(space, X, labels, by="accuracy", **how)
    scores = found.table["val_accuracy"]
    assert scores[0] >= scores[1]
    assert found.table["learning_rate"][2] == 1e300
    assert math.isnan(scores[2])
    assert found.table["diverged"] == [0, 0, 3]
    assert str(found).startswith("3 settings, the best by val_accuracy first; 1 diverged\n")
    lost = gn.search({"learning_rate": [1e300]}, X, labels, **how)
    with pytest.raises(ValueError, match=r"^all settings diverged, so none is the best"):
        lost.best  # noqa: B018  # to ask is to be refused


def test_rows_without_a_target_are_in_no_fold():
    table = {"a": list(range(30)), "b": [None if k % 6 == 0 else k % 4 + 0.5 for k in range(30)]}
    every = np.arange(30)
    pairs = [(every[every % 3 != k], every[every % 3 == k]) for k in range(3)]
    how = {"epochs": 2, "engine": "numpy", "target": "b"}
    for folds in (pairs, iter(pairs)):
        found = gn.search({"l2": np.array([0.0, 0.1])}, table, folds=folds, workers=1, **how)
    network = gn.Network(gn.Dense(32, "relu"), gn.Dense())
    runs = gn.train_many(network, table, folds=pairs, seeds=[0], vary={"l2": [0.0, 0.1]}, **how)
    assert sorted(found.table["val_loss"]) == pytest.approx(sorted(runs.mean("l2")["val_loss"]), rel=1e-12)


def test_equal_scores_stay_in_the_order_of_their_settings():
    found = gn.search({"l1": [0.0, 0.0, 0.0]}, X, Y, **HOW)
    assert found.table["setting"] == [0, 1, 2]


def test_early_stopping_takes_as_many_epochs_as_were_best_in_the_mean():
    found = gn.search({"learning_rate": [0.3]}, X, Y, early_stopping=2, **{**HOW, "epochs": 50})
    assert found.epochs == round(found.table["best_epoch"][0]) < 50
    assert len(found.model.history) == found.epochs


def test_numbers_do_not_depend_on_how_many_train(monkeypatch, one_by_one):
    how = {**HOW, "engine": "auto", "epochs": 2}
    alone = gn.search(SPACE, X, Y, **how).table.to_dict()
    monkeypatch.setattr(executors, "find_spec", lambda name: None)  # no joblib: threads
    for workers in (2, 4):
        assert gn.search(SPACE, X, Y, **{**how, "workers": workers}).table.to_dict() == alone
    with ThreadPoolExecutor(2) as pool:
        assert gn.search(SPACE, X, Y, executor=pool, **how).table.to_dict() == alone
    by_hand = gn.search(SPACE, X, Y, **{**how, "engine": "numpy"}).table
    np.testing.assert_allclose(np.sort(alone["val_loss"]), by_hand["val_loss"], rtol=1e-9)


# ------------------------------------------------------------------------------------------------------- the journal


class Counting:
    """What stands for the task: it counts, and knows the answers."""

    def __init__(self):
        self.known, self.asked = {}, []

    def __call__(self, work, bundle):
        self.asked.append(bundle.numbers)
        if bundle.numbers not in self.known:
            self.known[bundle.numbers] = task.fits_of(work, bundle)
        return self.known[bundle.numbers]


def test_a_journal_that_is_cut_anywhere_goes_on_to_the_same_table(tmp_path, monkeypatch, one_by_one):
    path, counting = tmp_path / "search.jsonl", Counting()
    monkeypatch.setattr(search, "fits_of", counting)
    space, how = {"l2": [0.0, 0.1]}, {**HOW, "epochs": 1, "journal": path}
    whole = gn.search(space, X, Y, **how)
    data, lines = path.read_bytes(), path.read_bytes().splitlines(keepends=True)
    assert len(lines) == 3
    ends = np.cumsum([len(line) for line in lines])
    head = json.loads(lines[0])
    for cut in range(len(data)):  # what is read is what was whole
        path.write_bytes(data[:cut])
        kept, length = journal.read(path, head)
        there = int((ends <= cut).sum())
        assert (len(kept), length) == (max(0, there - 1), int(ends[there - 1]) if there else 0)
    for cut in {0, 1, *(int(end) + k for end in ends for k in (-1, 0, 1))} - {len(data) + 1}:
        path.write_bytes(data[:cut])
        counting.asked.clear()
        again = gn.search(space, X, Y, **how)
        done = max(0, int((ends <= cut).sum()) - 1)
        assert len(counting.asked) == 2 - done  # no fit twice
        assert again.table.to_dict() == whole.table.to_dict()
        assert path.read_bytes() == data


def test_ctrl_c_keeps_what_is_done_and_says_so(tmp_path, one_by_one):
    path, heard = tmp_path / "search.jsonl", []

    def told(done, of):
        heard.append((done, of))
        if done == 6:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt, match=r"^search interrupted after 6 of 36 fits; they are kept in .*jsonl$"):
        gn.search(SPACE, X, Y, told=told, journal=path, **HOW)
    assert heard == [(0, 36), (3, 36), (6, 36)]
    heard.clear()
    found = gn.search(SPACE, X, Y, told=lambda *at: heard.append(at), journal=path, **HOW)
    assert heard[0] == (6, 36)
    assert found.table.to_dict() == gn.search(SPACE, X, Y, **HOW).table.to_dict()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"epochs": 4}, "epochs is 3 there and 4 here"),
        ({"seed": 1}, "seed is 0 there and 1 here"),
        ({"y": Y + 1}, "its rows are others"),
        ({"folds": 2}, "folds.number is 3 there and 2 here"),
        ({"space": {"l2": [0.1]}}, r"space.l2\[0\] is 0.0 there and 0.1 here"),
        ({"space": {"l2": [0.0, 0.1]}}, "settings is 1 there and 2 here"),
        ({"halving": 3}, "halving is None there and 3 here"),
    ],
)
def test_a_journal_of_another_search_is_refused(tmp_path, change, words):
    path = tmp_path / "search.jsonl"
    how = {"space": {"l2": [0.0]}, "X": X, "y": Y, **HOW, "journal": path}
    gn.search(**how)
    before = path.read_bytes()
    with pytest.raises(gn.CheckpointError, match=rf"^{path} is the journal of another search: .*{words}"):
        gn.search(**{**how, **change})
    assert path.read_bytes() == before


def test_more_settings_than_can_be_trained_are_refused():
    for space in ({"l2": gn.between(0.0, 1.0)}, {name: [*range(999)] for name in ("batch_size", "epochs", "hidden")}):
        with pytest.raises(ValueError, match="settings must be at most 1,000,000, got 900,000,000"):
            gn.search(space, X, Y, settings=900_000_000)


def test_files_that_are_no_journal_stay_as_they_are(tmp_path):
    path = tmp_path / "search.jsonl"
    for text in ("a,b\n1,2\n", "hello", '{"kind": "other"}\n', "\n"):
        path.write_text(text)
        with pytest.raises(gn.CheckpointError, match="is not the journal of a search"):
            gn.search({"l2": [0.0]}, X, Y, journal=path, **HOW)
        assert path.read_text() == text
    with pytest.raises(gn.CheckpointError, match="is a folder"):
        gn.search({"l2": [0.0]}, X, Y, journal=tmp_path, **HOW)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(gn.CheckpointError, match="pipe is no file; give the name of a file"):
            gn.search({"l2": [0.0]}, X, Y, journal=tmp_path / "pipe", **HOW)
    path.unlink()
    gn.search({"l2": [0.0, 0.1]}, X, Y, journal=path, **HOW)
    head = json.loads(path.read_bytes().splitlines()[0])
    with journal.opened(path, head), pytest.raises(gn.CheckpointError, match="another search writes to"):
        gn.search({"l2": [0.0, 0.1]}, X, Y, journal=path, **HOW)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"{]\n" + lines[1])
    with pytest.raises(gn.CheckpointError, match=r"line 2 of .* is damaged"):
        gn.search({"l2": [0.0, 0.1]}, X, Y, journal=path, **HOW)


# ----------------------------------------------------------------------------------------------------------- workers


class Mortal:
    """An executor whose worker dies at every second thing it is given to do."""

    def __init__(self, lives):
        self.given, self.lives = 0, lives

    def submit(self, function, *given):
        future, self.given = Future(), self.given + 1
        if self.given % 2 and self.lives:
            self.lives -= 1
            future.set_exception(BrokenExecutor("died"))
        else:
            future.set_result(function(*given))
        return future


class Dead:
    """An executor that has no worker any more."""

    def submit(self, function, *given):
        raise BrokenExecutor("they died")


def test_what_a_dead_worker_did_is_done_again(one_by_one):
    alone = gn.search(SPACE, X, Y, **HOW).table.to_dict()
    assert gn.search(SPACE, X, Y, executor=Mortal(20), **HOW).table.to_dict() == alone
    with pytest.raises(gn.GlassnetError, match=r"^all workers died, 3 times, before any of 1 bundle was trained"):
        gn.search({"l2": [0.0]}, X, Y, executor=Dead(), **HOW)


def test_processes_that_are_killed_change_nothing(monkeypatch, one_by_one):
    reusable = pytest.importorskip("joblib.externals.loky.reusable_executor")
    of_joblib = reusable._executor  # which joblib needs as it made it
    processes, made, killed = executors.processes, [], []
    monkeypatch.setattr(executors, "WAIT", 0.0)
    monkeypatch.setattr(executors, "processes", lambda workers: made.append(processes(1)) or made[-1])

    def told(done, of):
        if done and not killed:
            killed.extend(made[0]._processes)
            os.kill(killed[0], signal.SIGKILL)

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning)  # loky tells of workers that stopped
        warnings.filterwarnings("ignore", category=ResourceWarning)
        found = gn.search(SPACE, X, Y, told=told, **{**HOW, "workers": 2})
    assert len(made) == 2
    assert reusable._executor is of_joblib
    assert found.table.to_dict() == gn.search(SPACE, X, Y, **HOW).table.to_dict()


def test_a_process_ends_with_the_one_that_started_it():
    code = "import time; from glassnet.workers.executors import end_with; end_with(-1); time.sleep(60)"
    assert subprocess.run([sys.executable, "-c", code], timeout=50).returncode == 1


def test_a_cluster_whose_worker_is_killed_gives_the_same_table(one_by_one):
    distributed = pytest.importorskip("distributed")
    killed = []
    alone = gn.search(SPACE, X, Y, **HOW).table.to_dict()
    quiet = {"dashboard_address": ":0", "silence_logs": logging.CRITICAL}
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, **quiet) as cluster,
        distributed.Client(cluster) as client,
    ):

        def told(done, of):
            if done and not killed:
                killed.extend(client.run(os.getpid).values())
                os.kill(killed[0], signal.SIGKILL)

        assert gn.search(SPACE, X, Y, executor=client, told=told, **HOW).table.to_dict() == alone
    assert killed


def test_a_worker_of_another_version_is_refused():
    asked = Asked.of({"l2": [0.0]}, X, Y, network=None, count=None, folds=2, by=None, mode=None, seed=0)
    work = replace(asked.work(asked.rows), made_by="0.0.9 with Numba")
    bundle = bundles.Bundle(rung=0, epochs=1, numbers=(0,), settings=({"l2": 0.0},))
    with pytest.raises(gn.GlassnetError, match=r"^a worker has glassnet .*, and the search is of glassnet 0\.0\.9"):
        task.fits_of(work, bundle)


def test_tables_are_opened_where_they_are(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b,c\n" + "".join(f"{k},{k % 5},{k % 7}.5\n" for k in range(40)))
    how = {"target": "c", **HOW, "folds": 2}
    table = gn.search({"hidden": [3, 5]}, gn.read_csv(path), **how).table.to_dict()
    with ThreadPoolExecutor(1) as pool:
        assert gn.search({"hidden": [3, 5]}, path, executor=pool, **how).table.to_dict() == table
        stored = task.Stored(str(path), task.digest_of(str(path)), is_table=True)
        path.write_text("a,b,c\n1,2,3\n")
        task.KEPT.clear()
        with pytest.raises(gn.DataError, match="has changed since the search began"):
            stored.read()
        path.unlink()
        with pytest.raises(gn.DataError, match=r"a worker cannot read .* give X as the path of a file that all"):
            stored.read()


# ------------------------------------------------------------------------------------------------------------ Optuna


def test_a_trial_has_the_score_that_a_search_has():
    optuna = pytest.importorskip("optuna")
    how = {name: value for name, value in HOW.items() if name != "workers"}
    space = {
        "hidden": [(5,), (7, 5)],
        "l2": gn.between(0.001, 0.1, log=True),
        "batch_size": gn.between(5, 11, whole=True),
    }
    score = gn.objective(space, X, Y, seed=4, **how)
    assert score.direction == "minimize"
    trial = optuna.trial.FixedTrial({"hidden": "(7, 5)", "l2": 0.01, "batch_size": 7})
    found = gn.search({"hidden": [(7, 5)], "l2": [0.01], "batch_size": [7]}, X, Y, seed=4, **HOW)
    assert score(trial) == pytest.approx(found.score, rel=1e-12)
    assert gn.objective(space, X, Y, by="r2", **how).direction == "maximize"

    class Pruned(optuna.trial.FixedTrial):
        reported = ()

        def report(self, value, step):
            self.reported += ((step, value),)

        def should_prune(self):
            return len(self.reported) == 2

    trial, by_rungs = Pruned({"learning_rate": 0.03}), {**how, "epochs": 9}
    with pytest.raises(optuna.TrialPruned):
        gn.objective({"learning_rate": [0.03]}, X, Y, seed=4, halving=3, **by_rungs)(trial)
    by_hand = [np.mean(losses_by_hand(32, 0.03, 0.0, epochs)) for epochs in (1, 3)]
    assert trial.reported == tuple(zip((1, 3), map(pytest.approx, by_hand), strict=True))
    study = optuna.create_study(direction=score.direction)
    study.optimize(score, n_trials=2)
    assert len(study.trials) == 2


# -------------------------------------------------------------------------------------------------------- bad inputs


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"space": {}}, ValueError, "space must name at least one thing to vary, .*, got an empty dict"),
        ({"space": [1]}, TypeError, r"space must be a dict of lists and ranges, .*, got \[1\]"),
        ({"space": {"l2": []}}, ValueError, "'l2' needs at least one value, got an empty list"),
        ({"space": {"learningrate": [1.0]}}, ValueError, r"there is no 'learningrate' .*did you mean 'learning_rate'"),
        ({"space": {"learning_rate": [-1.0]}}, ValueError, "learning_rate must be > 0, got -1.0"),
        ({"space": {"l2": gn.between(0.0, 1.0)}}, ValueError, "'l2' is a range; give settings=50"),
        ({"space": {"epochs": [1, 2]}, "halving": 2}, ValueError, "leave 'epochs' out of the space"),
        ({"space": {"l2": [0.0] * 2000, "l1": [0.0] * 2000}}, ValueError, "space has 4,000,000 combinations"),
        ({"settings": 0}, ValueError, "settings must be a whole number >= 1, or None .*, got 0"),
        ({"folds": 1}, ValueError, "folds must be .*>= 2.*got 1"),
        ({"folds": None}, ValueError, "folds must be a whole number >= 2, .*, got None"),
        ({"validation": 0.2}, ValueError, "folds and validation are two ways to hold rows out"),
        ({"halving": 1}, ValueError, "halving must be a whole number >= 2, or None, got 1"),
        ({"workers": 0}, ValueError, "workers must be a whole number >= 1, got 0"),
        ({"seed": -1}, ValueError, "seed must be a whole number >= 0, got -1"),
        ({"by": "accurcy"}, ValueError, "unknown score 'val_accurcy'"),
        ({"by": "acc"}, ValueError, "'accuracy' is for classes"),
        ({"by": "accuracy"}, ValueError, "'accuracy' is for classes"),
        ({"network": "16"}, TypeError, "network must be a Network, got str"),
        ({"executor": 3}, TypeError, r"executor must have submit\(function, \*arguments\).*got 3"),
        ({"epoch": 3}, TypeError, r"search\(\) got an unexpected keyword argument 'epoch'"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_a_line(change, error, words):
    with pytest.raises(error, match=words) as refused:
        gn.search(**{"space": {"l2": [0.0]}, "X": X, "y": Y, **HOW, **change})
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "how", "error", "words"),
    [
        ((1, 1), {}, ValueError, "low must be < high, got 1.0 and 1.0"),
        ((2, 1), {"whole": True}, ValueError, "low must be < high, got 2 and 1"),
        ((0, 1), {"log": True}, ValueError, "low must be > 0 with log=True, got 0.0"),
        ((0.5, 2), {"whole": True}, ValueError, "low must be a whole number with whole=True, got 0.5"),
        ((0, math.inf), {}, ValueError, "high must be finite, got inf"),
        (("a", 1), {}, TypeError, "low must be a number, got 'a'"),
        ((0, 1), {"log": 1}, TypeError, "log must be True or False, got 1"),
    ],
)
def test_ranges_that_are_none_are_refused(given, how, error, words):
    with pytest.raises(error, match=rf"^between: {words}$"):
        gn.between(*given, **how)
