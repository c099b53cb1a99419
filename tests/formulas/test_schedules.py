import inspect
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.formulas import schedules
from glassnet.formulas.schedules import (
    constant,
    cosine,
    exponential,
    flat_cosine,
    inverse_scaling,
    log_cosine,
    step,
    warm_up,
)

RATES = st.floats(1e-6, 10.0)
EPOCHS = st.integers(1, 10_000)


@given(RATES, EPOCHS)
def test_every_schedule_starts_at_the_initial_rate_exactly(initial, epochs):
    assert constant(0.0, initial) == initial
    assert step(0.0, initial, every=7, factor=0.3) == initial
    assert exponential(0.0, initial, decay=0.7) == initial
    assert inverse_scaling(0.0, initial, power=0.7) == initial
    assert cosine(0.0, initial, epochs, final=0.003) == initial
    assert flat_cosine(0.0, initial, epochs) == initial


@given(RATES, RATES, EPOCHS, st.floats(0.0, 100.0))
def test_cosine_ends_at_final_exactly_and_stays_there(initial, final, epochs, more):
    assert cosine(float(epochs), initial, epochs, final) == final
    assert cosine(epochs + more, initial, epochs, final) == final


@given(RATES, EPOCHS, st.floats(0.0, 1.0), st.floats(0.0, 100.0))
def test_warm_up_starts_at_its_fraction_and_ends_at_all_of_the_rate_exactly(lr, epochs, start, more):
    assert warm_up(0.0, lr, epochs, start) == start * lr
    assert warm_up(epochs + more, lr, epochs, start) == lr


def test_step_halves_at_the_boundary_and_not_a_step_before():
    steps_per_epoch = 7
    rates = [float(step(k / steps_per_epoch, 8.0, every=3, factor=0.5)) for k in range(64)]
    assert rates == [8.0] * 21 + [4.0] * 21 + [2.0] * 21 + [1.0]


def test_exponential_and_inverse_scaling_by_closed_form():
    for epoch in (0.5, 1.0, 7.25, 300.0):
        assert exponential(epoch, 0.1, decay=0.9) == pytest.approx(0.1 * math.exp(epoch * math.log(0.9)), rel=1e-13)
        assert inverse_scaling(epoch, 0.1, power=0.5) == pytest.approx(0.1 / math.sqrt(1 + epoch), rel=1e-14)
        assert inverse_scaling(epoch, 0.1, power=1.0) == pytest.approx(0.1 / (1 + epoch), rel=1e-14)


def test_cosine_by_hand_at_thirds():
    # cos 60° = ½ and cos 120° = -½: three quarters and one quarter of the way from final to initial.
    assert cosine(4.0, 9.0, epochs=12, final=1.0) == pytest.approx(7.0, rel=1e-15)
    assert cosine(8.0, 9.0, epochs=12, final=1.0) == pytest.approx(3.0, rel=1e-15)


def test_flat_cosine_is_flat_for_half_the_way_and_then_a_cosine_over_the_other_half():
    for epoch in np.linspace(0.0, 12.0, 97):
        expected = 9.0 if epoch <= 6 else cosine(epoch - 6.0, 9.0, epochs=6)
        assert flat_cosine(epoch, 9.0, epochs=12) == pytest.approx(expected, rel=1e-13, abs=1e-13)
    assert flat_cosine(400.0, 9.0, epochs=12) == 0.0


def test_log_cosine_with_four_cycles_is_coslog4():
    for t in np.linspace(0.0, 1.0, 97):
        expected = 0.5 * (1 - math.cos(2 * math.pi * math.log2(1 + 15 * t)))
        assert log_cosine(256 * t, 0.04, epochs=256) == pytest.approx(0.04 * expected, rel=1e-12, abs=1e-15)


def test_log_cosine_is_on_top_between_its_zeros():
    for cycles in (1, 2, 3, 5):
        for wave in range(cycles):
            for place, height in ((wave, 0.0), (wave + 0.5, 1.0)):
                epoch = (2**place - 1) / (2**cycles - 1) * 40.0
                assert log_cosine(epoch, 1.0, epochs=40, cycles=cycles) == pytest.approx(height, abs=1e-12)
    assert log_cosine(123.0, 1.0, epochs=40) == pytest.approx(0.0, abs=1e-12)


def test_warm_up_composes_with_another_schedule():
    lr = warm_up(2.0, cosine(2.0, 8.0, epochs=4), epochs=4, start=0.5)
    assert lr == pytest.approx(0.75 * 4.0, rel=1e-15)


def test_all_but_warm_up_waves_and_constant_fall():
    epochs = np.arange(0.0, 40.0, 0.25)
    over_all = [lambda epoch, lr, f=f: f(epoch, lr, epochs=40) for f in (cosine, flat_cosine)]
    for schedule in (step, exponential, inverse_scaling, *over_all):
        rates = schedule(epochs, 0.1)
        assert (np.diff(rates) <= 0).all()
        assert rates[-1] < rates[0] / 3


def test_warm_up_rises_in_a_straight_line():
    rates = warm_up(np.arange(0.0, 6.0), 10.0, epochs=5, start=0.5)
    np.testing.assert_allclose(rates, [5.0, 6.0, 7.0, 8.0, 9.0, 10.0], rtol=1e-15)


def test_every_schedule_is_a_function_of_the_epoch_and_a_rate():
    functions = [f for f in vars(schedules).values() if inspect.isfunction(f)]
    assert len(functions) == 8
    for function in functions:
        first, second = list(inspect.signature(function).parameters)[:2]
        assert first == "epoch"
        assert second == ("lr" if function is warm_up else "initial")
