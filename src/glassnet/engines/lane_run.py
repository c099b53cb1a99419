"""A group of lanes on its way: the compiled function, bound to instructions and rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from glassnet.derivation.report import is_part
from glassnet.engines.compiled import load
from glassnet.engines.generator import addresses
from glassnet.engines.lane_code import OUT, LaneCode
from glassnet.engines.lane_loops import ARGUMENTS, PLACES, SETTINGS, SIZES, WALKS, lane_loops
from glassnet.engines.lane_program import WORDS, Operand
from glassnet.expressions.expression import ROWS

LINE = 64  # bytes: where memory begins for the widest vectors


class LaneRun:
    """What takes any group of lanes through rows.

    Parameters
    ----------
    code
        The instructions.
    data
        x, y and, if there is one, w: all rows.
    rows, batch
        How many rows each lane goes through, and how many at a time.
    walk
        "whole", "in order" or "shuffled".
    trains
        Whether the lanes' numbers change; otherwise there are predictions.
    marks
        Vectors that are the same for all lanes.
    """

    def __init__(
        self,
        code: LaneCode,
        data: list[np.ndarray],
        *,
        rows: int,
        batch: int,
        walk: str,
        trains: bool,
        marks: Mapping[str, np.ndarray],
    ) -> None:
        self.code, self.marks, self.dtype = code, marks, code.derivation.dtype
        self.data = [padded(array, code.lanes) for array in data]
        self.data += [np.zeros((1, 1), self.dtype)] * (3 - len(data))
        words = [code.words(batch), code.words(rows % batch or batch)]
        self.words = np.concatenate([part for parts in words for part in parts])
        fixed = len(words[0][0])
        mean = is_part(code.derivation)
        settings = [0, 0, 0, 0, 0, batch, fixed, WALKS.index(walk), True, mean, trains]
        loss, counted = (self.at(result) for result in code.written.results[:2])
        memory = code.written.memory
        places = [
            code.constants_at // 8,
            *(code.place(memory[name]) if name in memory else -1 for name in ("x", "y", "w", "t", "epoch", ROWS)),
            *(loss, counted),
            -1 if trains else code.place(memory[OUT]),
        ]
        columns = [array.shape[1] for array in data[:2]]
        self.settings = tuple(map(int, (*settings, *places, *columns, code.shared)))
        self.function: Any = load(lane_loops(self.dtype), arguments_like(self.dtype))

    def at(self, number: Operand) -> int:
        """The place in memory of a number by itself."""
        return self.code.place(number.region)

    def room(self) -> tuple[np.ndarray, np.ndarray]:
        """Memory for a thread, as numbers of the arrays' dtype and as float64."""
        size = self.code.size
        raw = np.zeros(size + LINE, np.uint8)
        start = -raw.ctypes.data % LINE
        memory = raw[start : start + size - size % 8]
        for name, mark in self.marks.items():
            region = self.code.written.memory.get(name)
            if region is not None:
                place = memory[region.offset : region.offset + self.code.bytes_of(region)].view(self.dtype)
                place.reshape(len(mark), -1)[:] = mark[:, None]
        return memory.view(self.dtype), memory.view(np.float64)

    def go(
        self,
        room: tuple[np.ndarray, np.ndarray],
        groups: tuple[int, int],
        held: Groups,
        *,
        stop: np.ndarray,
        losses: np.ndarray,
        done: tuple[int, int] = (0, 0),
        orders: np.ndarray | None = None,
        out: np.ndarray | None = None,
    ) -> None:
        """Take groups through as many epochs as there is room for losses.

        Parameters
        ----------
        room
            Memory of this thread.
        groups
            The first one, and the one after the last.
        held
            What all groups have.
        stop
            True: go no further.
        losses
            For each group, epoch and lane.
        done
            Steps and epochs done before.
        orders
            The orders of the rows of one epoch of the only group, (lanes, rows); None: they are drawn.
        out
            For predictions, (groups, lanes, rows, outputs).
        """
        drawn = orders is None
        at = (*groups, losses.shape[1], *done, *self.settings[5:8], int(drawn), *self.settings[9:])
        if orders is None:
            orders = np.empty(held.own.shape[1:], np.int64)
        out = np.empty((1, 1, 1, 1), self.dtype) if out is None else out
        kept = held.vectors, held.constants
        self.function(*at, self.words, *room, *kept, *self.data, held.own, held.random, orders, out, losses, stop)


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups of lanes.

    Attributes
    ----------
    vectors
        What training changes, (groups, numbers of all lanes).
    constants
        (groups, constants of all lanes).
    own
        The rows of each lane, (groups, lanes, rows).
    random
        Where the generator of each lane is, (groups, lanes, 3).
    """

    vectors: np.ndarray
    constants: np.ndarray
    own: np.ndarray
    random: np.ndarray


def padded(rows: np.ndarray, lanes: int) -> np.ndarray:
    """The rows with columns of zeros behind them, so that vectors can be read from them."""
    made = np.zeros((len(rows), -(-rows.shape[1] // lanes) * lanes), rows.dtype)
    made[:, : rows.shape[1]] = rows
    return made


@cache
def arguments_like(dtype: np.dtype[Any]) -> dict[str, Any]:
    """Arguments of the types that the function takes."""
    row, table = np.zeros(1, dtype), np.zeros((1, 1), dtype)
    cube = np.zeros((1, 1, 1), np.int64)
    made = {
        **dict.fromkeys((*SETTINGS, *PLACES, *SIZES), 0),
        "words": np.zeros((1, WORDS), np.int64),
        "memory": row,
        "numbers": np.zeros(1),
        "vectors": table,
        "constants": np.zeros((1, 1)),
        **dict.fromkeys("XYW", table),
        **dict.fromkeys(("own", "random"), cube),
        "orders": np.zeros((1, 1), np.int64),
        "out": np.zeros((1, 1, 1, 1), dtype),
        "losses": np.zeros((1, 1, 1)),
        "stop": np.zeros(1, np.bool_),
    }
    return {name: made[name] for name in ARGUMENTS}


@cache
def draws_as_numpy(kind: type[np.random.BitGenerator], dtype: np.dtype[Any]) -> bool:
    """Whether the compiled code draws orders from such a generator as this NumPy does: tried on a few."""
    generators = [np.random.Generator(kind(seed)) for seed in (1, 2)]
    table = np.array([addresses(rng) for rng in generators])
    rows = 97
    orders = np.empty((2, rows), np.int64)
    given = arguments_like(dtype)
    settings = [0, 1, 3, 0, 0, rows, 0, WALKS.index("shuffled"), True, False, True, 0, 0, 0, -1, *[0] * 5, -1, 0, 0, 0]
    changed = {
        **dict(zip((*SETTINGS, *PLACES, *SIZES), map(int, settings), strict=True)),
        "words": np.zeros((0, WORDS), np.int64),
        "memory": np.zeros(16, dtype),
        "numbers": np.zeros(16),
        **dict.fromkeys("XYW", np.zeros((rows, 0), dtype)),
        "own": np.zeros((1, 2, rows), np.int64),
        "random": table[None],
        "orders": orders,
        "losses": np.zeros((1, 3, 2)),
    }
    load(lane_loops(dtype), given)(*{**given, **changed}.values())
    expected = [np.random.Generator(kind(seed)) for seed in (1, 2)]
    last = [[rng.permutation(rows) for _ in range(3)][-1] for rng in expected]
    return bool(np.array_equal(orders, last)) and all(
        ours.random() == theirs.random() for ours, theirs in zip(generators, expected, strict=True)
    )
