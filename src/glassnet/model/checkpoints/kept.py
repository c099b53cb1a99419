"""A training by `carry_out`, kept: held against what was begun, put where it was, and written down now and then."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import numpy as np

from glassnet.data.files import JSON
from glassnet.errors import ModelFileError
from glassnet.model.checkpoints.differences import Written
from glassnet.model.checkpoints.folder import current
from glassnet.model.checkpoints.series import Series
from glassnet.model.saving.whole import read_model, written_model
from glassnet.parts.built_in import BUILT_IN
from glassnet.training.begin import stepper_of
from glassnet.training.loop import Run
from glassnet.training.prepared import Prepared
from glassnet.training.settings import Settings
from glassnet.training.state import SHARED, State

ENDED = "ended"  # in a description: a callback has ended the training
HEARD = "callback"


class Remembering(ABC):
    """A callback that knows something of the epochs it has heard of, which is kept with the training."""

    @abstractmethod
    def remembered(self) -> dict[str, np.ndarray]:
        """What it knows, as arrays by name."""

    @abstractmethod
    def remind(self, known: dict[str, np.ndarray]) -> None:
        """Know that again."""


@dataclass(eq=False)
class Kept:
    """A training that is kept.

    Attributes
    ----------
    series
        Its files.
    run
        The training.
    heard
        Its callbacks that remember something.
    ended
        Whether a callback has ended it: then it does not go on from where it is.
    """

    series: Series
    run: Run
    heard: Sequence[Remembering]
    ended: bool = False

    def look(self, is_last: bool) -> None:
        """Write the state down, if it is time to, or the last time."""
        state = self.run.state
        if self.series.wants(state.memory.t, is_last) or (is_last and self.ended):
            self.series.write(state.memory.t, lambda: self.written({ENDED: True} if self.ended and is_last else {}))

    def written(self, more: Mapping[str, JSON]) -> Written:
        """The state, and what callbacks remember."""
        description, tensors = written_model(self.run.state)
        return {**description, **more}, {**tensors, **self.remembered()}

    def remembered(self) -> dict[str, np.ndarray]:
        """What callbacks remember, by names that no array of a network has."""
        return {
            f"{HEARD}.{k}.{name}": array
            for k, item in enumerate(self.heard)
            for name, array in item.remembered().items()
        }

    def go_on(self, prepared: Prepared, settings: Settings) -> None:
        """Be where it was last, if it was kept before; it is kept from here on."""
        run = self.run
        self.series.step = run.state.memory.t  # the beginning is written down already
        series, spent = self.series, self.series.spent
        # asked before each step, some of which take microseconds: the clock first
        run.due = lambda: monotonic() >= spent.due and series.wants(run.state.memory.t, False)
        run.whole = self.look

        def become(written: Written) -> None:
            description, tensors = dict(written[0]), dict(written[1])
            ended = bool(description.pop(ENDED, False))
            known = [parts_of(tensors, f"{HEARD}.{k}.") for k in range(len(self.heard))]
            found = read_model(description, tensors, own_layers(run.state))
            if found.engine is None:
                raise ModelFileError("it is in the middle of no training")
            if found.engine.engine != run.stepper.choice.engine:  # the bits of one are not always those of the other
                run.stepper = stepper_of(prepared, settings, found.engine.engine)
                run.state.engine = run.stepper.choice
            for name in SHARED:  # these do not change in a training
                setattr(found, name, getattr(run.state, name))
            run.put_back(found)
            for item, arrays in zip(self.heard, known, strict=True):
                item.remind(arrays)
            self.ended = ended

        self.series.put_back(become, is_whole_at_first=True)


def parts_of(tensors: dict[str, np.ndarray], start: str) -> dict[str, np.ndarray]:
    """Those whose names have this start, which they leave behind."""
    return {name.removeprefix(start): tensors.pop(name) for name in [*tensors] if name.startswith(start)}


def kept(run: Run, prepared: Prepared, settings: Settings, callbacks: Sequence[Any] = ()) -> Kept | None:
    """A training that has just begun, kept from here on where `checkpoints` says; None: it says nothing.

    If it was kept before, it is where it was last.

    Raises
    ------
    CheckpointError, OSError
        As `checkpoints` has them.
    ValueError
        A file cannot hold something in it; the message names it.
    """
    place = current()
    if place is None:
        return None
    made = Kept(place.next(), run, [item for item in callbacks if isinstance(item, Remembering)])
    made.series.open(lambda: written_model(run.state))
    made.go_on(prepared, settings)
    return made


def own_layers(state: State) -> tuple[type[Any], ...]:
    """The layer classes of one's own in a network."""
    found: dict[str, type[Any]] = {}
    waiting = [*state.network.layers]
    while waiting:
        layer = waiting.pop()
        found[type(layer).__name__] = type(layer)
        waiting += getattr(layer, "layers", ())
    return tuple(cls for name, cls in found.items() if name not in BUILT_IN)
