"""What may be chosen on the page about a network and its training. It is data: `changed` checks and replaces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from glassnet.parts import activations, initializers, losses, optimizers
from glassnet.parts.activations import activation_named
from glassnet.parts.layers import BatchNorm, Dense, Dropout, Layer
from glassnet.parts.losses import Loss
from glassnet.parts.naming import find
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer, default_rate, optimizer_named
from glassnet.training.settings import Settings

MOST_UNITS, MOST_LAYERS = 512, 8
MOST_EPOCHS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """A hidden layer: its units, their activation, and what follows them."""

    units: int = 4
    activation: str = "tanh"
    dropout: float = 0.0
    batch_norm: bool = False

    def layers(self, **dense: Any) -> list[Layer]:
        """The layers that it is made of."""
        found: list[Layer] = [Dense(self.units, activation_named(self.activation), **dense)]
        found += [BatchNorm()] if self.batch_norm else []
        return found + ([Dropout(self.dropout)] if self.dropout else [])


@dataclass(frozen=True, kw_only=True)
class Choices:
    """How a network is built and trained.

    Attributes
    ----------
    layers
        The hidden ones.
    output_activation, outputs
        Of the last layer; None: what the loss has inside, and as many units as the target needs.
    bias, weights, loss, l1, l2
        As `Dense` and `Network` have them; a loss or weights of a tutorial are no names.
    optimizer, learning_rate, batch_size, epochs
        As `train` has them; after so many epochs training stops, and goes on if asked again.
    validation
        The share of rows that is held out; None: none are.
    seed
        Of the starting weights and all that is drawn after them.
    brought
        An optimizer whose other numbers hold as long as it is not changed for another.
    """

    layers: tuple[Hidden, ...] = (Hidden(),)
    output_activation: str | None = None
    outputs: int | None = None
    bias: bool = True
    weights: Any = "glorot_uniform"
    loss: str | Loss | None = None
    l1: float = 0.0
    l2: float = 0.0
    optimizer: str = "adam"
    learning_rate: float = 0.05
    batch_size: int | None = None
    epochs: int = 10_000
    validation: float | None = None
    seed: int = 0
    brought: Optimizer | None = None

    def network(self) -> Network:
        """The network."""
        dense = {"bias": self.bias, "weights": self.weights}
        inner = [layer for hidden in self.layers for layer in hidden.layers(**dense)]
        last = Dense(self.outputs, activation_named(self.output_activation or "identity"), **dense)
        return Network(*inner, last, loss=self.loss, l1=self.l1, l2=self.l2)  # type: ignore[arg-type]  # names are checked there

    def rule(self) -> Optimizer:
        """The optimizer."""
        if self.brought is not None and self.brought.name == self.optimizer:
            return replace(self.brought, learning_rate=self.learning_rate)
        return optimizer_named(self.optimizer, self.learning_rate)

    def settings(self) -> Settings:
        """How it is trained: with NumPy, whose steps can be taken again to the same bits."""
        return Settings(optimizer=self.rule(), epochs=self.epochs, batch_size=self.batch_size, engine="numpy")

    def changed(self, changes: Mapping[str, Any]) -> Choices:
        """Other choices, checked; with another optimizer comes that one's learning rate, unless one is given.

        Raises
        ------
        ValueError
            There is no such choice, or it cannot have this value; the message says what is allowed.
        """
        new = {find(key, CHECKS, "choice"): value for key, value in changes.items()}
        new = {key: checked(key, value) for key, value in new.items()}
        if new.get("optimizer", self.optimizer) != self.optimizer and "learning_rate" not in new:
            new["learning_rate"] = default_rate(new["optimizer"])
        if new.get("loss", self.loss) != self.loss and new["loss"] in INSIDE:
            new = {"output_activation": None, "outputs": None, **new}
        return replace(self, **new)

    def to_json(self) -> dict[str, Any]:
        """As the page has them."""
        loss = self.loss if self.loss is None or isinstance(self.loss, str) else repr(self.loss)
        weights = self.weights if isinstance(self.weights, str) else "as the tutorial draws them"
        plain = {**asdict(replace(self, loss=None, weights=None, brought=None)), "loss": loss, "weights": weights}
        return {name: plain[name] for name in CHECKS}


def checked(key: str, value: Any) -> Any:
    """A value as `Choices` has it; ValueError for one that cannot be."""
    return CHECKS[key](key, value)


def layers_of(key: str, value: Any) -> tuple[Hidden, ...]:
    """Hidden layers: dicts of what `Hidden` has."""
    if not isinstance(value, list) or len(value) > MOST_LAYERS or not all(isinstance(item, Mapping) for item in value):
        raise ValueError(f"{key} must be a list of up to {MOST_LAYERS} layers, got {value!r:.80}")
    names = [item.name for item in fields(Hidden)]
    made = []
    for item in value:
        given = {find(str(name), names, "part of a layer"): part for name, part in item.items()}
        units = whole_in("units", given.get("units", 4), 1, MOST_UNITS)
        rate = number_in("dropout", given.get("dropout", 0.0), 0.0, 0.95)
        made.append(
            Hidden(
                units=units,
                activation=find(str(given.get("activation", "tanh")), activations.NAMES, "activation"),
                dropout=rate,
                batch_norm=truth("batch_norm", given.get("batch_norm", False)),
            )
        )
    return tuple(made)


def shown(value: Any) -> str:
    """What came, in few letters."""
    return "nothing" if value is None else f"{value!r:.40}"


def whole_in(key: str, value: Any, low: float, high: float) -> int:
    """A whole number from `low` to `high`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{key} must be a whole number from {low:g} to {high:,}, got {shown(value)}")
    return value


def number_in(key: str, value: Any, low: float, high: float) -> float:
    """A number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ValueError(f"{key} must be a number from {low:g} to {high:g}, got {shown(value)}")
    return float(value)


def truth(key: str, value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{key} must be true or false, got {shown(value)}")
    return value


Check = Callable[[str, Any], Any]


def whole(low: float, high: float) -> Check:
    """Checks a whole number from `low` to `high`."""
    return lambda key, value: whole_in(key, value, low, high)


def number(low: float, high: float) -> Check:
    """Checks a number from `low` to `high`."""
    return lambda key, value: number_in(key, value, low, high)


def name(names: Iterable[str]) -> Check:
    """Checks a name."""
    return lambda key, value: find(str(value), names, key.replace("_", " "))


def optional(check: Check) -> Check:
    """A check that lets None pass."""
    return lambda key, value: None if value is None else check(key, value)


INSIDE = ("binary_cross_entropy", "cross_entropy")  # losses that say what the last layer is
SMALLEST = 1e-12  # learning rate, and share of rows

LIMITS: dict[str, tuple[float, float]] = {  # of numbers, the smallest and the largest
    "l1": (0.0, 100.0),
    "l2": (0.0, 100.0),
    "learning_rate": (SMALLEST, 1000.0),
    "batch_size": (1, 1_000_000),
    "epochs": (1, MOST_EPOCHS),
    "validation": (SMALLEST, 0.9),
    "seed": (0, 2**32 - 1),
}

CHECKS: dict[str, Check] = {
    "layers": layers_of,
    "output_activation": optional(name(activations.NAMES)),
    "outputs": optional(whole(1, 1)),
    "bias": truth,
    "weights": name(initializers.NAMES),
    "loss": optional(name(losses.NAMES)),
    "l1": number(*LIMITS["l1"]),
    "l2": number(*LIMITS["l2"]),
    "optimizer": name(optimizers.RULES),
    "learning_rate": number(*LIMITS["learning_rate"]),
    "batch_size": optional(whole(*LIMITS["batch_size"])),
    "epochs": whole(*LIMITS["epochs"]),
    "validation": optional(number(*LIMITS["validation"])),
    "seed": whole(*LIMITS["seed"]),
}
