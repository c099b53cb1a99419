"""When training ends: all epochs done, early, on request, by Ctrl-C, or because a number broke."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.model.model import Model

RNG = np.random.default_rng(4)
X = RNG.normal(size=(23, 3))
Y = RNG.normal(size=(23, 2))
NETWORK = gn.Network(gn.Dense(5, "tanh"), gn.BatchNorm(), gn.Dense(2), loss="squared")


# early stopping


@pytest.mark.parametrize("metrics", [None, "mae"])
@pytest.mark.parametrize("patience", [1, 5])
def test_the_weights_of_the_best_epoch_are_kept(metrics: Any, patience: int) -> None:
    seen: list[Any] = []

    def look(event: Any, model: Model) -> None:
        seen.append((model.memory.theta.copy(), model.memory.state.copy()))

    model = gn.train(NETWORK, X, Y, optimizer=gn.Adam(0.05), epochs=300, validation=0.3, metrics=metrics, seed=1,
                     early_stopping=patience, callbacks=[look])  # fmt: skip
    losses = model.history["val_loss"]
    best = int(np.argmin(losses))
    assert model.history.best_epoch == best + 1
    assert model.history.stopped == "early"
    assert len(losses) == best + 1 + patience
    np.testing.assert_array_equal(model.memory.theta, seen[best][0])
    np.testing.assert_array_equal(model.memory.state, seen[best][1])


def test_a_score_that_rises_is_watched_the_other_way_round() -> None:
    stopping = gn.EarlyStopping(patience=4, monitor="val_r2")
    model = gn.train(NETWORK, X, Y, optimizer=gn.Adam(0.05), epochs=300, validation=0.3, metrics=["r2"],
                     early_stopping=stopping, seed=1)  # fmt: skip
    assert model.history.best_epoch == int(np.argmax(model.history["val_r2"])) + 1


def test_without_validation_rows_the_training_loss_is_watched() -> None:
    stopping = gn.EarlyStopping(patience=2, min_delta=0.5)
    model = gn.train(NETWORK, X, Y, epochs=50, early_stopping=stopping, seed=1)
    assert model.history.stopped == "early"
    assert model.history.best_epoch is not None


def test_the_best_weights_are_kept_also_when_all_epochs_are_done() -> None:
    model = gn.train(NETWORK, X, Y, optimizer=gn.Adam(0.2), epochs=40, validation=0.3, seed=1, early_stopping=1000)
    assert model.history.stopped == "epochs"
    assert model.history.best_epoch == int(np.argmin(model.history["val_loss"])) + 1


CLASSES = (Y[:, 0] > 0).astype(int)


@pytest.mark.parametrize("ties", ["first", "last"])
@pytest.mark.parametrize("patience", [None, 4])
def test_of_epochs_that_are_as_good_the_first_or_the_last_is_kept(ties: Any, patience: int | None) -> None:
    stopping = gn.EarlyStopping(patience, monitor="val_accuracy", ties=ties)
    network, seen = gn.Network(gn.Dense(5, "tanh"), gn.Dense()), []
    how: dict[str, Any] = {"optimizer": gn.Adam(0.05), "epochs": 30, "validation": 0.4, "early_stopping": stopping}

    def look(event: Any, model: Model) -> None:
        seen.append(model.memory.theta.copy())

    model = gn.train(network, X, CLASSES, seed=3, callbacks=[look], **how)
    scores = model.history["val_accuracy"]
    assert max(scores[:-1].count(score) for score in scores) > 1  # there are ties
    best, waited = 0, 0  # by hand
    for k, score in enumerate(scores):
        waited = 0 if k == 0 or score > scores[best] else waited + 1
        if score > scores[best] or (ties == "last" and score == scores[best]):
            best = k
        assert patience is None or waited < patience or k == len(scores) - 1
    assert len(scores) == 30 if patience is None else waited == patience or len(scores) == 30
    assert model.history.best_epoch == best + 1
    np.testing.assert_array_equal(model.memory.theta, seen[best])
    runs = gn.train_many(network, X, CLASSES, seeds=[2, 3], **how)
    assert runs[1].history.best_epoch == best + 1
    np.testing.assert_allclose(runs[1].memory.theta, model.memory.theta, rtol=1e-9)


def test_only_epochs_where_the_learning_rate_rests_are_looked_at() -> None:
    # log_cosine over 15 epochs is 0 after 1, 3, 7 and 15
    rule = gn.Adam(gn.schedule("log_cosine", 0.3))
    how: dict[str, Any] = {"optimizer": rule, "epochs": 15, "validation": 0.3, "seed": 2}
    losses = gn.train(NETWORK, X, Y, **how).history["val_loss"]
    rests = [1, 3, 7, 15]
    assert min(losses) < min(losses[k - 1] for k in rests)  # so that it makes a difference
    model = gn.train(NETWORK, X, Y, early_stopping=gn.EarlyStopping(None, among="rests"), **how)
    assert model.history.best_epoch == min(rests, key=lambda k: losses[k - 1])
    given = gn.train(NETWORK, X, Y, early_stopping=gn.EarlyStopping(None, among=(2, 9)), **how)
    assert given.history.best_epoch == min((2, 9), key=lambda k: losses[k - 1])
    assert gn.EarlyStopping(among="rests").over(0.1, 3).among == (1, 2, 3)  # a constant rate


@pytest.mark.parametrize("among", ["rest", [0], 3])
def test_epochs_to_look_at_are_checked(among: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="among"):
        gn.EarlyStopping(among=among)


def test_a_loss_that_is_never_finite_is_never_kept() -> None:
    stopping = gn.EarlyStopping(None, ties="last")
    assert not stopping.is_kept(np.inf, np.inf)
    assert not stopping.is_kept(np.nan, np.inf)
    assert stopping.is_kept(1.0, np.inf)
    assert stopping.is_kept(1.0, 1.0)
    with pytest.raises(ValueError, match="unknown ties 'best'; known are first, last"):
        gn.EarlyStopping(ties="best")  # type: ignore[arg-type]  # that is the point


def test_a_later_training_forgets_how_the_last_one_ended() -> None:
    model = gn.train(NETWORK, X, Y, epochs=200, validation=0.3, seed=1, early_stopping=1, optimizer=gn.Adam(0.1))
    gn.train(model, X, Y, epochs=1)
    assert (model.history.stopped, model.history.best_epoch) == ("epochs", None)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"early_stopping": "soon"},
            r"early_stopping must be a whole number >= 1 \(a patience\), True or EarlyStopping",
        ),
        ({"early_stopping": 0}, r"early_stopping must be a whole number >= 1 \(a patience\), .*got 0"),
        ({"early_stopping": gn.EarlyStopping(monitor="val_mse")}, "unknown column to watch .* known are loss"),
        ({"early_stopping": gn.EarlyStopping(monitor="mine"), "metrics": lambda y, p: 1.0}, "unknown column"),
    ],
)
def test_what_cannot_be_watched_is_refused_before_training(given: dict[str, Any], message: str) -> None:
    model = gn.initialize(NETWORK, X, Y, seed=1)
    before = model.memory.theta.copy()
    with pytest.raises((ValueError, TypeError), match=message):
        gn.train(model, X, Y, epochs=3, **given)
    np.testing.assert_array_equal(model.memory.theta, before)


def test_of_ones_own_metric_it_must_be_said_which_is_better() -> None:
    def score(y: np.ndarray, predicted: np.ndarray) -> float:
        return float(np.mean(y * predicted))

    options: dict[str, Any] = {"epochs": 3, "metrics": [score], "validation": 0.3}
    with pytest.raises(ValueError, match="'val_score' needs mode='min' or mode='max'"):
        gn.train(NETWORK, X, Y, early_stopping=gn.EarlyStopping(monitor="val_score"), **options)
    model = gn.train(NETWORK, X, Y, early_stopping=gn.EarlyStopping(monitor="val_score", mode="max"), **options)
    assert model.history.best_epoch == int(np.argmax(model.history["val_score"])) + 1


def test_a_validation_loss_that_is_never_finite_stops_and_keeps_the_last_weights() -> None:
    huge = np.full((2, 2), 1e200)  # its square is not finite
    model = gn.train(NETWORK, X, Y, epochs=50, validation=(X[:2], huge), early_stopping=3, seed=1)
    assert model.history.stopped == "early"
    assert model.epochs == 3
    assert model.history.best_epoch is None


# callbacks


def test_a_callback_that_returns_true_stops_training() -> None:
    model = gn.train(NETWORK, X, Y, epochs=50, seed=1, callbacks=[lambda e, m: m.epochs == 4])
    assert (model.epochs, model.history.stopped) == (4, "interrupted")


def test_what_a_callback_raises_comes_out_and_the_model_is_whole() -> None:
    def fails(event: Any, model: Model) -> None:
        if model.epochs == 3:
            raise LookupError("mine")

    model = gn.initialize(NETWORK, X, Y, seed=7)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(LookupError, match="mine"):
        gn.train(model, X, Y, epochs=10, callbacks=[fails], progress=False)
    assert signal.getsignal(signal.SIGINT) is before
    other = gn.train(NETWORK, X, Y, epochs=3, seed=7)
    np.testing.assert_array_equal(model.memory.theta, other.memory.theta)
    assert model.history.columns == other.history.columns
    gn.train(model, X, Y, epochs=2)
    np.testing.assert_array_equal(model.memory.theta, gn.train(NETWORK, X, Y, epochs=5, seed=7).memory.theta)


def test_callbacks_see_the_weights_of_their_event() -> None:
    seen: list[Any] = []

    def look(event: Any, model: Model) -> None:
        seen.append((type(event).__name__, model.epochs, model.evaluate(X, Y)["loss"]))

    gn.train(NETWORK, X, Y, epochs=3, metrics=[], validation=(X, Y), callbacks=look, seed=1)
    assert [item[:2] for item in seen] == [("Epoch", 1), ("Epoch", 2), ("Epoch", 3), ("Stopped", 3)]
    assert len({item[2] for item in seen}) == 3


# Ctrl-C

INTERRUPTED = """
import numpy as np, glassnet as gn, sys, time
rng = np.random.default_rng(0)
X, Y = rng.normal(size=({rows}, 20)), rng.normal(size=({rows}, 1))
network = gn.Network(gn.Dense({units}, "tanh"), gn.Dense(1), loss="squared")
def started(event, model):
    if event[0] == 1:
        print("started", flush=True)
try:
    model = gn.train(network, X, Y, epochs=10**7, batch_size={size}, seed=0, engine="numpy"{more})
except KeyboardInterrupt:
    print("KeyboardInterrupt")
    sys.exit(130)
print(model.history.stopped, np.isfinite(model.predict(X)).all(), model.epochs == len(model.history))
gn.train(model, X, Y, epochs=1)
print("went on")
"""


def interrupted(signals: int, **settings: Any) -> tuple[list[str], int]:
    """What a process says that is sent SIGINT while it trains, and its exit status."""
    code = INTERRUPTED.format(**{"rows": 200, "units": 8, "size": 32, "more": "", **settings})
    if not settings.get("more"):
        code = code.replace("try:", "print('started', flush=True)\ntry:")
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        time.sleep(0.3)
        for _ in range(signals):
            process.send_signal(signal.SIGINT)
            time.sleep(0.05)
        said = process.stdout.read().splitlines()
        process.wait(20)
        return said, process.returncode


@pytest.mark.parametrize("settings", [{}, {"size": None}, {"more": ", callbacks=[started]"}])
def test_ctrl_c_leaves_a_model_that_can_be_used(settings: dict[str, Any]) -> None:
    said, status = interrupted(1, **settings)
    assert said == ["interrupted True True", "went on"]  # how soon: benchmarks/waiting.py
    assert status == 0


def test_a_second_ctrl_c_stops_at_once() -> None:
    # the callback holds training up, so that the first one cannot be served
    said, status = interrupted(2, more=", callbacks=[started, lambda e, m: time.sleep(30)]")
    assert said == ["KeyboardInterrupt"]  # within the callback: after it, the first one would have been served
    assert status == 130


def test_other_peoples_handlers_are_left_alone() -> None:
    asked: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: asked.append(number))
    try:
        model = gn.train(NETWORK, X, Y, epochs=3, callbacks=[lambda e, m: os.kill(os.getpid(), signal.SIGINT)])
    finally:
        signal.signal(signal.SIGINT, before)
    assert model.history.stopped == "epochs"
    assert len(asked) == 4


def test_training_works_outside_the_main_thread() -> None:
    found: list[Model] = []
    thread = threading.Thread(target=lambda: found.append(gn.train(NETWORK, X, Y, epochs=2, seed=1)))
    thread.start()
    thread.join()
    np.testing.assert_array_equal(found[0].memory.theta, gn.train(NETWORK, X, Y, epochs=2, seed=1).memory.theta)


# divergence

WILD: list[dict[str, Any]] = [
    {},
    {"batch_size": 7},
    {"batch_size": None},
    {"batch_size": None, "watched": True},
    {"batch_size": None, "validation": 0.2},
    {"batch_size": 7, "validation": 0.2, "early_stopping": True},
]


def test_a_loss_that_grows_beyond_all_bounds_and_stays_finite_is_told() -> None:
    network, x, y = gn.Network(gn.Dense(1)), X[:, :1], 3.0 * X[:, 0]
    rate = 9.0 / float(np.mean(x**2))  # a step makes the distance several times as large, and a loss the square of that

    def trained(epochs: int, **options: Any) -> Model:
        rule = gn.SGD(rate)
        return gn.train(network, x, y, epochs=epochs, optimizer=rule, batch_size=None, seed=1, **options)

    losses = trained(2).history["loss"]
    assert losses[0] < losses[1] < 1e6 * losses[0]  # and no warning, which would be an error
    with pytest.warns(RuntimeWarning, match=r"diverged: the loss grew from .* in epoch 1 to .*e\+\d+ in epoch 20; why"):
        model = trained(20, progress=False)
    assert model.history.stopped == "epochs"
    assert np.isfinite(model.predict(x)).all()
    trained(20, validation=(x, y), early_stopping=30)  # it keeps the weights of the best epoch


def test_a_gradient_that_overflows_is_not_told_to_be_the_learning_rate() -> None:
    @gn.loss
    def huge(y: Any, p: Any) -> Any:
        return -1e300 * (p - y) ** 2

    network = gn.Network(gn.Dense(5, "relu"), gn.Dense(2), loss=huge)
    with pytest.raises(gn.TrainingError, match="stopped being finite") as caught:
        gn.train(network, X, Y, epochs=5, seed=1)
    assert "learning rate" not in str(caught.value)
    assert "which is no leap, so the steps are not known to be too long" in str(caught.value)


@pytest.mark.parametrize("options", WILD)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("rule", ["sgd", "momentum"])
def test_a_loss_that_is_not_finite_stops_training(options: dict[str, Any], dtype: str, rule: str) -> None:
    network = gn.Network(gn.Dense(5, "relu"), gn.Dropout(0.2), gn.Dense(2), loss="squared")
    seen: list[np.ndarray] = []
    options = dict(options)
    if options.pop("watched", False):
        options["callbacks"] = [lambda event, model: seen.append(model.memory.theta.copy())]
    with pytest.raises(gn.TrainingError) as caught:
        gn.train(network, X, Y, epochs=100, optimizer=gn.optimizer(rule, 30.0), dtype=dtype, seed=1, **options)
    message, model = str(caught.value), caught.value.model
    assert f"step {model.memory.t + 2} (epoch " in message  # the step before it is undone
    assert "first in " in message
    assert "likely cause: the learning rate 30 is too high" in message
    assert message.endswith("try 0.01, or clip_norm=1; why: gn.diagnose(network, X, y, …)")
    assert np.isfinite(model.memory.theta).all()
    assert np.isfinite(model.predict(X)).all()
    assert np.isfinite(model.history["loss"]).all()
    assert len(model.history) == model.epochs
    assert model.history.stopped == "diverged"
    assert all(np.isfinite(theta).all() for theta in seen)


def test_the_weights_kept_are_those_before_the_step_that_broke_them() -> None:
    options: dict[str, Any] = {"optimizer": gn.SGD(20.0), "batch_size": None, "seed": 1}
    with pytest.raises(gn.TrainingError) as caught:
        gn.train(NETWORK, X, Y, epochs=1000, **options)
    model = caught.value.model
    steps = model.memory.t
    with pytest.warns(RuntimeWarning, match="training diverged"):
        again = gn.train(NETWORK, X, Y, epochs=steps, **options)
    np.testing.assert_array_equal(model.memory.theta, again.memory.theta)
    assert np.isfinite(model.evaluate(X, Y)["loss"])


def test_weights_that_break_in_the_very_last_step_are_not_given_out() -> None:
    with pytest.raises(gn.TrainingError, match=r"step 2 \(epoch 2\), first in layer 1, z1 = x @ W1 \+ b1") as caught:
        gn.train(gn.Network(gn.Dense(2), loss="squared"), X, 1e3 * Y, epochs=1, batch_size=None, seed=1,
                 optimizer=gn.SGD(1e308))  # fmt: skip
    assert np.isfinite(caught.value.model.predict(X)).all()


def test_unscaled_inputs_are_named_as_the_cause() -> None:
    wide = X.copy()
    wide[:, 1] *= 1e300
    with pytest.raises(
        gn.TrainingError, match=r"column 2 of the inputs reaches \d.*e\+300; scale each column"
    ) as caught:
        gn.train(gn.Network(gn.Dense(3, "relu"), gn.Dense(2), loss="squared"), wide, Y, epochs=3, seed=1)
    assert np.isfinite(caught.value.model.memory.theta).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_that_break_where_the_loss_does_not_show_it_stop_training_too(dtype: str) -> None:
    large = 1e25 if dtype == "float32" else 1e200  # its square is not finite
    labels = np.array(["a", "b"])[np.arange(23) % 2]
    options: dict[str, Any] = {"epochs": 9, "dtype": dtype, "seed": 1}
    with pytest.raises(gn.TrainingError, match=r"what adam remembers .* stopped being finite"):
        gn.train(gn.Network(gn.Dense(3, "relu"), gn.Dense()), X * large, labels, **options)
    with pytest.raises(gn.TrainingError, match=r"first in layer 1, var1 = .* scale each column") as caught:
        gn.train(gn.Network(gn.BatchNorm(), gn.Dense(2), loss="squared"), X * large, Y, **options)
    model = caught.value.model
    assert np.isfinite(model.memory.state).all()
    assert model.memory.t == model.epochs - 1 == len(model.history) - 1 == 0


def test_unscaled_targets_are_named_as_the_cause() -> None:
    with pytest.raises(gn.TrainingError, match=r"the targets reach 1e\+200; scale them"):
        gn.train(NETWORK, X, np.full((23, 2), 1e200), epochs=3)


def test_a_formula_that_cannot_take_what_it_gets_is_named() -> None:
    def logarithm(z: Any) -> Any:
        return np.log(z)

    with pytest.raises(gn.TrainingError, match=r"step 1 \(epoch 1\), first in layer 1, a1 = logarithm\(z1\); it is so"):
        gn.train(gn.Network(gn.Dense(5, logarithm), gn.Dense(2), loss="squared"), X, Y, epochs=3)


def test_events_end_with_the_reason() -> None:
    model = gn.initialize(NETWORK, X, Y, seed=1)
    with pytest.warns(RuntimeWarning, match="training diverged: the loss grew"):
        *_, last = gn.training(model, X, Y, epochs=1000, optimizer=gn.SGD(1e9), batch_size=None)
    assert isinstance(last, gn.Stopped)
    assert last.reason == "diverged"
    assert "clip_norm" in last.message


def test_training_goes_on_from_the_last_good_weights() -> None:
    model = gn.initialize(NETWORK, X, Y, seed=1)
    with pytest.raises(gn.TrainingError):
        gn.train(model, X, Y, epochs=1000, optimizer=gn.SGD(1e9))
    assert gn.train(model, X, Y, epochs=3, optimizer=gn.Adam()).history.stopped == "epochs"


def test_every_step_is_finite_or_undone_whatever_the_learning_rate() -> None:
    for power, rule in itertools.product((0, 3, 50, 150, 300), ("sgd", "adam", "rmsprop")):
        try:
            model = gn.train(NETWORK, X, Y, epochs=5, optimizer=gn.optimizer(rule, 10.0**power), seed=1, batch_size=7)
        except gn.TrainingError as error:
            model = error.model
        assert np.isfinite(model.memory.theta).all(), (power, rule)
