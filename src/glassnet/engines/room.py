"""Whether there is room for a network, asked before its memory is taken; with the arithmetic, where there is not.

A network's learnt numbers are one vector, and whatever is as long as that (the gradient, what the optimizer remembers,
copies to go back to) is counted in copies of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from glassnet.engines.free_memory import free_memory
from glassnet.errors import TooLarge
from glassnet.parts.parameters import Layout

MODEL = {"weights": 1, "gradient": 1, "3 marks": 3}
"""What a network's memory holds, in copies of its learnt numbers; marks: `parameters.MARKS`."""

SMALL = 1 << 26  # bytes: so little is not asked for


def has_room(layout: Layout, dtype: Any, copies: Mapping[str, int]) -> bool:
    """Whether so many copies of a network's learnt numbers fit into memory."""
    needed: int = layout.size * np.dtype(dtype).itemsize * sum(copies.values())
    return needed < SMALL or needed <= free_memory()


def check_room(
    layout: Layout, dtype: Any, copies: Mapping[str, int], *, rows: int = 0, width: int = 0, remedy: str = ""
) -> None:
    """Refuse a network whose numbers do not fit into memory, in so many copies, with buffers for a batch.

    Parameters
    ----------
    layout, dtype
        Of its learnt numbers.
    copies
        What is as long as these, in words, and how often.
    rows, width
        Of a batch: how many, and how many numbers of the layers are there for each at one time.
    remedy
        What to do rather than to take fewer units, if it is not the batch that is too large.

    Raises
    ------
    TooLarge
        With what is needed and what there is.
    """
    itemsize = np.dtype(dtype).itemsize
    vectors, buffers = layout.size * itemsize * sum(copies.values()), rows * width * itemsize
    needed = vectors + buffers
    if needed < SMALL or needed <= (free := free_memory()):
        return
    said = []
    if vectors:
        said.append(f"{numbers(layout)} x {itemsize} bytes x {sum(copies.values()):,} ({', '.join(copies)})")
    if buffers:
        said.append(f"{rows:,} rows of a batch x {width:,} numbers of the layers x {itemsize} bytes")
    remedy = "a smaller batch_size" if buffers > vectors else remedy or "fewer units"
    smaller = ", or dtype='float32'" if itemsize == 8 and needed < 2 * free else ""
    raise TooLarge(
        f"this takes more memory than there is: {' + '.join(said)} = {in_bytes(needed)}; {in_bytes(free)} are free; "
        f"use {remedy}{smaller}"
    )


def numbers(layout: Layout) -> str:
    """How many numbers are learnt, and the largest array among them: `30 x 10 weights (W1) + 21 = 321 numbers`."""
    name, shape = max(layout.shapes.items(), key=lambda item: prod(item[1]))
    others = layout.size - prod(shape)
    sides = " x ".join(f"{size:,}" for size in shape)
    return f"({sides} ({name}){f' + {others:,}' if others else ''} = {layout.size:,} numbers)"


UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")


def in_bytes(count: int) -> str:
    """An amount of memory for people.

    >>> in_bytes(12_000_000_000), in_bytes(999), in_bytes(10**25)
    ('12.0 GB', '999 bytes', '10,000,000.0 EB')
    """
    power = min((len(str(count)) - 1) // 3, len(UNITS) - 1)
    return f"{count:,} bytes" if power == 0 else f"{count / 1000**power:,.1f} {UNITS[power]}"
