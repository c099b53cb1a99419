"""What a person sees: labelled lines on stdout, remarks on stderr; or, with --json, one object and nothing else."""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from glassnet.cli.failures import in_options
from glassnet.data.tables.wording import wrapped
from glassnet.printable import REPLACING

LABEL = 10  # columns for the word at the start of a line
WIDEST = 100


@dataclass(frozen=True)
class Screen:
    """Where a command's words go.

    Attributes
    ----------
    quiet
        Nothing but errors.
    json
        One JSON object on stdout instead of words.
    """

    quiet: bool = False
    json: bool = False

    @property
    def silent(self) -> bool:
        """Whether no words are wanted."""
        return self.quiet or self.json

    def row(self, label: str, text: str, *, wrap: bool = True, strong: bool = False) -> None:
        """A line with a label before it, wrapped under itself where it is long."""
        if self.silent:
            return
        room = max(width_of(sys.stdout) - LABEL, 30)
        lines = text.splitlines() or [""]
        if wrap:
            lines = [part for line in lines for part in wrapped(line, room) or [""]]
        for k, line in enumerate(lines):
            head = f"{label if k == 0 else '':<{LABEL}}"
            sys.stdout.write(f"{bold(head)}{bold(line) if strong else line}".rstrip() + "\n")

    def line(self, text: str = "") -> None:
        """A line as it is."""
        if not self.silent:
            sys.stdout.write(text + "\n")

    def remark(self, text: str) -> None:
        """Something worth knowing, on stderr."""
        if not self.silent:
            sys.stderr.write("\n".join(wrapped(f"note: {text}", width_of(sys.stderr), "      ")) + "\n")

    def remarks(self, texts: Iterable[str]) -> None:
        """What the library remarks, in the words of the command line."""
        for text in texts:
            self.remark(in_options(text))

    def written(self, what: str, path: str | Path) -> None:
        """That a file was written, on stderr."""
        if not self.silent:
            sys.stderr.write(f"{what} written to {path}\n")

    def data(self, values: dict[str, Any]) -> None:
        """The command's result for a machine, if it asked."""
        if self.json:
            sys.stdout.write(json.dumps(plain(values), allow_nan=False) + "\n")


def plain(value: Any) -> Any:
    """A value as JSON has it: numbers that are not finite become null."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)


def say(text: str) -> None:
    """A result to be read, on stdout in the letters that it has."""
    sys.stdout.write(text + "\n")


def put(text: str) -> None:
    """Data on stdout as it is, line ends included: in UTF-8, or on a terminal as that can show it."""
    encoding = sys.stdout.encoding if sys.stdout.isatty() else "utf-8"
    sys.stdout.flush()
    rest = memoryview(text.encode(encoding, errors=REPLACING))
    while rest:  # where nothing is buffered (python -u), the system may have taken a part
        rest = rest[sys.stdout.buffer.write(rest) or 0 :]
    sys.stdout.buffer.flush()


def width_of(stream: TextIO) -> int:
    """Columns to write in: the terminal's, at most 100; 100 where there is none."""
    return min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST) if stream.isatty() else WIDEST


def bold(text: str) -> str:
    """Bold on a terminal, unless its user wants none (NO_COLOR) or it cannot (TERM=dumb)."""
    plainly = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty()
    return text if plainly or not text.strip() else f"\x1b[1m{text}\x1b[0m"


def sparkline(values: list[float], width: int = 30) -> str:
    """A curve as a line of blocks: on a logarithmic scale if it is positive; NaN left out.

    >>> sparkline([8.0, 4.0, 2.0, 1.0])
    '█▆▃▁'
    """
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return ""
    if min(finite) > 0:
        finite = [math.log(value) for value in finite]
    count = min(width, len(finite))
    picked = [finite[round(k * (len(finite) - 1) / max(count - 1, 1))] for k in range(count)]
    low, high = min(picked), max(picked)
    spread = high - low or 1.0
    return "".join("▁▂▃▄▅▆▇█"[round((value - low) / spread * 7)] for value in picked)
