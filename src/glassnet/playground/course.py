"""A training that goes both ways in time: on by steps, back to what was kept on the way, and on from there otherwise.

Going back is putting back the last state that was kept, and taking the steps since then again: the same rows in the
same order, the same random numbers, so the same bits. Nothing is lost by it: who goes on from an earlier step goes
another way, and the first one stays to be returned to; of many the eight with the most steps.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.parts.naming import find
from glassnet.playground.branch import Branch, Deed, Kept, without_history
from glassnet.playground.setup import Setup
from glassnet.training.begin import begin, go_on, walk_of
from glassnet.training.events import Event, Stopped
from glassnet.training.history import History
from glassnet.training.loop import Run
from glassnet.training.prepared import Prepared
from glassnet.training.rows import GeneratorShuffler, Walk
from glassnet.training.state import State

SLICE = 0.004  # seconds: so often it is looked whether the time is over
REPLAY = 0.1  # seconds that it may take to come from a kept moment to the next
MOST_BRANCHES = 8


@dataclass(frozen=True, eq=False)
class Upcoming:
    """The next step: the state it starts from, its generator where the step finds it, and the rows of its batch."""

    state: State
    rows: np.ndarray


class Course:
    """A training on its way, and all ways that it took.

    Attributes
    ----------
    prepared, run
        What is trained, and how.
    branch, branches
        The way that it is on, and all of them by number.
    cursor
        How many rows of the next batch were looked at one by one.
    stopped
        Why it does not go on by itself; None: it does.
    pace
        Seconds that a step takes, about.
    """

    def __init__(self, setup: Setup) -> None:
        self.prepared: Prepared = setup.prepared()
        self.run: Run = begin(self.prepared, setup.choices.settings())
        self.branch = Branch()
        self.branches = {0: self.branch}
        self.next_number = 1
        self.offset, self.cursor = -self.state.memory.t, 0  # a model that goes on has steps behind it
        self.stopped: Stopped | None = None
        self.pace = 1e-4
        self.deeds = 1  # how many of the branch's have happened by now
        self.branch.deeds.append(Deed(step=0, kind="begin", setup=setup))
        self.run_of = self.branch.deeds[0]  # the deed that `run` belongs to
        self.keep(pinned=True)

    # where it is

    @property
    def state(self) -> State:
        """What is trained."""
        return self.prepared.model

    @property
    def step(self) -> int:
        """Steps taken since it began."""
        return self.offset + self.state.memory.t

    @property
    def setup(self) -> Setup:
        """What holds now."""
        return self.branch.deeds[self.deeds - 1].setup

    @property
    def walk(self) -> Walk:
        """How an epoch goes through the rows."""
        return walk_of(self.prepared, self.setup.choices.settings())

    @property
    def batches(self) -> int:
        """Steps of an epoch."""
        return self.walk.batches(len(self.prepared.rows))

    def upcoming(self) -> Upcoming:
        """The next step: drawn beforehand, from a copy of the generator."""
        state, walk, n = without_history(self.state), self.walk, len(self.prepared.rows)
        state.optimizer, place = self.state.optimizer, state.place
        order = place.order
        if order is None and walk.shuffle:
            order = GeneratorShuffler(state.rng).permutation(n)
        low = place.batch * walk.batch_size
        high = min(low + walk.batch_size, walk.taken(n))
        return Upcoming(state, np.arange(low, high) if order is None else np.asarray(order[low:high]))

    # forward

    def train(self, seconds: float) -> None:
        """Train for about so long."""
        self.go_on_from_here()
        until = time.perf_counter() + seconds
        while self.stopped is None and time.perf_counter() < until:
            self.take(self.slice())

    def take_steps(self, steps: int, seconds: float) -> int:
        """Take so many steps, or as many as there is time for; how many were taken."""
        self.go_on_from_here()
        before, until = self.step, time.perf_counter() + seconds
        while self.stopped is None and (left := steps - (self.step - before)) > 0:
            self.take(min(left, self.slice()))
            if time.perf_counter() > until:
                break
        return self.step - before

    def look_at_rows(self, rows: int) -> None:
        """Go through so many rows of the batches to come, one by one; at the end of a batch its step is taken."""
        for _ in range(rows):
            self.cursor += 1
            if self.stopped is not None or self.cursor >= len(self.upcoming().rows):
                self.take_steps(1, math.inf)

    def slice(self) -> int:
        """So many steps take about `SLICE`, and do not pass what is to be kept next."""
        return max(1, min(round(SLICE / self.pace), self.branch.stride))

    def take(self, steps: int) -> None:
        """Take steps, at the front of the branch."""
        before, begun = self.step, time.perf_counter()
        self.cursor = 0
        for event in self.run.events(steps):
            self.hear(event, front=True)
        taken = self.step - before
        if taken:
            self.pace += 0.2 * ((time.perf_counter() - begun) / taken - self.pace)
        self.branch.last = self.step
        if self.stopped is not None and self.stopped.reason == "diverged":
            self.be_where_it_was_finite(self.stopped)
        self.branch.stride = max(self.branch.stride, min(1024, round(REPLAY / self.pace / 8)))
        if self.stopped is None and self.step - max(self.branch.kept) >= self.branch.stride:
            self.keep()

    def be_where_it_was_finite(self, stopped: Stopped) -> None:
        """Be at the last good step as if nothing had been tried from it; it remains said that it was."""
        self.leave_front()
        self.branch.curve = self.branch.curve.until(self.step)
        self.put_back(self.branch.nearest(self.step))
        self.seek(self.branch.last)
        self.stopped = stopped

    def hear(self, event: Event, *, front: bool) -> None:
        """Write down what training says; what is replayed is written down already."""
        if isinstance(event, Stopped):
            self.stopped = event
        elif front:
            steps = self.step
            self.branch.curve.add(steps, self.batches, event.loss, event.metrics.get("val_loss", math.nan))

    def go_on_from_here(self) -> None:
        """Be where training can go on: on another way, if this one was farther; with more epochs, if they are done."""
        if self.step < self.branch.last:
            self.part()
        if self.stopped is not None:
            self.do("settings", self.setup, "" if self.stopped.reason == "epochs" else "goes on")

    # back

    def seek(self, step: int) -> None:
        """Go to a step of this way, earlier or later."""
        self.leave_front()
        step = min(max(step, 0), self.branch.last)
        self.cursor = 0
        kept = self.branch.nearest(step)
        if not (kept.step <= self.step <= step and kept.deeds == self.deeds and self.stopped is None):
            self.put_back(kept)
        for event in self.run.events(step - self.step):
            self.hear(event, front=False)

    def leave_front(self) -> None:
        """Keep the losses of the way as far as it came, before they are cut."""
        if len(self.state.history) >= len(self.branch.history):
            self.branch.history = self.state.history.copy()

    def put_back(self, kept: Kept) -> None:
        """Be again where something was kept."""
        self.prepared, self.deeds, self.offset, self.stopped = kept.prepared, kept.deeds, kept.offset, None
        self.run.moments.clear()
        self.state.put_back(kept.state)
        columns = {name: column[: kept.epochs_told] for name, column in self.branch.history.columns.items()}
        self.state.history = History(columns)
        if kept.deed is not self.run_of:
            self.run, self.run_of = go_on(self.prepared), kept.deed

    def keep(self, *, pinned: bool = False) -> None:
        """Keep this moment."""
        kept = Kept(
            step=self.step,
            state=without_history(self.state),
            prepared=self.prepared,
            deeds=self.deeds,
            deed=self.branch.deeds[self.deeds - 1],
            epochs_told=len(self.state.history),
            offset=self.offset,
            pinned=pinned,
        )
        self.branch.keep(kept)

    # otherwise

    def part(self) -> None:
        """Leave this way for another one, from here on."""
        self.leave_front()
        parted = self.branch.parted(self.step, self.next_number, self.state.history.copy(), self.deeds)
        self.branches[self.next_number] = self.branch = parted
        self.next_number += 1
        self.forget_some()

    def forget_some(self) -> None:
        """Of ways that were left, keep those with steps of their own, and of too many the longest."""
        left = [way for way in self.branches.values() if way is not self.branch]
        left.sort(key=lambda way: (way.last - way.begins, way.number))
        empty = sum(way.last == way.begins for way in left)
        for way in left[: max(empty, len(self.branches) - MOST_BRANCHES)]:
            del self.branches[way.number]

    def return_to(self, number: int) -> None:
        """Return to another way, where it ended."""
        if number not in self.branches:
            known = ", ".join(map(str, self.branches))
            raise ValueError(f"there is no run {number}; there are {known}")
        self.leave_front()
        self.branch = self.branches[number]
        self.put_back(self.branch.nearest(self.branch.last))
        self.seek(self.branch.last)

    def change(self, changes: dict[str, Any]) -> bool:
        """Train otherwise from here on; true where that takes another network, and all begins anew.

        What leaves the arrays as they are takes effect at once: the same numbers go on, in a new epoch.
        """
        setup = self.setup.changed(**changes)
        refuse_fixed(self.setup, changes)
        what = told(self.setup, setup)
        if not what:
            return False
        if "seed" in changes or "validation" in changes:
            self.begin_anew(setup)
            return True
        kind = "settings" if all(key in OF_TRAINING for key in changes) else "network"
        prepared = setup.prepared() if kind == "network" else self.prepared
        if shapes(prepared) != shapes(self.prepared):
            self.begin_anew(setup)
            return True
        if self.step < self.branch.last:
            self.part()
        if kind == "network":
            prepared.model.memory.theta[:] = self.state.memory.theta
            prepared.model.memory.state[:] = self.state.memory.state
            prepared.model.history, prepared.model.place = self.state.history, self.state.place
            self.offset, self.prepared = self.step, prepared
        self.do(kind, setup, what)
        return False

    def poke(self, name: str, index: tuple[int, ...], value: float) -> None:
        """Set a number by hand, and go another way from here."""
        array = self.state.weights[find(name, self.state.weights, "array of weights")]
        if len(index) != array.ndim or not all(0 <= k < size for k, size in zip(index, array.shape, strict=True)):
            raise ValueError(f"{name} has shape {array.shape}, so there is no {name}{list(index)}")
        if not math.isfinite(value) or not np.isfinite(array.dtype.type(value)):
            raise ValueError(f"a weight must be a finite number, got {value!r}")
        last = self.branch.deeds[self.deeds - 1]
        if not (last.kind == "poke" and last.step == self.step == self.branch.last == self.branch.begins):
            self.part()
        where = ", ".join(map(str, index))
        array[index] = value
        self.do("poke", self.setup, f"{name}[{where}] = {value:.4g}", poked=(name, index, value))

    def begin_anew(self, setup: Setup) -> None:
        """Begin at step 0; the way that it was on stays, to be compared with."""
        self.leave_front()
        anew = Course(setup)
        number = self.next_number
        anew.branch.number = number
        self.prepared, self.run, self.run_of = anew.prepared, anew.run, anew.run_of
        self.offset, self.deeds = anew.offset, 1
        self.branch, self.stopped, self.cursor = anew.branch, None, 0
        self.branches[number] = self.branch
        self.next_number += 1
        self.forget_some()

    def do(self, kind: str, setup: Setup, text: str, poked: Any = None) -> None:
        """Begin training of a setup from here on, and write down that it was done."""
        before = self.step
        del self.branch.deeds[self.deeds :]
        self.branch.deeds.append(Deed(step=before, kind=kind, setup=setup, text=text, poked=poked))
        self.deeds = len(self.branch.deeds)
        self.run, self.run_of = begin(self.prepared, setup.choices.settings()), self.branch.deeds[-1]
        self.offset, self.stopped, self.cursor = before - self.state.memory.t, None, 0
        self.keep(pinned=True)


OF_TRAINING = ("optimizer", "learning_rate", "batch_size", "epochs")


def shapes(prepared: Prepared) -> Any:
    """What must be the same for numbers to go on in another network."""
    memory = prepared.model.memory
    return memory.layout.shapes, memory.state_layout.shapes


def refuse_fixed(setup: Setup, changes: dict[str, Any]) -> None:
    """ValueError for a choice that the given network has made."""
    for key in changes:
        if key in setup.fixed:
            raise ValueError(f"{key} was decided with the network that was given; change it there")


def told(before: Setup, after: Setup) -> str:
    """What is chosen otherwise, in words; empty for nothing."""
    old, new = before.choices.to_json(), after.choices.to_json()
    changed = [key for key in new if new[key] != old[key]]
    words = [f"{key.replace('_', ' ')} {said(old[key])} → {said(new[key])}" for key in changed if key != "layers"]
    return ", ".join([*words, *(["other layers"] if "layers" in changed else [])])


def said(value: Any) -> str:
    """A choice in a few letters."""
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
