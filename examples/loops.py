"""The derivation of a small network, and parts of the loops that the compiled engine makes of it."""

from textwrap import dedent

import numpy as np

import glassnet as gn

X, y = np.zeros((20, 64), np.float32), np.arange(20) % 10  # as many inputs and classes as the digits have
network = gn.Network(gn.Dense(64, "relu"), gn.Dense(10, "softmax"), loss="cross_entropy")
model = gn.train(network, X, y, optimizer="adam", epochs=1, seed=0, engine="numpy")

for step in model.derivation().steps:
    print(f"{step.assigns or step.name:5} = {step.expression}")

loops = model.source("compiled")
for first, last in [("# z1 =", "# z2 ="), ("# da1 =", "# dW1 ="), ("# m =", "if must_end(L)")]:
    start, end = (loops.rindex("\n", 0, loops.index(text)) for text in (first, last))
    print("\n    …\n" + dedent(loops[start + 1 : end]))
