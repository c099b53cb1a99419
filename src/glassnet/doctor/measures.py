"""What is measured in a network while it learns, layer by layer: units that are dead, saturated, alike; gradients.

One training is taken again, step by step, and looked at after a dozen of its epochs, the earlier ones closer together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from glassnet.derivation.derive import derive
from glassnet.derivation.walk import drawing, start, walk
from glassnet.doctor.case import Case
from glassnet.doctor.reruns import begun
from glassnet.errors import TrainingError
from glassnet.expressions.expression import evaluate
from glassnet.parts.layers import Dense
from glassnet.training.begin import begin
from glassnet.training.generator import copy_of
from glassnet.training.state import State

LOOKS = 12  # at a training
MOST_ROWS = 256  # looked at
FLAT = 0.05  # of an activation's steepest slope
STEEPEST = np.linspace(-6.0, 6.0, 241)  # where the steepest slope is looked for


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A hidden layer after an epoch.

    Attributes
    ----------
    number
        Of the layer, from 1.
    units
        How many.
    dead
        The units that say 0 for every row, by number from 0.
    silent
        The share of rows for which every unit says 0.
    saturated
        The share of values where the activation is flat.
    alike
        How many units say the same as another one before them.
    gradient
        The root mean square of dW.
    size
        The spread of W times √inputs: about 1 at a usual start.
    """

    number: int
    units: int
    dead: tuple[int, ...]
    silent: float
    saturated: float
    alike: int
    gradient: float
    size: float


@dataclass(frozen=True, kw_only=True)
class Look:
    """A network after an epoch.

    Attributes
    ----------
    epoch
        Epochs done.
    hidden
        Its hidden `Dense` layers.
    last_gradient
        The root mean square of dW in the last layer.
    gradient
        The length of the whole gradient.
    spread
        How much predictions differ between rows, beside how much the targets do.
    """

    epoch: int
    hidden: tuple[Layer, ...]
    last_gradient: float
    gradient: float
    spread: float


@dataclass(frozen=True, kw_only=True)
class Trace:
    """A training that was looked at on its way.

    Attributes
    ----------
    looks
        The first before the first step, the last at the end.
    losses
        By epoch.
    moved
        How far all weights are at the end from where they started, beside how large they were.
    shrunk
        How large they are at the end, beside that.
    stopped
        Why it ended.
    """

    looks: tuple[Look, ...]
    losses: np.ndarray
    moved: float
    shrunk: float
    stopped: str

    def to_json(self) -> list[dict[str, Any]]:
        """Each look with its layers, as JSON has them."""
        return [asdict(look) for look in self.looks]

    @property
    def first(self) -> Look:
        """Before the first step."""
        return self.looks[0]

    @property
    def last(self) -> Look:
        """At the end."""
        return self.looks[-1]


def traced(case: Case, seed: int, interrupted: Callable[[], bool] = lambda: False) -> Trace:
    """A training from a seed, looked at on its way."""
    state, prepared = begun(case, seed)
    epochs = case.how.epochs
    when = {0, epochs, *np.unique(np.geomspace(1, max(epochs, 1), LOOKS).astype(int)).tolist()}
    looks, theta = [look(case, state)], state.memory.theta.copy()
    try:
        for event in begin(prepared, case.setting.settings, asked_to_stop=interrupted).events():
            if state.epochs in when and state.epochs > looks[-1].epoch and event is not None:
                looks.append(look(case, state))
    except TrainingError:
        pass
    if looks[-1].epoch < state.epochs or len(looks) == 1:
        looks.append(look(case, state))
    size = float(np.linalg.norm(theta)) or 1.0
    return Trace(
        looks=tuple(looks),
        losses=np.asarray(state.history.columns.get("loss", ()), np.float64),
        moved=float(np.linalg.norm(state.memory.theta - theta)) / size,
        shrunk=float(np.linalg.norm(state.memory.theta)) / size,
        stopped=state.history.stopped,
    )


def look(case: Case, state: State) -> Look:
    """A network as it is now, on some of its rows."""
    rows = case.rows
    some = np.linspace(0, len(rows) - 1, min(MOST_ROWS, len(rows))).astype(np.intp)
    batch = (rows.x[some], rows.y[some], *([] if rows.w is None else [rows.w[some]]))
    network, rule = state.network.over(case.how.epochs), case.optimizer.over(case.how.epochs)
    derivation = derive(network, state.n_inputs, rule, dtype=state.dtype, weighted=rows.w is not None, frozen=False)
    values, draw = start(derivation, state.memory.arrays(), *batch), drawing(copy_of(state.rng), len(some))
    steps = [step for step in derivation.steps if step.phase != "update"]
    with np.errstate(all="ignore"):
        for _ in walk(derivation, values, lambda expression: evaluate(expression, values, draw), steps):
            pass
        hidden = tuple(layer_of(state, k, layer, values) for k, layer in dense_layers(state)[:-1])
        gradients = [np.ravel(values[name]) for name in derivation.gradients.values()]
        p, y = state.forward.predict(batch[0]), batch[1]
    number = dense_layers(state)[-1][0] if dense_layers(state) else 0
    return Look(
        epoch=state.epochs,
        hidden=hidden,
        last_gradient=root_mean_square(values[f"dW{number}"]) if f"dW{number}" in values else 0.0,
        gradient=float(np.linalg.norm(np.concatenate(gradients))) if gradients else 0.0,
        spread=spread(p) / (spread(y) or 1.0),
    )


def dense_layers(state: State) -> list[tuple[int, Dense]]:
    """The `Dense` layers that stand by themselves, with their numbers from 1."""
    return [(k, layer) for k, layer in enumerate(state.network.layers, start=1) if isinstance(layer, Dense)]


def layer_of(state: State, k: int, layer: Dense, values: dict[str, Any]) -> Layer:
    """A hidden layer, from the values of a step."""
    z = np.asarray(values[f"z{k}"])
    a = np.asarray(values.get(f"a{k}", z))
    W = state[f"W{k}"]
    says = np.round(a / (np.abs(a).max() or 1.0), 9)
    return Layer(
        number=k,
        units=a.shape[1],
        dead=tuple(np.flatnonzero((a == 0.0).all(axis=0)).tolist()),
        silent=float((a == 0.0).all(axis=1).mean()),
        saturated=float((slope(layer, z) < FLAT).mean()),
        alike=a.shape[1] - len(np.unique(says.T, axis=0)),
        gradient=root_mean_square(values[f"dW{k}"]),
        size=float(W.std() * np.sqrt(W.shape[0])),
    )


def slope(layer: Dense, z: np.ndarray) -> np.ndarray:
    """The slope of a layer's activation at z, beside the steepest one."""
    f = layer.activation

    def at(points: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.abs(np.asarray(f.backward(np.ones_like(points), points, f(points))))
        return found

    if f.name in ("softmax", "relu"):
        return np.ones_like(z)
    steepest = float(at(STEEPEST.reshape(-1, 1).astype(z.dtype)).max())
    return np.asarray(at(z) / (steepest or 1.0))


def root_mean_square(values: Any) -> float:
    """√ of the mean square."""
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.mean(np.square(np.asarray(values, np.float64)))))


def spread(values: np.ndarray) -> float:
    """The spread between rows, over all columns."""
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.asarray(values, np.float64).var(axis=0).sum()))
