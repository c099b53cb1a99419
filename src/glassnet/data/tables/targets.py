"""What is to be predicted: a class out of several, or a number; and how outputs are read back.

A class becomes K outputs, 1 for the class and 0 for the others; a number becomes one output,
(y - mean) / scale.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet.data.files import fields as read
from glassnet.data.tables.category_column import UNSEEN, category_codes, words_of
from glassnet.data.tables.cells import EXACT, number_text, whole_numbers
from glassnet.data.tables.number_column import check_range, numbers_of
from glassnet.data.tables.scaling import check_scale
from glassnet.data.tables.table import Label, Numbers, Table, is_numbers
from glassnet.data.tables.wording import counted, listed, nearest_hint, shown
from glassnet.errors import DataError


def labels_of(table: Table, name: str, words: tuple[str, ...]) -> tuple[Label, ...]:
    """Return what the words of a column stand for in the table as it was given: numbers, truth values or words."""
    if is_numbers(table.column(name)):
        return tuple(whole_numbers([float(word) for word in words]))
    originals = table.originals.get(name, {})
    return tuple(originals.get(word, word) for word in words)


def label_word(label: Label) -> str:
    """Return a class as a word: `True`, `3`, `0.5`, or itself."""
    return str(label) if isinstance(label, str | bool) else number_text(label)


@dataclass(frozen=True)
class ClassTarget:
    """A target with K classes.

    Attributes
    ----------
    name
        The column's name.
    classes
        The classes, of the kind that the table held: words, numbers or truth values; numbers by value, words by
        letters. Output k belongs to class k.
    """

    name: str
    classes: tuple[Label, ...]

    def __post_init__(self) -> None:
        if len(self.classes) < 2 or len(set(self.words)) < len(self.classes) or len(set(map(type, self.classes))) > 1:
            raise ValueError(
                f"classes of target {shown(self.name)} must be at least two different ones of one kind (words, numbers "
                f"or truth values), got {listed(self.classes)}"
            )
        if any(isinstance(label, int) and abs(label) > EXACT for label in self.classes):
            raise ValueError(f"classes of target {shown(self.name)} that are whole numbers must be within ±2^53")

    @property
    def words(self) -> tuple[str, ...]:
        """The classes as words."""
        return tuple(map(label_word, self.classes))

    @property
    def n_outputs(self) -> int:
        """The number of classes, K."""
        return len(self.classes)

    def codes(self, table: Table) -> NDArray[np.intp]:
        """Return each row's class as its index; DataError for a class training did not have."""
        _check_present(table, self.name)
        words = words_of(table, self.name, self.words)
        codes = category_codes(words, self.words)
        if (codes == UNSEEN).any():
            i = int(np.flatnonzero(codes == UNSEEN)[0])
            word = str(words[i])
            raise DataError(
                f"{table.where(i)}: target {shown(self.name)} is {shown(word)}, a class training did "
                f"not have; {nearest_hint(word, self.words)}"
            )
        return codes

    def encode(self, table: Table) -> Numbers:
        """Return the classes one-hot, (n, K)."""
        return np.equal(self.codes(table)[:, None], np.arange(self.n_outputs)).astype(np.float64)

    def decode(self, outputs: ArrayLike) -> NDArray[Any]:
        """Return the most probable class of each row from scores or probabilities (n, K)."""
        found = _checked_outputs(outputs, self.n_outputs, self.name).argmax(axis=1)
        kind = object if isinstance(self.classes[0], str) else None
        labels: NDArray[Any] = np.array(self.classes, dtype=kind).take(found)
        return labels

    def as_given(self, encoded: ArrayLike) -> NDArray[Any]:
        """Return the class that `encode` made each row of."""
        return self.decode(encoded)

    def summary(self) -> str:
        """Return the target in a line."""
        return f"{counted(self.n_outputs, 'class', 'classes')}: {listed(self.classes)}"

    def to_json(self) -> dict[str, Any]:
        """Return the target as a dictionary of JSON types."""
        return {"kind": "classes", "name": self.name, "classes": list(self.classes)}

    @classmethod
    def from_json(cls, data: object, path: str) -> "ClassTarget":
        """Return the target `to_json` wrote; ModelFileError names a key that is not as it should be."""
        fields = {"name": read.text, "classes": read.labels}
        return cls(**read.record(data, path, fields, kind="classes"))


@dataclass(frozen=True, kw_only=True)
class NumberTarget:
    """A target that is a number.

    Attributes
    ----------
    name
        The column's name.
    mean, scale
        Mean and standard deviation (divided by n) in training; the network learns (y - mean) / scale.
    low, high
        The range seen in training.
    clamp
        Whether predictions are held to it.
    """

    name: str
    mean: float
    scale: float
    low: float
    high: float
    clamp: bool = False

    def __post_init__(self) -> None:
        check_scale(f"target {shown(self.name)}", self.scale)
        check_range(f"target {shown(self.name)}", self.low, self.high)

    @property
    def n_outputs(self) -> int:
        """One output."""
        return 1

    def encode(self, table: Table) -> Numbers:
        """Return the target scaled, (n, 1)."""
        _check_present(table, self.name)
        return ((numbers_of(table, self.name) - self.mean) / self.scale)[:, None]

    def decode(self, outputs: ArrayLike) -> Numbers:
        """Return outputs (n, 1) in the target's own unit, (n,), held to the range seen in training if `clamp`."""
        numbers = self.as_given(outputs)
        return np.clip(numbers, self.low, self.high) if self.clamp else numbers

    def as_given(self, encoded: ArrayLike) -> Numbers:
        """Return what `encode` made of numbers as these were, whatever their range, (n,)."""
        return _checked_outputs(encoded, 1, self.name)[:, 0] * self.scale + self.mean

    def summary(self) -> str:
        """Return the target in a line."""
        scaled = (self.mean, self.scale) != (0.0, 1.0)
        learnt = f"mean {self.mean:.4g}, spread {self.scale:.4g}" if scaled else "learnt as it is"
        held = ", predictions held to this range" if self.clamp else ""
        return f"a number from {self.low:g} to {self.high:g}, {learnt}{held}"

    def to_json(self) -> dict[str, Any]:
        """Return the target as a dictionary of JSON types."""
        found = {"kind": "number", **asdict(self)}
        return found if self.clamp else {key: value for key, value in found.items() if key != "clamp"}

    @classmethod
    def from_json(cls, data: object, path: str) -> "NumberTarget":
        """Return the target `to_json` wrote; ModelFileError names a key that is not as it should be."""
        fields: dict[str, Any] = {"name": read.text, **dict.fromkeys(("mean", "scale", "low", "high"), read.number)}
        if "clamp" in read.mapping(data, path):  # only where it is chosen
            fields["clamp"] = read.flag
        return cls(**read.record(data, path, fields, kind="number"))


def _check_present(table: Table, name: str) -> None:
    absent = np.flatnonzero(table.missing(name))
    if len(absent):
        raise DataError(
            f"{table.where(int(absent[0]))}: target {shown(name)} is missing, in "
            f"{counted(len(absent), 'row')} of {len(table):,}; leave these rows out: contract.labelled(table)"
        )


def _checked_outputs(outputs: ArrayLike, n_outputs: int, name: str) -> Numbers:
    array = np.asarray(outputs, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != n_outputs:
        raise ValueError(f"outputs for target {shown(name)} must have shape (n, {n_outputs}), got {array.shape}")
    if np.isnan(array).any():
        raise ValueError(f"outputs for target {shown(name)} must not be NaN; the network's parameters are not finite")
    return array
