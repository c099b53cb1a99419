"""The Python that does what was done on the page, to the last digit: it can be pasted and run."""

from __future__ import annotations

import io
from tokenize import generate_tokens

from glassnet.doctor.written import network_code, optimizer_code
from glassnet.parts.network import Network
from glassnet.playground.branch import Deed
from glassnet.playground.course import Course
from glassnet.playground.setup import Setup
from glassnet.training.begin import walk_of

WIDTH = 88


def program(course: Course) -> str:
    """The program of this screen: from the data to the numbers as they are now."""
    deeds = course.branch.deeds[: course.deeds]
    lines = ["import glassnet as gn", "", *start(deeds[0].setup)]
    ends = [deed.step for deed in deeds[1:]] + [course.step]
    for deed, end in zip(deeds, ends, strict=True):
        if deed is not deeds[0]:
            lines += ["", *done(deed)]
        lines += stretch(course, deed, end)
    return "\n".join(wrapped(line) for line in [*lines, "", *result(course)]) + "\n"


def wrapped(line: str) -> str:
    """A line of a call, broken behind commas where it is too long."""
    if len(line) <= WIDTH or not line.startswith(("model", "network", "gn.", "for ")):
        return line
    ended = line + "\n    pass" if line.startswith("for ") else line
    commas = [token.end[1] for token in generate_tokens(io.StringIO(ended).readline) if token.string == ","]
    parts, start, fits = [], 0, 0
    for comma in (*commas, len(line)):
        if comma - start > WIDTH - 4 and fits > start:
            parts.append(line[start:fits].strip())
            start = fits
        fits = comma
    return "\n    ".join([*parts, line[start:].strip()])


def start(setup: Setup) -> list[str]:
    """The data, the network and its starting weights."""
    code = setup.source.code or ("# X and y as they were given to gn.play",)
    if setup.given is not None:
        return [*code, *given(setup)]
    return [*code, network_lines(setup), initialize("model", setup), *by_hand(setup)]


def given(setup: Setup) -> list[str]:
    """What somebody brought, which only they can write."""
    if isinstance(setup.given, Network):
        return ["# network as it was given to gn.play", initialize("model", setup)]
    return ["# model as it was given to gn.play"]


def network_lines(setup: Setup) -> str:
    """The network, as one writes it; where a tutorial draws its weights, these are set by hand afterwards."""
    return network_code(setup.usual(), setup.usual())


def by_hand(setup: Setup) -> list[str]:
    """The starting weights as numbers, where a tutorial draws them."""
    if setup.rng is None:
        return []
    weights = setup.prepared().model.weights
    return [f'model["{name}"] = {array.tolist()!r}' for name, array in weights.items() if name.startswith("W")]


def initialize(name: str, setup: Setup) -> str:
    """The call that makes a model."""
    return f"{name} = gn.initialize(network, {setup.source.given}{held_out(setup)}, seed={setup.choices.seed})"


def held_out(setup: Setup) -> str:
    """The share that is held out, as a keyword."""
    share = setup.choices.validation
    return "" if share is None else f", validation={share!r}"


def rows(setup: Setup) -> str:
    """The rows as a model takes them that knows its columns."""
    given = setup.source.given
    return "X, y" if given.startswith("X") else given.split(",")[0]


def stretch(course: Course, deed: Deed, end: int) -> list[str]:
    """Training from a deed to a step."""
    steps = end - deed.step
    if not steps:
        return []
    setup = deed.setup
    choices = setup.choices
    batches = walk_of(course.prepared, choices.settings()).batches(len(course.prepared.rows))
    how = f"{rows(setup)}{held_out(setup)}, optimizer={optimizer_code(choices.rule())}"
    more = f'batch_size={choices.batch_size!r}, engine="numpy"'
    if steps % batches:
        epochs = steps // batches + 1
        return [
            f"for _ in gn.training(model, {how}, epochs={epochs}, {more}, steps={steps}):",
            "    pass  # the last epoch is not gone through to its end",
        ]
    return [f"gn.train(model, {how}, epochs={steps // batches}, {more}, progress=False)"]


def done(deed: Deed) -> list[str]:
    """What was done at a step."""
    if deed.kind == "poke" and deed.poked is not None:
        name, index, value = deed.poked
        return [f'model["{name}"][{", ".join(map(str, index))}] = {value!r}  # step {deed.step:,}']
    if deed.kind == "network":
        has_means = any(hidden.batch_norm for hidden in deed.setup.choices.layers)
        names = "(*model.weights, *model.memory.state_layout.shapes)" if has_means else "model.weights"
        return [
            f"# step {deed.step:,}: {deed.text}; the same numbers go on",
            "before = model",
            network_lines(deed.setup),
            initialize("model", deed.setup),
            f"for name in {names}:",
            "    model[name] = before[name]",
        ]
    return [f"# step {deed.step:,}: {deed.text}"] if deed.text else []


def result(course: Course) -> list[str]:
    """What to print: the loss as the page shows it."""
    setup = course.setup
    if setup.choices.validation is not None and not course.state.place.batch and course.step:
        return ['print(model.history["val_loss"][-1])  # of the rows held out']
    return [f'print(model.evaluate({rows(setup)})["loss"])  # of all rows']
