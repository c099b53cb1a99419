"""A network as a picture, drawn with its real weights: `model.picture()` in a notebook, or saved as an SVG file.

What is shown is gathered in `columns.py`, gets its place in `layout.py` and its form in `drawing.py`.
The file needs nothing else, no script and no font; it is legible on light and on dark pages.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from glassnet.data.files import ending, write_atomically
from glassnet.printable import printable
from glassnet.readings.explain.picture.columns import parts
from glassnet.readings.explain.picture.drawing import drawing
from glassnet.training.state import State


@dataclass(frozen=True)
class Picture:
    """A picture of a network.

    Attributes
    ----------
    svg
        Its text, to be put into a page or a file.
    """

    svg: str

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file, `*.svg`.

        Raises
        ------
        ValueError
            The name has another ending.
        OSError
            The file cannot be written; what was there is untouched.
        """
        ending(path, "a picture of a network", (".svg",))
        write_atomically(path, f'<?xml version="1.0" encoding="UTF-8"?>\n{self.svg}\n')

    def __str__(self) -> str:
        return printable(self.svg)

    def __repr__(self) -> str:
        return f"Picture({len(self.svg):,} characters of SVG; save it as .svg, or show it in a notebook)"

    def _repr_svg_(self) -> str:
        return self.svg


def picture(model: State, X: Any = None) -> Picture:
    """The network with its weights, the names of features and classes, and with X the values of one row.

    Parameters
    ----------
    model
        What is drawn.
    X
        One row, as `model.predict` takes rows (a vector or a dictionary of single values will do): the picture
        then shows every unit's value and the prediction.

    Raises
    ------
    ValueError
        X has more than one row; or the model is an ensemble, whose members are drawn one by one.
    DataError
        X does not fit the model.
    """
    if model.members:
        raise ValueError("an ensemble is drawn member by member: ensemble.members[0].picture(X)")
    return Picture(drawing(parts(model, X)))
