"""Few rows, rows of which little or nothing can be learnt, and matters of luck."""

from __future__ import annotations

from collections.abc import Callable

import glassnet as gn
from patients import rows
from patients.healthy import Made, healthy
from patients.patient import Case, Patient
from patients.rows import Rng

ALL: list[Patient] = []


def true(*truth: str) -> Callable[[Made], Made]:
    """Put a network among these, with the verdicts that are right."""

    def kept(made: Made) -> Made:
        ALL.append(healthy(made, truth=truth))
        return made

    return kept


@true("healthy")
def twenty_rows(rng: Rng) -> Case:
    """Twenty rows of two clouds far apart."""
    X, y = rows.clouds(rng, 20, apart=4.0)
    return Case(gn.Network(gn.Dense(4, "tanh"), gn.Dense(1, "sigmoid")), X, y, {"optimizer": gn.Adam(0.05)})


@true("healthy")
def xor_with_eight_units(rng: Rng) -> Case:
    """XOR with more units than it needs, so that every start finds it."""
    network = gn.Network(gn.Dense(8, "tanh"), gn.Dense(1, "sigmoid"), loss="bce")
    return Case(network, *rows.gate("xor"), {"optimizer": gn.Adam(0.05), "epochs": 500})


@true("healthy")
def and_without_a_hidden_layer(rng: Rng) -> Case:
    """AND, which a line divides."""
    return Case(
        gn.Network(gn.Dense(1, "sigmoid"), loss="bce"), *rows.gate("and"), {"optimizer": gn.SGD(1.0), "epochs": 2000}
    )


@true("healthy")
def the_tutorial_in_r(rng: Rng) -> Case:
    """Tychobra's network: XOR with a constant input, four sigmoids, no biases, weights between 0 and 1."""
    start = gn.initializer("uniform", low=0.0, high=1.0)
    layers = (gn.Dense(4, "sigmoid", bias=False, weights=start), gn.Dense(1, "sigmoid", bias=False, weights=start))
    network = gn.Network(*layers, loss=gn.loss("squared", reduction="sum"))
    return Case(network, *gn.datasets.tychobra(), {"optimizer": gn.SGD(1.0), "epochs": 1500, "batch_size": None})


# there is little or nothing to be learnt, or it is luck


@true("healthy", "nothing")
def clouds_over_each_other(rng: Rng) -> Case:
    """Two clouds of which nobody tells more than 6 rows in 10 right."""
    X, y = rows.clouds(rng, 1000, apart=0.35)
    how = {"optimizer": gn.Adam(0.01), "epochs": 30}
    return Case(gn.Network(gn.Dense(4, "tanh"), gn.Dense(1, "sigmoid"), l2=0.01), X, y, how)


@true("healthy", "nothing")
def a_line_in_much_noise(rng: Rng) -> Case:
    """A line under noise three times as large."""
    X, y = rows.line(rng, 800, noise=7.0)
    return Case(gn.Network(gn.Dense(1)), X, y, {"optimizer": gn.Adam(0.02)})


@true("nothing")
def classes_by_coin(rng: Rng) -> Case:
    """Classes that have nothing to do with the inputs."""
    X, y = rows.noise(rng)
    return Case(gn.Network(gn.Dense(16, "relu"), gn.Dense(1, "sigmoid")), X, y, {"optimizer": gn.Adam(0.01)})


@true("nothing")
def numbers_by_chance(rng: Rng) -> Case:
    """Numbers that have nothing to do with the inputs."""
    network = gn.Network(gn.Dense(8, "tanh"), gn.Dense(1))
    return Case(network, rng.standard_normal((400, 5)), rng.standard_normal(400), {"optimizer": gn.Adam(0.005)})


@true("nothing")
def five_classes_by_chance(rng: Rng) -> Case:
    """Five classes, drawn."""
    network = gn.Network(gn.Dense(16, "tanh"), gn.Dense(5, "softmax"))
    return Case(network, rng.standard_normal((500, 6)), rng.integers(0, 5, 500), {"optimizer": gn.Adam(0.01)})


@true("seed")
def the_tutorial_in_numpy(rng: Rng) -> Case:
    """XOR with two sigmoids, 10,000 epochs at 0.1: of 200 starts 142 learn it."""
    start = gn.initializer("normal", std=1.0)
    layers = (gn.Dense(2, "sigmoid", weights=start), gn.Dense(1, "sigmoid", weights=start))
    network = gn.Network(*layers, loss=gn.loss("squared", half=True, reduction="sum"))
    return Case(network, *gn.datasets.xor(), {"optimizer": gn.SGD(0.1), "epochs": 10_000, "batch_size": None})


@true("seed", "sick")
def xor_with_two_tanh(rng: Rng) -> Case:
    """XOR with two tanh: about every second start learns it, and more units are what it needs."""
    start = gn.initializer("normal", std=1.0)
    layers = (gn.Dense(2, "tanh", weights=start), gn.Dense(1, "sigmoid", weights=start))
    network = gn.Network(*layers, loss=gn.loss("squared", half=True, reduction="sum"))
    return Case(network, *gn.datasets.xor(), {"optimizer": gn.SGD(0.1), "epochs": 10_000, "batch_size": None})
