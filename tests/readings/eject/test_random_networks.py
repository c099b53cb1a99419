"""Random networks in every language, run with the language's own tool; `scripts/verify_ejected.py` runs many more.

How many a language gets here goes by how long it takes.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from random_networks import Case, odd_cases, random_case, random_training
from trials import trial

import glassnet as gn
from glassnet.readings.eject import LANGUAGES
from glassnet.readings.eject.tools import ToolMissing

NETWORKS = {"numpy": 6, "r": 3, "javascript": 6, "c": 3, "xlsx": 2, "onnx": 8}
TRAININGS = {"numpy": 4, "r": 2, "javascript": 4, "c": 2, "xlsx": 1}
SEED = 5
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # values out of range, new words: on purpose


def each(counts: dict[str, int]) -> list[tuple[str, int]]:
    """A language that is written, and the number of a network."""
    there = [name for name in counts if find_spec(f"glassnet.readings.eject.{LANGUAGES[name].module}")]
    return [(name, number) for name in there for number in range(counts[name])]


def hold(case: Case, language: str, alone: bool = False) -> None:
    """The program says what glassnet says."""
    with np.errstate(all="ignore"):
        found = trial(case, language, alone=alone)
    if found.missing:
        pytest.skip(found.missing)
    if found.refused and case.training and language == "xlsx":
        pytest.skip(found.refused)  # too many cells
    assert found.passed, f"{case}: {found}{found.refused}"


@pytest.mark.parametrize(("language", "number"), each(NETWORKS))
def test_a_program_predicts_what_glassnet_does(language: str, number: int) -> None:
    hold(random_case(SEED, number), language, alone=number == 0)


@pytest.mark.parametrize(("language", "number"), each(TRAININGS))
def test_a_program_that_trains_ends_with_glassnets_weights(language: str, number: int) -> None:
    hold(random_training(SEED, number), language, alone=number == 0)


SLOW = ("c", "xlsx")  # the compiler with its sanitizers, and LibreOffice
REDUCED_IN = [(of, how) for of, _ in each(dict.fromkeys(TRAININGS, 1)) for how in gn.parts.losses.REDUCTIONS
              if of not in SLOW or how == "rowmean"]  # fmt: skip


@pytest.mark.parametrize(("language", "reduction"), REDUCED_IN)
def test_a_batch_counts_the_same_whatever_is_reported_of_it(language: str, reduction: str) -> None:
    rng = np.random.default_rng(2)
    X, y, weight = rng.normal(size=(11, 2)), rng.normal(size=(11, 3)), rng.random(11) ** 3
    network = gn.Network(gn.Dense(2, "tanh"), gn.Dense(), loss=gn.loss("squared", reduction=reduction))
    options = {"X": X, "y": y, "sample_weight": weight, "batch_size": 4, "epochs": 3, "optimizer": gn.SGD(0.03)}
    case = Case("weighted batches", gn.initialize(network, X, y, seed=0), options, {"reported": 0.5})
    hold(case, language, alone=reduction == "rowmean")


@pytest.mark.parametrize("language", [name for name, _ in each(dict.fromkeys(LANGUAGES, 1))])
def test_penguins(language: str) -> None:
    network = gn.Network(gn.Dense(16, "relu"), gn.Dense(), loss="cross_entropy")
    model = gn.train(network, gn.datasets.penguins(), target="species", epochs=20, seed=0, engine="numpy")
    hold(Case("penguins", model), language)


@pytest.mark.parametrize("language", [name for name, _ in each(dict.fromkeys(LANGUAGES, 1))])
@pytest.mark.parametrize("case", odd_cases(), ids=["a mean over rows", "a sum of all", "three axes"])
def test_what_a_language_cannot_do_is_refused_by_name(case: Case, language: str) -> None:
    found = trial(case, language)
    if found.refused:
        assert "y2" in found.refused or "layer 2" in found.refused
    elif not found.missing:
        assert found.passed, f"{case}: {found}"


AS_WRITTEN = [
    {"length": 41.5, "code": "1", "island": " Biscoe "},  # blanks around a word do not count
    {"length": None, "code": 1.0, "island": "Dream"},  # a number where words stand is the word for it
    {"length": "NA", "code": 2.5, "island": "?"},
    {"length": "", "code": " x ", "island": "NA"},
    {"length": "nan", "code": None, "island": ""},
    {"length": "null", "code": "1.0", "island": "biscoe"},  # words are words: neither is known
    {"length": 38.0, "code": 10, "island": "None"},
]


# cells of a spreadsheet are typed: test_spreadsheet.py
@pytest.mark.parametrize("language", [name for name, _ in each(dict.fromkeys(("numpy", "r", "javascript"), 1))])
def test_rows_as_people_write_them(language: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    table = {
        "length": [None, None, None, *rng.normal(40, 3, 27)],
        "code": [["1", "2.5", "x", "10", None][k % 5] for k in range(30)],
        "island": [["Biscoe", "Dream", None][k % 3] for k in range(30)],
        "mass": rng.normal(4000, 300, 30),
    }
    model = gn.initialize(gn.Network(gn.Dense()), table, target="mass", seed=0)
    # glassnet reads one kind a column, so each value is a table of its own
    expected = [model.predict({name: [value] for name, value in row.items()}).item() for row in AS_WRITTEN]
    program, chosen = model.eject(language), LANGUAGES[language]
    path = tmp_path / f"network{chosen.suffix}"
    program.save(path)
    try:
        found, _ = chosen.writer().run(program.plan, path, AS_WRITTEN)
    except ToolMissing as missing:
        pytest.skip(str(missing))
    np.testing.assert_allclose(found.outputs[:, 0], expected, rtol=1e-12)
