"""The bundle of loss curves."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot

import glassnet as gn
from glassnet.readings.plot.lottery import lottery

mpl.use("Agg")

LOSSES = [np.array([1.0, 0.5, 0.01]), np.array([1.0, 0.6, 0.02]), np.array([1.0, 0.9, 0.8]), np.array([2.0, np.inf])]
LEARNT = np.array([True, True, False, False])


def test_every_run_is_a_line_and_each_kind_has_its_median() -> None:
    ax = lottery(LOSSES, LEARNT)
    learnt, failed = ax.collections
    assert len(learnt.get_segments()) == 2
    np.testing.assert_array_equal(learnt.get_segments()[1], [[1, 1.0], [2, 0.6], [3, 0.02]])
    np.testing.assert_array_equal(failed.get_segments()[1], [[1, 2.0]])  # as far as it is finite
    medians = {line.get_label(): line.get_ydata().tolist() for line in ax.lines}
    assert medians == {"2 learnt": [1.0, 0.55, 0.015], "2 did not": [1.5, 0.9, 0.8]}
    assert ax.get_yscale() == "log"
    assert ax.get_title(loc="left") == "2 of 4 seeds learn"
    assert ax.lines[0].get_color() != ax.lines[1].get_color()
    pyplot.close(ax.figure)


def test_files_are_the_same_bytes_and_axes_may_be_given(tmp_path) -> None:
    X, y = gn.datasets.xor()
    network = gn.Network(gn.Dense(2, "tanh"), gn.Dense(), loss="squared")
    found = gn.lottery(network, X, y, seeds=5, epochs=7)
    for name in ("a.svg", "b.svg"):
        found.plot(tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    figure, ax = pyplot.subplots()
    assert gn.plot.lottery(found, ax=ax) is ax
    pyplot.close(figure)
    with pytest.raises(TypeError, match=r"takes what gn.lottery\(network, X, y\) gives, got Runs"):
        gn.plot.lottery(found.runs)  # type: ignore[arg-type]  # which is refused


def test_without_an_epoch_there_is_nothing_to_plot() -> None:
    with pytest.raises(ValueError, match="nothing to plot"):
        lottery([np.array([])], np.array([False]))
