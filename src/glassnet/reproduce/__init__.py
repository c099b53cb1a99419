"""The two tutorials that glassnet comes after: same data, same conventions, same printed lines and plot.

`xor` is "Build Your First Neural Network from Scratch" (AlgoDecode, Python), `tychobra` is "How to build your
own Neural Network from scratch in R" (Tychobra). Every number printed is computed here. With something changed (more
hidden neurons, another layer, activation or learning rate) the changed network is told beside the original.

In the order to read them in:

    lesson, tutorial    what a tutorial does, and how it says so
    old_numbers         the random numbers that one of them starts from
    xor, tychobra       the two
    change, many        what to do otherwise, and from how many starts that learns
    experiment          both beside each other
    curve, wording      how losses are drawn and numbers set
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from glassnet.data.figures import check_suffix
from glassnet.parts.naming import check_whole, find
from glassnet.printable import printable
from glassnet.reproduce import tychobra, xor
from glassnet.reproduce.change import Change
from glassnet.reproduce.experiment import experiment

TUTORIALS = {"xor": xor.tutorial, "tychobra": tychobra.tutorial}
NAMES = tuple(TUTORIALS)


def say(text: str) -> None:
    """Print a piece of text, in letters that stdout has."""
    print(printable(text))


def reproduce(
    name: str,
    plot: str | os.PathLike[str] | None = None,
    echo: Callable[[str], Any] = say,
    *,
    seeds: int = 200,
    told: Callable[[int, int], object] = lambda done, of: None,
    **change: Any,
) -> dict[str, Any]:
    """Train a tutorial's network as the tutorial does, say what it printed and what that means.

    With something changed, the changed network is trained too, and both are told beside each other:

        reproduce("xor", hidden=4, layers=2, activation="tanh", learning_rate=1.0)

    Parameters
    ----------
    name
        "xor" or "tychobra".
    plot
        A file (.png, .svg, .pdf) for the tutorial's plot of the loss; None: no plot.
    echo
        Called with each piece of text; it may hold several lines.
    seeds
        From how many starts, seeds 0 to seeds - 1, it is tried whether the network learns, >= 1.
    told
        Hears of how many starts of how many it is known, where something is changed.
    **change
        `hidden`, `layers`, `activation`, `output_activation`, `learning_rate`, `epochs`, `bias`, `seed`: what to do
        otherwise than the tutorial; None: as it does. See `Change`.

    Returns
    -------
    dict
        The numbers in what was said, as JSON types.

    Raises
    ------
    ValueError
        An unknown name, `seeds` below 1, a plot's file with another ending, a change that makes no sense.
    ImportError
        A plot is asked for and matplotlib is not installed.
    """
    tutorial = TUTORIALS[find(name, NAMES, "tutorial")]()
    check_whole("seeds", seeds)
    changed = Change(**change)
    changed.applied(tutorial.lesson)
    if plot is not None:
        check_suffix(Path(plot))
    if changed:
        return experiment(tutorial, changed, plot, echo, seeds=seeds, told=told)
    return tutorial.reproduce(plot, echo, seeds)


__all__ = ["NAMES", "reproduce"]
