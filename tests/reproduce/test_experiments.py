"""What the tutorials propose to try, held against loops like their own."""

import copy
import itertools
import json

import numpy as np
import pytest
from tutorials import as_the_tutorials

import glassnet as gn
from glassnet.reproduce import NAMES, many, reproduce, tychobra, xor
from glassnet.reproduce.change import Change
from glassnet.reproduce.lesson import Lesson

EXPERIMENTS = {  # of xor: another learning rate, more neurons, an extra layer, ReLU or tanh
    "faster": {"learning_rate": 2.0, "epochs": 1500},
    "more neurons": {"hidden": 5, "epochs": 700, "learning_rate": 0.5},
    "an extra layer": {"layers": 2, "hidden": 3, "epochs": 900, "learning_rate": 1.0},
    "two different layers": {"hidden": (5, 3), "epochs": 400, "learning_rate": 0.7},
    "tanh": {"activation": "tanh", "epochs": 600, "learning_rate": 0.3},
    "relu": {"activation": "relu", "epochs": 300, "learning_rate": 0.2},
    "all of it": {"hidden": 4, "activation": "tanh", "learning_rate": 1.0, "layers": 2, "epochs": 500, "seed": 3},
    "another seed": {"seed": 7, "epochs": 100},
    "without biases": {"bias": False, "epochs": 400, "learning_rate": 1.0},
}


def drawn(seed, widths):
    rng = np.random.RandomState(seed)
    return [rng.randn(*shape) for shape in itertools.pairwise(widths)]


def as_loop(X, y, weights, change, **conventions):
    how = {"lr": change.get("learning_rate", conventions.pop("lr")), "epochs": change["epochs"]}
    return as_the_tutorials(X, y, weights, hidden=change.get("activation", "sigmoid"), **how, **conventions)


@pytest.mark.parametrize("change", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_an_experiment_with_xor_is_the_tutorials_loop_with_the_same_change(change):
    X, y = gn.datasets.xor()
    hidden = change.get("hidden", 2)
    hidden = hidden if isinstance(hidden, tuple) else (hidden,) * change.get("layers", 1)

    def loop(seed):
        return as_loop(X, y, drawn(seed, (2, *hidden, 1)), change, lr=0.1, bias=change.get("bias", True))

    numbers = reproduce("xor", echo=lambda text: None, seeds=6, **change)["changed"]
    errors, output = loop(change.get("seed", 42))
    np.testing.assert_allclose(numbers["outputs"], output[:, 0], rtol=0, atol=1e-9)
    assert numbers["loss"] == pytest.approx(errors[-1].mean(), abs=1e-9)
    assert [numbers["losses"][str(k)] for k in range(0, len(errors), len(errors) // 10)] == pytest.approx(
        errors.mean(axis=1)[:: len(errors) // 10], abs=1e-9
    )
    small = np.flatnonzero(errors.mean(axis=1) >= 0.01)[-1] + 1
    assert numbers["epochs_until_small"] == (small if small < len(errors) else None)
    assert numbers["hidden"] == list(hidden)
    assert numbers["seeds_that_learn"] == sum((loop(seed)[1].round() == y).all() for seed in range(6))


def test_an_experiment_with_tychobra_is_its_loop_with_the_same_change():
    X, y = gn.datasets.tychobra()
    numbers = reproduce(
        "tychobra", echo=lambda text: None, seeds=5, hidden=(3, 2), activation="tanh", learning_rate=0.2, epochs=800
    )["changed"]

    def loop(seed):
        rng = np.random.default_rng(seed)
        weights = [rng.uniform(0, 1, shape) for shape in ((3, 3), (3, 2), (2, 1))]
        return as_the_tutorials(X, y, weights, hidden="tanh", lr=0.2, epochs=800, factor=2.0, bias=False)

    errors, output = loop(0)
    np.testing.assert_allclose(numbers["outputs"], output[:, 0], rtol=0, atol=1e-9)
    assert numbers["loss"] == pytest.approx(errors[-1].sum(), abs=1e-9)
    assert numbers["seeds_that_learn"] == sum((loop(seed)[1].round() == y).all() for seed in range(5))


def test_without_a_compiler_the_same_seeds_learn(monkeypatch):
    lesson = Change(hidden=3, layers=2, activation="tanh", learning_rate=0.5, epochs=200).applied(xor.lesson())
    heard = []
    compiled = many.learnt(xor.tutorial(), lesson, 73, heard.append)
    assert heard == [50, 73]
    assert 0 < compiled.sum() < 73

    def absent(*_, **__):
        raise ImportError("the compiled engine needs Numba")

    monkeypatch.setattr(many, "lottery", absent)
    found = many.learnt(xor.tutorial(), lesson, 73, heard.append)
    assert heard[-1] == 73
    # one whose steps make a change of last digits 10⁷ times as large may end elsewhere
    assert (found != compiled).sum() <= 1


def test_seeds_learn_as_networks_do_that_are_trained_alone():
    lesson = Change(epochs=1200, learning_rate=2.0).applied(xor.lesson())
    found = many.learnt(xor.tutorial(), lesson, 12)
    alone = [(lesson.train(*xor.start(seed, 2))[1].round() == lesson.y).all() for seed in range(12)]
    assert found.tolist() == alone
    assert len({*alone}) == 2
    assert many.learnt(xor.tutorial(), Change(epochs=1).applied(xor.lesson()), 5).tolist() == [False] * 5


def test_one_that_overflows_does_not_take_the_others_along():
    lesson = Change(output_activation="identity", learning_rate=0.2, epochs=300).applied(xor.lesson())
    starts = [xor.start(seed, 2) for seed in range(6)]
    starts[2] = starts[2][0], 1e200 * starts[2][1]
    found = lesson.outputs(starts)
    assert np.isfinite(found).all(axis=0).tolist() == [True, True, False, True, True, True]
    np.testing.assert_allclose(found[:, 4], lesson.train(*starts[4])[1][:, 0], rtol=0, atol=1e-9)
    assert not lesson.learned(found)[2]


def test_learnt_is_what_rounds_to_the_targets():
    lesson, rng = xor.lesson(), np.random.default_rng(0)
    outputs = rng.uniform(-0.6, 1.6, (4, 4000))
    outputs[:, 7] = np.nan
    assert lesson.learned(outputs).tolist() == (outputs.round() == lesson.y).all(axis=0).tolist()


@pytest.mark.parametrize("hidden", [(2,), (3, 3), (5, 3, 1)])
def test_xor_starts_from_numpys_old_numbers(hidden):
    old = np.random.RandomState(11)
    for ours in (xor.start(11, *hidden), [np.asarray(W) for W in begun(hidden)]):
        old.seed(11)
        for W in ours:
            np.testing.assert_array_equal(W, old.randn(*W.shape))


def begun(hidden):
    """The weights that a lottery's run of seed 11 begins with, where another one went before."""
    tutorial = xor.tutorial()
    network = Change(hidden=hidden).applied(xor.lesson()).network([tutorial.weights] * (len(hidden) + 1), [*hidden, 1])
    seeds = copy.deepcopy([tutorial.rng(seed) for seed in (10, 11)])
    runs = gn.train_many(network, *gn.datasets.xor(), seeds=seeds, optimizer=gn.SGD(1e-300), epochs=1)
    return [runs[1][f"W{k + 1}"] for k in range(len(hidden) + 1)]


def test_an_overflow_is_told_and_no_error():
    said = []
    numbers = reproduce(
        "xor", echo=said.append, seeds=3, output_activation="identity", learning_rate=3.0, hidden=3, epochs=1000
    )
    text = "\n".join(said)
    assert "overflow after " in text
    assert "nan" not in text
    assert numbers["changed"]["outputs"] == [None] * 4
    assert numbers["changed"]["learned"] is False
    json.dumps(numbers, allow_nan=False)


@pytest.mark.parametrize("name", NAMES)
def test_the_original_is_the_tutorial(name):
    plain = reproduce(name, echo=lambda text: None, seeds=20)
    beside = reproduce(name, echo=lambda text: None, seeds=20, epochs=50)["original"]
    assert beside["outputs"] == pytest.approx(plain["outputs"], abs=1e-12)
    assert beside["loss"] == pytest.approx(plain["loss"], abs=1e-12)
    learn = plain["seeds_that_learn"]
    assert beside["seeds_that_learn"] == (learn["2"] if name == "xor" else learn)


def test_one_epoch_is_enough():
    found = reproduce("xor", echo=lambda text: None, seeds=2, epochs=1)["changed"]
    plain = xor.lesson()
    x = [xor.start(42, 2)]
    assert found["epochs"] == 1
    assert len(found["losses"]) == 1
    _errors, output = as_the_tutorials(plain.X, plain.y, x[0], lr=0.1, epochs=1)
    np.testing.assert_allclose(found["outputs"], output[:, 0], rtol=0, atol=1e-12)


def test_change_nothing_and_nothing_changes():
    said, numbers = [], reproduce("xor", echo=lambda text: None, seeds=2)
    assert reproduce("xor", echo=said.append, seeds=2, hidden=None, bias=None) == numbers
    assert said[0].startswith("Epoch 0 Loss: 0.2558")
    assert isinstance(tychobra.lesson(), Lesson)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden": 0}, "hidden must be a whole number >= 1, got 0"),
        ({"layers": 0}, "layers must be a whole number >= 1, got 0"),
        ({"hidden": (4, 3), "layers": 3}, "layers must be 2, as hidden says"),
        ({"activation": "tahn"}, "did you mean 'tanh'"),
        ({"output_activation": "sigmod"}, "did you mean 'sigmoid'"),
        ({"learning_rate": 0.0}, "learning_rate must be > 0"),
        ({"epochs": 0}, "epochs must be a whole number >= 1, got 0"),
        ({"seed": -1}, "seed must be a whole number >= 0"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_before_anything_is_said(change, message):
    said = []
    with pytest.raises(ValueError, match=message):
        reproduce("xor", echo=said.append, **change)
    assert said == []


def test_the_plot_shows_both(tmp_path):
    reproduce("xor", plot=tmp_path / "p.svg", echo=lambda text: None, seeds=1, epochs=30)
    svg = (tmp_path / "p.svg").read_text()
    assert all(f">{word}</text>" in svg for word in ("the tutorial", "here", "Epochs", "Loss"))
