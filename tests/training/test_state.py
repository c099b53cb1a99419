"""A state is whole at every step: copied there, it goes on to the same bits as the training it was copied from."""

import importlib.util
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines.memory import FLUSH_BELOW, Memory
from glassnet.parts.optimizers import RULES
from glassnet.training import compiled_steps
from glassnet.training.begin import begin, finish, go_on
from glassnet.training.loop import Run
from glassnet.training.preparing import prepare
from glassnet.training.settings import Settings
from glassnet.training.state import State

RNG = np.random.default_rng(11)
ROWS, INPUTS, OUTPUTS = 23, 3, 2
X, Y = RNG.normal(size=(ROWS, INPUTS)), RNG.normal(size=(ROWS, OUTPUTS))
OTHERS = RNG.normal(size=(7, INPUTS)), RNG.normal(size=(7, OUTPUTS))
WEIGHTS = RNG.uniform(0.5, 3.0, ROWS)
LABELS = np.array(["a", "b", "c"])[np.arange(ROWS) % 3]
TANH = gn.Network(gn.Dense(5, "tanh"), gn.Dense(), loss="squared")
NO_NUMBA = importlib.util.find_spec("numba") is None
ENGINES = ["numpy", pytest.param("compiled", marks=pytest.mark.skipif(NO_NUMBA, reason="Numba is not installed"))]


def spread(y: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.std(predicted - y))


@dataclass
class Case:
    """A training: its network, its settings, its rows."""

    settings: dict[str, Any] = field(default_factory=dict)
    network: gn.Network = TANH
    y: np.ndarray = field(default_factory=lambda: Y)
    rows: dict[str, Any] = field(default_factory=dict)
    dtype: Any = np.float64
    metrics: tuple[Any, ...] = ()

    def begin(self, engine: str) -> Run:
        state = gn.initialize(self.network, X.astype(self.dtype), self.y, seed=5).state
        settings = {"optimizer": "adam", "epochs": 4, "batch_size": 5, "shuffle": True, "metrics": None}
        settings |= {"early_stopping": False, "engine": engine} | self.settings
        return begin(prepare(state, X, self.y, **self.rows), Settings(**settings))

    def go_on(self, state: State) -> Run:
        return go_on(prepare(state, X, self.y, **self.rows), metrics=self.metrics)

    def finished(self, state: State) -> State:
        finish(self.go_on(state))
        return state


NORMED = gn.Network(gn.Dense(5, "relu"), gn.BatchNorm(), gn.Dropout(0.3), gn.Dense(), loss="squared")
STOPS = gn.EarlyStopping(patience=3, monitor="val_spread", mode="min")
CASES = {
    "shuffled": Case(),
    "all rows at once": Case({"batch_size": None, "epochs": 12}),
    "dropout and running means": Case(network=NORMED),
    "in order, by a schedule": Case(
        {"shuffle": False, "optimizer": gn.Momentum(gn.schedule("cosine", 0.1, epochs=4, warm_up=1.5))}
    ),
    "classes, held out and weighted": Case(
        y=LABELS,
        network=gn.Network(gn.Dense(5, "tanh"), gn.Dense()),
        rows={"validation": 0.3, "class_weight": "balanced"},
    ),
    "early stopping": Case(
        {"optimizer": gn.SGD(0.9), "epochs": 40, "batch_size": 12, "early_stopping": 3}, rows={"validation": OTHERS}
    ),
    "a metric of one's own": Case(
        {
            "metrics": ["rmse", spread],
            "early_stopping": STOPS,
            "optimizer": gn.SGD(0.9),
            "epochs": 20,
            "batch_size": 12,
        },
        network=NORMED,
        rows={"validation": OTHERS, "sample_weight": WEIGHTS},
        metrics=(spread,),
    ),
    "deterministic": Case({"deterministic": True}),
    "float32, weighted rows, penalties and clipping": Case(
        {"optimizer": gn.Adam(0.01, clip_norm=0.5)},
        network=gn.Network(gn.Dense(5), gn.Dense(), l1=0.01, l2=0.1),
        rows={"sample_weight": WEIGHTS},
        dtype=np.float32,
    ),
}
SLOTS = {name: Case({"optimizer": name, "epochs": 2}) for name in RULES if name not in ("adam", "gather")}


def same(one: State, other: State) -> None:
    """Every number, bit for bit."""
    for name in ("theta", "state", "trainable", "t", "lr"):
        np.testing.assert_array_equal(getattr(one.memory, name), getattr(other.memory, name), err_msg=name)
    assert one.memory.slots.keys() == other.memory.slots.keys()
    for name, slot in one.memory.slots.items():
        np.testing.assert_array_equal(slot, other.memory.slots[name], err_msg=name)
    assert one.rng.bit_generator.state == other.rng.bit_generator.state
    np.testing.assert_equal(one.history.to_dict(), other.history.to_dict())
    assert (one.history.stopped, one.history.best_epoch) == (other.history.stopped, other.history.best_epoch)
    assert (one.epochs, one.place.batch, one.place.told) == (other.epochs, other.place.batch, other.place.told)
    np.testing.assert_array_equal(one.place.order, other.place.order)
    assert (one.until, one.split_seed, one.data, one.seed) == (other.until, other.split_seed, other.data, other.seed)


def steps_of(run: Run) -> Iterator[State]:
    """The state before each step of a run, and after the last."""
    yield run.state
    while run.state.until:
        list(run.events(1))
        yield run.state


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", CASES)
def test_copied_before_any_step_a_training_goes_on_to_the_same_bits(name: str, engine: str) -> None:
    case = CASES[name]
    whole = case.begin(engine)
    finish(whole)
    assert whole.stepper.choice.engine == engine
    run = case.begin(engine)
    for taken, state in enumerate(steps_of(run)):
        assert state.memory.t == taken or not state.until  # the weights of the best epoch are put back at the end
        if state.until:
            same(case.finished(state.copy()), whole.state)
    same(run.state, whole.state)
    assert taken == len(whole.state.history) * run.stepper.batches > 7


@pytest.mark.parametrize("name", SLOTS)
def test_whatever_an_optimizer_remembers_is_copied(name: str) -> None:
    case = SLOTS[name]
    whole, run = case.begin("numpy"), case.begin("numpy")
    finish(whole)
    for state in steps_of(run):
        if state.until:
            same(case.finished(state.copy()), whole.state)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", CASES)
def test_put_back_in_the_same_run_it_takes_the_same_steps_again(name: str, engine: str) -> None:
    run = CASES[name].begin(engine)
    kept = [state.copy() for state in steps_of(run)]
    for k in (len(kept) // 2, 1, len(kept) - 2, 0):
        run.put_back(kept[k])
        same(run.state, kept[k])
        for expected in kept[k:]:
            same(run.state, expected)
            list(run.events(1))
        same(run.state, kept[-1])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", CASES)
def test_saved_before_any_step_it_goes_on_to_the_same_bits(name: str, engine: str, tmp_path: Path) -> None:
    case = CASES[name]
    whole, run = case.begin(engine), case.begin(engine)
    finish(whole)
    for state in steps_of(run):
        gn.Model(state).save(tmp_path / "model.glass")
        loaded = gn.load(tmp_path / "model.glass")
        loaded.save(tmp_path / "again.glass")
        assert (tmp_path / "model.glass").read_bytes() == (tmp_path / "again.glass").read_bytes()
        same(loaded.state, state)
        if state.until:
            same(case.finished(loaded.state), whole.state)


@pytest.mark.parametrize("engine", ENGINES)
def test_any_number_of_steps_may_be_asked_for(engine: str) -> None:
    case = CASES["dropout and running means"]
    whole = case.begin(engine)
    finish(whole)
    for steps in (0, 2, 3, 5, 7, 19, 100):
        run, told = case.begin(engine), []
        while run.state.until:
            told += list(run.events(steps or 1))
            list(run.events(0))
        assert [type(event).__name__ for event in told] == ["Epoch"] * 4 + ["Stopped"]
        same(run.state, whole.state)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_copy_shares_nothing_that_changes(engine: str) -> None:
    run = CASES["a metric of one's own"].begin(engine)
    list(run.events(4))
    kept = run.state.copy()
    before = pickle.loads(pickle.dumps(kept))
    finish(run)
    run.state.memory.trainable[:] = 0.0
    same(kept, before)
    np.testing.assert_array_equal(kept.best.kept.theta, before.best.kept.theta)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_interrupted_in_the_middle_of_an_epoch_can_be_gone_on_with(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled_steps, "CALL", 0.0)  # the compiled engine asks after each step, too
    case = CASES["dropout and running means"]
    whole, run = case.begin(engine), case.begin(engine)
    finish(whole)
    asked = iter([False] * 8)
    run.asked_to_stop = lambda: next(asked, True)
    finish(run)
    assert run.state.history.stopped == "interrupted"
    assert 0 < run.state.place.batch < run.stepper.batches
    same(case.finished(run.state), whole.state)


def test_after_an_interruption_train_begins_another_epoch_as_ever() -> None:
    case = CASES["shuffled"]
    run = case.begin("numpy")
    list(run.events(7))
    rng, order = np.random.default_rng(), run.state.place.order
    rng.bit_generator.state = run.state.rng.bit_generator.state
    model = gn.train(gn.Model(run.state), X, Y, epochs=1, batch_size=5, engine="numpy")
    assert model.history.stopped == "epochs"
    assert len(model.history) == model.epochs == 2
    assert order is not None
    rng.permutation(ROWS)
    assert model.rng.bit_generator.state == rng.bit_generator.state


@pytest.mark.parametrize("engine", ENGINES)
def test_a_training_that_diverges_after_it_was_copied_ends_with_the_same_finite_weights(engine: str) -> None:
    case = Case({"optimizer": gn.SGD(1e3), "epochs": 400})
    whole = case.begin(engine)
    told = list(whole.events())[-1]
    assert whole.state.history.stopped == "diverged"
    for steps in (1, 6):
        run = case.begin(engine)
        list(run.events(steps))
        copied = case.go_on(run.state.copy())
        for stepwise in (run, copied):
            while stepwise.state.until:
                last = list(stepwise.events(1))[-1:]
            assert last == [told]
            # the steps before that are taken again, by NumPy: as many as there were since somebody looked
            tolerance = 0.0 if engine == "numpy" else 1e-12
            np.testing.assert_allclose(stepwise.state.memory.theta, whole.state.memory.theta, rtol=tolerance)
            assert stepwise.state.history.to_dict() == whole.state.history.to_dict()


def test_other_rows_are_refused_and_what_is_in_the_middle_of_nothing() -> None:
    case = CASES["a metric of one's own"]
    run = case.begin("numpy")
    list(run.events(3))
    for others in (X[::-1], X + 1e-12 * (np.arange(ROWS) == 4)[:, None]):
        with pytest.raises(gn.DataError, match="not the rows that the training began with; give the same rows"):
            go_on(prepare(run.state, others, Y, **case.rows), metrics=[spread])
    for rows in ({}, {"validation": OTHERS}, {"sample_weight": WEIGHTS}):
        with pytest.raises(gn.DataError, match="not the rows"):
            go_on(prepare(run.state, X, Y, **rows), metrics=[spread])
    with pytest.raises(ValueError, match=r"metric spread is a function of one's own.*give it, metrics=\[spread\]"):
        go_on(prepare(run.state, X, Y, **case.rows))
    finish(case.go_on(run.state))
    for state in (run.state, gn.initialize(TANH, X, Y).state):
        with pytest.raises(ValueError, match="this model is in the middle of no training; begin one"):
            case.go_on(state)


def test_the_start_and_the_seed_are_known_and_training_from_there_gives_the_same() -> None:
    run = CASES["dropout and running means"].begin("numpy")
    fresh = gn.initialize(NORMED, X, Y, seed=5)
    finish(run)
    start = run.state.start
    assert run.state.seed == 5
    assert start is not None
    np.testing.assert_array_equal(start.theta, fresh.memory.theta)
    np.testing.assert_array_equal(start.state, fresh.memory.state)
    assert start.rng_state == fresh.rng.bit_generator.state
    theta, settings = run.state.memory.theta.copy(), run.state.settings
    gn.train(gn.Model(run.state), X, Y, epochs=1, engine="numpy")
    assert run.state.start is start
    fresh.memory.theta[:], fresh.memory.state[:] = start.theta, start.state
    fresh.rng.bit_generator.state = start.rng_state
    assert settings is not None
    finish(begin(prepare(fresh.state, X, Y), settings))
    np.testing.assert_array_equal(fresh.memory.theta, theta)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_has_decayed_to_almost_nothing_becomes_0_and_what_has_not_stays(dtype: str) -> None:
    network = gn.Network(gn.Dense(1), gn.BatchNorm())
    memory = Memory.of(network, 2, dtype)
    assert (memory.t, memory.lr) == (0, 0.0)
    tiny = np.finfo(dtype).tiny
    memory.slots = {"m": np.array([tiny * FLUSH_BELOW, -tiny * FLUSH_BELOW, tiny, 1.0], dtype)}
    memory.theta[:3], memory.state[:] = (tiny, -tiny, tiny / 2), (-tiny / 2, tiny)
    memory.flush()
    np.testing.assert_array_equal(memory.slots["m"], [tiny * FLUSH_BELOW, -tiny * FLUSH_BELOW, 0.0, 1.0])
    np.testing.assert_array_equal(memory.theta[:3], [tiny, -tiny, 0.0])
    np.testing.assert_array_equal(memory.state, [0.0, tiny])


def test_a_state_says_that_it_is_one() -> None:
    state = gn.initialize(TANH, X, Y, seed=5).state
    said = "Network(Dense(5, tanh), Dense(2), loss=squared(reduction='mean')), 32 parameters, untrained"
    assert (repr(state), str(state)) == (f"State({said})", said)


def test_a_place_that_is_none_among_the_rows_is_refused() -> None:
    case = CASES["shuffled"]
    run = case.begin("numpy")
    list(run.events(2))
    place = run.state.place
    assert (place.batch, len(place.order if place.order is not None else ())) == (2, ROWS)
    for batch, order in ((5, place.order), (-1, place.order), (2, np.arange(ROWS - 1))):  # 23 rows are 5 batches of 5
        broken = case.begin("numpy").state
        broken.place.batch, broken.place.order = batch, order
        with pytest.raises(gn.DataError, match="the place in the epoch in progress is none on the way through these"):
            case.go_on(broken)
    case.finished(run.state)


def test_who_finishes_a_training_that_diverges_is_told() -> None:
    run = Case({"optimizer": gn.SGD(1e9)}).begin("numpy")
    with pytest.raises(gn.TrainingError, match="stopped being finite at step"):
        finish(run)
    assert np.isfinite(run.state.memory.theta).all()


def test_a_start_that_was_changed_by_hand_is_kept_where_a_file_can_only_name_its_rule(tmp_path: Path) -> None:
    first = gn.Dense(5, "tanh", weights=lambda rng, shape: rng.normal(size=shape))
    model = gn.initialize(gn.Network(first, gn.Dense(), loss="squared"), X, Y, seed=5)
    model.memory.theta[3] = 0.25
    began = model.memory.theta.copy()
    gn.train(model, X, Y, epochs=1, progress=False)
    for k in range(2):  # saved, and what was loaded saved again
        model.save(tmp_path / f"{k}.glass")
        model = gn.load(tmp_path / f"{k}.glass")
        start = model.state.start
        assert model.state.seed == 5
        assert start is not None
        assert start.theta is not None  # as it would be where the seed gave it
        np.testing.assert_array_equal(start.theta, began)
