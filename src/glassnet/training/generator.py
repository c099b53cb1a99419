"""A random generator by value."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence

NUMPYS = (np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937, np.random.Philox, np.random.SFC64)


class Unseeded(ISeedSequence):
    """A seed for what gets its state right afterwards: working out a proper one takes longer than all the rest."""

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray:
        """Zeros."""
        return np.zeros(n_words, dtype)


def copy_of(rng: np.random.Generator) -> np.random.Generator:
    """A generator that goes on as this one does."""
    kind: Any = type(rng.bit_generator)
    if kind not in NUMPYS or type(rng) is not np.random.Generator:
        return copy.deepcopy(rng)
    bits = kind(Unseeded())
    bits.state = rng.bit_generator.state
    return np.random.Generator(bits)
