"""The sweep over sizes: what it measures, keeps and says. Nothing is timed here."""

import dataclasses
import json
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = str(Path(__file__).resolve().parents[2] / "benchmarks")
sys.path.append(BENCHMARKS)  # for these imports alone: its files have names like `tables`
try:
    import kept
    from race import floor, parts
    from race.turns import compare
    from sweep import covering, verdicts
    from sweep.cells import VALUES, Cell
finally:
    sys.path.remove(BENCHMARKS)

CELL = Cell(inputs=11, hidden=(16,), outputs=3, batch=32, activation="relu", dtype="float32")


def measured(cell: Cell = CELL, floor: float | None = 0.1, **seconds: float) -> verdicts.Measured:
    names = {"ours": verdicts.OURS, "jax": verdicts.JAX, "numpy": verdicts.NUMPY}
    return verdicts.Measured(cell=cell, seconds={names[name]: value for name, value in seconds.items()}, floor=floor)


@pytest.fixture(scope="module")
def cells() -> list[Cell]:
    return covering.covering()


def test_some_cell_holds_each_pair_of_settings(cells):
    for one, other in combinations(VALUES, 2):
        pairs = {(getattr(cell, one), getattr(cell, other)) for cell in cells}
        assert pairs == {(a, b) for a in VALUES[one] for b in VALUES[other]}, (one, other)


def test_the_cells_are_about_120_different_ones_and_the_same_each_time(cells):
    assert 115 <= len(cells) <= 125
    assert len(set(map(str, cells))) == len(cells)
    assert covering.covering() == cells


def test_a_few_cells_have_dropout_or_batch_norm(cells):
    assert 8 <= sum(bool(cell.between) for cell in cells) <= 30


def test_every_chain_has_all_widths(cells):
    for chain in covering.CHAINS:
        assert {Cell(hidden=hidden, **chain) for hidden in VALUES["hidden"]} <= set(cells)


def test_a_cells_work_is_of_its_type_and_has_all_its_classes():
    for outputs in VALUES["outputs"]:
        work = dataclasses.replace(CELL, outputs=outputs, dtype="float64").work()
        assert work.X.dtype == work.params()[0][0].dtype == np.float64
        assert len(np.unique(work.y)) == max(2, outputs)


def test_a_cell_has_to_be_faster_than_jax_or_near_the_floor():
    assert not verdicts.failures([measured(ours=1.0, jax=1.31)])
    assert not verdicts.failures([measured(ours=1.0, jax=0.5, floor=0.9)])
    (words,) = verdicts.failures([measured(ours=1.0, jax=1.29, floor=0.8)]).values()
    assert words == ["1.29 × JAX, 1.25 × the floor (asked: 1.3, or 1.15 × the floor)"]


def test_a_cell_has_to_be_twice_as_fast_as_the_numpy_engine_up_to_64_units():
    wide = dataclasses.replace(CELL, hidden=(128,))
    assert verdicts.failures([measured(ours=1.0, numpy=1.9)])
    assert not verdicts.failures([measured(ours=1.0, numpy=2.0)])
    assert not verdicts.failures([measured(wide, ours=1.0, numpy=1.9)])


def test_a_cell_must_not_be_slower_than_a_wider_one():
    wider = dataclasses.replace(CELL, hidden=(32,))
    deeper = dataclasses.replace(CELL, hidden=(32, 32))
    other = dataclasses.replace(wider, batch=8)

    def pair(cell: Cell, ratio: float) -> list[verdicts.Measured]:
        """So many seconds an epoch, and one."""
        return [measured(CELL, ours=ratio * CELL.epochs), measured(cell, ours=1.0 * cell.epochs)]

    assert set(verdicts.failures(pair(wider, 1.12))) == {CELL}
    assert not verdicts.failures(pair(wider, 1.08))
    assert not verdicts.failures(pair(deeper, 2.0))
    assert not verdicts.failures(pair(other, 2.0))


def test_who_was_not_there_is_not_judged():
    assert not verdicts.failures([measured(ours=1.0, floor=None)])
    assert not verdicts.failures([measured(jax=1.0)])
    assert verdicts.mean_over([measured(ours=1.0)], verdicts.JAX) is None


def test_the_mean_is_the_geometric_one_and_the_worst_come_first():
    found = [measured(ours=1.0, jax=8.0), measured(dataclasses.replace(CELL, batch=8), ours=1.0, jax=2.0)]
    assert verdicts.mean_over(found, verdicts.JAX) == pytest.approx(4.0)
    assert verdicts.worst(found, 1) == found[1:]


def test_a_sweep_that_was_broken_off_goes_on(tmp_path):
    path, head = tmp_path / "kept.jsonl", {"where": "here", "source": "1"}
    first, second = {"cell": {"inputs": 2}, "floor": 1.0}, {"cell": {"inputs": 4}, "floor": 2.0}
    kept.Kept(path, head, "cell").add(first)
    with path.open("a") as file:
        file.write(json.dumps(second)[:9])  # broken off while it wrote
    again = kept.Kept(path, head, "cell")
    assert again.get({"inputs": 2}) == first
    assert again.get({"inputs": 4}) is None
    again.add(second)
    again.put({**first, "profile": {}})
    assert kept.Kept(path, head, "cell").lines == [{**first, "profile": {}}, second]


def test_numbers_of_another_machine_or_source_are_not_mixed(tmp_path):
    path, head = tmp_path / "kept.jsonl", {"where": "here", "source": "1"}
    kept.Kept(path, head, "cell").add({"cell": {"inputs": 2}})
    with pytest.raises(ValueError, match="was measured elsewhere or of another source"):
        kept.Kept(path, {**head, "source": "2"}, "cell")
    assert kept.Kept(path, head, "cell").lines
    assert not kept.Kept(path, {**head, "source": "2"}, "cell", fresh=True).lines


def test_the_floor_has_the_products_of_a_step_and_is_the_fastest_library_and_the_update():
    assert floor.products((11, 16, 3), 32) == [
        ("x @ W", 32, 16, 11),
        ("x @ W", 32, 3, 16),
        ("x.T @ dz", 11, 16, 32),
        ("x.T @ dz", 16, 3, 32),
        ("dz @ W.T", 32, 16, 3),
    ]
    assert floor.height({"a": 3.0, "b": 2.0, floor.UPDATE: 0.5}) == 2.5
    assert floor.height({"a": 3.0}) is None
    assert floor.height({floor.UPDATE: 3.0}) is None


def test_the_parts_of_a_generated_step_are_found_and_done_twice():
    from race.by_glassnet import how, network

    import glassnet as gn

    work = dataclasses.replace(CELL, between="dropout").work()
    model = gn.train(network(work), work.X, work.y, epochs=1, engine="compiled", progress=False, **how(work))
    text = model.source("compiled")
    _, rest = text.split(parts.STEP)
    found = parts.divided(rest.split(parts.AFTER)[0])
    assert "".join(lines for _, lines in found) == rest.split(parts.AFTER)[0]
    assert {of for of, _ in found} == {*parts.TWICE, parts.REST}
    by_part = {part: "".join(lines for of, lines in found if of == part) for part in parts.TWICE}
    assert by_part[parts.PRODUCTS].count(" @ ") == by_part[parts.PRODUCTS].count("multiply") == 5  # 2 forward, 3 back
    assert by_part[parts.GATHERING].count("gather(") == by_part[parts.GATHERING].count("order[") == 2  # x and y
    assert "theta_part[j] = " in by_part[parts.UPDATE]
    assert "relu" in by_part[parts.ELEMENTWISE]
    for part in parts.TWICE:
        assert parts.twice(text, part).count(by_part[part].strip().splitlines()[-1].strip()) >= 2
        compile(parts.twice(text, part), part, "exec")


def test_another_loss_than_by_hand_is_marked():
    contestants = [{"name": "NumPy by hand"}, {"name": "near"}, {"name": "far"}, {"name": "none"}]
    compare(contestants, {"NumPy by hand": 1.0, "near": 1.0009, "far": 1.002, "none": None})
    assert [one.get("differs") for one in contestants] == [False, False, True, None]
