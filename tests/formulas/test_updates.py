import inspect
import json
import math
from pathlib import Path

import numpy as np
import pytest
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from glassnet.formulas import updates

RULES = {
    name: function
    for name, function in vars(updates).items()
    if inspect.isfunction(function) and function.__module__ == updates.__name__
}
BY_OPTAX = json.loads(Path(__file__).with_name("updates_by_optax.json").read_text())
BETAS = {"lr": 0.1, "beta1": 0.8, "beta2": 0.9, "eps": 1e-3}
OPTIONS = {  # those that optax was given
    "sgd": {"lr": 0.1},
    "momentum": {"lr": 0.1, "momentum": 0.8},
    "nesterov": {"lr": 0.1, "momentum": 0.8},
    "adagrad": {"lr": 0.1, "eps": 0.0},
    "rmsprop": {"lr": 0.1, "rho": 0.8, "eps": 1e-3},
    "adadelta": {"lr": 0.5, "rho": 0.8, "eps": 1e-3},
    "adam": BETAS,
    "nadam": BETAS,
    "adamw": {**BETAS, "weight_decay": 0.2},
}


def parts(name):
    """The names of a rule's slots and of its options, in order."""
    parameters = list(inspect.signature(RULES[name]).parameters.values())
    slots = [p.name for p in parameters[2:] if p.kind is p.POSITIONAL_OR_KEYWORD]
    return slots, [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]


def walk(name, theta, gradients, **options):
    """The parameters after each step, the slots zero at first."""
    slots, known = parts(name)
    state = [np.zeros_like(theta) for _ in slots]
    path = []
    for t, g in enumerate(gradients, start=1):
        step = {"t": t} if "t" in known else {}
        theta, *state = RULES[name](theta, np.array(g, dtype=theta.dtype), *state, **step, **options)
        path.append(theta)
    return np.array(path)


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_four_steps_are_those_of_optax(name):
    path = walk(name, np.array(BY_OPTAX["theta"]), BY_OPTAX["gradients"], **OPTIONS[name])
    np.testing.assert_allclose(path, BY_OPTAX["steps"][name], rtol=1e-14)


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_momentum_steps_are_those_of_scikit_learn_even_when_the_rate_changes(name):
    theirs = np.array([1.0, 2.0, -3.0])
    optimizer = SGDOptimizer([theirs], learning_rate_init=0.1, momentum=0.7, nesterov=name == "nesterov")
    ours, velocity = theirs.copy(), np.zeros(3)
    for lr, g in zip([0.1, 0.02, 0.5, 0.1], BY_OPTAX["gradients"], strict=True):
        optimizer.learning_rate = lr
        optimizer.update_params([theirs], [np.array(g)])
        ours, velocity = RULES[name](ours, np.array(g), velocity, lr=lr, momentum=0.7)
        np.testing.assert_allclose(ours, theirs, rtol=1e-15)


def test_adam_steps_are_those_of_scikit_learn_without_epsilon():
    theirs = np.array([1.0, 2.0, -3.0])
    optimizer = AdamOptimizer([theirs], learning_rate_init=0.1, beta_1=0.8, beta_2=0.9, epsilon=0.0)
    path = walk("adam", theirs.copy(), BY_OPTAX["gradients"], lr=0.1, beta1=0.8, beta2=0.9, eps=0.0)
    for ours, g in zip(path, BY_OPTAX["gradients"], strict=True):
        optimizer.update_params([theirs], [np.array(g)])
        np.testing.assert_allclose(ours, theirs, rtol=1e-14)


def test_two_steps_of_momentum_by_hand():
    # u = -0.1·4 = -0.4, θ = 0.6; then u = 0.5·(-0.4) - 0.1·2 = -0.4, θ = 0.2
    np.testing.assert_allclose(
        walk("momentum", np.array([1.0]), [[4.0], [2.0]], lr=0.1, momentum=0.5), [[0.6], [0.2]], rtol=1e-15
    )


def test_two_steps_of_nesterov_by_hand():
    # u = -0.4, θ = 1 - 0.2 - 0.4 = 0.4; then u = -0.4, θ = 0.4 - 0.2 - 0.2 = 0
    path = walk("nesterov", np.array([1.0]), [[4.0], [2.0]], lr=0.1, momentum=0.5)
    np.testing.assert_allclose(path, [[0.4], [0.0]], rtol=1e-15, atol=1e-15)


def test_two_steps_of_adagrad_by_hand():
    # v = 9, θ = 1 - 3/(3+1) = 0.25; then v = 9 + 16 = 25, θ = 0.25 + 4/(5+1)
    path = walk("adagrad", np.array([1.0]), [[3.0], [-4.0]], lr=1.0, eps=1.0)
    np.testing.assert_allclose(path, [[0.25], [0.25 + 4 / 6]], rtol=1e-15)


def test_two_steps_of_rmsprop_by_hand():
    # v = ¼·4 = 1, θ = 1 - 2/(1+1) = 0; then v = ¾ + ¼·13 = 4, θ = -√13/(2+1)
    path = walk("rmsprop", np.array([1.0]), [[2.0], [math.sqrt(13)]], lr=1.0, rho=0.75, eps=1.0)
    np.testing.assert_allclose(path, [[0.0], [-math.sqrt(13) / 3]], rtol=1e-15)


def test_two_steps_of_adadelta_by_hand():
    # v = ½·6 = 3, d = √6·√1/√4 = √1.5, u = ½·1.5 = 0.75
    # then v = 1.5 + ½·7 = 5, d = √7·√1.75/√6 = √(12.25/6)
    path = walk("adadelta", np.array([0.0]), [[math.sqrt(6)], [math.sqrt(7)]], lr=2.0, rho=0.5, eps=1.0)
    first = 2 * math.sqrt(1.5)
    np.testing.assert_allclose(path, [[-first], [-first - 2 * math.sqrt(12.25 / 6)]], rtol=1e-15)


def test_the_second_step_of_adam_by_hand_has_the_power_t():
    # m = 1, v = 1, m̂ = 1/½ = 2, v̂ = 1/¼ = 4, θ = 1 - 0.1·2/2
    # m = ½ + 2 = 5/2, v = ¾ + 4 = 19/4, m̂ = (5/2)/(3/4) = 10/3, v̂ = (19/4)/(7/16) = 76/7
    path = walk("adam", np.array([1.0]), [[2.0], [4.0]], lr=0.1, beta1=0.5, beta2=0.75, eps=0.0)
    np.testing.assert_allclose(path, [[0.9], [0.9 - 0.1 * (10 / 3) / math.sqrt(76 / 7)]], rtol=1e-15)


def test_epsilon_of_adam_is_added_to_the_corrected_root():
    # m̂ = 2, √v̂ = 2: the step is 2/(2 + 2). Within the root it would be 2/√6; uncorrected, 2/(2 + 2·2).
    path = walk("adam", np.array([1.0]), [[2.0]], lr=1.0, beta1=0.5, beta2=0.75, eps=2.0)
    np.testing.assert_allclose(path, [[0.5]], rtol=1e-15)


def test_two_steps_of_adam_hat_by_hand():
    # m = 1, v = 1, lr₁ = 0.2·√¼/½ = 0.2: θ = 1 - 0.2·1/(1 + 1)
    # m = ½ + 2 = 5/2, v = ¾ + 4 = 19/4, lr₂ = 0.2·√(7/16)/¾: the step is lr₂·(5/2)/(√(19/4) + 1)
    path = walk("adam_hat", np.array([1.0]), [[2.0], [4.0]], lr=0.2, beta1=0.5, beta2=0.75, eps=1.0)
    second = 0.2 * (math.sqrt(7) / 3) * 2.5 / (math.sqrt(4.75) + 1)
    np.testing.assert_allclose(path, [[0.9], [0.9 - second]], rtol=1e-15)


def test_adam_hat_is_adam_without_epsilon_and_not_with_it():
    theta, gradients = np.array(BY_OPTAX["theta"]), BY_OPTAX["gradients"]
    betas = {**BETAS, "eps": 0.0}
    hat = walk("adam_hat", theta, gradients, **betas)
    np.testing.assert_allclose(hat, walk("adam", theta, gradients, **betas), rtol=1e-14)
    betas["eps"] = 0.1
    assert np.abs(walk("adam_hat", theta, gradients, **betas) - walk("adam", theta, gradients, **betas)).max() > 1e-3


def test_epsilon_of_adam_hat_counts_in_adam_for_itself_over_the_root_of_1_minus_beta2_to_the_t():
    theta, g, beta2 = np.array([1.0, -2.0]), np.array([0.5, 3.0]), 0.9
    hat = walk("adam_hat", theta, [g], lr=0.1, beta2=beta2, eps=0.25)
    np.testing.assert_allclose(
        hat, walk("adam", theta, [g], lr=0.1, beta2=beta2, eps=0.25 / math.sqrt(0.1)), rtol=1e-15
    )


def test_fifty_steps_of_adam_hat_are_those_of_scikit_learn():
    gradients = np.random.default_rng(83).normal(size=(50, 3)) * [1.0, 1e-4, 30.0]
    theirs = np.array([1.0, 2.0, -3.0])
    optimizer = AdamOptimizer([theirs], learning_rate_init=0.1, beta_1=0.8, beta_2=0.99, epsilon=1e-3)
    path = walk("adam_hat", theirs.copy(), gradients, lr=0.1, beta1=0.8, beta2=0.99, eps=1e-3)
    for ours, g in zip(path, gradients, strict=True):
        optimizer.update_params([theirs], [g.copy()])
        np.testing.assert_allclose(ours, theirs, rtol=1e-13)


def test_the_second_step_of_amsgrad_by_hand_keeps_the_largest_v():
    # v = ¼·16 = 4, m = 2, m̂ = 4, v̂ = 16; then v = 3 + ¼·0 = 3 < 4, m = 1, m̂ = 4/3, v̂_max = 4/(7/16) = 64/7
    path = walk("amsgrad", np.array([1.0]), [[4.0], [0.0]], lr=0.5, beta1=0.5, beta2=0.75, eps=0.0)
    np.testing.assert_allclose(path, [[0.5], [0.5 - 0.5 * (4 / 3) / math.sqrt(64 / 7)]], rtol=1e-15)


def test_amsgrad_is_adam_while_v_grows():
    gradients = [[1.0, -2.0], [2.0, -3.0], [4.0, 5.0]]
    theta = np.array([0.5, -0.5])
    np.testing.assert_array_equal(walk("amsgrad", theta, gradients, **BETAS), walk("adam", theta, gradients, **BETAS))


def test_two_steps_of_nadam_by_hand():
    # m = 1, v = 1, m̂ = ½·1/¾ + ½·2/½ = 8/3, √v̂ = 2; then m = ½ + 2 = 5/2, v = 19/4,
    # m̂ = ½·(5/2)/(7/8) + ½·4/(3/4) = 10/7 + 8/3, v̂ = 76/7
    path = walk("nadam", np.array([1.0]), [[2.0], [4.0]], lr=0.3, beta1=0.5, beta2=0.75, eps=0.0)
    first = 1.0 - 0.3 * (8 / 3) / 2
    np.testing.assert_allclose(path, [[first], [first - 0.3 * (10 / 7 + 8 / 3) / math.sqrt(76 / 7)]], rtol=1e-14)


def test_adamw_shrinks_only_what_is_marked():
    theta = np.array([1.0, 2.0, -3.0])
    decayed = np.array([1.0, 0.0, 1.0])
    gradients = BY_OPTAX["gradients"]
    marked = walk("adamw", theta, gradients, **BETAS, weight_decay=0.2, decayed=decayed)
    every = walk("adamw", theta, gradients, **BETAS, weight_decay=0.2)
    none = walk("adam", theta, gradients, **BETAS)
    np.testing.assert_array_equal(marked, np.where(decayed == 1.0, every, none))
    assert np.abs(every - none).min() > 0.01


def iteration_of_rprop(theta, g, step, g_before):
    """Igel and Hüsken (2000), algorithm iRprop⁻, for one parameter."""
    if g_before * g > 0:
        step = min(step * 1.2, 50.0)
    elif g_before * g < 0:
        step = max(step * 0.5, 1e-6)
        g = 0.0
    sign = (g > 0) - (g < 0)
    return theta - sign * step, step, g


def test_forty_steps_of_rprop_are_those_of_the_paper():
    rng = np.random.default_rng(73)
    gradients = rng.normal(size=(40, 3)) + np.array([0.0, 3.0, 0.5])
    gradients[11] = 0.0
    path = walk("rprop", np.array([1.0, 2.0, -3.0]), gradients, lr=0.1)
    for column, theta in enumerate([1.0, 2.0, -3.0]):
        step, g_before = 0.1, 0.0
        for t, g in enumerate(gradients[:, column].tolist()):
            theta, step, g_before = iteration_of_rprop(theta, g, step, g_before)
            assert path[t, column] == pytest.approx(theta, rel=1e-13)


def test_steps_of_rprop_stay_between_their_bounds():
    up = walk("rprop", np.array([0.0]), [[1.0]] * 60, lr=0.1)
    assert -np.diff(up[:, 0])[-1] == pytest.approx(50.0)
    down = walk("rprop", np.array([0.0]), [[1.0], [-1.0], [-1.0]] * 90, lr=0.1, grow=1.0)
    assert np.abs(np.diff(down[:, 0]))[-1] == pytest.approx(1e-6)


def test_rprop_sees_the_sign_of_gradients_whose_product_underflows():
    path = walk("rprop", np.array([0.0]), [[1e-200], [1e-200]], lr=0.1)
    np.testing.assert_allclose(path, [[-0.1], [-0.22]], rtol=1e-15)


@pytest.mark.parametrize("name", ["adagrad", "rmsprop", "adam", "adam_hat", "amsgrad", "adamw", "rprop"])
def test_the_first_step_is_as_long_whatever_the_size_of_the_gradient(name):
    no_eps = {} if name == "rprop" else {"eps": 0.0}
    for size in (1e-9, 1.0, 1e9):
        path = walk(name, np.array([0.0, 0.0]), [[size, -3.0 * size]], lr=0.1, **no_eps)
        expected = 0.1 / math.sqrt(0.1) if name == "rmsprop" else 0.1
        np.testing.assert_allclose(path, [[-expected, expected]], rtol=1e-13)


def test_every_rule_takes_theta_g_slots_and_by_name_a_rate():
    for name, rule in RULES.items():
        slots, options = parts(name)
        parameters = list(inspect.signature(rule).parameters.values())
        assert [p.name for p in parameters[:2]] == ["theta", "g"], name
        assert options[0] == "lr", name
        assert all((p.default is p.empty) == (p.name in ("lr", "t")) for p in parameters if p.name in options), name
        result = rule(
            np.ones(3),
            np.ones(3),
            *(np.zeros(3) for _ in slots),
            lr=0.1,
            **({"t": 1} if "t" in options else {}),
        )
        assert isinstance(result, tuple)
        assert len(result) == 1 + len(slots), name


@pytest.mark.parametrize("name", sorted(RULES))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_shape_stay_and_arguments_are_left_alone(name, dtype):
    slots, options = parts(name)
    rng = np.random.default_rng(79)
    arrays = [
        rng.normal(size=7).astype(dtype),
        rng.normal(size=7).astype(dtype),
        *(np.ones(7, dtype) for _ in slots),
    ]
    for array in arrays:
        array.flags.writeable = False
    for each in RULES[name](*arrays, lr=0.1, **({"t": 2} if "t" in options else {})):
        assert each.dtype == dtype
        assert each.shape == (7,)


@pytest.mark.parametrize("name", sorted(RULES))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_gradient_of_zero_moves_nothing_and_divides_by_nothing(name, dtype):
    still = {"weight_decay": 0.0} if name == "adamw" else {}
    path = walk(name, np.array([1.0, -2.0], dtype=dtype), [[0.0, 0.0]] * 3, lr=0.1, **still)
    np.testing.assert_array_equal(path, [[1.0, -2.0]] * 3)


@pytest.mark.parametrize("name", sorted(set(RULES) - {"gather"}))  # which moves nothing
def test_every_rule_comes_near_the_bottom_of_a_bowl(name):
    slots, options = parts(name)
    theta, curvature = np.array([1.5, -0.5]), np.array([1.0, 3.0])
    state = [np.zeros(2) for _ in slots]
    rate = {"adadelta": 2.0, "adagrad": 0.5}.get(name, 0.02)
    for t in range(1, 801):
        step = {"t": t} if "t" in options else {}
        theta, *state = RULES[name](theta, curvature * theta, *state, lr=rate, **step)
    assert np.abs(theta).max() < 0.05
