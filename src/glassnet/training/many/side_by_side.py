"""Many networks trained side by side: epochs through an engine for lanes, and what becomes of each lane by itself.

What `loop.Run` does for one network is done here for all lanes at once: what is looked at after an epoch, when a lane
stops, and which of its weights are kept. Lanes that have stopped idle until they are half of all; then the engine goes
on with the others alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.training.contract import ONE
from glassnet.training.lanes import LaneEngine, Lanes, Numbers
from glassnet.training.loop import LOOK, Watch
from glassnet.training.metrics import METRICS
from glassnet.training.rows import Rows
from glassnet.training.stopping import EarlyStopping

RUNNING, EPOCHS, EARLY, DIVERGED = range(4)
BEST = ("score", "epoch", "waited", "theta", "state")
REASONS = ("", "epochs", "early", "diverged")  # as `History.stopped` has them


@dataclass(frozen=True, eq=False, kw_only=True)
class Looks:
    """What is looked at after each epoch, in each lane.

    Attributes
    ----------
    watches
        What is measured, on each part of the rows.
    part
        Which of them is each lane's, (lanes,).
    rows, own
        The rows it is measured on, and which of them are each lane's, (lanes, m).
    counts
        How many of the m they really are, the first ones, (lanes,); the others weigh nothing.
    """

    watches: Sequence[Watch]
    part: np.ndarray
    rows: Rows
    own: np.ndarray
    counts: np.ndarray

    @property
    def columns(self) -> list[str]:
        """The names of what is measured."""
        columns: list[str] = self.watches[0].columns
        return columns

    def measure(self, engine: LaneEngine, wanted: np.ndarray) -> dict[str, np.ndarray]:
        """What is measured now, (lanes,) each; of lanes that are not `wanted` it means nothing."""
        first = self.watches[0]
        p, losses = engine.evaluate(self.rows, self.own)
        found = [losses] if first.prefix else []
        if first.weight is None and [*first.metrics.values()] == [METRICS["accuracy"]]:
            right = np.count_nonzero(classes_in(p) == self.truth, axis=1)
            found.append(right / self.counts)
        elif first.metrics:
            scores = np.full((len(first.metrics), len(self.part)), np.nan)
            for k in np.flatnonzero(wanted & np.isfinite(p).all(axis=(1, 2))):
                scores[:, k] = self.watches[self.part[k]].scores(p[k, : self.counts[k]])
            found += [*scores]
        return dict(zip(self.columns, found, strict=True))

    @cached_property
    def truth(self) -> np.ndarray:
        """The number of the class of each lane's rows, (lanes, m); -1 for rows that do not count."""
        codes: np.ndarray = classes_in(self.rows.y)[self.own]
        return np.where(np.arange(codes.shape[1]) < self.counts[:, None], codes, -1)

    def some(self, lanes: np.ndarray) -> Looks:
        """The same for some of the lanes."""
        return replace(self, part=self.part[lanes], own=self.own[lanes], counts=self.counts[lanes])


def classes_in(p: np.ndarray) -> np.ndarray:
    """The number of the class that is most probable, (…,), of probabilities (…, K), or of the second of two (…, 1)."""
    if p.shape[-1] == 1:
        return np.asarray(p[..., 0] > ONE - p[..., 0]).astype(np.int32)
    found, best = np.zeros(p.shape[:-1], np.int32), p[..., 0]
    for k in range(1, p.shape[-1]):  # several times as fast as argmax along a short last axis
        larger = p[..., k] > best
        found = np.where(larger, np.int32(k), found)
        best = np.maximum(best, p[..., k])
    return found


@dataclass(frozen=True, eq=False, kw_only=True)
class Ended:
    """How lanes ended.

    Attributes
    ----------
    reason
        Of each, a place in `REASONS`, (lanes,).
    epochs, best_epoch
        Epochs done, and the one whose weights were kept, 0 where none were, (lanes,).
    losses, columns
        By epoch, (epochs, lanes) each: the training loss, and what was measured. After a lane's last epoch they mean
        nothing.
    theta, state, slots
        The numbers at the end, (lanes, …): of a lane that diverged they mean nothing.
    rngs
        The generators at the end.
    """

    reason: np.ndarray
    epochs: np.ndarray
    best_epoch: np.ndarray
    losses: np.ndarray
    columns: dict[str, np.ndarray]
    theta: np.ndarray
    state: np.ndarray
    slots: dict[str, np.ndarray]
    rngs: list[np.random.Generator]

    def untold(self) -> list[int]:
        """Lanes that diverged without a loss that shows when: in what the optimizer remembers, or in the last step."""
        found: list[int] = np.flatnonzero(self.reason == DIVERGED).tolist()
        return [k for k in found if np.isfinite(self.losses[self.epochs[k] : self.epochs[k] + 1, k]).all()]


def train_lanes(
    side: SideBySide,
    engine: LaneEngine | None,
    epochs: int,
    *,
    looks: Looks | None = None,
    stopping: EarlyStopping | None = None,
    monitor: str = "",
    asked_to_stop: Callable[[], bool] = lambda: False,
    whole: Callable[[SideBySide, bool], Any] | None = None,
) -> Ended:
    """Train lanes, each to its own end.

    Parameters
    ----------
    side, engine
        The networks, and what trains those that are still running; None: none is.
    epochs
        How many at most.
    looks
        What is measured after each epoch.
    stopping, monitor
        When to stop early, and the column that is watched for it.
    asked_to_stop
        Asked often; true: training ends there.
    whole
        Is told again and again, between epochs, where they are; with True when training ends.

    Raises
    ------
    KeyboardInterrupt
        It was asked to stop.
    """
    if engine is None:
        return side.ended()
    side.engine = engine
    looks = looks.some(side.lanes) if looks and side.done else looks
    told = whole or (lambda side, is_last: None)
    if looks is None and stopping is None:
        at_once = 1 if whole else epochs
        while side.done < epochs:
            wanted, start = min(at_once, epochs - side.done), time.perf_counter()
            losses = engine.take(wanted, asked_to_stop)
            side.losses[side.done : side.done + len(losses)] = losses
            side.done += len(losses)
            if len(losses) < wanted:
                told(side, True)
                raise KeyboardInterrupt
            told(side, side.done == epochs)
            if whole:
                at_once = max(1, int(wanted * LOOK / (time.perf_counter() - start)))
        done = whole_epochs(side.losses)
        side.end(done == epochs, EPOCHS, epochs)
        side.end(done < epochs, DIVERGED, 0)
        side.epochs[:] = done
        return side.ended()
    best = side.best
    for epoch in range(side.done, epochs):
        if not len(side.lanes):
            break
        losses = engine.take(1, asked_to_stop)
        if not len(losses):
            told(side, True)
            raise KeyboardInterrupt
        finite = np.isfinite(losses[0])
        side.losses[epoch, side.lanes] = losses[0]
        side.end(side.running & ~finite, DIVERGED, epoch)
        running = side.running
        values = looks.measure(engine, running) if looks else {}
        for name, found in values.items():
            side.columns[name][epoch, side.lanes] = found
        if best and stopping and stopping.looks_at(epoch + 1):
            score = stopping.sign(monitor) * {"loss": losses[0], **values}[monitor]
            over = best.seen(score, epoch + 1, engine, side.lanes, running)
            side.end(running & over, EARLY, epoch + 1)
        left = side.make_room()
        side.done = epoch + 1
        if left is not None:
            looks = looks.some(left) if looks else None
        told(side, side.done == epochs or not len(side.lanes))
    side.end(side.running, EPOCHS, epochs)
    return side.ended()


def whole_epochs(losses: np.ndarray) -> np.ndarray:
    """How many epochs each lane did before the first whose loss is not finite, (lanes,), of losses (epochs, lanes)."""
    epochs, lanes = losses.shape
    found = np.full(lanes, epochs, np.intp)
    with np.errstate(all="ignore"):  # far faster than to look at each: a sum of finite ones may overflow
        suspects = np.flatnonzero(~np.isfinite(np.ones(epochs) @ losses))
    finite = np.isfinite(losses[:, suspects])
    found[suspects] = np.where(finite.all(axis=0), epochs, finite.argmin(axis=0))
    return found


class SideBySide:
    """Lanes on their way: which are still running, and what is known of each."""

    engine: LaneEngine

    def __init__(self, lanes: Lanes, epochs: int, columns: Sequence[str], stopping: EarlyStopping | None) -> None:
        count = len(lanes.setting)
        self.done, self.rngs = 0, list(lanes.rngs)
        self.best = BestOfLanes.of(lanes, stopping) if stopping else None
        self.lanes = np.arange(count)  # those that the engine has, as they were numbered at first
        self.stopped_at: dict[int, Any] = {}  # states of the generators of lanes that idle, and may go on drawing
        self.reason, self.epochs = np.zeros(count, np.intp), np.zeros(count, np.intp)
        self.losses = np.full((epochs, count), np.nan)
        self.columns = {name: np.full((epochs, count), np.nan) for name in columns}
        numbers = lanes.numbers
        self.theta, self.state = np.zeros_like(numbers.theta), np.zeros_like(numbers.state)
        self.slots = {name: np.zeros_like(slot) for name, slot in numbers.slots.items()}

    @property
    def running(self) -> np.ndarray:
        """Which of the engine's lanes have not stopped, (lanes of the engine,)."""
        return np.asarray(self.reason[self.lanes] == RUNNING)

    def end(self, which: np.ndarray, reason: int, epochs: int) -> None:
        """Some of the engine's lanes stop here, after so many epochs; their numbers are kept.

        Parameters
        ----------
        which
            A mask over the engine's lanes.
        """
        places = np.flatnonzero(which)
        if not len(places):
            return
        ended = self.lanes[places]
        self.reason[ended], self.epochs[ended] = reason, epochs
        if reason == DIVERGED:
            return
        numbers = self.engine.numbers(places)
        self.theta[ended], self.state[ended] = numbers.theta, numbers.state
        for name, slot in numbers.slots.items():
            self.slots[name][ended] = slot
        kept = [numbers.theta, numbers.state, *numbers.slots.values()]
        whole = np.logical_and.reduce([np.isfinite(array).all(axis=1) for array in kept])
        self.reason[ended[~whole]] = DIVERGED  # after its last loss, or where no loss shows it
        if reason == EARLY:
            for lane in ended.tolist():
                self.stopped_at[lane] = self.rngs[lane].bit_generator.state

    def make_room(self) -> np.ndarray | None:
        """Let the engine go on without the lanes that have stopped, where they are half: with which it goes on."""
        left = np.flatnonzero(self.running)
        if len(left) > len(self.lanes) // 2:
            return None
        if len(left):
            self.engine.keep(left)
        self.lanes = self.lanes[left]
        return left

    def arrays(self) -> dict[str, np.ndarray]:
        """All that changes, by name: what the engine has, and what is known of each lane."""
        numbers = self.engine.numbers(np.arange(len(self.lanes)))
        found = {"lanes": self.lanes, "engine.theta": numbers.theta, "engine.state": numbers.state}
        found |= {f"engine.{name}": slot for name, slot in numbers.slots.items()}
        return found | self.known()

    def known(self) -> dict[str, np.ndarray]:
        """What is known of each lane, by name."""
        found = {name: getattr(self, name) for name in ("reason", "epochs", "losses", "theta", "state")}
        found |= {f"column.{name}": column for name, column in self.columns.items()}
        found |= {f"slot.{name}": slot for name, slot in self.slots.items()}
        if self.best:
            found |= {f"best.{name}": getattr(self.best, name) for name in BEST}
        return found

    def put_back(self, arrays: Mapping[str, np.ndarray], lanes: Lanes, done: int) -> Lanes:
        """Be where `arrays` were taken, after so many epochs; the lanes that an engine is to have then."""
        for name, array in self.known().items():
            array[:] = arrays[name]
        left = self.lanes = arrays["lanes"]
        self.done = done
        slots = {name: arrays[f"engine.{name}"] for name in lanes.numbers.slots}
        return replace(
            lanes,
            numbers=Numbers(theta=arrays["engine.theta"], state=arrays["engine.state"], slots=slots),
            setting=lanes.setting[left],
            own=lanes.own[left],
            rngs=[lanes.rngs[k] for k in left],
            epochs=done,
        )

    def ended(self) -> Ended:
        """How all of them ended, the best weights put back, and the generators."""
        best = self.best
        for lane, drawn in self.stopped_at.items():
            self.rngs[lane].bit_generator.state = drawn
        best_epoch = np.zeros(len(self.reason), np.intp)
        if best:
            kept = (best.epoch > 0) & (self.reason != DIVERGED)
            best_epoch[kept] = best.epoch[kept]
            self.theta[kept], self.state[kept] = best.theta[kept], best.state[kept]
        return Ended(
            reason=self.reason,
            epochs=self.epochs,
            best_epoch=best_epoch,
            losses=self.losses,
            columns=self.columns,
            theta=self.theta,
            state=self.state,
            slots=self.slots,
            rngs=self.rngs,
        )


@dataclass(eq=False, kw_only=True)
class BestOfLanes:
    """What `stopping.Best` is to one network, for each lane: the best score, its weights, how long ago it was."""

    stopping: EarlyStopping
    score: np.ndarray
    epoch: np.ndarray
    waited: np.ndarray
    theta: np.ndarray
    state: np.ndarray

    @staticmethod
    def of(lanes: Lanes, stopping: EarlyStopping) -> BestOfLanes:
        """Nothing seen yet."""
        count, numbers = len(lanes.setting), lanes.numbers
        return BestOfLanes(
            stopping=stopping,
            score=np.full(count, np.inf),
            epoch=np.zeros(count, np.intp),
            waited=np.zeros(count, np.intp),
            theta=np.empty_like(numbers.theta),
            state=np.empty_like(numbers.state),
        )

    def seen(
        self, score: np.ndarray, epoch: int, engine: LaneEngine, lanes: np.ndarray, running: np.ndarray
    ) -> np.ndarray:
        """Look at scores after an epoch, keep weights that are the best; whether each lane's patience is used up."""
        best = self.score[lanes]
        self.waited[lanes] = np.where(self.stopping.is_better(score, best), 0, self.waited[lanes] + 1)
        kept = np.flatnonzero(running & self.stopping.is_kept(score, best))
        found = lanes[kept]
        self.score[found], self.epoch[found] = score[kept], epoch
        if len(kept):
            numbers = engine.numbers(kept)
            self.theta[found], self.state[found] = numbers.theta, numbers.state
        return np.asarray(self.stopping.is_over(self.waited[lanes]))
