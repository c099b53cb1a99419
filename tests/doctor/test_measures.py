"""What is measured in a network, on networks whose units are dead, alike or flat by construction."""

from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.doctor.case import Case
from glassnet.doctor.given import Given
from glassnet.doctor.measures import Trace, traced
from glassnet.training.settings import Settings

from .cases import rings

X, y = rings(97)


def trace_of(*layers: Any, rate: Any = 1e-6) -> Trace:
    network = gn.Network(*layers, gn.Dense())
    how = Settings(optimizer=gn.SGD(rate), epochs=4)
    return traced(Case(network=network, how=how, given=Given.of(X, y, {}, None)), 0)


def test_units_that_say_nothing_are_named() -> None:
    biases = np.array([-100.0, 0.5, -100.0, 0.5, 0.5])
    layer = trace_of(gn.Dense(5, "relu", biases=biases)).first.hidden[0]
    assert layer.dead == (0, 2)


def test_rows_for_which_a_whole_layer_is_silent_are_counted() -> None:
    W = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])  # all units look at the sign of the first column
    trace = trace_of(gn.Dense(3, "relu", weights=W))
    case = Case(network=gn.Network(gn.Dense()), how=Settings(), given=Given.of(X, y, {}, None))
    assert trace.first.hidden[0].silent == pytest.approx(float((case.rows.x[:, 0] <= 0.0).mean()))


def test_units_that_start_alike_are_counted() -> None:
    W = np.full((2, 7), 0.3)
    first, second = trace_of(gn.Dense(7, "tanh", weights=W), gn.Dense(5, "tanh")).first.hidden
    assert (first.alike, second.alike) == (6, 0)


def test_values_where_the_activation_is_flat_are_counted() -> None:
    flat = trace_of(gn.Dense(3, "tanh", biases=np.array([50.0, 0.0, -50.0]))).first.hidden[0]
    assert flat.saturated == pytest.approx(2 / 3, abs=0.01)


def test_gradients_shrink_through_sigmoids() -> None:
    look = trace_of(*(gn.Dense(5, "sigmoid") for _ in range(6))).first
    assert look.hidden[0].gradient < 1e-3 * look.last_gradient


def test_a_training_is_looked_at_from_its_start_to_its_end() -> None:
    trace = trace_of(gn.Dense(5, "relu"), rate=0.1)
    assert [look.epoch for look in trace.looks] == [0, 1, 2, 3, 4]
    assert len(trace.losses) == 4
    assert trace.moved > trace_of(gn.Dense(5, "relu")).moved > 0.0


def test_what_follows_a_schedule_is_looked_at_as_it_is_trained() -> None:
    layers = (gn.Dense(5, "relu"), gn.Dropout(gn.schedule("flat_cosine", 0.5)))
    assert len(trace_of(*layers, rate=gn.schedule("log_cosine", 1e-6)).looks) > 1
