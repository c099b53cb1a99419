"""JAX: an epoch is one compiled scan over its batches, which are gathered inside of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from race.floor import epoch_of
from race.searches import Search
from race.workloads import DROPPED, EPS, MOMENTUM, SEED, SEEDS, Work

ACTIVATIONS = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh}
GROUPS = (50, 1_000)  # runs at once, in a search
UNROLLED = (1, 4, 16)  # steps of a scan over many seeds
BETA1, BETA2, ADAM_EPS = 0.9, 0.999, 1e-8


def forward(work: Work, params, x):
    """The scores; for the squared loss what the sigmoid makes of them. Nothing between the layers."""
    f = ACTIVATIONS[work.hidden]
    *hidden, (W, b) = params
    for V, c in hidden:
        x = f(x @ V + c)
    z = x @ W + b
    return jax.nn.sigmoid(z) if work.loss == "squared" else z


def forward_in_training(work: Work, params, x, running, key):
    """The scores, and what batch norm keeps; random numbers of dropout come from the key."""
    if not work.between:
        return forward(work, params, x), running
    f, kept = ACTIVATIONS[work.hidden], []
    *hidden, (W, b) = params
    for k, (V, c, *scale) in enumerate(hidden):
        x = f(x @ V + c)
        if work.between == "dropout":
            mask = jax.random.bernoulli(jax.random.fold_in(key, k), 1 - DROPPED, x.shape)
            x = jnp.where(mask, x / (1 - DROPPED), 0)
        else:
            (gamma, beta), (mean, var) = scale, running[k]
            m, v = x.mean(axis=0), x.var(axis=0)
            kept.append((MOMENTUM * mean + (1 - MOMENTUM) * m, MOMENTUM * var + (1 - MOMENTUM) * v))
            x = gamma * ((x - m) / jnp.sqrt(v + EPS)) + beta
    return x @ W + b, kept


def loss_of(work: Work, params, x, y, running, key):
    s, running = forward_in_training(work, params, x, running, key)
    if work.loss == "squared":
        return jnp.mean((s - y) ** 2), running
    if work.loss == "binary_cross_entropy":
        return jnp.mean(jax.nn.softplus(s) - y * s), running
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(s), y[:, None], axis=1)), running


def adam(state, grads, rate):
    params, m, v, t = state
    t = t + 1
    m = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, m, grads)
    v = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, v, grads)
    lr, root = rate / (1 - BETA1**t), jnp.sqrt(1 - BETA2**t)
    params = jax.tree.map(lambda p, m, v: p - lr * m / (jnp.sqrt(v) / root + ADAM_EPS), params, m, v)
    return params, m, v, t


def sgd(state, grads, rate):
    params, *rest = state
    return jax.tree.map(lambda p, g: p - rate * g, params, grads), *rest


def steps(work: Work):
    """A step with a batch; an epoch with the rows in an order; all steps with all rows at once."""
    update = adam if work.adam else sgd

    def step(state, batch):
        learnt, running, key = state
        key, own = jax.random.split(key) if work.between == "dropout" else (key, key)
        of = jax.value_and_grad(lambda params: loss_of(work, params, *batch, running, own), has_aux=True)
        (loss, running), grads = of(learnt[0])
        return (update(learnt, grads, work.rate), running, key), loss

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

    def all_steps(state, X, y, unroll=4):
        state, losses = lax.scan(lambda state, _: step(state, (X, y)), state, length=work.epochs, unroll=unroll)
        return state, losses[-1]

    return epoch, all_steps


def data(work: Work):
    y = jnp.asarray(work.y, jnp.int32) if work.loss == "cross_entropy" else jnp.asarray(work.column)
    return jnp.asarray(work.X), y


def begin(work: Work):
    """What a step changes: all that is learnt, batch norm's running means and variances, the key of random numbers."""
    jax.config.update("jax_enable_x64", work.X.dtype == np.float64)
    *hidden, last = jax.tree.map(jnp.asarray, work.params())
    running = []
    if work.between == "batch norm":
        hidden = [(W, b, jnp.ones_like(b), jnp.zeros_like(b)) for W, b in hidden]
        running = [(jnp.zeros_like(b), jnp.ones_like(b)) for _, b, *_ in hidden]
    params = [*hidden, last]
    zeros = jax.tree.map(jnp.zeros_like, params)
    learnt = (params, zeros, zeros, work.X.dtype.type(0)) if work.adam else (params,)
    return learnt, running, jax.random.key(SEED, impl="rbg")  # the fastest of its generators here


def training(work: Work) -> Callable[[], float]:
    start, (epoch, all_steps) = begin(work), steps(work)
    X, y = data(work)
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
    start = (params,), [], jnp.zeros(len(SEEDS))  # nothing is drawn: a key would do nothing

    def unrolled(unroll):
        steps = jax.vmap(partial(all_steps, unroll=unroll), in_axes=(0, None, None))
        return jax.jit(steps).lower(start, X, y).compile()

    best = fastest_of(map(unrolled, UNROLLED), start, X, y)
    return lambda: float(np.median(jax.block_until_ready(best(start, X, y))[1]))


def fastest_of(functions, *given):
    """The one of compiled functions that takes the least time, the second time."""
    taken = {}
    for function in functions:
        jax.block_until_ready(function(*given))
        start = time.perf_counter()
        jax.block_until_ready(function(*given))
        taken[time.perf_counter() - start] = function
    return taken[min(taken)]


def searching(search: Search) -> Callable[[], float]:
    """All runs as one more axis (vmap), or in groups of as many as fit into the cache, whichever is faster here.

    An epoch is a scan over batches, training one over epochs. Folds are row numbers, of which each run has its own
    order; the last batch is padded to whole size, and its padding weighs nothing. All of that is drawn and laid out
    before, and not timed. Gives the median of the losses of the last epoch.
    """
    layers, size = len(search.sizes) - 1, search.batch_size
    steps = max(-(-len(rows) // size) for rows, _ in search.folds)
    began = {(seed, len(rows)): search.begin(seed, len(rows)) for rows, _ in search.folds for seed in search.seeds}
    starts, batches, masks, rates = [], [], [], []
    for rate, rows, seed in search.runs():
        params, orders = began[seed, len(rows)]
        starts.append(params)
        padding = ((0, 0), (0, steps * size - len(rows)))
        batches.append(np.pad(rows[orders], padding).reshape(-1, steps, size).astype(np.int32))
        masks.append(np.pad(np.ones((1, len(rows)), np.float32), padding).reshape(steps, size))
        rates.append(rate)
    stacked = [tuple(np.stack([start[k][j] for start in starts]) for j in (0, 1)) for k in range(layers)]
    given = jax.tree.map(jnp.asarray, (stacked, np.stack(batches), np.stack(masks), np.array(rates, np.float32)))
    X, y = jnp.asarray(search.X), jnp.asarray(search.y, jnp.int32)

    def loss_of(params, x, labels, mask):
        *hidden, (W, b) = params
        for V, c in hidden:
            x = jax.nn.relu(x @ V + c)
        each = jnp.take_along_axis(jax.nn.log_softmax(x @ W + b), labels[:, None], axis=1)[:, 0]
        return -jnp.sum(each * mask)

    def one(params, batches, masks, rate):
        """A run; the mean loss of its last epoch."""
        zeros, count = jax.tree.map(jnp.zeros_like, params), jnp.sum(masks)

        def step(state, batch):
            rows, mask = batch
            total, grads = jax.value_and_grad(loss_of)(state[0], X[rows], y[rows], mask)
            n = jnp.sum(mask)
            return adam(state, jax.tree.map(lambda g: g / n, grads), rate), total

        def epoch(state, batches):
            state, totals = lax.scan(step, state, (batches, masks))
            return state, jnp.sum(totals) / count

        state, losses = lax.scan(epoch, (params, zeros, zeros, jnp.float32(0)), batches)
        return state[0], losses[-1]

    def in_groups(size):
        def run(*given):
            return lax.map(lambda lanes: one(*lanes), given, batch_size=size)

        return jax.jit(run).lower(*given).compile()

    best = fastest_of(map(in_groups, GROUPS), *given)
    return lambda: float(np.median(jax.block_until_ready(best(*given))[1]))


def biases(b: np.ndarray):
    return jnp.zeros((len(SEEDS), *b.shape), jnp.float32)


def products(work: Work) -> Callable[[], float]:
    """The floor's products, one compiled scan over an epoch's batches; each needs what the one before it gave."""
    start, (X, _) = begin(work), data(work)
    weights = [W for W, *_ in start[0][0]]
    size = work.batch_size or len(X)
    whole = len(X) // size * size

    def step(dW, x):
        a = [x]
        for W in weights:
            a.append(a[-1] @ W)
        dz, dW = a[-1], list(dW)
        for k in reversed(range(len(weights))):
            dW[k] = a[k].T @ dz
            dz = dz @ weights[k].T if k else dz
        return dW, None

    @jax.jit
    def all_steps(X):
        dW, _ = lax.scan(step, weights, X[:whole].reshape(-1, size, X.shape[1]))
        return dW, step(dW, X[whole:]) if whole < len(X) else None  # both: what nobody asks for is not computed

    return epoch_of(lambda: jax.block_until_ready(all_steps(X)))


def predicting(work: Work) -> Callable[[np.ndarray], np.ndarray]:
    params = jax.tree.map(jnp.asarray, work.params())
    outputs = jax.jit(lambda x: jax.nn.sigmoid(forward(work, params, x)))
    return lambda x: np.asarray(outputs(x))


TRAINING = {"JAX": training}
SEARCHING = {"JAX, vmap and scan": searching}
SEEDED = {"JAX, vmap": many}
PREDICTING = {"JAX": predicting}
FLOOR = {"JAX's products": products}
