"""Cases trained again from several seeds, side by side where that is possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.doctor.case import Case
from glassnet.doctor.errors import error_of, errors_of
from glassnet.engines.threads import cores
from glassnet.errors import TrainingError
from glassnet.training.begin import begin
from glassnet.training.contract import as_contract
from glassnet.training.freezing import freeze
from glassnet.training.many.plan import Plan, plan_of
from glassnet.training.many.running import train_all
from glassnet.training.rows import Rows
from glassnet.training.state import State


@dataclass(frozen=True, eq=False, kw_only=True)
class End:
    """What a training came to.

    Attributes
    ----------
    case, seed
        Of what, from where.
    state
        With its last numbers; of one that diverged, the last good ones.
    """

    case: Case
    seed: int
    state: State

    @property
    def diverged(self) -> bool:
        """Whether its loss stopped being finite."""
        return self.state.history.stopped == "diverged"

    @cached_property
    def losses(self) -> np.ndarray:
        """Of the rows trained on, by epoch."""
        return np.asarray(self.state.history.columns.get("loss", ()), np.float64)

    @cached_property
    def outputs(self) -> np.ndarray:
        """Of the rows trained on, as people see them, (n, outputs)."""
        return self.says(self.case.rows)

    @cached_property
    def error(self) -> float:
        """Of the rows trained on."""
        return error_of(self.errors_on(self.case.rows, self.outputs))

    @cached_property
    def held_errors(self) -> np.ndarray:
        """Of each row held out, (m,)."""
        held = self.case.course.held_out
        return np.zeros(0) if held is None else self.errors_on(held.rows, self.says(held.rows))

    @property
    def held_error(self) -> float:
        """Of the rows held out; nan where there are none."""
        return error_of(self.held_errors)

    def says(self, rows: Rows) -> np.ndarray:
        """What it says of rows."""
        with np.errstate(all="ignore"):
            return as_contract(self.state.forward.predict(rows.x), self.state.contract)

    def errors_on(self, rows: Rows, p: np.ndarray) -> np.ndarray:
        """How wrong each row is."""
        return errors_of(self.case.way, as_contract(rows.y, self.state.contract), p, self.case.truth)


def reruns(
    cases: Sequence[Case], seeds: Sequence[int], interrupted: Callable[[], bool] = lambda: False
) -> list[list[End]]:
    """The ends of each case from each seed.

    Raises
    ------
    KeyboardInterrupt
        It was interrupted.
    """
    found: list[list[End]] = [[] for _ in cases]
    for numbers in alike([case.given for case in cases]):
        group = [cases[k] for k in numbers]
        given = group[0].given
        divisions = [] if given.division is None else [given.division]
        plan = plan_of(given.source, [case.setting for case in group], seeds, divisions, part_name="fold")
        frozen = [run for run, case in zip(plan.runs, repeated(group, len(seeds)), strict=True) if case.frozen]
        states = trained_frozen(plan, group, seeds) if frozen else trained(plan, interrupted)
        for k, state in enumerate(states):
            case = numbers[k // len(seeds)]
            found[case].append(End(case=cases[case], seed=seeds[k % len(seeds)], state=state))
    return found


def alike(items: Sequence[object]) -> list[list[int]]:
    """The numbers of those that are the same object."""
    groups: dict[int, list[int]] = {}
    for k, item in enumerate(items):
        groups.setdefault(id(item), []).append(k)
    return list(groups.values())


def repeated(cases: Sequence[Case], times: int) -> list[Case]:
    """Each so many times."""
    return [case for case in cases for _ in range(times)]


def trained(plan: Plan, interrupted: Callable[[], bool]) -> list[State]:
    """The states of all runs of a plan, in order."""
    states: dict[int, State] = {}
    for outcome in train_all(plan, engine="auto", workers=cores(), interrupted=interrupted):
        for place, number in enumerate(outcome.numbers):
            states[number] = outcome.state(place)
    return [states[number] for number in range(len(plan.runs))]


def trained_frozen(plan: Plan, cases: Sequence[Case], seeds: Sequence[int]) -> list[State]:
    """The same, some numbers left as they are: one after the other."""
    states = []
    for run, case in zip(plan.runs, repeated(cases, len(seeds)), strict=True):
        state = run.state(run.rng(), run.begun.theta, run.begun.state)
        keep_frozen(state, case)
        try:
            for _ in begin(run.course.prepared(state), run.course.setting.settings, every_epoch=False).events():
                pass
        except TrainingError:
            pass
        states.append(state)
    return states


def keep_frozen(state: State, case: Case) -> None:
    """Freeze what the case has frozen; of an array that was frozen whole, and is of another size now, all of it."""
    for name, mask in case.frozen.items():
        if name in state.memory.layout.shapes and (mask.all() or state.memory.layout.shapes[name] == mask.shape):
            freeze(state, name, None if mask.all() else mask)


def rerun_for_a_while(case: Case, seed: int, interrupted: Callable[[], bool]) -> End:
    """The end of one training, or how far it came until it was interrupted."""
    state, prepared = begun(case, seed)
    for _ in begin(prepared, case.setting.settings, every_epoch=False, asked_to_stop=interrupted).events():
        pass
    return End(case=case, seed=seed, state=state)


def begun(case: Case, seed: int) -> tuple[State, Any]:
    """A state with the numbers that a seed gives it, and it with its rows."""
    given = case.given
    divisions = [] if given.division is None else [given.division]
    run = plan_of(given.source, [case.setting], [seed], divisions, part_name="fold").runs[0]
    state = run.state(run.rng(), run.begun.theta, run.begun.state)
    keep_frozen(state, case)
    return state, run.course.prepared(state)
