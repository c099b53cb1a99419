"""What all languages have in common: what is refused, and the rows with which a program tests itself."""

import shutil
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import glassnet as gn
from glassnet.datasets import named
from glassnet.readings.eject import LANGUAGES
from glassnet.readings.eject.tools import ToolMissing

rng = np.random.default_rng(1)
X = rng.normal(size=(23, 3))
LABELS = np.array(["a", "b"])[rng.integers(2, size=23)]
TEXTS = ("numpy", "r", "javascript", "c")


@pytest.fixture
def model():
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense(2, "softmax"), loss="cross_entropy")
    return gn.train(network, X, LABELS, epochs=1, seed=5, progress=False)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"X": X, "y": LABELS}, ValueError, "give training=True as well"),
        ({"sample_weight": np.ones(23)}, ValueError, "give training=True as well"),
        ({"optimizer": "sgd"}, ValueError, "give training=True as well"),
        ({"reported": 2.0}, ValueError, "give training=True as well"),
        ({"training": True}, ValueError, "needs rows to train on"),
        ({"training": True, "X": X, "y": LABELS, "reported": 0.0}, ValueError, "reported must be > 0, got 0.0"),
        ({"training": True, "X": X, "y": LABELS, "reported": np.nan}, ValueError, "reported must be > 0, got nan"),
        ({"training": True, "X": X, "y": LABELS, "reported": "two"}, TypeError, "reported must be a number"),
        ({"drop_last": True}, NotImplementedError, "programs that train take every row"),
        ({"epoch": 3}, TypeError, r"^eject\(\) got an unexpected keyword argument 'epoch'"),
        ({"dtype": "float16"}, ValueError, "dtype must be float32 or float64, got 'float16'"),
        ({"dtype": np.array([1, 2])}, ValueError, "dtype must be float32 or float64"),
    ],
)
def test_options_that_make_no_sense_are_refused(model, options, error, said):
    with pytest.raises(error, match=said):
        model.eject("numpy", **options)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_that_has_diverged_is_refused_by_the_name_of_an_array(model, language):
    model.memory.theta[0] = np.nan
    with pytest.raises(ValueError, match="numbers in the model's W1 are infinite or NaN"):
        model.eject(language)


def test_weights_that_float32_cannot_hold_are_refused(model):
    model.memory.theta[-1] = 1e300
    with pytest.raises(ValueError, match="numbers in the model's b2 are too large for float32"):
        model.eject("c", dtype="float32")


@pytest.mark.parametrize("language", TEXTS)
def test_a_program_that_could_not_be_tested_is_refused(language):
    network = gn.Network(gn.Dense(5, "identity"), gn.Dense(1))
    model = gn.train(network, X, X[:, 0], epochs=1, seed=5, progress=False)
    model.memory.theta[:] *= 1e200
    with pytest.raises(ValueError, match="all infinite or NaN"):
        model.eject(language)


def test_rows_of_the_self_test_are_no_near_ties_and_have_finite_answers(model):
    first = model.eject("numpy").plan.rows[0]
    arrays = model.memory.arrays()
    hidden = np.tanh(first @ arrays["W1"] + arrays["b1"])
    lead = hidden @ arrays["W2"] + arrays["b2"]
    arrays["b2"][0] -= lead[0] - lead[1]  # now that row is a tie
    rows = model.eject("numpy").plan.rows
    assert len(rows) == 5
    assert not any(np.array_equal(row, first) for row in rows)


def network_of(task):
    """A network of a kind, and its rows."""
    if task == "table":
        return gn.train(
            gn.Network(gn.Dense(3), loss="cross_entropy"),
            named("penguins"),
            target="species",
            epochs=1,
            seed=1,
            progress=False,
        )
    wide = rng.normal(size=(7, 50 if task == "wide" else 3)).astype("float32" if task == "float32" else "float64")
    y = wide[:, :2] if task == "float32" else np.array(list("abababa")) if task == "wide" else wide[:, 0]
    units, loss = {"float32": (2, "squared"), "wide": (1, "binary_cross_entropy")}.get(task, (1, "squared"))
    return gn.train(gn.Network(gn.Dense(units), loss=loss), wide, y, epochs=1, seed=1, progress=False)


@pytest.mark.parametrize("task", ["table", "numbers", "float32", "wide"])
@pytest.mark.parametrize("language", ["numpy", "javascript", "c"])
def test_the_example_in_the_head_of_a_program_works_when_it_is_pasted(task, language, tmp_path):
    tool = {"numpy": sys.executable, "javascript": shutil.which("node"), "c": shutil.which("cc")}[language]
    if tool is None:
        pytest.skip(f"no tool for {language}")
    program = network_of(task).eject(language)
    suffix = LANGUAGES[language].suffix
    program.save(tmp_path / f"network{suffix}")
    first = {"numpy": "    from network", "javascript": "//     import", "c": " *     #define"}[language]
    lines = str(program).splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith(first))
    end = next(k for k, line in enumerate(lines) if k > start and line in ('"""', "", " */"))
    own = tmp_path / f"own{suffix}"
    own.write_text("\n".join(line[first.index("    ") :] for line in lines[start:end]), encoding="utf-8")
    if language == "numpy":
        own.write_text(textwrap.dedent(own.read_text()))
    command = [tool, own]
    if language == "c":
        strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion"]
        subprocess.run([tool, *strict, own, "-lm", "-o", "own"], cwd=tmp_path, check=True)
        command = [tmp_path / "own"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert bool(done.stdout) is (language == "c")


@pytest.mark.parametrize("language", ["numpy", "javascript", "c", "onnx"])
def test_a_program_in_double_precision_is_held_against_the_same_weights_in_double(language):
    model = network_of("float32")
    try:
        found = model.eject(language, dtype="float64").verify(20)
    except ToolMissing as missing:
        pytest.skip(str(missing))
    assert found.allowed == 1e-12
    assert found
    single = model.eject(language).verify(20)
    assert single.allowed == (1e-12 if language == "javascript" else 1e-5)
    assert single


@pytest.mark.parametrize(
    ("language", "name", "allowed"),
    [
        ("numpy", "n.txt", ".py"),
        ("r", "n.py", ".R"),
        ("javascript", "n.ts", ".mjs or .js"),
        ("c", "zz.py", ".c"),
        ("c", "x.h", ".c"),
        ("xlsx", "z.csv", ".xlsx"),
        ("onnx", "z.pb", ".onnx"),
    ],
)
def test_a_program_is_no_other_kind_of_file(model, language, name, allowed, tmp_path):
    program = model.eject(language)
    (tmp_path / name).write_text("kept")
    for options in ({}, {"header": True}) if language == "c" else ({},):
        with pytest.raises(ValueError, match=rf"the name of a program \(.*\) must end in {allowed}, got '.*{name}'"):
            program.save(tmp_path / name, **options)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "kept")]


@pytest.mark.parametrize(
    ("language", "name"),
    [("numpy", "N.PY"), ("r", "n.r"), ("r", "n.R"), ("javascript", "n.js"), ("c", "net"), ("xlsx", "n-0.1")],
)
def test_a_program_has_its_languages_ending_or_none(model, language, name, tmp_path):
    program = model.eject(language)
    program.save(tmp_path / name)
    assert (tmp_path / name).read_bytes() == program.data
