"""Faults: each changes one thing in a sound plan. Patients have their names, and their docstrings say what they do.

Beside each stands which causes are right (several where books count them alike), and what the plan is like that it is
put into, where only some plans are made sick by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import glassnet as gn
from patients.plan import Plan

Change = Callable[[Plan, np.random.Generator], Plan]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A change, the causes that are right, what a plan must be like, and the verdicts that are right."""

    change: Change
    causes: tuple[str, ...]
    into: dict[str, Any]
    truth: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.change.__name__.replace("_", " ")


FAULTS: list[Fault] = []


def fault(*causes: str, truth: tuple[str, ...] = ("sick",), **into: Any) -> Callable[[Change], Change]:
    """Put a change among the faults."""

    def kept(change: Change) -> Change:
        FAULTS.append(Fault(change=change, causes=causes, into=into, truth=truth))
        return change

    return kept


# how it is trained


@fault("learning rate too high", data="circles")
def rate_times_1000(plan: Plan, rng: np.random.Generator) -> Plan:
    """The learning rate is a thousand times as high."""
    return replace(plan, rate=plan.rate * 1000)


@fault("learning rate too low")
def rate_in_10000(plan: Plan, rng: np.random.Generator) -> Plan:
    """The learning rate is a ten-thousandth."""
    return replace(plan, rate=plan.rate * 1e-4)


@fault("too few epochs", truth=("more", "sick"), optimizer="sgd", data="circles")
def few_epochs(plan: Plan, rng: np.random.Generator) -> Plan:
    """Training ends after one to three epochs."""
    return plan.told(epochs=int(rng.integers(1, 4)))


@fault("batch size", "too few epochs", truth=("sick", "more"), optimizer="sgd", data="circles")
def all_rows_a_step(plan: Plan, rng: np.random.Generator) -> Plan:
    """All rows are one batch, so an epoch is one step, and epochs are as many as before."""
    return plan.told(batch_size=None)


@fault("rows not shuffled", optimizer="sgd", data="circles", scaled=True)
def sorted_rows(plan: Plan, rng: np.random.Generator) -> Plan:
    """Rows come class after class and are not shuffled: what was learnt last is what is known."""
    return replace(plan, sorted=True).told(shuffle=False, batch_size=8)


@fault("clipping too tight", optimizer="sgd")
def tiny_clip(plan: Plan, rng: np.random.Generator) -> Plan:
    """The gradient is cut to a length of a millionth."""
    return replace(plan, clip_norm=1e-6)


@fault("early stopping too early", data="circles")
def impatient(plan: Plan, rng: np.random.Generator) -> Plan:
    """Training stops after the first epoch that is not much better than the one before."""
    return plan.told(early_stopping=gn.EarlyStopping(1, min_delta=float(rng.choice([0.2, 0.5]))))


@fault("optimizer", "learning rate too low", scaled=True, data="circles")
def adadelta_of_keras(plan: Plan, rng: np.random.Generator) -> Plan:
    """Adadelta with the rate 0.001, which is Keras' default and a thousandth of the one its author had."""
    return replace(plan, optimizer="adadelta", rate=0.001)


@fault("class weights", data="circles", target="classes")
def weight_of_one_class(plan: Plan, rng: np.random.Generator) -> Plan:
    """One class weighs a thousand times as much as the others."""
    heavy = int(rng.integers(2))
    return plan.told(class_weight={k: 1000.0 if k == heavy else 1.0 for k in range(2 + (plan.data == "blobs"))})


# where weights start


@fault("starting weights", "saturated units", "exploding gradients", data="circles")
def huge_start(plan: Plan, rng: np.random.Generator) -> Plan:
    """Weights start with a standard deviation of 300 or 1000."""
    return replace(plan, weights=gn.initializer("normal", std=float(rng.choice([300.0, 1000.0]))))


@fault("identical units", "starting weights", data="circles")
def equal_start(plan: Plan, rng: np.random.Generator) -> Plan:
    """All weights start at the same number, so all units of a layer remain one."""
    return replace(plan, weights=gn.initializer("constant", value=float(rng.choice([0.1, 0.5, 1.0]))))


@fault("identical units", "starting weights")
def zero_start(plan: Plan, rng: np.random.Generator) -> Plan:
    """All weights start at zero, where the hidden layers have no gradient."""
    return replace(plan, weights="zeros")


@fault("dead units", "starting weights", activation="relu")
def dead_start(plan: Plan, rng: np.random.Generator) -> Plan:
    """Biases start so far below zero that no row wakes a unit."""
    return replace(plan, biases=gn.initializer("constant", value=-100.0 * (1 if plan.scaled else 100)))


# what the layers are


@fault("vanishing gradients", "hidden activation", "too many layers", optimizer="sgd", scaled=True)
def sigmoid_chain(plan: Plan, rng: np.random.Generator) -> Plan:
    """Eight to ten layers of sigmoids."""
    return replace(plan, activation="sigmoid", hidden=(plan.hidden[0],) * int(rng.integers(8, 11)))


@fault("vanishing gradients", "starting weights", "too many layers", optimizer="sgd", scaled=True, activation="tanh")
def faint_chain(plan: Plan, rng: np.random.Generator) -> Plan:
    """Six to eight layers of tanh that start with weights a tenth of what they should be."""
    small = gn.initializer("normal", std=0.1 / np.sqrt(plan.hidden[0]))
    return replace(plan, weights=small, hidden=(plan.hidden[0],) * int(rng.integers(6, 9)))


@fault("no nonlinearity", "hidden activation", data="circles")
def linear_layers(plan: Plan, rng: np.random.Generator) -> Plan:
    """The hidden layers have no activation, so all of them together are a straight line."""
    return replace(plan, activation="identity")


@fault("too few units", data="circles", scaled=True)
def one_unit(plan: Plan, rng: np.random.Generator) -> Plan:
    """A single hidden unit, which can divide the plane by one line."""
    return replace(plan, hidden=(1,))


@fault("no bias", data="circles")
def without_bias(plan: Plan, rng: np.random.Generator) -> Plan:
    """No layer has a bias, and so no circle about the origin can be told from a smaller one."""
    return replace(plan, bias=False)


@fault("frozen weights")
def all_frozen(plan: Plan, rng: np.random.Generator) -> Plan:
    """All layers are kept as they start."""
    return replace(plan, frozen=tuple(range(len(plan.hidden) + 1)))


@fault("frozen weights", data="circles", hidden=(4, 4), scaled=True)
def hidden_frozen(plan: Plan, rng: np.random.Generator) -> Plan:
    """The hidden layers, four units each, are kept as they start; only the last layer learns."""
    return replace(plan, frozen=(0, 1))


@fault("dropout too strong")
def dropout_of_95(plan: Plan, rng: np.random.Generator) -> Plan:
    """After each hidden layer 95 of 100 units are left out at each step."""
    return replace(plan, after=(gn.Dropout(0.95),))


@fault("batch norm over few rows", "batch size")
def batch_norm_of_one(plan: Plan, rng: np.random.Generator) -> Plan:
    """Batch norm, with one row a step: each row less its own mean is nothing."""
    return replace(plan, after=(gn.BatchNorm(),)).told(batch_size=1, epochs=20)


@fault("penalty too strong", scaled=True)
def heavy_penalty(plan: Plan, rng: np.random.Generator) -> Plan:
    """The weights are pulled to zero by an l2 of 10."""
    return replace(plan, l2=10.0)


@fault("penalty too strong")
def heavy_lasso(plan: Plan, rng: np.random.Generator) -> Plan:
    """The weights are pulled to zero by an l1 of 1."""
    return replace(plan, l1=1.0)


# what goes in and comes out


@fault("inputs not scaled", "saturated units", data="circles", scaled=True, activation="tanh")
def unscaled_inputs(plan: Plan, rng: np.random.Generator) -> Plan:
    """Inputs are ten thousand times as large; the tanh of the first layer is flat there."""
    return replace(plan, times=1e4)


@fault("inputs not scaled", "learning rate too high", scaled=True, activation="relu", optimizer="sgd")
def large_inputs(plan: Plan, rng: np.random.Generator) -> Plan:
    """Inputs are a thousand times as large, and steps too large with them."""
    return replace(plan, times=1e3)


@fault("inputs not scaled", data="circles", scaled=True)
def moved_inputs(plan: Plan, rng: np.random.Generator) -> Plan:
    """To all inputs a hundred is added: far from where their differences are."""
    return replace(plan, moved=100.0)


@fault("targets not scaled", target="numbers", optimizer="adam")
def large_targets(plan: Plan, rng: np.random.Generator) -> Plan:
    """Targets are a million times as large, and too far for the steps there are."""
    return replace(plan, target_times=1e6)


@fault("targets not scaled", "exploding gradients", "learning rate too high", target="numbers", optimizer="sgd")
def exploding_targets(plan: Plan, rng: np.random.Generator) -> Plan:
    """Targets are ten thousand times as large, and steps with them."""
    return replace(plan, target_times=1e4)


@fault("output activation", "targets out of reach", target="numbers")
def relu_at_the_end(plan: Plan, rng: np.random.Generator) -> Plan:
    """The last layer is a relu, which never says -1."""
    return replace(plan, output="relu")


@fault("output activation", "targets out of reach", "targets not scaled", target="numbers")
def sigmoid_for_numbers(plan: Plan, rng: np.random.Generator) -> Plan:
    """The last layer is a sigmoid, between 0 and 1, and targets are -50 and 50."""
    return replace(plan, output="sigmoid", target_times=50.0)
