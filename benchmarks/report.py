"""How benchmarks are measured and told: rivals take turns, medians with the lowest and highest, one table each."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np


def take_turns(rivals: dict[str, Callable[[], Any]], repeats: int) -> dict[str, list[float]]:
    """Seconds of each rival, `repeats` times, one after the other, after a first turn that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    for turn in range(-1, repeats):
        for name, run in rivals.items():
            start = time.perf_counter()
            run()
            if turn >= 0:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def ratios(slow: Sequence[float], fast: Sequence[float]) -> list[float]:
    """How many times faster, turn by turn: what disturbs the machine disturbs both."""
    return [a / b for a, b in zip(slow, fast, strict=True)]


def spread(values: Iterable[float], form: str = ".3g", unit: str = "") -> str:
    """The median, and the lowest and highest in brackets."""
    values = list(values)
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:{form}}{unit} ({low:{form}} to {high:{form}})"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown, its columns aligned."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(header))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def machine() -> str:
    """What it was measured on."""
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "all")
    return f"{processor()}, OPENBLAS_NUM_THREADS={threads}; Python {platform.python_version()}, NumPy {np.__version__}"


def processor() -> str:
    """Its name, and how many cores there are."""
    names = [line.split(":")[1].strip() for line in _cpu_lines() if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def arguments(description: str | None, **numbers: int) -> argparse.Namespace:
    """`--json FILE`, and an option for each number."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", metavar="FILE", help="write the numbers as JSON, too")
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"default: {default}")
    return parser.parse_args()


def tell(title: str, text: str, tables: Iterable[str], numbers: dict[str, Any], file: str | None) -> None:
    """Print a section of Markdown; write the numbers to a file if one is asked for."""
    print(f"## {title}\n\n{text}\n\n" + "\n\n".join(tables) + "\n", flush=True)
    if file:
        Path(file).write_text(json.dumps({"machine": machine(), **numbers}, indent=2) + "\n")
