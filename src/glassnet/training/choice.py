"""Which engine trains, and why.

Compiling takes seconds, once; reading compiled code from disk a tenth of one. That pays where NumPy would take longer.
How long NumPy would take is estimated from what one step computes.
"""

from __future__ import annotations

import sys
from dataclasses import KW_ONLY, dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from math import prod

from glassnet.derivation.steps import Derivation
from glassnet.engines.plans import are_fixed
from glassnet.engines.program import LEAVES, VIEWS, Program, training_program
from glassnet.errors import install
from glassnet.expressions.expression import ROWS
from glassnet.parts.naming import find
from glassnet.training.rows import Walk

NAMES = ("auto", "numpy", "compiled")
INSTALL = install("fast")

# Seconds, measured by benchmarks/race/start.py and benchmarks/numpy_engine.py
COMPILING, LOADING = 3.0, 0.1
AN_OPERATION, A_PAIR = 0.02, 1.6e-4  # of compiling, where there are so many that it takes longer; of each two of them
A_CALL, A_NUMBER, A_PRODUCT = 0.6e-6, 0.5e-9, 1 / 80e9  # of NumPy: a call, an element of its result, a flop of `@`
LOADER = "llvmlite.binding"  # most of what loading takes, once in a process
SHORT = 10e-6  # of NumPy: calls that take less on average hold Python's lock too often for threads to gain anything
FUSED = 0.2  # the part of what is not products that compiled code takes


@dataclass(frozen=True)
class Choice:
    """The engine that trains, and why it does.

    Attributes
    ----------
    engine
        "numpy" or "compiled".
    reason
        In words.
    worth_a_line
        Whether somebody who watches should know: it takes seconds to begin, or another engine would save some.
    batches, rows, batch
        What the training went through: as `training_code` takes it.
    """

    engine: str
    reason: str
    _: KW_ONLY
    worth_a_line: bool = False
    batches: str = "shuffled"
    rows: int = 0
    batch: int = 0

    def __str__(self) -> str:
        return f"{self.engine} ({self.reason})"


def choose(
    asked: str,
    derivation: Derivation,
    rows: int,
    walk: Walk,
    epochs: int,
    *,
    deterministic: bool = False,
    times: int = 1,
) -> Choice:
    """The engine for a training run.

    Parameters
    ----------
    asked
        "numpy", "compiled", or "auto": whichever is done first.
    derivation
        Of a training step.
    rows, walk, epochs
        How much there is to do.
    deterministic
        Whether the choice must not depend on what was compiled before.
    times
        How often the same is to be done: what compiling takes is worth it that much sooner.

    Raises
    ------
    ImportError
        "compiled" without Numba; the message names the extra.
    ValueError
        An unknown engine, or "compiled" for a network that cannot be.
    """
    find(asked, NAMES, "engine")
    chosen = Choice("numpy", "as asked")
    if asked != "numpy":
        fixed = deterministic or are_fixed()
        chosen = weigh(asked, derivation, rows, walk, epochs, deterministic=fixed, times=times)
    return replace(chosen, batches=walk.kind(rows), rows=rows, batch=walk.batch_size)


def weigh(
    asked: str, derivation: Derivation, rows: int, walk: Walk, epochs: int, *, deterministic: bool, times: int
) -> Choice:
    """Whether compiling pays, or can be done."""
    numpy, saved = estimate(derivation, rows, walk, epochs)
    compiling = compiling_takes(derivation)
    often = "" if times == 1 else " each time"
    if asked == "auto" and saved * times < LOADING and LOADER not in sys.modules:
        return Choice("numpy", f"it takes {in_words(numpy)}{often}; loading compiled code would take as long")
    try:
        state = state_of(derivation, rows, walk)
    except ImportError as error:
        if asked == "compiled":
            raise refusal(error) from error
        gain = f", which would save {in_words(saved)}" if saved > compiling else ""
        lacks = f"the compiled engine cannot be used ({error})" if find_spec("numba") else "Numba is not installed"
        return Choice("numpy", f"{lacks}{gain}: {INSTALL}", worth_a_line=bool(gain))
    except NotImplementedError as error:
        if asked == "compiled":
            raise refusal(error) from error
        return Choice("numpy", f"it cannot be compiled: {error}")
    first = f"compiling takes {in_words(compiling)}, once"
    if asked == "compiled":
        compiles = state == "compiled"
        return Choice("compiled", "as asked" + f"; {first}" * compiles, worth_a_line=compiles)
    if state == "loaded" and not deterministic:
        return Choice("compiled", "it is compiled already")
    cost = compiling
    if state == "cached" and not deterministic:
        cost = LOADING / 5 if LOADER in sys.modules else LOADING
    how = "it was compiled before" if cost < compiling else first
    if deterministic:
        how += ", whatever was compiled before"
    if saved * times > cost:
        reason = f"NumPy would take {in_words(numpy)}{often}; {how}"
        return Choice("compiled", reason, worth_a_line=state == "compiled")
    return Choice("numpy", f"it takes {in_words(numpy)}{often}; {how}")


def refusal(error: Exception) -> Exception:
    """What somebody hears who asks for the compiled engine where there is none."""
    if isinstance(error, ImportError):
        return ImportError(f"the compiled engine needs Numba ({error}): {INSTALL}")
    return ValueError(f"this network cannot be compiled: {error}; use engine='numpy'")


def state_of(derivation: Derivation, rows: int, walk: Walk) -> str:
    """Whether the compiled code is "loaded" in this process, "cached" on disk, or has to be "compiled".

    Raises
    ------
    ImportError
        Numba, or what is installed with it, is not there.
    NotImplementedError
        It cannot be.
    """
    from glassnet.engines.compiled import state
    from glassnet.engines.training_code import training_code

    return state(training_code(derivation, walk.kind(rows), rows, walk.batch_size))


@lru_cache(maxsize=64)
def estimate(derivation: Derivation, rows: int, walk: Walk, epochs: int) -> tuple[float, float]:
    """Seconds that NumPy would take, and how many of them compiled code would save."""
    program = training_program(derivation)
    products, others = cost_of(program, walk.batch_size)
    steps = epochs * walk.batches(rows)
    return steps * (products + others), steps * others * (1.0 - FUSED)


@lru_cache(maxsize=64)
def compiling_takes(derivation: Derivation) -> float:
    """Seconds that compiling a training step takes."""
    operations = sum(one.op not in (*LEAVES, *VIEWS) for one in training_program(derivation).operations)
    return max(COMPILING, AN_OPERATION * operations + A_PAIR * operations**2)  # LLVM looks at all for each


@lru_cache(maxsize=64)
def has_short_calls(derivation: Derivation, batch_size: int) -> bool:
    """Whether trainings with NumPy only wait for each other in threads, so small is what they compute at a time."""
    program = training_program(derivation)
    return sum(cost_of(program, batch_size)) < SHORT * len(program.operations)


def cost_of(program: Program, n: int) -> tuple[float, float]:
    """Seconds of one run with NumPy, n rows: of its matrix products, and of everything else."""
    products = others = 0.0
    for operation in program.operations:
        if operation.op in (*LEAVES, *VIEWS):
            continue
        size = prod(n if dim == ROWS else int(dim) for dim in operation.shape)
        others += A_CALL
        if operation.op == "matmul":
            inner = operation.args[0].shape[1]
            products += 2.0 * size * (n if inner == ROWS else int(inner)) * A_PRODUCT
        else:
            others += size * A_NUMBER
    return products, others


def in_words(seconds: float) -> str:
    """A duration for people: `about 0.3 s`, `about 12 s`, `about 4 minutes`."""
    if seconds < 0.05:
        return "less than 0.1 s"
    if seconds < 2.0:
        return f"about {seconds:.1f} s"
    return f"about {seconds:.0f} s" if seconds < 120.0 else f"about {seconds / 60:.0f} minutes"
