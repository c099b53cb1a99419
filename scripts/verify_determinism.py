#!/usr/bin/env python
"""Whether the same seed gives the same bytes, a hundred times: `scripts/verify_determinism.py [RUNS [KIND …]]`.

Each run is a process that trains small models and says the SHA-256 of their files. Runs differ in PYTHONHASHSEED,
working folder, home, language and time zone, in the clock, in what the global random numbers were told before, in
whether compiled code is there already, and in how many threads BLAS and Numba may take: everything is trained with
`deterministic=True`, as estimators are anyway. In every fifth run estimators are fitted by two workers of joblib,
in the others alone. With KINDs only what has one of these words in its name is trained. The exit status is 1 if two
runs differ.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")

RUNS = 100
LIMITS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
LANGUAGES = ("C", "C.UTF-8")
ZONES = ("UTC", "Asia/Kathmandu", "America/St_Johns")


def main(runs: int = RUNS, kinds: Sequence[str] = ()) -> int:
    """Compare so many runs; the exit status."""
    found: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(runs):
            for name, digest in run(number, kinds, Path(folder)).items():
                found.setdefault(name, Counter())[digest] += 1
    for name, digests in found.items():
        (digest, count), *_ = digests.most_common()
        print(f"{name:26} {count:>4} of {digests.total()} the same, {digest[:16]}")
    return int(any(len(digests) > 1 for digests in found.values()))


def run(number: int, kinds: Sequence[str], folder: Path) -> dict[str, str]:
    """What a process says that has surroundings of its own."""
    place = folder / f"{number} é"
    place.mkdir()
    surroundings = {
        "PYTHONHASHSEED": str(number * 7919),
        "GLASSNET_CACHE": str(folder / ("warm" if number % 4 else f"cold {number}")),
        "HOME": str(place),
        "LC_ALL": LANGUAGES[number % len(LANGUAGES)],
        "TZ": ZONES[number % len(ZONES)],
        **dict.fromkeys(LIMITS, str(1 + number % 3)),
    }
    argv = [sys.executable, __file__, "--models", str(number), *kinds]
    env = {**os.environ, **surroundings}
    done = subprocess.run(argv, cwd=place, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    said: dict[str, str] = json.loads(done.stdout)
    return said


def digests(number: int, kinds: Sequence[str]) -> dict[str, str]:
    """The SHA-256 of all that a run trains, by name."""
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002, must not count
    time.time = lambda: number * 1e8  # nor must the clock
    found = {}
    for name, train in wanted(models(), kinds).items():
        train().save("model.glass")
        found[name] = hashlib.sha256(Path("model.glass").read_bytes()).hexdigest()
    solvers = wanted({f"estimator, {solver}": solver for solver in ("adam", "sgd", "lbfgs")}, kinds)
    if solvers:
        from joblib import Parallel, delayed

        work = (delayed(fitted)(solver) for solver in solvers.values())
        found |= dict(zip(solvers, Parallel(n_jobs=1 if number % 5 else 2)(work), strict=True))
    return found


def wanted(every: Mapping[str, T], kinds: Sequence[str]) -> dict[str, T]:
    """What was asked for; without words, all."""
    return {name: item for name, item in every.items() if not kinds or any(kind in name for kind in kinds)}


def models() -> dict[str, Callable[[], Any]]:
    """Models of every kind, by name."""
    import glassnet as gn

    X, y, labels = arrays()
    words = np.array(["red", "green", "blue"])[np.arange(len(X)) % 3]
    table = {"x": X[:, 0], "colour": words, "z": X[:, 1], "label": labels}
    noisy = gn.Network(gn.Dense(13, "relu"), gn.BatchNorm(), gn.Dropout(0.2), gn.Dense(7, "tanh"), gn.Dense())
    small, wide = (
        gn.Network(gn.Dense(5, "gelu"), gn.Dense()),
        gn.Network(gn.Dense(300, "tanh"), gn.Dense(200), gn.Dense()),
    )
    how: dict[str, Any] = {"seed": 1, "epochs": 4, "progress": False, "deterministic": True}
    kept = {"target": "label", "validation": 0.2, "early_stopping": 2}
    return {
        "table": lambda: gn.train(noisy, table, **kept, **how),
        "float32": lambda: gn.train(noisy, X.astype(np.float32), labels, **how),
        "wide, NumPy": lambda: gn.train(wide, X, y, batch_size=256, engine="numpy", **how),
        "wide, compiled": lambda: gn.train(wide, X, y, batch_size=256, engine="compiled", **how),
        "small, compiled": lambda: gn.train(small, X, y, engine="compiled", **how),
        "recipe": lambda: gn.train(gn.recipe("small"), table, target="label", **how),
        "many": lambda: gn.train_many(wide, X, y, seeds=3, epochs=2)[2],
    }


def fitted(solver: str) -> str:
    """The SHA-256 of an estimator's weights."""
    from glassnet.sklearn import MLPClassifier

    X, _, labels = arrays()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it does not converge in so few steps
        made = MLPClassifier((200, 100), solver=solver, max_iter=4, random_state=1).fit(X, labels)
    return hashlib.sha256(b"".join(array.tobytes() for array in (*made.coefs_, *made.intercepts_))).hexdigest()


def arrays() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs, numbers and labels."""
    X = np.random.default_rng(0).normal(size=(600, 40))
    y = X[:, 0] * X[:, 1] + 0.1 * X.sum(axis=1)
    return X, y, np.where(y > 0.3, "high", np.where(y < -0.3, "low", "middle"))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--models"]:
        print(json.dumps(digests(int(sys.argv[2]), sys.argv[3:])))
    else:
        sys.exit(main(*map(int, sys.argv[1:2]), kinds=sys.argv[2:]))
