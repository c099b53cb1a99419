"""What it costs to keep a training's state and to return to it: copied, put back, and one step asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from report import arguments, machine, spread, table, take_turns, tell

import glassnet as gn
from glassnet.training.begin import begin
from glassnet.training.loop import Run
from glassnet.training.preparing import prepare
from glassnet.training.settings import Settings

TIMES = 20  # in a turn
NETWORKS: dict[str, tuple[int, int, int]] = {  # inputs, hidden units, outputs
    "2-4-1": (2, 4, 1),
    "64-64-10": (64, 64, 10),
    "256-64-10": (256, 64, 10),
}


def started(sizes: tuple[int, int, int], epochs: int) -> Run:
    """A training in the middle of an epoch, with adam, dropout and rows that are shuffled."""
    inputs, units, outputs = sizes
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(200, inputs)), rng.normal(size=(200, outputs))
    network = gn.Network(gn.Dense(units, "tanh"), gn.Dropout(0.1), gn.Dense(), loss="squared")
    model = gn.train(network, X, y, epochs=epochs, batch_size=50, seed=0, engine="numpy", progress=False)
    run = begin(prepare(model.state, X, y), Settings(epochs=10**6, batch_size=50, engine="numpy"))
    list(run.events(2))
    return run


def rivals(run: Run) -> dict[str, Callable[[], Any]]:
    """What is measured, TIMES times."""
    kept = run.state.copy()

    def times(once: Callable[[], Any]) -> Callable[[], None]:
        def repeated() -> None:
            for _ in range(TIMES):
                once()

        return repeated

    def step() -> None:
        list(run.events(1))

    return {"copy": times(run.state.copy), "put back": times(lambda: run.put_back(kept)), "one step": times(step)}


def main() -> None:
    asked = arguments(__doc__, repeats=30)
    rows, numbers = [], {}
    for name, sizes in NETWORKS.items():
        for epochs in (10, 1000):
            seconds = take_turns(rivals(started(sizes, epochs)), asked.repeats)
            found = {what: [s / TIMES for s in column] for what, column in seconds.items()}
            rows.append([name, f"{epochs:,}", *(spread([s * 1e6 for s in column], ".3g") for column in found.values())])
            numbers[f"{name}, {epochs} epochs"] = found
    tell(
        "Keeping a state",
        f"{machine()}. Microseconds, medians of {asked.repeats} times {TIMES}, lowest and highest in brackets. 200 "
        "rows in batches of 50, adam, dropout, NumPy engine; each epoch behind it is a number of the history.",
        [table(["network", "epochs behind it", "copy", "put back", "take one step"], rows)],
        numbers,
        asked.json,
    )


if __name__ == "__main__":
    main()
