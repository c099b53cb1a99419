"""Trees that learn from numbers: scikit-learn's alone, and nothing of glassnet.

So a process of its own can do it that starts in a moment. It is this file, run as a program: what `said` takes comes
in, pickled, and what it gives goes out.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

FEW_FOR_THREADS = 10_000  # rows; with fewer several threads wait for each other longer than they work


class Trees:
    """Trees that have learnt from rows.

    Parameters
    ----------
    x
        The rows, (n, columns).
    y
        Their numbers, or the number of each one's class, (n,).
    categorical
        Which columns are categories.
    classes
        How many; 0: the target is a number.
    weight
        What each row weighs; None: all alike.
    seed
        Of the rows that they hold out to know when to stop, which they do from 10,000 on.
    """

    def __init__(
        self,
        x: np.ndarray,
        y: np.ndarray,
        *,
        categorical: Sequence[bool],
        classes: int,
        weight: np.ndarray | None,
        seed: int,
    ) -> None:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
        self.classes, self.model = classes, kind(categorical_features=categorical, random_state=seed)
        with threads_for(len(x)):
            self.model.fit(x, y, sample_weight=weight)

    def says(self, x: np.ndarray) -> np.ndarray:
        """The probability of each class (n, K), or the number (n,)."""
        import numpy as np

        with threads_for(len(x)):
            p = self.model.predict_proba(x) if self.classes else self.model.predict(x)
        if not self.classes:
            return np.asarray(p, np.float64)
        said = np.zeros((len(x), self.classes))
        said[:, self.model.classes_.astype(np.intp)] = p
        return said


def threads_for(rows: int) -> AbstractContextManager[Any]:
    """In it scikit-learn works on one thread where rows are few, in learning and in predicting.

    Several meet after each tree, and on a machine that has other work to do each waits there for its turn.
    """
    from threadpoolctl import threadpool_limits  # scikit-learn needs it

    limits: AbstractContextManager[Any] = threadpool_limits(1 if rows < FEW_FOR_THREADS else None, "openmp")
    return limits


def said(
    x: np.ndarray,
    y: np.ndarray,
    divisions: Sequence[tuple[np.ndarray, np.ndarray]],
    *,
    weight: np.ndarray | None,
    **how: Any,
) -> tuple[np.ndarray, float]:
    """What trees say of the second rows of each division, having learnt from the first, and the seconds that it took.

    Parameters
    ----------
    x, y, weight
        Of all rows; as `Trees` has them, and so are `how`.
    divisions
        Numbers of rows.
    """
    import numpy as np

    started, found = time.perf_counter(), list[np.ndarray]()
    for rows, others in divisions:
        trees = Trees(x[rows], y[rows], weight=None if weight is None else weight[rows], **how)
        found.append(trees.says(x[others]))
    return np.concatenate(found), time.perf_counter() - started


class WithoutPandas:
    """A finder of modules that has no pandas: scikit-learn would load it, which takes long, and has no frames here."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """ImportError for pandas; the others are found elsewhere."""
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not needed here", name=name)


def end_with(parent: int) -> None:
    """End when the process has ended that started this one."""
    import os
    import time

    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def main() -> None:
    """Be the process."""
    import os
    import pickle
    import signal
    import sys
    import threading

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it ends it
    threading.Thread(target=end_with, args=[os.getppid()], daemon=True).start()
    sys.path[:] = pickle.load(sys.stdin.buffer)
    sys.meta_path.insert(0, WithoutPandas())
    pickle.dump(said(**pickle.load(sys.stdin.buffer)), sys.stdout.buffer)
    sys.stdout.flush()
    os._exit(0)  # to tidy up takes a tenth of a second


if __name__ == "__main__":
    main()
