"""Folds and bootstrap samples are drawn with a seed, and with classes in equal shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import KFold

from glassnet.data.tables.folds import divisions_of, folds_of, samples_of
from glassnet.data.tables.words import Words

CLASSES = ["a"] * 11 + ["b"] * 7 + ["c"] * 5


def rng(seed=3):
    return np.random.default_rng(seed)


@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 5))
def test_each_row_is_held_out_once(n, folds, seed):
    if folds > n:
        with pytest.raises(ValueError, match=f"folds must be at most {n}, got {folds}: there are {n}"):
            folds_of(n, folds, rng(seed), stratify=None)
        return
    found = folds_of(n, folds, rng(seed), stratify=None)
    assert sorted(np.concatenate([part.held_out for part in found])) == list(range(n))
    sizes = [len(part.held_out) for part in found]
    assert max(sizes) - min(sizes) <= 1
    for part in found:
        assert sorted([*part.train, *part.held_out]) == list(range(n))


@pytest.mark.parametrize("labels", [np.array(CLASSES), Words.of(CLASSES)], ids=["array", "words"])
def test_each_fold_has_its_share_of_each_class(labels):
    found = folds_of(23, 5, rng(), stratify=labels)
    for label, rows in (("a", 11), ("b", 7), ("c", 5)):
        counts = [sum(CLASSES[k] == label for k in part.held_out) for part in found]
        assert sum(counts) == rows
        assert max(counts) - min(counts) <= 1
    counts = [CLASSES[int(k)] for part in folds_of(23, 6, rng(), stratify=labels) for k in part.held_out]
    assert sorted(counts) == CLASSES


def test_the_same_seed_gives_the_same_parts():
    for draw, count in ((folds_of, 5), (samples_of, 3)):
        first, again, other = (draw(23, count, rng(seed), stratify=CLASSES) for seed in (3, 3, 4))
        assert [part.train.tolist() for part in first] == [part.train.tolist() for part in again]
        assert [part.train.tolist() for part in first] != [part.train.tolist() for part in other]


@given(st.integers(2, 30), st.integers(0, 5))
def test_a_sample_measures_what_it_did_not_draw(n, seed):
    for part in samples_of(n, 4, rng(seed), stratify=None):
        assert len(part.train) == n
        assert {*part.train} | {*part.held_out} == {*range(n)}
        assert len(part.held_out)
        assert not {*part.train} & {*part.held_out}


def test_a_sample_has_as_many_rows_of_each_class_as_there_are():
    for part in samples_of(23, 10, rng(), stratify=CLASSES):
        assert [sum(CLASSES[k] == label for k in part.train) for label in "abc"] == [11, 7, 5]
    with pytest.raises(ValueError, match="samples need two rows"):
        samples_of(2, 1, rng(), stratify=["a", "b"])


def test_parts_may_come_from_elsewhere():
    splitter = KFold(4, shuffle=True, random_state=0)
    found = divisions_of(splitter.split(np.zeros((23, 1))), 23)
    for part, (train, held_out) in zip(found, splitter.split(np.zeros((23, 1))), strict=True):
        assert part.train.tolist() == train.tolist()
        assert part.held_out.tolist() == held_out.tolist()
    mask = np.arange(7) < 3
    (part,) = divisions_of([(mask, ~mask)], 7)
    assert (part.train.tolist(), part.held_out.tolist()) == ([0, 1, 2], [3, 4, 5, 6])


def test_a_class_of_few_rows_is_learnt_in_every_fold():
    labels = np.array(["a"] * 9 + ["b"] * 3 + ["c"])
    found = folds_of(13, 5, rng(), stratify=labels)
    assert sorted(np.concatenate([part.held_out for part in found])) == list(range(12))
    for part in found:
        assert {*labels[part.train]} == {"a", "b", "c"}
        assert sorted([*part.train, *part.held_out]) == list(range(13))
    with pytest.raises(ValueError, match="folds must be at most 12, got 13: 12 rows can be held out"):
        folds_of(13, 13, rng(), stratify=labels)
    with pytest.raises(ValueError, match=r"folds need two rows, of one class .*, got 2 folds: 0 rows can be held out"):
        folds_of(3, 2, rng(), stratify=["a", "b", "c"])
