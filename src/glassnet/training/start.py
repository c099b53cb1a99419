"""Where training began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.engines.memory import Memory
from glassnet.parts.network import Network
from glassnet.training.on_rows import looking


@dataclass(frozen=True, eq=False)
class Start:
    """The numbers before the first step.

    Attributes
    ----------
    theta, state
        All learnt numbers, and running means; None in what was loaded, where they are those that the seed gives.
    rng_state
        Of the generator that rows' orders and dropout were drawn from.
    """

    theta: np.ndarray | None
    state: np.ndarray | None
    rng_state: Any

    @staticmethod
    def of(memory: Memory, rng: np.random.Generator) -> Start:
        """Here."""
        return Start(memory.theta.copy(), memory.state.copy(), rng.bit_generator.state)

    def is_drawn(self, network: Network, n_inputs: int, seed: int | None) -> bool:
        """Whether the numbers are those that the seed gives, whatever the rows."""
        if self.theta is None or self.state is None:
            return True
        if seed is None or looking(network, n_inputs):
            return False
        memory = Memory.of(network, n_inputs, self.theta.dtype)
        try:
            memory.initialize(network, n_inputs, np.random.default_rng(seed))
        except ValueError:  # a starting rule of one's own, which a file could only name
            return False
        return np.array_equal(memory.theta, self.theta) and np.array_equal(memory.state, self.state)
