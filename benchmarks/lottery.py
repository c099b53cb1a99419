"""How long the lottery of XOR takes: 200 seeds of 2-2-1, the tutorial's 10,000 epochs, from Python after the import.

    python benchmarks/lottery.py

The first call of a program loads the machine code, and where it was never there compiles it; the others are what
remains. With changes, six more networks are trained from as many seeds each.
"""

import statistics
import time

import glassnet as gn

X, Y = gn.datasets.xor()
LOSS = gn.loss("squared", half=True, reduction="sum")
NETWORK = gn.Network(gn.Dense(2, "sigmoid"), gn.Dense(1, "sigmoid"), loss=LOSS)
HOW = {"optimizer": gn.SGD(0.1), "epochs": 10_000, "batch_size": None}
CHANGES = {"hidden": [3, 4, 8], "learning_rate": [1.0], "activation": ["tanh"], "loss": ["binary_cross_entropy"]}


def seconds(**more: object) -> float:
    """Of one lottery."""
    began = time.perf_counter()
    gn.lottery(NETWORK, X, Y, seeds=200, **HOW, **more)
    return time.perf_counter() - began


if __name__ == "__main__":
    first, *others = [seconds() for _ in range(6)]
    print(f"first call {first:.3f} s, then the median of five {statistics.median(others):.3f} s")
    odds = [seconds(vary=CHANGES) for _ in range(3)]
    print(f"with six changes, the first time {odds[0]:.2f} s, then {statistics.median(odds[1:]):.2f} s")
