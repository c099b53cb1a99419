"""How an error is told: one line on stderr, and for a program that asked for JSON an object on stdout as well.

It needs nothing that may be missing, so that also this can be told.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Sequence


def tell(code: int, text: str, argv: Sequence[str]) -> int:
    """Tell of an error; its exit code."""
    text = one_line(text)
    try:
        if wants_json(argv):
            sys.stdout.write(json.dumps({"error": {"code": code, "message": text}}) + "\n")
        sys.stdout.flush()
    except (OSError, ValueError):  # a full disk, a closed pipe
        drop_output()
    with contextlib.suppress(OSError):
        print(f"error: {text}", file=sys.stderr)
    return code


def wants_json(argv: Sequence[str]) -> bool:
    """Whether a command line asks for JSON, however wrong it is otherwise."""
    return "--json" in (argv[: list(argv).index("--")] if "--" in argv else argv)


def one_line(text: str) -> str:
    """Text on one line, without what could steer a terminal."""
    text = " ".join(text.split())
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def drop_output() -> None:
    """What is still to be written to stdout goes nowhere: Python would try again when it ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
