import inspect
import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.formulas import activations
from glassnet.formulas.activations import log_softmax, log_softmax_backward, softmax, softmax_backward

FUNCTIONS = {
    name: function
    for name, function in vars(activations).items()
    if inspect.isfunction(function) and function.__module__ == activations.__name__ and name[0] != "_"
}
NAMES = sorted(name for name in FUNCTIONS if not name.endswith("_backward"))
ELEMENTWISE = sorted(set(NAMES) - {"softmax", "log_softmax"})


def selu_constants():
    """Klambauer et al. (2017), equation 14."""
    a, e = mp.erfc(1 / mp.sqrt(2)), mp.e
    alpha = -mp.sqrt(2 / mp.pi) / (a * mp.sqrt(e) - 1)
    scale = (1 - a * mp.sqrt(e)) * mp.sqrt(2 * mp.pi)
    scale /= mp.sqrt(2 * mp.erfc(mp.sqrt(2)) * e**2 + mp.pi * a**2 * e - 2 * (2 + mp.pi) * a * mp.sqrt(e) + mp.pi + 2)
    return scale, alpha


def exact_elu(z, alpha=1):
    return z if z > 0 else alpha * mp.expm1(z)


def exact_selu(z):
    scale, alpha = selu_constants()
    return scale * exact_elu(z, alpha)


def exact_sigmoid(z):
    return mp.exp(z) / (1 + mp.exp(z)) if z < 0 else 1 / (1 + mp.exp(-z))


def exact_gelu(z):
    u = mp.sqrt(2 / mp.pi) * (z + mp.mpf(0.044715) * z**3)
    return z / 2 * (1 + mp.tanh(u)) if abs(z) < 5 else z * exact_sigmoid(2 * u)


def exact_softplus(z):
    return mp.log1p(mp.exp(z)) if z < 0 else z + mp.log1p(mp.exp(-z))


def exact_log_softmax(row):
    top, *others = sorted((mp.mpf(x) for x in row), reverse=True)
    return [mp.mpf(x) - top - mp.log1p(mp.fsum(mp.exp(x - top) for x in others)) for x in row]


# The definitions, written again for numbers of any length.
EXACT = {
    "elu": exact_elu,
    "exponential": lambda z: mp.exp(min(z, mp.mpf(float(np.log(np.finfo(np.float64).max)) - 1.0))),
    "gelu": exact_gelu,
    "identity": lambda z: z,
    "leaky_relu": lambda z: z if z > 0 else mp.mpf(0.01) * z,
    "log_sigmoid": lambda z: -exact_softplus(-z),
    "mish": lambda z: z * mp.tanh(exact_softplus(z)),
    "relu": lambda z: z if z > 0 else mp.mpf(0),
    "selu": exact_selu,
    "sigmoid": exact_sigmoid,
    "silu": lambda z: z * exact_sigmoid(z),
    "softplus": exact_softplus,
    "softsign": lambda z: z / (1 + abs(z)),
    "tanh": mp.tanh,
}


def test_every_activation_has_its_backward_partner_with_the_same_options():
    assert set(FUNCTIONS) == set(NAMES) | {f"{name}_backward" for name in NAMES}
    for name in NAMES:
        forward = list(inspect.signature(FUNCTIONS[name]).parameters.values())
        backward = list(inspect.signature(FUNCTIONS[f"{name}_backward"]).parameters.values())
        assert [p.name for p in forward[:1]] == ["z"], name
        assert [p.name for p in backward[:3]] == ["da", "z", "a"], name
        assert forward[1:] == backward[3:], name


def test_every_elementwise_activation_is_held_against_exact_values():
    assert sorted(EXACT) == ELEMENTWISE


@pytest.mark.parametrize("name", sorted(set(ELEMENTWISE) - {"gelu", "mish", "silu"}))
def test_values_are_exact_to_4_units_of_the_last_place_over_the_whole_range(name, scores, ulps):
    a = FUNCTIONS[name](scores)
    assert ulps(a, [EXACT[name](mp.mpf(z)) for z in scores.tolist()]).max() <= 4.0


@pytest.mark.parametrize(("name", "smallest"), [("silu", 1e-305), ("mish", 1e-304)])
def test_what_multiplies_z_by_a_share_is_exact_to_8_units_of_the_last_place_where_that_is_normal(
    name, smallest, scores, ulps
):
    z = scores[scores > -708.0]
    assert ulps(FUNCTIONS[name](z), [EXACT[name](mp.mpf(x)) for x in z.tolist()]).max() <= 8.0
    assert np.abs(FUNCTIONS[name](scores[scores <= -708.0])).max() < smallest


def test_gelu_is_exact_to_8_units_of_the_last_place_of_its_score(scores):
    for z, a in zip(scores.tolist(), activations.gelu(scores).tolist(), strict=True):
        assert abs(mp.mpf(a) - exact_gelu(mp.mpf(z))) <= 8 * math.ulp(z)


def test_gelu_is_the_tanh_approximation_and_close_to_the_one_with_the_normal_distribution():
    z = np.linspace(-6.0, 6.0, 101)
    normal = np.array([float(x * mp.ncdf(x)) for x in z])
    assert 1e-4 < np.abs(activations.gelu(z) - normal).max() < 5e-4


@pytest.mark.parametrize("name", sorted(set(ELEMENTWISE) - {"exponential"}))
def test_derivatives_are_exact_to_the_documented_absolute_error(name, scores):
    z = np.concatenate([scores[11:400], scores[715:1000], np.linspace(-8.25, 8.75, 101), np.linspace(34.0, 40.0, 61)])
    bound = {"silu": 2.0**-47, "gelu": 2.0**-46}.get(name, 2.0**-52)
    a = FUNCTIONS[name](z)
    dz = FUNCTIONS[f"{name}_backward"](np.full_like(z, 0.5), z, a)
    exact = [0.5 * mp.diff(EXACT[name], mp.mpf(x)) for x in z.tolist()]
    errors = [abs(mp.mpf(d) - e) for d, e in zip(dz.tolist(), exact, strict=True)]
    assert max(errors) <= bound


def test_the_exponential_is_its_own_slope():
    z = np.linspace(-30.0, 30.0, 61)
    dz = activations.exponential_backward(np.full_like(z, 0.5), z, activations.exponential(z))
    np.testing.assert_allclose(dz, [float(mp.exp(x) / 2) for x in z.tolist()], rtol=1e-15)


@pytest.mark.parametrize("name", ["elu", "leaky_relu"])
def test_options_reach_value_and_derivative(name):
    option = {"elu": {"alpha": 3.0}, "leaky_relu": {"slope": 0.25}}[name]
    exact = {
        "elu": lambda x: exact_elu(x, alpha=3),
        "leaky_relu": lambda x: x if x > 0 else x / 4,
    }[name]
    z = np.array([-5.0, -0.5, 0.5, 2.0])
    a = FUNCTIONS[name](z, **option)
    dz = FUNCTIONS[f"{name}_backward"](np.full_like(z, 2.0), z, a, **option)
    np.testing.assert_allclose(a, [float(exact(mp.mpf(x))) for x in z], rtol=1e-15)
    np.testing.assert_allclose(dz, [float(2 * mp.diff(exact, x)) for x in z], rtol=1e-14)


@pytest.mark.parametrize(
    ("name", "slope"),
    [("relu", 0.0), ("leaky_relu", 0.01), ("elu", 1.0), ("selu", 1.7580993408473769)],
)
def test_at_the_kink_the_slope_is_the_documented_one(name, slope):
    z = np.array([0.0, -0.0])
    dz = FUNCTIONS[f"{name}_backward"](np.array([2.0, 2.0]), z, FUNCTIONS[name](z))
    np.testing.assert_allclose(dz, 2.0 * slope, rtol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_no_finite_score_gives_a_warning_or_nan(name, extremes):
    z = np.stack([extremes, extremes[::-1], np.roll(extremes, 5)], axis=1)  # rows for the softmax
    with np.errstate(all="raise", under="ignore"):
        a = FUNCTIONS[name](z)
        for da in (np.full_like(z, -3.0), np.zeros_like(z)):
            dz = FUNCTIONS[f"{name}_backward"](da, z, a)
            assert (np.isneginf(dz) if name == "exponential" else np.zeros_like(dz) != 0)[~np.isfinite(dz)].all()
    overflows = (z > np.finfo(z.dtype).max / 1.05) & (name == "selu")
    if name == "log_softmax":  # the logarithm itself is below the smallest float
        with np.errstate(over="ignore"):
            overflows = np.isinf(z - z.max(axis=1, keepdims=True))
    assert np.isinf(a[overflows]).all()
    assert np.isfinite(a[~overflows]).all()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_values_keep_the_bounds_that_their_names_promise(z):
    z = np.array([z])
    bounds = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "softsign": (-1.0, 1.0), "elu": (-1.0, np.inf)}
    bounds |= {"relu": (0.0, np.inf), "softplus": (0.0, np.inf), "silu": (-0.2785, np.inf)}
    bounds |= {"log_sigmoid": (-np.inf, 0.0)}
    bounds |= {"mish": (-0.3089, np.inf)}
    bounds |= {"gelu": (-0.1701, np.inf), "selu": (-1.7581, np.inf)}
    for name, (low, high) in bounds.items():
        assert low <= FUNCTIONS[name](z)[0] <= high, name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_shape_stay_and_arguments_are_left_alone(name, dtype):
    z = np.random.default_rng(3).normal(scale=3.0, size=(5, 7)).astype(dtype)
    da = z[::-1] * dtype(0.5)
    for argument in (z, da):
        argument.flags.writeable = False
    a = FUNCTIONS[name](z)
    dz = FUNCTIONS[f"{name}_backward"](da, z, a)
    assert a.dtype == dz.dtype == dtype
    assert a.shape == dz.shape == z.shape


@pytest.mark.parametrize("name", NAMES)
def test_nan_stays_nan(name):
    assert np.isnan(FUNCTIONS[name](np.array([np.nan, 1.0]))).any()


def test_softmax_is_exact_to_a_few_units_of_the_last_place(ulps):
    z = np.random.default_rng(5).integers(-2048, 2048, size=(40, 7)) / 64.0
    for row, a in zip(z.tolist(), softmax(z), strict=True):
        total = mp.fsum(mp.exp(x) for x in row)
        assert ulps(a, [mp.exp(x) / total for x in row]).max() <= 6.0


def test_softmax_rows_sum_to_one_and_a_common_shift_changes_nothing():
    z = np.random.default_rng(5).integers(-50, 50, size=(5, 3)) / 4.0
    np.testing.assert_allclose(softmax(z).sum(axis=-1), 1.0, rtol=1e-15)
    np.testing.assert_array_equal(softmax(z + 1024.0), softmax(z))


def test_softmax_works_along_the_last_axis():
    z = np.log([[1.0, 3.0], [1.0, 1.0], [9.0, 1.0]])
    np.testing.assert_allclose(softmax(z), [[0.25, 0.75], [0.5, 0.5], [0.9, 0.1]], rtol=1e-15)
    np.testing.assert_allclose(softmax(z[0]), [0.25, 0.75], rtol=1e-15)


def test_softmax_backward_is_the_product_with_the_whole_jacobian():
    rng = np.random.default_rng(5)
    z, da = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    h = 1e-6
    for i in range(5):
        jacobian = np.stack([(softmax(z[i] + h * unit) - softmax(z[i] - h * unit)) / (2 * h) for unit in np.eye(3)])
        np.testing.assert_allclose(softmax_backward(da, z, softmax(z))[i], jacobian @ da[i], rtol=1e-8, atol=1e-10)


def test_softmax_backward_by_hand():
    # a = (½, ¼, ¼), da = (4, 0, 8): the weighted mean of da is 4.
    a = np.array([[0.5, 0.25, 0.25]])
    np.testing.assert_array_equal(softmax_backward(np.array([[4.0, 0.0, 8.0]]), np.log(a), a), [[0.0, -1.0, 1.0]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_softmax_is_exact_to_8_units_of_the_last_place_even_where_a_probability_is_almost_1(dtype, ulps):
    z = np.random.default_rng(5).integers(-2048, 2048, size=(200, 5)) / 64.0  # differences without a rounding
    z[:40, 0] += 64.0
    a = log_softmax(z.astype(dtype))
    assert a.dtype == dtype
    assert (np.abs(a) < 1e-20).any()
    for row, each in zip(z.tolist(), a, strict=True):
        assert ulps(each, exact_log_softmax(row)).max() <= 8.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_softmax_is_exact_for_saturated_scores_and_ties(dtype, ulps):
    sizes = [1e4, 1e10, 1e30, *([1e100, 1e300] if dtype is np.float64 else [])]
    rows = [[s, -s, 0.0] for s in sizes] + [[s, s, -s] for s in sizes] + [[-s, -s, -s] for s in sizes]
    rows += [[0.0, s, 7.0] for s in sizes] + [[-s, 1.0, 1.0] for s in sizes] + [[-s, 2.0, 1.0] for s in sizes]
    z = np.array([*rows, [0.0, -0.0, 0.0], [5.0, 5.0, 4.0], [5.0, 4.0, 4.0]], dtype)
    with np.errstate(all="raise", under="ignore"):
        a = log_softmax(z)
        da = np.array([[8.0, -3.0, 0.5]] * len(z), dtype)
        dz = log_softmax_backward(da, z, a)
    assert np.isfinite(dz).all()
    for row, each, slopes in zip(z.tolist(), a, dz.tolist(), strict=True):
        exact = exact_log_softmax(row)
        assert ulps(each, exact).max() <= 8.0
        for slope, d, x in zip(slopes, da[0].tolist(), exact, strict=True):
            assert abs(slope - (d - mp.exp(x) * mp.mpf(5.5))) <= 16 * float(np.finfo(dtype).eps)


def test_log_softmax_of_scores_whose_differences_round_is_the_one_of_scores_half_a_digit_away():
    z = np.random.default_rng(7).uniform(-300.0, 300.0, size=(60, 3))
    for row, a in zip(z.tolist(), log_softmax(z).tolist(), strict=True):
        for each, exact in zip(a, exact_log_softmax(row), strict=True):
            assert abs(each - exact) <= 8 * 2.0**-53 * abs(exact) + 600 * 2.0**-53 * abs(mp.expm1(exact))


def test_log_softmax_of_two_scores_is_log_sigmoid_of_their_difference():
    z = np.random.default_rng(5).integers(-999, 999, size=(40, 1)) / 8.0
    pair = log_softmax(np.concatenate([z, np.zeros_like(z)], axis=1))
    np.testing.assert_allclose(pair[:, :1], activations.log_sigmoid(z), rtol=4e-16)
    np.testing.assert_allclose(pair[:, 1:], activations.log_sigmoid(-z), rtol=4e-16)


def test_log_softmax_backward_is_the_product_with_the_whole_jacobian():
    rng = np.random.default_rng(5)
    z, da = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    h = 1e-6
    for i in range(5):
        columns = [(log_softmax(z[i] + h * unit) - log_softmax(z[i] - h * unit)) / (2 * h) for unit in np.eye(3)]
        dz = log_softmax_backward(da, z, log_softmax(z))[i]
        np.testing.assert_allclose(dz, np.stack(columns) @ da[i], rtol=1e-8, atol=1e-9)


def test_log_softmax_backward_by_hand():
    # probabilities ½, ¼, ¼; the da sum to 4
    a = np.log([[0.5, 0.25, 0.25]])
    dz = log_softmax_backward(np.array([[4.0, -8.0, 8.0]]), a, a)
    np.testing.assert_allclose(dz, [[2.0, -9.0, 7.0]], rtol=1e-15)
