"""Trainings of the doctor are those of `train`."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.doctor.case import Case
from glassnet.doctor.given import Given
from glassnet.doctor.reruns import reruns
from glassnet.training.settings import Settings

from .cases import network, rings

X, y = rings(97)


def case(**how: object) -> Case:
    given = Given.of(X, y, {}, None)
    return Case(network=network(7), how=Settings(**{"epochs": 5, **how}), given=given)  # type: ignore[arg-type]  # of Settings


def test_each_seed_ends_as_train_does_from_it_on_the_same_rows() -> None:
    asked = case()
    ends = reruns([asked, case(epochs=3)], [0, 11])
    division = asked.given.division
    assert division is not None
    for end in ends[0]:
        held = (X[division.held_out], y[division.held_out])
        how: dict[str, Any] = {"epochs": 5, "seed": end.seed, "validation": held, "kind": "classes"}
        model = gn.train(asked.network, X[division.train], y[division.train], **how)
        np.testing.assert_allclose(end.state.memory.theta, model.memory.theta, rtol=1e-9)
        assert end.held_error == pytest.approx(1.0 - model.history["val_accuracy"][-1])
    assert [len(end.losses) for of in ends for end in of] == [5, 5, 3, 3]


def test_a_quarter_of_the_rows_is_held_out_and_none_of_few() -> None:
    asked = case()
    assert asked.course.held_out is not None
    assert (len(asked.rows), len(asked.course.held_out)) == (73, 24)
    few = Given.of(X[:39], y[:39], {}, None)
    assert few.division is None


def test_frozen_numbers_stay_as_they_start() -> None:
    (free,) = reruns([case()], [0])
    (frozen,) = reruns([replace(case(), frozen={"W1": np.ones((2, 7), bool)})], [0])
    start = frozen[0].state.start
    assert start is not None
    first = frozen[0].state.memory.layout.views(start.theta)["W1"]
    np.testing.assert_array_equal(frozen[0].state["W1"], first)
    assert not np.array_equal(free[0].state["W1"], first)


def test_one_that_overflows_is_told_and_ends_no_other() -> None:
    wild = case(optimizer=gn.SGD(1e200), epochs=20)
    (bad, *_), (good, *_) = reruns([wild, case()], [0])
    assert bad.diverged
    assert not good.diverged
