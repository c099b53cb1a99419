"""Tables of the same columns, one below the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from glassnet.data.tables.table import Column, Label, Table
from glassnet.data.tables.words import NO_WORD, Words


def stacked(tables: Sequence[Table]) -> Table:
    """The rows of all of them, in their order; a column that is words anywhere is words."""
    first = tables[0]
    if len(tables) == 1:
        return first
    return replace(
        first,
        columns={name: column_of([table.columns[name] for table in tables]) for name in first.columns},
        lines=np.concatenate([table.lines for table in tables]),
        originals=labels_of_all(tables),
    )


def labels_of_all(tables: Sequence[Table]) -> dict[str, dict[str, Label]]:
    """What words stand for in any of them."""
    found: dict[str, dict[str, Label]] = {}
    for table in tables:
        for name, labels in table.originals.items():
            found.setdefault(name, {}).update(labels)
    return found


def cut_anew(tables: Iterable[Table], rows: int) -> Iterator[Table]:
    """The same rows in tables of so many, but for the last; what is that long already is passed on as it is."""
    waiting, count = list[Table](), 0
    for table in tables:
        waiting.append(table)
        count += len(table)
        while count >= rows:
            whole = stacked(waiting)
            yield whole if count == rows else whole.between(0, rows)
            count -= rows
            waiting = [whole.between(rows, rows + count)] if count else []
    if waiting:
        yield stacked(waiting)


def column_of(parts: Sequence[Column]) -> Column:
    """A column in one piece; numbers among words can only be missing ones."""
    numbers = [part for part in parts if not isinstance(part, Words)]
    if len(numbers) == len(parts):
        return np.concatenate(numbers)
    index: dict[str, int] = {}
    codes = []
    for part in parts:
        if isinstance(part, Words):
            own = [index.setdefault(word, len(index)) for word in part.words]
            codes.append(np.array([*own, NO_WORD], np.int32)[part.codes])
        else:
            codes.append(np.full(len(part), NO_WORD, np.int32))
    return Words(np.concatenate(codes), tuple(index))
