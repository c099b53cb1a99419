"""Names that want to be code: in every language they come back unchanged as text, and nothing of them is executed.

Columns, categories, classes and targets may be called anything. Each hostile name is used as each of these, in a
network that must find the column by its name, know the category and answer with the class.
"""

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.model.model import Model
from glassnet.readings.eject import LANGUAGES
from glassnet.readings.eject.answers import Answers
from glassnet.readings.eject.tools import ToolMissing

CALLS = (
    '"); system("touch pwned"); ("',
    "'); system('touch pwned'); ('",
    '"); system("touch pwned"); //',
    '\\"); system(\\"touch pwned\\"); (\\"',
    '*/ int x = system("touch pwned"); /*',
    '*/ require("child_process").execSync("touch pwned"); /*',
    '\nrequire("child_process").execSync("touch pwned");\n//',
    '\nsystem("touch pwned")\n#',
    '\n__import__("os").system("touch pwned")\n#',
    '\rimport os; os.system("touch pwned")\r#',
    '""" + __import__("os").system("touch pwned") + """',
    '${require("child_process").execSync("touch pwned")}',
    "`touch pwned`",
    "$(touch pwned)",
    '{__import__("os").system("touch pwned")}',
    "\u2028require('child_process').execSync('touch pwned')\u2029//",
)
SIGNS = (
    '"',
    "'",
    "`",
    "\\",
    "\\\\",
    "\\n",
    "\\u0041",
    "\\x41",
    "\\101",
    "\\N{DASH}",
    "*/",
    "/*",
    "//",
    "#",
    "--",
    "'''",
    '"""',
    "??/",
    "??'",
    "a\nb",
    "a\rb",
    "a\tb",
    "a\x01\x02\x1f\x7f\x85b",
    "a\x1b[31mb",
    "${x}",
    "%s%n%d",
    "{0}{x}",
    "</script><script>alert(1)</script>",
    "<!--",
    "]]>",
    "<b>&amp;&lt;",
    "_x0041_",
    "_x000D_",
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "=cmd|' /C touch pwned'!A0",
    '=HYPERLINK("http://localhost","x")',
    "'=1+1",
    "*",
    "a*",
    "~?",
    "<>a",
    "#REF!",
    "TRUE",
    "true",
    "1e5x",
    "0x10",
    "\u202egnp.exe",
    "\u2066a\u2069",
    "a\u2028b\u2029c",
    "\ufeffa",
    "\ufffe\uffff",
    "😀👩‍🔬",
    "é",
    "e\u0301",
    "a\u200bb",
    "a\u200cb",
    "ab",
    "Ab",
    "a\u00a0b",
    "a b",
    "a  b",
    "\u200b",
    "\u3164",
    "שלום",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "prototype",
    "function",
    "if",
    "else",
    "class",
    "T",
    "NULL",
    "undefined",
    "NaN.x",
    "Inf",
    "label",
    "probabilities",
    "row",
    "x",
    "...",
    "..1",
    ".",
    "A1",
    "R1C1",
    "x" * 300,
    '"' * 300,
)
NAMES = (*CALLS, *SIGNS)


def there() -> list[str]:
    """The languages that are written."""
    return [name for name, item in LANGUAGES.items() if find_spec(f"glassnet.readings.eject.{item.module}")]


@pytest.fixture(params=there())
def language(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def clean(name: str) -> str:
    """A name as a table keeps it."""
    return name.strip()


HOSTILE = tuple(dict.fromkeys(filter(None, map(clean, NAMES))))


def one_of(names: tuple[str, ...], column: str, target: str) -> Model:
    """A network that answers each category with the class of the same name."""
    table = {column: list(names) * 2, target: list(names) * 2}
    model = gn.initialize(
        gn.Network(gn.Dense()), table, target=target, kind="classes", max_categories=len(names), seed=0
    )
    assert sorted(model.classes or ()) == sorted(model.contract.features[0].categories) == sorted(names)
    where = [list(model.classes or ()).index(word) for word in model.contract.features[0].categories]
    model["W1"] = 10.0 * np.eye(len(names))[where]
    return model


def said(model: Model, language: str, rows: list[dict[str, Any]] | np.ndarray, folder: Path) -> Answers:
    """What the program says of rows; nothing is left in its folder that a name wanted there."""
    chosen = LANGUAGES[language]
    program = model.eject(language)
    path = folder / f"network{chosen.suffix}"
    program.save(path)
    try:
        answers, _ = chosen.writer().run(program.plan, path, rows)
    except ToolMissing as missing:
        pytest.skip(str(missing))
    assert not list(folder.rglob("pwned"))
    assert not Path("pwned").exists()
    return answers


@pytest.mark.parametrize("start", [0, 1])  # with "TRUE" and without "true", and the other way round
def test_categories_are_known_and_classes_come_back_unchanged(language: str, start: int, tmp_path: Path) -> None:
    names = HOSTILE[start::2]
    model = one_of(names, "word", "answer")
    found = said(model, language, [{"word": word} for word in names], tmp_path)
    assert found.words == names


def hold_columns(language: str, table: dict[str, Any], target: str, rows: list[dict[str, Any]], folder: Path) -> None:
    """A network of one unit must read each column of rows whose columns come in another order."""
    answers = np.random.default_rng(3).normal(size=20)
    model = gn.initialize(gn.Network(gn.Dense()), {**table, target: answers}, target=target, seed=0)
    expected = model.predict({name: [row[name] for row in rows] for name in table})
    found = said(model, language, [dict(reversed(row.items())) for row in rows], folder)
    np.testing.assert_allclose(found.outputs[:, 0], expected, rtol=1e-10)


def test_columns_of_numbers_and_words_are_found_by_their_names(language: str, tmp_path: Path) -> None:
    words = ["=1+1", '"', "\\", "\u202ea", "</script>"]
    rng = np.random.default_rng(0)
    table = {
        name: rng.normal(size=20).tolist() if place % 9 else [words[k % 5] for k in rng.permutation(20)]
        for place, name in enumerate(HOSTILE)
    }
    rows = [{name: column[k] for name, column in table.items()} for k in range(0, 20, 4)]
    hold_columns(language, table, '"); system("touch pwned"); ("\n*/ </script> =1+1 \u202e target', rows, tmp_path)


def test_classes_of_arrays_and_names_of_their_columns_are_text(language: str, tmp_path: Path) -> None:
    names = (*HOSTILE[:30], "", " blank before", "blank behind ", "\n", " ")
    X = np.eye(len(names), len(HOSTILE))
    model = gn.initialize(gn.Network(gn.Dense()), X, np.array(names, dtype=object), seed=0)
    assert model.classes == tuple(sorted(names))
    model["W1"][: len(names)] = 10.0 * np.eye(len(names))[[list(model.classes).index(name) for name in names]]
    named = Model(replace(model.state, contract=replace(model.contract, names=HOSTILE)))
    found = said(named, language, X, tmp_path)
    assert found.words == names
    np.testing.assert_allclose(found.outputs, model.predict_proba(X), rtol=1e-12)


def test_two_hostile_classes_share_one_probability(language: str, tmp_path: Path) -> None:
    X, y = np.array([[-1.0], [1.0]]), np.array(["a\u200bb", "ab"], dtype=object)
    model = gn.initialize(gn.Network(gn.Dense(1, "sigmoid")), X, y, seed=0)
    model["W1"] = [[3.0]]
    found = said(model, language, X, tmp_path)
    assert found.words == tuple(model.classes or ())
    low, high = 0.04742587317756678, 0.9525741268224334  # 1 / (1 + exp(3)), 1 / (1 + exp(-3))
    np.testing.assert_allclose(found.outputs, [[high, low], [low, high]])


WORDS = """
double int float char void main const static struct switch default exp log tanh isnan real size_t sigmoid rows row
function var new typeof null undefined Math predict forward train network self matrix sweep c T F t x y z p W b
np numpy max sum repeat next TRUE NA Inf classes CLASSES weights z1 a1 W1 b1 a2 da1 theta lr L g m v t n i j k u w X Y
"""
RESERVED = WORDS.split()


def own(name: str, factor: float) -> Callable[[Any], Any]:
    """An activation that is called like a word of some language."""

    def formula(z: Any) -> Any:
        return np.tanh(z) * factor

    formula.__name__ = name
    return formula


LAST = len(RESERVED) // 30 * 30
# a spreadsheet, which takes long, has no words of languages, but cells and functions of one letter
RESERVED_IN = [(of, start) for start in range(0, len(RESERVED), 30) for of in there() if of != "xlsx" or start == LAST]


@pytest.mark.parametrize(("language", "start"), RESERVED_IN)
def test_formulas_called_like_words_of_the_language(language: str, start: int, tmp_path: Path) -> None:
    names = RESERVED[start : start + 30]
    layers = [gn.Dense(2, own(name, 1.0 + k / 7)) for k, name in enumerate(names)]
    X = np.random.default_rng(1).normal(size=(7, 3))
    model = gn.initialize(gn.Network(*layers, gn.Dense(1), loss="squared"), X, X[:, 0], seed=0)
    np.testing.assert_allclose(said(model, language, X, tmp_path).outputs[:, 0], model.predict(X), rtol=1e-10)


class Reserved:
    """A layer whose values are called like functions of C: with the layer's number y1, j0, log2, log10, exp2, atan2."""

    backward = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        ones = gn.initializer("constant", value=1.5)
        return {name: gn.Parameter((n_inputs,), ones) for name in ("y", "j", "log", "e", "M_SQRT", "M_LN")}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        log, exp = x * p.log + p.y, np.tanh(x * p.j)
        return {"expm": log, "exp": exp, "atan": log * exp * p.e, "int": np.sin(log) * p.M_SQRT, "f": p.M_LN + x * exp}


def test_values_called_like_functions_of_the_language(language: str, tmp_path: Path) -> None:
    X = np.random.default_rng(1).normal(size=(7, 3))
    layers = [Reserved() for _ in range(10)]
    model = gn.initialize(gn.Network(*layers, gn.Dense(1), loss="squared"), X, X[:, 0], seed=0)
    np.testing.assert_allclose(said(model, language, X, tmp_path).outputs[:, 0], model.predict(X), rtol=1e-9)


def verified_training(model: Model, language: str, X: Any, y: Any) -> None:
    """The program trains to glassnet's weights; a spreadsheet takes one step."""
    if not LANGUAGES[language].trains:
        pytest.skip(f"{LANGUAGES[language].title} files do not train")
    one_step: dict[str, Any] = {"epochs": 1, "batch_size": None}
    options = one_step if language == "xlsx" else {"epochs": 5, "batch_size": 3}
    try:
        found = model.eject(
            language, training=True, X=X, y=y, optimizer=gn.Adam(0.01, clip_norm=1.0), **options
        ).verify(5)
    except ToolMissing as missing:
        pytest.skip(str(missing))
    assert found, str(found)


def test_programs_that_train_keep_formulas_apart_from_their_own_words(language: str) -> None:
    names = [
        "lr",
        "theta",
        "dz1",
        "da2",
        "m",
        "t",
        "g",
        "train_step",
        "step",
        "epoch",
        "order",
        "batch",
        "loss",
        "pack",
    ]
    layers = [gn.Dense(1, own(name, 1.0 + k / 7)) for k, name in enumerate(names)]
    X = np.random.default_rng(1).normal(size=(5, 3))
    model = gn.initialize(gn.Network(*layers, gn.Dense(1), loss="squared", l2=0.01), X, X[:, 0], seed=0)
    verified_training(model, language, X, X[:, 0])


def test_hostile_names_in_programs_that_train(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names, words = HOSTILE[::9], HOSTILE[3::20]
    rng = np.random.default_rng(0)
    table: dict[str, Any] = {name: rng.normal(size=12) for name in names}
    table[HOSTILE[1]] = table[HOSTILE[2]] = [words[k % len(words)] for k in range(12)]
    model = gn.initialize(gn.Network(gn.Dense(2), gn.Dense()), table, target=HOSTILE[2], seed=0)
    verified_training(model, language, table, None)
    assert not list(tmp_path.iterdir())
