"""NumPy's old random numbers, as `np.random.seed(42)` and `randn` give them, for networks that start as a tutorial's.

They come two at a time, and the second waits for whoever asks next: so a layer's first number may be left over from the
layer before.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.training.generator import Unseeded


class OldGenerator(np.random.Generator):
    """A generator of today's kind, which keeps what is left over of the old one.

    Attributes
    ----------
    old
        The old generator, on the same bits.
    """

    def __init__(self, seed: int) -> None:
        self.begin(np.random.RandomState(seed).get_state(legacy=False))

    def begin(self, state: Any) -> None:
        """Begin as an old generator stands."""
        kind: Any = np.random.MT19937  # whose type knows no seeds of one's own
        bits = kind(Unseeded())
        super().__init__(bits)
        self.old = np.random.RandomState(bits)
        self.old.set_state(state)

    def __deepcopy__(self, known: dict[int, Any]) -> OldGenerator:
        """One that goes on as this one does."""
        other = OldGenerator.__new__(OldGenerator)
        other.begin(self.old.get_state(legacy=False))
        return other


def randn(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Normal numbers of the old kind: what a layer starts from, where it starts as a tutorial's."""
    old = rng.old if isinstance(rng, OldGenerator) else np.random.RandomState(rng.bit_generator)
    return np.asarray(old.randn(*shape))
