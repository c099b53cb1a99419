import numpy as np
import pytest

from glassnet.parts.parameters import Layout

LAYOUT = Layout({"W1": (2, 3), "b1": (3,), "W2": (3, 1)})


def test_every_number_of_a_vector_belongs_to_one_array() -> None:
    vector = np.arange(12.0)
    views = LAYOUT.views(vector)
    for k in range(12):
        name, index = LAYOUT.array_at(k)
        assert views[name][index] == k
        assert LAYOUT.position(name, index) == k


def test_the_first_number_after_an_array_is_the_next_ones() -> None:
    assert [LAYOUT.array_at(k) for k in (5, 6, 8, 9)] == [("W1", (1, 2)), ("b1", (0,)), ("b1", (2,)), ("W2", (0, 0))]


@pytest.mark.parametrize("k", [-1, 12])
def test_no_array_has_a_number_outside_the_vector(k: int) -> None:
    with pytest.raises(IndexError, match=f"no number {k} in a vector of 12"):
        LAYOUT.array_at(k)
