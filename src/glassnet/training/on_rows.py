"""Starting numbers that look at the training rows, so that every unit has rows on both sides of its bend.

Most rules only draw (`Memory.initialize`). Those of `formulas/initializers.py` that have a partner `…_on_rows` then
look at the scores z of rows, and change what was drawn: layer after layer, since what a layer is given is what those
before it make of the rows. Arrays that are not learnt may be made of what their layer is given (`Parameter.from_rows`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from glassnet.engines.memory import Memory
from glassnet.parts.initializers import Initializer
from glassnet.parts.layers import Layer, Mode, Parameter, namespace
from glassnet.parts.naming import layer_of
from glassnet.parts.network import Network

MOST = 4096  # rows that are looked at; of more, so many are drawn: a spread is then known to about 1%


def looking(network: Network, n_inputs: int) -> dict[str, str]:
    """The arrays whose start looks at rows, and by which rule."""
    found = network.arrays(n_inputs).items()
    rules = {name: item.from_rows or (item.initial.name if on_rows(item) is not None else "") for name, item in found}
    return {name: rule for name, rule in rules.items() if rule}


def look_at_rows(network: Network, memory: Memory, x: np.ndarray, rng: np.random.Generator) -> None:
    """Change what was drawn as the rules that look at rows say; nothing where there is none.

    Layers are run as in a prediction, by NumPy in float64: all engines start from the same numbers. Each row counts
    once, whatever it weighs.

    Parameters
    ----------
    network, memory
        With all starting numbers drawn.
    x
        The training rows (n, n_inputs), encoded.
    rng
        Draws 4,096 of them where there are more, and what rules draw.

    Raises
    ------
    ValueError
        An array's layer has no score for each of its units, or a start is not finite.
    """
    last = max(map(layer_of, looking(network, x.shape[1])), default=0)
    if last and len(x) > MOST:
        x = x[rng.choice(len(x), MOST, replace=False)]
    x = x.astype(np.float64)
    for k, layer in enumerate(network.layers[:last], start=1):
        own = layer.parameters(x.shape[1])
        made = [name for name, item in own.items() if item.from_rows]
        values = run(layer, memory, own, k, x, beginning=True) if made else {}
        for name in made:
            memory.state_layout.write(memory.state, f"{name}{k}", values[name])
        for name, item in own.items():
            rule = on_rows(item)
            if rule is not None:
                z = scores(run(layer, memory, own, k, x), name, k, item)
                start = memory.arrays()[f"{name}{k}"].astype(np.float64)
                memory.layout.write(memory.theta, f"{name}{k}", rule(rng, start, z))
        x = list(run(layer, memory, own, k, x).values())[-1]


def on_rows(item: Parameter) -> Callable[..., Any] | None:
    """What looks at rows, if anything does: (rng, start, z) -> start."""
    return item.initial.on_rows if isinstance(item.initial, Initializer) and item.learnt else None


def run(
    layer: Layer, memory: Memory, own: Mapping[str, Parameter], k: int, x: np.ndarray, *, beginning: bool = False
) -> dict[str, np.ndarray]:
    """The values of layer k, as in a prediction; at the beginning with what is made of the rows."""
    arrays = memory.arrays()
    p = namespace({name: arrays[f"{name}{k}"].astype(np.float64) for name in own})
    with np.errstate(all="ignore"):
        return layer.forward(p, x, Mode(training=False, beginning=beginning))


def scores(values: Mapping[str, np.ndarray], name: str, k: int, item: Parameter) -> np.ndarray:
    """What layer k calls z (of W_a it is z_a), (n, units), or without one its output; ValueError for other units."""
    z = values.get("z" + "".join(name.partition("_")[1:]), list(values.values())[-1])
    if z.ndim != 2 or z.shape[1] != item.shape[-1]:
        raise ValueError(
            f"{name}{k} of shape {item.shape} starts by {item.initial.name}, which looks at a score for each of "
            f"{item.shape[-1]} units, but its layer gives {z.shape[1:]}"
        )
    return z
