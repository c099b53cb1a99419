"""Where weights start: a rule and its options, or numbers set by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Unpack, overload

import numpy as np

from glassnet.formulas import initializers as formulas
from glassnet.parts.naming import OPTIONS, check_options, check_takes, find, formula_name, options_of, options_text

if TYPE_CHECKING:
    from glassnet.parts import literals as known

FANS = ("lecun", "glorot", "he")
NAMES = (
    *("zeros", "constant", "uniform", "normal", "orthogonal"),
    *(f"{fan}_{shape}" for fan in FANS for shape in ("uniform", "normal")),
    *("unit_spread", "among_rows"),
)


@dataclass(frozen=True, repr=False)
class Initializer:
    """A rule that draws starting values of a given shape.

    Attributes
    ----------
    name
        The rule's name.
    function
        values = function(rng, shape, **options).
    options
        Numbers the rule takes.
    on_rows
        values = on_rows(rng, values, z): what is made of them when z (rows, units), the scores of training rows, are
        known; None: nothing.
    """

    name: str
    function: Callable[..., Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    on_rows: Callable[..., Any] | None = None

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Starting values of the shape; ValueError where the rule gives another."""
        values = np.asarray(self.function(rng, shape, **self.options))
        if values.shape != shape:
            raise ValueError(f"initial values must have shape {shape}, got {values.shape} from {self}")
        return values

    def __repr__(self) -> str:
        return self.name + options_text(self.options)


@dataclass(frozen=True)
class ByHand:
    """Starting values that are given as numbers: nested tuples of the weights' shape."""

    values: Any
    name: str = "by_hand"

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """The numbers; ValueError where their shape does not fit."""
        values = np.asarray(self.values, dtype=np.float64)
        if values.shape != shape:
            raise ValueError(f"initial values must have shape {shape}, got {values.shape}")
        return values


if TYPE_CHECKING:
    Numbers = np.ndarray | Sequence[float] | Sequence[Sequence[float]]
    Start = known.InitializerName | Initializer | ByHand | Callable[..., Any] | Numbers


# what each initializer takes: written by scripts/write_names.py
@overload
def initializer(rule: known.ZerosInitializerName) -> Initializer: ...
@overload
def initializer(
    rule: known.ConstantInitializerName, **options: Unpack[known.ConstantInitializerOptions]
) -> Initializer: ...
@overload
def initializer(
    rule: known.UniformInitializerName, **options: Unpack[known.UniformInitializerOptions]
) -> Initializer: ...
@overload
def initializer(
    rule: known.NormalInitializerName, **options: Unpack[known.NormalInitializerOptions]
) -> Initializer: ...
@overload
def initializer(
    rule: known.OrthogonalInitializerName, **options: Unpack[known.OrthogonalInitializerOptions]
) -> Initializer: ...
# so far the initializers
@overload
def initializer(rule: Numbers | ByHand) -> ByHand: ...
@overload
def initializer(rule: Callable[..., Any], **options: float) -> Initializer: ...
def initializer(rule: Any, **options: Any) -> Initializer | ByHand:
    """An initializer by name, by hand, or one's own.

    Parameters
    ----------
    rule
        A name (`"glorot_uniform"`), numbers of the weights' shape, or a function (rng, shape) -> array.
    **options
        Numbers the rule takes: `initializer("uniform", low=0, high=1)`.

    Raises
    ------
    ValueError
        An unknown name or option; the message lists what there is.
    """
    if isinstance(rule, (Initializer, ByHand)):
        return rule
    if isinstance(rule, str):
        name = find(rule, NAMES, "initializer")
        function = vars(formulas)[name]
        check_options(options_of(function, 2), options, f"initializer {name}")
        return Initializer(name, function, options, vars(formulas).get(f"{name}_on_rows"))
    if callable(rule):
        check_takes(rule, "initializer", "rng", "shape", beside=OPTIONS)
        check_options(options_of(rule, 2), options, "initializer of (rng, shape)")
        return Initializer(formula_name(rule, "initializer"), rule, options)
    return ByHand(by_hand(rule).tolist())


def by_hand(values: Any) -> np.ndarray:
    """Starting values given as numbers; TypeError, ValueError for what is none, or not finite."""
    try:
        given = np.asarray(values)
        found = given.astype(np.float64) if given.dtype.kind in "iufO" and values is not None else None
    except (TypeError, ValueError):  # uneven lists, objects
        found = None
    if found is None:
        raise TypeError(
            f"starting values must be a name, a function or numbers of the weights' shape, got {values!r:.60}"
        )
    if not np.isfinite(found).all():
        raise ValueError(f"starting values must be finite numbers, got {values!r:.60}")
    return found


initializer_named: Callable[..., Initializer | ByHand] = (
    initializer  # by a name that comes as text, which no type checker knows
)
