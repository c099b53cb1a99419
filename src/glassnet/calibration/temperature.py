"""Probabilities made softer or sharper by one number, the temperature T (Guo et al., 2017).

A network that is surer than it is right says 0.99 where 0.9 would be true. Its order of the classes may be good all the
same, so all that is changed is how sure it is: p becomes p^(1/T), divided by its sum. That is softmax(z/T) of the
scores z whose softmax p is, and for two classes sigmoid(z/T).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.files import fields as read
from glassnet.formulas.activations import log_softmax, softmax

GAIN = 3.841  # twice the gain in log-likelihood that perfect probabilities reach by chance in one case of 20
HELPS, CHANCE, ALL_RIGHT, NO_ORDER, NO_SUM = "helps", "chance", "all right", "no order", "no sum"
WHY = {
    HELPS: "kept: it helps on these rows beyond chance",
    CHANCE: "not kept: on these rows it helps no more than chance does",
    ALL_RIGHT: "none: every one of these rows is right, which tells nothing of how often others are",
    NO_ORDER: "none: on these rows the probabilities are no better than the same for every class",
    NO_SUM: "none: a row's outputs do not add up to 1, so they are not the probabilities of one class out of several",
}


@dataclass(frozen=True, kw_only=True)
class Temperature:
    """What was found.

    Attributes
    ----------
    why
        "helps"; or why there is none: "chance", "all right", "no order", "no sum" (`WHY` has them in words).
    best
        The temperature with the smallest log loss; None where there is no smallest.
    before, after
        The log loss of the probabilities as they were, and at the best temperature.
    """

    why: str
    best: float | None = None
    before: float
    after: float

    @property
    def value(self) -> float:
        """T: the best one if it is kept, otherwise 1, which changes nothing."""
        return self.best if self.best is not None and self.why == HELPS else 1.0

    def __str__(self) -> str:
        """`temperature 1.74, log loss 0.612 -> 0.541; kept: it helps on these rows beyond chance`."""
        if self.best is None:
            return f"temperature, log loss {self.before:.4g}; {WHY[self.why]}"
        return f"temperature {self.best:.4g}, log loss {self.before:.4g} -> {self.after:.4g}; {WHY[self.why]}"

    def to_json(self) -> dict[str, Any]:
        """As a dictionary of JSON types."""
        return {"why": self.why, "best": self.best, "before": self.before, "after": self.after}

    @classmethod
    def from_json(cls, data: object, path: str) -> Temperature:
        """What `to_json` wrote; ModelFileError names a key that is not as it should be."""
        found = read.take(data, {"why", "best", "before", "after"}, path)
        best = None if found["best"] is None else read.number(found["best"], f"{path}.best")
        why = read.one_of(found["why"], f"{path}.why", WHY)
        with read.naming_place(path):
            if (best is None) is not (why not in (HELPS, CHANCE)) or (best is not None and best <= 0.0):
                raise ValueError(f"best must be > 0 where there is a best temperature, and else none, got {best}")
        losses = {name: read.number(found[name], f"{path}.{name}") for name in ("before", "after")}
        return cls(why=why, best=best, **losses)


def temperature_of(truth: np.ndarray, p: np.ndarray) -> Temperature:
    """The temperature of probabilities p (n, K) whose true classes are known, as numbers `truth` (n,).

    It is kept where it makes these rows more likely than chance explains. If the probabilities are perfect, twice the
    gain of the best T in log-likelihood is distributed as χ² with one degree of freedom (Wilks, 1938), so that they are
    changed in one case of 20 only, and then hardly.
    """
    z = logarithms(p)
    before = log_loss(truth, z)
    if np.abs(p.sum(axis=1) - 1.0).max() > 1e-3:
        return Temperature(why=NO_SUM, before=before, after=before)
    own = z[np.arange(len(z)), truth]
    if (own >= z.max(axis=1)).all():
        return Temperature(why=ALL_RIGHT, before=before, after=before)
    if slopes(z, own, 0.0)[0] >= 0.0:
        return Temperature(why=NO_ORDER, before=before, after=before)
    best = 1.0 / best_sharpness(z, own)
    after = log_loss(truth, z / best)
    gain = 2.0 * len(z) * (before - after)
    return Temperature(why=HELPS if gain > GAIN else CHANCE, best=best, before=before, after=after)


def best_sharpness(z: np.ndarray, own: np.ndarray) -> float:
    """β = 1/T at which Σ -ln softmax(β·z)_y is smallest, by Newton's method, kept between two ends.

    The sum is convex in β. It has a smallest value if some row is wrong and the rows are better than chance; β is where
    its slope is 0.
    """
    low, high = 0.0, 1.0
    while slopes(z, own, high)[0] < 0.0:
        low, high = high, 2.0 * high
    beta = high if low else 1.0
    for _ in range(200):  # Newton needs about six; halving alone would be done as well
        slope, bend = slopes(z, own, beta)
        low, high = (beta, high) if slope < 0.0 else (low, beta)
        step = beta - slope / bend if bend > 0.0 else low
        found = step if low < step < high else 0.5 * (low + high)
        if abs(found - beta) <= 1e-15 * beta:
            break
        beta = found
    return beta


def slopes(z: np.ndarray, own: np.ndarray, beta: float) -> tuple[float, float]:
    """The first and second derivative of the mean log loss with respect to β: E[z] - z_y and Var[z], over the rows."""
    p = softmax(beta * z)
    mean = (p * z).sum(axis=1)
    return float((mean - own).mean()), float((p * (z - mean[:, None]) ** 2).sum(axis=1).mean())


def tempered(p: np.ndarray, temperature: float) -> np.ndarray:
    """p^(1/T), each row divided by its sum, (n, K)."""
    return p if temperature == 1.0 else softmax(logarithms(p) / temperature)


def logarithms(p: np.ndarray) -> np.ndarray:
    """ln p in float64; of what is closer to 0 than numbers of its type get to 1, that of this smallest step.

    So one row whose class had probability 0 does not settle everything; scikit-learn's log loss agrees.
    """
    return np.asarray(np.log(np.maximum(p.astype(np.float64), np.finfo(p.dtype).eps)))


def log_loss(truth: np.ndarray, z: np.ndarray) -> float:
    """The mean of -ln softmax(z) at the true class."""
    return -float(log_softmax(z)[np.arange(len(z)), truth].mean())
