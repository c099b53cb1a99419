"""Going on, repeating, and looking in between change no bit."""

import random
import threading
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.model.model import Model
from glassnet.training.alone import alone

RNG = np.random.default_rng(4)
X = RNG.normal(size=(11, 3))
Y = RNG.normal(size=(11, 2))
NETWORK = gn.Network(gn.Dense(5, "tanh"), gn.BatchNorm(), gn.Dropout(0.3), gn.Dense(2), loss="squared")
OPTIONS: dict[str, Any] = {
    "optimizer": gn.Adam(gn.schedule("cosine", 0.05, epochs=8, warm_up=2)),
    "batch_size": 3,
}


def same(a: Model, b: Model) -> None:
    np.testing.assert_array_equal(a.memory.theta, b.memory.theta)
    np.testing.assert_array_equal(a.memory.state, b.memory.state)
    assert a.history.columns == b.history.columns
    assert (a.epochs, a.memory.t) == (b.epochs, b.memory.t)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("validation", [None, 0.2])
def test_four_epochs_and_six_are_ten(dtype: str, validation: float | None) -> None:
    options = {**OPTIONS, "validation": validation}
    whole = gn.train(NETWORK, X, Y, epochs=10, seed=1, dtype=dtype, **options)
    parts = gn.train(NETWORK, X, Y, epochs=4, seed=1, dtype=dtype, **options)
    assert gn.train(parts, X, Y, epochs=6, **options) is parts
    same(whole, parts)


def test_the_optimizer_is_remembered() -> None:
    parts = gn.train(NETWORK, X, Y, epochs=4, seed=1, **OPTIONS)
    gn.train(parts, X, Y, epochs=6, batch_size=3)
    same(parts, gn.train(NETWORK, X, Y, epochs=10, seed=1, **OPTIONS))


def test_another_optimizer_starts_anew() -> None:
    model = gn.train(NETWORK, X, Y, epochs=2, seed=1, optimizer="adam")
    gn.train(model, X, Y, epochs=1, optimizer="amsgrad", batch_size=None)
    assert model.memory.t == 1
    assert set(model.memory.slots) == {"m", "v", "v_max"}
    gn.train(model, X, Y, epochs=1, optimizer="adam", batch_size=None)
    gn.train(model, X, Y, epochs=1, optimizer="nadam", batch_size=None)  # of the same slots, which are another's
    assert model.memory.t == 1


def test_a_table_goes_on_too_with_the_same_rows_held_out() -> None:
    options: dict[str, Any] = {"target": "species", "validation": 0.25, "batch_size": 50}
    network = gn.Network(gn.Dense(4, "tanh"), gn.Dense())
    table = gn.datasets.penguins()
    whole = gn.train(network, table, epochs=5, seed=1, **options)
    parts = gn.train(network, table, epochs=2, seed=1, **options)
    gn.train(parts, table, epochs=3, **options)
    same(whole, parts)


def test_the_same_seed_gives_the_same_bits_and_another_one_others() -> None:
    one, two, three = (gn.train(NETWORK, X, Y, epochs=3, seed=seed, **OPTIONS) for seed in (7, 7, 8))
    same(one, two)
    assert (one.memory.theta != three.memory.theta).any()


def test_a_generator_is_a_seed_too() -> None:
    one = gn.train(NETWORK, X, Y, epochs=3, seed=np.random.default_rng(7), **OPTIONS)
    same(one, gn.train(NETWORK, X, Y, epochs=3, seed=7, **OPTIONS))


def test_the_generator_of_events_trains_the_same() -> None:
    model = gn.initialize(NETWORK, X, Y, seed=7)
    events = list(gn.training(model, X, Y, epochs=3, **OPTIONS))
    same(model, gn.train(NETWORK, X, Y, epochs=3, seed=7, **OPTIONS))
    assert [type(event).__name__ for event in events] == ["Epoch"] * 3 + ["Stopped"]
    assert [event.epoch for event in events[:3]] == [1, 2, 3]
    assert [event.step for event in events[:3]] == [4, 8, 12]
    assert [event.loss for event in events[:3]] == model.history["loss"]


def test_looking_at_every_epoch_changes_nothing() -> None:
    seen: list[Any] = []
    looked = gn.train(NETWORK, X, Y, epochs=50, seed=7, callbacks=[lambda e, m: seen.append(e)], **OPTIONS)
    same(looked, gn.train(NETWORK, X, Y, epochs=50, seed=7, **OPTIONS))
    assert len(seen) == 51
    assert all(len(event.losses) == 1 for event in seen[:-1])


def test_validation_changes_neither_the_starting_weights_nor_what_is_drawn() -> None:
    plain = gn.train(NETWORK, X, Y, epochs=3, seed=7, **OPTIONS)
    watched = gn.train(NETWORK, X, Y, epochs=3, seed=7, validation=(X[:2], Y[:2]), **OPTIONS)
    np.testing.assert_array_equal(plain.memory.theta, watched.memory.theta)
    untrained = gn.initialize(NETWORK, X, Y, seed=7)
    held_out = gn.train(NETWORK, X, Y, epochs=1, seed=7, validation=0.2, optimizer=gn.SGD(1e-300))
    np.testing.assert_array_equal(held_out["W1"], untrained["W1"])


def test_leaving_the_loop_early_leaves_a_model_of_the_last_event() -> None:
    model = gn.initialize(NETWORK, X, Y, seed=7)
    for event in gn.training(model, X, Y, epochs=10, **OPTIONS):
        if isinstance(event, gn.Epoch) and event.epoch == 3:
            break
    same(model, gn.train(NETWORK, X, Y, epochs=3, seed=7, **OPTIONS))
    gn.train(model, X, Y, epochs=2, **OPTIONS)
    same(model, gn.train(NETWORK, X, Y, epochs=5, seed=7, **OPTIONS))


def test_global_random_numbers_are_neither_used_nor_moved() -> None:
    def state() -> Any:
        kind, keys, *rest = np.random.get_state()  # noqa: NPY002
        return kind, keys.tolist(), rest, random.getstate()

    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    before = state()
    one = gn.train(NETWORK, X, Y, epochs=3, seed=7, validation=0.2, **OPTIONS)
    assert state() == before
    np.random.seed(2)  # noqa: NPY002
    random.seed(2)
    same(one, gn.train(NETWORK, X, Y, epochs=3, seed=7, validation=0.2, **OPTIONS))


def test_data_are_not_changed() -> None:
    x, y, w = X.copy(), Y.copy(), np.ones(11)
    for array in (x, y, w):
        array.setflags(write=False)
    gn.train(NETWORK, x, y, epochs=2, sample_weight=w, shuffle=False, batch_size=None)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)


FORMS: dict[str, Any] = {
    "list": lambda a: a.tolist(),
    "Fortran order": np.asfortranarray,
    "every second row of a larger array": lambda a: np.repeat(a, 2, axis=0)[::2],
    "read-only": lambda a: np.frombuffer(a.tobytes()).reshape(a.shape),
    "objects": lambda a: a.astype(object),
    "reversed twice": lambda a: a[::-1][::-1],
    "long double": lambda a: a.astype(np.longdouble),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_an_array_does_not_matter(form: str) -> None:
    model = gn.train(NETWORK, FORMS[form](X), FORMS[form](Y), epochs=2, seed=7, **OPTIONS)
    same(model, gn.train(NETWORK, X, Y, epochs=2, seed=7, **OPTIONS))
    np.testing.assert_array_equal(model.predict(FORMS[form](X)), model.predict(X))


@pytest.mark.parametrize("kind", [bool, np.int8, np.uint64, np.float16])
def test_other_numbers_become_float64(kind: Any) -> None:
    x = (X > 0).astype(kind)
    model = gn.train(NETWORK, x, Y, epochs=2, seed=7, **OPTIONS)
    assert model.dtype == np.float64
    same(model, gn.train(NETWORK, x.astype(float), Y, epochs=2, seed=7, **OPTIONS))


def test_float32_in_float32_out() -> None:
    model = gn.train(NETWORK, X.astype(np.float32), Y, epochs=2, validation=0.2, **OPTIONS)
    numbers = [*model.memory.arrays().values(), model.predict(X.astype(np.float32)), model.predict(X)]
    assert {array.dtype.name for array in numbers} == {"float32"}
    assert gn.train(NETWORK, X.astype(np.float32), Y, epochs=1, dtype="float64").dtype == np.float64


@pytest.mark.parametrize("size", [1, 4, 11, 12, 1000, None])
def test_every_batch_size_gives_finite_numbers_and_as_many_steps(size: int | None) -> None:
    model = gn.train(NETWORK, X, Y, epochs=2, batch_size=size, seed=0)
    assert model.memory.t == 2 * -(-11 // min(size or 11, 11))
    assert np.isfinite(model.memory.theta).all()
    assert np.isfinite(model.predict(X)).all()


def test_frozen_numbers_do_not_move_by_one_bit() -> None:
    mask = np.zeros((3, 5), bool)
    mask[1, 2] = mask[0, 4] = True
    for rule in ("sgd", "adamw", "rprop", "momentum"):
        network = gn.Network(gn.Dense(5, "tanh"), gn.Dense(2), loss="squared", l1=0.01, l2=0.1)
        model = gn.initialize(network, X, Y, seed=3)
        model.freeze("W1", mask)
        model.freeze(2)
        before = {name: array.copy() for name, array in model.weights.items()}
        gn.train(model, X, Y, epochs=4, optimizer=gn.optimizer(rule, 0.1), batch_size=4)
        np.testing.assert_array_equal(model["W1"][mask], before["W1"][mask])
        np.testing.assert_array_equal(model["W2"], before["W2"])
        np.testing.assert_array_equal(model["b2"], before["b2"])
        assert (model["W1"][~mask] != before["W1"][~mask]).all()
        model.unfreeze()
        gn.train(model, X, Y, epochs=1)
        assert (model["W1"][mask] != before["W1"][mask]).all()


def test_a_second_thread_that_trains_the_same_model_is_refused_and_harms_nothing() -> None:
    model, alone = (gn.initialize(NETWORK, X, Y, seed=1) for _ in range(2))
    refused: list[BaseException] = []

    def train_as_well() -> None:
        try:
            gn.train(model, X, Y, epochs=3, **OPTIONS)
        except RuntimeError as error:
            refused.append(error)

    def meanwhile(event: Any, _: Model) -> None:
        if isinstance(event, gn.Epoch):
            thread = threading.Thread(target=train_as_well)
            thread.start()
            thread.join()

    gn.train(model, X, Y, epochs=2, callbacks=[meanwhile], **OPTIONS)
    assert [str(error) for error in refused] == [
        "another thread trains this model; wait until it is done, or train a copy of it"
    ] * 2
    same(model, gn.train(alone, X, Y, epochs=2, **OPTIONS))
    gn.train(model, X, Y, epochs=1, **OPTIONS)  # and afterwards it is free


def test_a_callback_that_fails_leaves_the_model_free_for_other_threads() -> None:
    model = gn.initialize(NETWORK, X, Y, seed=1)

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        gn.train(model, X, Y, epochs=2, callbacks=[fail], **OPTIONS)
    thread = threading.Thread(target=gn.train, args=(model, X, Y), kwargs={"epochs": 1, **OPTIONS})
    before = model.epochs
    thread.start()
    thread.join()
    assert model.epochs == before + 1


def test_a_callback_that_trains_further_leaves_the_model_to_its_trainer() -> None:
    model = gn.initialize(NETWORK, X, Y, seed=1)
    refused: list[str] = []

    def elsewhere() -> None:
        try:
            with alone(model.state):
                pass
        except RuntimeError as error:
            refused.append(str(error))

    def ask() -> int:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        return len(refused)

    with alone(model.state):
        with alone(model.state):
            assert ask() == 1
        assert ask() == 2  # the outer one goes on
    assert ask() == 2


def test_an_array_of_a_frozen_layer_can_be_let_go_alone() -> None:
    model = gn.initialize(gn.Network(gn.Dense(5, "tanh"), gn.Dense(2), loss="squared"), X, Y, seed=3)
    before = {name: array.copy() for name, array in model.weights.items()}
    model.freeze(1)
    model.unfreeze("b1")
    gn.train(model, X, Y, epochs=1, **OPTIONS)
    moved = {name for name, array in model.weights.items() if not np.array_equal(array, before[name])}
    assert moved == {"b1", "W2", "b2"}
