import numpy as np

import glassnet as gn

X, y = gn.datasets.xor()
randn = np.random.RandomState(42).randn  # the tutorial's random numbers
hidden, output = gn.Dense(2, "sigmoid", weights=randn(2, 2)), gn.Dense(1, "sigmoid", weights=randn(2, 1))
network = gn.Network(hidden, output, loss=gn.loss("squared", half=True, reduction="sum"))
model = gn.train(network, X, y, optimizer=gn.SGD(0.1), epochs=10_000, batch_size=None)
for epoch, loss in list(enumerate(model.history["loss"]))[::1000]:
    print(f"Epoch {epoch} Loss: {loss / 2:.4f}")  # ½Σ(y-o)² over four rows, as a mean of (y-o)²
print("Predictions:", model.predict(X).round(), model.predict(X).round(4), sep="\n")
