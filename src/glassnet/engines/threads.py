"""How many threads the matrix products use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy  # noqa: F401  (its BLAS must be loaded before the libraries are looked through)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within it, products are computed on one thread, in the whole process.

    Two lose where products are small or other threads train beside this one; and one gives the same bits on every
    machine of a kind, however many cores it has.

    Raises
    ------
    ImportError
        threadpoolctl is not installed; the message names the extra.
    """
    pools = [pool for pool in controller().lib_controllers if pool.user_api == "blas" and pool.num_threads != 1]
    if not pools:
        yield
        return
    with controller().limit(limits=1, user_api="blas"):
        yield


@cache
def controller() -> Any:
    """What knows the libraries with threads in this process; NumPy's is one of them from the start."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        raise ImportError("setting the number of threads needs threadpoolctl: pip install 'glassnet[fast]'") from None
    return ThreadpoolController()
