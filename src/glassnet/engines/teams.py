"""How a team of threads calls a function: what they share, and how many they are. The function's side is `team`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any

import numpy as np

from glassnet.engines.apart import move_apart
from glassnet.engines.machine_code import Shared
from glassnet.engines.meeting import BEGUN, BUFFERS, CALLED_OFF, ROUND, THREADS
from glassnet.engines.plans import Plan

LINE = 16  # numbers of 8 bytes that keep those of different threads apart


def alone(shared: Shared) -> Plan:
    """One thread, and each product in the way that its sizes say."""
    return Plan(1, (0,) * len(shared.products))


POOLS: dict[int, ThreadPoolExecutor] = {}  # by process: one that was forked has none of its parent's threads
MOST = 1024  # threads of a pool: as many as there are cores never wait for each other


def pool() -> ThreadPoolExecutor:
    """The other threads of all teams, which sleep between calls: as many as were ever at work at once."""
    return POOLS.get(os.getpid()) or POOLS.setdefault(os.getpid(), ThreadPoolExecutor(MOST, "glassnet"))


def help_out(function: Callable[..., Any], values: list[Any], team: np.ndarray, taken: set[int]) -> None:
    """What the other threads do; `taken` are the cores of those that have begun."""
    try:
        move_apart(taken)
        function(*values)
    except MemoryError:
        team[ROUND] = CALLED_OFF
        raise


class Team:
    """Threads that call a function together.

    Parameters
    ----------
    shared
        What they share in it.
    g
        The network's gradient; each thread but the first has one of its own, of its own rows.
    plan
        How many they are, and the ways.
    """

    def __init__(self, shared: Shared, g: np.ndarray, plan: Plan) -> None:
        self.threads = plan.threads
        self.team = np.zeros(BUFFERS + shared.buffers, np.int64)
        others = np.zeros((plan.threads - 1, g.size), g.dtype)
        self.values: dict[str, Any] = {
            "team": self.team,
            "ways": np.array(plan.ways, np.int64),
            "parts_of_all": np.zeros((plan.threads, shared.totals + LINE)),
            "others": others,
        }
        self.own = [g, *others]

    def given(self, thread: int) -> dict[str, Any]:
        """The arguments that a team's function has beside the others, by name."""
        return {**self.values, "thread": thread, "own": self.own[thread]}

    def call(self, function: Callable[..., Any], arguments: tuple[str, ...], values: Mapping[str, Any]) -> None:
        """Call a function with values by name; all threads are through with it when this returns.

        Raises
        ------
        MemoryError
            There was not enough.
        """
        others: list[Future[None]] = []
        taken: set[int] = set()
        try:
            self.begin()
            if self.threads > 1:
                move_apart(taken)
            for thread in range(1, self.threads):
                given = {**values, **self.given(thread)}
                try:
                    work = partial(help_out, function, [given[name] for name in arguments], self.team, taken)
                    others.append(pool().submit(work))
                except RuntimeError:  # the system gives no more threads, or Python ends: one does all from now on
                    self.call_off()
                    self.threads = 1
                    self.begin()
                    break
            given = {**values, **self.given(0)}
            function(*[given[name] for name in arguments])
            for other in others:
                other.result()
        except BaseException:
            self.call_off()
            wait(others)
            raise

    def begin(self) -> None:
        """Nobody has come yet."""
        self.team[:] = 0
        self.team[THREADS] = self.threads

    def call_off(self) -> None:
        """Whoever comes to this meeting, however late, ends without having done anything; the next one is elsewhere."""
        self.team[BEGUN] = self.team[ROUND] = CALLED_OFF
        self.team = self.values["team"] = np.zeros_like(self.team)
