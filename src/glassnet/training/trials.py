"""Steps taken to see how long they take: with copies of all numbers, so that training does not notice."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from glassnet.engines.generator import addresses_for_a_team
from glassnet.engines.machine_code import Code
from glassnet.engines.plans import Busy, Plan
from glassnet.engines.teams import Team

LONG, TIMES = 4e-3, 3  # seconds that are measured at a time, and how often; the fastest counts
EPOCHS, MOST_DRAWN = 64, 1 << 18  # at most so many epochs at a time, and numbers of rows in their orders
CALM = 0.85  # of the time all threads are at work, or waiting for each other; if less, the system took cores away
READ = ("X", "Y", "W", "sizes", "numbers", "penalised", "trainable")


class Trial:
    """A function that trains, to be tried.

    Parameters
    ----------
    code, function
        It.
    values
        Its arguments by name, but for those of a team.
    batches
        How many steps an epoch has.
    """

    def __init__(self, code: Code, function: Callable[..., Any], values: Mapping[str, Any], batches: int) -> None:
        self.code, self.function = code, function
        self.rng = np.random.default_rng(0)
        self.values = {
            name: value.copy() if isinstance(value, np.ndarray) and name not in READ else value
            for name, value in values.items()
        }
        rows = len(values["X"])
        epochs = max(1, min(EPOCHS, MOST_DRAWN // rows)) if "order" in code.arguments else EPOCHS
        self.most = epochs * batches
        self.values |= {"losses": np.empty(epochs), "ends": 1}
        self.values["order"] = np.tile(np.arange(rows), (epochs if "order" in code.arguments else 1, 1))
        if values["random"] is not None:
            self.values["random"] = addresses_for_a_team(self.rng)
        self.first, self.steps = int(values["at"][0]), 1

    def seconds(self, plan: Plan) -> float:
        """The seconds of a step; infinite if the numbers overflow.

        Raises
        ------
        Busy
            The processor did something else meanwhile.
        """
        shared = self.code.shared
        assert shared is not None
        team = Team(shared, self.values["g"], plan)
        self.taken(team, 1)  # the first time there is memory to be got
        while self.steps < self.most and self.taken(team, self.steps) * self.steps < LONG:
            self.steps = min(self.most, 2 * self.steps)
        fastest, share = math.inf, 1.0
        for _ in range(TIMES):
            before = time.process_time()
            taken = self.taken(team, self.steps)
            if taken < fastest:
                used = time.process_time() - before
                fastest, share = taken, used / (taken * self.steps * plan.threads)
        if share < CALM:
            raise Busy
        return fastest

    def taken(self, team: Team, steps: int) -> float:
        """The seconds of a step, of so many."""
        self.values["at"][:] = self.first, 0, 0, 0
        start = time.perf_counter()
        team.call(self.function, self.code.arguments, {**self.values, "count": steps})
        return math.inf if self.values["at"][3] else (time.perf_counter() - start) / steps
