"""`glassnet calibrate`, and what commands do with it."""

import csv
import io
import json

import numpy as np
import pytest

from glassnet.cli import main
from glassnet.model.load import load


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def written(path, n, seed, noise):
    """A table whose price is noisier where it is larger, and whose colour is not certain."""
    rng = np.random.default_rng(seed)
    size, weight = rng.uniform(1, 9, size=n), rng.normal(size=n)
    price = 10 * size + noise * size * rng.normal(size=n)
    colour = np.where(weight + rng.logistic(size=n) > 0, "red", "blue")
    rows = zip(size.tolist(), weight.tolist(), price.tolist(), colour.tolist(), strict=True)
    path.write_text("size,weight,price,colour\n" + "".join(f"{a!r},{b!r},{c!r},{d}\n" for a, b, c, d in rows))
    return path


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Tables, and two models that were trained on the first one."""
    folder = tmp_path_factory.mktemp("calibrate")
    for name, n, seed in (("train", 200, 0), ("kept", 450, 1), ("new", 300, 2)):
        written(folder / f"{name}.csv", n, seed, noise=1.0)
    for target, other in (("price", "colour"), ("colour", "price")):
        argv = ["train", str(folder / "train.csv"), "--target", target, "--exclude", other, "--epochs", "60"]
        assert main([*argv, "--output", str(folder / f"{target}.glass"), "--no-plot", "--quiet"]) == 0
    return folder


@pytest.fixture
def here(folder, tmp_path):
    """Copies, to be changed."""
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_numbers_get_intervals(glassnet, here):
    result = glassnet("calibrate", "price.glass", "kept.csv")
    assert result.code == 0
    assert result.out.startswith("calibrated on 450 rows\n90 % intervals: prediction ± ")
    assert "model written to price.glass" in result.err
    rows = rows_of(glassnet("predict", "price.glass", "new.csv", "--interval", "0.9", "--quiet").out)
    assert list(rows[0]) == ["price", "lower", "upper"]
    true = [float(row["price"]) for row in rows_of((here / "new.csv").read_text())]
    inside = [float(row["lower"]) <= y <= float(row["upper"]) for row, y in zip(rows, true, strict=True)]
    assert 0.82 < np.mean(inside) < 0.97
    assert "calibrated on 450 rows" in glassnet("summary", "price.glass").out


def test_classes_get_sets_and_probabilities_of_their_own(glassnet, here):
    result = glassnet("calibrate", "colour.glass", "kept.csv", "--output", "trusted.glass", "--json")
    assert result.json["calibration"]["rows"] == 450
    assert 0 < result.json["calibration"]["temperature"] < 9
    assert load(here / "colour.glass").calibration is None
    rows = rows_of(glassnet("predict", "trusted.glass", "new.csv", "--interval", "0.95", "--quiet").out)
    assert list(rows[0]) == ["colour", "p(blue)", "p(red)", "set"]
    assert {row["set"] for row in rows} <= {"blue", "red", "blue | red"}
    assert "blue | red" in {row["set"] for row in rows}
    found = glassnet("predict", "trusted.glass", "new.csv", "--interval", "0.95", "--json").json
    assert found["interval"] == 0.95
    assert found["set"] == [row["set"].split(" | ") for row in rows]


def test_they_stand_beside_the_tables_own_cells(glassnet, here):
    glassnet("calibrate", "price.glass", "kept.csv", "--quiet")
    glassnet("predict", "price.glass", "new.csv", "--interval", "0.8", "--keep", "--output", "p.json")
    row = json.loads((here / "p.json").read_text())[0]
    assert list(row)[-3:] == ["predicted price", "lower", "upper"]


@pytest.mark.parametrize("language", ["numpy", "onnx"])
def test_programs_have_them(glassnet, here, language):
    glassnet("calibrate", "price.glass", "kept.csv", "--quiet")
    result = glassnet("eject", "price.glass", language, "--interval", "0.9", "--verify", "--output", f"p.{language[:4]}"
                      if language == "onnx" else "p.py")  # fmt: skip
    assert result.code == 0, result.err
    assert ": the same" in result.out


def test_rows_without_a_target_are_left_out(glassnet, here):
    with open(here / "kept.csv", "a") as file:
        file.write("3.0,1.0,,red\n")
    result = glassnet("calibrate", "price.glass", "kept.csv")
    assert "calibrated on 450 rows" in result.out
    assert "1 row without price: left out" in result.err


@pytest.mark.parametrize(("argv", "code", "message"), [
    (["predict", "price.glass", "new.csv", "--interval", "0.9"], 2,
     "this model is not calibrated, so nothing is known of its errors: glassnet calibrate MODEL TABLE, with rows that"),
    (["predict", "price.glass", "new.csv", "--interval", "90"], 2,
     "--interval must be a share of rows between 0 and 1, such as 0.9, got 90.0"),
    (["eject", "price.glass", "r", "--interval", "0.9"], 2, "this model is not calibrated"),
    (["calibrate", "price.glass", "moons"], 3, "moons has no column 'price'"),
    (["calibrate", "price.glass", "few.csv"], 3, "calibration needs 10 rows or more with their target, got 2"),
    (["calibrate", "price.glass", "kept.csv", "--output", "new.csv"], 2, "--output must end in .glass"),
])  # fmt: skip
def test_what_cannot_be_is_said_in_a_line(glassnet, here, argv, code, message):
    (here / "few.csv").write_text("size,weight,price,colour\n1,2,3,red\n2,3,4,red\n")
    before = (here / "price.glass").read_bytes()
    result = glassnet(*argv)
    assert (result.code, message in result.error) == (code, True), result.err
    assert (here / "price.glass").read_bytes() == before
