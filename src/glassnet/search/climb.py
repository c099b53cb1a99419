"""A search on its way: bundles are trained rung by rung, and what comes of them is taken up."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from glassnet.model.run_table import RunTable
from glassnet.search.asked import Asked
from glassnet.search.bundles import Bundle, bundled
from glassnet.search.journal import Journal
from glassnet.search.result import Search
from glassnet.search.rungs import Rung, ranked
from glassnet.search.task import Fits

Told = Callable[[int, int], object]
Train = Callable[[Sequence[Bundle], Callable[[], bool]], Iterator[tuple[Bundle, Fits]]]


class Climb:
    """What is known of each setting so far.

    Parameters
    ----------
    asked, rungs
        What is searched.
    kept, trained
        Where what is done is written, and what gives each bundle with what came of it, in whatever order.
    """

    def __init__(self, asked: Asked, rungs: Sequence[Rung], kept: Journal, trained: Train) -> None:
        self.asked, self.rungs, self.kept, self.trained = asked, rungs, kept, trained
        self.known: list[dict[str, Any]] = [{} for _ in asked.settings]
        self.scores = [math.nan] * len(asked.settings)  # smaller is better
        self.done, self.of = 0, sum(rung.settings for rung in rungs) * len(asked.divisions)

    def go(self, interrupted: Callable[[], bool], told: Told) -> Search:
        """All rungs, one after the other; KeyboardInterrupt where that is asked for."""
        numbers = list(range(len(self.scores)))
        for k, rung in enumerate(self.rungs):
            numbers = ranked(numbers, self.scores)[: rung.settings]
            self.train(k, sorted(numbers), interrupted, told)
        return self.result()

    def train(self, rung: int, numbers: Sequence[int], interrupted: Callable[[], bool], told: Told) -> None:
        """Train some settings on all folds, but for those that the journal has."""
        asked, epochs = self.asked, self.rungs[rung].epochs
        left = {
            cut: Bundle(rung=rung, epochs=epochs, numbers=cut, settings=tuple(asked.drawn[number] for number in cut))
            for cut in bundled(numbers, asked.costs, epochs / asked.epochs)
        }
        for line in self.kept.lines:
            if line["rung"] == rung and left.pop(tuple(line["settings"]), None):
                self.learn(rung, line["fits"])
        told(self.done, self.of)
        for bundle, fits in self.trained([*left.values()], interrupted):
            self.kept.add({"rung": rung, "settings": bundle.numbers, "fits": fits})
            self.learn(rung, fits)
            told(self.done, self.of)

    def learn(self, rung: int, fits: Fits) -> None:
        """Take up what came of a bundle."""
        for number in dict.fromkeys(fits["setting"]):
            places = [k for k, other in enumerate(fits["setting"]) if other == number]
            found = means({name: [column[k] for k in places] for name, column in fits.items()})
            self.known[number] = {**found, "rung": rung}
            self.scores[number] = self.asked.sign * found.get(self.asked.column, math.nan)
        self.done += len(fits["setting"])

    def result(self) -> Search:
        """What came of it."""
        asked = self.asked
        numbers = ranked(range(len(self.scores)), self.scores)
        numbers.sort(key=lambda number: -self.known[number]["rung"])  # who went further is before the others
        columns: dict[str, list[Any]] = {"setting": numbers}
        for name in asked.space:
            columns[name] = [asked.settings[number].values[name] for number in numbers]
        score = (asked.column, f"{asked.column}_std")  # they are there although all diverged in the first epoch
        measured = dict.fromkeys(name for known in [*self.known, dict.fromkeys(score)] for name in known)
        for name in measured:
            if name != "rung" or len(self.rungs) > 1:
                column = f"{name}_done" if name in asked.space else name  # epochs, where they vary
                columns[column] = [self.known[number].get(name, math.nan) for number in numbers]
        best = asked.settings[numbers[0]].settings
        epochs = columns.get("best_epoch", [None])[0] if best.early_stopping else None
        return Search(
            RunTable(columns, [*asked.space]),
            by=asked.column,
            epochs=best.epochs if epochs is None or math.isnan(epochs) else round(epochs),
            train=asked.model,
        )


def means(fits: Fits) -> dict[str, Any]:
    """Of one setting's fits: means and standard deviations over folds; NaN where one of them diverged."""
    lost = fits["stopped"].count("diverged")
    found: dict[str, Any] = {}
    for name, column in fits.items():
        if name in ("setting", "fold", "stopped") or (name == "best_epoch" and {*column} == {None}):
            continue
        values = np.array([math.nan if lost or value is None else value for value in column], float)
        found[name], found[f"{name}_std"] = float(values.mean()), float(values.std())
    return {**found, "diverged": lost}
