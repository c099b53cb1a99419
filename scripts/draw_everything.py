"""Draw docs/pictures/everything: what each formula gives when it is called, for the page of everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

import glassnet as gn
from glassnet.formulas import activations, initializers, losses, schedules, updates
from glassnet.parts.activations import NAMES as ACTIVATIONS
from glassnet.parts.initializers import NAMES as INITIALIZERS
from glassnet.parts.losses import NAMES as LOSSES
from glassnet.parts.naming import options_of
from glassnet.parts.optimizers import RULES
from glassnet.parts.schedules import SCHEDULES

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "everything"

BLUE, VERMILION, GREY = "#3B8FC4", "#D9702B", "#8A8A8A"  # seen on white and on black
STYLE = {"svg.hashsalt": "glassnet", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9}

# What a formula needs that has no default, and what is more telling than the default
SHOWN: dict[str, dict[str, float]] = {
    "leaky_relu": {"slope": 0.1},
    "quantile": {"q": 0.8},
    "constant": {"value": 0.3},
    "step": {"every": 10},
    "cosine": {"epochs": 30},
    "flat_cosine": {"epochs": 30},
    "log_cosine": {"epochs": 30},
}
# Learning rates with which a rule's way through the valley can be seen, found by looking at the pictures
RATES = {
    "sgd": 0.08,
    "momentum": 0.01,
    "nesterov": 0.01,
    "rmsprop": 0.05,
    "adagrad": 0.5,
    "adadelta": 30.0,
    "rprop": 0.1,
}
STEPS = 60


def draw() -> None:
    """All pictures anew."""
    for old in PICTURES.glob("*.svg"):
        old.unlink()
    with rc_context(STYLE):
        draw_activations()
        draw_losses()
        draw_optimizers()
        draw_schedules()
        draw_initializers()


def picture_of(function: Callable[..., Any]) -> str:
    """A file's name: two formulas of one name are in two modules."""
    return f"{function.__module__.rsplit('.', 1)[-1]}-{function.__name__}"


def axes(width: float = 2.4) -> Any:
    """A small picture with nothing behind it, for light and dark pages."""
    figure = Figure(figsize=(width, 1.7), layout="constrained")
    figure.patch.set_alpha(0.0)
    FigureCanvasSVG(figure)
    ax = figure.add_subplot()
    ax.set_facecolor("none")
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(GREY)
    ax.tick_params(colors=GREY, labelcolor=GREY)
    ax.grid(color=GREY, alpha=0.2, linewidth=0.6)
    return ax


def save(ax: Any, function: Callable[..., Any], x: str) -> None:
    """The same bytes for the same picture."""
    ax.set_xlabel(x, color=GREY)
    PICTURES.mkdir(exist_ok=True)
    path = PICTURES / f"{picture_of(function)}.svg"
    ax.figure.savefig(path, transparent=True, metadata={"Date": None})
    path.write_text("\n".join(line.rstrip() for line in path.read_text().splitlines()) + "\n")


def draw_activations() -> None:
    """a and its slope; of those that look at a whole row, how each unit's a goes as the first one's score goes."""
    z = np.linspace(-4.0, 4.0, 321)  # (321,)
    for name in ACTIVATIONS:
        function, backward = vars(activations)[name], vars(activations)[f"{name}_backward"]
        options = {k: v for k, v in SHOWN.get(name, {}).items() if k in options_of(function, 1)}
        ax = axes()
        if name.endswith("softmax"):
            rows = np.stack([z, np.zeros_like(z), np.full_like(z, -1.0)], axis=1)  # (321, 3)
            for values, colour, style in zip(function(rows).T, (BLUE, VERMILION, GREY), ("-", "--", ":"), strict=True):
                ax.plot(z, values, style, color=colour)
            save(ax, function, "z₁ (z₂ = 0, z₃ = -1)")
            continue
        a = function(z, **options)
        slope = backward(np.ones_like(z), z, a, **options)
        ax.plot(z, slope, "--", color=VERMILION, linewidth=1.2)
        ax.plot(z, a, color=BLUE, linewidth=1.8)
        ax.set_ylim(max(a.min(), -4.0) - 0.3, min(max(a.max(), slope.max()), 4.0) + 0.3)
        save(ax, function, "z" + options_in_words(options))


def draw_losses() -> None:
    """l and its slope at s, for one y."""
    targets = {"poisson": 2.0, "binary_cross_entropy": 1.0}
    for name in LOSSES:
        function, backward = vars(losses)[name], vars(losses)[f"{name}_backward"]
        options = {k: v for k, v in SHOWN.get(name, {}).items() if k in options_of(function, 2)}
        s = np.linspace(-4.0, 4.0, 321)[:, None]  # (321, 1)
        y = np.full_like(s, targets.get(name, 0.0))
        label = f"s (y = {targets.get(name, 0.0):g}{options_in_words(options).replace(' (', ', ').rstrip(')')})"
        if name == "cross_entropy":  # of three classes, the first one right
            s = np.concatenate([s, np.zeros_like(s), np.zeros_like(s)], axis=1)  # (321, 3)
            y = np.eye(3)[np.zeros(len(s), dtype=int)]
            label = "s₁, the right class (s₂ = s₃ = 0)"
        ax = axes()
        ax.plot(s[:, 0], backward(y, s, **options)[:, 0], "--", color=VERMILION, linewidth=1.2)
        ax.plot(s[:, 0], function(y, s, **options)[:, 0], color=BLUE, linewidth=1.8)
        ax.set_ylim(-3.0, 6.0)
        save(ax, function, label)


def draw_optimizers() -> None:
    """The way down a valley that is 20 times as steep across as along."""
    steep = np.array([1.0, 20.0])
    x, y = np.meshgrid(np.linspace(-2.3, 1.0, 120), np.linspace(-0.9, 0.9, 120))
    for name in RULES:
        rate = RATES.get(name, 0.1)
        ax = axes(width=3.0)
        ax.contour(
            x,
            y,
            0.5 * (x**2 + 20.0 * y**2),
            levels=[0.02, 0.2, 0.8, 2.0, 4.0, 7.0],
            colors=GREY,
            alpha=0.35,
            linewidths=0.7,
        )
        way = np.array(list(steps(name, rate, np.array([-2.0, 0.7]), steep)))  # (STEPS + 1, 2)
        ax.plot(*way.T, "-o", color=BLUE, markersize=2.2, linewidth=1.0)
        ax.plot(0.0, 0.0, "+", color=VERMILION, markersize=8)
        ax.set_xlim(-2.3, 1.0)
        ax.set_ylim(-0.9, 0.9)
        save(ax, vars(updates)[name], f"learning rate {rate:g}")


def steps(name: str, rate: float, theta: np.ndarray, steep: np.ndarray) -> Iterator[np.ndarray]:
    """θ before the first step and after each."""
    optimizer = gn.optimizer(name, rate)
    state = [np.zeros(2) for _ in optimizer.slots]
    yield theta
    for t in range(1, STEPS + 1):
        at = {"t": t} if "t" in optimizer.takes else {}
        theta, *state = optimizer.rule(theta, steep * theta, *state, lr=rate, **at, **optimizer.options)
        yield theta


def draw_schedules() -> None:
    """The learning rate over 30 epochs, with a warm-up and without."""
    epochs = np.linspace(0.0, 30.0, 601)
    for name in SCHEDULES:
        function = vars(schedules)[name]
        options = {k: v for k, v in SHOWN.get(name, {}).items() if k in options_of(function, 2)}
        ax = axes()
        for warm_up, style, colour, width in ((5.0, "--", VERMILION, 1.2), (0.0, "-", BLUE, 1.8)):
            schedule = gn.schedule(name, 0.1, warm_up=warm_up, **options)
            ax.plot(epochs, [schedule(epoch) for epoch in epochs], style, color=colour, linewidth=width)
        ax.set_ylim(0.0, 0.108)
        save(ax, function, "epoch" + options_in_words(options))


def draw_initializers() -> None:
    """How often each weight occurs."""
    for name in INITIALIZERS:
        function = vars(initializers)[name]
        options = {k: v for k, v in SHOWN.get(name, {}).items() if k in options_of(function, 2)}
        rng = np.random.default_rng(0)
        weights = function(rng, (64, 32), **options)
        looks = vars(initializers).get(f"{name}_on_rows")
        biases = looks and not weights.any()
        if looks:
            x = rng.normal(size=(1000, 64))
            z = rng.normal(size=(1000, 2048)) if biases else x @ weights
            weights = looks(rng, np.zeros(2048) if biases else weights, z)
        ax = axes()
        limit = 2.0 if biases else 0.5
        ax.hist(weights.ravel(), bins=np.linspace(-limit, limit, 61), color=BLUE)
        ax.set_yticks([])
        save(ax, function, ("b" if biases else "W") + options_in_words(options))


def options_in_words(options: dict[str, float]) -> str:
    """` (slope = 0.1)`, or nothing."""
    return f" ({', '.join(f'{name} = {value:g}' for name, value in options.items())})" if options else ""
