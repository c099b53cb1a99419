"""scikit-learn's MLPClassifier, by its own `fit`, from the same weights and with the same batches.

It always ends classes in its log loss, so that W1 is another loss there (the time of a step hardly depends on it).
Its Adam is the form in which ε counts for ε/√(1 - β₂ᵗ).
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from multiprocessing.util import Finalize

import numpy as np
from joblib.externals.loky import get_reusable_executor
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier

from race.searches import PART, Search
from race.workloads import Work

os.environ["PYTHONWARNINGS"] = "ignore"  # in joblib's processes
warnings.simplefilter("ignore", ConvergenceWarning)
warnings.filterwarnings("ignore", "Got `batch_size`")  # larger than the few rows it begins with


class Orders(np.random.RandomState):
    """A source of randomness that shuffles into the orders it is given, so that everybody has the same batches."""

    def __init__(self, work: Work) -> None:
        super().__init__(0)
        self.orders, self.before = work.orders(), np.arange(len(work))

    def shuffle(self, x: np.ndarray) -> None:
        """scikit-learn shuffles what it shuffled before: undo that, then take the next order."""
        order, place = next(self.orders), np.empty_like(self.before)
        place[self.before] = np.arange(len(x))
        x[:], self.before = place[order], order


def training(work: Work) -> Callable[[], float]:
    y, start = work.y.ravel().astype(int), work.params()
    model = begun(work)

    def run() -> float:
        model.coefs_, model.intercepts_ = [W.copy() for W, _ in start], [b.copy() for _, b in start]
        model.set_params(random_state=Orders(work))
        return model.fit(work.X, y).loss_curve_[-1]

    return run


def searching(search: Search) -> Callable[[], None]:
    """`GridSearchCV` with its own starting weights and orders: a part of the runs, the first rates and seeds."""
    model = MLPClassifier(
        hidden_layer_sizes=search.sizes[1:-1],
        alpha=0.0,
        batch_size=search.batch_size,
        max_iter=search.epochs,
        tol=0.0,
        n_iter_no_change=10**9,
    )
    rates, seeds = search.rates[:: len(search.rates) // PART[0]], search.seeds[: PART[1]]
    grid = {"learning_rate_init": rates, "random_state": seeds}
    jobs = int(os.environ["NUMBA_NUM_THREADS"])
    cv = GridSearchCV(model, grid, cv=list(search.folds), n_jobs=jobs, refit=False)

    def run() -> None:
        cv.fit(search.X, search.y)

    run()  # joblib starts its processes
    Finalize(None, end_processes, exitpriority=1)  # before this process waits for them in vain
    return run


def end_processes() -> None:
    """Those that joblib has started."""
    get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


def predicting(work: Work) -> Callable[[np.ndarray], np.ndarray]:
    model = begun(work)
    model.coefs_, model.intercepts_ = [W for W, _ in work.params()], [b for _, b in work.params()]
    return lambda x: model.predict_proba(x)[:, 1:]


def begun(work: Work) -> MLPClassifier:
    """One that has begun: `warm_start` then goes on from the weights it is given, with moments of zero."""
    model = MLPClassifier(
        hidden_layer_sizes=work.sizes[1:-1],
        activation={"relu": "relu", "sigmoid": "logistic"}[work.hidden],
        solver="adam" if work.adam else "sgd",
        alpha=0.0,
        batch_size=work.batch_size or len(work),
        learning_rate_init=work.rate,
        max_iter=1,
        shuffle=work.batch_size is not None,
        momentum=0.0,
        tol=0.0,
        n_iter_no_change=10**9,
        warm_start=True,
    )
    labels = np.arange(max(2, work.sizes[-1]))
    model.fit(np.zeros((len(labels), work.sizes[0]), np.float32), labels)
    return model.set_params(max_iter=work.epochs)


SEARCHING = {"scikit-learn, GridSearchCV": searching}
TRAINING = {"scikit-learn": training}
PREDICTING = {"scikit-learn": predicting}
