"""`check_gradient`: every weight measured, or of large arrays some, and held against backpropagation."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from glassnet.parts.naming import check_number, check_whole, find
from glassnet.parts.network import Network
from glassnet.readings.gradcheck.point import Point
from glassnet.readings.gradcheck.result import Entry, GradientCheck
from glassnet.readings.gradcheck.slopes import central_slope, complex_slope
from glassnet.training.preparing import prepare
from glassnet.training.progress import announce_kind
from glassnet.training.state import State

if TYPE_CHECKING:
    from glassnet.parts.literals import KindName

TOLERANCE = {"central": 1e-7, "complex": 1e-12}
EPS = float(np.finfo(np.float64).eps)

Measure = Callable[[int], tuple[float, bool]]


def check_gradient(
    network: Network | State,
    X: Any,
    y: Any = None,
    *,
    target: str | None = None,
    kind: KindName | None = None,
    sample_weight: Any = None,
    method: Literal["central", "complex"] = "central",
    entries: int = 1000,
    step: float = 1e-5,
    seed: int = 0,
) -> GradientCheck:
    """What `glassnet.check_gradient` says; a model is its state here.

    Notes
    -----
    Differences are lost in rounding where the gradient has all but vanished: ‖g‖ counts as at least `floor`, 1e-6
    or, for "central", what the rounding of the loss leaves visible, 2e8·√size·ε·|J|/step; for "complex" 1e-3 and
    a hundredth of the whole gradient, because the formulas themselves are off by an ulp.
    """
    find(method, TOLERANCE, "method")
    check_number("step", step, 0, 1)
    check_whole("entries", entries)
    if isinstance(network, Network):
        model = prepare(network, X, y, target=target, kind=kind, seed=seed, dtype=np.float64).model
        announce_kind(model.contract)
        model.memory.theta += 0.1 * np.random.default_rng(seed).standard_normal(model.n_parameters)
    elif isinstance(network, State):
        if kind is not None:
            raise ValueError("kind was fixed when this model was made; leave it out, or check a network")
        model = network
    else:
        raise TypeError(f"check_gradient takes a Network or a Model first, got {type(network).__name__}")
    if not model.n_parameters:
        raise ValueError("the network has no weights, so there is no gradient to check")
    point = Point(model, X, y, sample_weight, seed)
    g = point.gradient()
    floor = max(1e-3, 0.01 * float(np.linalg.norm(g)))
    measure: Measure = partial(complex_slope, point)
    if method == "central":
        noise = EPS * abs(point.loss()) / step
        floor = max(1e-6, 2e8 * math.sqrt(g.size) * noise)
        measure = partial(central_slope, point, step=step, noise=noise)
    return compare(point, g, measure, method=method, floor=floor, entries=entries, seed=seed)


def compare(
    point: Point, g: np.ndarray, measure: Measure, *, method: str, floor: float, entries: int, seed: int
) -> GradientCheck:
    """Measure each array's entries and hold them against g."""
    layout = point.memory.layout
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
        worst = Entry(*layout.array_at(k), float(g[k]), float(measured[k]))
    return GradientCheck(
        method=method,
        error=relative(slice(None)),
        errors={name: relative(where) for name, where in layout.slices.items()},
        tolerance=TOLERANCE[method],
        floor=floor,
        worst=worst,
        kinks=kinks,
        analytic=layout.views(g),
        numeric=layout.views(measured),
    )
