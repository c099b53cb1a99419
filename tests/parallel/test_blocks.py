"""How rows are cut, what is said of more workers, and how blocks are handed out: against what is worked out by hand."""

import numpy as np
import pytest

from glassnet.parallel import crew as crews
from glassnet.parallel.blocks import Cut, chunk_for, cut_of, usual_blocks
from glassnet.parallel.crew import Crew
from glassnet.parallel.gradients import Sums
from glassnet.parallel.worth import Worth
from glassnet.training.rows import Rows
from glassnet.training.store import store_of
from glassnet.training.summed import Divisor, tree_sum
from glassnet.workers.places import Here


@pytest.mark.parametrize("rows", [1, 2, 7, 101, 12_345])
@pytest.mark.parametrize("blocks", [1, 2, 3, 8, 101])
def test_blocks_hold_each_row_once_and_are_alike(rows, blocks, tmp_path):
    blocks = min(blocks, rows)
    chunk, size = chunk_for(rows, blocks, 100_000, np.dtype(np.float32))
    store = store_of(Rows(np.arange(rows, dtype=float)[:, None], np.zeros((rows, 1))), tmp_path / "rows", chunk)
    cut = Cut(store, size)
    counts = [cut.rows(k) for k in range(len(cut))]
    assert sum(counts) == rows
    assert len(cut) <= blocks
    assert max(counts[:-1], default=counts[0]) == max(counts)
    if rows < 1000:
        np.testing.assert_array_equal(np.concatenate([cut.read(k).x[:, 0] for k in range(len(cut))]), np.arange(rows))
    assert [len(cut_of(store, k)) <= k for k in (1, 2, 3)] == [True] * 3


def test_usual_blocks_take_a_quarter_of_a_second():
    assert usual_blocks(10**6, 25.0) == 100
    assert usual_blocks(10**6, 0.1) == 8
    assert usual_blocks(10**9, 1e5) == 1024
    assert usual_blocks(3, 25.0) == 3


def test_more_workers_are_worth_what_they_save():
    worth = Worth(blocks=8, rows=1000, a_block=0.1, a_round=0.02)
    assert worth.seconds(2) == pytest.approx(4 * 0.1 + 0.02)
    assert worth.gain(8) == pytest.approx(0.8 / 0.12)
    assert worth.most == 8
    assert "a block of 1,000 rows takes 100 ms" in str(worth)
    assert "8 workers would be 6.7 times as fast" in str(worth)
    poor = Worth(blocks=8, rows=10, a_block=0.0001, a_round=0.02)
    assert poor.most == 1
    assert str(poor).endswith("more workers than one are not worth it")


def test_the_divisor_is_what_the_loss_divides_by():
    assert Divisor("mean", 3)(7, None) == 21
    assert Divisor("mean", 3)(7, 2.5) == 7.5
    assert Divisor("rowmean", 3)(7, 2.5) == 7
    assert Divisor("batchmean", 3)(7, 2.5) == 2.5
    assert Divisor("sum", 3)(7, 2.5) == 1
    assert Divisor("mean", 3)(7, 0.0) == 3  # all weights are 0


def test_sums_go_two_by_two():
    large, small = np.array(1e16), np.array(1.0)
    assert tree_sum([large, small, small, -large]) == 0.0  # (large + small) + (small - large)
    assert tree_sum([small, small, large, -large]) == 2.0
    assert tree_sum([small] * 7) == 7.0


class Several(Here):
    """A place with three workers, which counts what it is given at once."""

    def __init__(self):
        object.__setattr__(self, "given", [])

    def workers(self):
        return 3

    def answers(self, call, tasks, enough, late=0.0):
        self.given.append((tasks, late))
        return super().answers(call, tasks, enough)


def test_workers_get_their_share_at_once_unless_that_takes_long(tmp_path):
    cut = cut_of(store_of(Rows(np.zeros((8, 1)), np.zeros((8, 1))), tmp_path / "rows", 1), 8)
    place = Several()
    crew = Crew(place=place, cut=cut)

    def answer(seconds):
        return lambda block: Sums(rows=1, weight=None, loss=float(block), gradient=np.zeros(1), seconds=seconds)

    assert [sums.loss for sums in crew.all_of(answer(0.01), range(8)).values()] == [*range(8)]
    assert place.given == [([(k,) for k in range(8)], crews.FIRST)]
    crew.all_of(answer(0.4), range(8))
    assert place.given[-1] == ([(0, 1, 2), (3, 4, 5), (6, 7)], crews.SOON)
    crew.seconds.clear()
    crew.seconds.append(0.4)
    crew.all_of(answer(0.4), range(8))
    assert place.given[-1][0] == [(0, 1), (2, 3), (4, 5), (6, 7)]  # 0.8 s
    assert place.given[-1][1] == pytest.approx(5 * 2 * 0.4)
