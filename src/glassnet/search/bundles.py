"""Settings that are trained together: of one kind, as many as take a second or two.

How many that are is worked out from sizes and never measured, so that the same search has the same bundles on every
machine, for any number of workers: numbers may differ in their last digits with who is trained beside whom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glassnet.data.tables.folds import Division
from glassnet.training.choice import estimate
from glassnet.training.many.group import derivation_of, kind_of
from glassnet.training.many.source import Source
from glassnet.training.many.varying import Setting
from glassnet.training.rows import Walk

WORTH = 1.5  # seconds
SIDE_BY_SIDE = 0.25  # of what a training is estimated to take by itself: measured with 8 to 32 units, batches of 32


@dataclass(frozen=True, eq=False, kw_only=True)
class Bundle:
    """Some settings, to be trained on every fold.

    Attributes
    ----------
    rung, epochs
        Which time it is that settings are trained, from 0, and for how many epochs.
    numbers, settings
        Which settings, and what each sets.
    """

    rung: int
    epochs: int
    numbers: tuple[int, ...]
    settings: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Cost:
    """What a setting takes to train on all folds.

    Attributes
    ----------
    kind
        The same for settings that can be trained side by side.
    seconds
        About how many, on one core.
    """

    kind: int
    seconds: float


def costs(source: Source, settings: Sequence[Setting], divisions: Sequence[Division]) -> list[Cost]:
    """Of each setting."""
    kinds: dict[Any, Cost] = {}
    found = []
    for setting in settings:
        course = source.course(setting, divisions[0])
        kind = kind_of(course, exact=False)
        if kind not in kinds:
            how = setting.settings
            walk = Walk.over(len(course.seen), how.batch_size, how.shuffle, how.drop_last)
            seconds, _ = estimate(derivation_of(course), len(course.seen), walk, how.epochs)
            kinds[kind] = Cost(len(kinds), seconds * SIDE_BY_SIDE * len(divisions))
        found.append(kinds[kind])
    return found


def bundled(numbers: Sequence[int], cost: Sequence[Cost], share: float = 1.0) -> list[tuple[int, ...]]:
    """The numbers of settings, bundle by bundle; `share` is the part of their epochs that they are trained for."""
    kinds: dict[int, list[int]] = {}
    for number in numbers:
        kinds.setdefault(cost[number].kind, []).append(number)
    found = []
    for alike in kinds.values():
        size = max(1, round(WORTH / (cost[alike[0]].seconds * share)))
        found += [tuple(alike[k : k + size]) for k in range(0, len(alike), size)]
    return found
