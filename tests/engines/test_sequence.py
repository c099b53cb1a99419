"""The default generator's numbers, drawn in parts: the same ones as NumPy's, and the same state afterwards."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

from numba import njit

from glassnet.engines.generator import addresses_for_a_team
from glassnet.engines.sequence import STATE_SIZE, begin_drawing, draw_some, end_drawing


@njit
def draw_parts(random: Any, out: Any, cuts: Any) -> None:
    for k in range(len(cuts) - 1):
        state = np.empty(STATE_SIZE, np.uint64)
        begin_drawing(random, state)
        draw_some(state, out, cuts[k], cuts[k + 1], out.size)
    end_drawing(random, state)


def test_parts_are_those_of_the_whole_whatever_was_drawn_before() -> None:
    chance, ours, numpys = (np.random.default_rng(seed) for seed in (1, 5, 5))
    for size in (0, 1, 2, 5, 7, 16, 19, 43, 31, 64, 11, 3, 8, 1, 1):
        cuts = np.array([0, *np.sort(chance.integers(0, size + 1, 3)), size])
        out = np.full(size, np.nan, np.float32)
        draw_parts(addresses_for_a_team(ours), out, cuts)
        np.testing.assert_array_equal(out, numpys.random(size, dtype=np.float32))
        assert ours.bit_generator.state == numpys.bit_generator.state


@pytest.mark.parametrize("kind", [np.random.PCG64DXSM, np.random.MT19937, np.random.Philox])
def test_of_other_generators_no_numbers_are_known(kind: Any) -> None:
    assert addresses_for_a_team(np.random.Generator(kind(3)))[3] == 0
