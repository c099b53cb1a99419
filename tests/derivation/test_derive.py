"""A derivation: the steps of a network, in order, with what they are called."""

import cProfile
import pstats
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.derivation.derive import derive, derive_evaluation, derive_prediction
from glassnet.derivation.report import Report, count_of
from glassnet.engines.numpy import training_source
from glassnet.engines.training_code import training_code
from glassnet.expressions.expression import evaluate
from glassnet.parts.optimizers import Optimizer

NETWORK = gn.Network(gn.Dense(4, "sigmoid"), gn.Dense(1, "tanh"), loss="squared", l2=0.1)


def test_the_steps_of_a_small_network() -> None:
    derivation = derive(NETWORK, 2, gn.SGD(0.5))
    assert [(step.phase, step.name) for step in derivation.steps] == [
        ("forward", "z1"), ("forward", "a1"), ("forward", "z2"), ("forward", "a2"),
        ("loss", "l"), ("loss", "L"), ("loss", "J"),
        ("backward", "da2"), ("backward", "dz2"), ("backward", "dW2"), ("backward", "db2"), ("backward", "da1"),
        ("backward", "dz1"), ("backward", "dW1"), ("backward", "db1"),
        ("update", "g_pull"), ("update", "theta_new"),
    ]  # fmt: skip
    assert repr(derivation["z1"].expression) == "x @ W1 + b1"
    assert repr(derivation["a1"].expression) == "sigmoid(z1)"
    assert derivation["dW1"].shape == derivation.layout.shapes["W1"] == (2, 4)
    assert dict(derivation.gradients) == {"W1": "dW1", "b1": "db1", "W2": "dW2", "b2": "db2"}
    assert derivation.constants == {"l2": 0.1, "lr": 0.5}


def test_every_step_uses_only_what_came_before() -> None:
    network = gn.Network(gn.Dense(4, "gelu"), gn.BatchNorm(), gn.Dropout(), gn.LayerNorm(), gn.Dense(3, "softmax"),
                         loss="cross_entropy", l1=0.1, l2=0.2)  # fmt: skip
    rate = gn.schedule("cosine", 0.1, epochs=9, warm_up=1)
    derivation = derive(network, 2, gn.AdamW(rate, clip_norm=1.0, clip_value=0.5), weighted=True, frozen=True)
    known = {*derivation.inputs, *derivation.layout.shapes, "theta", "penalised", "n"}
    for step in derivation.steps:
        stack = [step.expression]
        while stack:
            node = stack.pop()
            stack += node.args
            assert node.op != "symbol" or node.name in known, (step.name, node.name)
        assert step.name not in known
        assert step.reason
        known.add(step.name)


def test_a_prediction_ends_with_p() -> None:
    derivation = derive_prediction(gn.Network(gn.Dense(3, "softmax"), loss="cross_entropy"), 2)
    assert [step.name for step in derivation.steps] == ["z1", "p"]
    assert repr(derivation["p"].expression) == "softmax(z1)"
    assert derive_evaluation(gn.Network(gn.Dense(3), loss="cross_entropy"), 2).output == "L"


def test_the_derivation_evaluated_step_by_step_is_the_textbooks() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(7, 2)), rng.normal(size=(7, 1))
    model = gn.initialize(NETWORK, x, y, seed=1)
    values: dict[str, Any] = {**model.memory.arrays(), "x": x, "y": y, "n": 7.0, "l2": 0.1}
    for step in derive(NETWORK, 2).steps:
        values[step.name] = evaluate(step.expression, values)
    W1, b1, W2, b2 = (model[name] for name in ("W1", "b1", "W2", "b2"))
    a1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
    a2 = np.tanh(a1 @ W2 + b2)
    np.testing.assert_allclose(values["J"], np.mean((a2 - y) ** 2) + 0.05 * ((W1**2).sum() + (W2**2).sum()), rtol=1e-13)
    dz2 = 2 * (a2 - y) / 7 * (1 - a2**2)
    np.testing.assert_allclose(values["dW2"], a1.T @ dz2, rtol=1e-12)
    np.testing.assert_allclose(values["dW1"], x.T @ (dz2 @ W2.T * a1 * (1 - a1)), rtol=1e-12)


@pytest.mark.parametrize(("w", "borne_by"), [(None, 7.0), (np.arange(7.0), 21.0), (np.zeros(7), 1.0)])
def test_penalties_per_row_are_divided_by_the_rows_or_the_sum_of_their_weights(w: Any, borne_by: float) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(7, 2)), rng.normal(size=(7, 1))
    network = gn.Network(*NETWORK.layers, loss="squared", l1=0.3, l2=0.1, penalty_per_row=True)
    model = gn.initialize(network, x, y, seed=1)
    values: dict[str, Any] = {**model.memory.arrays(), "x": x, "y": y, "n": 7.0, "l1": 0.3, "l2": 0.1}
    if w is not None:
        values["w"] = w[:, None]
    derivation = derive(network, 2, gn.SGD(0.5), weighted=w is not None)
    for step in derivation.steps:
        if step.phase != "update":
            values[step.name] = evaluate(step.expression, values)
    W1, W2 = model["W1"], model["W2"]
    penalty = 0.3 * (np.abs(W1).sum() + np.abs(W2).sum()) + 0.05 * ((W1**2).sum() + (W2**2).sum())
    np.testing.assert_allclose(values["J"] - values["L"], penalty / borne_by, rtol=1e-12)
    values["g"] = np.zeros(derivation.layout.size)  # what the penalties alone pull
    pull = derivation.layout.views(evaluate(derivation["g_pull"].expression, values))
    np.testing.assert_allclose(pull["W1"], (0.3 * np.sign(W1) + 0.1 * W1) / borne_by, rtol=1e-12)
    assert not pull["b1"].any()


def test_what_training_reports_is_named() -> None:
    plain = gn.Network(*NETWORK.layers, loss="squared")
    assert derive(NETWORK, 2).reported == "L"
    for network, factor, name in ((plain, 1.0, "L"), (NETWORK, 1.0, "J"), (plain, 0.5, "R"), (NETWORK, 0.5, "R")):
        derivation = derive(network, 2, gn.SGD(0.5), reported=Report(factor, penalties=True))
        assert derivation.reported == name
        assert ("R" in [step.name for step in derivation.steps]) == (name == "R")
    derivation = derive(NETWORK, 2, reported=Report(0.5, penalties=True))
    ones = np.ones(derivation.layout.size)
    values = {**derivation.constants, "L": 3.0, "theta": 0.5 * ones, "penalised": ones}
    assert evaluate(derivation["R"].expression, values) == evaluate(derivation["J"].expression, values) - 1.5
    for network in (NETWORK, plain):
        assert evaluate(derive(network, 2, reported=Report(0.5))["R"].expression, values) == 1.5


@pytest.mark.parametrize(
    ("reduction", "weighted", "by_rows", "share", "value"),
    [
        ("mean", False, False, "n / N", 3 / 7),
        ("mean", True, False, "sum(w) / W", 0.75 / 2.5),
        ("mean", True, True, "n / N", 3 / 7),
        ("batchmean", True, False, "sum(w) / W", 0.75 / 2.5),
        ("rowmean", True, False, "n / N", 3 / 7),
        ("sum", True, False, "1", 1.0),
    ],
)
def test_what_a_batch_counts_in_the_loss_of_an_epoch_is_a_formula(
    reduction: str, weighted: bool, by_rows: bool, share: str, value: float
) -> None:
    network = gn.Network(gn.Dense(3), loss=gn.loss("squared", reduction=reduction))
    derivations = [derive(network, 2, weighted=weighted, reported=Report(by_rows=by_rows))]
    derivations += [] if by_rows else [derive_evaluation(network, 2, weighted=weighted)]
    values = {"n": 3.0, "N": 7.0, "w": np.array([[0.5], [0.25], [0.0]]), "W": 2.5}
    for derivation in derivations:
        assert derivation.share is not None
        assert derivation.share.formula == f"share = {share}"
        assert evaluate(derivation.share.expression, values) == value
    trained = derive(network, 2, gn.SGD(0.1), weighted=weighted, reported=Report(by_rows=by_rows))
    assert f"# share = {share}\n" in training_source(trained).text
    assert f"# share = {share}\n" in training_code(trained, "shuffled", 7, 7).text


def test_a_learning_rate_of_none_is_an_input_and_a_number_is_a_constant() -> None:
    derivation = derive(NETWORK, 2, Optimizer(name="adam_hat", learning_rate=None))
    assert "lr" in derivation.inputs
    assert "lr" not in derivation.constants
    assert training_source(derivation).arguments == ("x", "y", "t", "lr")
    assert training_source(derive(NETWORK, 2, Optimizer(name="adam_hat", learning_rate=0.1))).arguments == (
        "x",
        "y",
        "t",
    )


def test_an_unknown_step_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="no step 'z9'; there are z1, a1"):
        derive(NETWORK, 2)["z9"]


@dataclass(frozen=True)
class Forgetful:
    """A layer whose backward leaves out what it must give."""

    gives: str
    value: str = "y"

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {"k": gn.Parameter((n_inputs,), gn.initializer("constant", value=1.0))}

    def forward(self, p: Any, x: Any, mode: Any) -> dict[str, Any]:
        return {self.value: p.k * x}

    def backward(self, p: Any, x: Any, v: Any, d: Any) -> dict[str, Any]:
        full = {"dk": (d * x).sum(axis=0), "dx": d * p.k}
        if self.gives == "all":
            return full | {"2k": d}
        return {"dk": d * x, "dx": full["dx"]} if self.gives == "wrong shape" else {self.gives: full[self.gives]}


@pytest.mark.parametrize(
    ("gives", "message"),
    [
        ("dx", "layer 1, .*: backward gives no dk"),
        ("dk", "layer 1, .*: backward gives no dx"),
        ("all", "layer 1, .*: a gradient's name must be letters, got '2k'"),
        ("wrong shape", r"layer 1: dk must have k's shape \(2,\), got \('n', 2\)"),
    ],
)
def test_a_backward_that_forgets_something_is_named(gives: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        derive(gn.Network(Forgetful(gives), gn.Dense(1), loss="squared"), 2)


def test_a_loss_of_the_wrong_shape_is_refused() -> None:
    def total(y: Any, s: Any) -> Any:
        return np.sum((y - s) * (y - s))

    with pytest.raises(ValueError, match=r"loss total must give a term for each row, .* got \(\); leave the mean out"):
        derive(gn.Network(gn.Dense(1), loss=total), 2)


def test_a_value_whose_name_is_no_word_and_a_network_without_a_loss_are_refused() -> None:
    with pytest.raises(ValueError, match="layer 1: a value's name must be letters, got 'y 1'"):
        derive(gn.Network(Forgetful("all", value="y 1"), loss="squared"), 2)
    with pytest.raises(ValueError, match="a network needs a loss to be trained"):
        derive(gn.Network(gn.Dense(1)), 2)
    with pytest.raises(ValueError, match="a derivation without a loss says nothing of batches"):
        count_of(derive_prediction(NETWORK, 2))


def test_writing_down_twice_as_many_layers_takes_twice_as_long() -> None:
    calls = []
    for n in (25, 50):
        network = gn.Network(*[item for k in range(n) for item in (gn.Dense(2, "tanh"), gn.BatchNorm())], gn.Dense(1))
        profile = cProfile.Profile()
        derivation = profile.runcall(derive, network.resolved(1, "squared"), 2, gn.Adam())
        profile.runcall(training_source, derivation)
        calls.append(pstats.Stats(profile).total_calls)
    assert calls[1] < 2.1 * calls[0]
