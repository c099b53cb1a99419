"""Training steps with the compiled engine: as many in one call as fit between two looks at the world."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.derivation.steps import Derivation
from glassnet.engines.compiled import load, writable
from glassnet.engines.drawing import addresses
from glassnet.engines.memory import Memory
from glassnet.engines.training_code import training_code
from glassnet.training.engine import NotFinite
from glassnet.training.rows import Rows, Shuffler, Walk

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
        shuffler: Shuffler,
        rows: Rows,
        walk: Walk,
    ) -> None:
        self.derivation, self.memory = derivation, memory
        self.code = training_code(derivation, walk.kind(len(rows)), len(rows))
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
            "random": addresses(rng) if self.draws else None,
            "order": np.empty((1, 1), np.int64),
            "first": 0.0,
            "losses": np.empty(1),
            "count": 0,
        }
        self.turn_to(rows, walk, shuffler)
        self.function = load(self.code, self.values)

    def turn_to(self, rows: Rows, walk: Walk, shuffler: Shuffler) -> bool:
        """As `Engine.turn_to` says."""
        if training_code(self.derivation, walk.kind(len(rows)), len(rows)) != self.code:
            return False
        self.shuffler, self.rows, self.walk = shuffler, rows, walk
        self.batches = -(-len(rows) // walk.batch_size)
        self.kind = self.code.text, self.code.sizes, walk.batch_size
        self.values.update(zip("XYW", map(writable, rows.arrays), strict=False), batch=walk.batch_size)
        return True

    def run(self, first: int, epochs: int, seconds: float, asked_to_stop: Callable[[], bool]) -> list[float]:
        """As `Engine.run` says."""
        losses: list[float] = []
        until = time.perf_counter() + seconds
        while len(losses) < epochs:
            left = until - time.perf_counter()
            if losses and left <= 0.0:
                break
            at_once = self.at_once(epochs - len(losses), left)
            done = self.epochs(first + len(losses), at_once, asked_to_stop)
            if self.at[3]:
                raise NotFinite(self.memory.t - 1, losses + done)
            losses += done
            if len(done) < at_once:
                break
        return losses

    def at_once(self, epochs: int, seconds: float) -> int:
        """How many of the epochs to do before looking at the clock again."""
        a_step = PACE.get(self.kind)
        fit = int(min(epochs, seconds / (a_step * self.batches))) if a_step else 1  # seconds may be infinite
        if self.walk.shuffle:  # random numbers are drawn in order: those for rows first, then the steps'
            fit = 1 if self.draws else min(fit, MOST_DRAWN // len(self.rows))
        return max(1, min(epochs, fit))

    def epochs(self, first: int, epochs: int, asked_to_stop: Callable[[], bool]) -> list[float]:
        """Do so many epochs; the losses of those that were finished."""
        start, losses = time.perf_counter(), np.empty(epochs)
        state = self.shuffler.state if self.walk.shuffle else None
        order = self.orders(epochs)
        steps = total = epochs * self.batches
        self.at[:] = self.memory.t, 0, 0, 0
        self.sums[:] = 0.0
        self.values.update(losses=losses, order=order, first=float(first), lr=self.memory.lr)
        while steps and not self.at[3] and not asked_to_stop():
            count = min(steps, int(CALL / PACE[self.kind]) + 1 if self.kind in PACE else 1)
            self.values["count"] = count
            self.function(*[self.values[name] for name in self.code.arguments])
            self.memory.t = int(self.at[0])
            steps -= count
            PACE[self.kind] = (time.perf_counter() - start) / (total - steps)  # drawing the orders included
        done = int(self.at[2])
        if steps and state is not None and epochs > 1:  # broken off: the orders of epochs not begun were not drawn
            self.shuffler.state = state
            self.orders(min(done + 1, epochs))
        finished: list[float] = losses[:done].tolist()
        return finished

    def orders(self, epochs: int) -> np.ndarray | None:
        """The order of the rows in each epoch, (epochs, rows); None: as they are."""
        if not self.walk.shuffle:
            return None
        return np.stack([self.shuffler.permutation(len(self.rows)) for _ in range(epochs)])
