"""Where the networks that somebody asked about are put together: a function for each, as it was and mended."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from patients.patient import Case, Patient

Shown = Callable[[np.random.Generator, bool], Case]  # random numbers for its rows; whether it is mended
ALL: list[Patient] = []
TAXONOMY = "Taxonomy of real faults in deep learning systems (Humbatova et al., ICSE 2020)"
RECIPE = "A recipe for training neural networks (Karpathy, 2019)"
MADE = "made up: nobody is known to have asked, but it is easily done"


def asked(source: str, *causes: str, truth: tuple[str, ...] = ("sick",)) -> Callable[[Shown], Shown]:
    """Put a network among these: where it was asked, and which causes are right, those of the answer first.

    The rows are made up; of what was asked the network, its faults and the kind of rows are kept, not the code.
    """

    def kept(shown: Shown) -> Shown:
        ALL.append(
            Patient(
                name=shown.__name__.replace("_", " "),
                group="real",
                about=(shown.__doc__ or "").strip(),
                source=source,
                truth=truth,
                causes=causes,
                case=partial(drawn, shown, False),
                mended=partial(drawn, shown, True),
            )
        )
        return shown

    return kept


def drawn(shown: Shown, good: bool, draw: int) -> Case:
    """The network with the rows of a draw."""
    return shown(np.random.default_rng([11, draw]), good)
