"""What the pictures of a diagnosis show: losses before and after, and what became of each layer on its way.

A panel holds lines and boxes in a square from 0 to 1, with its ticks, so that whoever draws it has only to stretch it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.doctor.measures import Trace
from glassnet.doctor.proof import Proof

Ticks = tuple[tuple[float, str], ...]

POINTS = 80  # of a curve
TOP = 100.0  # times the worst loss of those changed: what is above leaves the picture
DECADES = 1.5  # losses that span more have a logarithmic axis
TICKS = 6
WORTH = 0.02  # of a layer dead or flat: less is not shown
OTHER_LOSS = ("loss", "output activation", "targets not scaled", "class weights", "rare class")  # or weighed otherwise


@dataclass(frozen=True, eq=False)
class Line:
    """A line through points (x, y) from 0 to 1.

    Attributes
    ----------
    points
        These, (k, 2).
    tone
        "minus", as it was; "plus", changed; "layer", one of several layers.
    label
        What is written at its end.
    """

    points: np.ndarray
    tone: str
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Box:
    """A place, filled from below by a share; all from 0 to 1."""

    x: float
    y: float
    width: float
    height: float
    share: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Panel:
    """A picture.

    Attributes
    ----------
    title, note
        Above, and below in a sentence or none.
    y
        What is upwards; to the right are epochs.
    x_ticks, y_ticks
        Places and what is written there.
    lines, boxes
        What is drawn.
    """

    title: str
    y: str
    x_ticks: Ticks
    y_ticks: Ticks
    lines: tuple[Line, ...] = ()
    boxes: tuple[Box, ...] = ()
    note: str = ""


def layers_of(trace: Trace | None) -> Iterator[Panel]:
    """What became of each hidden layer."""
    if trace is not None and trace.first.hidden and trace.last.epoch:
        yield from idle(trace)
        yield from gradients(trace)


# losses


def losses_of(proof: Proof | None, trace: Trace | None) -> Iterator[Panel]:
    """As it was, and with the changes, in one scale; without a proof those of one training."""
    if proof is not None and len(proof.curves.get("after", ())):
        before, after = list(proof.curves["before"]), list(proof.curves["after"])
        others = [change.cause for change in proof.changes if change.cause in OTHER_LOSS]
        note = f"another loss than before ({others[0]}): compare shapes, not heights" if others else ""
        scale = Scale.of([*before, *after], most=TOP * highest(after))
        yield scale.panel(f"As it was: {proof.before.learnt} of {proof.before.seeds} learn", before, "minus")
        changed = f"Changed: {proof.after.learnt} of {proof.after.seeds} learn"
        yield scale.panel(changed, after, "plus", note)
    elif trace is not None and len(trace.losses):
        yield Scale.of([trace.losses], most=TOP * float(trace.losses[0])).panel(
            "One that failed", [trace.losses], "minus"
        )


def highest(curves: Iterable[np.ndarray]) -> float:
    """The largest finite loss, or 1."""
    return max((float(curve[np.isfinite(curve)].max(initial=0.0)) for curve in curves), default=0.0) or 1.0


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Where an epoch and a loss are drawn.

    Attributes
    ----------
    epochs
        At the right.
    low, high
        At the bottom and at the top.
    is_log
        Whether equal steps are equal factors.
    """

    epochs: int
    low: float
    high: float
    is_log: bool

    @staticmethod
    def of(curves: Sequence[np.ndarray], most: float = np.inf) -> Scale:
        """For all of these, nothing above `most`."""
        values = np.concatenate([curve[np.isfinite(curve)] for curve in curves])
        values = values[values <= most]
        if not len(values):
            values = np.ones(1)
        low, high = float(values.min()), float(values.max())
        is_log = low > 0.0 and np.log10(high / low) > DECADES
        if not is_log:
            low = min(low, 0.0)
        high = high if high > low else low + 1.0
        return Scale(epochs=max(map(len, curves)), low=low, high=high, is_log=is_log)

    def panel(self, title: str, curves: Sequence[np.ndarray], tone: str, note: str = "") -> Panel:
        """A bundle of losses by epoch."""
        gone = sum(self.leaves(curve) for curve in curves)
        if gone:
            note = f"{gone} of {len(curves)} leave the picture: their loss grows beyond all bounds"
        lines = tuple(Line(points, tone) for points in map(self.points, curves) if len(points))
        last = max(self.epochs, 2)
        epochs = [1.0, *(epoch for epoch in linear(1, last) if epoch == int(epoch) > 1 + 0.1 * last)]
        x_ticks = tuple(((epoch - 1) / (last - 1), f"{int(epoch):,}") for epoch in epochs)
        return Panel(title=title, y="loss", x_ticks=x_ticks, y_ticks=self.y_ticks, lines=lines, note=note)

    def leaves(self, curve: np.ndarray) -> bool:
        """Whether a curve goes above the top and does not come back, or ends in what is no number."""
        return not len(curve) or not curve[-1] <= self.high

    def points(self, curve: np.ndarray) -> np.ndarray:
        """A curve in the square, (k, 2), up to where it leaves it."""
        which = np.unique(np.linspace(0, len(curve) - 1, min(POINTS, len(curve))).astype(np.intp))
        values = curve[which]
        out = np.flatnonzero(~(values <= self.high))
        if len(out) and self.leaves(curve):
            which = which[: out[0] + 1]
            values = np.append(values[: out[0]], self.high)
        return np.column_stack((which / (max(self.epochs, 2) - 1), self.place(np.fmin(values, self.high))))

    def place(self, values: np.ndarray) -> np.ndarray:
        """How high losses are."""
        if self.is_log:
            return np.asarray(np.log(values / self.low) / np.log(self.high / self.low))
        return (values - self.low) / (self.high - self.low)

    @property
    def y_ticks(self) -> Ticks:
        """Round losses; on a logarithmic axis powers of ten."""
        values = powers(self.low, self.high) if self.is_log else linear(self.low, self.high)
        return tuple((float(self.place(np.asarray(value))), f"{value:g}") for value in values)


def linear(low: float, high: float) -> list[float]:
    """Round numbers between two."""
    step = 10.0 ** np.floor(np.log10((high - low) / (TICKS - 1)))
    step *= next(k for k in (1.0, 2.0, 5.0, 10.0) if (high - low) / (k * step) <= TICKS - 1)
    first = int(np.ceil(low / step - 1e-9))
    found = [float(f"{k * step:.12g}") for k in range(first, int(np.floor(high / step + 1e-9)) + 1)]
    return found or [low]


def powers(low: float, high: float) -> list[float]:
    """Powers of ten between two numbers, or, of fewer than two of them, the numbers themselves."""
    first, last = int(np.ceil(np.log10(low) - 1e-9)), int(np.floor(np.log10(high) + 1e-9))
    if last - first < 1:
        return [float(f"{low:.2g}"), float(f"{high:.2g}")]
    return [10.0**k for k in range(first, last + 1, -(-(last - first) // (TICKS - 1)))]


# layers


def idle(trace: Trace) -> Iterator[Panel]:
    """How much of each layer does nothing, look by look: units that are dead, or values where it is flat."""
    hidden, looks = len(trace.first.hidden), len(trace.looks)
    boxes = tuple(
        Box(
            x=(column + 0.06) / looks,
            y=1.0 - (row + 0.92) / hidden,
            width=0.88 / looks,
            height=0.84 / hidden,
            share=max(len(layer.dead) / layer.units, layer.saturated),
        )
        for column, look in enumerate(trace.looks)
        for row, layer in enumerate(look.hidden)
    )
    if max(box.share for box in boxes) < WORTH:
        return
    names = [f"layer {layer.number}" for layer in trace.first.hidden]
    yield Panel(
        title="Dead units, or flat values",
        y="",
        x_ticks=epochs_of(trace),
        y_ticks=tuple((1.0 - (row + 0.5) / hidden, name) for row, name in enumerate(names)),
        boxes=boxes,
        note="a full box: all units say 0 for every row, or the activation is flat for all values",
    )


def gradients(trace: Trace) -> Iterator[Panel]:
    """How large the gradient of each layer's weights is, look by look."""
    sizes = {
        f"layer {layer.number}": np.array([look.hidden[k].gradient for look in trace.looks])
        for k, layer in enumerate(trace.first.hidden)
    } | {"last": np.array([look.last_gradient for look in trace.looks])}
    values = np.concatenate(list(sizes.values()))
    values = values[np.isfinite(values) & (values > 0.0)]
    none = [name for name, of in sizes.items() if not of.any()]
    note = f"{', '.join(none)}: all are 0" if none else ""
    low, high = float(values.min(initial=np.inf)), float(values.max(initial=0.0))
    if not len(values):
        low, high, note = 0.01, 1.0, "all of them are 0"
    low, high = (low, high) if high > 10.0 * low else (low / 3.0, high * 3.0)
    scale = Scale(epochs=len(trace.looks), low=low, high=high, is_log=True)
    lines = []
    for name, of in sizes.items():
        there = np.isfinite(of) & (of > 0.0)
        points = np.column_stack(((np.flatnonzero(there) + 0.5) / len(of), scale.place(of[there])))
        lines += [Line(points, "layer", name)] if len(points) else []
    yield Panel(
        title="Gradients by layer",
        y="root mean square of dW",
        x_ticks=epochs_of(trace),
        y_ticks=scale.y_ticks,
        lines=tuple(lines),
        note=note,
    )


def epochs_of(trace: Trace) -> Ticks:
    """The epochs of some looks, from the first to the last."""
    n = len(trace.looks)
    shown = dict.fromkeys(np.linspace(0, n - 1, min(n, TICKS)).round().astype(int).tolist())
    return tuple(((k + 0.5) / n, f"{trace.looks[k].epoch:,}") for k in shown)
