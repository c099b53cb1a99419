"""How long a search takes: settings x 5 folds on the wine table, beside GridSearchCV over scikit-learn's MLPRegressor.

    python benchmarks/search.py                  # 60 settings, of which GridSearchCV tries 6; about a minute
    python benchmarks/search.py --settings 500   # as many as that, of which it tries 20

Both have the same standardised rows, networks (11-8-1 to 11-32-1, ReLU), Adam, learning rates, penalties, batches of
32, epochs, folds and number of processes, with one thread for products in each. GridSearchCV tries every k-th setting,
by size, and what all would take is worked out from that. glassnet's own time is measured before and after, whole.
With --workers 1 processor time is told as well, which says more where other programs run.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
from pathlib import Path

import numpy as np
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neural_network import MLPRegressor

import glassnet as gn

FILE = Path(__file__).with_name("data") / "wine-red.csv"
SPACE = {
    "hidden": [8, 16, 32],
    "learning_rate": gn.between(1e-4, 1e-1, log=True),
    "l2": [0.0, 1e-5, 1e-4, 1e-3],
}
BATCH, FOLDS = 32, 5


def rows() -> tuple[np.ndarray, np.ndarray]:
    """Eleven measurements and the quality, standardised."""
    table = gn.read_csv(FILE)
    columns = np.column_stack([table.column(name) for name in table.names]).astype(float)
    scaled = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    return scaled[:, :-1], scaled[:, -1]


def folds(n: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """The same for both."""
    return [*KFold(FOLDS, shuffle=True, random_state=0).split(np.empty(n))]


def clocks() -> np.ndarray:
    """Seconds that have passed, and those of this process's work."""
    return np.array([time.perf_counter(), time.process_time()])


def ours(settings: int, epochs: int, workers: int) -> tuple[np.ndarray, gn.Search]:
    """Seconds, and what came of it."""
    X, y = rows()
    began = clocks()
    found = gn.search(
        SPACE,
        X,
        y,
        settings=settings,
        folds=folds(len(X)),
        epochs=epochs,
        batch_size=BATCH,
        workers=workers,
        told=lambda done, of: None,
    )
    return clocks() - began, found


def theirs(found: gn.Search, tried: int, epochs: int, workers: int) -> tuple[np.ndarray, float, float]:
    """Seconds for so many of the settings; the mean squared errors of both, in the mean over these."""
    X, y = rows()
    order = np.lexsort((found.table["setting"], found.table["hidden"]))
    numbers = order[np.linspace(0, len(order) - 1, tried).round().astype(int)]
    grid = [
        {
            "hidden_layer_sizes": [(found.table["hidden"][k],)],
            "learning_rate_init": [found.table["learning_rate"][k]],
            "alpha": [BATCH * found.table["l2"][k] / 2],  # it divides by the rows of a batch, and halves the error
        }
        for k in numbers
    ]
    mlp = MLPRegressor(batch_size=BATCH, max_iter=epochs, tol=0.0, n_iter_no_change=epochs + 1, random_state=0)
    search = GridSearchCV(
        mlp, grid, cv=folds(len(X)), n_jobs=workers, refit=False, scoring="neg_mean_squared_error", error_score=np.nan
    )
    began = clocks()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it does not converge in so few epochs, and says so
        search.fit(X, y)
    seconds = clocks() - began
    losses = np.array(found.table["val_loss"])[numbers]
    return seconds, float(np.median(losses)), float(np.median(-search.cv_results_["mean_test_score"]))


def told(seconds: np.ndarray, alone: bool) -> str:
    """`12.3 s`, and of a process that works alone its own."""
    return f"{seconds[0]:8.1f} s" + f" ({seconds[1]:.1f} s of processor time)" * alone


def main() -> None:
    """One line each."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--settings", type=int, default=60)
    options.add_argument("--tried", type=int, help="how many GridSearchCV tries; default: a tenth, at most 20")
    options.add_argument("--epochs", type=int, default=50)
    options.add_argument("--workers", type=int, default=os.cpu_count())
    given = options.parse_args()
    tried = given.tried or max(1, min(20, given.settings // 10))
    alone = given.workers == 1
    first, found = ours(given.settings, given.epochs, given.workers)
    print(f"{given.settings} settings x {FOLDS} folds, {given.epochs} epochs, {given.workers} processes")
    print(f"glassnet      {told(first, alone)}", flush=True)
    seconds, our_loss, their_loss = theirs(found, tried, given.epochs, given.workers)
    whole = seconds * given.settings / tried
    print(f"GridSearchCV  {told(whole, alone)}, from {seconds[0]:.1f} s for {tried} of the settings", flush=True)
    again, _ = ours(given.settings, given.epochs, given.workers)
    print(f"glassnet      {told(again, alone)}, once more")
    times = sorted(whole[int(alone)] / each[int(alone)] for each in (first, again))
    print(f"it takes {times[0]:.1f} to {times[1]:.1f} times as long")
    print(f"median error of those: glassnet {our_loss:.3f}, GridSearchCV {their_loss:.3f}")
    print(found)


if __name__ == "__main__":
    main()
