"""Names and options as type checkers know them: one that is misspelled is refused before anything runs.

Written by scripts/write_names.py from the tables of names and the formulas' own signatures. Names as other libraries
have them are among them; other capitals are understood only when a program runs. What needs an option ("constant" its
value) is no name by itself. A function of one's own that takes a name is annotated with these: `def f(name: LossName)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Required, TypedDict

if TYPE_CHECKING:
    from glassnet.parts.schedules import Schedule

ActivationName = Literal[
    "identity",
    "relu",
    "leaky_relu",
    "sigmoid",
    "exponential",
    "tanh",
    "softsign",
    "softplus",
    "elu",
    "selu",
    "silu",
    "mish",
    "gelu",
    "log_sigmoid",
    "softmax",
    "log_softmax",
    "linear",
    "logistic",
    "expit",
    "exp",
    "swish",
    "lrelu",
]
LossName = Literal[
    "squared",
    "absolute",
    "huber",
    "quantile",
    "poisson",
    "binary_cross_entropy",
    "cross_entropy",
    "mse",
    "mean_squared_error",
    "squared_error",
    "l2",
    "mae",
    "mean_absolute_error",
    "absolute_error",
    "l1",
    "pinball",
    "poisson_nll",
    "bce",
    "bce_with_logits",
    "log_loss",
    "categorical_cross_entropy",
    "sparse_categorical_cross_entropy",
    "softmax_cross_entropy",
]
InitializerName = Literal[
    "zeros",
    "uniform",
    "normal",
    "orthogonal",
    "lecun_uniform",
    "lecun_normal",
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "unit_spread",
    "among_rows",
    "zero",
    "random_uniform",
    "random_normal",
    "gaussian",
    "lecun",
    "glorot",
    "xavier",
    "xavier_uniform",
    "xavier_normal",
    "he",
    "kaiming",
    "kaiming_uniform",
    "kaiming_normal",
]
OptimizerName = Literal[
    "sgd",
    "momentum",
    "nesterov",
    "rmsprop",
    "adagrad",
    "adadelta",
    "adam",
    "adam_hat",
    "amsgrad",
    "nadam",
    "adamw",
    "rprop",
    "gradient_descent",
    "sgd_momentum",
    "nag",
    "irprop",
]
ScheduleName = Literal[
    "constant",
    "step",
    "exponential",
    "cosine",
    "flat_cosine",
    "log_cosine",
    "inverse_scaling",
    "fixed",
    "step_lr",
    "step_decay",
    "exponential_lr",
    "exponential_decay",
    "cosine_decay",
    "flat_cos",
    "coslog4",
    "cosine_annealing",
    "cosine_annealing_lr",
    "invscaling",
]
MetricName = Literal[
    "mse",
    "rmse",
    "mae",
    "r2",
    "accuracy",
    "balanced_accuracy",
    "auc",
    "f1",
    "precision",
    "recall",
    "log_loss",
    "brier",
    "calibration_error",
    "acc",
    "accuracy_score",
    "mean_squared_error",
    "root_mean_squared_error",
    "mean_absolute_error",
    "r_squared",
    "r2_score",
    "roc_auc",
    "roc_auc_score",
    "auroc",
    "brier_score",
    "brier_score_loss",
    "ece",
    "expected_calibration_error",
    "f1_score",
    "f1_macro",
    "precision_score",
    "recall_score",
    "balanced_accuracy_score",
]
LanguageName = Literal[
    "numpy", "r", "javascript", "c", "xlsx", "onnx", "python", "py", "js", "node", "c99", "excel", "spreadsheet"
]
ReductionName = Literal["mean", "batchmean", "rowmean", "sum"]
EngineName = Literal["auto", "numpy", "compiled"]
KindName = Literal["classes", "number"]
ScalingName = Literal["standard", "ntk"]
ScaleName = Literal["standard", "robust", "quantile", "none"]
FillName = Literal["median", "mean"]
SplitName = Literal["drawn", "hash"]
WordsName = Literal["one-hot", "embed"]
RecipeName = Literal["small", "constant", "linear", "strong", "ensemble"]
IdentityActivationName = Literal[
    "identity",
    "relu",
    "sigmoid",
    "exponential",
    "tanh",
    "softsign",
    "softplus",
    "selu",
    "silu",
    "mish",
    "gelu",
    "log_sigmoid",
    "softmax",
    "log_softmax",
    "linear",
    "logistic",
    "expit",
    "exp",
    "swish",
]
LeakyReluActivationName = Literal["leaky_relu", "lrelu"]


class LeakyReluActivationOptions(TypedDict, total=False):
    """What is told of a `LeakyReluActivationName` besides."""

    slope: float


EluActivationName = Literal["elu"]


class EluActivationOptions(TypedDict, total=False):
    """What is told of a `EluActivationName` besides."""

    alpha: float


SquaredLossName = Literal["squared", "mse", "mean_squared_error", "squared_error", "l2"]


class SquaredLossOptions(TypedDict, total=False):
    """What is told of a `SquaredLossName` besides."""

    half: bool
    output: ActivationName | None
    reduction: ReductionName


AbsoluteLossName = Literal["absolute", "mae", "mean_absolute_error", "absolute_error", "l1"]


class AbsoluteLossOptions(TypedDict, total=False):
    """What is told of a `AbsoluteLossName` besides."""

    output: ActivationName | None
    reduction: ReductionName


HuberLossName = Literal["huber"]


class HuberLossOptions(TypedDict, total=False):
    """What is told of a `HuberLossName` besides."""

    delta: float
    output: ActivationName | None
    reduction: ReductionName


QuantileLossName = Literal["quantile", "pinball"]


class QuantileLossOptions(TypedDict, total=False):
    """What is told of a `QuantileLossName` besides."""

    q: float
    output: ActivationName | None
    reduction: ReductionName


PoissonLossName = Literal["poisson", "poisson_nll"]


class PoissonLossOptions(TypedDict, total=False):
    """What is told of a `PoissonLossName` besides."""

    deviance: bool
    output: ActivationName | None
    reduction: ReductionName


BinaryCrossEntropyLossName = Literal[
    "binary_cross_entropy",
    "cross_entropy",
    "bce",
    "bce_with_logits",
    "log_loss",
    "categorical_cross_entropy",
    "sparse_categorical_cross_entropy",
    "softmax_cross_entropy",
]


class BinaryCrossEntropyLossOptions(TypedDict, total=False):
    """What is told of a `BinaryCrossEntropyLossName` besides."""

    label_smoothing: float
    output: ActivationName | None
    reduction: ReductionName


ZerosInitializerName = Literal[
    "zeros",
    "lecun_uniform",
    "lecun_normal",
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "unit_spread",
    "among_rows",
    "zero",
    "lecun",
    "glorot",
    "xavier",
    "xavier_uniform",
    "xavier_normal",
    "he",
    "kaiming",
    "kaiming_uniform",
    "kaiming_normal",
]
ConstantInitializerName = Literal["constant"]


class ConstantInitializerOptions(TypedDict, total=False):
    """What is told of a `ConstantInitializerName` besides."""

    value: Required[float]


UniformInitializerName = Literal["uniform", "random_uniform"]


class UniformInitializerOptions(TypedDict, total=False):
    """What is told of a `UniformInitializerName` besides."""

    low: float
    high: float


NormalInitializerName = Literal["normal", "random_normal", "gaussian"]


class NormalInitializerOptions(TypedDict, total=False):
    """What is told of a `NormalInitializerName` besides."""

    mean: float
    std: float


OrthogonalInitializerName = Literal["orthogonal"]


class OrthogonalInitializerOptions(TypedDict, total=False):
    """What is told of a `OrthogonalInitializerName` besides."""

    gain: float


SgdName = Literal["sgd", "gradient_descent"]


class SgdOptions(TypedDict, total=False):
    """What is told of a `SgdName` besides."""

    clip_norm: float | None
    clip_value: float | None


MomentumName = Literal["momentum", "nesterov", "sgd_momentum", "nag"]


class MomentumOptions(TypedDict, total=False):
    """What is told of a `MomentumName` besides."""

    momentum: float | Schedule
    clip_norm: float | None
    clip_value: float | None


RmspropName = Literal["rmsprop", "adadelta"]


class RmspropOptions(TypedDict, total=False):
    """What is told of a `RmspropName` besides."""

    rho: float | Schedule
    eps: float | Schedule
    clip_norm: float | None
    clip_value: float | None


AdagradName = Literal["adagrad"]


class AdagradOptions(TypedDict, total=False):
    """What is told of a `AdagradName` besides."""

    eps: float | Schedule
    clip_norm: float | None
    clip_value: float | None


AdamName = Literal["adam", "adam_hat", "amsgrad", "nadam"]


class AdamOptions(TypedDict, total=False):
    """What is told of a `AdamName` besides."""

    beta1: float | Schedule
    beta2: float | Schedule
    eps: float | Schedule
    clip_norm: float | None
    clip_value: float | None


AdamwName = Literal["adamw"]


class AdamwOptions(TypedDict, total=False):
    """What is told of a `AdamwName` besides."""

    beta1: float | Schedule
    beta2: float | Schedule
    eps: float | Schedule
    weight_decay: float | Schedule
    clip_norm: float | None
    clip_value: float | None


RpropName = Literal["rprop", "irprop"]


class RpropOptions(TypedDict, total=False):
    """What is told of a `RpropName` besides."""

    grow: float | Schedule
    shrink: float | Schedule
    smallest: float | Schedule
    largest: float | Schedule
    clip_norm: float | None
    clip_value: float | None


ConstantScheduleName = Literal["constant", "fixed"]


class ConstantScheduleOptions(TypedDict, total=False):
    """What is told of a `ConstantScheduleName` besides."""

    warm_up: float


StepScheduleName = Literal["step", "step_lr", "step_decay"]


class StepScheduleOptions(TypedDict, total=False):
    """What is told of a `StepScheduleName` besides."""

    every: float
    factor: float
    warm_up: float


ExponentialScheduleName = Literal["exponential", "exponential_lr", "exponential_decay"]


class ExponentialScheduleOptions(TypedDict, total=False):
    """What is told of a `ExponentialScheduleName` besides."""

    decay: float
    warm_up: float


CosineScheduleName = Literal["cosine", "cosine_decay", "cosine_annealing", "cosine_annealing_lr"]


class CosineScheduleOptions(TypedDict, total=False):
    """What is told of a `CosineScheduleName` besides."""

    epochs: float
    final: float
    warm_up: float


FlatCosineScheduleName = Literal["flat_cosine", "flat_cos"]


class FlatCosineScheduleOptions(TypedDict, total=False):
    """What is told of a `FlatCosineScheduleName` besides."""

    epochs: float
    warm_up: float


LogCosineScheduleName = Literal["log_cosine", "coslog4"]


class LogCosineScheduleOptions(TypedDict, total=False):
    """What is told of a `LogCosineScheduleName` besides."""

    epochs: float
    cycles: float
    warm_up: float


InverseScalingScheduleName = Literal["inverse_scaling", "invscaling"]


class InverseScalingScheduleOptions(TypedDict, total=False):
    """What is told of a `InverseScalingScheduleName` besides."""

    power: float
    warm_up: float
