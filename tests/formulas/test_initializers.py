import inspect

import numpy as np
import pytest
from scipy import stats

from glassnet.formulas import initializers
from glassnet.formulas.initializers import constant, he_normal, normal, orthogonal, uniform, zeros

FUNCTIONS = {
    name: function
    for name, function in vars(initializers).items()
    if inspect.isfunction(function) and function.__module__ == initializers.__name__ and not name.startswith("_")
    if not name.endswith("_on_rows")
}
OPTIONS = {"constant": {"value": 0.25}}
FANS = (53, 211)  # fan_in, fan_out
BY_CHANCE = 1e-6  # a deviation of this probability is an error; with 11183 numbers, a limit 10% off is far below

LIMITS = {  # the largest number of the uniform rules
    "lecun_uniform": np.sqrt(3 / 53),
    "glorot_uniform": np.sqrt(6 / 264),
    "he_uniform": np.sqrt(6 / 53),
}
DEVIATIONS = {  # the standard deviation of the normal ones
    "unit_spread": 1.0,
    "lecun_normal": np.sqrt(1 / 53),
    "glorot_normal": np.sqrt(2 / 264),
    "he_normal": np.sqrt(2 / 53),
}


def draw(name, shape=FANS, seed=47):
    return FUNCTIONS[name](np.random.default_rng(seed), shape, **OPTIONS.get(name, {}))


def test_every_rule_is_tested():
    assert set(FUNCTIONS) == set(LIMITS) | set(DEVIATIONS) | {
        "zeros",
        "constant",
        "uniform",
        "normal",
        "orthogonal",
        "among_rows",
    }


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_uniform_rules_have_the_distribution_of_their_paper(name):
    W = draw(name)
    assert stats.kstest(W.ravel(), stats.uniform(-LIMITS[name], 2 * LIMITS[name]).cdf).pvalue > BY_CHANCE


@pytest.mark.parametrize("name", sorted(DEVIATIONS))
def test_normal_rules_have_the_distribution_of_their_paper_and_are_not_truncated(name):
    W = draw(name)
    assert stats.kstest(W.ravel(), stats.norm(scale=DEVIATIONS[name]).cdf).pvalue > BY_CHANCE
    assert np.abs(W).max() > 3 * DEVIATIONS[name]


def test_uniform_and_normal_take_their_options():
    W = uniform(np.random.default_rng(53), FANS, low=2.0, high=5.0)
    assert stats.kstest(W.ravel(), stats.uniform(2.0, 3.0).cdf).pvalue > BY_CHANCE
    W = normal(np.random.default_rng(53), FANS, mean=2.0, std=0.5)
    assert stats.kstest(W.ravel(), stats.norm(2.0, 0.5).cdf).pvalue > BY_CHANCE


def test_zeros_and_constant_draw_nothing():
    rng = np.random.default_rng(59)
    before = rng.bit_generator.state
    np.testing.assert_array_equal(zeros(rng, (3,)), [0.0, 0.0, 0.0])
    np.testing.assert_array_equal(constant(rng, (2, 1), value=3), [[3.0], [3.0]])
    assert rng.bit_generator.state == before


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_the_same_seed_gives_the_same_float64_numbers_of_the_shape_asked_for(name):
    W = draw(name, shape=(5, 3))
    assert W.shape == (5, 3)
    assert W.dtype == np.float64
    np.testing.assert_array_equal(W, draw(name, shape=(5, 3)))


@pytest.mark.parametrize("name", ["zeros", "constant", "uniform", "normal", "among_rows"])
def test_rules_without_fans_start_biases_too(name):
    assert draw(name, shape=(7,)).shape == (7,)


@pytest.mark.parametrize("name", sorted(set(LIMITS) | set(DEVIATIONS) | {"orthogonal"}))
@pytest.mark.parametrize("shape", [(7,), (0, 3), (5, 3, 2), ()])
def test_rules_that_scale_by_the_fans_refuse_shapes_without(name, shape):
    with pytest.raises(ValueError, match=r"\(fan_in, fan_out\).*got \("):
        draw(name, shape=shape)


@pytest.mark.parametrize(("rows", "columns"), [(97, 31), (31, 97), (61, 61), (5, 1), (1, 5)])
def test_orthogonal_columns_or_rows_are_perpendicular_and_of_length_gain(rows, columns):
    W = orthogonal(np.random.default_rng(61), (rows, columns), gain=0.5)
    assert W.shape == (rows, columns)
    product = W.T @ W if rows >= columns else W @ W.T
    n = min(rows, columns)
    assert np.linalg.norm(4.0 * product - np.eye(n)) <= 1e-14 * n


def test_every_orthogonal_matrix_is_equally_likely():
    # Without the signs of R's diagonal, LAPACK's Q has a first entry that is never positive.
    rng = np.random.default_rng(67)
    first = np.array([orthogonal(rng, (3, 3))[0, 0] for _ in range(400)])
    assert stats.kstest(first, stats.uniform(-1.0, 2.0).cdf).pvalue > BY_CHANCE  # a coordinate on the sphere: uniform


def test_he_normal_keeps_the_size_of_the_signal_through_ten_relu_layers():
    rng = np.random.default_rng(71)
    x = rng.normal(size=(101, 307))
    for _ in range(10):
        x = np.maximum(x @ he_normal(rng, (307, 307)), 0.0)
    assert 0.5 < np.mean(x * x) < 2.0


def test_unit_spread_makes_the_deviation_of_each_unit_1_and_leaves_units_without_any():
    rng = np.random.default_rng(73)
    x, W = rng.normal(size=(101, 5)) * 7.0 + 3.0, rng.normal(size=(5, 4))
    x[:, 4] = 0.1  # z of a unit that sees it alone is one number, but for rounding
    W[:4, 2], W[:, 3] = 0.0, 0.0
    found = initializers.unit_spread_on_rows(rng, W, x @ W)
    np.testing.assert_allclose((x @ found)[:, :2].std(axis=0), 1.0, rtol=1e-12)
    np.testing.assert_array_equal(found[:, 2:], W[:, 2:])


def test_among_rows_takes_a_mixture_of_five_rows_all_mixtures_equally_likely():
    rng = np.random.default_rng(79)
    z = np.where(np.arange(7)[:, None] == 0, 1.0, 0.0) + np.zeros((7, 20000))  # 1 in the first row, else 0
    share = -initializers.among_rows_on_rows(rng, np.zeros(20000), z)
    # k of 5 rows are the first one: their share is a Beta(k, 5 - k)
    number = stats.binom(5, 1 / 7)
    cdf = lambda c: sum(number.pmf(k) * stats.beta(k, 5 - k).cdf(c) for k in range(1, 5)) + number.pmf(0)  # noqa: E731
    inside = share[(share > 0) & (share < 1 - 1e-12)]
    scale = 1 - number.pmf(0) - number.pmf(5)
    assert stats.kstest(inside, lambda c: (cdf(c) - number.pmf(0)) / scale).pvalue > BY_CHANCE
    assert stats.binomtest(int((share == 0).sum()), 20000, number.pmf(0)).pvalue > BY_CHANCE
