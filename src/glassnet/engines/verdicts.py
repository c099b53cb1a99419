"""Which plan takes a network's steps fastest on this machine: measured once, by taking some, and kept beside the code.

Plans differ in the last bits, and a measurement may fall out otherwise another time. Where the same bits are wanted
every time (`fixed_plans`: deterministic training, the command line, estimators), the plan goes by sizes alone.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import cache
from math import prod
from pathlib import Path

from glassnet.engines import blas, cache_folder
from glassnet.engines.cache_folder import folder
from glassnet.engines.compiled import surroundings, write
from glassnet.engines.machine_code import Code
from glassnet.engines.plans import Busy, Plan, are_fixed
from glassnet.engines.threads import controller
from glassnet.engines.ways import BY_RULE, ways_of
from glassnet.expressions.expression import ROWS

Product = tuple[str, int, int, int]

SURELY_GAINS = 1 << 21  # multiplications of a step, from which on several threads gain something where nobody measures
TOO_LONG = 1 << 31  # and from which on a step takes so long that trying costs more than it gains
MOST = 1.0  # seconds, after which no further ways are tried
GAIN = 0.97  # of the time of the best so far: what takes more is no better
KNOWN: dict[Hashable, Plan] = {}  # by code, products, bytes of a number, and how many threads there may be


def products_of(code: Code, batch: int) -> list[Product]:
    """The matrix products of a step, for batches of so many rows."""
    assert code.shared is not None
    return [(name, *(batch if dim == ROWS else int(dim) for dim in sizes)) for name, *sizes in code.shared.products]  # type: ignore[misc]  # each has three sizes


def work_of(products: list[Product]) -> int:
    """The multiplications of a step."""
    return sum(prod(sizes) for _, *sizes in products)


def fixed_plan(products: list[Product], threads: int) -> Plan:
    """The plan that goes by sizes alone."""
    return Plan(threads if work_of(products) >= SURELY_GAINS else 1, (0,) * len(products))


def plan_for(
    code: Code, batch: int, itemsize: int, threads: int, trial: Callable[[], Callable[[Plan], float]] | None = None
) -> Plan:
    """The plan for a function that trains.

    Parameters
    ----------
    code
        The function.
    batch, itemsize
        Rows of a batch; bytes of a number.
    threads
        How many there may be.
    trial
        Makes what tells the seconds that a step takes with a plan; None: nothing is to be measured now.
    """
    products = products_of(code, batch)
    start = fixed_plan(products, threads)
    if are_fixed() or not blas.found.bits or work_of(products) >= TOO_LONG:
        return start
    key = code.text, tuple(products), itemsize, threads
    if key not in KNOWN:
        path = folder() / f"glassnet_plan_{digest(key)}.json"
        found = read(path, products, itemsize, threads)
        if found is None and trial is not None:
            try:
                found = best_plan(products, itemsize, threads, trial())
            except Busy:  # another process may find out
                KNOWN[key] = start
                return start
            except MemoryError:  # it works with copies
                return start
            if found is not None:
                with suppress(OSError):
                    write(path, json.dumps({"threads": found.threads, "ways": found.ways}).encode())
        if found is None:
            return start
        KNOWN[key] = found
    return KNOWN[key]


def best_plan(products: list[Product], itemsize: int, threads: int, measure: Callable[[Plan], float]) -> Plan | None:
    """The fastest plan that is found by changing one thing after the other, as long as there is time.

    None: it cannot be told, since the numbers overflow at once.
    """
    best, until = Plan(1, (0,) * len(products)), time.perf_counter() + MOST
    least = measure(best)

    def the_better(plan: Plan) -> None:
        nonlocal best, least
        taken = measure(plan)
        if taken < least / GAIN:  # it may be: both once more, as something else may have been at work
            least, taken = min(least, measure(best)), min(taken, measure(plan))
        if taken < GAIN * least:
            best, least = plan, taken

    if threads > 1:
        the_better(Plan(threads, best.ways))
    for k, product in enumerate(products):
        for way in ways_of(product, itemsize, best.threads, blas.found.small_kernels):
            if time.perf_counter() < until:
                the_better(Plan(best.threads, (*best.ways[:k], way, *best.ways[k + 1 :])))
    return best if least < math.inf else None


def read(path: Path, products: list[Product], itemsize: int, threads: int) -> Plan | None:
    """The plan in a file; None: there is none, somebody else may have written it, or it is none for these products."""
    try:
        found = json.loads(cache_folder.read(path))
        given, ways = found["threads"], tuple(found["ways"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    if type(given) is not int or given not in (1, threads) or len(ways) != len(products):
        return None
    for product, way in zip(products, ways, strict=True):
        if type(way) is not int or way not in (BY_RULE, *ways_of(product, itemsize, given, blas.found.small_kernels)):
            return None
    return Plan(given, ways)


def digest(key: Hashable) -> str:
    """A name for what a plan is for, on machines like this one."""
    return hashlib.sha256(repr((surroundings(), kernels(), key)).encode()).hexdigest()[:24]


@cache
def kernels() -> str:
    """For which processor BLAS has chosen its code."""
    return ", ".join(str(pool.architecture) for pool in controller().lib_controllers if hasattr(pool, "architecture"))
