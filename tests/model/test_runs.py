"""The table of many runs, and what is refused before one of them is trained."""

import copy
import csv
import io
import math
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glassnet as gn
from glassnet.parts.optimizers import Optimizer
from glassnet.training.many import running

RNG = np.random.default_rng(7)
X = RNG.normal(size=(23, 3))
LABELS = np.where(X[:, 0] > 0, "yes", "no")
NETWORK = gn.Network(gn.Dense(4, "tanh"), gn.Dense())
BITS = np.random.PCG64(1)


def named(name: str) -> Any:
    """A metric of one's own with this name."""

    def metric(y: np.ndarray, predicted: np.ndarray) -> float:
        return 0.0

    metric.__name__ = name
    return metric


@pytest.fixture(scope="module")
def runs() -> gn.Runs:
    vary = {"learning_rate": [0.1, 0.01, 1.7e308]}
    return gn.train_many(NETWORK, X, LABELS, seeds=2, vary=vary, folds=3, epochs=4, engine="numpy")


def test_they_are_a_sequence_of_models(runs: gn.Runs) -> None:
    assert isinstance(runs, Sequence)
    assert len(runs) == 18 == len(list(runs))
    assert runs[-1] is runs[17]
    assert runs[2:4][1] is runs[3]
    assert runs[::-1][0] is runs[17]
    assert runs[2:4]["fold"] == [2, 2]
    assert runs[2:8][1:3][0] is runs[3]
    with pytest.raises(IndexError):
        runs[18]
    with pytest.raises(ValueError, match="unknown column of the table 'val_los' \\(did you mean 'val_loss'"):
        runs["val_los"]


def test_the_table_says_what_happened(runs: gn.Runs) -> None:
    assert list(runs.to_dict()) == [
        *("learning_rate", "fold", "seed", "loss", "val_loss", "val_accuracy", "epochs", "stopped"),
    ]
    assert runs["stopped"] == ["epochs"] * 12 + ["diverged"] * 6
    assert runs["learning_rate"] == [0.1] * 6 + [0.01] * 6 + [1.7e308] * 6
    assert runs.row(3) == {name: column[3] for name, column in runs.to_dict().items()}
    pd.testing.assert_frame_equal(runs.to_frame(), pd.DataFrame(runs.to_dict()))


def test_it_is_written_as_csv(runs: gn.Runs, tmp_path: Path) -> None:
    text = runs.to_csv(tmp_path / "runs.csv")
    assert (tmp_path / "runs.csv").read_text() == text
    first, *rows = csv.reader(io.StringIO(text))
    assert first == list(runs.to_dict())
    assert [float(row[0]) for row in rows] == runs["learning_rate"]
    varied = gn.train_many(
        NETWORK, X, LABELS, vary={"network": [NETWORK], "hidden": [(2, 3)]}, epochs=1, engine="numpy"
    )
    assert next(csv.DictReader(io.StringIO(varied.to_csv())))["hidden"] == "(2, 3)"


def test_the_best_come_first_and_those_that_diverged_last(runs: gn.Runs) -> None:
    ordered = runs.sorted()
    assert ordered["val_loss"][:12] == sorted(runs["val_loss"][:12])
    assert set(ordered["stopped"][12:]) == {"diverged"}
    assert ordered[0] is runs.best() is runs[int(np.argmin(runs["val_loss"][:12]))]
    assert runs.sorted("val_accuracy")["val_accuracy"][:12] == sorted(runs["val_accuracy"][:12], reverse=True)
    assert runs.best("loss", mode="max") is runs[int(np.argmax(runs["loss"][:12]))]


def test_means_are_over_folds_and_seeds(runs: gn.Runs) -> None:
    means = runs.mean()
    assert means["learning_rate"] == [0.1, 0.01, 1.7e308]
    assert means["runs"] == [6, 6, 6]
    assert means["diverged"] == [0, 0, 6]
    np.testing.assert_allclose(means["val_loss"][:2], [np.mean(runs["val_loss"][k : k + 6]) for k in (0, 6)])
    np.testing.assert_allclose(means["val_loss_std"][:2], [np.std(runs["val_loss"][k : k + 6]) for k in (0, 6)])
    assert math.isnan(means["val_loss"][2])
    assert means.order() in ([0, 1, 2], [1, 0, 2])
    by_fold = runs[:12].mean(by=["learning_rate", "fold"])
    assert by_fold["fold"] == [1, 2, 3] * 2
    assert by_fold["runs"] == [2] * 6
    assert runs.mean(by="seed")["seed"] == [0, 1]
    with pytest.raises(ValueError, match="unknown column of the table 'rate'"):
        runs.mean(by="rate")


def test_means_of_runs_that_differ_in_their_seeds_alone() -> None:
    runs = gn.train_many(NETWORK, X, LABELS, seeds=4, epochs=2, engine="numpy")
    means = runs.mean()
    assert means.to_dict().keys() == {"runs", "loss", "loss_std", "epochs", "epochs_std"}
    assert means["loss"] == pytest.approx([np.mean(runs["loss"])])


def test_few_runs_are_shown_all_and_many_in_part(runs: gn.Runs) -> None:
    lines = repr(runs).splitlines()
    assert lines[0] == "18 runs"
    assert lines[1].split() == list(runs.to_dict())
    assert len(lines) == 20
    assert "diverged" in lines[-1]
    many = gn.train_many(NETWORK, X, LABELS, seeds=200, epochs=1, engine="numpy")
    lines = repr(many).splitlines()
    assert len(lines) == 23
    assert lines[12].strip() == "…"
    assert lines[-1].split()[:2] == ["199", "199"]
    assert max(map(len, lines)) < 80
    assert repr(many[:1]).startswith("1 run\n")


def test_models_are_made_when_they_are_asked_for(runs: gn.Runs) -> None:
    assert runs[0] is runs[0]
    assert runs[0].history["loss"][-1] == runs["loss"][0]
    model = gn.train(runs[0], X, LABELS, epochs=2, progress=False)
    assert model is runs[0]
    assert model.epochs == 6
    assert runs.row(0)["epochs"] == 4  # the table is of what was


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({"seeds": 0}, ValueError, "seeds must be a whole number >= 1, or the seeds themselves, got 0"),
        ({"seeds": []}, ValueError, "seeds must hold at least one seed"),
        ({"seeds": 1.5}, TypeError, r"seeds must be how many, or the seeds themselves, range\(200\), got 1.5"),
        (
            {"vary": {"lr": [0.1]}},
            ValueError,
            r"vary: there is no 'lr' to be varied \(did you mean 'learning_rate'\?\); with adam",
        ),
        ({"vary": {"momentum": [0.1]}}, ValueError, "no 'momentum'.*with adam there are .*beta1"),
        ({"vary": {"l2": []}}, ValueError, "vary: 'l2' needs at least one value"),
        ({"vary": []}, ValueError, "vary must hold at least one dict"),
        ({"vary": [0.1, 0.2]}, TypeError, "vary must be a dict of lists"),
        ({"vary": {"l2": [0.1, -1]}}, ValueError, "l2 must be >= 0, got -1"),
        ({"vary": {"learning_rate": [0.1, 0]}}, ValueError, "learning_rate must be > 0, got 0"),
        ({"vary": {"beta1": [1.0]}}, ValueError, "beta1 must be >= 0 and < 1, got 1.0"),
        ({"vary": {"optimizer": ["adams"]}}, ValueError, "unknown optimizer 'adams'"),
        ({"vary": {"dropout": [0.1]}}, ValueError, "dropout needs a Dropout layer"),
        ({"vary": {"hidden": [0]}}, ValueError, "units must be a whole number >= 1, got 0"),
        ({"vary": {"activation": ["rleu"]}}, ValueError, "unknown activation 'rleu'"),
        ({"vary": {"network": [3]}}, TypeError, "network must be a Network, got 3"),
        ({"vary": {"epochs": [0]}}, ValueError, "epochs must be a whole number >= 1, got 0"),
        ({"vary": {"early_stopping": [0]}}, ValueError, "early_stopping must be"),
        ({"folds": 1}, ValueError, "folds must be a whole number >= 2, or pairs of indices .*, got 1"),
        ({"folds": True}, ValueError, "folds must be a whole number >= 2"),
        ({"folds": "5"}, ValueError, "folds must be a whole number >= 2"),
        (
            {"folds": 24},
            ValueError,
            "folds must be at most 23, got 24: there are 23 rows",
        ),
        ({"folds": 24, "y": X[:, 0]}, ValueError, "folds must be at most 23, got 24: there are 23"),
        ({"folds": []}, ValueError, "folds must hold at least one pair"),
        ({"folds": [[1, 2, 3]]}, ValueError, "folds must be pairs of indices"),
        ({"folds": [([0, 1], [23])]}, ValueError, "fold 1: rows must be from 0 to 22, got 23"),
        ({"folds": [([0, 1], [])]}, ValueError, "fold 1: rows must be given by their numbers"),
        ({"samples": 0}, ValueError, "samples must be a whole number >= 1, got 0"),
        ({"samples": 2, "folds": 2}, ValueError, "folds and samples are two ways to hold rows out"),
        ({"folds": 2, "validation": 0.2}, ValueError, "folds and validation are two ways to hold rows out"),
        ({"validation": 1.2}, ValueError, "validation must be a share"),
        ({"split_seed": -1, "folds": 2}, ValueError, "seed must be"),
        ({"optimizer": Optimizer(name="sgd", learning_rate=None)}, ValueError, "optimizer sgd has no learning rate"),
        ({"metrics": [named("epochs")]}, ValueError, "two columns of the table would be called 'epochs'"),
        ({"metrics": [named("stopped")]}, ValueError, "would be called 'stopped'"),
        ({"metrics": [named("seed")]}, ValueError, "would be called 'seed'"),
        ({"metrics": [named("l2")], "vary": {"l2": [0.1]}}, ValueError, "would be called 'l2'"),
        ({"metrics": [named("loss_std")]}, ValueError, "would be called 'loss_std'"),
        ({"metrics": [named("runs")]}, ValueError, "would be called 'runs'"),
        ({"seeds": [np.random.Generator(BITS), np.random.Generator(BITS)]}, ValueError, "the same generator twice"),
        ({"seeds": [BITS, np.random.Generator(BITS)]}, ValueError, "the same generator twice"),
        ({"seeds": np.array(3)}, TypeError, r"seeds must be how many, or the seeds themselves, .* got array\(3\)"),
        ({"seeds": [True]}, ValueError, "seeds must be whole numbers >= 0 or generators, got True"),
        ({"vary": 5}, TypeError, "vary must be a dict of lists.* got 5"),
        ({"vary": "l2"}, TypeError, "vary must be a dict of lists.* got 'l2'"),
        ({"vary": {"activation": [None]}}, TypeError, "vary: activation must be a name or a function, got None"),
        ({"vary": {"hidden": (16, 8)}}, ValueError, r"hidden=\(16, 8\) may be .*; write \[\(16, 8\)\] for"),
        ({"vary": {"l2": {0.1, 0.2}}}, TypeError, "vary: give the values of 'l2' as a list, got {"),
        ({"vary": {"l2": (k for k in [0.1])}}, TypeError, "vary: give the values of 'l2' as a list, got <generator"),
        ({"vary": {"l2": pd.Series([0.1])}}, TypeError, "vary: give the values of 'l2' as a list"),
        ({"vary": {"shuffle": ["no"]}}, TypeError, "vary: shuffle must be True or False, got 'no'"),
        ({"progress": False}, TypeError, "unexpected keyword argument 'progress': it is for train alone"),
        ({"deterministic": True}, TypeError, "unexpected keyword argument 'deterministic': it is for train alone"),
        ({"metrics": "r2"}, ValueError, "metric 'r2' is for numbers"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_trained(
    given: dict[str, Any], kind: type[Exception], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trained(*args: Any, **how: Any) -> None:
        raise AssertionError("training began")

    monkeypatch.setattr(running, "ThreadPoolExecutor", trained)
    with pytest.raises(kind, match=message):
        gn.train_many(NETWORK, X, given.pop("y", LABELS), **{"epochs": 2, **given})


def test_they_can_be_copied_and_kept() -> None:
    def misses(y: np.ndarray, predicted: np.ndarray) -> float:
        return float((y != predicted).sum())

    runs = gn.train_many(NETWORK, X, LABELS, seeds=3, folds=2, metrics=[misses], epochs=2, engine="numpy")
    for other in (pickle.loads(pickle.dumps(runs)), copy.deepcopy(runs), pickle.loads(pickle.dumps(runs[1:3]))):
        offset = 0 if len(other) == 6 else 1
        assert other.to_dict() == {name: column[offset:][: len(other)] for name, column in runs.to_dict().items()}
        for k, model in enumerate(other):
            assert model is not runs[k + offset]
            np.testing.assert_array_equal(model.memory.theta, runs[k + offset].memory.theta)


def test_runs_that_are_not_there_are_named(runs: gn.Runs) -> None:
    with pytest.raises(IndexError, match="no run 18: they are numbered from 0 to 17"):
        runs[18]
    with pytest.raises(IndexError, match="no run -19"):
        runs.row(-19)
    with pytest.raises(TypeError, match=r"by number, by slice or by a column's name, got \[0, 1\].*some"):
        runs[[0, 1]]  # type: ignore[call-overload]
    with pytest.raises(IndexError, match="no run 0: there is none"):
        runs[0:0][0]
    with pytest.raises(ValueError, match="there are no runs"):
        runs[0:0].best()
    with pytest.raises(ValueError, match="all 6 runs diverged, so none is the best"):
        runs[12:].best()
    assert runs[np.int64(3)] is runs[3]  # type: ignore[call-overload]


def test_a_class_of_one_row_is_trained_on_in_every_fold() -> None:
    labels = ["rare", *LABELS[1:]]
    for given in ((X, np.array(labels)), ({"a": X[:, 0].tolist(), "kind": labels},)):
        target: dict[str, Any] = {} if len(given) == 2 else {"target": "kind"}
        runs = gn.train_many(NETWORK, *given, folds=3, epochs=1, engine="numpy", **target)
        assert all("rare" in (model.classes or ()) for model in runs)


def test_an_error_of_a_fold_names_the_fold() -> None:
    table = {"a": X[:, 0].tolist(), "kind": ["rare", *LABELS[1:]]}
    folds = [([*range(20)], [20, 21, 22]), ([*range(1, 20)], [0, 20])]
    with pytest.raises(gn.DataError, match=r"^fold 2: .*'rare', a class training did not have"):
        gn.train_many(NETWORK, table, target="kind", folds=folds, epochs=1)


def test_what_a_model_keeps_of_its_training_is_of_one_training(runs: gn.Runs) -> None:
    assert {model.state.settings.times for model in runs if model.state.settings} == {1}
