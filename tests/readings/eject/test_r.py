"""The ejected R program: its text, its numbers, what it answers to wrong rows, and how strictly it can be run."""

import os
import re
import subprocess
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.datasets import named
from glassnet.expressions.expression import symbol
from glassnet.expressions.notation import write
from glassnet.readings.eject.ejected import Ejected
from glassnet.readings.eject.r import text as r_text
from glassnet.readings.eject.r.notation import InR, notation
from glassnet.readings.eject.r.random import generator_words
from glassnet.readings.eject.r.values import array, assigned, comment, number, text
from glassnet.readings.eject.skeleton import generator_texts
from glassnet.reproduce.tychobra import lesson, reproduce_tychobra, start


def rscript(code: str, folder: Path, locale: str = "C") -> subprocess.CompletedProcess[str]:
    """R code, run where warnings are errors."""
    (folder / "code.R").write_text("options(warn = 2)\n" + code)
    return subprocess.run(
        ["Rscript", "--vanilla", "code.R"],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "LC_ALL": locale},
    )


def said(program: Ejected, code: str, folder: Path) -> str:
    """What R prints of code that uses a program."""
    program.save(folder / "network.R")
    done = rscript(f'source("network.R")\n{code}', folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refusals(program: Ejected, rows: Iterable[str], folder: Path) -> list[str]:
    """The errors that predictions of rows end with."""
    asked = ",\n".join(f"quote(predict_rows({given}))" for given in rows)
    code = f"for (asked in list({asked})) cat(tryCatch(eval(asked), error = conditionMessage), '\\n')"
    return said(program, code, folder).splitlines()


@pytest.fixture(scope="module")
def penguins() -> gn.Model:
    return gn.train(gn.Network(gn.Dense(5, "tanh"), gn.Dense()), named("penguins"), target="species", epochs=5, seed=0)


@pytest.fixture(scope="module")
def tychobra() -> Ejected:
    tutorial, (W1, W2) = lesson(), start(0)
    hidden, output = (gn.Dense(len(W.T), "sigmoid", bias=False, weights=W) for W in (W1, W2))
    model = gn.initialize(gn.Network(hidden, output, loss=tutorial.loss), tutorial.X, tutorial.y)
    return model.eject(
        "r", training=True, X=tutorial.X, y=tutorial.y, optimizer=gn.SGD(1.0), epochs=1500, batch_size=None
    )


@pytest.fixture(scope="module")
def busy() -> Ejected:
    """A program with everything that training may have: dropout, mixed rows, running means, slots, a schedule."""
    X = np.random.default_rng(1).normal(size=(17, 3))
    y = np.where(X[:, 0] > 0, "über", 'n"o')
    network = gn.Network(
        gn.Dense(5, "gelu"), gn.BatchNorm(), gn.Dropout(0.1), gn.Dense(4, "relu"), gn.LayerNorm(), gn.Dense(), l2=0.1
    )
    model = gn.train(network, X, y, epochs=2, batch_size=4, seed=5)
    adam = gn.Adam(gn.schedule("cosine", 0.01, epochs=3), clip_norm=1.0)
    return model.eject(
        "r", training=True, X=X, y=y, sample_weight=1 + np.arange(17.0), optimizer=adam, epochs=3, batch_size=7
    )


# the tutorial


def test_the_tutorial_prints_what_reproduce_prints(tychobra: Ejected, tmp_path: Path) -> None:
    printed: list[str] = []
    reproduce_tychobra(None, printed.append, seeds=1)
    ours = [line.removeprefix("## ").split() for line in printed[0].splitlines()]
    done = rscript(str(tychobra), tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()[-5:]] == ours


def test_the_tutorial_ends_with_the_same_weights(tychobra: Ejected) -> None:
    found = tychobra.verify(rows=20)
    assert found.passed
    assert found.weights is not None
    assert found.weights <= 1e-10


def test_the_tutorial_reads_as_it_does(tychobra: Ejected) -> None:
    program = str(tychobra)
    for line in (
        "  z1 <- x %*% nn$W1 ",
        "  a1 <- sigmoid(z1) ",
        "  dW2 <- t(a1) %*% dz2 ",
        "  nn$W1 <- nn$W1 - lr * dW1\n",
        "lr <- 1  # the learning rate\n",
    ):
        assert line in program
    assert not {"theta", "rep(", "generator", "memory"} & set(re.findall(r"\w+\(?", program))


# its text


def test_it_is_ascii_without_tabs_and_within_120_columns(penguins: gn.Model, busy: Ejected, tychobra: Ejected) -> None:
    for program in map(str, (penguins.eject("r"), busy, tychobra)):
        assert program.isascii()
        assert "\t" not in program
        assert max(map(len, program.splitlines())) <= 120


def test_it_loads_no_packages(penguins: gn.Model, busy: Ejected) -> None:
    for program in map(str, (penguins.eject("r"), busy)):
        assert not re.search(r"\b(library|require|requireNamespace|loadNamespace)\s*\(", program)
        assert set(re.findall(r"(\w+)::", program)) <= {"utils"}


def test_every_bracket_that_opens_closes(busy: Ejected) -> None:
    code = re.sub(r'"(\\.|[^"\\])*"|#.*', "", str(busy))
    for left, right in ("()", "[]", "{}"):
        assert code.count(left) == code.count(right)


def test_a_biased_layer_repeats_its_bias_along_the_rows(penguins: gn.Model) -> None:
    assert "  z1 <- x %*% nn$W1 + rep(nn$b1, each = n) " in str(penguins.eject("r"))


def test_numbers_are_read_back_bit_for_bit(tmp_path: Path) -> None:
    given = [0.1, -0.0, 1e-5, 1.5957691216057308, 2.0**-1074, 1.7976931348623157e308, 1e22, 3.0, 0.1 + 0.2]
    done = rscript(f"cat(sprintf('%a', c({', '.join(map(number, given))})))", tmp_path)
    assert [float.fromhex(word).hex() for word in done.stdout.split()] == [value.hex() for value in given]


def test_beside_hexadecimal_numbers_stand_decimals() -> None:
    assert assigned("b", np.array([0.1 + 0.2]), "(1)") == "b <- 0x1.3333333333334p-2  # (1)  0.3"
    assert assigned("b", np.array([0.5]), "(1)") == "b <- 0.5  # (1)"
    assert assigned("b", np.array([0.1 + 0.2, 0.5]), "(2)").splitlines()[1].split("# ")[1].split() == ["0.3", "0.5"]


def test_long_arrays_are_assigned_in_parts(tmp_path: Path) -> None:
    given = [np.random.default_rng(k).normal(size=shape) for k, shape in enumerate([(400, 11), (3001,), (1000, 1)])]
    code = "\n".join(
        assigned("a", item) + '\ncat(sprintf("%a", if (is.matrix(a)) t(a) else a), "\\n")' for item in given
    )
    assert all(len(statement.splitlines()) <= 260 for statement in code.split("a["))
    for line, item in zip(rscript(code, tmp_path).stdout.splitlines(), given, strict=True):
        assert [float.fromhex(word) for word in line.split()] == item.ravel().tolist()


def test_decimals_that_r_misreads_are_not_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    digits = rng.integers(1, 18, 4000)
    drawn = [
        float(f"{value:.{k}g}") for value, k in zip(rng.normal(size=4000) * 10.0 ** (digits - 9), digits, strict=True)
    ]
    written = [number(value) for value in drawn]
    assert sum("0x" not in item for item in written) > 2000
    done = rscript(f"writeLines(sprintf('%a', c({', '.join(written)})))", tmp_path)
    assert [float.fromhex(item) for item in done.stdout.split()] == drawn


def test_texts_come_back_unchanged(tmp_path: Path) -> None:
    given = ['a"b\\', "é😀\u202e\n\t\x01", "%s ${x} `", "\\u0041", "' # */"]
    done = rscript("\n".join(f"cat(utf8ToInt({text(words)}), '\\n')" for words in given), tmp_path)
    assert ["".join(map(chr, map(int, line.split()))) for line in done.stdout.splitlines()] == given
    assert all(text(words).isascii() for words in given)


def test_a_text_that_r_cannot_hold_is_refused() -> None:
    for words in ("a\0b", "\ud800"):
        with pytest.raises(NotImplementedError, match="a text in R cannot hold the character"):
            text(words)


def test_comments_say_formulas_in_ascii() -> None:
    assert comment("u = √(2/π)·(z + z³), ½r² ≤ σ(s), 2⁻⁵²") == "u = sqrt(2/pi)*(z + z^3), 1/2 r^2 <= sigmoid(s), 2^-52"
    assert comment("two\nlines\u202e") == "two?lines?"


# arrays of NumPy in R

ARRAYS = {"X": (5, 3), "C": (5, 1), "R": (1, 3), "b": (3,), "s": (), "W": (3, 3), "v": (3, 1), "k": (1, 1)}
FORMULAS = """
    X + b; b - X; X * C; C / X; X - R; X + k; X * s; b + C; C * R; R - C; C - k; R + b; k * k; s - b; X > b
    X @ W; C @ R; X @ v + k; X.T @ C; C.T @ X; R.T + v; (C + C).T; (X.sum(axis=1, keepdims=True) * 2).T @ X
    np.expand_dims(b, 1) * v; np.expand_dims(b, 0) + X; X - X.max(axis=1, keepdims=True); X - X.mean(axis=0)
    X - X.mean(axis=0, keepdims=True); X / X.sum(); (C * b).max(axis=0); R.sum(axis=1, keepdims=True) + C
    b.max() - b; X.mean(axis=1) ** 2; C.sum(axis=1, keepdims=True) - C; -X ** 2; (-X) ** 2.0
    np.maximum(0.5, X); np.maximum(b, X); np.minimum(C, R); np.minimum(s, 0.25); np.maximum(X, C)
    np.maximum(b, 0.0); np.where(X > 0, b, C); np.where(b > 0, X, 0.0); np.where(C > 0, 1.0, R)
    np.where(s > 0, X, R); np.where(s > 0, b, 2.0); np.where((X > 0) & (b < 0.5), X, -b)
    np.where(~(C > 0) | (C < -1), C, s); np.where(b > 0, C, R); np.where(k > 0, C, 1.0)
    np.abs(X) - np.sign(C) * np.floor(b); (X * (X @ W)) @ W; X * (C @ R); 1 / (1 + np.exp(-(X @ W + b)))
    (X - (b - C)) - R
"""


def test_every_way_of_broadcasting_gives_numpys_numbers(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    values = {name: np.asarray(rng.normal(size=shape)) for name, shape in ARRAYS.items()}
    symbols = {
        name: symbol(name, tuple("n" if size == 5 else size for size in shape)) for name, shape in ARRAYS.items()
    }
    n = "n <- 5\n" + "".join(f"{name} <- {array(value)}\n" for name, value in values.items())
    formulas = [formula.strip() for formula in FORMULAS.replace("\n", ";").split(";") if formula.strip()]
    code, expected = n, []
    for formula in formulas:
        piece = InR({}).of(eval(formula, {"np": np}, symbols.copy()))
        written = write(piece.node, notation(str, str))
        code += f"r <- {written}\ncat(sprintf('%a', 1 * if (is.matrix(r)) t(r) else r), '\\n')\n"
        expected.append(np.ravel(np.asarray(eval(formula, {"np": np}, values.copy()), float)))
    done = rscript(code, tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for line, numbers, formula in zip(lines, expected, formulas, strict=True):
        assert [float.fromhex(word) for word in line.split()] == pytest.approx(numbers.tolist(), rel=1e-13), formula


# running it


def test_run_it_tests_itself_and_sourced_it_says_nothing(penguins: gn.Model, busy: Ejected, tmp_path: Path) -> None:
    for program in (penguins.eject("r"), busy):
        done = rscript(str(program), tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("5 rows predicted: largest difference")
        assert said(program, "", tmp_path) == ""


@pytest.mark.parametrize("name", ["W1", "expected", "expected_nn"])
def test_the_self_test_fails_when_a_number_is_altered(name: str, tychobra: Ejected, tmp_path: Path) -> None:
    place = str(tychobra).index("0x1.", re.search(rf"{name}\b <?[-=]", str(tychobra)).start())  # type: ignore[union-attr]  # it is there
    altered = (
        str(tychobra)[: place + 6] + ("7" if str(tychobra)[place + 6] != "7" else "6") + str(tychobra)[place + 7 :]
    )
    done = rscript(altered, tmp_path)
    assert done.returncode == 1
    assert "these are not glassnet's numbers" in done.stderr


@pytest.mark.parametrize("locale", ["C", "C.utf8", "de_DE.utf8"])
def test_it_runs_in_any_locale(locale: str, busy: Ejected, tmp_path: Path) -> None:
    if locale not in subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.split():
        pytest.skip(f"{locale} is not installed")
    done = rscript(str(busy), tmp_path, locale)
    assert done.returncode == 0, done.stderr


def test_codetools_finds_nothing(penguins: gn.Model, busy: Ejected, tychobra: Ejected, tmp_path: Path) -> None:
    if rscript("codetools::checkUsage", tmp_path).returncode:
        pytest.skip("R's codetools is not installed")
    code = []
    for k, program in enumerate((penguins.eject("r"), busy, tychobra)):
        program.save(tmp_path / f"{k}.R")
        code.append(f"own <- new.env()\nsource('{k}.R', own)\ncodetools::checkUsageEnv(own, report = cat)")
    done = rscript("\n".join(code), tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_everything_at_once_trains_as_glassnet(busy: Ejected) -> None:
    found = busy.verify(rows=20)
    assert found.passed, found


def test_training_twice_gives_the_same(busy: Ejected, tmp_path: Path) -> None:
    code = "invisible(capture.output({a <- train(nn); b <- train(nn)}))\ncat(identical(a, b), identical(a$nn, nn))"
    assert said(busy, code, tmp_path) == "TRUE FALSE"


@pytest.mark.parametrize(("single", "half"), [(False, False), (True, False), (True, True)])
def test_its_random_numbers_are_numpys(single: bool, half: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    if half:
        rng.random(1, dtype=np.float32)  # leaves half of a 64-bit number for later
    state = dict(rng.bit_generator.state)
    parts = generator_texts(r_text, generator_words(state), draws=True, single=single, shuffles=True)
    code = "\n\n".join([*parts, "restart_generator()\n"])
    expected: list[float] = []
    dtype: Any = np.float32 if single else np.float64
    for rows in (1, 2, 3, 7, 101):
        code += f'cat(sprintf("%a", c(permutation({rows}) - 1, t(uniform({rows}, 5)))), "")\n'
        expected += [*rng.permutation(rows).tolist(), *rng.random((rows, 5), dtype=dtype).ravel().tolist()]
    found = [float.fromhex(word) for word in rscript(code, tmp_path).stdout.split()]
    assert found == expected


# what it answers


def test_factors_words_numbers_and_blanks_mean_what_they_say(tmp_path: Path) -> None:
    table = {"size": [1.0, 2.0, 4.0, None] * 3, "grade": ["1", "2", "x", ""] * 3, "y": [1.0, 2.0, 4.0, 3.0] * 3}
    model = gn.train(gn.Network(gn.Dense(3, "tanh"), gn.Dense()), table, target="y", epochs=2, seed=0)
    cases = (
        ("size = c(2, NA), grade = c('1', NA)", {"size": [2.0, None], "grade": ["1", None]}),
        ("size = c(2, NaN), grade = factor(c('1', 'x'))", {"size": [2.0, None], "grade": ["1", "x"]}),
        ("size = c(' 2', 'NA'), grade = c('x\\u00a0', '?')", {"size": [2.0, None], "grade": ["x", None]}),
        ("size = 1:2, grade = c(1, 2)", {"size": [1.0, 2.0], "grade": ["1", "2"]}),
        ("grade = c(7, NA), more = 1, size = NA", {"size": [None, None], "grade": ["new", None]}),
        ("size = c('2e0', '+.5'), grade = TRUE", {"size": [2.0, 0.5], "grade": ["True", "True"]}),
    )
    code = "\n".join(f'cat(sprintf("%a", predict_rows(data.frame({given}))), "\\n")' for given, _ in cases)
    lines = said(model.eject("r"), code, tmp_path).splitlines()
    for line, (given, meant) in zip(lines, cases, strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # words that training did not have
            expected = model.predict(meant)
        assert [float.fromhex(word) for word in line.split()] == pytest.approx(expected.tolist(), abs=1e-13), given


def test_labels_keep_their_kind_and_probabilities_their_names(penguins: gn.Model, tmp_path: Path) -> None:
    code = "cat(colnames(predict_probabilities(test_rows)), typeof(predict_rows(test_rows)))"
    assert said(penguins.eject("r"), code, tmp_path) == "Adelie Chinstrap Gentoo character"
    X = np.random.default_rng(1).normal(size=(12, 2))
    network = gn.Network(gn.Dense(), loss="cross_entropy")
    for labels, kind in ((np.arange(12) % 3, "double"), (X[:, 0] > 0, "logical")):
        model = gn.train(network, X, labels, kind="classes", epochs=1, seed=0)
        assert said(model.eject("r"), "cat(typeof(predict_rows(test_rows)))", tmp_path) == kind


def test_no_rows_give_no_predictions(penguins: gn.Model, tychobra: Ejected, tmp_path: Path) -> None:
    code = "cat(length(predict_rows(test_rows[0, , drop = FALSE])))"
    for program in (penguins.eject("r"), tychobra):
        assert said(program, code, tmp_path) == "0"


def test_two_programs_stay_apart_in_environments_of_their_own(
    penguins: gn.Model, busy: Ejected, tmp_path: Path
) -> None:
    busy.save(tmp_path / "busy.R")
    code = 'busy <- new.env()\nsys.source("busy.R", busy)\ncat(length(classes), length(busy$classes), "")\n'
    code += "cat(length(predict_rows(test_rows)), length(busy$predict_rows(busy$test_rows)))"
    assert said(penguins.eject("r"), code, tmp_path) == "3 2 5 5"


def test_a_table_that_does_not_fit_is_refused(penguins: gn.Model, tmp_path: Path) -> None:
    cases = {
        "test_rows[-2]": 'there is no column "bill_length_mm"; there are "island"',
        "within(test_rows, body_mass_g[3] <- 'heavy')": 'row 3: "heavy" in column "body_mass_g" is not a number',
        "within(test_rows, body_mass_g <- Inf)": 'row 1: Inf in column "body_mass_g" is too large',
        "within(test_rows, year <- Sys.Date())": 'column "year" must hold numbers or words, got Date',
        "cbind(test_rows[-7], year = I(cbind(1:5, 2:6)))": 'column "year" must hold numbers or words, got AsIs',
        "within(test_rows, year <- TRUE)": 'row 1: "True" in column "year" is not a number',
        "matrix(1, 2, 7)": "rows must be a data frame with a column for each input, got matrix",
    }
    for found, message in zip(refusals(penguins.eject("r"), cases, tmp_path), cases.values(), strict=True):
        assert found.startswith(message)


def test_a_matrix_that_does_not_fit_is_refused(tychobra: Ejected, tmp_path: Path) -> None:
    cases = {
        "matrix(1, 4, 2)": "rows must have 3 numbers each, got double of 4 x 2",
        "c(1, 2)": "rows must have 3 numbers each, got double of 1 x 2",
        "data.frame(a = 'x', b = 1, c = 2)": "rows must have 3 numbers each, got character of 1 x 3",
        "rbind(c(1, 2, 3), c(1, NA, 3))": "rows must be finite numbers, and row 2 is not",
    }
    for found, message in zip(refusals(tychobra, cases, tmp_path), cases.values(), strict=True):
        assert found.startswith(message)


def test_names_of_formulas_do_not_hide_functions_of_r() -> None:
    def matrix(z: Any) -> Any:
        return z * np.tanh(z) + 0.125

    def forward(z: Any) -> Any:
        return np.exp(-z * z)

    def _repeat(z: Any) -> Any:
        return z / (1.0 + np.abs(z))

    X = np.random.default_rng(0).normal(size=(9, 3))
    network = gn.Network(*(gn.Dense(4, own) for own in (matrix, forward, _repeat)), gn.Dense(2), loss="squared")
    model = gn.initialize(network, X, X[:, :2], seed=1)
    program = model.eject("r", training=True, X=X, y=X[:, :2], epochs=2, batch_size=4)
    assert "matrix_ <- function(z) {" in str(program)
    assert "forward_ <- function(z) {" in str(program)
    assert "v_repeat <- function(z) {" in str(program)
    assert program.verify(rows=10).passed


def test_arrays_of_three_axes_are_refused() -> None:
    own = gn.activation(lambda z: np.sum(np.expand_dims(z, -1) * np.expand_dims(z, 1), axis=1))
    X = np.ones((4, 3))
    model = gn.initialize(gn.Network(gn.Dense(3, own), gn.Dense(1), loss="squared"), X, X[:, :1])
    with pytest.raises(NotImplementedError, match="R programs have arrays of at most two axes"):
        model.eject("r")
