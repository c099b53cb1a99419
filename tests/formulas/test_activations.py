import inspect
import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.formulas import activations
from glassnet.formulas.activations import softmax, softmax_backward

FUNCTIONS = {
    name: function
    for name, function in vars(activations).items()
    if inspect.isfunction(function) and function.__module__ == activations.__name__ and name[0] != "_"
}
NAMES = sorted(name for name in FUNCTIONS if not name.endswith("_backward"))
ELEMENTWISE = sorted(set(NAMES) - {"softmax"})


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


# The definitions, written again for numbers of any length.
EXACT = {
    "elu": exact_elu,
    "exponential": lambda z: mp.exp(min(z, mp.mpf(float(np.log(np.finfo(np.float64).max)) - 1.0))),
    "gelu": exact_gelu,
    "identity": lambda z: z,
    "leaky_relu": lambda z: z if z > 0 else mp.mpf(0.01) * z,
    "relu": lambda z: z if z > 0 else mp.mpf(0),
    "selu": exact_selu,
    "sigmoid": exact_sigmoid,
    "silu": lambda z: z * exact_sigmoid(z),
    "softplus": lambda z: mp.log1p(mp.exp(z)) if z < 0 else z + mp.log1p(mp.exp(-z)),
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


@pytest.mark.parametrize("name", sorted(set(ELEMENTWISE) - {"gelu", "silu"}))
def test_values_are_exact_to_4_units_of_the_last_place_over_the_whole_range(name, scores, ulps):
    a = FUNCTIONS[name](scores)
    assert ulps(a, [EXACT[name](mp.mpf(z)) for z in scores.tolist()]).max() <= 4.0


def test_silu_is_exact_to_8_units_of_the_last_place_where_its_sigmoid_is_a_normal_number(scores, ulps):
    z = scores[scores > -708.0]
    assert ulps(activations.silu(z), [EXACT["silu"](mp.mpf(x)) for x in z.tolist()]).max() <= 8.0
    assert np.abs(activations.silu(scores[scores <= -708.0])).max() < 1e-305


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
    assert np.isinf(a[overflows]).all()
    assert np.isfinite(a[~overflows]).all()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_values_keep_the_bounds_that_their_names_promise(z):
    z = np.array([z])
    bounds = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "softsign": (-1.0, 1.0), "elu": (-1.0, np.inf)}
    bounds |= {"relu": (0.0, np.inf), "softplus": (0.0, np.inf), "silu": (-0.2785, np.inf)}
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
