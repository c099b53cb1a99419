"""Models from files: `load`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from glassnet.model.ensemble import Ensemble
from glassnet.model.model import Model
from glassnet.model.saving import load_state


def load(path: str | os.PathLike[str], *, layers: Iterable[type[Any]] = ()) -> Model:
    """Read a model, or an ensemble, from a file that `save` wrote: to predict with, and to train on from where it was.

    Parameters
    ----------
    path
        The file.
    layers
        The layer classes of one's own that the model uses.

    Raises
    ------
    ModelFileError
        Anything in the file that is not as it must be; the message says what.
    OSError
        There is no such file, or it cannot be read.
    """
    state = load_state(path, layers)
    return Ensemble.of(state) if state.members else Model(state)
