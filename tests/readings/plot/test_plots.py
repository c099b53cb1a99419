"""What plots show is what the model says; where they are drawn is left as it was."""

import datetime
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, r2_score

import glassnet as gn
from glassnet.data.figures import DARK, LIGHT, MARKERS
from glassnet.readings.judged import judged
from glassnet.readings.plot.boundary import STEPS, field, sureness
from glassnet.readings.plot.plane import plane

PENGUINS = gn.datasets.penguins()
BILL = ("bill_length_mm", "flipper_length_mm")


@pytest.fixture(autouse=True)
def no_display(monkeypatch):
    monkeypatch.setattr(pyplot, "show", lambda *a, **k: pytest.fail("shown"))
    before = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == before
    pyplot.close("all")


def own_axes(width: float = 6.4, height: float = 4.2, layout: str | None = "constrained") -> Any:
    figure = Figure(figsize=(width, height), layout=layout)
    FigureCanvasAgg(figure)
    return figure.add_subplot()


def trained(X, y, *, loss="cross_entropy", last=None, epochs=30, **options):
    network = gn.Network(gn.Dense(7, "tanh"), last or gn.Dense(), loss=loss)
    return gn.train(network, X, y, epochs=epochs, seed=0, optimizer=gn.Adam(0.02), progress=False, **options)


@pytest.fixture(scope="module")
def moons():
    X, y = gn.datasets.moons(150, noise=0.2)
    return trained(X, y), X, y


@pytest.fixture(scope="module")
def species():
    return trained(PENGUINS, None, target="species")


@pytest.fixture(scope="module")
def mass():
    return trained(PENGUINS, None, loss="squared", target="body_mass_g")


@pytest.fixture(scope="module")
def surface():
    X, y = gn.datasets.xor()
    return trained(X, y, loss="squared", last=gn.Dense(1, "sigmoid"), epochs=200), X, y


def captions(ax) -> str:
    return " ".join(" ".join(item.get_text() for item in ax.texts).replace("\u00a0", " ").split())


def legend(ax) -> list[str]:
    return [item.get_text() for item in ax.get_legend().get_texts()]


# the plane


def test_the_grid_of_an_array_says_what_predict_says(moons):
    model, X, _ = moons
    over = plane(model.state, X)
    found = field(model.state, over, 23)
    first, second = over.grid(23)
    rows = np.array([[a, b] for b in second for a in first])
    assert found.said.ravel().tolist() == model.predict(rows).tolist()
    np.testing.assert_array_equal(found.outputs.reshape(23 * 23, 2), model.predict_proba(rows))
    assert first[0] < X[:, 0].min() < X[:, 0].max() < first[-1]


def test_the_grid_of_a_table_says_what_predict_says_with_the_others_fixed(species):
    over = plane(species.state, PENGUINS, BILL)
    found = field(species.state, over, 11)
    first, second = over.grid(11)
    x, y = (values.ravel() for values in np.meshgrid(first, second))
    n = len(x)
    rows = {"bill_length_mm": x, "flipper_length_mm": y, "island": ["Biscoe"] * n, "sex": ["male"] * n}
    for name in ("bill_depth_mm", "body_mass_g", "year"):
        rows[name] = np.full(n, np.nanmedian(PENGUINS.column(name)))
    with pytest.warns(UserWarning, match="outside"):
        assert found.said.ravel().tolist() == species.predict(rows).tolist()
    assert list(over.fixed) == ["island", "bill_depth_mm", "body_mass_g", "sex", "year"]
    assert over.fixed["sex"] == "male"
    assert over.fixed["body_mass_g"] == "4050"


def test_what_is_fixed_by_hand_is_fixed_there(mass):
    over = plane(mass.state, PENGUINS, BILL, {"sex": "female", "year": 2007})
    found = field(mass.state, over, 5)
    assert (over.fixed["sex"], over.fixed["year"]) == ("female", "2007")
    table = over.rows(np.array([45.0]), np.array([200.0]))
    assert table.column("sex").tolist() == ["female"]
    with pytest.warns(UserWarning, match="outside"):
        expected = mass.predict(over.rows(*map(np.ravel, np.meshgrid(found.first, found.second))))
    np.testing.assert_array_equal(found.said.ravel(), expected)


def test_two_columns_of_an_array_by_number_or_by_name():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(41, 4))
    model = trained(X, X[:, 0] * X[:, 3], loss="squared")
    over = plane(model.state, X, (3, "x1"), {1: 0.5})
    assert over.names == ("x4", "x1")
    assert over.fixed == {"x2": "0.5", "x3": f"{np.median(X[:, 2]):.4g}"}
    row = over.rows(np.array([7.0]), np.array([-2.0]))
    np.testing.assert_allclose(row, [[-2.0, 0.5, np.median(X[:, 2]), 7.0]])


def test_missing_words_and_numbers_do_not_count_for_what_is_usual(species):
    table = {
        "island": ["Dream", None, None, "Biscoe", "Dream"],
        "bill_length_mm": [40.0, 41.0, 50.0, 39.0, np.nan],
        "bill_depth_mm": [np.nan] * 5,
        "flipper_length_mm": [180.0, 190.0, 200.0, 210.0, 220.0],
        "body_mass_g": [np.nan, 3000.0, 4000.0, np.nan, 5000.0],
        "sex": [None] * 5,
        "year": [2007, 2007, 2008, 2009, 2009],
    }
    over = plane(species.state, table, BILL)
    assert over.fixed == {
        "island": "Dream", "bill_depth_mm": "missing", "body_mass_g": "4000", "sex": "missing", "year": "2008"
    }  # fmt: skip
    ax = species.plot_boundary(table, columns=BILL, ax=own_axes())
    assert "Fixed: island = Dream, bill_depth_mm = missing, body_mass_g = 4000, sex = missing, year = 2008" in captions(
        ax
    )
    assert legend(ax) == ["rows"]


def test_dates_stay_at_the_middle_one_or_where_they_are_put():
    days = ["2024-03-05", "2024-03-01", "2024-03-01", "2024-03-09", None, "2024-03-30", "2024-03-20"] * 9
    a, b = np.random.default_rng(0).normal(size=(2, 63))
    table = {"a": a, "b": b, "day": days, "y": np.where(a > b, "yes", "no").tolist()}
    model = trained(table, None, target="y", epochs=2)
    over = plane(model.state, table, ("a", "b"))
    assert over.fixed == {"day": "2024-03-05"}
    assert plane(model.state, table, ("a", "b"), {"day": datetime.date(2024, 3, 7)}).fixed == {"day": "2024-03-07"}
    found = field(model.state, over, 3)
    x, y = (values.ravel() for values in np.meshgrid(found.first, found.second))
    with pytest.warns(UserWarning, match="outside"):
        said = model.predict({"a": x, "b": y, "day": ["2024-03-05"] * 9})
    assert found.said.ravel().tolist() == said.tolist()
    with pytest.raises(gn.DataError, match="'day' holds no numbers"):
        model.plot_boundary(table, columns=("a", "day"))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, ValueError, r"over two columns, and the model has 7: say which, columns=\('bill_length_mm', 'bill_depth"),
        ({"columns": ("bill_length_mm",)}, ValueError, "columns must be two"),
        ({"columns": "bill_length_mm"}, ValueError, "columns must be two"),
        ({"columns": ("bill_length_mm", "island")}, gn.DataError, "'island' holds no numbers"),
        (
            {"columns": ("bill_length_mm", "bill_lenth_mm")},
            gn.DataError,
            "no input column 'bill_lenth_mm'; the nearest",
        ),
        ({"columns": (1, 1)}, ValueError, "two different ones, got 'bill_length_mm' twice"),
        ({"columns": (1, 9)}, gn.DataError, "a name or a number from 0 to 6, got 9"),
        ({"columns": BILL, "fixed": {"sexx": "male"}}, gn.DataError, "no input column 'sexx'; the nearest is 'sex'"),
        ({"columns": BILL, "fixed": {"year": "last"}}, gn.DataError, "'year' holds numbers, so it cannot be fixed at"),
        ({"columns": BILL, "fixed": {"year": np.inf}}, gn.DataError, "finite"),
        ({"columns": BILL, "fixed": {"bill_length_mm": 3}}, ValueError, "one of the two columns that vary"),
        ({"columns": BILL, "output": 1}, ValueError, "this model predicts classes"),
        ({"columns": BILL, "y": [1]}, gn.DataError, "leave y out"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_no_figure(species, options, error, message):
    with pytest.raises(error, match=message):
        species.plot_boundary(PENGUINS, **options)
    assert pyplot.get_fignums() == []


# the boundary


def test_each_class_has_a_colour_a_shape_and_its_name(moons):
    model, X, y = moons
    ax = model.plot_boundary(X, y, ax=own_axes())
    wrong = int((model.predict(X) != y).sum())
    assert legend(ax) == ["0", "1", f"wrong ({wrong} rows)"]
    first, second, rings = ax.lines
    assert (first.get_color(), second.get_color()) == LIGHT.hues[:2]
    assert (first.get_marker(), second.get_marker()) == MARKERS[:2]
    np.testing.assert_array_equal(np.column_stack(first.get_data()), X[y == 0])
    np.testing.assert_array_equal(np.column_stack(rings.get_data()), X[model.predict(X) != y])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x1", "x2")
    assert f"{150 - wrong} of 150 rows right ({100 * (150 - wrong) / 150:.1f} %)" in captions(ax)


def test_the_ground_is_stronger_where_the_model_is_surer(moons):
    model, X, y = moons
    ax = model.plot_boundary(X, y, ax=own_axes())
    found = field(model.state, plane(model.state, X))
    image = np.asarray(ax.images[0].get_array())
    assert image.shape == (STEPS, STEPS, 3)
    p = found.outputs.max(axis=2)
    np.testing.assert_allclose(sureness(found.outputs), 2.0 * p - 1.0, atol=1e-12)
    away = 1.0 - image.min(axis=2)  # from white
    of_one = found.outputs.argmax(axis=2) == 0
    order = np.argsort(p[of_one])
    assert (np.diff(away[of_one][order]) >= -1e-12).all()


def test_the_line_between_two_classes_is_where_they_are_equally_likely(moons):
    model, X, y = moons
    ax = model.plot_boundary(X, y, ax=own_axes())
    (lines,) = [item for item in ax.collections if item.get_paths()]
    points = np.concatenate([path.vertices for path in lines.get_paths()])
    assert len(points) > 20
    assert np.abs(model.predict_proba(points)[:, 0] - 0.5).max() < 0.02


def test_without_targets_rows_are_not_told_apart(moons):
    model, X, _ = moons
    ax = model.plot_boundary(X, ax=own_axes())
    assert legend(ax) == ["rows"]
    assert captions(ax) == ""


def test_a_number_is_a_colour_with_a_bar_and_points_have_the_colour_of_what_is_true(surface):
    model, X, y = surface
    ax = model.plot_boundary(X, y, ax=own_axes())
    found = field(model.state, plane(model.state, X))
    np.testing.assert_array_equal(ax.images[0].get_array(), found.outputs[:, :, 0])
    bar = ax.figure.axes[1]
    assert bar.get_ylabel() == "y"
    points = next(item for item in ax.collections if len(item.get_offsets()) == 4)
    np.testing.assert_array_equal(points.get_array(), y[:, 0])
    assert points.norm.vmin == ax.images[0].norm.vmin <= 0.0
    assert "Points: what is true. R² " in captions(ax)


def test_of_several_numbers_one_is_chosen():
    X, _ = gn.datasets.moons(60)
    y = np.column_stack([X[:, 0], 10.0 + X[:, 1], X.sum(axis=1)])
    model = trained(X, y, loss="squared")
    with pytest.raises(ValueError, match="predicts 3 numbers; say which, output=0 to 2"):
        model.plot_boundary(X, y)
    for wrong in (3, -1, 1.0, True):
        with pytest.raises(ValueError, match="output must be a whole number from 0 to 2"):
            model.plot_boundary(X, y, output=wrong)
    ax = model.plot_boundary(X, y, output=1, ax=own_axes())
    found = field(model.state, plane(model.state, X))
    np.testing.assert_array_equal(ax.images[0].get_array(), found.outputs[:, :, 1])
    assert legend(gn.plot.predictions(model, X, y, ax=own_axes())) == ["right", "column 0", "column 1", "column 2"]


@pytest.mark.parametrize("classes", [3, 10, 30])
def test_many_classes_and_many_points(classes):
    rng = np.random.default_rng(0)
    y = np.arange(6000) % classes
    X = np.column_stack([np.cos(y), np.sin(3 * y)]) + 0.1 * rng.normal(size=(6000, 2))
    model = trained(X, np.array([f"class {k}" for k in range(classes)])[y], epochs=1)
    ax = gn.plot.boundary(model, X, model.predict(X))
    names = legend(ax)
    if classes <= 10:
        assert len(names) == len(set(names)) == classes
    else:
        assert names[-1].startswith("… ")
    looks = {(line.get_color(), line.get_marker()) for line in ax.lines}
    assert len(looks) == min(len(ax.lines), 10)
    ax.figure.canvas.draw()


def test_scores_that_are_no_probabilities_have_one_strength():
    X, y = gn.datasets.moons(60)
    model = trained(X, y, loss="squared", last=gn.Dense(2), kind="classes")
    ax = model.plot_boundary(X, y, ax=own_axes())
    assert len(np.unique(np.asarray(ax.images[0].get_array()).reshape(-1, 3), axis=0)) <= 2


# how right it is


@pytest.mark.filterwarnings("ignore::UserWarning")  # predict remarks on what is missing
def test_confusion_is_scikit_learns(species):
    ax = gn.plot.confusion(species, PENGUINS, ax=own_axes())
    truth = PENGUINS.column("species").tolist()
    expected = confusion_matrix(truth, species.predict(PENGUINS), labels=["Adelie", "Chinstrap", "Gentoo"])
    np.testing.assert_array_equal(judged(species.state, PENGUINS).counts, expected)
    written = np.zeros((3, 3), int)
    for item in ax.texts:
        if item.get_text().replace(",", "").isdigit():
            column, row = item.get_position()
            written[row, column] = int(item.get_text())
    np.testing.assert_array_equal(written, expected)
    np.testing.assert_allclose(ax.images[0].get_array(), expected / expected.sum(axis=1, keepdims=True))
    assert [item.get_text() for item in ax.get_xticklabels()] == ["Adelie", "Chinstrap", "Gentoo"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("species, predicted", "species, true")


@pytest.mark.filterwarnings("ignore::UserWarning")  # predict remarks on what is missing
def test_predictions_are_the_models_and_rows_without_a_target_are_left_out(mass):
    ax = gn.plot.predictions(mass, PENGUINS, ax=own_axes())
    truth = PENGUINS.column("body_mass_g")
    known = ~np.isnan(truth)
    line, points = ax.lines
    assert list(line.get_xdata()) == list(line.get_ydata())
    np.testing.assert_array_equal(points.get_xdata(), truth[known])
    said = mass.predict(PENGUINS.rows(known))
    np.testing.assert_array_equal(points.get_ydata(), said)
    assert f"R² {r2_score(truth[known], said):.3f}" in captions(ax)
    assert "on 342 rows" in captions(ax)


def test_a_crowd_is_counted():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(7000, 2))
    model = trained(X, X[:, 0], loss="squared", epochs=1)
    ax = gn.plot.predictions(model, X, X[:, 0], ax=own_axes())
    (cells,) = ax.collections
    assert cells.get_array().sum() == 7000
    assert ax.figure.axes[1].get_ylabel() == "rows"


@pytest.mark.parametrize(
    ("plot", "message"),
    [
        (lambda m, s: gn.plot.confusion(m, PENGUINS), "use plot.predictions"),
        (lambda m, s: gn.plot.predictions(s, PENGUINS), "use plot.confusion"),
        (lambda m, s: gn.plot.weights(m, "W3"), "unknown array 'W3'"),
        (lambda m, s: gn.plot.predictions(m, PENGUINS.select(["year"])), "no column 'body_mass_g'"),
    ],
)
def test_the_wrong_plot_says_which_is_right(mass, species, plot, message):
    with pytest.raises(ValueError, match=message):
        plot(mass, species)
    assert pyplot.get_fignums() == []


def test_arrays_need_their_targets_and_as_many(moons):
    model, X, y = moons
    with pytest.raises(gn.DataError, match="y is missing"):
        gn.plot.confusion(model, X)
    with pytest.raises(gn.DataError, match="X has 150 rows, y has 149"):
        gn.plot.confusion(model, X, y[1:])


def test_what_is_no_model_is_refused():
    with pytest.raises(TypeError, match="got Network; an estimator has it as model_"):
        gn.plot.weights(gn.Network(gn.Dense(1)))


# the numbers


def test_weights_by_layer_are_all_there(species):
    ax = gn.plot.weights(species, ax=own_axes())
    assert [item.get_text() for item in ax.get_yticklabels()] == ["W1  11×7", "b1  7", "W2  7×3", "b2  3"]
    drawn = [line.get_xdata() for line in ax.lines[1:]]
    for found, array in zip(drawn, species.weights.values(), strict=True):
        np.testing.assert_array_equal(found, array.ravel())
    lifted = ax.lines[1].get_ydata()
    assert np.abs(lifted).max() <= 0.25


def test_large_arrays_are_shapes():
    X = np.random.default_rng(0).normal(size=(20, 50))
    model = trained(X, X[:, 0], loss="squared", epochs=1)
    ax = gn.plot.weights(model, ax=own_axes())
    (shape,) = ax.collections
    edges = shape.get_paths()[0].vertices[:, 0]
    assert (edges.min(), edges.max()) == pytest.approx((model["W1"].min(), model["W1"].max()))


@pytest.mark.parametrize(("array", "down"), [("W1", "flipper_length_mm"), ("W2", "h3"), ("b2", "b2")])
def test_one_array_is_a_map_with_names(species, array, down):
    ax = gn.plot.weights(species, array, ax=own_axes())
    np.testing.assert_array_equal(ax.images[0].get_array(), np.atleast_2d(species[array]))
    assert ax.images[0].norm.vmax == -ax.images[0].norm.vmin == np.abs(species[array]).max()
    assert down in [item.get_text() for item in ax.get_yticklabels()]
    across = [item.get_text() for item in ax.get_xticklabels()]
    assert across == (
        ["h1", "h2", "h3", "h4", "h5", "h6", "h7"] if array == "W1" else ["Adelie", "Chinstrap", "Gentoo"]
    )


def test_the_history_of_a_model_is_its_own_plot(species):
    ax, other = own_axes(), own_axes()
    assert gn.plot.history(species, ax=ax) is ax
    assert species.history.plot(ax=other) is other
    assert ax.lines[0].get_ydata().tolist() == other.lines[0].get_ydata().tolist() == species.history["loss"]
    assert gn.plot.history(species.history, ax=own_axes()).get_ylabel() == "loss"


# where they are drawn


PLOTS: dict[str, Callable[..., Any]] = {
    "boundary": lambda a, b, ax: a.plot_boundary(PENGUINS, columns=BILL, ax=ax),
    "surface": lambda a, b, ax: b.plot_boundary(PENGUINS, columns=BILL, ax=ax),
    "confusion": lambda a, b, ax: gn.plot.confusion(a, PENGUINS, ax=ax),
    "predictions": lambda a, b, ax: gn.plot.predictions(b, PENGUINS, ax=ax),
    "weights": lambda a, b, ax: gn.plot.weights(a, ax=ax),
    "map": lambda a, b, ax: gn.plot.weights(a, "W1", ax=ax),
    "history": lambda a, b, ax: gn.plot.history(a, ax=ax),
}


@pytest.mark.parametrize("name", PLOTS)
def test_axes_that_are_given_are_drawn_on_and_pyplot_is_left_alone(name, species, mass):
    for ax in (own_axes(), own_axes(1.6, 1.3), own_axes(2.0, 8.0, layout=None)):
        assert PLOTS[name](species, mass, ax) is ax
        ax.figure.canvas.draw()
        assert ax.get_title(loc="left")
        assert ax.get_xlabel()
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("name", PLOTS)
def test_without_axes_there_is_a_new_figure_each_time(name, species, mass):
    first, second = (PLOTS[name](species, mass, None) for _ in range(2))
    assert first.figure is not second.figure
    assert len(pyplot.get_fignums()) == 2
    assert first.figure.get_facecolor() == (1.0, 1.0, 1.0, 1.0)
    first.figure.canvas.draw()


def letters(ax) -> list[Any]:
    found = [*ax.texts, ax.xaxis.label, ax.yaxis.label, ax._left_title, *ax.get_xticklabels(), *ax.get_yticklabels()]
    found += ax.get_legend().get_texts() if ax.get_legend() else []
    return [item for item in found if item.get_text()]


@pytest.mark.parametrize("is_own", [True, False])
@pytest.mark.parametrize("name", PLOTS)
def test_letters_can_be_read_on_dark_paper(name, is_own, species, mass):
    from matplotlib.colors import to_rgb

    with pyplot.style.context("dark_background"):
        ax = PLOTS[name](species, mass, None if is_own else pyplot.figure().add_subplot())
        ax.figure.canvas.draw()
    assert sum(to_rgb(ax.get_facecolor())) < 0.5
    on_images = name in ("surface", "confusion", "map")
    for item in letters(ax):
        if not (on_images and item in ax.texts and item.get_text()[0] in "-0123456789"):
            assert sum(to_rgb(item.get_color())) > 1.5, item.get_text()


def test_the_paper_decides_even_where_settings_say_otherwise(moons):
    model, X, y = moons
    dark = Figure(facecolor="#171b23").add_subplot(facecolor="#171b23")
    assert gn.plot.boundary(model, X, y, ax=dark).lines[0].get_color() == DARK.hues[0]
    glass = Figure(facecolor="none").add_subplot(facecolor="none")
    assert gn.plot.boundary(model, X, y, ax=glass).lines[0].get_color() == LIGHT.hues[0]
    with pyplot.style.context("dark_background"):
        glass = Figure(facecolor="none").add_subplot(facecolor="none")
        assert gn.plot.boundary(model, X, y, ax=glass).lines[0].get_color() == DARK.hues[0]


def test_a_picture_for_a_file_is_light_whatever_the_settings(species, tmp_path):
    with pyplot.style.context("dark_background"):
        ax = species.history.plot(tmp_path / "p.png")
    assert ax.figure.get_facecolor() == (1.0, 1.0, 1.0, 1.0)
    assert ax._left_title.get_color() == LIGHT.ink


def test_importing_glassnet_imports_no_matplotlib_and_without_it_the_extra_is_named():
    code = (
        "import sys, glassnet as gn; assert 'matplotlib' not in sys.modules; sys.modules['matplotlib'] = None\n"
        "model = gn.initialize(gn.Network(gn.Dense(1)), [[1.0]], [1.0])\n"
        "try: gn.plot.weights(model)\n"
        "except ImportError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "plots need matplotlib" in said
    assert "plot]" in said


# calibration


def test_calibration_shows_what_is_said_and_what_happens(moons):
    model, X, y = moons
    ax = gn.plot.calibration(model, X, y, ax=own_axes())
    said = model.predict_proba(X)[:, 1]
    order = said.argsort(kind="stable")
    parts = np.split(order, 10)  # of 150 rows, 15 each
    (line, points) = ax.lines
    assert line.get_xydata().tolist() == [[0.0, 0.0], [1.0, 1.0]]
    np.testing.assert_allclose(points.get_xdata(), [said[rows].mean() for rows in parts])
    np.testing.assert_allclose(points.get_ydata(), [(y[rows] == model.classes[1]).mean() for rows in parts])
    (intervals,) = ax.collections
    for segment, rows in zip(intervals.get_segments(), parts, strict=True):
        k = int((y[rows] == model.classes[1]).sum())
        low, high = binomtest(k, 15).proportion_ci(0.95, "wilson")
        np.testing.assert_allclose(segment[:, 1], [low, high], atol=1e-4)
    (below,) = ax.child_axes
    assert sum(bar.get_height() for bar in below.patches) == 150
    error = model.evaluate(X, y, metrics="calibration_error")["calibration_error"]
    assert f"Calibration error {error:.3f} on 150 rows, by chance 0.0" in captions(ax)
    assert below.get_xlabel() == f"probability of {model.classes[1]}"


def test_calibration_of_several_classes_of_a_table_and_what_it_refuses(species, mass):
    ax = gn.plot.calibration(species, PENGUINS)
    assert ax.get_ylabel() == "share that is right"
    assert ax.get_title(loc="left") == "What is said and what happens"
    with pytest.raises(ValueError, match=r"predicts a number: use plot\.predictions"):
        gn.plot.calibration(mass, PENGUINS)
    X = np.random.default_rng(0).normal(size=(41, 2))
    y = np.array(["a", "b", "c"])[np.arange(41) % 3]
    model = trained(X, y, loss="squared", last=gn.Dense(3, "sigmoid"), epochs=1)
    with pytest.raises(ValueError, match=r"of this network \(sigmoid\) are no probabilities"):
        gn.plot.calibration(model, X, y)


# importance


def test_importance_has_a_bar_and_an_interval_for_each_column_and_group(species):
    found = species.importance(PENGUINS, repeats=2)
    ax = found.plot(ax=own_axes())
    shown = [*found.found, *found.groups]
    assert found.groups
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], [one.mean for one in shown])
    ends = [lines.get_segments()[0][:, 0] for lines in ax.collections]
    np.testing.assert_allclose(ends, [one.interval for one in shown])
    assert [text.get_text() for text in ax.get_yticklabels()][:3] == list(found.columns[:3])
    assert "344 rows, 95 % intervals; log loss" in captions(ax)
    assert gn.plot.importance(found).get_xlabel() == "log loss grows by"
    with pytest.raises(TypeError, match=r"takes what model\.importance\(X, y\) gives, got Model"):
        gn.plot.importance(species)


def test_importance_of_many_columns_shows_those_that_count_most():
    X = np.random.default_rng(0).normal(size=(60, 30))
    found = trained(X, X[:, 3], loss="squared").importance(X, X[:, 3], repeats=1)
    ax = found.plot()
    assert len(ax.patches) == 20
    assert "Left out: 10 columns of less importance." in captions(ax)
    assert 3 <= len(found.plot(ax=own_axes(3.0, 2.0)).patches) < 20
