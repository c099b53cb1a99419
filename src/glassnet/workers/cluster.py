"""A cluster of Dask, by its address: `tcp://10.0.0.1:8786`."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from importlib import import_module
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from glassnet.errors import GlassnetError, need
from glassnet.workers.version import here

MORE = 2.0  # seconds for what Dask does beside asking
ANSWERS = 10.0  # seconds until an address counts as one where nobody answers
SCHEMES = ("tcp", "tls", "ws", "wss", "ucx", "inproc")  # as Dask has them
FORMS = "an address of Dask's scheduler, such as tcp://10.0.0.1:8786"


@contextmanager
def cluster(address: str, what: str = "training") -> Iterator[Any]:
    """A client of the cluster at an address, which ends with the block; its workers have the same glassnet.

    Raises
    ------
    GlassnetError
        Nobody answers there within ten seconds, it has no workers, or one of them has no glassnet, or another; or the
        scheduler dies.
    ImportError
        Dask's distributed is not installed; the message names the extra.
    ValueError
        It is no address.
    """
    if not isinstance(address, str) or urlsplit(address).scheme not in SCHEMES:
        raise ValueError(f"a cluster is given by {FORMS}, got {address!r:.60}")
    need("clusters", "distributed", "scale")
    distributed = import_module("distributed")
    try:
        somebody_listens(address)
        client = in_time(lambda: distributed.Client(address, timeout=ANSWERS, set_as_default=False))
    except Exception as error:  # nobody there, or whatever it says that is no scheduler
        why = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise GlassnetError(f"no cluster answers at {address} within {ANSWERS:g} seconds: {why}") from None
    with client:
        check_workers(client, address, what)
        try:
            yield client
        except Exception as error:
            if client.status == "running" or isinstance(error, GlassnetError):
                raise
            raise GlassnetError(
                f"the cluster at {address} went away ({error}); what is kept in a folder of checkpoints, or a journal, "
                "goes on with the same call on another one"
            ) from error


def in_time(connect: Callable[[], Any]) -> Any:
    """What connecting gives; TimeoutError where that takes longer than Dask was told, as with who is no scheduler."""
    found: Future[Any] = Future()

    def run() -> None:
        try:
            found.set_result(connect())
        except BaseException as error:  # it is raised where it is waited for
            found.set_exception(error)

    Thread(target=run, daemon=True).start()
    try:
        return found.result(ANSWERS + MORE)
    except TimeoutError:
        raise TimeoutError("what answers there is no scheduler of Dask") from None


def somebody_listens(address: str) -> None:
    """An OSError where nobody does: at once, while Dask would go on asking, and leave threads behind."""
    found = urlsplit(address)
    if found.scheme in ("tcp", "tls") and found.hostname and found.port:
        socket.create_connection((found.hostname, found.port), timeout=ANSWERS).close()


def check_workers(client: Any, address: str, what: str) -> None:
    """A GlassnetError where there are no workers, or one could not do the same as this process does."""
    if not client.nthreads():
        raise GlassnetError(f"the cluster at {address} has no workers: start some, dask worker {address}")
    for worker, answer in client.run(here, on_error="return").items():
        if isinstance(answer, Exception):
            raise GlassnetError(f"worker {worker} cannot load glassnet ({answer}); install glassnet {here()} on it")
        if answer != here():
            raise GlassnetError(
                f"worker {worker} has glassnet {answer}, and the {what} is of glassnet {here()}; install the same "
                "everywhere"
            )
