"""scikit-learn's estimator checks: every check on both classes, with the default parameters and away from them."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from unittest import SkipTest

import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_inplace_ensure_writeable,
    check_param_validation,
    estimator_checks_generator,
    parametrize_with_checks,
)

from glassnet.sklearn import MLPClassifier, MLPRegressor

Estimator = MLPClassifier | MLPRegressor
Check = Callable[[Estimator], None]

pytestmark = [
    # The checks train for a few epochs on rows that no network learns in so many; not converging is no news there.
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # check_array_api_input asks os.environ for it, and skips where it is missing.
    pytest.mark.usefixtures("scipy_array_api"),
]

# Checks of what the classes do not have, as scikit-learn's do not: the check, and the method that it is about.
DOES_NOT_APPLY = {"check_classifiers_multilabel_output_format_decision_function": "decision_function"}

# Away from the defaults, several options at once, with few epochs: for the first mistake each is enough.
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    # of 5 rows a tenth is too few to validate
    "early stopping": {
        "early_stopping": True,
        "validation_fraction": 0.4,
        "learning_rate_init": 0.01,
        "max_iter": 30,
    },
    "warm start": {"warm_start": True, "activation": "logistic", "learning_rate_init": 0.01, "max_iter": 20},
    # with so large an alpha, no probability comes near 0 or 1
    "lbfgs": {"solver": "lbfgs", "activation": "identity", "alpha": 3.0, "max_iter": 50},
    "sgd": {
        "solver": "sgd",
        "activation": "tanh",
        "hidden_layer_sizes": (31, 17),
        "learning_rate_init": 0.01,
        "max_iter": 20,
    },
    "one row a batch": {"batch_size": 1, "max_iter": 2},
}

# The checks that contradict what a configuration means, in scikit-learn's own classes too.
NO_PARTIAL_FIT = "partial_fit refuses early_stopping=True with a ValueError; scikit-learn's own tests ask for it"
OTHER_ROWS = "other rows are held out once rows are left out or repeated, so other rows are learnt from"
OTHER_STEPS = "a row of weight 3 is one step, the same row three times is three steps"
GOES_ON = "fits one estimator twice and wants the same numbers; with warm_start the second fit goes on"
CONTRADICTIONS: dict[str, dict[str, str]] = {
    "early stopping": {
        "check_fit_score_takes_y": NO_PARTIAL_FIT,
        "check_sample_weight_equivalence_on_dense_data": OTHER_ROWS,
        "check_sample_weight_equivalence_on_sparse_data": OTHER_ROWS,
    },
    "warm start": {
        "check_supervised_y_2d": GOES_ON,
        "check_classifiers_multilabel_representation_invariance": GOES_ON,
    },
    "one row a batch": {
        "check_sample_weight_equivalence_on_dense_data": OTHER_STEPS,
        "check_sample_weight_equivalence_on_sparse_data": OTHER_STEPS,
    },
}


@pytest.fixture
def scipy_array_api(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")


def name_of(check: Any) -> str:
    return check.func.__name__


def run(estimator: Estimator, check: Any) -> None:
    """Run the check; one that is skipped has failed, unless it is about a method that the class does not have."""
    try:
        check(estimator)
    except (SkipTest, pytest.skip.Exception) as skipped:
        method = DOES_NOT_APPLY.get(name_of(check))
        if method is None or hasattr(estimator, method):
            pytest.fail(f"{name_of(check)} was skipped: {skipped}")


@parametrize_with_checks([MLPClassifier(), MLPRegressor()])
def test_with_the_default_parameters(estimator: Estimator, check: Check) -> None:
    run(estimator, check)


def away_from_the_defaults() -> list[Any]:
    """Each configuration with each check; those that contradict it must fail, or they leave the list."""
    return [
        pytest.param(
            estimator,
            check,
            id=f"{configuration}-{type(estimator).__name__}-{k}-{name_of(check)}",
            marks=pytest.mark.xfail(strict=True, reason=contradictions[name_of(check)])
            if name_of(check) in contradictions
            else (),
        )
        for configuration, options in CONFIGURATIONS.items()
        for contradictions in [CONTRADICTIONS.get(configuration, {})]
        for made in (MLPClassifier(**options), MLPRegressor(**options))
        for k, (estimator, check) in enumerate(estimator_checks_generator(made))
    ]


@pytest.mark.parametrize(("estimator", "check"), away_from_the_defaults())
def test_away_from_the_defaults(estimator: Estimator, check: Check) -> None:
    run(estimator, check)


@pytest.mark.parametrize("estimator", [MLPClassifier(), MLPRegressor()], ids=["classifier", "regressor"])
def test_no_check_is_missing(estimator: Estimator) -> None:
    """The checks of weights, sparse matrices and partial_fit are left out where tags or signatures are wrong."""
    names = {name_of(check) for _, check in estimator_checks_generator(estimator)}
    assert names >= {
        "check_array_api_input",
        "check_estimator_sparse_tag",
        "check_estimators_partial_fit_n_features",
        "check_sample_weight_equivalence_on_dense_data",
        "check_sample_weight_equivalence_on_sparse_data",
        "check_methods_subset_invariance",
        "check_requires_y_none",
    }
    if isinstance(estimator, MLPClassifier):
        assert names >= {
            "check_classifiers_multilabel_output_format_predict",
            "check_classifiers_multilabel_output_format_predict_proba",
            "check_classifiers_regression_target",
        }
    else:
        assert names >= {"check_regressors_no_decision_function", "check_regressors_int"}


# what check_estimator leaves out, and scikit-learn asks of its own

LEFT_OUT = [check_param_validation, check_dataframe_column_names_consistency, check_inplace_ensure_writeable]
OWN: dict[str, dict[str, Any]] = {
    "defaults": {},
    "early stopping": {"early_stopping": True, "n_iter_no_change": 1},
    "lbfgs": {"solver": "lbfgs"},
}


@pytest.mark.parametrize("check", LEFT_OUT, ids=[check.__name__ for check in LEFT_OUT])
@pytest.mark.parametrize("options", OWN.values(), ids=OWN)
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_what_scikit_learn_asks_of_its_own_classes(kind: type[Estimator], options: dict[str, Any], check: Any) -> None:
    check(kind.__name__, clone(kind(**options)))


# a process in which SciPy itself has been told

ARRAY_API = """
import warnings
import scipy
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import estimator_checks_generator
from glassnet.sklearn import MLPClassifier, MLPRegressor

assert scipy._lib._array_api_override.SCIPY_ARRAY_API
warnings.simplefilter("error")
warnings.simplefilter("ignore", ConvergenceWarning)
for made in (MLPClassifier(), MLPRegressor()):
    for estimator, check in estimator_checks_generator(made):
        if check.func.__name__ == "check_array_api_input":
            check(estimator)
            print("passed", check.keywords["array_namespace"])
"""


def test_arrays_of_another_library_where_scipy_takes_them() -> None:
    """SciPy reads SCIPY_ARRAY_API once, when it is imported: only a new process shows that nothing is skipped."""
    env = {**os.environ, "SCIPY_ARRAY_API": "1"}
    result = subprocess.run([sys.executable, "-c", ARRAY_API], env=env, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "passed numpy\npassed numpy\n"
