"""The main job, `glassnet train penguins`: which of three species is it? Scored on a fifth of the birds.

As the command does it, by the public interface: hidden 16, ReLU, Adam at 0.01, batches of 32, at most 300 epochs;
15 % of the other birds say when to stop (patience 30).
"""

from __future__ import annotations

import time
import warnings

import numpy as np
from report import arguments, machine, spread, table, tell

import glassnet as gn
from glassnet.data.tables import Table, split_rows

TARGET = "species"


def divided(birds: Table, share: float, rng: np.random.Generator) -> tuple[Table, Table]:
    """The birds in two, the species in the same shares."""
    rest, taken = split_rows(birds, share, rng, stratify=birds.column(TARGET))
    return birds.rows(rest), birds.rows(taken)


def one(seed: int) -> dict[str, float]:
    """One seed: another split, other starting weights."""
    rng = np.random.default_rng(seed)
    start = time.perf_counter()
    rest, test = divided(gn.datasets.penguins(), 0.2, rng)
    birds, watched = divided(rest, 0.15, rng)
    model = gn.train(
        gn.Network(gn.Dense(16, "relu"), gn.Dense()),
        birds,
        target=TARGET,
        optimizer=gn.Adam(0.01),
        epochs=300,
        validation=watched,
        early_stopping=30,
        seed=seed,
        progress=False,
    )
    seconds = time.perf_counter() - start
    accuracy = model.evaluate(test)["accuracy"]
    return {
        "seed": seed,
        "accuracy": accuracy,
        "wrong": round((1 - accuracy) * len(test)),
        "of": len(test),
        "epochs": model.epochs,
        "seconds": seconds,
    }


def main() -> None:
    asked = arguments(__doc__, seeds=10)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # remarks on missing and unusual measurements
        found = [one(seed) for seed in range(asked.seeds)]
    rows = [
        ["accuracy on held-out birds", spread([100 * item["accuracy"] for item in found], ".1f", " %")],
        [f"birds it gets wrong, of {found[0]['of']:.0f}", spread([item["wrong"] for item in found], "g")],
        ["epochs until it stops", spread([item["epochs"] for item in found], "g")],
        ["time, reading the table included", spread([item["seconds"] for item in found], ".2f", " s")],
    ]
    text = (
        f"{machine()}. {' '.join(__doc__.split(chr(10), 2)[2].split())} Seeds 0 to {asked.seeds - 1}, each with a "
        "split of its own."
    )
    tell(
        "Penguins",
        text,
        [table(["", f"median of {asked.seeds} (lowest to highest)"], rows)],
        {"penguins": found},
        asked.json,
    )


if __name__ == "__main__":
    main()
