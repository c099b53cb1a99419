"""What a model or a program made of it says of rows, and how far two of them are apart."""

from __future__ import annotations

import copy
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.data.arrays import ArrayContract
from glassnet.data.tables.contract import DataContract
from glassnet.data.tables.targets import NumberTarget, label_word
from glassnet.data.tables.wording import counted
from glassnet.engines.memory import Memory
from glassnet.expressions.expression import ROWS
from glassnet.printable import printable
from glassnet.readings.eject.interval import Interval
from glassnet.readings.eject.random_rows import RawRows, random_rows
from glassnet.training.answering import calibration_for, layer_values
from glassnet.training.state import State

TIE = 1e-9  # two outputs closer than this are equally good
TESTED, TRIED = 5, 100  # rows in a program's self-test, and among how many they are looked for


def allowed(single: bool) -> tuple[str, str]:
    """How far outputs, and weights after training, may be apart, in parts of their scale; `single`: in float32."""
    return ("1e-5", "1e-4") if single else ("1e-12", "1e-10")


def is_clear(outputs: np.ndarray, scale: np.ndarray, single: bool) -> np.ndarray:
    """Whether the two best outputs of each row are so far apart that rounding does not change the class."""
    best = np.sort(outputs, axis=1)
    tie = np.maximum(TIE, float(allowed(True)[0]) * scale) if single else TIE
    clear: np.ndarray = best[:, -1] - best[:, -2] >= tie
    return clear


@dataclass(frozen=True, eq=False, kw_only=True)
class Answers:
    """What is said of rows.

    Attributes
    ----------
    outputs
        (n, K): for classes the output of each, in their order (probabilities, if the network gives any); else the
        predicted numbers in the target's units.
    words
        For classes the predicted one of each row, as text; else empty.
    scale
        (n,): the largest number, its sign left out, that occurs on the way from each row to its outputs. What rounding
        may change is measured against it. Ones where it is not known.
    theta
        For a program that trained: all learnt numbers after it; else None.
    losses
        The loss of each epoch; may be empty.
    ends
        How far predictions can be trusted, where that is asked for: (n, 2) the ends of each interval, or for classes
        (n, K), 1 for those in the set and 0 for the others.
    """

    outputs: np.ndarray
    words: tuple[str, ...] = ()
    scale: np.ndarray | None = None
    theta: np.ndarray | None = None
    losses: tuple[float, ...] = ()
    ends: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Original:
    """The model that a program is made of, to be asked about rows: of it a program's writers see nothing else."""

    model: State
    level: float | None = None

    def __call__(self, rows: RawRows) -> Answers:
        """What it says of rows; with a level also how far that can be trusted."""
        found = answers(self.model, rows)
        return found if self.level is None else replace(found, ends=ends_of(self.model, found.outputs, self.level))

    def with_numbers(self, theta: np.ndarray, state: np.ndarray) -> Original:
        """The same model, with other numbers."""
        model = copy.deepcopy(self.model)
        model.memory.theta[:], model.memory.state[:] = theta, state
        return Original(model)


def ends_of(model: State, outputs: np.ndarray, level: float) -> np.ndarray:
    """The ends of intervals (n, 2), or which classes are in the set (n, K)."""
    known = calibration_for(model, level)
    if model.classes is not None:
        return known.members(outputs, level).astype(np.float64)
    found = known.intervals(outputs[:, 0], level)
    return np.stack([np.asarray(found.lower), np.asarray(found.upper)], axis=1)


def in_double(model: State) -> State:
    """The same weights in float64: what a program says that computes in double precision, whatever the model does."""
    if model.dtype == np.float64:
        return model
    memory = Memory.of(model.network, model.n_inputs, np.float64)
    memory.theta[:], memory.state[:] = model.memory.theta, model.memory.state
    return replace(model.copy(), memory=memory)


def answers(model: State, rows: RawRows) -> Answers:
    """A model's answers."""
    X: Any = rows
    if not isinstance(model.contract, ArrayContract):
        assert isinstance(rows, list)
        X = {name: [row[name] for row in rows] for name in model.contract.feature_names}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", UserWarning)  # values out of range, new words: they are there on purpose
        outputs = model.outputs(model.encode(X))
        values = layer_values(model, X)
    steps = [step.name for step in model.derivation(prediction=True).steps if step.shape[:1] == (ROWS,)]
    sizes = [np.abs(np.nan_to_num(values[name], posinf=0.0, neginf=0.0)).reshape(len(rows), -1) for name in steps]
    found = np.asarray(model.contract.decode(outputs))
    scale = np.max([np.ones(len(rows)), *(size.max(axis=1) for size in sizes)], axis=0)
    if model.classes is not None:
        return Answers(outputs=outputs, words=tuple(label_word(label) for label in found.tolist()), scale=scale)
    _, unit = units(model.contract)
    numbers = found.reshape(len(rows), -1)
    return Answers(outputs=numbers, words=(), scale=np.maximum(scale * unit, np.abs(numbers).max(axis=1)))


def units(contract: ArrayContract | DataContract) -> tuple[float, float]:
    """Mean and scale of a numeric target: what is predicted is p * scale + mean."""
    target = None if isinstance(contract, ArrayContract) else contract.target
    return (target.mean, target.scale) if isinstance(target, NumberTarget) else (0.0, 1.0)


def tested(model: State, single: bool) -> tuple[RawRows, Answers]:
    """Rows for a program's self-test, and the model's answers: finite, and no near ties where possible.

    Raises
    ------
    ValueError
        No answer is finite.
    """
    rows = random_rows(model.contract, TRIED, np.random.default_rng(0))
    found = answers(model, rows)
    assert found.scale is not None
    finite = np.isfinite(found.outputs).all(axis=1)
    if not finite.any():
        raise ValueError(
            f"the model's answers to {TRIED} rows are all infinite or NaN, and a program could not be tested; "
            "its weights have grown too large: train it again, with a smaller learning rate"
        )
    clear = finite & (is_clear(found.outputs, found.scale, single) if found.words else True)
    kept = np.flatnonzero(clear if clear.any() else finite)[:TESTED]
    chosen = [rows[k] for k in kept] if isinstance(rows, list) else rows[kept]
    return chosen, answers(model, chosen)  # anew: a layer of one's own may look at all rows together


@dataclass(frozen=True, kw_only=True)
class Verification:
    """A program held against the model it was made of.

    Attributes
    ----------
    language, tool
        What the program is written in, and what ran it.
    rows
        How many rows were tried.
    difference
        The largest difference of an output, in parts of the row's scale (`Answers.scale`).
    other_class
        How many rows got another class, though the two best outputs differ by 1e-9 (float32: what is allowed) or more.
    other_set
        How many rows got another set of classes, though no probability is as close as that to what makes it a member.
    weights
        For a program that trains, the largest difference of a weight after training, in parts of the largest weight
        or 1, or of an epoch's loss, in parts of the loss or 1; else None.
    allowed, weights_allowed
        How large both may be.
    """

    language: str
    tool: str
    rows: int
    difference: float
    other_class: int
    allowed: float
    weights: float | None = None
    weights_allowed: float = 0.0
    other_set: int = 0

    @property
    def passed(self) -> bool:
        """Whether the program says what the model says."""
        trained = self.weights is None or self.weights <= self.weights_allowed
        return self.difference <= self.allowed and not self.other_class and not self.other_set and trained

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        found = [f"{self.language}, run by {self.tool}: {counted(self.rows, 'random row')}"]
        found.append(f"largest difference {self.difference:.2g} (allowed {self.allowed:g})")
        if self.other_class:
            found.append(f"another class in {counted(self.other_class, 'row')}")
        if self.other_set:
            found.append(f"another set of classes in {counted(self.other_set, 'row')}")
        if self.weights is not None:
            found.append(f"of a weight after training {self.weights:.2g} (allowed {self.weights_allowed:g})")
        return printable(", ".join(found) + (": the same" if self.passed else ": NOT THE SAME"))


def compare(
    language: str, tool: str, ours: Answers, theirs: Answers, single: bool, interval: Interval | None = None
) -> Verification:
    """Hold a program's answers against the model's.

    Raises
    ------
    ValueError
        The program answered with another number of rows, outputs, weights or losses.
    """
    if theirs.outputs.shape != ours.outputs.shape:
        raise ValueError(f"the {language} program gave outputs {theirs.outputs.shape}, expected {ours.outputs.shape}")
    outputs_allowed, weights_allowed = map(float, allowed(single))
    with np.errstate(invalid="ignore"):
        apart = np.abs(np.asarray(theirs.outputs, np.float64) - ours.outputs)
    apart[theirs.outputs == ours.outputs] = 0.0  # also infinite ones
    scale = np.ones(len(apart)) if ours.scale is None else ours.scale
    difference = float(np.max(np.nan_to_num(apart, nan=np.inf) / scale[:, None], initial=0.0))
    other = 0
    if ours.words:
        clear = is_clear(ours.outputs, scale, single)
        other = sum(1 for k, word in enumerate(ours.words) if clear[k] and theirs.words[k] != word)
    other_set = 0
    if interval is not None and ours.ends is not None:
        if theirs.ends is None or theirs.ends.shape != ours.ends.shape:
            raise ValueError(f"the {language} program did not say how far its predictions can be trusted")
        clear = interval.is_clear(ours.outputs, scale, outputs_allowed if single else 0.0)
        if ours.words:
            other_set = int(((ours.ends != theirs.ends) & clear).any(axis=1).sum())
        else:
            sizes = np.maximum(scale, np.abs(ours.ends).max(axis=1))
            apart = (np.abs(theirs.ends - ours.ends) / sizes[:, None])[clear[:, 0]]
            difference = max(difference, float(np.max(np.nan_to_num(apart, nan=np.inf), initial=0.0)))
    weights = None
    if ours.theta is not None:
        if theirs.theta is None or theirs.theta.shape != ours.theta.shape:
            raise ValueError(f"the {language} program gave no weights after training")
        largest = max(1.0, float(np.abs(ours.theta).max(initial=0.0)))
        weights = float(np.nan_to_num(np.abs(theirs.theta - ours.theta), nan=np.inf).max(initial=0.0)) / largest
        if len(theirs.losses) != len(ours.losses):
            said = f"{counted(len(theirs.losses), 'loss', 'losses')}, expected {len(ours.losses)}"
            raise ValueError(f"the {language} program gave {said}")
        losses = zip(ours.losses, theirs.losses, strict=True)
        weights = max([weights, *(abs(a - b) / max(1.0, abs(a)) for a, b in losses)])
    return Verification(
        language=language,
        tool=tool,
        rows=len(apart),
        difference=difference,
        other_class=other,
        allowed=outputs_allowed,
        weights=weights,
        weights_allowed=weights_allowed,
        other_set=other_set,
    )
