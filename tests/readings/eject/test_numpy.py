"""The ejected NumPy program: its text, its numbers, what it answers to wrong rows."""

import ast
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import glassnet as gn
from glassnet.datasets import named
from glassnet.readings.eject.ejected import Ejected


def loaded(program: Ejected, folder: Path) -> dict[str, Any]:
    """The names that the program defines, imported, not run."""
    path = folder / "network.py"
    program.save(path)
    names: dict[str, Any] = {"__name__": "network"}
    exec(compile(path.read_text(), path, "exec"), names)
    return names


def run(program: Ejected, folder: Path) -> subprocess.CompletedProcess[str]:
    program.save(folder / "network.py")
    return subprocess.run(
        [sys.executable, "-I", "-W", "error", "network.py"], cwd=folder, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def penguins() -> gn.Model:
    return gn.train(gn.Network(gn.Dense(5, "tanh"), gn.Dense()), named("penguins"), target="species", epochs=20, seed=0)


@pytest.fixture(scope="module")
def xor() -> gn.Model:
    X, y = gn.datasets.xor()
    return gn.initialize(gn.Network(gn.Dense(2, "sigmoid"), gn.Dense(1, "sigmoid"), loss="squared"), X, y, seed=3)


def test_it_imports_numpy_alone(penguins: gn.Model) -> None:
    tree = ast.parse(str(penguins.eject("numpy")))
    modules = [
        item.name for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom)) for item in node.names
    ]
    assert modules == ["numpy"]


def test_run_it_tests_itself_and_imported_it_says_nothing(penguins: gn.Model, tmp_path: Path, capsys: Any) -> None:
    done = run(penguins.eject("numpy"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("5 rows predicted: largest difference")
    loaded(penguins.eject("numpy"), tmp_path)
    assert capsys.readouterr().out == ""


@dataclass(frozen=True)
class Centre:
    """A layer that takes out the mean of the rows it is given, also when it predicts."""

    backward = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"y": x - x.mean(axis=0)}


def test_a_layer_that_looks_at_all_rows_together_passes_its_self_test(tmp_path: Path) -> None:
    X, y = gn.datasets.xor()
    model = gn.initialize(gn.Network(gn.Dense(3, "tanh"), Centre(), gn.Dense(1), loss="squared"), X, y, seed=0)
    done = run(model.eject("numpy"), tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_self_test_fails_when_a_weight_is_altered(penguins: gn.Model, tmp_path: Path) -> None:
    text = str(penguins.eject("numpy"))
    number = repr(float(penguins["W1"][0, 0]))
    assert number in text
    (tmp_path / "network.py").write_text(text.replace(number, repr(float(penguins["W1"][0, 0]) + 1e-3)))
    done = subprocess.run([sys.executable, "network.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "these are not glassnet's numbers" in done.stderr


def test_its_numbers_are_read_back_bit_for_bit(penguins: gn.Model, tmp_path: Path) -> None:
    names = loaded(penguins.eject("numpy"), tmp_path)
    for name, array in penguins.weights.items():
        assert names[name].tobytes() == array.tobytes()


def test_float32_stays_float32(tmp_path: Path) -> None:
    X, y = gn.datasets.xor()
    network = gn.Network(gn.Dense(3, "relu"), gn.Dense(1), loss="squared")
    model = gn.train(network, X.astype(np.float32), y, epochs=3, seed=0)
    names = loaded(model.eject("numpy"), tmp_path)
    assert names["W1"].dtype == np.float32
    assert names["W1"].tobytes() == model["W1"].tobytes()
    assert names["predict"](X).dtype == np.float32


@pytest.mark.filterwarnings("ignore::UserWarning")  # on missing values
def test_it_says_what_the_model_says_of_a_real_row(penguins: gn.Model, tmp_path: Path) -> None:
    names = loaded(penguins.eject("numpy"), tmp_path)
    table = named("penguins")
    rows = [{name: table.column(name)[i] for name in table.names} for i in range(50)]
    assert names["predict"](rows) == penguins.predict(table)[:50].tolist()
    np.testing.assert_allclose(names["predict_proba"](rows), penguins.predict_proba(table)[:50], atol=1e-15)


ROW = {
    "island": " Biscoe ",  # stripped, as cells of a file are
    "bill_length_mm": "39.1",  # a number given as text
    "bill_depth_mm": None,
    "flipper_length_mm": float("nan"),
    "body_mass_g": 3750,
    "sex": "NA",
    "year": 2007,
}


@pytest.mark.filterwarnings("ignore::UserWarning")  # on missing values
def test_blanks_missing_words_and_numbers_as_text_are_read_as_in_files(penguins: gn.Model, tmp_path: Path) -> None:
    names = loaded(penguins.eject("numpy"), tmp_path)
    table = {name: [value] for name, value in {**ROW, "bill_length_mm": 39.1}.items()}
    np.testing.assert_allclose(names["predict_proba"](ROW), penguins.predict_proba(table), atol=1e-15)


MIXED = {
    "area": [31.0, None, 70.0, 52.5, 93.5, 28.0],
    "rooms": [1, 2, 3, 2, 4, 1],
    "town": ["Ulm", "Bern", None, " Ulm", "Graz", "Bern"],
    "lift": [True, False, True, True, False, None],
    "zip": pd.Categorical([89073, 3011, 89073, 3011, 3011, 89073]),
    "built": pd.to_datetime(["1990-01-01", "2001-05-06", None, "2010-07-08", "1985-03-04", "1999-12-31"]),
    "kind": ["flat", "flat", "house", "flat", "house", "flat"],
}


@pytest.fixture(scope="module")
def homes() -> gn.Model:
    frame = pd.DataFrame({name: [*values, *values, *values] for name, values in MIXED.items()})
    return gn.train(gn.Network(gn.Dense(4, "tanh"), gn.Dense()), frame, target="kind", epochs=2, seed=1)


FORMS = ["pandas", "pandas nullable", "pandas text", "polars", "pyarrow", "columns", "arrays", "rows"]


@pytest.mark.parametrize("form", FORMS)
def test_it_takes_tables_by_their_columns(form: str, homes: gn.Model, tmp_path: Path) -> None:
    frame = pd.DataFrame(MIXED)
    columns = {name: [None if pd.isna(value) else value for value in frame[name]] for name in frame}
    arrow = pytest.importorskip("pyarrow") if form == "pyarrow" else None
    given = {
        "pandas": lambda: frame.set_index("rooms", drop=False),
        "pandas nullable": frame.convert_dtypes,
        "pandas text": lambda: frame.astype({"town": "string", "area": "float32", "rooms": "int8"}),
        "polars": lambda: pl.DataFrame({**columns, "zip": [str(code) for code in MIXED["zip"]]}),
        "pyarrow": lambda: arrow.table({**columns, "zip": [str(code) for code in MIXED["zip"]]}),
        "columns": lambda: dict(reversed(columns.items())),
        "arrays": lambda: {**columns, "rooms": np.array(MIXED["rooms"]), "town": np.array(columns["town"], object)},
        "rows": lambda: frame.to_dict("records"),
    }[form]()
    names = loaded(homes.eject("numpy"), tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a missing date was not in training
        expected = homes.predict_proba(frame)
    np.testing.assert_allclose(names["predict_proba"](given), expected, rtol=1e-12)
    assert names["predict"](given) == homes.predict(frame).tolist()


def test_tables_that_do_not_fit_are_refused(penguins: gn.Model, tmp_path: Path) -> None:
    names = loaded(penguins.eject("numpy"), tmp_path)
    frame = pd.DataFrame(dict(named("penguins").columns))
    assert names["predict_proba"](frame.iloc[:0]).shape == (0, 3)
    assert names["predict_proba"](frame.iloc[:1]).shape == (1, 3)
    with pytest.raises(ValueError, match="row 0 has no column 'sex'; it needs"):
        names["predict"](frame.drop(columns="sex"))
    for other in (pd.DataFrame({"zz": [1, 2]}), frame.rename(columns=str.upper), frame.iloc[:0, 4:], {"zz": [1, 2]}):
        with pytest.raises(ValueError, match="row 0 has no column 'island'; it needs"):
            names["predict_proba"](other)
    with pytest.raises(ValueError, match=r"columns must be equally long, got {.*'sex': 1"):
        names["predict"]({**{name: list(frame[name]) for name in frame}, "sex": ["male"]})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"body_mass_g": "heavy"}, "'heavy' in column 'body_mass_g' is not a number"),
        ({"body_mass_g": True}, "True in column 'body_mass_g' is not a number"),
        ({"body_mass_g": float("inf")}, "too large"),
        ({"body_mass_g": ...}, "has no column 'body_mass_g'"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(
    penguins: gn.Model, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    names = loaded(penguins.eject("numpy"), tmp_path)
    row = {name: value for name, value in {**ROW, **change}.items() if value is not ...}
    with pytest.raises(ValueError, match=message):
        names["predict"]([row])


@pytest.mark.parametrize("word", ["1_000", "\u0663", "inf", "0x10", "5,5"])
def test_words_that_files_do_not_read_as_numbers_are_none(penguins: gn.Model, word: str, tmp_path: Path) -> None:
    row = {**ROW, "bill_length_mm": word}
    with pytest.raises(ValueError, match="bill_length_mm"):
        penguins.predict({name: [value] for name, value in row.items()})
    with pytest.raises(ValueError, match="is not a number"):
        loaded(penguins.eject("numpy"), tmp_path)["predict"](row)


@pytest.mark.parametrize("language", ["numpy", "c"])
def test_lists_of_numbers_have_no_lines_that_run_out_of_the_page(language: str) -> None:
    rows = {"X": np.ones((3, 29)), "y": np.ones(3)}
    model = gn.initialize(gn.Network(gn.Dense(23), gn.Dropout(0.5), gn.Dense(1)), *rows.values(), seed=0)
    program = model.eject(language, training=True, **rows, batch_size=2)
    assert max(map(len, str(program).splitlines())) <= 120


def test_arrays_that_do_not_fit_are_refused(xor: gn.Model, tmp_path: Path) -> None:
    names = loaded(xor.eject("numpy"), tmp_path)
    for rows, message in (([[1.0]], "2 numbers each"), ([[1.0, np.nan]], "finite")):
        with pytest.raises(ValueError, match=message):
            names["predict"](rows)
    assert names["predict"]([0.0, 1.0]).shape == (1, 1)  # one row


def test_plain_gradient_descent_is_written_array_by_array(xor: gn.Model) -> None:
    X, y = gn.datasets.xor()
    text = str(xor.eject("numpy", training=True, X=X, y=y, optimizer=gn.SGD(0.5), epochs=7, batch_size=None))
    assert "    W1[:] = W1 - lr * dW1\n    b1[:] = b1 - lr * db1\n" in text
    assert "theta" not in text
    assert "rng" not in text  # nothing is drawn


def test_a_penalty_pulls_on_weights_and_not_on_biases() -> None:
    X, y = gn.datasets.xor()
    network = gn.Network(gn.Dense(2, "tanh"), gn.Dense(1), loss="squared", l2=0.25)
    model = gn.initialize(network, X, y, seed=0)
    program = model.eject("numpy", training=True, X=X, y=y, optimizer=gn.SGD(0.5), epochs=7)
    assert "W1[:] = W1 - lr * (dW1 + l2 * W1)\n" in str(program)
    assert "b1[:] = b1 - lr * db1\n" in str(program)
    assert program.verify()


def test_a_gradient_shortened_as_a_whole_is_not_written_array_by_array(xor: gn.Model) -> None:
    X, y = gn.datasets.xor()
    program = xor.eject("numpy", training=True, X=X, y=y, optimizer=gn.SGD(0.5, clip_norm=0.1), epochs=7)
    assert "g_clip" in str(program)
    assert program.verify()


@pytest.mark.parametrize("name", gn.parts.optimizers.RULES)
def test_every_optimizer_trains_to_glassnets_weights(name: str) -> None:
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(13, 3)), rng.normal(size=(13, 2))
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dropout(0.25), gn.BatchNorm(), gn.Dense(2), loss="huber", l1=0.01)
    model = gn.train(network, X, y, optimizer=name, epochs=2, batch_size=4, seed=1)
    model.freeze("W1", np.arange(15).reshape(3, 5) % 4 == 0)
    weight = rng.uniform(0.5, 2.0, 13)
    found = model.eject("numpy", training=True, X=X, y=y, sample_weight=weight, epochs=6, batch_size=4).verify()
    assert found, str(found)


def test_a_training_program_goes_on_where_the_model_is_and_leaves_it_there(xor: gn.Model, tmp_path: Path) -> None:
    X, y = gn.datasets.xor()
    before, state = xor.memory.theta.copy(), xor.rng.bit_generator.state
    program = xor.eject("numpy", training=True, X=X, y=y, optimizer="adam", epochs=20, batch_size=3)
    assert (xor.memory.theta == before).all()
    assert xor.rng.bit_generator.state == state
    assert xor.optimizer is None
    done = run(program, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Epoch") == 10


def test_names_of_ones_own_formulas_never_clash_with_the_programs(tmp_path: Path) -> None:
    def forward(z: Any) -> Any:
        return np.tanh(z) + 0.1 * z

    def exp(z: Any) -> Any:
        return np.exp(-z * z)

    def print(z: Any) -> Any:
        return z * 0.5

    def W1(z: Any) -> Any:
        return z + 0.25

    X, y = gn.datasets.xor()
    layers = [gn.Dense(2, function) for function in (forward, exp, print, W1)]
    model = gn.train(gn.Network(*layers, gn.Dense(1, "sigmoid")), X, y, epochs=2, seed=0)
    assert model.eject("numpy").verify()
    assert run(model.eject("numpy"), tmp_path).returncode == 0
