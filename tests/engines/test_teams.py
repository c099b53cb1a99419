"""Threads that train one network together: the numbers of one thread, and of the NumPy engine."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

import glassnet as gn
from glassnet.engines import training_code, verdicts
from glassnet.engines.machine_code import Code, Shared
from glassnet.engines.memory import Memory
from glassnet.engines.plans import Busy, Plan, are_fixed, fixed_plans
from glassnet.engines.teams import Team
from glassnet.engines.ways import CALL, OWN, TOGETHER, TURNED, in_words, ways_of
from glassnet.training import compiled_steps
from glassnet.training.trials import Trial

rng = np.random.default_rng(3)
X = rng.normal(size=(211, 23))
Y = X[:, :5] ** 2 + 0.1 * rng.normal(size=(211, 5))
CLASSES = Y.argmax(axis=1)
NETWORKS: dict[str, Any] = {
    "dense": (gn.Network(gn.Dense(67, "relu"), gn.Dense(41, "tanh"), gn.Dense(5), loss="squared"), Y),
    "softmax, batch norm": (
        gn.Network(gn.Dense(67, "gelu"), gn.BatchNorm(), gn.Dense(5), loss="cross_entropy"),
        CLASSES,
    ),
    "one output": (gn.Network(gn.Dense(67, "relu"), gn.Dense(1), loss="squared"), Y[:, 0]),
    "dropout, penalties": (
        gn.Network(gn.Dense(67, "relu"), gn.Dropout(0.3), gn.Dense(5), loss="squared", l1=0.01, l2=0.1),
        Y,
    ),
}
NETWORKS["strong"] = (  # products that are divided, gradients that are sums over rows, dropout
    gn.Network(
        gn.Scale(),
        gn.Dense(67, "mish", scaling="ntk", strength=True),
        gn.Dropout(0.3),
        gn.Dense(5, scaling="ntk"),
        loss="squared",
    ),
    Y,
)
WAYS: dict[str, int] = {"by rule": 0, "one call": CALL, "own loops": OWN, "together": CALL | TOGETHER}


@pytest.fixture
def of_plan(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Trainings by so many threads, each product done in one way."""

    def train(threads: int, way: int, name: str, **options: Any) -> gn.Model:
        network, y = NETWORKS[name]

        def plan_for(code: Code, *given: Any) -> Plan:
            assert code.shared is not None
            columns = [dims[1] for _, *dims in code.shared.products]
            return Plan(threads, tuple(way & ~TOGETHER if width == 1 else way for width in columns))

        monkeypatch.setattr(compiled_steps, "plan_for", plan_for)
        monkeypatch.setattr(training_code, "WORTH_A_TEAM", 0)
        model: gn.Model = gn.train(network, X, y, epochs=3, seed=5, engine="compiled", **options)
        return model

    return train


def assert_same(a: gn.Model, b: gn.Model, tolerance: float) -> None:
    np.testing.assert_allclose(a.memory.theta, b.memory.theta, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(a.memory.state, b.memory.state, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(a.history["loss"], b.history["loss"], rtol=tolerance)


RULE = gn.Momentum(0.01, clip_norm=0.5)


@pytest.mark.parametrize("name", NETWORKS)
def test_threads_give_the_numbers_of_numpy(of_plan: Any, name: str) -> None:
    network, y = NETWORKS[name]
    options: dict[str, Any] = {"batch_size": 64, "optimizer": RULE}
    alone = gn.train(network, X, y, epochs=3, seed=5, engine="numpy", **options)
    for threads in (1, 2, 3):
        assert_same(of_plan(threads, 0, name, **options), alone, 1e-11)


def test_threads_draw_the_numbers_of_numpy(of_plan: Any) -> None:
    network, y = NETWORKS["dropout, penalties"]
    options: dict[str, Any] = {"batch_size": 64, "optimizer": RULE, "dtype": "float32"}
    alone = gn.train(network, X, y, epochs=3, seed=5, engine="numpy", **options)
    for threads in (1, 3):
        assert_same(of_plan(threads, 0, "dropout, penalties", **options), alone, 1e-3)


@pytest.mark.parametrize(
    "walk", [{"batch_size": 50, "shuffle": False}, {"batch_size": None}], ids=["in order", "whole"]
)
def test_they_do_whatever_a_batch_is(of_plan: Any, walk: dict[str, Any]) -> None:
    network, y = NETWORKS["one output"]
    options: dict[str, Any] = {**walk, "optimizer": RULE}
    alone = gn.train(network, X, y, epochs=3, seed=5, engine="numpy", **options)
    for threads in (1, 2, 3):
        assert_same(of_plan(threads, 0, "one output", **options), alone, 1e-11)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_gives_the_numbers_of_numpy(of_plan: Any, way: str) -> None:
    network, y = NETWORKS["dense"]
    options: dict[str, Any] = {"batch_size": 64, "optimizer": RULE}
    alone = gn.train(network, X, y, epochs=3, seed=5, engine="numpy", **options)
    for threads in (1, 2, 3):
        assert_same(of_plan(threads, WAYS[way], "dense", **options), alone, 1e-11)


def test_the_same_plan_gives_the_same_bits(of_plan: Any) -> None:
    first, second = (of_plan(3, CALL | TOGETHER, "dense", batch_size=64, optimizer=RULE) for _ in range(2))
    assert (first.memory.theta == second.memory.theta).all()
    assert first.history["loss"] == second.history["loss"]


def test_several_teams_work_at_the_same_time(of_plan: Any) -> None:
    alone = of_plan(2, 0, "dense", batch_size=64, optimizer=RULE)
    with ThreadPoolExecutor(3) as pool:
        models = list(pool.map(lambda _: of_plan(2, 0, "dense", batch_size=64, optimizer=RULE), range(3)))
    for model in models:
        assert (model.memory.theta == alone.memory.theta).all()


def test_a_loss_that_overflows_ends_all_threads(of_plan: Any) -> None:
    with pytest.raises(gn.TrainingError):
        of_plan(3, 0, "dense", batch_size=64, optimizer=gn.Momentum(1e200, clip_norm=1e9))


class Captured(Exception):
    """What training would have begun with."""


def captured(monkeypatch: pytest.MonkeyPatch) -> compiled_steps.CompiledSteps:
    """The steps that `train` makes."""
    found: list[compiled_steps.CompiledSteps] = []

    def take(self: compiled_steps.CompiledSteps, *given: Any) -> Any:
        found.append(self)
        raise Captured

    network, y = NETWORKS["dense"]
    monkeypatch.setattr(training_code, "WORTH_A_TEAM", 0)
    monkeypatch.setattr(compiled_steps.CompiledSteps, "take", take)
    with pytest.raises(Captured):
        gn.train(network, X, y, epochs=1, seed=5, batch_size=64, optimizer=RULE, engine="compiled")
    monkeypatch.undo()
    return found[0]


def test_a_team_without_its_first_thread_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = captured(monkeypatch)
    shared = steps.code.shared
    assert shared is not None
    team, before = Team(shared, steps.memory.g, Plan(3, (0,) * len(shared.products))), steps.memory.theta.copy()

    def function(*given: Any) -> None:
        if given[steps.code.arguments.index("thread")] == 0:
            raise KeyboardInterrupt
        steps.function(*given)

    with pytest.raises(KeyboardInterrupt):
        team.call(function, steps.code.arguments, {**steps.values, "count": 1})
    assert (steps.memory.theta == before).all()
    team.call(steps.function, steps.code.arguments, {**steps.values, "count": 1, "order": np.arange(211)[None]})
    assert (steps.memory.theta != before).any()


def test_where_no_thread_can_be_started_one_does_all(of_plan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {"batch_size": 64, "optimizer": RULE}
    expected = of_plan(3, CALL | TOGETHER, "dense", **options)
    submit, count = ThreadPoolExecutor.submit, 0

    def refuse(pool: ThreadPoolExecutor, *given: Any) -> Any:
        nonlocal count
        count += 1
        if count % 2 == 0:
            raise RuntimeError("can't start new thread")
        return submit(pool, *given)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", refuse)
    assert_same(of_plan(3, CALL | TOGETHER, "dense", **options), expected, 1e-11)
    assert count == 2  # it does not try again


def test_who_comes_too_late_to_a_meeting_that_was_called_off_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = captured(monkeypatch)
    shared = steps.code.shared
    assert shared is not None
    team, late = Team(shared, steps.memory.g, Plan(2, (0,) * len(shared.products))), []
    submit = ThreadPoolExecutor.submit

    def hold_back(pool: ThreadPoolExecutor, *given: Any) -> Any:
        late.append(given)
        raise KeyboardInterrupt

    values = {**steps.values, "count": 1, "order": np.arange(211)[None]}
    monkeypatch.setattr(ThreadPoolExecutor, "submit", hold_back)
    with pytest.raises(KeyboardInterrupt):
        team.call(steps.function, steps.code.arguments, values)
    monkeypatch.setattr(ThreadPoolExecutor, "submit", submit)
    team.call(steps.function, steps.code.arguments, values)
    after = steps.memory.theta.copy()
    ((work, *given),) = late
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work, *given).result(timeout=10)
    assert (steps.memory.theta == after).all()


def test_a_trial_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = captured(monkeypatch)
    assert steps.code.shared is not None
    memory: Memory = steps.memory
    before = [array.copy() for array in (memory.theta, memory.g, memory.state, *memory.slots.values(), steps.at)]
    trial = Trial(steps.code, steps.function, steps.values, steps.batches)
    assert trial.most == len(trial.values["order"]) * steps.batches > steps.batches
    with suppress(Busy):
        assert 0.0 < trial.seconds(Plan(2, (0,) * len(steps.code.shared.products))) < 1.0
    after = [memory.theta, memory.g, memory.state, *memory.slots.values(), steps.at]
    for one, other in zip(before, after, strict=True):
        assert (one == other).all()


# verdicts

LARGE = [("multiply", 256, 512, 512), ("multiply_left_transposed", 512, 512, 256)]


def code_of(products: list[Any]) -> Code:
    """A code with these products, as far as verdicts look at it."""
    shared = Shared(buffers=0, totals=0, products=tuple(products))
    return Code(text=repr(products), name="train_steps", arguments=(), sizes=(), numbers=(), shared=shared)


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path))
    monkeypatch.setattr(verdicts, "KNOWN", {})
    return tmp_path


def test_the_fastest_plan_is_found_and_kept(clean: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if not verdicts.blas.found.bits:
        pytest.skip("NumPy's BLAS was not found")
    asked: list[Plan] = []

    def measure(plan: Plan) -> float:
        asked.append(plan)
        return 1.0 / plan.threads + 0.1 * (plan.ways[0] != CALL) + 0.2 * (plan.ways[1] != CALL | TOGETHER)

    code = code_of(LARGE)
    best = Plan(2, (CALL, CALL | TOGETHER))
    assert verdicts.plan_for(code, 256, 4, 2, lambda: measure) == best
    count = len(asked)
    assert verdicts.plan_for(code, 256, 4, 2, lambda: measure) == best
    verdicts.KNOWN.clear()
    assert verdicts.plan_for(code, 256, 4, 2, None) == best  # from its file
    assert len(asked) == count
    with fixed_plans():
        assert are_fixed()
        assert verdicts.plan_for(code, 256, 4, 2, lambda: measure) == Plan(2, (0, 0))
    assert not are_fixed()


BROKEN = [
    *("", "[]", "[" * 100_000, '{"threads": 1}', '{"threads": 0, "ways": [0, 0]}', '{"threads": 1, "ways": [0]}'),
    *('{"threads": 1000000000, "ways": [0, 0]}', '{"threads": Infinity, "ways": [0, 0]}', '{"threads": 1, "ways": 5}'),
    *('{"threads": 1, "ways": [255, 0]}', '{"threads": 1, "ways": [0, 10]}', '{"threads": 1, "ways": [0, true]}'),
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_is_measured_anew(clean: Any, text: str) -> None:
    if not verdicts.blas.found.bits:
        pytest.skip("NumPy's BLAS was not found")
    code = code_of(LARGE)
    verdicts.plan_for(code, 256, 4, 1, lambda: lambda plan: 1.0)
    (path,) = clean.glob("glassnet_plan_*.json")
    path.write_text(text)
    verdicts.KNOWN.clear()
    plan = verdicts.plan_for(code, 256, 4, 1, lambda: lambda plan: 1.0 - 0.5 * (plan.ways[0] == CALL))
    assert plan.ways[0] == CALL


@pytest.mark.skipif(os.name != "posix", reason="who may write a file is asked on POSIX alone")
def test_a_file_that_others_may_write_is_measured_anew(clean: Any) -> None:
    if not verdicts.blas.found.bits:
        pytest.skip("NumPy's BLAS was not found")
    code = code_of(LARGE)
    verdicts.plan_for(code, 256, 4, 1, lambda: lambda plan: 1.0)
    (path,) = clean.glob("glassnet_plan_*.json")
    path.chmod(0o666)
    verdicts.KNOWN.clear()
    plan = verdicts.plan_for(code, 256, 4, 1, lambda: lambda plan: 1.0 - 0.5 * (plan.ways[0] == CALL))
    assert plan.ways[0] == CALL


def test_a_small_network_has_no_team() -> None:
    network, y = NETWORKS["dense"]
    for batch_size, there in ((8, False), (200, True)):
        model = gn.train(network, X, y, epochs=1, seed=5, batch_size=batch_size, engine="numpy")
        code = training_code.training_code(model.state.derivation(), "shuffled", len(X), batch_size)
        assert (code.shared is not None) == ("team" in code.arguments) == there


def test_steps_that_take_long_are_not_measured(clean: Any) -> None:
    def measure(plan: Plan) -> float:
        raise AssertionError

    assert verdicts.plan_for(code_of([("multiply", 60_000, 784, 512)]), 60_000, 4, 2, lambda: measure).threads == 2


def test_ways_are_tried_as_long_as_there_is_time(clean: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if not verdicts.blas.found.bits:
        pytest.skip("NumPy's BLAS was not found")
    asked: list[Plan] = []

    def measure(plan: Plan) -> float:
        asked.append(plan)
        return 1.0 / plan.threads

    monkeypatch.setattr(verdicts, "MOST", 0.0)
    assert verdicts.plan_for(code_of(LARGE), 256, 4, 2, lambda: measure) == Plan(2, (0, 0))
    assert {plan.threads for plan in asked} == {1, 2}
    assert all(plan.ways == (0, 0) for plan in asked)


@pytest.mark.parametrize("broken", ["overflow", "memory"])
def test_a_plan_that_cannot_be_measured_is_not_kept(clean: Any, broken: str) -> None:
    def measure(plan: Plan) -> float:
        if broken == "memory":
            raise MemoryError
        return float("inf")

    assert verdicts.plan_for(code_of(LARGE), 256, 4, 2, lambda: measure) == Plan(2, (0, 0))
    assert not list(clean.glob("glassnet_plan_*"))


def test_ways_are_those_that_may_gain() -> None:
    assert ways_of(("multiply", 256, 1, 64), 4, 2, True) == []
    assert OWN not in ways_of(("multiply", 128, 512, 784), 4, 2, True)
    assert TURNED in ways_of(("multiply_right_transposed", 256, 128, 64), 4, 1, False)
    assert CALL | TOGETHER in ways_of(("multiply_left_transposed", 784, 512, 128), 4, 2, True)
    assert all(not way & TOGETHER for way in ways_of(("multiply_left_transposed", 784, 512, 128), 4, 1, True))
    assert in_words(CALL | TOGETHER) == "one call, together"


def test_a_thread_sees_what_another_has_written_to_the_array_of_all() -> None:
    from numba import njit

    from glassnet.engines.meeting import BUFFERS, THREADS
    from glassnet.engines.team import joined, meet, new_for_all

    @njit(nogil=True, _nrt=False)  # type: ignore[untyped-decorator]  # Numba has no types
    def told(team: Any, thread: int) -> float:
        threads = joined(team, thread)
        array = new_for_all(team, 0, thread, (1,), np.float64)
        if thread == 0:
            array[0] = 1.0
            meet(team, threads)
            meet(team, threads)
        else:
            meet(team, threads)
            array[0] += 1.0
            meet(team, threads)
        return float(array[0])

    team = np.zeros(BUFFERS + 1, np.int64)
    team[THREADS] = 2
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda thread: told(team, thread), range(2))) == [2.0, 2.0]


def test_what_a_busy_machine_shows_is_not_kept(clean: Any) -> None:
    def measure(plan: Plan) -> float:
        raise Busy

    code = code_of(LARGE)
    assert verdicts.plan_for(code, 256, 4, 2, lambda: measure) == Plan(2, (0, 0))
    assert not list(clean.glob("glassnet_plan_*.json"))


def test_one_thread_without_memory_ends_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = captured(monkeypatch)
    shared = steps.code.shared
    assert shared is not None
    team = Team(shared, steps.memory.g, Plan(3, (0,) * len(shared.products)))

    def function(*given: Any) -> None:
        if given[steps.code.arguments.index("thread")] == 2:
            raise MemoryError
        steps.function(*given)

    with pytest.raises(MemoryError):
        team.call(function, steps.code.arguments, {**steps.values, "count": 1, "order": np.arange(211)[None]})
