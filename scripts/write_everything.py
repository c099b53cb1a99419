"""Write docs/everything.md: every layer, activation, loss, optimizer, schedule, initializer and metric, on one page.

The words are the docstrings' own: the formula, what it means, who published it. A picture is what the formula gives
when it is called. So whatever is added to glassnet stands on this page when `scripts/docs` has run.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from draw_everything import STEPS, draw, picture_of

import glassnet as gn
from glassnet.formulas import activations, initializers, losses, schedules, updates
from glassnet.parts.activations import NAMES as ACTIVATIONS
from glassnet.parts.built_in import BUILT_IN
from glassnet.parts.initializers import NAMES as INITIALIZERS
from glassnet.parts.losses import NAMES as LOSSES
from glassnet.parts.losses import OUTPUTS, options_of_loss
from glassnet.parts.naming import options_of
from glassnet.parts.optimizers import RULES, default_rate
from glassnet.parts.schedules import SCHEDULES
from glassnet.parts.synonyms import SAME
from glassnet.training.metrics import METRICS

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "everything.md"


def main() -> None:
    """The page and its pictures."""
    draw()
    PAGE.write_text(page())


def page() -> str:
    """The whole text."""
    parts = [
        "# Everything on one page",
        "Every part that a network can be built and trained with: its formula, what it means, where it comes from, and "
        "what it looks like. The words are those of the code, the pictures are drawn by calling it; `scripts/docs` "
        "writes both. θ is all that is learnt, g its gradient, lr the learning rate.",
        " · ".join(f"[{title}](#{title.lower().replace(' ', '-')})" for title, _ in SECTIONS),
    ]
    for title, section in SECTIONS:
        parts += [f"## {title}", *section()]
    return "\n\n".join(parts) + "\n"


# ── The sections ────────────────────────────────────────────────────────────────────────────────────────────────────


def layers() -> Iterator[str]:
    """The layers have no pictures: a derivation shows what they do."""
    yield '`gn.Network(gn.Dense(16, "relu"), gn.Dropout(0.2), gn.Dense(3))`: a network is its layers, in order.'
    for layer in BUILT_IN.values():
        yield f"### {layer.__name__}"
        yield f"`gn.{layer.__name__}({', '.join(name_and_default(p) for p in parameters(layer))})`"
        about, _, attributes = inspect.getdoc(layer).partition("Attributes\n----------\n")
        yield from paragraphs(about)
        described = re.findall(r"^(\S.*)\n((?: +.*\n?)+)", attributes, re.MULTILINE)
        if described:
            yield "\n".join(f"- `{name}`: {one_line(text)}" for name, text in described)


def activations_section() -> Iterator[str]:
    """Forward and backward."""
    yield (
        'What a unit does with its score z. `gn.Dense(8, "tanh")`, or with options '
        '`gn.Dense(8, gn.activation("leaky_relu", slope=0.2))`; your own is any function of NumPy\'s arithmetic, and '
        "its derivative is derived. In the pictures a is blue, its slope dashed."
    )
    for name in ACTIVATIONS:
        forward, backward = vars(activations)[name], vars(activations)[f"{name}_backward"]
        yield from entry(
            "activation", name, options_of(forward, 1), forward, f"Back: {paragraphs(inspect.getdoc(backward))[0]}"
        )


def losses_section() -> Iterator[str]:
    """Terms and slopes."""
    yield (
        'What training makes small, from the target y and the score s. `gn.Network(…, loss="huber")`, or with options '
        '`loss=gn.loss("huber", delta=2.0)`; your own is any function l(y, s). How rows are taken together is '
        '`reduction`: "mean" over rows and outputs (as PyTorch and Keras have it), "batchmean" (the sum over outputs, '
        'the mean over rows), "rowmean" (the same, weighted rows divided by their number), "sum". In the pictures l is '
        "blue, its slope dashed."
    )
    for name in LOSSES:
        forward, backward = vars(losses)[name], vars(losses)[f"{name}_backward"]
        output = OUTPUTS.get(name, "identity")
        slope = f"Slope: {paragraphs(inspect.getdoc(backward))[0]}"
        predictions = f"Predictions are the scores' {output}." if output != "identity" else ""
        yield from entry("loss", name, options_of_loss(name), forward, slope, predictions)


def optimizers_section() -> Iterator[str]:
    """One step of each rule."""
    yield (
        'How a gradient becomes a step. `gn.train(…, optimizer="adam")` or `optimizer=gn.Adam(0.01, beta1=0.8)`; '
        "`clip_norm=` and `clip_value=` hold the gradient first. Each picture has the way of "
        f"{STEPS} steps down the same valley, ½(x² + 20·y²), with a learning rate that suits the rule."
    )
    for rule in RULES:
        function = vars(updates)[rule]
        yield from entry("optimizer", rule, {"learning_rate": default_rate(rule), **numbers(function)}, function)


def schedules_section() -> Iterator[str]:
    """How the learning rate goes."""
    yield (
        'How the learning rate changes. `gn.Adam(gn.schedule("cosine", 0.01, epochs=50))`; without `epochs` it goes '
        'over all of the training. The rate of `gn.Dropout(gn.schedule("flat_cosine", 0.15))` and the other numbers '
        "of an optimizer may change so, too. Every schedule takes `warm_up=`, the epochs over which the number first "
        "rises. Each picture shows 30 epochs, dashed with `warm_up=5`."
    )
    for name in SCHEDULES:
        function = vars(schedules)[name]
        yield from entry("schedule", name, options_of(function, 2), function)


def initializers_section() -> Iterator[str]:
    """Where weights start."""
    yield (
        'Where weights start. `gn.Dense(8, "relu", weights="he_normal")`, with options '
        '`weights=gn.initializer("uniform", low=0, high=1)`, or numbers of the weights\' shape. The pictures have the '
        "weights of 64 inputs and 32 units, from -0.5 to 0.5; the last one has biases, from -2 to 2. What looks at "
        "training rows was given 1,000 of standard normal numbers."
    )
    for name in INITIALIZERS:
        function = vars(initializers)[name]
        yield from entry("initializer", name, options_of(function, 2), function)


def metrics_section() -> Iterator[str]:
    """What is measured beside the loss."""
    yield 'What is measured beside the loss. `gn.train(…, metrics="mae")`, or a function (y, predicted) -> number.'
    rows = [
        f"| `{name}` | {' '.join(paragraphs(inspect.getdoc(metric.function)))} | {also('metric', name)} |"
        for name, metric in METRICS.items()
    ]
    yield "\n".join(["| name | what it is | also understood |", "| --- | --- | --- |", *rows])


SECTIONS: tuple[tuple[str, Callable[[], Iterable[str]]], ...] = (
    ("Layers", layers),
    ("Activations", activations_section),
    ("Losses", losses_section),
    ("Optimizers", optimizers_section),
    ("Schedules", schedules_section),
    ("Initializers", initializers_section),
    ("Metrics", metrics_section),
)


def entry(kind: str, name: str, options: dict[str, Any], function: Callable[..., Any], *more: str) -> Iterator[str]:
    """A heading, the picture, the options, what the docstring says, and how others call it."""
    yield f"### {name}"
    picture = f"pictures/everything/{picture_of(function)}.svg"
    if (PAGE.parent / picture).exists():
        yield f"![{name}]({picture})"
    if options:
        yield "Options: " + ", ".join(f"`{option}={value_text(value)}`" for option, value in options.items())
    yield from paragraphs(inspect.getdoc(function))
    yield from filter(None, more)
    if others := also(kind, name):
        yield f"Also understood: {others}"


def also(kind: str, name: str) -> str:
    """What other libraries call it, as they are understood."""
    return ", ".join(f"`{other}`" for other, ours in SAME[kind].items() if ours == name)


def paragraphs(docstring: str | None) -> list[str]:
    """A docstring's paragraphs, without its examples, each on one line."""
    parts = re.split(r"\n\s*\n", (docstring or "").strip())
    return [one_line(part) for part in parts if not part.startswith(">>>")]


def one_line(text: str) -> str:
    """A paragraph whose stars and bars Markdown leaves alone; what stands between backticks is left as it is."""
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()))
    return "".join(part if k % 2 else re.sub(r"([*_|<>])", r"\\\1", part) for k, part in enumerate(parts))


def parameters(layer: Any) -> list[inspect.Parameter]:
    """What a layer takes."""
    return [p for p in inspect.signature(layer).parameters.values() if p.kind is not p.VAR_KEYWORD]


def name_and_default(parameter: inspect.Parameter) -> str:
    """`rate`, `bias=True`, `*layers`."""
    if parameter.kind is parameter.VAR_POSITIONAL:
        return f"*{parameter.name}"
    return (
        parameter.name if parameter.default is parameter.empty else f"{parameter.name}={value_text(parameter.default)}"
    )


def value_text(value: Any) -> str:
    """A default as it would be written; … where there is none."""
    if value is None:
        return "…"
    return repr(value) if isinstance(value, (str, bool, int, float, tuple)) else str(value)


def numbers(rule: Callable[..., Any]) -> dict[str, float]:
    """The numbers that an update rule takes, with their defaults."""
    return gn.optimizer(rule.__name__).hyperparameters


if __name__ == "__main__":
    main()
