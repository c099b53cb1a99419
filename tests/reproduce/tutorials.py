"""The two tutorials' own loops, as they wrote them, to hold glassnet against; `final_output` is `output`."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_derivative(x):
    return x * (1 - x)


def xor_by_the_tutorial(seed=42, hidden=2, epochs=10000):
    """The losses, and the outputs of the last epoch."""
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    y = np.array([[0], [1], [1], [0]])
    rng = np.random.RandomState(seed)  # the numbers of np.random.seed(seed)
    W1 = rng.randn(2, hidden)
    b1 = np.zeros((1, hidden))
    W2 = rng.randn(hidden, 1)
    b2 = np.zeros((1, 1))
    lr = 0.1
    loss_history = []
    for _ in range(epochs):
        z1 = np.dot(X, W1) + b1
        a1 = sigmoid(z1)
        z2 = np.dot(a1, W2) + b2
        output = sigmoid(z2)
        error = y - output
        loss = np.mean(np.square(error))
        loss_history.append(loss)
        d_output = (y - output) * sigmoid_derivative(output)
        d_hidden = np.dot(d_output, W2.T) * sigmoid_derivative(a1)
        W2 += np.dot(a1.T, d_output) * lr
        b2 += np.sum(d_output, axis=0, keepdims=True) * lr
        W1 += np.dot(X.T, d_hidden) * lr
        b1 += np.sum(d_hidden, axis=0, keepdims=True) * lr
    return np.array(loss_history), output, a1


def tychobra_by_the_tutorial(weights1, weights2, iterations=1500):
    """The losses, and the outputs of the last iteration."""
    X = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    y = np.array([[0.0], [1], [1], [0]])
    losses = []
    for _ in range(iterations):
        layer1 = sigmoid(X @ weights1)
        output = sigmoid(layer1 @ weights2)
        d_weights2 = layer1.T @ (2 * (y - output) * sigmoid_derivative(output))
        d_weights1 = (2 * (y - output) * sigmoid_derivative(output)) @ weights2.T
        d_weights1 = d_weights1 * sigmoid_derivative(layer1)
        d_weights1 = X.T @ d_weights1
        weights1 = weights1 + d_weights1
        weights2 = weights2 + d_weights2
        losses.append(np.sum((y - output) ** 2))
    return np.array(losses), output
