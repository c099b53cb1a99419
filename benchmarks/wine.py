"""How good is the wine? Red wine quality from 11 measurements, glassnet against scikit-learn's MLPRegressor.

Both get the same network (11-32-16-1, ReLU), Adam at the same rate, the same batch size, number of epochs and L2
penalty, inputs standardised on the same training rows. Each starts and shuffles in its own way. glassnet is given
the table and scales the target, as it does for tables; scikit-learn is given the quality as it is, as its users do.
A third row gives scikit-learn the standardised target too.
"""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from report import arguments, machine, spread, table, tell
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import r2_score
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import glassnet as gn
from glassnet.tables import read_csv, split_rows

FILE = Path(__file__).with_name("data") / "wine-red.csv"
TARGET, HIDDEN, RATE, BATCH, EPOCHS, L2 = "quality", (32, 16), 0.001, 32, 60, 0.001
"""L2 as in ½·L2·Σw² beside the mean loss of a row; scikit-learn's alpha is L2 times the rows of a batch."""


def mlp(seed: int) -> MLPRegressor:
    """scikit-learn's network. Its loss is half the squared error, so its penalty is half, too."""
    return MLPRegressor(
        hidden_layer_sizes=HIDDEN,
        alpha=BATCH * L2 / 2,
        batch_size=BATCH,
        learning_rate_init=RATE,
        max_iter=EPOCHS,
        tol=0.0,
        n_iter_no_change=EPOCHS,
        random_state=seed,
    )


def one(seed: int) -> dict[str, Any]:
    """R² on a fifth of the wines, and seconds, of each rival."""
    wines = read_csv(FILE)
    rest, taken = split_rows(wines, 0.2, np.random.default_rng(seed))
    train, test = wines.rows(rest), wines.rows(taken)
    names = [name for name in wines.names if name != TARGET]

    def columns(part: Any) -> tuple[np.ndarray, np.ndarray]:
        return np.column_stack([part.column(name) for name in names]), part.column(TARGET)

    (X, y), (X_test, y_test) = columns(train), columns(test)

    def glassnet() -> float:
        network = gn.Network(*(gn.Dense(units, "relu") for units in HIDDEN), gn.Dense(), l2=L2)
        model = gn.train(
            network,
            train,
            target=TARGET,
            kind="number",
            optimizer=gn.Adam(RATE),
            epochs=EPOCHS,
            batch_size=BATCH,
            seed=seed,
            progress=False,
        )
        return float(r2_score(y_test, model.predict(test)))

    def scikit_learn() -> float:
        return float(r2_score(y_test, make_pipeline(StandardScaler(), mlp(seed)).fit(X, y).predict(X_test)))

    def scaled_target() -> float:
        whole = TransformedTargetRegressor(make_pipeline(StandardScaler(), mlp(seed)), transformer=StandardScaler())
        return float(r2_score(y_test, whole.fit(X, y).predict(X_test)))

    found: dict[str, Any] = {"seed": seed}
    for rival in (glassnet, scikit_learn, scaled_target):
        start = time.perf_counter()
        found[rival.__name__] = {"r2": rival(), "seconds": time.perf_counter() - start}
    return found


def main() -> None:
    asked = arguments(__doc__, seeds=10)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # all epochs are done: that is what was asked for
        warnings.filterwarnings("ignore", message=".*the range seen in training")
        found = [one(seed) for seed in range(asked.seeds)]
    labels = {
        "glassnet": "glassnet",
        "scikit_learn": "scikit-learn",
        "scaled_target": "scikit-learn, target standardised",
    }
    rows = [
        [
            label,
            spread([item[name]["r2"] for item in found], ".3f"),
            spread([item[name]["r2"] - item["glassnet"]["r2"] for item in found], "+.3f"),
            spread([item[name]["seconds"] for item in found], ".2f", " s"),
        ]
        for name, label in labels.items()
    ]
    tell(
        "Red wine quality",
        f"{machine()}. {' '.join(__doc__.split(chr(10), 2)[2].split())} Learning rate {RATE}, batches of {BATCH}, "
        f"{EPOCHS} epochs; R² on a fifth of the 1,599 wines, seeds 0 to {asked.seeds - 1}, each with a split of its "
        "own. Medians, lowest and highest in brackets.",
        [table(["", "R²", "R² above glassnet's, by seed", "time"], rows)],
        {"wine": found},
        asked.json,
    )


if __name__ == "__main__":
    main()
