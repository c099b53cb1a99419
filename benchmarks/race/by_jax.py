"""JAX: an epoch is one compiled scan over its batches, which are gathered inside of it."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from race.workloads import SEEDS, Work

ACTIVATIONS = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid}
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8


def forward(work: Work, params, x):
    """The scores; for the squared loss what the sigmoid makes of them."""
    f = ACTIVATIONS[work.hidden]
    *hidden, (W, b) = params
    for V, c in hidden:
        x = f(x @ V + c)
    z = x @ W + b
    return jax.nn.sigmoid(z) if work.loss == "squared" else z


def loss_of(work: Work, params, x, y):
    s = forward(work, params, x)
    if work.loss == "squared":
        return jnp.mean((s - y) ** 2)
    if work.loss == "binary_cross_entropy":
        return jnp.mean(jax.nn.softplus(s) - y * s)
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(s), y[:, None], axis=1))


def adam(state, grads, rate):
    params, m, v, t = state
    t = t + 1
    m = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, m, grads)
    v = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, v, grads)
    lr, root = rate / (1 - BETA1**t), jnp.sqrt(1 - BETA2**t)
    params = jax.tree.map(lambda p, m, v: p - lr * m / (jnp.sqrt(v) / root + EPS), params, m, v)
    return params, m, v, t


def sgd(state, grads, rate):
    params, *rest = state
    return jax.tree.map(lambda p, g: p - rate * g, params, grads), *rest


def steps(work: Work):
    """A step with a batch; an epoch with the rows in an order; all steps with all rows at once."""
    update = adam if work.adam else sgd

    def step(state, batch):
        loss, grads = jax.value_and_grad(lambda params: loss_of(work, params, *batch))(state[0])
        return update(state, grads, work.rate), loss

    def epoch(state, X, y, order):
        """Whole batches, then what is left."""
        size = work.batch_size
        whole = len(X) // size * size

        def of_rows(state, rows):
            return step(state, (X[rows], y[rows]))

        state, losses = lax.scan(of_rows, state, order[:whole].reshape(-1, size))
        total = size * jnp.sum(losses)
        if whole < len(X):
            state, loss = of_rows(state, order[whole:])
            total += (len(X) - whole) * loss
        return state, total / len(X)

    def all_steps(state, X, y):
        state, losses = lax.scan(lambda state, _: step(state, (X, y)), state, length=work.epochs, unroll=4)
        return state, losses[-1]

    return epoch, all_steps


def data(work: Work):
    y = jnp.asarray(work.y, jnp.int32) if work.loss == "cross_entropy" else jnp.asarray(work.column)
    return jnp.asarray(work.X), y


def training(work: Work) -> Callable[[], float]:
    (X, y), (epoch, all_steps) = data(work), steps(work)
    params = jax.tree.map(jnp.asarray, work.params())
    zeros = jax.tree.map(jnp.zeros_like, params)
    start = (params, zeros, zeros, jnp.float32(0)) if work.adam else (params,)
    if work.batch_size is None:
        compiled = jax.jit(all_steps).lower(start, X, y).compile()
        return lambda: float(jax.block_until_ready(compiled(start, X, y))[1])
    compiled = jax.jit(epoch).lower(start, X, y, np.arange(len(X), dtype=np.int32)).compile()

    def run() -> float:
        state = start
        for order in work.orders():
            state, loss = compiled(state, X, y, order.astype(np.int32))
        jax.block_until_ready(state)
        return float(loss)

    return run


def many(work: Work) -> Callable[[], float]:
    """All seeds as one more axis of every array (vmap); gives the median of the losses."""
    (X, y), (_, all_steps) = data(work), steps(work)
    rng = np.random.default_rng(0)
    params = [
        (jnp.asarray(rng.uniform(-1, 1, (len(SEEDS), *W.shape)) * np.sqrt(6 / sum(W.shape)), jnp.float32), biases(b))
        for W, b in work.params()
    ]
    compiled = jax.jit(jax.vmap(all_steps, in_axes=(0, None, None))).lower((params,), X, y).compile()
    return lambda: float(np.median(jax.block_until_ready(compiled((params,), X, y))[1]))


def biases(b: np.ndarray):
    return jnp.zeros((len(SEEDS), *b.shape), jnp.float32)


def predicting(work: Work) -> Callable[[np.ndarray], np.ndarray]:
    params = jax.tree.map(jnp.asarray, work.params())
    outputs = jax.jit(lambda x: jax.nn.sigmoid(forward(work, params, x)))
    return lambda x: np.asarray(outputs(x))


TRAINING = {"JAX": training}
SEEDED = {"JAX, vmap": many}
PREDICTING = {"JAX": predicting}
