"""The two tutorials that glassnet comes after: same data, same conventions, same printed lines and plot.

`xor` is "Build Your First Neural Network from Scratch" (AlgoDecode, Python), `tychobra` is "How to build your
own Neural Network from scratch in R" (Tychobra). Every number printed is computed here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from glassnet.data.figures import check_suffix
from glassnet.parts.naming import check_whole, find
from glassnet.printable import printable
from glassnet.reproduce.tychobra import reproduce_tychobra
from glassnet.reproduce.xor import reproduce_xor

TUTORIALS = {"xor": reproduce_xor, "tychobra": reproduce_tychobra}
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
) -> dict[str, Any]:
    """Train a tutorial's network as the tutorial does, say what it printed and what that means.

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

    Returns
    -------
    dict
        The numbers in what was said, as JSON types.

    Raises
    ------
    ValueError
        An unknown name, `seeds` below 1, a plot's file with another ending.
    ImportError
        A plot is asked for and matplotlib is not installed.
    """
    tutorial = TUTORIALS[find(name, NAMES, "tutorial")]
    check_whole("seeds", seeds)
    if plot is not None:
        check_suffix(Path(plot))
    return tutorial(plot, echo, seeds)


__all__ = ["NAMES", "reproduce"]
