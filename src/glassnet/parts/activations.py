"""Which activation function a layer uses: a formula, its derivative, its options.

>>> activation("leaky_relu", slope=0.2)
leaky_relu(slope=0.2)
>>> activation(lambda z: z * z)(np.array([3.0]))
array([9.])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Unpack, overload

import numpy as np

from glassnet.expressions.differentiate import pull_back
from glassnet.expressions.expression import Expression, evaluate, named, symbol
from glassnet.formulas import activations as formulas
from glassnet.parts.naming import (
    OPTIONS,
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

NAMES = tuple(name for name in vars(formulas) if f"{name}_backward" in vars(formulas))


@dataclass(frozen=True, repr=False)
class Activation:
    """An activation function a(z), elementwise or along the last axis, with its derivative.

    Attributes
    ----------
    name
        The formula's name.
    function
        a = function(z, **options), written in NumPy.
    derivative
        dz = derivative(da, z, a, **options); None: derived from the function, symbolically.
    options
        Numbers that both take.
    """

    name: str
    function: Callable[..., Any]
    derivative: Callable[..., Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_plain_name(self.name, "activation")

    def __call__(self, z: Any) -> Any:
        """a(z), of z's shape."""
        a = self.function(z, **self.options)
        if a is z or not isinstance(a, Expression):
            return a
        if a.shape != z.shape:
            raise ValueError(f"activation {self.name} must give z's shape {z.shape}, got {a.shape}")
        return named(a, self.name, (z,), meaning(self.function, self.options))

    def backward(self, da: Any, z: Any, a: Any) -> Any:
        """dz = ∂L/∂z from da = ∂L/∂a, of z's shape."""
        if self.derivative is None:
            return derived(self, da, z)
        dz = self.derivative(da, z, a, **self.options)
        if isinstance(dz, Expression):
            return named(dz, f"{self.name}_backward", (da, z, a), meaning(self.derivative, self.options))
        return dz

    def __repr__(self) -> str:
        return self.name + options_text(self.options)


def derived(function: Callable[..., Any], d: Any, *args: Any) -> Any:
    """∂L/∂(last argument) of a formula without a derivative of its own, d = ∂L/∂result (None: ones).

    Of symbols it gives an expression, of arrays numbers.
    """
    if isinstance(args[-1], Expression):
        result = function(*args)
        return pull_back(result, ones_like(result) if d is None else d, [args[-1]])[0]
    symbols = [symbol(f"q{k}", ("n", *arg.shape[1:]), arg.dtype) for k, arg in enumerate(args)]
    result = function(*symbols)
    d_ = ones_like(result) if d is None else symbol("d", result.shape, d.dtype)
    values = {item.name: arg for item, arg in zip(symbols, args, strict=True)}
    return evaluate(pull_back(result, d_, symbols[-1:])[0], {**values, "d": d, "n": len(args[-1])})


def ones_like(x: Expression) -> Any:
    """Ones of x's shape."""
    return np.where(True, 1.0, x)


# what each activation takes: written by scripts/write_names.py
@overload
def activation(function: known.IdentityActivationName) -> Activation: ...
@overload
def activation(
    function: known.LeakyReluActivationName, **options: Unpack[known.LeakyReluActivationOptions]
) -> Activation: ...
@overload
def activation(function: known.EluActivationName, **options: Unpack[known.EluActivationOptions]) -> Activation: ...
# so far the activations
@overload
def activation(
    function: Callable[..., Any], backward: Callable[..., Any] | None = None, **options: float
) -> Activation: ...
def activation(
    function: str | Callable[..., Any],
    backward: Callable[..., Any] | None = None,
    **options: float,
) -> Activation:
    """An activation by name, or one's own.

    Parameters
    ----------
    function
        The name of a built-in one, or a function a(z) written in NumPy's arithmetic, comparisons, `exp log log1p
        expm1 sqrt tanh abs sign maximum minimum where`: it must work on whole arrays.
    backward
        For one's own: dz = backward(da, z, a). Without it the derivative is derived from the function.
    **options
        Numbers the formula takes: `activation("leaky_relu", slope=0.2)`.

    Raises
    ------
    ValueError
        An unknown name or option; the message lists what there is.
    """
    if isinstance(function, Activation):
        return function
    if isinstance(function, str):
        name = find(function, NAMES, "activation")
        built_in, backward = vars(formulas)[name], vars(formulas)[f"{name}_backward"]
        check_options(options_of(built_in, 1), options, f"activation {name}")
        return Activation(name, built_in, backward, options)
    check_takes(function, "activation", "z", beside=OPTIONS)
    check_options(options_of(function, 1), options, "activation of (z)")
    return Activation(formula_name(function, "activation"), function, backward, options)


activation_named: Callable[..., Activation] = activation  # by a name that comes as text, which no type checker knows
