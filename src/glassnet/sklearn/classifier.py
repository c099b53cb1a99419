"""`MLPClassifier`: scikit-learn's, and more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target, unique_labels
from sklearn.utils.validation import validate_data

from glassnet.data.arrays import ArrayContract
from glassnet.formulas.activations import log_sigmoid, log_softmax, sigmoid
from glassnet.parts.activations import activation_named
from glassnet.parts.layers import Dense
from glassnet.parts.losses import Loss
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.schedules import Schedule
from glassnet.sklearn.building import classifier_loss
from glassnet.sklearn.parameters import CONSTRAINTS
from glassnet.sklearn.perceptron import DTYPES, FORMS, MultilayerPerceptron, trains_in_epochs
from glassnet.sklearn.private import StrOptions, check_first_call, fit_context
from glassnet.sklearn.scores import accuracy
from glassnet.training.encoding import class_weights

# below, most digits of 1 - p were lost
ROUGH = {np.dtype(name): float(np.finfo(name).eps ** 0.5) for name in ("float32", "float64")}


class MLPClassifier(ClassifierMixin, MultilayerPerceptron):  # type: ignore[misc]  # scikit-learn has no types
    """A network that predicts classes: scikit-learn's `MLPClassifier`, and more.

    All parameters up to `max_fun` are scikit-learn's, with its meaning and its defaults.

    Parameters
    ----------
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
    loss
        "log_loss", or a loss of one's own: a function l(y, p) of the probabilities, or `gn.loss(...)`.
    class_weight
        {label: weight}: how many times a row of the class counts, beside its `sample_weight`; or "balanced": n /
        (classes · rows of the class), rows counted by `sample_weight`. The loss is then divided by the number of
        rows, so that a weight means the same in every batch, and summed over outputs.
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
    classes_
        The labels, in the order of the probabilities.
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
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = MLPClassifier([8, 4], ["tanh", "relu"], learning_rate_init=0.02, tol=1e-3, random_state=0)
    >>> print(f"{classifier.fit(X, y).score(X, y):.2f}")
    0.97
    """

    class_weight: Any
    classes_: np.ndarray

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **CONSTRAINTS,
        "class_weight": [dict, StrOptions({"balanced"}), None],
    }

    def __init__(
        self,
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
        loss: Any = "log_loss",
        class_weight: Any = None,
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
    ) -> MLPClassifier:
        """Fit the network to X and y.

        Parameters
        ----------
        X
            (n, features) numbers: an array, a data frame, a sparse matrix.
        y
            (n,) labels, or (n, labels) of 0 and 1 where a row may have several.
        sample_weight
            (n,) weights of the rows, >= 0.
        X_val, y_val, sample_weight_val
            Rows to measure after each epoch; with `early_stopping`, in place of a part of X.

        Returns
        -------
        MLPClassifier
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
        classes: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> MLPClassifier:
        """Go through X and y once.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        classes
            All labels that there will be, in the first call; later it may be left out.
        X_val, y_val, sample_weight_val
            Rows to measure after each call. With `early_stopping` they say when nothing improves any more: `stopped_`
            is then true, and the weights are the best there were.

        Returns
        -------
        MLPClassifier
            The estimator itself.
        """
        self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val), incremental=True, classes=classes)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The label of each row, (n,); or (n, labels) of 0 and 1.

        Parameters
        ----------
        X
            (n, features), as for `fit`.
        """
        p = self._outputs(X)
        if self.model_.classes is not None:
            found: np.ndarray = self.classes_.take(p.argmax(axis=1))
        else:
            found = self._label_binarizer.inverse_transform(p if p.shape[1] > 1 else p[:, 0])
        return found

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class, (n, classes), in the order of `classes_`.

        Parameters
        ----------
        X
            (n, features), as for `fit`.
        """
        p = self._outputs(X)
        if self.n_outputs_ > 1:
            return p
        if p.shape[1] == 1:  # there is only one class
            return np.concatenate((1.0 - p, p), axis=1)
        if (p.item(0) if len(p) == 1 else p[:, 0].min()) < ROUGH[p.dtype]:
            s = self._scores(X)
            return np.concatenate((sigmoid(-s), sigmoid(s)), axis=1)
        return p

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """The logarithm of each class's probability, (n, classes): accurate where a probability is almost 0 or 1.

        Parameters
        ----------
        X
            (n, features), as for `fit`.
        """
        s = self._scores(X)
        if self.out_activation_ == "softmax":
            return np.asarray(log_softmax(s))
        if s.shape[1] == 1:
            return np.concatenate((log_sigmoid(-s), log_sigmoid(s)), axis=1)
        p: np.ndarray = sigmoid(s)
        log_p: np.ndarray = log_sigmoid(s)
        likely = p > 0.5  # there, the logarithm of p: the likeliest of several labels is the same as by predict_proba
        log_p[likely] = np.log(p[likely])
        return log_p

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def _scores(self, X: Any) -> np.ndarray:
        """What the probabilities are made of, (n, outputs of the network)."""
        s = np.concatenate([self._alike(self.model_.scoring.predict, x) for x in self._pieces(X)])
        return s if self.model_.calibration is None else s / self.model_.calibration.T

    # what the base asks for

    def _validated(self, X: Any, y: Any, reset: bool, classes: str) -> tuple[Any, np.ndarray]:
        X, y = validate_data(self, X, y, accept_sparse=FORMS, multi_output=True, dtype=DTYPES, reset=reset)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if classes == "new" or not hasattr(self, "classes_"):
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        index = positions(y, self.classes_)
        if index is None or (classes == "same" and len(np.unique(index)) < len(self.classes_)):
            self._check_labels(unique_labels(y), classes)
            return X, self._label_binarizer.transform(y).astype(bool)
        if self._label_binarizer.y_type_ == "binary":
            return X, (index == 1)[:, None]
        return X, index[:, None] == np.arange(len(self.classes_))

    def _check_labels(self, found: np.ndarray, classes: str) -> None:
        """ValueError for labels that are not the same as before, or not known."""
        if classes == "same" and set(found) != set(self.classes_):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                f"Previously got {self.classes_}, `y` has {found}"
            )
        if len(np.setdiff1d(found, self.classes_, assume_unique=True)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has {found}."
            )

    def _output_layer(self, n_outputs: int) -> tuple[Dense, Loss, float]:
        output = "softmax" if self._label_binarizer.y_type_ == "multiclass" else "sigmoid"
        loss, activation = classifier_loss(self.loss, output)
        if self.class_weight is not None and loss.reduction in ("mean", "batchmean"):
            # divided by the weight of its batch, a row that is a batch alone would count the same whatever its class
            loss = replace(loss, reduction="rowmean")
        return Dense(n_outputs, activation_named(activation)), loss, 1.0

    def _contract(self, n_inputs: int, n_outputs: int) -> ArrayContract:
        one_label = self._label_binarizer.y_type_ in ("binary", "multiclass") and len(self.classes_) > 1
        classes = tuple(self.classes_.tolist()) if one_label else None
        return ArrayContract(
            n_inputs=n_inputs,
            n_outputs=len(classes) if classes else n_outputs,
            classes=classes,
            flat=n_outputs == 1,
            names=self._column_names(),
        )

    def _know_classes(self, y: Any, classes: Any) -> None:
        if check_first_call(self, classes):
            multilabel = type_of_target(y).startswith("multilabel")
            self._label_binarizer = LabelBinarizer().fit(y if multilabel else classes)

    def _weights(self, y: np.ndarray, sample_weight: np.ndarray | None, role: str) -> np.ndarray | None:
        if self.class_weight is None:
            return sample_weight
        if self._label_binarizer.y_type_.startswith("multilabel"):
            raise ValueError("class_weight is for one label a row; where rows have several, use sample_weight")
        if role == "partial_fit" and self.class_weight == "balanced":
            raise ValueError("class_weight='balanced' needs all rows at once: give partial_fit a dict {label: weight}")
        index = y[:, 0].astype(np.intp) if y.shape[1] == 1 else y.argmax(axis=1)
        if role != "validation":
            rows = np.bincount(index, sample_weight, len(self.classes_))
            self._of_class = class_weights(self.classes_.tolist(), rows, self.class_weight)
        found: np.ndarray = self._of_class[index] if sample_weight is None else sample_weight * self._of_class[index]
        return found

    def _score_outputs(self, p: np.ndarray, y: np.ndarray, w: np.ndarray | None) -> float:
        if len(self.classes_) == 1 and p.shape[1] == 1:
            return 1.0
        if self._label_binarizer.y_type_ == "multiclass":
            return accuracy(p.argmax(axis=1) == y.argmax(axis=1), w)
        return accuracy(((p > 0.5) == (y > 0.5)).all(axis=1), w)


def positions(y: np.ndarray, classes: np.ndarray) -> np.ndarray | None:
    """Where each label of y (n,) is in the sorted classes; None where that takes a closer look."""
    if y.ndim != 1 or y.dtype.kind != classes.dtype.kind or y.dtype.kind == "O":
        return None
    found = np.searchsorted(classes, y).clip(max=len(classes) - 1)
    return found if (classes[found] == y).all() else None
