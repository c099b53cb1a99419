"""What compiled code needs of a random generator, to draw from it itself (`drawing`)."""

from __future__ import annotations

import ctypes

import numpy as np


def addresses(rng: np.random.Generator) -> np.ndarray:
    """Where the generator's state, its `next_double` and its `next_uint32` are (3 int64).

    A bit generator gives them away as `rng.bit_generator.ctypes`, which was made for this purpose.
    """
    interface = rng.bit_generator.ctypes
    functions = [ctypes.cast(f, ctypes.c_void_p).value for f in (interface.next_double, interface.next_uint32)]
    return np.array([interface.state_address, *functions], np.int64)
