"""The first reading of a table that is read part by part: what is counted of the rows to train on, which rows are held
out, and where it can be read again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glassnet.data.streams.ahead import ahead
from glassnet.data.streams.places import held_out
from glassnet.data.streams.seen import Sample, Seen
from glassnet.data.streams.source import How, Source, Tell, Torn, check_unchanged, rows_of_part
from glassnet.data.streams.spool import Spool
from glassnet.data.tables.stacked import cut_anew
from glassnet.data.tables.table import Table
from glassnet.data.tables.wording import counted, shown
from glassnet.errors import DataError

MEASURED = 1 << 16  # rows held out that are measured; of more, so many are drawn


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of a table.

    Attributes
    ----------
    target
        The column to predict.
    exclude, categories
        As `learn_contract` has them.
    used
        The columns of which something is counted; None: all but those excluded.
    share, seed
        Which share of the rows is held out, drawn from this seed; 0: none.
    """

    target: str
    exclude: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    used: Sequence[str] | None = None
    share: float = 0.0
    seed: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class FirstReading:
    """What came of it.

    Attributes
    ----------
    asked
        What was asked.
    seen
        What is known of the rows to train on.
    held
        Rows held out, or a sample of them; None: none are.
    given, out
        How many rows there are in all, and how many with a target are held out.
    again, how
        Where the same parts can be read again, and how.
    """

    asked: Asked
    seen: Seen
    held: Table | None
    given: int
    out: int
    again: Source
    how: How

    def training_rows(self, tell: Tell) -> Iterator[Table]:
        """The rows to train on, part by part, as they were counted."""
        place = 0
        for part in ahead(self.again.parts(self.how, tell)):
            mask = to_train(self.asked, part, place)[0]
            place += len(part)
            if mask.any():
                yield part if mask.all() else part.rows(np.flatnonzero(mask))


def to_train(asked: Asked, part: Table, place: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows of a part that begins at a place are trained on, and which are held out; those with a target."""
    known = ~part.missing(asked.target)
    if not asked.share:
        return known, np.zeros(len(part), np.bool_)
    out = held_out(np.arange(place, place + len(part)), asked.share, asked.seed)
    return known & ~out, known & out


def read_first(
    source: Source, how: How, asked: Asked, folder: Path, tell: Tell, count: Tell = lambda rows: None
) -> FirstReading:
    """Read a table for the first time; a source that is slow to read is put away in a folder on the way.

    `tell` hears how many bytes were read, `count` how many rows more.

    Raises
    ------
    DataError
        It cannot be learnt from, or was changed meanwhile.
    OSError
        It cannot be read, or the folder not written to.
    """
    while True:
        try:
            return once(source, how, asked, folder, tell, count)
        except Torn as torn:  # from the start, as nobody knows the texts that were read as numbers
            how = replace(how, words=how.words | torn.names)


def once(source: Source, how: How, asked: Asked, folder: Path, tell: Tell, count: Tell) -> FirstReading:
    """The same; `Torn` where some columns must be read as words."""
    stamp = source.stamp()
    spool = None if source.is_quick else Spool(folder=folder)
    seen, held = Seen(asked.target, asked.categories), Sample(MEASURED)
    place = out = 0
    for part in ahead(even(source.parts(how, tell))):
        if not place:
            check_columns(part, asked)
            left_out = asked.exclude if asked.used is None else [n for n in part.names if n not in asked.used]
            seen.unused = frozenset(left_out) - {asked.target}
        if spool:
            spool.add(part)
        train, measure = to_train(asked, part, place)
        places = np.arange(place, place + len(part))
        if train.any():
            seen.add(part if train.all() else part.rows(np.flatnonzero(train)), places[train])
        if measure.any():
            held.add(part.rows(measure), places[measure], ())
            out += int(np.count_nonzero(measure))
        place += len(part)
        count(len(part))
    check_unchanged(source, stamp)
    if not seen.rows:
        raise DataError(
            f"column {shown(asked.target)} of {source.name} is missing in every row"
            if not out
            else f"all {counted(out, 'row')} of {source.name} with a target are held out; hold out a smaller share"
        )
    return FirstReading(
        asked=asked,
        seen=seen,
        held=held.table() if out else None,
        given=place,
        out=out,
        again=spool or source,
        how=how,
    )


def even(parts: Iterator[Table]) -> Iterator[Table]:
    """Parts of a length that does not depend on files, so that sums have the same last digits however they are cut."""
    first = next(parts, None)
    if first is not None:
        yield from cut_anew(chain([first], parts), rows_of_part(len(first.columns)))


def check_columns(part: Table, asked: Asked) -> None:
    """DataError where a column that is asked for is not there, or cannot be read."""
    for name in (asked.target, *asked.exclude, *asked.categories, *(asked.used or ())):
        part.check_column(name)
    for name in part.unreadable:
        if name not in asked.exclude and (asked.used is None or name in asked.used):
            part.column(name)
