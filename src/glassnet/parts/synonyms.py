"""Names as other libraries have them, and what glassnet calls the same thing.

Capitals, underscores and a "Loss" at the end make no difference, so `ReLU`, `CrossEntropyLoss` and `xavier_uniform_`
need no line here.
"""

from collections.abc import Iterable

SAME: dict[str, dict[str, str]] = {
    "activation": {
        "linear": "identity",
        "logistic": "sigmoid",
        "expit": "sigmoid",
        "exp": "exponential",
        "swish": "silu",
        "lrelu": "leaky_relu",
    },
    "loss": {
        "mse": "squared",
        "mean_squared_error": "squared",
        "squared_error": "squared",
        "l2": "squared",
        "mae": "absolute",
        "mean_absolute_error": "absolute",
        "absolute_error": "absolute",
        "l1": "absolute",
        "pinball": "quantile",
        "poisson_nll": "poisson",
        "bce": "binary_cross_entropy",
        "bce_with_logits": "binary_cross_entropy",
        "log_loss": "cross_entropy",
        "categorical_cross_entropy": "cross_entropy",
        "sparse_categorical_cross_entropy": "cross_entropy",
        "softmax_cross_entropy": "cross_entropy",
    },
    "initializer": {
        "zero": "zeros",
        "random_uniform": "uniform",
        "random_normal": "normal",
        "gaussian": "normal",
        "lecun": "lecun_uniform",
        "glorot": "glorot_uniform",
        "xavier": "glorot_uniform",
        "xavier_uniform": "glorot_uniform",
        "xavier_normal": "glorot_normal",
        "he": "he_uniform",
        "kaiming": "he_uniform",
        "kaiming_uniform": "he_uniform",
        "kaiming_normal": "he_normal",
    },
    "optimizer": {
        "gradient_descent": "sgd",
        "sgd_momentum": "momentum",
        "nag": "nesterov",
        "irprop": "rprop",
    },
    "schedule": {
        "fixed": "constant",
        "step_lr": "step",
        "step_decay": "step",
        "exponential_lr": "exponential",
        "exponential_decay": "exponential",
        "cosine_decay": "cosine",
        "flat_cos": "flat_cosine",
        "coslog4": "log_cosine",
        "cosine_annealing": "cosine",
        "cosine_annealing_lr": "cosine",
        "invscaling": "inverse_scaling",
    },
    "metric": {
        "acc": "accuracy",
        "accuracy_score": "accuracy",
        "mean_squared_error": "mse",
        "root_mean_squared_error": "rmse",
        "mean_absolute_error": "mae",
        "r_squared": "r2",
        "r2_score": "r2",
        "roc_auc": "auc",
        "roc_auc_score": "auc",
        "auroc": "auc",
        "brier_score": "brier",
        "brier_score_loss": "brier",
        "ece": "calibration_error",
        "expected_calibration_error": "calibration_error",
        "f1_score": "f1",
        "f1_macro": "f1",
        "precision_score": "precision",
        "recall_score": "recall",
        "balanced_accuracy_score": "balanced_accuracy",
    },
    "language": {
        "python": "numpy",
        "py": "numpy",
        "js": "javascript",
        "node": "javascript",
        "c99": "c",
        "excel": "xlsx",
        "spreadsheet": "xlsx",
    },
}
"""What is understood: kind of name → another library's name → ours."""

NEAR: dict[str, dict[str, str]] = {
    "activation": {
        "hard_sigmoid": "sigmoid",
        "hard_tanh": "tanh",
        "hard_swish": "silu",
        "prelu": "leaky_relu",
        "relu6": "relu",
        "celu": "elu",
    },
    "loss": {"smooth_l1": "huber", "log_cosh": "huber", "nll": "cross_entropy", "kl_div": "cross_entropy"},
    "initializer": {"ones": "constant", "truncated_normal": "normal", "variance_scaling": "he_normal"},
    "optimizer": {"adamax": "adam", "radam": "adam", "ftrl": "adagrad", "lbfgs": "rprop"},
    "schedule": {
        "inverse_time_decay": "inverse_scaling",
        "linear": "cosine",
        "one_cycle": "cosine",
        "polynomial_decay": "cosine",
        "reduce_lr_on_plateau": "step",
    },
    "metric": {
        "average_precision": "auc",
        "neg_mean_squared_error": "mse",
        "neg_mean_absolute_error": "mae",
        "sensitivity": "recall",
        "cross_entropy": "log_loss",
    },
    "language": {"c++": "c", "cpp": "c", "typescript": "javascript", "ods": "xlsx", "rlang": "r"},
    "option": {
        "lr": "learning_rate",
        "epsilon": "eps",
        "clipnorm": "clip_norm",
        "max_norm": "clip_norm",
        "negative_slope": "slope",
        "tau": "q",
        "step_size": "every",
        "gamma": "factor",
        "t_max": "epochs",
        "decay_steps": "epochs",
        "eta_min": "final",
        "mu": "mean",
        "sigma": "std",
    },
}
"""What is not the same and is suggested, where nothing is understood."""


def plain(name: object) -> str:
    """A name without what libraries differ in: `leakyrelu` for `LeakyReLU`, `leaky_relu` and `leaky-relu`."""
    return "".join(letter for letter in str(name).lower() if letter not in "_- ")


def meant(name: str, names: Iterable[str], what: str) -> str | None:
    """The name in `names` that is understood by another one; None where it is not known, or of no kind above.

    >>> meant("ReLU", ["tanh", "relu"], "activation"), meant("swish", ["tanh", "silu"], "activation")
    ('relu', 'silu')
    """
    if what not in SAME:
        return None
    known = {plain(other): ours for other, ours in SAME[what].items()} | {plain(ours): ours for ours in names}
    found = known.get(plain(name)) or known.get(plain(name).removesuffix("loss"))
    return found if found in {*names} else None


def near(name: str, names: Iterable[str], what: str) -> str | None:
    """The name in `names` that comes near in meaning; None where nothing is known of it.

    >>> near("lr", ["beta1", "learning_rate"], "option")
    'learning_rate'
    """
    known = {plain(other): ours for other, ours in NEAR.get(what, {}).items()}
    found = known.get(plain(name)) or known.get(plain(name).removesuffix("loss"))
    return found if found in {*names} else None
