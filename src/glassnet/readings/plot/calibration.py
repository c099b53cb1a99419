"""Whether probabilities are what happens: in bins of rows, how often it came true by how probable it was said to be."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.data.figures import LABEL, SMALL, Sheet, sheet
from glassnet.readings.judged import judged
from glassnet.training.contract import output_name
from glassnet.training.reliability import Bins, error_by_chance, happened_of, in_bins, said_of
from glassnet.training.share import wilson
from glassnet.training.state import State

COLUMNS = 20  # of the histogram
HEIGHT = 0.16  # of the histogram, in heights of the axes above it


def calibration(state: State, X: Any, y: Any = None, *, ax: Any = None) -> Any:
    """Draw it; see `glassnet.plot.calibration`."""
    if state.classes is None:
        raise ValueError("this model predicts a number: use plot.predictions, which shows predicted against true")
    if not state.is_distribution:
        raise ValueError(
            f"the outputs of this network ({output_name(state.network)}) are no probabilities whose sum is 1: end it "
            "with softmax, or with one sigmoid"
        )
    known = judged(state, X, y)
    assert known is not None
    said = said_of(known.outputs)
    bins, chance = (
        in_bins(said, happened_of(known.codes, known.outputs)),
        error_by_chance(said, np.random.default_rng(0)),
    )
    is_two = len(state.classes) == 2
    paper = sheet(ax, (5.4, 5.8)).dressed()
    low = 0.0 if is_two else np.floor(10.0 * min(bins.said.min(), 1.0 / len(state.classes))) / 10.0
    draw_bins(paper, bins, low)
    draw_histogram(paper, said, low, f"probability {'of ' + str(state.classes[1]) if is_two else 'of the class said'}")
    paper.say(
        y=f"share that is {state.classes[1]}" if is_two else "share that is right",
        title="What is said and what happens",
        caption=[
            f"Calibration error {bins.error:.3f} on {len(said):,} rows, by chance {chance:.3f}.",
            "Ten bins of equally many rows; 95\u00a0% intervals.",
        ],
    )
    return paper.ax


def draw_bins(paper: Sheet, bins: Bins, low: float) -> None:
    """A point for each bin with its interval, and the line on which they would be."""
    ax, palette, scale = paper.ax, paper.palette, paper.scale
    ax.plot([low, 1.0], [low, 1.0], color=palette.soft, linewidth=1.2 * scale)
    bottom, top = wilson(bins.happened, bins.mass)
    ax.vlines(bins.said, bottom, top, color=palette.hue(0), linewidth=1.6 * scale)
    ax.plot(bins.said, bins.happened, "o", color=palette.hue(0), markersize=6.0 * scale, markeredgewidth=0.0)
    ax.set(xlim=(low - 0.02, 1.02), ylim=(-0.03, 1.03))


def draw_histogram(paper: Sheet, said: np.ndarray, low: float, name: str) -> None:
    """How many rows have which probability, below the axes."""
    below = paper.ax.inset_axes((0.0, -HEIGHT - 0.04, 1.0, HEIGHT), sharex=paper.ax)
    below.set_facecolor(paper.palette.paper)
    below.hist(said, bins=np.linspace(low, 1.0, COLUMNS + 1), color=paper.palette.hue(0), alpha=0.6)
    for side, spine in below.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(paper.palette.soft)
    paper.ax.tick_params(labelbottom=False)
    below.tick_params(color=paper.palette.soft, labelcolor=paper.palette.ink, labelsize=SMALL * paper.scale)
    below.set_yticks([])
    below.set_ylabel("rows", color=paper.palette.ink, fontsize=SMALL * paper.scale)
    below.set_xlabel(name, color=paper.palette.ink, fontsize=LABEL * paper.scale)
