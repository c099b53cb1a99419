"""What the compiled engine's time goes into: its own code, with one part of each step done twice.

What a part costs is how much longer training then takes. Leaving a part out would tell less: the compiler then leaves
out what only that part needed, and its numbers would be others. Done twice, the numbers are others too, but nobody
looks at them. The cost of the call of `train` (checks, derivation, starting weights, the model) is what is left of a
training if all its epochs are taken away: twice the time of so many epochs less the time of twice as many.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import glassnet as gn
from glassnet.training import compiled_steps
from race.by_glassnet import how, network
from race.workloads import SEED, Work

PRODUCTS, ELEMENTWISE, UPDATE, GATHERING = "products", "elementwise", "update", "gathering"
TWICE = (PRODUCTS, ELEMENTWISE, UPDATE, GATHERING)
CALL, REST = "the call", "the rest"
TURNS = 7
STEP, AFTER = "    for _ in range(count):\n", "        if must_end("  # around the step in the generated code


def parts(work: Work) -> Callable[[], dict[str, float]]:
    """Seconds of each part of a training, and of the call; "the rest" is what they leave."""
    made, options = network(work), how(work)

    def train(epochs: int) -> None:
        gn.train(made, work.X, work.y, epochs=epochs, seed=SEED, engine="compiled", progress=False, **options)

    def seconds(part: str, epochs: int = work.epochs) -> float:
        with done_twice(part):
            start = time.perf_counter()
            train(epochs)
            return time.perf_counter() - start

    def run() -> dict[str, float]:
        turns: dict[str, list[float]] = {name: [] for name in ("", CALL, *TWICE)}
        for _ in range(TURNS):
            for name, taken in turns.items():
                taken.append(seconds("", 2 * work.epochs) if name == CALL else seconds(name))
        whole = statistics.median(turns.pop(""))
        found = {name: statistics.median(taken) - whole for name, taken in turns.items()}
        found[CALL] = whole - found[CALL]
        found = {name: max(0.0, value) for name, value in found.items()}
        return {"whole": whole, **found, REST: max(0.0, whole - sum(found.values()))}

    for part in ("", *TWICE):
        seconds(part, 1)
    return run


@contextmanager
def done_twice(part: str) -> Iterator[None]:
    """Inside of it the compiled engine does this part of each step twice; without a name, nothing."""
    written = compiled_steps.training_code

    def code(*arguments: Any) -> Any:
        found = written(*arguments)
        return replace(found, text=twice(found.text, part)) if part else found

    with patch.object(compiled_steps, "training_code", code):
        yield


def twice(text: str, part: str) -> str:
    """The generated code, its lines of one part twice, one after the other."""
    before, rest = text.split(STEP)
    step, after = rest.split(AFTER)
    lines = "".join(lines + lines * (of == part) for of, lines in divided(step))
    return f"{before}{STEP}{lines}{AFTER}{after}"


def divided(step: str) -> list[tuple[str, str]]:
    """The lines of a step, those that belong together with the part they are of, in order.

    The comments say what each stretch computes; what stands before the first one gathers the rows of a batch, then
    prepares numbers.
    """
    stretches: list[tuple[str, list[str]]] = [(REST, [])]
    in_comment = False
    for line in step.splitlines(keepends=True):
        said = line.strip()
        if said.startswith("#"):
            if not in_comment:
                stretches.append((ELEMENTWISE, []))
            of = part_of(said) or stretches[-1][0]
            stretches[-1] = of, stretches[-1][1]
            in_comment = True
        elif said.startswith("gather(") and stretches[-1][0] != GATHERING:
            stretches.append((GATHERING, []))
        elif stretches[-1][0] == GATHERING and not said.startswith("gather("):
            stretches.append((REST, []))
        in_comment = in_comment and said.startswith("#")
        stretches[-1][1].append(line)
    return [(of, "".join(lines)) for of, lines in stretches]


def part_of(comment: str) -> str:
    """What a comment's formula belongs to; empty: nothing special."""
    name = comment.removeprefix("#").split("=")[0].strip()
    return PRODUCTS if " @ " in comment else UPDATE if name == "theta" else ""


PARTS = {"glassnet, parts": parts}
