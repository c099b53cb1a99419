"""An engine for lanes that nobody would use: each lane is trained by the NumPy engine, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.engines.forward import Forward
from glassnet.engines.memory import Memory
from glassnet.training.engine import NotFinite
from glassnet.training.lanes import Lanes, Numbers
from glassnet.training.numpy_steps import NumPySteps
from glassnet.training.place import Place
from glassnet.training.rows import GeneratorShuffler, Rows


def some(rows: Rows, index: np.ndarray) -> Rows:
    return Rows(rows.x[index], rows.y[index], None if rows.w is None else rows.w[index])


class ReferenceLanes:
    """`LaneEngine`, lane by lane."""

    def __init__(self, lanes: Lanes) -> None:
        self.lanes: list[tuple[Memory, NumPySteps, Place, Forward]] = []
        self.batches = lanes.walk.batches(lanes.own.shape[1])
        for k, which in enumerate(lanes.setting):
            derivation = lanes.derivations[which]
            memory = Memory(
                layout=derivation.layout,
                state_layout=derivation.state_layout,
                theta=lanes.numbers.theta[k].copy(),
                g=np.zeros_like(lanes.numbers.theta[k]),
                state=lanes.numbers.state[k].copy(),
                **lanes.marks,
                slots={name: slot[k].copy() for name, slot in lanes.numbers.slots.items()},
            )
            steps = NumPySteps(
                derivation,
                memory,
                lanes.rngs[k],
                rows=some(lanes.rows, lanes.own[k]),
                walk=lanes.walk,
                shuffler=GeneratorShuffler(lanes.rngs[k]),
            )
            n_inputs = lanes.rows.x.shape[1]
            self.lanes.append((memory, steps, Place(), Forward(derivation.network, n_inputs, memory)))

    def take(self, epochs: int, asked_to_stop: Callable[[], bool]) -> np.ndarray:
        found: list[list[float]] = []
        for _ in range(epochs):
            if asked_to_stop():
                break
            found.append([self.epoch(*lane) for lane in self.lanes])
        return np.array(found).reshape(len(found), len(self.lanes))

    def epoch(self, memory: Memory, steps: NumPySteps, place: Place, forward: Forward) -> float:
        try:
            return steps.take(place, self.batches, 0.0, lambda: False)[0]
        except NotFinite:
            place.epoch_ends()
            memory.theta[:] = np.nan
            return np.nan

    def evaluate(self, rows: Rows, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found: list[Any] = []
        for (_, _, _, forward), index in zip(self.lanes, own, strict=True):
            mine = some(rows, index)
            found.append(forward.evaluate(mine.x, mine.y, mine.w))
        return np.stack([p for p, _ in found]), np.array([loss for _, loss in found])

    def numbers(self, lanes: np.ndarray) -> Numbers:
        memories = [self.lanes[k][0] for k in lanes]
        return Numbers(
            theta=np.stack([memory.theta for memory in memories]),
            state=np.stack([memory.state for memory in memories]),
            slots={name: np.stack([memory.slots[name] for memory in memories]) for name in memories[0].slots},
        )

    def keep(self, lanes: np.ndarray) -> None:
        self.lanes = [self.lanes[k] for k in lanes]
