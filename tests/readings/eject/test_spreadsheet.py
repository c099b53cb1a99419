"""The spreadsheet: its formulas, its numbers once LibreOffice has calculated them, what it looks like inside."""

import copy
import io
import math
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.expressions.expression import Expression, evaluate, symbol
from glassnet.readings.eject.ejected import Ejected
from glassnet.readings.eject.spreadsheet.cells import grid, letters
from glassnet.readings.eject.spreadsheet.file import to_bytes
from glassnet.readings.eject.spreadsheet.formulas import Scribe
from glassnet.readings.eject.spreadsheet.functions import number
from glassnet.readings.eject.spreadsheet.office import calculated
from glassnet.readings.eject.spreadsheet.page import Cell, Page, safe
from glassnet.readings.eject.spreadsheet.workbook import run

openpyxl = pytest.importorskip("openpyxl")

needs_office = pytest.mark.skipif(
    not (shutil.which("soffice") or shutil.which("libreoffice")), reason="LibreOffice is not installed"
)

# Functions that Excel 2013 and LibreOffice share, as Excel's list of functions names them
SHARED = """
ABS AND ATANH AVERAGE CLEAN COS COUNT EXACT EXP IF INDEX INT ISNUMBER LN MATCH MAX MIN MMULT NA NOT OR PI SIGN SIN SINH
SQRT SUBSTITUTE SUM SUMPRODUCT TANH TRIM _xlfn.NUMBERVALUE _xlfn.UNICHAR
"""


def book(program: Ejected) -> Any:
    return openpyxl.load_workbook(io.BytesIO(program.data))


def formulas(program: Ejected, sheet: str = "") -> list[str]:
    """All formulas, or those of one sheet."""
    pages = [page for page in book(program) if sheet in ("", page.title)]
    return [cell.value for page in pages for row in page.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.fixture(scope="module")
def penguins() -> gn.Model:
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense())
    return gn.train(network, gn.datasets.penguins(), target="species", epochs=20, seed=0)


@pytest.fixture(scope="module")
def xor() -> Ejected:
    X, y = gn.datasets.xor()
    network = gn.Network(gn.Dense(4, "sigmoid"), gn.Dense(1, "sigmoid"), loss="mse")
    model = gn.initialize(network, X, y, seed=3)
    return model.eject("xlsx", training=True, X=X, y=y, optimizer=gn.SGD(0.5), batch_size=None)


# the numbers


@needs_office
def test_one_step_of_xor_ends_with_glassnets_weights_and_predicts_with_them(xor: Ejected) -> None:
    found = xor.verify(20)
    assert found.passed, found
    assert found.weights is not None


@needs_office
def test_the_self_test_is_ok_and_says_when_a_weight_is_altered(xor: Ejected, tmp_path: Path) -> None:
    program = tmp_path / "network.xlsx"
    xor.save(program)
    verdicts = ["'Read me'!D5", "'Read me'!D6", "'Read me'!D7"]
    assert book(xor)["Read me"]["D4"].value == "result"
    assert calculated(program, {}, [], verdicts)[1] == ["OK", "OK", "OK"]
    weight = book(xor)["Weights"]["B7"]
    assert isinstance(weight.value, float)
    changes = {"Weights": {(7, 2): Cell(weight.value + 0.125, "number")}}
    assert calculated(program, changes, [], verdicts)[1] == ["DIFFERENT"] * 3


@needs_office
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_rows_as_people_type_them(tmp_path: Path) -> None:
    table = {
        "length": [4.5, None, 3.25, 7.0, 5.0, 6.5],
        "code": ["1", "x", "02", "x", "1", None],
        "words": ["a  b", "a b", "A b", "a b", "a  b", "A b"],
        "mass": [400.0, 300.0, 350.0, 420.0, 380.0, 410.0],
    }
    model = gn.train(gn.Network(gn.Dense(3, "relu"), gn.Dense()), table, target="mass", epochs=3, seed=1)
    rows: list[dict[str, Any]] = [
        {"length": 4.0, "code": 1.0, "words": "a  b"},
        {"length": None, "code": 2.0, "words": " a b "},
        {"length": "NA", "code": "02", "words": "A b"},
        {"length": " ", "code": "1.0", "words": "a B"},
        {"length": -1e4, "code": 3.0, "words": "?"},
        {"length": 5.5, "code": " x", "words": " a  b "},
        {"length": 5.5, "code": "X", "words": "A  b"},
        {"length": "5.25", "code": "x\u00a0", "words": "\ta b\n"},
        {"length": "\u00a0+5.25e-1 ", "code": "\tx", "words": "\u00a0a  b"},
        {"length": "\u00a0", "code": "\u00a0", "words": "\u00a0NA\t"},
    ]
    wrong = [{"length": word, "code": "x", "words": "a b"} for word in ("long", "3,5", "1/2", "0x10", "1.2.3", "inf")]
    expected = [model.predict({name: [value] for name, value in row.items()}).item() for row in rows]
    program = tmp_path / "network.xlsx"
    ejected = model.eject("xlsx")
    ejected.save(program)
    found, tool = run(ejected.plan, program, [*rows, *wrong])
    assert tool.startswith("LibreOffice ")
    np.testing.assert_allclose(found.outputs[: len(rows), 0], expected, rtol=1e-13)
    assert np.all(np.isnan(found.outputs[len(rows) :]))  # a word where a number must be is an error, not a number


UNARY: dict[str, Any] = {
    "exp": np.exp,
    "expm1": np.expm1,
    "tanh": np.tanh,
    "abs": np.abs,
    "sign": np.sign,
    "floor": np.floor,
    "cos": np.cos,
    "sin": np.sin,
    "minus a square": lambda z: -np.square(z),
    "a minus behind a minus": lambda z: 1.0 - (-z),
    "a power of a power": lambda z: (np.abs(z) ** 3.0) ** 0.5,
    "a product of minuses": lambda z: -z * (z - 1.0) / (-2.0),
    "log1p": lambda z: np.log1p(np.abs(z)),
    "log1p below 0": lambda z: np.log1p(-np.abs(np.tanh(z)) / 2.0),
    "log where it is defined": lambda z: np.where(z > 0.0, np.log(z), -1.0),
    "sqrt": lambda z: np.sqrt(np.abs(z)),
    "largest": lambda z: np.maximum(np.minimum(z, 0.5), -0.25),
    "bounds": lambda z: np.minimum(np.maximum(z, -np.inf), 1.7976931348623157e308),
    "logic": lambda z: np.where(((z > 0.0) & (z <= 1.0)) | ~(z >= -1.0), 1.0, 0.0),
    "equal": lambda z: np.where((z == 0.5) | (z != z), 2.0, z),
    "too long": lambda z: np.tanh(np.tanh(z * 0.123456789) + np.tanh(z + 0.123456789) + np.exp(-np.abs(z))) ** 2.0 * z,
    "a logistic of any size": lambda z: 1.0 / (1.0 + np.exp(-z)),
}
HARD = np.array([-800.0, -40.0, -1.0, -1e-3, -1e-9, -1e-17, 0.0, 1e-17, 1e-9, 1e-3, 0.5, 1.0, 2.5, 40.0, 300.0])


class Column:
    """A surface of one row a number, for formulas of one vector."""

    name = "Predict"

    def __init__(self) -> None:
        self.page, self.column = Page(name=self.name), 2

    def put(self, node: Expression, texts: np.ndarray) -> Any:
        block = grid(self.name, 1, self.column, (len(HARD), 1)).reshape(len(HARD))
        self.page.formulas(block, texts)
        self.column += 1
        return block


@needs_office
def test_every_operation_gives_numpys_number(tmp_path: Path) -> None:
    surface, z = Column(), symbol("z", ("n",))
    where = grid("Predict", 1, 1, (len(HARD), 1)).reshape(len(HARD))
    for row, value in enumerate(HARD, 1):
        surface.page.number(row, 1, value)
    scribe = Scribe(surface=surface, n=len(HARD), blocks={"z": where})
    wanted = []
    for formula in UNARY.values():
        block = surface.put(z, scribe.formulas(formula(z)))
        wanted += [block[k].reference("") for k in range(len(HARD))]
    program = tmp_path / "network.xlsx"
    program.write_bytes(to_bytes([surface.page]))
    found, _ = calculated(program, {}, wanted, [])
    for name, values in zip(UNARY, found.reshape(len(UNARY), -1), strict=True):
        with np.errstate(all="ignore"):
            expected = evaluate(UNARY[name](z), {"z": HARD})
        np.testing.assert_allclose(values, expected, rtol=1e-13, atol=1e-20, err_msg=name)


def test_the_step_is_the_first_of_glassnets_own_training() -> None:
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(11, 3)), rng.normal(size=11)
    network = gn.Network(gn.Dense(4, "tanh"), gn.BatchNorm(), gn.Dense(1), loss="huber", l2=0.01)
    model = gn.initialize(network, X, y, seed=7)
    adam = gn.Adam(gn.schedule("cosine", 0.1, epochs=9, warm_up=2.0))
    step = model.eject("xlsx", training=True, X=X, y=y, optimizer=adam, epochs=4, batch_size=5).plan.training
    assert step is not None
    batch = copy.deepcopy(model.rng).permutation(11)[:5]
    np.testing.assert_array_equal(step.x, X[batch])
    trained = gn.train(model, X[batch], y[batch], optimizer=adam, epochs=1, batch_size=None, engine="numpy")
    np.testing.assert_allclose(step.theta_after, trained.memory.theta, rtol=1e-14)
    np.testing.assert_allclose(step.state_after, trained.memory.state, rtol=1e-14)
    assert step.losses == pytest.approx(trained.history["loss"], rel=1e-14)


@needs_office
def test_dropout_running_means_slots_and_a_schedule_give_glassnets_step() -> None:
    rng = np.random.default_rng(6)
    X, y = rng.normal(size=(9, 3)), np.array(list("abcabcabc"))
    layers = (gn.Dense(5, "gelu"), gn.BatchNorm(), gn.Dropout(0.4), gn.Dense(2, "softplus"), gn.LayerNorm(), gn.Dense())
    adam = gn.Adam(gn.schedule("exponential", 0.1, decay=0.5), clip_norm=0.1)
    model = gn.train(gn.Network(*layers, l1=0.01, l2=0.01), X, y, optimizer=adam, epochs=2, seed=1, engine="numpy")
    model.freeze("W4", [[True, False]] * 5)
    program = model.eject(
        "xlsx", training=True, X=X, y=y, sample_weight=np.arange(9.0), optimizer=adam, epochs=2, batch_size=6
    )
    found = program.verify(10)
    assert found.passed, found
    settings = {row[0].value: row[1].value for row in book(program)["One step"].iter_rows(max_col=2)}
    assert settings["t"] == 3  # two epochs, of a batch each, are behind it
    assert settings["epoch"] == 2
    assert "lr" not in settings  # it comes from the schedule, by a formula


# the text of the formulas


def texts_of(expression: Expression, **shapes: tuple[int, ...]) -> list[str]:
    """The formulas of an expression whose symbols lie under each other from A1 on."""
    row, blocks = 1, {}
    for name, shape in shapes.items():
        blocks[name] = grid("Predict", row, 1, shape)
        row = blocks[name].corners[1] + 2
    return Scribe(surface=Column(), n=2, blocks=blocks).formulas(expression).ravel().tolist()


def test_a_matrix_product_is_a_sumproduct_of_ranges_of_one_form() -> None:
    x, W, b = symbol("x", ("n", 3)), symbol("W", (3, 2)), symbol("b", (2,))
    weights = {
        "x": grid("Predict", 5, 1, (2, 3)),
        "W": grid("Weights", 5, 2, (2, 3)).T,
        "b": grid("Weights", 5, 5, (2,)),
    }
    texts = Scribe(surface=Column(), n=2, blocks=weights).formulas(x @ W + b)
    assert texts[1, 0] == "SUMPRODUCT(A6:C6,Weights!$B$5:$D$5)+Weights!$E$5"
    assert texts_of(x.T @ x, x=(2, 3))[1] == "SUMPRODUCT(A1:A2,B1:B2)"
    assert texts_of(x @ W, x=(2, 3), W=(3, 2))[3] == "SUMPRODUCT(MMULT(A2:C2,B4:B6))"


def test_reductions_read_ranges() -> None:
    x = symbol("x", ("n", 3))
    assert texts_of(x - np.max(x, axis=1, keepdims=True), x=(2, 3))[5] == "C2-MAX(A2:C2)"
    assert texts_of(np.sum(x, axis=0), x=(2, 3)) == ["SUM(A1:A2)", "SUM(B1:B2)", "SUM(C1:C2)"]
    assert texts_of(np.sum(x), x=(2, 3)) == ["SUM(A1:C2)"]


def test_a_minus_before_a_power_gets_a_bracket() -> None:
    z = symbol("z", ("n",))
    assert texts_of(-(z**2.0), z=(2,))[0] == "-(A1^2)"  # spreadsheets read -A1^2 as (-A1)^2
    assert texts_of((-z) ** 2.0, z=(2,))[0] == "(-A1)^2"
    assert texts_of(1.0 - (z - 2.0), z=(2,))[1] == "1-(B1-2)"


def test_numbers_in_formulas_read_back_as_they_are() -> None:
    for value in (0.1, -2.5e-9, 1e22, 123456789.123, 1 / 3):
        assert float(number(value)) == value
    assert number(math.inf) == "9.99E+307"
    assert (letters(1), letters(28), letters(16384)) == ("A", "AB", "XFD")


def test_only_functions_that_excel_and_libreoffice_share_are_used(xor: Ejected, penguins: gn.Model) -> None:
    for program in (xor, penguins.eject("xlsx")):
        names = {name for text in formulas(program) for name in re.findall(r"((?:_xlfn\.)?[A-Z][A-Z0-9.]*)\(", text)}
        assert names <= set(SHARED.split()), names


# what is in the file


def test_sheets_are_in_the_order_of_reading(xor: Ejected, penguins: gn.Model) -> None:
    assert book(penguins.eject("xlsx")).sheetnames == ["Read me", "Predict", "Weights", "Data"]
    assert book(xor).sheetnames == ["Read me", "Predict", "One step", "Update", "Weights", "Data"]


def test_every_line_of_predict_has_the_same_formulas_so_that_it_can_be_copied_down(penguins: gn.Model) -> None:
    page = book(penguins.eject("xlsx"))["Predict"]
    translate = pytest.importorskip("openpyxl.formula.translate").Translator
    last = page.max_row
    expected = 0
    for cell in page[last]:
        above = page.cell(last - 1, cell.column)
        if cell.data_type == "f":
            assert translate(above.value, above.coordinate).translate_formula(cell.coordinate) == cell.value
            expected += 1
    assert expected > 25


def test_the_names_of_inputs_have_room_above_their_weights(penguins: gn.Model) -> None:
    page = book(penguins.eject("xlsx"))["Weights"]
    heads = {cell.column_letter: cell.value for cell in page[5] if cell.value}
    assert "W1\nflipper_length_mm" in heads.values()
    for column, head in heads.items():
        assert page.column_dimensions[column].width >= 1.1 * max(map(len, head.split())), head
    assert page.row_dimensions[5].height >= 3 * 15  # W1, and a name that is broken into two lines


def test_numbers_are_written_with_all_digits(penguins: gn.Model) -> None:
    page = book(penguins.eject("xlsx"))["Weights"]
    found = {cell.value for row in page.iter_rows() for cell in row if isinstance(cell.value, float)}
    assert set(np.concatenate([penguins["W1"].ravel(), penguins["b2"].ravel()]).tolist()) <= found


def test_the_same_model_gives_the_same_bytes(penguins: gn.Model) -> None:
    assert penguins.eject("xlsx").data == penguins.eject("xlsx").data


HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", 'q"),HYPERLINK("x', "a\x07b", "_x0041_", "é\u202e</t>"]


def test_hostile_names_are_texts_and_never_part_of_a_formula() -> None:
    table = {name: [word for word in HOSTILE for _ in range(2)] for name in HOSTILE}
    table["=target"] = HOSTILE * 2
    model = gn.initialize(gn.Network(gn.Dense()), table, target="=target", kind="classes", seed=0)
    program = model.eject("xlsx")
    words = set()
    for page in book(program):
        for row in page.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.data_type != "f":
                    words.add(cell.value)
                    assert cell.quotePrefix or cell.value[0] not in "=+-@", cell.value
    assert {safe(name) for name in HOSTILE} <= words
    for text in formulas(program):
        assert not any(name in text for name in HOSTILE if len(name) > 2), text


def test_a_dropdown_offers_the_words_of_training(penguins: gn.Model) -> None:
    found = {
        str(item.sqref): item.formula1
        for item in book(penguins.eject("xlsx"))["Predict"].data_validations.dataValidation
    }
    assert len(found) == 2  # island and sex
    assert all(re.fullmatch(r"Data!\$G\$\d+:\$G\$\d+", where) for where in found.values())


# what it refuses


def test_a_prediction_that_mixes_rows_is_refused_by_name() -> None:
    class Centred:
        backward = None  # derived

        def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
            return {}

        def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
            return {"y": x - x.mean(axis=0)}

    model = gn.initialize(gn.Network(Centred(), gn.Dense(), loss="squared"), np.eye(3), np.arange(3.0), seed=0)
    with pytest.raises(NotImplementedError, match=r"layer 1, step .y1 = .*mean\(x, axis=0\) mixes the rows"):
        model.eject("xlsx")


def test_a_step_that_is_too_large_is_refused_with_its_size() -> None:
    X, y = np.zeros((500, 3)), np.arange(500.0)
    model = gn.initialize(gn.Network(gn.Dense(50, "tanh"), gn.Dense()), X, y, seed=0)
    with pytest.raises(NotImplementedError, match=r"would take [\d,]+ cells with formulas, 100,000 are allowed"):
        model.eject("xlsx", training=True, X=X, y=y, epochs=1, batch_size=None)


def test_without_openpyxl_the_error_names_the_extra(penguins: gn.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(ImportError, match=r'pip install "glassnet\[xlsx\]"'):
        penguins.eject("xlsx")
