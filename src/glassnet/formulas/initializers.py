"""Where the parameters start: random, because units that start equal stay equal.

Every function draws from the generator it is given and returns float64 numbers of the given shape: (fan_in,
fan_out) for weights W, one row per input and one column per unit, or (units,) for biases b.

How large should they be? A score z = x @ W + b sums fan_in products, so its variance is fan_in·Var(W)·E[x²],
and after many layers the signal has died or exploded unless Var(W) ≈ 1/fan_in. The rules from `lecun_uniform`
on differ in the factor only:

    lecun    1 / fan_in                  selu, or identity
    glorot   2 / (fan_in + fan_out)      tanh, sigmoid: a compromise with the way back, where fan_out counts
    he       2 / fan_in                  relu, which lets half of the signal through

Each comes uniform, on ±√(3·Var), and normal. The normal ones are not truncated, as in PyTorch; Keras cuts off
at two standard deviations. Biases start at zero.

The last two look at the training rows: what they draw is changed by their partner `…_on_rows`, which is given the
scores z (rows, units) that rows get from what was drawn.
"""

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, ...]
Numbers = NDArray[np.float64]

ROUNDING = 1e-8  # a z that spreads by less than this share of its size has one value, rounded
MIXED = 5  # rows


def zeros(rng: np.random.Generator, shape: Shape) -> Numbers:
    """θ = 0: for biases; as weights it would leave all units of a layer equal for ever.

    >>> zeros(np.random.default_rng(0), (3,))
    array([0., 0., 0.])
    """
    return np.zeros(shape)


def constant(rng: np.random.Generator, shape: Shape, value: float) -> Numbers:
    """θ = value: the same number everywhere.

    >>> constant(np.random.default_rng(0), (3,), value=0.5)
    array([0.5, 0.5, 0.5])
    """
    return np.full(shape, float(value))


def uniform(rng: np.random.Generator, shape: Shape, low: float = -0.05, high: float = 0.05) -> Numbers:
    """θ ~ U(low, high): each number between low and high equally likely.

    >>> bool(abs(uniform(np.random.default_rng(0), (2, 3), low=-1.0, high=1.0)).max() < 1.0)
    True
    """
    return rng.uniform(low, high, shape)


def normal(rng: np.random.Generator, shape: Shape, mean: float = 0.0, std: float = 0.05) -> Numbers:
    """θ ~ N(mean, std²): the bell curve, not truncated.

    >>> normal(np.random.default_rng(0), (3,), mean=2.0, std=0.0)
    array([2., 2., 2.])
    """
    return rng.normal(mean, std, shape)


def lecun_uniform(rng: np.random.Generator, shape: Shape) -> Numbers:
    """W ~ U(-√(3/fan_in), √(3/fan_in)): variance 1/fan_in (LeCun et al., 1998).

    >>> bool(abs(lecun_uniform(np.random.default_rng(0), (12, 5))).max() < 0.5)
    True
    """
    fan_in, _ = _fans(shape)
    return _uniform_with_variance(rng, shape, 1.0 / fan_in)


def lecun_normal(rng: np.random.Generator, shape: Shape) -> Numbers:
    """W ~ N(0, 1/fan_in): the start that selu needs (LeCun et al., 1998; Klambauer et al., 2017).

    >>> lecun_normal(np.random.default_rng(0), (12, 5)).shape
    (12, 5)
    """
    fan_in, _ = _fans(shape)
    return _normal_with_variance(rng, shape, 1.0 / fan_in)


def glorot_uniform(rng: np.random.Generator, shape: Shape) -> Numbers:
    """W ~ U(-√(6/(fan_in + fan_out)), √(6/(fan_in + fan_out))): variance 2/(fan_in + fan_out).

    Glorot and Bengio (2010), "Xavier". Keras' default, PyTorch's xavier_uniform_; scikit-learn's MLPs use it
    too, except with a logistic activation, where the 6 is a 2.

    >>> bool(abs(glorot_uniform(np.random.default_rng(0), (12, 12))).max() < 0.5)
    True
    """
    fan_in, fan_out = _fans(shape)
    return _uniform_with_variance(rng, shape, 2.0 / (fan_in + fan_out))


def glorot_normal(rng: np.random.Generator, shape: Shape) -> Numbers:
    """W ~ N(0, 2/(fan_in + fan_out)): the signal keeps its size on the way forward and on the way back.

    Glorot and Bengio (2010). PyTorch's xavier_normal_.

    >>> glorot_normal(np.random.default_rng(0), (12, 5)).shape
    (12, 5)
    """
    fan_in, fan_out = _fans(shape)
    return _normal_with_variance(rng, shape, 2.0 / (fan_in + fan_out))


def he_uniform(rng: np.random.Generator, shape: Shape) -> Numbers:
    """W ~ U(-√(6/fan_in), √(6/fan_in)): variance 2/fan_in (He et al., 2015).

    PyTorch's kaiming_uniform_ for relu; its Linear starts with less, on ±√(1/fan_in).

    >>> bool(abs(he_uniform(np.random.default_rng(0), (24, 5))).max() < 0.5)
    True
    """
    fan_in, _ = _fans(shape)
    return _uniform_with_variance(rng, shape, 2.0 / fan_in)


def he_normal(rng: np.random.Generator, shape: Shape) -> Numbers:
    """W ~ N(0, 2/fan_in): twice LeCun's variance, for the half that a ReLU cuts off (He et al., 2015).

    >>> he_normal(np.random.default_rng(0), (12, 5)).shape
    (12, 5)
    """
    fan_in, _ = _fans(shape)
    return _normal_with_variance(rng, shape, 2.0 / fan_in)


def orthogonal(rng: np.random.Generator, shape: Shape, gain: float = 1.0) -> Numbers:
    """W = gain·Q with QᵀQ = I, or QQᵀ = I for more columns than rows: lengths and angles are kept.

    Saxe et al. (2014). Q is from the QR decomposition of a matrix of normal numbers. With the signs of R's
    diagonal moved into Q, every orthogonal matrix is equally likely (Mezzadri, 2007).

    >>> W = orthogonal(np.random.default_rng(0), (5, 3), gain=2.0)
    >>> bool(np.allclose(W.T @ W, 4.0 * np.eye(3)))
    True
    """
    rows, columns = _fans(shape)
    Q, R = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
    Q = Q * np.where(np.diag(R) < 0, -1.0, 1.0)
    return gain * (Q if rows >= columns else Q.T)


def unit_spread(rng: np.random.Generator, shape: Shape) -> Numbers:
    """W ~ N(0, 1), divided by the standard deviation of z: each unit's z spreads by 1 over the training rows.

    Salimans and Kingma (2016) start so, unit by unit; Mishkin and Matas (2016), LSUV, whole layers; RealMLP
    (Holzmüller et al., 2024) has it with the biases of `among_rows`.

    >>> unit_spread(np.random.default_rng(0), (12, 5)).shape
    (12, 5)
    """
    _fans(shape)
    return rng.normal(size=shape)


def unit_spread_on_rows(rng: np.random.Generator, W: Numbers, z: Numbers) -> Numbers:
    """W / std(z), unit by unit, the deviation that divides by n.

    A unit whose z is the same in all rows, but for rounding, has no spread to be made 1: its W stays as it was drawn.

    >>> z = np.array([[1.0, 7.0], [5.0, 7.0]])
    >>> unit_spread_on_rows(np.random.default_rng(0), np.array([[4.0, 3.0]]), z)
    array([[2., 3.]])
    """
    spread = z.std(axis=0)
    return W / np.where(spread > ROUNDING * np.abs(z).max(axis=0), spread, 1.0)


def among_rows(rng: np.random.Generator, shape: Shape) -> Numbers:
    """b = -Σₖ cₖ·zₖ, z of 5 training rows, c ≥ 0 at random with sum 1: where z is 0, and a unit bends, is among rows.

    Each unit has rows and c of its own; c are exponential numbers divided by their sum, all mixtures equally likely
    (Holzmüller et al., 2024: RealMLP; for relu Steinwart, 2019).

    >>> among_rows(np.random.default_rng(0), (3,))
    array([0., 0., 0.])
    """
    return np.zeros(shape)


def among_rows_on_rows(rng: np.random.Generator, b: Numbers, z: Numbers) -> Numbers:
    """b - Σₖ cₖ·zₖ, unit by unit; a row may be drawn twice.

    >>> z = np.array([[7.0, -2.0], [7.0, -2.0]])
    >>> among_rows_on_rows(np.random.default_rng(0), np.zeros(2), z).round(12)
    array([-7.,  2.])
    """
    rows = rng.integers(len(z), size=(MIXED, z.shape[1]))
    c = rng.exponential(size=rows.shape)
    return np.asarray(b - (c / c.sum(axis=0) * np.take_along_axis(z, rows, axis=0)).sum(axis=0))


def _fans(shape: Shape) -> tuple[int, int]:
    """The number of inputs and outputs of a weight matrix; ValueError for any other shape."""
    if len(shape) != 2 or min(shape) < 1:
        raise ValueError(
            f"this initializer scales by the shape of a weight matrix, (fan_in, fan_out), both >= 1, got"
            f" {shape}; for biases use zeros, constant, uniform or normal"
        )
    return shape[0], shape[1]


def _uniform_with_variance(rng: np.random.Generator, shape: Shape, variance: float) -> Numbers:
    """Uniform numbers on ±limit have the variance limit²/3."""
    limit = float(np.sqrt(3.0 * variance))
    return rng.uniform(-limit, limit, shape)


def _normal_with_variance(rng: np.random.Generator, shape: Shape, variance: float) -> Numbers:
    """Normal numbers around 0."""
    return rng.normal(0.0, float(np.sqrt(variance)), shape)
