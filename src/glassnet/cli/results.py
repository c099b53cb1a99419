"""Where the results of `glassnet train` go: the model, pictures, and the rows held out."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet.cli.endings import MODEL, PICTURE, ROWS, meant
from glassnet.cli.failures import Usage, writing
from glassnet.cli.outputs import check_not_read, check_output, is_model, is_picture
from glassnet.cli.tables import stem
from glassnet.datasets import NAMES
from glassnet.errors import install
from glassnet.model.model import Model


@dataclass(frozen=True, kw_only=True)
class Files:
    """Where the model goes, and what there is beside it; None: nowhere.

    Attributes
    ----------
    model
        The model.
    plot, card
        The pictures: of the loss, and of what was compared.
    held_out
        The rows held out.
    lacks_matplotlib
        Whether there is no picture because there is no matplotlib.
    """

    model: Path
    plot: Path | None
    card: Path | None = None
    held_out: Path | None = None
    lacks_matplotlib: bool = False

    @classmethod
    def checked(
        cls,
        model: Path | None,
        plot: Path | None,
        card: Path | None,
        held_out: str | None,
        *,
        no_plot: bool,
        force: bool,
        table: str,
    ) -> Files:
        """The files, after a look whether they can be written and are not the table that is read.

        Raises
        ------
        OSError
            One of them cannot be written, or is there and is something else.
        ImportError
            A picture was asked for, and matplotlib is not installed.
        """
        read = [] if table in NAMES else [Path(table)]
        model = model or Path(f"{stem(table)}.glass")
        check_not_read("--output", model, *read)
        check_output(model, is_model, "a glassnet model", force)
        for option, picture in (("--plot", plot), ("--card", card)):
            if picture is not None and picture.absolute() == model.absolute():
                raise Usage(f"--output and {option} are the same file; give two names")
        if not force:  # which says that a file of another kind is meant
            meant("--output", model, MODEL, "model")
        rows = None if held_out in (None, "-") else Path(str(held_out))
        if rows is not None:
            check_not_read("--held-out", rows, *read)
            meant("--held-out", rows, ROWS, "csv", packed=True)
        drawable = importlib.util.find_spec("matplotlib") is not None
        for option, picture in (("--plot", plot), ("--card", card)):
            if picture is not None and not drawable:
                raise ImportError(f"{option} needs matplotlib, which is not installed; {install('plot')}")
        if drawable and not no_plot:
            plot = plot or model.with_name(f"{model.stem}-loss.png")
        for option, picture in (("--plot", plot), ("--card", card)):
            if picture is not None:
                check_picture(option, picture, read, force)
        if plot is not None and card is not None and plot.absolute() == card.absolute():
            raise Usage("--plot and --card are the same file; give two names")
        if rows is not None and rows.absolute() in [path.absolute() for path in (model, plot, card) if path]:
            raise Usage("--held-out is the same file as another result; give different names")
        lacks = not no_plot and not drawable
        return cls(model=model, plot=plot, card=card, held_out=rows, lacks_matplotlib=lacks)

    @property
    def lines(self) -> list[tuple[Path, str]]:
        """Each that is written, and what it is."""
        lines = (
            (self.model, "the model"),
            (self.plot, "the loss, epoch by epoch"),
            (self.card, "what was compared, and how good that is"),
            (self.held_out, "the rows held out, and where they are in the table"),
        )
        return [(path, words) for path, words in lines if path is not None]

    def save(self, model: Model) -> None:
        """Write the model, whole or not at all."""
        from glassnet.model.saving import save

        with writing(self.model):
            save(model.state, self.model)  # under any name, with --force

    def draw(self, model: Model) -> None:
        """Write the pictures."""
        if self.plot is not None:
            drawn(model.history.plot, self.plot)
        if self.card is not None and model.card is not None:
            drawn(model.card.plot, self.card)


def check_picture(option: str, path: Path, read: Sequence[Path], force: bool) -> None:
    """Refuse a picture that cannot be written, or would be written over something else."""
    meant(option, path, PICTURE)
    check_not_read(option, path, *read)
    check_output(path, is_picture, f"a {path.suffix[1:].upper()} picture", force)


def drawn(plot: Callable[[Path], Any], path: Path) -> None:
    """Write a picture."""
    import logging

    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # its remarks on caches mean nothing to a user
    with writing(path):
        plot(path)
