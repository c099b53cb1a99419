"""What counts as learnt, and which ends are alike, of made-up predictions whose answers are worked by hand."""

import numpy as np
import pytest

from glassnet.readings.lottery.ends import classes_in_words, ends_of, rows_in_words
from glassnet.readings.lottery.learnt import bar_of
from glassnet.readings.lottery.truth import Said, Truth
from glassnet.readings.lottery.yardstick import error_of_neighbours


def truth(x, codes=None, values=None, labels=(0.0, 1.0), classes=False):
    n = len(x)
    return Truth(
        X=x,
        y=None,
        rows=np.arange(n),
        of=n,
        x=x,
        labels=None if codes is None else labels,
        codes=np.zeros(n, int) if codes is None else codes,
        values=np.zeros((n, 1)) if values is None else values,
        classes=classes,
    )


def said(off, of):
    off = np.asarray(off, float)
    right = off < 0.5
    error = np.mean(off**2, axis=1) if of.labels is None else 1.0 - right.mean(axis=1)
    return Said(off=off, right=right, error=np.where(np.isfinite(off).all(axis=1), error, np.inf))


FOUR = truth(np.zeros((4, 2)), np.array([0, 1, 1, 0]))
ENDS = [
    [0.05, 0.05, 0.03, 0.05],  # learnt
    [0.05, 0.50, 0.05, 0.49],  # ½ for two rows
    [0.52, 0.05, 0.51, 0.05],  # ½ for two others
    [0.05, 0.34, 0.33, 0.66],  # ⅔ for three
    [0.49, 0.51, 0.50, 0.50],  # ½ for all
    [np.inf] * 4,  # diverged
    [0.05, 0.05, 0.48, 0.52],
]


def test_ends_that_differ_in_which_rows_alone_are_one():
    of = said(ENDS, FOUR)
    learnt = bar_of(None, FOUR, of).passed(of.error, np.zeros(7))
    assert learnt.tolist() == [True, *[False] * 6]
    found = {words: runs.tolist() for words, runs in ends_of(FOUR, of, learnt)}
    assert found == {
        "learnt": [0],
        "½ for 2 of the 4 rows": [1, 2, 6],
        "off by ⅓ for 2 of the 4 rows, by ⅔ for 1": [3],
        "½ for all 4 rows": [4],
        "diverged: the numbers overflowed": [5],
    }


def test_groups_do_not_depend_on_the_order_of_the_seeds():
    rng = np.random.default_rng(3)
    off = np.abs(rng.choice([0.0, 0.5, 0.9], (211, 4)) + rng.normal(0, 0.02, (211, 4)))
    order = rng.permutation(211)
    one, other = said(off, FOUR), said(off[order], FOUR)
    none = np.zeros(211, bool)
    groups = sorted(sorted(runs.tolist()) for _, runs in ends_of(FOUR, one, none))
    again = sorted(sorted(order[runs].tolist()) for _, runs in ends_of(FOUR, other, none))
    assert groups == again
    assert len(groups) == 15  # of 3 kinds of rows, 4 in any order: 6 over 4


def test_of_few_rows_nine_tenths_of_what_always_saying_the_same_gets_wrong_must_be_right():
    x = np.arange(19.0)[:, None]
    of = truth(x, np.array([0] * 8 + [1] * 11))  # always 1 is wrong about 8: at most 0.8 of them may be
    runs = said([[0.1] * 19, [0.9] + [0.1] * 18], of)
    bar = bar_of(None, of, runs)
    assert bar.passed(runs.error, np.zeros(2)).tolist() == [True, False]
    numbers = truth(x, values=x)
    bar = bar_of(None, numbers, said([[0.3] * 19, [0.4] * 19], numbers))
    assert bar.words.startswith("R² is at least 0.9")
    assert bar.passed(np.array([0.09, 0.16]), np.zeros(2)).tolist() == [True, False]


def test_of_many_rows_the_best_run_sets_the_bar():
    rng = np.random.default_rng(0)
    of = truth(rng.normal(size=(400, 3)), rng.permutation(np.arange(400) % 2))  # neighbours know nothing
    off = np.full((3, 400), 0.1)
    off[0, :40] = off[1, :58] = off[2, :70] = 0.9  # 10 %, 14.5 % and 17.5 % wrong; the bar is 10 + (50 - 10)/10 = 14 %
    runs = said(off, of)
    bar = bar_of(None, of, runs)
    assert bar.most == pytest.approx(0.14)
    assert bar.passed(runs.error, np.zeros(3)).tolist() == [True, False, False]
    assert "at most 14 % of the 400 rows are wrong" in bar.words
    assert "to the best run (10 %)" in bar.words


def test_where_the_nearest_rows_know_better_than_every_run_no_run_has_learnt():
    x = np.random.default_rng(0).uniform(-1, 1, (600, 2))
    of = truth(x, (np.floor(2 * x).sum(axis=1) % 2).astype(int))  # a board of chess
    runs = said(np.where(np.random.default_rng(1).random((5, 600)) < 0.4, 0.9, 0.1), of)
    bar = bar_of(None, of, runs)
    assert not bar.passed(runs.error, np.zeros(5)).any()
    assert "what the nearest rows say of each row" in bar.words


def test_where_nothing_can_be_learnt_nothing_counts():
    rng = np.random.default_rng(0)
    of = truth(rng.normal(size=(300, 2)), values=rng.normal(size=(300, 1)))
    runs = said(np.ones((4, 300)) * 0.99, of)
    bar = bar_of(None, of, runs)
    assert bar.words.startswith("nothing counts")
    assert not bar.passed(runs.error, np.zeros(4)).any()


def test_neighbours_are_those_of_scikit_learn():
    from sklearn.model_selection import LeaveOneOut, cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    x = rng.normal(size=(101, 3)) * [1.0, 50.0, 0.1]
    scaled = StandardScaler().fit_transform(x)
    codes = (x[:, 0] + x[:, 1] / 50 + rng.normal(size=101) > 0).astype(int)
    theirs = cross_val_predict(KNeighborsClassifier(5), scaled, codes, cv=LeaveOneOut())
    assert error_of_neighbours(truth(x, codes)) == pytest.approx((theirs != codes).mean())
    y = np.sin(x[:, 0])
    theirs = cross_val_predict(KNeighborsRegressor(5), scaled, y, cv=LeaveOneOut())
    assert error_of_neighbours(truth(x, values=y[:, None])) == pytest.approx(np.mean((theirs - y) ** 2) / y.var())


def test_what_is_asked_for_is_what_counts():
    of = said(ENDS, FOUR)
    loss = np.array([0.01, 0.2, 0.02, np.nan, 0.3, np.inf, 0.01])
    assert bar_of(0.02, FOUR, of).passed(of.error, loss).tolist() == [True, False, True, False, False, False, True]
    assert bar_of("loss <= 0.02", FOUR, of).words == "the loss is at most 0.02"
    three = bar_of("accuracy>=0.75", FOUR, of)
    assert three.passed(of.error, loss).tolist() == [True, True, False, True, False, False, True]
    numbers = truth(np.zeros((4, 1)), values=np.arange(4.0)[:, None])
    assert bar_of("r2>=0.8", numbers, said([[0.1] * 4], numbers)).most == pytest.approx(0.2)


def test_rows_and_classes_in_words():
    assert rows_in_words(np.array([0.1, 0.1, 0.2])) == "a little off for all 3 rows"
    assert rows_in_words(np.array([0.3, 0.5, 0.9, 1.0])) == "off by ⅓ to 1 for all 4 rows"
    assert rows_in_words(np.array([0.42, 0.49, 0.55, 0.6])) == "½ for all 4 rows"
    names = [f"c{k}" for k in range(7)]
    assert classes_in_words(names, np.linspace(0, 1, 7)) == (
        "never right about c0; about c1 17 %, c2 33 %, c3 50 %, c4 67 %, c5 83 % and 1 more"
    )
    assert classes_in_words(["a", "b"], np.array([0.6, 0.0])) == "never right about b; about a 60 %"
