"""scikit-learn's `MLPClassifier` and `MLPRegressor`, by glassnet: change one import.

    from glassnet.sklearn import MLPClassifier          # was: from sklearn.neural_network import MLPClassifier

The same parameters, attributes, warnings and messages, and with the same `random_state` the same numbers. What there
is beyond is in the docstrings and in docs/scikit-learn.md; the fitted network is `model_`, a `glassnet.Model`.
"""

try:
    import sklearn  # noqa: F401 - to say what is missing
except ModuleNotFoundError as error:
    if error.name != "sklearn":
        raise
    raise ImportError("glassnet.sklearn needs scikit-learn: pip install 'glassnet[sklearn]'") from None

from glassnet.sklearn.classifier import MLPClassifier
from glassnet.sklearn.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
