"""What runs start from: the numbers that a seed gives a network, drawn once for all runs that begin alike."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.data.arrays import is_finite
from glassnet.engines.memory import Memory
from glassnet.parts.initializers import Initializer
from glassnet.parts.layers import Parameter
from glassnet.parts.naming import options_text
from glassnet.training.generator import copy_of
from glassnet.training.preparing import Seed, generator
from glassnet.training.state import State


@dataclass(frozen=True, eq=False)
class Begun:
    """Starting numbers, and the generator that they were drawn from, as it is and as it was then."""

    theta: np.ndarray
    state: np.ndarray
    rng: np.random.Generator
    rng_state: Any

    def copied(self) -> np.random.Generator:
        """A generator that goes on as this one does."""
        return copy_of(self.rng)


@dataclass(frozen=True, eq=False)
class Drawn:
    """The arrays of a network in the order in which they are drawn, and what their starting numbers depend on."""

    arrays: Sequence[tuple[str, Parameter, slice]]
    rules: Hashable


@dataclass(eq=False)
class Starts:
    """Draws starting numbers.

    Attributes
    ----------
    seeds
        As they were given.
    alone
        Whether each seed belongs to one run: a generator that was given is then that run's own, as `train` has it.
    """

    seeds: Sequence[Seed]
    alone: bool
    known: dict[Hashable, Begun] = field(default_factory=dict)
    drawn: dict[Hashable, Drawn] = field(default_factory=dict)

    def of(self, pattern: State, k: int) -> Begun:
        """What seed number k gives a network: to be read, and its generator to be copied, unless it is alone."""
        network = id(pattern.network), pattern.n_inputs
        drawn = self.drawn.get(network)
        if drawn is None:
            drawn = self.drawn[network] = drawn_of(pattern)
        if self.alone:
            return draw(pattern.memory, drawn, self.generator(k))
        key = k, drawn.rules
        if key not in self.known:
            self.known[key] = draw(pattern.memory, drawn, self.generator(k))
        return self.known[key]

    def generator(self, k: int) -> np.random.Generator:
        """A generator that begins as the seed says."""
        seed = self.seeds[k]
        return copy_of(seed) if isinstance(seed, np.random.Generator) and not self.alone else generator(seed)


def drawn_of(pattern: State) -> Drawn:
    """How the starting numbers of a network are drawn."""
    memory, arrays = pattern.memory, []
    for name, item in pattern.network.arrays(pattern.n_inputs).items():
        layout = memory.layout if item.learnt else memory.state_layout
        arrays.append((name, item, layout.slices[name]))
    return Drawn(arrays, tuple((rule_of(item), item.shape, item.learnt) for _, item, _ in arrays))


def rule_of(item: Parameter) -> Hashable:
    """Equal for arrays whose starting numbers are drawn by the same rule."""
    rule = item.initial
    return (id(rule.function), options_text(rule.options)) if isinstance(rule, Initializer) else id(rule)


def draw(memory: Memory, drawn: Drawn, rng: np.random.Generator) -> Begun:
    """What `Memory.initialize` writes, into new vectors."""
    theta, state = np.empty_like(memory.theta), np.empty_like(memory.state)
    for _, item, where in drawn.arrays:
        (theta if item.learnt else state)[where] = item.initial(rng, item.shape).reshape(-1)
    if not (is_finite(theta) and is_finite(state)):
        for name, item, where in drawn.arrays:  # the first that is not is refused, as anybody else's numbers are
            layout, vector = (memory.layout, theta) if item.learnt else (memory.state_layout, state)
            layout.write(vector, name, vector[where].reshape(item.shape))
    return Begun(theta, state, rng, rng.bit_generator.state)
