"""Circles and blobs with two or three faults at once, each of which alone is enough: mending one changes nothing.

Half of the networks that people ask about are of this kind, and trying single changes finds nothing in them.
"""

from __future__ import annotations

from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np

from patients.faults import FAULTS, Fault
from patients.patient import Patient
from patients.plan import Plan
from patients.sick import drawn, rng_of, sound_plan

MANY = 40
SLOW = {"batch norm of one"}


def several() -> list[Patient]:
    """All of them."""
    return [patient(number) for number in range(MANY)]


def patient(number: int) -> Patient:
    """One with two faults, every third one with three."""
    name = f"several {number}"
    faults = together(rng_of(name), 3 if number % 3 == 0 else 2)
    sound = sound_plan(rng_of(name, 1), **wanted(faults))
    broken = sound
    for fault in faults:
        broken = fault.change(broken, rng_of(name, 4))
    return Patient(
        name=name,
        group="several",
        about=f"{sound.data}: {', '.join(fault.name for fault in faults)}.",
        source="sound networks with several faults put in",
        truth=("sick",),
        causes=tuple(dict.fromkeys(cause for fault in faults for cause in fault.causes)),
        faults=tuple(fault.causes for fault in faults),
        case=partial(drawn, broken, name),
        mended=partial(drawn, sound, name),
        alone=tuple(partial(drawn, fault.change(sound, rng_of(name, 4)), name) for fault in faults),
    )


def together(rng: np.random.Generator, many: int) -> list[Fault]:
    """Some faults that can be in one plan: it can be what all want it to be, and no two change the same thing."""
    found: list[Fault] = []
    for k in rng.permutation(len(FAULTS)):
        fault = FAULTS[k]
        others = {what for other in found for what in changed(other)}
        if fault.name not in SLOW and agree([*found, fault]) and not others & changed(fault):
            found.append(fault)
        if len(found) == many:
            return found
    raise ValueError(f"no {many} faults go together with {[fault.name for fault in found]}")


def agree(faults: list[Fault]) -> bool:
    """Whether a plan can be what each of them wants, and none of them changes what another wants."""
    all_of_them = wanted(faults)
    same = all(all_of_them[what] == value for fault in faults for what, value in fault.into.items())
    return same and not any({*one.into} & changed(other) for one in faults for other in faults if one is not other)


def wanted(faults: list[Fault]) -> dict[str, Any]:
    """What a plan must be like for all of them; circles, on which each of them shows."""
    found = {"data": "circles", "scaled": True}
    for fault in faults:
        found |= fault.into
    return found


def changed(fault: Fault) -> set[str]:
    """Which fields of a plan a fault changes, and which settings."""
    before = sound_plan(rng_of("before"), **{"data": "circles", "scaled": True, **fault.into})
    after: Plan = fault.change(before, rng_of("after"))
    parts = {item.name for item in fields(Plan) if str(getattr(before, item.name)) != str(getattr(after, item.name))}
    settings = {name for name, value in after.settings.items() if before.settings.get(name) != value}
    return (parts | settings) - {"settings"}
