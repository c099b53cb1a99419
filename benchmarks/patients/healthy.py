"""Networks that learn as well as others of their kind, however unlike each other they look.

`families` has one network for each activation, each optimizer, each way to go through the rows; `OWN` single ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import glassnet as gn
from patients import rows
from patients.patient import Case, Patient
from patients.rows import Rng, standard

Made = Callable[[Rng], Case]


def healthy(made: Callable[..., Case], *given: Any, name: str = "", truth: tuple[str, ...] = ("healthy",)) -> Patient:
    """A patient of a function of random numbers, whose docstring says what it is."""
    name = name or made.__name__.replace("_", " ")

    def case(draw: int) -> Case:
        return made(np.random.default_rng([7, draw]), *given)

    return Patient(name=name, group="healthy", about=(made.__doc__ or "").strip(), truth=truth, case=case)


# families: the same rows, another activation, optimizer, …


def activated(rng: Rng, activation: str) -> Case:
    """Moons, 16 units of some activation."""
    X, y = gn.datasets.moons(300, rng=rng)
    network = gn.Network(gn.Dense(16, activation), gn.Dense(8, activation), gn.Dense(1, "sigmoid"))
    return Case(network, standard(X), y, {"optimizer": gn.Adam(0.01), "epochs": 150})


def optimised(rng: Rng, name: str, rate: float, epochs: int) -> Case:
    """A disc in a ring, with each optimizer at a rate that suits it."""
    X, y = rows.rings(rng)
    network = gn.Network(gn.Dense(16, "tanh"), gn.Dense(2, "softmax"))
    batch = None if name == "rprop" else 32
    return Case(network, X, y, {"optimizer": gn.optimizer(name, rate), "epochs": epochs, "batch_size": batch})


def walked(rng: Rng, batch_size: int | None, rate: float, epochs: int, shuffle: bool = True) -> Case:
    """A disc in a ring, with batches of one row up to all of them, and a rate that suits each."""
    X, y = rows.rings(rng)
    order = rng.permutation(len(y))
    network = gn.Network(gn.Dense(16, "relu"), gn.Dense(1, "sigmoid"))
    how = {"optimizer": gn.Adam(rate), "epochs": epochs, "batch_size": batch_size, "shuffle": shuffle}
    return Case(network, X[order], y[order], how)


def shaped(rng: Rng, *hidden: Any) -> Case:
    """Spirals of two arms and networks of many shapes."""
    X, y = gn.datasets.spirals(400, turns=0.75, rng=rng)
    return Case(
        gn.Network(*hidden, gn.Dense(2, "softmax")), standard(X), y, {"optimizer": gn.Adam(0.01), "epochs": 200}
    )


def lost(rng: Rng, loss: Any, output: str = "identity", rate: float = 0.01) -> Case:
    """A sine, and a loss for numbers."""
    X, y = rows.sine(rng)
    network = gn.Network(gn.Dense(32, "tanh"), gn.Dense(16, "tanh"), gn.Dense(1, output), loss=loss)
    return Case(network, X, y, {"optimizer": gn.Adam(rate), "epochs": 200})


ACTIVATIONS = (
    *("relu", "leaky_relu", "sigmoid", "tanh", "softsign", "softplus"),
    *("elu", "selu", "silu", "mish", "gelu", "log_sigmoid"),
)
OPTIMIZERS = {
    "sgd": (0.3, 150),
    "momentum": (0.05, 100),
    "nesterov": (0.05, 100),
    "rmsprop": (0.005, 100),
    "adagrad": (0.1, 150),
    "adadelta": (1.0, 200),
    "adam": (0.01, 100),
    "adam_hat": (0.01, 100),
    "amsgrad": (0.01, 100),
    "nadam": (0.01, 100),
    "adamw": (0.01, 100),
    "rprop": (0.01, 200),
}
WALKS: dict[str, tuple[Any, ...]] = {
    "one row a step": (1, 0.002, 30),
    "two rows a step": (2, 0.005, 40),
    "eight rows a step": (8, 0.01, 60),
    "128 rows a step": (128, 0.02, 200),
    "all rows a step, many": (None, 0.02, 500),
    "mixed rows unshuffled": (32, 0.01, 100, False),
}
SHAPES: dict[str, tuple[Any, ...]] = {
    "wide": (gn.Dense(256, "relu"),),
    "very wide": (gn.Dense(1024, "relu"),),
    "three layers": (gn.Dense(32, "relu"), gn.Dense(32, "relu"), gn.Dense(32, "relu")),
    "narrowing": (gn.Dense(64, "relu"), gn.Dense(16, "relu"), gn.Dense(8, "relu")),
    "six tanh layers": tuple(gn.Dense(16, "tanh") for _ in range(6)),
    "eight relu layers": tuple(gn.Dense(32, "relu", weights="he_normal") for _ in range(8)),
    "residual": (gn.Dense(32, "relu"), *(gn.Residual(gn.Dense(32, "relu"), gn.Dense(32)) for _ in range(4))),
    "batch norm": tuple(one for _ in range(4) for one in (gn.Dense(32), gn.BatchNorm(), gn.Dense(32, "relu"))),
    "layer norm": (gn.Dense(32, "tanh"), gn.LayerNorm(), gn.Dense(32, "tanh")),
    "dropout of 20 %": (gn.Dense(64, "relu"), gn.Dropout(0.2), gn.Dense(64, "relu"), gn.Dropout(0.2)),
    "dropout of 50 %, wide": (gn.Dense(256, "relu"), gn.Dropout(0.5)),
    "different activations": (gn.Dense(32, "relu"), gn.Dense(32, "tanh"), gn.Dense(16, "gelu")),
    "learnt strength": (gn.Dense(32, "relu", strength=True), gn.Dense(32, "relu", strength=True)),
    "ntk scaling": (gn.Dense(64, "relu", scaling="ntk"), gn.Dense(64, "relu", scaling="ntk")),
    "orthogonal": (gn.Dense(32, "tanh", weights="orthogonal"), gn.Dense(32, "tanh", weights="orthogonal")),
    "lecun": (gn.Dense(32, "selu", weights="lecun_normal"), gn.Dense(32, "selu", weights="lecun_normal")),
}
LOSSES: dict[str, tuple[Any, ...]] = {
    "squared": ("squared",),
    "absolute": ("absolute",),
    "huber": ("huber",),
    "half of squares": (gn.loss("squared", half=True),),
    "tanh for a sine": ("squared", "tanh"),
    "median": (gn.loss("quantile", q=0.5),),
}


def families() -> list[Patient]:
    """One network for each of the above."""
    return [
        *(healthy(activated, one, name=f"moons with {one}") for one in ACTIVATIONS),
        *(healthy(optimised, name, *how, name=f"ring with {name}") for name, how in OPTIMIZERS.items()),
        *(healthy(walked, *how, name=f"ring, {name}") for name, how in WALKS.items()),
        *(healthy(shaped, *layers, name=f"spirals, {name}") for name, layers in SHAPES.items()),
        *(healthy(lost, *how, name=f"sine, {name}") for name, how in LOSSES.items()),
    ]


# single ones: other rows


def flowers_of_three_kinds(rng: Rng) -> Case:
    """Flowers, their lengths in centimetres, as they are."""
    X, y = rows.flowers(rng)
    return Case(gn.Network(gn.Dense(8, "relu"), gn.Dense(3, "softmax")), X, y, {"optimizer": "adam", "epochs": 500})


def digits_of_ten_kinds(rng: Rng) -> Case:
    """Pictures with pixels between 0 and 1."""
    X, y = rows.digits(rng)
    network = gn.Network(gn.Dense(64, "relu"), gn.Dense(32, "relu"), gn.Dense(10, "softmax"))
    return Case(network, X / 255, y, {"optimizer": gn.Adam(0.002), "epochs": 60})


def texts(rng: Rng) -> Case:
    """Which words a text has."""
    X, y = rows.words(rng)
    network = gn.Network(gn.Dense(16, "relu"), gn.Dense(1, "sigmoid"), l2=0.01)
    return Case(network, X, y, {"optimizer": gn.Adam(0.005), "epochs": 40})


def prices_scaled(rng: Rng) -> Case:
    """Prices of houses, inputs and target of spread 1."""
    X, y = rows.prices(rng)
    return Case(gn.Network(gn.Dense(32, "relu"), gn.Dense(1)), standard(X), standard(y), {"optimizer": gn.Adam(0.005)})


def prices_as_a_table(rng: Rng) -> Case:
    """Prices in dollars, as a table, whose columns and target glassnet scales."""
    X, y = rows.prices(rng)
    names = ("area", "rooms", "age", "income")
    table = {**dict(zip(names, X.T, strict=True)), "price": y}
    network = gn.Network(gn.Dense(32, "relu"), gn.Dense())
    return Case(network, table, None, {"target": "price", "optimizer": gn.Adam(0.005)})


def three_numbers(rng: Rng) -> Case:
    """Three numbers to say at once."""
    X, y = rows.line(rng, 300)
    Y = np.column_stack([y, np.sin(2 * X[:, 0]), X[:, 1] * X[:, 2]])
    network = gn.Network(gn.Dense(64, "tanh"), gn.Dense(3), loss="squared")
    return Case(network, X, Y, {"optimizer": gn.Adam(0.01), "epochs": 200})


def float32_numbers(rng: Rng) -> Case:
    """A sine in float32."""
    X, y = rows.sine(rng)
    network = gn.Network(gn.Dense(32, "tanh"), gn.Dense(1))
    how = {"optimizer": gn.Adam(0.02), "epochs": 300}
    return Case(network, X.astype(np.float32), y.astype(np.float32), how)


def nine_to_one(rng: Rng) -> Case:
    """One row in ten is of class 1, and the classes are apart."""
    X, y = rows.clouds(rng, 500, 0.1, 3.0)
    return Case(gn.Network(gn.Dense(8, "tanh"), gn.Dense(1, "sigmoid")), X, y, {"optimizer": gn.Adam(0.01)})


def nine_to_one_balanced(rng: Rng) -> Case:
    """One row in ten is of class 1, classes overlap and weigh alike."""
    X, y = rows.clouds(rng, 500, 0.1, 1.5)
    network = gn.Network(gn.Dense(8, "tanh"), gn.Dense(1, "sigmoid"))
    return Case(network, X, y, {"optimizer": gn.Adam(0.01), "class_weight": "balanced"})


def counts(rng: Rng) -> Case:
    """Counts and their logarithm, with the loss of Poisson."""
    X = rng.standard_normal((300, 2))
    y = rng.poisson(np.exp(1.0 + X[:, 0] - 0.5 * X[:, 1])).astype(float)
    return Case(gn.Network(gn.Dense(16, "tanh"), gn.Dense(1), loss="poisson"), X, y, {"optimizer": gn.Adam(0.01)})


def stopped_early(rng: Rng) -> Case:
    """Held-out rows say when to stop."""
    X, y = gn.datasets.moons(400, noise=0.2, rng=rng)
    network = gn.Network(gn.Dense(32, "relu"), gn.Dense(1, "sigmoid"))
    how = {"optimizer": gn.Adam(0.01), "epochs": 500, "validation": 0.2, "early_stopping": 20}
    return Case(network, standard(X), y, how)


def falling_rate(rng: Rng) -> Case:
    """A learning rate that falls from high to nothing."""
    X, y = rows.rings(rng)
    network = gn.Network(gn.Dense(16, "relu"), gn.Dense(1, "sigmoid"))
    return Case(network, X, y, {"optimizer": gn.SGD(gn.schedule("cosine", 0.5)), "epochs": 150})


def a_line_of_many_inputs(rng: Rng) -> Case:
    """A linear network on a linear problem with thirty inputs."""
    X, y = rows.line(rng, 300, 30)
    return Case(gn.Network(gn.Dense(1)), X, y, {"optimizer": gn.Adam(0.05)})


OWN: list[Made] = [
    *(flowers_of_three_kinds, digits_of_ten_kinds, texts, prices_scaled, prices_as_a_table, three_numbers),
    *(float32_numbers, nine_to_one, nine_to_one_balanced, counts, stopped_early, falling_rate, a_line_of_many_inputs),
]


def all_healthy() -> list[Patient]:
    """All of them."""
    return [*families(), *(healthy(made) for made in OWN)]
