"""Whether a patient is what it is said to be: trained as it is and mended, from several seeds, measured on other rows.

The score is 0 for who always says the same and 1 for who is always right: for classes the mean over classes of the
share that is right, chance taken off; for numbers R², and also for the few rows of XOR. What is a class is decided by
the target alone (words or whole numbers), so that another loss is measured alike. A seed fails where the score is below
0.7 of the mended median. A patient is sick where at least 4 of 5 seeds fail, and at most one of the mended does; where
it has several faults, with each of them alone too.

A network is healthy where its median is at least 0.85 of the better of two neighbours, the recipes "small" and "linear"
on the same rows, and no seed fails beside it; nothing is to be learnt where neither it nor the neighbours come to 0.12;
it is a matter of the seed where some of 10 seeds fail and some do not.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

import glassnet as gn
from patients.patient import Case, Patient

SEEDS = 5
LEARNT, SHARE, MOST = 0.3, 0.7, 0.8  # a mended score, what fails beside it, the share of seeds that must
FRESH = 1000  # the draw that scores are measured on
GOOD, NOTHING = 0.85, 0.12  # beside the best neighbour; what is as good as nothing
NEIGHBOURS = 3  # seeds of these
FEW = 20  # rows: with so few, classes are measured as numbers are


def checked(patient: Patient, seeds: int = SEEDS) -> dict[str, Any]:
    """What training says of it: scores as it is and mended, and whether it is what it is said to be."""
    if patient.truth[0] == "seed":
        return by_seed(patient)
    as_it_is = scores(patient.case(0), patient.case(FRESH), seeds)
    if patient.mended is None:
        return beside_neighbours(patient, as_it_is)
    mended = scores(patient.mended(0), patient.mended(FRESH), seeds)
    alone = [scores(case(0), case(FRESH), seeds) for case in patient.alone]
    bar = SHARE * float(np.median(mended))
    fail_mended, *fails = (sum(score < bar for score in found) for found in (mended, as_it_is, *alone))
    learnt = np.median(mended) >= LEARNT and fail_mended <= round((1 - MOST) * seeds, 9)
    found = {"as it is": as_it_is, "mended": mended, **({"alone": alone} if alone else {})}
    return {**found, "true": bool(learnt and min(fails) >= MOST * seeds)}


def beside_neighbours(patient: Patient, as_it_is: list[float]) -> dict[str, Any]:
    """What training says of one that is not sick."""
    case, fresh = as_table(patient.case(0)), as_table(patient.case(FRESH))
    found = {name: scores(case._replace(network=gn.recipe(name)), fresh, NEIGHBOURS) for name in ("small", "linear")}
    best = max(float(np.median(those)) for those in found.values())
    middle = float(np.median(as_it_is))
    nothing, good = max(best, middle) < NOTHING, middle >= GOOD * best and min(as_it_is) >= SHARE * middle
    true = nothing if patient.truth[0] == "nothing" else nothing or good if "nothing" in patient.truth else good
    return {"as it is": as_it_is, **found, "true": bool(true)}


def by_seed(patient: Patient) -> dict[str, Any]:
    """What training says of one that learns from some seeds only."""
    found = scores(patient.case(0), patient.case(FRESH), 2 * SEEDS)
    return {"as it is": found, "true": min(found) < SHARE * max(found)}


def as_table(case: Case) -> Case:
    """The same rows as a table, for neighbours that are not told how they are to be trained."""
    kept = {name: case.settings[name] for name in ("class_weight", "kind") if name in case.settings}
    if case.y is None:
        return Case(None, case.X, None, {"target": case.settings["target"], **kept})
    y = np.asarray(case.y)
    kind = "classes" if y.dtype.kind in "iub" else "number"
    return Case(None, case.X, y if y.ndim == 1 else y[:, 0], {"kind": kind, **kept})  # of several targets the first


def scores(case: Case, fresh: Case, seeds: int) -> list[float]:
    """The score of each seed on fresh rows, after training as the case says; 0 for one that diverged or was refused."""
    network, X, y, settings = case
    models: Sequence[Any]
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")  # numbers that overflow
        try:
            if isinstance(network, gn.Recipe):
                models = [gn.train(network, X, y, seed=k, progress=False, **settings) for k in range(seeds)]
            else:
                models = gn.train_many(network, X, y, seeds=seeds, **settings)
        except ValueError:  # refused before any training
            return [0.0] * seeds
        return [round(score(fresh, model), 4) for model in models]


def score(case: Case, model: Any) -> float:
    """How much of what can be right is, see above."""
    truth = column(case.X, case.settings["target"]) if case.y is None else case.y
    said = np.asarray(model.predict(case.X))
    truth = np.asarray(list(truth)) if case.y is None else np.asarray(truth)
    if truth.ndim == 2 and truth.shape[1] > 1:
        truth, said = truth.argmax(axis=1), said.argmax(axis=1)
    truth, said = truth.reshape(-1), said.reshape(-1)
    if truth.dtype.kind in "USO":
        return of_labels(truth.astype(str), said.astype(str))
    if truth.dtype.kind in "iub" and len(truth) > FEW:
        values = np.unique(truth)
        return of_labels(truth, values[np.abs(said[:, None].astype(float) - values).argmin(axis=1)])
    return of_numbers(truth.astype(float), said.astype(float))


def column(table: Any, name: str) -> Any:
    """A column of a table or of a dict."""
    return table[name] if isinstance(table, dict) else table.column(name)


def of_labels(truth: np.ndarray, said: np.ndarray) -> float:
    """The mean over classes of the share that is right, from chance (0) to all (1).

    >>> of_labels(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0]))
    0.0
    """
    right = [float(np.mean(said[truth == one] == one)) for one in np.unique(truth)]
    return (float(np.mean(right)) - 1 / len(right)) / (1 - 1 / len(right))


def of_numbers(truth: np.ndarray, said: np.ndarray) -> float:
    """R², not below 0.

    >>> of_numbers(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    0.0
    """
    if not np.isfinite(said).all():
        return 0.0
    left = np.mean((said / np.std(truth) - truth / np.std(truth)) ** 2)
    return max(0.0, 1.0 - float(left))
