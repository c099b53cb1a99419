"""The NumPy engine against the loop that tutorials write in NumPy: same weights, same rows in the same order.

What is timed for glassnet is the whole call of `gn.train`: checking the data, deriving the network's mathematics and
writing its code included.
"""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import textbook
from report import arguments, machine, ratios, spread, table, take_turns, tell
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

import glassnet as gn

SEED = 1


@dataclass(frozen=True)
class Work:
    """A network to train, with Adam, in float32."""

    name: str
    X: np.ndarray
    y: np.ndarray
    sizes: tuple[int, ...]
    batch_size: int
    epochs: int
    repeats: int

    @property
    def softmax(self) -> bool:
        return self.y.ndim == 1

    def params(self) -> dict[str, np.ndarray]:
        """He's start, the same for both."""
        rng, params = np.random.default_rng(0), {}
        for k, (i, u) in enumerate(zip(self.sizes[:-1], self.sizes[1:], strict=True), start=1):
            params[f"W{k}"] = (rng.standard_normal((i, u)) * np.sqrt(2 / i)).astype(np.float32)
            params[f"b{k}"] = np.zeros(u, np.float32)
        return params

    def by_hand(self) -> tuple[textbook.Network, list[float]]:
        network = (textbook.Network if self.softmax else textbook.Logistic)(self.params(), self.softmax)
        rng = np.random.default_rng(SEED)
        return network, textbook.train(network, self.X, self.y, self.epochs, self.batch_size, rng)

    def network(self) -> gn.Network:
        params, last = self.params(), len(self.sizes) - 1
        layers = [
            gn.Dense(self.sizes[k], "relu" if k < last else "identity", weights=params[f"W{k}"])
            for k in range(1, last + 1)
        ]
        return gn.Network(*layers, loss="cross_entropy" if self.softmax else "binary_cross_entropy")

    def by_glassnet(self, network: gn.Network) -> gn.Model:
        return gn.train(
            network,
            self.X,
            self.y,
            optimizer=gn.Adam(0.001),
            epochs=self.epochs,
            batch_size=self.batch_size,
            seed=SEED,  # the generator then shuffles as the loop's does: starting weights by hand draw nothing
            progress=False,
            engine="numpy",
        )


def works() -> list[Work]:
    """The digits, and three sizes of random rows."""
    rng = np.random.default_rng(7)
    digits = load_digits()
    tall = rng.standard_normal((100_000, 30), dtype=np.float32)
    labels = (np.sin(tall[:, :1] * 2) * tall[:, 1:2] > 0).astype(np.float32)
    wide = rng.standard_normal((12_800, 784), dtype=np.float32)
    return [
        Work("W2", (digits.data / 16).astype(np.float32), digits.target, (64, 64, 10), 32, 20, 7),
        Work("W3", tall, labels, (30, 128, 64, 1), 256, 3, 5),
        Work("W4", wide, wide[:, :10].argmax(axis=1), (784, 512, 512, 10), 128, 1, 5),
    ]


def xor_turns(repeats: int) -> dict[str, Any]:
    """W1: XOR, 2-4-1, sigmoids, mean squared error, 10,000 epochs of all four rows, float64."""
    X, y = gn.datasets.xor()
    rng = np.random.default_rng(0)
    W1, W2 = rng.standard_normal((2, 4)), rng.standard_normal((4, 1))
    network = gn.Network(gn.Dense(4, "sigmoid", weights=W1), gn.Dense(1, "sigmoid", weights=W2), loss="squared")
    found: dict[str, float] = {}

    def by_hand() -> None:
        found["by hand"] = textbook.train_xor(X, y, W1, np.zeros(4), W2, np.zeros(1), 0.5, 10_000)[-1]

    def by_glassnet() -> None:
        model = gn.train(
            network,
            X,
            y,
            optimizer=gn.SGD(0.5),
            epochs=10_000,
            batch_size=None,
            progress=False,
            engine="numpy",
        )
        found["glassnet"] = model.history["loss"][-1]

    seconds = take_turns({"by hand": by_hand, "glassnet": by_glassnet}, repeats)
    return {"work": "W1", "what": "XOR, 2-4-1, 10,000 epochs", "seconds": seconds, "final_loss": found}


def turns(work: Work) -> dict[str, Any]:
    """One of the works, side by side; the last epoch's loss of each."""
    network = work.network()
    found: dict[str, float] = {}

    def by_hand() -> None:
        found["by hand"] = float(work.by_hand()[1][-1])

    def by_glassnet() -> None:
        found["glassnet"] = work.by_glassnet(network).history["loss"][-1]

    seconds = take_turns({"by hand": by_hand, "glassnet": by_glassnet}, work.repeats)
    sizes = "-".join(map(str, work.sizes))
    what = f"{len(work.X):,} rows, {sizes}, batches of {work.batch_size}, Adam, epochs: {work.epochs}"
    return {"work": work.name, "what": what, "seconds": seconds, "final_loss": found}


def one_row(work: Work, calls: int = 500) -> dict[str, list[float]]:
    """Seconds of a prediction for one row of W3's table, which takes as long whatever the weights are."""
    rows, y = work.X[:200].copy(), work.y[:200].copy()
    rival = MLPClassifier(hidden_layer_sizes=work.sizes[1:-1], max_iter=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has not converged
        rival.fit(rows, y.ravel())
    few = replace(work, X=rows, y=y, epochs=1)
    model, (network, _) = few.by_glassnet(few.network()), few.by_hand()
    x = rows[:1].copy()

    def repeat(predict: Callable[[np.ndarray], Any]) -> Callable[[], None]:
        def run() -> None:
            for _ in range(calls):
                predict(x)

        return run

    rivals = {
        "NumPy by hand": repeat(lambda x: network.forward(x)[0]),
        "glassnet, predictor": repeat(model.predictor(engine="numpy")),
        "glassnet, predict_proba": repeat(model.predict_proba),
        "glassnet, predict": repeat(model.predict),
        "scikit-learn, predict_proba": repeat(rival.predict_proba),
    }
    return {name: [second / calls for second in values] for name, values in take_turns(rivals, 15).items()}


def main() -> None:
    asked = arguments(__doc__, repeats=0)
    todo = works()
    if asked.repeats:
        todo = [replace(work, repeats=asked.repeats) for work in todo]
    results = [xor_turns(asked.repeats or 7), *map(turns, todo)]
    rows = []
    for result in results:
        hand, ours = result["seconds"]["by hand"], result["seconds"]["glassnet"]
        result["times_faster"] = statistics.median(ratios(hand, ours))
        losses = result["final_loss"]
        rows.append(
            [
                f"{result['work']}: {result['what']}",
                spread(hand, ".3f", " s"),
                spread(ours, ".3f", " s"),
                spread(ratios(hand, ours), ".2f", "×"),
                f"{losses['by hand']:.6g}, {losses['glassnet']:.6g}",
            ]
        )
    micro = one_row(todo[1])
    tell(
        "The NumPy engine against the loop by hand",
        f"{machine()}. Medians of turns taken one after the other, lowest and highest in brackets. W1 in float64, "
        "the others in float32; the losses are those of the last epoch. Where they differ rounding has grown: in "
        "float64 they agree.",
        [
            table(["work", "NumPy by hand", "glassnet", "times faster", "losses"], rows),
            table(
                ["one row, 30-128-64-1", "time"],
                [[name, spread([s * 1e6 for s in values], ".1f", " µs")] for name, values in micro.items()],
            ),
        ],
        {"training": results, "one_row_seconds": micro},
        asked.json,
    )


if __name__ == "__main__":
    main()
