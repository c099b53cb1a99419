"""Layers: what a network is built of. Each says how it goes forward and, beside it, how it goes back.

`forward` gives every value of the layer by name, the layer's output last. `backward` is given those values as `v`
and the gradient at the output, and gives every gradient by name: `dW` for the parameter `W`, `dx` for the layer's
input. Both are plain NumPy; called with symbols instead of arrays, they are the network's derivation.

One's own layer is a class like these:

    >>> @dataclass(frozen=True)
    ... class Gain:
    ...     backward = None  # derived from forward
    ...     def parameters(self, n_inputs):
    ...         return {"k": Parameter((n_inputs,), initializer("constant", value=1.0))}
    ...     def forward(self, p, x, mode):
    ...         return {"y": p.k * x}

In comments n is the number of rows, i of a layer's inputs, u of its units.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from glassnet.expressions.expression import Expression, random
from glassnet.formulas.types import Array
from glassnet.parts.activations import Activation
from glassnet.parts.activations import activation as make_activation
from glassnet.parts.initializers import ByHand, Initializer, initializer, initializer_named
from glassnet.parts.naming import FROM_0, call_text, check_choice, check_number, check_penalised, check_whole, find
from glassnet.parts.schedules import Schedule, over

if TYPE_CHECKING:
    from glassnet.parts.initializers import Start
    from glassnet.parts.literals import ActivationName, ScalingName

Values = dict[str, Array]


@dataclass(frozen=True)
class Parameter:
    """One array of a layer.

    Attributes
    ----------
    shape
        Its shape.
    initial
        How it starts: a name, an `initializer(...)`, numbers, or a function (rng, shape) -> array.
    penalised
        Whether L1, L2 and weight decay pull on it: yes for weights, no for biases and scales. A number is a factor on
        them, >= 0: with 0.5 they pull half as hard. AdamW's decay is lr·rate·weight_decay·penalised of the array.
    learnt
        False for what training keeps without a gradient, like a running mean.
    rate
        A factor on the learning rate, > 0: 0.1 lets this array learn ten times as slowly as others.
    from_rows
        Of what is not learnt and made of the training rows before the first step: by what, "quantiles". The layer's
        `forward` gives it by name where `mode.beginning`; `initial` is for where there are no rows.
    """

    shape: tuple[int, ...]
    initial: Any
    penalised: bool | float = False
    learnt: bool = True
    rate: float = 1.0
    from_rows: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", tuple(self.shape))
        if not self.shape:
            raise ValueError("a Parameter needs at least one axis, got shape (); use (1,)")
        object.__setattr__(self, "initial", initializer(self.initial))
        check_penalised("penalised", self.penalised)
        check_number("rate", self.rate, 0, math.inf)


@dataclass(frozen=True)
class Mode:
    """Whether a layer is run to train or to predict, where its random numbers come from, and how many epochs are done.

    `beginning`: training is about to begin, and what is `from_rows` is to be made of its rows. What `at` has given is
    remembered in `scheduled`, with the schedule it came from.
    """

    training: bool
    rng: np.random.Generator | None = None
    epoch: Any = 0.0
    beginning: bool = False
    scheduled: list[tuple[Any, Schedule]] = field(default_factory=list, compare=False)

    def at(self, number: Any) -> Any:
        """The number itself, or what a schedule has it at now."""
        if not isinstance(number, Schedule):
            return number
        value = number(self.epoch, of="rate")
        self.scheduled.append((value, number))
        return value

    def uniform(self, x: Array) -> Array:
        """Random numbers on [0, 1), as many as x has, of x's dtype."""
        if isinstance(x, Expression):
            return random(x.shape, x.dtype)
        if self.rng is None:
            raise ValueError("this layer draws random numbers: it needs an rng to train with")
        return self.rng.random(x.shape, dtype=x.dtype)


class Layer(Protocol):
    """What a layer must have."""

    @property
    def backward(self) -> Callable[..., Values] | None:
        """(p, x, v, d_output) -> gradients by name, `dx` and one for each parameter; None: derived from forward."""

    def parameters(self, n_inputs: int) -> dict[str, Parameter]:
        """The layer's arrays, by name, for rows of `n_inputs` numbers."""

    def forward(self, p: Any, x: Array, mode: Mode) -> Values:
        """The layer's values by name, its output last. A name from `parameters` is that array's new value."""


SCALINGS = ("standard", "ntk")


@dataclass(frozen=True, init=False, repr=False)
class Dense:
    """a = f(x @ W + b): every unit looks at every input.

    Attributes
    ----------
    units
        How many; None: as many as the target needs (for the last layer).
    activation
        f: a name, an `activation(...)`, or a function of one's own.
    bias
        Whether there is a b.
    weights, biases
        Where W (inputs, units) and b (units,) start: a name, an `initializer(...)`, numbers, or a function (rng,
        shape) -> array. The usual start of W, glorot_uniform, is that of Keras and scikit-learn; with the scaling
        "ntk" it is N(0, 1).
    scaling
        "ntk": z = x @ W / √inputs + b, the NTK parametrization (Jacot et al., 2018). Weights are then of size 1
        however many inputs there are, and so a learning rate or a decay means the same to all layers.
        "standard": z = x @ W + b.
    strength
        Whether each unit learns how much of its activation it uses: y = z + alpha·(f(z) - z), alpha (units,) is 1 at
        first, which is f(z); 0 would be a linear unit (RealMLP: Holzmüller et al., 2024; with relu it is PReLU).
    bias_rate, strength_rate
        Factors on the learning rates of b and alpha, > 0.
    strength_penalised
        Whether L1, L2 and weight decay pull on alpha; a number is a factor on them, as of any `Parameter`.
    """

    units: int | None
    activation: Activation
    bias: bool
    weights: Initializer | ByHand
    biases: Initializer | ByHand
    scaling: str
    strength: bool
    bias_rate: float
    strength_rate: float
    strength_penalised: bool | float

    def __init__(
        self,
        units: int | None = None,
        activation: ActivationName | Activation | Callable[..., Any] = "identity",
        bias: bool = True,
        weights: Start | None = None,
        biases: Start = "zeros",
        *,
        scaling: ScalingName = "standard",
        strength: bool = False,
        bias_rate: float = 1.0,
        strength_rate: float = 1.0,
        strength_penalised: bool | float = False,
    ) -> None:
        object.__setattr__(self, "units", None if units is None else check_whole("units", units))
        object.__setattr__(self, "activation", make_activation(activation))
        object.__setattr__(self, "bias", check_choice("bias", bias))
        object.__setattr__(self, "scaling", find(scaling, SCALINGS, "scaling"))
        usual = initializer("normal", std=1.0) if self.scaling == "ntk" else initializer("glorot_uniform")
        object.__setattr__(self, "weights", usual if weights is None else initializer_named(weights))
        object.__setattr__(self, "biases", initializer_named(biases))
        object.__setattr__(self, "strength", check_choice("strength", strength))
        if self.strength and self.activation.name == "identity":
            raise ValueError("strength is that of an activation, and identity has none to be learnt; leave it out")
        for name, rate in (("bias_rate", bias_rate), ("strength_rate", strength_rate)):
            check_number(name, rate, 0, math.inf)
            object.__setattr__(self, name, float(rate))
        check_penalised("strength_penalised", strength_penalised)
        object.__setattr__(self, "strength_penalised", strength_penalised)

    def __repr__(self) -> str:
        return call_text(self, Dense(), by_position=("units", "activation"))

    def parameters(self, n_inputs: int) -> dict[str, Parameter]:
        """W; with a bias b, with a strength alpha."""
        if self.units is None:
            raise ValueError("Dense() has no units yet: give a number, or train on a table, whose target says it")
        found = {"W": Parameter((n_inputs, self.units), self.weights, penalised=True)}
        if self.bias:
            found["b"] = Parameter((self.units,), self.biases, rate=self.bias_rate)
        if self.strength:
            ones = initializer("constant", value=1.0)
            found["alpha"] = Parameter((self.units,), ones, self.strength_penalised, rate=self.strength_rate)
        return found

    def forward(self, p: Any, x: Array, mode: Mode) -> Values:
        """z = x @ W + b, a = f(z); with "ntk" z = x @ W / √i + b, with a strength y = z + alpha·(a - z)."""
        z = self.scaled(x @ p.W, p)  # (n, u)
        z = z + p.b if self.bias else z
        a = self.activation(z)  # (n, u)
        if self.strength:
            return {"z": z, "a": a, "y": z + p.alpha * (a - z)}
        return {"z": z} if a is z else {"z": z, "a": a}

    def backward(self, p: Any, x: Array, v: Any, d: Array) -> Values:
        """dz = da·f'(z), dW = xᵀ @ dz, db = Σ dz, dx = dz @ Wᵀ; with "ntk" dW and dx are divided by √i as well.

        With a strength dalpha = Σ dy·(a - z), da = dy·alpha, and dz = da·f'(z) + (dy - da).
        """
        grads: Values = {}
        if self.strength:
            da = d * p.alpha  # (n, u)
            grads = {"dalpha": (d * (v.a - v.z)).sum(axis=0), "da": da}
            dz = self.activation.backward(da, v.z, v.a) + (d - da)
        else:
            dz = self.activation.backward(d, v.z, v.a) if "a" in vars(v) else d
        grads |= {"dz": dz, "dW": self.scaled(x.T @ dz, p)}
        grads |= {"db": dz.sum(axis=0)} if self.bias else {}
        return {**grads, "dx": self.scaled(dz @ p.W.T, p)}

    def scaled(self, product: Array, p: Any) -> Array:
        """A product with W, or with what W meets, as the scaling has it."""
        return product / math.sqrt(p.W.shape[0]) if self.scaling == "ntk" else product


@dataclass(frozen=True)
class Dropout:
    """While training, each number is set to 0 with probability `rate`, the others grow by 1/(1 - rate).

    For prediction it does nothing (inverted dropout: Srivastava et al. 2014, scaled while training). The rate may be a
    `schedule` that starts and ends below 1.
    """

    rate: float | Schedule = 0.5

    def __post_init__(self) -> None:
        check_number("rate", self.rate.largest if isinstance(self.rate, Schedule) else self.rate, FROM_0, 1)

    def over(self, epochs: float) -> Dropout:
        """The same, a schedule over so many epochs where that was left open."""
        return Dropout(over(self.rate, epochs))

    def parameters(self, n_inputs: int) -> dict[str, Parameter]:
        """None."""
        return {}

    def forward(self, p: Any, x: Array, mode: Mode) -> Values:
        """y = x / (1 - rate) where a uniform number is at least `rate`, 0 elsewhere."""
        if not mode.training:
            return {"y": x}
        rate, u = mode.at(self.rate), mode.uniform(x)  # (), (n, i)
        known = {"rate": rate} if isinstance(self.rate, Schedule) else {}
        return {**known, "u": u, "y": np.where(u >= rate, x * (1.0 / (1.0 - rate)), 0.0)}

    def backward(self, p: Any, x: Array, v: Any, d: Array) -> Values:
        """The gradient goes where the number went."""
        rate = v.rate if isinstance(self.rate, Schedule) else self.rate
        return {"dx": np.where(v.u >= rate, d * (1.0 / (1.0 - rate)), 0.0)}


@dataclass(frozen=True)
class BatchNorm:
    """y = gamma·(x - mean)/sqrt(var + eps) + beta, mean and variance over the rows of the batch.

    For prediction the mean and variance are running averages of the batches': running ← momentum·running +
    (1 - momentum)·batch. Variances divide by n (Ioffe & Szegedy 2015; Keras; PyTorch's running variance divides by
    n - 1, and its momentum is 1 - ours).
    """

    momentum: float = 0.9
    eps: float = 1e-5

    def __post_init__(self) -> None:
        check_number("momentum", self.momentum, FROM_0, 1)
        check_number("eps", self.eps, 0, math.inf)

    def parameters(self, n_inputs: int) -> dict[str, Parameter]:
        """The scale gamma and shift beta; the running mean and variance."""
        zeros, ones = initializer("zeros"), initializer("constant", value=1.0)
        return {
            "gamma": Parameter((n_inputs,), ones),
            "beta": Parameter((n_inputs,), zeros),
            "running_mean": Parameter((n_inputs,), zeros, learnt=False),
            "running_var": Parameter((n_inputs,), ones, learnt=False),
        }

    def forward(self, p: Any, x: Array, mode: Mode) -> Values:
        """Centre, scale, then scale and shift by what is learnt."""
        if not mode.training:
            xhat = (x - p.running_mean) / np.sqrt(p.running_var + self.eps)  # (n, i)
            return {"xhat": xhat, "y": p.gamma * xhat + p.beta}
        mean = x.mean(axis=0)  # (i,)
        centred = x - mean  # (n, i)
        var = (centred * centred).mean(axis=0)  # (i,)
        std = np.sqrt(var + self.eps)
        xhat = centred / std
        k = self.momentum
        return {
            "mean": mean,
            "var": var,
            "std": std,
            "xhat": xhat,
            "running_mean": mean + k * (p.running_mean - mean),
            "running_var": var + k * (p.running_var - var),
            "y": p.gamma * xhat + p.beta,
        }

    def backward(self, p: Any, x: Array, v: Any, d: Array) -> Values:
        """dx = (dxhat - mean(dxhat) - xhat·mean(dxhat·xhat)) / std, means over rows."""
        dxhat = d * p.gamma  # (n, i)
        dx = (dxhat - dxhat.mean(axis=0) - v.xhat * (dxhat * v.xhat).mean(axis=0)) / v.std
        return {"dgamma": (d * v.xhat).sum(axis=0), "dbeta": d.sum(axis=0), "dxhat": dxhat, "dx": dx}


@dataclass(frozen=True)
class LayerNorm:
    """y = gamma·(x - mean)/sqrt(var + eps) + beta, mean and variance over the columns of each row (Ba et al. 2016)."""

    eps: float = 1e-5

    def __post_init__(self) -> None:
        check_number("eps", self.eps, 0, math.inf)

    def parameters(self, n_inputs: int) -> dict[str, Parameter]:
        """The scale gamma and shift beta."""
        ones = initializer("constant", value=1.0)
        return {"gamma": Parameter((n_inputs,), ones), "beta": Parameter((n_inputs,), initializer("zeros"))}

    def forward(self, p: Any, x: Array, mode: Mode) -> Values:
        """Centre, scale, then scale and shift by what is learnt."""
        centred = x - x.mean(axis=1, keepdims=True)  # (n, i)
        std = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + self.eps)  # (n, 1)
        xhat = centred / std
        return {"std": std, "xhat": xhat, "y": p.gamma * xhat + p.beta}

    def backward(self, p: Any, x: Array, v: Any, d: Array) -> Values:
        """dx = (dxhat - mean(dxhat) - xhat·mean(dxhat·xhat)) / std, means over columns."""
        dxhat = d * p.gamma  # (n, i)
        inner = dxhat.mean(axis=1, keepdims=True) + v.xhat * (dxhat * v.xhat).mean(axis=1, keepdims=True)
        return {
            "dgamma": (d * v.xhat).sum(axis=0),
            "dbeta": d.sum(axis=0),
            "dxhat": dxhat,
            "dx": (dxhat - inner) / v.std,
        }


@dataclass(frozen=True)
class Scale:
    """y = s·x: each input by a factor of its own, 1 at first: before other layers, how much the input counts.

    Attributes
    ----------
    rate
        A factor on the learning rate of s, > 0.
    penalised
        Whether L1, L2 and weight decay pull on s; a number is a factor on them, as of any `Parameter`.
    """

    rate: float = 1.0
    penalised: bool | float = False

    def __post_init__(self) -> None:
        check_number("rate", self.rate, 0, math.inf)
        check_penalised("penalised", self.penalised)

    def parameters(self, n_inputs: int) -> dict[str, Parameter]:
        """The factors s."""
        ones = initializer("constant", value=1.0)
        return {"s": Parameter((n_inputs,), ones, penalised=self.penalised, rate=self.rate)}

    def forward(self, p: Any, x: Array, mode: Mode) -> Values:
        """Multiply."""
        return {"y": p.s * x}  # (n, i)

    def backward(self, p: Any, x: Array, v: Any, d: Array) -> Values:
        """ds = Σ d·x, dx = d·s."""
        return {"ds": (d * x).sum(axis=0), "dx": d * p.s}


BUILT_IN: dict[str, type[Any]] = {item.__name__: item for item in (Dense, Dropout, BatchNorm, LayerNorm, Scale)}


def check_layer(layer: Any) -> None:
    """TypeError for what is no layer."""
    if isinstance(layer, (list, tuple)):
        raise TypeError("layers go in one after the other, not in a list: Network(*layers)")
    if isinstance(layer, type):
        raise TypeError(f"a layer must be an object, got the class {layer.__name__}: write {layer.__name__}()")
    missing = [name for name in ("parameters", "forward", "backward") if not hasattr(layer, name)]
    if missing:
        raise TypeError(f"a layer must have parameters, forward and backward; {layer!r:.60} has no {missing[0]}")


def namespace(values: dict[str, Any]) -> SimpleNamespace:
    """Values by name, as attributes: `p.W`."""
    return SimpleNamespace(**values)


def layer_words(layer: Layer, no_bias: str = "bias=False") -> str:
    """`Dense(4, sigmoid)`: a layer without where its weights start; one's own with a long text is its class's name."""
    if isinstance(layer, Dense):
        words = [str(layer.units)]
        words += [str(layer.activation)] * (layer.activation.name != "identity")
        words += ["strength"] * layer.strength + ["ntk"] * (layer.scaling == "ntk") + [no_bias] * (not layer.bias)
        return f"Dense({', '.join(words)})"
    text = " ".join(repr(layer).split())
    return type(layer).__name__ if text.startswith("<") or len(text) > 60 else text
