"""Lanes of any network, carried through their epochs by the interpreter: nothing is compiled for a new one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import numpy as np

from glassnet.derivation.derive import derive_evaluation
from glassnet.derivation.steps import Derivation
from glassnet.engines.generator import addresses
from glassnet.engines.lane_code import LaneCode, lane_code
from glassnet.engines.lane_program import lanes_of
from glassnet.engines.lane_run import Groups, LaneRun, draws_as_numpy
from glassnet.engines.threads import cores
from glassnet.training.lanes import Lanes, Numbers, OtherStructure
from glassnet.training.rows import Rows
from glassnet.training.workers import in_threads

CALL = 0.02  # seconds until somebody who asks to stop is heard
LONG = 0.05  # what takes longer is broken off when somebody asks, and what it did is taken back
SHORT = 0.001  # what takes less is not worth another thread
TURNS = 4  # in which a thread does its part: who is done takes another
PIECE = 64  # rows at a time, where they are evaluated
FEW = 1 << 32  # rows, for whose numbers 32 random bits are enough


class InterpretedLanes:
    """The interpreter at work on lanes.

    Parameters
    ----------
    lanes
        What to train.
    workers
        How many threads train; None: as many as there are cores.

    Raises
    ------
    NotImplementedError
        The networks hold what the interpreter cannot do.
    OtherStructure
        The derivations are not of one structure.
    """

    def __init__(self, lanes: Lanes, workers: int | None = None) -> None:
        self.derivation = lanes.derivations[0]
        if "lr" in self.derivation.inputs.keys() - self.derivation.constants.keys():
            raise NotImplementedError("lanes whose learning rate is set from outside")
        self.workers = cores() if workers is None else workers
        self.width = lanes_of(self.derivation.dtype)
        self.walk, self.kind = lanes.walk, lanes.walk.kind(lanes.own.shape[1])
        code = lane_code(self.derivation, self.width, lanes.walk.batch_size, training=True)
        self.vectors_of = code.vectors
        self.draws = any(instruction.op == "random" for instruction in code.written.steps)
        self.run = LaneRun(
            code,
            lanes.rows.arrays,
            rows=lanes.own.shape[1],
            batch=lanes.walk.batch_size,
            walk=self.kind,
            trains=True,
            marks=lanes.marks,
        )
        self.settings = lanes.derivations
        self.epochs = lanes.epochs
        self.t = lanes.epochs * lanes.walk.batches(lanes.own.shape[1])
        self.pace = 0.0  # seconds that an epoch of all lanes took
        self.evaluations: dict[tuple[bool, int, int], tuple[LaneRun, np.ndarray]] = {}
        values = [
            lanes.numbers.theta,
            lanes.numbers.state,
            *(lanes.numbers.slots[name] for name in self.vectors_of[2:]),
        ]
        self.setting, self.rngs = np.asarray(lanes.setting), list(lanes.rngs)
        self.own = np.asarray(lanes.own, np.int64)
        self.table = constants_of(code, lanes.derivations)
        self.group(np.hstack(values).astype(self.derivation.dtype, copy=False))

    def group(self, vectors: np.ndarray) -> None:
        """Put the lanes, whose numbers are the rows of `vectors`, into groups."""
        width, self.count = self.width, len(vectors)
        self.vectors = across(vectors, width)
        self.groups = len(self.vectors)
        shuffled = self.kind == "shuffled"
        missing = self.groups * width - self.count
        self.spare = [np.random.default_rng(0) for _ in range(missing)]  # of lanes that only fill the last group
        if shuffled or self.draws:
            table = [addresses(rng) for rng in (*self.rngs, *self.spare)]
        else:
            table = [np.zeros(3, np.int64)] * (self.groups * width)
        random = np.array(table).reshape(self.groups, width, 3)
        self.held = self.groups_of(self.table, self.own, random)
        kinds = {type(rng.bit_generator) for rng in self.rngs} if shuffled else set()
        known = all(draws_as_numpy(kind, self.derivation.dtype) for kind in kinds)
        self.is_drawn = known and self.own.shape[1] < FEW

    def groups_of(self, table: np.ndarray, own: np.ndarray, random: np.ndarray) -> Groups:
        """All groups: with the constants of each setting, the rows of each lane and their generators."""
        constants = across(table[self.setting], self.width)
        indices = np.ascontiguousarray(across(own, self.width).transpose(0, 2, 1))
        vectors, constants = (array.reshape(self.groups, -1) for array in (self.vectors, constants))
        return Groups(vectors, constants, indices, random)

    # training

    def take(self, epochs: int, asked_to_stop: Callable[[], bool]) -> np.ndarray:
        """As `LaneEngine.take` says."""
        losses = np.empty((epochs, self.groups, self.width))
        done = 0
        while done < epochs and not asked_to_stop():
            wanted = min(epochs - done, max(1, int(CALL / self.pace)) if self.pace else 1)
            start = time.perf_counter()
            some = np.empty((self.groups, wanted, self.width))
            if not self.some(some, asked_to_stop):
                break
            losses[done : done + wanted] = some.transpose(1, 0, 2)
            self.pace = (time.perf_counter() - start) / wanted
            done += wanted
        return losses[:done].reshape(done, self.groups * self.width)[:, : self.count]

    def some(self, losses: np.ndarray, asked_to_stop: Callable[[], bool]) -> bool:
        """Go through as many epochs as there is room for losses; false, and nothing done, if asked to stop."""
        epochs = losses.shape[1]
        expected = self.pace * epochs
        before = None if 0.0 < expected < LONG else self.remembered()
        stop = np.zeros(1, np.bool_)

        def train(room: Any, first: int, last: int) -> None:
            if self.kind != "shuffled" or self.is_drawn:
                done = (self.t, self.epochs)
                self.run.go(room, (first, last), self.held, stop=stop, losses=losses, done=done)
                return
            for epoch in range(epochs):
                done = (self.t + epoch * self.steps, self.epochs + epoch)
                one = np.ascontiguousarray(losses[:, epoch : epoch + 1])
                for k in range(first, last):
                    self.run.go(room, (k, k + 1), self.held, stop=stop, losses=one, done=done, orders=self.orders(k))
                losses[first:last, epoch : epoch + 1] = one[first:last]

        self.side_by_side(self.run, train, expected, asked_to_stop if before else None, stop)
        if stop[0] and before is not None:
            self.return_to(before)
            return False
        self.t += epochs * self.steps
        self.epochs += epochs
        return True

    @property
    def steps(self) -> int:
        """Of an epoch."""
        return self.walk.batches(self.own.shape[1])

    def orders(self, k: int) -> np.ndarray:
        """The orders of the rows in the next epoch of a group, drawn by NumPy."""
        rngs = [*self.rngs, *self.spare][k * self.width : (k + 1) * self.width]
        return np.array([rng.permutation(self.own.shape[1]) for rng in rngs], np.int64)

    def remembered(self) -> tuple[np.ndarray, list[Any]]:
        """What changes."""
        drawn = self.kind == "shuffled" or self.draws
        return self.vectors.copy(), [rng.bit_generator.state for rng in self.rngs] if drawn else []

    def return_to(self, before: tuple[np.ndarray, list[Any]]) -> None:
        """Put it back."""
        self.vectors[:] = before[0]
        for rng, state in zip(self.rngs, before[1], strict=False):
            rng.bit_generator.state = state

    def side_by_side(
        self,
        run: LaneRun,
        work: Callable[[Any, int, int], None],
        expected: float,
        asked_to_stop: Callable[[], bool] | None,
        stop: np.ndarray,
    ) -> None:
        """Do the work for all groups, in threads where that pays; somebody who asks is heard meanwhile."""
        together = 1 if 0.0 < expected < SHORT else min(self.workers, self.groups)
        some = -(-self.groups // (together * TURNS))
        turns = count(0, some)

        def worker() -> None:
            room = run.room()
            while (first := next(turns)) < self.groups and not stop[0]:
                work(room, first, min(first + some, self.groups))

        def look() -> None:
            if asked_to_stop and asked_to_stop():
                stop[0] = True

        in_threads(worker, together, look if asked_to_stop else None)

    # what there is now

    def evaluate(self, rows: Rows, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As `LaneEngine.evaluate` says."""
        run, table = self.evaluation(rows, own.shape[1])
        held = self.groups_of(table, np.asarray(own, np.int64), self.held.random)
        outputs = run.code.written.memory["out"].shape[1]
        out = np.empty((self.groups, self.width, own.shape[1], int(outputs)), self.derivation.dtype)
        losses = np.empty((self.groups, 1, self.width))
        stop = np.zeros(1, np.bool_)

        def judge(room: Any, first: int, last: int) -> None:
            run.go(room, (first, last), held, stop=stop, losses=losses, out=out)

        expected = 0.3 * self.pace * own.shape[1] / self.own.shape[1]
        self.side_by_side(run, judge, expected, None, stop)
        return out.reshape(-1, *out.shape[2:])[: self.count], losses.reshape(-1)[: self.count]

    def evaluation(self, rows: Rows, m: int) -> tuple[LaneRun, np.ndarray]:
        """What evaluates m rows of these, and its constants for each setting."""
        key = (rows.w is not None, m, id(rows))
        if key not in self.evaluations:
            first = self.settings[0]
            n_inputs, batch = rows.x.shape[1], min(m, PIECE)
            steps = [
                derive_evaluation(setting.network, n_inputs, dtype=first.dtype, weighted=key[0])
                for setting in self.settings
            ]
            code = lane_code(steps[0], self.width, batch, training=False)
            kind = "whole" if batch == m else "in order"
            run = LaneRun(code, rows.arrays, rows=m, batch=batch, walk=kind, trains=False, marks=self.run.marks)
            self.evaluations[key] = run, constants_of(code, steps)
        return self.evaluations[key]

    @property
    def sizes(self) -> list[int]:
        """How many numbers each of the vectors has."""
        return [self.derivation.state_layout.size if name == "state" else self.derivation.layout.size
                for name in self.vectors_of]  # fmt: skip

    def numbers(self, lanes: np.ndarray) -> Numbers:
        """As `LaneEngine.numbers` says."""
        theta, state, *slots = np.split(self.of(lanes), np.cumsum(self.sizes)[:-1], axis=1)
        return Numbers(theta=theta, state=state, slots=dict(zip(self.vectors_of[2:], slots, strict=True)))

    def of(self, lanes: np.ndarray) -> np.ndarray:
        """All numbers of these lanes, (lanes, numbers)."""
        lanes = np.asarray(lanes)
        return self.vectors[lanes // self.width, :, lanes % self.width]

    def keep(self, lanes: np.ndarray) -> None:
        """As `LaneEngine.keep` says."""
        lanes = np.asarray(lanes)
        vectors = self.of(lanes)
        self.pace *= len(lanes) / self.count
        self.setting, self.own = self.setting[lanes], self.own[lanes]
        self.rngs = [self.rngs[lane] for lane in lanes]
        self.group(vectors)


def across(rows: np.ndarray, width: int) -> np.ndarray:
    """Rows of lanes as groups (groups, numbers, width); the last group is filled with the first lane."""
    missing = -len(rows) % width
    filled = np.concatenate([rows, np.repeat(rows[:1], missing, axis=0)])
    return np.ascontiguousarray(filled.reshape(-1, width, rows.shape[1]).transpose(0, 2, 1))


def constants_of(code: LaneCode, settings: Sequence[Derivation]) -> np.ndarray:
    """The constants of each setting, (settings, constants); OtherStructure if one has other instructions."""
    rows = []
    for k, setting in enumerate(settings):
        if k and setting is not settings[0]:
            other = lane_code(setting, code.lanes, code.most, training=setting.optimizer is not None)
            if other.key() != code.key():
                raise OtherStructure(f"setting {k} has another structure than the first")
            rows.append(other.constants)
        else:
            rows.append(code.constants)
    return np.array(rows).reshape(len(settings), -1)
