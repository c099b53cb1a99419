"""Groups stay together, and the latest rows are held out: held against scikit-learn's splitters and against sets."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, TimeSeriesSplit

from glassnet.data.tables import as_table, split_rows
from glassnet.data.tables.constraints import Constraints
from glassnet.data.tables.folds import folds_of, samples_of
from glassnet.data.tables.grouped import remarks_on_groups
from glassnet.data.tables.words import Words
from glassnet.errors import DataError


def rng(seed=3):
    return np.random.default_rng(seed)


def by(n, **options):
    return Constraints.of(None, n, **options)


GROUPS = st.lists(st.integers(0, 7), min_size=2, max_size=60).filter(lambda g: len(set(g)) > 1)


# groups


@settings(deadline=None)
@given(group=GROUPS, fraction=st.floats(0.01, 0.99), seed=st.integers(0, 5))
def test_a_group_is_on_one_side_and_both_sides_have_one(group, fraction, seed):
    train, held_out = split_rows(len(group), fraction, rng(seed), constraints=by(len(group), group=group))
    codes = np.array(group)
    assert not {*codes[train]} & {*codes[held_out]}
    assert len(train)
    assert len(held_out)
    assert sorted([*train, *held_out]) == list(range(len(group)))
    assert train.tolist() == sorted(train)
    sizes = np.bincount(codes)
    assert abs(len(held_out) - fraction * len(group)) <= max(sizes)  # never further off than a group is large


def test_of_many_groups_the_share_of_rows_and_of_each_class_is_met():
    draw = rng(0)
    group = np.repeat(np.arange(200), draw.integers(1, 9, size=200))
    classes = draw.choice(3, p=[0.6, 0.3, 0.1], size=len(group))
    for seed in range(5):
        _, held_out = split_rows(len(group), 0.2, rng(seed), stratify=classes, constraints=by(len(group), group=group))
        for k in range(3):
            assert np.mean(np.isin(np.flatnonzero(classes == k), held_out)) == pytest.approx(0.2, abs=0.02)


def test_another_seed_draws_other_groups():
    group = np.repeat(np.arange(31), 3)
    first, again, other = (split_rows(93, 0.3, rng(s), constraints=by(93, group=group))[1].tolist() for s in (1, 1, 2))
    assert first == again != other


@settings(deadline=None)
@given(group=GROUPS, folds=st.integers(2, 9), seed=st.integers(0, 3))
def test_folds_are_as_those_of_group_k_fold(group, folds, seed):
    n, codes = len(group), np.array(group)
    if folds > len(set(group)):
        with pytest.raises(DataError, match=f"folds must be at most {len(set(group))}, got {folds}: group has"):
            folds_of(n, folds, rng(seed), stratify=None, constraints=by(n, group=group))
        return
    found = folds_of(n, folds, rng(seed), stratify=None, constraints=by(n, group=group))
    for part in found:
        assert not {*codes[part.train]} & {*codes[part.held_out]}
    assert sorted(np.concatenate([part.held_out for part in found])) == list(range(n))
    theirs = [len(held_out) for _, held_out in GroupKFold(folds).split(codes, groups=codes)]
    assert sorted(len(part.held_out) for part in found) == sorted(theirs)


def test_classes_are_spread_over_folds_of_groups_as_well_as_stratified_group_k_fold_does():
    def unevenness(folds, classes):
        shares = [np.bincount(classes[held_out], minlength=3) / np.bincount(classes) for held_out in folds]
        return np.std(shares, axis=0).mean()

    ours, theirs = [], []
    for seed in range(20):
        draw = rng(seed)
        group = np.repeat(np.arange(40), draw.integers(1, 12, size=40))
        leaning = draw.dirichlet([1.0, 0.6, 0.3], size=40)[group]
        classes = (leaning.cumsum(axis=1) < draw.random((len(group), 1))).sum(axis=1).clip(max=2)
        found = folds_of(len(group), 5, rng(seed), stratify=classes, constraints=by(len(group), group=group))
        ours.append(unevenness([part.held_out for part in found], classes))
        splitter = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
        theirs.append(unevenness([held_out for _, held_out in splitter.split(group, classes, group)], classes))
        for part in found:
            assert {*classes[part.train]} == {*classes}
            assert not {*group[part.train]} & {*group[part.held_out]}
    assert np.mean(ours) <= 1.1 * np.mean(theirs)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), min_size=4, max_size=40),
    seed=st.integers(0, 3),
)
def test_every_class_is_learnt_whatever_is_held_out(rows, seed):
    group, classes = np.array(rows).T
    able = [g for g in set(group) if {*classes[group != g]} == {*classes}]
    if not able:
        with pytest.raises(DataError, match=r"one group only|has a class that no other has"):
            split_rows(len(rows), 0.3, rng(seed), stratify=classes, constraints=by(len(rows), group=group))
        return
    train, held_out = split_rows(len(rows), 0.3, rng(seed), stratify=classes, constraints=by(len(rows), group=group))
    assert {*classes[train]} == {*classes}
    assert {*group[held_out]} <= {*able}
    if len(able) >= 2:
        for part in folds_of(len(rows), 2, rng(seed), stratify=classes, constraints=by(len(rows), group=group)):
            assert {*classes[part.train]} == {*classes}
            assert not {*group[part.train]} & {*group[part.held_out]}


def test_samples_draw_groups():
    group = np.repeat(np.arange(11), [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6])
    classes = np.arange(len(group)) % 2
    for part in samples_of(len(group), 20, rng(), stratify=classes, constraints=by(len(group), group=group)):
        assert not {*group[part.train]} & {*group[part.held_out]}
        drawn = np.bincount(group[part.train], minlength=11) / np.bincount(group)
        assert (drawn == drawn.round()).all()
        assert drawn.sum() == 11
        assert {*classes[part.train]} == {0, 1}


def test_groups_are_words_numbers_truth_values_or_dates():
    words = ["b", "a", "b", "c", "a", "c"]
    numbers = [2.0, 1.0, 2.0, 3.0, 1.0, 3.0]
    days = np.array(["2024-01-02", "2024-01-01", "2024-01-02", "2024-01-03", "2024-01-01", "2024-01-03"], "M8[D]")
    for values in (words, Words.of(words), np.array(words), np.array(words, object), numbers, np.array(numbers), days):
        _, held_out = split_rows(6, 0.33, rng(), constraints=by(6, group=values))
        assert held_out.tolist() in ([0, 2], [1, 4], [3, 5])


# an order


@settings(deadline=None)
@given(n=st.integers(3, 60), folds=st.integers(2, 12), seed=st.integers(0, 3))
def test_folds_in_an_order_are_those_of_time_series_split(n, folds, seed):
    after = rng(seed).permutation(n)
    if folds >= n:
        with pytest.raises(DataError, match=f"folds must be at most {n - 1}, got {folds}: after has {n} different"):
            folds_of(n, folds, rng(), stratify=None, constraints=by(n, after=after))
        return
    order = np.argsort(after)
    found = folds_of(n, folds, rng(), stratify=None, constraints=by(n, after=after))
    for part, (train, held_out) in zip(found, TimeSeriesSplit(folds).split(order), strict=True):
        assert part.train.tolist() == sorted(order[train].tolist())
        assert part.held_out.tolist() == sorted(order[held_out].tolist())


@settings(deadline=None)
@given(after=st.lists(st.integers(0, 9), min_size=2, max_size=50), fraction=st.floats(0.01, 0.99))
def test_the_latest_rows_are_held_out_and_equal_ones_stay_together(after, fraction):
    times, n = np.array(after), len(after)
    if len(set(after)) == 1:
        with pytest.raises(DataError, match=f"after is {after[0]} in every row"):
            split_rows(n, fraction, rng(), constraints=by(n, after=after))
        return
    train, held_out = split_rows(n, fraction, rng(), constraints=by(n, after=after))
    assert times[train].max() < times[held_out].min()
    assert sorted([*train, *held_out]) == list(range(n))
    wanted = min(max(round(fraction * n), 1), n - 1)
    others = [(times >= cut).sum() for cut in set(after) - {min(after)}]
    assert abs(len(held_out) - wanted) == min(abs(size - wanted) for size in others)


@settings(deadline=None)
@given(after=st.lists(st.integers(0, 9), min_size=2, max_size=50), folds=st.integers(2, 6))
def test_each_fold_holds_out_later_rows_than_it_learns_from(after, folds):
    times, n = np.array(after), len(after)
    if len(set(after)) <= folds:
        with pytest.raises(DataError, match=r"in every row|folds must be at most"):
            folds_of(n, folds, rng(), stratify=None, constraints=by(n, after=after))
        return
    found = folds_of(n, folds, rng(), stratify=None, constraints=by(n, after=after))
    for part in found:
        assert len(part.train)
        assert len(part.held_out)
        assert times[part.train].max() < times[part.held_out].min()
    for earlier, later in pairwise(found):
        assert later.train.tolist() == sorted([*earlier.train, *earlier.held_out])
    assert len(found[-1].train) + len(found[-1].held_out) == n


@settings(deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9)), min_size=2, max_size=40))
def test_with_both_a_cut_goes_where_it_divides_no_group(rows):
    after, group = np.array(rows).T
    cuts = [t for t in set(after) - {min(after)} if not {*group[after < t]} & {*group[after >= t]}]
    both = by(len(rows), after=after, group=group)
    if not cuts:
        with pytest.raises(DataError, match=r"in every row|would divide a group"):
            split_rows(len(rows), 0.3, rng(), constraints=both)
        return
    train, held_out = split_rows(len(rows), 0.3, rng(), constraints=both)
    assert after[train].max() < after[held_out].min()
    assert after[held_out].min() in cuts


def test_dates_have_an_order_and_a_class_that_comes_late_is_told():
    table = as_table({"day": ["2024-03-01", "2023-12-31T23:59", "2024-03-02", "2024-01-01"]})
    _, held_out = split_rows(table, 0.5, rng(), constraints=Constraints.of(table, 4, after="day"))
    assert held_out.tolist() == [0, 2]
    with pytest.raises(DataError, match="1 class of the rows held out, in 1 row from 2024-03-02 on, cannot be learnt"):
        split_rows(table, 0.5, rng(), stratify=list("aaba"), constraints=Constraints.of(table, 4, after="day"))
    with pytest.raises(DataError, match="fold 2: 1 class of the rows held out"):
        folds_of(4, 3, rng(), stratify=list("abaa"), constraints=by(4, after=[1, 2, 0, 3]))


# what cannot be


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"group": "a"}, DataError, "t.csv has no column 'a'; there are"),
        ({"group": "gap"}, DataError, r"t.csv, line 2: column 'gap' is missing, and each row needs its group"),
        ({"after": "gap"}, DataError, r"t.csv, line 2: column 'gap' is missing, and each row needs its place"),
        ({"after": "word"}, DataError, r"column 'word' of t.csv has no order: it must hold numbers, or dates .* 'x'"),
        ({"group": [1, 2]}, ValueError, r"group must be the name of a column, or one value for each of 3 rows, got"),
        ({"after": [[1], [2], [3]]}, ValueError, r"after must be .* one value for each of 3 rows, got shape \(3, 1\)"),
        ({"group": 3}, ValueError, r"group must be .* got shape \(\)"),
        ({"group": [1, None, 2]}, DataError, "row 2: column 'group' is missing"),
    ],
)
def test_what_is_no_group_and_no_order_is_told(tmp_path, options, error, words):
    (tmp_path / "t.csv").write_text("gap,word,y\n,x,1\n2,y,2\n3,x,3\n")
    with pytest.raises(error, match=words):
        Constraints.of(as_table(tmp_path / "t.csv"), 3, **options)
    with pytest.raises(ValueError, match="group='a' is the name of a column; arrays need one value for each row"):
        by(3, group="a")


def test_groups_that_leave_nothing_are_told():
    with pytest.raises(DataError, match="group has one group only, 'a', so no row can be held out"):
        split_rows(3, 0.5, rng(), constraints=by(3, group=["a", "a", "a"]))
    with pytest.raises(DataError, match="each of 2 groups of group has a class that no other has"):
        split_rows(4, 0.5, rng(), stratify=[0, 0, 1, 1], constraints=by(4, group=[5, 5, 6, 6]))
    with pytest.raises(ValueError, match="samples draw rows from all times"):
        samples_of(4, 2, rng(), stratify=None, constraints=by(4, after=[1, 2, 3, 4]))
    with pytest.raises(ValueError, match="at most 2, got 3: group has 2 groups can be held out: the others"):
        folds_of(6, 3, rng(), stratify=[0, 1, 0, 1, 2, 2], constraints=by(6, group=[1, 1, 2, 2, 3, 3]))


def test_remarks_tell_of_groups_that_keep_nothing_together_and_of_classes_in_one_alone():
    rows, codes = by(4, group=["a", "b", "c", "d"]), np.array([0, 0, 1, 1])
    assert remarks_on_groups(rows, codes, ("no", "yes")) == [
        "group has another value in each row, so it keeps no rows together"
    ]
    (remark,) = remarks_on_groups(by(4, group=["a", "b", "b", "b"]), np.array([0, 0, 0, 1]), ("no", "yes"))
    assert remark == "group: 'yes' in one group alone, which is always learnt from; no score tells of it"
    assert remarks_on_groups(by(4, group=["a", "b", "a", "b"]), np.zeros(4, int), ()) == []


def test_without_groups_and_order_nothing_changes():
    found = folds_of(23, 5, rng(), stratify=None, constraints=by(23))
    sizes = sorted(len(held_out) for _, held_out in KFold(5).split(np.zeros(23)))
    assert sorted(len(part.held_out) for part in found) == sizes
