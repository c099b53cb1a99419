"""What a network is trained to make small: a loss per row, and how the rows are taken together.

A loss works on *scores* s, what the last layer gives before any sigmoid or softmax: that is where the stable forms
are. `output` names the activation that turns scores into predictions. `reduction` is the convention on which books
differ:

    "mean"       the mean over rows and outputs        PyTorch, Keras
    "batchmean"  the sum over outputs, mean over rows  scikit-learn (its squared error halved too)
    "rowmean"    the same, but for weighted rows       Keras' weighting
    "sum"        the sum over rows and outputs         the textbook's Σ(y-s)²

With sample weights, means are weighted means: Σ w·l / Σ w; only "rowmean" divides by the number of rows, so that what a
row weighs does not depend on the others in its batch. Whether a square is halved is an option too:

    >>> loss("squared", half=True, reduction="sum")
    squared(half=True, reduction='sum')
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Unpack, overload

from glassnet.expressions.expression import Expression, named
from glassnet.formulas import losses as formulas
from glassnet.parts.activations import derived
from glassnet.parts.naming import (
    FROM_0,
    OPTIONS,
    check_number,
    check_options,
    check_plain_name,
    check_takes,
    find,
    formula_name,
    meaning,
    options_of,
    options_text,
)

if TYPE_CHECKING:
    from glassnet.parts import literals as known

REDUCTIONS = ("mean", "batchmean", "rowmean", "sum")
OUTPUTS = {"poisson": "exponential", "binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}
SMOOTHED = ("binary_cross_entropy", "cross_entropy")  # losses whose targets may be smoothed
NAMES = tuple(name for name in vars(formulas) if f"{name}_backward" in vars(formulas))


@dataclass(frozen=True, repr=False, kw_only=True)
class Loss:
    """A loss: its terms, their derivative, and the convention by which they are taken together.

    Attributes
    ----------
    name
        The formula's name.
    function
        l = function(y, s, **options): from targets and scores, both (n, K), the loss of each row and output (n, K)
        or of each row (n, 1).
    derivative
        ∂l/∂s = derivative(y, s, **options), (n, K); None: derived from the function, symbolically.
    output
        The activation that turns scores into predictions.
    reduction
        "mean", "batchmean", "rowmean" or "sum".
    options
        Numbers that the formulas take.
    label_smoothing
        How much of a target is shared out among all classes, for the loss that is trained with; see `smoothed`.
    """

    name: str
    function: Callable[..., Any]
    derivative: Callable[..., Any] | None = None
    output: str = "identity"
    reduction: str = "mean"
    options: Mapping[str, Any] = field(default_factory=dict)
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        check_plain_name(self.name, "loss")
        check_number("label_smoothing", self.label_smoothing, FROM_0, 1, f"loss {self.name}: ")
        if self.label_smoothing and self.name not in SMOOTHED:
            raise ValueError(f"only {' and '.join(SMOOTHED)} take label_smoothing, loss {self.name} does not")

    def smoothed(self, y: Any, label_smoothing: Any) -> Any:
        """(1 - ε)·y + ε/K: no class is certain, each of the K has at least ε/K; K is 2 for each sigmoid.

        ε is `label_smoothing`, a number, or what it is called. Szegedy et al. (2016); PyTorch and Keras agree.
        """
        classes = float(y.shape[1]) if self.name == "cross_entropy" else 2.0
        return (1.0 - label_smoothing) * y + label_smoothing / classes

    def __call__(self, y: Any, s: Any) -> Any:
        """The terms: the loss of each row and output (n, K), or of each row (n, 1)."""
        terms = self.function(y, s, **self.options)
        return (
            named(terms, self.name, (y, s), meaning(self.function, self.options))
            if isinstance(terms, Expression)
            else terms
        )

    def backward(self, y: Any, s: Any) -> Any:
        """The terms' derivative with respect to the scores, (n, K)."""
        if self.derivative is None:
            return derived(self.function, None, y, s)
        ds = self.derivative(y, s, **self.options)
        if isinstance(ds, Expression):
            return named(ds, f"{self.name}_backward", (y, s), meaning(self.derivative, self.options))
        return ds

    def __repr__(self) -> str:
        more = {"label_smoothing": self.label_smoothing} if self.label_smoothing else {}
        return self.name + options_text({**self.options, **more, "reduction": self.reduction})


# what each loss takes: written by scripts/write_names.py
@overload
def loss(function: known.SquaredLossName, **options: Unpack[known.SquaredLossOptions]) -> Loss: ...
@overload
def loss(function: known.AbsoluteLossName, **options: Unpack[known.AbsoluteLossOptions]) -> Loss: ...
@overload
def loss(function: known.HuberLossName, **options: Unpack[known.HuberLossOptions]) -> Loss: ...
@overload
def loss(function: known.QuantileLossName, **options: Unpack[known.QuantileLossOptions]) -> Loss: ...
@overload
def loss(function: known.PoissonLossName, **options: Unpack[known.PoissonLossOptions]) -> Loss: ...
@overload
def loss(
    function: known.BinaryCrossEntropyLossName, **options: Unpack[known.BinaryCrossEntropyLossOptions]
) -> Loss: ...
# so far the losss
@overload
def loss(
    function: Callable[..., Any],
    backward: Callable[..., Any] | None = None,
    *,
    output: known.ActivationName | None = None,
    reduction: known.ReductionName = "mean",
    **options: float,
) -> Loss: ...
def loss(
    function: str | Callable[..., Any],
    backward: Callable[..., Any] | None = None,
    *,
    output: str | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
    **options: float,
) -> Loss:
    """A loss by name, or one's own.

    Parameters
    ----------
    function
        The name of a built-in one ("squared" or "mse", "absolute" or "mae", "huber", "quantile", "poisson",
        "binary_cross_entropy", "cross_entropy"), or a function l(y, s) written in NumPy that gives the loss of each
        row and output, (n, K), or of each row, (n, 1).
    backward
        For one's own: ∂l/∂s = backward(y, s). Without it the derivative is derived from the function.
    output
        The activation that turns scores into predictions, if not the loss's usual one.
    reduction
        "mean" over rows and outputs, "batchmean" (sum over outputs, mean over rows), "rowmean" (the same, but weighted
        rows are divided by their number), or "sum".
    label_smoothing
        For the cross-entropies, >= 0 and < 1: training takes (1 - label_smoothing)·y + label_smoothing/K for y, so that
        no class is certain. What is measured, `evaluate` and the validation loss, is the loss without it.
    **options
        Numbers the formula takes: `loss("huber", delta=2.0)`.

    Raises
    ------
    ValueError
        An unknown name, option or reduction; the message lists what there is.
    """
    if isinstance(function, Loss):
        return function
    find(reduction, REDUCTIONS, "reduction")
    if isinstance(function, str):
        name = find(function, NAMES, "loss")
        built_in, backward = vars(formulas)[name], vars(formulas)[f"{name}_backward"]
        check_options(options_of(built_in, 2), options, f"loss {name}")
        return Loss(
            name=name,
            function=built_in,
            derivative=backward,
            output=output or OUTPUTS.get(name, "identity"),
            reduction=reduction,
            options=options,
            label_smoothing=float(label_smoothing),
        )
    check_takes(function, "loss", "y", "s", beside=OPTIONS)
    check_options(options_of(function, 2), options, "loss of (y, s)")
    return Loss(
        name=formula_name(function, "loss"),
        function=function,
        derivative=backward,
        output=output or "identity",
        reduction=reduction,
        options=options,
        label_smoothing=label_smoothing,
    )


def options_of_loss(name: str) -> dict[str, Any]:
    """What a built-in loss takes besides, with the defaults."""
    return {**options_of(vars(formulas)[name], 2), **({"label_smoothing": 0.0} if name in SMOOTHED else {})}


loss_named: Callable[..., Loss] = loss  # by a name that comes as text, which no type checker knows


@cache  # each training that leaves the loss open asks for one of three
def usual_loss(name: str) -> Loss:
    """A loss by name, with its usual options."""
    return loss_named(name)
