"""Answers kept for a while, by all that they depend on."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """The last answers to a question that is asked again and again.

    The key holds everything that an answer depends on, and no more of what it was worked out from, which would live as
    long as the answer: no starting weights, say. Where that cannot be known the key is None, and nothing is kept.

    Parameters
    ----------
    most
        How many answers are kept; the oldest is forgotten first.

    Examples
    --------
    >>> roots = Remembered[float](most=2)
    >>> [roots.answer(x, lambda: x**0.5) for x in (1, 4, 9)]
    [1.0, 2.0, 3.0]
    >>> list(roots.answers)
    [4, 9]
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.answers: dict[Hashable, T] = {}

    def answer(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """The answer that is known by the key, or the one worked out now."""
        if key is None:
            return work_out()
        found = self.answers.get(key)
        if found is None:
            found = work_out()
            for oldest in list(self.answers)[: len(self.answers) + 1 - self.most]:
                self.answers.pop(oldest, None)  # another thread may have been quicker
            self.answers[key] = found
        return found
