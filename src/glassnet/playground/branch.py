"""One way that a training took: its losses, what was done on it, and where it can be returned to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from glassnet.playground.curve import Curve
from glassnet.playground.setup import Setup
from glassnet.training.history import History
from glassnet.training.prepared import Prepared
from glassnet.training.state import State

MOST_BYTES = 64 * 2**20  # of what is kept to return to
MOST_KEPT = 1024


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something that was done at a step: training begun with a setup, or a number set by hand.

    Attributes
    ----------
    step
        Where.
    text
        What the timeline says; empty for the beginning.
    kind
        "begin": a new network; "settings": the same goes on, trained otherwise; "network": the same numbers in another
        network; "poke": a number set by hand.
    setup
        What holds from here on.
    poked
        The array, the place and the number.
    """

    step: int
    kind: str
    setup: Setup
    text: str = ""
    poked: tuple[str, tuple[int, ...], float] | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Kept:
    """A moment that training can return to: its state, but for the history, of which it knows how long it was."""

    step: int
    state: State
    prepared: Prepared
    deeds: int  # that had happened
    deed: Deed  # the last of them
    epochs_told: int
    offset: int
    pinned: bool = False

    @property
    def bytes(self) -> int:
        """Its size, about."""
        memory = self.state.memory
        return (4 + len(memory.slots)) * memory.theta.nbytes + memory.state.nbytes + 4096


def without_history(state: State) -> State:
    """A state by value, its history left out: that of a long training is long, and grows by itself when replayed."""
    history, state.history = state.history, History()
    try:
        return state.copy()
    finally:
        state.history = history


@dataclass(kw_only=True, eq=False)
class Branch:
    """One way that a training took.

    Attributes
    ----------
    number, begins
        Which it is, and the step at which it left another.
    last
        The step that it came to.
    curve
        Its losses from step 0 on.
    deeds
        What was done on it, in order.
    kept
        Where it can be returned to, by step.
    history
        Losses by epoch as the training keeps them, as long as it came.
    stride
        So many steps lie between two that are kept.
    """

    number: int = 0
    begins: int = 0
    last: int = 0
    curve: Curve = field(default_factory=Curve)
    deeds: list[Deed] = field(default_factory=list)
    kept: dict[int, Kept] = field(default_factory=dict)
    history: History = field(default_factory=History)
    stride: int = 1

    def keep(self, kept: Kept) -> None:
        """Keep a moment; if that is too much, forget every second one."""
        self.kept[kept.step] = kept
        free = [step for step, item in self.kept.items() if not item.pinned]
        if len(free) > MOST_KEPT or (len(free) > 2 and sum(item.bytes for item in self.kept.values()) > MOST_BYTES):
            for step in sorted(free)[::2]:
                del self.kept[step]
            self.stride *= 2

    def nearest(self, step: int) -> Kept:
        """The last moment kept that is not after a step."""
        return self.kept[max(kept for kept in self.kept if kept <= step)]

    def parted(self, step: int, number: int, history: History, deeds: int) -> Branch:
        """Another way from a step on, with everything up to it."""
        return Branch(
            number=number,
            begins=step,
            last=step,
            curve=self.curve.until(step),
            deeds=self.deeds[:deeds],
            kept={at: item for at, item in self.kept.items() if at <= step and item.deeds <= deeds},
            history=history,
            stride=self.stride,
        )

    def flags(self) -> Iterator[dict[str, Any]]:
        """What the timeline shows of what was done."""
        for deed in self.deeds:
            if deed.text:
                yield {"step": deed.step, "text": deed.text}
