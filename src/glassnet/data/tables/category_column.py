"""What is learnt from an input column of words, and how its values become inputs of the network."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data.files import fields as read
from glassnet.data.tables.cells import number_text, plain_number
from glassnet.data.tables.distinct import distinct
from glassnet.data.tables.levels import Levels, check_levels, is_pair, levelled, levels_json, levels_readers
from glassnet.data.tables.noticed import Noticed, Place
from glassnet.data.tables.table import Numbers, Table
from glassnet.data.tables.wording import counted, listed, nearest, shown
from glassnet.data.tables.words import NO_WORD, Words

MOST_SAID = 5  # unseen words that `remarks` names, each in a sentence
MOST_COMPARED = 1000  # words of training among which the nearest is looked for: of a hundred thousand it takes seconds
UNSEEN, MISSING = -1, -2  # what `category_codes` says of a word that is no category, and of no word at all


def words_of(table: Table, name: str, categories: tuple[str, ...] = ()) -> Words:
    """Return a column as words; a number becomes the category equal to it, else its shortest text.

    A file whose column holds "01" and "x" is read as words, and one that happens to hold only "01" as
    numbers: both must end in the same category. So must a truth value, which is True in a data frame and may be
    "true" or "TRUE" in a file: it becomes the category that says the same in other capitals.
    """
    column = table.column(name)
    if isinstance(column, Words):
        truths = truths_in(categories)

        def known_truth(word: str) -> str:
            return truths[word.lower()] if word.lower() in truths and word not in categories else word

        return column.renamed(known_truth) if truths else column
    known = {plain_number(category): category for category in reversed(categories)}
    there = ~np.isnan(column)
    values, which = distinct(column[there])
    codes = np.full(len(column), NO_WORD, np.int32)
    codes[there] = which
    return Words(codes, tuple(known.get(value, number_text(value)) for value in values.tolist()))


def truths_in(categories: tuple[str, ...]) -> dict[str, str]:
    """Return the categories that say a truth value, by "true" and "false"; of several the first.

    >>> truths_in(("FALSE", "TRUE", "maybe"))
    {'true': 'TRUE', 'false': 'FALSE'}
    """
    return {word.lower(): word for word in reversed(categories) if word.lower() in ("true", "false")}


def categories_in(words: Words) -> tuple[str, ...]:
    """Return the different words in order, as `in_order` has it."""
    return in_order(words.different())


def in_order(words: Iterable[str]) -> tuple[str, ...]:
    """Return words in order: those that are numbers by value, then the others by letters."""

    def order(word: str) -> tuple[bool, float, str]:
        value = plain_number(word)
        return value is None, value or 0.0, word

    return tuple(sorted(words, key=order))


def category_codes(words: Words, categories: tuple[str, ...]) -> NDArray[np.intp]:
    """Return for each word the index of its category, or `UNSEEN` or `MISSING`."""
    index = {category: k for k, category in enumerate(categories)}
    return words.each(np.array([*(index.get(word, UNSEEN) for word in words.words), MISSING], dtype=np.intp))


@dataclass(frozen=True)
class CategoryColumn:
    """A column of words: one input for each category, one for all *other* words, one for "missing".

    The last two are there if training had such words. A word training did not have counts as other, as the rare
    words of training do; where there is no such input it is 0 in every input, and so is a missing word where
    training had none. `remarks` says so.

    Attributes
    ----------
    name
        The column's name.
    categories
        The words of training: numbers first, by value, then the others by letters.
    missing
        Whether "missing" is an input of its own.
    other
        The rare words of training, which share one input; in the same order.
    levels
        What becomes of 0 and 1 in each input, where these are scaled as numbers are. Of two words that share one input,
        what becomes of neither, of the first and of the second.
    embed
        Whether the network may embed the column: its inputs are 0 and 1, and of a product with them comes a row of
        weights for each word.
    unmarked
        Whether training had missing words that have no input.
    """

    name: str
    categories: tuple[str, ...]
    missing: bool
    other: tuple[str, ...] = ()
    _: KW_ONLY
    levels: Levels = ()
    embed: bool = False
    unmarked: bool = False

    def __post_init__(self) -> None:
        if not self.categories or len(set(self.seen)) < len(self.seen):
            raise ValueError(
                f"categories of column {shown(self.name)} must be different words, at least one, and others than "
                f"those it calls other, got {listed(self.seen)}"
            )
        may_be_pair = len(self.categories) == 2 and not self.other and not self.missing
        check_levels(f"column {shown(self.name)}", self.levels, len(self.input_names), pair=may_be_pair)

    @property
    def pair(self) -> bool:
        """Whether two words share one input."""
        return is_pair(self.levels)

    @property
    def seen(self) -> tuple[str, ...]:
        """The words of training: the categories, then the rare ones."""
        return (*self.categories, *self.other)

    @property
    def input_names(self) -> tuple[str, ...]:
        """One name for each input, such as "island = Biscoe"."""
        names = [f"{self.name} = {category}" for category in self.categories[self.pair :]]
        names += [f"{self.name} other"] if self.other else []
        return (*names, f"{self.name} missing") if self.missing else tuple(names)

    def encode(self, table: Table, x: Numbers) -> None:
        """Write the inputs into `x`, which is 0: (n, categories, one more if `other`, one if `missing`), or (n, 1)."""
        codes = category_codes(words_of(table, self.name, self.seen), self.categories)
        if self.pair:
            x[:, 0] = np.maximum(codes, -1) + 1
            levelled(x, self.levels)
            return
        if self.missing:
            codes[codes == MISSING] = x.shape[1] - 1
        if self.other:
            codes[codes == UNSEEN] = len(self.categories)
        rows = np.flatnonzero(codes >= 0)
        x[rows, codes[rows]] = 1.0
        levelled(x, self.levels)

    def unusual(self, table: Table) -> NDArray[np.bool_]:
        """Return which rows have a word that training did not have, (n,)."""
        unseen: NDArray[np.bool_] = category_codes(words_of(table, self.name, self.seen), self.seen) == UNSEEN
        return unseen

    def noticed(self, table: Table) -> Noticed:
        """Return what is unusual about the column's words beside those of training, counted."""
        words = words_of(table, self.name, self.seen)
        codes = category_codes(words, self.seen)
        rows = np.flatnonzero(codes == UNSEEN)
        unseen = words[rows]
        places = dict(zip(*(array.tolist() for array in np.unique(unseen.codes, return_index=True)), strict=True))
        index = {word: code for code, word in enumerate(unseen.words)}
        found = {
            word: (count, Place.of(table, int(rows[places[index[word]]]), word))
            for word, count in unseen.counts().items()
        }
        return Noticed(absent=int((codes == MISSING).sum()), unseen=found)

    def sentences(self, noticed: Noticed, with_source: bool = False) -> list[str]:
        """Return the same in words, with the names of files or without."""
        counts_as = "other, as rare words do" if self.other else "no category"
        remarks = []
        unseen = in_order(noticed.unseen)
        for word in unseen[:MOST_SAID]:
            rows, first = noticed.unseen[word]
            near = nearest(word, self.seen[:MOST_COMPARED])
            known = f"known {'is' if len(self.seen) == 1 else 'are'} {listed(self.seen)}"
            remarks.append(
                f"{self.name}: {shown(word)} ({counted(rows, 'row')}, the first {first.words(with_source)}) was not "
                f"seen in training and counts as {counts_as}; "
                f"{f'the nearest is {shown(near[0])}' if near else known}"
            )
        if len(unseen) > MOST_SAID:
            more = counted(len(unseen) - MOST_SAID, "more word was", "more words were")
            remarks.append(f"{self.name}: {'at least ' * noticed.is_cut}{more} not seen in training")
        if noticed.absent and not self.missing and not self.unmarked:
            were = counted(noticed.absent, "value is", "values are")
            remarks.append(f"{self.name}: {were} missing, none was in training; counts as no category")
        return remarks

    def summary(self) -> tuple[str, ...]:
        """Return kind, values, scaling and what becomes of a missing value, for `DataContract.describe`."""
        missing = "an input" if self.missing else "no category"
        becomes = f"one of {len(self.categories)}{', or other' if self.other else ''}"
        becomes = "one of 2, as -1 or 1" if self.pair else f"{becomes}, to be embedded" if self.embed else becomes
        return "words", listed(self.seen, 4), becomes, missing

    def to_json(self) -> dict[str, Any]:
        """Return the column as a dictionary of JSON types."""
        return {
            "kind": "category",
            "name": self.name,
            "categories": list(self.categories),
            "missing": self.missing,
            **({"other": list(self.other)} if self.other else {}),
            **levels_json(self.levels),
            **({"embed": True} if self.embed else {}),
            **({"unmarked": True} if self.unmarked else {}),
        }

    @classmethod
    def from_json(cls, data: object, path: str) -> "CategoryColumn":
        """Return the column `to_json` wrote; ModelFileError names a key that is not as it should be."""
        fields: dict[str, Any] = {"name": read.text, "categories": read.texts, "missing": read.flag}
        if "other" in read.mapping(data, path):  # only where there are rare words
            fields["other"] = read.texts
        fields |= {key: read.flag for key in ("embed", "unmarked") if key in read.mapping(data, path)}
        return cls(**read.record(data, path, {**fields, **levels_readers(data, path)}, kind="category"))
