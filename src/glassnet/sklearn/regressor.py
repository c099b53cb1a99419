"""`MLPRegressor`: scikit-learn's, and more."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import validate_data

from glassnet.data.arrays import ArrayContract
from glassnet.parts.layers import Dense
from glassnet.parts.losses import Loss
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.schedules import Schedule
from glassnet.sklearn.building import regressor_loss
from glassnet.sklearn.perceptron import DTYPES, FORMS, MultilayerPerceptron, trains_in_epochs
from glassnet.sklearn.private import fit_context
from glassnet.sklearn.scores import r2
from glassnet.training.encoding import TARGETS


class MLPRegressor(RegressorMixin, MultilayerPerceptron):  # type: ignore[misc]  # scikit-learn has no types
    """A network that predicts numbers: scikit-learn's `MLPRegressor`, and more.

    All parameters up to `max_fun` are scikit-learn's, with its meaning and its defaults.

    Parameters
    ----------
    loss
        "squared_error" (halved) and "poisson" (half the deviance; y >= 0), or "absolute_error", "huber", "quantile"
        (the median), a `gn.loss("quantile", q=0.9)`, or a function l(y, p) of one's own.
    hidden_layer_sizes
        Units of each hidden layer; a number for one layer, () for none.
    activation
        Of the hidden layers: "identity", "logistic", "tanh", "relu", or what glassnet knows besides ("elu", "gelu",
        "leaky_relu", …), a `gn.activation(...)`, a function of one's own; a list has one for each layer.
    solver
        "lbfgs" (SciPy's, on all rows at once), "sgd", "adam", or what glassnet knows besides ("rmsprop", "nadam",
        "adamw", …), or an optimizer with its numbers, `gn.AdamW(0.01, weight_decay=0.1)`.
    alpha
        L2 penalty, >= 0; divided by what the loss is: the rows of the batch, or the sum of their weights.
    batch_size
        Rows a step; "auto": 200, or all if there are fewer. Not for lbfgs.
    learning_rate
        "constant"; "invscaling": learning_rate_init / (rows seen + 1)^power_t after each epoch; "adaptive": divided by
        5 each time nothing improves any more (these two not with adam, lbfgs or an optimizer that has its own rate);
        or a `gn.schedule(...)`.
    learning_rate_init
        The learning rate at the start, > 0. Not for lbfgs, nor for a solver or schedule that has its own.
    power_t
        The power of "invscaling".
    max_iter
        At most so many epochs, or iterations of lbfgs.
    shuffle
        Whether rows are mixed in each epoch.
    random_state
        A seed or RandomState for the weights, the rows held out and the order of the rows: the same numbers as
        scikit-learn's with the same seed. (Dropout's come from a generator of their own, seeded by it.)
    tol
        What counts as an improvement of the loss, or of the validation score. For lbfgs: of the gradient.
    verbose
        Whether each epoch is printed.
    warm_start
        Whether fit goes on from where the last one ended.
    momentum, nesterovs_momentum
        For sgd.
    early_stopping
        Whether to stop when the score on held-out rows does not improve, and then put the best weights back.
    validation_fraction
        The share of rows held out for that, if fit is given none.
    beta_1, beta_2, epsilon
        For adam.
    n_iter_no_change
        How many epochs without improvement are borne; the next one ends training.
    max_fun
        For lbfgs: at most so many evaluations of the loss.
    dropout
        The share of each hidden layer's outputs that is dropped while training, in [0, 1); or a list.
    normalization
        "batch" or "layer": what each hidden layer's outputs are normalized over; or a list.
    clip_norm, clip_value
        The longest gradient, and the largest number in it. None: no limit.
    callbacks
        A function (event, model) or several, called after each epoch with a `gn.Epoch` and `model_`; one that returns
        True ends training.
    engine
        "numpy"; "compiled", the same steps as machine code (needs `glassnet[fast]`); "auto": compiled where that pays.
    deterministic
        Whether to give the same bits for any number of cores and jobs, and whatever was compiled before: products use
        one thread. False: as many as BLAS may use, which wide networks gain from.

    Attributes
    ----------
    loss_
        The loss at last, penalty included.
    best_loss_
        The smallest; None with early_stopping. (This and the next four are not there with lbfgs.)
    loss_curve_
        The loss of each epoch.
    validation_scores_
        The score on the held-out rows after each epoch; None if there are none.
    validation_loss_curve_
        Their loss, without the penalty; None if there are none.
    best_validation_score_
        The best of the scores; None without early_stopping.
    history_
        All of that as a table: a `gn.History`.
    stopped_
        Whether training ended because nothing improved any more.
    n_iter_, t_
        Epochs (iterations) of the last call, and training rows seen in all.
    coefs_, intercepts_
        Weights (inputs, units) and biases (units,) of each layer: they may be written to, and be set, also before the
        first fit, which then starts from them.
    n_layers_, n_outputs_, out_activation_
        Layers, the input included; outputs; what makes predictions of the last scores.
    n_features_in_, feature_names_in_
        Columns of X, and their names if X is a data frame.
    model_
        The network: a `gn.Model`.

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> X, y = make_regression(n_samples=200, n_features=5, noise=5.0, random_state=1)
    >>> regressor = MLPRegressor("absolute_error", [16], early_stopping=True, learning_rate_init=0.1, random_state=0)
    >>> print(f"{regressor.fit(X, y).score(X, y):.2f}")
    1.00
    """

    def __init__(
        self,
        loss: Any = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: str | Optimizer = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str | Schedule = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        dropout: Any = 0.0,
        normalization: Any = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        callbacks: Any = None,
        engine: str = "auto",
        deterministic: bool = True,
    ) -> None:
        self._take(locals())

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> MLPRegressor:
        """Fit the network to X and y.

        Parameters
        ----------
        X
            (n, features) numbers: an array, a data frame, a sparse matrix.
        y
            (n,) or (n, outputs) numbers.
        sample_weight
            (n,) weights of the rows, >= 0.
        X_val, y_val, sample_weight_val
            Rows to measure after each epoch; with `early_stopping`, in place of a part of X.

        Returns
        -------
        MLPRegressor
            The estimator itself.

        Raises
        ------
        ValueError
            Data or parameters that make no sense, or weights that are no longer finite; the message says which.
        """
        self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val))
        return self

    @available_if(trains_in_epochs)
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> MLPRegressor:
        """Go through X and y once.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        X_val, y_val, sample_weight_val
            Rows to measure after each call. With `early_stopping` they say when nothing improves any more: `stopped_`
            is then true, and the weights are the best there were.

        Returns
        -------
        MLPRegressor
            The estimator itself.
        """
        self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val), incremental=True)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The number of each row, (n,) or (n, outputs).

        Parameters
        ----------
        X
            (n, features), as for `fit`.
        """
        p = self._outputs(X)
        return p[:, 0] if p.shape[1] == 1 else p

    # what the base asks for

    def _validated(self, X: Any, y: Any, reset: bool, classes: str) -> tuple[Any, np.ndarray]:
        X, y = validate_data(
            self, X, y, accept_sparse=FORMS, multi_output=True, y_numeric=True, dtype=DTYPES, reset=reset
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        self._flat = y.ndim == 1
        loss = regressor_loss(self.loss)
        if loss.name in TARGETS:
            low, high = TARGETS[loss.name]
            wrong = y[(y < low) | (y > high)]
            if wrong.size:
                allowed = f"y >= {low:g}" if high == np.inf else f"y from {low:g} to {high:g}"
                raise ValueError(f"loss='{loss.name}' needs {allowed}, got {wrong.flat[0]:g}")
        if loss.name == "cross_entropy" and y.ndim == 1:
            raise ValueError("loss cross_entropy needs an output for each class; for one use binary_cross_entropy")
        return X, y.reshape(len(y), -1)

    def _output_layer(self, n_outputs: int) -> tuple[Dense, Loss, float]:
        # scikit-learn goes down the slope of the sum over outputs of half the squares, and reports their mean
        return Dense(n_outputs), regressor_loss(self.loss), 1.0 / n_outputs if self.loss == "squared_error" else 1.0

    def _contract(self, n_inputs: int, n_outputs: int) -> ArrayContract:
        return ArrayContract(
            n_inputs=n_inputs, n_outputs=n_outputs, classes=None, flat=self._flat, names=self._column_names()
        )

    def _score_outputs(self, p: np.ndarray, y: np.ndarray, w: np.ndarray | None) -> float:
        return r2(y, p, w)
