"""Blocks done by whoever is there: each answered once, in their order, whatever happens to the workers."""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from glassnet.errors import DataError
from glassnet.parallel.blocks import Cut
from glassnet.parallel.work import Unreadable
from glassnet.workers.places import Place

TRIES = 3  # how often a block is read before it counts as one that cannot be
LATE, SOON = 5.0, 1.0  # an answer is late after so many times the median, and not before so many seconds
LONG = 1.0  # seconds that a worker is given to do at once, at most
FIRST = 60.0  # seconds that the first answers may take: processes start, code is compiled


class Timed(Protocol):
    """An answer that says how long it took."""

    @property
    def seconds(self) -> float:
        """Of work alone."""


A = TypeVar("A", bound=Timed)


@dataclass(frozen=True)
class Each(Generic[A]):
    """A task of several blocks: a round of fewer tasks is handed out sooner, and the answers are the same."""

    call: Callable[[int], A | Unreadable]

    def __call__(self, blocks: tuple[int, ...]) -> list[A | Unreadable]:
        """The answer for each."""
        return [self.call(block) for block in blocks]


@dataclass(eq=False, kw_only=True)
class Crew:
    """Who does the blocks.

    Attributes
    ----------
    place, cut
        The workers, and the blocks.
    leave_out
        Whether blocks that cannot be read are left out, rather than an error.
    noted
        Hears of each.
    left_out
        Those that are, and why.
    seconds
        What the last answers took.
    is_warm
        Whether all workers have had time to start, and to compile.
    """

    place: Place
    cut: Cut
    leave_out: bool = False
    noted: Callable[[str], Any] = lambda words: None
    left_out: dict[int, str] = field(default_factory=dict)
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=256))
    is_warm: bool = False

    def all_of(self, call: Callable[[int], A | Unreadable], blocks: Sequence[int]) -> dict[int, A]:
        """What `call` gives for each block that can be read, in the order of the blocks.

        Raises
        ------
        DataError
            A block cannot be read; or none can, although those may be left out.
        """
        todo, found, why = [block for block in blocks if block not in self.left_out], dict[int, Any](), dict[int, str]()
        for _ in range(TRIES):
            why, size = {}, self.at_once(len(todo))
            several = [tuple(todo[k : k + size]) for k in range(0, len(todo), size)]
            for some, answers in self.place.answers(Each(call), several, lambda: False, self.late(size)):
                for block, answer in zip(some, answers, strict=True):
                    if isinstance(answer, Unreadable):
                        why[block] = answer.why
                    else:
                        found[block] = answer
                        self.seconds.append(answer.seconds)
            todo = sorted(why)
            if not todo:
                break
        self.is_warm = True
        for block, words in why.items():
            if not self.leave_out:
                hint = "; give a folder that all workers see under this name" if "No such file" in words else ""
                raise DataError(f"{self.cut.name(block)}, cannot be read: {words}{hint}")
            self.left_out[block] = words
            self.noted(f"{self.cut.name(block)}, is left out: it cannot be read ({words})")
        if self.left_out and len(self.left_out) == len(self.cut):
            raise DataError(f"no block can be read; {self.cut.name(0)}: {self.left_out[0]}")
        return {block: found[block] for block in blocks if block in found}

    def at_once(self, blocks: int) -> int:
        """How many of so many blocks a worker is given at once: its share, unless that takes long."""
        if not self.seconds:
            return 1
        share = -(-blocks // self.place.workers()) if self.place.workers() > 1 else 1
        return max(1, min(share, int(LONG / statistics.median(self.seconds))))

    def late(self, blocks: int) -> float:
        """Seconds without an answer after which what is left is handed out once more."""
        if not self.is_warm:
            return FIRST
        return max(SOON, LATE * blocks * statistics.median(self.seconds))
