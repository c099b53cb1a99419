"""What classifier and regressor have in common: fitting, predicting, and the network's numbers."""

from __future__ import annotations

import copy
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, TypeVar

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from glassnet.data.arrays import ArrayContract
from glassnet.derivation.report import Report
from glassnet.engines.forward import PIECE
from glassnet.engines.memory import Memory
from glassnet.engines.plans import fixed_plans
from glassnet.engines.threads import one_blas_thread
from glassnet.model.carry_out import check_callbacks
from glassnet.model.model import Model
from glassnet.parts.layers import BatchNorm, Dense, Dropout
from glassnet.parts.losses import Loss
from glassnet.parts.network import Network
from glassnet.sklearn.arrays import Arrays
from glassnet.sklearn.building import OUT_ACTIVATIONS, draw_start, hidden_layers, make_optimizer, policy_of
from glassnet.sklearn.descent import Descent, HeldOut
from glassnet.sklearn.engine import FITS, engine_for
from glassnet.sklearn.fitted import CURVES, NOT_FINITE, Fitted
from glassnet.sklearn.keeping import kept_fit
from glassnet.sklearn.lbfgs import Objective, minimize
from glassnet.sklearn.parameters import CONSTRAINTS, Parameters
from glassnet.sklearn.prediction import Prediction
from glassnet.sklearn.private import check_sample_weight
from glassnet.sklearn.rate import LearningRate
from glassnet.sklearn.rows import Data, batch_size_of
from glassnet.sklearn.shuffling import CumulativeShuffler
from glassnet.sklearn.sparse import is_sparse
from glassnet.training.contract import in_dtype, output_name
from glassnet.training.divergence import grown
from glassnet.training.events import Epoch, asks_to_stop
from glassnet.training.history import History
from glassnet.training.needs import check_fit
from glassnet.training.place import Place
from glassnet.training.rows import Walk
from glassnet.training.state import State
from glassnet.training.steps import Stepper

T = TypeVar("T")

FORMS = ["csr", "csc"]  # of sparse matrices
DTYPES = (np.float64, np.float32)
VALIDATION = "of the validation rows"
UNFITTED = "this {} is not fitted yet, so it has no {}: call fit first"


def trains_in_epochs(estimator: MultilayerPerceptron) -> bool:
    """Whether there is a partial_fit; AttributeError, which scikit-learn asks for, if not."""
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit is only available for stochastic optimizers. lbfgs is not stochastic.")
    return True


class MultilayerPerceptron(BaseEstimator, Parameters, ABC):  # type: ignore[misc]  # scikit-learn has no types
    """Base of `MLPClassifier` and `MLPRegressor`: use these."""

    _parameters: list[Any]
    _optimizer: LearningRate | None
    _stepper: Stepper | None
    _fitted: Fitted

    n_features_in_: int
    n_iter_: int
    t_: int
    loss_: float
    best_loss_: float | None
    loss_curve_: list[float]
    validation_scores_: list[float] | None
    validation_loss_curve_: list[float] | None
    best_validation_score_: float | None
    stopped_: bool
    model_: Model

    _parameter_constraints: ClassVar[dict[str, Any]] = CONSTRAINTS

    def _take(self, parameters: dict[str, Any]) -> None:
        """Keep the constructor's parameters as they are, which is all that a constructor may do."""
        for name, value in parameters.items():
            if name != "self":
                setattr(self, name, value)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return "model_" in self.__dict__

    # what differs

    @abstractmethod
    def _validated(self, X: Any, y: Any, reset: bool, classes: str) -> tuple[Any, np.ndarray]:
        """X checked, and y as the network's targets, (n, outputs).

        With `reset`, the columns are these from now on; `classes` may be "new", or must be the "same", or "known".
        """

    @abstractmethod
    def _output_layer(self, n_outputs: int) -> tuple[Dense, Loss, float]:
        """The last layer, the loss, and what it is multiplied with where it is reported."""

    @abstractmethod
    def _contract(self, n_inputs: int, n_outputs: int) -> ArrayContract:
        """What the model knows about its data."""

    @abstractmethod
    def _score_outputs(self, p: np.ndarray, y: np.ndarray, w: np.ndarray | None) -> float:
        """The score of predictions p for targets y, both (n, outputs)."""

    def _know_classes(self, y: Any, classes: Any) -> None:
        """Take notice of the classes that partial_fit is given."""

    def _column_names(self) -> tuple[str, ...] | None:
        names: np.ndarray | None = self.__dict__.get("feature_names_in_")
        return None if names is None else tuple(map(str, names))

    def _weights(self, y: np.ndarray, sample_weight: np.ndarray | None, role: str) -> np.ndarray | None:
        """The weight of each row, for "fit", "partial_fit" or "validation"."""
        return sample_weight

    # fitting: first everything is checked and made, then the network is trained

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        held_out: tuple[Any, Any, Any],
        *,
        incremental: bool = False,
        classes: Any = None,
    ) -> None:
        with self._nothing_lost():
            if incremental:
                self._know_classes(y, classes)
            train = self._prepared(X, y, sample_weight, held_out, incremental)
        try:
            with fixed_plans(), one_blas_thread() if self.deterministic else nullcontext():
                train()
        finally:
            self._show()
        if not np.isfinite(self.model_.memory.theta).all():
            raise ValueError(NOT_FINITE)

    @contextmanager
    def _nothing_lost(self) -> Iterator[None]:
        """Within it, an error leaves the estimator as it was."""
        before = self.__dict__.copy()
        memory = self.model_.memory if "model_" in before else None
        remembered = memory and (memory.slots, memory.t)
        try:
            yield
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            if memory and remembered:
                memory.slots, memory.t = remembered
            raise

    def _prepared(
        self, X: Any, y: Any, sample_weight: Any, held_out: tuple[Any, Any, Any], incremental: bool
    ) -> Callable[[], None]:
        """Everything that training needs, checked; the function that trains."""
        first = "model_" not in self.__dict__ or not (self.warm_start or incremental)
        given = [value for name, value in self.__dict__.items() if name[0] != "_" and name[-1] != "_"]
        parameters = [copy.copy(value) if isinstance(value, (list, dict)) else value for value in given]
        changed = first or not same(parameters, self._parameters)
        if changed and incremental:  # scikit-learn looks at them only before the first partial_fit
            self._validate_params()
        classes = "same" if self.warm_start else "known" if incremental else "new"
        X, Y = self._validated(X, y, first, classes)
        if not first and Y.shape[1] != self.n_outputs_:
            raise ValueError(f"y has {Y.shape[1]} outputs, but this model was fitted with {self.n_outputs_}")
        check_callbacks(self.callbacks or ())
        if sample_weight is not None:
            sample_weight = check_sample_weight(sample_weight, X, ensure_non_negative=True)
        weight = self._weights(Y, sample_weight, "partial_fit" if incremental else "fit")
        random_state = check_random_state(self.random_state)
        last, loss, loss_scale = self._output_layer(Y.shape[1])
        held = self._held(held_out, Y.shape[1], X.dtype if first else self.model_.dtype, loss_scale)
        if changed:
            network = Network(*hidden_layers(self), last, loss=loss, l2=float(self.alpha), penalty_per_row=True)
            if first:
                self._begin(network, X, Y, random_state)
            else:
                self._go_on(network)
        elif self._prediction.model is not self.model_:
            self._stepper = None
            self._is_now(self.model_)
        self._parameters = parameters
        self.model_.state.be_calibrated(None)  # it was of the numbers before
        data = Data(X, Y, weight)
        if self.solver == "lbfgs":
            return self._by_lbfgs(data, held, loss_scale)
        return self._by_descent(data, held, random_state, loss_scale, incremental=incremental)

    def _begin(self, network: Network, X: Any, Y: np.ndarray, random_state: np.random.RandomState) -> None:
        """A new model, with starting weights, and nothing learnt."""
        memory = Memory.of(network, X.shape[1], X.dtype)
        draw_start(network, memory, X.shape[1], random_state, self.activation)
        # dropout has a generator of its own: nothing more is drawn from random_state than scikit-learn draws
        seed = copy.deepcopy(random_state).randint(2**32, size=4, dtype=np.uint32)
        contract = self._contract(X.shape[1], Y.shape[1])
        model = Model(State(network, contract, memory, np.random.default_rng(seed)))
        for attribute, arrays in self.__dict__.pop("_start", {}).items():
            Arrays.of(model, attribute).set(arrays)
        self.n_outputs_ = Y.shape[1]
        self.n_layers_ = sum(isinstance(layer, Dense) for layer in network.layers) + 1
        self._optimizer = None
        self._stepper = None
        self._fitted_at_once = False
        for name in CURVES:
            self.__dict__.pop(f"{name}_", None)
        self._fitted = Fitted()
        self._show()
        self._is_now(model)

    def _go_on(self, network: Network) -> None:
        """The model that there is, with today's parameters."""
        model, n = self.model_, self.model_.n_inputs
        if any(
            network.layout(n, learnt=learnt) != known
            for learnt, known in ((True, model.memory.layout), (False, model.memory.state_layout))
        ):
            raise ValueError(
                "the hidden layers are others than in the previous call to fit, so training cannot go on; set "
                "warm_start=False, or clone the estimator"
            )
        self._stepper = None
        self._is_now(Model(replace(model.state, network=network, contract=self._contract(n, self.n_outputs_))))

    def _is_now(self, model: Model) -> None:
        """The estimator's model."""
        output = output_name(model.network)
        self.model_ = model
        self.out_activation_ = OUT_ACTIVATIONS.get(output, output)
        self._prediction = Prediction(model, hasattr(self, "feature_names_in_"), self.deterministic)

    def _by_lbfgs(self, data: Data, held: HeldOut | None, loss_scale: float) -> Callable[[], None]:
        """Train on all rows at once."""
        given = {"X_val": held, "clip_norm": self.clip_norm, "clip_value": self.clip_value}
        for name, value in given.items():
            if value is not None:
                raise ValueError(f"{name} is of no use to solver='lbfgs': leave it out, or use another solver")
        model, fitted = self.model_, self._fitted
        if any(isinstance(layer, (BatchNorm, Dropout)) for layer in model.network.layers):
            raise ValueError("lbfgs needs the same loss for the same weights: no dropout and no batch normalization")
        objective = Objective.of(model, data.rows(np.dtype(np.float64)), self)
        model.engine = objective.stepper.choice
        self._is_now(model)
        kept = kept_fit(self.get_params(deep=False), objective.rows, model, fitted)
        return partial(minimize, objective, model, self, fitted, loss_scale=loss_scale, tell=self._tell, kept=kept)

    def _by_descent(
        self,
        data: Data,
        held: HeldOut | None,
        random_state: np.random.RandomState,
        loss_scale: float,
        *,
        incremental: bool,
    ) -> Callable[[], None]:
        """Train epoch after epoch, batch after batch."""
        if self._fitted.loss_curve is None:
            self._fitted = self._fitted.with_curves(self.early_stopping)
        self._fitted_at_once = self._fitted_at_once or not incremental
        if self.early_stopping and held is None:
            if incremental and self._fitted_at_once:
                raise ValueError(
                    "partial_fit does not support early_stopping=True after fit, which held other rows out: give it "
                    "rows to measure, partial_fit(X, y, X_val=..., y_val=...), or set early_stopping=False"
                )
            stratify = is_classifier(self) and self.n_outputs_ == 1
            data, held_data = data.split(self.validation_fraction, stratify, random_state)
            held = HeldOut(held_data.rows(self.model_.dtype, VALIDATION), self._score_outputs, loss_scale)
        model, optimizer = self.model_, make_optimizer(self)
        rows = data.rows(model.dtype)
        initial, policy, power = float(self.learning_rate_init), policy_of(self), float(self.power_t)
        if self._optimizer is not None and incremental:
            self._optimizer = self._optimizer.following(initial, policy, power)
        else:
            self._optimizer = LearningRate(learning_rate=initial, initial=initial, policy=policy, power=power)
        if not incremental or not model.memory.goes_on(optimizer, model.optimizer):
            self._stepper, model.memory.slots, model.memory.t = None, {}, 0
        shuffler = CumulativeShuffler(random_state, len(rows))
        walk = Walk.over(len(rows), batch_size_of(self.batch_size, len(rows)), bool(self.shuffle))
        stepper = self._stepper
        known = stepper is not None and stepper.memory is model.memory and stepper.rng is model.rng
        make = partial(
            Stepper,
            model.network,
            model.n_inputs,
            model.memory,
            model.rng,
            optimizer=optimizer,
            rows=rows,
            walk=walk,
            place=Place(self._optimizer.epochs),
            todo=self.max_iter,
            deterministic=self.deterministic,
            times=FITS,
            shuffler=shuffler,
            reported=Report(loss_scale, penalties=True, by_rows=True),
        )
        kept = None
        if stepper is None or not known or not stepper.turn_to(rows, walk, shuffler):
            check_fit(model.state, optimizer, rows=walk.batch_size, is_watched=bool(self.early_stopping))
            stepper = make(engine=engine_for(rows, self.engine))
            if not incremental:  # whose epochs are the caller's
                kept = kept_fit(
                    self.get_params(deep=False),
                    rows,
                    model,
                    self._fitted,
                    held=held.rows if held else None,
                    random=shuffler.fingerprint,
                    rate=self._optimizer,
                    stepper=stepper,
                )
            if kept and kept.engine != stepper.choice.engine:  # the bits of one are not always those of the other
                stepper = kept.stepper = make(engine=kept.engine)
            self._stepper = stepper
            model.engine, model.weighted = stepper.choice, rows.w is not None
            self._is_now(model)
        descent = Descent(
            parameters=self,
            fitted=self._fitted,
            model=model,
            stepper=stepper,
            rate=self._optimizer,
            held=held,
            tell=self._tell,
            kept=kept,
        )
        return partial(self._descend, descent, incremental)

    def _descend(self, descent: Descent, incremental: bool) -> None:
        try:
            descent.run(1 if incremental else self.max_iter)
        finally:
            if self.early_stopping and (self._fitted.stopped or not incremental):
                descent.put_best_back()
            if not incremental:
                self._stepper = None  # and with it the rows
        if diverged := grown(self.model_.history):
            warnings.warn(diverged, RuntimeWarning, stacklevel=2)
        if self.model_.history.stopped == "epochs" and not incremental:
            warnings.warn(
                f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached and the optimization hasn't "
                "converged yet.",
                ConvergenceWarning,
                stacklevel=2,
            )

    def _show(self) -> None:
        """What is written down of the training, as the estimator's attributes."""
        self.__dict__.update(self._fitted.shown())

    def _tell(self, event: Epoch) -> bool:
        """Show what there is, and call the callbacks; whether one of them asks to stop."""
        self._show()
        given = self.callbacks
        functions = [] if given is None else [given] if callable(given) else given
        answers = [function(event, self.model_) for function in functions]
        return any(map(asks_to_stop, answers))

    def _held(
        self, held_out: tuple[Any, Any, Any], n_outputs: int, dtype: np.dtype[Any], loss_scale: float
    ) -> HeldOut | None:
        """The validation rows that were given."""
        X, y, sample_weight = held_out
        if X is None and y is None and sample_weight is None:
            return None
        if X is None or y is None:
            raise ValueError("X_val and y_val must be given together")
        try:
            X, Y = self._validated(X, y, False, "known")
            if sample_weight is not None:
                sample_weight = check_sample_weight(sample_weight, X, ensure_non_negative=True)
        except ValueError as error:
            raise ValueError(f"X_val, y_val: {error}") from error
        if Y.shape[1] != n_outputs:
            raise ValueError(f"y_val has {Y.shape[1]} outputs, but y has {n_outputs}")
        data = Data(X, Y, self._weights(Y, sample_weight, "validation"))
        return HeldOut(data.rows(dtype, VALIDATION), self._score_outputs, loss_scale)

    # predicting

    def _outputs(self, X: Any) -> np.ndarray:
        """The model's predictions, (n, outputs), or (n, 2) where one output tells two classes apart."""
        prediction = self.__dict__.get("_prediction")
        if (  # what `validate_data` would find nothing wrong with, in a hundredth of the time
            prediction is not None
            and X.__class__ is np.ndarray
            and X.dtype == prediction.dtype
            and X.ndim == 2
            and X.shape[1] == prediction.columns
            and X.flags.c_contiguous
            and len(X)
        ):
            found: np.ndarray | None = prediction.outputs_of_finite(X)
            if found is not None:
                return found
        return np.concatenate([self._prediction.outputs(x) for x in self._pieces(X)])

    def _pieces(self, X: Any) -> Iterator[np.ndarray]:
        """Rows, checked, in the model's dtype; sparse ones are made dense piece by piece."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=FORMS, dtype=DTYPES, reset=False)
        X = X.tocsr() if is_sparse(X) else X
        for low in range(0, X.shape[0], PIECE) if is_sparse(X) else (0,):
            x = X[low : low + PIECE].toarray() if is_sparse(X) else X
            yield in_dtype(x, self.model_.dtype, "X")

    def layer_values(self, X: Any) -> dict[str, np.ndarray]:
        """What every layer gives for each row.

        Parameters
        ----------
        X
            (n, features), as for `fit`.

        Returns
        -------
        dict
            The values by the names they have in `model_.derivation(prediction=True)`: scores z1, activations a1, …,
            (n, units), and last the predictions p, (n, outputs).
        """
        pieces = [self._alike(self.model_.layer_values, x) for x in self._pieces(X)]
        return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}

    def _alike(self, function: Callable[[np.ndarray], T], x: np.ndarray) -> T:
        """A function of rows, its products done on one thread if the same bits are asked for on any machine."""
        with self._prediction.threads(len(x)):
            return function(x)

    # its numbers

    @property
    def history_(self) -> History:
        """Losses, scores and learning rates by epoch: a table, `history_.to_frame()`, `history_.plot()`."""
        if "model_" not in self.__dict__:
            raise AttributeError(UNFITTED.format(type(self).__name__, "history_"))
        return self.model_.history

    @property
    def coefs_(self) -> list[np.ndarray]:
        """The weights of each layer, (inputs, units). They may be written to, and be set."""
        return self._arrays("coefs_")

    @coefs_.setter
    def coefs_(self, arrays: Sequence[Any]) -> None:
        self._set_arrays("coefs_", arrays)

    @property
    def intercepts_(self) -> list[np.ndarray]:
        """The biases of each layer, (units,). They may be written to, and be set."""
        return self._arrays("intercepts_")

    @intercepts_.setter
    def intercepts_(self, arrays: Sequence[Any]) -> None:
        self._set_arrays("intercepts_", arrays)

    def _arrays(self, attribute: str) -> list[np.ndarray]:
        """The arrays of all layers; before the first fit, those it is to start from."""
        if "model_" in self.__dict__:
            return Arrays.of(self.model_, attribute)
        known: dict[str, list[np.ndarray]] = self.__dict__.get("_start", {})
        if attribute not in known:
            raise AttributeError(UNFITTED.format(type(self).__name__, attribute))
        return known[attribute]

    def _set_arrays(self, attribute: str, arrays: Sequence[Any]) -> None:
        if "model_" in self.__dict__:
            Arrays.of(self.model_, attribute).set(arrays)
        else:
            self.__dict__.setdefault("_start", {})[attribute] = list(arrays)

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {**state, "_stepper": None} if "_stepper" in state else state


def same(some: list[Any], others: list[Any]) -> bool:
    """Whether two lists hold the very same objects, or equal lists and dicts."""
    return len(some) == len(others) and all(
        one is other or (isinstance(one, (list, dict)) and one == other)
        for one, other in zip(some, others, strict=True)
    )
