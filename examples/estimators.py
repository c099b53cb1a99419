import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier as Before

from glassnet.sklearn import MLPClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)
before = Before((32,), early_stopping=True, random_state=0).fit(X_train, y_train)
after = MLPClassifier((32,), early_stopping=True, random_state=0).fit(X_train, y_train)

print("epochs   ", before.n_iter_, after.n_iter_)
print("loss     ", before.loss_, after.loss_)
print("score    ", before.score(X_test, y_test), after.score(X_test, y_test))
print("furthest ", f"{max(np.abs(a - b).max() for a, b in zip(before.coefs_, after.coefs_, strict=True)):.0e}")
