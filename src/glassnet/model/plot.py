"""Plots with matplotlib (extra `plot`): what a model says where, how right it is, what it has learnt.

    import glassnet as gn

    gn.plot.history(model)            # the losses by epoch
    gn.plot.boundary(model, X, y)     # what it says over two columns, and the data
    gn.plot.predictions(model, X, y)  # predicted against true, for numbers
    gn.plot.confusion(model, X, y)    # what was taken for what, for classes
    gn.plot.calibration(model, X, y)  # whether probabilities are what happens
    gn.plot.importance(found)         # which columns it needs, found by model.importance(X, y)
    gn.plot.lottery(found)            # the losses of many seeds, found by gn.lottery(network, X, y)
    gn.plot.weights(model)            # the numbers it has learnt

Each returns matplotlib's axes: `ax.figure.savefig("plot.png")`. Each draws on axes it is given, `ax=`, whatever they
belong to; without any on a new figure, which notebooks show. Colours follow the paper, light or dark.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glassnet.model.lottery_result import Lottery
from glassnet.model.model import Model
from glassnet.readings.importance import Importance
from glassnet.training.history import History

__all__ = ["boundary", "calibration", "confusion", "history", "importance", "lottery", "predictions", "weights"]


def __dir__() -> list[str]:
    """The plots, and not what they are made of."""
    return __all__


def history(of: Model | History, *, ax: Any = None) -> Any:
    """The losses by epoch and, on a figure of its own, a panel for each metric; `model.history.plot()` is the same.

    Parameters
    ----------
    of
        A model, or its history.
    ax
        Axes to draw on, without the metrics; None: a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Those of the losses.

    Raises
    ------
    ValueError
        There are no epochs yet.
    ImportError
        Matplotlib is not installed; the message names the extra.
    """
    curves = of if isinstance(of, History) else checked(of).history
    return curves.plot(ax=ax)


def boundary(
    model: Model,
    X: Any,
    y: Any = None,
    *,
    columns: tuple[str | int, str | int] | None = None,
    fixed: Mapping[str | int, Any] | None = None,
    output: int | None = None,
    ax: Any = None,
) -> Any:
    """What the model says over two columns, and the rows on it; `model.plot_boundary(X, y)` is the same.

    Classes have a colour each, stronger where the model is surer, and lines between them; rows that it gets wrong have
    a ring. A number is a colour with lines of equal numbers. Where there are more than two columns the others are
    fixed, numbers and dates at their median and words at the most frequent one, and the plot says so; the rows are
    drawn where they lie in the two columns, whatever they have in the others.

    Parameters
    ----------
    model
        The model.
    X
        Rows, as `model.predict` takes them: an array, or a table.
    y
        The targets of an array's rows; None: the rows are not told apart. A table has them in its target column, or
        has none.
    columns
        The two that vary: names, or for arrays numbers from 0. None: the only two there are.
    fixed
        What other columns are to be fixed at instead, by name (or number): `{"sex": "female"}`.
    output
        Which number is drawn, from 0, where the model predicts several.
    ax
        Axes to draw on; None: a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        It is not said which columns or which output; the message lists them.
    DataError
        Rows or columns that do not fit; the message says where.
    ImportError
        Matplotlib is not installed; the message names the extra.
    """
    from glassnet.readings.plot.boundary import boundary

    return boundary(checked(model).state, X, y, columns=columns, fixed=fixed, output=output, ax=ax)


def predictions(model: Model, X: Any, y: Any = None, *, ax: Any = None) -> Any:
    """Predicted against true, for a model that predicts numbers: on the line a prediction is right.

    Parameters
    ----------
    model
        The model.
    X, y
        Rows and their targets; for a table y is not given, its target column is. Rows without a target are left out.
    ax
        Axes to draw on; None: a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        The model predicts classes.
    DataError
        Rows or targets that do not fit; the message says where.
    ImportError
        Matplotlib is not installed; the message names the extra.
    """
    from glassnet.readings.plot.predictions import predictions

    return predictions(checked(model).state, X, y, ax=ax)


def confusion(model: Model, X: Any, y: Any = None, *, ax: Any = None) -> Any:
    """What was taken for what, for a model that predicts classes: how many rows of each class, by what the model says.

    A cell's colour is its share of the rows that are truly of its class.

    Parameters
    ----------
    model
        The model.
    X, y
        Rows and their classes; for a table y is not given, its target column is. Rows without a target are left out.
    ax
        Axes to draw on; None: a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        The model predicts numbers.
    DataError
        Rows or classes that do not fit; the message says where.
    ImportError
        Matplotlib is not installed; the message names the extra.
    """
    from glassnet.readings.plot.confusion import confusion

    return confusion(checked(model).state, X, y, ax=ax)


def calibration(model: Model, X: Any, y: Any = None, *, ax: Any = None) -> Any:
    """Whether probabilities are what happens, for a model that predicts classes: a reliability diagram.

    Ten bins of equally many rows, each a point: how probable it was said to be, and in which share it came true, with
    the 95 % interval of that share (Wilson, 1927). On the line both are equal; below it the model is too sure. Of two
    classes it is the second one that is looked at; of more, whether the class said is right. Below, how many rows have
    which probability.

    Parameters
    ----------
    model
        The model.
    X, y
        Rows and their classes; for a table y is not given, its target column is. Rows without a target are left out.
    ax
        Axes to draw on, with room left below for the histogram; None: a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        The model predicts numbers, or its outputs are no probabilities whose sum is 1.
    DataError
        Rows or classes that do not fit; the message says where.
    ImportError
        Matplotlib is not installed; the message names the extra.
    """
    from glassnet.readings.plot.calibration import calibration

    return calibration(checked(model).state, X, y, ax=ax)


def importance(found: Importance, *, ax: Any = None) -> Any:
    """Which columns a model needs: a bar for each with its 95 % interval; `model.importance(X, y).plot()` is the same.

    Columns that tell of each other have a bar in another colour: what they count when they are shuffled together. Bars
    that may be chance are paler.

    Parameters
    ----------
    found
        As `model.importance` gives it.
    ax
        Axes to draw on; None: a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        It is something else.
    ImportError
        Matplotlib is not installed; the message names the extra.
    """
    if not isinstance(found, Importance):
        raise TypeError(f"this plot takes what model.importance(X, y) gives, got {type(found).__name__}")
    return found.plot(ax=ax)


def lottery(found: Lottery, *, ax: Any = None) -> Any:
    """The losses of many seeds by epoch, those that learnt and those that did not; `found.plot()` is the same.

    Parameters
    ----------
    found
        As `gn.lottery` gives it.
    ax
        Axes to draw on; None: a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        It is something else.
    ImportError
        Matplotlib is not installed; the message names the extra.
    """
    if not isinstance(found, Lottery):
        raise TypeError(f"this plot takes what gn.lottery(network, X, y) gives, got {type(found).__name__}")
    return found.plot(ax=ax)


def weights(model: Model, array: str | None = None, *, ax: Any = None) -> Any:
    """The numbers that the model has learnt, a line for each array; or one array as a heat map.

    Parameters
    ----------
    model
        The model.
    array
        A name such as "W1", to see its numbers from input to unit; None: all of them, layer by layer.
    ax
        Axes to draw on; None: a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        There is no such array; the message lists them.
    ImportError
        Matplotlib is not installed; the message names the extra.
    """
    from glassnet.readings.plot.weights import weights

    return weights(checked(model).state, array, ax=ax)


def checked(model: Any) -> Model:
    """A model; TypeError for what is none."""
    if not isinstance(model, Model):
        kind = type(model).__name__
        raise TypeError(f"a plot takes a model first, as gn.train gives it, got {kind}; an estimator has it as model_")
    return model
