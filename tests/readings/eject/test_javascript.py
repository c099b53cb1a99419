"""The ejected JavaScript module: in Node and in a page, its numbers, what it answers to wrong rows."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.datasets import named
from glassnet.readings.eject import Ejected
from glassnet.reproduce.tychobra import PRINTED, lesson, start

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node is needed to run this program")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def node(*arguments: str, folder: Path, status: int = 0) -> str:
    """What Node prints."""
    done = subprocess.run(["node", *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def used(program: Ejected, script: str, folder: Path) -> Any:
    """What a script of one's own that imports the module as `network` says, as JSON."""
    program.save(folder / "network.mjs")
    text = f'import * as network from "./network.mjs";\nconsole.log(JSON.stringify({script}));\n'
    (folder / "main.mjs").write_text(text, encoding="utf-8")
    return json.loads(node("main.mjs", folder=folder))


@pytest.fixture(scope="module")
def penguins() -> gn.Model:
    return gn.train(gn.Network(gn.Dense(5, "tanh"), gn.Dense()), named("penguins"), target="species", epochs=20, seed=0)


@pytest.fixture(scope="module")
def xor() -> gn.Model:
    X, y = gn.datasets.xor()
    return gn.initialize(gn.Network(gn.Dense(2, "sigmoid"), gn.Dense(1, "sigmoid"), loss="squared"), X, y, seed=3)


def test_run_it_tests_itself_and_imported_it_says_nothing(penguins: gn.Model, tmp_path: Path) -> None:
    program = penguins.eject("javascript")
    assert used(program, "network.CLASSES", tmp_path) == ["Adelie", "Chinstrap", "Gentoo"]
    assert node("network.mjs", folder=tmp_path).startswith("5 rows predicted: largest difference")
    node("--check", "network.mjs", folder=tmp_path)


def test_it_tests_itself_from_a_folder_with_blanks_and_through_a_link(penguins: gn.Model, tmp_path: Path) -> None:
    folder = tmp_path / "a folder, 100 % é #1"
    folder.mkdir()
    penguins.eject("javascript").save(folder / "network.mjs")
    (tmp_path / "link.mjs").symlink_to(folder / "network.mjs")
    assert "5 rows" in node(str(folder / "network.mjs"), folder=tmp_path)
    assert "5 rows" in node("link.mjs", folder=tmp_path)


def test_the_self_test_fails_when_a_weight_is_altered(penguins: gn.Model, tmp_path: Path) -> None:
    text, number = str(penguins.eject("javascript")), repr(float(penguins["W1"][0, 0]))
    assert number in text
    (tmp_path / "network.mjs").write_text(text.replace(number, "0.125"))
    assert "THESE ARE NOT" in node("network.mjs", folder=tmp_path, status=1)


def test_the_self_test_fails_when_a_step_of_training_is_altered(xor: gn.Model, tmp_path: Path) -> None:
    X, y = gn.datasets.xor()
    text = str(xor.eject("javascript", training=True, X=X, y=y, optimizer=gn.SGD(0.5), epochs=3))
    (tmp_path / "network.mjs").write_text(text.replace("lr = 0.5;", "lr = 0.500001;"))
    assert "THESE ARE NOT" in node("network.mjs", folder=tmp_path, status=1)


def test_its_weights_are_read_back_bit_for_bit(xor: gn.Model, tmp_path: Path) -> None:
    X, y = gn.datasets.xor()
    program = xor.eject("javascript", training=True, X=X, y=y, epochs=1)
    assert used(program, "Array.from(network.theta)", tmp_path) == xor.memory.theta.tolist()


ROW: dict[str, Any] = {
    "island": " Biscoe ",  # stripped, as cells of a file are
    "bill_length_mm": "39.1",  # a number given as text
    "bill_depth_mm": None,
    "flipper_length_mm": "NA",
    "body_mass_g": 3750,
    "sex": None,
    "year": 2007,
}


@pytest.mark.filterwarnings("ignore::UserWarning")  # on missing values
def test_blanks_missing_words_and_numbers_as_text_are_read_as_in_files(penguins: gn.Model, tmp_path: Path) -> None:
    row = json.dumps(ROW)
    nan = json.dumps({**ROW, "bill_depth_mm": "x"}).replace('"x"', "NaN")
    calls = [f"network.predictProba({given})" for given in (row, nan, f"new Map(Object.entries({row}))")]
    found = used(penguins.eject("javascript"), f"[{', '.join(calls)}]", tmp_path)
    table = {name: [value] for name, value in {**ROW, "bill_length_mm": 39.1, "flipper_length_mm": None}.items()}
    np.testing.assert_allclose(found, np.repeat(penguins.predict_proba(table), 3, axis=0), rtol=1e-12)


def test_numbers_and_truth_values_in_a_column_of_words(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    given = [["2", "True", "x"][k % 3] for k in range(30)]
    table = {"c": given, "y": (rng.normal(size=30) + np.arange(30) % 3).tolist()}
    model = gn.train(gn.Network(gn.Dense(3, "tanh"), gn.Dense()), table, target="y", epochs=3, seed=0)
    calls = ", ".join(
        f"network.predict({{c: {value}}})" for value in ("2", "true", '"x"', "2.5", '"2.0"', '"\\ufeffx"')
    )
    found = used(model.eject("javascript"), f"[{calls}]", tmp_path)
    with pytest.warns(UserWarning, match="not seen"):
        expected = model.predict({"c": ["2", "True", "x", "new", "new", "new"]})
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**ROW, "body_mass_g": "heavy"}, '"heavy" in column "body_mass_g" is not a number'),
        ({**ROW, "body_mass_g": True}, 'true in column "body_mass_g" is not a number'),
        ({**ROW, "body_mass_g": "1e999"}, '"1e999" in column "body_mass_g" is infinite'),
        ({"island": "Biscoe"}, 'the row has no column "bill_length_mm"; it needs "island", "bill_length_mm"'),
        (3, "a row must be an object, got 3"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(penguins: gn.Model, row: Any, message: str, tmp_path: Path) -> None:
    asked = f"(() => {{ try {{ network.predict({json.dumps(row)}); }} catch (error) {{ return error.message; }} }})()"
    assert message in used(penguins.eject("javascript"), asked, tmp_path)


@pytest.mark.parametrize(("row", "message"), [("[1]", "2 numbers"), ("[1, NaN]", "NaN at 1"), ('["1", 2]', "finite")])
def test_an_array_that_does_not_fit_is_refused(xor: gn.Model, row: str, message: str, tmp_path: Path) -> None:
    asked = f"(() => {{ try {{ network.predict({row}); }} catch (error) {{ return error.message; }} }})()"
    assert message in used(xor.eject("javascript"), asked, tmp_path)


def test_training_goes_on_with_every_call(xor: gn.Model, tmp_path: Path) -> None:
    X, y = gn.datasets.xor()
    options: dict[str, Any] = {"optimizer": gn.Adam(gn.schedule("exponential", 0.1)), "batch_size": 3}
    program = xor.eject("javascript", training=True, X=X, y=y, epochs=10, **options)
    losses = used(program, "[network.train(4), network.train(6)]", tmp_path)
    model = gn.initialize(xor.network, X, y, seed=3)
    gn.train(model, X, y, epochs=10, engine="numpy", progress=False, **options)
    np.testing.assert_allclose(losses, np.array(model.history["loss"])[[3, 9]], rtol=1e-12)


def test_the_tychobra_tutorial_learns_its_four_predictions(tmp_path: Path) -> None:
    tutorial, (W1, W2) = lesson(), start(0)
    layers = [gn.Dense(4, "sigmoid", bias=False, weights=W1), gn.Dense(1, "sigmoid", bias=False, weights=W2)]
    model = gn.initialize(gn.Network(*layers, loss=tutorial.loss), tutorial.X, tutorial.y, seed=0)
    options: dict[str, Any] = {"optimizer": gn.SGD(1.0), "epochs": 1500, "batch_size": None}
    program = model.eject("javascript", training=True, X=tutorial.X, y=tutorial.y, **options)
    assert program.verify()
    asked = f"(network.train(), {json.dumps(tutorial.X.tolist())}.map((row) => network.predict(row)[0].toFixed(3)))"
    printed = [float(text) for text in used(program, asked, tmp_path)]
    np.testing.assert_allclose(printed, tutorial.train(W1, W2)[1][:, 0], atol=0.0005001)
    np.testing.assert_allclose(printed, PRINTED, atol=0.01)


HOSTILE = "</script><script>alert(1)</script><!-- */ --> \u2028 ${1} `"


def hostile() -> tuple[gn.Model, dict[str, Any]]:
    """A model of a table whose words would end a page's script."""

    def swish(z: Any) -> Any:
        return z * np.tanh(z)

    swish.__doc__ = HOSTILE
    table = {HOSTILE: ["a", HOSTILE, "b"] * 4, "species": [HOSTILE, "</SCRIPT >", HOSTILE] * 4}
    network = gn.Network(gn.Dense(3, gn.activation(swish)), gn.Dense())
    return gn.train(network, table, target="species", epochs=2, seed=0), table


def test_its_text_may_stand_inside_a_page() -> None:
    model, table = hostile()
    text = str(model.eject("javascript", training=True, X=table, epochs=2)).lower()
    assert "</" not in text
    assert "<!--" not in text
    assert "\u2028" not in text


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_it_runs_inside_a_page(tmp_path: Path) -> None:
    model, table = hostile()
    program = model.eject("javascript", training=True, X=table, epochs=2)
    script = "document.title = String(selfTest()); document.body.textContent = CLASSES.map(escape).join();"
    page = f'<!doctype html><meta charset="utf-8"><body><script type="module">{program}{script}</script></body>'
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    done = subprocess.run(
        [str(CHROMIUM), *options, f"file://{tmp_path}/page.html"], capture_output=True, text=True, timeout=120
    )
    assert "<title>true</title>" in done.stdout
    assert "%3C/SCRIPT%20%3E,%3C/script%3E%3Cscript%3Ealert%281%29" in done.stdout
