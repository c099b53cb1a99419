"""One thread at a time trains a model: two would take steps on the same numbers, and neither would be a training."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from glassnet.training.state import State

_TRAINERS: dict[int, int] = {}  # by the state's id, the thread that trains it
_LOCK = threading.Lock()


@contextmanager
def alone(state: State) -> Iterator[None]:
    """Within it no other thread enters with the same state: it gets a RuntimeError, and the state stays as it was."""
    me = threading.get_ident()
    with _LOCK:
        before = _TRAINERS.get(id(state))
        if before not in (None, me):
            raise RuntimeError("another thread trains this model; wait until it is done, or train a copy of it")
        _TRAINERS[id(state)] = me
    try:
        yield
    finally:
        if before is None:  # a callback that trains the model further leaves it to its trainer
            with _LOCK:
                del _TRAINERS[id(state)]
