"""Everything about a network that changes while it trains: a few vectors, and a count of steps.

θ, its gradient g and each of the optimizer's slots are vectors of one layout; running means are a vector of their
own. To save a training run, to restore it, to sum gradients over machines: one line each.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet.data.arrays import is_finite
from glassnet.engines.room import MODEL, check_room
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.parameters import MARKS, Layout

FLUSH_EVERY = 64  # steps
FLUSH_BELOW = 16384  # times the smallest normal number


@dataclass(kw_only=True)
class Memory:
    """The numbers of one network.

    Attributes
    ----------
    layout, state_layout
        How the learnt arrays lie in `theta`, and the others (running means) in `state`.
    theta, g, state
        The learnt numbers, their gradient, the others.
    penalised
        1 where L1, L2 and weight decay pull, or a factor on them; 0 elsewhere.
    trainable
        0 for numbers of theta that are frozen, 1 elsewhere.
    rates
        Factors on the learning rate.
    slots
        What the optimizer remembers.
    t
        Steps the optimizer has taken since its slots were zeros.
    lr
        The learning rate, for an optimizer that has none of its own.
    """

    layout: Layout
    state_layout: Layout
    theta: np.ndarray
    g: np.ndarray
    state: np.ndarray
    penalised: np.ndarray
    trainable: np.ndarray
    rates: np.ndarray
    slots: dict[str, np.ndarray] = field(default_factory=dict)
    t: int = 0
    lr: float = 0.0

    @staticmethod
    def of(network: Network, n_inputs: int, dtype: Any) -> Memory:
        """Memory for a network, all zeros; TooLarge where there is no room for it."""
        layout, state_layout = network.layout(n_inputs), network.layout(n_inputs, learnt=False)
        check_room(layout, dtype, MODEL)
        memory = Memory(
            layout=layout,
            state_layout=state_layout,
            theta=layout.zeros(dtype),
            g=layout.zeros(dtype),
            state=state_layout.zeros(dtype),
            penalised=layout.zeros(dtype),
            trainable=np.ones(layout.size, dtype),
            rates=np.ones(layout.size, dtype),
        )
        for name, factor in network.penalised(n_inputs).items():
            memory.penalised[layout.slices[name]] = factor
        for name, rate in network.rates(n_inputs).items():
            memory.rates[layout.slices[name]] = rate
        return memory

    def initialize(self, network: Network, n_inputs: int, rng: np.random.Generator) -> None:
        """Fill with the layers' starting values, drawn in the order of the layout."""
        for name, item in network.arrays(n_inputs).items():
            values = item.initial(rng, item.shape)
            if item.learnt:
                self.layout.write(self.theta, name, values)
            else:
                self.state_layout.write(self.state, name, values)

    def goes_on(self, optimizer: Optimizer, before: Optimizer | None = None) -> bool:
        """Whether an optimizer goes on from what is remembered; `before` is the one that trained last, if known."""
        same = before is None or before.name == optimizer.name
        return same and set(self.slots) == set(optimizer.slots)

    def prepare(self, optimizer: Optimizer, before: Optimizer | None = None) -> None:
        """Slots for an optimizer, zeros and no step taken, unless it goes on."""
        if not self.goes_on(optimizer, before):
            self.slots = {name: self.layout.zeros(self.theta.dtype) for name in optimizer.slots}
            self.t = 0

    def flush(self) -> None:
        """Set to 0 what has decayed to almost nothing: slots of the optimizer, weights, running means.

        A running mean that gets no more gradient decays until its numbers are subnormal, and so do weights that only
        a penalty pulls on; processors are ten times slower on those. What is flushed of the slots (under 2e-34 in
        float32, 4e-304 in float64) is too small to move a weight. Of the others it is the subnormal numbers, which
        compiled code takes as 0 in every operation.
        """
        tiny = np.finfo(self.theta.dtype).tiny
        for slot in self.slots.values():
            slot[np.abs(slot) < tiny * FLUSH_BELOW] = 0.0
        for vector in (self.theta, self.state):
            vector[np.abs(vector) < tiny] = 0.0

    @property
    def marks(self) -> dict[str, np.ndarray]:
        """The vectors that say how rules act on each number of theta, by name."""
        return {name: getattr(self, name) for name in MARKS}

    def arrays(self) -> dict[str, np.ndarray]:
        """Every array by the name it has in a derivation; the gradient of `W1` is `dW1`."""
        gradients = dict(zip(self.layout.gradients, self.layout.views(self.g).values(), strict=True))
        return {
            **self.layout.views(self.theta),
            **self.state_layout.views(self.state),
            **gradients,
            "theta": self.theta,
            "g": self.g,
            **self.marks,
            **self.slots,
        }

    def is_finite(self) -> bool:
        """Whether all that training changes is finite."""
        return all(map(is_finite, (self.theta, self.state, *self.slots.values())))

    def copy(self) -> Memory:
        """The same numbers in other arrays."""
        slots = {name: slot.copy() for name, slot in self.slots.items()}
        changing = {name: getattr(self, name).copy() for name in ("theta", "g", "state", "trainable")}
        return replace(self, **changing, slots=slots)

    def put_back(self, kept: Memory) -> None:
        """Take over numbers, in place: views of the arrays stay valid, but for slots of other names."""
        self.theta[:], self.g[:], self.state[:], self.trainable[:] = kept.theta, kept.g, kept.state, kept.trainable
        if set(self.slots) != set(kept.slots):
            self.slots = {name: np.empty_like(slot) for name, slot in kept.slots.items()}
        for name, slot in self.slots.items():
            slot[:] = kept.slots[name]
        self.t, self.lr = kept.t, kept.lr

    def saved(self) -> Saved:
        """What training changes, in new arrays."""
        slots = {name: slot.copy() for name, slot in self.slots.items()}
        return Saved(self.theta.copy(), self.state.copy(), slots, self.t)

    def restore(self, saved: Saved) -> None:
        """Take over what was saved, in place."""
        self.theta[:] = saved.theta
        self.state[:] = saved.state
        for name, slot in self.slots.items():
            slot[:] = saved.slots[name]
        self.t = saved.t


@dataclass(frozen=True, eq=False)
class Saved:
    """The numbers of a moment, to return to."""

    theta: np.ndarray
    state: np.ndarray
    slots: dict[str, np.ndarray]
    t: int
