"""Where the doctor is named: the command to ask after a training that learnt less than could be learnt, or diverged."""

from __future__ import annotations

import inspect
import warnings
from dataclasses import dataclass, replace

import numpy as np

from glassnet.cli.again import pasted, program, repeated
from glassnet.cli.diagnose import OWN, diagnose
from glassnet.cli.session import Done, Parts, Plan
from glassnet.model.carry_out import ASK
from glassnet.training.rows import Rows

A_COMMAND = 1e8  # multiplications in the time that a command takes to begin and to read a table


@dataclass(frozen=True)
class Why:
    """What a training has not learnt, in words, and the command that says why."""

    said: str
    command: str


def why_of(done: Done, plan: Plan, parts: Parts, command: str) -> Why | None:
    """Whether a training is worth a diagnosis; None where it is not, or where that would take long to know.

    Nothing is said of an ensemble, nor of the best of several recipes.
    """
    state = done.model.state
    if plan.auto or state.members or done.interrupted:
        return None
    from glassnet.doctor.hint import hint

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what is new in the table is said elsewhere
        known = [
            Rows(state.encode(table), state.targets(table, None)[0])
            for table in (parts.train, parts.validation)
            if table is not None
        ]
    if plan.class_weight is not None:  # which weights does not matter: classes count alike
        known[0] = replace(known[0], w=np.ones((len(known[0]), 1)))
    said = hint(state, known[0], known[1] if known[1:] else None, len(done.model.history), beside=A_COMMAND)
    return Why(said, command) if said else None


def doctors_command(table: str, given: dict[str, list[str]]) -> str:
    """`glassnet diagnose` with the same options, as far as it has them."""
    names = {f"--{name.replace('_', '-')}" for name in inspect.signature(diagnose).parameters} - {*OWN}
    known = tuple(name for name in given if name in names)
    return pasted([program(), "diagnose", table, *(repeated(given, known) if known else [])])


def with_command(message: str, command: str) -> str:
    """What is said of a training that diverged, for the command line."""
    return message.replace(ASK, command)
