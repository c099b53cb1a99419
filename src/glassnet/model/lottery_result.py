"""What came of a lottery of seeds: how many learn, where the others end, what changes the odds; and that as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.data.tables.wording import wrapped
from glassnet.model.run_table import RunTable
from glassnet.model.runs import Runs
from glassnet.printable import printable
from glassnet.training.share import interval

if TYPE_CHECKING:
    from glassnet.readings.lottery.ends import End
    from glassnet.readings.lottery.learnt import Bar

MOST = 6  # ends that are shown; of more the rest is counted
WIDTH = 80
BAR = 10  # letters of a whole bar


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Lottery:
    """What came of one network trained from many seeds: `print` it.

    Attributes
    ----------
    runs
        The models, and a table with a line for each: `lottery.runs[lottery.best]`.
    learnt
        Whether each run has learnt, (runs,).
    bar
        What counts as learnt: the measure, the largest that counts, and the same in words.
    clusters
        Runs that end alike: those that learnt, then the failed ones, the largest group first.
    best
        The number of the run with the smallest loss; None: all diverged.
    odds
        A row for the network as it is and for each change: how many seeds learn, the share and its interval, and
        whether that is better or worse by more than chance; None: nothing was varied.
    """

    runs: Runs
    learnt: np.ndarray
    bar: Bar
    clusters: tuple[End, ...]
    best: int | None
    odds: RunTable | None = None

    def __len__(self) -> int:
        return len(self.runs)

    @property
    def count(self) -> int:
        """How many of the runs have learnt."""
        return int(np.count_nonzero(self.learnt))

    @property
    def share(self) -> float:
        """The share of the runs that have learnt."""
        return self.count / len(self)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of that share (Wilson, 1927): what other seeds would give."""
        return interval(self.count, len(self))

    @property
    def counts_as_learnt(self) -> str:
        """What counts as learnt, in words."""
        return self.bar.words

    @property
    def typical_failure(self) -> int | None:
        """The number of the run with the median loss in the largest group of failed ones; None: all learn."""
        failed = [end for end in self.clusters if not end.learnt]
        return failed[0].example if failed else None

    @cached_property
    def losses(self) -> list[np.ndarray]:
        """The loss of each run by epoch."""
        return [np.asarray(model.history["loss"], float) for model in self.runs]

    def __str__(self) -> str:
        return printable("\n".join(lines(self)))

    def __repr__(self) -> str:
        return printable(f"Lottery: {headline(self)}")

    def plot(self, path: str | Path | None = None, *, ax: Any = None) -> Any:
        """The losses of all runs by epoch, those that learnt and those that did not, drawn with matplotlib.

        `gn.plot.lottery` is the same.

        Parameters
        ----------
        path
            Where to save the picture, .png, .svg or .pdf; the same runs give the same bytes. None: nowhere.
        ax
            Axes to draw on; None: a new figure.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from glassnet.readings.plot.lottery import lottery

        return lottery(self.losses, self.learnt, path, ax=ax)

    def to_dict(self) -> dict[str, Any]:
        """All but the models, as JSON types; numbers that are not finite are None."""
        low, high = self.interval
        seeds = self.runs["seed"]
        losses = [value if math.isfinite(value) else None for value in self.runs["loss"]]
        return {
            "runs": len(self),
            "learnt": self.count,
            "share": self.share,
            "interval": [low, high],
            "counts_as_learnt": self.counts_as_learnt,
            "at_most": {self.bar.measure: self.bar.most if math.isfinite(self.bar.most) else None},
            "best": None if self.best is None else {"seed": seeds[self.best], "loss": losses[self.best]},
            "typical_failure": named(self.typical_failure, seeds, losses),
            "clusters": [
                {
                    "runs": len(end),
                    "learnt": end.learnt,
                    "says": end.says,
                    "loss": end.loss if math.isfinite(end.loss) else None,
                    "seed": end.seed,
                    "predictions": None if end.predictions is None else list(end.predictions),
                }
                for end in self.clusters
            ],
            "odds": [] if self.odds is None else [self.odds.row(k) for k in range(len(self.odds))],
            "seeds": seeds,
            "losses": losses,
            "learnt_by_seed": self.learnt.tolist(),
        }


def named(run: int | None, seeds: list[Any], losses: list[Any]) -> dict[str, Any] | None:
    """A run by its seed and its loss."""
    return None if run is None else {"seed": seeds[run], "loss": losses[run]}


# as text


def lines(found: Lottery) -> list[str]:
    """All of it."""
    bar = wrapped(f"learnt: {found.counts_as_learnt}", WIDTH, " " * len("learnt: "))
    odds = ["", *odds_lines(found)] if found.odds is not None else []
    return [headline(found), *bar, "", *end_lines(found), "", *named_lines(found), *odds]


def headline(found: Lottery) -> str:
    """How many learn, and how sure that is."""
    low, high = (100.0 * end for end in found.interval)
    seeds = f"seed{'s' * (len(found) != 1)}"
    share = f"{100.0 * found.share:.3g} %, 95 % interval {low:.0f} to {high:.0f} %"
    return f"{found.count} of {len(found)} {seeds} learn{'s' * (1 in (found.count, len(found)))} ({share})"


def end_lines(found: Lottery, width: int = WIDTH) -> list[str]:
    """A line for each group of runs that end alike; what they say goes on below itself where it is long."""
    shown = found.clusters if len(found.clusters) <= MOST + 1 else found.clusters[:MOST]
    rest = found.clusters[len(shown) :]
    cells = [("seeds", "loss", "such as", "what they say")]
    cells += [(str(len(end)), loss_text(end.loss), f"seed {end.seed}", says(end)) for end in shown]
    if rest:
        cells.append((str(sum(map(len, rest))), "", "", f"something else, in {len(rest)} other ways"))
    before = len(aligned([(*cell[:3], "x") for cell in cells], left=(2,))[0]) - 1
    texts = [kept_together(cell[3], max(width - before, 30)) for cell in cells]
    parts = [(*cell[:3], text[0]) for cell, text in zip(cells, texts, strict=True)]
    firsts = aligned(parts, left=(2, 3))
    return [
        line
        for first, text in zip(firsts, texts, strict=True)
        for line in (first, *(" " * before + more for more in text[1:]))
    ]


def kept_together(text: str, width: int) -> list[str]:
    """Text in lines, no number without its percent sign."""
    return [line.replace("\u00a0", " ") for line in wrapped(text.replace(" %", "\u00a0%"), width)]


def says(end: End) -> str:
    """What runs say that end alike, and of few rows what the example says of each."""
    if end.predictions is None or len(end.predictions) > 8:
        return end.says
    return f"{end.says}: {' '.join(value_text(value) for value in end.predictions)}"


def value_text(value: object) -> str:
    """A prediction."""
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def loss_text(value: float) -> str:
    """A loss, as the table of runs has it."""
    return f"{value:.4g}" if math.isfinite(value) else ""


def named_lines(found: Lottery) -> list[str]:
    """The best run and a typical failed one, by their seeds."""
    seeds, losses = found.runs["seed"], found.runs["loss"]
    said = []
    if found.best is None:
        return ["all diverged: the numbers overflowed; a smaller learning rate may help"]
    said.append(f"best is seed {seeds[found.best]}, loss {losses[found.best]:.4g}")
    failed = found.typical_failure
    if failed is not None:
        loss = loss_text(losses[failed]) if losses[failed] is not None else ""
        said.append(f"a typical failure is seed {seeds[failed]}" + f", loss {loss}" * bool(loss))
    return ["; ".join(said)]


def odds_lines(found: Lottery, width: int = WIDTH) -> list[str]:
    """A line for the network as it is and for each change, with bars where there is room for them."""
    assert found.odds is not None
    cells = [("change", "learn", "share", "95 %", "", "")]
    for k in range(len(found.odds)):
        row = found.odds.row(k)
        ends = f"{100.0 * row['low']:.0f}–{100.0 * row['high']:.0f} %"
        share, bar = f"{100.0 * row['share']:.1f} %", "█" * round(BAR * row["share"])
        cells.append((row["change"], str(row["learnt"]), share, ends, bar.ljust(BAR), row["difference"]))
    lines = aligned(cells, left=(0, 4, 5))
    if max(map(len, lines)) > width:
        lines = aligned([(*cell[:4], cell[5]) for cell in cells], left=(0, 4))
    return lines


def aligned(rows: Sequence[tuple[str, ...]], left: Sequence[int]) -> list[str]:
    """Cells in columns: numbers to the right, those of the columns `left` to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if k in left else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
