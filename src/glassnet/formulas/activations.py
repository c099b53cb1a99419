"""What a unit does with its score z: the activation a = f(z), and beside each the way back.

Start reading at the top: `identity` does nothing, `relu` cuts, `sigmoid` bends, `softmax` lets the units of a
row compete. Under every activation stands its `_backward`: from da = ∂L/∂a, the gradient at its output, it
makes dz = ∂L/∂z, the gradient at its input, by the chain rule dz = da·f'(z). It is given z and a, both known
from the way forward, and uses whichever makes the derivative shorter: the sigmoid's is a·(1 - a), no further
exponential needed.

No finite z overflows or gives NaN, not even ±1.7e308: exponentials are only taken of numbers ≤ 0. The price
is a look at the sign of z here and there; the docstring shows the formula as the books have it. dtypes go
through: float32 in, float32 out. Constants are Python numbers for that reason.

A derivative that contains a difference, like 1 - a, is off by an ulp of 1 at most (2⁻⁵²; more only where the
docstring says so): exact to all digits where the slope is steep, not where it has all but vanished.
"""

import numpy as np

from glassnet.formulas.types import Array

# Klambauer et al. (2017) give these so that activations keep mean 0 and variance 1 from layer to layer.
SELU_ALPHA = 1.6732632423543772848
SELU_SCALE = 1.0507009873554804934

# Hendrycks and Gimpel (2016): Φ(z) ≈ σ(2·√(2/π)·(z + 0.044715·z³)).
GELU_SLOPE = 1.5957691216057307118  # 2·√(2/π)
GELU_CUBE = 0.044715
GELU_SATURATED = 50.0  # σ is 0 or 1 to the last bit long before; where z is held there, its cube stays small

MISH_SATURATED = 22.0  # from here on the tanh is 1 to the last bit; the square of exp(z)² still is a float32


def identity(z: Array) -> Array:
    """a = z: the score itself, for outputs that may be any number.

    >>> identity(np.array([-2.0, 0.0, 3.0]))
    array([-2.,  0.,  3.])
    """
    return z


def identity_backward(da: Array, z: Array, a: Array) -> Array:
    """dz = da: the slope is 1 everywhere.

    >>> identity_backward(np.array([5.0]), z=np.array([-2.0]), a=np.array([-2.0]))
    array([5.])
    """
    return da


def relu(z: Array) -> Array:
    """a = max(z, 0): what is positive passes, the rest is cut off (Nair and Hinton, 2010).

    >>> relu(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 3.])
    """
    return np.maximum(z, 0.0)


def relu_backward(da: Array, z: Array, a: Array) -> Array:
    """dz = da where a > 0, which is where z > 0, else 0: at the kink the slope counts as 0, as in PyTorch and Keras.

    >>> relu_backward(np.array([5.0, 5.0, 5.0]), z=np.array([-2.0, 0.0, 3.0]), a=np.array([0.0, 0.0, 3.0]))
    array([0., 0., 5.])
    """
    return np.where(a > 0, da, 0.0)


def leaky_relu(z: Array, slope: float = 0.01) -> Array:
    """a = z where z > 0, else slope·z: a ReLU that never goes quite flat (Maas et al., 2013).

    >>> leaky_relu(np.array([-2.0, 0.0, 3.0]), slope=0.25)
    array([-0.5,  0. ,  3. ])
    """
    return np.maximum(z, 0.0) + slope * np.minimum(z, 0.0)


def leaky_relu_backward(da: Array, z: Array, a: Array, slope: float = 0.01) -> Array:
    """dz = da where z > 0, else slope·da: at the kink z = 0 the slope is that of the left side.

    >>> z = np.array([-2.0, 3.0])
    >>> leaky_relu_backward(np.array([4.0, 4.0]), z, leaky_relu(z, slope=0.25), slope=0.25)
    array([1., 4.])
    """
    return slope * da + (1.0 - slope) * np.where(z > 0, da, 0.0)


def sigmoid(z: Array) -> Array:
    """a = 1 / (1 + exp(-z)): any score becomes a number between 0 and 1, a probability.

    For z < 0 the fraction is expanded by exp(z), so that both exponentials are of numbers ≤ 0 and cannot overflow.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    return np.exp(np.minimum(z, 0.0)) / (1.0 + np.exp(-np.abs(z)))


def sigmoid_backward(da: Array, z: Array, a: Array) -> Array:
    """dz = da·a·(1 - a): steepest at z = 0 (slope ¼), flat where a is near 0 or 1.

    >>> sigmoid_backward(np.array([8.0, 8.0]), z=np.array([0.0, 1000.0]), a=np.array([0.5, 1.0]))
    array([2., 0.])
    """
    return da * a * (1.0 - a)


def exponential(z: Array) -> Array:
    """a = exp(z): any score becomes a positive number, a rate for example.

    Scores whose exponential is no float any more count as the largest that has one.

    >>> exponential(np.array([-1000.0, 0.0]))
    array([0., 1.])
    """
    return np.exp(np.minimum(z, _largest_exponent(z)))


def exponential_backward(da: Array, z: Array, a: Array) -> Array:
    """dz = da·a: as steep as it is high.

    >>> exponential_backward(np.array([2.0]), np.array([0.0]), np.array([1.0]))
    array([2.])
    """
    with np.errstate(over="ignore"):
        return da * a


def _largest_exponent(z: Array) -> float:
    """The largest score whose exponential is a float of z's dtype, less 1 for the rounding of either."""
    return float(np.log(np.finfo(z.dtype).max)) - 1.0


def tanh(z: Array) -> Array:
    """a = (exp(z) - exp(-z)) / (exp(z) + exp(-z)): any score becomes a number between -1 and 1.

    >>> tanh(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.,  0.,  1.])
    """
    return np.tanh(z)


def tanh_backward(da: Array, z: Array, a: Array) -> Array:
    """dz = da·(1 - a²): steepest at z = 0 (slope 1), flat where saturated.

    >>> tanh_backward(np.array([8.0, 8.0]), z=np.array([0.0, 0.5493061443340549]), a=np.array([0.0, 0.5]))
    array([8., 6.])
    """
    return da * (1.0 - a * a)


def softsign(z: Array) -> Array:
    """a = z / (1 + |z|): like tanh, but it nears ±1 slowly and needs no exponential (Bergstra et al., 2009).

    >>> softsign(np.array([-1.0, 0.0, 3.0]))
    array([-0.5 ,  0.  ,  0.75])
    """
    return z / (1.0 + np.abs(z))


def softsign_backward(da: Array, z: Array, a: Array) -> Array:
    """dz = da / (1 + |z|)²: slope 1 at z = 0, and far out a slope still, where that of tanh is gone.

    >>> softsign_backward(np.array([8.0, 8.0]), z=np.array([0.0, 3.0]), a=np.array([0.0, 0.75]))
    array([8. , 0.5])
    """
    r = 1.0 / (1.0 + np.abs(z))  # the square of 1 + |z| could overflow, that of its reciprocal cannot
    return da * r * r


def softplus(z: Array) -> Array:
    """a = log(1 + exp(z)) = max(z, 0) + log(1 + exp(-|z|)): a ReLU without the kink (Dugas et al., 2001).

    >>> softplus(np.array([-1000.0, 0.0, 1000.0]))
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def softplus_backward(da: Array, z: Array, a: Array) -> Array:
    """dz = da·σ(z) = da·(1 - exp(-a)): the slope of softplus is the sigmoid.

    >>> softplus_backward(np.array([8.0]), z=np.array([0.0]), a=softplus(np.array([0.0])))
    array([4.])
    """
    return da * -np.expm1(-a)


def elu(z: Array, alpha: float = 1.0) -> Array:
    """a = z where z > 0, else alpha·(exp(z) - 1): a ReLU that bends towards -alpha (Clevert et al., 2016).

    One of the two terms below is always 0.

    >>> elu(np.array([-1000.0, 0.0, 3.0]), alpha=2.0)
    array([-2.,  0.,  3.])
    """
    return np.maximum(z, 0.0) + alpha * np.expm1(np.minimum(z, 0.0))


def elu_backward(da: Array, z: Array, a: Array, alpha: float = 1.0) -> Array:
    """dz = da where z > 0, else da·(a + alpha): at z = 0 the slope is that of the left side, alpha.

    >>> elu_backward(np.array([4.0, 4.0]), z=np.array([0.0, 3.0]), a=np.array([0.0, 3.0]), alpha=2.0)
    array([8., 4.])
    """
    return da * np.where(z > 0, 1.0, a + alpha)


def selu(z: Array) -> Array:
    """a = λ·elu(z, α), λ = 1.0507…, α = 1.6733…: keeps mean 0 and variance 1 (Klambauer et al., 2017).

    Beyond z = 1.7e308 (float64) the true value λ·z exceeds the largest float, and a is infinite.

    >>> selu(np.array([-1000.0, 0.0, 2.0]))
    array([-1.75809934,  0.        ,  2.10140197])
    """
    with np.errstate(over="ignore"):
        return SELU_SCALE * np.maximum(z, 0.0) + (SELU_SCALE * SELU_ALPHA) * np.expm1(np.minimum(z, 0.0))


def selu_backward(da: Array, z: Array, a: Array) -> Array:
    """dz = da·λ where z > 0, else da·(a + λ·α): at z = 0 the slope is that of the left side, 1.7581.

    >>> selu_backward(np.array([1.0, 1.0]), z=np.array([0.0, 2.0]), a=np.array([0.0, 2.1]))
    array([1.75809934, 1.05070099])
    """
    return da * np.where(z > 0, SELU_SCALE, a + SELU_SCALE * SELU_ALPHA)


def silu(z: Array) -> Array:
    """a = z·σ(z): the score, let through as far as its sigmoid allows (Elfwing et al., 2018); alias swish.

    Below z = -708 (float64) σ(z) is subnormal and passes its few digits on: |a| is then below 1e-305.

    >>> silu(np.array([-1000.0, 0.0, 1000.0]))
    array([  -0.,    0., 1000.])
    """
    return z * sigmoid(z)


def silu_backward(da: Array, z: Array, a: Array) -> Array:
    """dz = da·(s + a·(1 - s)), s = σ(z): slope ½ at z = 0, 0 at z = -1.278, negative to the left of it.

    The absolute error stays below 2⁻⁴⁷: a multiplies that of 1 - s, which is 0 from z = 37 on (float64).

    >>> silu_backward(np.array([8.0, 8.0]), z=np.array([0.0, 1000.0]), a=np.array([0.0, 1000.0]))
    array([4., 8.])
    """
    s = sigmoid(z)
    return da * (s + a * (1.0 - s))


def mish(z: Array) -> Array:
    """a = z·tanh(log(1 + exp(z))): like silu, let through by the tanh of the softplus (Misra, 2020).

    With u = exp(z) the tanh is r / (r + 2), r = u·(u + 2): one exponential rather than three functions. Below
    z = -708 (float64) u is subnormal and passes its few digits on: |a| is then below 1e-304.

    >>> mish(np.array([-1000.0, 0.0, 1000.0]))
    array([  -0.,    0., 1000.])
    """
    u = np.exp(np.minimum(z, MISH_SATURATED))
    r = u * (u + 2.0)
    return z * (r / (r + 2.0))


def mish_backward(da: Array, z: Array, a: Array) -> Array:
    """dz = da·(t + z·(1 - t²)·σ(z)), t = tanh(log(1 + exp(z))): slope 0.6 at z = 0, 0 at z = -1.192.

    With u and r as in `mish`, (1 - t²)·σ(z) = 4u·(u + 1) / (r + 2)²: no difference that could lose digits.

    >>> mish_backward(np.array([5.0, 5.0]), z=np.array([0.0, 1000.0]), a=np.array([0.0, 1000.0]))
    array([3., 5.])
    """
    w = np.minimum(z, MISH_SATURATED)
    u = np.exp(w)
    r = u * (u + 2.0)
    s = r + 2.0
    return da * (r / s + w * (4.0 * u * (u + 1.0) / (s * s)))


def gelu(z: Array) -> Array:
    """a = z·σ(2u), u = √(2/π)·(z + 0.044715·z³): ½·z·(1 + tanh u), the tanh approximation of z·Φ(z).

    Hendrycks and Gimpel (2016). This is PyTorch's and Keras' GELU with approximate="tanh", the one of BERT
    and GPT-2, not the variant with the exact normal distribution Φ; the two differ by less than 0.0005.

    >>> gelu(np.array([-1000.0, 0.0, 1000.0]))
    array([  -0.,    0., 1000.])
    """
    w = np.minimum(np.maximum(z, -GELU_SATURATED), GELU_SATURATED)
    return z * sigmoid(GELU_SLOPE * (w + GELU_CUBE * w * w * w))


def gelu_backward(da: Array, z: Array, a: Array) -> Array:
    """dz = da·(s + a·(1 - s)·2u'), s = σ(2u), u' = √(2/π)·(1 + 3·0.044715·z²): of the approximation, exactly.

    The absolute error stays below 2⁻⁴⁶ (float64).

    >>> gelu_backward(np.array([8.0, 8.0]), z=np.array([0.0, 1000.0]), a=np.array([0.0, 1000.0]))
    array([4., 8.])
    """
    w = np.minimum(np.maximum(z, -GELU_SATURATED), GELU_SATURATED)
    s = sigmoid(GELU_SLOPE * (w + GELU_CUBE * w * w * w))
    return da * (s + a * (1.0 - s) * (GELU_SLOPE * (1.0 + 3.0 * GELU_CUBE * w * w)))


def log_sigmoid(z: Array) -> Array:
    """a = log σ(z): the logarithm of a probability, exact where σ(z) is 0 or 1 to the last digit.

    Computed as min(z, 0) - log(1 + exp(-|z|)), which is the same.

    >>> log_sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.00000000e+03, -6.93147181e-01,  0.00000000e+00])
    """
    return np.minimum(z, 0.0) - np.log1p(np.exp(-np.abs(z)))


def log_sigmoid_backward(da: Array, z: Array, a: Array) -> Array:
    """dz = da·(1 - exp(a)), which is da·σ(-z): steep where the probability is small.

    >>> log_sigmoid_backward(np.array([8.0, 8.0]), z=np.array([-1000.0, 0.0]), a=np.array([-1000.0, np.log(0.5)]))
    array([8., 4.])
    """
    return da * -np.expm1(a)


def softmax(z: Array) -> Array:
    """aⱼ = exp(zⱼ) / Σₖ exp(zₖ): the scores of a row become probabilities that sum to 1 (Bridle, 1990).

    Every row, along the last axis, has its largest score taken out first: the fraction stays the same, no
    exponential is above 1 and no denominator below.

    >>> softmax(np.array([[1000.0, 1000.0, -1000.0]]))
    array([[0.5, 0.5, 0. ]])
    """
    with np.errstate(over="ignore"):  # two scores further apart than the largest float: exp(-∞) is 0, as it should
        e = np.exp(z - np.max(z, axis=-1, keepdims=True))  # (n, K)
    return e / np.sum(e, axis=-1, keepdims=True)


def softmax_backward(da: Array, z: Array, a: Array) -> Array:
    """dzⱼ = aⱼ·(daⱼ - Σₖ daₖ·aₖ): a score gains only as far as its unit beats the row's weighted mean.

    This is da times the whole Jacobian ∂aₖ/∂zⱼ = aₖ·([j = k] - aⱼ), which is never written out.

    >>> softmax_backward(np.array([[8.0, 0.0]]), z=np.array([[0.0, 0.0]]), a=np.array([[0.5, 0.5]]))
    array([[ 2., -2.]])
    """
    return a * (da - np.sum(da * a, axis=-1, keepdims=True))


def log_softmax(z: Array) -> Array:
    """aⱼ = zⱼ - log Σₖ exp(zₖ): the logarithms of softmax's probabilities, exact where these are 0 or 1.

    With the row's largest score m the sum is 1 + Σ exp(zₖ - m) over all others; log1p keeps what they add to the 1.

    >>> log_softmax(np.array([[1000.0, 1000.0, -1000.0]]))
    array([[-6.93147181e-01, -6.93147181e-01, -2.00069315e+03]])
    """
    with np.errstate(over="ignore"):
        d = z - np.max(z, axis=-1, keepdims=True)  # (n, K)
    e = np.exp(d)
    below = np.sum(np.where(d < 0.0, e, 0.0), axis=-1, keepdims=True)  # (n, 1)
    others_as_large = np.sum(np.where(d < 0.0, 0.0, e), axis=-1, keepdims=True) - 1.0
    return d - np.log1p(below + others_as_large)


def log_softmax_backward(da: Array, z: Array, a: Array) -> Array:
    """dzⱼ = daⱼ - exp(aⱼ)·Σₖ daₖ: what one score gains, the others lose.

    >>> log_softmax_backward(np.array([[8.0, 0.0]]), z=np.array([[0.0, 0.0]]), a=np.log([[0.5, 0.5]]))
    array([[ 4., -4.]])
    """
    return da - np.exp(a) * np.sum(da, axis=-1, keepdims=True)
