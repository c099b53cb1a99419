"""Lanes of networks that are written out: a vector of each number, a group of lanes in one call, groups in threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from threading import Lock
from typing import Any

import numpy as np

from glassnet.derivation.steps import Derivation
from glassnet.engines.compiled import load, state
from glassnet.engines.forward import Forward
from glassnet.engines.lane_program import lanes_of
from glassnet.engines.machine_code import Code
from glassnet.engines.memory import Memory
from glassnet.engines.rewriting import named_numbers
from glassnet.engines.side_by_side import side_by_side
from glassnet.engines.threads import cores
from glassnet.engines.training_code import is_written_out, training_code
from glassnet.training.lanes import Lanes, Numbers, OtherStructure
from glassnet.training.rows import Rows, Walk
from glassnet.training.workers import in_threads

CALL = 0.02  # seconds until somebody who asks to stop is heard
ALONE = 0.001  # seconds that are not worth another thread
PARTS = 4  # a call's epochs are handed out to threads in so many parts: one that is done early takes from the others
PACE: dict[str, float] = {}  # seconds an epoch of a group took lately, by code


def can_be_written_out(derivation: Derivation, rows: int, walk: Walk) -> bool:
    """Whether lanes of so many rows can be trained by `WrittenOutLanes`."""
    return is_written_out(derivation, walk.kind(rows), rows)


def state_of_lanes(derivation: Derivation, rows: int) -> str:
    """Whether the code for lanes, of equal settings, is "loaded" in this process, "cached", or has to be "compiled"."""
    one = training_code(derivation, "whole", rows, rows)
    return state(side_by_side(one, lanes_of(derivation.dtype), own_numbers=False))


def code_of(lanes: Lanes) -> tuple[Code, np.ndarray]:
    """The code for lanes, and the constants it names: of each lane (lanes, numbers); where all have the same, those."""
    rows = lanes.own.shape[1]
    one = training_code(lanes.derivations[0], "whole", rows, rows)
    found = [named_numbers(derivation) for derivation in lanes.derivations]
    if any(numbers.keys() != found[0].keys() for numbers in found):
        raise OtherStructure("lanes must be of one structure: their derivations name different constants")
    table = np.array([[numbers[name] for name in one.names] for numbers in found])  # (settings, numbers)
    differ = bool((table != table[0]).any())
    code = side_by_side(one, lanes_of(lanes.derivations[0].dtype), differ)
    return code, (table[lanes.setting] if differ else table[0])


class WrittenOutLanes:
    """The code of a network that is written out, at work on many at once.

    Parameters
    ----------
    lanes
        What to train: networks that can be written out.
    workers
        How many threads train; None: as many as there are cores.

    Raises
    ------
    OtherStructure
        The derivations are not of one structure.
    """

    def __init__(self, lanes: Lanes, workers: int | None = None) -> None:
        self.derivation: Derivation = lanes.derivations[0]
        self.workers = cores() if workers is None else workers
        self.width = lanes_of(self.derivation.dtype)
        self.t = self.epochs = lanes.epochs  # an epoch is one step
        self.code, numbers = code_of(lanes)
        own_numbers = numbers.ndim == 2
        rows = (array[lanes.own] for array in lanes.rows.arrays)  # (lanes, n, columns) each
        by_lane = {"theta": lanes.numbers.theta, "state": lanes.numbers.state, **lanes.numbers.slots}
        by_lane |= dict(zip("XYW", rows, strict=False))
        if own_numbers:
            by_lane["numbers"] = numbers
        shared: dict[str, Any] = {**lanes.marks, "lr": 0.0}
        self.shared = shared if own_numbers else {**shared, "numbers": numbers}
        self.changing = "theta", "state", *lanes.numbers.slots
        self.take_up({name: np.moveaxis(array, 0, -1) for name, array in by_lane.items()})
        self.function = load(self.code, self.values(np.empty((1, self.padded))))

    def take_up(self, by_lane: dict[str, np.ndarray]) -> None:
        """Put lanes into groups: (…, lanes) each. The last group is filled with copies of the last lane."""
        self.count = by_lane["theta"].shape[-1]
        self.groups = -(-self.count // self.width)
        self.padded = self.groups * self.width
        self.arrays = {name: filled(array, self.padded) for name, array in by_lane.items()}
        self.sums = np.zeros((2, self.padded))
        self.at = np.zeros((self.groups, 4), np.int64)  # step, row, epochs done in this call of `take`
        self.locks = [Lock() for _ in range(self.groups)]

    def values(self, losses: np.ndarray) -> dict[str, Any]:
        """The arguments of the function by name."""
        given = {"losses": losses, "sums": self.sums, "at": self.at, "first": float(self.epochs)}
        return {**self.shared, **self.arrays, **given, "count": 0, "low": 0, "high": 0}

    def take(self, epochs: int, asked_to_stop: Callable[[], bool]) -> np.ndarray:
        """As `LaneEngine.take` says."""
        losses, done = np.empty((epochs, self.padded)), 0
        self.at[:] = self.t, 0, 0, 0
        values = self.values(losses)
        while done < epochs and not asked_to_stop():
            pace = PACE.get(self.code.text)
            seconds = pace * self.groups if pace else np.inf  # of an epoch of all
            threads = min(self.workers, self.groups)
            wanted = min(epochs - done, int(CALL * threads / seconds) + 1)
            if not pace or seconds * wanted < ALONE:
                threads = 1
            start = time.perf_counter()
            self.go(values, wanted, threads)
            PACE[self.code.text] = (time.perf_counter() - start) * threads / (wanted * self.groups)
            done += wanted
        self.t, self.epochs = self.t + done, self.epochs + done
        return losses[:done, : self.count]

    def go(self, values: dict[str, Any], epochs: int, threads: int) -> None:
        """Take all groups through so many epochs, on so many threads."""
        if threads == 1:
            self.call(values, epochs, 0, self.groups)
            return
        cuts = [epochs * part // PARTS for part in range(PARTS + 1)]
        counts = [high - low for low, high in pairwise(cuts) if high > low]
        tasks = [(group, count) for count in counts for group in range(self.groups)]

        def work() -> None:
            with suppress(IndexError):  # there are no more
                while True:
                    group, count = tasks.pop()
                    with self.locks[group]:
                        self.call(values, count, group, group + 1)

        in_threads(work, threads)

    def call(self, values: dict[str, Any], epochs: int, low: int, high: int) -> None:
        """Take some groups through so many epochs, from wherever each of them is."""
        given = {**values, "count": epochs, "low": low, "high": high}
        self.function(*[given[name] for name in self.code.arguments])

    def evaluate(self, rows: Rows, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As `LaneEngine.evaluate` says."""
        derivation = self.derivation
        n_inputs = int(derivation.inputs["x"].shape[1])
        memory = Memory.of(derivation.network, n_inputs, derivation.dtype)
        forward = Forward(derivation.network, n_inputs, memory)
        predictions = np.empty((self.count, own.shape[1], forward.n_outputs), derivation.dtype)
        losses = np.empty(self.count)
        numbers = self.numbers(np.arange(self.count))
        with np.errstate(all="ignore"):  # what overflows shows in the loss
            for lane, places in enumerate(own):
                memory.theta[:], memory.state[:] = numbers.theta[lane], numbers.state[lane]
                weights = None if rows.w is None else rows.w[places]
                predictions[lane], losses[lane] = forward.evaluate(rows.x[places], rows.y[places], weights)
        return predictions, losses

    def numbers(self, lanes: np.ndarray) -> Numbers:
        """As `LaneEngine.numbers` says."""
        theta, state, *slots = (np.ascontiguousarray(self.arrays[name][:, lanes].T) for name in self.changing)
        return Numbers(theta=theta, state=state, slots=dict(zip(self.changing[2:], slots, strict=True)))

    def keep(self, lanes: np.ndarray) -> None:
        """As `LaneEngine.keep` says."""
        self.take_up({name: array[..., lanes] for name, array in self.arrays.items()})


def filled(array: np.ndarray, lanes: int) -> np.ndarray:
    """An array (…, lanes) as compiled code takes it, with so many lanes: the last one again where there are fewer."""
    out = np.empty((*array.shape[:-1], lanes), array.dtype)
    count = array.shape[-1]
    out[..., :count] = array
    out[..., count:] = array[..., -1:]
    return out
