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


FUNCTIONS = {
    "sigmoid": (sigmoid, sigmoid_derivative),
    "tanh": (np.tanh, lambda a: 1 - a * a),
    "relu": (lambda z: np.maximum(z, 0), lambda a: (a > 0) * 1.0),
}


def as_the_tutorials(X, y, weights, *, hidden="sigmoid", lr, epochs, factor=1.0, bias=True):
    """Their loop for any number of layers: the squared errors of each epoch (epochs, rows), the last outputs."""
    f, df = FUNCTIONS[hidden]
    W = [w.copy() for w in weights]
    b = [np.zeros((1, w.shape[1])) for w in W]
    errors = []
    for _ in range(epochs):
        a = [X]
        for k, (w, c) in enumerate(zip(W, b, strict=True)):
            z = a[-1] @ w + c
            a.append(sigmoid(z) if k == len(W) - 1 else f(z))
        errors.append(np.square(y - a[-1])[:, 0])
        d = factor * (y - a[-1]) * sigmoid_derivative(a[-1])
        for k in reversed(range(len(W))):
            below = d @ W[k].T * df(a[k])
            W[k] += a[k].T @ d * lr
            if bias:
                b[k] += d.sum(axis=0, keepdims=True) * lr
            d = below
    return np.array(errors), a[-1]
