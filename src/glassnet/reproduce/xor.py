"""The NumPy tutorial: a 2-2-1 network that, with the tutorial's own seed, does not learn exclusive or."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.datasets import xor
from glassnet.parts.initializers import initializer
from glassnet.parts.losses import loss
from glassnet.reproduce import many
from glassnet.reproduce.curve import plot_losses
from glassnet.reproduce.lesson import Lesson, Start
from glassnet.reproduce.old_numbers import OldGenerator, randn
from glassnet.reproduce.tutorial import Tutorial
from glassnet.reproduce.wording import in_a_row, paragraph

SEED = 42
TRIED: dict[
    str, list[Any]
] = {  # what it proposes to try, and a loss whose gradient does not vanish where a sigmoid is wrong and sure
    "hidden": [3, 4, 8],
    "learning_rate": [1.0],
    "activation": ["tanh"],
    "loss": ["binary_cross_entropy"],
}
EVERY = 1_000  # epochs from one printed line to the next


def lesson() -> Lesson:
    """What the tutorial does: its gradient is that of ½Σ(y-o)², while it reports the mean of (y-o)²."""
    X, y = xor()
    half_of_squares = loss("squared", half=True, reduction="sum")
    return Lesson(X=X, y=y, hidden=(2,), loss=half_of_squares, bias=True, learning_rate=0.1, epochs=10_000)


def start(seed: int, *hidden: int) -> Start:
    """The weights that `np.random.seed(seed)`, `randn(2, hidden)`, `randn(hidden, 1)` give the tutorial."""
    return tutorial().start(seed, *hidden)


def reproduce_xor(plot: str | os.PathLike[str] | None, echo: Callable[[str], Any], seeds: int) -> dict[str, Any]:
    """Print what the tutorial prints, then what it means; the numbers as a dict."""
    taught = lesson()
    losses, outputs = mean_losses(taught, start(SEED, 2))
    for epoch in range(0, len(losses), EVERY):
        echo(f"Epoch {epoch} Loss: {losses[epoch]:.4f}")
    echo(f"Predictions:\n{outputs.round()}")
    if plot is not None:
        plot_losses(plot, losses, x="Epochs", y="Loss", title="Training Loss Over Time")
    echo(f"Outputs: {in_a_row(outputs[:, 0], 4)}   Loss: {losses[-1]:.4f}")
    echo(WHAT_HAPPENED)
    echo(WHY_NOT_PRINTED)

    more_losses, more = mean_losses(taught, start(SEED, 4))
    learned = {
        hidden: int(many.learnt(tutorial(), replace(taught, hidden=(hidden,)), seeds).sum()) for hidden in (2, 4)
    }
    echo(paragraph("With 4 hidden neurons instead of 2, and the same seed, it learns:"))
    echo(f"Outputs: {in_a_row(more[:, 0], 4)}   Loss: {more_losses[-1]:.4f}")
    echo(
        paragraph(
            f"Of the seeds 0 to {seeds - 1}, {learned[2]} of {seeds} learn XOR with 2 hidden neurons,",
            f"{learned[4]} of {seeds} with 4. (Learnt: all four outputs round to what is wanted.)",
        )
    )
    return {
        "tutorial": "xor",
        "seed": SEED,
        "epochs": taught.epochs,
        "losses": {str(epoch): losses[epoch] for epoch in range(0, len(losses), EVERY)},
        "loss": losses[-1],
        "outputs": outputs[:, 0].tolist(),
        "learned": bool(taught.learned(outputs)[0]),
        "with_4_hidden": {
            "loss": more_losses[-1],
            "outputs": more[:, 0].tolist(),
            "learned": bool(taught.learned(more)[0]),
        },
        "seeds": seeds,
        "seeds_that_learn": {str(hidden): count for hidden, count in learned.items()},
    }


def tutorial() -> Tutorial:
    """The tutorial, as something to vary."""
    return Tutorial(
        name="xor",
        lesson=lesson(),
        weights=initializer(randn),
        rng=OldGenerator,
        tried=TRIED,
        seed=SEED,
        scale=2.0 / 4.0,  # the mean of (y-o)² over four rows, of half their sum
        epoch="epoch",
        first=0,
        axes=("Epochs", "Loss"),
        reproduce=reproduce_xor,
    )


def mean_losses(tutorial: Lesson, start: Start) -> tuple[list[float], np.ndarray]:
    """The mean of (y-o)² of each epoch, as the tutorial reports it, and the outputs of the last."""
    losses, outputs = tutorial.train(*start)
    return [value * 2.0 / len(tutorial.y) for value in losses], outputs


WHAT_HAPPENED = paragraph(
    "This network did not learn XOR: it should say 0 1 1 0, and for (0, 1) and (1, 1) it says about 0.5,",
    "half way between the two answers. Wherever the second input is 1, both hidden neurons have risen above",
    "0.99, so the output cannot tell these two rows apart; and so far up, a sigmoid is nearly flat and the",
    "gradient nearly 0. Ten times as many epochs only bring the loss from 0.1282 to 0.1252.",
)
WHY_NOT_PRINTED = paragraph(
    "Nor could the tutorial's code print this. It computes the error from `final_output`, a name that does",
    "not exist, and stops in the first epoch with a NameError; it is called `output`.",
)
