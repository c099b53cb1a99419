"""A number drawn for each row from its place in the table alone, and not from what is read with it, or when.

So the same rows are held out, and are in the sample, however a table is read: whole or part by part, from one file or
from several with the same rows in the same order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

GOLDEN, FIRST, SECOND = (np.uint64(k) for k in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
OF_SAMPLE = 0x5EED  # the seed of samples


def hashes(places: NDArray[np.integer], seed: int) -> Hashes:
    """Numbers from 0 to 2⁶⁴ - 1 that look random, for places from 0 on; (n,).

    SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): the numbers that its
    generator gives at these places, started from a seed that is mixed itself.
    """
    with np.errstate(over="ignore"):
        start = mixed(np.array([seed % 2**64], np.uint64))
        return mixed(start + (places.astype(np.uint64) + np.uint64(1)) * GOLDEN)


def mixed(z: Hashes) -> Hashes:
    """SplitMix64's mixing of bits, one to one."""
    z = (z ^ (z >> np.uint64(30))) * FIRST
    z = (z ^ (z >> np.uint64(27))) * SECOND
    return z ^ (z >> np.uint64(31))


def held_out(places: NDArray[np.integer], share: float, seed: int) -> NDArray[np.bool_]:
    """Which rows are held out, by their places: each with this chance, (n,)."""
    return hashes(places, seed) < np.uint64(int(share * 2**64))
