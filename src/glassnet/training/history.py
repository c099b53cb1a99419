"""What happened while a network trained: losses and metrics by epoch, as a table."""

from __future__ import annotations

import csv
import importlib
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glassnet.parts.naming import find


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

    columns: dict[str, list[float]] = field(default_factory=dict)
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
        if library is None:
            try:
                library = importlib.import_module("pandas")
            except ImportError:
                what = "pandas (pip install pandas), or a library: to_frame(polars)"
                raise ImportError(f"to_frame needs {what}") from None
        return library.DataFrame(self.to_dict())

    def to_csv(self, path: str | Path | None = None) -> str:
        """The table as CSV text, written to `path` if one is given; what was not measured is an empty field."""
        text = io.StringIO()
        table = self.to_dict()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(table)
        for row in zip(*table.values(), strict=True):
            writer.writerow("" if value != value else value for value in row)
        if path is not None:
            from glassnet.data.files import write_atomically

            write_atomically(path, text.getvalue())
        return text.getvalue()

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
