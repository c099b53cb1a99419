"""What training leaves behind and shows on the way: history, metrics, the progress line."""

import io
import sys
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars
import pytest
from sklearn import metrics as theirs

import glassnet as gn
from glassnet.lines import somebody_watches
from glassnet.training import metrics as ours
from glassnet.training import progress
from glassnet.training.history import Columns
from glassnet.training.progress import Progress, Turn, time_text

RNG = np.random.default_rng(4)
X = RNG.normal(size=(11, 3))
Y = RNG.normal(size=(11, 2))
NETWORK = gn.Network(gn.Dense(5, "tanh"), gn.Dense(), loss="squared")


def test_the_history_is_a_table() -> None:
    history = gn.train(NETWORK, X, Y, epochs=3, validation=0.2, metrics=["mae", "r2"], seed=1).history
    assert len(history) == 3
    assert list(history.to_dict()) == ["epoch", "loss", "val_loss", "val_mae", "val_r2"]
    assert history.to_dict()["epoch"] == [1, 2, 3]
    pd.testing.assert_frame_equal(history.to_frame(), pd.DataFrame(history.to_dict()))
    assert history.to_frame(polars)["val_mae"].to_list() == history["val_mae"]
    rows = [line.split(",") for line in history.to_csv().splitlines()]
    assert rows[0] == list(history.to_dict())
    assert [[float(cell) for cell in row] for row in rows[1:]] == history.to_frame().to_numpy().tolist()


def test_the_history_is_written_to_a_file(tmp_path: Any) -> None:
    history = gn.train(NETWORK, X, Y, epochs=2).history
    text = history.to_csv(tmp_path / "history.csv")
    assert (tmp_path / "history.csv").read_text() == text


def test_what_was_not_measured_is_left_empty() -> None:
    model = gn.train(NETWORK, X, Y, epochs=2, seed=1)
    gn.train(model, X, Y, epochs=1, validation=(X, Y))
    gn.train(model, X, Y, epochs=1)
    assert [value == value for value in model.history["val_loss"]] == [False, False, True, False]
    assert [line.endswith(",") for line in model.history.to_csv().splitlines()[1:]] == [True, True, False, True]
    assert len(model.history) == model.epochs == 4


def test_an_unknown_column_is_answered_with_the_known_ones() -> None:
    history = gn.train(NETWORK, X, Y, epochs=1).history
    with pytest.raises(
        ValueError, match=r"unknown column of the history 'lss' \(did you mean 'loss'\?\); known are loss"
    ):
        history["lss"]


def test_the_first_and_the_last_epoch_are_shown() -> None:
    assert repr(gn.History()) == "History: no epochs yet"
    history = gn.train(NETWORK, X, Y, epochs=57).history
    lines = repr(history).splitlines()
    assert [line.split()[0] for line in (lines[0], lines[1], lines[-1])] == ["epoch", "1", "57"]
    assert len(lines) == 11


def test_the_loss_of_an_epoch_is_the_mean_over_its_rows() -> None:
    model = gn.initialize(NETWORK, X, Y, seed=1)
    before = model.evaluate(X, Y)["loss"]
    gn.train(model, X, Y, epochs=1, batch_size=4, optimizer=gn.SGD(1e-300))  # weights stay
    np.testing.assert_allclose(model.history["loss"], [before], rtol=1e-12)


def test_metrics_are_scikit_learns() -> None:
    p = Y + RNG.normal(size=Y.shape)
    np.testing.assert_allclose(ours.mse(Y, p), theirs.mean_squared_error(Y, p), rtol=1e-13)
    np.testing.assert_allclose(ours.rmse(Y, p), np.sqrt(theirs.mean_squared_error(Y, p)), rtol=1e-13)
    np.testing.assert_allclose(ours.mae(Y, p), theirs.mean_absolute_error(Y, p), rtol=1e-13)
    np.testing.assert_allclose(ours.r2(Y, p), theirs.r2_score(Y, p, multioutput="variance_weighted"), rtol=1e-12)
    a, b = np.array(list("abcab")), np.array(list("abbaa"))
    assert ours.accuracy(a, b) == theirs.accuracy_score(a, b)
    assert np.isnan(ours.r2(np.ones(3), np.zeros(3)))


def test_metrics_are_measured_on_what_people_see() -> None:
    seen: list[Any] = []

    def look(y: np.ndarray, predicted: np.ndarray) -> float:
        seen.append((y, predicted))
        return 0.0

    labels = np.array(["a", "b"])[np.arange(11) % 2]
    gn.train(gn.Network(gn.Dense(1), loss="binary_cross_entropy"), X, labels, epochs=1, metrics=look)
    assert seen[0][0].tolist() == labels.tolist()
    assert set(seen[0][1]) <= {"a", "b"}
    table = {"a": X[:, 0], "y": 1000.0 + 100.0 * X[:, 1]}
    model = gn.train(gn.Network(gn.Dense()), table, target="y", epochs=1, metrics=[look, "rmse"], validation=table)
    np.testing.assert_allclose(seen[1][0], table["y"], rtol=1e-12)
    assert 10.0 < model.history["val_rmse"][0] < 1000.0


def test_sample_weights_count_for_the_rows_held_out() -> None:
    w = np.arange(1.0, 12.0)
    seen: list[Any] = []
    model = gn.train(NETWORK, X, Y, epochs=1, validation=0.3, sample_weight=w, seed=1, optimizer=gn.SGD(1e-300),
                     metrics=[lambda y, p: seen.append((y, p)) or 0.0])  # fmt: skip
    y, p = seen[0]
    of_row = np.array([w[np.flatnonzero((row == Y).all(axis=1))[0]] for row in y])
    expected = (of_row[:, None] * (y - p) ** 2).sum() / of_row.sum() / 2
    np.testing.assert_allclose(model.history["val_loss"][0], expected, rtol=1e-12)


# the line on the terminal


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nothing_is_written_where_nobody_watches(capfd: pytest.CaptureFixture[str]) -> None:
    gn.train(NETWORK, X, Y, epochs=3)
    assert capfd.readouterr() == ("", "")


def test_the_line_is_drawn_where_somebody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", "70")
    gn.train(NETWORK, X, Y, epochs=3, validation=0.2, metrics=["mae", "mse", "rmse"])
    assert terminal.getvalue().endswith("\n")
    last = terminal.getvalue().split("\r\x1b[2K")[-1].rstrip("\n")
    assert last.startswith("epoch 3/3 ━━━━━━━━━━━━━━━━━━━━ loss ")
    assert len(last) <= 69
    terminal.truncate(0)
    gn.train(NETWORK, X, Y, epochs=3, progress=False)
    assert terminal.getvalue().strip("\0") == ""


class Displayed:
    """What a notebook of Jupyter's shows: outputs that can be changed."""

    def __init__(self) -> None:
        self.outputs: list[list[str]] = []

    def display(self, data: dict[str, str], raw: bool, display_id: bool) -> Any:
        output = [data["text/plain"]]
        self.outputs.append(output)
        return SimpleNamespace(update=lambda data, raw: output.append(data["text/plain"]))


def stream_of(package: str) -> io.StringIO:
    """A stream as a notebook has it for stderr."""
    return type("OutStream", (io.StringIO,), {"__module__": f"{package}.iostream"})()


def test_in_jupyter_the_line_is_an_output_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, out, err = Displayed(), io.StringIO(), stream_of("ipykernel")
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(display=shown))
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    monkeypatch.setattr("sys.stderr", err)
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr(sys.modules[Progress.__module__], "REDRAW", 0.0)
    gn.train(NETWORK, X, Y, epochs=3, callbacks=[lambda event, model: None])  # which hear of every epoch
    assert len(shown.outputs) == 1
    assert [text[:10] for text in shown.outputs[0]] == ["epoch 1/3 ", "epoch 2/3 ", "epoch 3/3 ", "epoch 3/3 "]
    gn.train(NETWORK, X, Y, epochs=3)
    assert len(shown.outputs) == 2
    gn.train(NETWORK, X, Y, epochs=3, progress=False)
    assert len(shown.outputs) == 2
    assert (out.getvalue(), err.getvalue()) == ("", "")


def test_in_marimo_it_is_drawn_over_itself_on_stdout_since_stderr_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = io.StringIO(), stream_of("marimo")
    monkeypatch.setattr("sys.stderr", err)
    monkeypatch.setattr("sys.stdout", out)
    gn.train(NETWORK, X, Y, epochs=3)
    assert out.getvalue().split("\r\x1b[2K")[-1].startswith("epoch 3/3 ")
    assert err.getvalue() == ""


def test_a_program_without_stderr_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    assert not somebody_watches()
    assert gn.train(NETWORK, X, Y, epochs=1).epochs == 1
    assert gn.train(NETWORK, X, Y, epochs=1, progress=True).epochs == 1


def test_the_line_counts_this_training_only() -> None:
    terminal = Terminal()
    with Progress(True, 10, 4, terminal) as bar:
        bar.show(gn.Epoch(12, 5, [0.5], {"val_loss": 0.25}))
        bar.show(gn.Stopped("epochs", ""))
    assert "epoch 2/4 ━━━━━━━━━━           loss 0.5  val_loss 0.25  0 s left" in terminal.getvalue()


def test_the_line_says_which_member_is_trained_and_when_all_are() -> None:
    terminal = Terminal()
    turn = Turn(
        number=2,
        of=8,
        before=1 / 8,
        share=1 / 8,
        started=time.monotonic() - 150.0,
        interrupted=lambda: False,
        what="member",
    )
    with Progress(True, 0, 4, terminal, turn) as bar:
        bar.show(gn.Epoch(2, 5, [0.5], {}))  # half of the second one: 1.5 in 150 s, and 6.5 to come
    assert "member 2 of 8, 10:50 min left  epoch 2/4  loss 0.5" in terminal.getvalue()


def test_times_are_short() -> None:
    assert [time_text(seconds) for seconds in (0.4, 59, 125, 3720)] == ["0 s", "59 s", "2:05 min", "1:02 h"]


def test_columns_that_were_arrays_are_those_of_a_dict() -> None:
    numbers = {"loss": [2.0, 1.0], "val_loss": [3.0, 4.0]}
    columns = Columns({name: np.array(column) for name, column in numbers.items()})
    assert repr(columns) == repr(numbers)
    for table in (columns, numbers):
        table["mae"] = [0.5, 0.25]
        del table["loss"]
    assert dict(columns) == numbers == {"val_loss": [3.0, 4.0], "mae": [0.5, 0.25]}


def test_without_pandas_a_frame_of_another_library_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    history = gn.train(NETWORK, X, Y, epochs=2, progress=False).history
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"to_frame needs pandas \(pip install pandas\), or a library: to_frame\(pol"):
        history.to_frame()
    assert history.to_frame(polars)["loss"].to_list() == history["loss"]


def test_within_a_long_epoch_the_line_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: now[0]))
    terminal = Terminal()
    with Progress(True, 10, 4, terminal) as bar:
        for seconds, epochs in ((0.5, 10.05), (30.0, 11.0), (30.05, 11.1), (60.0, 12.0)):
            now[0] = 100.0 + seconds
            bar.within(epochs)
        now[0] = 200.0
        bar.within(10.0)
    lines = [text.strip() for text in terminal.getvalue().split("\r\x1b[2K") if text.strip()]
    assert lines == [  # none within the first second, nor a twentieth of a second after another
        f"epoch 1.00/4 {'━' * 5:<20}  1:30 min left",
        f"epoch 2.00/4 {'━' * 10:<20}  1:00 min left",
        "epoch 0.00/4",  # of what has not begun no time is known
    ]
