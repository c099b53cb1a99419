"""How far off the score s is from the target y, and which way s must go: the loss and its gradient.

Each loss gives one term per element (the cross entropy one per row, shape (n, 1)). Nothing is summed over
the rows here: whether the network minimizes a mean or a sum is decided in one place, elsewhere. Beside each
stands its `_backward`: ds = ∂l/∂s, of s's shape, where backpropagation begins.

s is always a score, what the last layer computes before any probability: `poisson` takes the exponential of
it, `binary_cross_entropy` the sigmoid, `cross_entropy` the softmax, each inside the loss. Done in one piece,
nothing overflows, no logarithm meets a 0, and the gradient is plain: prediction minus target.

No finite y and s give NaN or a warning. Where a true value exceeds the largest float, infinity is the answer.
"""

import numpy as np

from glassnet.formulas.activations import _largest_exponent, exponential, sigmoid, softmax
from glassnet.formulas.types import Array


def squared(y: Array, s: Array, half: bool = False) -> Array:
    """l = (y - s)², with half ½(y - s)²: twice as far off costs four times as much.

    Without the ½: PyTorch's MSELoss, Keras' mean_squared_error, and what nearly everyone reports as "MSE".
    With it: Bishop (2006), Nielsen (2015), and scikit-learn's MLPRegressor, whose loss_ is therefore half an
    MSE (plus its penalty).

    >>> squared(np.array([3.0]), np.array([1.0])), squared(np.array([3.0]), np.array([1.0]), half=True)
    (array([4.]), array([2.]))
    """
    with np.errstate(over="ignore"):
        r = s - y
        return 0.5 * r * r if half else r * r


def squared_backward(y: Array, s: Array, half: bool = False) -> Array:
    """ds = 2(s - y), with half s - y: the farther off, the harder the pull; a ½ is there to make the 2 go away.

    >>> squared_backward(np.array([3.0]), np.array([1.0]))
    array([-4.])
    >>> squared_backward(np.array([3.0]), np.array([1.0]), half=True)
    array([-2.])
    """
    with np.errstate(over="ignore"):
        return s - y if half else 2.0 * (s - y)


def absolute(y: Array, s: Array) -> Array:
    """l = |y - s|: outliers pull no harder than others, and the best constant is the median.

    PyTorch's L1Loss and Keras' mean_absolute_error agree.

    >>> absolute(np.array([3.0]), np.array([1.0]))
    array([2.])
    """
    with np.errstate(over="ignore"):
        return np.abs(y - s)


def absolute_backward(y: Array, s: Array) -> Array:
    """ds = sign(s - y): only the direction counts; at the kink s = y the slope counts as 0.

    >>> absolute_backward(np.array([3.0, 3.0]), np.array([1.0, 3.0]))
    array([-1.,  0.])
    """
    with np.errstate(over="ignore"):
        return np.sign(s - y)


def huber(y: Array, s: Array, delta: float = 1.0) -> Array:
    """l = ½r² where |r| ≤ delta, else delta·(|r| - ½delta), r = y - s: a parabola that goes on straight.

    Huber (1964). PyTorch's HuberLoss and Keras' Huber agree; PyTorch's SmoothL1Loss is this divided by delta.
    With m = min(|r|, delta) both cases are m·(|r| - ½m), which squares no large number.

    >>> huber(np.array([1.0, 6.0]), np.array([0.0, 0.0]), delta=2.0)
    array([ 0.5, 10. ])
    """
    with np.errstate(over="ignore"):
        r = np.abs(y - s)
        m = np.minimum(r, delta)
        return m * (r - 0.5 * m)


def huber_backward(y: Array, s: Array, delta: float = 1.0) -> Array:
    """ds = s - y, held between -delta and delta: no row pulls harder than delta.

    >>> huber_backward(np.array([1.0, 6.0]), np.array([0.0, 0.0]), delta=2.0)
    array([-1., -2.])
    """
    with np.errstate(over="ignore"):
        return np.maximum(np.minimum(s - y, delta), -delta)


def quantile(y: Array, s: Array, q: float = 0.5) -> Array:
    """l = q·(y - s) where y ≥ s, else (1 - q)·(s - y): the best constant has a fraction q of the y below.

    Koenker and Bassett (1978), also "pinball loss". scikit-learn's mean_pinball_loss agrees; q = ½ is half
    the absolute error.

    >>> quantile(np.array([4.0, 0.0]), np.array([0.0, 4.0]), q=0.75)
    array([3., 1.])
    """
    with np.errstate(over="ignore"):
        r = y - s
        return np.maximum(q * r, (q - 1.0) * r)


def quantile_backward(y: Array, s: Array, q: float = 0.5) -> Array:
    """ds = 1 - q where s > y, -q where s < y: too high and too low pull unequally; at s = y it counts as 0.

    scikit-learn's PinballLoss takes -q at s = y.

    >>> quantile_backward(np.array([4.0, 0.0]), np.array([0.0, 4.0]), q=0.75)
    array([-0.75,  0.25])
    """
    with np.errstate(over="ignore"):
        side = np.sign(s - y)
    return np.where(side > 0, (1.0 - q) * side, q * side)


def poisson(y: Array, s: Array, deviance: bool = False) -> Array:
    """l = exp(s) - y·s, with deviance exp(s) - y·s + y·log y - y: for counts y; s is the logarithm of their rate.

    The negative log likelihood without its constant term log(y!), so it may be negative. PyTorch's
    PoissonNLLLoss and scikit-learn's HalfPoissonLoss agree; Keras' poisson is given the rate, not its
    logarithm. With deviance=True y·log y - y is added, which makes it half the deviance, 0 where exp(s) = y:
    what scikit-learn's MLPRegressor reports. A score whose exponential exceeds the largest float (float64:
    708.78, a margin of 1 included) counts as that bound, in the gradient too.

    >>> poisson(np.array([3.0]), np.array([0.0])), poisson(np.array([2.0]), np.array([-2000.0]))
    (array([1.]), array([4000.]))
    >>> poisson(np.array([1.0]), np.array([0.0]), deviance=True)
    array([0.])
    """
    with np.errstate(over="ignore"):
        bounded = np.minimum(s, _largest_exponent(s))
        if deviance:
            return exponential(s) + y * (np.log(np.where(y > 0.0, y, 1.0)) - bounded - 1.0)
        return exponential(s) - y * bounded


def poisson_backward(y: Array, s: Array, deviance: bool = False) -> Array:
    """ds = exp(s) - y: the rate minus the count.

    >>> poisson_backward(np.array([3.0]), np.array([0.0]))
    array([-2.])
    """
    with np.errstate(over="ignore"):
        return exponential(s) - y


def binary_cross_entropy(y: Array, s: Array) -> Array:
    """l = -y·log σ(s) - (1 - y)·log(1 - σ(s)): how surprising y ∈ {0, 1} is if its probability is σ(s).

    Computed as max(s, 0) - y·s + log(1 + exp(-|s|)), which is the same; for y ∈ {0, 1} it is exact to the
    last digits however small the loss. y may lie between 0 and 1. PyTorch's BCEWithLogitsLoss and Keras'
    BinaryCrossentropy(from_logits=True) agree. The logarithm is natural: no idea (s = 0) costs log 2 = 0.693.

    >>> binary_cross_entropy(np.array([1.0, 1.0, 1.0]), np.array([0.0, 1000.0, -1000.0]))
    array([6.93147181e-01, 0.00000000e+00, 1.00000000e+03])
    """
    return np.maximum(s, 0.0) - y * s + np.log1p(np.exp(-np.abs(s)))


def binary_cross_entropy_backward(y: Array, s: Array) -> Array:
    """ds = σ(s) - y: the probability minus the truth, off by an ulp of 1 at most (2⁻⁵²).

    Where the two agree to all but their last digits, few digits of the slope are left. (1 - y)·σ(s) - y·σ(-s), which
    keeps them, takes another exponential.

    >>> binary_cross_entropy_backward(np.array([1.0, 1.0, 1.0]), np.array([0.0, 1000.0, -1000.0]))
    array([-0.5,  0. , -1. ])
    """
    return sigmoid(s) - y


def cross_entropy(y: Array, s: Array) -> Array:
    """l = log Σₖ exp(sₖ) - Σₖ yₖ·sₖ: how surprising class y is if the probabilities are softmax(s).

    A row of y is 0s and one 1, or numbers ≥ 0 that sum to 1; s is (n, K), l is (n, 1). PyTorch's
    CrossEntropyLoss and Keras' CategoricalCrossentropy(from_logits=True) agree. The largest score is taken out of
    both terms, so that no exponential overflows. l is right to an ulp of 1: a loss under 2⁻⁵³ comes out as 0.

    >>> cross_entropy(np.array([[1.0, 0.0]]), np.array([[0.0, 0.0]]))
    array([[0.69314718]])
    >>> cross_entropy(np.array([[1.0, 0.0]]), np.array([[-500.0, 500.0]]))
    array([[1000.]])
    """
    # Two scores may be further apart than the largest float: exp(-∞) is 0, as it should, but 0·(-∞) is not
    with np.errstate(over="ignore"):
        d = s - np.max(s, axis=-1, keepdims=True)  # (n, K)
    below = np.sum(y * np.maximum(d, -float(np.finfo(s.dtype).max)), axis=-1, keepdims=True)  # (n, 1)
    return np.log(np.sum(np.exp(d), axis=-1, keepdims=True)) - below


def cross_entropy_backward(y: Array, s: Array) -> Array:
    """ds = softmax(s) - y: the probabilities minus the truth, off by an ulp of 1 at most (2⁻⁵²).

    For the true class of a row that is learnt both are nearly 1: few digits of the slope are left. Minus the sum of
    the other probabilities would keep them, but made training of small networks slower by up to a fifth (NumPy's engine
    8 to 22 %, the compiled one 3 to 8 %), for slopes that are too small to move a weight.

    >>> cross_entropy_backward(np.array([[1.0, 0.0]]), np.array([[500.0, 500.0]]))
    array([[-0.5,  0.5]])
    """
    return softmax(s) - y
