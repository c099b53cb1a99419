import ctypes
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from glassnet.engines import heap

get = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(heap.code.get_function_address(heap.GET))
give = ctypes.CFUNCTYPE(None, ctypes.c_int64)(heap.code.get_function_address(heap.GIVE))
Block = tuple[int, int]  # its address and its size


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Nothing that a test before has given back is found."""
    held = [get(size) for size in (heap.LEAST << k for k in range(10)) for _ in range(heap.SLOTS)]
    yield
    for place in held:
        give(place)


def test_what_is_given_back_is_found_again() -> None:
    first, second = get(100_000), get(200_000)
    give(first)
    assert get(90_000) == first
    assert get(90_000) != first
    give(second)
    assert get(70_000) != second  # it has more than twice as many bytes
    assert get(150_000) == second


def test_blocks_begin_at_a_line_of_the_cache() -> None:
    for size in (1, 64, 1000, 100_000, 5_000_000):
        place = get(size)
        assert place % 64 == 0
        ctypes.memset(place, 255, size)
        give(place)


def test_no_more_is_kept_than_the_most() -> None:
    size = heap.MOST // 3
    places = [get(size) for _ in range(5)]
    for place in places:
        give(place)
    assert sum(get(size) in places for _ in range(3)) == 3


def test_no_room() -> None:
    assert get(1 << 62) == -1


def test_threads_never_get_the_same_block() -> None:
    """Each writes its block's address at both ends, and finds it there when it gives the block back."""

    def work(seed: int) -> None:
        rng, held = np.random.default_rng(seed), list[Block]()
        try:
            for _ in range(5_000):
                if held and (len(held) > 8 or rng.random() < 0.5):
                    give_back(held.pop(int(rng.integers(len(held)))))
                else:
                    size = int(rng.integers(1_000, 1_000_000)) & -8
                    held.append((get(size), size))
                    for end in ends(held[-1]):
                        end.value = held[-1][0]
            for block in held:
                give_back(block)
        except AssertionError as error:
            failed.append(error)

    failed: list[AssertionError] = []
    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def ends(block: Block) -> tuple[ctypes.c_int64, ctypes.c_int64]:
    """The first and the last eight bytes."""
    place, size = block
    return ctypes.c_int64.from_address(place), ctypes.c_int64.from_address(place + size - 8)


def give_back(block: Block) -> None:
    """Nobody else has written to it."""
    assert all(end.value == block[0] for end in ends(block))
    give(block[0])
