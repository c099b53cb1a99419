"""How a team of threads calls a function: what they share, and how many they are. The function's side is `team`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import numpy as np

from glassnet.engines.machine_code import Shared
from glassnet.engines.meeting import BEGUN, BUFFERS, CALLED_OFF, ROUND, THREADS
from glassnet.engines.plans import Plan

LINE = 16  # numbers of 8 bytes that keep those of different threads apart


def alone(shared: Shared) -> Plan:
    """One thread, and each product in the way that its sizes say."""
    return Plan(1, (0,) * len(shared.products))


def help_out(function: Callable[..., Any], values: list[Any], team: np.ndarray) -> None:
    """What the other threads do."""
    try:
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
        self.process: int = 0
        self.others: ThreadPoolExecutor | None = None

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
        try:
            self.begin()
            for thread in range(1, self.threads):
                given = {**values, **self.given(thread)}
                try:
                    others.append(
                        self.pool().submit(help_out, function, [given[name] for name in arguments], self.team)
                    )
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

    def pool(self) -> ThreadPoolExecutor:
        """The other threads, which sleep between calls; a process that was forked has none yet."""
        if self.others is None or self.process != os.getpid():
            self.process, self.others = os.getpid(), ThreadPoolExecutor(self.threads - 1)
        return self.others
