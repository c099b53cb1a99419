"""How much columns tell of each other is what SciPy and pandas say, and groups are SciPy's."""

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from glassnet.readings.importance.relations import (
    CLOSE,
    Values,
    closeness,
    correlation_ratio,
    cramers_v,
    that_tell_of_each_other,
)


def test_of_numbers_it_is_spearmans_rank_correlation() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(97, 4))
    x[:, 1] = -np.exp(x[:, 0]) + 0.2 * x[:, 1]
    x[:, 2] = x[:, 2].round()  # ties
    found = closeness([Values(column, ordered=True) for column in x.T])
    expected = np.abs(stats.spearmanr(x).statistic)
    np.fill_diagonal(expected, 0.0)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
    assert found[0, 1] > CLOSE


def test_of_words_it_is_cramers_v_freed_of_chance() -> None:
    rng = np.random.default_rng(1)
    a = rng.integers(5, size=211)
    b = np.where(rng.random(211) < 0.7, a % 3, rng.integers(3, size=211))
    counts = stats.contingency.crosstab(a, b).count
    n, (r, c) = len(a), counts.shape
    phi2 = max(stats.chi2_contingency(counts, correction=False).statistic / n - (r - 1) * (c - 1) / (n - 1), 0.0)
    least = min(k - (k - 1) ** 2 / (n - 1) for k in (r, c)) - 1
    assert cramers_v(a, b) == pytest.approx(np.sqrt(phi2 / least), rel=1e-12)
    assert np.mean([cramers_v(rng.integers(40, size=80), rng.integers(40, size=80)) for _ in range(20)]) < 0.2


def test_of_words_and_numbers_it_is_the_share_of_spread_between_words() -> None:
    rng = np.random.default_rng(2)
    words = rng.integers(4, size=150)
    numbers = Values(words + rng.normal(size=150), ordered=True)
    parts = [numbers.ranks[words == k] for k in range(4)]
    within = sum(((part - part.mean()) ** 2).sum() for part in parts) / (150 - 4)
    assert correlation_ratio(words, numbers.ranks) == pytest.approx(np.sqrt(1 - within / numbers.ranks.var(ddof=1)))
    assert correlation_ratio(np.arange(150), numbers.ranks) == 0.0  # a word for each row tells nothing


def test_what_never_changes_tells_of_nothing() -> None:
    columns: Any = [Values(np.full(31, 2.0), ordered=True), Values(np.zeros(31), ordered=False)]
    columns += [Values(np.arange(31.0), ordered=True), Values(np.arange(31) % 2, ordered=False)]
    found = closeness(columns)
    assert not found[:2].any()
    assert np.isfinite(found).all()


def test_groups_are_those_of_complete_linkage() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        sources = rng.normal(size=(60, 4))
        x = sources[:, rng.integers(4, size=13)] + rng.uniform(0.1, 1.0, size=13) * rng.normal(size=(60, 13))
        near = closeness([Values(column, ordered=True) for column in x.T])
        distance = 1.0 - near
        np.fill_diagonal(distance, 0.0)
        label = fcluster(linkage(squareform(distance, checks=False), "complete"), 1.0 - CLOSE, "distance")
        expected = [np.flatnonzero(label == k).tolist() for k in set(label.tolist()) if (label == k).sum() > 1]
        assert sorted(that_tell_of_each_other(near)) == sorted(expected)
