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


def addresses_for_a_team(rng: np.random.Generator) -> np.ndarray:
    """Those, and where a PCG64 has its numbers, so that several threads can draw from it (4 int64)."""
    return np.append(addresses(rng), numbers_of_pcg64(rng))


def numbers_of_pcg64(rng: np.random.Generator) -> int:
    """Where a PCG64 has its state and its increment, each 128 bits, the lower half first; 0: it is none, or has not."""
    if type(rng.bit_generator) is not np.random.PCG64:
        return 0
    address = ctypes.c_uint64.from_address(rng.bit_generator.ctypes.state_address).value
    told = rng.bit_generator.state["state"]
    halves = [half for name in ("state", "inc") for half in (told[name] % 2**64, told[name] >> 64)]
    return address if list((ctypes.c_uint64 * 4).from_address(address)) == halves else 0
