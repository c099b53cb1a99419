"""Programs in C live beside each other in one binary, and other programs include what they offer."""

import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.datasets.by_name import named
from glassnet.readings.eject import Ejected
from glassnet.readings.eject.tools import ToolMissing, find_tool

FLAGS = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")


def compiler(*names: str) -> str:
    try:
        return str(find_tool(names, "a compiler"))
    except ToolMissing as error:
        pytest.skip(str(error))


def run(command: list[Any], folder: Path) -> str:
    done = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def penguins() -> gn.Model:
    return gn.train(gn.Network(gn.Dense(5, "tanh"), gn.Dense()), named("penguins"), target="species", epochs=3, seed=0)


@pytest.fixture(scope="module")
def numbers() -> gn.Model:
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(31, 3)).astype(np.float32), rng.normal(size=(31, 2))
    return gn.train(gn.Network(gn.Dense(7, "gelu"), gn.BatchNorm(), gn.Dense(2)), X, y, epochs=3, seed=0)


@pytest.fixture(scope="module")
def both(penguins: gn.Model, numbers: gn.Model) -> dict[str, Ejected]:
    """Two programs; one of them trains, in float32 and with random numbers."""
    rng = np.random.default_rng(3)
    rows: dict[str, Any] = {"X": rng.normal(size=(31, 3)).astype(np.float32), "y": rng.normal(size=(31, 2))}
    return {
        "penguins": penguins.eject("c", prefix="penguins_"),
        "numbers": numbers.eject("c", prefix="n", training=True, **rows, epochs=2, batch_size=8),
    }


ROW = {"bill_length_mm": 39.1, "bill_depth_mm": 18.7, "flipper_length_mm": 181.0, "body_mass_g": 4050.0}
ROW |= {"island": "Dream", "sex": None, "year": 2007.0}

USER = """
#include "penguins.<<c>>"
#include "numbers.<<c>>"
#include <math.h>
#include <stdio.h>

int main(void)
{
    penguins_Row row = {{<<numbers>>}, {<<words>>}};
    penguins_real p[penguins_N_CLASSES];
    int k = penguins_predict(&row, p);
    if (k < 0) return 1;
    printf("%s", penguins_CLASSES[k]);
    for (int j = 0; j < penguins_N_CLASSES; j++) printf(" %a", p[j]);
    nreal x[nN_INPUTS] = {0.5f, -1.0f, 2.0f};
    nreal y[nN_OUTPUTS];
    if (npredict(x, y) != 0) return 2;
    printf("\\n%a %a\\n", (double)y[0], (double)y[1]);
    x[1] = NAN;
    if (npredict(x, y) != -1 || nnetwork_error_place != 1) return 3;
    printf("%s\\n%a\\n", nnetwork_error, ntrain(1));
    return 0;
}
"""


def user(model: gn.Model, header: bool) -> str:
    """A program that uses both, by their headers or by their texts."""
    features = model.contract.features
    cells: dict[bool, list[str]] = {False: [], True: []}
    for column in features:
        value = ROW[column.name]
        is_word = type(column).__name__ == "CategoryColumn"
        missing = "0" if is_word else "NAN"
        cells[is_word].append(missing if value is None else f'"{value}"' if is_word else repr(value))
    text = USER.replace("<<c>>", "h" if header else "c")
    return text.replace("<<numbers>>", ", ".join(cells[False])).replace("<<words>>", ", ".join(cells[True]))


def said(lines: list[str], penguins: gn.Model, numbers: gn.Model) -> None:
    """What both programs say is what the models say."""
    label, *p = lines[0].split()
    row = {name: value for name, value in ROW.items() if name in penguins.contract.feature_names}
    assert label == penguins.predict(row)[0]
    np.testing.assert_allclose([float.fromhex(x) for x in p], penguins.predict_proba(row)[0], rtol=1e-12)
    y = [float.fromhex(x) for x in lines[1].split()]
    np.testing.assert_allclose(y, numbers.predict(np.array([[0.5, -1.0, 2.0]], np.float32))[0], rtol=1e-5)
    assert lines[2] == "a number is infinite or NaN; fill or drop it"
    assert np.isfinite(float.fromhex(lines[3]))


@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_two_programs_are_linked_into_one(
    level: str, both: dict[str, Ejected], penguins: gn.Model, numbers: gn.Model, tmp_path: Path
) -> None:
    cc = compiler("cc", "gcc", "clang")
    for name, program in both.items():
        program.save(tmp_path / f"{name}.c", header=True)
        run([cc, *FLAGS, level, "-DNETWORK_NO_MAIN", "-c", f"{name}.c"], tmp_path)
    (tmp_path / "user.c").write_text(user(penguins, header=True))
    run([cc, *FLAGS, level, "user.c", "penguins.o", "numbers.o", "-lm", "-o", "user"], tmp_path)
    said(run([tmp_path / "user"], tmp_path).splitlines(), penguins, numbers)


def test_two_programs_are_included_in_one(
    both: dict[str, Ejected], penguins: gn.Model, numbers: gn.Model, tmp_path: Path
) -> None:
    cc = compiler("cc", "gcc", "clang")
    for name, program in both.items():
        program.save(tmp_path / f"{name}.c")
    assert not (tmp_path / "penguins.h").exists()
    (tmp_path / "user.c").write_text("#define NETWORK_NO_MAIN\n" + user(penguins, header=False))
    run([cc, *FLAGS, "user.c", "-lm", "-o", "user"], tmp_path)
    said(run([tmp_path / "user"], tmp_path).splitlines(), penguins, numbers)


def test_a_program_in_cpp_includes_their_headers(
    both: dict[str, Ejected], penguins: gn.Model, numbers: gn.Model, tmp_path: Path
) -> None:
    cc, cpp = compiler("cc", "gcc", "clang"), compiler("c++", "g++", "clang++")
    for name, program in both.items():
        program.save(tmp_path / f"{name}.c", header=True)
        run([cc, *FLAGS, "-DNETWORK_NO_MAIN", "-c", f"{name}.c"], tmp_path)
    (tmp_path / "user.cpp").write_text(user(penguins, header=True))
    run([cpp, "-std=c++17", *FLAGS[1:], "user.cpp", "penguins.o", "numbers.o", "-lm", "-o", "user"], tmp_path)
    said(run([tmp_path / "user"], tmp_path).splitlines(), penguins, numbers)


def test_every_symbol_has_the_prefix(both: dict[str, Ejected], tmp_path: Path) -> None:
    cc, nm = compiler("cc", "gcc", "clang"), compiler("nm")
    for name, program in both.items():
        program.save(tmp_path / f"{name}.c")
        run([cc, "-O0", "-c", "-DNETWORK_NO_MAIN", f"{name}.c"], tmp_path)
        symbols = [line.split() for line in run([nm, f"{name}.o"], tmp_path).splitlines()]
        defined = [words[-1] for words in symbols if words[-2] not in "Uw" and "." not in words[-1]]
        assert len(defined) > 15
        assert not [symbol for symbol in defined if not symbol.startswith(program.plan.prefix)]


def test_they_test_themselves_and_are_verified(both: dict[str, Ejected], tmp_path: Path) -> None:
    cc = compiler("cc", "gcc", "clang")
    for name, program in both.items():
        program.save(tmp_path / f"{name}.c")
        run([cc, *FLAGS, f"{name}.c", "-lm", "-o", name], tmp_path)
        assert "These are glassnet's numbers." in run([tmp_path / name], tmp_path)
        assert program.verify(rows=20).passed


def test_the_example_in_its_head_has_the_prefix_too(
    both: dict[str, Ejected], penguins: gn.Model, tmp_path: Path
) -> None:
    cc = compiler("cc", "gcc", "clang")
    program = both["penguins"]
    program.save(tmp_path / "network.c")
    head = str(program).partition("*/")[0]
    code = "\n".join(line.removeprefix(" *     ") for line in re.findall(r"(?m)^ \*     .*$|^ \*$", head)[1:])
    (tmp_path / "user.c").write_text(code.partition("./network")[2].replace(" *", ""))
    run([cc, *FLAGS, "user.c", "-lm", "-o", "user"], tmp_path)
    assert run([tmp_path / "user"], tmp_path).split(",")[0] in penguins.classes


def test_without_a_prefix_it_is_what_it_was(penguins: gn.Model) -> None:
    plain, named_ = str(penguins.eject("c")), str(penguins.eject("c", prefix="penguins_"))
    assert plain == named_.replace("penguins_", "")
    assert "int predict(const Row *row, real probabilities[N_CLASSES]);" in penguins.eject("c").header()
    assert "forward" not in penguins.eject("c").header()


@pytest.mark.parametrize("prefix", ["1a", "a-b", "_a", "a b", "é", "x" * 41, "*/"])
def test_what_no_name_begins_with_is_refused(prefix: str, penguins: gn.Model) -> None:
    with pytest.raises(ValueError, match="prefix must be letters, digits and _"):
        penguins.eject("c", prefix=prefix)


def test_what_makes_names_that_are_taken_is_refused(penguins: gn.Model) -> None:
    rows: dict[str, Any] = {"training": True, "X": named("penguins"), "epochs": 1}
    with pytest.raises(ValueError, match=r"prefix 'd' makes a name that is taken, '.*'; take another, like 'pengu"):
        penguins.eject("c", prefix="d", **rows)


def test_prefixes_and_headers_are_for_c(penguins: gn.Model) -> None:
    with pytest.raises(ValueError, match="prefix is for C, where names of two programs would meet; leave it out for R"):
        penguins.eject("r", prefix="penguins_")
    with pytest.raises(ValueError, match="a header is for a program in C; this one is JavaScript"):
        penguins.eject("js").header()
