"""Which columns a model needs: how much the error grows when each is shuffled, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glassnet.data.figures import SMALL, Sheet, sheet
from glassnet.data.tables.wording import counted
from glassnet.readings.importance.shuffled import Shuffled

MOST = 20  # columns; of more, or of more than there is room for, those that count most


def importance(columns: Sequence[Shuffled], groups: Sequence[Shuffled], *, what: str, said: str, ax: Any = None) -> Any:
    """Draw columns, what counts most first, and groups of them; `said` stands under the title."""
    groups = groups[: MOST // 2]
    paper = sheet(ax, (7.2, 1.6 + 0.3 * (min(len(columns), MOST) + len(groups)))).dressed()
    room = int(paper.cell(1, 1)[1] / (1.3 * SMALL * paper.scale)) - len(groups)
    single = columns[: max(3, min(MOST, room))]
    shown, rest = [*single, *groups], len(columns) - len(single)
    draw_growths(paper, shown, len(single))
    paper.name_places([one.label for one in shown], "y")
    paper.ax.tick_params(axis="y", length=0)
    paper.ax.grid(False, axis="y")
    caption = [said]
    caption += ["Second colour: they tell of each other, shuffled together."] if groups else []
    caption += [f"Left out: {counted(rest, 'column')} of less importance."] if rest else []
    paper.say(x=f"{what} grows by", title="What is lost when a column is shuffled", caption=caption)
    return paper.ax


def draw_growths(paper: Sheet, shown: Sequence[Shuffled], single: int) -> None:
    """A bar for each with its interval, those of several columns in the second colour; the first on top."""
    ax, palette = paper.ax, paper.palette
    for k, one in enumerate(shown):
        ax.barh(k, one.mean, height=0.66, color=palette.hue(int(k >= single)), alpha=0.75 if one.is_clear else 0.3)
        ax.hlines(k, *one.interval, color=palette.ink, linewidth=1.2 * paper.scale)
    ax.axvline(0.0, color=palette.soft, linewidth=1.0 * paper.scale)
    ax.set_ylim(len(shown) - 0.4, -0.6)
