"""How a column's numbers become inputs of a size that a network learns well from.

The choice is one for all columns of numbers and dates (`choices.py`): (x - mean) / scale, where nothing is said; or by
median and quartiles, which outliers cannot move, smoothly held within ±3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
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


Scaling = Standard | Robust

SCALINGS: Mapping[str, type[Scaling]] = {kind.name: kind for kind in (Standard, Robust)}


def check_scale(what: str, scale: float) -> None:
    """Refuse what is no scale."""
    if not scale > 0:
        raise ValueError(f"scale of {what} must be > 0, got {scale}")


# in files


def scaling_json(scaling: Scaling) -> dict[str, Any]:
    """The keys that a scaling has in a column's JSON; its name is left out where it is what columns mostly have."""
    return asdict(scaling) if isinstance(scaling, Standard) else {"scaling": scaling.name, **asdict(scaling)}


def scaling_readers(data: object, path: str) -> dict[str, Callable[[object, str], Any]]:
    """What reads these keys, for `fields.record`."""
    if "scaling" not in read.mapping(data, path):
        return {"mean": read.number, "scale": read.number}
    return {"scaling": _name, "median": read.number, "scale": read.number}


def _name(value: object, path: str) -> Any:
    return read.one_of(value, path, [name for name in SCALINGS if name != "standard"])


def taken_scaling(found: dict[str, Any]) -> Scaling:
    """The scaling that a record says; its keys are taken out of it."""
    kind = SCALINGS[found.pop("scaling", "standard")]
    return kind(**{item.name: found.pop(item.name) for item in fields(kind)})
