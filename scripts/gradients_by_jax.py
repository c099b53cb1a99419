"""The gradient of a network by JAX, of its own functions and by its own derivation: for `scripts/verify_gradients.py`.

`pip install jax`. Everything is float64, and computed operation by operation, without compiling. At corners JAX may
take another slope: who asks leaves out networks with a unit there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import glassnet as gn
from glassnet.parts.parameters import Layout

jax.config.update("jax_enable_x64", True)

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "softplus": jax.nn.softplus,
    "silu": jax.nn.silu,
    "mish": jax.nn.mish,
    "gelu": partial(jax.nn.gelu, approximate=True),
    "log_sigmoid": jax.nn.log_sigmoid,
    "softsign": jax.nn.soft_sign,
    "elu": jax.nn.elu,
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,
    "selu": jax.nn.selu,
}
LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "squared": lambda y, s: (y - s) ** 2,
    "poisson": lambda y, s: jnp.exp(s) - y * s,
    "binary_cross_entropy": lambda y, s: -y * jax.nn.log_sigmoid(s) - (1.0 - y) * jax.nn.log_sigmoid(-s),
    "cross_entropy": lambda y, s: -(y * jax.nn.log_softmax(s)).sum(axis=1, keepdims=True),
}


def objective(network: gn.Network, arrays: Mapping[str, Any], x: Any, y: Any, drawn: list[Any]) -> Any:
    """The loss of a batch; `drawn` are the random numbers of dropout, in order."""
    a, drawn = x, list(drawn)
    for k, layer in enumerate(network.layers, start=1):
        if isinstance(layer, gn.Dense):
            a = ACTIVATIONS[layer.activation.name](a @ arrays[f"W{k}"] + arrays[f"b{k}"])
        elif isinstance(layer, gn.Dropout):
            a = jnp.where(drawn.pop(0) >= layer.rate, a / (1.0 - layer.rate), 0.0)
        else:
            axis = 0 if isinstance(layer, gn.BatchNorm) else 1
            a = arrays[f"gamma{k}"] * jax.nn.standardize(a, axis, epsilon=layer.eps) + arrays[f"beta{k}"]
    weights = [array for name, array in arrays.items() if name.startswith("W")]
    return LOSSES[network.loss.name](y, a).mean() + 0.5 * network.l2 * sum((w**2).sum() for w in weights)


def gradient(network: gn.Network, layout: Layout, theta: np.ndarray, x: Any, y: Any, drawn: list[Any]) -> np.ndarray:
    """∂L/∂theta."""
    arrays = {name: jnp.asarray(array) for name, array in layout.views(theta).items()}
    found = jax.grad(lambda those: objective(network, those, x, y, drawn))(arrays)
    return np.concatenate([np.ravel(found[name]) for name in layout.shapes])
