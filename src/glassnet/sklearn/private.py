"""What is used of scikit-learn that its documentation does not promise, in one place.

Its own estimators and many others are built on these; there is no public way to refuse a parameter as they do.
"""

from sklearn.base import _fit_context as fit_context
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.multiclass import _check_partial_fit_first_call as check_first_call
from sklearn.utils.validation import _check_sample_weight as check_sample_weight

__all__ = ["Interval", "Options", "StrOptions", "check_first_call", "check_sample_weight", "fit_context"]
