"""A network's state: its numbers, and all that is known about its data and its training.

It predicts and lets itself be trained. What else a person asks of a model (`glassnet.model.model`) are functions of it:
`answering`, `evaluating` and `freezing` beside this file, and all readings.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.calibration.calibration import Calibration
from glassnet.data.arrays import ArrayContract
from glassnet.derivation.derive import derive, derive_prediction
from glassnet.derivation.steps import Derivation
from glassnet.engines.forward import Forward
from glassnet.engines.memory import Memory
from glassnet.errors import DataError
from glassnet.parts.naming import find
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.training.card import Card
from glassnet.training.choice import Choice
from glassnet.training.contract import (
    as_contract,
    as_network,
    classes_of,
    in_dtype,
    output_name,
    with_scores,
    with_temperature,
)
from glassnet.training.generator import copy_of
from glassnet.training.history import History
from glassnet.training.many_rows import FEW, is_there, rows_worth_it
from glassnet.training.place import Place
from glassnet.training.settings import Settings
from glassnet.training.start import Start
from glassnet.training.stopping import Best

if TYPE_CHECKING:
    from glassnet.data.tables import DataContract, Table
    from glassnet.engines.compiled_forward import CompiledForward

# What never changes in itself, so that a copy may share it
SHARED = (
    *("network", "contract", "optimizer", "split_seed", "weighted", "engine"),
    *("split_by", "settings", "until", "seed", "start", "data", "recipe", "validation_history", "members", "card"),
)

# What is made anew when it is asked for
REMADE = ("forward", "scoring", "many", "outputs_of_many")


@dataclass(eq=False, repr=False)
class State:
    """A network with numbers: predict with it, read it, change it, train it on.

    Attributes
    ----------
    network, contract, memory, rng, history, optimizer, split_seed, weighted, engine
        As a `Model` has them.
    split_by
        What kept rows together, or in order, when a share of them was held out: {"group": "patient", "after": "day"},
        or True in the place of a column's name where values were given.
    place
        How far training is: epochs done, and the place in the one in progress.
    settings
        What `train` was told last.
    until
        The number of epochs at which the training ends that it is in the middle of; 0: it is in the middle of none.
    best
        For early stopping: the best weights so far, and how long ago that was.
    seed
        The number that starting weights were drawn from, if it was a number.
    start
        Where its first training began.
    data
        Which rows it was trained on last: their fingerprint.
    recipe
        The title of the recipe that it was made by; empty: by none.
    validation_history
        Of what was trained once more on all rows, the history of the training before, with rows held out.
    members
        Of an ensemble its members, whose numbers this has as well, in one network; of others none.
    card
        What it was chosen from, and how good that was; None: it was not chosen by comparing.
    calibration
        How far its predictions can be trusted; None: not learnt, or not since it was trained on.
    """

    network: Network
    contract: ArrayContract | DataContract
    memory: Memory
    rng: np.random.Generator
    _: KW_ONLY
    history: History = field(default_factory=History)
    place: Place = field(default_factory=Place)
    optimizer: Optimizer | None = None
    split_seed: int | None = None
    split_by: Mapping[str, str | bool] = field(default_factory=dict)
    weighted: bool = False
    engine: Choice | None = None
    settings: Settings | None = None
    until: int = 0
    best: Best | None = None
    seed: int | None = None
    start: Start | None = None
    data: str = ""
    recipe: str = ""
    validation_history: History | None = None
    members: tuple[State, ...] = ()
    card: Card | None = None
    calibration: Calibration | None = None

    # by value

    def copy(self) -> State:
        """The state by value, which goes on as this one does: what changes is copied, what never does is shared."""
        return replace(
            self,
            memory=self.memory.copy(),
            rng=copy_of(self.rng),
            history=self.history.copy(),
            place=self.place.copy(),
            best=copy.copy(self.best),
        )

    def put_back(self, kept: State) -> None:
        """Become what was copied, in place: what is bound to its arrays stays so."""
        self.memory.put_back(kept.memory)
        self.rng.bit_generator.state = kept.rng.bit_generator.state
        self.history.put_back(kept.history)
        self.place.put_back(kept.place)
        self.best = copy.copy(kept.best)
        for name in SHARED:
            setattr(self, name, getattr(kept, name))
        self.be_calibrated(kept.calibration)

    def be_calibrated(self, calibration: Calibration | None) -> None:
        """Predict by a calibration from here on; None: by the network alone. ValueError for one of other outputs."""
        if calibration is not None:
            is_of_classes, count = calibration.temperature is not None, len(calibration.names)
            if is_of_classes is not (self.classes is not None) or count != self.contract.n_outputs:
                known = f"{count} {'classes' if is_of_classes else 'numbers'}"
                raise ValueError(f"a calibration must be of what the model predicts, got one of {known}")
        if calibration is not self.calibration:
            self.calibration = calibration
            for name in REMADE:
                self.__dict__.pop(name, None)

    # what it knows

    @property
    def epochs(self) -> int:
        """Epochs done."""
        return self.place.epochs

    @epochs.setter
    def epochs(self, epochs: int) -> None:
        self.place.epochs = epochs

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
        return Forward(self.predicting, self.n_inputs, self.memory)

    @property
    def predicting(self) -> Network:
        """The network that predicts: the one that is trained, and the temperature of its probabilities, if any."""
        temperature = self.calibration.T if self.calibration else 1.0
        return self.network if temperature == 1.0 else with_temperature(self.network, temperature)

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

    def table(self, X: Any, y: Any = None) -> Table:
        """X as a table: one, or rows by name; the model was trained on a table.

        Of a model that a recipe made of arrays, whose columns are called x1, x2, …, X may be an array, with targets y.
        """
        from glassnet.data.tables import as_table
        from glassnet.data.tables.from_arrays import columns_of_arrays, is_of_arrays, is_rows
        from glassnet.data.tables.rows_by_name import columns_of

        X = columns_of(X)
        if is_rows(X) and not isinstance(self.contract, ArrayContract):
            if is_of_arrays(self.contract.feature_names):
                return as_table(columns_of_arrays(X, y))
            raise DataError(
                "this model was trained on a table and takes columns by name: give a CSV path, a data frame or a "
                f"dict with {', '.join(self.contract.feature_names)}; for rows a list of such dicts"
            )
        return as_table(X) if isinstance(self.contract, ArrayContract) else as_table(X, notation=self.contract.notation)

    def outputs(self, x: np.ndarray) -> np.ndarray:
        """The network's predictions for encoded rows, (n, outputs), as the contract has them.

        They are NumPy's, whatever was compiled before: what readings and the shell show.
        """
        return as_contract(self.forward.predict(x), self.contract)

    def compiled_forward(self) -> CompiledForward:
        """What `outputs` does, as machine code.

        Raises
        ------
        ImportError, NotImplementedError
            There is no Numba, or the network cannot be compiled.
        """
        from glassnet.engines.compiled_forward import CompiledForward

        return CompiledForward(self.predicting, self.n_inputs, self.memory, self._both)

    @property
    def _both(self) -> bool:
        """Whether the network's one output is the probability of the second of two classes."""
        return self.contract.n_outputs == 2 and self.forward.n_outputs == 1

    @cached_property
    def many(self) -> int:
        """So many rows are predicted by `outputs_of_many`."""
        return rows_worth_it(self.derivation(prediction=True))

    @cached_property
    def outputs_of_many(self) -> Callable[[np.ndarray], np.ndarray]:
        """As `outputs`, by an engine that is chosen once: then the same call gives the same bits.

        It is compiled code if that is there; but NumPy where training was to be done by it, or to give the same bits
        whatever was compiled before.
        """
        settings = self.settings
        if settings is None or not (settings.deterministic or settings.engine == "numpy"):
            with suppress(ImportError, NotImplementedError):
                if is_there(self.derivation(prediction=True), self._both):
                    return self.compiled_forward().predict
        return self.outputs

    def answers(self, x: np.ndarray) -> np.ndarray:
        """As `outputs`, as soon as they can be had."""
        few = len(x) <= FEW or len(x) < self.many
        return self.outputs(x) if few else self.outputs_of_many(x)

    @cached_property
    def scoring(self) -> Forward:
        """The scores that predictions are made of, ready to be called on encoded rows."""
        return Forward(with_scores(self.network), self.n_inputs, self.memory)

    @property
    def is_distribution(self) -> bool:
        """Whether it predicts classes by probabilities whose sum is 1."""
        output = output_name(self.network)
        adds_up = output == "softmax" or (output == "sigmoid" and self.forward.n_outputs == 1)
        return self.classes is not None and adds_up

    def targets(self, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """The targets as the network takes them, and as people see them."""
        contract = self.contract
        encoded = contract.encode_target(y if isinstance(contract, ArrayContract) else self.table(X, y))
        truth = np.asarray(contract.as_given(encoded))
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

    # reading it

    def derivation(self, *, prediction: bool = False, optimizer: Optimizer | None = None) -> Derivation:
        """The network's own mathematics: one training step, or with `prediction` the way to a prediction."""
        if prediction:
            return derive_prediction(self.predicting, self.n_inputs, dtype=self.dtype)
        return self.derivation_of_step(optimizer or self.optimizer, self.weighted)

    def derivation_of_step(self, optimizer: Optimizer | None, weighted: bool) -> Derivation:
        """One training step; schedules that leave open how many epochs they go over end with the training.

        That is the training in progress, or one of as many epochs as `train` does where nobody says.
        """
        epochs = self.until or self.epochs + Settings.epochs
        return derive(
            self.network.over(epochs),
            self.n_inputs,
            optimizer and optimizer.over(epochs),
            dtype=self.dtype,
            weighted=weighted,
            frozen=not self.memory.trainable.all(),
        )

    def __str__(self) -> str:
        done = f"{self.epochs} epochs" if self.epochs else "untrained"
        loss = f", loss {self.history['loss'][-1]:.4g}" if len(self.history) else ""
        return f"{self.network!r}, {self.n_parameters} parameters, {done}{loss}"

    def __repr__(self) -> str:
        return f"State({self})"

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in REMADE}
