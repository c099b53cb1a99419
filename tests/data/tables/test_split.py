"""Rows held out are drawn with a seed, and with classes in equal shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.data.tables import as_table, split_rows
from glassnet.errors import DataError


def rng(seed=3):
    return np.random.default_rng(seed)


def test_a_share_of_the_rows_is_held_out_each_row_once():
    train, held_out = split_rows(17, 0.25, rng())
    assert len(held_out) == 4
    assert sorted([*train, *held_out]) == list(range(17))


def test_the_same_seed_gives_the_same_rows_and_another_others():
    first, again, other = (split_rows(101, 0.3, rng(seed))[1].tolist() for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_a_table_is_split_by_its_rows():
    table = as_table({"a": range(7)})
    train, held_out = split_rows(table, 0.3, rng())
    assert (len(train), len(held_out)) == (5, 2)


def test_classes_are_held_out_in_equal_shares():
    labels = np.array(["a"] * 50 + ["b"] * 30 + ["c"] * 20)
    _, held_out = split_rows(100, 0.2, rng(), stratify=labels)
    assert np.unique(labels[held_out], return_counts=True)[1].tolist() == [10, 6, 4]


def test_a_class_with_one_row_is_trained_on():
    labels = ["a"] * 9 + ["rare"]
    for seed in range(20):
        train, held_out = split_rows(10, 0.5, rng(seed), stratify=labels)
        assert 9 in train
        assert len(held_out) == 5


@given(
    labels=st.lists(st.integers(0, 4), min_size=2, max_size=60).filter(lambda y: len(set(y)) < len(y)),
    fraction=st.floats(0.01, 0.99),
)
def test_every_class_is_in_training_and_something_is_held_out(labels, fraction):
    train, held_out = split_rows(len(labels), fraction, rng(), stratify=labels)
    y = np.array(labels)
    assert set(y[train]) == set(labels)
    assert len(held_out) >= 1
    assert sorted([*train, *held_out]) == list(range(len(labels)))
    assert len(held_out) <= max(round(fraction * len(labels)), 1)
    for label in set(labels):
        assert abs(sum(y[held_out] == label) - fraction * labels.count(label)) <= 1


def test_what_cannot_be_split_is_refused():
    with pytest.raises(DataError, match="1 row cannot be split; at least 2 are needed"):
        split_rows(1, 0.5, rng())
    with pytest.raises(DataError, match="each of 3 classes has one row"):
        split_rows(3, 0.5, rng(), stratify=["a", "b", "c"])
    with pytest.raises(DataError, match="stratify has no class in row 2; leave such rows out first"):
        split_rows(3, 0.5, rng(), stratify=np.array(["a", None, "a"], dtype=object))
    for fraction in (0, 1, -0.1, float("nan")):
        with pytest.raises(ValueError, match="fraction must be between 0 and 1"):
            split_rows(5, fraction, rng())
    with pytest.raises(ValueError, match=r"one class for each of the 5 rows, got shape \(3,\)"):
        split_rows(5, 0.5, rng(), stratify=[1, 2, 3])
