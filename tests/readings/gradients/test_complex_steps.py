"""The first of the networks that `scripts/verify_gradients.py` goes through."""

from typing import Any

import numpy as np
import pytest
import verify_gradients

from glassnet.formulas import activations


def off_by(k: int) -> float:
    for attempt in range(20):
        try:
            with np.errstate(all="ignore"):
                off, why = verify_gradients.difference(np.random.default_rng([1, k, attempt]))
        except verify_gradients.Cornered:
            continue
        return 0.0 if why else off
    raise AssertionError


def test_gradients_are_those_of_complex_steps() -> None:
    assert max(map(off_by, range(60))) <= verify_gradients.ENOUGH


def test_a_derivative_that_is_wrong_in_its_sixth_digit_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(z: Any) -> Any:
        return activations.tanh(z) * 1.000001

    monkeypatch.setitem(verify_gradients.ACTIVATIONS, "tanh", wrong)
    assert max(map(off_by, range(20))) > verify_gradients.ENOUGH
