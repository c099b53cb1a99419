"""The smallest test of everything: a network learns XOR, and says what it did. It runs first, in under a second."""

import numpy as np

import glassnet as gn

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([0.0, 1.0, 1.0, 0.0])


def test_a_network_learns_xor() -> None:
    network = gn.Network(gn.Dense(4, "tanh"), gn.Dense(1, "sigmoid"), loss="binary_cross_entropy")
    model = gn.train(network, X, Y, optimizer=gn.Adam(0.1), epochs=200, batch_size=None, seed=0)
    assert model.predict(X).tolist() == [0, 1, 1, 0]
    assert model.history["loss"][-1] < 0.05 < model.history["loss"][0]
    assert "W1 = " in str(model.derivation())
    assert "17 numbers learnt" in model.summary()
