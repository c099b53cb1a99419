"""The vectors of a network: what they begin with, and what a copy, a moment kept and one put back hold."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines import memory, room
from glassnet.engines.memory import Memory
from glassnet.errors import TooLarge
from glassnet.parts.optimizers import optimizer

NETWORK = gn.Network(
    gn.Dense(3, "tanh", bias_rate=0.5, strength=True, strength_penalised=0.25), gn.BatchNorm(), gn.Dense(2)
)


def filled(rule: str = "adam", seed: int = 0) -> Memory:
    """Memory with another number in every place."""
    made = Memory.of(NETWORK, 4, np.float64)
    made.prepare(optimizer(rule))
    rng = np.random.default_rng(seed)
    for vector in (made.theta, made.g, made.state, made.trainable, *made.slots.values()):
        vector[:] = rng.normal(size=vector.shape)
    made.t, made.lr = 7 + seed, 0.25 + seed
    return made


def numbers(of: Memory) -> dict[str, list[float]]:
    return {name: array.ravel().tolist() for name, array in of.arrays().items()} | {"t": [of.t], "lr": [of.lr]}


def test_penalties_and_rates_stand_where_the_layers_put_them() -> None:
    made = Memory.of(NETWORK, 4, np.float64)
    penalised = dict.fromkeys(made.layout.slices, 0.0) | {"W1": 1.0, "alpha1": 0.25, "W3": 1.0}
    rates = dict.fromkeys(made.layout.slices, 1.0) | {"b1": 0.5}
    for name, place in made.layout.slices.items():
        assert set(made.penalised[place]) == {penalised[name]}, name
        assert set(made.rates[place]) == {rates[name]}, name
    assert set(made.trainable) == {1.0}


def test_arrays_begin_with_what_their_layers_say_drawn_in_their_order() -> None:
    made, drawn = Memory.of(NETWORK, 4, np.float64), np.random.default_rng(0)
    made.initialize(NETWORK, 4, np.random.default_rng(0))
    learnt = made.layout.views(made.theta)
    for name, (n_inputs, n_outputs) in {"W1": (4, 3), "W3": (3, 2)}.items():
        bound = np.sqrt(6 / (n_inputs + n_outputs))
        assert np.allclose(learnt[name], drawn.uniform(-bound, bound, (n_inputs, n_outputs)), rtol=1e-15)
    assert [set(learnt[name]) for name in ("b1", "alpha1", "gamma2", "beta2")] == [{0.0}, {1.0}, {1.0}, {0.0}]
    found = made.state_layout.views(made.state)
    assert {name: set(values) for name, values in found.items()} == {"running_mean2": {0.0}, "running_var2": {1.0}}


def test_a_network_without_room_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SMALL", 0)
    monkeypatch.setattr(room, "free_memory", lambda: 100)
    with pytest.raises(TooLarge, match=r"5 \(weights, gradient, 3 marks\) = 1.3 kB; 100 bytes are free"):
        Memory.of(NETWORK, 4, np.float64)


@pytest.mark.parametrize("rule", ["adam", "sgd"])
def test_a_moment_that_was_saved_comes_back_in_place(rule: str) -> None:
    made = filled(rule)
    gradient, views, before, saved = made.g.copy(), made.arrays(), numbers(made), made.saved()
    for vector in (made.theta, made.state, *made.slots.values()):
        vector[:] = -1.0
    made.t = 0
    made.restore(saved)
    assert numbers(made) == before
    assert np.array_equal(made.g, gradient)
    assert all(views[name] is array or np.shares_memory(views[name], array) for name, array in made.arrays().items())


@pytest.mark.parametrize(("rule", "other"), [("adam", "adam"), ("sgd", "adam"), ("adam", "sgd")])
def test_what_another_holds_is_put_back_whatever_trained_it(rule: str, other: str) -> None:
    made, kept = filled(rule), filled(other, seed=1)
    made.put_back(kept)
    assert numbers(made) == numbers(kept)
    assert not any(np.shares_memory(made.slots[name], slot) for name, slot in kept.slots.items())


def test_a_copy_has_arrays_of_its_own() -> None:
    made = filled()
    copied, before = made.copy(), numbers(made)
    assert numbers(copied) == before
    for vector in (copied.theta, copied.g, copied.state, copied.trainable, *copied.slots.values()):
        vector[:] = 0.0
    assert numbers(made) == before


def test_an_optimizer_goes_on_where_it_trained_last_and_begins_anew_elsewhere() -> None:
    made = filled("adam")
    before = numbers(made)
    made.prepare(optimizer("adam"), before=optimizer("adam"))
    assert numbers(made) == before
    made.prepare(optimizer("adamw"), before=optimizer("adam"))  # with slots of the same names
    assert made.t == 0
    assert not any(slot.any() for slot in made.slots.values())


def test_what_has_all_but_vanished_is_set_to_0() -> None:
    made, tiny = filled(), np.finfo(float).tiny
    edge = tiny * memory.FLUSH_BELOW
    for slot in made.slots.values():
        slot[:3] = [edge, -edge * 0.9999, tiny / 2]
    for vector in (made.theta, made.state):
        vector[:3] = [tiny, -tiny / 2, 5e-324]
    kept = [vector[3:].copy() for vector in (made.theta, made.state, *made.slots.values())]
    made.flush()
    assert all(slot[:3].tolist() == [edge, 0.0, 0.0] for slot in made.slots.values())
    assert all(vector[:3].tolist() == [tiny, 0.0, 0.0] for vector in (made.theta, made.state))
    assert all(map(np.array_equal, kept, [v[3:] for v in (made.theta, made.state, *made.slots.values())]))
    assert edge == pytest.approx(4e-304, rel=0.1)  # as the docstring says


@pytest.mark.parametrize("place", range(4))
def test_one_number_that_is_not_finite_is_noticed(place: int) -> None:
    made = filled()
    assert made.is_finite()
    (made.theta, made.state, *made.slots.values())[place][-1] = np.inf
    assert not made.is_finite()
