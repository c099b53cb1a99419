import math
import subprocess
import sys

import pytest

from glassnet.data.figures import VERMILION
from glassnet.training.curves import plot_curves
from glassnet.training.history import History

NAN = math.nan


def curves(**columns):
    return History({name: list(column) for name, column in columns.items()})


@pytest.fixture
def long():
    n = 60
    history = curves(
        loss=[2.0 * 0.8**k for k in range(n)],
        val_loss=[0.1 + 2.0 * 0.8**k for k in range(n)],
        val_accuracy=[k / n for k in range(n)],
    )
    history.best_epoch, history.stopped = 41, "early"
    return history


def test_both_losses_a_panel_for_the_metric_and_the_epoch_kept(long, tmp_path):
    axes = long.plot(tmp_path / "p.png")
    labels = axes.get_legend_handles_labels()[1]
    assert labels == ["rows trained on", "validation rows", "epoch 41, kept: 0.1"]
    assert [panel.get_ylabel() for panel in axes.figure.axes] == ["loss", "accuracy"]
    assert axes.figure.axes[-1].get_xlabel() == "epoch"
    assert axes.get_title(loc="left") == "Loss 2 → 3.83e-06 in 60 epochs, stopped early"
    lines = {line.get_label(): line for line in axes.lines}
    assert lines["validation rows"].get_color() == VERMILION
    assert list(lines["rows trained on"].get_xdata()) == list(range(1, 61))
    assert list(lines["rows trained on"].get_ydata()) == long["loss"]


def test_a_loss_over_more_than_two_decades_is_logarithmic(tmp_path):
    assert curves(loss=[1.0, 0.1, 0.009]).plot(tmp_path / "p.png").get_yscale() == "log"
    linear = curves(loss=[1.0, 0.1, 0.011]).plot(tmp_path / "p.png")
    assert linear.get_yscale() == "linear"
    assert linear.get_ylim()[0] == 0
    assert curves(loss=[1.0, 0.001, -0.1]).plot(tmp_path / "p.png").get_yscale() == "linear"


def test_the_epochs_are_the_width_and_one_or_two_values_are_points(tmp_path):
    for values, width, marker in (
        ([2.0], (0.5, 1.5), "o"),
        ([2.0, 1.0], (1, 2.02), "o"),
        ([2, 1, 3], (1, 3.04), ""),
    ):
        axes = curves(loss=values).plot(tmp_path / "p.png")
        assert axes.get_xlim() == pytest.approx(width)
        assert axes.lines[0].get_marker() == marker
        assert axes.get_title(loc="left").endswith("in 1 epoch" if len(values) == 1 else f"in {len(values)} epochs")


def test_there_is_a_legend_where_there_is_more_than_one_thing_to_tell_apart(tmp_path):
    two, kept = curves(loss=[2.0, 1.0], val_loss=[2.0, 1.5]), curves(loss=[2.0, 1.0])
    kept.best_epoch = 1
    assert [
        history.plot(tmp_path / "p.png").get_legend() is None for history in (curves(loss=[2.0, 1.0]), two, kept)
    ] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "columns",
    [
        {"loss": [0.7]},
        {"loss": [0.0, 0.0]},
        {"loss": [NAN, NAN, NAN]},
        {"loss": [0.7, NAN, math.inf, 0.2], "val_loss": [NAN] * 4, "val_r2": [NAN] * 4},
        {"loss": [1e300, 1e-300]},
        {"loss": [3.0, 2.0], "accuracy": [0.5, 1.0], "rmse": [2.0, 1.0]},
    ],
)
def test_every_history_can_be_drawn(columns, tmp_path):
    curves(**columns).plot(tmp_path / "p.png")
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_gaps_are_left_out_and_the_rest_is_joined(tmp_path):
    axes = curves(loss=[0.7, NAN, math.inf, 0.2]).plot(tmp_path / "p.png")
    assert list(axes.lines[0].get_xdata()) == [1, 4]
    assert list(axes.lines[0].get_ydata()) == [0.7, 0.2]


@pytest.mark.parametrize(
    ("name", "start"), [("p.png", b"\x89PNG"), ("p.svg", b"<?xml"), ("p.pdf", b"%PDF"), ("p", b"\x89PNG")]
)
def test_the_same_history_gives_the_same_bytes(long, tmp_path, name, start):
    seen = []
    for _ in range(2):
        long.plot(tmp_path / name)
        seen.append((tmp_path / name).read_bytes())
    assert seen[0] == seen[1]
    assert seen[0].startswith(start)
    assert b"CreationDate" not in seen[0]
    assert b"<dc:date>" not in seen[0]


def test_a_picture_that_cannot_be_written_leaves_the_old_one(long, tmp_path):
    (tmp_path / "p.gif").write_bytes(b"old")
    with pytest.raises(ValueError, match=r"must end in .png, .svg or .pdf, got 'p.gif'"):
        long.plot(tmp_path / "p.gif")
    assert (tmp_path / "p.gif").read_bytes() == b"old"
    with pytest.raises(IsADirectoryError):
        long.plot(tmp_path)


def test_an_empty_history_is_refused():
    with pytest.raises(ValueError, match="no epochs yet"):
        History().plot()


def test_axes_of_ones_own(long):
    from matplotlib.figure import Figure

    own = Figure().subplots()
    assert plot_curves(long.columns, ax=own) is own
    assert own.figure.axes == [own]
    assert own.get_xlabel() == "epoch"


def test_saving_needs_no_display_and_leaves_pyplot_alone(tmp_path):
    code = (
        "import sys; from glassnet.training.history import History;"
        "History({'loss': [1.0, 0.5]}).plot('p.png'); sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={"MPLBACKEND": "TkAgg"}).returncode == 0


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'pip install "glassnet\[plot\]"'):
        curves(loss=[1.0]).plot()


def test_a_best_epoch_whose_value_is_not_known_has_a_line_and_no_ring():
    history = curves(loss=[2.0, NAN, 1.0])
    for best, rings in ((3, 1), (2, 0)):
        history.best_epoch = best
        axes = history.plot()
        assert [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() not in ("-", "None")] == [best]
        assert sum(line.get_marker() == "o" and list(line.get_xdata()) == [best] for line in axes.lines) == rings
