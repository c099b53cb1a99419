"""What may be chosen about the way from a table to a network's inputs, under one name each.

The names are those of `train` and of the command line, and are checked here. What they mean for a column is learnt in
`learn.py`, and then is part of the data contract.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypedDict

import numpy as np

from glassnet.parts.literals import FillName, ScaleName, WordsName
from glassnet.parts.naming import check_several, find, whole_of

FILLS = ("median", "mean")
WORDS = ("one-hot", "embed")
SCALES = ("standard", "robust", "quantile", "none")

MOST_ONE_HOT = 8
"""A column of more words is to be embedded, where that is chosen."""

MOST_CATEGORIES = 50
"""A column of words becomes at most so many inputs, if nothing is said; the rarest words share one of them."""


class ChoiceOptions(TypedDict, total=False):
    """The names of `Choices`, as keywords."""

    scale: bool | ScaleName
    fill: FillName
    words: WordsName
    clamp: bool
    max_categories: int | None


def excluded(names: Any) -> list[str]:
    """The columns that are not to be learnt from, of what `exclude` was given; one name may stand alone."""
    if isinstance(names, str):
        return [names]
    what = "names of columns, such as ['id']"
    found = check_several("exclude", names, what)
    for name in found:
        if not isinstance(name, str):
            raise TypeError(f"exclude must be {what}, got {name!r:.60} in it")
    return found


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What is chosen; the defaults are what is done where nothing is.

    Attributes
    ----------
    scale
        "standard" (or True): numbers become (x - mean) / scale. "robust": they are scaled by median and quartiles and
        smoothly held within ±3, and so are inputs that are 0 or 1. "quantile": each becomes the normal quantile of its
        place among those of training. "none" (or False): numbers are taken as they are.
        A target that is a number becomes (y - mean) / scale, but for "none".
    fill
        "median": it stands for a number that is missing, and from 5 % of these on "is missing" is an input as well.
        "mean": it stands for one, and wherever one is missing in training that is an input as well.
    words
        "one-hot": a column of words becomes an input for each, and one for missing words if training had any. "embed":
        of up to 8 words a missing one is 0 in all inputs, and two words are one input, -1 or 1; a column of more is to
        be embedded: its inputs are one-hot, "missing" among them, not scaled, and `DataContract.groups` names them.
    clamp
        Whether predictions of a number are held to the range that it has in the training rows.
    max_categories
        How many inputs a column of words becomes at most, >= 2, beside the one for missing words; with more different
        words the rarest share the last of them, *other*. None: 50.
    """

    scale: Any = "standard"
    fill: str = "median"
    words: str = "one-hot"
    clamp: bool = False
    max_categories: int | None = None

    def __post_init__(self) -> None:
        scale = {True: "standard", False: "none"}[self.scale] if isinstance(self.scale, bool) else self.scale
        object.__setattr__(self, "scale", find(scale, SCALES, "scale"))
        object.__setattr__(self, "fill", find(self.fill, FILLS, "fill"))
        object.__setattr__(self, "words", find(self.words, WORDS, "words"))
        if not isinstance(self.clamp, bool | np.bool_):
            raise ValueError(f"clamp must be True or False, got {self.clamp!r:.60}")
        most = self.max_categories
        if most is None:
            return
        whole = whole_of(most)
        if whole is None or whole < 2:
            raise ValueError(f"max_categories must be a whole number >= 2, a word and all others, got {most!r:.60}")
        object.__setattr__(self, "max_categories", whole)

    @property
    def most(self) -> int:
        """How many inputs a column of words becomes at most."""
        return MOST_CATEGORIES if self.max_categories is None else self.max_categories

    @property
    def made(self) -> dict[str, Any]:
        """Those that are not what is done where nothing is said."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in values.items() if value != getattr(Choices, name)}
