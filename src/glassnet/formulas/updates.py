"""How the parameters follow the gradient: one step of each rule.

The whole network is one vector: theta holds all its parameters, g the gradient ∂L/∂theta. A rule takes both,
then what it remembers from step to step (its slots: vectors of the same shape, all 0 before the first step),
and returns the new theta and the new slots in the same order. It changes nothing it is given.

    sgd                               go against the gradient
    momentum, nesterov                ... of the last few steps together
    adagrad, rmsprop, adadelta        ... with each parameter's step scaled to its own gradients
    adam, adam_hat, amsgrad, nadam,   ... both
    adamw
    rprop                             only the gradient's sign counts

lr is the learning rate and t the number of this step, from 1; rules that do not need to know it do not ask.
Factors that are single numbers, like lr/(1 - β₁ᵗ), are worked out first: one pass less over the vectors.

Books and libraries put the small ε in different places. Here it is added to the root, √v + ε, as in PyTorch,
but for `adadelta`, where the paper has it within.
"""

import numpy as np

from glassnet.formulas.moments import moments
from glassnet.formulas.types import Array


def sgd(theta: Array, g: Array, *, lr: Array) -> tuple[Array]:
    """θ ← θ - lr·g: a step downhill, along the steepest slope (Robbins and Monro, 1951).

    >>> sgd(np.array([1.0]), np.array([2.0]), lr=0.25)
    (array([0.5]),)
    """
    return (theta - lr * g,)


def gather(theta: Array, g: Array, gathered: Array, *, lr: Array) -> tuple[Array, Array]:
    """G ← G + g, θ ← θ: learns nothing; for those who ask for the gradient of many batches, as L-BFGS does.

    >>> gather(np.array([1.0]), np.array([2.0]), np.array([3.0]), lr=1.0)
    (array([1.]), array([5.]))
    """
    return theta, gathered + g


def momentum(theta: Array, g: Array, velocity: Array, *, lr: Array, momentum: float = 0.9) -> tuple[Array, Array]:
    """u ← μ·u - lr·g, θ ← θ + u: a ball that rolls, u its velocity, μ the momentum it keeps (Polyak, 1964).

    The learning rate is inside the velocity, as in Sutskever et al. (2013), Goodfellow et al. (2016), Keras
    and scikit-learn. PyTorch and optax have u ← μ·u + g, θ ← θ - lr·u: the same θ unless lr changes.

    >>> momentum(np.array([1.0]), np.array([2.0]), np.array([-1.0]), lr=0.25, momentum=0.5)
    (array([0.]), array([-1.]))
    """
    velocity = momentum * velocity - lr * g
    return theta + velocity, velocity


def nesterov(theta: Array, g: Array, velocity: Array, *, lr: Array, momentum: float = 0.9) -> tuple[Array, Array]:
    """u ← μ·u - lr·g, θ ← θ + μ·u - lr·g: momentum, with a look one step ahead (Nesterov, 1983).

    Bengio et al.'s form (2013), in which g is the gradient at θ itself, where the network is, and θ is what
    Sutskever et al. (2013) call the point looked ahead to. Keras and scikit-learn have the same; PyTorch and
    optax too, unless lr changes (see `momentum`).

    >>> nesterov(np.array([1.0]), np.array([2.0]), np.array([-1.0]), lr=0.25, momentum=0.5)
    (array([0.]), array([-1.]))
    """
    velocity = momentum * velocity - lr * g
    return theta + (momentum * velocity - lr * g), velocity


def adagrad(theta: Array, g: Array, v: Array, *, lr: Array, eps: float = 1e-10) -> tuple[Array, Array]:
    """v ← v + g², θ ← θ - lr·g/(√v + ε): what has moved far slows (Duchi et al., 2011).

    v starts at 0, as in PyTorch; Keras and optax start it at 0.1 and have √(v + ε).

    >>> adagrad(np.array([1.0]), np.array([3.0]), np.array([16.0]), lr=0.5, eps=1.0)
    (array([0.75]), array([25.]))
    """
    v = v + g * g
    return theta - lr * g / (np.sqrt(v) + eps), v


def rmsprop(theta: Array, g: Array, v: Array, *, lr: Array, rho: float = 0.9, eps: float = 1e-8) -> tuple[Array, Array]:
    """v ← ρ·v + (1 - ρ)·g², θ ← θ - lr·g/(√v + ε): steps of about lr, whatever the size of the gradient.

    Hinton (2012, lecture 6e), with its ρ = 0.9; PyTorch's default is 0.99. Keras and optax have √(v + ε).

    >>> rmsprop(np.array([1.0]), np.array([2.0]), np.array([4.0]), lr=0.75, rho=0.5, eps=1.0)
    (array([0.5]), array([4.]))
    """
    v = rho * v + (1.0 - rho) * (g * g)
    return theta - lr * g / (np.sqrt(v) + eps), v


def adadelta(
    theta: Array, g: Array, v: Array, u: Array, *, lr: Array, rho: float = 0.95, eps: float = 1e-6
) -> tuple[Array, Array, Array]:
    """v ← ρ·v + (1 - ρ)·g², d = g·√(u + ε)/√(v + ε), u ← ρ·u + (1 - ρ)·d², θ ← θ - lr·d.

    A step is as long as those before it, u being their mean square, so no learning rate is needed (Zeiler,
    2012): lr = 1 is the paper. ρ and ε are the paper's; PyTorch and optax have ρ = 0.9.

    >>> v, u = np.array([5.0]), np.array([3.0])
    >>> adadelta(np.array([1.0]), np.array([1.0]), v, u, lr=0.5, rho=0.5, eps=1.0)
    (array([0.5]), array([3.]), array([2.]))
    """
    v = rho * v + (1.0 - rho) * (g * g)
    d = g * (np.sqrt(u + eps) / np.sqrt(v + eps))
    u = rho * u + (1.0 - rho) * (d * d)
    return theta - lr * d, v, u


def adam(
    theta: Array,
    g: Array,
    m: Array,
    v: Array,
    *,
    lr: Array,
    t: Array,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Array, Array, Array]:
    """m ← β₁·m + (1 - β₁)·g, v ← β₂·v + (1 - β₂)·g², θ ← θ - lr·m̂/(√v̂ + ε).

    m̂ = m/(1 - β₁ᵗ) and v̂ = v/(1 - β₂ᵗ): means that start at 0 are too small at first, and exactly by that
    factor; β₁ᵗ is β₁ to the power t. Kingma and Ba (2015), Algorithm 1, as in PyTorch and optax. Keras and
    scikit-learn have `adam_hat`.

    >>> zero = np.array([0.0])
    >>> adam(np.array([1.0]), np.array([2.0]), zero, zero, lr=0.5, t=1, beta2=0.75, eps=0.0)
    (array([0.5]), array([0.2]), array([1.]))
    """
    m, v = moments(g, m, v, beta1=beta1, beta2=beta2)
    return theta - (lr / (1.0 - beta1**t)) * m / (np.sqrt(v / (1.0 - beta2**t)) + eps), m, v


def adam_hat(
    theta: Array,
    g: Array,
    m: Array,
    v: Array,
    *,
    lr: Array,
    t: Array,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Array, Array, Array]:
    """m and v as in adam, θ ← θ - lrₜ·m/(√v + ε̂), lrₜ = lr·√(1 - β₂ᵗ)/(1 - β₁ᵗ): adam, but for the place of ε.

    ε̂ here does what ε = ε̂/√(1 - β₂ᵗ) does in `adam`: 32 times as much in the first step. Kingma and Ba (2015), the
    form before their section 2.1, as in Keras and scikit-learn.

    >>> zero = np.array([0.0])
    >>> adam_hat(np.array([1.0]), np.array([2.0]), zero, zero, lr=0.5, t=1, beta2=0.75, eps=1.0)
    (array([0.75]), array([0.2]), array([1.]))
    """
    m, v = moments(g, m, v, beta1=beta1, beta2=beta2)
    return theta - (lr * (1.0 - beta2**t) ** 0.5 / (1.0 - beta1**t)) * m / (np.sqrt(v) + eps), m, v


def amsgrad(
    theta: Array,
    g: Array,
    m: Array,
    v: Array,
    v_max: Array,
    *,
    lr: Array,
    t: Array,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Array, Array, Array, Array]:
    """m and v as in adam, v_max ← max(v_max, v), θ ← θ - lr·m̂/(√v̂_max + ε): a large g is never forgotten.

    Reddi et al. (2018), as in PyTorch: the maximum is taken of v, then corrected, v̂_max = v_max/(1 - β₂ᵗ).
    optax takes that of v̂; the paper corrects nothing.

    >>> zero, v_max = np.array([0.0]), np.array([4.0])
    >>> amsgrad(np.array([1.0]), np.array([2.0]), zero, zero, v_max, lr=0.5, t=1, beta2=0.75, eps=0.0)
    (array([0.75]), array([0.2]), array([1.]), array([4.]))
    """
    m, v = moments(g, m, v, beta1=beta1, beta2=beta2)
    v_max = np.maximum(v_max, v)
    return theta - (lr / (1.0 - beta1**t)) * m / (np.sqrt(v_max / (1.0 - beta2**t)) + eps), m, v, v_max


def nadam(
    theta: Array,
    g: Array,
    m: Array,
    v: Array,
    *,
    lr: Array,
    t: Array,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Array, Array, Array]:
    """m and v as in adam, m̂ = β₁·m/(1 - β₁ᵗ⁺¹) + (1 - β₁)·g/(1 - β₁ᵗ), θ ← θ - lr·m̂/(√v̂ + ε).

    Adam with Nesterov's look ahead (Dozat, 2016), without the schedule that raises β₁, as in optax. PyTorch
    and Keras have the schedule.

    >>> zero = np.array([0.0])
    >>> nadam(np.array([1.0]), np.array([2.0]), zero, zero, lr=0.75, t=1, beta1=0.5, beta2=0.75, eps=0.0)
    (array([0.]), array([1.]), array([1.]))
    """
    m, v = moments(g, m, v, beta1=beta1, beta2=beta2)
    # lr·m̂ = ahead·m + now·g, two factors that are single numbers
    ahead = lr * beta1 / (1.0 - beta1 ** (t + 1))
    now = lr * (1.0 - beta1) / (1.0 - beta1**t)
    return theta - (ahead * m + now * g) / (np.sqrt(v / (1.0 - beta2**t)) + eps), m, v


def adamw(
    theta: Array,
    g: Array,
    m: Array,
    v: Array,
    *,
    lr: Array,
    t: Array,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.01,
    decayed: Array = 1.0,
) -> tuple[Array, Array, Array]:
    """θ ← (1 - lr·λ)·θ, then adam: weights shrink by themselves, not through the gradient, λ = weight_decay.

    Loshchilov and Hutter (2019), with lr times λ rather than λ alone, as in PyTorch, Keras and optax.
    `decayed` is 1 for each parameter that is to shrink and 0 for those that are not, biases for example; other
    numbers are factors on λ. Where parameters have rates of their own, lr is theirs.

    >>> theta, zero = np.array([4.0, 4.0]), np.array([0.0, 0.0])
    >>> adamw(theta, zero, zero, zero, lr=0.5, t=1, weight_decay=0.5, decayed=np.array([1.0, 0.0]))[0]
    array([3., 4.])
    """
    shrunk = (1.0 - (lr * weight_decay) * decayed) * theta
    return adam(shrunk, g, m, v, lr=lr, t=t, beta1=beta1, beta2=beta2, eps=eps)


def rprop(
    theta: Array,
    g: Array,
    step: Array,
    g_before: Array,
    *,
    lr: Array,
    t: Array,
    grow: float = 1.2,
    shrink: float = 0.5,
    smallest: float = 1e-6,
    largest: float = 50.0,
) -> tuple[Array, Array, Array]:
    """θ ← θ - step·sign(g): step grows where g keeps its sign, and shrinks where it changes, θ then waiting.

    iRprop⁻ (Igel and Hüsken, 2000), the variant of Riedmiller and Braun (1993) that does not go back, with
    the numbers of that paper, as in PyTorch. Each parameter has its own step between `smallest` and
    `largest`, lr at first. g must be the gradient over all the data: signs of small batches are mostly noise.

    >>> g, before = np.array([3.0, 3.0]), np.array([1.0, -1.0])
    >>> rprop(np.array([0.0, 0.0]), g, np.array([0.5, 0.5]), before, lr=0.1, t=2)
    (array([-0.6,  0. ]), array([0.6 , 0.25]), array([3., 0.]))
    """
    step = np.where(t == 1, lr, step)
    same = np.sign(g) * np.sign(g_before)  # signs, as the product of two small gradients could underflow to 0
    grown = np.minimum(grow * step, largest)
    shrunk = np.maximum(shrink * step, smallest)
    step = np.where(same > 0, grown, np.where(same < 0, shrunk, step))
    g = np.where(same < 0, 0.0, g)
    return theta - step * np.sign(g), step, g
