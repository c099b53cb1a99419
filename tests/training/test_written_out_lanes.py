"""Networks written out and trained side by side: each is what it is alone, to the last bit."""

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

from fuzz_engines import Own
from fuzz_lanes import difference_of_lanes, random_lanes

import glassnet as gn
from glassnet.derivation.derive import derive
from glassnet.engines.memory import Memory
from glassnet.engines.training_code import FEW, training_code
from glassnet.parts import activations, losses, optimizers
from glassnet.training import written_out_lanes
from glassnet.training.lanes import Lanes, Numbers
from glassnet.training.rows import Rows, Walk
from glassnet.training.written_out_lanes import WrittenOutLanes, can_be_written_out

NEVER = bool  # nobody asks to stop: bool() is False


def lanes_of(
    network: gn.Network,
    settings: list[optimizers.Optimizer],
    *,
    lanes: int = 5,
    inputs: int = 2,
    rows: int = 3,
    dtype: Any = np.float64,
    weighted: bool = False,
) -> Lanes:
    """Lanes of a network of 1 output, with starting weights and rows of their own."""
    rng = np.random.default_rng(3)
    memories = [Memory.of(network, inputs, dtype) for _ in range(lanes)]
    for memory in memories:
        memory.initialize(network, inputs, rng)
        memory.prepare(settings[0])
    y = (rng.random((rows, 1)) > 0.5).astype(dtype)
    w = (rng.random((rows, 1)) + 0.1).astype(dtype) if weighted else None
    return Lanes(
        derivations=[derive(network, inputs, item, dtype=dtype, weighted=weighted) for item in settings],
        setting=np.arange(lanes) % len(settings),
        numbers=Numbers(
            theta=np.stack([memory.theta for memory in memories]),
            state=np.stack([memory.state for memory in memories]),
            slots={name: np.stack([memory.slots[name] for memory in memories]) for name in memories[0].slots},
        ),
        marks=memories[0].marks,
        rngs=[np.random.default_rng(k) for k in range(lanes)],
        rows=Rows(rng.standard_normal((rows, inputs)).astype(dtype), y, w),
        own=rng.integers(0, rows, (lanes, rows)),
        walk=Walk(rows, False),
    )


def network(hidden: Any = "tanh", loss: Any = "squared", **penalties: float) -> gn.Network:
    return gn.Network(gn.Dense(2, hidden), gn.Dense(1), loss=loss, **penalties)


def check(lanes: Lanes, epochs: int = 7) -> None:
    assert can_be_written_out(lanes.derivations[0], lanes.own.shape[1], lanes.walk)
    assert difference_of_lanes(lanes, WrittenOutLanes(lanes), epochs) == ""


# each optimizer, activation and loss at least once
LOSSES = [name for name in losses.NAMES if name != "cross_entropy"]  # of several columns: among the random networks
KINDS = [
    (rule, LOSSES[k % len(LOSSES)], tuple(activations.NAMES[k :: len(optimizers.RULES)]))
    for k, rule in enumerate(optimizers.RULES)
]


def test_all_kinds_occur() -> None:
    assert {loss for _, loss, _ in KINDS} == set(LOSSES)
    assert {name for _, _, names in KINDS for name in names} == set(activations.NAMES)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_each_kind_with_other_numbers_in_each_lane(kind: tuple[str, str, tuple[str, ...]]) -> None:
    rule, loss, names = kind
    rates = [gn.optimizer(rule, rate) for rate in (0.01, 0.003)]
    hidden = [gn.Dense(2 if "softmax" in name else 1, name) for name in names]
    whole = gn.Network(*hidden, gn.Dense(1), loss=loss, l1=0.01, l2=0.02)
    dtype = np.float32 if len(rule) % 2 else np.float64
    check(lanes_of(whole, rates, dtype=dtype, inputs=1, rows=2, weighted=rule == "adam"))


def test_lanes_differ_in_learning_rates_penalties_and_schedules() -> None:
    schedules = [gn.schedule("cosine", rate, epochs=5, warm_up=2.0) for rate in (0.1, 0.01)]
    settings = [gn.SGD(rate, clip_norm=0.5, clip_value=0.2) for rate in schedules]
    lanes = lanes_of(network(), settings)
    check(lanes)
    plain = [derive(network(l2=l2), 2, gn.SGD(0.1)) for l2 in (0.1, 0.01)]
    check(replace(lanes, derivations=plain))


def test_lanes_of_one_code_must_have_the_same_constants() -> None:
    lanes = lanes_of(network(), [gn.SGD(0.1)])
    other = derive(network(), 2, gn.Adam(0.1))
    with pytest.raises(ValueError, match="of one structure"):
        WrittenOutLanes(replace(lanes, derivations=[*lanes.derivations, other]))


@pytest.mark.parametrize("number", range(2))  # scripts/fuzz_lanes.py tries many
def test_random_networks(number: int) -> None:
    draw = Random(f"lanes {number}")
    while True:
        lanes = random_lanes(draw, small=True)
        if can_be_written_out(lanes.derivations[0], lanes.own.shape[1], lanes.walk):
            break
    check(lanes, 4)


def test_the_text_is_that_of_one_network() -> None:
    lanes = lanes_of(network(), [gn.SGD(0.1)])
    one = training_code(lanes.derivations[0], "whole", 3, 3)
    many = WrittenOutLanes(lanes).code
    step = one.text[one.text.index("def train_steps") :]
    assert step in many.text


def test_a_lane_that_diverges_harms_no_other() -> None:
    lanes = lanes_of(network("relu"), [gn.SGD(0.1), gn.SGD(1e30)])
    engine = WrittenOutLanes(lanes)
    losses = engine.take(50, NEVER)
    finite = np.isfinite(losses)
    assert finite[:, ::2].all()
    for lane in (1, 3):
        first = int(np.argmin(finite[:, lane]))
        assert 0 < first < 50
        assert not finite[first:, lane].any()
    assert difference_of_lanes(lanes, WrittenOutLanes(lanes), 50) == ""


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_threads_change_nothing(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written_out_lanes, "ALONE", 0.0)
    lanes = lanes_of(network(), [gn.Adam(0.01)], lanes=37)
    engine, other = WrittenOutLanes(lanes, workers), WrittenOutLanes(lanes, 1)
    every = np.arange(37)
    np.testing.assert_array_equal(engine.take(501, NEVER), other.take(501, NEVER))
    np.testing.assert_array_equal(engine.numbers(every).theta, other.numbers(every).theta)


def test_somebody_may_ask_to_stop_between_epochs() -> None:
    lanes = lanes_of(network(), [gn.SGD(0.1)])
    engine, asked = WrittenOutLanes(lanes), iter([False, False, True])
    first = engine.take(10**7, lambda: next(asked))
    assert 0 < len(first) < 10**7
    again = WrittenOutLanes(lanes).take(len(first) + 3, NEVER)
    np.testing.assert_array_equal(np.concatenate([first, engine.take(3, NEVER)]), again)
    assert engine.take(5, lambda: True).shape == (0, 5)


def test_lanes_are_dropped() -> None:
    settings = [gn.Adam(0.01), gn.Adam(0.02), gn.Adam(0.03)]
    lanes = lanes_of(network(), settings, lanes=40)
    engine, whole = WrittenOutLanes(lanes), WrittenOutLanes(lanes)
    before, kept = engine.take(4, NEVER), np.array([30, 2, 17])
    engine.keep(kept)
    after, all_losses = engine.take(5, NEVER), whole.take(9, NEVER)
    np.testing.assert_array_equal(before, all_losses[:4])
    np.testing.assert_array_equal(after, all_losses[4:, kept])
    some, of_all = engine.numbers(np.array([2, 0])), whole.numbers(np.array([17, 30]))
    np.testing.assert_array_equal(some.theta, of_all.theta)
    np.testing.assert_array_equal(some.slots["v"], of_all.slots["v"])


def test_other_rows_are_predicted() -> None:
    rng = np.random.default_rng(1)
    lanes = lanes_of(network("sigmoid", "binary_cross_entropy"), [gn.SGD(0.5)])
    engine = WrittenOutLanes(lanes)
    engine.take(20, NEVER)
    x, y = rng.standard_normal((11, 2)), (rng.random((11, 1)) > 0.5).astype(float)
    own = rng.integers(0, 11, (5, 7))
    predictions, found = engine.evaluate(Rows(x, y), own)
    for k, theta in enumerate(engine.numbers(np.arange(5)).theta):
        W1, b1, W2, b2 = theta[:4].reshape(2, 2), theta[4:6], theta[6:8].reshape(2, 1), theta[8:]
        p = 1.0 / (1.0 + np.exp(-(1.0 / (1.0 + np.exp(-(x[own[k]] @ W1 + b1))) @ W2 + b2)))
        np.testing.assert_allclose(predictions[k], p, rtol=1e-12)
        t = y[own[k]]
        np.testing.assert_allclose(found[k], -np.mean(t * np.log(p) + (1.0 - t) * np.log(1.0 - p)), rtol=1e-12)


def test_what_is_large_or_comes_in_batches_is_not_written_out() -> None:
    derivation = derive(network(), 2, gn.SGD(0.1))
    assert can_be_written_out(derivation, FEW - 9, Walk(FEW - 9, False))
    assert not can_be_written_out(derivation, FEW + 1, Walk(FEW + 1, False))
    assert not can_be_written_out(derivation, 10, Walk(5, True))
    wide = derive(gn.Network(gn.Dense(50), gn.Dense(1), loss="squared"), 2, gn.SGD(0.1))
    assert not can_be_written_out(wide, 4, Walk(4, False))


def test_what_cannot_be_compiled_is_not_written_out() -> None:
    three_axes = Own(lambda p, x: np.sum(np.expand_dims(x, -1) * p.W, axis=1))
    derivation = derive(gn.Network(three_axes, gn.Dense(1), loss="squared"), 2, gn.SGD(0.1))
    assert not can_be_written_out(derivation, 3, Walk(3, False))
