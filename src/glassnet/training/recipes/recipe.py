"""A recipe: all that is decided about a network for a table before the table is seen. It is data.

>>> from glassnet.training.recipes.by_name import recipe
>>> recipe("small", hidden=(32, 16)).replace(epochs=100)
recipe('small', hidden=(32, 16), epochs=100)
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from glassnet.data.tables.choices import ChoiceOptions, Choices
from glassnet.parts.naming import guess
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.printable import printable
from glassnet.training.contract import classes_of
from glassnet.training.recipes.building import build
from glassnet.training.recipes.parts import CHECKS, changed, checked, of_kind, rule_of
from glassnet.training.recipes.telling import as_given, block, told
from glassnet.training.rows import Walk
from glassnet.training.settings import Settings
from glassnet.training.stopping import EarlyStopping

if TYPE_CHECKING:
    from glassnet.data.arrays import ArrayContract
    from glassnet.data.tables import DataContract

FEW = 20  # with fewer rows none are held out unless that is asked for: there would be too few to learn from
CHOICES = ("scale", "fill", "words", "clamp", "max_categories")


@dataclass(frozen=True, kw_only=True, repr=False)
class Recipe:
    """How a table becomes inputs, which network is built for it, and how that is trained.

    A part that differs for classes and for a number is a dictionary, {"classes": "selu", "number": "mish"}. The
    defaults are those of the recipe "small".

    Attributes
    ----------
    name
        What it is called.
    about
        Whose it is, or what it is for.
    scale, fill, words, clamp, max_categories
        How columns become inputs, as `train` has them.
    numbers
        The layer that quantities go through first, each by itself, such as an embedding; None: they are inputs.
    categories
        The layer that a column of many words goes through, its inputs one-hot, where `words` is "embed".
    front
        The layer between the inputs and the first hidden layer; None: there is none.
    hidden
        Units of each hidden layer: (16,); () for none.
    activation, output_activation
        Of hidden layers, and of the last; None: what the loss has inside.
    bias, scaling, weights, biases, bias_rate
        Of all layers, as `Dense` has them.
    strength, strength_rate, strength_penalised
        Of hidden layers, as `Dense` has them.
    dropout
        After each hidden layer; a rate, or a schedule for it.
    loss, l2
        As `Network` has them.
    dtype
        "float32" or "float64".
    learns
        "all", or "biases": everything else stays frozen as it starts.
    optimizer, learning_rate
        What takes the steps; the rate a number, a schedule, or None for the optimizer's own.
    epochs, batch_size, drop_last, early_stopping
        As `train` has them.
    steps
        At most about so many, whatever there are of rows: a table of many is gone through in fewer epochs, unless
        others than the recipe's are asked for; None: in as many as are said.
    validation
        The share of the rows that is held out to measure on after each epoch; None: none are, nor of fewer than 20.
    refit
        A table of fewer rows is trained on twice: a quarter of the epochs with rows held out, and then with all. If the
        last epoch was best on the rows held out, all epochs are done; otherwise as many as were best, as before. 0:
        never, nor where no epoch is chosen or `members` hold out rows by turns.
    members
        How many networks are trained, each from another start and with another part of the rows held out: 1 gives a
        model, more an `Ensemble`.
    origin
        The recipe that this one is another version of, if it is.
    """

    name: str
    about: str = ""
    scale: Any = "standard"
    fill: Any = "median"
    words: Any = "one-hot"
    clamp: bool = False
    max_categories: int | None = None
    numbers: Any = None
    categories: Any = None
    front: Any = None
    hidden: Any = (16,)
    activation: Any = "relu"
    output_activation: Any = None
    bias: bool = True
    scaling: Any = "standard"
    weights: Any = "glorot_uniform"
    biases: Any = "zeros"
    bias_rate: float = 1.0
    strength: bool = False
    strength_rate: float = 1.0
    strength_penalised: bool | float = False
    dropout: Any = 0.0
    loss: Any = None
    l2: float = 0.0
    dtype: Any = "float64"
    learns: Any = "all"
    optimizer: Any = "adam"
    learning_rate: Any = 0.01
    epochs: int = 300
    batch_size: int | None = 32
    drop_last: bool = False
    steps: int | None = None
    validation: float | None = 0.15
    early_stopping: Any = 30
    refit: int = 0
    members: int = 1
    origin: Recipe | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        made = Choices(**self.choices)
        for name in CHOICES:
            object.__setattr__(self, name, getattr(made, name))
        for name in CHECKS:
            object.__setattr__(self, name, checked(name, getattr(self, name)))

    # its parts

    def replace(self, **parts: Any) -> Recipe:
        """The recipe with other parts.

        A number in the place of a schedule is the largest that this reaches, and a patience in the place of an
        `EarlyStopping` its patience. With another optimizer comes that one's learning rate, unless one is given.

        Raises
        ------
        TypeError
            There is no part of that name.
        ValueError
            A value that a part cannot have.
        """
        for name in parts:
            check_part(name)
        new = {name: changed(getattr(self, name), value) for name, value in parts.items()}
        if "optimizer" in parts:
            rule, rate = rule_of(parts["optimizer"], self.optimizer, self.learning_rate)
            new = {"learning_rate": rate, **new, "optimizer": rule}
        return replace(self, **new, origin=self.origin or self)

    def of(self, kind: str) -> Recipe:
        """The recipe for a target of this kind, "classes" or "number": every part one value."""
        return replace(self, **{name: of_kind(getattr(self, name), kind) for name in CHECKS})

    @property
    def choices(self) -> ChoiceOptions:
        """How columns become inputs, as keywords."""
        return {name: getattr(self, name) for name in CHOICES}  # type: ignore[return-value]  # these are its names

    # what it makes

    def network(self, contract: ArrayContract | DataContract) -> Network:
        """The network that it builds for what was learnt of a table."""
        kind = "number" if classes_of(contract) is None else "classes"
        return build(self.of(kind), contract, kind)

    def rule(self, kind: str) -> Optimizer:
        """The optimizer for a target of this kind."""
        rate = of_kind(self.learning_rate, kind)
        rule: Optimizer = of_kind(self.optimizer, kind)
        return rule if rate is None else replace(rule, learning_rate=rate)

    def epochs_over(self, rows: int) -> int:
        """How many epochs so many rows are gone through."""
        if self.steps is None or self.epochs != (self.origin or self).epochs:
            return self.epochs
        a_pass = Walk.over(rows, self.batch_size, shuffle=True, drop_last=self.drop_last).batches(rows)
        return min(self.epochs, max(1, self.steps // a_pass))

    def refits(self, rows: int) -> bool:
        """Whether so many rows are trained on twice, with some held out and then with all."""
        return rows < self.refit and self.validation is not None and self.members == 1

    @staticmethod
    def first_epochs(epochs: int) -> int:
        """How many the first pass of two does, where the second may do so many."""
        return max(1, epochs // 4)

    def settings(self, kind: str, *, rows: int, held_out: bool, metrics: Any = None, **more: Any) -> Settings:
        """How `train` trains.

        Parameters
        ----------
        kind
            The target's.
        rows
            How many there are to learn from.
        held_out
            Whether there are rows held out; without any, no epoch is chosen by what is measured on them.
        metrics
            What is to be measured besides.
        **more
            Other settings.
        """
        one = self.of(kind)
        stopping = one.early_stopping
        watched = stopping.monitor if isinstance(stopping, EarlyStopping) else None
        if watched is not None and watched.startswith("val_"):
            stopping = stopping if held_out else False
            metrics = with_metric(metrics, watched.removeprefix("val_")) if held_out else metrics
        return Settings(
            optimizer=self.rule(kind),
            epochs=one.epochs_over(rows),
            batch_size=one.batch_size,
            drop_last=one.drop_last,
            metrics=metrics,
            early_stopping=stopping,
            **more,
        )

    # as words

    @property
    def title(self) -> str:
        """Its name, and the parts that are not as in the recipe of that name: `strong(hidden=(128, 128))`."""
        return told(self.name, self.others)

    @property
    def others(self) -> list[tuple[str, Any]]:
        """The parts that are not as in the recipe that it is a version of."""
        origin = self.origin or self
        return [(name, value) for name in PARTS if (value := getattr(self, name)) != getattr(origin, name)]

    def __str__(self) -> str:
        return printable(block(self.title, self.about, {name: getattr(self, name) for name in PARTS}))

    def __repr__(self) -> str:
        return f"recipe({', '.join([repr(self.name), *(f'{name}={as_given(value)}' for name, value in self.others)])})"


PARTS = (*CHOICES, *CHECKS)


def check_part(name: str) -> None:
    """TypeError for what is no part of a recipe."""
    if name not in PARTS:
        raise TypeError(f"a recipe has no part {name!r}{guess(name, PARTS, 'option')}; it has {', '.join(PARTS)}")


def with_metric(asked: Any, name: str) -> Any:
    """Metrics, that of this name among them."""
    if asked is None:
        return name
    names = [asked] if isinstance(asked, str) or callable(asked) else [*asked]
    return names if name in names else [*names, name]
