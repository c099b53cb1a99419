"""The estimators of glassnet and of scikit-learn: same parameters, same random_state, same scores, in turns.

Each is in a process of its own; scikit-learn in two, with one BLAS thread and with all, of which the faster counts.
`fit` is the whole call, with scikit-learn's defaults but for what the table says, on standardised columns. What
compiling costs is not in it: it was done in a turn before, which does not count. By itself (engine="auto") glassnet
takes the compiled engine where it expects to gain by it."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import time
import timeit
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from race.worker import environment
from report import arguments, machine, ratios, spread, table, tell

ENGINES = ("compiled", "numpy")
THREADS = sorted({1, os.cpu_count() or 1})
FITS: dict[str, tuple[str, str, dict[str, Any]]] = {  # data, estimator, parameters
    "digits": ("digits", "MLPClassifier", {}),
    "digits, batch_size=32": ("digits", "MLPClassifier", {"batch_size": 32, "max_iter": 50}),
    "digits, early_stopping=True": ("digits", "MLPClassifier", {"early_stopping": True}),
    "digits, solver='sgd'": ("digits", "MLPClassifier", {"solver": "sgd", "max_iter": 50}),
    "digits, solver='lbfgs'": ("digits", "MLPClassifier", {"solver": "lbfgs"}),
    "red wine": ("wine", "MLPRegressor", {}),
    "100,000 × 30": ("synthetic", "MLPClassifier", {"max_iter": 5}),
}
PREDICTIONS = {"one row": 1, "10,000 rows": 10_000}
PARTIAL = "partial_fit, 200 rows of digits"
PARTS = "where the time goes"


@cache
def data(name: str, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """X, standardised, and y."""
    from sklearn.datasets import load_digits, make_classification

    if name == "digits":
        X, y = load_digits(return_X_y=True)
    elif name == "wine":
        table = np.genfromtxt(Path(__file__).with_name("data") / "wine-red.csv", delimiter=",", skip_header=1)
        X, y = table[:, :-1], table[:, -1]
    else:
        X, y = make_classification(100_000, 30, n_informative=15, random_state=0)
    spread_of = X.std(axis=0)
    return np.ascontiguousarray((X - X.mean(axis=0)) / np.where(spread_of > 0, spread_of, 1.0), dtype), y


def estimator(library: str, kind: str, **parameters: Any) -> Any:
    """A contestant's estimator: scikit-learn's, or glassnet's with one of the engines."""
    if library == "scikit-learn":
        import sklearn.neural_network as module
    else:
        import glassnet.sklearn as module

        parameters["engine"] = library
    return getattr(module, kind)(random_state=0, **parameters)


def timed(library: str, work: str, dtype: str) -> tuple[float, Any]:
    """Seconds, and what came out: the score, or the probabilities."""
    warnings.simplefilter("ignore")  # that 200 epochs were too few is not what this is about
    if work in FITS:
        name, kind, parameters = FITS[work]
        X, y = data(name, dtype)
        made = estimator(library, kind, **parameters)
        start = time.perf_counter()
        made.fit(X, y)
        return time.perf_counter() - start, made.score(X, y)
    X, y = data("digits", dtype)
    if work == PARTIAL:
        made = estimator(library, "MLPClassifier").partial_fit(X[:200], y[:200], classes=range(10))
        return per_call(lambda: made.partial_fit(X[:200], y[:200])), None
    made = fitted(library, dtype)
    rows = np.ascontiguousarray(np.resize(X, (PREDICTIONS[work], X.shape[1])))
    return per_call(lambda: made.predict_proba(rows)), made.predict_proba(rows).sum(axis=0)


@cache
def fitted(library: str, dtype: str) -> Any:
    """A classifier that predicts."""
    return estimator(library, "MLPClassifier", max_iter=100).fit(*data("digits", dtype))


def per_call(call: Callable[[], Any]) -> float:
    """Seconds of a short call, which is done for a tenth of a second."""
    timer = timeit.Timer(call)
    often, taken = timer.autorange()
    return min(taken, *timer.repeat(2, often)) / often


@contextmanager
def clocked(place: type[Any], name: str) -> Iterator[list[float]]:
    """The seconds spent in a method, summed in the list, while it lasts."""
    original, spent = vars(place)[name], [0.0]

    def timed(*args: Any, **options: Any) -> Any:
        start = time.perf_counter()
        answer = original(*args, **options)
        spent[0] += time.perf_counter() - start
        return answer

    setattr(place, name, timed)
    yield spent
    setattr(place, name, original)


def parts(library: str, dtype: str) -> dict[str, dict[str, float]]:
    """Milliseconds of a fit (digits) and of a partial_fit (200 rows of it), part by part."""
    from glassnet.sklearn.classifier import MLPClassifier
    from glassnet.sklearn.perceptron import MultilayerPerceptron
    from glassnet.training.steps import Stepper

    warnings.simplefilter("ignore")
    X, y = data("digits", dtype)
    whole = estimator(library, "MLPClassifier").fit(X, y)
    made = estimator(library, "MLPClassifier").partial_fit(X[:200], y[:200], classes=range(10))
    calls = {"fit": (lambda: whole.fit(X, y), 5), "partial_fit": (lambda: made.partial_fit(X[:200], y[:200]), 200)}
    found = {}
    for name, (call, repeats) in calls.items():
        with (
            clocked(MLPClassifier, "_validated") as checked,
            clocked(MultilayerPerceptron, "_prepared") as prepared,
            clocked(Stepper, "run") as ran,
        ):
            start = time.perf_counter()
            for _ in range(repeats):
                call()
            total = time.perf_counter() - start
        seconds = {
            "checking X and y, most of it scikit-learn's own checks": checked[0],
            "making the network, and what trains it": prepared[0] - checked[0],
            "training": ran[0],
            "order of the rows, curves, stopping rules, parameter checks": total - prepared[0] - ran[0],
            "in all": total,
        }
        found[name] = {part: 1e3 * value / repeats for part, value in seconds.items()}
    return found


def serve(connection: Any, library: str) -> None:
    """In a contestant's process: do what is asked for."""
    while (asked := connection.recv()) is not None:
        connection.send(parts(library, asked[1]) if asked[0] == PARTS else timed(library, *asked))


class Contestant:
    """A library with a number of threads, in a process of its own."""

    def __init__(self, library: str, threads: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        with environment(threads):
            context.Process(target=serve, args=(theirs, library), daemon=True).start()

    def run(self, work: str, dtype: str) -> tuple[float, Any]:
        """Seconds of one turn, and what came out."""
        self.connection.send((work, dtype))
        return self.connection.recv()


def main() -> None:
    options = arguments(__doc__, repeats=5)
    slow = {threads: Contestant("scikit-learn", threads) for threads in THREADS}
    ours = {engine: Contestant(engine, THREADS[-1]) for engine in ENGINES}
    rows, found = [], {}
    for work in (*FITS, PARTIAL, *PREDICTIONS):
        for dtype in ("float64", "float32"):
            first = {threads: contestant.run(work, dtype)[0] for threads, contestant in slow.items()}
            threads = min(first, key=first.__getitem__)
            rivals = {"scikit-learn": slow[threads], **ours}
            for contestant in ours.values():
                contestant.run(work, dtype)
            seconds: dict[str, list[float]] = {name: [] for name in rivals}
            results = {}
            for _ in range(options.repeats):
                for name, contestant in rivals.items():
                    taken, results[name] = contestant.run(work, dtype)
                    seconds[name].append(taken)
            rows.append(row(work, dtype, seconds, results))
            found[f"{work}, {dtype}"] = {"seconds": seconds, "threads": threads}
    spent = ours["compiled"].run(PARTS, "float64")
    for contestant in (*slow.values(), *ours.values()):
        contestant.connection.send(None)
    lines = [[part, *(f"{times[part]:.3g} ms" for times in spent.values())] for part in spent["fit"]]
    tell(
        "Estimators",
        f"{' '.join(str(__doc__).split())} {machine()}. Medians of {options.repeats} turns, lowest and highest.",
        [table(("", "X", "scikit-learn", "compiled", "times", "numpy", "times", "score"), rows)],
        {"estimators": found},
        options.json,
    )
    tell(
        "Where an estimator's time goes",
        "Means of several calls, digits, compiled engine, float64; fit until it stops, partial_fit with 200 rows.",
        [table(("", *spent), lines)],
        {},
        None,
    )


def row(work: str, dtype: str, seconds: dict[str, list[float]], results: dict[str, Any]) -> list[str]:
    """A line of the table; the results must agree."""
    unit, factor = ("s", 1.0) if statistics.median(seconds["scikit-learn"]) > 0.1 else ("ms", 1e3)
    if work == "one row":
        unit, factor = "µs", 1e6
    cells = [work if work in FITS or work == PARTIAL else f"predict_proba, {work}", dtype]
    cells.append(spread([factor * value for value in seconds["scikit-learn"]], unit=f" {unit}"))
    for name in ENGINES:
        cells.append(spread([factor * value for value in seconds[name]], unit=f" {unit}"))
        cells.append(spread(ratios(seconds["scikit-learn"], seconds[name])))
    score = results["scikit-learn"]
    for name in ENGINES:
        if score is not None and not np.allclose(results[name], score, rtol=0.01):
            raise AssertionError(f"{work}, {dtype}: {name} gives {results[name]}, scikit-learn {score}")
    return [*cells, f"{score:.4f}" if isinstance(score, float) else ""]


if __name__ == "__main__":
    main()
