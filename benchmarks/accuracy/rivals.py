"""Who takes part, each with its library's defaults on as many threads; what a library is not told, it is asked to find.

Trees get numbers as they are, missing ones too, and words as categories. scikit-learn's network gets numbers and its
target standardised and words as columns of 0 and 1, RealMLP what its own code makes of numbers and named categories;
both get a missing number as the mean and a column that says so. glassnet gets the table.

`fit(rows, problem, seed, threads)` learns and gives back what predicts: from a table to probabilities (n, K), the
classes sorted, or to numbers (n,).
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from accuracy.frames import Frames
from accuracy.problems import Problem
from glassnet.data.tables import Table

Predict = Callable[[Table], np.ndarray]
Fit = Callable[[Table, Problem, int, int], Predict]


@dataclass(frozen=True, kw_only=True)
class Rival:
    """Somebody who takes part.

    Attributes
    ----------
    fit
        Learns from rows.
    packages
        What it needs, imported before the clock starts; the first names its worker.
    extra
        glassnet's extra that brings them.
    slow
        Whether it takes minutes on the larger tables: it comes after the others, a split of every table at a time.
    anew
        Whether each training is in a process of its own, in which nothing is compiled yet.
    """

    fit: Fit
    packages: tuple[str, ...]
    extra: str
    slow: bool = False
    anew: bool = False

    @property
    def is_there(self) -> bool:
        """Whether its packages are installed."""
        return all(importlib.util.find_spec(name.split(".")[0]) for name in self.packages)


def of_scikit_learn_kind(make: Callable[[Problem, int, int, Frames], Any], fill: bool = False, **more: Any) -> Fit:
    """What has `fit`, `predict` and `predict_proba`: it gets frames and, for classes, 0, 1, …"""

    def fit(rows: Table, problem: Problem, seed: int, threads: int) -> Predict:
        frames = Frames(rows, problem.target, fill=fill)
        model = make(problem, seed, threads, frames)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of scikit-learn's network, that its 200 epochs end before it does
            said = {name: give(frames) for name, give in more.items()}
            model.fit(frames.frame(rows), problem.truth(rows), **said)
        predict = model.predict_proba if problem.kind == "classes" else model.predict
        return lambda others: np.asarray(predict(frames.frame(others)), np.float64)

    return fit


def hist_gradient_boosting(problem: Problem, seed: int, threads: int, frames: Frames) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingClassifier if problem.kind == "classes" else HistGradientBoostingRegressor
    return kind(categorical_features="from_dtype", random_state=seed)  # its threads are OpenMP's


def xgboost(problem: Problem, seed: int, threads: int, frames: Frames) -> Any:
    from xgboost import XGBClassifier, XGBRegressor

    kind = XGBClassifier if problem.kind == "classes" else XGBRegressor
    return kind(enable_categorical=True, random_state=seed, n_jobs=threads)


def lightgbm(problem: Problem, seed: int, threads: int, frames: Frames) -> Any:
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind = LGBMClassifier if problem.kind == "classes" else LGBMRegressor
    return kind(random_state=seed, n_jobs=threads, verbose=-1)


def mlp(problem: Problem, seed: int, threads: int, frames: Frames) -> Any:
    from sklearn.compose import TransformedTargetRegressor, make_column_transformer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), frames.of_words), remainder=StandardScaler()
    )
    if problem.kind == "classes":
        return make_pipeline(columns, MLPClassifier(random_state=seed))
    whole = make_pipeline(columns, MLPRegressor(random_state=seed))
    return TransformedTargetRegressor(whole, transformer=StandardScaler())


def realmlp(problem: Problem, seed: int, threads: int, frames: Frames, name: str = "TD") -> Any:
    import pytabkit

    kind = "Classifier" if problem.kind == "classes" else "Regressor"
    return getattr(pytabkit, f"RealMLP_{name}_{kind}")(device="cpu", random_state=seed, n_threads=threads)


def by_glassnet(rows: Table, problem: Problem, seed: int, threads: int, *, recipe: Any) -> Predict:
    import glassnet as gn

    kind: Any = problem.kind
    if recipe == AUTO:
        model = gn.compare(rows, target=problem.target, kind=kind, seed=seed, progress=False).model
    else:
        model = gn.train(gn.recipe(recipe), rows, target=problem.target, kind=kind, seed=seed, progress=False)

    def predict(others: Table) -> np.ndarray:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*the range seen in training")
            if problem.kind == "number":
                return np.asarray(model.predict(others), np.float64)
            order = np.argsort([str(one) for one in model.classes])
            return np.asarray(model.predict_proba(others), np.float64)[:, order]

    return predict


TREES, PYTABKIT = ("sklearn", "pandas"), ("pytabkit", "pandas", "torch")
AUTO = "auto"  # the simplest recipe that is as good
RECIPES = ("small", AUTO, "strong", "ensemble")  # of glassnet
RIVALS = {
    "HistGradientBoosting": Rival(
        fit=of_scikit_learn_kind(hist_gradient_boosting), packages=("sklearn.ensemble", "pandas"), extra="bench"
    ),
    "XGBoost": Rival(fit=of_scikit_learn_kind(xgboost), packages=("xgboost", "pandas"), extra="bench-xgboost"),
    "LightGBM": Rival(fit=of_scikit_learn_kind(lightgbm), packages=("lightgbm", "pandas"), extra="bench-lightgbm"),
    "scikit-learn's MLP": Rival(
        fit=of_scikit_learn_kind(mlp, fill=True), packages=("sklearn.neural_network", "pandas"), extra="bench"
    ),
    **{
        f"RealMLP-{label}": Rival(
            fit=of_scikit_learn_kind(
                partial(realmlp, name=name), fill=True, cat_col_names=lambda frames: frames.of_words
            ),
            packages=("pytabkit", "pandas", "torch"),
            extra="bench-pytabkit",
            slow=True,
        )
        for label, name in {"TD-S": "TD_S", "TD": "TD"}.items()
    },
    **{
        f"glassnet, {name}": Rival(
            fit=partial(by_glassnet, recipe=name),
            packages=("glassnet", "numba", "llvmlite"),
            extra="fast",
            slow=name != "small",
            anew=True,
        )
        for name in RECIPES
    },
}
