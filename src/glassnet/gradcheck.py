"""Is the gradient right? Backpropagation held against slopes that know nothing of it.

The slope of the loss at one weight can be measured without any derivative: move the weight a little and see how
the loss moves. Doing that for every weight is slow, and it is the truth; backpropagation is fast, and it is
right if both agree. Two ways to measure:

    central    (J(w + h) - J(w - h)) / 2h      error about h² and rounding / h: seven digits agree
    complex    Im J(w + ih) / h                nothing is subtracted, so h may be 1e-200: all digits agree

A weight at a kink (a relu whose score is 0) has two slopes, one to each side. Both ways look at both sides; where
these differ, backpropagation may give either, and the weight is left out and counted. So is, for central
differences, a weight at which the loss bends so sharply that the step is too long.

    >>> import glassnet as gn
    >>> network = gn.Network(gn.Dense(4, "tanh"), gn.Dense(1), loss="squared")
    >>> check_gradient(network, [[0.0, 1.0], [1.0, 0.5]], [[1.0], [2.0]]).passed
    True
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.arrays import check_weight
from glassnet.derivation.derive import derive
from glassnet.derivation.steps import Derivation
from glassnet.engines.numpy import gradient_source
from glassnet.expressions.expression import ROWS, apply, evaluate, postorder
from glassnet.memory import Memory
from glassnet.model import Model
from glassnet.naming import check_number, find
from glassnet.network import Network
from glassnet.optimizers import SGD
from glassnet.train import initialize

TOLERANCE = {"central": 1e-7, "complex": 1e-12}
WORDS = {"central": "central differences", "complex": "complex steps"}
TINY = 1e-200  # the complex step: its square is 0, so that a score of 0 stays at its kink
EPS = float(np.finfo(np.float64).eps)

Measure = Callable[[int], tuple[float, bool]]


@dataclass(frozen=True)
class Entry:
    """One weight and its two slopes."""

    name: str
    index: tuple[int, ...]
    analytic: float
    numeric: float

    def __str__(self) -> str:
        where = ", ".join(map(str, self.index))
        return f"{self.name}[{where}]: analytic {self.analytic:.12g}, numeric {self.numeric:.12g}"


@dataclass(frozen=True, repr=False, eq=False)
class GradientCheck:
    """What came out of `check_gradient`.

    Attributes
    ----------
    method
        "central" or "complex".
    error
        ‖analytic - numeric‖ / max(‖analytic‖, ‖numeric‖, floor), over everything that was checked.
    errors
        The same for each array by itself.
    tolerance
        What is allowed for each of them.
    floor
        Below this length a gradient is too short for the method to say more about it.
    worst
        The weight whose two slopes differ most; None if all were left out.
    kinks
        How many weights were left out because they are at a kink or a sharp bend.
    analytic, numeric
        The gradient by array; in `numeric` NaN stands for what was not measured.
    """

    method: str
    error: float
    errors: dict[str, float]
    tolerance: float
    floor: float
    worst: Entry | None
    kinks: int
    analytic: dict[str, np.ndarray] = field(default_factory=dict)
    numeric: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def checked(self) -> int:
        """How many weights were compared."""
        return sum(int(np.isfinite(array).sum()) for array in self.numeric.values())

    @property
    def passed(self) -> bool:
        """Whether every array's gradient agrees."""
        return self.checked > 0 and all(error <= self.tolerance for error in self.errors.values())

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        verdict = "agrees" if self.passed else "does NOT agree"
        lines = [f"backpropagation {verdict} with {WORDS[self.method]}", ""]
        titles = ("array", "shape", "checked", "‖analytic‖", "‖numeric‖", "error", "")
        rows = [titles, *self._rows()]
        widths = [max(len(row[k]) for row in rows) for k in range(len(titles))]
        lines += ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
        lines += ["", f"error {self.error:.2g} over all, {self.tolerance:.0e} allowed for each array"]
        lines += [f"largest difference at {self.worst}"] if self.worst else []
        lines += [f"{self.kinks} left out: at a kink or a sharp bend"] if self.kinks else []
        return "\n".join(lines)

    def _rows(self) -> Iterator[tuple[str, ...]]:
        for name, error in self.errors.items():
            a, b = self.analytic[name], self.numeric[name]
            seen = np.isfinite(b)
            norms = (f"{np.linalg.norm(part[seen]):.6g}" for part in (a, b))
            mark = "" if error <= self.tolerance else "<-- wrong"
            yield name, str(a.shape), f"{int(seen.sum())} of {a.size}", *norms, f"{error:.1e}", mark


def check_gradient(
    network: Network | Model,
    X: Any,
    y: Any = None,
    *,
    target: str | None = None,
    sample_weight: Any = None,
    method: str = "central",
    entries: int = 1000,
    step: float = 1e-5,
    seed: int = 0,
) -> GradientCheck:
    """Compare the gradient of backpropagation with measured slopes of the loss, penalties included, in float64.

    The network is run as in training: batch statistics, and dropout with the same random numbers every time.
    Nothing is changed, neither the model's weights nor its random generator.

    Parameters
    ----------
    network
        A network, which gets starting weights from `seed`; or a model, which is looked at where it is.
    X, y, target, sample_weight
        Rows, as for `train`. A few are enough.
    method
        "central" (differences of the loss, to 1e-7) or "complex" (complex steps through the derivation, to 1e-12).
    entries
        How many weights of each array to measure at most; of larger arrays that many are drawn.
    step
        How far "central" moves a weight w: step·max(1, |w|).
    seed
        For starting weights, dropout, and which entries are drawn.

    Raises
    ------
    DataError, ValueError
        As for `train`.

    Notes
    -----
    Differences are lost in rounding where the gradient has all but vanished: ‖g‖ counts as at least `floor`, 1e-6
    or, for "central", what the rounding of the loss leaves visible, 2e8·√size·ε·|J|/step; for "complex" 1e-3 and
    a hundredth of the whole gradient, because the formulas themselves are off by an ulp.
    """
    find(method, TOLERANCE, "method")
    check_number("step", step, 0, 1)
    if isinstance(entries, bool) or not isinstance(entries, int) or entries < 1:
        raise ValueError(f"entries must be a whole number >= 1, got {entries!r}")
    if isinstance(network, Network):
        model = initialize(network, X, y, target=target, seed=seed, dtype=np.float64)
    elif isinstance(network, Model):
        model = network
    else:
        raise TypeError(f"check_gradient takes a Network or a Model first, got {type(network).__name__}")
    if not model.n_parameters:
        raise ValueError("the network has no weights, so there is no gradient to check")
    place = Place(model, X, y, sample_weight, seed)
    g = place.gradient()
    floor = max(1e-3, 0.01 * float(np.linalg.norm(g)))
    measure: Measure = place.complex_slope
    if method == "central":
        noise = EPS * abs(place.loss()) / step
        floor = max(1e-6, 2e8 * math.sqrt(g.size) * noise)
        measure = Central(place, step, noise).slope
    return compare(place, g, measure, method, floor, entries, seed)


class Place:
    """A network in float64 at some weights, and the rows that its loss is taken of."""

    def __init__(self, model: Model, X: Any, y: Any, sample_weight: Any, seed: int) -> None:
        x = np.ascontiguousarray(model.encode(X), np.float64)
        targets = np.ascontiguousarray(model.targets(X, y)[0], np.float64)
        if len(x) != len(targets):
            raise ValueError(f"X has {len(x)} rows, y has {len(targets)}")
        w = None if sample_weight is None else check_weight(sample_weight, len(x))
        self.rows = (x, targets) if w is None else (x, targets, w[:, None])
        self.memory = Memory.of(model.network, model.n_inputs, np.float64)
        self.memory.theta[:] = model.memory.theta
        self.memory.state[:] = model.memory.state
        self.theta = self.memory.theta
        self.derivation: Derivation = derive(
            model.network, model.n_inputs, SGD(1.0), dtype=np.float64, weighted=w is not None
        )
        self.rng = np.random.default_rng(seed)
        self.start = self.rng.bit_generator.state
        self.run = gradient_source(self.derivation).bind(self.memory.arrays(), len(x), self.rng)
        names = {item.name for item in self.derivation.steps}
        self.result = "J" if "J" in names else "L"
        self.pulled = "g_pull" in names

    def loss(self) -> float:
        """The loss of the rows with its penalties, always of the same random numbers."""
        self.rng.bit_generator.state = self.start
        with np.errstate(all="ignore"):
            return float(self.run(*self.rows))

    def gradient(self) -> np.ndarray:
        """What backpropagation says, with the pull of the penalties."""
        self.loss()
        g = self.memory.g.copy()
        if not self.pulled:
            return g
        arrays = {"g": g, "theta": self.theta, "penalised": self.memory.penalised}
        pull = self.derivation["g_pull"].expression
        return np.asarray(evaluate(pull, {**arrays, **self.derivation.constants}))

    def complex_slope(self, k: int) -> tuple[float, bool]:
        """The slope at weight k by a complex step, and whether the step to the other side finds another one."""
        right, left = (self.complex_loss(k, side * TINY).imag / (side * TINY) for side in (1.0, -1.0))
        return 0.5 * (right + left), not abs(right - left) <= 1e-9 * max(1.0, abs(right), abs(left))

    def complex_loss(self, k: int, imaginary: float) -> complex:
        """The loss with weight k moved by an imaginary amount: the derivation's forward steps on complex arrays."""
        theta = self.theta.astype(complex)
        theta[k] += 1j * imaginary
        values: dict[str, Any] = {
            **self.memory.arrays(),
            **self.derivation.constants,
            **self.memory.layout.views(theta),
            **dict(zip(("x", "y", "w"), self.rows, strict=False)),
            "theta": theta,
            ROWS: float(len(self.rows[0])),
        }
        self.rng.bit_generator.state = self.start
        with np.errstate(all="ignore"):
            for item in self.derivation.steps:
                if item.phase in ("forward", "loss"):
                    values[item.name] = self.complex_value(item.expression, values)
        return complex(values[self.result])

    def complex_value(self, expression: Any, values: dict[str, Any]) -> Any:
        """An expression of complex arrays. NumPy orders complex numbers by their real part, ties by the imaginary
        one: a tiny imaginary part is a tiny step to the right, and comparisons see it.
        """
        results: dict[int, Any] = {}
        for node in postorder(expression):
            args = [results[id(arg)] for arg in node.args]
            if node.op == "symbol":
                result = values[node.name]
            elif node.op == "constant":
                result = node.value
            elif node.op == "random":
                result = self.rng.random([len(self.rows[0]) if dim == ROWS else int(dim) for dim in node.shape])
            elif node.op in REAL:
                result = REAL[node.op](args[0])
            else:
                result = apply(node.op, args, node.axis, node.keepdims)
            results[id(node)] = result
        return results[id(expression)]


# What NumPy does otherwise with complex numbers than a real function near the real axis would do
REAL: dict[str, Callable[[Any], Any]] = {
    "absolute": lambda z: np.where(np.greater_equal(z, 0.0), z, np.negative(z)),
    "sign": lambda z: np.where(np.greater(z, 0.0), 1.0, np.where(np.less(z, 0.0), -1.0, 0.0)),
    "floor": lambda z: np.floor(np.real(z)),
}


@dataclass
class Central:
    """Slopes from differences of the loss."""

    place: Place
    step: float
    noise: float  # what the rounding of the loss makes of a slope, about

    def slope(self, k: int) -> tuple[float, bool]:
        """The slope at weight k, and whether there is a kink or a sharp bend within the step.

        A smooth loss bends in proportion: its slopes to the right and to the left differ twice as much over h as
        over h/2. At a kink they differ by a jump that does not shrink with h. And where the mean of both changes
        from h to h/2, h is too long: at a jump of the curvature (an elu whose score is 0), or far from a line.
        """
        theta = self.place.theta
        w = theta[k]
        h = self.step * max(1.0, abs(w))
        J: dict[float, float] = {}
        for part in (0.0, 1.0, -1.0, 0.5, -0.5):
            theta[k] = w + part * h
            J[part] = self.place.loss()
        theta[k] = w
        right, left = (J[1.0] - J[0.0]) / h, (J[0.0] - J[-1.0]) / h
        near_right, near_left = (J[0.5] - J[0.0]) / (0.5 * h), (J[0.0] - J[-0.5]) / (0.5 * h)
        kink = abs((right - left) - 2.0 * (near_right - near_left))
        bend = 0.5 * abs(right + left - near_right - near_left)
        slope = (J[1.0] - J[-1.0]) / (2.0 * h)
        enough = 2e-8 * abs(slope)
        return slope, not (kink <= max(200.0 * self.noise, enough) and bend <= max(20.0 * self.noise, enough))


def compare(
    place: Place, g: np.ndarray, measure: Measure, method: str, floor: float, entries: int, seed: int
) -> GradientCheck:
    """Measure each array's entries and hold them against g."""
    layout = place.memory.layout
    drawing = np.random.default_rng(seed)
    measured = np.full(g.shape, np.nan)
    kinks = 0
    for where in layout.slices.values():
        size = where.stop - where.start
        chosen = np.arange(size) if size <= entries else np.sort(drawing.permutation(size)[:entries])
        for k in (where.start + chosen).tolist():
            slope, kink = measure(k)
            kinks += kink
            if not kink:
                measured[k] = slope
    seen = np.isfinite(measured)
    difference = np.where(seen, g - measured, 0.0)

    def relative(part: slice) -> float:
        lengths = [float(np.linalg.norm(array[part][seen[part]])) for array in (g, measured)]
        return float(np.linalg.norm(difference[part])) / max(*lengths, floor)

    worst = None
    if seen.any():
        k = int(np.argmax(np.where(np.isnan(difference), np.inf, np.abs(difference)) * seen))
        name, where = next((n, s) for n, s in layout.slices.items() if s.start <= k < s.stop)
        index = tuple(int(i) for i in np.unravel_index(k - where.start, layout.shapes[name]))
        worst = Entry(name, index, float(g[k]), float(measured[k]))
    return GradientCheck(
        method,
        relative(slice(None)),
        {name: relative(where) for name, where in layout.slices.items()},
        TOLERANCE[method],
        floor,
        worst,
        kinks,
        layout.views(g),
        layout.views(measured),
    )
