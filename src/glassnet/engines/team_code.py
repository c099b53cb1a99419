"""A text that one thread runs, or each thread of a team: who does what, and where all wait for each other.

Threads share out the rows of a batch, and keep to their own as long as they can. Where one needs what others have
computed, all meet; where something is for one thread alone, thread 0 does it (`team` has the functions that are
called).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from glassnet.expressions.expression import ROWS, Dim


class TeamCode:
    """The lines of a text.

    Parameters
    ----------
    has_team
        Whether each of several threads runs it, and takes its share of every loop.
    constants
        The sizes that are written into it as numbers.
    gradients
        The names of the arrays of which each thread has its own, until they are added.
    """

    def __init__(self, has_team: bool, constants: Collection[int], gradients: Collection[str]) -> None:
        self.has_team, self.constants, self.gradients = has_team, constants, gradients
        self.lines: list[str] = []
        self.depth = 0
        self.sizes: dict[int, str] = {}  # sizes that are arguments, and their names
        self.numbers: dict[float, str] = {}  # numbers that are arguments, and their names
        self.touched = {"all"}  # what threads have come at since they met: "rows", their own; "all"
        self.added: dict[str, str] = {}  # gradients to which each thread adds its part, and the way of their product
        self.totals = 0  # numbers to which each thread adds its part
        self.buffers = 0  # arrays that a team makes together

    def line(self, text: str) -> None:
        """One line of code."""
        self.lines.append("    " * self.depth + text)

    def size(self, dim: Dim) -> str:
        """A size as text: the number of rows, a number that is written into the code, or an argument."""
        if dim == ROWS:
            return "n"
        number = int(dim)
        if number in self.constants:
            return str(number)
        return self.sizes.setdefault(number, f"size_{len(self.sizes)}")

    def number(self, value: float) -> str:
        """A number that depends on a size, as text: an argument."""
        return self.numbers.setdefault(value, f"number_{len(self.numbers)}")

    @property
    def given_numbers(self) -> dict[str, float]:
        """What these arguments are."""
        return {name: value for value, name in self.numbers.items()}

    def by_one(self, lines: list[str], which: str = "all") -> None:
        """Lines that are for one thread of a team alone; `which` as `meet_for` takes it."""
        if self.has_team and lines:
            self.meet_for(which)
            self.line("if thread == 0:")
            lines = [f"    {text}" for text in lines]
        for text in lines:
            self.line(text)

    def meet_for(self, which: str) -> None:
        """What follows reads and writes a thread's own rows alone ("rows"), or others' as well ("all").

        All threads must have come to here, unless everybody has kept to their own rows since they met.
        """
        if self.has_team and ("all" in self.touched or (which == "all" and self.touched)):
            self.meet()
        self.touched.add(which)

    def meet(self) -> None:
        """Wait until all threads are here."""
        self.line("meet(team, threads)")
        self.touched.clear()

    def share_out(self, rows: Dim, width: str, is_for_one: bool) -> tuple[str, str]:
        """The first of so many rows that are this thread's, and the one after the last; it may be for one thread."""
        extent = self.size(rows)
        if not self.has_team:
            return "0", extent
        if is_for_one:
            share = f"alone({extent}, thread)"
        elif rows == ROWS:
            self.meet_for("rows")
            return "begin", "stop"
        else:
            share = f"share({extent}, {width}, thread, threads)"
        self.meet_for("all")
        self.line(f"start_i, stop_i = {share}")
        return "start_i", "stop_i"

    def add_totals(self, totals: Mapping[str, str]) -> None:
        """Totals of a team, and what they are, "sum" or "max": each thread has that of its own rows."""
        if not self.has_team or not totals:
            return
        for k, name in enumerate(totals, self.totals):
            self.line(f"parts_of_all[thread, {k}] = {name}")
        self.meet()
        for k, (name, op) in enumerate(totals.items(), self.totals):
            taken = "sum_of_parts" if op == "sum" else "largest_part"
            self.line(f"{name} = {taken}(parts_of_all, {k}, threads)")
        self.totals += len(totals)

    def add_gradients(self) -> None:
        """Gradients of a team: each thread has that of its own rows."""
        if self.added:
            self.meet_for("all")
        for array, way in self.added.items():
            self.line(f"add_others({array}, others, at_{array}, {way}, thread, threads)")
        self.added = {}
