"""The R tutorial: a 3-4-1 network without biases that learns exclusive or, from weights between 0 and 1."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.datasets import tychobra
from glassnet.parts.initializers import initializer_named
from glassnet.parts.losses import loss
from glassnet.reproduce.curve import plot_losses
from glassnet.reproduce.lesson import Lesson, Start
from glassnet.reproduce.tutorial import Tutorial
from glassnet.reproduce.wording import in_a_row, paragraph

SEED = 0
PRINTED = (0.017, 0.975, 0.982, 0.024)  # the tutorial's predictions
NEAR = 0.01
TRIED: dict[str, list[Any]] = {
    "hidden": [2, 3, 8],
    "learning_rate": [0.25, 4.0],
    "activation": ["tanh"],
    "loss": ["binary_cross_entropy"],
}


def lesson() -> Lesson:
    """What the tutorial does: the loss is Σ(y-o)², its gradient has the factor 2."""
    X, y = tychobra()
    squares = loss("squared", reduction="sum")
    return Lesson(X=X, y=y, hidden=(4,), loss=squares, bias=False, learning_rate=1.0, epochs=1_500)


def start(seed: int, *hidden: int) -> Start:
    """Weights between 0 and 1, as from R's runif, but drawn by NumPy; the tutorial's own hidden layer unless given."""
    return tutorial().start(seed, *hidden)


def reproduce_tychobra(plot: str | os.PathLike[str] | None, echo: Callable[[str], Any], seeds: int) -> dict[str, Any]:
    """Print what the tutorial prints, and how far from its numbers one gets; the numbers as a dict."""
    tutorial = lesson()
    losses, outputs = tutorial.train(*start(SEED))
    predicted = outputs[:, 0]
    echo(as_r_prints(predicted, tutorial.y[:, 0]))
    if plot is not None:
        plot_losses(plot, losses, x="iteration", y="loss", first=1)
    differences = predicted - PRINTED
    echo(f"\nhere       {in_a_row(predicted, 3)}   loss {losses[-1]:.4f}")
    echo(f"tutorial   {in_a_row(PRINTED, 3)}")
    echo(f"difference {in_a_row(differences, 3)}")

    many = tutorial.outputs(map(start, range(seeds)))  # (4, seeds)
    learned = int(tutorial.learned(many).sum())
    away = np.abs(many - np.array(PRINTED)[:, None]).max(axis=0)  # (seeds,)
    near = int((away <= NEAR).sum())
    lowest, highest = many.min(axis=1), many.max(axis=1)
    echo(
        paragraph(
            "R drew the weights with runif and the tutorial sets no seed, so the numbers it started from",
            f"are not known; here NumPy draws them, from seed {SEED}. Of the seeds 0 to {seeds - 1},",
            f"{learned} of {seeds} learn. Their four predictions lie between",
        )
    )
    echo(f"lowest     {in_a_row(lowest, 3)}")
    echo(f"highest    {in_a_row(highest, 3)}")
    echo(
        paragraph(
            f"and the one farthest from the tutorial's is {np.median(away):.3f} off for a typical seed,",
            f"at most {NEAR} for {near} of {seeds}, and {away.max():.3f} for the worst.",
        )
    )
    return {
        "tutorial": "tychobra",
        "seed": SEED,
        "iterations": tutorial.epochs,
        "loss": losses[-1],
        "outputs": predicted.tolist(),
        "printed": list(PRINTED),
        "differences": differences.tolist(),
        "seeds": seeds,
        "seeds_that_learn": learned,
        "seeds_near_the_printed": near,
        "largest_difference": {"median": float(np.median(away)), "worst": float(away.max())},
        "lowest": lowest.tolist(),
        "highest": highest.tolist(),
    }


def tutorial() -> Tutorial:
    """The tutorial, as something to vary."""
    return Tutorial(
        name="tychobra",
        lesson=lesson(),
        weights=initializer_named("uniform", low=0.0, high=1.0),
        rng=np.random.default_rng,
        tried=TRIED,
        seed=SEED,
        scale=1.0,
        epoch="iteration",
        first=1,
        axes=("iteration", "loss"),
        reproduce=reproduce_tychobra,
    )


def as_r_prints(predicted: np.ndarray, actual: np.ndarray) -> str:
    """Predictions, rounded to three digits, and targets, as R prints the data frame in the tutorial."""
    rows = enumerate(zip(predicted, actual, strict=True), start=1)
    return "\n".join(["##   Predicted Actual", *(f"## {k} {p:9.3f} {round(float(y)):6d}" for k, (p, y) in rows)])
