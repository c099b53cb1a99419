"""The ejected C program: clean under strict compilers, its numbers, what it answers to wrong rows."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.datasets import named
from glassnet.readings.eject import Ejected
from glassnet.reproduce.tychobra import PRINTED, lesson, start

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="a C compiler is needed to run this program")

STRICT = ["cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion", "-Wshadow", "-O1"]
SANITIZED = [*STRICT, "-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover"]


def compiled(text: str, folder: Path, command: list[str] = STRICT) -> Path:
    """The program made of a file's text."""
    (folder / "main.c").write_text(text, encoding="utf-8")
    done = subprocess.run([*command, "main.c", "-lm", "-o", "main"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder / "main"


def said(text: str, folder: Path, command: list[str] = STRICT, status: int = 0) -> str:
    """What the program made of a file's text prints."""
    options = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run([compiled(text, folder, command)], capture_output=True, text=True, env=options)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def used(program: Ejected, main: str, folder: Path) -> list[str]:
    """What a `main` of one's own prints that includes the program."""
    program.save(folder / "network.c")
    head = '#define NETWORK_NO_MAIN\n#include "network.c"\n#include <stdio.h>\n'
    return said(f"{head}int main(void)\n{{\n{main}\n    return 0;\n}}\n", folder).splitlines()


@dataclass(frozen=True)
class Square:
    """A layer of one's own, of three axes on the way."""

    backward: Any = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {"W": gn.Parameter((n_inputs, n_inputs), "glorot_uniform")}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"y": np.sum(np.expand_dims(x, -1) * np.tanh(p.W), axis=1) + x @ np.exp(p.W)}


@dataclass(frozen=True)
class Centre:
    """A layer whose result for a row depends on the others."""

    backward: Any = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"y": x - x.mean(axis=0)}


@dataclass(frozen=True)
class Twice:
    """A layer in which two arrays have the same gradient."""

    backward: Any = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {name: gn.Parameter((n_inputs, n_inputs), "glorot_uniform") for name in "WA"}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"y": x @ (p.W + p.A)}


@pytest.fixture(scope="module")
def penguins() -> gn.Model:
    return gn.train(gn.Network(gn.Dense(5, "tanh"), gn.Dense()), named("penguins"), target="species", epochs=20, seed=0)


def everything(dtype: Any = np.float64) -> tuple[gn.Model, np.ndarray, np.ndarray]:
    """A model with all kinds of layers, and the rows that it learns."""
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(13, 3)).astype(dtype), np.array(list("abcab" * 3))[:13]
    layers = [gn.BatchNorm(), gn.Dense(5, "gelu"), gn.Dropout(0.25), Square(), gn.LayerNorm(), gn.Dense(4, "softmax")]
    network = gn.Network(*layers, gn.Dense(3), l2=0.01, l1=0.001)
    return gn.train(network, X, y, epochs=2, batch_size=4, seed=1), X, y


def test_it_is_clean_under_a_strict_compiler_and_the_sanitizers(penguins: gn.Model, tmp_path: Path) -> None:
    text = str(penguins.eject("c"))
    assert "5 rows predicted" in said(text, tmp_path, SANITIZED)
    assert "malloc" not in text


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_program_that_trains_is_clean_too(dtype: Any, tmp_path: Path) -> None:
    model, X, y = everything(dtype)
    options = {"optimizer": gn.Adam(gn.schedule("cosine", 0.01, epochs=3), clip_norm=1.0), "batch_size": 4}
    program = model.eject("c", training=True, X=X, y=y, epochs=5, **options)
    assert "These are glassnet's numbers." in said(str(program), tmp_path, SANITIZED)


def test_it_compiles_as_the_compiler_is_by_default(tmp_path: Path) -> None:
    model, X, y = everything()  # y1 is a Bessel function there
    program = model.eject("c", training=True, X=X, y=y, epochs=1)
    said(str(program), tmp_path, ["cc", "-O2", "-Wall", "-Wextra", "-Werror"])


def test_a_model_in_double_is_written_in_float_on_request(penguins: gn.Model, tmp_path: Path) -> None:
    program = penguins.eject("c", dtype=np.float32)
    assert "typedef float real;" in str(program)
    said(str(program), tmp_path, [*STRICT, "-Wdouble-promotion"])
    found = program.verify()
    assert found
    assert found.difference > 1e-12  # it does compute in float


def test_the_self_test_fails_when_a_weight_is_altered(penguins: gn.Model, tmp_path: Path) -> None:
    text = str(penguins.eject("c"))
    weight = re.search(r"W1\[11\]\[5\] = \{\s+\{\s*(\S+),", text)
    assert weight
    assert "THESE ARE NOT" in said(text.replace(weight[1], "0.125"), tmp_path, status=1)


def test_the_self_test_fails_when_a_step_of_training_is_altered(tmp_path: Path) -> None:
    X, y = gn.datasets.xor()
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense(1, "sigmoid"), loss="squared")
    model = gn.initialize(network, X, y, seed=0)
    text = str(model.eject("c", training=True, X=X, y=y, optimizer=gn.SGD(0.5), epochs=3))
    assert "THESE ARE NOT" in said(text.replace("lr = 0.5;", "lr = 0.500001;"), tmp_path, status=1)


def test_its_weights_are_read_back_bit_for_bit(penguins: gn.Model, tmp_path: Path) -> None:
    lines = used(
        penguins.eject("c"),
        '    for (int k = 0; k < 11; k++) for (int j = 0; j < 5; j++) printf("%a\\n", W1[k][j]);',
        tmp_path,
    )
    assert [float.fromhex(line) for line in lines] == penguins["W1"].ravel().tolist()


def test_it_says_how_many_bytes_its_weights_take(penguins: gn.Model, tmp_path: Path) -> None:
    program = penguins.eject("c")
    sizes = ", ".join(f"sizeof {name}" for name in penguins.weights)
    lines = used(program, f'    printf("%d\\n", (int)({sizes.replace(", ", " + ")}));', tmp_path)
    assert f"{lines[0]} for weights" in str(program)


ROWS = """
    Row rows[5] = {
        {{39.1, 18.7, 181.0, 3750.0, 2007.0}, {"Torgersen", "male"}},
        {{39.1, NAN, NAN, 3750.0, 2007.0}, {" Biscoe\\t", " NA "}},
        {{39.1, 18.7, 181.0, 3750.0, 2007.0}, {"Atlantis", NULL}},
        {{39.1, 18.7, 181.0, INFINITY, 2007.0}, {"Biscoe", "male"}},
        {{-INFINITY, 18.7, 181.0, 3750.0, 2007.0}, {"Biscoe", "male"}},
    };
    for (int r = 0; r < 5; r++) {
        real found[N_CLASSES];
        const int k = predict(&rows[r], found);
        printf("%d %a %s\\n", k, k < 0 ? 0.0 : found[0], k < 0 ? COLUMNS[network_error_place].name : CLASSES[k]);
    }
"""


@pytest.mark.filterwarnings("ignore::UserWarning")  # on missing values and new words
def test_missing_values_new_words_and_wrong_numbers(penguins: gn.Model, tmp_path: Path) -> None:
    lines = [line.split() for line in used(penguins.eject("c"), ROWS, tmp_path)]
    table = {
        "island": ["Torgersen", "Biscoe", "Atlantis"],
        "bill_length_mm": [39.1] * 3,
        "bill_depth_mm": [18.7, None, 18.7],
        "flipper_length_mm": [181.0, None, 181.0],
        "body_mass_g": [3750.0] * 3,
        "sex": ["male", None, None],
        "year": [2007.0] * 3,
    }
    expected = penguins.predict_proba(table)
    np.testing.assert_allclose([float.fromhex(line[1]) for line in lines[:3]], expected[:, 0], rtol=1e-12)
    assert [line[2] for line in lines[:3]] == penguins.predict(table).tolist()
    assert [line[0] for line in lines[3:]] == ["-1", "-1"]
    assert [line[2] for line in lines[3:]] == ["body_mass_g", "bill_length_mm"]


def test_a_row_of_an_array_with_an_infinite_number_is_refused(tmp_path: Path) -> None:
    X, y = gn.datasets.xor()
    model = gn.train(gn.Network(gn.Dense(2, "tanh"), gn.Dense(1), loss="squared"), X, y, epochs=2, seed=0)
    main = """
    const real row[2] = {1.0, NAN};
    real prediction[1];
    printf("%d %d %s\\n", predict(row, prediction), network_error_place, network_error);
    """
    main = main.replace('printf("%d %d %s\\n", predict(row, prediction)', 'const int k = predict(row, prediction);\n'
                        '    printf("%d %d %s\\n", k')  # fmt: skip
    assert used(model.eject("c"), main, tmp_path) == ["-1 1 a number is infinite or NaN; fill or drop it"]


def test_training_goes_on_with_every_call(tmp_path: Path) -> None:
    X, y = gn.datasets.xor()
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense(1, "sigmoid"), loss="squared")
    model = gn.initialize(network, X, y, seed=0)
    options: dict[str, Any] = {"optimizer": gn.Adam(gn.schedule("exponential", 0.1)), "batch_size": 3}
    main = '    train(4);\n    printf("%a\\n", train(6));'
    lines = used(model.eject("c", training=True, X=X, y=y, epochs=10, **options), main, tmp_path)
    gn.train(model, X, y, epochs=10, engine="numpy", progress=False, **options)
    assert float.fromhex(lines[0]) == pytest.approx(model.history["loss"][-1], rel=1e-12)


def test_the_tychobra_tutorial_learns_its_four_predictions(tmp_path: Path) -> None:
    tutorial, (W1, W2) = lesson(), start(0)
    layers = [gn.Dense(4, "sigmoid", bias=False, weights=W1), gn.Dense(1, "sigmoid", bias=False, weights=W2)]
    model = gn.initialize(gn.Network(*layers, loss=tutorial.loss), tutorial.X, tutorial.y, seed=0)
    options: dict[str, Any] = {"optimizer": gn.SGD(1.0), "epochs": 1500, "batch_size": None}
    program = model.eject("c", training=True, X=tutorial.X, y=tutorial.y, **options)
    assert program.verify()
    assert "uint64_t" not in str(program)  # nothing is drawn
    rows = ", ".join("{" + ", ".join(map(str, row)) + "}" for row in tutorial.X)
    main = f"""
    const real rows[4][3] = {{{rows}}};
    train(EPOCHS);
    for (int r = 0; r < 4; r++) {{
        real p[1];
        predict(rows[r], p);
        printf("%.3f\\n", p[0]);
    }}
    """
    printed = [float(line) for line in used(program, main, tmp_path)]
    np.testing.assert_allclose(printed, tutorial.train(W1, W2)[1][:, 0], atol=0.0005001)
    np.testing.assert_allclose(printed, PRINTED, atol=0.01)


@pytest.mark.parametrize("language", ["c", "javascript"])
def test_two_arrays_with_the_same_gradient_are_both_trained(language: str) -> None:
    X, y = gn.datasets.xor()
    model = gn.initialize(gn.Network(Twice(), gn.Dense(1), loss="squared"), X, y, seed=0)
    assert model.eject(language, training=True, X=X, y=y, epochs=5).verify()


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("language", ["c", "javascript"])
def test_rows_with_infinite_answers_are_not_in_the_self_test(language: str) -> None:
    X, y = gn.datasets.xor()
    network = gn.Network(gn.Dense(1, lambda z: np.exp(1000.0 * z), weights=[[1.0], [1.0]]), loss="squared")
    model = gn.initialize(network, X, y, seed=0)
    text = str(model.eject(language))
    assert "INFINITY" not in text
    assert "Infinity" not in text
    assert model.eject(language).verify()


def test_a_prediction_that_needs_other_rows_is_refused_by_name() -> None:
    X, y = gn.datasets.xor()
    model = gn.initialize(gn.Network(gn.Dense(2), Centre(), gn.Dense(1), loss="squared"), X, y, seed=0)
    with pytest.raises(NotImplementedError, match=r"layer 2, step .y2 = z1 - mean\(z1, axis=0\).*over rows"):
        model.eject("c")


def test_a_matrix_product_is_the_textbooks_triple_loop() -> None:
    X, y = np.zeros((4, 2)), np.zeros((4, 3))
    model = gn.initialize(gn.Network(gn.Dense(3), loss="squared"), X, y, seed=0)
    text = str(model.eject("c", training=True, X=X, y=y, epochs=1))
    assert (
        """
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < 3; j++) {
            real sum = 0.0;
            for (int k = 0; k < 2; k++) sum += x[i][k] * W1[k][j];
            z1[i][j] = sum + b1[j];
        }
    }
"""
        in text
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_large_matrix_is_gone_through_row_by_row(dtype: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(13, 37)).astype(dtype), rng.normal(size=(13, 2))
    network = gn.Network(gn.Dense(31, "tanh", scaling="ntk"), gn.Dense(34, bias=False), gn.Dense(), loss="squared")
    model = gn.train(network, X, y, epochs=1, seed=0)
    program = model.eject("c", training=True, X=X, y=y, epochs=2, batch_size=5)
    assert """
    for (int k = 0; k < 37; k++) {
        const real factor = x[k];
        for (int j = 0; j < 31; j++) z1[j] += factor * W1[k][j];
    }
""" in str(program)
    assert "These are glassnet's numbers." in said(str(program), tmp_path, SANITIZED)
    assert program.verify(20)
    if shutil.which("node"):
        assert model.eject("javascript", training=True, X=X, y=y, epochs=2, batch_size=5).verify(20)


def test_a_softmax_takes_the_largest_score_out_first_and_each_exponential_once(penguins: gn.Model) -> None:
    assert """
    real largest_p = -INFINITY;
    for (int j = 0; j < 3; j++) largest_p = fmax(largest_p, z2[j]);
    real e_p[3];
    for (int j = 0; j < 3; j++) e_p[j] = exp(z2[j] - largest_p);
    real sum_p = 0.0;
    for (int j = 0; j < 3; j++) sum_p += e_p[j];
    for (int j = 0; j < 3; j++) p[j] = e_p[j] / sum_p;
""" in str(penguins.eject("c"))


def test_what_does_not_depend_on_a_loop_is_computed_before_it() -> None:
    X, y = gn.datasets.xor()
    model = gn.initialize(gn.Network(gn.Dense(1), loss="squared"), X, y, seed=0)
    text = str(model.eject("c", training=True, X=X, y=y, optimizer="adam", epochs=1))
    assert "    const double factor = lr / (1.0 - pow(beta1, t));\n" in text
    assert "        theta[j] = theta[j] - factor * m[j] / (sqrt(v[j] / factor2) + eps);\n" in text
