"""Many networks of one structure, trained side by side: what an engine for them is given, and what it gives.

A lane is a network with its numbers, its random generator, its rows and its settings. The lanes of an engine share the
text of their steps; every number in it may be another one in each lane. They take their steps together, an epoch has
equally many in each, and each lane's numbers are those that it would have if it were trained alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from glassnet.derivation.steps import Derivation
from glassnet.training.rows import Rows, Walk


class OtherStructure(ValueError):
    """Networks that were to be lanes of one engine, but differ in more than their numbers."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Numbers:
    """What training changes in each lane, lane after lane: row k is what `Memory` holds of lane k.

    Attributes
    ----------
    theta, state
        The learnt numbers (lanes, numbers), and the running ones.
    slots
        What the optimizer remembers, (lanes, numbers) each.
    """

    theta: np.ndarray
    state: np.ndarray
    slots: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False, kw_only=True)
class Lanes:
    """Networks that can be trained side by side.

    Attributes
    ----------
    derivations
        Of a training step, of one structure: one for each setting.
    setting
        Which of them is each lane's, (lanes,).
    numbers, epochs
        What they start with, and how many epochs have been done by then.
    marks
        How rules act on each number of theta, as in `Memory`, for all lanes alike, (numbers,) each.
    rngs
        Each lane's random numbers: the order of its rows, and its dropout, in the order in which `train` draws them.
    rows
        All rows there are, of the dtype of the numbers.
    own
        Which of them each lane trains on, (lanes, n): as if it were given `rows[own[lane]]`.
    walk
        How an epoch goes through a lane's n rows.
    """

    derivations: Sequence[Derivation]
    setting: np.ndarray
    numbers: Numbers
    marks: Mapping[str, np.ndarray]
    rngs: Sequence[np.random.Generator]
    rows: Rows
    own: np.ndarray
    walk: Walk
    epochs: int = 0


class LaneEngine(Protocol):
    """Trains lanes."""

    def take(self, epochs: int, asked_to_stop: Callable[[], bool]) -> np.ndarray:
        """Go through so many epochs, or fewer if asked to stop; the training loss of each lane in each (epochs, lanes).

        A lane whose loss is no longer finite goes on, with numbers that mean nothing; the others do not notice.
        """

    def evaluate(self, rows: Rows, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predictions (lanes, m, outputs) for `rows[own[lane]]` of each lane, own (lanes, m), and losses (lanes,)."""

    def numbers(self, lanes: np.ndarray) -> Numbers:
        """What these lanes, given by number, have now: copies."""

    def keep(self, lanes: np.ndarray) -> None:
        """Go on with these lanes alone, given by number: lane k of the engine is from now on `lanes[k]` of before."""
