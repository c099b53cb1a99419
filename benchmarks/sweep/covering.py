"""Few combinations that hold every pair: whichever two settings are named, some cell has both.

All 8,640 combinations would take a day. What goes wrong depends mostly on two settings at once (a width and a type, a
batch size and an activation), so that about 50 cells would find it; the others hold as many triples as they can.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import combinations

from sweep.cells import ALL, VALUES, Cell

CELLS = 120
TRIED = 200  # combinations looked at for each cell
# chains: all widths at settings of which nothing else changes, to see whether time grows with the width
CHAINS = (
    {"inputs": 30, "outputs": 3, "batch": 256, "activation": "relu", "dtype": "float32"},
    {"inputs": 11, "outputs": 1, "batch": 32, "activation": "tanh", "dtype": "float32"},
    {"inputs": 4, "outputs": 10, "batch": ALL, "activation": "sigmoid", "dtype": "float64"},
)
# the networks whose times the engine's notes tell, and corners
QUICK = (
    Cell(inputs=11, hidden=(16,), outputs=3, batch=32, activation="relu", dtype="float32"),
    Cell(inputs=30, hidden=(16, 16), outputs=3, batch=32, activation="relu", dtype="float32"),
    Cell(inputs=30, hidden=(8,), outputs=3, batch=256, activation="relu", dtype="float32"),
    Cell(inputs=30, hidden=(32, 32), outputs=3, batch=256, activation="relu", dtype="float32"),
    Cell(inputs=2, hidden=(4,), outputs=1, batch=8, activation="sigmoid", dtype="float64"),
    Cell(inputs=4, hidden=(8,), outputs=3, batch=ALL, activation="tanh", dtype="float32"),
    Cell(inputs=108, hidden=(128,), outputs=10, batch=256, activation="relu", dtype="float32"),
    Cell(inputs=108, hidden=(16,), outputs=1, batch=32, activation="relu", dtype="float64"),
    Cell(inputs=11, hidden=(64, 64), outputs=10, batch=32, activation="tanh", dtype="float64"),
    Cell(inputs=4, hidden=(32,), outputs=1, batch=ALL, activation="sigmoid", dtype="float32"),
    Cell(inputs=30, hidden=(32,), outputs=10, batch=8, activation="relu", dtype="float32", between="dropout"),
    Cell(inputs=11, hidden=(16, 16), outputs=3, batch=256, activation="tanh", dtype="float32", between="batch norm"),
)


def groups(cell: Cell, size: int) -> set[tuple[tuple[int, object], ...]]:
    """The pairs (or triples) of settings that a cell holds."""
    return set(combinations(enumerate(cell.values()), size))


def all_pairs() -> set[tuple[tuple[int, object], ...]]:
    """Every pair of settings."""
    values = [[(k, value) for value in of] for k, of in enumerate(VALUES.values())]
    return {(a, b) for one, other in combinations(values, 2) for a in one for b in other}


def held(cells: Iterable[Cell], size: int) -> set[tuple[tuple[int, object], ...]]:
    return {group for cell in cells for group in groups(cell, size)}


def covering() -> list[Cell]:
    """The cells of the sweep, the same ones every time.

    The quick ones and the chains first; then always the one of some random combinations that holds the most new pairs,
    or triples. Dropout and batch norm only as long as a pair with them is missing.
    """
    rng = random.Random(0)
    chains = [Cell(hidden=hidden, **chain) for chain in CHAINS for hidden in VALUES["hidden"]]
    cells = list(dict.fromkeys([*QUICK, *chains]))
    missing, triples = all_pairs() - held(cells, 2), held(cells, 3)
    while len(cells) < CELLS or missing:
        best = max((some_cell(rng, missing) for _ in range(TRIED)), key=lambda cell: worth(cell, missing, triples))
        if best in cells:
            continue
        cells.append(best)
        missing -= groups(best, 2)
        triples |= groups(best, 3)
    return cells


def some_cell(rng: random.Random, missing: set[tuple[tuple[int, object], ...]]) -> Cell:
    """At random; while pairs are missing it has one of them."""
    settings = {name: rng.choice(values) for name, values in VALUES.items()} | {"between": ""}
    if missing:
        names = list(VALUES)
        settings |= {names[k]: value for k, value in rng.choice(sorted(missing, key=repr))}
    return Cell(**settings)


def worth(
    cell: Cell, missing: set[tuple[tuple[int, object], ...]], triples: set[tuple[tuple[int, object], ...]]
) -> tuple[int, int]:
    return len(groups(cell, 2) & missing), len(groups(cell, 3) - triples)
