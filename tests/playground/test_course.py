"""A training that goes both ways in time."""

from dataclasses import replace

import numpy as np
import pytest

import glassnet as gn
from glassnet.parts.optimizers import RULES
from glassnet.playground.choices import Hidden
from glassnet.playground.course import Course
from glassnet.playground.setup import Setup
from glassnet.playground.stories import STORIES, story


def theta(course: Course) -> bytes:
    return course.state.memory.theta.tobytes() + course.state.memory.state.tobytes()


def noisy(optimizer: str = "adam", **choices: object) -> Setup:
    """Batches of 13, and all that draws random numbers: order, dropout; batch norm has numbers of its own."""
    layers = (Hidden(units=5, batch_norm=True), Hidden(units=3, activation="relu", dropout=0.3))
    setup = story("moons").setup()
    chosen = replace(setup.choices, layers=layers, batch_size=13, optimizer=optimizer, learning_rate=0.01)
    return replace(setup, choices=replace(chosen, **choices))


@pytest.mark.parametrize("optimizer", RULES)
def test_going_back_gives_the_bits_that_were_there(optimizer: str) -> None:
    course, seen = Course(noisy(optimizer)), {}
    course.branch.stride = 7
    for _ in range(40):
        course.take_steps(3, np.inf)
        seen[course.step] = theta(course)
    for step in (60, 3, 117, 61, 120, 0):
        course.seek(step)
        assert course.step == step
        if step in seen:
            assert theta(course) == seen[step]


def test_the_losses_by_epoch_are_those_of_a_training_that_never_went_back() -> None:
    course, straight = Course(noisy()), Course(noisy())
    straight.take_steps(100, np.inf)
    course.take_steps(100, np.inf)
    course.seek(17)
    course.seek(100)
    assert course.state.history["loss"] == straight.state.history["loss"]
    assert course.state.history["val_loss"] == straight.state.history["val_loss"]


def test_rows_batches_and_epochs_come_to_the_same_bits() -> None:
    by_rows, by_batches, by_epochs = Course(noisy()), Course(noisy()), Course(noisy())
    rows = len(by_rows.prepared.rows)
    by_rows.look_at_rows(3 * rows)
    for _ in range(3 * by_batches.batches):
        by_batches.take_steps(1, np.inf)
    by_epochs.take_steps(3 * by_epochs.batches, np.inf)
    assert by_rows.step == by_batches.step == by_epochs.step == 3 * by_epochs.batches
    assert theta(by_rows) == theta(by_batches) == theta(by_epochs)


def test_a_row_changes_nothing_until_its_batch_is_full() -> None:
    course = Course(noisy())
    before, size = theta(course), len(course.upcoming().rows)
    course.look_at_rows(size - 1)
    assert (course.cursor, course.step, theta(course)) == (size - 1, 0, before)
    course.look_at_rows(1)
    assert (course.cursor, course.step) == (0, 1)
    assert theta(course) != before


def test_the_rows_of_the_next_batch_are_those_that_are_trained_on() -> None:
    course = Course(noisy())
    steps = course.run.stepper
    for _ in range(30):
        upcoming = course.upcoming().rows
        batch = course.prepared.rows.x[upcoming]
        where = course.state.place.batch
        course.take_steps(1, np.inf)
        taken = steps.engine.batches.batches[where][0]  # gathered in the epoch's order, until the next begins
        assert np.array_equal(batch, taken)


def test_looking_at_what_comes_next_draws_nothing() -> None:
    looked, straight = Course(noisy()), Course(noisy())
    for _ in range(25):
        looked.upcoming()
        looked.take_steps(1, np.inf)
        straight.take_steps(1, np.inf)
    assert theta(looked) == theta(straight)


def test_who_goes_on_from_an_earlier_step_goes_another_way_and_can_return() -> None:
    course = Course(noisy())
    course.take_steps(60, np.inf)
    end = theta(course)
    course.seek(20)
    course.change({"learning_rate": 0.1})
    course.take_steps(10, np.inf)
    assert (course.branch.number, course.branch.begins, course.step) == (1, 20, 30)
    course.return_to(0)
    assert (course.step, theta(course)) == (60, end)
    assert course.setup.choices.learning_rate == 0.01


def test_a_changed_learning_rate_goes_on_from_the_same_numbers() -> None:
    course = Course(noisy())
    course.take_steps(24, np.inf)
    before = theta(course)
    assert not course.change({"learning_rate": 0.5})
    assert (course.step, theta(course)) == (24, before)
    assert [flag["text"] for flag in course.branch.flags()] == ["learning rate 0.01 → 0.5"]
    course.take_steps(5, np.inf)
    after = theta(course)
    course.seek(10)
    assert course.setup.choices.learning_rate == 0.01
    course.seek(29)
    assert (course.setup.choices.learning_rate, theta(course)) == (0.5, after)


def test_another_activation_keeps_the_numbers_and_other_units_do_not() -> None:
    course = Course(story("xor").setup())
    course.take_steps(10, np.inf)
    before = course.state.memory.theta.copy()
    assert not course.change({"layers": [{"units": 4, "activation": "relu"}]})
    assert np.array_equal(course.state.memory.theta, before)
    assert course.change({"layers": [{"units": 3, "activation": "relu"}]})
    assert (course.step, course.state["W1"].shape) == (0, (2, 3))


def test_going_back_before_another_activation_has_the_old_one() -> None:
    course = Course(story("xor").setup())
    course.take_steps(10, np.inf)
    at_ten = theta(course)
    course.change({"layers": [{"units": 4, "activation": "relu"}]})
    course.take_steps(10, np.inf)
    at_twenty = theta(course)
    course.seek(4)
    assert course.state.network.layers[0].activation.name == "tanh"
    course.seek(20)
    assert theta(course) == at_twenty
    course.seek(10)
    assert theta(course) == at_ten  # the same numbers, before another step was taken


def test_a_number_set_by_hand_is_there_and_the_way_before_it_too() -> None:
    course = Course(story("xor").setup())
    course.take_steps(12, np.inf)
    before = theta(course)
    course.poke("b1", (2,), 2.5)
    assert (course.step, course.state["b1"][2], course.branch.number) == (12, 2.5, 1)
    course.return_to(0)
    assert theta(course) == before


@pytest.mark.parametrize(
    ("name", "index", "value", "said"),
    [
        ("W9", (0, 0), 1.0, "unknown array of weights 'W9'"),
        ("W1", (0, 4), 1.0, "W1 has shape"),
        ("W1", (0,), 1.0, "W1 has shape"),
        ("W1", (-1, 0), 1.0, "W1 has shape"),
        ("W1", (0, 0), np.inf, "a weight must be a finite number, got inf"),
    ],
)
def test_a_number_that_is_none_is_refused(name: str, index: tuple[int, ...], value: float, said: str) -> None:
    course = Course(story("xor").setup())
    before = theta(course)
    with pytest.raises(ValueError, match=said):
        course.poke(name, index, value)
    assert theta(course) == before
    assert len(course.branches) == 1


def test_a_loss_that_breaks_stops_before_it_and_can_be_gone_back_from() -> None:
    course = Course(story("too-fast").setup())
    course.train(5.0)
    assert course.stopped is not None
    assert course.stopped.reason == "diverged"
    assert np.isfinite(course.state.memory.theta).all()
    assert "learning rate 3 is too high" in course.stopped.message
    assert course.step == course.state.place.epochs == len(course.state.history) == len(course.branch.curve.points)
    course.seek(course.step - 10)
    assert course.stopped is None
    course.change({"learning_rate": 0.1})
    course.take_steps(20, np.inf)
    assert course.stopped is None


def test_all_epochs_are_done_and_as_many_more_if_asked_again() -> None:
    setup = story("xor").setup()
    course = Course(replace(setup, choices=setup.choices.changed({"epochs": 30})))
    course.train(5.0)
    assert (course.step, course.stopped.reason if course.stopped else "") == (30, "epochs")
    course.train(5.0)
    assert course.step == 60


def test_starting_again_has_the_same_numbers_and_new_weights_have_others() -> None:
    course = Course(noisy())
    start = theta(course)
    course.take_steps(30, np.inf)
    course.begin_anew(course.setup)
    assert (course.step, theta(course)) == (0, start)
    course.begin_anew(course.setup.anew())
    assert theta(course) != start
    assert course.branches[0].last == 30  # the run that took steps is there to be returned to


def test_little_is_kept_of_a_long_way() -> None:
    course = Course(story("xor").setup())
    course.change({"epochs": 100_000})
    course.branch.stride = 1
    course.pace = 1e-9  # as if a step took no time, so that nothing but the count bounds what is kept
    for _ in range(60):
        course.take_steps(100, np.inf)
    assert len(course.branch.kept) < 1100
    assert 0 in course.branch.kept
    course.seek(4321)
    assert course.step == 4321


@pytest.mark.parametrize("name", [item.name for item in STORIES])
def test_every_story_trains_and_goes_back(name: str) -> None:
    course = Course(story(name).setup())
    course.take_steps(12, np.inf)
    there = theta(course)
    course.take_steps(12, np.inf)
    course.seek(12)
    assert theta(course) == there


def test_the_tutorial_starts_as_the_tutorial_does() -> None:
    from glassnet.reproduce.xor import start

    state = Course(story("stuck").setup()).state
    for name, array in zip(("W1", "W2"), start(42, 2), strict=True):
        assert np.array_equal(state[name], array)


def test_a_model_goes_on_from_where_it_is() -> None:
    from glassnet.playground.brought import setup_of_given

    X, y = gn.datasets.moons(60)
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense())
    model = gn.train(network, X, y, epochs=5, optimizer=gn.SGD(0.5), seed=1, engine="numpy", progress=False)
    weights = model.memory.theta.copy()
    course = Course(setup_of_given(model, X, y, {}))
    assert np.array_equal(course.state.memory.theta, weights)
    assert course.setup.choices.optimizer == "sgd"
    course.take_steps(4, np.inf)
    assert np.array_equal(model.memory.theta, weights)  # the model itself is left as it is
    with pytest.raises(ValueError, match="layers was decided with the network that was given"):
        course.change({"layers": [{"units": 3}]})
