"""2-2-1, sigmoid, sigmoid: a neural network that predicts y.

Made by glassnet 0.1.0; it needs NumPy alone.

    python network.py    tests itself and trains

    from network import predict, train
    predict([0.13, -0.13])
"""


import numpy as np


# --- The data -------------------------------------------------------------------------------------
# A row is 2 numbers: x1, x2


# --- The weights ----------------------------------------------------------------------------------
W1 = np.array([  # (2, 2)
    [0.4967141530112327, -0.13826430117118466],
    [0.6476885381006925, 1.5230298564080254],
])
b1 = np.array([0.0, 0.0])  # (2,)
W2 = np.array([[-0.23415337472333597], [-0.23413695694918055]])  # (2, 1)
b2 = np.array([0.0])  # (1,)


# --- The formulas ---------------------------------------------------------------------------------
def sigmoid(z):
    """a = 1 / (1 + exp(-z)): any score becomes a number between 0 and 1, a probability."""
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


def squared(y, s):
    """l = ½(y - s)²: twice as far off costs four times as much."""
    return 0.5 * (s - y)**2


def squared_backward(y, s):
    """ds = s - y: the farther off, the harder the pull; a ½ is there to make the 2 go away."""
    return s - y


def sigmoid_backward(da, z, a):
    """dz = da·a·(1 - a): steepest at z = 0 (slope ¼), flat where a is near 0 or 1."""
    return da * a * (1 - a)


# --- Forward: from numbers to a prediction --------------------------------------------------------
def forward(x):
    """Encoded rows x (n, 2) to predictions p (n, 1)."""
    z1 = x @ W1 + b1  # (n, 2)
    a1 = sigmoid(z1)  # (n, 2)
    z2 = a1 @ W2 + b2  # (n, 1)
    a2 = sigmoid(z2)  # (n, 1)
    p = a2  # (n, 1)
    return p


# --- Predict: from rows as you have them ----------------------------------------------------------
def encode(rows):
    """Rows of 2 numbers as an array (n, 2)."""
    x = np.array(rows, dtype=float)
    if x.ndim == 1:
        x = x[None]  # one row
    if x.ndim != 2 or x.shape[1] != 2:
        raise ValueError(f"rows must have 2 numbers each, got an array of shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("rows must be finite numbers; fill or drop what is missing")
    return x


def predict(rows):
    """Of rows as you have them, the numbers, (n, 1)."""
    return decode(forward(encode(rows)))


def decode(p):
    """The network's outputs p as the numbers, (n, 1)."""
    return p


# --- Training -------------------------------------------------------------------------------------
# 4 rows, all in each step, gone through 10,000 times; sgd changes 9 parameters.
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # (4, 2): the rows, encoded
Y = np.array([[0.0], [1.0], [1.0], [0.0]])  # (4, 1): what they should give
# The numbers of sgd.
lr = 0.1


def train_step(x, y):
    """One step of training on the rows of a batch; its loss L."""
    # forward
    z1 = x @ W1 + b1  # (n, 2)
    a1 = sigmoid(z1)  # (n, 2)
    z2 = a1 @ W2 + b2  # (n, 1)
    a2 = sigmoid(z2)  # (n, 1)
    # loss
    l = squared(y, a2)  # (n, 1)
    L = l.sum()
    R = 0.5 * L
    # backward
    da2 = squared_backward(y, a2)  # (n, 1)
    dz2 = sigmoid_backward(da2, z2, a2)  # (n, 1)
    dW2 = a1.T @ dz2  # (2, 1)
    db2 = dz2.sum(axis=0)  # (1,)
    da1 = dz2 @ W2.T  # (n, 2)
    dz1 = sigmoid_backward(da1, z1, a1)  # (n, 2)
    dW1 = x.T @ dz1  # (2, 2)
    db1 = dz1.sum(axis=0)  # (2,)
    # update
    W1[:] = W1 - lr * dW1
    b1[:] = b1 - lr * db1
    W2[:] = W2 - lr * dW2
    b2[:] = b2 - lr * db2
    return R


def train(epochs=10000):
    """Go through all rows so many times; the loss of each epoch."""
    losses = []
    for k in range(epochs):
        losses.append(train_step(X, Y))
        if k % max(1, epochs // 10) == 0:
            print(f"Epoch {k} Loss: {losses[-1]:#.4g}")
    return losses


# --- Self-test ------------------------------------------------------------------------------------
# Rows, what glassnet says of them, and the scale of each: the largest number on the way.
ROWS = [
    [0.1257302210933933, -0.1321048632913019],
    [0.6404226504432821, 0.10490011715303971],
    [-0.535669373161111, 0.36159505490948474],
    [1.3040000451301372, 0.9470809631292422],
    [-0.7037352358069926, -1.2654214710460525],
]
EXPECTED = [
    [0.44520880293293],
    [0.4352077944255271],
    [0.43347040918747004],
    [0.409763795916631],
    [0.47804821206462744],
]
SCALES = [1.0, 1.0, 1.0, 1.2621359283143925, 1.829973220754509]


def self_test():
    """Hold the program's answers to ROWS against glassnet's."""
    found = np.reshape(predict(ROWS), (len(ROWS), -1))
    difference = (np.abs(found - EXPECTED).max(axis=1) / SCALES).max()
    print(f"{len(ROWS)} rows predicted: largest difference {difference:.1e}, allowed 1e-12")
    assert difference <= 1e-12, "these are not glassnet's numbers"


# All weights, and the loss of the last epoch, as glassnet finds them.
EXPECTED_WEIGHTS = np.array(
    [3.3176785118261467, -3.425626989393368, 6.3492341937893695, 6.5382692494084536,
     -0.6711456906625671, 2.631151822106003, 4.8378586115053475, -4.770736547165111,
     -0.0689585304537671]
)
EXPECTED_LOSS = 0.12822657152410463


def training_test():
    """Train, and hold the last loss and all weights against glassnet's."""
    loss = train()[-1]
    trained = np.concatenate([W1.ravel(), b1.ravel(), W2.ravel(), b2.ravel()])
    difference = max(np.abs(trained - EXPECTED_WEIGHTS).max() / max(1.0, np.abs(EXPECTED_WEIGHTS).max()),
                     abs(loss - EXPECTED_LOSS) / max(1.0, abs(EXPECTED_LOSS)))
    print(f"trained to loss {loss:#.4g}: largest difference {difference:.1e}, allowed 1e-10")
    assert difference <= 1e-10, "these are not glassnet's numbers"


def show():
    """What the network now says of its first rows, beside what it should."""
    p, y = decode(forward(X)).ravel(), decode(Y).ravel()
    for predicted, wanted in zip(p[:10], y[:10]):
        print("predicted", f"{predicted:.4f}", " wanted", f"{wanted:.4f}")


if __name__ == "__main__":
    self_test()
    training_test()
    show()
