"""Encoded rows in a file: what is read is what was written, chunk by chunk, and a file that was cut says where."""

import os
import pickle

import numpy as np
import pytest

import glassnet as gn
from glassnet.training.rows import Rows
from glassnet.training.store import Store, Writer, filled, rows_of_chunk, store_of


def rows(n: int, dtype: str = "float32", weighted: bool = False) -> Rows:
    rng = np.random.default_rng(n)
    w = rng.random((n, 1)).astype(dtype) if weighted else None
    return Rows(rng.normal(size=(n, 3)).astype(dtype), rng.normal(size=(n, 2)).astype(dtype), w)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n", [1, 63, 64, 65, 300])
def test_what_is_read_is_what_was_written(tmp_path, n, weighted):
    made = rows(n, weighted=weighted)
    store = store_of(made, tmp_path / "rows", chunk=64)
    found = pickle.loads(pickle.dumps(store)).read(range(store.chunks))
    assert [a.tobytes() for a in found.arrays] == [a.tobytes() for a in made.arrays]
    assert len(store) == n
    assert sum(map(store.rows_in, range(store.chunks))) == n


def test_chunks_are_read_in_the_order_in_which_they_are_named(tmp_path):
    made = rows(200, "float64")
    store = store_of(made, tmp_path / "rows", chunk=64)
    found = store.read([3, 1])
    assert np.array_equal(found.x, np.concatenate([made.x[192:], made.x[64:128]]))


def test_portions_make_no_difference(tmp_path):
    made, stores = rows(500), list[Store]()
    for sizes in ([500], [1] * 500, [7, 400, 93]):
        with Writer(tmp_path / str(len(sizes)), inputs=3, outputs=2, dtype="float32", chunk=64) as writer:
            low = 0
            for size in sizes:
                writer.add(Rows(made.x[low : low + size], made.y[low : low + size]))
                low += size
            stores.append(writer.close())
    assert len({store.digest for store in stores}) == 1
    assert len({(tmp_path / str(k)).read_bytes() for k in (1, 500, 3)}) == 1


def test_a_file_that_was_cut_names_the_rows(tmp_path):
    store = store_of(rows(200), tmp_path / "rows", chunk=64)
    os.truncate(store.path, 64 * 5 * 4 * 2 + 10)
    store.read([1])
    with pytest.raises(gn.DataError, match="ends within rows 129 to 192 of 200; it was changed"):
        store.read([2])


def test_a_chunk_has_64_kilobytes():
    for width in (1, 31, 200):
        size = rows_of_chunk(width, np.dtype("float64")) * width * 8
        assert 1 << 15 < size <= 1 << 16
    assert rows_of_chunk(10**6, np.dtype("float64")) == 16


class Slow:
    """A file that gives a few bytes at a time, wherever it stands."""

    def __init__(self, content: bytes) -> None:
        self.content, self.place = content, 0

    def seek(self, place: int) -> None:
        self.place = place

    def readinto(self, room: memoryview) -> int:
        got = self.content[self.place : self.place + min(5, len(room))]
        room[: len(got)] = got
        self.place += len(got)
        return len(got)


def test_where_the_system_reads_no_pieces_at_once_they_are_read_one_by_one(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "preadv", raising=False)  # as on Windows
    made = rows(200, weighted=True)
    store = store_of(made, tmp_path / "rows", chunk=64)
    found = store.read([3, 1])
    for array, whole in zip(found.arrays, made.arrays, strict=True):
        assert np.array_equal(array, np.concatenate([whole[192:], whole[64:128]]))
    os.truncate(store.path, 1000)
    with pytest.raises(gn.DataError, match="ends within rows 1 to 64 of 200; it was changed"):
        store.read([0])
    content, rooms = bytes(range(40)), [bytearray(13), bytearray(9)]
    assert filled(Slow(content), [memoryview(room) for room in rooms], 7)
    assert b"".join(rooms) == content[7:29]
    assert not filled(Slow(content), [memoryview(bytearray(13))], 30)
