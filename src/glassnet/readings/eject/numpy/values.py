"""Numbers, words and lists as Python source that gives them back bit for bit."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

import numpy as np

from glassnet.data.tables.category_column import CategoryColumn
from glassnet.data.tables.date_column import DateColumn
from glassnet.expressions.node import Node
from glassnet.expressions.notation import number
from glassnet.readings.eject.names import escaped
from glassnet.readings.eject.plan import scaling_numbers, scaling_points
from glassnet.readings.eject.templates import packed

WIDTH = 100


def commented(line: str, comment: str) -> str:
    """A line with a comment behind it, or before it where it is long."""
    if not comment:
        return line
    return f"{line}  # {comment}" if len(line) + len(comment) < WIDTH else f"# {comment}\n{line}"


def joined(name: str, arrays: Iterable[str]) -> str:
    """`g = np.concatenate([dW1.ravel(), db1])`."""
    lines = packed([f"{array}.ravel()" for array in arrays], WIDTH - 8)
    inner = lines[0] if len(lines) == 1 else "\n" + "".join(f"    {line},\n" for line in lines)
    return f"{name} = np.concatenate([{inner}])"


def aggregate(node: Node, argument: str) -> str:
    """`dz.sum(axis=0)`."""
    options = [] if node.axis is None else [f"axis={node.axis}"]
    options += ["keepdims=True"] if node.keepdims else []
    if argument.isidentifier():
        return f"{argument}.{node.op}({', '.join(options)})"
    return f"np.{node.op}({', '.join([argument, *options])})"


def python_number(node: Node) -> str:
    """A constant in Python."""
    text = number(node.value)
    return {"pi": "np.pi", "inf": "np.inf", "-inf": "-np.inf", "nan": "np.nan"}.get(text, text)


def literal(word: str) -> str:
    """A text in quotes; nothing in it can end it."""
    return f'"{escaped(word, plain="/?!*;#@<>[]{}|~^$")}"'


def label_text(label: Any) -> str:
    """A class as Python writes it."""
    return literal(label) if isinstance(label, str) else repr(label)


def cell(value: float | str | None) -> str:
    """A value of a row."""
    return literal(value) if isinstance(value, str) else repr(value)


def item(name: str, value: float | str | None) -> str:
    """A cell of a row, under its column's name."""
    return f"{literal(name)}: {cell(value)}"


def docstring(words: str) -> str:
    """Words for a docstring."""
    return words.replace("\\", "/").replace('"', "'")


def column_text(column: Any, has_levels: bool) -> str:
    """A column of the contract as a dictionary."""
    items = [f'"name": {literal(column.name)}']
    if isinstance(column, CategoryColumn):
        words = packed(list(map(literal, column.categories)), WIDTH - 24)
        items += [f'"categories": {" ".join(bracketed(words))}', *(['"other": True'] if column.other else [])]
        items += [f'"missing": {column.missing}', *(['"pair": True'] if column.pair else [])]
    else:
        items += [f'"{name}": {value!r}' for name, value in scaling_numbers(column).items()]
        for key, points in scaling_points(column).items():
            lines = bracketed(packed(list(map(repr, points)), WIDTH - 24))
            items.append(f'"{key}": ' + "\n     ".join(lines))
        items += [f'"periods": {list(column.periods)}'] if isinstance(column, DateColumn) else []
        items.append(f'"missing": {column.indicator}')
    if has_levels:
        pairs = [repr(level) for level in column.levels]
        same = len(pairs) > 1 and len(set(pairs)) == 1
        lines = [f"[{pairs[0]}] * {len(pairs)}"] if same else bracketed(packed(pairs, WIDTH - 24) or [""])
        items.append('"levels": ' + "\n     ".join(lines))
    return dictionary(items)


def list_text(name: str, items: list[str], joined: bool = True) -> list[str]:
    """`NAME = [a, b]`, on as many lines as it needs."""
    if not joined:  # the items are lines already, brackets included
        return [f"{name} = {items[0]}", *items[1:]]
    one = f"{name} = [{', '.join(items)}]"
    return [one] if len(one) <= WIDTH else [f"{name} = [", *(f"    {line}," for line in packed(items, WIDTH - 6)), "]"]


def array_text(array: np.ndarray) -> list[str]:
    """An array as nested lists that give its numbers back bit for bit: lines, of which the first opens a bracket."""
    if array.ndim == 1:
        lines = packed([str(value) for value in array], WIDTH - 12)
    else:
        rows = [array_text(row) for row in array]
        one = ", ".join(row[0] for row in rows)
        if all(len(row) == 1 for row in rows) and len(one) <= WIDTH - 24:
            lines = [one]
        else:
            lines = [f"{line}," if line is row[-1] else line for row in rows for line in row]
            return ["[", *(f"    {line}" for line in lines), "]"]
    return bracketed(lines)


def bracketed(lines: list[str]) -> list[str]:
    """Lines of items as a list."""
    lines = [f"{line}," for line in lines[:-1]] + lines[-1:]
    return [("[" if k == 0 else " ") + line + ("]" if k == len(lines) - 1 else "") for k, line in enumerate(lines)]


def dictionary(items: Iterable[str]) -> str:
    """A dictionary on as many lines as it needs."""
    lines = [f"{line}," for line in packed(list(items), WIDTH - 8)]
    return "{" + "\n ".join(lines).removesuffix(",") + "}"


def call(function: str, start: str, items: list[str], end: str) -> list[str]:
    """`predict([1.5, 2.0])`, on several lines where it is long."""
    one = f"{function}({start}{', '.join(items)}{end})"
    if len(one) <= WIDTH - 4:
        return [one]
    return [f"{function}({start}", *(f"    {line}," for line in packed(items, WIDTH - 9)), f"{end})"]


def wrapped_comment(words: str) -> list[str]:
    """A comment on lines that fit."""
    return textwrap.wrap(words, WIDTH, initial_indent="# ", subsequent_indent="# ")
