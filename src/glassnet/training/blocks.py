"""Rows in a store as training goes through them: in blocks of chunks from anywhere, in a new order each epoch.

Which chunks are in which block, and the order of the rows within it, are drawn from (seed, epoch) alone. So where a
training is says all about the way that is left, and a block can be read before its turn, by whomever. Blocks of as many
rows have the same order in an epoch: it is of other rows in each, and drawing it takes as long as reading them.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.derivation.steps import Derivation
from glassnet.engines.memory import Memory
from glassnet.training.engine import Engine
from glassnet.training.place import Place
from glassnet.training.rows import Rows, Shuffler, Walk
from glassnet.training.store import Store
from glassnet.training.temporary import clear

TOGETHER = 1 << 24  # bytes of the chunks that a block has at most
FEWEST = 16  # chunks of a block, where there are as many, at least


@dataclass(frozen=True, eq=False, kw_only=True)
class Blocks:
    """Rows to train on that are in a store.

    Attributes
    ----------
    store
        Where they are.
    looked_at
        Some of them, for whoever wants to look at rows.
    seed
        What orders are drawn from.
    folder, is_kept
        A folder that the store is in, which goes with this, or when it is closed. One that is kept stays, and of it the
        store goes when the training is over.
    """

    store: Store
    looked_at: Rows
    seed: int
    folder: Path | None = None
    is_kept: bool = False

    def __post_init__(self) -> None:
        if self.folder is not None and not self.is_kept:
            weakref.finalize(self, clear, self.folder)

    def close(self, is_over: bool) -> None:
        """Delete the temporary folder, if there is one; where it is kept the store, if the training is over."""
        if self.is_kept and is_over:
            Path(self.store.path).unlink(missing_ok=True)
        elif self.folder is not None and not self.is_kept:
            clear(self.folder)

    def __len__(self) -> int:
        return self.store.rows

    @property
    def is_weighted(self) -> bool:
        """Whether rows have weights."""
        return self.store.is_weighted

    @property
    def sizes(self) -> list[int]:
        """How many rows each block of an epoch has: the same in every epoch, as the last chunk is in the last block."""
        counts = [len(chunks) * self.store.chunk for chunks in self.dealt(np.arange(self.store.chunks))]
        return [*counts[:-1], self.store.rows - sum(counts[:-1])]

    def dealt(self, chunks: np.ndarray) -> list[np.ndarray]:
        """Chunks in blocks of as many each, but for one more or less."""
        store = self.store
        most = max(FEWEST, TOGETHER // (store.chunk * sum(store.widths) * np.dtype(store.dtype).itemsize))
        return np.array_split(chunks, -(-len(chunks) // most))

    def walk(self, batch_size: int | None, shuffle: bool, drop_last: bool) -> Walk:
        """The way through the rows; ValueError where a batch has more of them than a block."""
        most = min(self.sizes)
        size = len(self) if batch_size is None else min(batch_size, len(self))
        if size > most:
            asked = "all rows" if batch_size is None else f"{batch_size:,} rows"
            raise ValueError(
                f"batch_size asks for {asked} at a time, and rows that are read part by part are in memory {most:,} at "
                f"a time; give 1 to {most:,}"
            )
        return Walk(size, shuffle, drop_last)

    def chunks(self, epoch: int, block: int, shuffle: bool) -> list[int]:
        """Which chunks a block of an epoch has."""
        order = order_of_chunks(self.seed, epoch, self.store.chunks) if shuffle else np.arange(self.store.chunks)
        found: list[int] = self.dealt(order)[block].tolist()
        return found

    def order(self, epoch: int, block: int) -> np.ndarray:
        """The order of the rows within a block, (n,)."""
        return order_of_rows(self.seed, epoch, self.sizes[block])


@lru_cache(maxsize=2)
def order_of_chunks(seed: int, epoch: int, chunks: int) -> np.ndarray:
    """The order of all chunks in an epoch; the last one, which may have fewer rows, stays the last."""
    return np.append(np.random.default_rng((seed, epoch)).permutation(chunks - 1), chunks - 1)


@lru_cache(maxsize=4)
def order_of_rows(seed: int, epoch: int, rows: int) -> np.ndarray:
    """The order of the rows in an epoch's blocks of so many; never written to."""
    return np.random.default_rng((seed, epoch, rows)).permutation(rows)


class Ways:
    """The way through the blocks of an epoch, batch after batch.

    Attributes
    ----------
    walks
        The way through each block.
    first
        How many batches come before each block, and at last how many there are.
    """

    def __init__(self, rows: Blocks, walk: Walk) -> None:
        plain = [
            Walk(walk.batch_size, walk.shuffle, walk.drop_last and size % walk.batch_size > 0) for size in rows.sizes
        ]
        counts = [own.batches(size) for own, size in zip(plain, rows.sizes, strict=True)]
        self.first = [sum(counts[:k]) for k in range(len(counts) + 1)]
        self.walks = [
            replace(own, before=before, of=self.first[-1]) for own, before in zip(plain, self.first[:-1], strict=True)
        ]

    @property
    def steps(self) -> int:
        """Batches of an epoch."""
        return self.first[-1]

    def block_of(self, batch: int) -> int:
        """The block that a batch of the epoch is in."""
        return next(k for k in range(len(self.walks)) if batch < self.first[k + 1])


class OrderOfBlock:
    """What says the order of the rows within a block; it draws nothing that would have to be kept."""

    state: Any = None

    def __init__(self, order: np.ndarray | None) -> None:
        self.order = order

    def permutation(self, rows: int) -> np.ndarray:  # pragma: no cover  # engines find the order in their place
        """The order, which is of so many rows."""
        assert self.order is not None
        return self.order


@dataclass(frozen=True, eq=False)
class Opened:
    """A block that was read: its rows, and their order where they are shuffled."""

    rows: Rows
    order: np.ndarray | None


class Reader:
    """What reads blocks, the next one while one is used: into two rooms by turns, which need no new memory."""

    def __init__(self, rows: Blocks, shuffle: bool) -> None:
        self.rows, self.shuffle, self.count = rows, shuffle, len(rows.sizes)
        self.rooms = [rows.store.room(max(rows.sizes)) for _ in range(2)]
        self.turn = 0
        self.pool = ThreadPoolExecutor(1, "glassnet-reader")
        self.waiting: dict[tuple[int, int], Future[Opened]] = {}

    def read(self, epoch: int, block: int) -> Opened:
        """A block; what is read ahead is the one that comes after it."""
        after = (epoch, block + 1) if block + 1 < self.count else (epoch + 1, 0)
        now = self.waiting.pop((epoch, block), None) or self.pool.submit(self.opened, epoch, block)
        self.waiting = {after: self.waiting.get(after) or self.pool.submit(self.opened, *after)}
        return now.result()

    def opened(self, epoch: int, block: int) -> Opened:
        """The same, now."""
        self.turn = 1 - self.turn
        rows = self.rows.store.read(self.rows.chunks(epoch, block, self.shuffle), self.rooms[self.turn])
        return Opened(rows, self.rows.order(epoch, block) if self.shuffle else None)


class BlockEngine:
    """An engine that goes through blocks: to each of them the engine that takes the steps is turned.

    Parameters
    ----------
    make
        Makes that engine.
    derivation, memory, rng
        As engines have them.
    rows, walk
        What to go through, and how.
    """

    def __init__(
        self,
        make: Callable[..., Engine],
        derivation: Derivation,
        memory: Memory,
        rng: np.random.Generator,
        *,
        rows: Blocks,
        walk: Walk,
    ) -> None:
        self.make = partial(make, derivation, memory, rng)
        self.ways, self.reader = Ways(rows, walk), Reader(rows, walk.shuffle)
        self.engine: Any = None
        self.at: tuple[int, int] | None = None  # epoch and block that the engine is turned to
        self.order: np.ndarray | None = None  # of the rows in it

    def turn_to(self, rows: Rows, walk: Walk, shuffler: Shuffler) -> bool:
        """As `Engine.turn_to` says: for other rows another engine is made."""
        return False

    def take(self, place: Place, steps: int, seconds: float, asked_to_stop: Callable[[], bool]) -> list[float]:
        """As `Engine.take` says."""
        losses: list[float] = []
        until = time.perf_counter() + seconds
        while steps:
            block, inner = self.turned(place)
            wanted = min(steps, self.ways.first[block + 1] - place.batch)
            losses += self.engine.take(inner, wanted, seconds, asked_to_stop)
            taken = self.put_down(place, block, inner)
            steps -= taken
            if taken < wanted or (losses and time.perf_counter() > until):
                break
        return losses

    def one_by_one(self, place: Place) -> Iterator[tuple[np.ndarray, ...]]:
        """The batches to an epoch's end, as `NumPySteps` has them."""
        epochs = place.epochs
        while place.epochs == epochs:
            block, inner = self.turned(place)
            for batch in self.engine.one_by_one(inner):
                self.put_down(place, block, inner)
                yield batch
            self.put_down(place, block, inner)

    def turned(self, place: Place) -> tuple[int, Place]:
        """The block that a place is in, to which the engine is turned, and the place within it."""
        block = self.ways.block_of(place.batch)
        if self.at != (place.epochs, block):
            opened = self.reader.read(place.epochs, block)
            self.order, shuffler = opened.order, OrderOfBlock(opened.order)
            walk = self.ways.walks[block]
            if self.engine is None or not self.engine.turn_to(opened.rows, walk, shuffler):
                self.engine = self.make(rows=opened.rows, walk=walk, shuffler=shuffler)
            self.at = place.epochs, block
        return block, Place(place.epochs, place.batch - self.ways.first[block], self.order, place.told)

    def put_down(self, place: Place, block: int, inner: Place) -> int:
        """Be where the engine is within a block; how many steps it took to there."""
        before = place.batch
        if inner.epochs > place.epochs:
            place.epoch_ends()
            return self.ways.steps - before
        place.batch, place.told = self.ways.first[block] + inner.batch, inner.told
        return place.batch - before
