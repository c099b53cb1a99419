"""Training steps with the compiled engine: as many in one call as fit between two looks at the world."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.derivation.steps import Derivation
from glassnet.engines.compiled import load, writable
from glassnet.engines.generator import addresses_for_a_team
from glassnet.engines.memory import Memory
from glassnet.engines.plans import Plan, are_fixed
from glassnet.engines.teams import Team, alone
from glassnet.engines.threads import blas_threads, cores, is_one_blas_thread, one_blas_thread, threads_that_pay
from glassnet.engines.training_code import multiplications, training_code
from glassnet.engines.verdicts import plan_for
from glassnet.training.engine import NotFinite
from glassnet.training.place import Place
from glassnet.training.rows import Rows, Shuffler, Walk
from glassnet.training.trials import Trial

CALL = 0.02  # seconds a call takes: how long it may be until somebody who asks to stop is heard
MOST_DRAWN = 1 << 18  # row numbers drawn ahead
PACE: dict[tuple[str, tuple[int, ...], int], float] = {}  # seconds a step took lately: by code, sizes, batch size


class CompiledSteps:
    """The compiled engine at work."""

    def __init__(
        self,
        derivation: Derivation,
        memory: Memory,
        rng: np.random.Generator,
        *,
        rows: Rows,
        walk: Walk,
        shuffler: Shuffler,
    ) -> None:
        self.derivation, self.memory = derivation, memory
        self.code = training_code(derivation, walk.kind(len(rows)), len(rows), walk.batch_size)
        self.at = np.zeros(4, np.int64)  # step, first row of the batch, epochs done in this call, 1 if a loss broke
        self.sums = np.zeros(2)  # of this epoch so far: losses times shares, and shares
        self.draws = "random" in self.code.arguments
        self.values: dict[str, Any] = {
            **vars(memory),
            **memory.slots,
            "sizes": np.array(self.code.sizes, np.int64),
            "numbers": np.array(self.code.numbers),
            "at": self.at,
            "sums": self.sums,
            "random": addresses_for_a_team(rng) if self.draws else None,
            "order": np.empty((1, 1), np.int64),
            "first": 0.0,
            "earlier": 0,
            "of": 1,
            "ends": 1,
            "losses": np.empty(1),
            "count": 0,
        }
        self.turn_to(rows, walk, shuffler)
        shared = self.code.shared
        self.team = Team(shared, memory.g, alone(shared)) if shared else None
        self.function = load(self.code, {**self.values, **(self.team.given(0) if self.team else {})})
        self.teams: dict[tuple[int, bool], Team] = {}  # by how many threads there may be, and whether plans are fixed

    def turn_to(self, rows: Rows, walk: Walk, shuffler: Shuffler) -> bool:
        """As `Engine.turn_to` says."""
        if training_code(self.derivation, walk.kind(len(rows)), len(rows), walk.batch_size) != self.code:
            return False
        self.shuffler, self.rows, self.walk = shuffler, rows, walk
        self.batches = walk.batches(len(rows))
        self.kind = self.code.text, self.code.sizes, walk.batch_size
        # an order leaves out what is dropped; without one it is the rows at the end
        some = [array if walk.shuffle else array[: walk.taken(len(rows))] for array in rows.arrays]
        self.values.update(zip("XYW", map(writable, some), strict=False), batch=walk.batch_size)
        self.values.update(earlier=walk.before, of=walk.steps_of_epoch(len(rows)), ends=int(walk.ends(len(rows))))
        self.teams = {}
        self.largest = max(multiplications(self.derivation, walk.batch_size), default=0)  # product
        return True

    def take(self, place: Place, steps: int, seconds: float, asked_to_stop: Callable[[], bool]) -> list[float]:
        """As `Engine.take` says."""
        if self.team:
            self.team = self.team_of(min(blas_threads(), cores()))
        with one_blas_thread() if self.team else threads_that_pay(self.largest):  # a team shares the products itself
            return self.taken(place, steps, seconds, asked_to_stop)

    def team_of(self, threads: int) -> Team:
        """The threads that take steps, where there may be so many."""
        key = threads, are_fixed()
        if key not in self.teams:
            itemsize, measure = self.memory.theta.itemsize, None if is_one_blas_thread() else self.trial
            plan = plan_for(self.code, self.walk.batch_size, itemsize, threads, measure)
            assert self.code.shared is not None
            self.teams[key] = Team(self.code.shared, self.memory.g, plan)
        return self.teams[key]

    def trial(self) -> Callable[[Plan], float]:
        """What measures the seconds of a step."""
        trial = Trial(self.code, self.function, self.values, self.batches)

        def measure(plan: Plan) -> float:
            with one_blas_thread():
                return trial.seconds(plan)

        return measure

    def taken(self, place: Place, steps: int, seconds: float, asked_to_stop: Callable[[], bool]) -> list[float]:
        """The same, with the team that is there."""
        losses: list[float] = []
        until = time.perf_counter() + seconds
        while steps:
            left = until - time.perf_counter()
            if losses and left <= 0.0:
                break
            wanted = self.at_once(place, steps, left)
            taken, ended = self.some(place, wanted, asked_to_stop)
            if self.at[3]:
                raise NotFinite(self.memory.t - 1, losses + ended)
            losses += ended
            steps -= taken
            if taken < wanted:
                break
        return losses

    def at_once(self, place: Place, steps: int, seconds: float) -> int:
        """How many of the steps to take before looking at the clock again; or all, or to the end of an epoch."""
        epochs = -(-(place.batch + steps) // self.batches)
        a_step = PACE.get(self.kind)
        fit = int(min(epochs, seconds / (a_step * self.batches))) if a_step else 1  # seconds may be infinite
        if self.walk.shuffle:  # random numbers are drawn in order: those for rows first, then the steps'
            fit = 1 if self.draws else min(fit, MOST_DRAWN // len(self.rows))
        return min(steps, max(1, fit) * self.batches - place.batch)

    def some(self, place: Place, steps: int, asked_to_stop: Callable[[], bool]) -> tuple[int, list[float]]:
        """Take so many steps, or fewer; how many, and the losses of the epochs that ended."""
        start, epochs = time.perf_counter(), -(-(place.batch + steps) // self.batches)
        losses, state = np.empty(epochs), self.shuffler.state if self.walk.shuffle else None
        orders = self.orders(place, epochs)
        left = steps
        self.at[:] = self.memory.t, place.batch * self.walk.batch_size, 0, 0
        self.sums[:] = place.told[0] if place.told else 0.0
        taken = None if orders is None else np.ascontiguousarray(orders[:, : self.walk.taken(len(self.rows))])
        self.values.update(losses=losses, order=taken, first=float(place.epochs), lr=self.memory.lr)
        while left and not self.at[3] and not asked_to_stop():
            count = min(left, int(CALL / PACE[self.kind]) + 1 if self.kind in PACE else 1)
            self.values["count"] = count
            if self.team:
                self.team.call(self.function, self.code.arguments, self.values)
            else:
                self.function(*[self.values[name] for name in self.code.arguments])
            self.memory.t = int(self.at[0])
            left -= count
            PACE[self.kind] = (time.perf_counter() - start) / (steps - left)  # drawing the orders included
        done, batch = int(self.at[2]), -(-int(self.at[1]) // self.walk.batch_size)
        if left and state is not None and epochs > 1:  # broken off: the orders of epochs not begun were not drawn
            self.shuffler.state = state
            orders = self.orders(place, min(done + 1, epochs))
        place.epochs, place.batch = place.epochs + done, batch
        if done or place.order is None:
            place.order = None if orders is None or done == len(orders) else orders[done].copy()
        is_begun = bool(batch or (self.walk.before and not done))
        place.told = [(float(self.sums[0]), float(self.sums[1]))] if is_begun else []
        ended: list[float] = losses[:done].tolist()
        return steps - left, ended

    def orders(self, place: Place, epochs: int) -> np.ndarray | None:
        """The order of the rows in each epoch from this place on, (epochs, rows); None: as they are."""
        if not self.walk.shuffle:
            return None
        if place.order is not None and epochs == 1:  # without a copy, of what is never written to
            return place.order[None]
        known = [] if place.order is None else [place.order]
        return np.stack(known + [self.shuffler.permutation(len(self.rows)) for _ in range(epochs - len(known))])
