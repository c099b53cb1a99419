"""Parts of a network as words on the command line: a name, or a name with options, `uniform(low=0, high=1)`.

They are written as Python writes them and as `summary` shows them.
"""

from __future__ import annotations

import ast
from typing import Any

from glassnet.cli.failures import Usage


def part(text: str) -> tuple[str, dict[str, Any]]:
    """A part's name and its options.

    >>> part("tanh"), part("uniform(low=0, high=1)")
    (('tanh', {}), ('uniform', {'low': 0, 'high': 1}))
    """
    name, bracket, _ = text.partition("(")
    if not bracket:
        return text, {}
    try:
        call = ast.parse(text.strip(), mode="eval").body
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and not call.args:
            return call.func.id, {str(item.arg): ast.literal_eval(item.value) for item in call.keywords}
    except (SyntaxError, ValueError):
        pass
    raise Usage(f"{text!r} is no name with options: write them by name, in quotes, such as '{name}(option=0.5)'")


def rows_a_step(text: str) -> int:
    """The rows of a step of training; 0 where `all` of them are meant."""
    if text.strip().lower() == "all":
        return 0
    try:
        rows = int(text)
    except ValueError:
        raise Usage(f"--batch-size must be a whole number, or all, got {text!r}") from None
    if rows < 0:
        raise Usage(f"--batch-size must be >= 0, got {rows}; 0 and all are all rows")
    return rows


def whole_numbers(name: str, text: str) -> tuple[int, ...]:
    """`16,8` as numbers."""
    try:
        return tuple(int(word) for word in text.split(","))
    except ValueError:
        raise Usage(f"{name} must be whole numbers such as 16,8, got {text!r}") from None
