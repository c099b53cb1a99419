"""What classifier and regressor have in common: fitting, predicting, and the network's numbers."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import cached_property, partial
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from glassnet.arrays import ArrayContract
from glassnet.engines.forward import PIECE
from glassnet.engines.threads import one_blas_thread
from glassnet.layers import Dense
from glassnet.losses import Loss
from glassnet.memory import Memory, Saved
from glassnet.model import Model, output_name
from glassnet.network import Network
from glassnet.optimizers import RULES, Optimizer, Schedule
from glassnet.predictor import compiled_outputs
from glassnet.sklearn.building import OUT_ACTIVATIONS, POLICIES, draw_start, hidden_layers, make_optimizer
from glassnet.sklearn.descent import Descent
from glassnet.sklearn.lbfgs import minimize
from glassnet.sklearn.rate import LearningRate
from glassnet.sklearn.sparse import is_sparse, rows_of
from glassnet.training.choice import NAMES as ENGINES
from glassnet.training.history import History
from glassnet.training.rows import Rows


def trains_in_epochs(estimator: MultilayerPerceptron) -> bool:
    """Whether there is a partial_fit; AttributeError, which scikit-learn asks for, if not."""
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit is only available for stochastic optimizers. lbfgs is not stochastic.")
    return True


MANY = 128  # rows; for fewer, products are done on one thread anyway
FEWEST_TO_SPLIT = 4  # rows; two are held out
FORMS = ["csr", "csc"]  # of sparse matrices
DTYPES = (np.float64, np.float32)


def predict_on_one_thread(model: Model, x: np.ndarray) -> np.ndarray:
    """The predictions for rows x, the same bits for any number of cores."""
    with one_blas_thread() if len(x) >= MANY else nullcontext():
        return model.outputs(x)


class Prediction:
    """A model's predictions, by the engine that trained it, which is made ready when it is first asked.

    Attributes
    ----------
    dtype, columns
        Of rows that need no more checking than that; where columns have names, none are such.
    """

    def __init__(self, model: Model, named: bool) -> None:
        self.model, self.dtype, self.columns = model, model.dtype, -1 if named else model.n_inputs

    @cached_property
    def outputs(self) -> Callable[[np.ndarray], np.ndarray]:
        """From rows (n, inputs) of the model's dtype to predictions, a column for each of two classes too."""
        chosen = self.model.engine
        if chosen is not None and chosen.engine == "compiled":
            return compiled_outputs(self.model)
        return partial(predict_on_one_thread, self.model)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "outputs"}


class MultilayerPerceptron(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Base of `MLPClassifier` and `MLPRegressor`: use these."""

    hidden_layer_sizes: Any
    activation: Any
    solver: Any
    alpha: float
    batch_size: int | str
    learning_rate: Any
    learning_rate_init: float
    power_t: float
    max_iter: int
    loss: Any
    shuffle: bool
    random_state: Any
    tol: float
    verbose: bool | int
    warm_start: bool
    momentum: float
    nesterovs_momentum: bool
    early_stopping: bool
    validation_fraction: float
    beta_1: float
    beta_2: float
    epsilon: float
    n_iter_no_change: float
    max_fun: int
    dropout: Any
    normalization: Any
    clip_norm: float | None
    clip_value: float | None
    callbacks: Any
    engine: str

    n_features_in_: int
    model_: Model
    best_loss_: float | None
    best_validation_score_: float | None
    stopped_: bool
    _prediction: Prediction
    _best: Saved

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [str, callable, list, tuple],
        "solver": [StrOptions({"lbfgs", "sgd", "adam", *RULES}), Optimizer],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions(set(POLICIES)), Schedule],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {np.inf})],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
        "loss": [str, callable, Loss],
        "dropout": [Interval(Real, 0, 1, closed="left"), list, tuple],
        "normalization": [StrOptions({"batch", "layer"}), list, tuple, None],
        "clip_norm": [Interval(Real, 0, None, closed="neither"), None],
        "clip_value": [Interval(Real, 0, None, closed="neither"), None],
        "callbacks": [callable, list, tuple, None],
        "engine": [StrOptions(set(ENGINES))],
    }

    def _take(self, parameters: dict[str, Any]) -> None:
        """Keep the constructor's parameters as they are, which is all that a constructor may do."""
        self.__dict__.update((name, value) for name, value in parameters.items() if name != "self")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    # what differs

    @abstractmethod
    def _validated(self, X: Any, y: Any, reset: bool, classes: str) -> tuple[Any, np.ndarray]:
        """X checked, and y as the network's targets, (n, outputs).

        With `reset`, the columns are these from now on; `classes` may be "new", or must be the "same", or "known".
        """

    @abstractmethod
    def _output_layer(self, n_outputs: int) -> tuple[Dense, Loss, float]:
        """The last layer, the loss, and how many times the loss is reported."""

    @abstractmethod
    def _contract(self, n_inputs: int, n_outputs: int) -> ArrayContract:
        """What the model knows about its data."""

    @abstractmethod
    def _score_outputs(self, p: np.ndarray, y: np.ndarray, w: np.ndarray | None) -> float:
        """The score of predictions p for targets y, both (n, outputs)."""

    def _weights(self, y: np.ndarray, sample_weight: np.ndarray | None, role: str) -> np.ndarray | None:
        """The weight of each row; `role` is what the rows are for: "fit", "partial_fit" or "validation"."""
        return sample_weight

    # fitting

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        held_out: tuple[Any, Any, Any],
        incremental: bool = False,
    ) -> None:
        sizes = self._hidden_sizes()
        first = not hasattr(self, "model_") or not (self.warm_start or incremental)
        known = "same" if self.warm_start else "known"
        X, Y = self._validated(X, y, first, known if self.warm_start or incremental else "new")
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        random_state = check_random_state(self.random_state)
        last, loss, factor = self._output_layer(Y.shape[1])
        network = Network(
            *hidden_layers(sizes, self.activation, self.dropout, self.normalization),
            last,
            loss=loss,
            l2=float(self.alpha),
            penalty_per_row=True,
        )
        if first:
            self._begin(network, X, Y, random_state)
        else:
            self._go_on(network, Y)
        weight = self._weights(Y, sample_weight, "partial_fit" if incremental else "fit")
        with one_blas_thread():  # the same bits for any number of jobs and cores
            if self.solver == "lbfgs":
                self._fit_lbfgs(X, Y, weight, factor)
            else:
                self._fit_by_descent(X, Y, weight, held_out, random_state, factor, incremental)
        if not np.isfinite(self.model_.memory.theta).all():
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large values and need to be "
                "preprocessed."
            )

    def _hidden_sizes(self) -> list[int]:
        sizes = self.hidden_layer_sizes
        found = list(sizes) if hasattr(sizes, "__iter__") else [sizes]
        if any(size <= 0 for size in found):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {found}.")
        return found

    def _begin(self, network: Network, X: Any, Y: np.ndarray, random_state: np.random.RandomState) -> None:
        """A new model, with starting weights, and nothing learnt."""
        n_inputs = X.shape[1]
        memory = Memory.of(network, n_inputs, X.dtype)
        draw_start(network, memory, n_inputs, random_state, self.activation)
        own = random_state.get_state(legacy=False)["state"]["key"][
            :4
        ]  # for dropout; nothing is drawn from random_state
        self.model_ = Model(network, self._contract(n_inputs, Y.shape[1]), memory, np.random.default_rng(own))
        by_hand = self.__dict__.pop("_start", {})
        for name, arrays in by_hand.items():
            setattr(self, name, arrays)
        self.n_outputs_ = Y.shape[1]
        self.n_layers_ = sum(isinstance(layer, Dense) for layer in network.layers) + 1
        output = output_name(network)
        self.out_activation_ = OUT_ACTIVATIONS.get(output, output)
        self.n_iter_ = self.t_ = 0
        self._prediction = Prediction(self.model_, hasattr(self, "feature_names_in_"))
        if self.solver != "lbfgs":
            self._begin_curves()

    def _begin_curves(self) -> None:
        """Nothing measured yet."""
        self.__dict__.pop("_best", None)
        self.loss_curve_: list[float] = []
        self.validation_loss_curve_: list[float] | None = None
        self._no_improvement_count = 0
        self.best_loss_ = None if self.early_stopping else np.inf
        self.validation_scores_: list[float] | None = [] if self.early_stopping else None
        self.best_validation_score_ = -np.inf if self.early_stopping else None

    def _go_on(self, network: Network, Y: np.ndarray) -> None:
        """The model that there is, with today's parameters."""
        model = self.model_
        if Y.shape[1] != self.n_outputs_:
            raise ValueError(f"y has {Y.shape[1]} outputs, but this model was fitted with {self.n_outputs_}")
        if network.layout(model.n_inputs) != model.memory.layout:
            raise ValueError(
                "the hidden layers are others than in the previous call to fit, so training cannot go on; set "
                "warm_start=False, or clone the estimator"
            )
        self.model_ = replace(model, network=network)
        self._prediction = Prediction(self.model_, hasattr(self, "feature_names_in_"))

    def _fit_lbfgs(self, X: Any, Y: np.ndarray, weight: np.ndarray | None, factor: float) -> None:
        if self.dropout or self.normalization == "batch":
            raise ValueError("lbfgs needs the same loss for the same weights: no dropout and no batch normalization")
        rows = rows_of(X, Y.astype(np.float64), None if weight is None else weight[:, None], np.dtype(np.float64))
        self.n_iter_, self.loss_ = minimize(self, rows, factor)

    def _fit_by_descent(
        self,
        X: Any,
        Y: np.ndarray,
        weight: np.ndarray | None,
        held_out: tuple[Any, Any, Any],
        random_state: np.random.RandomState,
        factor: float,
        incremental: bool,
    ) -> None:
        model = self.model_
        optimizer = make_optimizer(self)
        if not (incremental and model.optimizer is not None and hasattr(self, "_optimizer")):
            policy = self.learning_rate if self.solver == "sgd" and isinstance(self.learning_rate, str) else "constant"
            rate = float(self.learning_rate_init)
            self._optimizer = LearningRate(rate, rate, policy, float(self.power_t))
            model.memory.slots, model.memory.t = {}, 0
        held = self._held(held_out)
        if not hasattr(self, "loss_curve_"):  # it was fitted by lbfgs before
            self._begin_curves()
        self._fitted_at_once = not incremental or getattr(self, "_fitted_at_once", False)
        if self.early_stopping and held is None:
            if incremental and self._fitted_at_once:
                raise ValueError(
                    "partial_fit does not support early_stopping=True after fit, which held other rows out: give it "
                    "rows to measure, partial_fit(X, y, X_val=..., y_val=...), or set early_stopping=False"
                )
            X, Y, weight, held = self._hold_out(X, Y, weight, random_state)
        rows = self._rows(X, Y, weight)
        descent = Descent(self, rows, held, optimizer, random_state, factor)
        descent.run(1 if incremental else self.max_iter)
        if model.history.stopped == "epochs" and not incremental:
            warnings.warn(
                f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached and the optimization hasn't "
                "converged yet.",
                ConvergenceWarning,
                stacklevel=2,
            )
        if self.early_stopping and (self.stopped_ or not incremental):
            descent.put_best_back()

    def _held(self, held_out: tuple[Any, Any, Any]) -> Rows | None:
        """The validation rows that were given."""
        X, y, sample_weight = held_out
        if X is None and y is None:
            return None
        if X is None or y is None:
            raise ValueError("X_val and y_val must be given together")
        X, Y = self._validated(X, y, False, "known")
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        return self._rows(X, Y, self._weights(Y, sample_weight, "validation"))

    def _hold_out(
        self, X: Any, Y: np.ndarray, weight: np.ndarray | None, random_state: np.random.RandomState
    ) -> tuple[Any, np.ndarray, np.ndarray | None, Rows]:
        """The rows to train on, and those held out, drawn as scikit-learn draws them."""
        stratify = Y if is_classifier(self) and self.n_outputs_ == 1 else None
        arrays = [X, Y] if weight is None else [X, Y, weight]
        size: float | int = self.validation_fraction
        if X.shape[0] >= FEWEST_TO_SPLIT and 0.0 < size * X.shape[0] <= 1.0:
            size = 2  # rounded up it is one row, which has no score
        parts = train_test_split(*arrays, random_state=random_state, test_size=size, stratify=stratify)
        X, X_val, Y, Y_val = parts[:4]
        weight, w_val = parts[4:] if len(parts) > 4 else (None, None)
        if X_val.shape[0] < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
            )
        return X, Y, weight, self._rows(X_val, Y_val, w_val)

    def _rows(self, X: Any, Y: np.ndarray, weight: np.ndarray | None) -> Rows:
        """Rows in the model's dtype."""
        dtype = self.model_.dtype
        w = None if weight is None else np.ascontiguousarray(weight, dtype)[:, None]
        return rows_of(X, np.ascontiguousarray(Y, dtype), w, dtype)

    # predicting

    def _outputs(self, X: Any) -> np.ndarray:
        """The model's predictions, (n, outputs), or (n, 2) where one output tells two classes apart."""
        prediction = self.__dict__.get("_prediction")
        if (  # what `validate_data` would find nothing wrong with, in a hundredth of the time
            prediction is not None
            and X.__class__ is np.ndarray
            and X.dtype is prediction.dtype
            and X.ndim == 2
            and X.shape[1] == prediction.columns
            and X.flags.c_contiguous
            and np.count_nonzero(np.isfinite(X)) == X.size > 0
        ):
            found: np.ndarray = prediction.outputs(X)
            return found
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=FORMS, dtype=DTYPES, reset=False)
        return self._in_pieces(self._prediction.outputs, X)

    def _in_pieces(self, function: Callable[[np.ndarray], np.ndarray], X: Any) -> np.ndarray:
        """A function of rows in the model's dtype; sparse rows are made dense piece by piece."""
        dtype = self.model_.dtype
        if not is_sparse(X):
            return function(np.ascontiguousarray(X, dtype))
        X = X.tocsr()
        pieces = (X[low : low + PIECE].toarray() for low in range(0, X.shape[0], PIECE))
        return np.concatenate([function(x.astype(dtype, copy=False)) for x in pieces])

    def layer_outputs(self, X: Any) -> dict[str, np.ndarray]:
        """What every layer gives for each row.

        Returns
        -------
        dict
            The values by the names they have in `model_.derivation()`: scores z1, activations a1, …, (n, units), and
            last the predictions p, (n, outputs).
        """
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=FORMS, dtype=DTYPES, reset=False)
        x = X.toarray() if is_sparse(X) else X
        return self.model_.layer_values(x.astype(self.model_.dtype, copy=False))

    # its numbers

    @property
    def history_(self) -> History:
        """Losses, scores and learning rates by epoch: a table, `history_.to_frame()`, `history_.plot()`."""
        return self._model().history

    @property
    def coefs_(self) -> list[np.ndarray]:
        """The weights of each layer, (inputs, units). Views: writing into one changes the network; so does setting."""
        return [self._model()[f"W{k}"] for k in self._dense()]

    @coefs_.setter
    def coefs_(self, arrays: Sequence[Any]) -> None:
        self._set("coefs_", "W", arrays)

    @property
    def intercepts_(self) -> list[np.ndarray]:
        """The biases of each layer, (units,). Views, like `coefs_`."""
        return [self._model()[f"b{k}"] for k in self._dense()]

    @intercepts_.setter
    def intercepts_(self, arrays: Sequence[Any]) -> None:
        self._set("intercepts_", "b", arrays)

    def _model(self) -> Model:
        """The model; AttributeError, as for any attribute that fit makes, before there is one."""
        if "model_" not in self.__dict__:
            raise AttributeError(f"this {type(self).__name__} is not fitted yet: call fit first")
        return self.model_

    def _dense(self) -> Iterator[int]:
        """The numbers of the layers that have weights."""
        return (k for k, layer in enumerate(self.model_.network.layers, start=1) if isinstance(layer, Dense))

    def _set(self, attribute: str, stem: str, arrays: Sequence[Any]) -> None:
        """Set the weights or biases of all layers; before the first fit, they are what it starts from."""
        if "model_" not in self.__dict__:
            self.__dict__.setdefault("_start", {})[attribute] = list(arrays)
            return
        names = [f"{stem}{k}" for k in self._dense()]
        if len(arrays) != len(names):
            raise ValueError(f"{attribute} must hold one array for each layer, {len(names)}, got {len(arrays)}")
        for name, array in zip(names, arrays, strict=True):
            self.model_[name] = array
