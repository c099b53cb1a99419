"""Every kind of column in every language: the program makes the same inputs of the same cells."""

import re
import tempfile
import warnings
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.tables.contract import DataContract
from glassnet.model.model import Model
from glassnet.readings.eject import LANGUAGES
from glassnet.readings.eject.ejected import Ejected
from glassnet.readings.eject.random_rows import NEW_WORD, random_rows
from glassnet.readings.eject.tools import ToolFailed, ToolMissing

rng = np.random.default_rng(11)
N = 83
RARE = ("10", "9.5", "it's", "Ömer", "two words", "=1+1", "TRUE", "0")


def words(*frequent: str, rare: tuple[str, ...] = RARE) -> list[str | None]:
    """A column in which some words are frequent, some rare, and two missing."""
    column: list[str | None] = [*rare, None, "NA"]
    return [*column, *(frequent[int(k)] for k in rng.integers(len(frequent), size=N - len(column)))]


def trained(columns: dict[str, Any], **options: Any) -> Model:
    table = {**columns, "y": rng.normal(size=N).tolist()}
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense())
    return gn.train(network, table, target="y", epochs=2, seed=1, engine="numpy", **options)


TABLES: dict[str, dict[str, Any]] = {
    "words": {"k": words("a", "b", "c")},
    "both": {"x": rng.normal(size=N).tolist(), "k": words("a", "b", "7", rare=("8", "8.5", "z", "Z"))},
    "some": {"few": ["u", "v"] * 41 + ["u"], "k": words("a", "b", "c")},
}


TIMES = [(datetime(2023, 3, 1) + timedelta(hours=float(h))) for h in rng.uniform(0, 9000, N)]
DAYS = [f"{time:%Y-%m-%d}" for time in TIMES]
DATES: dict[str, dict[str, Any]] = {
    "times": {"when": [time.isoformat() for time in TIMES]},
    "several": {
        "days": DAYS,
        "weekly": [f"{time - timedelta(days=time.weekday()):%Y-%m-%d}" for time in TIMES],
        "one day": ["2024-03-01"] * N,
        "gaps": [None] * 9 + DAYS[9:],
    },
    "words": {"a": words("a", "b"), "when": DAYS, "b": words("c", "d", rare=("e",))},
    "all": {
        "x": rng.normal(size=N).tolist(),
        "when": [f"{t:%Y-%m-%d %H:%M}Z" for t in TIMES],
        "k": words("a", "b", "c"),
    },
    "two": {"begin": DAYS, "if": [time.isoformat() for time in TIMES[::-1]]},
}


def verified(model: Model, language: str) -> bool:
    try:
        return bool(model.eject(language).verify())
    except ToolMissing as error:
        pytest.skip(str(error))


TABLES_IN = [(of, kind) for kind in TABLES for of in LANGUAGES if of != "xlsx"]  # which has them in CHOICES, below


@pytest.mark.parametrize(("language", "kind"), TABLES_IN)
def test_rare_and_new_words_are_other_in_every_language(language: str, kind: str) -> None:
    assert verified(trained(TABLES[kind], max_categories=4), language)


def test_rows_that_programs_are_tried_with_hold_rare_new_and_missing_words() -> None:
    model = trained(TABLES["both"], max_categories=4)
    assert isinstance(model.contract, DataContract)
    rows = random_rows(model.contract, 100, np.random.default_rng(1))
    found = {row["k"] for row in rows}
    assert found == {"a", "b", "7", "8", "8.5", "z", "Z", NEW_WORD, None}


@pytest.mark.parametrize("language", ["numpy", "r", "javascript", "c"])
def test_a_program_speaks_of_other_words_only_where_there_are_any(language: str) -> None:
    few, many = trained({"k": ["u", "v"] * 41 + ["u"]}), trained(TABLES["words"], max_categories=4)
    is_said = [re.search("any other word", str(model.eject(language))) is not None for model in (few, many)]
    assert is_said == [False, True]


DATES_IN = [(of, kind) for of in LANGUAGES for kind in (("all",) if of == "xlsx" else DATES)]  # LibreOffice takes long


@pytest.mark.parametrize(("language", "kind"), DATES_IN)
def test_dates_are_read_in_every_language(language: str, kind: str) -> None:
    assert verified(trained(DATES[kind], max_categories=4), language)


def test_rows_that_programs_are_tried_with_hold_dates_in_all_forms() -> None:
    model = trained(DATES["times"])
    assert isinstance(model.contract, DataContract)
    found = [row["when"] for row in random_rows(model.contract, 100, np.random.default_rng(1))]
    forms = {re.sub(r"\d", "0", str(when)) for when in found if when is not None}
    clocks = ("00:00", "00:00:00", "00:00:00.00", "00:00Z", "00:00:00+00:00", "00:00:00.000000-0000")
    assert forms == {f"0000-00-00{between}{clock}" for between in "T " for clock in clocks}
    assert None in found


# one date or other at a time

GOOD = (
    *(
        "2024-02-29",
        " 2024-03-01 ",
        "2024-03-01T12:30",
        "2024-03-01 12:30:59",
        "2024-03-01T12:30:59.125Z",
        "1600-02-29",
    ),
    *("2024-03-01T12:30:59,5+01:00", "2024-03-01T00:30-0530", "2024-03-01T12:30+02", "1899-12-31T23:59"),
    *("0001-01-01", "1600-02-29"),
    *("9999-12-31T23:59:59.999999", "2100-02-28T12:00Z", "2000-02-29T00:00:00+00:00", None, "", "NA"),
)
BAD = (
    *(
        "2024-02-30",
        "2100-02-29",
        "2024-13-01",
        "2024-00-01",
        "2024-03-00",
        "2024-3-1",
        "20240301",
        "soon",
        "2024-03-01T",
    ),
    *("2024-03-01T24:00", "2024-03-01T12:60", "2024-03-01T12:30:60", "2024-03-01T12", "2024-03-01Z", "0000-01-01"),
    *("2024-03-01T12:30+24:00", "2024-03-01T12:30+1:00", "2024-03-01T12:30+01:60", "2024-03-01T12:30:5", "x2024-03-01"),
    *("2024-03-01T12:30 UTC", "2024-03-01x", "2024/03/01", "01.03.2024", "2024-03", "2024-03-01T1:30", "2024-03-01T"),
)


def said_of(ejected: Ejected, rows: list[Any]) -> np.ndarray:
    """What a program says of rows."""
    chosen = LANGUAGES[ejected.language]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / f"network{chosen.suffix}"
        program.write_bytes(ejected.data)
        return chosen.writer().run(ejected.plan, program, rows)[0].outputs


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_of_all_times_and_forms_are_read_alike(language: str) -> None:
    model = trained(DATES["times"])
    rows: list[Any] = [{"when": when} for when in GOOD]
    try:
        found = said_of(model.eject(language), [row for row in rows if language != "onnx" or row["when"]])
    except ToolMissing as error:
        pytest.skip(str(error))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = model.predict({"when": [when for when in GOOD if language != "onnx" or when]})
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("unit", ["Y", "M", "W", "D", "h", "m", "s", "ns"])
def test_the_program_for_numpy_reads_dates_of_numpy(unit: str, programs: dict[str, Ejected]) -> None:
    names: dict[str, Any] = {}
    exec(programs["numpy"].data, names)
    date = np.datetime64("2024-03-01T05:06").astype(f"M8[{unit}]")
    assert names["predict"]([{"when": date}]) == names["predict"]([{"when": str(date.astype("M8[s]"))}])


CASES = [(of, bad) for of in ("r", "javascript", "c") for bad in BAD[::4]]


@pytest.mark.parametrize(("language", "bad"), CASES)
def test_what_is_no_date_is_refused(language: str, bad: str, programs: dict[str, Ejected]) -> None:
    with pytest.raises(ToolFailed, match="ISO 8601"):
        said_of(programs[language], [{"when": "2024-03-01"}, {"when": bad}])


@pytest.mark.parametrize("bad", BAD)
def test_the_program_for_numpy_refuses_what_is_no_date(bad: str, programs: dict[str, Ejected]) -> None:
    names: dict[str, Any] = {}
    exec(programs["numpy"].data, names)
    with pytest.raises(ValueError, match="ISO 8601"):
        names["predict"]([{"when": "2024-03-01"}, {"when": bad}])


@pytest.fixture(scope="module")
def programs() -> dict[str, Ejected]:
    model = trained(DATES["times"])
    return {language: model.eject(language) for language in ("numpy", "r", "javascript", "c", "xlsx")}


def test_a_spreadsheet_takes_cells_that_are_dates_and_refuses_what_is_none(programs: dict[str, Ejected]) -> None:
    serial = (datetime(2024, 3, 1, 12, 30) - datetime(1899, 12, 30)) / timedelta(days=1)
    try:
        found = said_of(programs["xlsx"], [{"when": when} for when in (serial, "2024-03-01T12:30", *BAD)])
    except ToolMissing as error:
        pytest.skip(str(error))
    assert found[0, 0] == pytest.approx(found[1, 0], rel=1e-7)
    assert np.isnan(found[2:]).all()


# what may be chosen

MIXED: dict[str, Any] = {
    "x": [None] * 7 + rng.lognormal(size=N - 7).tolist(),
    "flat": [2.5] * N,
    "whole": rng.integers(3, size=N).astype(float).tolist(),
    "two": [None, *["u", "v", "v"] * 27, "u"],
    "k": words("a", "b", "c"),
    "when": [None] * 9 + DAYS[9:],
}
CHOICES: dict[str, dict[str, Any]] = {
    "robust": {"scale": "robust", "max_categories": 4},
    "robust numbers": {"scale": "robust", "exclude": ["x", "two", "k", "when"]},
    "quantile": {"scale": "quantile", "fill": "mean", "max_categories": 4},
    "mean": {"fill": "mean", "exclude": ["k", "two"]},
    "embed": {"words": "embed", "exclude": ["x", "when"]},
    "embed robust": {"words": "embed", "scale": "robust", "clamp": True},
    "none": {"scale": "none", "max_categories": 4, "clamp": True},
    "held": {"clamp": True, "exclude": ["k", "when"]},
}


IN_SPREADSHEETS = ("quantile", "embed robust", "none")  # every choice once: LibreOffice takes long
CHOSEN_IN = [(of, chosen) for chosen in CHOICES for of in LANGUAGES if of != "xlsx" or chosen in IN_SPREADSHEETS]


@pytest.mark.parametrize(("language", "chosen"), CHOSEN_IN)
def test_what_is_chosen_about_columns_holds_in_every_language(language: str, chosen: str) -> None:
    assert verified(trained(MIXED, **CHOICES[chosen]), language)


@pytest.mark.parametrize("language", ["numpy", "r", "javascript", "c", "onnx"])
@pytest.mark.parametrize("far", [1e6, -1e200, 1e308])
def test_numbers_far_out_are_held_in_every_language(language: str, far: float) -> None:
    model = trained({"x": rng.normal(size=N).tolist()}, scale="robust")
    rows: list[Any] = [{"x": far}, {"x": 0.5}]
    try:
        found = said_of(model.eject(language), rows)[:, 0]
    except ToolMissing as error:
        pytest.skip(str(error))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = model.predict({"x": [far, 0.5]})
    np.testing.assert_allclose(found, expected, rtol=1e-12)


# truth values

SPELT = (True, False, "True", "false", "TRUE", " False", "FALSE", None, "no")


@pytest.mark.parametrize("language", ["numpy", "r", "javascript"])
@pytest.mark.parametrize(
    ("known", "rare"),
    [
        (("true", "false"), []),
        (("TRUE", "FALSE"), ["rare", None]),
        ((True, False), []),
        ((True, False), ["rare", None]),
    ],
)
def test_truth_values_are_the_category_that_says_the_same_in_other_capitals(
    language: str, known: tuple[Any, Any], rare: list[Any]
) -> None:
    model = trained({"f": (rare + [*known] * N)[:N], "x": rng.normal(size=N).tolist()}, max_categories=3)
    spelt = SPELT if language != "r" else SPELT[2:]  # of which a column is all of one kind
    found = [said_of(model.eject(language), [{"f": value, "x": 0.5}])[0, 0] for value in (SPELT[0], SPELT[1])]
    rows = [{"f": value, "x": 0.5} for value in spelt]
    found += said_of(model.eject(language), rows)[:, 0].tolist()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        truths = model.predict({"f": [True, False], "x": [0.5, 0.5]})
        expected = [*truths, *model.predict({"f": list(spelt), "x": [0.5] * len(spelt)})]
        assert model.predict({"f": list(known), "x": [0.5, 0.5]}).tolist() == truths.tolist()
    assert truths[0] != truths[1]
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("language", ["numpy", "r", "javascript", "c"])
def test_a_truth_value_that_training_had_in_two_spellings_stays_as_it_is_spelt(language: str) -> None:
    column = ["true", "false"] * 40 + ["TRUE", "True", "no"]
    assert verified(trained({"f": column, "x": rng.normal(size=N).tolist()}, max_categories=3), language)
