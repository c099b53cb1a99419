"""A model: a network, its numbers, and what it knows about its data.

>>> import glassnet as gn
>>> network = gn.Network(gn.Dense(2, "tanh"), gn.Dense(1), loss="squared")
>>> model = gn.initialize(network, [[0.0, 1.0]], [[1.0]], seed=0)
>>> model["b1"] = [0.5, -0.5]
>>> model.predict([[0.0, 0.0]]).shape
(1, 1)

All of that is its state (`glassnet.training.state`), which trains and predicts. Here is the face over it: what a person
asks of it are readings, each imported when it is asked for, so that `import glassnet` is quick.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

import numpy as np

from glassnet.calibration.calibration import Calibration
from glassnet.calibration.predicted import Predicted
from glassnet.data.arrays import ArrayContract
from glassnet.data.files.path import path_of
from glassnet.derivation.written import WrittenDerivation
from glassnet.engines.forward import Forward
from glassnet.engines.memory import Memory
from glassnet.engines.numpy import training_source
from glassnet.model.held import Asked, Held
from glassnet.model.summary import summary
from glassnet.parts.naming import check_choice, find
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.optimizers import optimizer as made
from glassnet.training import answering, evaluating, freezing
from glassnet.training.card import Card
from glassnet.training.choice import Choice
from glassnet.training.history import History
from glassnet.training.part_by_part import outputs_of_stream, stream_for
from glassnet.training.state import State

if TYPE_CHECKING:
    from glassnet.data.tables import DataContract
    from glassnet.doctor.diagnosis import Diagnosis
    from glassnet.model.predictor import Predictor
    from glassnet.parts.literals import EngineName, LanguageName, OptimizerName
    from glassnet.readings.eject import Ejected
    from glassnet.readings.eject.training_plan import CourseOptions
    from glassnet.readings.explain import Explanation
    from glassnet.readings.explain.picture import Picture
    from glassnet.readings.importance import Importance
    from glassnet.training.making import Seed


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
    validation_history
        Of what was trained once more on all rows, the history of the training before, in which rows were held out to
        know how many epochs are best; None: there was none.
    optimizer
        The one it was trained with last.
    epochs
        Epochs done.
    split_seed
        Draws the rows that `validation=0.2` holds out, the same ones each time; None before the first time.
    split_by
        The columns by which these are drawn, where `group` or `after` were given: {"group": "patient"}. When it goes on
        a model holds out the same rows by them. True in the place of a name: values were given, which are not kept.
    weighted
        Whether rows had weights when it was trained last.
    recipe
        The recipe that it was made by, with what was changed about it: "strong(epochs=64)"; empty: by none.
    card
        What it was chosen from by `compare`, and how good that was; None: it was not.
    engine
        Which engine trained it last in this session, and why.
    calibration
        How far its predictions can be trusted, as `calibrate` found it; None: not learnt, or not since it was trained.
        It may be set: to None, or to one that was learnt from predictions out-of-fold.
    dtype
        float32 or float64: of all weights and predictions.
    n_inputs
        Columns of the encoded inputs.
    classes
        The labels in the order of the probabilities; None where the target is a number.
    n_parameters
        How many numbers are learnt.
    weights
        All learnt arrays by name; views.
    """

    network: Held[Network] = Held()
    contract: Held[ArrayContract | DataContract] = Held()
    memory: Held[Memory] = Held()
    rng: Held[np.random.Generator] = Held()
    history: Held[History] = Held()
    validation_history: Held[History | None] = Held()
    optimizer: Held[Optimizer | None] = Held()
    epochs: Held[int] = Held()
    split_seed: Held[int | None] = Held()
    split_by: Held[Mapping[str, str | bool]] = Held()
    weighted: Held[bool] = Held()
    recipe: Held[str] = Held()
    card: Held[Card | None] = Held()
    engine: Held[Choice | None] = Held()

    dtype: Held[np.dtype[Any]] = Held()
    n_inputs: Held[int] = Held()
    classes: Held[tuple[Any, ...] | None] = Held()
    n_parameters: Held[int] = Held()
    weights: Held[dict[str, np.ndarray]] = Held()
    forward: Held[Forward] = Held()
    scoring: Held[Forward] = Held()

    encode = Asked(State.encode)
    checked = Asked(State.checked)
    table = Asked(State.table)
    outputs = Asked(State.outputs)
    targets = Asked(State.targets)
    predict_proba = Asked(answering.predict_proba)
    scores = Asked(answering.scores)
    unusual = Asked(answering.unusual)
    layer_values = Asked(answering.layer_values)
    predict_parts = Asked(answering.predict_parts)
    evaluate = Asked(evaluating.evaluate)
    freeze = Asked(freezing.freeze)
    unfreeze = Asked(freezing.unfreeze)

    def __init__(self, state: State) -> None:
        self.state = state

    def __getitem__(self, name: str) -> np.ndarray:
        """An array by name, `model["W1"]`: a view, so writing into it changes the model."""
        return self.state[name]

    def __setitem__(self, name: str, values: Any) -> None:
        self.state[name] = values

    @overload
    def predict(self, X: Any, *, interval: None = None) -> np.ndarray: ...

    @overload
    def predict(self, X: Any, *, interval: float) -> Predicted: ...

    def predict(self, X: Any, *, interval: float | None = None) -> np.ndarray | Predicted:
        """The prediction for each row: a label (n,), or numbers of y's shape and in y's units.

        Parameters
        ----------
        X
            An array (n, n_inputs); or, for a model of a table, a CSV path, a data frame or a dict with its columns, or
            rows with their cells by name: a dict, a list of dicts, a row of a data frame (`df.iloc[0]`). A stream
            (`glassnet.stream`), a folder, a pattern of names, a list of paths, a lazy frame, and a file that would take
            more than three fifths of the memory that is free are read part by part: what is kept are the outputs, a
            number a row. `predict_parts` keeps none.
        interval
            For a model that is calibrated (`calibrate`): a share of rows, 0.9. Then each number comes with the ends of
            an interval, each class with a set of classes, that hold the truth so often, or more: a `Predicted`.

        Raises
        ------
        DataError
            What does not fit; the message says where.
        ValueError
            `interval` is no share of rows, there were too few rows to calibrate on for it, or none.
        """
        if interval is not None:
            answering.calibration_for(self.state, interval)
        stream = stream_for(self.state, X)
        outputs = self.state.answers(self.state.encode(X)) if stream is None else outputs_of_stream(self.state, stream)
        return answering.said(self.state, outputs, interval)

    @property
    def calibration(self) -> Calibration | None:
        """How far its predictions can be trusted; None: that was not learnt, or not since it was trained."""
        return self.state.calibration

    @calibration.setter
    def calibration(self, calibration: Calibration | None) -> None:
        self.state.be_calibrated(calibration)

    def calibrate(self, X: Any, y: Any = None) -> Calibration:
        """Learn how far predictions can be trusted, from rows that trained nothing and chose nothing.

        Probabilities get a temperature, where one helps on these rows beyond chance: `predict_proba`, `evaluate` and
        programs have it from here on. `predict(X, interval=0.9)` then knows how far off predictions are. Training on
        forgets it.

        Parameters
        ----------
        X, y
            As for `train`: 10 rows or more, better hundreds; for a table y is not needed, its target column is.

        Returns
        -------
        Calibration
            What was found: `print` it. The model keeps it, too.

        Raises
        ------
        DataError
            There are too few rows, a row has no target, or these are the rows that the model was trained on.
        ValueError
            The network's outputs for classes are no probabilities.
        """
        from glassnet.training.calibrating import learn

        self.calibration = found = learn(self.state, X, y)
        return found

    # reading it

    def derivation(self, *, prediction: bool = False, optimizer: Optimizer | None = None) -> WrittenDerivation:
        """The network's own mathematics: one training step, or with `prediction` the way to a prediction."""
        check_choice("prediction", prediction)
        optimizer = None if optimizer is None else made(optimizer)
        return WrittenDerivation(self.state.derivation(prediction=prediction, optimizer=optimizer))

    def predictor(self, engine: EngineName = "auto") -> Predictor:
        """The model made ready to predict again and again: `p = model.predictor(); p(X)`.

        Parameters
        ----------
        engine
            "compiled" (needs `glassnet[fast]`; the first time it takes seconds), "numpy", or "auto": compiled if it
            can be.
        """
        from glassnet.model.predictor import Predictor

        return Predictor(self.state, engine)

    def source(self, engine: Literal["numpy", "compiled"] = "numpy") -> str:
        """The code that an engine ("numpy" or "compiled") runs to train; for a model never trained, to predict."""
        find(engine, ("numpy", "compiled"), "engine")
        if engine == "compiled":
            from glassnet.engines.prediction_code import prediction_code
            from glassnet.engines.training_code import training_code

            if self.optimizer is None:
                return prediction_code(self.state.derivation(prediction=True)).text
            walk = (self.engine.batches, self.engine.rows, self.engine.batch) if self.engine else ("shuffled", 0, 0)
            return training_code(self.state.derivation(), *walk).text
        return training_source(self.state.derivation()).text if self.optimizer else self.forward.source("predict").text

    def eject(
        self,
        language: LanguageName,
        training: bool = False,
        *,
        dtype: Any = None,
        prefix: str = "",
        interval: float | None = None,
        **course: Unpack[CourseOptions],
    ) -> Ejected:
        """The model as a stand-alone program: "numpy", "r", "javascript", "c", "xlsx" or "onnx".

        With `training` the program also trains, on rows given as `X` and `y`. With `interval=0.9` that of a calibrated
        model says how far its predictions can be trusted. `glassnet.readings.eject.eject` tells of all options.
        """
        from glassnet.readings.eject import eject

        return eject(self.state, language, training=training, dtype=dtype, prefix=prefix, interval=interval, **course)

    def picture(self, X: Any = None) -> Picture:
        """The network drawn with its weights, as SVG; with X, one row, also every unit's value for that row."""
        from glassnet.readings.explain.picture import picture

        return picture(self.state, X)

    def explain(
        self,
        X: Any,
        y: Any = None,
        *,
        optimizer: OptimizerName | Optimizer | None = None,
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
            self.state,
            X,
            y,
            optimizer=optimizer,
            sample_weight=sample_weight,
            finite_differences=finite_differences,
            digits=digits,
        )

    def importance(
        self, X: Any, y: Any = None, *, repeats: int = 5, seed: Seed = 0, max_rows: int | None = None
    ) -> Importance:
        """Which columns the model needs: how much its error grows when a column is shuffled among these rows.

        A column of a table is shuffled as it stands there, words and dates too. Of columns that tell of each other
        each may look needless, as the others stand in for it: those are found, said, and shuffled together as well. On
        rows it was trained on, this is what a model has learnt, also by heart; on others, what helps it.

        Parameters
        ----------
        X, y
            Rows and their targets; for a table y is not given, its target column is; rows without one are left out.
        repeats
            How often each column is shuffled, >= 1.
        seed
            Draws which row is given whose value.
        max_rows
            Of more rows, so many are drawn; None: 10,000, or, of many columns and a large network, as many as take
            well under a minute, 500 at least.

        Returns
        -------
        Importance
            `print` shows it as a table, `.plot()` draws it. The error is the log loss for classes (the share of wrong
            rows, where the outputs are no probabilities), and the RMSE for numbers, in the target's unit. Intervals are
            for other rows from the same source, with 95 %.

        Raises
        ------
        ValueError
            repeats or max_rows is none.
        DataError
            Rows or targets that do not fit, or one row only; the message says where.
        """
        from glassnet.readings.importance.measure import importance

        return importance(self.state, X, y, repeats=repeats, seed=seed, max_rows=max_rows)

    def diagnose(self, X: Any, y: Any = None, *, seconds: float = 60.0) -> Diagnosis:
        """Why it does not learn these rows, if it does not: `glassnet.diagnose` of this model.

        It is trained again from many seeds as it was trained last, with what is frozen in it, and with changes; the
        model itself is left as it is.

        Parameters
        ----------
        X, y
            As for `train`: the rows that it was trained on.
        seconds
            After which no more is tried; what is known by then is said.

        Returns
        -------
        Diagnosis
            `print` it.

        Raises
        ------
        DataError
            What does not fit; the message says where.
        """
        from glassnet.doctor.asked import case_of_state
        from glassnet.doctor.diagnose import diagnosed

        return diagnosed(case_of_state(self.state, X, y, {}), seconds)

    def plot_boundary(
        self,
        X: Any,
        y: Any = None,
        *,
        columns: tuple[str | int, str | int] | None = None,
        fixed: Mapping[str | int, Any] | None = None,
        output: int | None = None,
        ax: Any = None,
    ) -> Any:
        """What the model says over two columns, and the rows on it, drawn with matplotlib: see `gn.plot.boundary`."""
        from glassnet.readings.plot.boundary import boundary

        return boundary(self.state, X, y, columns=columns, fixed=fixed, output=output, ax=ax)

    def summary(self) -> str:
        """Layers, sizes, loss, data and results, as a table for the terminal."""
        return summary(self.state)

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = True) -> None:
        """Write the model to a file, conventionally `*.glass`; `gn.load` reads it back.

        Raises
        ------
        OSError
            The file cannot be written; what was there is untouched.
        ValueError
            The network has a layer of one's own with fields that a file cannot hold, or the name ends as files of
            another kind do (`model.csv`).
        """
        from glassnet.model.saving import save
        from glassnet.model.saving.name import check_name

        check_name(path_of(path))
        check_choice("overwrite", overwrite)
        save(self.state, path, overwrite=overwrite)

    def __repr__(self) -> str:
        return f"Model({self.state})"

    def _repr_html_(self) -> str:
        return self.derivation().html()
