"""Layers made of layers: some columns of a row go one way and others another, or a way leads around layers.

    Residual(Dense(8, "relu"), Dense(8))      y = x + f(x), a skip connection
    Columns([0, 1], Dense(4, "tanh"))         a layer on some of the columns; the others are left out
    Beside(Columns([0, 1], Dense(4)), …)      layers side by side, each on its columns; the others pass unchanged

Each holds its inner layers and calls their own code, so there is no formula here but for sums and columns. Arrays and
values of inner layers are called by their name and the letter of the inner layer: W_a belongs to the first, W_b to the
second. Where there is only one, names stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any, Literal

import numpy as np

from glassnet.expressions.differentiate import put_back
from glassnet.expressions.expression import symbol
from glassnet.formulas.types import Array
from glassnet.parts.embeddings import PeriodicEmbedding, PiecewiseLinearEmbedding
from glassnet.parts.layers import (
    BatchNorm,
    Dense,
    Dropout,
    Layer,
    LayerNorm,
    Mode,
    Parameter,
    Values,
    check_layer,
    namespace,
)
from glassnet.parts.naming import gradient_name


@dataclass(frozen=True)
class Inner:
    """An inner layer: its letter (empty where it is the only one) and how many numbers go into it."""

    layer: Layer
    letter: str
    width: int

    def name(self, name: str) -> str:
        """What one of its arrays or values is called outside."""
        return f"{name}_{self.letter}" if self.letter else name

    def parameters(self) -> dict[str, Parameter]:
        """Its arrays, by the names they have outside."""
        return {self.name(name): item for name, item in self.layer.parameters(self.width).items()}

    def arrays(self, p: Any) -> Any:
        """Its own arrays, as it knows them."""
        return namespace({name: getattr(p, self.name(name)) for name in self.layer.parameters(self.width)})

    def values(self, v: Any, others: Sequence[str]) -> Values:
        """Its own values, as it knows them; `others` are not its own."""
        ending = f"_{self.letter}" if self.letter else ""
        found = {name: value for name, value in vars(v).items() if name.endswith(ending) and name not in others}
        return {name.removesuffix(ending): value for name, value in found.items()}


def inner_layers(layers: Sequence[Layer], width: int, letters: Sequence[str]) -> list[Inner]:
    """Layers one after the other, behind so many numbers."""
    found = []
    for layer, letter in zip(layers, letters, strict=True):
        found.append(Inner(layer, letter, width))
        width = width_after(layer, width)
    return found


def width_after(layer: Layer, width: int) -> int:
    """How many numbers a layer makes of so many."""
    if isinstance(layer, NESTED):
        return layer.n_outputs(width)
    p = namespace({name: symbol(name, item.shape) for name, item in layer.parameters(width).items()})
    values = layer.forward(p, symbol("x", ("n", width)), Mode(training=False))
    return int(list(values.values())[-1].shape[1])


def width_behind(layers: Sequence[Layer], width: int) -> int:
    """How many numbers layers one after the other make of so many."""
    for layer in layers:
        width = width_after(layer, width)
    return width


PLAIN = (
    Dense,
    Dropout,
    BatchNorm,
    LayerNorm,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
)  # nothing in them is called r, s or t


def letters_for(layers: Sequence[Layer]) -> list[str]:
    """a, b, c, …, z, aa, bb, … for layers; nothing for a single one whose names cannot be those of another value."""
    if len(layers) == 1 and type(layers[0]) in PLAIN:
        return [""]
    return letters_of(len(layers))


def letters_of(count: int) -> list[str]:
    """a, b, c, …, z, aa, bb, … for so many things beside each other."""
    return [ascii_lowercase[k % 26] * (k // 26 + 1) for k in range(count)]


def checked(layers: tuple[Any, ...], what: str) -> tuple[Layer, ...]:
    """The layers; ValueError for none, TypeError for what is no layer."""
    if not layers:
        raise ValueError(f"{what} needs at least one layer")
    for layer in layers:
        check_layer(layer)
    return layers


def through(inside: Sequence[Inner], p: Any, x: Array, mode: Mode) -> tuple[Values, Array]:
    """Forward through layers one after the other: all their values, and the last output."""
    found: Values = {}
    for item in inside:
        values = item.layer.forward(item.arrays(p), x, mode)
        found |= {item.name(name): value for name, value in values.items()}
        x = list(values.values())[-1]
    return found, x


def back_through(
    inside: Sequence[Inner], p: Any, x: Array, v: Any, d: Array, others: Sequence[str]
) -> tuple[Values, Array]:
    """Back through them: all their gradients, and the one at what went in."""
    values = [item.values(v, others) for item in inside]
    inputs = [x, *(list(own.values())[-1] for own in values[:-1])]
    found: Values = {}
    for item, own, into in reversed(list(zip(inside, values, inputs, strict=True))):
        assert item.layer.backward is not None
        grads = dict(item.layer.backward(item.arrays(p), into, namespace(own), d))
        d = grads.pop("dx")
        found |= {item.name(name): grad for name, grad in grads.items()}
        if item is not inside[0]:  # d is now the gradient at the output of the layer before
            before = inside[inside.index(item) - 1]
            output = list(values[inside.index(before)])[-1]
            found[gradient_name(before.name(output))] = d
    return found, d


@dataclass(frozen=True, init=False, repr=False)
class Residual:
    """r = x + f(x): what the layers make of a row is added to it, a skip connection (He et al., 2015).

    Attributes
    ----------
    layers
        One after the other; the last must give as many numbers as go in.
    """

    layers: tuple[Layer, ...]

    def __init__(self, *layers: Layer) -> None:
        object.__setattr__(self, "layers", checked(layers, "Residual"))

    def n_outputs(self, n_inputs: int) -> int:
        """As many as go in."""
        return n_inputs

    def inside(self, n_inputs: int) -> list[Inner]:
        """The inner layers; ValueError where the sum has no meaning."""
        found = inner_layers(self.layers, n_inputs, letters_for(self.layers))
        width = width_after(self.layers[-1], found[-1].width)
        if width != n_inputs:
            raise ValueError(
                f"Residual adds what goes in to what comes out: {n_inputs} numbers go in and {width} come out; "
                f"the last layer must give {n_inputs}"
            )
        return found

    def parameters(self, n_inputs: int) -> dict[str, Parameter]:
        """Those of the inner layers."""
        return {name: own for item in self.inside(n_inputs) for name, own in item.parameters().items()}

    def forward(self, p: Any, x: Array, mode: Mode) -> Values:
        """r = x + f(x)."""
        values, y = through(self.inside(int(x.shape[1])), p, x, mode)
        return {**values, "r": x + y}

    @property
    def backward(self) -> Any:
        """dx = d + what goes back through f; None where an inner layer has no backward of its own."""
        return None if any(layer.backward is None for layer in self.layers) else self.go_back

    def go_back(self, p: Any, x: Array, v: Any, d: Array) -> Values:
        """dx = d + what goes back through f."""
        grads, dx = back_through(self.inside(int(x.shape[1])), p, x, v, d, ("r",))
        return {**grads, "dx": d + dx}

    def __repr__(self) -> str:
        return f"Residual({', '.join(map(repr, self.layers))})"


@dataclass(frozen=True, init=False, repr=False)
class Columns:
    """y = f(x[:, columns]): layers on some of the columns, the others are left out.

    Inside `Beside` they are the columns of one of its parts.

    Attributes
    ----------
    columns
        Which, from 0, in the order in which the layers get them.
    layers
        One after the other; none: the columns as they are.
    """

    columns: tuple[int, ...]
    layers: tuple[Layer, ...]

    def __init__(self, columns: Sequence[int], *layers: Layer) -> None:
        object.__setattr__(self, "columns", checked_columns(columns))
        object.__setattr__(self, "layers", checked(layers, "Columns") if layers else ())

    def n_outputs(self, n_inputs: int) -> int:
        """What the last layer gives."""
        return width_behind(self.layers, len(self.columns))

    def inside(self, n_inputs: int) -> list[Inner]:
        """The inner layers."""
        check_range(self.columns, n_inputs)
        return inner_layers(self.layers, len(self.columns), letters_for(self.layers))

    def parameters(self, n_inputs: int) -> dict[str, Parameter]:
        """Those of the inner layers."""
        return {name: own for item in self.inside(n_inputs) for name, own in item.parameters().items()}

    def forward(self, p: Any, x: Array, mode: Mode) -> Values:
        """t = x[:, columns], then the layers."""
        t = x[:, list(self.columns)]  # (n, columns)
        values, _ = through(self.inside(int(x.shape[1])), p, t, mode)
        return {"t": t, **values}

    @property
    def backward(self) -> Any:
        """The gradient goes to the columns that were taken; None where an inner layer has no backward of its own."""
        return None if any(layer.backward is None for layer in self.layers) else self.go_back

    def go_back(self, p: Any, x: Array, v: Any, d: Array) -> Values:
        """The gradient goes to the columns that were taken, and 0 to the others."""
        width = int(x.shape[1])
        grads, dt = back_through(self.inside(width), p, v.t, v, d, ("t",)) if self.layers else ({}, d)
        return {**grads, "dx": put_back(dt, self.columns, width)}

    def __repr__(self) -> str:
        return f"Columns({', '.join(map(repr, ([*self.columns], *self.layers)))})"


@dataclass(frozen=True, init=False, repr=False)
class Beside:
    """s = [f(x) | g(x) | … | the other columns]: layers side by side, what they give in one row.

    Attributes
    ----------
    layers
        Each gets the whole row, and a `Columns` its columns.
    others
        "pass": columns that no layer gets come last, unchanged. "drop": they are left out.
    """

    layers: tuple[Layer, ...]
    others: str

    def __init__(self, *layers: Layer, others: Literal["pass", "drop"] = "pass") -> None:
        object.__setattr__(self, "layers", checked(layers, "Beside"))
        if others not in ("pass", "drop"):
            raise ValueError(f"others must be 'pass' or 'drop', got {others!r:.60}")
        object.__setattr__(self, "others", others)

    def n_outputs(self, n_inputs: int) -> int:
        """What all parts give."""
        return sum(width_behind(inner, len(columns)) for columns, inner in self.chains(n_inputs))

    def chains(self, n_inputs: int) -> list[tuple[tuple[int, ...], tuple[Layer, ...]]]:
        """The columns of each part and its layers; the last part has the other columns, if there are any."""
        chains: list[tuple[tuple[int, ...], tuple[Layer, ...]]] = []
        for layer in self.layers:
            columns, inner = columns_of(layer, n_inputs), inner_chain(layer)
            check_range(columns, n_inputs)
            chains.append((columns, inner))
        taken = {column for columns, _ in chains for column in columns}
        rest = tuple(column for column in range(n_inputs) if column not in taken)
        return [*chains, (rest, ())] if rest and self.others == "pass" else chains

    def parts(self, n_inputs: int) -> list[tuple[tuple[int, ...], list[Inner]]]:
        """The columns of each part and its inner layers."""
        chains = self.chains(n_inputs)
        letters = letters_for([layer for _, inner in chains for layer in inner])
        found = []
        for columns, inner in chains:
            own, letters = letters[: len(inner)], letters[len(inner) :]
            found.append((columns, inner_layers(inner, len(columns), own)))
        return found

    def parameters(self, n_inputs: int) -> dict[str, Parameter]:
        """Those of the inner layers."""
        inside = [item for _, chain in self.parts(n_inputs) for item in chain]
        return {name: own for item in inside for name, own in item.parameters().items()}

    def forward(self, p: Any, x: Array, mode: Mode) -> Values:
        """Each part by itself, then all in one row."""
        values, rows = dict[str, Array](), list[Array]()
        for columns, chain in self.parts(int(x.shape[1])):
            taken = x[:, list(columns)]  # (n, columns)
            if chain and len(columns) < x.shape[1]:
                values[chain[0].name("t")] = taken
            own, y = through(chain, p, taken, mode)
            values |= own
            rows.append(y)
        return {**values, "s": np.concatenate(tuple(rows), axis=1)}

    @property
    def backward(self) -> Any:
        """Each part gets the gradient of its own columns; None where an inner layer has no backward of its own."""
        inside = [inner for layer in self.layers for inner in inner_chain(layer)]
        return None if any(layer.backward is None for layer in inside) else self.go_back

    def go_back(self, p: Any, x: Array, v: Any, d: Array) -> Values:
        """Each part gets the gradient of what it gave; a column that several got, the sum of what they say."""
        width, start = int(x.shape[1]), 0
        grads, pieces, places = dict[str, Array](), list[Array](), list[int]()
        for columns, chain in self.parts(width):
            size = width_after(chain[-1].layer, chain[-1].width) if chain else len(columns)
            own = d[:, start : start + size]
            start += size
            if chain:
                name = chain[0].name("t")
                taken = getattr(v, name) if len(columns) < width else x[:, list(columns)]
                found, own = back_through(chain, p, taken, v, own, ("s", name))
                grads |= found
            pieces.append(own)
            places += columns
        return {**grads, "dx": put_back(np.concatenate(tuple(pieces), axis=1), places, width)}

    def __repr__(self) -> str:
        others = [] if self.others == "pass" else [f"others={self.others!r}"]
        return f"Beside({', '.join([*map(repr, self.layers), *others])})"


NESTED = (Residual, Columns, Beside)


def all_inside(layer: Any, n_inputs: int) -> list[Inner]:
    """A layer's own layers, in order, each with the numbers that it gets."""
    if isinstance(layer, Beside):
        return [Inner(item, "", n_inputs) for item in layer.layers]
    found: list[Inner] = layer.inside(n_inputs)
    return found


def with_inner(layer: Any, inner: Sequence[Layer]) -> Any:
    """The same layer made of others."""
    given = (layer.columns, *inner) if isinstance(layer, Columns) else inner
    return type(layer)(*given, **({"others": layer.others} if isinstance(layer, Beside) else {}))


def own_fields(layer: Any) -> tuple[Any, ...]:
    """What a layer made of layers is besides them."""
    return layer.columns if isinstance(layer, Columns) else (layer.others,) if isinstance(layer, Beside) else ()


def columns_of(layer: Layer, n_inputs: int) -> tuple[int, ...]:
    """The columns that a part of `Beside` gets."""
    return layer.columns if isinstance(layer, Columns) else tuple(range(n_inputs))


def inner_chain(layer: Layer) -> tuple[Layer, ...]:
    """The layers, one after the other, that a part of `Beside` is."""
    return layer.layers if isinstance(layer, Columns) else (layer,)


def checked_columns(columns: Any) -> tuple[int, ...]:
    """The numbers of columns; TypeError or ValueError for what is none."""
    found = tuple(columns) if isinstance(columns, (list, tuple, range, np.ndarray)) else (columns,)
    for column in found:
        if isinstance(column, bool) or not isinstance(column, (int, np.integer)):
            raise TypeError(f"columns must be whole numbers, from 0: [0, 2, 5]; got {columns!r:.60}")
    picked = tuple(int(column) for column in found)
    if not picked or min(picked) < 0 or len(set(picked)) < len(picked):
        raise ValueError(f"columns must be numbers from 0, at least one and each once, got {columns!r:.60}")
    return picked


def check_range(columns: tuple[int, ...], n_inputs: int) -> None:
    """ValueError for a column that is not there."""
    if max(columns) >= n_inputs:
        raise ValueError(f"columns must be below {n_inputs}, as many as go in, got {list(columns)}")


def inner_of(layer: Any, name: str) -> tuple[Layer, str] | None:
    """The inner layer that a value of a layer made of layers belongs to, and the value's name in it; or None."""
    layers = [*layer.layers]
    if isinstance(layer, Beside):
        layers = [inner for item in layers for inner in inner_chain(item)]
    letters = letters_for(layers)
    stem, _, ending = name.rpartition("_")
    own = {Residual: "r", Columns: "t", Beside: "s"}[type(layer)]
    if letters == [""]:
        return None if name in (own, "t") else (layers[0], name)
    if ending in letters and stem not in ("", "t"):
        return layers[letters.index(ending)], stem
    return None
