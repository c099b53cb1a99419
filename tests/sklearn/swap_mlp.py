"""A pytest plugin that puts glassnet's classes in the place of scikit-learn's, before any test is collected.

    PYTHONPATH=tests/sklearn python -m pytest -p swap_mlp --pyargs sklearn.neural_network.tests.test_mlp

The test of what only scikit-learn's own implementation has is left out, by name. `SWAP_MLP_DAMAGE=1` spoils
`predict_log_proba`; the tests that then fail show that the classes are really swapped.
"""

import functools
import os
from typing import Any

import pytest

NAMES = ("MLPClassifier", "MLPRegressor")
PRIVATE = {
    "test_gradient": "calls _loss_grad_lbfgs; test_beyond.py checks the gradient of model_",
}
FITS = dict.fromkeys(NAMES, 0)  # how often `fit` of each class was called


def pytest_configure() -> None:
    import sklearn.neural_network

    import glassnet.sklearn
    from glassnet.training import choice

    choice.COMPILING = 1e6  # seconds, which no case is worth: test_beyond.py has both engines give the same
    for name in NAMES:
        ours = getattr(glassnet.sklearn, name)
        ours.fit = counted(ours.fit, name)
        setattr(sklearn.neural_network, name, ours)
    if os.environ.get("SWAP_MLP_DAMAGE"):
        ours = glassnet.sklearn.MLPClassifier
        ours.predict_log_proba = lambda self, X: -self.predict_proba(X)


def counted(fit: Any, name: str) -> Any:
    @functools.wraps(fit)  # keeps the signature, which scikit-learn reads
    def fit_and_count(*args: Any, **kwargs: Any) -> Any:
        FITS[name] += 1
        return fit(*args, **kwargs)

    return fit_and_count


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Function]) -> None:
    config.hook.pytest_deselected(items=[item for item in items if item.originalname in PRIVATE])
    items[:] = [item for item in items if item.originalname not in PRIVATE]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, number in FITS.items():
        terminalreporter.write_line(f"swapped {name}: {number} fits")
