"""scikit-learn's `MLPClassifier` and `MLPRegressor`, by glassnet: change one import.

    from glassnet.sklearn import MLPClassifier          # was: from sklearn.neural_network import MLPClassifier

The same parameters, attributes, warnings and messages, and with the same `random_state` the same numbers. What there
is beyond is in the docstrings and in docs/scikit-learn.md; the fitted network is `model_`, a `glassnet.Model`.

An order to read them in:

    classifier, regressor           the two estimators
    perceptron, parameters          what they have in common, and what each of their parameters may be
    building, rows                  from parameters to layers, loss and optimizer; rows split and weighted
    descent, lbfgs, engine          the two ways to train, with scikit-learn's stopping rules; with which engine
    fitted, keeping                 what is written down meanwhile; and kept in a folder, where that is asked for
    rate, shuffling, scores         learning rates, the order of rows and scores as scikit-learn has them
    prediction, arrays, sparse      predicting fast, weights as a list of arrays, sparse inputs
    tables                          recipes as estimators, for arrays and for data frames
    private                         what is used of scikit-learn that it does not promise
"""

from glassnet.errors import install

try:
    import sklearn  # noqa: F401 - to say what is missing
except ModuleNotFoundError as error:
    if error.name != "sklearn":
        raise
    raise ImportError(f"glassnet.sklearn needs scikit-learn: {install('sklearn')}") from None

from glassnet.sklearn.classifier import MLPClassifier
from glassnet.sklearn.regressor import MLPRegressor
from glassnet.sklearn.tables import TableClassifier, TableRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "TableClassifier", "TableRegressor"]
