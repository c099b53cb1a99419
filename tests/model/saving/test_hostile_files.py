"""A small file cannot keep `load` busy, and a large one that contradicts itself is refused before it is read."""

import json
import math
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from saving_examples import NUMBERS, X

import glassnet as gn
from glassnet.data.files import read_model_file, write_model_file

Description = dict[str, Any]
Tensors = dict[str, np.ndarray]
Y = NUMBERS[:, :1]
SECONDS = 10.0  # many times what a quiet machine takes: what is refused here took minutes, or longer than anybody waits


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Description, Tensors]:
    path = tmp_path_factory.mktemp("original") / "model.glass"
    network = gn.Network(gn.Dense(3, lambda z: z * np.tanh(z)), gn.Dropout(0.1), gn.Dense(1))
    gn.train(network, X, Y, optimizer="sgd", epochs=1, seed=0, progress=False).save(path)
    description, tensors = read_model_file(path)
    description.pop("training")
    return description, {name: tensors[name] for name in ("W1", "b1", "W3", "b3", "history")}


def copy_of(value: Any) -> Any:
    return json.loads(json.dumps(value))


def dropouts(d: Description, t: Tensors) -> None:
    first, dropout, last = d["network"]["layers"]
    d["network"]["layers"] = [first, *[dropout] * 4_000, last]
    t["W4002"], t["b4002"] = t.pop("W3"), t.pop("b3")


def dense(d: Description, t: Tensors) -> None:
    *_, last = d["network"]["layers"]
    d["network"]["layers"] = [last] * 500
    square, one = np.ones((1, 1)), np.zeros(1)
    t.pop("W3"), t.pop("b3")
    t.update({f"W{k}": square for k in range(2, 501)} | {f"b{k}": one for k in range(1, 501)})
    t["W1"] = np.ones((3, 1))


def long_formula(d: Description, t: Tensors) -> None:
    own = d["network"]["layers"][0]["fields"]["activation"]["activation"]
    own["function"] = [["symbol", "z"], *(["tanh", k] for k in range(90_000))]


def many_formulas(d: Description, t: Tensors) -> None:
    first, _, last = d["network"]["layers"]
    own = copy_of(first)
    own["fields"]["activation"]["activation"]["function"] = [["symbol", "z"], *(["tanh", k] for k in range(400))]
    d["network"]["layers"] = [own] * 20 + [last]


def nested(d: Description, t: Tensors) -> None:
    layer = d["network"]["layers"][1]
    for _ in range(18):  # about as deep as JSON may be in a file
        layer = {"layer": "Residual", "fields": {"layers": [layer]}}
    d["network"]["layers"][1] = layer


def nested_pairs(d: Description, t: Tensors) -> None:
    layer = d["network"]["layers"][1]
    for _ in range(9):
        layer = {"layer": "Residual", "fields": {"layers": [layer, layer]}}
    d["network"]["layers"][1] = layer


def members(d: Description, t: Tensors) -> None:
    one = copy_of({key: value for key, value in d.items() if key not in ("contract", "format", "glassnet")})
    contract, numbers = d["contract"], dict(t)
    one["network"]["layers"] = one["network"]["layers"][2:]
    numbers = {"W1": np.ones((3, 1)), "b1": np.zeros(1), "history": t["history"]}
    d.clear(), t.clear()
    d.update(members=[one] * 100, contract=contract)
    t.update({f"{k}.{name}": array for k in range(1, 101) for name, array in numbers.items()})


CASES: dict[Callable[[Description, Tensors], None], str] = {
    dropouts: "",
    dense: "",
    long_formula: "at most 5000 are allowed",
    many_formulas: "at most 5000 are allowed",
    nested: "",
    nested_pairs: "",
    members: "",
}


@pytest.mark.parametrize("change", CASES, ids=lambda change: change.__name__)
def test_a_file_under_a_megabyte_is_read_or_refused_at_once(
    original: tuple[Description, Tensors], tmp_path: Path, change: Callable[[Description, Tensors], None]
) -> None:
    description, tensors = copy_of(original[0]), dict(original[1])
    change(description, tensors)
    path = tmp_path / "model.glass"
    write_model_file(path, {k: v for k, v in description.items() if k not in ("format", "glassnet")}, tensors)
    begin = time.process_time()
    if CASES[change]:
        assert path.stat().st_size < 2_000_000
        with pytest.raises(gn.ModelFileError, match=CASES[change]):
            gn.load(path)
    else:
        assert path.stat().st_size < 1_000_000
        gn.load(path)
    assert time.process_time() - begin < SECONDS


@pytest.mark.parametrize("name", ["W3", "history"])
def test_a_tensor_that_contradicts_the_description_is_not_read(
    original: tuple[Description, Tensors], tmp_path: Path, name: str
) -> None:
    path, rows = tmp_path / "model.glass", 50_000_000
    write_model_file(path, {k: v for k, v in original[0].items() if k not in ("format", "glassnet")}, original[1])
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    header[name]["shape"], end = [rows, 3], 0
    for key, entry in header.items():  # each begins where the one before it ends
        if key != "__metadata__":
            begin, end = end, end + 8 * math.prod(entry["shape"])
            entry["data_offsets"] = [begin, end]
    text = json.dumps(header).encode()
    with open(path, "wb") as file:  # with a hole, which takes no room on the disk
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + end)
    tracemalloc.start()
    try:
        with pytest.raises(
            gn.ModelFileError, match=rf"'{name}' must be float64.* got float64 of shape \(50000000, 3\)"
        ):
            gn.load(path)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_functions_that_are_too_large_for_a_file_are_not_saved(tmp_path: Path) -> None:
    def deep(z: Any) -> Any:
        for _ in range(6_000):
            z = np.tanh(z)
        return z

    model = gn.initialize(gn.Network(gn.Dense(1, deep), gn.Dense(1), loss="squared"), X, Y, seed=0)
    with pytest.raises(ValueError, match="functions of one's own are too large to be saved: 6001 operations"):
        model.save(tmp_path / "model.glass")
    assert not (tmp_path / "model.glass").exists()
