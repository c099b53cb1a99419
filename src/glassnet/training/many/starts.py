"""What runs start from: the numbers that a seed gives a network, drawn once for all runs that begin alike.

Where a rule looks at the training rows, runs begin alike that have the same network and the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.engines.memory import Memory
from glassnet.formulas.initializers import constant, zeros
from glassnet.parts.initializers import Initializer
from glassnet.parts.layers import Parameter
from glassnet.parts.naming import options_text
from glassnet.parts.network import Network
from glassnet.training.generator import copy_of
from glassnet.training.making import Seed, generator
from glassnet.training.many.seeding import generators_of
from glassnet.training.many.source import Course, Some
from glassnet.training.on_rows import look_at_rows, looking
from glassnet.training.state import State


@dataclass(eq=False)
class Begun:
    """Starting numbers, and the generator that they were drawn from, as it is and as it was then."""

    theta: np.ndarray
    state: np.ndarray
    rng: np.random.Generator
    rng_state: Any

    def copied(self) -> np.random.Generator:
        """A generator that goes on as this one does."""
        return copy_of(self.rng)


@dataclass(frozen=True, eq=False, kw_only=True)
class Rules:
    """How a network's starting numbers are drawn.

    Attributes
    ----------
    memory
        Like that of the network, with the numbers that are not drawn: zeros, those set by hand.
    drawn
        The others, in their order: name, array, and where it lies in theta or in state.
    key
        Equal for networks for which the same numbers are drawn.
    looks
        The network, if a rule looks at the training rows.
    """

    memory: Memory
    drawn: Sequence[tuple[str, Parameter, slice]]
    key: Hashable
    looks: Network | None

    @staticmethod
    def of(pattern: State) -> Rules:
        """Those of a network."""
        memory = pattern.memory.copy()
        drawn: list[tuple[str, Parameter, slice]] = []
        keys: list[Hashable] = []
        for name, item in pattern.network.arrays(pattern.n_inputs).items():
            layout, vector = (memory.layout, memory.theta) if item.learnt else (memory.state_layout, memory.state)
            rule = item.initial
            if isinstance(rule, Initializer) and rule.function not in (zeros, constant):
                drawn.append((name, item, layout.slices[name]))
                keys.append((id(rule.function), options_text(rule.options), item.shape))
            else:
                layout.write(vector, name, rule(np.random.default_rng(0), item.shape))
        fixed = memory.theta.tobytes(), memory.state.tobytes(), memory.theta.dtype.name
        looks = pattern.network if looking(pattern.network, pattern.n_inputs) else None
        if looks:
            keys.append(looks.structure or id(looks))
        return Rules(memory=memory, drawn=drawn, key=(*fixed, *keys), looks=looks)

    def draw(self, rng: np.random.Generator, seen: Some) -> Begun:
        """What `prepare` gives, in new vectors; whether it is finite is for `check` to say."""
        theta, state = self.memory.theta.copy(), self.memory.state.copy()
        for _, item, where in self.drawn:
            (theta if item.learnt else state)[where] = item.initial(rng, item.shape).reshape(-1)
        if self.looks:
            look_at_rows(self.looks, replace(self.memory, theta=theta, state=state), seen.rows.x, rng)
        return Begun(theta, state, rng, rng.bit_generator.state)

    def check(self, begun: Sequence[Begun]) -> None:
        """ValueError where a starting number is not finite."""
        if np.isfinite([one.theta for one in begun]).all() and np.isfinite([one.state for one in begun]).all():
            return
        for one in begun:  # pragma: no branch  # one of them is refused
            for name, item, where in self.drawn:
                layout, vector = (
                    (self.memory.layout, one.theta) if item.learnt else (self.memory.state_layout, one.state)
                )
                layout.write(vector, name, vector[where].reshape(item.shape))


@dataclass(eq=False, kw_only=True)
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
    rules: dict[Hashable, Rules] = field(default_factory=dict)
    drawn: dict[Hashable, list[Begun]] = field(default_factory=dict)

    def of(self, course: Course, k: int) -> Begun:
        """What seed number k gives a network: to be read, and its generator to be copied, unless it is alone."""
        rules = self.rules.get(id(course.pattern))
        if rules is None:
            rules = self.rules[id(course.pattern)] = Rules.of(course.pattern)
        key = k, rules.key, id(course.seen) if rules.looks else None
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = rules.draw(self.generator(k), course.seen)
            self.drawn.setdefault(id(rules), []).append(found)
        return found

    def check(self) -> None:
        """ValueError where a starting number is not finite: all are looked at together, which is quicker."""
        for rules in self.rules.values():
            rules.check(self.drawn.get(id(rules), []))

    def generator(self, k: int) -> np.random.Generator:
        """A generator that begins as the seed says."""
        made = self.generators[k]() if k else generator(self.seeds[0])  # the first, before there is room for all
        given = isinstance(self.seeds[k], (np.random.Generator, np.random.BitGenerator, np.random.RandomState))
        return copy_of(made) if given and not self.alone else made

    @cached_property
    def generators(self) -> list[Callable[[], np.random.Generator]]:
        """What makes the generator of each seed."""
        return generators_of(self.seeds)
