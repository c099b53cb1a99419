"""A model over a table that is read part by part: outputs for its rows in order, and what is unusual about them.

The outputs are those of the same table in memory, to the last bit. A network goes over rows in pieces, and how a
product of matrices is rounded may depend on how many rows a piece has; so rows are handed over in whole pieces,
wherever parts and files end. And a column of a CSV file is words if one cell in all of it is: where that shows late,
the table is read again from its start.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.data.streams.ahead import ahead
from glassnet.data.streams.source import How, Torn, check_unchanged
from glassnet.data.streams.stream import Stream, streamed
from glassnet.data.tables.category_column import CategoryColumn
from glassnet.data.tables.cells import number_text, plain_number
from glassnet.data.tables.date_column import DateColumn
from glassnet.data.tables.noticed import Noticed
from glassnet.data.tables.table import Table
from glassnet.data.tables.words import Words
from glassnet.engines.forward import PIECE
from glassnet.engines.free_memory import free_memory
from glassnet.errors import DataError
from glassnet.training.many_rows import FEW
from glassnet.training.reading_line import PassLine
from glassnet.training.state import State

if TYPE_CHECKING:
    from glassnet.data.tables import DataContract

Arrays = tuple[np.ndarray, ...]
Result = TypeVar("Result")


def stream_for(state: State, X: Any, memory: str | int | None = None) -> Stream | None:
    """What is read part by part of what was given to predict; None: it is read whole.

    Raises
    ------
    DataError
        It would be read part by part, and the model was trained on arrays, whose columns have no names.
    """
    if isinstance(X, np.ndarray):
        return None
    if isinstance(state.contract, ArrayContract):
        if isinstance(X, Stream):
            raise DataError("this model was trained on arrays, whose columns have no names, so it takes no stream")
        return None
    return streamed(X, memory, free_memory, state.contract.notation)


@dataclass(eq=False)
class Pass:
    """One reading of a table for a model, which is known when it has ended.

    Attributes
    ----------
    state, stream
        The model and the table.
    progress
        Whether a line shows how far reading is; None: if somebody watches.
    what
        What that line says is done.
    with_target
        Whether rows without a target are left out, and the target is read.
    rows, left_out
        How many rows there were, without those left out; and how many these were.
    noticed
        What is unusual about them, for each input column.
    names
        The table's columns.
    sources
        The files that rows came from.
    """

    state: State
    stream: Stream
    _: KW_ONLY
    progress: bool | None = None
    what: str = "predicting"
    with_target: bool = False
    rows: int = 0
    left_out: int = 0
    noticed: tuple[Noticed, ...] = ()
    names: tuple[str, ...] = ()
    sources: set[str] = field(default_factory=set)

    @property
    def contract(self) -> DataContract:
        """What the model knows about tables."""
        contract = self.state.contract
        assert not isinstance(contract, ArrayContract)  # `stream_for` has seen to that
        return contract

    def remarks(self) -> list[str]:
        """What was unusual about the rows, in words."""
        return self.contract.sentences(self.noticed, self.names, with_source=len(self.sources) > 1)

    def parts(self) -> Iterator[Table]:
        """The rows; `Torn` and `Even` where columns must be read as words, or as numbers."""
        source, how, contract = self.stream.source, self.stream.how, self.contract
        stamp, even = source.stamp(), Evenness(contract, how)
        target = contract.target.name
        with (
            PassLine(self.what, source, self.progress) as line,
            closing(ahead(source.parts(how, line.at))) as parts,
        ):
            for part in parts:
                known = self.known(part, target)
                if not self.names:
                    self.names = tuple(name for name in part.names if name != target) or part.names
                even.look(part)
                line.count(len(part))
                if known is None:
                    continue
                found = contract.noticed(known)
                pairs = zip(self.noticed, found, strict=True)
                self.noticed = tuple(before.with_more(of) for before, of in pairs) if self.noticed else found
                self.sources.add(known.source)
                self.rows += len(known)
                yield known
        check_unchanged(source, stamp)
        even.check()
        if not self.rows:
            raise DataError(f"column {target!r} of {source.name} is missing in every row")

    def known(self, part: Table, target: str) -> Table | None:
        """The rows of a part that count; None where none does."""
        if not self.with_target:
            return part
        there = ~part.missing(target)
        self.left_out += len(part) - int(np.count_nonzero(there))
        if not there.any():
            return None
        return part if there.all() else part.rows(there)

    def outputs(self, *, by_numpy: bool = False) -> Iterator[np.ndarray]:
        """What `State.answers` gives for all rows, some at a time; `by_numpy`: what `State.outputs` does."""
        state = self.state
        many = max(FEW + 1, state.many)
        predict = None
        encoded = ((state.checked(part),) for part in self.parts())
        for (x,) in in_pieces(encoded, PIECE if by_numpy else max(PIECE, many)):
            if predict is None:
                predict = state.outputs if by_numpy or len(x) < many else state.outputs_of_many
            yield predict(x)


def outputs_of_stream(state: State, stream: Stream) -> np.ndarray:
    """What `State.answers` gives for all rows of a table, (n, outputs); what is unusual about them is warned of."""

    def go(passing: Pass) -> tuple[np.ndarray, list[str]]:
        return np.concatenate(list(passing.outputs())), passing.remarks()

    outputs, remarks = read_again(Pass(state, stream), go)
    for remark in remarks:
        warnings.warn(remark, stacklevel=3)
    return outputs


def outputs_in_turn(state: State, stream: Stream) -> Iterator[np.ndarray]:
    """The same some rows at a time; what is unusual is warned of at the end.

    Where words show late in a CSV column of numbers, or none at all in one where the model has words, the table is
    read again, and what was given already is not given again.
    """
    passing = Pass(state, stream)
    how, done = how_for(passing.contract, stream.how, with_target=False), 0
    torn = frozenset[str]()
    while True:
        passing, place = replace(passing, stream=replace(stream, how=how), rows=0, noticed=(), sources=set()), 0
        try:
            for outputs in passing.outputs():
                new, place = outputs[max(0, done - place) :], place + len(outputs)
                if len(new):
                    done = place
                    yield new
        except Torn as error:
            torn |= error.names
            how = replace(how, words=how.words | torn)
        except Even as error:  # rows that are given went by the texts of numbers; those that wait go by the numbers
            how = replace(how, words=how.words - (error.names - torn))
        else:
            for remark in passing.remarks():
                warnings.warn(remark, stacklevel=3)
            return


def in_pieces(parts: Iterable[Arrays], least: int) -> Iterator[Arrays]:
    """Arrays of the same rows, cut anew: all but the last are whole pieces, and that has at least so many rows.

    Where there are fewer in all, they come at once.
    """
    rest: Arrays = ()
    for part in parts:
        rest = tuple(np.concatenate(pair) for pair in zip(rest, part, strict=True)) if rest else part
        whole = (len(rest[0]) - least) // PIECE * PIECE
        if whole >= max(PIECE, least):
            yield tuple(array[:whole] for array in rest)
            rest = tuple(array[whole:] for array in rest)
    if rest:
        yield rest


# which columns are words


class Even(Exception):
    """Columns that were read as words hold numbers alone, which say another category than their texts do."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__(", ".join(sorted(names)))
        self.names = names


class Evenness:
    """Whether columns that are read as words, since the model has words there, hold a word at all.

    A column of "01" and "02" is numbers for whoever reads it whole, and 1 is then the category that is 1, however it is
    written. What is read as words must not end in another category.
    """

    def __init__(self, contract: DataContract, how: How) -> None:
        self.notation = how.notation
        self.categories = {
            feature.name: {plain_number(word): word for word in reversed(feature.seen)}
            for feature in contract.features
            if isinstance(feature, CategoryColumn) and feature.name in how.words
        }
        self.differ = set[str]()

    def look(self, part: Table) -> None:
        """Look at the next part; a column in which a word is met is not looked at again."""
        for name, known in list(self.categories.items()):
            column = part.columns.get(name)
            if not isinstance(column, Words):
                continue
            for word in column.words:
                value = plain_number(word, self.notation)
                if value is None:
                    del self.categories[name]
                    break
                if known.get(value, number_text(value)) != word:
                    self.differ.add(name)

    def check(self) -> None:
        """`Even` where some are numbers to the end."""
        found = self.differ & set(self.categories)
        if found:
            raise Even(frozenset(found))


def how_for(contract: DataContract, how: How, with_target: bool) -> How:
    """How to read a table for a model: the columns it asks for, those as words that cannot be numbers."""
    words = {
        feature.name
        for feature in contract.features
        if isinstance(feature, DateColumn)
        or (isinstance(feature, CategoryColumn) and any(plain_number(word) is None for word in feature.seen))
    }
    used = {*contract.feature_names, *([contract.target.name] if with_target else [])}
    return replace(how, words=how.words | words, used=frozenset(used))


def read_again(passing: Pass, go: Callable[[Pass], Result]) -> Result:
    """What a function makes of a reading of the table; it is called again where columns must be read in another way."""
    how = how_for(passing.contract, passing.stream.how, passing.with_target)
    torn = frozenset[str]()
    while True:
        try:
            return go(replace(passing, stream=replace(passing.stream, how=how), sources=set()))
        except Torn as error:
            torn |= error.names
            how = replace(how, words=how.words | torn)
        except Even as error:
            how = replace(how, words=how.words - (error.names - torn))
