"""Networks side by side in the interpreter, held against the NumPy engine, which trains them one by one."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

import glassnet as gn
from glassnet.derivation.derive import derive
from glassnet.engines.forward import Forward
from glassnet.engines.lane_run import draws_as_numpy
from glassnet.engines.memory import Memory
from glassnet.parts.optimizers import RULES, Optimizer
from glassnet.training import interpreted_lanes
from glassnet.training.interpreted_lanes import InterpretedLanes
from glassnet.training.lanes import Lanes, Numbers
from glassnet.training.rows import Rows, Walk
from glassnet.training.steps import Stepper

INPUTS, ROWS, LANES = 5, 29, 11
FLOATS = np.random.default_rng(3)
X, Y = FLOATS.normal(size=(ROWS, INPUTS)), FLOATS.normal(size=(ROWS, 3))
CLASSES = np.eye(3)[FLOATS.integers(0, 3, ROWS)]
WEIGHTS = FLOATS.random((ROWS, 1)) + 0.1


class Networks:
    """Networks from different seeds, each on rows of its own, and the same in lanes."""

    def __init__(
        self,
        settings: list[tuple[gn.Network, Optimizer]],
        rows: Rows,
        *,
        batch: int | None = 7,
        shuffle: bool = True,
        own: int = 23,
        frozen: bool = False,
        generator: Any = np.random.PCG64,
    ) -> None:
        dtype, weighted = rows.x.dtype, rows.w is not None
        self.settings = [settings[k % len(settings)] for k in range(LANES)]
        self.rows, self.walk = rows, Walk.over(own, batch, shuffle)
        self.rngs = [np.random.Generator(generator(seed)) for seed in range(LANES)]
        self.memories = []
        for (network, optimizer), rng in zip(self.settings, self.rngs, strict=True):
            memory = Memory.of(network, INPUTS, dtype)
            memory.initialize(network, INPUTS, rng)
            memory.trainable[::3] = 0.0 if frozen else 1.0
            memory.prepare(optimizer)
            self.memories.append(memory)
        self.own = np.array([np.random.default_rng(k).permutation(len(rows))[:own] for k in range(LANES)])
        first = self.memories[0]
        self.lanes = Lanes(
            derivations=[
                derive(network, INPUTS, optimizer, dtype=dtype, weighted=weighted, frozen=frozen)
                for network, optimizer in settings
            ],
            setting=np.arange(LANES) % len(settings),
            numbers=Numbers(
                theta=np.array([memory.theta for memory in self.memories]),
                state=np.array([memory.state for memory in self.memories]),
                slots={name: np.array([memory.slots[name] for memory in self.memories]) for name in first.slots},
            ),
            marks=first.marks,
            rngs=copy.deepcopy(self.rngs),
            rows=rows,
            own=self.own,
            walk=self.walk,
        )

    def one_by_one(self, epochs: int) -> np.ndarray:
        """Train each by itself with the NumPy engine; the losses (epochs, lanes)."""
        losses = []
        for k, (network, optimizer) in enumerate(self.settings):
            stepper = Stepper(
                network,
                INPUTS,
                self.memories[k],
                self.rngs[k],
                optimizer=optimizer,
                rows=self.rows_of(k),
                walk=self.walk,
                engine="numpy",
            )
            losses.append(stepper.run(epochs, np.inf, lambda: False))
        return np.array(losses).T

    def rows_of(self, k: int) -> Rows:
        """A lane's own rows."""
        own, rows = self.own[k], self.rows
        return Rows(rows.x[own], rows.y[own], None if rows.w is None else rows.w[own])

    def hold(self, trainer: InterpretedLanes, losses: np.ndarray, epochs: int, limit: float = 1e-12) -> None:
        """Hold lanes that were trained against the networks, trained now one by one."""
        close(losses, self.one_by_one(epochs), limit)
        found = trainer.numbers(np.arange(LANES))
        predicted, measured = trainer.evaluate(self.rows, self.own)
        for k, (network, _) in enumerate(self.settings):
            memory, rows = self.memories[k], self.rows_of(k)
            close(found.theta[k], memory.theta, limit)
            close(found.state[k], memory.state, limit)
            for name, slot in memory.slots.items():
                close(found.slots[name][k], slot, limit)
            p, loss = Forward(network, INPUTS, memory).evaluate(rows.x, rows.y, rows.w)
            close(predicted[k], p, limit)
            close(measured[k], loss, limit)
            assert self.lanes.rngs[k].random() == self.rngs[k].random()


def close(found: Any, expected: Any, limit: float) -> None:
    """The same numbers but for the order in which sums are taken."""
    assert np.shape(found) == np.shape(expected)
    if np.size(expected):
        assert np.abs(np.asarray(found) - expected).max() <= limit * max(np.abs(expected).max(), 1e-3)


def never() -> bool:
    return False


NETWORKS = {
    "plain": gn.Network(gn.Dense(7, "relu"), gn.Dense(3), loss="cross_entropy"),
    "penalties": gn.Network(gn.Dense(7, "sigmoid"), gn.Dense(3), loss="cross_entropy", l1=0.01, l2=0.02),
    "dropout": gn.Network(gn.Dense(7, "gelu"), gn.Dropout(0.3), gn.Dense(3), loss="cross_entropy"),
    "norms": gn.Network(gn.BatchNorm(), gn.Dense(7, "tanh"), gn.LayerNorm(), gn.Dense(3), loss="cross_entropy"),
    "deep": gn.Network(gn.Dense(2, "elu"), gn.Dense(13, "softplus"), gn.Dense(3, bias=False), loss="cross_entropy"),
}


@pytest.mark.parametrize("batch", [7, None])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_lane_is_trained_as_alone(name: str, weighted: bool, batch: int | None) -> None:
    rows = Rows(X, CLASSES, WEIGHTS if weighted else None)
    many = Networks([(NETWORKS[name], gn.Adam(0.01))], rows, batch=batch)
    trainer = InterpretedLanes(many.lanes)
    many.hold(trainer, trainer.take(3, never), 3)


@pytest.mark.parametrize("rule", RULES)
def test_lanes_differ_in_their_numbers_alone(rule: str) -> None:
    def network(slope: float, l2: float) -> gn.Network:
        return gn.Network(gn.Dense(7, gn.activation("leaky_relu", slope=slope)), gn.Dense(3), loss="squared", l2=l2)

    settings = [
        (network(0.1, 0.01), gn.optimizer(rule, 0.01, clip_norm=0.5)),
        (network(0.3, 0.02), gn.optimizer(rule, 0.003, clip_norm=0.9)),
    ]
    many = Networks(settings, Rows(X, Y), frozen=True)
    trainer = InterpretedLanes(many.lanes)
    many.hold(trainer, trainer.take(3, never), 3)


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_orders_are_those_of_numpy(kind: Any) -> None:
    assert draws_as_numpy(kind, np.dtype(np.float64))
    many = Networks([(NETWORKS["dropout"], gn.SGD(0.1))], Rows(X, CLASSES), generator=kind)
    trainer = InterpretedLanes(many.lanes)
    many.hold(trainer, trainer.take(2, never), 2)


def test_orders_that_numpy_draws_otherwise_are_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreted_lanes, "draws_as_numpy", lambda *_: False)
    many = Networks([(NETWORKS["dropout"], gn.SGD(0.1))], Rows(X, CLASSES))
    trainer = InterpretedLanes(many.lanes)
    many.hold(trainer, trainer.take(3, never), 3)


def test_float32_is_as_near_as_its_digits() -> None:
    rows = Rows(X.astype(np.float32), CLASSES.astype(np.float32))
    schedule = gn.schedule("cosine", 0.01, epochs=3, warm_up=1.5)
    many = Networks([(NETWORKS["norms"], gn.Adam(schedule))], rows, shuffle=False)
    trainer = InterpretedLanes(many.lanes)
    many.hold(trainer, trainer.take(3, never), 3, limit=3e-5)


def test_the_number_of_threads_changes_no_bit() -> None:
    found = []
    for workers in (1, 2, 3):
        many = Networks([(NETWORKS["dropout"], gn.Adam(0.01))], Rows(X, CLASSES))
        trainer = InterpretedLanes(many.lanes, workers)
        found.append((trainer.take(2, never), trainer.numbers(np.arange(LANES)).theta))
    for losses, theta in found[1:]:
        assert np.array_equal(losses, found[0][0])
        assert np.array_equal(theta, found[0][1])


def test_lanes_that_are_kept_go_on_as_before() -> None:
    kept = np.array([9, 2, 4])
    many = Networks([(NETWORKS["dropout"], gn.Adam(0.01)), (NETWORKS["dropout"], gn.Adam(0.1))], Rows(X, CLASSES))
    trainer = InterpretedLanes(many.lanes)
    first = trainer.take(2, never)
    trainer.keep(kept)
    second = trainer.take(2, never)
    losses = many.one_by_one(4)
    close(first, losses[:2], 1e-12)
    close(second, losses[2:, kept], 1e-12)
    close(trainer.numbers(np.arange(3)).theta, np.array([many.memories[k].theta for k in kept]), 1e-12)


def test_who_asks_to_stop_finds_whole_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreted_lanes, "CALL", 1e-9)
    monkeypatch.setattr(interpreted_lanes, "LONG", 0.0)  # every call may be broken off
    many = Networks([(NETWORKS["dropout"], gn.Adam(0.01))], Rows(X, CLASSES))
    trainer = InterpretedLanes(many.lanes)
    asked = iter([False] * 5)
    before = trainer.take(1000, lambda: next(asked, True))
    assert len(before) < 6
    after = trainer.take(3, never)
    many.hold(trainer, np.concatenate([before, after]), len(before) + 3)


def test_lanes_of_another_structure_are_refused() -> None:
    tanh = gn.Network(gn.Dense(7, "tanh"), gn.Dense(3), loss="cross_entropy")
    many = Networks([(NETWORKS["plain"], gn.Adam(0.01)), (tanh, gn.Adam(0.01))], Rows(X, CLASSES))
    with pytest.raises(ValueError, match="setting 1 has another structure than the first"):
        InterpretedLanes(many.lanes)


def test_who_asks_to_stop_at_once_finds_no_epoch() -> None:
    many = Networks([(NETWORKS["plain"], gn.Adam(0.01))], Rows(X, CLASSES))
    assert InterpretedLanes(many.lanes).take(1, lambda: True).shape == (0, LANES)


def test_what_is_broken_off_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_first(work: Any, threads: int, look: Any = None) -> None:
        if look:
            look()
        work()

    monkeypatch.setattr(interpreted_lanes, "CALL", 1e-9)
    monkeypatch.setattr(interpreted_lanes, "LONG", 0.0)  # every call may be broken off
    monkeypatch.setattr(interpreted_lanes, "in_threads", look_first)
    many = Networks([(NETWORKS["dropout"], gn.Adam(0.01))], Rows(X, CLASSES))
    trainer = InterpretedLanes(many.lanes)
    asked = iter([False] * 5)  # twice in each epoch: before it and within it
    before = trainer.take(1000, lambda: next(asked, True))
    assert len(before) == 2
    theta, orders = trainer.numbers(np.arange(LANES)).theta, [rng.bit_generator.state for rng in trainer.rngs]
    within = iter([False])
    assert len(trainer.take(1000, lambda: next(within, True))) == 0
    assert np.array_equal(trainer.numbers(np.arange(LANES)).theta, theta)
    assert [rng.bit_generator.state for rng in trainer.rngs] == orders
    after = trainer.take(3, never)
    many.hold(trainer, np.concatenate([before, after]), 5)


def test_lanes_whose_learning_rate_is_set_from_outside_are_refused() -> None:
    many = Networks([(NETWORKS["plain"], Optimizer(name="sgd", learning_rate=None))], Rows(X, CLASSES))
    with pytest.raises(NotImplementedError, match="learning rate is set from outside"):
        InterpretedLanes(many.lanes)
