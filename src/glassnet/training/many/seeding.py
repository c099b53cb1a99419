"""The generators of many seeds at once: those of `numpy.random.default_rng`, worked out for all of them together.

A seed's bits are mixed until no two seeds begin alike, which takes longer than to draw a small network's weights. The
mixing is the same for every seed (O'Neill's seed_seq, as NumPy's `SeedSequence` has it and promises to keep), so it is
done with arrays. What comes out is held against NumPy's own for the first of the seeds, whichever NumPy that is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence

from glassnet.training.making import Seed, generator

FEW = 8  # seeds that are not worth it
LARGEST = 2**64  # before it
WORDS = 4  # of 32 bits in the pool


class Known(ISeedSequence):
    """A seed whose words are known already."""

    def __init__(self, words: np.ndarray) -> None:
        self.words = words

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray:
        """They: PCG64 asks for four of 64 bits."""
        return self.words


def generators_of(seeds: Sequence[Seed]) -> list[Callable[[], np.random.Generator]]:
    """What makes each seed's generator, as `generator(seed)` does."""
    made: list[Callable[[], np.random.Generator]] = [partial(generator, seed) for seed in seeds]
    numbers = {k: seed for k, seed in enumerate(seeds) if isinstance(seed, int) and 0 <= seed < LARGEST}
    if len(numbers) < FEW:
        return made
    words = mixed(list(numbers.values()))
    first = made[next(iter(numbers))]().bit_generator
    if first.state != generator_of(words[0]).bit_generator.state:
        return made
    for k, known in zip(numbers, words, strict=True):
        made[k] = partial(generator_of, known)
    return made


def generator_of(words: np.ndarray) -> np.random.Generator:
    """A generator whose seed has these words."""
    seed: Any = Known(words)  # NumPy's types know one kind of seed sequence
    return np.random.Generator(np.random.PCG64(seed))


def mixed(seeds: Sequence[int]) -> np.ndarray:
    """Four words of 64 bits for each seed, (seeds, 4): `SeedSequence(seed).generate_state(4, np.uint64)`."""
    number = np.array(seeds, np.uint64)
    low, high = (number & np.uint64(0xFFFFFFFF)).astype(np.uint32), (number >> np.uint64(32)).astype(np.uint32)
    hashed = Hash(0x43B0D7E5, 0x931E8875)
    pool = [hashed(word) for word in (low, high, np.zeros_like(low), np.zeros_like(low))]
    for source in range(WORDS):
        for into in range(WORDS):
            if source != into:
                pool[into] = mix(pool[into], hashed(pool[source]))
    hashed = Hash(0x8B51F9DD, 0x58F38DED)
    words = np.stack([hashed(pool[k % WORDS]) for k in range(8)], axis=1).astype(np.uint64)
    return np.asarray(words[:, 0::2] | (words[:, 1::2] << np.uint64(32)))


class Hash:
    """A hash of 32 bits whose constant changes with every use."""

    def __init__(self, constant: int, factor: int) -> None:
        self.constant, self.factor = constant, factor

    def __call__(self, word: np.ndarray) -> np.ndarray:
        """Of each word."""
        word = word ^ np.uint32(self.constant)
        self.constant = self.constant * self.factor & 0xFFFFFFFF
        return shifted(word * np.uint32(self.constant))


def mix(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Two words as one."""
    return shifted(x * np.uint32(0xCA01F9DD) - y * np.uint32(0x4973F715))


def shifted(word: np.ndarray) -> np.ndarray:
    """The upper half is mixed into the lower."""
    return np.asarray(word ^ (word >> np.uint32(16)))
