"""Plans that were measured: which is the fastest for a network on this machine, beside the one that goes by sizes.

Each BLAS has a process and an empty cache folder of its own: NumPy's as it is found, and OpenBLAS told by
OPENBLAS_CORETYPE to use the kernels of another processor, where this one can run them (Haswell: none for small
matrices; SkylakeX: with them). There each network is trained for an epoch, which measures its plan on the way; those
that are too small for `train` to measure them are measured here all the same. Then three plans take turns: one thread
and all of them, each product in the way that its sizes say, and what was measured. Of each, the fastest turn counts; *
marks the plan that goes by sizes alone."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from report import machine, table, tell

import glassnet as gn
from glassnet.engines import training_code, verdicts
from glassnet.engines.plans import Plan
from glassnet.engines.verdicts import Product
from glassnet.engines.ways import in_words
from glassnet.training import trials

NETWORKS = (  # units from the inputs on; rows of a batch
    ((11, 16, 3), 32),
    ((30, 8, 2), 256),
    ((30, 16, 16, 2), 32),
    ((64, 64, 10), 32),
    ((30, 128, 64, 1), 256),
    ((108, 128, 10), 256),
    ((784, 512, 512, 10), 128),
)
NEEDS = {"Haswell": "avx2", "SkylakeX": "avx512vl"}  # of the processor, which ends a program that takes it for another
FORMS = {  # what a product is for, by its function
    "multiply": "forward",
    "multiply_with_bias": "forward",
    "multiply_left_transposed": "dW",
    "multiply_right_transposed": "dx",
}
BATCHES = 20  # of an epoch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15, help="turns of the three plans; default: 15")
    parser.add_argument("--json", metavar="FILE", help="write the numbers as JSON, too")
    parser.add_argument("--here", action="store_true", help="with the BLAS of this process, for the script itself")
    asked = parser.parse_args()
    if asked.here:
        print(json.dumps(measured(asked.repeats)))
        return
    os.environ.pop("OPENBLAS_NUM_THREADS", None)  # what is asked is how many threads pay
    as_found = in_process("", asked.repeats)
    found = {f"{as_found['kernels']}, as found": as_found["networks"]}
    for kernels in NEEDS:
        if kernels != as_found["kernels"] and can_run(kernels):
            told = in_process(kernels, asked.repeats)
            if told["kernels"] == kernels:  # another BLAS than OpenBLAS does not listen
                found[kernels] = told["networks"]
    text = f"{' '.join(str(__doc__).split())} float32, Adam. {machine()}."
    header = (
        "",
        "multiplications",
        "one thread",
        "{} threads",
        "measured",
        "threads",
        "ways, where not by rule",
        "times faster",
    )
    tables = []
    for name, networks in found.items():
        most = networks[0]["threads"]
        names = (name, *(cell.format(most) for cell in header[1:]))
        tables.append(table(names, [cells(network) for network in networks]))
    tell("Plans", text, tables, {"plans": found}, asked.json)


def can_run(kernels: str) -> bool:
    """Whether this processor can run the kernels of that one."""
    path = Path("/proc/cpuinfo")
    return path.exists() and NEEDS[kernels] in path.read_text().split()


def in_process(kernels: str, repeats: int) -> dict[str, Any]:
    """What a process of its own measures with these kernels; "": with those that BLAS chooses."""
    with tempfile.TemporaryDirectory() as folder:
        where = {**os.environ, "GLASSNET_CACHE": folder, **({"OPENBLAS_CORETYPE": kernels} if kernels else {})}
        command = [sys.executable, __file__, "--here", "--repeats", str(repeats)]
        done = subprocess.run(command, env=where, check=True, stdout=subprocess.PIPE)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def measured(repeats: int) -> dict[str, Any]:
    """What this process measures."""
    least = training_code.WORTH_A_TEAM
    with patch.object(training_code, "WORTH_A_TEAM", 0), patch.object(trials, "CALM", 0.0):  # small ones take no time
        networks = [verdict(units, rows, repeats) for units, rows in NETWORKS]
    for network in networks:
        network["measured"] = network["work"] >= least
    return {"kernels": verdicts.kernels(), "networks": networks}


def verdict(units: tuple[int, ...], rows: int, repeats: int) -> dict[str, Any]:
    """The plan of a network, as training it finds it, and the seconds of a step: of all plans that were tried, too."""
    told: dict[str, Any] = {}

    def best_plan(products: list[Product], size: int, most: int, measure: Callable[[Plan], float]) -> Plan:
        tried: list[tuple[Plan, float]] = []

        def noted(plan: Plan) -> float:
            tried.append((plan, measure(plan)))
            return tried[-1][1]

        best = original(products, size, most, noted)
        by_rule = (0,) * len(products)
        rivals = [Plan(1, by_rule), Plan(most, by_rule), best]
        turns = [[measure(plan) for plan in rivals] for _ in range(repeats)]
        told.update(
            units=units,
            rows=rows,
            products=[(FORMS[name], *sizes) for name, *sizes in products],
            work=verdicts.work_of(products),
            threads=most,
            fixed=verdicts.fixed_plan(products, most).threads,
            best=(best.threads, best.ways),
            seconds=np.min(turns, axis=0).tolist(),
            tried=[(plan.threads, plan.ways, seconds) for plan, seconds in tried],
        )
        return best

    original = verdicts.best_plan
    rng = np.random.default_rng(0)
    X = rng.standard_normal((rows * BATCHES, units[0]), dtype=np.float32)
    y = np.arange(len(X)) % max(2, units[-1])
    *hidden, last = units[1:]
    output = gn.Dense(1, "sigmoid") if last == 1 else gn.Dense(last, "softmax")
    network = gn.Network(*(gn.Dense(width, "relu") for width in hidden), output)
    with patch.object(verdicts, "best_plan", best_plan):
        gn.train(network, X, y, batch_size=rows, epochs=1, seed=0, engine="compiled", progress=False)
    return told


def cells(network: dict[str, Any]) -> list[str]:
    """A network's line in the table."""
    one, several, best = network["seconds"]
    fixed = one if network["fixed"] == 1 else several
    size = f"{'-'.join(map(str, network['units']))}, {network['rows']} rows"
    return [
        size,
        f"{network['work'] / 1e6:.3g} M",
        readable(one, network["fixed"] == 1),
        readable(several, network["fixed"] != 1),
        readable(best),
        str(network["best"][0]),
        in_sentence(network) or "-",
        f"{fixed / best:.2f}×",
    ]


def readable(seconds: float, is_fixed: bool = False) -> str:
    """Micro- or milliseconds; * marks the fixed plan."""
    return (f"{seconds * 1e6:.3g} µs" if seconds < 1e-3 else f"{seconds * 1e3:.3g} ms") + "*" * is_fixed


def in_sentence(network: dict[str, Any]) -> str:
    """`forward 1: own loops; dx 2: one call`: the ways that are not by rule, by layer."""
    layers = len(network["units"]) - 1
    seen: Counter[str] = Counter()
    found = []
    for (form, *_), way in zip(network["products"], network["best"][1], strict=True):
        k = seen[form] + 1 if form == "forward" else layers - seen[form]  # the way back begins with the last layer
        seen[form] += 1
        if way:
            found.append(f"{form} {k}: {in_words(way)}")
    return "; ".join(found)


if __name__ == "__main__":
    main()
