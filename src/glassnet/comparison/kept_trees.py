"""What trees said, kept where `checkpoints` says so: those that were through are not grown again."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from glassnet.errors import ModelFileError
from glassnet.model.checkpoints.differences import Written
from glassnet.model.checkpoints.folder import current
from glassnet.model.checkpoints.series import Series

Said = tuple[np.ndarray, float]  # of each row, and the seconds that it took


class KeptTrees:
    """Trees that are kept, once they are through.

    Parameters
    ----------
    given
        What `growing.said` takes.

    Attributes
    ----------
    said
        What they said before; None: they were not through, or nothing is kept.

    Raises
    ------
    CheckpointError, OSError
        As `checkpoints` has them.
    """

    def __init__(self, given: dict[str, Any]) -> None:
        place = current()
        self.said: Said | None = None
        self.series: Series | None = place.next() if place else None
        if self.series:
            self.series.open(lambda: beginning(given))
            self.series.put_back(self.become, is_whole_at_first=True)

    def become(self, written: Written) -> None:
        """Know what was said."""
        description: dict[str, Any] = dict(written[0])
        if "said" in written[1]:
            self.said = written[1]["said"], float(description["seconds"])
        elif "seconds" in description:
            raise ModelFileError("it does not have what was said")

    def keep(self, said: Said) -> None:
        """Write down what was said."""
        if self.series and self.series.wants(1, True):
            self.series.write(1, lambda: ({"seconds": said[1]}, {"said": said[0]}))


def beginning(given: dict[str, Any]) -> Written:
    """Which trees these are, by which others can be told from them."""
    from importlib.metadata import version

    rows = hashlib.sha256()
    arrays = [given["x"], given["y"], given["weight"], *(part for division in given["divisions"] for part in division)]
    for array in arrays:
        rows.update(b"none" if array is None else np.ascontiguousarray(array).tobytes())
    return {
        "kind": "trees",
        "seed": int(given["seed"]),
        "classes": int(given["classes"]),
        "categories": [bool(one) for one in given["categorical"]],
        "scikit-learn": version("scikit-learn"),
        "data": rows.hexdigest(),
    }, {}
