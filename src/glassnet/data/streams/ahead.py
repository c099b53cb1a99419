"""The next item is made while the last one is used."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from typing import Any, TypeVar

Item = TypeVar("Item")
END: Any = object()


def ahead(items: Iterable[Item]) -> Generator[Item]:
    """The same items; a thread makes one more than was asked for. What making one raises is raised when it is due."""
    made: Any = iter(items)
    with closing(made) if hasattr(made, "close") else nullcontext(), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, made, END)
        while (item := waiting.result()) is not END:
            waiting = pool.submit(next, made, END)
            yield item
