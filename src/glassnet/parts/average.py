"""The mean of what members beside each other say: how several networks are one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.formulas.types import Array
from glassnet.parts.activations import NAMES, activation_named
from glassnet.parts.layers import Mode, Parameter, Values
from glassnet.parts.naming import check_whole, find, is_number
from glassnet.parts.nested import letters_of


@dataclass(frozen=True)
class Average:
    """m = (f(x₁) + … + f(x_M)) / M: the mean of what M members say, whose scores lie side by side in a row.

    The mean is that of probabilities or numbers, not of scores: members that are sure and disagree leave a doubt. Its
    error is smaller than the members' is on average, the more so the more they differ (Krogh & Vedelsby, 1995).

    Attributes
    ----------
    members
        How many; each has as many columns as the others.
    output
        f, an activation by name: what makes predictions of a member's scores.
    held
        Ranges (low, high), one for each member, that its predictions are held to; none: they are not.
    """

    members: int = 1
    output: str = "identity"
    held: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        check_whole("members", self.members)
        find(self.output, NAMES, "activation")
        if self.held and len(self.held) != self.members:
            raise ValueError(f"held must be a range for each of {self.members} members, got {len(self.held)}")
        for pair in self.held:
            if len(pair) != 2 or not all(is_number(end) and math.isfinite(end) for end in pair) or pair[0] > pair[1]:
                raise ValueError(f"held must be ranges (low, high), low <= high, got {pair!r:.60}")

    @property
    def said(self) -> list[str]:
        """What the members' predictions are called: p_a, p_b, …."""
        return [f"p_{letter}" for letter in letters_of(self.members)]

    def parameters(self, n_inputs: int) -> dict[str, Parameter]:
        """None."""
        return {}

    def forward(self, p: Any, x: Array, mode: Mode) -> Values:
        """What each member says, p_a, p_b, …, and their mean m."""
        f, said = activation_named(self.output), dict[str, Array]()
        for name, z, held in self.scores(x):
            own = f(z)  # (n, K)
            if held:
                own = np.minimum(np.maximum(own, held[0]), held[1])
            said[name] = own
        first, *others = said.values()
        total = first
        for own in others:
            total = total + own
        return {**said, "m": total / float(self.members)}

    def backward(self, p: Any, x: Array, v: Any, d: Array) -> Values:
        """Each member gets dp = d / M, back through f; where it is held, 0."""
        f, share, found = activation_named(self.output), d / float(self.members), list[Array]()
        for name, z, held in self.scores(x):
            a, dp = getattr(v, name), share  # (n, K)
            if held:
                a = f(z)
                dp = np.where(a > held[0], np.where(a < held[1], share, 0.0), 0.0)
            found.append(f.backward(dp, z, a))
        return {"dx": np.concatenate(tuple(found), axis=1)}

    def scores(self, x: Array) -> Iterator[tuple[str, Array, tuple[float, float] | None]]:
        """What each member's prediction is called, its scores, and the range that it is held to."""
        width = int(x.shape[1]) // self.members
        if width * self.members != x.shape[1]:
            raise ValueError(f"{x.shape[1]} numbers cannot be those of {self.members} members, as many of each")
        for k, name in enumerate(self.said):
            yield name, x[:, k * width : (k + 1) * width], self.held[k] if self.held else None
