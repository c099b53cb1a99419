"""Rows in a store, gone through block by block: the same steps as a plain loop over the same batches."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines.memory import Memory
from glassnet.parts.optimizers import optimizer
from glassnet.training import blocks as module
from glassnet.training.blocks import Blocks
from glassnet.training.rows import Rows, Walk
from glassnet.training.steps import Stepper
from glassnet.training.store import store_of

RNG = np.random.default_rng(5)
N = 1000
ROWS = Rows(RNG.normal(size=(N, 3)), RNG.normal(size=(N, 1)), RNG.random((N, 1)))


TOGETHER = 16


@pytest.fixture
def blocks(tmp_path, monkeypatch):
    """Blocks of 16 chunks of 16 rows: 256, 256, 256 and 232 rows."""
    monkeypatch.setattr(module, "TOGETHER", TOGETHER * 16 * 5 * 8)  # chunks of 16 rows of 5 numbers
    return Blocks(store=store_of(ROWS, tmp_path / "rows", chunk=16), looked_at=ROWS, seed=9)


def stepper(rows, walk, *, engine="numpy", rule="adam", network=None):
    network = (network or gn.Network(gn.Dense(4, "tanh"), gn.Dense(1))).resolved(1, "squared")
    memory = Memory.of(network, 3, np.float64)
    rng = np.random.default_rng(1)
    memory.initialize(network, 3, rng)
    how = optimizer(rule).over(3)
    return Stepper(network.over(3), 3, memory, rng, optimizer=how, rows=rows, walk=walk, engine=engine)


def way(blocks, epoch, size, shuffle=True, drop_last=False):
    """The rows of each batch of an epoch, by number."""
    for block in range(len(blocks.sizes)):
        chunks = blocks.chunks(epoch, block, shuffle)
        numbers = np.concatenate([np.arange(16 * k, min(16 * k + 16, N)) for k in chunks])
        order = numbers[blocks.order(epoch, block)] if shuffle else numbers
        for low in range(0, len(order), size):
            if not drop_last or low + size <= len(order):
                yield order[low : low + size]


def test_an_epoch_goes_through_every_row_once(blocks):
    assert blocks.sizes == [256, 256, 256, 232]
    orders = [np.concatenate(list(way(blocks, epoch, 30))) for epoch in range(3)]
    for order in orders:
        assert np.array_equal(np.sort(order), np.arange(N))
    assert not np.array_equal(orders[0], orders[1])
    firsts = {tuple(sorted(blocks.chunks(epoch, 0, True))) for epoch in range(3)}
    assert len(firsts) == 3  # other chunks are together in each epoch
    assert all(len(chunks) == TOGETHER for chunks in firsts)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
@pytest.mark.parametrize(
    ("size", "shuffle", "drop_last"), [(30, True, False), (64, False, False), (300, True, False), (30, True, True)]
)
def test_the_steps_are_those_of_a_plain_loop(blocks, engine, size, shuffle, drop_last):
    if engine == "compiled":
        pytest.importorskip("numba")
    walk = Walk(size, shuffle, drop_last)
    rule = gn.Adam(gn.schedule("cosine", 0.05))
    mine = stepper(blocks, walk, engine=engine, rule=rule)
    told = mine.run(3, 1e9, lambda: False)
    plain = stepper(ROWS, Walk(N, False), rule=rule)
    for epoch in range(3):
        batches = [*way(blocks, epoch, size, shuffle, drop_last)]
        assert len(batches) == mine.batches
        losses = []
        for k, numbers in enumerate(batches):
            some = Rows(ROWS.x[numbers], ROWS.y[numbers], ROWS.w[numbers])
            step = stepper(some, Walk(len(some), False, before=k, of=len(batches)), rule=rule)
            step.memory.restore(plain.memory.saved())
            step.place.epochs, step.engine.ends = epoch, True
            losses.append((*step.take(1, 1e9, lambda: False), some.w.sum()))
            plain.memory.restore(step.memory.saved())
        whole = sum(weight for _, weight in losses)
        assert told[epoch] == pytest.approx(sum(loss * weight for loss, weight in losses) / whole, rel=1e-9)
    assert mine.memory.theta == pytest.approx(plain.memory.theta, rel=1e-9)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_it_goes_on_from_any_step(blocks, engine):
    if engine == "compiled":
        pytest.importorskip("numba")
    network = gn.Network(gn.Dense(4, "tanh"), gn.Dropout(0.2), gn.Dense(1))
    whole = stepper(blocks, Walk(30, True), engine=engine, network=network)
    losses = whole.run(3, 1e9, lambda: False)
    for cut in (1, 8, 9, 17, 35, 36, 40, 71):
        once = stepper(blocks, Walk(30, True), engine=engine, network=network)
        before = once.take(cut, 1e9, lambda: False)
        moment = once.moment()
        other = stepper(blocks, Walk(30, True), engine=engine, network=network)
        other.return_to(moment)
        assert other.place.batch == cut % whole.batches
        after = other.take(3 * whole.batches - cut, 1e9, lambda: False)
        assert other.memory.theta.tobytes() == whole.memory.theta.tobytes()
        assert before + after == losses


def test_asked_to_stop_it_stops_where_it_is(blocks):
    mine = stepper(blocks, Walk(30, True))
    asked = iter([False] * 12 + [True] * 99)
    mine.run(3, 1e9, lambda: next(asked))
    assert mine.place.batch == mine.memory.t == 12


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_asked_to_stop_between_two_blocks_it_knows_the_loss_so_far(blocks, engine):
    if engine == "compiled":
        pytest.importorskip("numba")
    mine, whole = (stepper(blocks, Walk(30, True), engine=engine) for _ in range(2))
    mine.take(9, 1e9, lambda: False)
    mine.take(9, 1e9, lambda: True)
    assert mine.place.batch == 9
    assert mine.run(1, 1e9, lambda: False) == whole.run(1, 1e9, lambda: False)


def test_one_by_one_takes_the_same_steps(blocks):
    mine, other = stepper(blocks, Walk(30, True)), stepper(blocks, Walk(30, True))
    mine.take(40, 1e9, lambda: False)
    batches = other.one_by_one()
    for _ in range(41):
        next(batches)
    assert (other.place.epochs, other.place.batch) == (mine.place.epochs, mine.place.batch)
    assert other.memory.theta.tobytes() == mine.memory.theta.tobytes()


def test_blocks_are_of_one_size_but_for_a_chunk(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TOGETHER", 0)
    for n in (1, 15, 16, 257, 272, 273, 300, 5000):
        rows = Rows(np.zeros((n, 2)), np.zeros((n, 1)))
        made = Blocks(store=store_of(rows, tmp_path / "rows", chunk=16), looked_at=rows, seed=0)
        assert sum(made.sizes) == n
        assert max(made.sizes) - min(made.sizes) < 32
        dealt = [chunk for block in range(len(made.sizes)) for chunk in made.chunks(3, block, True)]
        assert sorted(dealt) == list(range(made.store.chunks))
        assert dealt[-1] == made.store.chunks - 1


def test_batches_that_do_not_fill_a_block_are_left_out_of_each(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TOGETHER", 0)
    rows = Rows(np.zeros((512, 2)), np.zeros((512, 1)))
    made = Blocks(store=store_of(rows, tmp_path / "rows", chunk=16), looked_at=rows, seed=0)
    assert made.sizes == [256, 256]
    assert module.Ways(made, made.walk(100, True, drop_last=True)).steps == 4
    assert module.Ways(made, made.walk(100, True, drop_last=False)).steps == 6


def test_what_is_kept_loses_its_rows_when_training_is_over_and_what_is_not_its_folder(tmp_path):
    for folder, is_kept, is_over, left in (
        (tmp_path / "a", False, False, set()),
        (tmp_path / "b", True, False, {"rows", "other"}),
        (tmp_path / "c", True, True, {"other"}),
    ):
        folder.mkdir()
        (folder / "other").touch()
        held = Blocks(store=store_of(ROWS, folder / "rows"), looked_at=ROWS, seed=9, folder=folder, is_kept=is_kept)
        held.close(is_over)
        assert {path.name for path in folder.glob("*")} == left
        assert folder.exists() == is_kept
    held = Blocks(store=store_of(ROWS, tmp_path / "rows"), looked_at=ROWS, seed=9)
    held.close(True)
    assert len(held.store.read([0])) > 0  # of whoever gave it


def test_other_blocks_take_another_stepper(blocks):
    walk = Walk(30, True)
    mine, other = stepper(blocks, walk), stepper(blocks, walk)
    assert not mine.turn_to(blocks, Walk(64, True), mine.shuffler)
    assert mine.run(2, 1e9, lambda: False) == other.run(2, 1e9, lambda: False)
