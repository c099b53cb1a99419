"""What happened while a network trained: losses and metrics by epoch, as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.parts.naming import find
from glassnet.training.columns import csv_of, frame_of


class Columns(MutableMapping[str, list[float]]):
    """Columns by name, as a dict has them; one that is given as an array becomes a list when somebody asks for it.

    Of a thousand networks trained side by side few are looked at, and a list of ten thousand numbers takes longer than
    the training.
    """

    def __init__(self, columns: Mapping[str, np.ndarray]) -> None:
        self.columns: dict[str, list[float] | np.ndarray] = dict(columns)

    def __getitem__(self, name: str) -> list[float]:
        column = self.columns[name]
        if isinstance(column, np.ndarray):
            column = self.columns[name] = column.tolist()
        return column

    def __setitem__(self, name: str, column: list[float]) -> None:
        self.columns[name] = column

    def __delitem__(self, name: str) -> None:
        del self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __repr__(self) -> str:
        return repr(dict(self))


@dataclass
class History:
    """Losses and metrics by epoch.

    Attributes
    ----------
    columns
        "loss", and where there is a validation set "val_loss", and a column for each metric; a number per epoch.
    stopped
        Why training ended: "epochs" (all were done), "early", "interrupted", "diverged"; empty while it goes on.
    best_epoch
        The epoch whose weights early stopping kept, from 1; None without early stopping.
    """

    columns: MutableMapping[str, list[float]] = field(default_factory=dict)
    stopped: str = ""
    best_epoch: int | None = None

    def __len__(self) -> int:
        return len(self.columns.get("loss", ()))

    def __getitem__(self, name: str) -> list[float]:
        return self.columns[find(name, self.columns, "column of the history")]

    def append(self, losses: list[float], others: dict[str, float]) -> None:
        """The losses of one or more epochs, and the last one's other numbers."""
        before = len(self)
        self.columns.setdefault("loss", []).extend(losses)
        missing = [float("nan")] * (len(losses) - 1)
        for name, value in others.items():
            self.columns.setdefault(name, [float("nan")] * before).extend([*missing, value])
        for column in self.columns.values():
            column.extend([float("nan")] * (len(self) - len(column)))

    def copy(self) -> History:
        """The same, to return to."""
        return History({name: column.copy() for name, column in self.columns.items()}, self.stopped, self.best_epoch)

    def put_back(self, kept: History) -> None:
        """Return to what was."""
        self.columns = {name: column.copy() for name, column in kept.columns.items()}
        self.stopped, self.best_epoch = kept.stopped, kept.best_epoch

    def cut(self, epochs: int) -> None:
        """Forget what came after so many epochs."""
        for column in self.columns.values():
            del column[epochs:]

    def to_dict(self) -> dict[str, list[float]]:
        """The table as a dict of columns, "epoch" (from 1) first."""
        return {"epoch": list(range(1, len(self) + 1)), **{name: list(column) for name, column in self.columns.items()}}

    def to_frame(self, library: Any = None) -> Any:
        """The table as a data frame, of pandas or of the library given (`polars`)."""
        return frame_of(self.to_dict(), library)

    def to_csv(self, path: str | Path | None = None) -> str:
        """The table as CSV text, written to `path` if one is given; what was not measured is an empty field."""
        return csv_of(self.to_dict(), path)

    def plot(self, path: str | Path | None = None, *, ax: Any = None) -> Any:
        """The losses and metrics by epoch, drawn with matplotlib (extra `plot`).

        Parameters
        ----------
        path
            Where to save the picture, .png, .svg or .pdf; the same history gives the same bytes. None: nowhere.
        ax
            Axes to draw the losses on, without the metrics; None: a new figure.

        Returns
        -------
        matplotlib.axes.Axes
            Those of the losses.
        """
        from glassnet.training.curves import plot_curves

        return plot_curves(self.columns, path, stopped=self.stopped, best_epoch=self.best_epoch, ax=ax)

    def __repr__(self) -> str:
        if not len(self):
            return "History: no epochs yet"
        names = list(self.to_dict())
        rows = sorted({0, *(round(k * (len(self) - 1) / 9) for k in range(10))})
        lines = ["  ".join(f"{name:>12}" for name in names)]
        for row in rows:
            cells = [f"{row + 1:>12}", *(f"{column[row]:>12.6g}" for column in self.columns.values())]
            lines.append("  ".join(cells))
        return "\n".join(lines)
