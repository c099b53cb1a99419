"""The first reading of a table that is read part by part: what is counted of the rows to train on, which rows are held
out, and where it can be read again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data.streams.ahead import ahead
from glassnet.data.streams.asked import Asked
from glassnet.data.streams.kept import Reading, load, save
from glassnet.data.streams.places import held_out
from glassnet.data.streams.seen import Sample, Seen, rows_of_sample
from glassnet.data.streams.source import How, Source, Tell, Torn, check_unchanged, rows_of_part
from glassnet.data.streams.spool import Spool
from glassnet.data.tables.stacked import cut_anew
from glassnet.data.tables.table import Table
from glassnet.data.tables.wording import counted, shown
from glassnet.errors import DataError

MEASURED = 1 << 16  # rows held out that are measured; of more, so many are drawn


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
    key
        What tells this reading from others.
    """

    asked: Asked
    seen: Seen
    held: Table | None
    given: int
    out: int
    again: Source
    how: How
    key: dict[str, Any]

    def put_away(self) -> None:
        """Nobody needs the parts any more that were put away."""
        if isinstance(self.again, Spool):
            self.again.clear()

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
    source: Source,
    how: How,
    asked: Asked,
    folder: Path,
    tell: Tell,
    count: Tell = lambda rows: None,
    *,
    keep: bool = False,
) -> FirstReading:
    """Read a table for the first time; a source that is slow to read is put away in a folder on the way.

    `tell` hears how many bytes were read, `count` how many rows more. With `keep` it goes on from where it was in the
    folder, and is written down there now and then.

    Raises
    ------
    DataError
        It cannot be learnt from, or was changed meanwhile.
    OSError
        It cannot be read, or the folder not written to.
    """
    stamp = source.stamp()
    key = {"source": source.name, "stamp": stamp, "asked": asdict(asked), "how": how.to_json()}
    reading = load(folder, key, asked) if keep else None
    while True:
        reading = reading or Reading(seen=Seen(asked.target, asked.categories), held=Sample(MEASURED), words=how.words)
        how = replace(how, words=how.words | reading.words)
        spool = None if source.is_quick else Spool.of(folder, reading.spooled)
        try:
            if not reading.is_done:
                keeping = Keeping(folder, key) if keep else None
                read_on(reading, source, how, asked, spool=spool, keeping=keeping, tell=tell, count=count)
            break
        except Torn as torn:  # from the start, as nobody knows the texts that were read as numbers
            how, reading = replace(how, words=how.words | torn.names), None
    check_unchanged(source, stamp)
    seen = reading.seen
    if asked.share and not reading.out:
        raise DataError(
            f"none of {counted(reading.place, 'row')} of {source.name} is held out, where each is with a chance of "
            f"{asked.share:g}: hold out a larger share, or none"
        )
    if not seen.rows and not reading.out:
        raise DataError(f"column {shown(asked.target)} of {source.name} is missing in every row")
    if not seen.rows:
        held = f"all {counted(reading.out, 'row')} of {source.name} with a target"
        raise DataError(f"{held} are held out; hold out a smaller share")
    return FirstReading(
        asked=asked,
        seen=seen,
        held=reading.held.table() if reading.out else None,
        given=reading.place,
        out=reading.out,
        again=spool if spool and spool.is_there else source,
        how=how,
        key=key,
    )


@dataclass(eq=False)
class Keeping:
    """When a reading is written down: so often that it costs a hundredth of the time."""

    folder: Path
    key: dict[str, Any]
    due: float = field(default_factory=lambda: time.monotonic() + EVERY)

    def look(self, reading: Reading, spool: Spool | None, *, is_last: bool = False) -> None:
        """Write it down, if it is time to."""
        now = time.monotonic()
        if now < self.due and not is_last:
            return
        if spool:
            reading.spooled = spool.told()
        save(self.folder, self.key, reading)
        self.due = time.monotonic() + max(EVERY, 100.0 * (time.monotonic() - now))


EVERY = 10.0  # seconds


def read_on(
    reading: Reading,
    source: Source,
    how: How,
    asked: Asked,
    *,
    spool: Spool | None,
    keeping: Keeping | None,
    tell: Tell,
    count: Tell,
) -> None:
    """Read from where a reading is to the end; `Torn` where some columns must be read as words."""
    seen, place = reading.seen, 0
    for part in ahead(even(source.parts(how, tell))):
        if not place:
            check_columns(part, asked)
            reading.held.size = min(MEASURED, rows_of_sample(len(part.columns)))
            left_out = asked.exclude if asked.used is None else [n for n in part.names if n not in asked.used]
            seen.unused = frozenset(left_out) - {asked.target}
        places = np.arange(place, place + len(part))
        place += len(part)
        count(len(part))
        if place <= reading.place:
            continue
        part = replace(part, source=source.name, unit="row", lines=places + 1) if has_many(source) else part
        if spool:
            spool.add(part)
        train, measure = to_train(asked, part, place - len(part))
        if train.any():
            seen.add(part if train.all() else part.rows(np.flatnonzero(train)), places[train])
        if measure.any():
            reading.held.add(part.rows(measure), places[measure], ())
            reading.out += int(np.count_nonzero(measure))
        reading.place = place
        if keeping:
            keeping.look(reading, spool)
    reading.is_done = True
    if keeping:
        keeping.look(reading, spool, is_last=True)


def has_many(source: Source) -> bool:
    """Whether parts of even length may be of several files, so that a row is named by its place in all."""
    return len(getattr(source, "paths", ())) > 1


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
