"""Every kind of column in every language: the program makes the same inputs of the same cells."""

import re
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.tables.contract import DataContract
from glassnet.model.model import Model
from glassnet.readings.eject import LANGUAGES
from glassnet.readings.eject.random_rows import NEW_WORD, random_rows
from glassnet.readings.eject.tools import ToolMissing

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


def verified(model: Model, language: str) -> bool:
    try:
        return bool(model.eject(language).verify())
    except ToolMissing as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", TABLES)
def test_rare_and_new_words_are_other_in_every_language(language: str, kind: str) -> None:
    assert verified(trained(TABLES[kind], max_categories=4), language)


def test_rows_that_programs_are_tried_with_hold_rare_new_and_missing_words() -> None:
    model = trained(TABLES["both"], max_categories=4)
    assert isinstance(model.contract, DataContract)
    rows = random_rows(model.contract, 100, np.random.default_rng(1))
    found = {row["k"] for row in rows}  # type: ignore[call-overload]  # a table's rows are dictionaries
    assert found == {"a", "b", "7", "8", "8.5", "z", "Z", NEW_WORD, None}


@pytest.mark.parametrize("language", ["numpy", "r", "javascript", "c"])
def test_a_program_speaks_of_other_words_only_where_there_are_any(language: str) -> None:
    few, many = trained({"k": ["u", "v"] * 41 + ["u"]}), trained(TABLES["words"], max_categories=4)
    is_said = [re.search(r"any other word", str(model.eject(language))) is not None for model in (few, many)]
    assert is_said == [False, True]
