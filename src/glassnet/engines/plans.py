"""Plans of how steps are taken: measured ones, or fixed ones where the same bits are wanted every time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

FIXED: ContextVar[bool] = ContextVar("FIXED", default=False)


class Busy(Exception):
    """The machine had something else to do while a plan was measured."""


@dataclass(frozen=True)
class Plan:
    """How steps are taken: by how many threads, and in which way each matrix product is done (`ways`)."""

    threads: int
    ways: tuple[int, ...]


@contextmanager
def fixed_plans() -> Iterator[None]:
    """Within it, plans go by sizes alone, so that the same training has the same bits whatever was measured."""
    token = FIXED.set(True)
    try:
        yield
    finally:
        FIXED.reset(token)


def are_fixed() -> bool:
    """Whether plans go by sizes alone here."""
    return FIXED.get()
