"""What came out of a check: how far the two gradients are apart, array by array, and where most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from glassnet.printable import printable

WORDS = {"central": "central differences", "complex": "complex steps"}


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


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
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
        return printable("\n".join(lines))

    def _rows(self) -> Iterator[tuple[str, ...]]:
        for name, error in self.errors.items():
            a, b = self.analytic[name], self.numeric[name]
            seen = np.isfinite(b)
            norms = (f"{np.linalg.norm(part[seen]):.6g}" for part in (a, b))
            mark = "" if error <= self.tolerance else "<-- wrong"
            yield name, str(a.shape), f"{int(seen.sum())} of {a.size}", *norms, f"{error:.1e}", mark
