"""What is trained on the page, before it is: rows, choices, and where it starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.parts.layers import Dense
from glassnet.parts.network import Network
from glassnet.playground.choices import Choices
from glassnet.playground.source import Source
from glassnet.training.prepared import Prepared
from glassnet.training.state import State

OF_LAYERS = ("layers", "output_activation", "bias", "weights", "loss")  # choices that a given network has made


@dataclass(frozen=True, eq=False, kw_only=True)
class Setup:
    """Rows to learn from, a network for them, and how it is trained.

    Attributes
    ----------
    source, choices
        The rows, and what is chosen.
    title, sentence
        What it is called on the page, and what is asked of whoever looks at it first.
    story
        The story that it belongs to; empty: to none.
    given
        A network, or a trained state, that somebody brought; None: `choices` say which network.
    rng
        The generator of a seed, where that is a tutorial's own.
    """

    source: Source
    choices: Choices
    title: str
    sentence: str = ""
    story: str = ""
    given: Network | State | None = None
    rng: Callable[[int], np.random.Generator] | None = None

    @property
    def fixed(self) -> tuple[str, ...]:
        """The choices that cannot be changed."""
        return OF_LAYERS if self.given is not None else ()

    def network(self) -> Network:
        """The network, as it is before it knows its target."""
        if self.given is None:
            return self.choices.network()
        given = self.given.network if isinstance(self.given, State) else self.given
        layers, choices = given.layers, self.choices
        return Network(*layers, loss=given.loss, l1=choices.l1, l2=choices.l2, penalty_per_row=given.penalty_per_row)

    def usual(self) -> Network:
        """The network; where a tutorial draws its weights, with usual ones in their place."""
        network = self.network()
        if self.rng is None:
            return network
        layers = [replace(layer, weights=Dense().weights) if isinstance(layer, Dense) else layer for layer in network]
        return network.with_layers(*layers)

    def prepared(self) -> Prepared:
        """The network with its starting weights, and the rows for it; errors as `train` has them.

        A tutorial's generator draws its weights, and nothing else.
        """
        choices, source = self.choices, self.source
        start = self.given.copy() if isinstance(self.given, State) else self.usual()
        prepared = source.prepared(start, validation=choices.validation, seed=choices.seed)
        if self.rng is not None:
            drawn = source.prepared(self.network(), validation=None, seed=self.rng(choices.seed))
            prepared.model.memory.theta[:] = drawn.model.memory.theta
        return prepared

    def changed(self, **changes: Any) -> Setup:
        """Another one, with other choices."""
        return replace(self, choices=self.choices.changed(changes))

    def anew(self) -> Setup:
        """The same with other starting weights: those of the next seed."""
        choices = replace(self.choices, seed=(self.choices.seed + 1) % 2**32)
        given = self.given.network if isinstance(self.given, State) else self.given
        return replace(self, choices=choices, given=given)
