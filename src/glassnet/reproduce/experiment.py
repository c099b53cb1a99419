"""A tutorial with something changed, told beside the original: "Experiment & Play"."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from glassnet.errors import TrainingError
from glassnet.parts.activations import activation_named
from glassnet.reproduce import many
from glassnet.reproduce.change import Change
from glassnet.reproduce.curve import plot_losses
from glassnet.reproduce.lesson import Lesson
from glassnet.reproduce.tutorial import Tutorial
from glassnet.reproduce.wording import in_a_row, paragraph

SMALL = 0.01  # a loss below it is told with the epoch from which on it is
WHO = ("the tutorial", "here")


@dataclass(frozen=True, eq=False, kw_only=True)
class Told:
    """A lesson and what came of it.

    Attributes
    ----------
    lesson, seed
        What was done.
    losses
        Of each epoch, as the tutorial reports them; they end where numbers overflowed.
    outputs
        For each row, those of the last epoch; NaN where numbers overflowed.
    learned
        Whether they round to what is wanted.
    share
        How many of the seeds learn.
    """

    lesson: Lesson
    seed: int
    losses: list[float]
    outputs: np.ndarray
    learned: bool
    share: int

    @property
    def small_from(self) -> int | None:
        """How many epochs pass before the loss is below SMALL for good; None: all of them."""
        large = [k for k, value in enumerate(self.losses) if not value < SMALL]
        done = large[-1] + 1 if large else 0
        return done if done < self.lesson.epochs and math.isfinite(self.outputs[0]) else None

    def to_json(self) -> dict[str, Any]:
        """All of it but most losses."""
        lesson, loss = self.lesson, self.losses[-1] if self.losses else None
        return {
            "hidden": list(lesson.hidden),
            "activation": lesson.activation,
            "output_activation": lesson.output_activation,
            "bias": lesson.bias,
            "learning_rate": lesson.learning_rate,
            "epochs": lesson.epochs,
            "seed": self.seed,
            "losses": {str(k): self.losses[k] for k in marks(lesson.epochs) if k < len(self.losses)},
            "loss": loss,
            "epochs_until_small": self.small_from,
            "outputs": [float(p) if math.isfinite(p) else None for p in self.outputs],
            "learned": self.learned,
            "seeds_that_learn": self.share,
        }


def told_from(told: Callable[[int, int], object], before: int, of: int, done: int) -> None:
    """Tell of seeds that come after others."""
    told(before + done, of)


def experiment(
    tutorial: Tutorial,
    change: Change,
    plot: str | os.PathLike[str] | None,
    echo: Callable[[str], Any],
    *,
    seeds: int,
    told: Callable[[int, int], object],
) -> dict[str, Any]:
    """Train the tutorial's network and the changed one, say both beside each other; the numbers as a dict."""
    seed = tutorial.seed if change.seed is None else change.seed
    lessons = (tutorial.lesson, change.applied(tutorial.lesson))
    runs = []
    told(0, 2 * seeds)
    for k, (lesson, start) in enumerate(zip(lessons, (tutorial.seed, seed), strict=True)):
        losses, outputs = run(tutorial, lesson, start)
        learnt = many.learnt(tutorial, lesson, seeds, partial(told_from, told, k * seeds, 2 * seeds))
        runs.append(
            Told(
                lesson=lesson,
                seed=start,
                losses=losses,
                outputs=outputs,
                learned=bool(lesson.learned(outputs[:, None])[0]),
                share=int(learnt.sum()),
            )
        )
    original, ours = runs
    for line in lines(tutorial, original, ours, seeds):
        echo(line)
    if plot is not None:
        x, y = tutorial.axes
        plot_losses(plot, ours.losses, x=x, y=y, first=tutorial.first, original=original.losses)
    found = {"tutorial": tutorial.name, "original": original.to_json(), "changed": ours.to_json()}
    return {**found, "small": SMALL, "seeds": seeds}


def run(tutorial: Tutorial, lesson: Lesson, seed: int) -> tuple[list[float], np.ndarray]:
    """The loss of each epoch, as the tutorial reports it, and the outputs (n,) of the last; as far as it comes."""
    try:
        losses, outputs = lesson.train(*tutorial.start(seed, *lesson.hidden))
    except TrainingError as error:
        losses, outputs = error.model.history["loss"], np.full((len(lesson.y), 1), np.nan)
    return [value * tutorial.scale for value in losses], outputs[:, 0]


def marks(epochs: int) -> list[int]:
    """Epochs at which a loss is told, from 0: about ten."""
    return list(range(0, epochs, max(1, epochs // 10)))


def lines(tutorial: Tutorial, original: Told, ours: Told, seeds: int) -> list[str]:
    """Both, beside each other."""
    both = (original, ours)
    pairs = [
        ("network", ["-".join(map(str, (len(one.lesson.X[0]), *one.lesson.hidden, 1))) for one in both]),
        ("hidden layers", [str(activation_named(one.lesson.activation)) for one in both]),
        ("output", [str(activation_named(one.lesson.output_activation)) for one in both]),
        ("biases", ["yes" if one.lesson.bias else "no" for one in both]),
        ("learning rate", [f"{one.lesson.learning_rate:g}" for one in both]),
        (f"{tutorial.epoch}s", [f"{one.lesson.epochs:,}" for one in both]),
        ("seed", [str(one.seed) for one in both]),
    ]
    head = beside("", WHO)
    what = [beside(name, two, "changed" if two[0] != two[1] else "") for name, two in pairs]
    losses = [
        beside(f"loss, {tutorial.epoch} {k + tutorial.first:,}", [loss_at(one, k) for one in both])
        for k in marks(ours.lesson.epochs)
    ]
    wanted = " ".join(f"{value:g}" for value in ours.lesson.y[:, 0])
    ends = [
        beside("last loss", [ending(tutorial, one) for one in both]),
        beside(f"below {SMALL:g}", [small_text(tutorial, one) for one in both]),
        beside("outputs", [in_a_row(one.outputs, 3).strip() if math.isfinite(one.outputs[0]) else "" for one in both]),
        beside("learnt", ["yes" if one.learned else "no" for one in both]),
        beside("seeds that learn", [f"{one.share} of {seeds} ({100 * one.share / seeds:.3g} %)" for one in both]),
    ]
    meaning = paragraph(
        f"Learnt: all four outputs round to {wanted}. The seeds are 0 to {seeds - 1}, each with its own weights to",
        "start from.",
    )
    return ["\n".join([head, *what, "", *losses, "", *ends]), meaning]


def beside(name: str, two: Sequence[str], remark: str = "") -> str:
    """A line: a name, what the tutorial has, what there is here."""
    return f"{name:<24}{two[0]:<30}{two[1]:<30}{remark}".rstrip()


def loss_at(one: Told, k: int) -> str:
    """A loss; nothing where training was over."""
    return loss_text(one.losses[k]) if k < len(one.losses) else ""


def loss_text(value: float) -> str:
    """A loss as the tutorials print it, four digits after the point; a small one by its size."""
    return f"{value:.4f}" if value >= 0.001 else f"{value:.2g}"


def ending(tutorial: Tutorial, one: Told) -> str:
    """The last loss, or that there is none."""
    if math.isfinite(one.outputs[0]):
        return loss_text(one.losses[-1])
    return f"overflow after {len(one.losses):,} {tutorial.epoch}s"


def small_text(tutorial: Tutorial, one: Told) -> str:
    """From when on the loss is small."""
    return "never" if one.small_from is None else f"from {tutorial.epoch} {one.small_from + tutorial.first:,} on"
