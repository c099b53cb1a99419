"""How many threads the matrix products use."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from threading import Lock
from typing import Any

import numpy  # noqa: F401 - its BLAS must be loaded before the libraries are looked through

from glassnet.errors import install

ROWS_A_THREAD = 2048  # to predict; with fewer, starting a thread takes longer than it saves
# Multiplications of a product: under the first a BLAS starts no thread anyway; from the second on more than one pays.
STARTED, PAYS = 1 << 14, 1 << 25
LOCK = Lock()
INSIDE = 0  # how many threads are inside `one_blas_thread`
BEFORE: list[tuple[Any, int]] = []  # the libraries that it told to use one, and how many they had


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within it, products are computed on one thread, in the whole process.

    Two lose where products are small or other threads train beside this one; and one gives the same bits on every
    machine of a kind, however many cores it has. It ends when the last of those who are inside has left.

    Raises
    ------
    ImportError
        threadpoolctl is not installed; the message names the extra.
    """
    global INSIDE
    known = controller()
    with LOCK:
        INSIDE += 1
        for pool in known.lib_controllers:
            if pool.user_api == "blas" and (threads := pool.num_threads) != 1:
                BEFORE.append((pool, threads))
                pool.set_num_threads(1)
    try:
        yield
    finally:
        with LOCK:
            INSIDE -= 1
            while not INSIDE and BEFORE:
                pool, threads = BEFORE.pop()
                pool.set_num_threads(threads)


def is_one_blas_thread() -> bool:
    """Whether somebody in this process is within `one_blas_thread`."""
    return INSIDE > 0


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_that_pay(multiplications: int) -> AbstractContextManager[None]:
    """Within it, products are computed on one thread if the largest has too few multiplications to gain by more.

    BLAS itself starts threads far too early: where another process needs the second core, each of a thousand small
    products a second waits for it. Without threadpoolctl BLAS is left to itself.
    """
    if not STARTED <= multiplications < PAYS:
        return nullcontext()
    try:
        controller()
    except ImportError:
        return nullcontext()
    return one_blas_thread()


def blas_threads() -> int:
    """How many threads NumPy's BLAS may use: what OPENBLAS_NUM_THREADS or threadpoolctl say."""
    return max((pool.num_threads for pool in controller().lib_controllers if pool.user_api == "blas"), default=1)


def controller() -> Any:
    """What knows the libraries with threads in this process: NumPy's from the start, SciPy's BLAS once it is loaded."""
    return libraries("scipy.linalg._fblas" in sys.modules)


@cache
def libraries(with_scipy: bool) -> Any:
    """The libraries that are loaded now."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        raise ImportError(f"setting the number of threads needs threadpoolctl: {install('fast')}") from None
    return ThreadpoolController()
