"""How a column's numbers become inputs of a size that a network learns well from.

The choice is one for all columns of numbers and dates (`choices.py`): (x - mean) / scale, where nothing is said; or by
median and quartiles, which outliers cannot move, smoothly held within ±3; or by their places among the values of
training, as if these were normal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from statistics import NormalDist
from typing import Any, ClassVar

import numpy as np

from glassnet.data.files import fields as read
from glassnet.data.tables.table import Numbers

LIMIT = 3.0
"""What `smooth_clip` holds numbers within."""


@dataclass(frozen=True)
class Standard:
    """(x - mean) / scale: by mean and standard deviation (divided by n) of training; 0 and 1 leave x as it is.

    Attributes
    ----------
    mean, scale
        scale is > 0: 1 where all values are the same.
    """

    mean: float
    scale: float
    name: ClassVar[str] = "standard"

    def __call__(self, x: Any) -> Any:
        """The numbers, scaled."""
        with np.errstate(over="ignore"):
            return (x - self.mean) / self.scale

    def check(self, what: str) -> None:
        """Refuse a scale that no column has."""
        check_scale(what, self.scale)

    def __str__(self) -> str:
        is_scaled = (self.mean, self.scale) != (0.0, 1.0)
        return f"(x - {self.mean:.4g}) / {self.scale:.4g}" if is_scaled else "x, as it is"


AS_IT_IS = Standard(0.0, 1.0)


@dataclass(frozen=True)
class Robust:
    """z = (x - median) / scale, then z/√(1 + (z/3)²), as RealMLP has it (Holzmüller, Grinsztajn, Steinwart, 2024).

    Attributes
    ----------
    median
        Of the training values.
    scale
        Their third quartile less their first; where that is 0, half of the largest less the smallest; where that is 0
        too, 1.
    """

    median: float
    scale: float
    name: ClassVar[str] = "robust"

    @staticmethod
    def of(values: Numbers) -> Robust:
        """What is learnt from values, none of them missing; its numbers are not finite where these are too large."""
        low, first, median, third, high = np.quantile(values, (0.0, 0.25, 0.5, 0.75, 1.0)).tolist()
        smallest = 10 * np.finfo(np.float64).eps * max(abs(low), abs(high))  # a spread that is rounding only
        with np.errstate(over="ignore"):
            scales = (third - first, 0.5 * (high - low))
        return Robust(median, next((scale for scale in scales if scale > smallest), 1.0))

    def __call__(self, x: Any) -> Any:
        """The numbers, scaled and held within ±3; NaN for what is infinite, or too large to be scaled."""
        with np.errstate(over="ignore", invalid="ignore"):
            return smooth_clip((x - self.median) / self.scale)

    def check(self, what: str) -> None:
        """Refuse a scale that no column has."""
        check_scale(what, self.scale)

    def __str__(self) -> str:
        return f"(x - {self.median:.4g}) / {self.scale:.4g}, within ±3"


def smooth_clip(z: Any) -> Any:
    """z/√(1 + (z/3)²): z where it is small, and never beyond ±3. A hypotenuse is no square too large for a float.

    >>> smooth_clip(np.array([0.0, 4.0, -4.0]))
    array([ 0. ,  2.4, -2.4])
    """
    return z / np.hypot(1.0, z / LIMIT)


POINTS = 101
"""Values of training at which `Quantiles` knows the normal quantile, at most."""


@dataclass(frozen=True)
class Quantiles:
    """The normal quantile of x: Φ⁻¹ of the share of training values below it, and half of those that are equal.

    It is known at some values of training; between them lie straight lines, and beyond the first and the last it stays.
    A column whose values are all the same becomes 0.

    Attributes
    ----------
    values
        Of training, at most 101 and at least 2, each larger than the one before it.
    normal
        Their normal quantiles.
    """

    values: tuple[float, ...]
    normal: tuple[float, ...]
    name: ClassVar[str] = "quantile"

    @staticmethod
    def of(values: Numbers) -> Quantiles:
        """What is learnt from values, none of them missing: points that lie evenly as normal quantiles."""
        different, counts = np.unique(values, return_counts=True)
        shares = (np.cumsum(counts) - 0.5 * counts) / len(values)
        normal = NormalDist()
        ends = (normal.inv_cdf(float(shares[0])), normal.inv_cdf(float(shares[-1])))
        wanted = [normal.cdf(z) for z in np.linspace(*ends, POINTS).tolist()]
        chosen = np.unique(np.searchsorted(shares, wanted).clip(0, len(shares) - 1))
        chosen = np.unique([0, *chosen.tolist(), len(shares) - 1])
        points = different[chosen]
        smallest = 10 * np.finfo(np.float64).eps * float(np.abs(points).max())  # a difference that is rounding only
        chosen = chosen[np.diff(points, prepend=-np.inf) > smallest]
        if len(chosen) < 2:
            return Quantiles((0.0, 1.0), (0.0, 0.0))
        return Quantiles(
            tuple(different[chosen].tolist()), tuple(normal.inv_cdf(share) for share in shares[chosen].tolist())
        )

    def __call__(self, x: Any) -> Any:
        """The numbers' normal quantiles."""
        return np.interp(x, self.values, self.normal)

    def check(self, what: str) -> None:
        """Refuse points that no column has."""
        if len(self.values) < 2 or len(self.normal) != len(self.values):
            raise ValueError(
                f"quantiles of {what} must be at least 2 values and as many normal quantiles, "
                f"got {len(self.values)} and {len(self.normal)}"
            )
        if not (np.diff(self.values) > 0).all() or not (np.diff(self.normal) >= 0).all():
            raise ValueError(f"values and normal quantiles of {what} must grow")

    @property
    def slopes(self) -> tuple[float, ...]:
        """How steep the line is that begins at each point; 0 at the last."""
        return (*(np.diff(self.normal) / np.diff(self.values)).tolist(), 0.0)

    def __str__(self) -> str:
        return f"its normal quantile, of {len(self.values)} points"


Scaling = Standard | Robust | Quantiles

SCALINGS: Mapping[str, type[Scaling]] = {kind.name: kind for kind in (Standard, Robust, Quantiles)}


def check_scale(what: str, scale: float) -> None:
    """Refuse what is no scale."""
    if not scale > 0:
        raise ValueError(f"scale of {what} must be > 0, got {scale}")


# in files


def scaling_json(scaling: Scaling) -> dict[str, Any]:
    """The keys that a scaling has in a column's JSON; its name is left out where it is what columns mostly have."""
    found = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(scaling).items()}
    return found if isinstance(scaling, Standard) else {"scaling": scaling.name, **found}


def scaling_readers(data: object, path: str) -> dict[str, Callable[[object, str], Any]]:
    """What reads these keys, for `fields.record`."""
    name = read.mapping(data, path).get("scaling")
    if name is None:
        return {"mean": read.number, "scale": read.number}
    if name == Quantiles.name:
        return {"scaling": _name, "values": read.numbers, "normal": read.numbers}
    return {"scaling": _name, "median": read.number, "scale": read.number}


def _name(value: object, path: str) -> Any:
    return read.one_of(value, path, [name for name in SCALINGS if name != "standard"])


def taken_scaling(found: dict[str, Any]) -> Scaling:
    """The scaling that a record says; its keys are taken out of it."""
    kind = SCALINGS[found.pop("scaling", "standard")]
    return kind(**{item.name: found.pop(item.name) for item in fields(kind)})
