"""What the race makes of its numbers. Nothing is timed here."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import glassnet as gn

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.append(str(BENCHMARKS))  # for these imports alone: its files have names like `tables`
try:
    from race import floor, searches, summary, tables, what_if
    from race.turns import Race, Task
    from race.workloads import WORKS

    specification = importlib.util.spec_from_file_location("race_program", BENCHMARKS / "race.py")
    assert specification is not None
    assert specification.loader is not None
    race: ModuleType = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(race)
finally:
    sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def search() -> searches.Search:
    return searches.penguins()


def contestant(name: str, *seconds: float, **more: object) -> dict[str, object]:
    return {"name": name, "threads": 1, "seconds": list(seconds), **more}


def found_in_search(ours: float = 0.5) -> dict[str, object]:
    contestants = [
        contestant("glassnet, train_many", 1.0, loss=ours),
        contestant("JAX, vmap and scan", 4.0, loss=0.5),
        contestant("scikit-learn, GridSearchCV", 2.0),
        contestant("NumPy by hand", 3.0),
    ]
    found = {"kind": "SEARCHING", "work": "W6b", "what": "", "skipped": {}, "contestants": contestants}
    race.search(found)
    return found


def test_the_search_is_a_thousand_networks_on_folds_of_the_penguins(search):
    assert search.X.shape == (344, 11)
    assert search.sizes == (11, 16, 3)
    assert len(search) == len(list(search.runs())) == 1000
    held_out = np.concatenate([held for _, held in search.folds])
    assert sorted(held_out) == list(range(344))
    for rows, held in search.folds:
        assert sorted([*rows, *held]) == list(range(344))


def test_a_seed_draws_starting_weights_and_orders_as_train_does(search):
    params, orders = search.begin(3, 7)
    rng = np.random.default_rng(3)
    network = gn.Network(gn.Dense(16, "relu"), gn.Dense(3), loss="cross_entropy")
    model = gn.initialize(network, search.X, search.y, seed=rng)
    for k, (W, b) in enumerate(params, start=1):
        np.testing.assert_array_equal(model.weights[f"W{k}"], W)
        np.testing.assert_array_equal(model.weights[f"b{k}"], b)
    np.testing.assert_array_equal(orders[:2], [rng.permutation(7), rng.permutation(7)])


def test_what_was_done_in_part_is_multiplied_and_says_so():
    by_name = {one["name"]: one for one in found_in_search()["contestants"]}
    assert by_name["scikit-learn, GridSearchCV"] | {"threads": 1} == contestant(
        "scikit-learn, GridSearchCV", 100.0, done=20, of=1000
    )
    assert by_name["NumPy by hand"]["seconds"] == [600.0]
    assert by_name["JAX, vmap and scan"]["seconds"] == [4.0]
    (text,) = tables.told({"W6b": found_in_search()})
    assert "20 of 1,000" in text
    assert "100×" in text


def test_another_loss_than_jaxs_is_marked():
    assert not found_in_search()["contestants"][0]["differs"]
    assert found_in_search(0.501)["contestants"][0]["differs"]


def test_the_summary_has_the_search():
    text = summary.summary({"where": "here", "threads": [1, 2], "results": {"W6b": found_in_search()}})
    (row,) = [line for line in text.splitlines() if line.startswith("| **W6b**")]
    assert row.split("|")[2:-1] == [" 600 s ", " 100 s ", " – ", " 4.00 s ", " – ", " **1.00 s** "]


def test_the_small_networks_are_sixty_different_ones():
    shapes = what_if.shapes()
    assert len(set(shapes)) == len(shapes) == 60
    assert {len(hidden) for hidden, _, _ in shapes} == {1, 2}
    assert {activation for _, activation, _ in shapes} == {"relu", "tanh", "sigmoid"}
    assert {optimizer for _, _, optimizer in shapes} == {"sgd", "adam"}
    assert all(2 <= units <= 32 for hidden, _, _ in shapes for units in hidden)


def test_the_floor_is_the_fastest_turn_of_the_fastest_library_and_of_the_update():
    names = ("NumPy's products", "JAX's products", floor.UPDATE)
    seconds = ((3.0, 1.0), (2.0, 2.0), (0.5, 0.25))
    tried = {"tried": {"1": 5.0, "2": 0.75}}
    parts = [contestant(name, *taken) for name, taken in zip(names, seconds, strict=True)]
    parts = [parts[0] | tried, parts[1] | {"tried": {"1": 2.0}}, parts[2] | {"tried": {"1": 0.5}}]
    found = {"contestants": [contestant("glassnet, compiled", 4.0, 4.0), *parts]}
    race.on_the_floor(found, epochs=2)
    assert found["contestants"][1:] == [contestant("the floor", 2.0, 2.0)]


def test_contestants_race_in_processes_of_their_own_and_the_floors_parts_share_one(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))  # the processes find it there
    with Race({}, {"NumPy's products": "floor", "nobody": "floor"}) as processes:
        worker, other = (processes.workers[name, 1] for name in ("NumPy's products", "nobody"))
        assert worker.process is other.process
        task = Task(kind="FLOOR", make=WORKS["W1"], threads=(1,))
        found = processes.run({"NumPy's products": task, "nobody": task}, 2)
    assert list(found["skipped"]) == ["nobody"]
    (one,) = found["contestants"]
    assert len(one["seconds"]) == 2
    assert all(seconds > 0 for seconds in one["seconds"])
    assert worker.process.exitcode == 0


def test_every_way_of_compiled_products_gives_the_product():
    rng = np.random.default_rng(1)
    for form, a, b in (
        ("x @ W", rng.random((7, 5)), rng.random((5, 3))),
        ("x.T @ dz", rng.random((5, 7)), rng.random((5, 3))),
        ("dz @ W.T", rng.random((7, 5)), rng.random((3, 5))),
    ):
        flip_a, flip_b = floor.flips(form)
        expected = (a.T if flip_a else a) @ (b.T if flip_b else b)
        for way in floor.compiled_products():
            out = np.zeros_like(expected)
            way(flip_a, flip_b, a, b, out, 2)
            np.testing.assert_allclose(out, expected)


def test_small_networks_are_timed_from_an_empty_cache_from_that_one_and_again(monkeypatch):
    asked = []

    def one_process(engine: str, cache: str) -> list[float]:
        asked.append((engine, cache))
        return [float(len(asked)), 0.5]

    monkeypatch.setattr(what_if, "one_process", one_process)
    found = what_if.raced(1)
    seconds = {one["name"]: one["seconds"] for one in found["contestants"]}
    assert seconds["auto, nothing compiled"] == [1.0]
    assert seconds["auto, from the cache"] == [2.0]
    assert seconds["compiled, again in that process"] == [0.5]
    assert seconds["glassnet, numpy"] == [5.0]
    assert asked[0] == asked[1] != asked[2] == asked[3]
    (text,) = tables.told({"W6c": found})
    assert "| compiled, nothing compiled" in text
