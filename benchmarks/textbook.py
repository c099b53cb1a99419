"""Networks as good tutorials write them in NumPy: vectorised, a dictionary of arrays, an update for each of them."""

from __future__ import annotations

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def train_xor(X, y, W1, b1, W2, b2, lr, epochs):
    """Sigmoid and sigmoid, mean squared error, all rows at every step; the loss of each epoch."""
    W1, b1, W2, b2 = W1.copy(), b1.copy(), W2.copy(), b2.copy()
    losses = []
    for _ in range(epochs):
        # forward
        a1 = sigmoid(X @ W1 + b1)
        output = sigmoid(a1 @ W2 + b2)
        error = output - y
        losses.append(np.mean(error**2))
        # backward
        d_z2 = 2 * error / len(X) * output * (1 - output)
        d_W2 = a1.T @ d_z2
        d_b2 = np.sum(d_z2, axis=0)
        d_z1 = d_z2 @ W2.T * a1 * (1 - a1)
        d_W1 = X.T @ d_z1
        d_b1 = np.sum(d_z1, axis=0)
        # update
        W1 -= lr * d_W1
        b1 -= lr * d_b1
        W2 -= lr * d_W2
        b2 -= lr * d_b2
    return losses


# an activation, and its slope where it gave a
ACTIVATIONS = {
    "relu": (lambda z: np.maximum(0, z), lambda a: a > 0),
    "tanh": (np.tanh, lambda a: 1 - a * a),
    "sigmoid": (sigmoid, lambda a: a * (1 - a)),
}


class Dropout:
    """Sets some of the numbers to zero; the others grow by as much."""

    def __init__(self, rate, rng):
        self.rate, self.rng = rate, rng

    def forward(self, a):
        self.mask = (self.rng.random(a.shape, dtype=a.dtype) >= self.rate).astype(a.dtype) / (1 - self.rate)
        return a * self.mask

    def backward(self, d):
        return d * self.mask, {}


class BatchNorm:
    """Each column with mean 0 and variance 1 over the rows of a batch, then scaled and shifted."""

    def __init__(self, params, k, momentum=0.9, eps=1e-5):
        self.params, self.k, self.momentum, self.eps = params, k, momentum, eps
        self.mean, self.var = np.zeros_like(params[f"beta{k}"]), np.ones_like(params[f"beta{k}"])

    def forward(self, a):
        mean, var = a.mean(axis=0), a.var(axis=0)
        self.mean = self.momentum * self.mean + (1 - self.momentum) * mean
        self.var = self.momentum * self.var + (1 - self.momentum) * var
        self.std = np.sqrt(var + self.eps)
        self.normed = (a - mean) / self.std
        return self.params[f"gamma{self.k}"] * self.normed + self.params[f"beta{self.k}"]

    def backward(self, d):
        grads = {f"gamma{self.k}": np.sum(d * self.normed, axis=0), f"beta{self.k}": np.sum(d, axis=0)}
        d = d * self.params[f"gamma{self.k}"]
        return (d - d.mean(axis=0) - self.normed * (d * self.normed).mean(axis=0)) / self.std, grads


class Network:
    """Dense layers with ReLU between them; softmax and cross-entropy, or one score and squared error, at the end.

    `between` has what follows each hidden layer, if anything does.
    """

    def __init__(self, params, softmax, hidden="relu", between=None):
        self.params = {name: value.copy() for name, value in params.items()}
        self.depth = sum(name.startswith("W") for name in params)
        self.softmax = softmax
        self.activation, self.slope = ACTIVATIONS[hidden]
        self.between = between(self.params, self.depth) if between else {}

    def forward(self, X):
        cache = {"a0": X}
        a = X
        for k in range(1, self.depth + 1):
            z = a @ self.params[f"W{k}"] + self.params[f"b{k}"]
            a = self.activation(z) if k < self.depth else z
            cache[f"a{k}"] = cache[f"x{k}"] = a
            if k in self.between:
                a = cache[f"x{k}"] = self.between[k].forward(a)
        if self.softmax:
            exp = np.exp(a - np.max(a, axis=1, keepdims=True))
            a = exp / np.sum(exp, axis=1, keepdims=True)
        return a, cache

    def loss(self, output, y):
        if self.softmax:
            return -np.mean(np.log(output[np.arange(len(y)), y]))
        return np.mean((output - y) ** 2)

    def d_scores(self, output, y):
        n = len(y)
        if self.softmax:
            dz = output.copy()
            dz[np.arange(n), y] -= 1
            return dz / n
        return 2 * (output - y) / n

    def backward(self, output, y, cache):
        dz = self.d_scores(output, y)
        grads = {}
        for k in range(self.depth, 0, -1):
            grads[f"W{k}"] = (cache[f"x{k - 1}"] if k > 1 else cache["a0"]).T @ dz
            grads[f"b{k}"] = np.sum(dz, axis=0)
            if k > 1:
                d = dz @ self.params[f"W{k}"].T
                if k - 1 in self.between:
                    d, more = self.between[k - 1].backward(d)
                    grads |= more
                dz = d * self.slope(cache[f"a{k - 1}"])
        return grads


class Logistic(Network):
    """One score, a sigmoid and the logistic loss at the end."""

    def forward(self, X):
        z, cache = super().forward(X)
        return sigmoid(z), cache

    def loss(self, output, y):
        p = np.clip(output, 1e-7, 1 - 1e-7)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def d_scores(self, output, y):
        return (output - y) / len(y)


class Adam:
    """Kingma and Ba (2015), Algorithm 1, array by array."""

    def __init__(self, params, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m = {name: np.zeros_like(value) for name, value in params.items()}
        self.v = {name: np.zeros_like(value) for name, value in params.items()}
        self.t = 0

    def update(self, params, grads):
        self.t += 1
        for name in params:
            self.m[name] = self.beta1 * self.m[name] + (1 - self.beta1) * grads[name]
            self.v[name] = self.beta2 * self.v[name] + (1 - self.beta2) * grads[name] ** 2
            m_hat = self.m[name] / (1 - self.beta1**self.t)
            v_hat = self.v[name] / (1 - self.beta2**self.t)
            params[name] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


def train(network, X, y, epochs, batch_size, rng, lr=0.001):
    """Train from the weights it has; the mean loss of each epoch. Without a batch size: all rows at each step."""
    adam = Adam(network.params, lr)
    losses = []
    for _ in range(epochs):
        X_shuffled, y_shuffled = X, y
        if batch_size:
            order = rng.permutation(len(X))
            X_shuffled, y_shuffled = X[order], y[order]
        total = 0.0
        size = batch_size or len(X)
        for start in range(0, len(X), size):
            X_batch = X_shuffled[start : start + size]
            y_batch = y_shuffled[start : start + size]
            output, cache = network.forward(X_batch)
            total += network.loss(output, y_batch) * len(X_batch)
            grads = network.backward(output, y_batch, cache)
            adam.update(network.params, grads)
        losses.append(total / len(X))
    return losses
