"""What is shuffled keeps its values, and intervals hold what many rows give as often as they say."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from glassnet.readings.importance.shuffling import donors, growth, shuffled_errors


@given(n=st.integers(2, 40), repeats=st.integers(1, 50), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_each_row_gives_its_value_once_a_repeat_never_to_itself_and_never_twice_to_one(
    n: int, repeats: int, seed: int
) -> None:
    by = donors(n, repeats, np.random.default_rng(seed))
    assert by.shape == (min(repeats, n - 1), n)
    assert (np.sort(by, axis=1) == np.arange(n)).all()
    assert (by != np.arange(n)).all()
    assert all(len(set(column)) == len(by) for column in by.T)


def test_inputs_are_shuffled_together_and_put_back() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(13, 5))
    kept, seen = x.copy(), []
    by = donors(13, 3, rng)
    shuffled_errors(x, [1, 3], by, lambda rows: seen.append(rows.copy()) or rows[:, 0])
    np.testing.assert_array_equal(x, kept)
    for rows, of in zip(seen, by, strict=True):
        np.testing.assert_array_equal(rows[:, [1, 3]], kept[of][:, [1, 3]])
        np.testing.assert_array_equal(rows[:, [0, 2, 4]], kept[:, [0, 2, 4]])


def test_all_pairs_give_the_mean_over_all_pairs() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(11, 2))
    y = x[:, 0] + x[:, 1]
    by = donors(11, 10, rng)

    def errors(rows: np.ndarray) -> np.ndarray:
        return (rows.sum(axis=1) - y) ** 2

    found = growth(errors(x), shuffled_errors(x, [0], by, errors), by, root=True)
    pairs = [(x[i, 0] - x[j, 0]) ** 2 for i in range(11) for j in range(11) if i != j]
    assert found.mean == pytest.approx(np.sqrt(np.mean(pairs)))


def test_a_column_that_says_nothing_looks_clear_in_5_of_100_cases() -> None:
    rng, z = np.random.default_rng(4), []
    for _ in range(400):
        x = rng.normal(size=(200, 2))
        sign = np.where(rng.random(200) < 1.0 / (1.0 + np.exp(-1.5 * x[:, 0])), 1.0, -1.0)

        def errors(rows: np.ndarray, sign: np.ndarray = sign) -> np.ndarray:
            return np.logaddexp(0.0, -sign * (1.5 * rows[:, 0] + 0.5 * rows[:, 1]))

        by = donors(200, 5, rng)
        found = growth(errors(x), shuffled_errors(x, [1], by, errors), by, root=False)
        z.append(found.mean / found.se)
    assert abs(np.mean(z)) < 0.15
    assert 0.85 < np.std(z) < 1.15
    assert 0.02 < np.mean(np.abs(z) > 1.96) < 0.08


def said(x: np.ndarray) -> np.ndarray:
    """What a model says that is not quite right: two columns of three tell of each other."""
    return x[:, 0] + 0.5 * x[:, 1] + 0.8 * x[:, 0] * x[:, 2]


def measured(n: int, repeats: int, root: bool, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Growths and their standard errors on n new rows: of squared errors, or of -ln p of classes."""
    x = rng.normal(size=(n, 3))
    x[:, 1] += 0.8 * x[:, 0]
    y = said(x) + rng.normal(size=n)
    sign = np.where(rng.random(n) < 1.0 / (1.0 + np.exp(-said(x))), 1.0, -1.0)

    def errors(rows: np.ndarray) -> np.ndarray:
        return (said(rows) - y) ** 2 if root else np.logaddexp(0.0, -2.0 * sign * said(rows))

    by, before = donors(n, repeats, rng), errors(x)
    found = [growth(before, shuffled_errors(x, [k], by, errors), by, root=root) for k in range(3)]
    return [(one.mean, one.se) for one in found]


@pytest.mark.parametrize("repeats", [1, 5])
@pytest.mark.parametrize("root", [False, True])
def test_intervals_hold_what_many_rows_give_in_95_of_100_cases(root: bool, repeats: int) -> None:
    rng = np.random.default_rng(3)
    truth = np.mean([[mean for mean, _ in measured(100_000, 3, root, rng)] for _ in range(3)], axis=0)
    found = np.array([measured(600, repeats, root, rng) for _ in range(300)])  # (300 samples, columns, 2)
    inside = np.abs(found[..., 0] - truth) < 1.96 * found[..., 1]
    assert (inside.mean(axis=0) > 0.89).all()
    assert (inside.mean(axis=0) < 0.99).all()
    assert found[..., 1].mean(axis=0) == pytest.approx(found[..., 0].std(axis=0), rel=0.2)
