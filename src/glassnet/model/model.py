"""A model: a network, its numbers, and what it knows about its data.

>>> import glassnet as gn
>>> network = gn.Network(gn.Dense(2, "tanh"), gn.Dense(1), loss="squared")
>>> model = gn.initialize(network, [[0.0, 1.0]], [[1.0]], seed=0)
>>> model["b1"] = [0.5, -0.5]
>>> model.predict([[0.0, 0.0]]).shape
(1, 1)
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.data.arrays import ArrayContract, check_weight
from glassnet.derivation.derive import derive, derive_prediction
from glassnet.derivation.walk import values_of
from glassnet.derivation.written import WrittenDerivation
from glassnet.engines.forward import Forward
from glassnet.engines.memory import Memory
from glassnet.engines.numpy import training_source
from glassnet.errors import DataError
from glassnet.model.summary import summary
from glassnet.parts.layers import Dense
from glassnet.parts.naming import find, layer_of
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.training.choice import Choice
from glassnet.training.history import History
from glassnet.training.metrics import Metric, check_metric, choose

if TYPE_CHECKING:
    from glassnet.data.tables import DataContract, Table
    from glassnet.model.predictor import Predictor
    from glassnet.readings.eject import Ejected
    from glassnet.readings.explain import Explanation
    from glassnet.readings.explain.picture import Picture


@dataclass(eq=False, repr=False)
class Model:
    """A network with numbers: predict with it, read it, change it, train it on.

    Attributes
    ----------
    network
        The layers and the loss.
    contract
        What was learnt about the data: names, scaling, categories, classes.
    memory
        The numbers: weights, running means, the optimizer's slots.
    rng
        Where shuffling and dropout get their random numbers.
    history
        Losses and metrics by epoch.
    optimizer
        The one it was trained with last.
    epochs
        Epochs done.
    split_seed
        Draws the rows that `validation=0.2` holds out, the same ones each time; None before the first time.
    weighted
        Whether rows had weights when it was trained last.
    engine
        Which engine trained it last in this session, and why.
    """

    network: Network
    contract: ArrayContract | DataContract
    memory: Memory
    rng: np.random.Generator
    history: History = field(default_factory=History)
    optimizer: Optimizer | None = None
    epochs: int = 0
    split_seed: int | None = None
    weighted: bool = False
    engine: Choice | None = None

    # what it knows

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64: of all weights and predictions."""
        return self.memory.theta.dtype

    @property
    def n_inputs(self) -> int:
        """Columns of the encoded inputs."""
        return self.contract.n_inputs

    @property
    def classes(self) -> tuple[Any, ...] | None:
        """The labels in the order of the probabilities; None where the target is a number."""
        return classes_of(self.contract)

    @property
    def n_parameters(self) -> int:
        """How many numbers are learnt."""
        return self.memory.layout.size

    # predicting

    @cached_property
    def forward(self) -> Forward:
        """The prediction, ready to be called on encoded rows."""
        return Forward(self.network, self.n_inputs, self.memory)

    def encode(self, X: Any) -> np.ndarray:
        """Rows as the network takes them, (n, n_inputs): checked, and for tables scaled and filled."""
        if not isinstance(self.contract, ArrayContract):
            X = self.table(X)
            for remark in self.contract.remarks(X):
                warnings.warn(remark, stacklevel=3)
        elif X.__class__ is np.ndarray and X.dtype == self.dtype and X.ndim == 2 and X.shape[1] == self.n_inputs:
            finite = np.count_nonzero(np.isfinite(X)) == X.size  # half the time of `.all()`: one row shows it
            return X if X.flags.c_contiguous and len(X) and finite else self.checked(X)
        return self.checked(X)

    def checked(self, X: Any) -> np.ndarray:
        """Encoded rows in the model's dtype; DataError where a number does not fit into it."""
        return in_dtype(self.contract.encode(X), self.dtype, "X")

    def table(self, X: Any) -> Table:
        """X as a table; the model was trained on one."""
        from glassnet.data.tables import as_table

        if isinstance(X, (list, tuple, np.ndarray)) and not isinstance(self.contract, ArrayContract):
            raise DataError(
                "this model was trained on a table and takes columns by name: give a CSV path, a data frame or a "
                f"dict with {', '.join(self.contract.feature_names)}"
            )
        return as_table(X)

    def outputs(self, x: np.ndarray) -> np.ndarray:
        """The network's predictions for encoded rows, (n, outputs), as the contract has them."""
        return as_contract(self.forward.predict(x), self.contract)

    def predict(self, X: Any) -> np.ndarray:
        """The prediction for each row: a label (n,), or numbers of y's shape and in y's units.

        Parameters
        ----------
        X
            An array (n, n_inputs), or, for a model of a table, a CSV path, data frame or dict with its columns.

        Raises
        ------
        DataError
            What does not fit; the message says where.
        """
        return np.asarray(self.contract.decode(self.outputs(self.encode(X))))

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class, (n, classes), in the order of `model.classes`."""
        if self.classes is None:
            raise ValueError("this model predicts numbers, not classes: there are no probabilities; use predict")
        if output_name(self.network) not in ("softmax", "sigmoid"):
            raise ValueError(
                f"the outputs of this network ({output_name(self.network)}) are no probabilities: end it with softmax "
                "or sigmoid, or leave its loss out"
            )
        return self.outputs(self.encode(X))

    @cached_property
    def scoring(self) -> Forward:
        """The scores that predictions are made of, ready to be called on encoded rows."""
        return Forward(with_scores(self.network), self.n_inputs, self.memory)

    def scores(self, X: Any) -> np.ndarray:
        """What the last layer gives before any sigmoid, softmax or exponential, (n, outputs of the network)."""
        return self.scoring.predict(self.encode(X))

    def layer_values(self, X: Any) -> dict[str, np.ndarray]:
        """Every value on the way to a prediction, by its name in `derivation(prediction=True)`; the last is p.

        For n rows, scores `z1` and activations `a1` are (n, units).
        """
        return values_of(self.derivation(prediction=True).record, self.memory.arrays(), self.encode(X))

    def predictor(self, engine: str = "auto") -> Predictor:
        """The model made ready to predict again and again: `p = model.predictor(); p(X)`.

        Parameters
        ----------
        engine
            "compiled" (needs `glassnet[fast]`; the first time it takes seconds), "numpy", or "auto": compiled if it
            can be.
        """
        from glassnet.model.predictor import Predictor

        return Predictor(self, engine)

    def evaluate(self, X: Any, y: Any = None, *, metrics: Any = None, sample_weight: Any = None) -> dict[str, float]:
        """Loss and metrics on rows whose target is known.

        Parameters
        ----------
        X, y
            As for `train`; for a table y is not needed, its target column is.
        metrics
            Names ("accuracy", "mse", "rmse", "mae", "r2") or functions (y, predicted); None: accuracy for
            classes, r2 and rmse for numbers.
        sample_weight
            (n,) weights of the rows in the loss.
        """
        x, encoded, truth = self.encode(X), *self.targets(X, y)
        if len(x) != len(encoded):
            raise DataError(f"X has {len(x)} rows, y has {len(encoded)}; give each row its target")
        w = None if sample_weight is None else check_weight(sample_weight, len(x)).astype(self.dtype)[:, None]
        p, loss = self.forward.evaluate(x, encoded, w)
        seen = np.asarray(self.contract.decode(as_contract(p, self.contract)))
        default = None if self.classes is not None else ("r2", "rmse")
        chosen: dict[str, Metric] = choose(metrics or default, self.classes is not None)
        return {"loss": loss, **{name: check_metric(metric(truth, seen), name) for name, metric in chosen.items()}}

    def targets(self, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """The targets as the network takes them, and as people see them."""
        contract = self.contract
        encoded = contract.encode_target(y if isinstance(contract, ArrayContract) else self.table(X))
        truth = np.asarray(contract.decode(encoded))
        return as_network(encoded, self.forward.n_outputs, self.dtype), truth

    # its numbers

    def __getitem__(self, name: str) -> np.ndarray:
        """An array by name, `model["W1"]`: a view, so writing into it changes the model."""
        arrays = {**self.memory.layout.views(self.memory.theta), **self.memory.state_layout.views(self.memory.state)}
        return arrays[find(name, arrays, "parameter")]

    def __setitem__(self, name: str, values: Any) -> None:
        memory = self.memory
        if name in memory.state_layout.shapes:
            memory.state_layout.write(memory.state, name, values)
        else:
            memory.layout.write(memory.theta, name, values)

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """All learnt arrays by name; views."""
        return self.memory.layout.views(self.memory.theta)

    def freeze(self, name: str | int, mask: Any = None) -> None:
        """Keep an array, a layer's learnt arrays, or single weights as they are, from the next training on.

        Parameters
        ----------
        name
            An array ("W1") or a layer's number (1).
        mask
            For an array: true where it is frozen; None: everywhere.
        """
        self._set_trainable(name, mask, 0.0)

    def unfreeze(self, name: str | int | None = None, mask: Any = None) -> None:
        """Let training change an array, a layer, single weights, or (without a name) everything again."""
        if name is None:
            self.memory.trainable[:] = 1.0
        else:
            self._set_trainable(name, mask, 1.0)

    def _set_trainable(self, name: str | int, mask: Any, value: float) -> None:
        layout, trainable = self.memory.layout, self.memory.layout.views(self.memory.trainable)
        if not isinstance(name, int):
            name = find(name, layout.shapes, "parameter")
            chosen = np.ones(layout.shapes[name], bool) if mask is None else np.asarray(mask, bool)
            if chosen.shape != layout.shapes[name]:
                raise ValueError(f"mask for {name} must have shape {layout.shapes[name]}, got {chosen.shape}")
            trainable[name][chosen] = value
            return
        if not 1 <= name <= len(self.network.layers):
            raise ValueError(f"layer must be 1 to {len(self.network.layers)}, got {name}")
        if mask is not None:
            raise ValueError(f"a mask is for one array; give its name, like 'W{name}', rather than {name}")
        for item, view in trainable.items():
            if layer_of(item) == name:
                view[:] = value

    # reading it

    def derivation(self, *, prediction: bool = False, optimizer: Optimizer | None = None) -> WrittenDerivation:
        """The network's own mathematics: one training step, or with `prediction` the way to a prediction."""
        if prediction:
            return WrittenDerivation(derive_prediction(self.network, self.n_inputs, dtype=self.dtype))
        derived = derive(
            self.network,
            self.n_inputs,
            optimizer or self.optimizer,
            dtype=self.dtype,
            weighted=self.weighted,
            frozen=not self.memory.trainable.all(),
        )
        return WrittenDerivation(derived)

    def source(self, engine: str = "numpy") -> str:
        """The code that an engine ("numpy" or "compiled") runs to train; for a model never trained, to predict."""
        find(engine, ("numpy", "compiled"), "engine")
        if engine == "compiled":
            from glassnet.engines.prediction_code import prediction_code
            from glassnet.engines.training_code import training_code

            if self.optimizer is None:
                return prediction_code(self.derivation(prediction=True).record).text
            batches, rows = (self.engine.batches, self.engine.rows) if self.engine else ("shuffled", 0)
            return training_code(self.derivation().record, batches, rows).text
        return training_source(self.derivation().record).text if self.optimizer else self.forward.source("predict").text

    def eject(self, language: str, training: bool = False, **options: Any) -> Ejected:
        """The model as a stand-alone program: "numpy", "r", "javascript", "c", "xlsx" or "onnx".

        With `training` the program also trains, on rows given as `X` and `y`; see `glassnet.readings.eject.eject` for
        this and other options.
        """
        from glassnet.readings.eject import eject

        return eject(self, language, training=training, **options)

    def picture(self, X: Any = None) -> Picture:
        """The network drawn with its weights, as SVG; with X, one row, also every unit's value for that row."""
        from glassnet.readings.explain.picture import picture

        return picture(self, X)

    def explain(
        self,
        X: Any,
        y: Any = None,
        *,
        optimizer: str | Optimizer | None = None,
        sample_weight: Any = None,
        finite_differences: bool = False,
        digits: int = 4,
    ) -> Explanation:
        """Every number of one forward pass and, with targets, of the backward pass and the update.

        The numbers are those of the next step of training on these rows: with what the optimizer remembers, and the
        random numbers that dropout would draw. Nothing is changed.

        Parameters
        ----------
        X
            One row (a vector of numbers, or for a table a dict of cells), or rows as `predict` takes them.
        y
            The targets of an array's rows; without them it is the way to the prediction alone. A table has them in its
            target column, or has none.
        optimizer
            The update rule; None: the one the model was trained with last.
        sample_weight
            (n,) weights of the rows in the loss.
        finite_differences
            Whether gradients are measured too: the loss's central difference beside each that is shown.
        digits
            Significant digits, 2 to 17.

        Raises
        ------
        DataError, ValueError
            What does not fit; the message says where.
        """
        from glassnet.readings.explain import explain

        return explain(
            self,
            X,
            y,
            optimizer=optimizer,
            sample_weight=sample_weight,
            finite_differences=finite_differences,
            digits=digits,
        )

    def summary(self) -> str:
        """Layers, sizes, loss, data and results, as a table for the terminal."""
        return summary(self)

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = True) -> None:
        """Write the model to a file, conventionally `*.glass`; `gn.load` reads it back.

        Raises
        ------
        OSError
            The file cannot be written; what was there is untouched.
        ValueError
            The network has a layer of one's own with fields that a file cannot hold.
        """
        from glassnet.model.saving import save

        save(self, path, overwrite=overwrite)

    def __repr__(self) -> str:
        done = f"{self.epochs} epochs" if self.epochs else "untrained"
        loss = f", loss {self.history['loss'][-1]:.4g}" if len(self.history) else ""
        return f"Model({self.network!r}, {self.n_parameters} parameters, {done}{loss})"

    def _repr_html_(self) -> str:
        return self.derivation().html()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("forward", "scoring")}


def output_name(network: Network) -> str:
    """The activation that gives the predictions: the last layer's, or the one that the loss has inside."""
    last = network.layers[-1]
    inside = network.loss.output if network.loss else "identity"
    if inside != "identity" or not isinstance(last, Dense):
        return inside
    return str(last.activation.name)


def with_scores(network: Network) -> Network:
    """The network that gives scores where this one gives predictions."""
    last = network.layers[-1]
    if network.loss is None or (network.loss.output == "identity" and isinstance(last, Dense)):
        last = replace(last, activation="identity") if isinstance(last, Dense) else last
    loss = None if network.loss is None else replace(network.loss, output="identity")
    return network.with_layers(*network.layers[:-1], last, loss=loss)


def classes_of(contract: ArrayContract | DataContract) -> tuple[Any, ...] | None:
    """The labels that a contract knows; None for numbers."""
    if isinstance(contract, ArrayContract):
        return contract.classes
    classes: tuple[Any, ...] | None = getattr(contract.target, "classes", None)
    return classes


def as_network(encoded: np.ndarray, n_outputs: int, dtype: np.dtype[Any]) -> np.ndarray:
    """Targets in the network's dtype; two classes in one column, where the network has one output."""
    columns = encoded[:, 1:] if n_outputs == 1 and encoded.shape[1] == 2 else encoded
    return in_dtype(columns, dtype, "y")


def in_dtype(array: np.ndarray, dtype: np.dtype[Any], name: str) -> np.ndarray:
    """A contiguous array of the dtype; DataError where a number does not fit into it."""
    with np.errstate(over="ignore"):
        converted = np.ascontiguousarray(array, dtype=dtype)
    if converted.dtype != array.dtype and not np.isfinite(converted).all():
        raise DataError(f"{name} holds numbers too large for {dtype}; scale them, or train in float64")
    return converted


ONE = np.array(1.0, np.float32)  # with an array NumPy is faster than with a number; float64 stays float64


def as_contract(p: np.ndarray, contract: ArrayContract | DataContract) -> np.ndarray:
    """The other way: one probability as those of two classes."""
    return np.concatenate((ONE - p, p), axis=1) if p.shape[1] == 1 and contract.n_outputs == 2 else p
