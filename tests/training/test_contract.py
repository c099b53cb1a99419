"""What a network's outputs mean where it is several, or ends with a function of one's own."""

import numpy as np

import glassnet as gn

RNG = np.random.default_rng(3)
X = RNG.normal(size=(29, 3))
LABELS = np.array(["a", "b", "c"])[RNG.integers(0, 3, 29)]
QUICK = {"epochs": 2, "progress": False, "engine": "numpy"}


def test_the_scores_of_several_networks_are_the_mean_of_theirs() -> None:
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense())
    models = [gn.train(network, X, LABELS, seed=k, **QUICK) for k in range(2)]
    scores = [np.tanh(X @ model["W1"] + model["b1"]) @ model["W2"] + model["b2"] for model in models]
    np.testing.assert_allclose(gn.Ensemble(models).scores(X), np.mean(scores, axis=0), rtol=1e-12, atol=1e-14)


def test_outputs_by_a_function_of_ones_own_are_averaged_as_they_are() -> None:
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense(1, lambda z: z * z), loss="squared")
    models = [gn.train(network, X, X[:, 0] ** 2, seed=k, **QUICK) for k in range(2)]
    means = np.mean([(np.tanh(X @ one["W1"] + one["b1"]) @ one["W2"] + one["b2"]) ** 2 for one in models], axis=0)
    np.testing.assert_allclose(gn.Ensemble(models).predict(X), means[:, 0], rtol=1e-12)
