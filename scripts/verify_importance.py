#!/usr/bin/env python
"""Whether importance finds what a made-up table's target is made of: `scripts/verify_importance.py [RECIPE]`.

Twenty tables of 1,500 rows, each with numbers, words and dates, of which three to five make the target, a number or
classes, and others are noise. In the second ten some planted columns have a companion that says nearly the same. A
model learns from two thirds of the rows by the recipe, strong if none is given, and its importance is measured on the
others: every planted column must come before all noise and be clear of chance, alone or, where it has a companion,
shuffled together with it; and the companions must be said. The exit status is 1 if anything differs. It takes some
ten minutes. A recipe that learns less needs fewer columns: small misses two of waves that it has not learnt.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

import glassnet as gn
from glassnet.readings.importance import Importance

ROWS, TRAINED_ON = 1500, 1000
TABLES = range(20)
LINE = "{:>5} {:8} {:>7} {:>5} {:>10} {:>12} {:>12} {}"


@dataclass(frozen=True)
class MadeUp:
    """A table, which of its columns make the target, and which tell of each other, by name."""

    columns: dict[str, Any]
    planted: tuple[str, ...]
    companions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Verdict:
    """What importance says of a table: the least growth of what is planted, the largest of noise, what is missing."""

    table: MadeUp
    found: Importance
    least: float
    noise: float
    wrong: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether all is found and said."""
        return not self.wrong


def main() -> int:
    """All tables; the exit status."""
    print(LINE.format("table", "target", "columns", "of", "companions", "least found", "most noise", ""))
    recipe, wrong = (*sys.argv[1:], "strong")[0], 0
    for seed in TABLES:
        one = verdict(seed, recipe)
        table = one.table
        print(
            LINE.format(
                seed,
                kind(seed),
                len(table.columns) - 1,
                len(table.planted),
                len(table.companions),
                f"{one.least:.4f}",
                f"{one.noise:.4f}",
                "; ".join(one.wrong) or "all found",
            ),
            flush=True,
        )
        wrong += not one.is_right
    return int(wrong > 0)


def kind(seed: int) -> str:
    """What the target of a table is."""
    return "classes" if seed % 2 else "number"


def made_up(seed: int) -> MadeUp:
    """A table; from 10 on with companions."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    effects: dict[str, np.ndarray] = {}
    for k in range(int(rng.integers(6, 11))):
        columns[f"number{k}"] = number = rng.normal(size=ROWS) if k % 2 else rng.exponential(size=ROWS)
        effects[f"number{k}"] = scaled(np.sin(2.0 * number) if k % 3 == 2 else number)
    for k in range(int(rng.integers(2, 4))):
        code = rng.integers(3 + 2 * k, size=ROWS)
        columns[f"word{k}"] = np.array([f"w{j}" for j in range(3 + 2 * k)])[code].tolist()
        effects[f"word{k}"] = scaled(rng.permutation(3 + 2 * k)[code])
    day = rng.integers(0, 1500, ROWS)
    columns["date"] = [str(np.datetime64("2019-01-01") + int(days)) for days in day]
    effects["date"] = scaled(day)
    planted = tuple(rng.choice([*columns], int(rng.integers(3, 6)), replace=False).tolist())
    signal = sum(rng.choice([-1.0, 1.0]) * rng.uniform(0.6, 1.2) * effects[name] for name in planted)
    signal = signal + 0.5 * effects[planted[0]] * effects[planted[1]]
    companions: list[tuple[str, str]] = []
    for name in planted[:2] if seed >= 10 else ():
        columns[f"like_{name}"] = companion(columns[name], rng)
        companions.append((name, f"like_{name}"))
    noisy = signal + 0.5 * rng.normal(size=ROWS)
    target = (
        noisy if kind(seed) == "number" else np.digitize(noisy, np.quantile(noisy, [0.4, 0.7])).astype(str).tolist()
    )
    return MadeUp({**columns, "target": target}, planted, tuple(companions))


def scaled(values: np.ndarray) -> np.ndarray:
    """With mean 0 and spread 1."""
    return np.asarray((values - values.mean()) / values.std())


def companion(column: Any, rng: np.random.Generator) -> Any:
    """A column that says nearly the same: with noise, or one word in ten another one."""
    if isinstance(column, np.ndarray):
        return column + 0.2 * column.std() * rng.normal(size=ROWS)
    if column[0][0] != "w":
        return [
            str(np.datetime64(day) + int(days)) for day, days in zip(column, rng.integers(-40, 41, ROWS), strict=True)
        ]
    others = rng.permutation(column).tolist()
    return [
        other if is_other else word
        for word, other, is_other in zip(column, others, rng.random(ROWS) < 0.1, strict=True)
    ]


def part(columns: dict[str, Any], rows: slice) -> dict[str, Any]:
    """Some rows."""
    return {name: column[rows] for name, column in columns.items()}


def verdict(seed: int, recipe: str) -> Verdict:
    """What importance says of a table."""
    table = made_up(seed)
    model = gn.train(gn.recipe(recipe), part(table.columns, slice(TRAINED_ON)), target="target", seed=0, progress=False)
    found = model.importance(part(table.columns, slice(TRAINED_ON, None)))
    like = {other for _, other in table.companions}
    noise = max(one.mean for one in found.found if one.name not in table.planted and one.name not in like)
    wrong, growths = [], []
    for name in table.planted:
        together = [group for group in found.groups if name in group.columns]
        one = together[0] if together else found[name]
        growths.append(one.mean)
        if not one.is_clear or one.mean <= noise:
            wrong.append(f"{name} is not found ({one.mean:.4f})")
    said = {frozenset(group.columns) for group in found.groups}
    wrong += [f"{' and '.join(pair)} are not said" for pair in table.companions if frozenset(pair) not in said]
    return Verdict(table, found, min(growths), noise, tuple(wrong))


if __name__ == "__main__":
    sys.exit(main())
