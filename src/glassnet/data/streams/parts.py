"""What is said of parts of a table that do not fit together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from glassnet.data.streams.source import How, Torn
from glassnet.data.tables.table import Table, is_missing
from glassnet.data.tables.wording import listed, shown
from glassnet.data.tables.words import Words
from glassnet.errors import DataError


def check_names(first: Sequence[str], names: Sequence[str], *, source: str, before: str) -> None:
    """DataError where a file has other columns than the first; their order does not matter."""
    absent = [name for name in first if name not in names]
    new = [name for name in names if name not in first]
    if absent or new:
        what = [f"lacks {listed(absent)}"] * bool(absent) + [f"has {listed(new)} besides"] * bool(new)
        raise DataError(
            f"{source} {' and '.join(what)}, unlike {before}; files that are read as one table have the same columns"
        )


def asked_for(how: How, names: Sequence[str]) -> list[str]:
    """The columns that are read; where none of them is asked for the first one, as a table has at least one."""
    return [name for name in names if how.asks_for(name.strip())] or list(names[:1])


def with_others(part: Table, names: Sequence[str]) -> Table:
    """A part that knows of all these columns, of which it holds some."""
    others = [name for name in map(str.strip, names) if name not in part.columns and name not in part.unreadable]
    return replace(part, unreadable={**part.unreadable, **dict.fromkeys(others, NOT_READ)}) if others else part


NOT_READ = "it was not asked for when the table was read part by part"


class Kinds:
    """Which columns hold numbers and which words, from part to part."""

    def __init__(self, words: frozenset[str]) -> None:
        self.words, self.numbers = set(words), set[str]()
        self.unreadable: frozenset[str] | None = None

    def take(self, part: Table) -> None:
        """Look at the next part; `Torn` where words come after numbers."""
        torn = set()
        for name, column in part.columns.items():
            if isinstance(column, Words):
                if name not in self.words and not column.missing.all():
                    self.words.add(name)
                    torn |= {name} & self.numbers
            elif name not in self.words and name not in self.numbers and not is_missing(column).all():
                self.numbers.add(name)
        if torn:
            raise Torn(frozenset(torn))

    def check(self, part: Table, before: str) -> None:
        """DataError where a column of a part with types holds words, and held numbers before, or the reverse."""
        unreadable = frozenset(part.unreadable)
        self.unreadable = unreadable if self.unreadable is None else self.unreadable
        for name in sorted(unreadable ^ self.unreadable):
            can, cannot = (before, part.source) if name in unreadable else (part.source, before)
            raise DataError(
                f"column {shown(name)} can be read in {can} and not in {cannot}; a column has one type in all files"
            )
        for name, column in part.columns.items():
            if is_missing(column).all():
                continue
            here, there = (self.words, self.numbers) if isinstance(column, Words) else (self.numbers, self.words)
            if name in there:
                kinds = ("words", "numbers") if here is self.words else ("numbers", "words")
                raise DataError(
                    f"column {shown(name)} of {part.source} holds {kinds[0]}, and {kinds[1]} in {before}; a column has "
                    "one type in all files"
                )
            here.add(name)
