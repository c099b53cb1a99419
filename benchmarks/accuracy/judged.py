"""Score cards beside the truth: the mean over many splits of what every recipe, and trees, get wrong on rows held out.

A recipe's *level* on a split is the mean of its rows' errors: the share of wrong classes, or the square of RMSE /
standard deviation. Over the splits of a table the recipe with the lowest mean level is the best in truth, and others
are apart from it by the mean of their paired differences. Such a difference has two measures:

- *over splits*: its standard error over the splits. With 20 splits it is far smaller than what one card can see, and
  somewhat too small, since splits share rows.
- *of one card*: the standard error of the mean over as many rows as a card judges by; the spread of the rows'
  differences is that on the rows held out, the root of its mean square over splits.

A card is *worse* than the best by more than two of the one or of the other. The *simplest as good* is the simplest
recipe within one standard error of one card of the best: what the rule of the card would take if it knew the truth.

Network and trees differ *clearly* where the mean difference of their errors over splits is more than three times the
standard deviation of this difference from split to split. A card is on the *wrong side* that calls better who has the
larger mean error, however small the difference is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from report import table

from glassnet.comparison.chance import SURE, difference
from glassnet.comparison.compare import USUAL
from glassnet.training.card import TREES

LEAST = 3  # splits; the spread of fewer says nothing
CLEAR = 3.0  # of one split's spread
VERDICTS = {"level": "level", "better": "network", "use": "tree"}


@dataclass(frozen=True, eq=False)
class Judged:
    """The cards of a table, one for each of its splits.

    Attributes
    ----------
    lines
        As `cards.py` keeps them.
    """

    lines: Sequence[dict[str, Any]]

    @property
    def taken(self) -> list[str]:
        """What each card took."""
        return [line["taken"] for line in self.lines]

    @property
    def verdicts(self) -> list[str]:
        """What each says of trees, in a word."""
        return [VERDICTS.get(line["said"][-1].split()[0], "-") for line in self.lines]

    def errors(self, name: str) -> np.ndarray:
        """Those of a recipe, or of trees, (splits,)."""
        return np.array([line["errors"][name] for line in self.lines])

    def levels(self, name: str) -> np.ndarray:
        """The mean error of a row, (splits,)."""
        return self.errors(name) if "sure" in self.lines[0] else self.errors(name) ** 2

    @cached_property
    def best(self) -> str:
        """Who has the lowest mean level."""
        return min(USUAL, key=lambda name: float(self.levels(name).mean()))

    def is_worse(self, name: str) -> bool:
        """Whether it is worse than the best by more than two standard errors over splits."""
        gap = difference(self.levels(name), self.levels(self.best))
        return gap.mean > SURE * gap.se

    def apart(self, name: str) -> float:
        """How much worse than the best it is, in standard errors of one card; 0 of the best."""
        mean = float((self.levels(name) - self.levels(self.best)).mean())
        if name == self.best:
            return 0.0
        pair = ", ".join(one for one in USUAL if one in (name, self.best))
        squares = [line["apart"][pair] ** 2 / line["judged"] for line in self.lines]
        return mean / math.sqrt(float(np.mean(squares))) if any(squares) else 0.0

    @cached_property
    def simplest(self) -> str:
        """The simplest that is as good."""
        return next(name for name in USUAL if self.apart(name) <= 1.0)

    @cached_property
    def beside_trees(self) -> np.ndarray:
        """How much larger the error of what was taken is than that of trees, (splits,)."""
        return np.array([line["errors"][line["taken"]] - line["errors"][TREES] for line in self.lines])

    @property
    def is_clear(self) -> bool:
        """Whether network and trees differ clearly."""
        return bool(abs(self.beside_trees.mean()) > CLEAR * self.beside_trees.std(ddof=1))

    @property
    def better(self) -> str:
        """Who has the smaller mean error of the two, as verdicts say it."""
        return "network" if self.beside_trees.mean() < 0.0 else "tree"

    @property
    def wrong_side(self) -> int:
        """How many cards call the other one better."""
        return sum(verdict in ("network", "tree") and verdict != self.better for verdict in self.verdicts)


RECIPES = """\
Mean errors over the splits of every recipe; the best in truth; the simplest within one standard error of one card of \
it. Then of the cards: how often what they took is that one, is worse than the best by more than two standard errors \
over the splits, and by more than two of one card. `benchmarks/accuracy/judged.py` has the definitions."""
BESIDE = """\
How much larger the error of what was taken is than that of trees, and its standard deviation from split to split. Who \
is clearly better: where the mean is more than three times that. What the cards said, how often that is who is clearly \
better, and how often they called the one with the larger mean error better."""


def sections(found: dict[str, Judged]) -> list[str]:
    """What was taken and what was said of trees, beside the truth: of tables with three splits at least."""
    many = {name: one for name, one in found.items() if len(one.lines) >= LEAST}
    heads = "## What was taken, beside the truth", "## Trees, beside the truth"
    return [heads[0], RECIPES, recipes(many), heads[1], BESIDE, trees(many)]


def recipes(found: dict[str, Judged]) -> str:
    """A row for each table, and the sum of them."""
    head = ["table", "splits", *USUAL, "best", "simplest as good", "taken", "right", "worse", "worse for a card"]
    rows, cards, sums = [], 0, np.zeros(3, int)
    for name, one in found.items():
        means = [f"{one.errors(recipe).mean():.3f}" for recipe in USUAL]
        tests = (lambda who, one=one: who == one.simplest, one.is_worse, lambda who, one=one: one.apart(who) > SURE)
        counts = [sum(map(test, one.taken)) for test in tests]
        rows.append([name, str(len(one.lines)), *means, one.best, one.simplest, counted(one.taken), *map(str, counts)])
        cards, sums = cards + len(one.lines), sums + counts
    shares = [f"{count} ({100 * count / cards:.0f} %)" if cards else "-" for count in sums]
    return table(head, [*rows, ["all", str(cards), *[""] * 7, *shares]])


def trees(found: dict[str, Judged]) -> str:
    """A row for each table, and the sum of them."""
    head = ["table", "splits", "network - trees", "spread", "clearly better", "said", "right", "wrong side"]
    rows, clear, right = [], 0, 0
    for name, one in found.items():
        hits = one.verdicts.count(one.better)
        clear, right = clear + one.is_clear * len(one.lines), right + one.is_clear * hits
        apart = [f"{one.beside_trees.mean():+.3f}", f"{one.beside_trees.std(ddof=1):.3f}"]
        who = [one.better, counted(one.verdicts), str(hits)] if one.is_clear else ["-", counted(one.verdicts), "-"]
        rows.append([name, str(len(one.lines)), *apart, *who, str(one.wrong_side)])
    wrong = sum(one.wrong_side for one in found.values())
    cards = sum(len(one.lines) for one in found.values())
    return table(head, [*rows, ["all", str(cards), *[""] * 4, f"{right} of {clear}", str(wrong)]])


def counted(words: Sequence[str]) -> str:
    """How often each: "linear 3, small 1"."""
    return ", ".join(f"{one} {words.count(one)}" for one in dict.fromkeys(words))
