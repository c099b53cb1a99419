"""How numbers and sentences are set in what is printed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

WIDTH = 88


def paragraph(*sentences: str) -> str:
    """Sentences as lines of at most 88 characters, after an empty line."""
    return "\n" + textwrap.fill(" ".join(sentences), WIDTH, break_on_hyphens=False)


def in_a_row(values: Iterable[float], digits: int) -> str:
    """Numbers with so many digits after the point, each with room for a minus.

    >>> in_a_row([0.125, 1.0, -2.0, -0.001], 2)
    ' 0.12  1.00 -2.00  0.00'
    """
    return " ".join(f"{round(value, digits) + 0.0:{digits + 3}.{digits}f}" for value in values)
