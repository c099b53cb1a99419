import inspect

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from glassnet.formulas import losses
from glassnet.formulas.losses import (
    binary_cross_entropy,
    binary_cross_entropy_backward,
    cross_entropy,
    cross_entropy_backward,
    huber,
    huber_backward,
    poisson,
    poisson_backward,
    quantile,
    quantile_backward,
    squared,
    squared_backward,
)

FUNCTIONS = {
    name: function
    for name, function in vars(losses).items()
    if inspect.isfunction(function) and function.__module__ == losses.__name__ and not name.startswith("_")
}
NAMES = sorted(name for name in FUNCTIONS if not name.endswith("_backward"))
ELEMENTWISE = sorted(set(NAMES) - {"cross_entropy"})


def exact_bce(y, s):
    return y * mp.log1p(mp.exp(-s)) + (1 - y) * mp.log1p(mp.exp(s))


# The definitions, written again for numbers of any length, with options that differ from the defaults.
EXACT = {
    "absolute": (lambda y, s: abs(y - s), {}),
    "binary_cross_entropy": (exact_bce, {}),
    "huber": (
        lambda y, s: (y - s) ** 2 / 2 if abs(y - s) <= 3 else 3 * (abs(y - s) - mp.mpf(1.5)),
        {"delta": 3.0},
    ),
    "poisson": (lambda y, s: mp.exp(s) - y * s, {}),
    "quantile": (lambda y, s: (y - s) / 4 if y >= s else 3 * (s - y) / 4, {"q": 0.25}),
    "squared": (lambda y, s: (y - s) ** 2 / 2, {"half": True}),
}


def exact_cross_entropy(y, s):
    top = max(s)
    return top + mp.log(mp.fsum(mp.exp(x - top) for x in s)) - mp.fsum(a * b for a, b in zip(y, s, strict=True))


def targets(name, rng, size):
    if name == "binary_cross_entropy":
        return rng.integers(0, 2, size).astype(float)
    if name == "poisson":
        return rng.integers(0, 9, size).astype(float)
    return rng.normal(scale=4.0, size=size)


def test_every_loss_has_its_backward_partner_with_the_same_options():
    assert set(FUNCTIONS) == set(NAMES) | {f"{name}_backward" for name in NAMES}
    for name in NAMES:
        forward, backward = (inspect.signature(FUNCTIONS[each]) for each in (name, f"{name}_backward"))
        assert list(forward.parameters)[:2] == ["y", "s"], name
        assert forward == backward, name


def test_every_elementwise_loss_is_held_against_exact_values():
    assert sorted(EXACT) == ELEMENTWISE


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_values_are_exact_to_8_units_of_the_last_place_of_their_terms(name):
    exact, options = EXACT[name]
    rng = np.random.default_rng(11)
    s = np.concatenate([rng.normal(scale=3.0, size=400), rng.uniform(-700.0, 700.0, size=200)])
    y = targets(name, rng, s.size)
    for each, target, score in zip(FUNCTIONS[name](y, s, **options), y.tolist(), s.tolist(), strict=True):
        true = exact(mp.mpf(target), mp.mpf(score))
        scale = max(abs(true), abs(target * score) if name == "poisson" else 0)
        assert abs(mp.mpf(float(each)) - true) <= 8 * 2.0**-53 * scale


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_derivatives_are_exact(name):
    exact, options = EXACT[name]
    rng = np.random.default_rng(13)
    s = np.concatenate([rng.normal(scale=3.0, size=200), rng.uniform(-300.0, 300.0, size=100)])
    y = targets(name, rng, s.size)
    backward = FUNCTIONS[f"{name}_backward"](y, s, **options)
    for ds, target, score in zip(backward, y.tolist(), s.tolist(), strict=True):
        true = mp.diff(lambda x, t=target: exact(mp.mpf(t), x), score)
        scale = max(1, abs(true), abs(target) if name == "poisson" else 0)
        assert abs(mp.mpf(float(ds)) - true) <= 2.0**-52 * scale


def test_binary_cross_entropy_is_exact_however_small_over_the_whole_range(scores, ulps):
    s = scores
    for y in (0.0, 1.0):
        exact = [mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x)) for x in ((1 - 2 * y) * s).tolist()]
        assert ulps(binary_cross_entropy(np.full_like(s, y), s), exact).max() <= 4.0


def test_binary_cross_entropy_takes_targets_between_0_and_1(ulps):
    rng = np.random.default_rng(17)
    y, s = rng.integers(1, 8, 300) / 8.0, rng.normal(scale=5.0, size=300)
    exact = [exact_bce(mp.mpf(a), mp.mpf(b)) for a, b in zip(y.tolist(), s.tolist(), strict=True)]
    assert ulps(binary_cross_entropy(y, s), exact).max() <= 8.0


@pytest.mark.parametrize(("n", "K", "scale"), [(200, 3, 4.0), (200, 5, 40.0), (200, 2, 350.0)])
def test_cross_entropy_is_right_to_a_few_ulps_of_the_loss_or_of_1(n, K, scale):
    rng = np.random.default_rng(19)
    s = rng.uniform(-scale, scale, size=(n, K))
    y = np.eye(K)[rng.integers(0, K, n)]
    y[: n // 2] = np.eye(K)[s[: n // 2].argmax(axis=1)]  # the right class in front: small losses
    with mp.workprec(1200):
        exact = [exact_cross_entropy(a, [mp.mpf(x) for x in b]) for a, b in zip(y.tolist(), s.tolist(), strict=True)]
    for loss, true in zip(cross_entropy(y, s)[:, 0].tolist(), exact, strict=True):
        assert abs(mp.mpf(loss) - true) <= 2.0**-51 * max(1, true)


def test_cross_entropy_counts_ties_for_the_largest_score():
    s = np.array([[5.0, 5.0, 5.0], [5.0, 5.0, -900.0], [5.0, 4.0, -900.0]])
    y = np.eye(3)[[0, 1, 0]]
    np.testing.assert_allclose(cross_entropy(y, s)[:, 0], [np.log(3), np.log(2), np.log1p(np.exp(-1))], rtol=1e-15)


def test_cross_entropy_of_soft_labels_and_its_gradient():
    rng = np.random.default_rng(29)
    s, y = rng.normal(scale=3.0, size=(7, 3)), rng.dirichlet([1.0, 1.0, 1.0], size=7)
    ds = cross_entropy_backward(y, s)
    for i in range(7):
        target, score = [mp.mpf(a) for a in y[i].tolist()], s[i].tolist()
        assert float(abs(cross_entropy(y, s)[i, 0] - exact_cross_entropy(target, score))) < 4e-15
        for k in range(3):
            order = tuple(int(j == k) for j in range(3))
            true = mp.diff(lambda *x, t=target: exact_cross_entropy(t, x), tuple(score), order)
            assert abs(mp.mpf(float(ds[i, k])) - true) < 1e-15  # the y drawn sum to 1 but for a rounding


def test_two_classes_cost_the_same_in_either_cross_entropy():
    s = np.random.default_rng(31).integers(-999, 999, size=(40, 1)) / 8.0
    y = (s < 3.0).astype(float)
    pair = np.concatenate([np.zeros_like(s), s], axis=1)
    np.testing.assert_allclose(
        cross_entropy(np.concatenate([1 - y, y], axis=1), pair), binary_cross_entropy(y, s), rtol=1e-15
    )


def test_scikit_learn_reports_the_same_means():
    rng = np.random.default_rng(37)
    y, s = rng.normal(size=41), rng.normal(size=41)
    assert squared(y, s).mean() == pytest.approx(metrics.mean_squared_error(y, s), rel=1e-14)
    assert losses.absolute(y, s).mean() == pytest.approx(metrics.mean_absolute_error(y, s), rel=1e-14)
    assert quantile(y, s, q=0.3).mean() == pytest.approx(metrics.mean_pinball_loss(y, s, alpha=0.3), rel=1e-14)
    classes, scores = rng.integers(0, 3, 41), rng.normal(size=(41, 3))
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert cross_entropy(np.eye(3)[classes], scores).mean() == pytest.approx(
        metrics.log_loss(classes, probabilities), rel=1e-14
    )


def test_poisson_deviance_of_scikit_learn_is_twice_the_loss_above_that_of_a_perfect_score():
    rng = np.random.default_rng(41)
    y, s = rng.integers(1, 9, 41).astype(float), rng.normal(size=41)
    above = poisson(y, s) - poisson(y, np.log(y))
    assert 2.0 * above.mean() == pytest.approx(metrics.mean_poisson_deviance(y, np.exp(s)), rel=1e-13)


def deviance(y, s):
    """Half of it: y·log(y/λ) - y + λ, where log λ = s."""
    return mp.exp(s) - y * s + (y * mp.log(y) if y else 0) - y


def test_the_deviance_is_exact_to_8_units_of_the_last_place_of_its_terms():
    rng = np.random.default_rng(11)
    s = np.concatenate([rng.normal(scale=3.0, size=400), rng.uniform(-700.0, 700.0, size=200)])
    y = np.where(np.arange(600) % 3 == 0, rng.exponential(50.0, 600), targets("poisson", rng, 600))
    assert (y == 0.0).any()
    for each, a, b in zip(poisson(y, s, deviance=True).tolist(), y.tolist(), s.tolist(), strict=True):
        scale = mp.exp(b) + abs(a * b) + (a * abs(mp.log(a)) if a else 0) + a
        assert abs(each - deviance(mp.mpf(a), mp.mpf(b))) <= 8 * 2.0**-53 * scale


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_deviance_is_0_where_the_rate_is_the_count_and_the_rate_where_the_count_is_0(dtype):
    eps = float(np.finfo(dtype).eps)
    y = np.array([0.25, 1.0, 2.0, 7.0, 1000.0], dtype)
    found = poisson(y, np.log(y), deviance=True)
    assert found.dtype == dtype
    assert (np.abs(found) <= 8 * eps * y * np.maximum(1.0, np.log(y))).all()
    s = np.array([-1000.0, -3.0, 0.0, 5.0], dtype)
    np.testing.assert_array_equal(poisson(np.zeros_like(s), s, deviance=True), np.exp(s))


def test_the_deviance_is_half_of_scikit_learns_and_has_the_same_slope():
    rng = np.random.default_rng(41)
    y, s = rng.integers(0, 5, 41).astype(float), rng.normal(size=41)
    assert (y == 0.0).any()
    expected = metrics.mean_poisson_deviance(y, np.exp(s)) / 2
    assert poisson(y, s, deviance=True).mean() == pytest.approx(expected, rel=1e-13)
    np.testing.assert_array_equal(poisson_backward(y, s, deviance=True), poisson_backward(y, s))
    h = 1e-6
    slopes = (poisson(y, s + h, deviance=True) - poisson(y, s - h, deviance=True)) / (2 * h)
    np.testing.assert_allclose(poisson_backward(y, s, deviance=True), slopes, rtol=1e-7, atol=1e-8)


def test_the_deviance_of_finite_counts_from_0_gives_no_warning_and_no_nan(extremes):
    y, s = (grid.ravel() for grid in np.meshgrid(np.abs(extremes), extremes))
    with np.errstate(all="raise", under="ignore"):
        assert not np.isnan(poisson(y, s, deviance=True)).any()


def test_the_factor_of_the_squared_error_by_hand():
    y, s = np.array([5.0, 1.0]), np.array([2.0, 2.0])
    np.testing.assert_array_equal(squared(y, s), [9.0, 1.0])
    np.testing.assert_array_equal(squared_backward(y, s), [-6.0, 2.0])
    np.testing.assert_array_equal(squared(y, s, half=True), [4.5, 0.5])
    np.testing.assert_array_equal(squared_backward(y, s, half=True), [-3.0, 1.0])


def test_huber_by_hand_on_both_sides_of_delta():
    y, s = np.array([0.0, 0.0, 0.0, 9.0]), np.array([1.0, 2.0, 5.0, 0.0])
    np.testing.assert_array_equal(huber(y, s, delta=2.0), [0.5, 2.0, 8.0, 16.0])
    np.testing.assert_array_equal(huber_backward(y, s, delta=2.0), [1.0, 2.0, 2.0, -2.0])


def test_at_a_kink_the_slope_counts_as_0():
    y = np.array([2.0])
    assert losses.absolute_backward(y, y) == 0.0
    assert quantile_backward(y, y, q=0.9) == 0.0


def test_the_best_constant_of_the_quantile_loss_is_the_quantile():
    y = np.arange(1.0, 12.0)
    costs = [quantile(y, np.full_like(y, c), q=0.75).mean() for c in y]
    assert y[np.argmin(costs)] == 9.0  # 8 of the 11 numbers lie below


def test_a_poisson_score_above_the_bound_counts_as_the_bound():
    for dtype, bound in ((np.float64, np.log(np.finfo(np.float64).max) - 1.0), (np.float32, 87.7228)):
        s = np.array([bound, bound + 50.0, 1e30], dtype=dtype)
        y = np.array([3.0, 3.0, 3.0], dtype=dtype)
        assert np.isfinite(poisson(y, s)).all()
        np.testing.assert_allclose(poisson(y, s), poisson(y, s)[0], rtol=1e-4)
        np.testing.assert_allclose(poisson_backward(y, s), np.exp(s[0]), rtol=1e-4)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_no_finite_numbers_give_a_warning_or_nan(name, extremes):
    y, s = (grid.ravel() for grid in np.meshgrid(extremes, extremes))
    if name == "binary_cross_entropy":
        y = (np.arange(y.size) % 3 / 2).astype(y.dtype)
    with np.errstate(all="raise", under="ignore"):
        loss, ds = FUNCTIONS[name](y, s), FUNCTIONS[f"{name}_backward"](y, s)
    assert not np.isnan(loss).any()
    assert not np.isnan(ds).any()
    moderate = (np.abs(y) < 1e4) & (np.abs(s) < 1e4)
    assert np.isfinite(loss[moderate]).all()
    assert np.isfinite(ds[moderate]).all()
    if name == "binary_cross_entropy":
        assert np.isfinite(loss).all()
        assert np.isfinite(ds).all()


@pytest.mark.parametrize("soft", [False, True])
def test_cross_entropy_is_finite_for_all_finite_scores(soft, extremes):
    a, b = (grid.ravel() for grid in np.meshgrid(extremes, extremes))
    s = np.stack([a, b, np.roll(a, 3)], axis=1)
    y = (
        np.full_like(s, 0.25) + np.eye(3, dtype=s.dtype)[0] / 4
        if soft
        else np.eye(3, dtype=s.dtype)[np.arange(a.size) % 3]
    )
    with np.errstate(all="raise", under="ignore"):
        assert np.isfinite(cross_entropy(y, s)).all()
        assert np.isfinite(cross_entropy_backward(y, s)).all()


@given(st.sampled_from([0.0, 1.0]), st.floats(allow_nan=False, allow_infinity=False))
def test_binary_cross_entropy_is_never_negative_and_its_gradient_points_to_the_target(y, s):
    target, score = np.array([y]), np.array([s])
    assert binary_cross_entropy(target, score)[0] >= 0.0
    ds = binary_cross_entropy_backward(target, score)[0]
    assert ds <= 0.0 if y == 1.0 else ds >= 0.0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_shape_stay_and_arguments_are_left_alone(name, dtype):
    rng = np.random.default_rng(43)
    s, y = rng.normal(size=(5, 3)).astype(dtype), rng.dirichlet([1.0, 1.0, 1.0], size=5).astype(dtype)
    for argument in (s, y):
        argument.flags.writeable = False
    loss, ds = FUNCTIONS[name](y, s), FUNCTIONS[f"{name}_backward"](y, s)
    assert loss.dtype == ds.dtype == dtype
    assert loss.shape == ((5, 1) if name == "cross_entropy" else (5, 3))
    assert ds.shape == (5, 3)


def test_nan_in_a_score_is_not_hidden():
    s, y = np.array([[np.nan, 1.0, 2.0]]), np.array([[0.0, 1.0, 0.0]])
    for name in NAMES:
        assert np.isnan(FUNCTIONS[name](y, s)).any(), name
        assert np.isnan(FUNCTIONS[f"{name}_backward"](y, s)).any(), name
