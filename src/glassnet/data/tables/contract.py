"""The data contract: all that a model must know about tables to be used on the next one.

It is learnt from the training rows alone, is stored with the model, and is applied by name: the columns of
a new table may come in any order and with others among them. What is missing is refused; what is new or
outside the range of training is said.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.data.files import fields as read
from glassnet.data.tables.category_column import CategoryColumn
from glassnet.data.tables.date_column import DateColumn
from glassnet.data.tables.notation import PLAIN, Notation
from glassnet.data.tables.noticed import Noticed
from glassnet.data.tables.number_column import NumberColumn
from glassnet.data.tables.table import Numbers, Table
from glassnet.data.tables.targets import ClassTarget, NumberTarget
from glassnet.data.tables.wording import counted, in_columns, listed, nearest, shown, wrapped
from glassnet.errors import DataError
from glassnet.printable import printable

Feature = NumberColumn | CategoryColumn | DateColumn
Target = ClassTarget | NumberTarget

_FEATURES = {"number": NumberColumn, "category": CategoryColumn, "date": DateColumn}
_TARGETS = {"classes": ClassTarget, "number": NumberTarget}


@dataclass(frozen=True)
class Group:
    """The inputs of the network that a column becomes: what a layer on some of the columns is made of.

    Attributes
    ----------
    name, kind
        The column's name; "number", "date" or "category".
    inputs
        Its inputs, by number: `x[:, group.inputs]`.
    numbers
        Those of them that are quantities, the first ones: the others say that something is so, or is not.
    embed
        Whether its inputs are one-hot, as they are, so that a product with them is an embedding.
    """

    name: str
    kind: str
    inputs: range
    _: KW_ONLY
    numbers: range
    embed: bool


@dataclass(frozen=True)
class DataContract:
    """What was learnt from a table: its columns, their scaling and categories, the target.

    Attributes
    ----------
    features
        The input columns, in the order of the network's inputs.
    target
        What is predicted.
    n_rows
        How many rows it was learnt from.
    notes
        Sentences on what was found and done: the target's kind, rows left out, missing values filled.
    notation
        How the file it was learnt from writes numbers: files that are named to the model are read so.
    """

    features: tuple[Feature, ...]
    target: Target
    n_rows: int
    notes: tuple[str, ...] = ()
    _: KW_ONLY
    notation: Notation = PLAIN

    def __post_init__(self) -> None:
        names = [*self.feature_names, self.target.name]
        twice = [name for name, count in Counter(names).items() if count > 1]
        if not self.features or twice:
            found = f"{shown(twice[0])} twice" if twice else "no feature"
            raise ValueError(f"a data contract must have features and a target with different names, got {found}")
        scalings = {item.scaling.name for item in self.features if not isinstance(item, CategoryColumn)}
        if len(scalings) > 1:
            raise ValueError(f"columns of a data contract must be scaled in one way, got {listed(sorted(scalings))}")

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the input columns."""
        return tuple(feature.name for feature in self.features)

    @property
    def input_names(self) -> tuple[str, ...]:
        """One name for each input of the network: "bill_length_mm", "island = Biscoe", "sex missing"."""
        return tuple(name for feature in self.features for name in feature.input_names)

    @property
    def n_inputs(self) -> int:
        """The number of inputs of the network."""
        return len(self.input_names)

    @property
    def groups(self) -> tuple[Group, ...]:
        """Which inputs each column becomes, in the order of the columns."""
        found, first = [], 0
        for feature in self.features:
            last = first + len(feature.input_names)
            kind = next(kind for kind, of in _FEATURES.items() if isinstance(feature, of))
            numbers = range(first, first if isinstance(feature, CategoryColumn) else last - feature.indicator)
            embed = isinstance(feature, CategoryColumn) and feature.embed
            found.append(Group(feature.name, kind, range(first, last), numbers=numbers, embed=embed))
            first = last
        return tuple(found)

    @property
    def n_outputs(self) -> int:
        """The number of outputs of the network: one for each class, or one for a number."""
        return self.target.n_outputs

    def encode(self, table: Table) -> Numbers:
        """Return the table's rows as inputs of the network, (n, n_inputs).

        Raises
        ------
        DataError
            A column is missing, or has a word where a number or a date must be.
        """
        self._check_columns(table)
        x = np.zeros((len(table), self.n_inputs))  # (n, n_inputs)
        first = 0
        for feature in self.features:
            last = first + len(feature.input_names)
            feature.encode(table, x[:, first:last])
            first = last
        return x

    def labelled(self, table: Table) -> Table:
        """Return the rows whose target is known: what can be trained and scored on."""
        return table.known(self.target.name)

    def encode_target(self, table: Table) -> Numbers:
        """Return the targets: (n, K) one-hot for classes, (n, 1) scaled for a number.

        Raises
        ------
        DataError
            The column is not there, a value is missing (see `labelled`), or is a class training did not have.
        """
        return self.target.encode(table)

    def decode(self, outputs: ArrayLike) -> NDArray[Any]:
        """Return predictions from the outputs: classes, or numbers in the target's unit; (n,)."""
        return self.target.decode(outputs)

    def as_given(self, encoded: ArrayLike) -> NDArray[Any]:
        """Return what `encode_target` made of targets as these were, (n,)."""
        return self.target.as_given(encoded)

    def remarks(self, table: Table) -> list[str]:
        """Return sentences on what is new in a table: values out of the range seen, unseen words."""
        return self.sentences(self.noticed(table), table.names)

    def noticed(self, table: Table) -> tuple[Noticed, ...]:
        """Return what is new in a table, counted, for each input column; of parts of a table it can be added up."""
        self._check_columns(table)
        return tuple(feature.noticed(table) for feature in self.features)

    def sentences(self, noticed: Sequence[Noticed], names: Sequence[str], with_source: bool = False) -> list[str]:
        """Return the same in words, of a table with these columns; `with_source`: it is in several files."""
        found = zip(self.features, noticed, strict=True)
        remarks = [remark for feature, of in found for remark in feature.sentences(of, with_source)]
        used = {*self.feature_names, self.target.name}
        unused = [name for name in names if name not in used]
        if unused:
            are = counted(len(unused), "column is", "columns are")
            remarks.append(f"{are} not among the model's inputs and not used: {listed(unused)}")
        return remarks

    def unusual(self, table: Table) -> tuple[tuple[str, ...], ...]:
        """Return for each row the columns with a value out of the range seen, or with an unseen word."""
        self._check_columns(table)
        found = np.stack([feature.unusual(table) for feature in self.features], axis=1)  # (n, features)
        names = np.array(self.feature_names, dtype=object)
        return tuple(tuple(names[row].tolist()) for row in found)

    def _check_columns(self, table: Table) -> None:
        there = {*table.names}
        absent = [name for name in self.feature_names if name not in there]
        if absent:
            free = [name for name in table.names if name not in self.feature_names]
            guesses = [f"{shown(near[0])} for {shown(name)}" for name in absent if (near := nearest(name, free))]
            raise DataError(
                f"{table.source} lacks {counted(len(absent), 'column')} the model was trained on: "
                f"{listed(absent, 20)}; "
                + (f"is it {', '.join(guesses)}? Then rename it" if guesses else f"it has {listed(table.names, 20)}")
            )

    def describe(self, width: int | None = None) -> str:
        """Return what was learnt, to be read in a terminal: the target, a line for each column, then the notes.

        Where the columns are wider than `width` they are shown without their kind and scaling; notes are wrapped.
        """
        titles = ("column", "kind", "in training", "becomes", "if missing")
        rows = [titles, *((feature.name, *feature.summary()) for feature in self.features)]
        lines = in_columns(rows)
        notes = [f"- {note}" for note in self.notes]
        if width is not None:
            if max(map(len, lines)) > width:
                lines = in_columns([(name, seen, missing) for name, _, seen, _, missing in rows])
            notes = [line for note in notes for line in wrapped(note, width, "  ")]
        head = f"target {self.target.name}: {self.target.summary()}"
        return printable("\n".join([head, "", *lines, *([""] if notes else []), *notes]))

    def __str__(self) -> str:
        return self.describe()

    def to_json(self) -> dict[str, Any]:
        """Return the contract as a dictionary of JSON types."""
        found: dict[str, Any] = {
            "features": [feature.to_json() for feature in self.features],
            "target": self.target.to_json(),
            "n_rows": self.n_rows,
            "notes": list(self.notes),
        }
        return found if self.notation == PLAIN else {**found, "notation": self.notation.to_json()}

    @classmethod
    def from_json(cls, data: object, path: str = "contract") -> "DataContract":
        """Return the contract that `to_json` wrote.

        Raises
        ------
        ModelFileError
            A key is unknown or missing, or a value is not of its type; the message names it.
        """
        fields: dict[str, Any] = {"features": _features, "target": _target, "notes": read.texts}
        fields["n_rows"] = partial(read.count, least=1)
        if "notation" in read.mapping(data, path):  # only where it is not the plain one
            fields["notation"] = Notation.from_json
        with read.naming_place(path):  # every value may have its type, and they still do not fit together
            return cls(**read.record(data, path, fields))


def _features(value: object, path: str) -> Any:
    return tuple(_of_kind(item, f"{path}[{i}]", _FEATURES) for i, item in enumerate(read.items(value, path)))


def _target(value: object, path: str) -> Any:
    return _of_kind(value, path, _TARGETS)


def _of_kind(value: object, path: str, kinds: Mapping[str, Any]) -> Any:
    kind = read.one_of(read.mapping(value, path).get("kind"), f"{path}.kind", kinds)
    return kinds[kind].from_json(value, path)
