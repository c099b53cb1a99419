"""What can only ever say one thing is not trained, and the doctor says what to do."""

from typing import Any

import pytest

import glassnet as gn

from .cases import rings

X, y = rings(200)
ALWAYS_1 = gn.Network(gn.Dense(16, "relu"), gn.Dense(1, "softmax"), loss="squared")


@pytest.mark.parametrize("train", [gn.train, gn.train_many])
def test_a_softmax_over_one_unit_is_refused(train: Any) -> None:
    with pytest.raises(ValueError, match=r"Dense\(1, 'softmax'\) at the end always says 1"):
        train(ALWAYS_1, X, y, epochs=1)


def test_the_doctor_is_asked_of_it_all_the_same() -> None:
    found = gn.diagnose(ALWAYS_1, X, y, optimizer=gn.Adam(0.01), epochs=60)
    assert (found.verdict, found.causes[0].name) == ("sick", "output activation")
