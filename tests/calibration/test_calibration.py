"""What is learnt from true values and what was predicted."""

import re
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.calibration.calibration import of_classes, of_numbers

RNG = np.random.default_rng(7)
NAMES = ("a", "b", "c")


def classes(n: int, T: float = 1.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    z = 2.0 * rng.normal(size=(n, 3))
    truth = (z + rng.gumbel(size=z.shape)).argmax(axis=1)
    powers = np.exp(T * z)
    return truth, powers / powers.sum(axis=1, keepdims=True)


def test_sets_hold_the_true_class_as_often_as_they_say() -> None:
    shares = {}
    for level in (0.8, 0.9, 0.97):
        held = []
        for seed in range(20):
            truth, p = classes(300, T=1.5, seed=seed)
            found = of_classes(truth, p, NAMES)
            following, said = classes(1000, seed=1000 + seed)
            sets = found.sets(said.argmax(axis=1), said, level).sets
            assert sets is not None
            assert all(NAMES[k] in row for k, row in zip(said.argmax(axis=1), sets, strict=True))
            held.append(np.mean([NAMES[k] in row for k, row in zip(following, sets, strict=True)]))
        shares[level] = np.mean(held)
    assert all(level - 0.01 < share < level + 0.02 for level, share in shares.items()), shares


def test_it_says_what_it_found() -> None:
    assert str(of_numbers(np.arange(1.0, 101.0), np.zeros(100), ("price",))).splitlines() == [
        "calibrated on 100 rows", "90 % intervals: prediction ± 91",
    ]  # fmt: skip
    truth, p = classes(400, T=2.0)
    said = str(of_classes(truth, p, NAMES))
    assert "kept: it helps on these rows beyond chance" in said
    assert re.search(r"90 % sets: the predicted class, and every class of probability 0\.\d+ or more", said)


def test_it_says_which_classes_no_row_had() -> None:
    truth, p = classes(200)
    there = truth != 1
    found = of_classes(truth[there], p[there], NAMES)
    assert found.counts[1] == 0
    assert "none of the rows has the class 'b': of these nothing is known" in str(found)


def test_several_numbers_have_intervals_of_their_own() -> None:
    y = RNG.normal(size=(500, 2)) * [1.0, 10.0]
    found = of_numbers(y, np.zeros((500, 2)), ("u", "v")).intervals(np.zeros((7, 2)), 0.9)
    assert found.lower is not None
    assert found.upper is not None
    assert found.lower.shape == (7, 2)
    np.testing.assert_allclose(found.upper[0], -found.lower[0])
    assert found.upper[0, 1] / found.upper[0, 0] == pytest.approx(10.0, rel=0.2)
    assert [*found.columns()] == ["prediction 1", "lower 1", "upper 1", "prediction 2", "lower 2", "upper 2"]


def test_ten_rows_are_enough_for_the_usual_level() -> None:
    found = of_numbers(np.arange(10.0), np.zeros(10))
    assert found.largest == pytest.approx(10 / 11)
    assert "90 % intervals: prediction ± 9" in str(found)


@pytest.mark.parametrize(("given", "message"), [
    ({"truth": np.zeros(9, int)}, "outputs must have a row for each of 9 true values, got shape (20, 3)"),
    ({"outputs": np.full((20, 2), 0.5)}, "outputs must have a column for each of 3 classes, got shape (20, 2)"),
    ({"outputs": np.full((20, 3), 1.5)}, "outputs must be probabilities, from 0 to 1, got 1.5 to 1.5"),
    ({"outputs": np.full((20, 3), np.nan)}, "outputs must be finite"),
    ({"truth": np.full(20, 3)}, "truth must be the number of each row's class, 0 to 2"),
    ({"truth": np.full(20, 0.5)}, "truth must be the number of each row's class, 0 to 2"),
    ({"truth": np.zeros(4, int), "outputs": np.full((4, 3), 0.3)},
     "calibration needs 10 rows or more with their target, got 4"),
])  # fmt: skip
def test_classes_that_tell_nothing_are_refused(given: dict[str, Any], message: str) -> None:
    good = {"truth": np.zeros(20, int), "outputs": np.full((20, 3), 1 / 3), "names": NAMES}
    with pytest.raises(gn.DataError, match=re.escape(message)):
        of_classes(**good | given)


@pytest.mark.parametrize(("truth", "outputs", "message"), [
    (np.zeros(20), np.zeros(19), "outputs must have a row for each of 20 true values"),
    (np.zeros((20, 2)), np.zeros((20, 2)), "truth and outputs must have a column for each of 1 numbers"),
    (np.full(20, np.nan), np.zeros(20), "truth must hold finite numbers; leave rows without a target out"),
    (np.zeros(3), np.zeros(3), "calibration needs 10 rows or more"),
])  # fmt: skip
def test_numbers_that_tell_nothing_are_refused(truth: np.ndarray, outputs: np.ndarray, message: str) -> None:
    with pytest.raises(gn.DataError, match=re.escape(message)):
        of_numbers(truth, outputs)
