"""Sick circles and blobs: for each fault some sound plans, drawn by the patient's name, and the fault put in."""

from __future__ import annotations

import zlib
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from patients import plane
from patients.faults import FAULTS, Fault
from patients.patient import Case, Patient
from patients.plan import Plan

EACH = 4  # patients of each fault
SOURCE = "AutoTrainer (Zhang et al., ICSE 2021): circles and blobs with one fault put in"


def sick() -> list[Patient]:
    """All of them."""
    return [patient(fault, number) for fault in FAULTS for number in range(EACH)]


def patient(fault: Fault, number: int) -> Patient:
    """One with this fault; the number tells it from others with the same."""
    name = f"{fault.name} {number}"
    sound = sound_plan(rng_of(name), **fault.into)
    broken = fault.change(sound, rng_of(name, 1))
    return Patient(
        name=name,
        group="sick",
        about=f"{sound.data}, {'scaled' if sound.scaled else 'raw'}. {(fault.change.__doc__ or '').strip()}",
        source=SOURCE,
        truth=fault.truth,
        causes=fault.causes,
        case=partial(drawn, broken, name),
        mended=partial(drawn, sound, name),
    )


def drawn(plan: Plan, name: str, draw: int) -> Case:
    """The plan with the rows of a draw; a patient's clouds are about the same centres in all draws."""
    return plan.case(rng_of(name, 3, draw), plane.apart(rng_of(name, 2)))


def sound_plan(rng: np.random.Generator, **wanted: Any) -> Plan:
    """A plan that learns, drawn; what is wanted is as it is wanted."""
    drawn: dict[str, Any] = {
        "data": str(rng.choice(["circles", "blobs"])),
        "scaled": bool(rng.random() < 0.7),
        "optimizer": str(rng.choice(["adam", "sgd"])),
        "activation": str(rng.choice(["relu", "tanh"])),
        "hidden": tuple(int(rng.choice([8, 16, 24, 32])) for _ in range(rng.integers(2, 4))),
    }
    drawn |= wanted
    numbers = drawn.get("target") == "numbers"
    if not drawn["scaled"] and ({"activation", "optimizer"} & {*wanted} or numbers):
        drawn["scaled"] = True  # what is wanted may not learn from raw columns
    if not drawn["scaled"]:
        drawn |= {"activation": "relu", "optimizer": "adam", "hidden": tuple(max(16, w) for w in drawn["hidden"])}
    output, loss = ("softmax", "cross_entropy") if drawn["data"] == "blobs" else ("sigmoid", "binary_cross_entropy")
    output, loss = ("identity", "squared") if numbers else (output, loss)
    rate = {"adam": 0.01 if drawn["scaled"] else 0.002, "sgd": 0.05 if numbers else 0.2}[drawn["optimizer"]]
    plan = Plan(**{"output": output, "loss": loss, "rate": rate, **drawn})
    return replace(plan, settings={"epochs": 150 if plan.data == "circles" else 60})


def rng_of(*what: Any) -> np.random.Generator:
    """Random numbers that a name and numbers decide."""
    return np.random.default_rng([part if isinstance(part, int) else zlib.crc32(part.encode()) for part in what])
