"""Models of every kind, for files."""

from dataclasses import dataclass
from typing import Any

import numpy as np

import glassnet as gn
from glassnet.parts import activations, initializers, losses
from glassnet.parts.built_in import BUILT_IN
from glassnet.parts.optimizers import RULES
from glassnet.parts.schedules import SCHEDULES

X = np.random.default_rng(0).normal(size=(53, 3))
NUMBERS = np.random.default_rng(1).normal(size=(53, 2))
LABELS = np.where(X[:, 0] * X[:, 1] > 0, "yes", "no")

CONSTANT = {"constant": {"value": 0.1}}  # options without a default


def swish(z: Any, beta: float = 1.5) -> Any:
    return z / (1.0 + np.exp(-beta * z))


def bent(z: Any) -> Any:
    return np.where(z > 0.0, z, 0.5 * np.expm1(np.minimum(z, 0.0)))


def bent_backward(da: Any, z: Any, a: Any) -> Any:
    return np.where(z > 0.0, da, da * (a + 0.5))


def cauchy(y: Any, s: Any) -> Any:
    return np.log1p((y - s) * (y - s)).mean(axis=1, keepdims=True)


@dataclass(frozen=True)
class Power:
    """A layer of one's own: y = k·f(x)^exponent + c."""

    exponent: float = 2.0
    f: gn.parts.activations.Activation = gn.activation("tanh")  # noqa: RUF009
    start: Any = gn.initializer("uniform", low=0.5, high=1.5)  # noqa: RUF009
    shifts: tuple[float, ...] = (0.0, 0.25)
    name: str = "power"
    signed: bool | None = None
    backward = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {"k": gn.Parameter((n_inputs,), self.start)}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"y": p.k * self.f(x) ** self.exponent + self.shifts[1]}


LAYERS = {
    "Dense": gn.Dense(7, "tanh", bias=False),
    "Dropout": gn.Dropout(0.3),
    "Average": gn.Average(5, "tanh", held=((-0.5, 0.5),) * 5),
    "Tempered": gn.Tempered(1.75, "sigmoid"),
    "Residual": gn.Residual(gn.Dense(3, "tanh"), gn.Dense(5)),
    "Columns": gn.Columns([4, 1], gn.Dense(3, lambda z: z - z.mean(axis=1, keepdims=True)), gn.LayerNorm()),
    "Beside": gn.Beside(gn.Columns([4, 1], gn.Residual(gn.Dense(2))), gn.Columns([0]), others="drop"),
}

NETWORKS: dict[str, gn.Network] = {
    **{f"activation {f}": gn.Network(gn.Dense(7, f), gn.Dense()) for f in activations.NAMES},
    **{f"loss {f}": gn.Network(gn.Dense(7, "tanh"), gn.Dense(2), loss=f) for f in losses.NAMES if "entropy" not in f},
    **{f"layer {f}": gn.Network(gn.Dense(5), LAYERS.get(f) or cls(), gn.Dense()) for f, cls in BUILT_IN.items()},
    **{
        f"weights {f}": gn.Network(gn.Dense(7, weights=gn.initializer(f, **CONSTANT.get(f, {}))), gn.Dense())
        for f in initializers.NAMES
    },
    "scaling": gn.Network(gn.Dense(7, "tanh", scaling="ntk"), gn.Dense(scaling="ntk", bias=False)),
    "scale": gn.Network(gn.Scale(rate=6.0, penalised=0.5), gn.Dense(), l2=0.1),
    "strength": gn.Network(gn.Dense(7, "mish", strength=True, strength_rate=0.1, strength_penalised=2), gn.Dense()),
    "options": gn.Network(
        gn.Dense(7, gn.activation("elu", alpha=0.3)),
        gn.Dense(),
        loss=gn.loss("huber", delta=2, reduction="sum"),
        l1=0.001,
        l2=0.01,
    ),
    "penalties per row": gn.Network(gn.Dense(5, "tanh"), gn.Dense(), loss="squared", l2=0.1, penalty_per_row=True),
    "poisson's deviance": gn.Network(gn.Dense(2), loss=gn.loss("poisson", deviance=True)),
    "slow biases": gn.Network(gn.Dense(5, "tanh", bias_rate=0.1), gn.Dense(), l2=0.01),
    "dropout that ends": gn.Network(gn.Dense(5, "tanh"), gn.Dropout(gn.schedule("flat_cosine", 0.3)), gn.Dense()),
    "by hand": gn.Network(gn.Dense(2, weights=np.arange(6.0).reshape(3, 2) / 7, biases=[0.5, -0.5])),
    "own functions": gn.Network(
        gn.Dense(7, gn.activation(swish, beta=0.7)),
        gn.Dense(5, gn.activation(bent, bent_backward)),
        gn.Dense(),
        loss=gn.loss(cauchy, reduction="batchmean"),
    ),
    "own derivative of the loss": gn.Network(
        gn.Dense(2), loss=gn.loss(lambda y, s: (y - s) ** 2, lambda y, s: 2.0 * (s - y))
    ),
    "own layer": gn.Network(gn.Dense(7), Power(3.0, gn.activation(swish)), Power(), gn.Dense()),
    "own start": gn.Network(gn.Dense(7, weights=lambda rng, shape: rng.normal(size=shape) / 3.0), gn.Dense()),
}


def schedules() -> list[gn.parts.optimizers.Schedule]:
    needed = {"cosine": {"epochs": 10}, "flat_cosine": {"epochs": 10}, "log_cosine": {"epochs": 10, "cycles": 2.0}}
    plain = [gn.schedule(name, 0.02, **needed.get(name, {})) for name in SCHEDULES]
    return [*plain, gn.schedule("cosine", 0.02, epochs=10, warm_up=3), gn.schedule("step", 0.02, every=2, factor=0.7)]


OPTIMIZERS = [
    *(gn.optimizer(name) for name in RULES),
    gn.Adam(0.01, beta1=0.8, clip_norm=1.0),
    gn.SGD(0.1, clip_value=0.5),
    gn.AdamW(0.01, weight_decay=gn.schedule("flat_cosine", 0.1, epochs=9)),
    *(gn.Momentum(rate) for rate in schedules()),
]
