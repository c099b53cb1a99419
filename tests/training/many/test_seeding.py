"""Generators made together are those that NumPy makes one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.training.many import seeding
from glassnet.training.many.seeding import generators_of

SEEDS = [*range(20), 2**31, 2**32 - 1, 2**32, 2**40 + 5, 2**63, 2**64 - 1, 2**64, 2**200]


def states(seeds):
    return [make().bit_generator.state for make in generators_of(seeds)]


def test_the_words_are_those_of_numpys_seed_sequences():
    below = [seed for seed in SEEDS if seed < 2**64]
    theirs = [np.random.SeedSequence(seed).generate_state(4, np.uint64) for seed in below]
    np.testing.assert_array_equal(seeding.mixed(below), theirs)  # generators would be right without: they are checked


def test_they_are_numpys():
    assert states(SEEDS) == [np.random.default_rng(seed).bit_generator.state for seed in SEEDS]
    made = generators_of(SEEDS)
    assert [make().random(3).tolist() for make in made] == [np.random.default_rng(k).random(3).tolist() for k in SEEDS]
    assert made[0]() is not made[0]()


@given(st.lists(st.integers(0, 2**64 - 1), min_size=8, max_size=12))
def test_whatever_the_seeds(seeds):
    assert states(seeds) == [np.random.default_rng(seed).bit_generator.state for seed in seeds]


def test_generators_that_were_given_are_themselves():
    own = np.random.default_rng(3)
    made = generators_of([*range(9), own, None])
    assert made[9]() is own
    assert made[10]().bit_generator.state != made[10]().bit_generator.state


def test_a_numpy_that_mixes_otherwise_is_asked_itself(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(seeding, "mix", lambda x, y: x)
    assert states(range(9)) == [np.random.default_rng(seed).bit_generator.state for seed in range(9)]
