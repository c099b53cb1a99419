"""What penalties and weight decay pull on, and how hard: the factors `penalised` of arrays."""

from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.derivation.derive import derive
from glassnet.expressions.expression import evaluate
from glassnet.readings.eject.languages import LANGUAGES
from glassnet.readings.eject.tools import ToolMissing

RNG = np.random.default_rng(17)
X = RNG.normal(size=(7, 2))
Y = RNG.normal(size=(7, 1))
LAYERS = (
    gn.PeriodicEmbedding(2, 3, penalised=0.1, bias_penalised=0.1),
    gn.Scale(rate=6.0, penalised=6.0),
    gn.Dense(5, "mish", bias_rate=0.1, strength=True, strength_rate=0.1, strength_penalised=0.1),
    gn.Dense(1),
)
DECAY = {"f1": 0.01, "b1": 0.01, "W1": 0.01, "c1": 0.01, "s2": 36.0, "W3": 1.0, "b3": 0.0, "alpha3": 0.01, "W4": 1.0}
"""What RealMLP's decay is of each array, in parts of rate times decay: (lr_factor·wd_factor)²."""
NETWORK = gn.Network(*LAYERS, loss="squared")
PENALISED = gn.Network(*LAYERS, loss="squared", l1=0.2, l2=0.3)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_decoupled_decay_of_an_array_is_rate_times_decay_times_both_its_factors(engine: str) -> None:
    pytest.importorskip("numba") if engine == "compiled" else None
    X, Y = RNG.normal(size=(19, 2)), RNG.normal(size=(19, 1))  # so many that they are not written out one by one
    start, after = gn.initialize(NETWORK, X, Y, seed=3), []
    for decay in (1e-9, 0.25):
        model = gn.initialize(NETWORK, X, Y, seed=3)
        gn.train(model, X, Y, optimizer=gn.AdamW(0.01, weight_decay=decay), epochs=1, batch_size=None, engine=engine)
        after.append(model.weights)
    for name, factor in DECAY.items():
        shrunk = start[name] - 0.01 * 0.25 * factor * start[name]
        np.testing.assert_allclose(after[1][name] - after[0][name], shrunk - start[name], rtol=1e-6, atol=1e-10)


def test_penalties_add_to_the_loss_what_the_factors_say() -> None:
    model = gn.initialize(PENALISED, X, Y, seed=3)
    values: dict[str, Any] = {**model.memory.arrays(), "x": X, "y": Y, "n": 7.0, "l1": 0.2, "l2": 0.3}
    for step in derive(PENALISED, 2, gn.SGD(0.5)).steps:
        if step.phase != "update":
            values[step.name] = evaluate(step.expression, values)
    factors = {"f1": 0.1, "b1": 0.1, "W1": 0.1, "c1": 0.1, "s2": 6.0, "W3": 1.0, "alpha3": 0.1, "W4": 1.0}
    pulled = {name: 0.2 * np.abs(model[name]).sum() + 0.15 * (model[name] ** 2).sum() for name in factors}
    expected = sum(factor * pulled[name] for name, factor in factors.items())
    np.testing.assert_allclose(values["J"] - values["L"], expected, rtol=1e-12)
    assert gn.check_gradient(PENALISED, X, Y)


def test_runs_side_by_side_are_pulled_as_alone() -> None:
    how: dict[str, Any] = {"optimizer": gn.AdamW(0.01, weight_decay=0.2), "epochs": 3, "batch_size": 3}
    runs = gn.train_many(PENALISED, X, Y, seeds=[4, 5], **how)
    alone = gn.train(PENALISED, X, Y, seed=5, engine="numpy", **how)
    for name in DECAY:
        np.testing.assert_allclose(runs[1].weights[name], alone[name], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("language", [name for name, each in LANGUAGES.items() if each.trains])
def test_programs_that_train_pull_as_hard(language: str) -> None:
    model = gn.initialize(PENALISED, X, Y, seed=3)
    options = {"epochs": 1, "batch_size": None} if language == "xlsx" else {"epochs": 3, "batch_size": 4}
    rule = gn.AdamW(0.01, weight_decay=0.2)
    try:
        assert model.eject(language, training=True, X=X, y=Y, optimizer=rule, **options).verify(20)
    except ToolMissing as error:
        pytest.skip(str(error))


def test_plain_gradient_descent_array_by_array_pulls_as_hard() -> None:
    model = gn.initialize(PENALISED, X, Y, seed=3)
    program = model.eject("numpy", training=True, X=X, y=Y, optimizer=gn.SGD(0.01), epochs=3)
    assert "s2[:] = s2 - lr * 6 * (ds2 + 6 * (l2 * s2 + l1 * np.sign(s2)))" in str(program)
    assert program.verify()


def test_the_page_says_how_hard_penalties_pull_on_what() -> None:
    page = str(gn.train(NETWORK, X, Y, optimizer="adamw", epochs=1, seed=3).derivation())
    assert "0.1 for f1, b1, W1, c1 and alpha3, 6 for s2, 1 for W3 and W4, 0 for the others" in " ".join(page.split())


def test_a_recipe_can_have_the_decay_of_realmlp() -> None:
    embedding = gn.PeriodicEmbedding(penalised=0.1, bias_penalised=0.1)
    parts: dict[str, Any] = {"front": gn.Scale(rate=6.0, penalised=6.0), "strength_penalised": 0.1}
    recipe = gn.recipe("strong", numbers=embedding, hidden=(3,), **parts)
    network = gn.initialize(recipe, X, Y[:, 0], seed=1).network
    rates = network.rates(2)
    decay = {name: factor * rates.get(name, 1.0) for name, factor in network.penalised(2).items()}
    embedded = dict.fromkeys(("f1", "b1", "W1", "c1"), 0.01)
    dense = dict.fromkeys((name for name in network.layout(2).shapes if name[0] == "W" and name != "W1"), 1.0)
    assert decay == pytest.approx({**embedded, "s2": 36.0, "alpha3": 0.01, **dense})
