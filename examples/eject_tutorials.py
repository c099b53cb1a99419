"""The two tutorials' networks as programs that train: xor in NumPy, tychobra in R, as their authors wrote them.

Without arguments it writes and verifies `ejected/xor.py` and `ejected/tychobra.R`; with `xor` or `tychobra` it prints
the derivation that the program is written from.
"""

import sys
from pathlib import Path

import numpy as np

import glassnet as gn
from glassnet.derivation.written import WrittenDerivation
from glassnet.readings.eject import Ejected

FOLDER = Path(__file__).parent / "ejected"


def xor() -> Ejected:
    """2-2-1 from the tutorial's seed; it descends ½Σ(y-o)² and reports the mean of (y-o)², half of that."""
    X, y = gn.datasets.xor()
    randn = np.random.RandomState(42).randn
    hidden, output = gn.Dense(2, "sigmoid", weights=randn(2, 2)), gn.Dense(1, "sigmoid", weights=randn(2, 1))
    network = gn.Network(hidden, output, loss=gn.loss("squared", half=True, reduction="sum"))
    model = gn.initialize(network, X, y)
    rule = gn.SGD(0.1)
    return model.eject("numpy", training=True, X=X, y=y, optimizer=rule, epochs=10_000, batch_size=None, reported=0.5)


def tychobra() -> Ejected:
    """3-4-1 without biases, weights uniform on (0, 1), from the seed that `glassnet reproduce tychobra` takes."""
    X, y = gn.datasets.tychobra()
    uniform = gn.initializer("uniform", low=0, high=1)
    hidden = gn.Dense(4, "sigmoid", bias=False, weights=uniform)
    output = gn.Dense(1, "sigmoid", bias=False, weights=uniform)
    model = gn.initialize(gn.Network(hidden, output, loss=gn.loss("squared", reduction="sum")), X, y, seed=0)
    return model.eject("r", training=True, X=X, y=y, optimizer=gn.SGD(1), epochs=1500, batch_size=None)


if __name__ == "__main__":
    if sys.argv[1:]:
        program = {"xor": xor, "tychobra": tychobra}[sys.argv[1]]()
        assert program.plan.training is not None
        print(WrittenDerivation(program.plan.training.derivation))
    else:
        for program, name in ((xor(), "xor.py"), (tychobra(), "tychobra.R")):
            program.save(FOLDER / name)
            print(f"{name}: {program.verify()}")
